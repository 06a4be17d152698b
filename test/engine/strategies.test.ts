import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { priceTicks, sizeLots } from '../../src/core/domain/units.ts'
import { optimalSpread, reservationPrice } from '../../src/core/engine/strategies/avellaneda-stoikov.ts'
import { riskFreeHalfSpread, skewPerUnit } from '../../src/core/engine/strategies/glft.ts'
import { LEVELS_MAX, Quotes, QuoteView, type StrategyPack } from '../../src/core/engine/strategy.ts'

const FOLDER = join(import.meta.dirname, '../../src/core/engine/strategies')
const numRuns = process.env['MM_VERIFY'] === '1' ? 20_000 : 500

interface PackFile {
  readonly pack: StrategyPack
}

const files = readdirSync(FOLDER).sort()
const packs = await Promise.all(
  files.map(async (file) => ({ file, pack: ((await import(join(FOLDER, file))) as PackFile).pack })),
)

const rows = (count: number, ticks: Float64Array, lots: Float64Array): [number, number][] =>
  Array.from({ length: count }, (_, i) => [ticks[i] ?? 0, lots[i] ?? 0])

function quotesOf(pack: StrategyPack, params: Record<string, number>, view: Partial<QuoteView>) {
  const out = new Quotes()
  pack.create(params).quote(Object.assign(new QuoteView(), view), out)
  return { bids: rows(out.bidCount, out.bidTicks, out.bidLots), asks: rows(out.askCount, out.askTicks, out.askLots) }
}

describe.each(packs)('$file', ({ file, pack }) => {
  test('its id is its file name, and its keys are sound', () => {
    expect(pack.id).toBe(basename(file, '.ts'))
    expect(pack.doc).not.toBe('')
    expect(new Set(pack.keys.map(({ name }) => name)).size).toBe(pack.keys.length)
    for (const key of pack.keys) {
      expect(key.name).toMatch(/^[a-z][A-Za-z0-9]*$/)
      for (const value of [key.default, key.example]) {
        expect(value).toBeGreaterThanOrEqual(key.min)
        expect(value).toBeLessThanOrEqual(key.max)
      }
    }
    expect(pack.cases.length).toBeGreaterThan(0)
  })

  test.each(pack.cases)('case: $name', ({ params, view, bids, asks }) => {
    expect(quotesOf(pack, params, view)).toEqual({ bids, asks })
  })

  test('cases name only declared keys', () => {
    const names = new Set(pack.keys.map(({ name }) => name))
    expect(pack.cases.flatMap(({ params }) => Object.keys(params)).filter((name) => !names.has(name))).toEqual([])
  })
})

/** Any book, any position, any allowed parameters. */
const views = fc
  .record({
    bid: fc.integer({ min: 2, max: 2_000_000 }),
    spread: fc.integer({ min: 1, max: 500 }),
    bidLots: fc.integer({ min: 1, max: 1e6 }),
    askLots: fc.integer({ min: 1, max: 1e6 }),
    sigmaTicks: fc.double({ min: 0, max: 1_000, noNaN: true }),
    imbalance: fc.double({ min: -1, max: 1, noNaN: true }),
    ofiLots: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    quoteLots: fc.integer({ min: 1, max: 1_000 }),
    positionLots: fc.integer({ min: -5_000, max: 5_000 }),
    positionLotsMax: fc.integer({ min: 1, max: 3_000 }),
    sizeLotsMin: fc.integer({ min: 1, max: 5 }),
    halfSpreadTicksMin: fc.double({ min: 0, max: 50, noNaN: true }),
  })
  .map(
    ({ bid, spread, bidLots, askLots, sizeLotsMin, ...rest }): Partial<QuoteView> => ({
      ...rest,
      sizeLotsMin: sizeLots(sizeLotsMin),
      bestBidTicks: priceTicks(bid),
      bestAskTicks: priceTicks(bid + spread),
      bestBidLots: sizeLots(bidLots),
      bestAskLots: sizeLots(askLots),
      midHalfTicks: 2 * bid + spread,
      micropriceTicks: (bid * askLots + (bid + spread) * bidLots) / (bidLots + askLots),
    }),
  )
const paramsOf = (pack: StrategyPack): fc.Arbitrary<Record<string, number>> =>
  fc.record(
    Object.fromEntries(
      pack.keys.map(({ name, min, max, isInteger }) => [
        name,
        isInteger === true ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true }),
      ]),
    ),
  )
const sum = (levels: readonly [number, number][]): number => levels.reduce((total, [, lots]) => total + lots, 0)

