/**
 * Fast cancel: an order against which the mid has moved since its price was decided is cancelled at once, whatever its
 * age and whatever is on its way to it, and its side waits before it shows anything again. Only a move against the order
 * counts, never its distance; the pause keeps orders away and never keeps a cancel back.
 *
 * @hot
 */
import type { RequestBuffer } from '../domain/request.ts'
import { cancel } from './cancels.ts'
import type { EngineState } from './state.ts'
import type { SideState, SymbolState } from './symbol-state.ts'
import type { OrderRecord } from './working-orders.ts'

/** Cancels every order of the side that the market has turned against. */
export function cancelAdverse(state: EngineState, symbol: SymbolState, side: SideState, out: RequestBuffer): void {
  const { adverseTicks, adversePauseUs } = symbol.config.quoting
  if (adverseTicks === 0 || symbol.risk.bookCondition !== 'fresh') return
  const { midHalfTicks } = symbol
  for (let i = 0; i < side.slots.length; i++) {
    const order = side.slots[i]!
    if (order === null || order.status === 'canceling') continue
    if (adverseHalfTicks(order, midHalfTicks) < 2 * adverseTicks) continue
    if (cancel(state, order, out)) state.counters.adverseCancels++
    side.adverseUntilUs = state.nowUs + adversePauseUs
  }
}

/** How far the mid went against the order since its price was decided: a bid loses when it falls. Negative: in favour. */
export function adverseHalfTicks(order: OrderRecord, midHalfTicks: number): number {
  const moved = order.side * (order.anchorHalfTicks - midHalfTicks)
  if (!order.isAmending) return moved
  // Until the exchange says so it may rest at either price.
  return Math.max(moved, order.side * (order.amendAnchorHalfTicks - midHalfTicks))
}
