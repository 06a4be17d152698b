import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book } from '../../src/core/domain/book.ts'
import { BookEvent } from '../../src/core/domain/event.ts'
import { microprice, OrderFlow, Signals, Volatility, type VolatilityConfig } from '../../src/core/engine/signals.ts'

const S = 1_000_000
const OPEN: VolatilityConfig = { tauUs: 5 * S, intervalUsMin: 1, gapUsMax: 1_000 * S, returnsMin: 1 }

type Row = readonly [number, number]

function apply(book: Book, bids: readonly Row[], asks: readonly Row[]): Book {
  const event = new BookEvent()
  for (const [ticks, lots] of bids) event.addBid(ticks, lots)
  for (const [ticks, lots] of asks) event.addAsk(ticks, lots)
  book.apply(event)
  return book
}

describe('microprice', () => {
  // sstoikov/microprice, BAC notebook: bid 14.33, ask 14.34.
  test.each([
    [20, 471, 14.330407],
    [25, 148, 14.331445],
    [31, 95, 14.33246],
  ])('sizes %d and %d', (bidSize, askSize, wanted) => {
    expect(microprice(14.33, bidSize, 14.34, askSize)).toBeCloseTo(wanted, 6)
  })

  test('leans to the side that is about to give way, and never leaves the spread', () => {
    const size = fc.integer({ min: 1, max: 1e9 })
    fc.assert(
      fc.property(size, size, size, (bid, ask, more) => {
        const price = microprice(100, bid, 102, ask)
        expect(price).toBeGreaterThanOrEqual(100)
        expect(price).toBeLessThanOrEqual(102)
        expect(microprice(100, bid + more, 102, ask)).toBeGreaterThanOrEqual(price)
        expect(price - 101).toBeCloseTo(101 - microprice(100, ask, 102, bid), 9)
      }),
    )
  })
})

describe('order-flow imbalance', () => {
  // Cont, Kukanov, Stoikov 2014; half ticks so that 100.5 is an integer.
  test.each([
    ['bid size 5 → 8', [200, 8, 202, 7], 3],
    ['a better bid of 2', [201, 2, 202, 7], 2],
    ['the bid of 5 is gone', [199, 9, 202, 7], -5],
    ['a better ask of 3', [200, 5, 201, 3], -3],
    ['the ask of 7 is gone', [200, 5, 203, 4], 7],
    ['ask size 7 → 9', [200, 5, 202, 9], -2],
    ['nothing', [200, 5, 202, 7], 0],
  ] as const)('%s', (_name, [bid, bidLots, ask, askLots], wanted) => {
    const flow = new OrderFlow(10 * S)
    flow.update(200, 5, 202, 7, 0)
    expect(flow.lots).toBe(0)
    flow.update(bid, bidLots, ask, askLots, 0)
    expect(flow.lastLots).toBe(wanted)
    expect(flow.lots).toBe(wanted)
  })

  test('is a mirror: exchanging the sides turns the sign', () => {
    const lots = fc.integer({ min: 1, max: 100 })
    const bids = fc.integer({ min: 90, max: 99 })
    const asks = fc.integer({ min: 101, max: 110 })
    fc.assert(
      fc.property(fc.array(fc.tuple(bids, lots, asks, lots), { minLength: 2, maxLength: 20 }), (list) => {
        const [flow, mirror] = [new OrderFlow(S), new OrderFlow(S)]
        list.forEach(([bid, bidLots, ask, askLots], i) => {
          flow.update(bid, bidLots, ask, askLots, i * 1_000)
          mirror.update(200 - ask, askLots, 200 - bid, bidLots, i * 1_000)
        })
        expect(flow.lots).toBeCloseTo(-mirror.lots, 9)
      }),
    )
  })

  test('decays with time, and forgets on reset', () => {
    const flow = new OrderFlow(2 * S)
    flow.update(100, 5, 101, 7, 0)
    flow.update(100, 15, 101, 7, 0)
    flow.update(100, 15, 101, 7, 2 * S)
    expect(flow.lots).toBeCloseTo(10 / Math.E, 12)
    flow.reset()
    flow.update(90, 15, 91, 7, 3 * S)
    expect(flow.lots).toBe(0)
  })
})

