/**
 * Do the recorded best quotes agree with the book that the recorded deltas build? At each delta the newest best quote that
 * is not newer than the delta must equal the top of the book. Counts only; disagreement is a fact about the source.
 */
import { Book } from '../domain/book.ts'
import { BookEvent } from '../domain/event.ts'
import { BUY, SELL } from '../domain/units.ts'
import type { BookFrame } from './frame.ts'

/** [ticks, lots]. */
export type Steps = readonly [number, number]

interface Quote {
  readonly sequence: number
  readonly bid: Steps
  readonly ask: Steps
}

export class BestQuoteCheck {
  compared = 0
  equal = 0
  private readonly levels = new BookEvent()
  private readonly shown = new Book()
  private isBuilt = false
  /** Best quotes since the last delta, oldest first. */
  private quotes: Quote[] = []

  bestQuote(sequence: number, [bid, ask]: readonly Steps[]): void {
    if (this.isBuilt && bid !== undefined && ask !== undefined) this.quotes.push({ sequence, bid, ask })
  }

  book(frame: BookFrame, bids: readonly Steps[], asks: readonly Steps[]): void {
    if (frame.kind === 'snapshot') this.isBuilt = true
    if (!this.isBuilt) return
    this.levels.clear()
    this.levels.isSnapshot = frame.kind === 'snapshot'
    for (const [ticks, lots] of bids) this.levels.addBid(ticks, lots)
    for (const [ticks, lots] of asks) this.levels.addAsk(ticks, lots)
    this.shown.apply(this.levels)
    if (frame.kind === 'delta') this.compare(frame.sequence)
  }

  gap(): void {
    this.isBuilt = false
    this.quotes = []
  }

  private compare(sequence: number): void {
    const quote = this.quotes.findLast((candidate) => candidate.sequence <= sequence)
    this.quotes = this.quotes.filter((candidate) => candidate.sequence > sequence)
    if (quote === undefined) return
    this.compared++
    if (this.isTop(BUY, quote.bid) && this.isTop(SELL, quote.ask)) this.equal++
  }

  private isTop(side: 1 | -1, [ticks, lots]: Steps): boolean {
    return this.shown.levelTicks(side, 0) === ticks && this.shown.sizeAt(side, ticks) === lots
  }
}
