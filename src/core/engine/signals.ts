/**
 * What the book says beyond its best prices: microprice, imbalance, order-flow imbalance and volatility of one symbol.
 * Reads a book after each update; never looks at trades of ours, a clock or the future.
 *
 * Our own displayed size is NOT taken out. The public feed and our order stream arrive on different sockets, so a
 * subtraction would be wrong exactly when we requote and would look like flow twice. Quotes are small beside the levels
 * that these signals read; a user for whom they are not should use `symmetric`.
 *
 * @hot
 */
import type { Book } from '../domain/book.ts'
import { BUY, SELL, US_PER_S } from '../domain/units.ts'

export interface SignalConfig {
  /** Levels a side in `imbalance`. */
  readonly imbalanceLevels: number
  /** Memory of the order-flow imbalance. */
  readonly ofiTauUs: number
  readonly volatility: VolatilityConfig
}

export interface VolatilityConfig {
  /** Memory of the estimate. */
  readonly tauUs: number
  /** The mid is sampled at most this often: closer samples measure the bounce, not the variance. */
  readonly intervalUsMin: number
  /** A return over a longer gap is skipped, not scaled. */
  readonly gapUsMax: number
  /** Returns needed before an estimate is given: nothing is quoted until then. Its error falls as 1/√(2n). */
  readonly returnsMin: number
}

export const SIGNAL_DEFAULTS: SignalConfig = {
  imbalanceLevels: 5,
  ofiTauUs: 10 * US_PER_S,
  volatility: { tauUs: 60 * US_PER_S, intervalUsMin: US_PER_S, gapUsMax: 10 * US_PER_S, returnsMin: 3 },
}

/** Signals of one symbol. Fields are read by the engine after `onBook`. */
export class Signals {
  /** (Pᵇqᵃ + Pᵃqᵇ) / (qᵇ + qᵃ) in ticks. */
  micropriceTicks = Number.NaN
  /** −1 … 1, positive when bids weigh more. */
  imbalance = 0
  readonly volatility: Volatility
  private readonly flow: OrderFlow
  private readonly levels: number
  private readonly ticks: Float64Array
  private readonly lots: Float64Array

  constructor(config: SignalConfig = SIGNAL_DEFAULTS) {
    this.volatility = new Volatility(config.volatility)
    this.flow = new OrderFlow(config.ofiTauUs)
    this.levels = config.imbalanceLevels
    this.ticks = new Float64Array(config.imbalanceLevels)
    this.lots = new Float64Array(config.imbalanceLevels)
  }

  /** Time-decayed order-flow imbalance in lots as of the last update. */
  get ofiLots(): number {
    return this.flow.lots
  }

  /** Price volatility in ticks per √second, NaN until enough returns were seen. */
  get sigmaTicks(): number {
    return this.volatility.sigma * ((this.flow.bidTicks + this.flow.askTicks) / 2)
  }

  /** Call after every book update that left both sides present and not crossed. */
  onBook(book: Book, nowUs: number): void {
    const bidTicks = book.bestBidTicks
    const askTicks = book.bestAskTicks
    const bidLots = book.bestBidLots
    const askLots = book.bestAskLots
    this.micropriceTicks = microprice(bidTicks, bidLots, askTicks, askLots)
    this.flow.update(bidTicks, bidLots, askTicks, askLots, nowUs)
    this.volatility.sample((bidTicks + askTicks) / 2, nowUs)
    const bidSum = this.sum(book, BUY)
    const askSum = this.sum(book, SELL)
    this.imbalance = (bidSum - askSum) / (bidSum + askSum)
  }

  /** The stream broke: what was seen before is no predecessor of what comes next. The estimate itself is kept. */
  onGap(): void {
    this.flow.reset()
    this.volatility.skip()
  }

  private sum(book: Book, side: 1 | -1): number {
    const count = book.top(side, this.levels, this.ticks, this.lots)
    let total = 0
    for (let i = 0; i < count; i++) total += this.lots[i]!
    return total
  }
}

/** Size-weighted mid of the touch, in the unit of the prices. */
export function microprice(bid: number, bidSize: number, ask: number, askSize: number): number {
  return (bid * askSize + ask * bidSize) / (bidSize + askSize)
}

/** One term of the order-flow imbalance (Cont, Kukanov, Stoikov 2014, eq. 4); arguments are before, then after. */
export class OrderFlow {
  bidTicks = Number.NaN
  askTicks = Number.NaN
  /** Decayed sum. */
  lots = 0
  /** The last term alone. */
  lastLots = 0
  private bidLots = 0
  private askLots = 0
  private atUs = 0
  private readonly tauUs: number

  constructor(tauUs: number) {
    this.tauUs = tauUs
  }

  /** Forgets the previous touch and the sum. */
  reset(): void {
    this.bidTicks = Number.NaN
    this.askTicks = Number.NaN
    this.lots = 0
    this.lastLots = 0
  }

  update(bidTicks: number, bidLots: number, askTicks: number, askLots: number, nowUs: number): void {
    // Comparisons with NaN are false: the first touch after a reset adds nothing.
    let term = 0
    if (bidTicks >= this.bidTicks) term += bidLots
    if (bidTicks <= this.bidTicks) term -= this.bidLots
    if (askTicks <= this.askTicks) term -= askLots
    if (askTicks >= this.askTicks) term += this.askLots
    const elapsedUs = nowUs - this.atUs
    this.lots = elapsedUs > 0 ? this.lots * Math.exp(-elapsedUs / this.tauUs) + term : this.lots + term
    this.lastLots = term
    this.bidTicks = bidTicks
    this.bidLots = bidLots
    this.askTicks = askTicks
    this.askLots = askLots
    this.atUs = nowUs
  }
}

/**
 * Volatility of log returns under irregular sampling: N ← N·e^(−Δt/τ) + r², D ← D·e^(−Δt/τ) + Δt, σ² = N/D per second.
 * Scale-free in price. Sampled on mids, not trades.
 */
export class Volatility {
  private sumSquares = 0
  private sumSeconds = 0
  private returns = 0
  private lastPrice = Number.NaN
  private lastUs = 0
  private readonly config: VolatilityConfig

  constructor(config: VolatilityConfig) {
    this.config = config
  }

  /** Variance of log price per second; NaN until `returnsMin` returns were seen. */
  get variance(): number {
    return this.returns < this.config.returnsMin ? Number.NaN : this.sumSquares / this.sumSeconds
  }

  /** Standard deviation of log price per √second. */
  get sigma(): number {
    return Math.sqrt(this.variance)
  }

  sample(price: number, nowUs: number): void {
    const elapsedUs = nowUs - this.lastUs
    if (Number.isNaN(this.lastPrice) || elapsedUs > this.config.gapUsMax) {
      this.lastPrice = price
      this.lastUs = nowUs
      return
    }
    if (elapsedUs < this.config.intervalUsMin || elapsedUs <= 0) return
    const logReturn = Math.log(price / this.lastPrice)
    const decay = Math.exp(-elapsedUs / this.config.tauUs)
    this.sumSquares = this.sumSquares * decay + logReturn * logReturn
    this.sumSeconds = this.sumSeconds * decay + elapsedUs / US_PER_S
    this.returns++
    this.lastPrice = price
    this.lastUs = nowUs
  }

  /** The next sample starts a new chain: no return is taken across what lies between. */
  skip(): void {
    this.lastPrice = Number.NaN
  }
}
