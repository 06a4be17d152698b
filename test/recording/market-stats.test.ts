/** Market statistics on processes whose answers are known. */
import { afterAll, describe, expect, test } from 'vitest'
import { Book } from '../../src/core/domain/book.ts'
import { BookEvent } from '../../src/core/domain/event.ts'
import { Prng } from '../../src/core/domain/prng.ts'
import { BUY, SELL } from '../../src/core/domain/units.ts'
import { MarketStats } from '../../src/core/recording/market-stats.ts'
import { recordingStats } from '../../src/core/recording/recording-stats.ts'
import { autocorrelation, fanoFactor, mean, quantile, standardDeviation } from '../../src/core/recording/statistics.ts'
import { marketText } from '../../src/core/report/market-text.ts'
import { captureHead, hasCapture, importText, scratch } from './capture.ts'

const folder = scratch()
afterAll(folder.remove)

describe('plain statistics', () => {
  test('known values', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2)
    expect([0, 0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share))).toEqual([1, 3, 4, 4])
    // 1, −1, 1, −1, …: opposite to itself one step later.
    expect(autocorrelation([1, -1, 1, -1, 1, -1, 1, -1], 1)).toBeCloseTo(-7 / 8, 12)
    expect(autocorrelation([5, 5, 5], 1)).toBeNaN()
    // Windows of 10: three, one and no events: variance 14/9 over mean 4/3.
    const fano = fanoFactor([0, 1, 2, 15, 30], { fromUs: 0, toUs: 30, windowUs: 10 })
    expect(fano).toBeCloseTo(14 / 9 / (4 / 3), 12)
  })
})

describe('a market of known law', () => {
  const SECONDS = 2_000
  const stats = simulated()

  test('spread by time, depth and distances by level', () => {
    // A quarter of the time the spread is 3 ticks, else 1.
    expect(stats.spread.mean).toBeCloseTo(1.5, 1)
    expect(stats.spreadOneTick).toBeCloseTo(0.75, 1)
    expect([stats.spread.p50, stats.spread.p90]).toEqual([1, 3])
    expect(stats.depthLots.slice(0, 3)).toEqual([5, 7, Number.NaN])
    expect(stats.levelTicks.slice(0, 2)).toEqual([0, 4])
    expect(stats.seconds).toBeCloseTo(SECONDS, -1)
  })

  test('Poisson takers: no clustering', () => {
    const { trades } = stats
    expect(trades.takersPerSecond).toBeCloseTo(5, 0)
    expect(trades.perSecond).toBeCloseTo(10, 0)
    expect(Math.abs(trades.gapAutocorrelation)).toBeLessThan(0.05)
    expect(trades.gapVariation).toBeCloseTo(1, 1)
    for (const fano of trades.fano.slice(0, 2)) expect(fano).toBeCloseTo(1, 0)
    expect(trades.sizeLots).toMatchObject({ mean: 2, p50: 2, p99: 2 })
  })

  test('a random walk: its variance, Gaussian tails, no reversion', () => {
    // Each second the mid moves by ±2 ticks.
    expect(stats.volatility.ticksPerSqrtS).toBeCloseTo(2, 1)
    expect(stats.volatility.logPerSqrtS).toBeCloseTo(2 / 100_000, 5)
    expect(stats.volatility.varianceRatio10).toBeGreaterThan(0.6)
    expect(stats.volatility.varianceRatio10).toBeLessThan(1.4)
    expect(stats.volatility.kurtosis).toBeCloseTo(1, 1)
  })

  function simulated() {
    const prng = new Prng(11)
    const [walk, arrivals] = [prng.split('walk'), prng.split('arrivals')]
    const book = new Book()
    const event = new BookEvent()
    const stats = new MarketStats(book)
    let mid = 100_000
    let tradeUs = arrivals.exponential(200_000)
    for (let quarter = 0; quarter < 4 * SECONDS; quarter++) {
      const atUs = quarter * 250_000
      for (; tradeUs < atUs; tradeUs += Math.ceil(arrivals.exponential(200_000))) {
        const side = arrivals.chance(0.5) ? BUY : SELL
        // One taker, two fills.
        stats.onTrade(tradeUs, side, 2)
        stats.onTrade(tradeUs, side, 2)
      }
      if (quarter % 4 === 0) mid += walk.chance(0.5) ? 2 : -2
      const wide = quarter % 4 === 3 ? 1 : 0
      event.clear()
      event.isSnapshot = true
      event.addBid(mid - wide, 5)
      event.addBid(mid - wide - 4, 7)
      event.addAsk(mid + 1 + wide, 5)
      event.addAsk(mid + 1 + wide + 4, 7)
      stats.advance(atUs)
      book.apply(event)
      stats.onBook(atUs, 4)
    }
    return stats.summary()
  }
})

test('a market too short to measure is told with dashes', () => {
  const text = marketText(new MarketStats(new Book()).summary())
  expect(text).toContain('spread ticks mean –')
  expect(text).not.toMatch(/NaN|Infinity/)
})

test.runIf(hasCapture())('the shared capture clusters, and its text says so', async () => {
  const market = recordingStats(await importText(captureHead(6_000), folder.path('head')))
  expect(market.spread.p50).toBe(1)
  expect(market.trades.gapVariation).toBeGreaterThan(1.2)
  expect(market.trades.fano[1]).toBeGreaterThan(1.5)
  expect(market.depthLots.every((lots) => lots > 0)).toBe(true)
  const text = marketText(market)
  for (const word of ['spread', 'volatility', 'takers/s', 'Fano']) expect(text).toContain(word)
  expect(text).not.toContain('NaN')
})
