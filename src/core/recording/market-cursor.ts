/**
 * Walks a recording as a market: complete book deltas and trades, either in the order in which they reached us or in the
 * order in which they happened. Best quotes between two book messages are folded in by update id: levels better than
 * them are deleted, a book message older than them does not undo them, and one older than the book is ignored (on the
 * wire they overtake each other). Nothing later than the cursor is ever used.
 *
 * @hot
 */
import { Book } from '../domain/book.ts'
import { BookEvent, TradeEvent } from '../domain/event.ts'
import { BUY, type PriceTicks, SELL, type Side, type SizeLots, type SymbolId, type TimeUs } from '../domain/units.ts'
import type { Recording } from './recording.ts'
import { FLAG, KIND } from './schema.ts'

export type CursorStep = 'book' | 'trade' | 'gap' | 'end'

export type CursorOrder = 'received' | 'exchange'

export interface CursorOptions {
  readonly order: CursorOrder
  /** Added to exchange times, so that they are on the clock of the local ones. */
  readonly exchangeShiftUs: number
  /** A book that no snapshot starts is taken as complete after updates for this long. */
  readonly warmupUs: number
  readonly symbol: SymbolId
}

/** Book messages of a busy market touch almost every level within seconds; ten is what quotes near the touch need. */
export const WARMUP_US = 10_000_000

export class MarketCursor {
  readonly book: BookEvent
  readonly trade = new TradeEvent()
  /** Market events passed: level changes, trades, best-quote updates. Repeated ones do not count. */
  eventsPassed = 0
  /** Rows passed, whatever became of them. */
  rowsPassed = 0
  /** Messages passed while the book was unknown: before its start and after gaps. */
  messagesUnused = 0

  private readonly source: Recording
  private readonly options: CursorOptions
  /** Message indices in walking order. */
  private readonly order: Int32Array
  /** Time of each step on the local clock. */
  private readonly atUs: Float64Array
  private readonly state = new Book()
  private position = 0
  private isLive = false
  /** When a book without snapshot counts as complete; −1: a snapshot will come. */
  private liveAtUs = -1
  private readonly lastSnapshotStep: number
  /** Update id of the newest best quote, and of the newest message of either kind. */
  private quoteId = -1
  private newestId = -1
  private quoteBidTicks = 0
  private quoteAskTicks = 0

  constructor(source: Recording, options: CursorOptions) {
    this.source = source
    this.options = options
    this.book = new BookEvent()
    this.book.symbol = options.symbol
    this.trade.symbol = options.symbol
    const { order, atUs } = walkOf(source, options)
    this.order = order
    this.atUs = atUs
    this.lastSnapshotStep = order.findLastIndex((message) => source.kind[message] === KIND.snapshot)
    this.awaitBook()
  }

  /** Time of the next message, local clock, µs; Infinity at the end. */
  nextUs(): number {
    return this.position < this.order.length ? this.atUs[this.position]! : Number.POSITIVE_INFINITY
  }

  /** Moves on by one message. 'none': it changed nothing that may be shown. */
  step(): CursorStep | 'none' {
    if (this.position >= this.order.length) return 'end'
    const message = this.order[this.position]!
    const nowUs = this.atUs[this.position]!
    const result = this.pass(message, nowUs)
    this.position++
    if (!this.isLive) this.messagesUnused++
    return result
  }

  private pass(message: number, nowUs: number): CursorStep | 'none' {
    const { source } = this
    const from = source.firstRow[message]!
    const to = source.firstRow[message + 1]!
    this.rowsPassed += to - from
    const isRepeated = (source.flags[message]! & FLAG.repeated) !== 0
    switch (source.kind[message]) {
      case KIND.trade:
        this.eventsPassed++
        return this.isLive ? this.showTrade(message, from) : 'none'
      case KIND.bestQuote:
        this.eventsPassed++
        if (source.updateId[message]! < this.newestId) return 'none'
        this.beginBook(message, false)
        this.foldQuote(message, from, to)
        break
      case KIND.snapshot:
        this.eventsPassed += to - from
        this.beginBook(message, true)
        this.foldLevels(message, from, to)
        this.isLive = true
        this.liveAtUs = -1
        break
      case KIND.delta:
        if (!isRepeated) this.eventsPassed += to - from
        this.beginBook(message, false)
        this.foldLevels(message, from, to)
        break
      case KIND.gap:
        return this.passGap()
      default:
        return 'none'
    }
    this.state.apply(this.book)
    if (this.isLive) return 'book'
    return this.warmedUp(nowUs) ? this.showWhole(message) : 'none'
  }

  private passGap(): CursorStep | 'none' {
    const wasLive = this.isLive
    this.isLive = false
    this.state.clear()
    this.quoteId = -1
    this.newestId = -1
    this.awaitBook()
    return wasLive ? 'gap' : 'none'
  }

  private showTrade(message: number, row: number): CursorStep | 'none' {
    const { source, trade } = this
    if ((source.flags[message]! & FLAG.offBook) !== 0) return 'none'
    trade.takerSide = source.side[row]! as Side
    trade.priceTicks = source.ticks[row]! as PriceTicks
    trade.sizeLots = source.lots[row]! as SizeLots
    trade.exchangeUs = (source.exchangeUs[message]! + this.options.exchangeShiftUs) as TimeUs
    trade.receivedUs = source.localUs[message]! as TimeUs
    return 'trade'
  }

