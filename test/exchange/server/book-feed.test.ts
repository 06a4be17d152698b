/** Books: what a client rebuilds from snapshot and deltas equals the exchange's own book; u, cadence, repeats, cts. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../../src/core/domain/units.ts'
import { fromStepsPadded } from '../../../src/core/domain/fixed.ts'
import { CADENCE_US } from '../../../src/core/exchange/sim/server/sockets/book-feeds.ts'
import { Listener, rig, type Rig, type Row, stillMarkets } from './harness.ts'

const RUNS = process.env['MM_VERIFY'] === '1' ? 200 : 6

interface BookFrame {
  readonly type: string
  readonly ts: number
  readonly cts: number
  readonly data: {
    readonly b: [string, string][]
    readonly a: [string, string][]
    readonly u: number
    readonly seq: number
  }
}

/** A client's book: price text → size text, as any client keeps it. */
class Rebuilt {
  readonly bids = new Map<string, string>()
  readonly asks = new Map<string, string>()
  lastUpdateId = 0

  apply(frame: BookFrame): void {
    if (frame.type === 'snapshot') {
      this.bids.clear()
      this.asks.clear()
    } else expect(frame.data.u).toBe(this.lastUpdateId + 1)
    this.lastUpdateId = frame.data.u
    put(this.bids, frame.data.b)
    put(this.asks, frame.data.a)
  }

  side(side: Side): [string, string][] {
    return [...(side === 1 ? this.bids : this.asks)].sort(([a], [b]) => (Number(b) - Number(a)) * side)
  }
}

function put(into: Map<string, string>, levels: readonly [string, string][]): void {
  for (const [price, size] of levels) {
    if (size === '0') expect(into.delete(price), `delete of the absent level ${price}`).toBe(true)
    else into.set(price, size)
  }
}

/** The exchange's own book, read past every feed. */
function truth({ server }: Rig, side: Side, depth: number): [string, string][] {
  const ticks = new Float64Array(depth)
  const lots = new Float64Array(depth)
  const count = server.exchange.market('linear', 'BTCUSDT')?.depth(side, depth, ticks, lots) ?? 0
  const instrument = server.exchange.listing('linear', 'BTCUSDT')?.instrument
  if (instrument === undefined) throw new Error('not listed')
  return Array.from({ length: count }, (_, i) => [
    fromStepsPadded(ticks[i] ?? 0, instrument.price),
    fromStepsPadded(lots[i] ?? 0, instrument.size),
  ])
}

const frames = (listener: Listener, depth: number): BookFrame[] =>
  listener.of(`orderbook.${depth}.BTCUSDT`) as unknown[] as BookFrame[]

async function subscribed(world: Rig, depth: number): Promise<Listener> {
  const listener = new Listener(world, '/v5/public/linear')
  await listener.say({ op: 'subscribe', args: [`orderbook.${depth}.BTCUSDT`], req_id: 1 })
  return listener
}

describe.each([50, 200, 1000])('depth %d', (depth) => {
  test('rebuilt book = book, u contiguous, no delete of an absent level', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 300_000, max: 2_500_000 }),
        async (seed, us) => {
          const world = rig({ seed, symbols: ['BTCUSDT'] })
          const listener = await subscribed(world, depth)
          const book = new Rebuilt()
          await world.client.run(us)
          // A late listener gets a snapshot that the shared deltas continue.
          const late = await subscribed(world, depth)
          await world.client.run(us)
          const all = frames(listener, depth)
          for (const frame of all) book.apply(frame)
          const other = new Rebuilt()
          for (const frame of frames(late, depth)) other.apply(frame)
          expect(all.length).toBeGreaterThan(2)
          expect(other.side(1)).toEqual(book.side(1))
          expect(other.side(-1)).toEqual(book.side(-1))
          const rest = await world.client.get('/v5/market/orderbook', 'category=linear&symbol=BTCUSDT&limit=1000', null)
          if (depth === 1000)
            expect(rest.result).toMatchObject({ u: book.lastUpdateId, b: book.side(1), a: book.side(-1) })
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('frames keep the cadence, seq and cts never fall', async () => {
    const world = rig({ symbols: ['BTCUSDT'] })
    const listener = await subscribed(world, depth)
    await world.client.run(3_000_000)
    const all = frames(listener, depth)
    const cadenceMs = (CADENCE_US[depth] ?? 0) / 1_000
    for (const [i, frame] of all.entries()) {
      const before = all[i - 1]
      if (before === undefined) continue
      expect(frame.ts - before.ts).toBeGreaterThanOrEqual(cadenceMs - 1)
      expect(frame.data.seq).toBeGreaterThanOrEqual(before.data.seq)
      expect(frame.cts).toBeGreaterThanOrEqual(before.cts)
      expect(frame.cts).toBeLessThanOrEqual(frame.ts)
    }
  })
})

