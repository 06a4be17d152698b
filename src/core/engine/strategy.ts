/**
 * What a strategy sees and says. It reads one `QuoteView` and fills one `Quotes`: prices it would like to show, best
 * first. It never knows working orders, guards or the exchange, and keeps no reference to either record.
 *
 * @hot
 */
import type { PriceTicks, RateE8, SizeLots, SymbolId, TimeUs } from '../domain/units.ts'
import type { PackKey, PackParams } from './pack.ts'

/** Most levels a side that a strategy may ask for. */
export const LEVELS_MAX = 10

/** Desired quotes of one symbol. Reused; index 0 is the best level of a side, prices strictly worsen with the index. */
export class Quotes {
  bidCount = 0
  askCount = 0
  readonly bidTicks = new Float64Array(LEVELS_MAX)
  readonly bidLots = new Float64Array(LEVELS_MAX)
  readonly askTicks = new Float64Array(LEVELS_MAX)
  readonly askLots = new Float64Array(LEVELS_MAX)

  clear(): void {
    this.bidCount = 0
    this.askCount = 0
  }

  addBid(ticks: number, lots: number): void {
    if (this.bidCount === LEVELS_MAX) return
    this.bidTicks[this.bidCount] = ticks
    this.bidLots[this.bidCount++] = lots
  }

  addAsk(ticks: number, lots: number): void {
    if (this.askCount === LEVELS_MAX) return
    this.askTicks[this.askCount] = ticks
    this.askLots[this.askCount++] = lots
  }
}

/**
 * All that a strategy may use to price one symbol at one moment. The engine fills and reuses one record; it offers it
 * only when both sides of the book are present and not crossed.
 */
export class QuoteView {
  symbol = 0 as SymbolId
  nowUs = 0 as TimeUs

  bestBidTicks = 0 as PriceTicks
  bestBidLots = 0 as SizeLots
  bestAskTicks = 0 as PriceTicks
  bestAskLots = 0 as SizeLots
  /** bestBid + bestAsk: twice the mid, so that it stays an integer. */
  midHalfTicks = 0
  /** Size-weighted mid of the touch, in ticks (float). */
  micropriceTicks = 0
  /** Volatility of the mid in price ticks per √second; NaN until it is known, and then nothing may be priced from it. */
  sigmaTicks = Number.NaN
  /** (bid − ask) / (bid + ask) size over the top levels, −1 … 1. */
  imbalance = 0
  /** Time-decayed order-flow imbalance in lots; positive: buyers press. */
  ofiLots = 0

  /** Signed: positive long. */
  positionLots = 0
  /** Largest position wanted on either side, in lots. */
  positionLotsMax = 0
  /** Size of one quote, in lots: also the unit of inventory in the models. */
  quoteLots = 0

  /** Distance of our best quotes from the price they are centred on, at least, in ticks (float). */
  halfSpreadTicksMin = 0
  /** True: a quote may not touch the other side of the book. */
  isPostOnly = true
  makerFee = 0 as RateE8
  takerFee = 0 as RateE8
  priceTicksMin = 1 as PriceTicks
  priceTicksMax = Number.MAX_SAFE_INTEGER as PriceTicks
  sizeLotsMin = 1 as SizeLots
  sizeLotsMax = Number.MAX_SAFE_INTEGER as SizeLots
}

/** A strategy ready to quote one symbol. May keep state; must depend on nothing but the views it is given. */
export interface Strategy {
  /** Fills `out`, which comes cleared. No quotes on a side means: show nothing there. */
  quote(view: Readonly<QuoteView>, out: Quotes): void
}

/** [priceTicks, sizeLots], best first. */
export type LevelRow = readonly [number, number]

/** One worked example of a strategy: run by the generic pack test. */
export interface StrategyCase {
  readonly name: string
  readonly params: PackParams
  readonly view: Partial<QuoteView>
  readonly bids: readonly LevelRow[]
  readonly asks: readonly LevelRow[]
}

export interface StrategyPack {
  readonly id: string
  readonly doc: string
  readonly keys: readonly PackKey[]
  /** `params` holds checked values by key name; missing ones take the key's default. */
  create(params: PackParams): Strategy
  readonly cases: readonly StrategyCase[]
}
