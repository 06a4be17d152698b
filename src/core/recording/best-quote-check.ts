/**
 * Do the recorded best quotes agree with the book that the recorded deltas build? The top of the book after each delta must
 * equal the newest best quote that is not newer than it. Streams overtake each other, so a top waits until a best quote
 * newer than it has come. Counts only; disagreement is a fact about the source.
 */
import { Book } from '../domain/book.ts'
import { BookEvent } from '../domain/event.ts'
import type { BookFrame } from './frame.ts'

/** [ticks, lots]. */
export type Steps = readonly [number, number]

interface Top {
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
  private quote: Top | null = null
  /** Tops after deltas that no newer best quote has confirmed yet, oldest first. */
  private waiting: Top[] = []

  bestQuote(sequence: number, [bid, ask]: readonly Steps[]): void {
    if (bid === undefined || ask === undefined) return
    const due = this.waiting.filter((top) => top.sequence < sequence)
    this.waiting = this.waiting.slice(due.length)
    for (const top of due) this.compare(top)
    if (this.quote === null || sequence >= this.quote.sequence) this.quote = { sequence, bid, ask }
  }

  book(frame: BookFrame, bids: readonly Steps[], asks: readonly Steps[]): void {
    if (frame.kind === 'snapshot') this.isBuilt = true
    if (!this.isBuilt) return
    this.levels.clear()
    this.levels.isSnapshot = frame.kind === 'snapshot'
    for (const [ticks, lots] of bids) this.levels.addBid(ticks, lots)
    for (const [ticks, lots] of asks) this.levels.addAsk(ticks, lots)
    this.shown.apply(this.levels)
    if (frame.kind !== 'delta' || !this.shown.hasBothSides) return
    const { bestBidTicks, bestBidLots, bestAskTicks, bestAskLots } = this.shown
    this.waiting.push({
      sequence: frame.sequence,
      bid: [bestBidTicks, bestBidLots],
      ask: [bestAskTicks, bestAskLots],
    })
  }

  gap(): void {
    this.isBuilt = false
    this.waiting = []
  }

  private compare(top: Top): void {
    const { quote } = this
    if (quote === null || quote.sequence > top.sequence) return
    this.compared++
    if (isEqual(top.bid, quote.bid) && isEqual(top.ask, quote.ask)) this.equal++
  }
}

function isEqual(a: Steps, b: Steps): boolean {
  return a[0] === b[0] && a[1] === b[1]
}
