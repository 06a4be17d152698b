/**
 * The synthetic market against the recorded one, its determinism, and what a maker earns in it: fills often enough, no
 * free money, no ruin. The recorded figures stand here so that the comparison runs everywhere; where the capture is at
 * hand they are measured again.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { rateE8, timeUs } from '../../../src/core/domain/units.ts'
import { BookMarket } from '../../../src/core/exchange/sim/book-market.ts'
import { Flow } from '../../../src/core/exchange/sim/flow.ts'
import { BTCUSDT_FLOW, SYNTHETIC_PROFILES, syntheticMarkets } from '../../../src/core/exchange/sim/profiles.ts'
import { CAPTURE, hasCapture } from '../../recording/capture.ts'
import { MarketStatistics, type Statistics } from './market-statistics.ts'
import { E8, Rig } from './rig.ts'

const US = 1_000_000

/** Of `binance-usdm-btcusdt-20240808.raw.gz`, and the factor within which the synthetic market has to agree. */
const RECORDED: readonly (readonly [keyof Statistics, value: number, factor: number])[] = [
  ['tightShare', 0.991, 1.02],
  ['spreadMean', 1.14, 1.25],
  ['touchMedian', 3_370, 2],
  ['depth10', 4_464, 1.6],
  ['depth100', 13_720, 1.6],
  ['depth1000', 421_600, 1.6],
  ['sigma100ms', 80.1, 1.7],
  ['sigma1s', 75, 1.7],
  ['sigma10s', 74.3, 1.7],
  ['kurtosis1s', 21.9, 3],
  ['stillShare100ms', 0.889, 1.1],
  ['ordersPerS', 15.8, 1.7],
  ['fillsPerS', 62, 1.6],
  ['orderSizeMedian', 30, 1.4],
  ['orderSizeMean', 447, 1.4],
  ['fano100ms', 7.06, 1.6],
  ['fano1s', 25.4, 1.8],
  ['signs1', 0.199, 1.5],
  ['signs20', 0.0989, 2.2],
]

function synthetic(seed: number, seconds: number): Statistics {
  const statistics = new MarketStatistics()
  const market = new BookMarket('linear', 'BTCUSDT', new Flow(BTCUSDT_FLOW, new Prng(seed), 0))
  market.attach({
    match: (_market, match) => statistics.trade(match.atUs / US, match.side, match.lots),
    isSelf: () => false,
    smpCancelled: () => {},
  })
  const ticks = new Float64Array(5_000)
  const lots = new Float64Array(5_000)
  for (let sampleUs = 5 * US; market.nextUs() < seconds * US; ) {
    const nowUs = market.nextUs()
    market.step()
    const bid = market.bestTicks(1)
    const ask = market.bestTicks(-1)
    if (bid > 0 && ask > 0) statistics.quote(nowUs / US, bid, ask, market.book.lotsAtRank(1, 0))
    if (nowUs < sampleUs) continue
    sampleUs += 2 * US
    const levels: [number, number][] = []
    for (const side of [1, -1] as const) {
      const count = market.depth(side, 5_000, ticks, lots)
      for (let i = 0; i < count; i++) levels.push([side * ((ticks[0] ?? 0) - (ticks[i] ?? 0)), lots[i] ?? 0])
    }
    statistics.depth(levels)
  }
  return statistics.result()
}

function averaged(results: readonly Statistics[], of: keyof Statistics): number {
  return results.reduce((sum, result) => sum + result[of], 0) / results.length
}

describe('statistics', () => {
  const results = [1, 2, 3, 4, 5, 6].map((seed) => synthetic(seed, 345))

  test.each(RECORDED)('%s: recorded %d, within a factor of %d', (name, value, factor) => {
    const ratio = averaged(results, name) / value
    expect(ratio).toBeGreaterThan(1 / factor)
    expect(ratio).toBeLessThan(factor)
  })

  test('moves of one second say almost nothing about the next', () => {
    expect(Math.abs(averaged(results, 'autocorrelation1s'))).toBeLessThan(0.12)
  })

  test('the recorded figures are those of the capture', () => {
    if (!hasCapture()) return expect(RECORDED.length).toBeGreaterThan(10)
    const measured = captured()
    for (const [name, value] of RECORDED) expect([name, measured[name] / value]).toEqual([name, expect.closeTo(1, 1)])
  })
})

describe('determinism', () => {
  function trace(seed: number, stepUs: number): string {
    const rig = new Rig({ exchange: { startUs: timeUs(0), markets: syntheticMarkets(seed, 0) } })
    for (let us = 0; us < 5 * US; us += stepUs) rig.exchange.advance(timeUs(us))
    rig.exchange.advance(timeUs(5 * US))
    const tape = rig.told.trades.map((t) => [t.category, t.symbol, t.priceTicks, t.sizeLots, t.exchangeUs, t.tradeId])
    return JSON.stringify([tape, rig.exchange.crossSeq])
  }

  test('the same seed gives the same market, however often it is asked to advance', () => {
    expect(trace(7, US)).toBe(trace(7, 777))
  })

  test('another seed gives another market', () => {
    expect(trace(7, US)).not.toBe(trace(8, US))
  })

  test('spot and inverse follow the linear price', () => {
    const rig = new Rig({ exchange: { startUs: timeUs(0), markets: syntheticMarkets(3, 0) } })
    for (let s = 1; s <= 60; s++) {
      rig.exchange.advance(timeUs(s * US))
      const mid = (category: 'linear' | 'spot' | 'inverse', symbol: string, tick: number): number => {
        const market = rig.exchange.market(category, symbol)
        return (((market?.bestTicks(1) ?? 0) + (market?.bestTicks(-1) ?? 0)) / 2) * tick
      }
      const linear = mid('linear', 'BTCUSDT', 0.1)
      expect(Math.abs(mid('spot', 'BTCUSDT', 0.01) - linear) / linear).toBeLessThan(0.001)
      expect(Math.abs(mid('inverse', 'BTCUSD', 0.1) - linear) / linear).toBeLessThan(0.001)
    }
  })
})

