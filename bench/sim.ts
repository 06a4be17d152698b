/**
 * Cost of the simulated exchange: one operation on the FIFO book, one event of the synthetic crowd, one order through
 * gateway, matching, ledger and sink, and one level change of a replayed market while orders of ours stand in it.
 */
import { BookEvent } from '../src/core/domain/event.ts'
import { Prng } from '../src/core/domain/prng.ts'
import { timeUs } from '../src/core/domain/units.ts'
import { BookMarket } from '../src/core/exchange/sim/book-market.ts'
import { Flow } from '../src/core/exchange/sim/flow.ts'
import { constantLatency } from '../src/core/exchange/sim/latency.ts'
import type { PlaceCommand, SimSink } from '../src/core/exchange/sim/model.ts'
import { BTCUSDT_FLOW, listingOf, SYNTHETIC_PROFILES } from '../src/core/exchange/sim/profiles.ts'
import { power2 } from '../src/core/exchange/sim/queue-model.ts'
import { ReplayMarket } from '../src/core/exchange/sim/replay-market.ts'
import { SimExchange } from '../src/core/exchange/sim/sim-exchange.ts'
import { PLAIN_ORDER } from '../test/exchange/sim/plain-order.ts'

const REPS = 5

export interface SimFigures {
  readonly bookOpNs: number
  readonly flowEventsPerS: number
  readonly orderUs: number
  readonly replayLevelsPerS: number
}

export function run(): SimFigures {
  const figures = {
    bookOpNs: best(bookOps),
    flowEventsPerS: 1e9 / best(flowEvents),
    orderUs: best(orders) / 1e3,
    replayLevelsPerS: 1e9 / best(replayLevels),
  }
  const print = (text: string): boolean => process.stdout.write(`${text}\n`)
  print(`FIFO book: ${figures.bookOpNs.toFixed(0)} ns per operation (add, cancel, take)`)
  print(`crowd: ${Math.round(figures.flowEventsPerS).toLocaleString('en')} events/s`)
  print(`order: ${figures.orderUs.toFixed(2)} µs from gateway to sink (place, match or rest, cancel)`)
  print(`replay: ${Math.round(figures.replayLevelsPerS).toLocaleString('en')} level changes/s with 4 orders of ours`)
  return figures
}

/** Nanoseconds per operation, the best of some repetitions. */
function best(measure: () => { readonly ns: number; readonly count: number }): number {
  let ns = Number.POSITIVE_INFINITY
  for (let i = 0; i < REPS; i++) {
    const { ns: total, count } = measure()
    ns = Math.min(ns, total / count)
  }
  return ns
}

function timed(count: number, work: () => void): { readonly ns: number; readonly count: number } {
  const start = process.hrtime.bigint()
  work()
  return { ns: Number(process.hrtime.bigint() - start), count }
}

function bookOps() {
  const market = new BookMarket('linear', 'BTCUSDT')
  const prng = new Prng(1)
  const count = 600_000
  const draws = Float64Array.from({ length: count }, () => prng.next())
  const resting = new Int32Array(4_096)
  return timed(count, () => {
    for (let i = 0; i < count; i++) {
      const draw = draws[i] ?? 0
      const side = draw < 0.5 ? 1 : -1
      const slot = i & 4_095
      // Crowd orders by handle: a slot is added, then cancelled when its turn comes again.
      const known = resting[slot] ?? 0
      if (known !== 0) {
        market.book.remove(known)
        resting[slot] = 0
      } else if (draw > 0.95) market.book.take(side, 100_000 + side * 5, 1, 'None', market)
      else resting[slot] = market.book.add(side, 100_000 - side * (50 + (Math.floor(draw * 997) % 200)), 1e9, 0)
    }
  })
}

function flowEvents() {
  const market = new BookMarket('linear', 'BTCUSDT', new Flow(BTCUSDT_FLOW, new Prng(1), 0))
  for (let i = 0; i < 20_000; i++) market.step()
  const wanted = 200_000
  return timed(wanted, () => {
    // Draws that thinning throws away are no events.
    for (let done = 0; done < wanted; ) if (market.step()) done++
  })
}

const SILENT: SimSink = { order() {}, execution() {}, position() {}, wallet() {}, trade() {}, book() {} }

function orders() {
  const [row] = SYNTHETIC_PROFILES
  if (row === undefined) throw new Error('there is a first market')
  const market = new BookMarket('linear', 'BTCUSDT')
  const exchange = new SimExchange({
    seed: 1,
    startUs: timeUs(0),
    markets: [{ listing: listingOf(row), market }],
    accounts: ['a', 'b'].map((uid) => ({ uid, balances: { USDT: 10n ** 18n } })),
    sink: SILENT,
    matchLatency: constantLatency(100),
  })
  const count = 40_000
  let nowUs = 0
  return timed(count, () => {
    for (let i = 0; i < count; i++) {
      nowUs += 1_000
      // Every second pair trades, the other is cancelled.
      const isTrade = (i & 2) !== 0
      const side = (i & 1) === 0 ? 1 : -1
      const result = exchange.place(
        i & 1 ? 'b' : 'a',
        command(side, isTrade ? 618_000 : 618_000 - side * 50),
        timeUs(nowUs),
      )
      if (isTrade) continue
      exchange.advance(timeUs(nowUs + 500))
      const id = { category: 'linear', symbol: 'BTCUSDT', orderId: result.orderId, orderLinkId: '' } as const
      exchange.cancel(i & 1 ? 'b' : 'a', { ...id, orderFilter: null }, timeUs(nowUs + 500))
    }
  })
}

function replayLevels() {
  const market = new ReplayMarket('linear', 'BTCUSDT', power2(2))
  const prng = new Prng(2)
  const snapshot = new BookEvent()
  snapshot.isSnapshot = true
  for (let i = 1; i <= 1_000; i++) {
    snapshot.addBid(618_000 - i, prng.int(1, 5_000))
    snapshot.addAsk(618_000 + i, prng.int(1, 5_000))
  }
  market.onBook(snapshot)
  for (const [ref, side, ticks] of [
    [1, 1, 617_999],
    [2, 1, 617_990],
    [3, -1, 618_001],
    [4, -1, 618_010],
  ] as const) {
    market.rest(ref, side, ticks, 10)
  }
  const events = Array.from({ length: 2_000 }, () => {
    const event = new BookEvent(64)
    for (let i = 0; i < 25; i++) {
      event.addBid(618_000 - 1 - Math.floor(prng.next() ** 2 * 1_000), prng.chance(0.2) ? 0 : prng.int(1, 5_000))
      event.addAsk(618_000 + 1 + Math.floor(prng.next() ** 2 * 1_000), prng.chance(0.2) ? 0 : prng.int(1, 5_000))
    }
    return event
  })
  return timed(events.length * 50 * 10, () => {
    for (let rep = 0; rep < 10; rep++) for (const event of events) market.onBook(event)
  })
}

function command(side: 1 | -1, ticks: number): PlaceCommand {
  return { ...PLAIN_ORDER, side, priceTicks: ticks as PlaceCommand['priceTicks'] }
}

if (import.meta.main) run()
