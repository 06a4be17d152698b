/**
 * What a strategy would quote under its configured parameters: its best quotes without a position and at both ends of the
 * position it may take. Asks the strategy itself, so that no formula is written twice.
 */
import type { PriceTicks, SizeLots } from '../domain/units.ts'
import type { PackParams } from '../engine/pack.ts'
import { Quotes, QuoteView, type StrategyPack } from '../engine/strategy.ts'

/** The market that is assumed or was measured. */
export interface SpreadMarket {
  readonly midTicks: number
  /** Volatility of the mid, ticks per √second. */
  readonly sigmaTicks: number
  readonly quoteLots: number
  readonly positionLotsMax: number
  readonly halfSpreadTicksMin: number
}

/** Distances of the best quotes from the mid, in ticks; null where nothing is quoted. */
export interface ImpliedQuote {
  readonly positionLots: number
  readonly bidTicks: number | null
  readonly askTicks: number | null
}

/** At no position, at the largest long and at the largest short one that still quotes both sides. */
export function impliedQuotes(pack: StrategyPack, params: PackParams, market: SpreadMarket): ImpliedQuote[] {
  const reach = Math.max(0, market.positionLotsMax - market.quoteLots)
  return [0, reach, -reach].map((positionLots) => quoteAt(pack, params, market, positionLots))
}

function quoteAt(pack: StrategyPack, params: PackParams, market: SpreadMarket, positionLots: number): ImpliedQuote {
  const { midTicks, sigmaTicks, quoteLots, positionLotsMax, halfSpreadTicksMin } = market
  const view = Object.assign(new QuoteView(), {
    bestBidTicks: (midTicks - 1) as PriceTicks,
    bestAskTicks: (midTicks + 1) as PriceTicks,
    bestBidLots: quoteLots as SizeLots,
    bestAskLots: quoteLots as SizeLots,
    midHalfTicks: 2 * midTicks,
    micropriceTicks: midTicks,
    sigmaTicks,
    positionLots,
    positionLotsMax,
    quoteLots,
    halfSpreadTicksMin,
    // The book's touch must not hide what the formula asks for.
    isPostOnly: false,
  })
  const out = new Quotes()
  pack.create(params).quote(view, out)
  return {
    positionLots,
    bidTicks: out.bidCount === 0 ? null : midTicks - (out.bidTicks[0] ?? 0),
    askTicks: out.askCount === 0 ? null : (out.askTicks[0] ?? 0) - midTicks,
  }
}
