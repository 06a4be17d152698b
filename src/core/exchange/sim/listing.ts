/**
 * One listed symbol inside the exchange: its rules, its market, what its prices are worth, its reference prices and the
 * conditional orders that wait for them. Mark is the mid, sampled; index a slow average of it; limits follow BYBIT.md §3.5
 * with a premium term of 0.
 */
import { type Category, type Instrument, rateUnits } from '../../domain/instrument.ts'
import { US_PER_S } from '../../domain/units.ts'
import type { LiveOrder } from './live-order.ts'
import type { Market } from './market.ts'
import type { SimInstrument, SimReference } from './model.ts'
import { type Valuer, valuerOf } from './money.ts'

const SAMPLE_US = 100_000
const INDEX_TAU_S = 30
const E8 = 1e8

export const listingKey = (category: Category, symbol: string): string => `${category}:${symbol}`

export class Listing {
  readonly rules: SimInstrument
  readonly instrument: Instrument
  readonly market: Market
  readonly valuer: Valuer
  readonly key: string
  /** Untriggered orders of every account. */
  readonly waiting = new Set<LiveOrder>()
  private readonly ratioX: number
  private readonly ratioY: number
  private mark = 0
  private index = 0
  private sampledUs = 0

  constructor(rules: SimInstrument, market: Market) {
    this.rules = rules
    this.instrument = rules.instrument
    this.market = market
    this.valuer = valuerOf(rules.instrument)
    this.key = listingKey(rules.instrument.category, rules.instrument.symbol)
    this.ratioX = rateUnits(rules.priceLimitRatioX) / E8
    this.ratioY = rateUnits(rules.priceLimitRatioY) / E8
  }

  /** Looks at the book at most ten times a second of market time; true when the references moved. */
  sample(nowUs: number): boolean {
    if (nowUs < this.sampledUs + SAMPLE_US && this.mark !== 0) return false
    const mid = this.mid()
    if (mid === 0) return false
    const weight = this.index === 0 ? 1 : 1 - Math.exp(-(nowUs - this.sampledUs) / (INDEX_TAU_S * US_PER_S))
    this.index += weight * (mid - this.index)
    this.mark = Math.round(mid)
    this.sampledUs = nowUs
    return true
  }

  get reference(): SimReference {
    if (this.mark === 0) {
      const fallback = Math.round(this.mid())
      return this.referenceAt(fallback, fallback)
    }
    return this.referenceAt(this.mark, Math.round(this.index))
  }

  private referenceAt(markTicks: number, indexTicks: number): SimReference {
    const { priceTicksMin, priceTicksMax } = this.instrument
    if (markTicks === 0)
      return { markTicks: 0, indexTicks: 0, buyLimitTicks: priceTicksMax, sellLimitTicks: priceTicksMin }
    const base = this.instrument.category === 'spot' ? indexTicks : markTicks
    const high = Math.min(base * (1 + this.ratioY), Math.max(indexTicks, base * (1 + this.ratioX)))
    const low = Math.max(base * (1 - this.ratioY), Math.min(indexTicks, base * (1 - this.ratioX)))
    return {
      markTicks,
      indexTicks,
      buyLimitTicks: Math.min(priceTicksMax, Math.floor(high)),
      sellLimitTicks: Math.max(priceTicksMin, Math.ceil(low)),
    }
  }

  private mid(): number {
    const bid = this.market.bestTicks(1)
    const ask = this.market.bestTicks(-1)
    if (bid === 0 || ask === 0) return this.market.lastTicks() || bid || ask
    return (bid + ask) / 2
  }
}
