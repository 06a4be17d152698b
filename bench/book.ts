/**
 * Book update cost beside ccxt's pro order book on the same deltas: 200 levels a side, about 12 level changes a message,
 * and after each message the best prices and the top five are read. Both must give the same answers, checked first.
 */
import { OrderBook } from '../node_modules/ccxt/js/src/base/ws/OrderBook.js'
import { Book } from '../src/core/domain/book.ts'
import { BookEvent } from '../src/core/domain/event.ts'
import { Prng } from '../src/core/domain/prng.ts'
import { BUY, SELL, type Side } from '../src/core/domain/units.ts'

const MESSAGES = 20_000
const LEVELS = 200
const CHANGES = 12
const REPS = 7
const TOP = 5

interface Reader {
  apply(event: BookEvent): void
  /** Best prices and the top five sizes and prices, folded into one number. */
  read(): number
}

function ours(): Reader {
  const book = new Book()
  const [ticks, lots] = [new Float64Array(TOP), new Float64Array(TOP)]
  const fold = (side: Side): number => {
    const count = book.top(side, TOP, ticks, lots)
    let sum = 0
    for (let i = 0; i < count; i++) sum += (ticks[i] ?? 0) * (i + 1) + (lots[i] ?? 0)
    return sum
  }
  return {
    apply: (event) => book.apply(event),
    read: () => book.bestBidTicks + 3 * book.bestAskTicks + fold(BUY) + 7 * fold(SELL),
  }
}

function ccxt(): Reader {
  const book = new OrderBook()
  const fold = (rows: readonly (readonly number[])[]): number => {
    const count = Math.min(TOP, rows.length)
    let sum = 0
    for (let i = 0; i < count; i++) sum += (rows[i]?.[0] ?? 0) * (i + 1) + (rows[i]?.[1] ?? 0)
    return sum
  }
  return {
    apply(event) {
      if (event.isSnapshot) book.reset({})
      for (let i = 0; i < event.bidCount; i++) book.bids.store(event.bidTicks[i], event.bidLots[i])
      for (let i = 0; i < event.askCount; i++) book.asks.store(event.askTicks[i], event.askLots[i])
    },
    read: () => (book.bids[0]?.[0] ?? 0) + 3 * (book.asks[0]?.[0] ?? 0) + fold(book.bids) + 7 * fold(book.asks),
  }
}

/** A stream as an exchange sends it: changes cluster at the touch, the mid drifts, each price at most once a message. */
function makeTape(prng: Prng): Tape {
  const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() }
  let mid = 600_000
  const first = new BookEvent(LEVELS)
  first.isSnapshot = true
  for (let i = 1; i <= LEVELS; i++) {
    first.addBid(mid - i, prng.int(1, 5_000))
    first.addAsk(mid + i, prng.int(1, 5_000))
  }
  record(first, sides)
  const tape = new Tape()
  tape.add(first)
  const event = new BookEvent(32)
  while (tape.ends.length < MESSAGES) {
    if (prng.chance(0.2)) mid += prng.chance(0.5) ? 1 : -1
    event.clear()
    const changed = new Set<number>()
    for (const ticks of sides.bids.keys()) if (ticks >= mid) drop(event, BUY, ticks, changed)
    for (const ticks of sides.asks.keys()) if (ticks <= mid) drop(event, SELL, ticks, changed)
    while (changed.size < CHANGES) change(event, prng, mid, sides, changed)
    record(event, sides)
    tape.add(event)
  }
  return tape
}

/** All messages one after the other in flat arrays, so that the harness costs no cache misses of its own. */
class Tape {
  readonly ends: number[] = []
  private ticks = new Float64Array(1 << 20)
  private lots = new Float64Array(1 << 20)
  private used = 0

  add(event: BookEvent): void {
    for (let i = 0; i < event.bidCount; i++) this.push(event.bidTicks[i] ?? 0, event.bidLots[i] ?? 0)
    for (let i = 0; i < event.askCount; i++) this.push(-(event.askTicks[i] ?? 0), event.askLots[i] ?? 0)
    this.ends.push(this.used)
  }

  /** Levels of all messages. */
  get length(): number {
    return this.used
  }

  /** Fills `event` with message `index`, as a decoder would. */
  read(index: number, event: BookEvent): void {
    event.clear()
    event.isSnapshot = index === 0
    const { ticks, lots } = this
    const end = this.ends[index] ?? 0
    for (let i = this.ends[index - 1] ?? 0; i < end; i++) {
      const price = ticks[i] ?? 0
      if (price > 0) event.addBid(price, lots[i] ?? 0)
      else event.addAsk(-price, lots[i] ?? 0)
    }
  }

