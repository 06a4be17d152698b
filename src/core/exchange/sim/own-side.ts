/**
 * Our resting orders on one side of a recorded market, best price first, then the older. A handful: plain arrays.
 *
 * @hot
 */
import type { Side } from '../../domain/units.ts'
import type { OrderRef } from './market.ts'
import type { QueuePlace } from './queue-model.ts'

export class OwnOrder implements QueuePlace {
  readonly ref: OrderRef
  readonly side: Side
  readonly ticks: number
  /** Open lots; 0 once it has left the book. */
  lots: number
  front = 0
  tradedLots = 0
  /** The same before a snapshot that is being applied. */
  shownBefore = 0
  frontBefore = 0
  tradedBefore = 0

  constructor(ref: OrderRef, side: Side, ticks: number, lots: number) {
    this.ref = ref
    this.side = side
    this.ticks = ticks
    this.lots = lots
  }
}

export class OwnSide {
  count = 0
  /** 0 when empty. */
  bestTicks = 0
  readonly side: Side
  private readonly orders: OwnOrder[] = []

  constructor(side: Side) {
    this.side = side
  }

  at(index: number): OwnOrder | null {
    return index < this.count ? this.orders[index]! : null
  }

  add(order: OwnOrder): void {
    let place = this.count
    while (place > 0 && (order.ticks - this.orders[place - 1]!.ticks) * this.side > 0) place--
    this.orders.splice(place, 0, order)
    this.changed()
  }

  remove(order: OwnOrder): void {
    this.orders.splice(this.orders.indexOf(order), 1)
    this.changed()
  }

  /** Open lots of ours before it at its price. */
  lotsBefore(order: OwnOrder): number {
    let sum = 0
    for (let i = 0; i < this.count && this.orders[i] !== order; i++) {
      if (this.orders[i]!.ticks === order.ticks) sum += this.orders[i]!.lots
    }
    return sum
  }

  copyTo(batch: OwnOrder[]): number {
    for (let i = 0; i < this.count; i++) batch[i] = this.orders[i]!
    return this.count
  }

  /** Adds our lots to `shown` displayed levels (best first) in place; returns how many there are then, at most `limit`. */
  mergeInto(ticks: Float64Array, lots: Float64Array, shown: number, limit: number): number {
    let count = shown
    for (let i = 0; i < this.count; i++) {
      const order = this.orders[i]!
      let place = 0
      while (place < count && (ticks[place]! - order.ticks) * this.side > 0) place++
      if (place < count && ticks[place] === order.ticks) lots[place] = lots[place]! + order.lots
      else if (place < limit) {
        const moved = Math.min(count, limit - 1)
        ticks.copyWithin(place + 1, place, moved)
        lots.copyWithin(place + 1, place, moved)
        ticks[place] = order.ticks
        lots[place] = order.lots
        count = Math.min(limit, count + 1)
      }
    }
    return count
  }

  private changed(): void {
    this.count = this.orders.length
    this.bestTicks = this.count === 0 ? 0 : this.orders[0]!.ticks
  }
}
