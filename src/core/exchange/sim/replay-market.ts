/**
 * A recorded market as the market around us: displayed levels and trades come from a recording, our orders stand in its
 * queues by estimate (queue-model.ts) and never change what it does next. A resting order is filled by trades at its price
 * once its queue is used up, by trades beyond its price up to their size, and whole when the other side's best comes to
 * its price. A taker takes displayed lots, which are gone until the level is next updated.
 *
 * @hot
 */
import { BookSide } from '../../domain/book-side.ts'
import type { BookEvent, TradeEvent } from '../../domain/event.ts'
import type { Category } from '../../domain/instrument.ts'
import type { Side } from '../../domain/units.ts'
import { type Market, type MarketListener, Match, type OrderRef, type Taker, type TakeResult } from './market.ts'
import { OwnOrder, OwnSide } from './own-side.ts'
import { onQueueDepth, onQueueTrade, type QueueModel } from './queue-model.ts'
import type { ReplayFeed } from './replay-feed.ts'

const SIDE_SLOTS = 16_384
const LEVELS_MAX = 20_000
const NOBODY: MarketListener = { match() {}, isSelf: () => false, smpCancelled() {} }

export class ReplayMarket implements Market {
  readonly category: Category
  readonly symbol: string
  private readonly model: QueueModel
  private readonly feed: ReplayFeed | null
  private readonly bids = new BookSide(1, SIDE_SLOTS, LEVELS_MAX)
  private readonly asks = new BookSide(-1, SIDE_SLOTS, LEVELS_MAX)
  private readonly ownBids = new OwnSide(1)
  private readonly ownAsks = new OwnSide(-1)
  private readonly byRef = new Map<OrderRef, OwnOrder>()
  private readonly matched = new Match()
  /** Orders touched by one event; a listener may take any of them out meanwhile. */
  private readonly batch: OwnOrder[] = []
  private listener: MarketListener = NOBODY
  private lastTradeTicks = 0
  private isGapped = false

  constructor(category: Category, symbol: string, model: QueueModel, feed: ReplayFeed | null = null) {
    this.category = category
    this.symbol = symbol
    this.model = model
    this.feed = feed
  }

  attach(listener: MarketListener): void {
    this.listener = listener
  }

  nextUs(): number {
    return this.feed === null ? Number.POSITIVE_INFINITY : this.feed.nextUs()
  }

  step(): boolean {
    if (this.feed === null) return false
    switch (this.feed.next()) {
      case 'book':
        this.onBook(this.feed.book)
        return true
      case 'trade':
        this.onTrade(this.feed.trade)
        return true
      case 'gap':
        this.onGap()
        return true
      default:
        return false
    }
  }

  onBook(event: BookEvent): void {
    if (event.isSnapshot && !this.isGapped) this.forgetLevels()
    for (let i = 0; i < event.bidCount; i++) this.setLevel(1, event.bidTicks[i]!, event.bidLots[i]!)
    for (let i = 0; i < event.askCount; i++) this.setLevel(-1, event.askTicks[i]!, event.askLots[i]!)
    if (event.isSnapshot) {
      this.isGapped = false
      this.requeue(this.ownBids, this.bids)
      this.requeue(this.ownAsks, this.asks)
    }
    if (this.ownBids.count > 0) this.fillCrossed(this.ownBids, this.asks.bestTicks, event.exchangeUs)
    if (this.ownAsks.count > 0) this.fillCrossed(this.ownAsks, this.bids.bestTicks, event.exchangeUs)
  }

  onTrade(event: TradeEvent): void {
    const { takerSide } = event
    const own = takerSide === 1 ? this.ownAsks : this.ownBids
    this.lastTradeTicks = event.priceTicks
    this.startMatch(0, takerSide, event.exchangeUs)
    let left: number = event.sizeLots
    if (own.count > 0 && !this.isGapped) left = this.fillTraded(own, event.priceTicks, left)
    if (left > 0) this.tell(0, event.priceTicks, left, false)
  }

