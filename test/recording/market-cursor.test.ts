/** The walk through a recording against a plain book of maps that folds best quotes in the obvious way. */
import { afterAll, describe, expect, test } from 'vitest'
import { Book } from '../../src/core/domain/book.ts'
import { BUY, SELL, symbolId, timeUs } from '../../src/core/domain/units.ts'
import { FEED_LATENCY_US_MIN, ReplayReader } from '../../src/core/exchange/sim/replay-reader.ts'
import { type CursorOptions, MarketCursor, WARMUP_US } from '../../src/core/recording/market-cursor.ts'
import type { Recording } from '../../src/core/recording/recording.ts'
import { KIND } from '../../src/core/recording/schema.ts'
import { captureHead, captureText, hasCapture, importText, scratch, START_NS, usdm } from './capture.ts'

const folder = scratch()
afterAll(folder.remove)

const options: CursorOptions = { order: 'received', exchangeShiftUs: 0, warmupUs: WARMUP_US, symbol: symbolId(0) }
const START_US = Number(START_NS / 1000n)

type Row = readonly [number, number, number]

/** Price → size per side; knows nothing of ladders or of messages that overtake each other. */
class PlainBook {
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()

  snapshot(rows: readonly Row[]): void {
    this.bids.clear()
    this.asks.clear()
    this.levels(rows)
  }

  levels(rows: readonly Row[]): void {
    for (const [side, ticks, lots] of rows) this.set(side, ticks, lots)
  }

  best(rows: readonly Row[]): void {
    for (const [side, ticks, lots] of rows) {
      const levels = side > 0 ? this.bids : this.asks
      for (const price of Array.from(levels.keys())) if (side > 0 ? price > ticks : price < ticks) levels.delete(price)
      this.set(side, ticks, lots)
    }
  }

  private set(side: number, ticks: number, lots: number): void {
    const levels = side > 0 ? this.bids : this.asks
    if (lots === 0) levels.delete(ticks)
    else levels.set(ticks, lots)
  }
}

/** The book that all these messages make when they are put into the exchange's own order, by update id. */
function truth(recording: Recording, messages: readonly number[]): PlainBook {
  const plain = new PlainBook()
  const id = (message: number) => recording.updateId[message] ?? 0
  const books = messages.filter((message) => recording.kind[message] !== KIND.trade)
  for (const message of books.toSorted((a, b) => id(a) - id(b) || a - b)) {
    const rows = rowsOf(recording, message)
    if (recording.kind[message] === KIND.snapshot) plain.snapshot(rows)
    else if (recording.kind[message] === KIND.bestQuote) plain.best(rows)
    else plain.levels(rows)
  }
  return plain
}

const sorted = (levels: Map<number, number>, side: 1 | -1): number[][] =>
  [...levels].sort((a, b) => side * (b[0] - a[0])).slice(0, 40)

function shown(book: Book, side: 1 | -1): number[][] {
  const [ticks, lots] = [new Float64Array(40), new Float64Array(40)]
  const count = book.top(side, 40, ticks, lots)
  return Array.from({ length: count }, (_, i) => [ticks[i] ?? 0, lots[i] ?? 0])
}

const rowsOf = (recording: Recording, message: number) => {
  const rows: Row[] = []
  for (let row = recording.firstRow[message] ?? 0; row < (recording.firstRow[message + 1] ?? 0); row++) {
    rows.push([recording.side[row] ?? 0, recording.ticks[row] ?? 0, recording.lots[row] ?? 0])
  }
  return rows
}

describe('the shared capture', () => {
  const isHere = hasCapture()

  test.runIf(isHere).each(['received', 'exchange'] as const)('the book is right all along, %s', async (order) => {
    const recording = await importText(captureHead(2_500), folder.path(`head-${order}`))
    const cursor = new MarketCursor(recording, { ...options, order })
    const book = new Book()
    const first = recording.kind.indexOf(KIND.snapshot)
    const messages = Array.from({ length: recording.messageCount - first }, (_, i) => first + i)
    if (order === 'exchange') {
      const at = (i: number) => Math.max(recording.exchangeUs[i] ?? 0, recording.exchangeUs[first] ?? 0)
      messages.sort((a, b) => at(a) - at(b) || a - b)
    }
    const kinds = { book: 0, trade: 0, none: 0, gap: 0, end: 0 }
    messages.forEach((message, index) => {
      const step = cursor.step()
      kinds[step]++
      if ((step === 'trade') !== (recording.kind[message] === KIND.trade))
        throw new Error(`message ${message}: ${step}`)
      if (step === 'book') book.apply(cursor.book)
      if (book.isCrossed) throw new Error(`crossed after message ${message}`)
      if (index % 131 !== 0) return
      const plain = truth(recording, messages.slice(0, index + 1))
      expect(shown(book, BUY), `message ${message}`).toEqual(sorted(plain.bids, 1))
      expect(shown(book, SELL), `message ${message}`).toEqual(sorted(plain.asks, -1))
    })
    expect(cursor.step()).toBe('end')
    // Only best quotes that were overtaken show nothing.
    expect(kinds.none).toBeLessThan(messages.length / 20)
    expect(kinds.book).toBeGreaterThan(1_200)
  })

  test.runIf(isHere)('both orders pass the same events', async () => {
    const recording = await importText(captureHead(1_500), folder.path('both'))
    const [received, exchange] = (['received', 'exchange'] as const).map((order) => {
      const cursor = new MarketCursor(recording, { ...options, order })
      let last = 0
      for (let at = cursor.nextUs(); cursor.step() !== 'end'; at = cursor.nextUs()) {
        expect(at).toBeGreaterThanOrEqual(last)
        last = at
      }
      return cursor.eventsPassed
    })
    expect(received).toBe(exchange)
    expect(received).toBeGreaterThan(8_000)
  })
})

