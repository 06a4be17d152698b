/**
 * Isolated margin: a position may lose its own initial margin and no more. Prices by Bybit's help page "Liquidation Price
 * Calculation under Isolated Mode (Unified Trading Account)" (2024-09, one risk tier, no margin added, fees of the close
 * left out): initial margin = value ÷ leverage, maintenance = value × rate, both at entry.
 * Linear long: entry − (initial − maintenance) ÷ size; inverse long: contracts ÷ (value + (initial − maintenance)).
 */
import type { Holding } from './holding.ts'
import { leverageHundredths } from './holding.ts'
import type { Ledger } from './ledger.ts'
import type { Matcher } from './matcher.ts'
import type { SimPosition } from './model.ts'
import { takeOver } from './apart.ts'

/** Maintenance margin rate of the lowest risk tier. */
export const MAINTENANCE_RATE = 0.005

export interface IsolatedPrices {
  /** Mark price at which it is taken over. */
  readonly liqTicks: number
  /** Price at which it has lost its margin: it is taken over at this one. */
  readonly bustTicks: number
}

/** Of a position that is not flat; rounded to the grid on the side of the exchange. */
export function isolatedPrices(
  position: Pick<SimPosition, 'lots' | 'entryTicks' | 'category' | 'leverage'>,
): IsolatedPrices {
  const { entryTicks, category } = position
  const side = Math.sign(position.lots)
  const initialRate = 100 / leverageHundredths(position.leverage)
  const at = (lossRate: number): number => {
    const ticks = category === 'inverse' ? entryTicks / (1 + side * lossRate) : entryTicks * (1 - side * lossRate)
    return Math.max(1, onGrid(ticks, side))
  }
  return { liqTicks: at(initialRate - MAINTENANCE_RATE), bustTicks: at(initialRate) }
}

/** Takes over what the mark price has brought to its liquidation price; true when there was anything. */
export function liquidate(holding: Holding, { ledger, matcher }: { ledger: Ledger; matcher: Matcher }): boolean {
  const { account, listing } = holding
  const { markTicks } = listing.reference
  if (!account.isIsolated || markTicks === 0 || listing.instrument.category === 'spot') return false
  const lost = holding.positions.filter((position) => isLost(position, markTicks))
  for (const position of lost) {
    for (const order of account.open.values()) {
      if (order.holding === holding && order.positionIdx === position.positionIdx)
        matcher.cancel(order, 'CancelAllBeforeLiq')
    }
    const { bustTicks } = isolatedPrices(position)
    takeOver(ledger, holding, position, { execType: 'BustTrade', ticks: bustTicks, lots: Math.abs(position.lots) })
  }
  return lost.length > 0
}

function isLost(position: SimPosition, markTicks: number): boolean {
  if (position.lots === 0) return false
  return (markTicks - isolatedPrices(position).liqTicks) * Math.sign(position.lots) <= 0
}

// A hair of floating point is no tick.
function onGrid(ticks: number, side: number): number {
  const near = Math.round(ticks)
  if (Math.abs(ticks - near) < 1e-6) return near
  return side > 0 ? Math.ceil(ticks) : Math.floor(ticks)
}
