/**
 * The statistics by which the synthetic market is compared with the recorded one: spread, touch, depth, volatility of
 * the mid on fixed grids, clustering and persistence of market orders. Feed it in order of time, then read `result`.
 */
export interface Statistics {
  readonly seconds: number
  /** Share of time at the usual spread, and the mean spread in ticks. */
  readonly tightShare: number
  readonly spreadMean: number
  /** Median size at the best bid over quote changes, lots. */
  readonly touchMedian: number
  /** Mean lots per side within 10, 100 and 1000 ticks of the best. */
  readonly depth10: number
  readonly depth100: number
  readonly depth1000: number
  /** Standard deviation of the mid's move, ticks per √second, on grids of 0.1, 1 and 10 seconds. */
  readonly sigma100ms: number
  readonly sigma1s: number
  readonly sigma10s: number
  readonly kurtosis1s: number
  /** Autocorrelation of 1 s moves: near 0 for a market that nobody can predict simply. */
  readonly autocorrelation1s: number
  readonly stillShare100ms: number
  /** Market orders (all fills of one taker at one time) and fills, per second. */
  readonly ordersPerS: number
  readonly fillsPerS: number
  readonly orderSizeMedian: number
  readonly orderSizeMean: number
  /** Variance ÷ mean of the number of orders per window: 1 for Poisson. */
  readonly fano100ms: number
  readonly fano1s: number
  /** Autocorrelation of the orders' directions at lags 1 and 20. */
  readonly signs1: number
  readonly signs20: number
}

interface Order {
  readonly atS: number
  readonly side: number
  lots: number
  fills: number
}

const WIDTHS = [10, 100, 1000] as const

export class MarketStatistics {
  private readonly quotes: { atS: number; bid: number; ask: number; bidLots: number }[] = []
  private readonly orders: Order[] = []
  private readonly depths: number[][] = []
  private fills = 0

  quote(atS: number, bid: number, ask: number, bidLots: number): void {
    const last = this.quotes.at(-1)
    if (last !== undefined && last.bid === bid && last.ask === ask && last.bidLots === bidLots) return
    this.quotes.push({ atS, bid, ask, bidLots })
  }

  trade(atS: number, side: number, lots: number): void {
    this.fills++
    const last = this.orders.at(-1)
    if (last !== undefined && last.atS === atS && last.side === side) {
      last.lots += lots
      last.fills++
    } else this.orders.push({ atS, side, lots, fills: 1 })
  }

  /** Both sides' [ticks from the best, lots] of one moment. */
  depth(levels: Iterable<readonly [number, number]>): void {
    const row = WIDTHS.map(() => 0)
    for (const [away, lots] of levels) {
      for (const [i, width] of WIDTHS.entries()) if (away < width) row[i] = (row[i] ?? 0) + lots / 2
    }
    this.depths.push(row)
  }

  result(): Statistics {
    const first = this.quotes[0]?.atS ?? 0
    const end = this.quotes.at(-1)?.atS ?? 0
    const seconds = end - first
    const spreads = this.spreads()
    const [depth10 = 0, depth100 = 0, depth1000 = 0] = WIDTHS.map((_, i) => mean(this.depths.map((row) => row[i] ?? 0)))
    const moves = (step: number) => this.moves(step)
    const oneSecond = moves(1)
    const sizes = this.orders.map(({ lots }) => lots)
    const signs = this.orders.map(({ side }) => side)
    return {
      seconds,
      ...spreads,
      touchMedian: median(this.quotes.map(({ bidLots }) => bidLots)),
      depth10,
      depth100,
      depth1000,
      sigma100ms: deviation(moves(0.1)) / Math.sqrt(0.1),
      sigma1s: deviation(oneSecond),
      sigma10s: deviation(moves(10)) / Math.sqrt(10),
      kurtosis1s: mean(oneSecond.map((move) => move ** 4)) / mean(oneSecond.map((move) => move ** 2)) ** 2,
      autocorrelation1s: autocorrelation(oneSecond, 1),
      stillShare100ms: share(moves(0.1), (move) => move === 0),
      ordersPerS: this.orders.length / seconds,
      fillsPerS: this.fills / seconds,
      orderSizeMedian: median(sizes),
      orderSizeMean: mean(sizes),
      fano100ms: fano(this.counts(0.1, first, seconds)),
      fano1s: fano(this.counts(1, first, seconds)),
      signs1: autocorrelation(signs, 1),
      signs20: autocorrelation(signs, 20),
    }
  }

  private spreads(): { tightShare: number; spreadMean: number } {
    let time = 0
    let tight = 0
    let sum = 0
    for (let i = 1; i < this.quotes.length; i++) {
      const from = this.quotes[i - 1]
      const to = this.quotes[i]
      if (from === undefined || to === undefined) continue
      const length = to.atS - from.atS
      time += length
      sum += length * (from.ask - from.bid)
      if (from.ask - from.bid <= 1) tight += length
    }
    return { tightShare: tight / time, spreadMean: sum / time }
  }

  private moves(stepS: number): number[] {
    const grid: number[] = []
    const start = this.quotes[0]?.atS ?? 0
    for (const [i, { bid, ask }] of this.quotes.entries()) {
      const untilS = this.quotes[i + 1]?.atS ?? 0
      while (start + grid.length * stepS < untilS) grid.push((bid + ask) / 2)
    }
    return grid.slice(1).map((value, i) => value - (grid[i] ?? 0))
  }

  private counts(windowS: number, startS: number, seconds: number): number[] {
    const counts = Array.from({ length: Math.max(1, Math.floor(seconds / windowS)) }, () => 0)
    for (const { atS } of this.orders) {
      const at = Math.floor((atS - startS) / windowS)
      if (at >= 0 && at < counts.length) counts[at] = (counts[at] ?? 0) + 1
    }
    return counts
  }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)))
const share = (values: readonly number[], test: (value: number) => boolean): number =>
  values.filter(test).length / values.length

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function fano(counts: readonly number[]): number {
  const average = mean(counts)
  return mean(counts.map((count) => (count - average) ** 2)) / average
}

function autocorrelation(values: readonly number[], lag: number): number {
  const average = mean(values)
  const centred = values.map((value) => value - average)
  const variance = mean(centred.map((value) => value * value))
  return mean(centred.slice(lag).map((value, i) => value * (centred[i] ?? 0))) / variance
}
