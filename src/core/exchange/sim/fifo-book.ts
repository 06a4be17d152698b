/**
 * A book of single orders in price-time order: every level is a queue, whoever came first is filled first. Orders are
 * numbers (handles) in typed arrays; `owner` 0 is the crowd, anything else an account's order. Matching only: it never
 * asks whether an order may be there.
 *
 * @hot
 */
import type { Side } from '../../domain/units.ts'
import type { SmpType } from './model.ts'
import { PriceStack } from './price-stack.ts'

/** What a match does to resting orders, told while it happens. */
export interface RestingListener {
  /** `lots` of a resting order were filled; with `isDone` the handle is free from now on. */
  filled(handle: number, owner: number, ticks: number, lots: number, isDone: boolean): void
  /** May the taker not trade with this owner? Asked only for owners other than 0. */
  isSelf(owner: number): boolean
  /** Self-match prevention took the resting order out of the book. */
  smpRemoved(handle: number, owner: number): void
}

export class FifoBook {
  /** Owner of the resting order that stopped the last `take`; 0 when nothing did. */
  stoppedBy = 0
  readonly bids = new PriceStack(1)
  readonly asks = new PriceStack(-1)

  private orderLots = new Float64Array(1024)
  private orderOwner = new Int32Array(1024)
  private orderLevel = new Int32Array(1024)
  private next = new Int32Array(1024)
  private previous = new Int32Array(1024)
  private freeOrder = 0
  private orderCount = 1

  private levelTicks = new Float64Array(512)
  private levelLots = new Float64Array(512)
  private levelOwned = new Int32Array(512)
  private head = new Int32Array(512)
  private tail = new Int32Array(512)
  private levelSide = new Int8Array(512)
  private freeLevel = 0
  private levelCount = 1

  bestTicks(side: Side): number {
    const stack = side === 1 ? this.bids : this.asks
    return stack.count === 0 ? 0 : stack.ticksAt(0)
  }

  lotsAt(side: Side, ticks: number): number {
    const level = (side === 1 ? this.bids : this.asks).find(ticks)
    return level < 0 ? 0 : this.levelLots[level]!
  }

  /** Lots of the level at `rank` from the best; the caller keeps rank in range. */
  lotsAtRank(side: Side, rank: number): number {
    return this.levelLots[(side === 1 ? this.bids : this.asks).valueAt(rank)]!
  }

  lotsOf(handle: number): number {
    return this.orderLots[handle]!
  }

  ticksOf(handle: number): number {
    return this.levelTicks[this.orderLevel[handle]!]!
  }

  sideOf(handle: number): Side {
    return this.levelSide[this.orderLevel[handle]!]! as Side
  }

  /** Handles are below this: for arrays kept beside the book. */
  get handleLimit(): number {
    return this.orderLots.length
  }

  lotsAhead(handle: number): number {
    let ahead = 0
    for (let at = this.previous[handle]!; at !== 0; at = this.previous[at]!) ahead += this.orderLots[at]!
    return ahead
  }

  /** Appends to the queue at its price; returns the handle. Never matches. */
  add(side: Side, ticks: number, lots: number, owner: number): number {
    const stack = side === 1 ? this.bids : this.asks
    let level = stack.find(ticks)
    if (level < 0) {
      level = this.newLevel(side, ticks)
      stack.insert(ticks, level)
    }
    const handle = this.newOrder()
    const last = this.tail[level]!
    this.orderLots[handle] = lots
    this.orderOwner[handle] = owner
    this.orderLevel[handle] = level
    this.previous[handle] = last
    this.next[handle] = 0
    if (last === 0) this.head[level] = handle
    else this.next[last] = handle
    this.tail[level] = handle
    this.levelLots[level] = this.levelLots[level]! + lots
    if (owner !== 0) this.levelOwned[level] = this.levelOwned[level]! + 1
    return handle
  }

  /** Changes the open lots (> 0) and keeps the place. */
  resize(handle: number, lots: number): void {
    const level = this.orderLevel[handle]!
    this.levelLots[level] = this.levelLots[level]! + lots - this.orderLots[handle]!
    this.orderLots[handle] = lots
  }

  remove(handle: number): void {
    const level = this.orderLevel[handle]!
    const before = this.previous[handle]!
    const after = this.next[handle]!
    if (before === 0) this.head[level] = after
    else this.next[before] = after
    if (after === 0) this.tail[level] = before
    else this.previous[after] = before
    this.levelLots[level] = this.levelLots[level]! - this.orderLots[handle]!
    if (this.orderOwner[handle] !== 0) this.levelOwned[level] = this.levelOwned[level]! - 1
    this.next[handle] = this.freeOrder
    this.freeOrder = handle
    if (this.head[level] === 0) this.dropLevel(level)
  }

