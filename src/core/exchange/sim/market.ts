/**
 * One symbol's matching as the ledger drives it, whatever stands behind: a synthetic crowd in a FIFO book, or a recorded
 * market. The ledger knows accounts and money; a market knows only prices, sizes, queues and the numbers of our orders.
 */
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../domain/units.ts'
import type { MarketView, SmpType } from './model.ts'

/** Number of an account's order inside the ledger, from 1; 0 is everybody else. */
export type OrderRef = number

/** An incoming order as a market matches it. */
export interface Taker {
  readonly ref: OrderRef
  readonly side: Side
  /** Worst price it accepts. */
  readonly limitTicks: PriceTicks
  readonly leavesLots: SizeLots
  readonly smpType: SmpType
}

/** What happens in a market, told to the ledger while it happens. */
export interface MarketListener {
  /** One match; either ref may be 0. Returns the lots the taker still wants (an order by quote amount may want less). */
  match(market: Market, taker: OrderRef, maker: OrderRef, side: Side, ticks: PriceTicks, lots: SizeLots): void
  /** May these two not trade with each other? */
  isSelf(taker: OrderRef, maker: OrderRef): boolean
  /** The market has taken `maker` out of the book because of self-match prevention against `taker`. */
  smpCancelled(maker: OrderRef, taker: OrderRef): void
  bookChanged(market: Market, atUs: TimeUs): void
}

export interface Market extends MarketView {
  attach(listener: MarketListener): void
  /** When something happens by itself next; Infinity for never. */
  nextUs(): number
  /** Lets everything happen that is due at or before `nowUs`. */
  advance(nowUs: TimeUs): void
  /** Matches as far as it goes and returns the lots left. `smpStopped` tells that self-match prevention ended it. */
  take(taker: Taker, nowUs: TimeUs): TakeResult
  /** Lots a taker would get down to its limit right now, at most `enoughLots`. */
  available(side: Side, limitTicks: PriceTicks, enoughLots: SizeLots): number
  /** Puts a resting order at the end of its level's queue. */
  rest(ref: OrderRef, side: Side, ticks: PriceTicks, lots: SizeLots, nowUs: TimeUs): void
  /** Changes the open lots of a resting order without touching its place. */
  resize(ref: OrderRef, lots: SizeLots, nowUs: TimeUs): void
  remove(ref: OrderRef, nowUs: TimeUs): void
  /** Lots before it in its level's queue; -1 when it does not rest here. */
  lotsAhead(ref: OrderRef): number
}

export interface TakeResult {
  leftLots: number
  /** Ref of the own order whose presence stopped the taker (CancelTaker, CancelBoth); 0 for none. */
  stoppedBy: OrderRef
}
