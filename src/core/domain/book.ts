/**
 * Level-2 book of one symbol: two sides, fed by book events, read in place. It applies what it is told and judges nothing
 * but crossing; gaps and sequence numbers are the link's business. No allocation per update.
 *
 * @hot
 */
import { BookSide } from './book-side.ts'
import type { BookEvent } from './event.ts'
import { BUY, type PriceTicks, SELL, type Side, type SizeLots } from './units.ts'

export interface BookOptions {
  /** Levels kept a side; worse ones are dropped after each event. */
  readonly depth?: number
  /** Ticks a side held in the ladder, a multiple of 128. Levels beyond it are exact too, only slower. */
  readonly windowTicks?: number
}

export const BOOK_DEPTH = 16_384
export const BOOK_WINDOW_TICKS = 16_384

export class Book {
  /** Grows with every event and `clear`: equal versions mean an equal book. */
  version = 0
  private readonly bids: BookSide
  private readonly asks: BookSide

  constructor(options: BookOptions = {}) {
    const depth = options.depth ?? BOOK_DEPTH
    const window = options.windowTicks ?? BOOK_WINDOW_TICKS
    this.bids = new BookSide(BUY, window, depth)
    this.asks = new BookSide(SELL, window, depth)
  }

  /** Applies a snapshot (replaces all) or a delta. Level prices are positive integers; size 0 deletes. */
  apply(event: BookEvent): void {
    this.version++
    if (event.isSnapshot) {
      this.bids.clear()
      this.asks.clear()
    }
    const { bidTicks, bidLots, askTicks, askLots } = event
    for (let i = 0; i < event.bidCount; i++) this.bids.set(bidTicks[i]!, bidLots[i]!)
    for (let i = 0; i < event.askCount; i++) this.asks.set(askTicks[i]!, askLots[i]!)
    this.bids.trim()
    this.asks.trim()
  }

  clear(): void {
    this.version++
    this.bids.clear()
    this.asks.clear()
  }

  /** 0 when there is no bid. */
  get bestBidTicks(): PriceTicks {
    return this.bids.bestTicks as PriceTicks
  }

  get bestBidLots(): SizeLots {
    return this.bids.bestLots as SizeLots
  }

  /** 0 when there is no ask. */
  get bestAskTicks(): PriceTicks {
    return this.asks.bestTicks as PriceTicks
  }

  get bestAskLots(): SizeLots {
    return this.asks.bestLots as SizeLots
  }

  /** Bid + ask: twice the mid, an integer. Means nothing unless `hasBothSides`. */
  get midHalfTicks(): number {
    return this.bids.bestTicks + this.asks.bestTicks
  }

  get hasBothSides(): boolean {
    return this.bids.count > 0 && this.asks.count > 0
  }

  get isEmpty(): boolean {
    return this.bids.count === 0 && this.asks.count === 0
  }

  /** Both sides present and the best bid at or above the best ask. */
  get isCrossed(): boolean {
    return this.hasBothSides && this.bids.bestTicks >= this.asks.bestTicks
  }

  count(side: Side): number {
    return side === BUY ? this.bids.count : this.asks.count
  }

  /** Size shown at a price, 0 when there is no level. */
  sizeAt(side: Side, ticks: number): SizeLots {
    return (side === BUY ? this.bids.sizeAt(ticks) : this.asks.sizeAt(ticks)) as SizeLots
  }

  /** Price of the level at `index` (0 is the best), 0 when the side has fewer. */
  levelTicks(side: Side, index: number): PriceTicks {
    return (side === BUY ? this.bids.ticksOf(index) : this.asks.ticksOf(index)) as PriceTicks
  }

  /** Copies up to `limit` levels, best first, into the caller's arrays; returns how many. */
  top(side: Side, limit: number, ticksOut: Float64Array, lotsOut: Float64Array): number {
    return side === BUY ? this.bids.top(limit, ticksOut, lotsOut) : this.asks.top(limit, ticksOut, lotsOut)
  }
}