  /** Matches a taker of `side` down (up) to `limitTicks`; returns the lots left. Orders at one price: first come. */
  take(side: Side, limitTicks: number, lots: number, smpType: SmpType, listener: RestingListener): number {
    const stack = side === 1 ? this.asks : this.bids
    this.stoppedBy = 0
    let left = lots
    while (left > 0 && stack.count > 0) {
      const level = stack.valueAt(0)
      const ticks = this.levelTicks[level]!
      if ((limitTicks - ticks) * side < 0) break
      const handle = this.head[level]!
      const owner = this.orderOwner[handle]!
      if (owner !== 0 && smpType !== 'None' && listener.isSelf(owner)) {
        if (smpType !== 'CancelTaker') {
          this.remove(handle)
          listener.smpRemoved(handle, owner)
        }
        if (smpType === 'CancelMaker') continue
        this.stoppedBy = owner
        break
      }
      const resting = this.orderLots[handle]!
      const matched = left < resting ? left : resting
      left -= matched
      if (matched === resting) this.remove(handle)
      else this.resize(handle, resting - matched)
      listener.filled(handle, owner, ticks, matched, matched === resting)
    }
    return left
  }

  /** Lots that `take` would match right now, counted up to `enoughLots`. */
  available(side: Side, limitTicks: number, enoughLots: number, smpType: SmpType, listener: RestingListener): number {
    const stack = side === 1 ? this.asks : this.bids
    let sum = 0
    for (let rank = 0; rank < stack.count && sum < enoughLots; rank++) {
      const level = stack.valueAt(rank)
      if ((limitTicks - this.levelTicks[level]!) * side < 0) break
      if (this.levelOwned[level] === 0 || smpType === 'None') {
        sum += this.levelLots[level]!
        continue
      }
      for (let at = this.head[level]!; at !== 0; at = this.next[at]!) {
        const owner = this.orderOwner[at]!
        const isSelf = owner !== 0 && listener.isSelf(owner)
        if (isSelf && smpType !== 'CancelMaker') return sum
        if (!isSelf) sum += this.orderLots[at]!
      }
    }
    return sum < enoughLots ? sum : enoughLots
  }

  /** Best first; writes at most `levels` of one side and returns how many. */
  depth(side: Side, levels: number, ticks: Float64Array, lots: Float64Array): number {
    const stack = side === 1 ? this.bids : this.asks
    const count = levels < stack.count ? levels : stack.count
    for (let rank = 0; rank < count; rank++) {
      ticks[rank] = stack.ticksAt(rank)
      lots[rank] = this.levelLots[stack.valueAt(rank)]!
    }
    return count
  }

  private newLevel(side: Side, ticks: number): number {
    let level = this.freeLevel
    if (level !== 0) this.freeLevel = this.head[level]!
    else {
      if (this.levelCount === this.levelLots.length) this.growLevels()
      level = this.levelCount++
    }
    this.levelTicks[level] = ticks
    this.levelLots[level] = 0
    this.levelOwned[level] = 0
    this.levelSide[level] = side
    this.head[level] = 0
    this.tail[level] = 0
    return level
  }

  private dropLevel(level: number): void {
    const stack = this.levelSide[level] === 1 ? this.bids : this.asks
    stack.remove(this.levelTicks[level]!)
    this.head[level] = this.freeLevel
    this.freeLevel = level
  }

  private newOrder(): number {
    const handle = this.freeOrder
    if (handle !== 0) {
      this.freeOrder = this.next[handle]!
      return handle
    }
    if (this.orderCount === this.orderLots.length) this.growOrders()
    return this.orderCount++
  }

  private growOrders(): void {
    this.orderLots = doubled(this.orderLots)
    this.orderOwner = doubledInts(this.orderOwner)
    this.orderLevel = doubledInts(this.orderLevel)
    this.next = doubledInts(this.next)
    this.previous = doubledInts(this.previous)
  }

  private growLevels(): void {
    this.levelTicks = doubled(this.levelTicks)
    this.levelLots = doubled(this.levelLots)
    this.levelOwned = doubledInts(this.levelOwned)
    this.head = doubledInts(this.head)
    this.tail = doubledInts(this.tail)
    const sides = new Int8Array(this.levelSide.length * 2)
    sides.set(this.levelSide)
    this.levelSide = sides
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2)
  to.set(from)
  return to
}

export function doubledInts(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