describe.each(packs)('$file: any view, any parameters', ({ pack }) => {
  test('quotes are on the grid, ordered, inside the touch, and never outgrow the position limit', () => {
    fc.assert(
      fc.property(paramsOf(pack), views, (params, view) => {
        const { bids, asks } = quotesOf(pack, params, view)
        const full = Object.assign(new QuoteView(), view)
        for (const [ticks, lots] of [...bids, ...asks]) {
          expect(Number.isSafeInteger(ticks)).toBe(true)
          expect(ticks).toBeGreaterThanOrEqual(full.priceTicksMin)
          expect(Number.isSafeInteger(lots)).toBe(true)
          expect(lots).toBeGreaterThanOrEqual(full.sizeLotsMin)
          expect(lots).toBeLessThanOrEqual(full.quoteLots)
        }
        expect(Math.max(bids.length, asks.length)).toBeLessThanOrEqual(Math.min(params['levels'] ?? 0, LEVELS_MAX))
        for (let i = 1; i < bids.length; i++) expect(bids[i]?.[0]).toBeLessThan(bids[i - 1]?.[0] ?? 0)
        for (let i = 1; i < asks.length; i++) expect(asks[i]?.[0]).toBeGreaterThan(asks[i - 1]?.[0] ?? 0)
        const [bid, ask] = [bids[0]?.[0] ?? 0, asks[0]?.[0] ?? Number.MAX_VALUE]
        expect(bid).toBeLessThan(full.bestAskTicks)
        expect(ask).toBeGreaterThan(full.bestBidTicks)
        expect(bid).toBeLessThan(ask)
        expect(sum(bids)).toBeLessThanOrEqual(Math.max(full.positionLotsMax - full.positionLots, 0))
        expect(sum(asks)).toBeLessThanOrEqual(Math.max(full.positionLotsMax + full.positionLots, 0))
      }),
      { numRuns },
    )
  })

  test('more inventory never raises a quote', () => {
    fc.assert(
      fc.property(paramsOf(pack), views, fc.integer({ min: 1, max: 5_000 }), (params, view, more) => {
        const less = quotesOf(pack, params, view)
        const after = quotesOf(pack, params, { ...view, positionLots: (view.positionLots ?? 0) + more })
        if (less.bids[0] && after.bids[0]) expect(after.bids[0][0]).toBeLessThanOrEqual(less.bids[0][0])
        if (less.asks[0] && after.asks[0]) expect(after.asks[0][0]).toBeLessThanOrEqual(less.asks[0][0])
      }),
      { numRuns },
    )
  })

  test('the same view gives the same quotes, whatever came before', () => {
    fc.assert(
      fc.property(views, views, (before, view) => {
        const strategy = pack.create({})
        const [first, second] = [new Quotes(), new Quotes()]
        strategy.quote(Object.assign(new QuoteView(), before), first)
        strategy.quote(Object.assign(new QuoteView(), view), second)
        const alone = quotesOf(pack, {}, view)
        expect(rows(second.bidCount, second.bidTicks, second.bidLots)).toEqual(alone.bids)
        expect(rows(second.askCount, second.askTicks, second.askLots)).toEqual(alone.asks)
      }),
      { numRuns: numRuns / 5 },
    )
  })
})

describe('rounding is directional', () => {
  const symmetric = packs.find(({ pack }) => pack.id === 'symmetric')?.pack

  test('bids never above, asks never below the price asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 500, noNaN: true }), fc.integer({ min: 1_000, max: 2e6 }), (half, bid) => {
        if (symmetric === undefined) throw new Error('no symmetric strategy')
        const mid = bid + 0.5
        const view = {
          bestBidTicks: priceTicks(bid),
          bestAskTicks: priceTicks(bid + 1),
          bestBidLots: sizeLots(1),
          bestAskLots: sizeLots(1),
          midHalfTicks: 2 * mid,
          micropriceTicks: mid,
          halfSpreadTicksMin: half,
          quoteLots: 1,
          positionLotsMax: 10,
        }
        const { bids, asks } = quotesOf(symmetric, { halfSpreadBps: 0, levels: 1 }, view)
        expect(bids[0]?.[0]).toBe(Math.floor(mid - half))
        expect(asks[0]?.[0]).toBe(Math.ceil(mid + half))
      }),
      { numRuns },
    )
  })
})

