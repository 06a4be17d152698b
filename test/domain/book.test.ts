import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book } from '../../src/core/domain/book.ts'
import { BookEvent } from '../../src/core/domain/event.ts'
import { BUY, SELL, type Side } from '../../src/core/domain/units.ts'

const RUNS = process.env['MM_VERIFY'] === '1' ? 20_000 : 300

/** The oracle: a Map a side, sorted on every question. */
class PlainBook {
  private readonly sides = { bids: new Map<number, number>(), asks: new Map<number, number>() }
  private readonly depth: number

  constructor(depth: number) {
    this.depth = depth
  }

  apply(message: Message): void {
    if (message.isSnapshot) this.clear()
    for (const [side, ticks, lots] of message.levels) {
      const map = side === BUY ? this.sides.bids : this.sides.asks
      if (lots === 0) map.delete(ticks)
      else map.set(ticks, lots)
    }
    for (const side of [BUY, SELL] as const) {
      const map = side === BUY ? this.sides.bids : this.sides.asks
      for (const [ticks] of this.levels(side).slice(this.depth)) map.delete(ticks)
    }
  }

  clear(): void {
    this.sides.bids.clear()
    this.sides.asks.clear()
  }

  levels(side: Side): [number, number][] {
    const map = side === BUY ? this.sides.bids : this.sides.asks
    return [...map].sort(([a], [b]) => side * (b - a))
  }
}

type Level = readonly [Side, number, number]
interface Message {
  readonly isSnapshot: boolean
  readonly levels: readonly Level[]
}

function eventOf(message: Message): BookEvent {
  const event = new BookEvent(4)
  event.isSnapshot = message.isSnapshot
  for (const [side, ticks, lots] of message.levels) {
    if (side === BUY) event.addBid(ticks, lots)
    else event.addAsk(ticks, lots)
  }
  return event
}

function levelsOf(book: Book, side: Side, limit = 1_000): [number, number][] {
  const ticks = new Float64Array(limit)
  const lots = new Float64Array(limit)
  const count = book.top(side, limit, ticks, lots)
  return Array.from({ length: count }, (_, i) => [ticks[i] ?? 0, lots[i] ?? 0])
}

function expectSame(book: Book, oracle: PlainBook): void {
  for (const side of [BUY, SELL] as const) {
    const levels = oracle.levels(side)
    expect(levelsOf(book, side)).toEqual(levels)
    expect(levelsOf(book, side, 3)).toEqual(levels.slice(0, 3))
    expect(book.count(side)).toBe(levels.length)
    const bestTicks = side === BUY ? book.bestBidTicks : book.bestAskTicks
    const bestLots = side === BUY ? book.bestBidLots : book.bestAskLots
    expect([bestTicks, bestLots]).toEqual(levels[0] ?? [0, 0])
    levels.forEach(([ticks, lots], index) => {
      expect(book.sizeAt(side, ticks)).toBe(lots)
      expect(book.levelTicks(side, index)).toBe(ticks)
    })
    expect(book.levelTicks(side, levels.length)).toBe(0)
  }
  const [bid, ask] = [oracle.levels(BUY)[0]?.[0], oracle.levels(SELL)[0]?.[0]]
  expect(book.isEmpty).toBe(bid === undefined && ask === undefined)
  expect(book.hasBothSides).toBe(bid !== undefined && ask !== undefined)
  expect(book.isCrossed).toBe(bid !== undefined && ask !== undefined && bid >= ask)
}

const level = (ticks: fc.Arbitrary<number>): fc.Arbitrary<Level> =>
  fc.tuple(fc.constantFrom<Side>(BUY, SELL), ticks, fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })))
const messages = (ticks: fc.Arbitrary<number>): fc.Arbitrary<Message[]> =>
  fc.array(
    fc.record({
      isSnapshot: fc.oneof({ weight: 1, arbitrary: fc.constant(true) }, { weight: 20, arbitrary: fc.constant(false) }),
      levels: fc.array(level(ticks), { maxLength: 12 }),
    }),
    { maxLength: 40 },
  )