const snapshot = usdm.snapshot(
  0,
  1,
  [
    ['99', '1'],
    ['98', '2'],
  ],
  [
    ['101', '1'],
    ['102', '2'],
  ],
)

/** What each step shows: kind and rows of the event. */
function walk(recording: Recording, with_: Partial<CursorOptions> = {}): unknown[] {
  const cursor = new MarketCursor(recording, { ...options, ...with_ })
  const steps: unknown[] = []
  for (let step = cursor.step(); step !== 'end'; step = cursor.step()) {
    const { book } = cursor
    const bids = Array.from({ length: book.bidCount }, (_, i) => [book.bidTicks[i], book.bidLots[i]])
    const asks = Array.from({ length: book.askCount }, (_, i) => [book.askTicks[i], book.askLots[i]])
    steps.push(step === 'book' ? [book.isSnapshot ? 'snapshot' : 'delta', bids, asks] : step)
  }
  return steps
}

describe('folding', () => {
  test('a better quote deletes what stands before it; an older book message does not undo it', async () => {
    const recording = await importText(
      captureText([
        [0, snapshot],
        [1, usdm.quote(1, 9, ['98', '2'], ['101', '3'])],
        [
          2,
          usdm.delta(
            2,
            [2, 5, 1],
            [
              ['99', '4'],
              ['98', '7'],
              ['97', '5'],
            ],
            [['101', '1']],
          ),
        ],
        [3, usdm.quote(3, 4, ['99', '4'], ['101', '1'])],
        [4, usdm.delta(4, [6, 11, 5], [['98', '8']], [])],
      ]),
      folder.path('fold'),
    )
    expect(walk(recording).slice(1)).toEqual([
      [
        'delta',
        [
          [99, 0],
          [98, 2],
        ],
        [[101, 3]],
      ],
      ['delta', [[97, 5]], []],
      'none',
      ['delta', [[98, 8]], []],
    ])
  })

  test('a gap hides the market until the next snapshot', async () => {
    const recording = await importText(
      captureText([
        [0, snapshot],
        [1, usdm.delta(1, [5, 6, 4], [['97', '1']], [])],
        [2, usdm.delta(2, [9, 10, 8], [['96', '1']], [])],
        [3, usdm.trade(3, 1, '101', '1', false)],
        [4, usdm.snapshot(4, 10, [['95', '1']], [['105', '1']])],
        [5, usdm.trade(5, 2, '105', '1', false)],
      ]),
      folder.path('gap'),
    )
    const names = walk(recording).map((step) => (Array.isArray(step) ? (step[0] as unknown) : step))
    expect(names).toEqual(['snapshot', 'gap', 'none', 'none', 'none', 'none', 'snapshot', 'delta', 'trade'])
  })

  test('without any snapshot the book counts as complete after the warm-up', async () => {
    const levels = [
      [0, usdm.delta(0, [1, 1, 0], [['99', '1']], [['101', '1']])],
      [5_000, usdm.delta(5_000, [2, 2, 1], [['98', '2']], [])],
      [10_000, usdm.delta(10_000, [3, 3, 2], [], [['102', '4']])],
      [10_001, usdm.delta(10_001, [4, 4, 3], [['99', '0']], [])],
    ] as const
    const recording = await importText(captureText(levels), folder.path('warm'))
    expect(walk(recording)).toEqual([
      'none',
      'none',
      [
        'snapshot',
        [
          [99, 1],
          [98, 2],
        ],
        [
          [101, 1],
          [102, 4],
        ],
      ],
      ['delta', [[99, 0]], []],
    ])
  })
})

describe('the reader for the simulation', () => {
  test('puts exchange times before local ones by at least the assumed latency, on any start', async () => {
    // Exchange clock 40 ms ahead of ours; the quickest message is the trade.
    const recording = await importText(
      captureText([
        [0, snapshot],
        [1, usdm.delta(40, [2, 3, 1], [['97', '1']], [])],
        [3, usdm.trade(43, 1, '101', '1', false)],
        [9, usdm.delta(45, [4, 5, 3], [['96', '1']], [])],
      ]),
      folder.path('clock'),
    )
    expect(recording.meta.feedUsMin).toBe(-40_000)
    const reader = new ReplayReader(recording)
    const times: number[][] = []
    for (let at = reader.nextUs(); reader.next() !== 'end'; at = reader.nextUs()) times.push([at - START_US])
    // The snapshot is 40 ms older than the quickest message would make it; the rest keep their distances.
    expect(times.flat()).toEqual(
      [-40_000 - FEED_LATENCY_US_MIN, 0, 3_000, 5_000].map((us) => (us < 0 ? us : us - FEED_LATENCY_US_MIN)),
    )
    const moved = new ReplayReader(recording, { startUs: timeUs(1_000_000) })
    expect(moved.nextUs()).toBe(1_000_000)
    expect([moved.next(), moved.book.exchangeUs]).toEqual(['book', 1_000_000])
    moved.next()
    expect(moved.nextUs()).toBe(1_000_000 + 43_000)
  })

  test('end repeats for ever', async () => {
    const quote = usdm.quote(1, 2, ['99', '1'], ['101', '1'])
    const text = captureText([
      [0, snapshot],
      [1, quote],
    ])
    const reader = new ReplayReader(await importText(text, folder.path('end')))
    reader.next()
    expect([reader.next(), reader.next(), reader.next()]).toEqual(['book', 'end', 'end'])
    expect(reader.nextUs()).toBe(Number.POSITIVE_INFINITY)
  })
})
