/**
 * What kind of market it was: spread, depth, volatility and the clustering of arrivals, measured the same way on a
 * recording and on a synthetic market so that the two can be compared. Takes a market event by event; keeps sums, one
 * value a second and the times of trades, never the events.
 */
import { BUY, SELL, type Side, US_PER_S } from '../domain/units.ts'
import { autocorrelation, fanoFactor, mean, quantile, standardDeviation } from './statistics.ts'

/** The top of a book, best first; `Book` is one. Returns the number of levels written. */
export interface TopView {
  top(side: Side, limit: number, ticksOut: Float64Array, lotsOut: Float64Array): number
}

export const LEVELS = 10
const SPREAD_TICKS_MAX = 1_000
export const FANO_WINDOWS_US = [100_000, 1_000_000, 10_000_000] as const

export interface MarketSummary {
  readonly seconds: number
  /** Time-weighted, in ticks. */
  readonly spread: { readonly mean: number; readonly p50: number; readonly p90: number; readonly p99: number }
  /** Share of the time at one tick. */
  readonly spreadOneTick: number
  /** Mean lots at level 1 … 10 of a side, both sides together, sampled every second. */
  readonly depthLots: readonly number[]
  /** Mean distance in ticks of level 1 … 10 from the best price of its side. */
  readonly levelTicks: readonly number[]
  readonly volatility: {
    /** √(RV / T) of log returns of the mid on a one-second grid, per √s. */
    readonly logPerSqrtS: number
    /** The same in price ticks per √s. */
    readonly ticksPerSqrtS: number
    /** RV on a ten-second grid divided by RV on the one-second grid, per unit of time: below 1 the mid reverts. */
    readonly varianceRatio10: number
    /** Fourth moment of one-second returns over the squared second: 3 for a normal law. */
    readonly kurtosis: number
    /** Lag-1 autocorrelation of absolute one-second returns: clustering of volatility. */
    readonly absReturnAutocorrelation: number
  }
  readonly trades: {
    readonly perSecond: number
    /** Takers a second: trades of one side at one moment are one order. */
    readonly takersPerSecond: number
    readonly sizeLots: { readonly mean: number; readonly p50: number; readonly p90: number; readonly p99: number }
    /** Standard deviation over mean of the time between takers: 1 for a Poisson process. */
    readonly gapVariation: number
    /** Lag-1 autocorrelation of the times between takers: 0 for a Poisson process. */
    readonly gapAutocorrelation: number
    /** Variance over mean of taker counts, per window of `FANO_WINDOWS_US`: 1 for a Poisson process. */
    readonly fano: readonly number[]
    /** Lag-1 autocorrelation of taker sides. */
    readonly sideAutocorrelation: number
  }
  readonly book: {
    readonly messagesPerSecond: number
    readonly levelChangesPerSecond: number
    /** Changes of best bid or best ask price, a second. */
    readonly touchMovesPerSecond: number
  }
}

export class MarketStats {
  private readonly view: TopView
  private readonly ticks = new Float64Array(LEVELS)
  private readonly lots = new Float64Array(LEVELS)
  private readonly spreadUs = new Float64Array(SPREAD_TICKS_MAX + 1)
  private readonly depthSum = new Float64Array(LEVELS)
  private readonly distanceSum = new Float64Array(LEVELS)
  private readonly levelSamples = new Float64Array(LEVELS)
  /** Mid in half ticks, once a second. */
  private readonly mids: number[] = []
  private readonly tradeLots: number[] = []
  private readonly takerUs: number[] = []
  private readonly takerSides: number[] = []
  private firstUs = -1
  private lastUs = -1
  private nextSampleUs = 0
  private bidTicks = 0
  private askTicks = 0
  private messages = 0
  private levelChanges = 0
  private touchMoves = 0

  constructor(view: TopView) {
    this.view = view
  }

  /** Time moves to `atUs`; call before the book changes. */
  advance(atUs: number): void {
    if (this.firstUs < 0 || this.bidTicks === 0 || this.askTicks === 0) return
    const spread = Math.min(Math.max(this.askTicks - this.bidTicks, 0), SPREAD_TICKS_MAX)
    if (atUs > this.lastUs) {
      this.spreadUs[spread] = (this.spreadUs[spread] ?? 0) + atUs - this.lastUs
      this.lastUs = atUs
    }
    for (; this.nextSampleUs < atUs; this.nextSampleUs += US_PER_S) this.sample()
  }