const SAFE = Number.MAX_SAFE_INTEGER
const around = (centre: number, spread: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.max(1, centre - spread), max: Math.min(SAFE, centre + spread) })
const REGIMES: readonly [string, fc.Arbitrary<number>][] = [
  ['dense, one window', around(600_000, 40)],
  ['wider than a small window', around(600_000, 300)],
  ['wider than the default window', around(10_000_000, 60_000)],
  ['tiny ticks: sparse over 10¹⁵', fc.integer({ min: 1, max: SAFE })],
  ['next to zero', fc.integer({ min: 1, max: 200 })],
  ['next to 2⁵³', fc.integer({ min: SAFE - 500, max: SAFE })],
  ['jumps between far places', fc.oneof(around(1_000, 30), around(5_000_000, 30), around(1e14, 30))],
]

describe('against a map that is sorted on every question', () => {
  test.each(REGIMES)('%s', (_name, ticks) => {
    fc.assert(
      fc.property(
        messages(ticks),
        fc.constantFrom(128, 256, 16_384),
        fc.constantFrom(1, 3, 1_000),
        (list, window, depth) => {
          const book = new Book({ windowTicks: window, depth })
          const oracle = new PlainBook(depth)
          for (const message of list) {
            book.apply(eventOf(message))
            oracle.apply(message)
            expectSame(book, oracle)
          }
        },
      ),
      { numRuns: RUNS / 10 },
    )
  })

  test.each(REGIMES)('windows of any size agree, level by level and in random walks: %s', (_name, ticks) => {
    fc.assert(
      fc.property(messages(ticks), (list) => {
        const [small, large] = [new Book({ windowTicks: 128 }), new Book()]
        for (const message of list) {
          small.apply(eventOf(message))
          large.apply(eventOf(message))
          expect(levelsOf(small, BUY)).toEqual(levelsOf(large, BUY))
          expect(levelsOf(small, SELL)).toEqual(levelsOf(large, SELL))
        }
      }),
      { numRuns: RUNS / 10 },
    )
  })
})

test('a book that drifts through many windows stays exact', () => {
  const book = new Book({ windowTicks: 128, depth: 50 })
  const oracle = new PlainBook(50)
  for (let step = 0; step < 600; step++) {
    const mid = 5_000 + Math.round(2_000 * Math.sin(step / 40))
    const levels: Level[] = oracle
      .levels(BUY)
      .filter(([ticks]) => ticks >= mid)
      .map(([ticks]) => [BUY, ticks, 0])
    levels.push(...oracle.levels(SELL).flatMap(([ticks]): Level[] => (ticks <= mid ? [[SELL, ticks, 0]] : [])))
    for (let i = 1; i <= 20; i++) levels.push([BUY, mid - i * 3, i], [SELL, mid + i * 3, i])
    book.apply(eventOf({ isSnapshot: false, levels }))
    oracle.apply({ isSnapshot: false, levels })
    expectSame(book, oracle)
  }
})

test('one event may bring more levels than the far arrays hold at first', () => {
  const levels = Array.from({ length: 2_000 }, (_, i): Level => [BUY, (i + 1) * 1_000, i + 1])
  const book = new Book({ windowTicks: 128, depth: 1_500 })
  book.apply(eventOf({ isSnapshot: true, levels }))
  expect(levelsOf(book, BUY, 2_000)).toEqual(
    levels
      .slice(500)
      .reverse()
      .map(([, ticks, lots]) => [ticks, lots]),
  )
})

test('the version moves with every event and clear', () => {
  const book = new Book()
  const before = book.version
  book.apply(eventOf({ isSnapshot: false, levels: [[BUY, 10, 1]] }))
  const after = book.version
  expect(after).not.toBe(before)
  book.clear()
  expect(book.version).not.toBe(after)
  expect(book.isEmpty).toBe(true)
  expect(levelsOf(book, BUY)).toEqual([])
})

test('deleting what is not there changes nothing', () => {
  const book = new Book({ windowTicks: 128 })
  book.apply(eventOf({ isSnapshot: false, levels: [[BUY, 10, 0]] }))
  expect(book.isEmpty).toBe(true)
  book.apply(
    eventOf({
      isSnapshot: false,
      levels: [
        [BUY, 1_000, 1],
        [BUY, 10, 0],
        [BUY, 999, 0],
        [BUY, 5_000, 0],
      ],
    }),
  )
  expect(levelsOf(book, BUY)).toEqual([[1_000, 1]])
})
