/**
 * From a centre and a half spread to quotes on the grid: several levels, rounded away from the centre (bids down, asks
 * up), never across the touch when post-only, never more size than brings the position to its limit. At the limit only
 * the side that reduces the position remains.
 *
 * @hot
 */
import { bpsPerTick } from './fair-value.ts'
import { type PackKey, type PackParams, param } from './pack.ts'
import { LEVELS_MAX, type Quotes, type QuoteView } from './strategy.ts'

export const LADDER_KEYS: readonly PackKey[] = [
  {
    name: 'levels',
    description: 'Quotes a side.',
    unit: 'count',
    min: 1,
    max: LEVELS_MAX,
    default: 3,
    example: 3,
    mutable: true,
    isInteger: true,
  },
  {
    name: 'levelStepBps',
    description: 'Distance between two levels of a side; at least one tick.',
    unit: 'bps',
    min: 0,
    max: 1_000,
    default: 0.5,
    example: 1,
    mutable: true,
  },
]

/** Keeps bid and ask a tick apart whatever the rounding. */
const HALF_SPREAD_TICKS_MIN = 0.5

export class QuoteLadder {
  private readonly levels: number
  private readonly levelStepBps: number

  constructor(params: PackParams) {
    this.levels = param(LADDER_KEYS, params, 'levels')
    this.levelStepBps = param(LADDER_KEYS, params, 'levelStepBps')
  }

  /** Fills `out` around `centreTicks`. Nothing when a price is not finite: what is not known is not quoted. */
  fill(view: Readonly<QuoteView>, centreTicks: number, halfSpreadTicks: number, out: Quotes): void {
    const half = Math.max(halfSpreadTicks, view.halfSpreadTicksMin, HALF_SPREAD_TICKS_MIN)
    if (!Number.isFinite(centreTicks) || !Number.isFinite(half)) return
    const step = this.levelStepBps / bpsPerTick(view)
    this.fillBids(view, centreTicks - half, step, out)
    this.fillAsks(view, centreTicks + half, step, out)
  }

  private fillBids(view: Readonly<QuoteView>, topTicks: number, step: number, out: Quotes): void {
    let room = view.positionLotsMax - view.positionLots
    let limit = view.isPostOnly ? Math.min(view.bestAskTicks - 1, view.priceTicksMax) : view.priceTicksMax
    for (let level = 0; level < this.levels; level++) {
      const ticks = Math.min(Math.floor(topTicks - level * step), limit)
      const lots = Math.min(view.quoteLots, view.sizeLotsMax, room)
      if (ticks < view.priceTicksMin || lots < view.sizeLotsMin) return
      out.addBid(ticks, lots)
      room -= lots
      limit = ticks - 1
    }
  }

  private fillAsks(view: Readonly<QuoteView>, topTicks: number, step: number, out: Quotes): void {
    let room = view.positionLotsMax + view.positionLots
    let limit = view.isPostOnly ? Math.max(view.bestBidTicks + 1, view.priceTicksMin) : view.priceTicksMin
    for (let level = 0; level < this.levels; level++) {
      const ticks = Math.max(Math.ceil(topTicks + level * step), limit)
      const lots = Math.min(view.quoteLots, view.sizeLotsMax, room)
      if (ticks > view.priceTicksMax || lots < view.sizeLotsMin) return
      out.addAsk(ticks, lots)
      room -= lots
      limit = ticks + 1
    }
  }
}