  /** The recording lost the book: nothing is displayed, and nothing of ours fills, until the next snapshot. */
  onGap(): void {
    if (!this.isGapped) this.forgetLevels()
    this.isGapped = true
  }

  /** Recorded lots at a price, without ours. */
  recordedLots(side: Side, ticks: number): number {
    return (side === 1 ? this.bids : this.asks).sizeAt(ticks)
  }

  depth(side: Side, levels: number, ticks: Float64Array, lots: Float64Array): number {
    const shown = (side === 1 ? this.bids : this.asks).top(levels, ticks, lots)
    return (side === 1 ? this.ownBids : this.ownAsks).mergeInto(ticks, lots, shown, levels)
  }

  bestTicks(side: Side): number {
    const shown = (side === 1 ? this.bids : this.asks).bestTicks
    const own = (side === 1 ? this.ownBids : this.ownAsks).bestTicks
    if (shown === 0 || own === 0) return shown || own
    return side === 1 ? Math.max(shown, own) : Math.min(shown, own)
  }

  lastTicks(): number {
    return this.lastTradeTicks
  }

  take(taker: Taker, atUs: number): TakeResult {
    const levels = taker.side === 1 ? this.asks : this.bids
    const own = taker.side === 1 ? this.ownAsks : this.ownBids
    this.startMatch(taker.ref, taker.side, atUs)
    let leftLots = taker.lots
    while (leftLots > 0) {
      const order = own.at(0)
      const shownTicks = levels.bestTicks
      const isOwn = order !== null && (shownTicks === 0 || (shownTicks - order.ticks) * taker.side > 0)
      const ticks = isOwn ? order.ticks : shownTicks
      if (ticks === 0 || (taker.limitTicks - ticks) * taker.side < 0) break
      if (!isOwn) leftLots -= this.takeShown(levels, leftLots)
      else if (taker.smpType !== 'None' && this.listener.isSelf(taker.ref, order.ref)) {
        if (taker.smpType !== 'CancelTaker') {
          this.remove(order.ref)
          this.listener.smpCancelled(order.ref, taker.ref)
        }
        if (taker.smpType !== 'CancelMaker') return { leftLots, stoppedBy: order.ref }
      } else leftLots -= this.fill(order, Math.min(leftLots, order.lots))
    }
    return { leftLots, stoppedBy: 0 }
  }

  available(taker: Taker): number {
    const levels = taker.side === 1 ? this.asks : this.bids
    let sum = 0
    for (let i = 0; i < levels.count && sum < taker.lots; i++) {
      const ticks = levels.ticksOf(i)
      if ((taker.limitTicks - ticks) * taker.side < 0) break
      sum += levels.sizeAt(ticks)
    }
    const own = taker.side === 1 ? this.ownAsks : this.ownBids
    for (let i = 0; i < own.count && sum < taker.lots; i++) {
      const order = own.at(i)!
      if ((taker.limitTicks - order.ticks) * taker.side < 0) break
      if (taker.smpType === 'None' || !this.listener.isSelf(taker.ref, order.ref)) sum += order.lots
    }
    return Math.min(sum, taker.lots)
  }

  rest(ref: OrderRef, side: Side, ticks: number, lots: number): void {
    const order = new OwnOrder(ref, side, ticks, lots)
    // While the book is unknown so is the queue: it counts as all of what the next snapshot shows.
    order.front = this.isGapped ? Number.POSITIVE_INFINITY : this.recordedLots(side, ticks)
    order.frontBefore = order.front
    this.byRef.set(ref, order)
    this.sideOf(order).add(order)
  }

  resize(ref: OrderRef, lots: number): void {
    this.byRef.get(ref)!.lots = lots
  }

  remove(ref: OrderRef): void {
    const order = this.byRef.get(ref)!
    this.byRef.delete(ref)
    this.sideOf(order).remove(order)
    order.lots = 0
  }

  lotsAhead(ref: OrderRef): number {
    const order = this.byRef.get(ref)
    return order === undefined ? -1 : Math.max(0, Math.round(order.front)) + this.sideOf(order).lotsBefore(order)
  }