describe('a maker in this market', () => {
  test('at the touch: 20 fills in 30 s and more', () => {
    for (const seed of [1, 2, 3, 4]) expect(quoted(seed, 30, 0).fills).toBeGreaterThanOrEqual(20)
  })

  test('near the touch and far from it: no free money after fees, no ruin before them', () => {
    for (const away of [0, 20, 100]) {
      const runs = [1, 2, 3, 4, 5].map((seed) => quoted(seed, 60, away))
      const lots = runs.reduce((sum, run) => sum + run.lots, 0)
      const gain = runs.reduce((sum, run) => sum + run.gainTicks, 0) / lots
      // 2 bp of 61,800 are 124 ticks.
      expect([away, gain < 124]).toEqual([away, true])
      expect([away, gain > -124]).toEqual([away, true])
    }
  })
})

/** Both sides, 20 lots, `away` ticks behind the best prices, looked at every 100 ms; fees left out of the gain. */
function quoted(seed: number, seconds: number, away: number): { fills: number; lots: number; gainTicks: number } {
  const [row] = SYNTHETIC_PROFILES
  if (row === undefined) throw new Error('there is a first market')
  const free = { makerFee: rateE8(0), takerFee: rateE8(0) }
  const accounts = [{ uid: 'a', balances: { USDT: 10n ** 8n * E8 }, ...free }]
  const markets = syntheticMarkets(seed, 0, [row])
  const rig = new Rig({ accounts, exchange: { startUs: timeUs(0), markets, seed } })
  const { exchange, told } = rig
  const market = exchange.market('linear', 'BTCUSDT')
  for (let ms = 0; ms < seconds * 1_000; ms += 100) {
    const nowUs = timeUs(ms * 1_000)
    exchange.advance(nowUs)
    const held = exchange.positions('a')[0]?.lots ?? 0
    for (const side of [1, -1] as const) {
      const wanted = (market?.bestTicks(side) ?? 0) - side * away
      const mine = exchange.openOrders('a').filter((order) => order.side === side)
      for (const { priceTicks, orderId } of mine) {
        if (priceTicks === wanted) continue
        const id = { category: 'linear', symbol: 'BTCUSDT', orderId, orderLinkId: '' } as const
        exchange.cancel('a', { ...id, orderFilter: null }, nowUs)
      }
      if (wanted <= 0 || mine.some((order) => order.priceTicks === wanted) || held * side >= 200) continue
      exchange.place('a', rig.command(side, wanted, 20, { timeInForce: 'PostOnly' }), nowUs)
    }
  }
  const position = exchange.positions('a')[0]
  const mid = ((market?.bestTicks(1) ?? 0) + (market?.bestTicks(-1) ?? 0)) / 2
  const realised = Number(position?.realisedE8 ?? 0n) / 1e4
  const open = (position?.lots ?? 0) * mid - Number(position?.costE8 ?? 0n) / 1e4
  const lots = told.executions.reduce((sum, e) => sum + e.sizeLots, 0)
  return { fills: told.executions.length, lots, gainTicks: realised + open }
}

function captured(): Statistics {
  const statistics = new MarketStatistics()
  const sides = { b: new Map<number, number>(), a: new Map<number, number>() }
  let best: readonly [bid: number, ask: number] = [0, 0]
  let frames = 0
  const set = (side: 'a' | 'b', levels: readonly (readonly [string, string])[]): void => {
    for (const [price, size] of levels) {
      const lots = Math.round(+size * 1_000)
      if (lots === 0) sides[side].delete(Math.round(+price * 10))
      else sides[side].set(Math.round(+price * 10), lots)
    }
  }
  for (const line of gunzipSync(readFileSync(CAPTURE)).toString().split('\n')) {
    if (line === '') continue
    const frame = JSON.parse(line.slice(line.indexOf(' ') + 1))
    if (frame.bids !== undefined) {
      set('b', frame.bids)
      set('a', frame.asks)
      continue
    }
    const { data } = frame
    if (data.e === 'trade') statistics.trade(data.T / 1_000, data.m === true ? -1 : 1, Math.round(+data.q * 1_000))
    else if (data.e === 'bookTicker') {
      best = [Math.round(+data.b * 10), Math.round(+data.a * 10)]
      statistics.quote(data.T / 1_000, best[0], best[1], Math.round(+data.B * 1_000))
    } else {
      set('b', data.b)
      set('a', data.a)
      if (++frames % 20 === 0 && frames > 300) statistics.depth(nearLevels(sides, best))
    }
  }
  return statistics.result()
}

function nearLevels(
  sides: { readonly b: ReadonlyMap<number, number>; readonly a: ReadonlyMap<number, number> },
  [bid, ask]: readonly [number, number],
): [number, number][] {
  const bids = Array.from(sides.b, ([ticks, lots]): [number, number] => [bid - ticks, lots])
  const asks = Array.from(sides.a, ([ticks, lots]): [number, number] => [ticks - ask, lots])
  return [...bids, ...asks].filter(([away]) => away >= 0)
}