describe('volatility', () => {
  const times = [0, 1, 3, 3.5, 7]
  const prices = [100, 100.1, 100.05, 100.2, 100]
  const wanted = [9.99000915833874e-7, 3.4425677667180363e-7, 1.0548575843064545e-6, 1.1154890143847991e-6]

  const feed = (volatility: Volatility, scale = 1, stretch = 1): number[] =>
    prices.map((price, i) => {
      volatility.sample(price * scale, (times[i] ?? 0) * stretch * S)
      return volatility.variance
    })

  test('the worked example, after each observation', () => {
    const [first, ...rest] = feed(new Volatility(OPEN))
    expect(first).toBeNaN()
    rest.forEach((variance, i) => expect(Math.abs(variance / (wanted[i] ?? 0) - 1)).toBeLessThan(1e-12))
    const volatility = new Volatility(OPEN)
    feed(volatility)
    expect(Math.abs(volatility.sigma / 0.0010561671337363226 - 1)).toBeLessThan(1e-12)
  })

  test('free of the price scale; twice the time at twice the memory is half the variance', () => {
    const last = (values: number[]): number => values.at(-1) ?? Number.NaN
    const plain = last(feed(new Volatility(OPEN)))
    expect(last(feed(new Volatility(OPEN), 12_345)) / plain).toBeCloseTo(1, 10)
    expect(last(feed(new Volatility({ ...OPEN, tauUs: 10 * S }), 1, 2)) / plain).toBeCloseTo(0.5, 12)
  })

  test('an observation at an unchanged price adds time and no return', () => {
    const forever = { ...OPEN, tauUs: Number.MAX_VALUE }
    const [plain, padded] = [new Volatility(forever), new Volatility(forever)]
    prices.forEach((price, i) => {
      const atUs = (times[i] ?? 0) * S
      if (i > 0) padded.sample(prices[i - 1] ?? 0, atUs - 200_000)
      plain.sample(price, atUs)
      padded.sample(price, atUs)
    })
    expect(padded.variance / plain.variance).toBeCloseTo(1, 12)
    // Realised variance per second over the whole window.
    expect(plain.variance / 1.0692896223700917e-6).toBeCloseTo(1, 12)
  })

  test('samples closer than the interval are left out, not lost', () => {
    const volatility = new Volatility({ ...OPEN, intervalUsMin: S })
    volatility.sample(100, 0)
    volatility.sample(150, S / 2)
    expect(volatility.variance).toBeNaN()
    volatility.sample(100.1, S)
    expect(volatility.variance).toBeCloseTo(Math.log(1.001) ** 2, 15)
  })

  test('a gap is skipped, not scaled', () => {
    const volatility = new Volatility({ ...OPEN, gapUsMax: 10 * S })
    volatility.sample(100, 0)
    volatility.sample(100.1, S)
    const before = volatility.variance
    volatility.sample(200, 12 * S)
    expect(volatility.variance).toBe(before)
    volatility.sample(200.1, 13 * S)
    expect(volatility.variance).not.toBe(before)
  })

  test('a broken stream ends the chain: no return is taken across it', () => {
    const volatility = new Volatility(OPEN)
    volatility.sample(100, 0)
    volatility.sample(100.1, S)
    const before = volatility.variance
    volatility.skip()
    volatility.sample(120, 2 * S)
    expect(volatility.variance).toBe(before)
  })

  test('is not told before enough returns', () => {
    const volatility = new Volatility({ ...OPEN, returnsMin: 3 })
    expect(feed(volatility).map(Number.isNaN)).toEqual([true, true, true, false, false])
  })

  test('time that stands still or goes back changes nothing', () => {
    const volatility = new Volatility(OPEN)
    volatility.sample(100, S)
    volatility.sample(101, 2 * S)
    const before = volatility.variance
    volatility.sample(110, 2 * S)
    volatility.sample(120, S)
    expect(volatility.variance).toBe(before)
  })
})

describe('signals of a book', () => {
  const config = { imbalanceLevels: 2, ofiTauUs: 10 * S, volatility: OPEN }

  test('imbalance counts the top levels only', () => {
    const signals = new Signals(config)
    signals.onBook(
      apply(
        new Book(),
        [
          [99, 4],
          [98, 2],
          [97, 100],
        ],
        [
          [101, 1],
          [102, 1],
          [103, 500],
        ],
      ),
      0,
    )
    expect(signals.imbalance).toBe((6 - 2) / 8)
    expect(signals.micropriceTicks).toBe((99 * 1 + 101 * 4) / 5)
  })

  test('σ is in price ticks per √second', () => {
    const signals = new Signals(config)
    const book = apply(new Book(), [[99, 1]], [[101, 1]])
    expect(signals.sigmaTicks).toBeNaN()
    signals.onBook(book, 0)
    signals.onBook(
      apply(
        book,
        [[109, 1]],
        [
          [101, 0],
          [111, 1],
        ],
      ),
      S,
    )
    expect(signals.sigmaTicks).toBeCloseTo(110 * Math.log(1.1), 10)
  })

  test('after a gap neither flow nor return reaches across', () => {
    const signals = new Signals(config)
    const book = apply(new Book(), [[99, 1]], [[101, 1]])
    signals.onBook(book, 0)
    signals.onBook(apply(book, [[99, 9]], []), S)
    expect(signals.ofiLots).toBe(8)
    signals.onGap()
    signals.onBook(
      apply(
        book,
        [[150, 50]],
        [
          [101, 0],
          [160, 1],
        ],
      ),
      2 * S,
    )
    expect(signals.ofiLots).toBe(0)
    expect(signals.sigmaTicks).toBe(0)
  })
})