  /** The book changed at `atUs` by so many levels; call after `advance` and the change. */
  onBook(atUs: number, levelChanges: number): void {
    this.messages++
    this.levelChanges += levelChanges
    const bid = this.bestOf(BUY)
    const ask = this.bestOf(SELL)
    if (bid !== this.bidTicks || ask !== this.askTicks) this.touchMoves++
    this.bidTicks = bid
    this.askTicks = ask
    if (this.firstUs >= 0 || bid === 0 || ask === 0) return
    this.firstUs = atUs
    this.lastUs = atUs
    this.nextSampleUs = atUs
  }

  onTrade(atUs: number, takerSide: Side, sizeLots: number): void {
    if (this.firstUs < 0) return
    this.tradeLots.push(sizeLots)
    if (this.takerUs.at(-1) === atUs && this.takerSides.at(-1) === takerSide) return
    this.takerUs.push(atUs)
    this.takerSides.push(takerSide)
  }

  summary(): MarketSummary {
    const seconds = (this.lastUs - this.firstUs) / US_PER_S
    const sizes = this.tradeLots.toSorted((a, b) => a - b)
    const gaps = this.takerUs.slice(1).map((us, i) => us - (this.takerUs[i] ?? 0))
    return {
      seconds,
      spread: this.spreadShape(),
      spreadOneTick: (this.spreadUs[1] ?? 0) / (this.lastUs - this.firstUs),
      depthLots: Array.from(this.depthSum, (sum, i) => sum / (this.levelSamples[i] ?? 0)),
      levelTicks: Array.from(this.distanceSum, (sum, i) => sum / (this.levelSamples[i] ?? 0)),
      volatility: this.volatility(),
      trades: {
        perSecond: this.tradeLots.length / seconds,
        takersPerSecond: this.takerUs.length / seconds,
        sizeLots: {
          mean: mean(sizes),
          p50: quantile(sizes, 0.5),
          p90: quantile(sizes, 0.9),
          p99: quantile(sizes, 0.99),
        },
        gapVariation: standardDeviation(gaps) / mean(gaps),
        gapAutocorrelation: autocorrelation(gaps, 1),
        fano: FANO_WINDOWS_US.map((us) =>
          fanoFactor(this.takerUs, { fromUs: this.firstUs, toUs: this.lastUs, windowUs: us }),
        ),
        sideAutocorrelation: autocorrelation(this.takerSides, 1),
      },
      book: {
        messagesPerSecond: this.messages / seconds,
        levelChangesPerSecond: this.levelChanges / seconds,
        touchMovesPerSecond: this.touchMoves / seconds,
      },
    }
  }

  private bestOf(side: Side): number {
    return this.view.top(side, 1, this.ticks, this.lots) === 0 ? 0 : (this.ticks[0] ?? 0)
  }

  private sample(): void {
    this.mids.push(this.bidTicks + this.askTicks)
    for (const side of [BUY, SELL]) {
      const count = this.view.top(side, LEVELS, this.ticks, this.lots)
      for (let i = 0; i < count; i++) {
        this.depthSum[i] = (this.depthSum[i] ?? 0) + (this.lots[i] ?? 0)
        this.distanceSum[i] = (this.distanceSum[i] ?? 0) + Math.abs((this.ticks[i] ?? 0) - (this.ticks[0] ?? 0))
        this.levelSamples[i] = (this.levelSamples[i] ?? 0) + 1
      }
    }
  }

  private spreadShape(): MarketSummary['spread'] {
    const total = this.spreadUs.reduce((sum, us) => sum + us, 0)
    const at = (share: number): number => {
      let below = 0
      return this.spreadUs.findIndex((us) => (below += us) >= share * total)
    }
    const weighted = this.spreadUs.reduce((sum, us, ticks) => sum + us * ticks, 0)
    return { mean: weighted / total, p50: at(0.5), p90: at(0.9), p99: at(0.99) }
  }

  private volatility(): MarketSummary['volatility'] {
    const returns = logReturns(this.mids, 1)
    const squares = returns.map((r) => r * r)
    const perSecond = mean(squares)
    const tenSeconds = logReturns(this.mids, 10).map((r) => r * r)
    return {
      logPerSqrtS: Math.sqrt(perSecond),
      ticksPerSqrtS: (Math.sqrt(perSecond) * mean(this.mids)) / 2,
      varianceRatio10: mean(tenSeconds) / (10 * perSecond),
      kurtosis: mean(squares.map((s) => s * s)) / perSecond ** 2,
      absReturnAutocorrelation: autocorrelation(returns.map(Math.abs), 1),
    }
  }
}

/** Overlapping log returns over `lag` samples. */
function logReturns(values: readonly number[], lag: number): number[] {
  return values.slice(lag).map((value, i) => Math.log(value / (values[i] ?? value)))
}