  private beginBook(message: number, isSnapshot: boolean): void {
    const { source, book } = this
    book.clear()
    book.isSnapshot = isSnapshot
    book.exchangeUs = (source.exchangeUs[message]! + this.options.exchangeShiftUs) as TimeUs
    book.receivedUs = source.localUs[message]! as TimeUs
    book.updateId = source.updateId[message]!
    book.crossSeq = source.updateId[message]!
  }

  /** A best quote as a delta: what stands before it goes, its two levels are set. */
  private foldQuote(message: number, from: number, to: number): void {
    const { source, book } = this
    this.quoteId = source.updateId[message]!
    this.newestId = this.quoteId
    for (let row = from; row < to; row++) {
      const side = source.side[row]! as Side
      const ticks = source.ticks[row]!
      if (side === BUY) this.quoteBidTicks = ticks
      else this.quoteAskTicks = ticks
      this.dropBetter(side, ticks)
      if (side === BUY) book.addBid(ticks, source.lots[row]!)
      else book.addAsk(ticks, source.lots[row]!)
    }
  }

  private dropBetter(side: Side, ticks: number): void {
    const { state, book } = this
    for (let index = 0; index < state.count(side); index++) {
      const level = state.levelTicks(side, index)
      if (side === BUY ? level <= ticks : level >= ticks) return
      if (side === BUY) book.addBid(level, 0)
      else book.addAsk(level, 0)
    }
  }

  /** Levels of a book message; where the last best quote is newer, it keeps its levels and everything before them. */
  private foldLevels(message: number, from: number, to: number): void {
    const { source, book } = this
    const id = source.updateId[message]!
    const isOlder = id < this.quoteId
    if (id > this.newestId || book.isSnapshot) this.newestId = Math.max(id, this.quoteId)
    for (let row = from; row < to; row++) {
      const ticks = source.ticks[row]!
      const isBid = source.side[row]! > 0
      if (isBid) {
        if (!isOlder || ticks < this.quoteBidTicks) book.addBid(ticks, source.lots[row]!)
      } else if (!isOlder || ticks > this.quoteAskTicks) book.addAsk(ticks, source.lots[row]!)
    }
    if (isOlder && book.isSnapshot) this.keepQuoteLevels()
  }

  private keepQuoteLevels(): void {
    const { state, book } = this
    const bidLots = state.sizeAt(BUY, this.quoteBidTicks)
    if (bidLots > 0) book.addBid(this.quoteBidTicks, bidLots)
    const askLots = state.sizeAt(SELL, this.quoteAskTicks)
    if (askLots > 0) book.addAsk(this.quoteAskTicks, askLots)
  }

  private awaitBook(): void {
    this.liveAtUs = this.lastSnapshotStep >= this.position ? -1 : this.nextUs() + this.options.warmupUs
  }

  private warmedUp(nowUs: number): boolean {
    return this.liveAtUs >= 0 && nowUs >= this.liveAtUs && this.state.hasBothSides && !this.state.isCrossed
  }

  /** The book built so far, as a snapshot. Rare: may allocate. */
  private showWhole(message: number): CursorStep {
    const { state, book } = this
    this.isLive = true
    this.liveAtUs = -1
    this.beginBook(message, true)
    const count = Math.max(state.count(BUY), state.count(SELL))
    const ticks = new Float64Array(count)
    const lots = new Float64Array(count)
    const bids = state.top(BUY, count, ticks, lots)
    for (let i = 0; i < bids; i++) book.addBid(ticks[i]!, lots[i]!)
    const asks = state.top(SELL, count, ticks, lots)
    for (let i = 0; i < asks; i++) book.addAsk(ticks[i]!, lots[i]!)
    return 'book'
  }
}

interface Walk {
  readonly order: Int32Array
  readonly atUs: Float64Array
}

/** Which messages in which order, and when. A walk begins at the first snapshot: what stands before it builds nothing. */
function walkOf(source: Recording, options: CursorOptions): Walk {
  const first = Math.max(source.kind.indexOf(KIND.snapshot), 0)
  const count = source.messageCount - first
  const order = new Int32Array(count)
  for (let i = 0; i < count; i++) order[i] = first + i
  const key = options.order === 'received' ? source.localUs : exchangeTimes(source, first, options.exchangeShiftUs)
  if (options.order === 'exchange') order.sort((a, b) => key[a]! - key[b]! || a - b)
  const atUs = new Float64Array(count)
  for (let i = 0; i < count; i++) atUs[i] = key[order[i]!]!
  return { order, atUs }
}

/** Nothing of the walk happens before its first message, whatever the stamps say. */
function exchangeTimes(source: Recording, first: number, shiftUs: number): Float64Array {
  const times = new Float64Array(source.messageCount)
  const startUs = source.exchangeUs[first]! + shiftUs
  for (let i = first; i < times.length; i++) times[i] = Math.max(source.exchangeUs[i]! + shiftUs, startUs)
  return times
}
