/**
 * Where an order of ours stands in its price level, seen from outside: front = displayed size when it began to rest; a
 * trade there takes from the front, a shrinking level takes from front and back in proportion (power model, n = 1, of
 * hftbacktest; rigtorp.se 2013-06-08). An estimate for people and strategies: nothing about risk may rest on it.
 *
 * @hot
 */
import type { Book } from '../domain/book.ts'
import { AHEAD_UNKNOWN, type OrderRecord } from './working-orders.ts'

/** Begins (again) at the back of its level. */
export function joinQueue(order: OrderRecord, book: Book): void {
  const shown = book.sizeAt(order.side, order.priceTicks)
  order.aheadLots = shown
  order.levelLots = shown
  order.tradedLots = 0
}

/** A trade took `lots` at `ticks` from the side that the order is on. */
export function tradeQueue(order: OrderRecord, ticks: number, lots: number): void {
  if (order.aheadLots === AHEAD_UNKNOWN) return
  const beyond = order.side * (order.priceTicks - ticks)
  if (beyond > 0) order.aheadLots = 0
  if (beyond !== 0) return
  order.aheadLots = Math.max(0, order.aheadLots - lots)
  order.tradedLots += lots
}

/** The book changed: what left the level beyond what traded there left partly from the front. */
export function shrinkQueue(order: OrderRecord, book: Book): void {
  if (order.aheadLots === AHEAD_UNKNOWN) return
  const shown = book.sizeAt(order.side, order.priceTicks)
  if (shown === order.levelLots && order.tradedLots === 0) return
  order.aheadLots = frontAfter(order.aheadLots, order.levelLots, shown, order.tradedLots)
  order.levelLots = shown
  order.tradedLots = 0
}

/** Front after the level went from `before` to `after` lots, `traded` of which are already taken off the front. */
export function frontAfter(front: number, before: number, after: number, traded: number): number {
  const left = before - after - traded
  if (left <= 0) return Math.min(front, after)
  const back = before - front
  const behind = back <= 0 ? 0 : back / (back + front)
  const estimate = front - (1 - behind) * left + Math.min(back - behind * left, 0)
  return Math.max(0, Math.min(estimate, after))
}