describe('published numbers', () => {
  test('Avellaneda–Stoikov: the worked point', () => {
    const reservation = reservationPrice(100, 3, 0.1, 2, 1)
    const spread = optimalSpread(0.1, 2, 1.5, 1)
    expect(reservation).toBeCloseTo(98.8, 12)
    expect(spread).toBeCloseTo(1.6907704227514233, 12)
    expect(reservation - spread / 2).toBeCloseTo(97.95461478862428, 11)
    expect(reservation + spread / 2).toBeCloseTo(99.64538521137571, 11)
  })

  // hftbacktest's GLFT notebook; a paper-style set; the paper's A–S parameters.
  test.each([
    {
      gamma: 0.05,
      k: 0.04235741115084049,
      intensity: 2.986162360812285,
      sigma: 10.69,
      half: 20.47208533844371,
      skew: 9.76326865029227,
    },
    { gamma: 0.01, k: 0.3, intensity: 0.9, sigma: 0.3, half: 6.625830397129058 / 2, skew: 0.0678658325308838 },
    { gamma: 0.1, k: 1.5, intensity: 140, sigma: 2, half: 1.342487638873389 / 2, skew: 0.051717216121965996 },
  ])('GLFT: γ $gamma, k $k', ({ gamma, k, intensity, sigma, half, skew }) => {
    const perUnit = skewPerUnit(gamma, k, intensity, sigma)
    expect(perUnit / skew).toBeCloseTo(1, 12)
    expect((riskFreeHalfSpread(gamma, k) + perUnit / 2) / half).toBeCloseTo(1, 12)
  })

  test('GLFT: c1 and c2 of the notebook', () => {
    const [gamma, k, intensity] = [0.05, 0.04235741115084049, 2.986162360812285]
    expect(riskFreeHalfSpread(gamma, k)).toBeCloseTo(15.590451013297573, 11)
    expect(skewPerUnit(gamma, k, intensity, 1)).toBeCloseTo(0.9133085734604556, 12)
  })
})

/**
 * The exact stationary quotes: f is the eigenvector of the smallest eigenvalue of a tridiagonal matrix (|q| ≤ Q), found
 * here by inverse iteration; δᵇ(q) = (1/γ)·ln(1 + γ/k) + (1/k)·ln(f_q / f_{q+1}).
 */
function exactBidDistance(set: { gamma: number; k: number; intensity: number; sigma: number }, limit = 30) {
  const { gamma, k, intensity, sigma } = set
  const size = 2 * limit + 1
  const off = -intensity * (1 + gamma / k) ** -(1 + k / gamma)
  const diagonal = Array.from({ length: size }, (_, i) => (k / 2) * gamma * sigma ** 2 * (i - limit) ** 2)
  // A shift below the smallest eigenvalue (Gershgorin) keeps the factors positive.
  const shift = 2 * off - 1e-9
  let f = Array.from({ length: size }, () => 1)
  for (let step = 0; step < 20_000; step++) f = normalised(solve(diagonal, off, shift, f))
  const at = (q: number): number => f[q + limit] ?? Number.NaN
  return (q: number): number => Math.log(1 + gamma / k) / gamma + Math.log(at(q) / at(q + 1)) / k
}

const normalised = (f: number[]): number[] => f.map((x) => x / Math.max(...f))

function solve(diagonal: readonly number[], off: number, shift: number, right: readonly number[]): number[] {
  const upper: number[] = []
  const value: number[] = []
  diagonal.forEach((d, i) => {
    const pivot = d - shift - off * (upper[i - 1] ?? 0)
    upper.push(off / pivot)
    value.push(((right[i] ?? 0) - off * (value[i - 1] ?? 0)) / pivot)
  })
  for (let i = value.length - 2; i >= 0; i--) value[i] = (value[i] ?? 0) - (upper[i] ?? 0) * (value[i + 1] ?? 0)
  return value
}

describe('GLFT closed form against the exact stationary solution', () => {
  const paper = { gamma: 0.01, k: 0.3, intensity: 0.9, sigma: 0.3 }
  const avellaneda = { gamma: 0.1, k: 1.5, intensity: 140, sigma: 2 }
  const closed = ({ gamma, k, intensity, sigma }: typeof paper, q: number): number => {
    const perUnit = skewPerUnit(gamma, k, intensity, sigma)
    return riskFreeHalfSpread(gamma, k) + perUnit / 2 + q * perUnit
  }
  const [paperExact, avellanedaExact] = [exactBidDistance(paper), exactBidDistance(avellaneda)]

  test.each([
    [-20, 1.959199, 1.955599],
    [-10, 2.632802, 2.634257],
    [0, 3.313045, 3.312915],
    [5, 3.65348, 3.652244],
    [10, 3.992933, 3.991574],
    [20, 4.665542, 4.670232],
  ])('q %d', (q, exact, approximate) => {
    expect(paperExact(q)).toBeCloseTo(exact, 5)
    expect(closed(paper, q)).toBeCloseTo(approximate, 5)
    expect(Math.abs(closed(paper, q) / paperExact(q) - 1)).toBeLessThan(0.002)
  })

  test.each([
    [0, 0.671628, 0.671244],
    [10, 1.18142, 1.188416],
    [20, 1.627164, 1.705588],
  ])('A–S parameters, q %d: worse far out, which is why the skew is clamped', (q, exact, approximate) => {
    expect(avellanedaExact(q)).toBeCloseTo(exact, 5)
    expect(closed(avellaneda, q)).toBeCloseTo(approximate, 5)
    expect(Math.abs(closed(avellaneda, q) / avellanedaExact(q) - 1)).toBeLessThan(0.05)
  })
})
