/**
 * A recording as the feed of a replayed market: recorded messages in exchange order (or as they reached us) on the clock of
 * the simulation. It only maps times; what the book looks like is the cursor's business, who trades with whom the market's.
 */
import type { BookEvent, TradeEvent } from '../../domain/event.ts'
import { symbolId, type SymbolId, timeUs, type TimeUs } from '../../domain/units.ts'
import { type CursorOrder, MarketCursor, WARMUP_US } from '../../recording/market-cursor.ts'
import type { Recording } from '../../recording/recording.ts'
import type { ReplayFeed, ReplayStep } from './replay-feed.ts'

/** Shortest time from the exchange to us that is assumed: the recorded clocks can only tell how it varied above that. */
export const FEED_LATENCY_US_MIN = 1_000

export interface ReplayOptions {
  /** exchange: as it happened there (for matching). received: as it reached us (for deciding). Default exchange. */
  readonly order?: CursorOrder
  /** When the market shall begin on the simulation's clock; absent: on the recording's own local clock. */
  readonly startUs?: TimeUs
  readonly feedLatencyUsMin?: number
  readonly warmupUs?: number
  readonly symbol?: SymbolId
}

export class ReplayReader implements ReplayFeed {
  private readonly cursor: MarketCursor
  private readonly shiftUs: number
  private pending: ReplayStep | null = null
  private pendingUs = 0

  constructor(recording: Recording, options: ReplayOptions = {}) {
    this.cursor = new MarketCursor(recording, {
      order: options.order ?? 'exchange',
      exchangeShiftUs: exchangeShiftUs(recording, options.feedLatencyUsMin ?? FEED_LATENCY_US_MIN),
      warmupUs: options.warmupUs ?? WARMUP_US,
      symbol: options.symbol ?? symbolId(0),
    })
    const firstUs = this.cursor.nextUs()
    this.shiftUs = options.startUs === undefined || !Number.isFinite(firstUs) ? 0 : options.startUs - firstUs
  }

  get book(): BookEvent {
    return this.cursor.book
  }

  get trade(): TradeEvent {
    return this.cursor.trade
  }

  /** Market events passed so far: level changes, trades, best-quote updates. */
  get eventsPassed(): number {
    return this.cursor.eventsPassed
  }

  /** Rows of the recording behind the reader. */
  get rowsPassed(): number {
    return this.cursor.rowsPassed
  }

  get messagesUnused(): number {
    return this.cursor.messagesUnused
  }

  /** Time of what `next` would move to; Infinity at the end. */
  nextUs(): number {
    if (this.pending === null) this.fetch()
    return this.pendingUs
  }

  /** Moves on. The content is in `book` or `trade`, both reused: valid until the next call of `next` or `nextUs`. */
  next(): ReplayStep {
    if (this.pending === null) this.fetch()
    const step = this.pending ?? 'end'
    if (step !== 'end') this.pending = null
    return step
  }

  /** Steps over what shows nothing, so that the time told is the time of something. */
  private fetch(): void {
    for (;;) {
      const atUs = this.cursor.nextUs()
      const step = this.cursor.step()
      if (step === 'none') continue
      this.pending = step
      this.pendingUs = atUs + this.shiftUs
      if (step === 'book') this.shift(this.cursor.book)
      else if (step === 'trade') this.shift(this.cursor.trade)
      return
    }
  }

  private shift(event: BookEvent | TradeEvent): void {
    event.exchangeUs = timeUs(event.exchangeUs + this.shiftUs)
    event.receivedUs = timeUs(event.receivedUs + this.shiftUs)
  }
}

/** What to add to exchange times so that the quickest message took exactly the assumed latency. */
export function exchangeShiftUs(recording: Recording, feedLatencyUsMin: number): number {
  return recording.meta.feedUsMin - feedLatencyUsMin
}
