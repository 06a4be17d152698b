/**
 * Which reduce-only orders are too large for their position. The best price keeps its size longest, then the older
 * order: so the orders that would have to wait longest anyway are cut first (Bybit does not document the order).
 */
import type { Holding } from './holding.ts'
import type { LiveOrder } from './live-order.ts'

export interface Shrink {
  readonly order: LiveOrder
  /** What may stay open; 0 cancels it. */
  readonly leavesLots: number
}

export function ordersToShrink(holding: Holding): readonly Shrink[] {
  const found: Shrink[] = []
  const allowed = new Map<number, number>()
  for (const order of ranked(holding.reducing)) {
    const key = order.positionIdx * 2 + (order.side === 1 ? 1 : 0)
    const left = allowed.get(key) ?? holding.reducible(order.side, order.positionIdx)
    const keeps = Math.min(left, order.leavesLots)
    allowed.set(key, left - keeps)
    if (keeps < order.leavesLots) found.push({ order, leavesLots: keeps })
  }
  return found
}

function ranked(orders: ReadonlySet<LiveOrder>): readonly LiveOrder[] {
  return [...orders].sort((a, b) => (a.side === b.side ? a.side * (b.priceTicks - a.priceTicks) : a.side - b.side))
}