test('every frame leads to the exchange’s own book, an order of ours included', async () => {
  const world = rig({ symbols: ['BTCUSDT'] })
  const listener = await subscribed(world, 50)
  const book = new Rebuilt()
  for (const frame of frames(listener, 50)) book.apply(frame)
  let agreed = 0
  listener.onFrame = (row) => {
    const frame = row as unknown as BookFrame
    book.apply(frame)
    // Nothing happened at this microsecond after the frame was made.
    if (frame.data.seq !== world.server.exchange.crossSeq) return
    expect(book.side(1)).toEqual(truth(world, 1, 50))
    expect(book.side(-1)).toEqual(truth(world, -1, 50))
    agreed++
  }
  await world.client.run(2_000_000)
  expect(agreed).toBeGreaterThan(50)
  const price = book.side(1)[40]?.[0] ?? ''
  const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '7.777', price }
  await world.client.post('/v5/order/create', { ...order, timeInForce: 'PostOnly' })
  await world.client.run(20_000)
  expect(Number(book.bids.get(price))).toBeGreaterThanOrEqual(7.777)
})

describe('depth 1', () => {
  test('snapshots of one level a side, and the same u again after 3 s of silence', async () => {
    const world = rig({ markets: stillMarkets() })
    const listener = await subscribed(world, 1)
    await world.client.run(10_000_000)
    const all = frames(listener, 1)
    expect(all.map(({ type }) => type)).toEqual(['snapshot', 'snapshot', 'snapshot', 'snapshot'])
    expect(new Set(all.map(({ data }) => data.u)).size).toBe(1)
    expect(all.map(({ ts }) => ts - (all[0]?.ts ?? 0))).toEqual([0, 3_000, 6_000, 9_000])
    expect(all[0]?.data).toMatchObject({ b: [['61800.0', '1.000']], a: [['61800.1', '1.000']] })
  })

  test('a change is shown with a new u within 10 ms', async () => {
    const world = rig({ symbols: ['BTCUSDT'] })
    const listener = await subscribed(world, 1)
    await world.client.run(2_000_000)
    const all = frames(listener, 1)
    expect(all.length).toBeGreaterThan(20)
    for (const [i, frame] of all.entries()) if (i > 0) expect(frame.data.u).toBe((all[i - 1]?.data.u ?? 0) + 1)
  })
})

test('cts of a book that a trade changed is the trade’s T, and both have its seq', async () => {
  const world = rig({ markets: stillMarkets() })
  const listener = await subscribed(world, 50)
  await listener.say({ op: 'subscribe', args: ['publicTrade.BTCUSDT'] })
  await world.client.post('/v5/order/create', {
    category: 'linear',
    symbol: 'BTCUSDT',
    side: 'Buy',
    orderType: 'Market',
    qty: '0.5',
  })
  await world.client.run(50_000)
  const trade = listener.of('publicTrade.BTCUSDT').flatMap((frame) => frame['data'] as Row[])[0]
  const book = frames(listener, 50).at(-1)
  expect(book?.data.a).toEqual([['61800.1', '0.500']])
  expect(book?.cts).toBe(trade?.['T'])
  expect(book?.data.seq).toBe(trade?.['seq'])
})
