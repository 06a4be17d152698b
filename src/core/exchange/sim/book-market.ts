/**
 * A market that is one FIFO book: the accounts' orders stand in the same queues as the crowd's. Without a crowd it is an
 * empty market that only accounts make (tests, matching oracles); with one it is the synthetic market.
 *
 * @hot
 */
import type { Category } from '../../domain/instrument.ts'
import type { Side } from '../../domain/units.ts'
import { doubledInts, FifoBook, type RestingListener } from './fifo-book.ts'
import { type Market, type MarketListener, Match, type OrderRef, type Taker, type TakeResult } from './market.ts'

/** Everybody else. Its orders are handles of the book that no account owns. */
export interface Crowd {
  nextUs(): number
  /** Does its next thing; false when the displayed book stayed as it was. */
  step(market: BookMarket): boolean
  /** An order of the crowd was filled away. */
  gone(handle: number): void
}

const NOBODY: MarketListener = { match() {}, isSelf: () => false, smpCancelled() {} }

export class BookMarket implements Market, RestingListener {
  readonly category: Category
  readonly symbol: string
  readonly book = new FifoBook()
  private readonly crowd: Crowd | null
  private readonly matched = new Match()
  private handleOf = new Int32Array(256)
  private listener: MarketListener = NOBODY
  private lastTradeTicks = 0

  constructor(category: Category, symbol: string, crowd: Crowd | null = null) {
    this.category = category
    this.symbol = symbol
    this.crowd = crowd
  }

  attach(listener: MarketListener): void {
    this.listener = listener
  }

  nextUs(): number {
    return this.crowd === null ? Number.POSITIVE_INFINITY : this.crowd.nextUs()
  }

  step(): boolean {
    return this.crowd !== null && this.crowd.step(this)
  }

  depth(side: Side, levels: number, ticks: Float64Array, lots: Float64Array): number {
    return this.book.depth(side, levels, ticks, lots)
  }

  bestTicks(side: Side): number {
    return this.book.bestTicks(side)
  }

  lastTicks(): number {
    return this.lastTradeTicks
  }

  take(taker: Taker, atUs: number): TakeResult {
    const leftLots = this.match(taker, atUs)
    return { leftLots, stoppedBy: this.book.stoppedBy }
  }

  /** A market order of the crowd; returns what found nobody. */
  crowdTake(side: Side, limitTicks: number, lots: number, atUs: number): number {
    this.startMatch(0, side, atUs)
    return this.book.take(side, limitTicks, lots, 'None', this)
  }

  available(taker: Taker): number {
    this.matched.taker = taker.ref
    return this.book.available(taker.side, taker.limitTicks, taker.lots, taker.smpType, this)
  }

  rest(ref: OrderRef, side: Side, ticks: number, lots: number): void {
    while (ref >= this.handleOf.length) this.handleOf = doubledInts(this.handleOf)
    this.handleOf[ref] = this.book.add(side, ticks, lots, ref)
  }

  resize(ref: OrderRef, lots: number): void {
    this.book.resize(this.handleOf[ref]!, lots)
  }

  remove(ref: OrderRef): void {
    this.book.remove(this.handleOf[ref]!)
    this.handleOf[ref] = 0
  }

  lotsAhead(ref: OrderRef): number {
    const handle = ref < this.handleOf.length ? this.handleOf[ref]! : 0
    return handle === 0 ? -1 : this.book.lotsAhead(handle)
  }

  filled(handle: number, owner: number, ticks: number, lots: number, isDone: boolean): void {
    this.lastTradeTicks = ticks
    if (isDone) {
      if (owner !== 0) this.handleOf[owner] = 0
      else if (this.crowd !== null) this.crowd.gone(handle)
    }
    const { matched } = this
    matched.maker = owner
    matched.ticks = ticks
    matched.lots = lots
    matched.isMakerDone = isDone
    this.listener.match(this, matched)
  }

  isSelf(owner: number): boolean {
    return this.listener.isSelf(this.matched.taker, owner)
  }

  smpRemoved(_handle: number, owner: number): void {
    this.handleOf[owner] = 0
    this.listener.smpCancelled(owner, this.matched.taker)
  }

  private match(taker: Taker, atUs: number): number {
    this.startMatch(taker.ref, taker.side, atUs)
    return this.book.take(taker.side, taker.limitTicks, taker.lots, taker.smpType, this)
  }

  private startMatch(taker: OrderRef, side: Side, atUs: number): void {
    this.matched.taker = taker
    this.matched.side = side
    this.matched.atUs = atUs
  }
}