  private setLevel(side: Side, ticks: number, lots: number): void {
    const levels = side === 1 ? this.bids : this.asks
    const own = side === 1 ? this.ownBids : this.ownAsks
    if (own.count > 0) this.shiftQueues(own, levels, ticks, lots)
    levels.set(ticks, lots)
  }

  private shiftQueues(own: OwnSide, levels: BookSide, ticks: number, lots: number): void {
    for (let i = 0; i < own.count; i++) {
      const order = own.at(i)!
      if (order.ticks === ticks) onQueueDepth(order, levels.sizeAt(ticks), lots, this.model)
    }
  }

  // A snapshot replaces everything: what stood at our prices before it is remembered for `requeue`.
  private forgetLevels(): void {
    for (let i = 0; i < this.ownBids.count; i++) this.remember(this.ownBids.at(i)!, this.bids)
    for (let i = 0; i < this.ownAsks.count; i++) this.remember(this.ownAsks.at(i)!, this.asks)
    this.bids.clear()
    this.asks.clear()
  }

  private remember(order: OwnOrder, levels: BookSide): void {
    order.shownBefore = levels.sizeAt(order.ticks)
    order.frontBefore = order.front
    order.tradedBefore = order.tradedLots
  }

  private requeue(own: OwnSide, levels: BookSide): void {
    for (let i = 0; i < own.count; i++) {
      const order = own.at(i)!
      order.front = order.frontBefore
      order.tradedLots = order.tradedBefore
      onQueueDepth(order, order.shownBefore, levels.sizeAt(order.ticks), this.model)
    }
  }

  private fillCrossed(own: OwnSide, oppositeTicks: number, atUs: number): void {
    const best = own.at(0)
    if (best === null || oppositeTicks === 0 || (best.ticks - oppositeTicks) * own.side < 0) return
    const count = own.copyTo(this.batch)
    this.startMatch(0, own.side === 1 ? -1 : 1, atUs)
    for (let i = 0; i < count; i++) {
      const order = this.batch[i]!
      if (order.lots > 0 && (order.ticks - oppositeTicks) * own.side >= 0) this.fill(order, order.lots)
    }
  }

  // Returns what of the trade did not go to us.
  private fillTraded(own: OwnSide, ticks: number, lots: number): number {
    const count = own.copyTo(this.batch)
    let left = lots
    for (let i = 0; i < count && left > 0; i++) {
      const order = this.batch[i]!
      const beyond = (order.ticks - ticks) * own.side
      if (order.lots === 0 || beyond < 0) continue
      if (beyond > 0) {
        left -= this.fill(order, Math.min(order.lots, left))
        continue
      }
      onQueueTrade(order, left)
      const reached = Math.round(-order.front)
      if (reached <= 0) continue
      order.front = 0
      left -= this.fill(order, Math.min(order.lots, reached, left))
    }
    return left
  }

  private takeShown(levels: BookSide, lots: number): number {
    const ticks = levels.bestTicks
    const taken = Math.min(lots, levels.bestLots)
    levels.set(ticks, levels.bestLots - taken)
    this.lastTradeTicks = ticks
    this.tell(0, ticks, taken, false)
    return taken
  }

  private fill(order: OwnOrder, lots: number): number {
    const isDone = lots === order.lots
    const { ref, ticks } = order
    if (isDone) this.remove(ref)
    else order.lots -= lots
    this.lastTradeTicks = ticks
    this.tell(ref, ticks, lots, isDone)
    return lots
  }

  private startMatch(taker: OrderRef, side: Side, atUs: number): void {
    this.matched.taker = taker
    this.matched.side = side
    this.matched.atUs = atUs
  }

  private tell(maker: OrderRef, ticks: number, lots: number, isMakerDone: boolean): void {
    const { matched } = this
    matched.maker = maker
    matched.ticks = ticks
    matched.lots = lots
    matched.isMakerDone = isMakerDone
    this.listener.match(this, matched)
  }

  private sideOf(order: OwnOrder): OwnSide {
    return order.side === 1 ? this.ownBids : this.ownAsks
  }
}