  private push(ticks: number, lots: number): void {
    this.ticks[this.used] = ticks
    this.lots[this.used++] = lots
  }
}

type Sides = Record<'bids' | 'asks', Map<number, number>>

function drop(event: BookEvent, side: Side, ticks: number, changed: Set<number>): void {
  if (side === BUY) event.addBid(ticks, 0)
  else event.addAsk(ticks, 0)
  changed.add(side * ticks)
}

function change(event: BookEvent, prng: Prng, mid: number, sides: Sides, changed: Set<number>): void {
  const side: Side = prng.chance(0.5) ? BUY : SELL
  const ticks = mid - side * (1 + Math.floor(prng.exponential(25)))
  if (changed.has(side * ticks)) return
  const own = side === BUY ? sides.bids : sides.asks
  const isDelete = own.has(ticks) && own.size > LEVELS * 0.9 && prng.chance(0.25)
  if (isDelete) return drop(event, side, ticks, changed)
  changed.add(side * ticks)
  if (side === BUY) event.addBid(ticks, prng.int(1, 5_000))
  else event.addAsk(ticks, prng.int(1, 5_000))
}

function record(event: BookEvent, sides: Sides): void {
  const put = (map: Map<number, number>, ticks = 0, lots = 0): unknown =>
    lots === 0 ? map.delete(ticks) : map.set(ticks, lots)
  for (let i = 0; i < event.bidCount; i++) put(sides.bids, event.bidTicks[i], event.bidLots[i])
  for (let i = 0; i < event.askCount; i++) put(sides.asks, event.askTicks[i], event.askLots[i])
}

/** ns per message. `reader` null: the harness alone. */
function time(reader: Reader | null, tape: Tape): number {
  const event = new BookEvent(LEVELS)
  let sink = 0
  const start = process.hrtime.bigint()
  for (let i = 0; i < tape.ends.length; i++) {
    tape.read(i, event)
    reader?.apply(event)
    sink += reader?.read() ?? event.bidCount
  }
  const elapsed = Number(process.hrtime.bigint() - start) / tape.ends.length
  if (Number.isNaN(sink)) throw new Error('the book returned no number')
  return elapsed
}

function differences(tape: Tape): number {
  const [a, b] = [ours(), ccxt()]
  const event = new BookEvent(LEVELS)
  let count = 0
  for (let i = 0; i < tape.ends.length; i++) {
    tape.read(i, event)
    a.apply(event)
    b.apply(event)
    if (a.read() !== b.read()) count++
  }
  return count
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Runs and prints; throws when the two books ever disagree. The harness' own cost is in both figures. */
export function run(): { oursNs: number; ccxtNs: number; harnessNs: number; ratio: number; bytesPerMessage: number } {
  const tape = makeTape(new Prng(4))
  const wrong = differences(tape)
  if (wrong > 0) throw new Error(`the two books differ after ${wrong} of ${tape.ends.length} messages`)
  const times = { ours: [] as number[], ccxt: [] as number[], harness: [] as number[] }
  for (let rep = 0; rep < REPS; rep++) {
    times.ours.push(time(ours(), tape))
    times.ccxt.push(time(ccxt(), tape))
    times.harness.push(time(null, tape))
  }
  const [oursNs, ccxtNs, harnessNs] = [median(times.ours), median(times.ccxt), median(times.harness)]
  const result = { oursNs, ccxtNs, harnessNs, ratio: ccxtNs / oursNs, bytesPerMessage: bytesPerMessage(tape) }
  const changes = tape.length / tape.ends.length
  process.stdout.write(
    `${tape.ends.length} messages, ${changes.toFixed(1)} level changes each, ${LEVELS} levels a side, answers equal\n` +
      `ours ${oursNs.toFixed(0)} ns/message (${(oursNs / changes).toFixed(1)} ns per level change, ` +
      `${result.bytesPerMessage.toFixed(1)} bytes allocated) · ccxt ${ccxtNs.toFixed(0)} ns/message · ` +
      `harness alone ${harnessNs.toFixed(0)} · ratio ${result.ratio.toFixed(1)}× (wanted ≥ 8×)\n`,
  )
  return result
}

// Heap growth over all messages on a warm book; reading is left out, as the numbers summed above are the harness' own.
function bytesPerMessage(tape: Tape): number {
  const [book, event] = [new Book(), new BookEvent(LEVELS)]
  let before = 0
  for (let rep = 0; rep < 4; rep++) {
    if (rep === 3) globalThis.gc?.()
    before = process.memoryUsage().heapUsed
    for (let i = 0; i < tape.ends.length; i++) {
      tape.read(i, event)
      book.apply(event)
    }
  }
  return (process.memoryUsage().heapUsed - before) / tape.ends.length
}

if (import.meta.main) run()
