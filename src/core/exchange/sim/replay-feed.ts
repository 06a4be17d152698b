/**
 * What a replayed market is fed with: recorded messages in the order in which they happened at the exchange, on the clock
 * of the simulation. `replay-reader.ts` makes one from a recording; a test may make one by hand. The book events are
 * complete: best-quote updates between book messages arrive as deltas with the deletes that they imply.
 */
import type { BookEvent, TradeEvent } from '../../domain/event.ts'

/** What `next` moved to. After `gap` the book is unknown until a book event that is a snapshot; `end` repeats for ever. */
export type ReplayStep = 'book' | 'trade' | 'gap' | 'end'

export interface ReplayFeed {
  /** Time of the message that `next` would move to, simulation clock, µs; Infinity at the end. */
  nextUs(): number
  /** Moves on. The content is in `book` or `trade`, both reused: valid until the next call of `next` or `nextUs`. */
  next(): ReplayStep
  readonly book: BookEvent
  readonly trade: TradeEvent
}
