/**
 * One symbol's matching as the ledger drives it, whatever stands behind: a synthetic crowd in a FIFO book, or a recorded
 * market. The ledger knows accounts and money; a market knows only prices, sizes, queues and the numbers of our orders.
 */
import type { Side } from '../../domain/units.ts'
import type { MarketView, SmpType } from './model.ts'

/** Number of an account's order inside the ledger, from 1; 0 is everybody else. */
export type OrderRef = number

/** What happens in a market, told to the ledger while it happens. */
export interface MarketListener {
  /** One match at the resting order's price; either ref may be 0. `side` is the taker's. */
  match(market: Market, match: Match): void
  /** May these two not trade with each other? */
  isSelf(taker: OrderRef, maker: OrderRef): boolean
  /** Self-match prevention took `maker` out of the book on behalf of `taker`. */
  smpCancelled(maker: OrderRef, taker: OrderRef): void
}

/** Reused: valid only during the call that receives it. */
export class Match {
  taker: OrderRef = 0
  maker: OrderRef = 0
  side: Side = 1
  ticks = 0
  lots = 0
  /** The resting order has nothing left in the book. */
  isMakerDone = false
  atUs = 0
}

/** An incoming order as a market matches it. */
export interface Taker {
  readonly ref: OrderRef
  readonly side: Side
  /** Worst price it accepts, ticks. */
  readonly limitTicks: number
  readonly lots: number
  readonly smpType: SmpType
}

export interface TakeResult {
  readonly leftLots: number
  /** Ref of the own order whose presence stopped the taker (CancelTaker, CancelBoth); 0 for none. */
  readonly stoppedBy: OrderRef
}

export interface Market extends MarketView {
  attach(listener: MarketListener): void
  /** When something happens by itself next; Infinity for never. */
  nextUs(): number
  /** Lets the next thing happen; false when the displayed book stayed as it was. */
  step(): boolean
  take(taker: Taker, atUs: number): TakeResult
  /** Lots a taker would get right now, counted up to its size. */
  available(taker: Taker): number
  /** Puts an order at the end of its level's queue. */
  rest(ref: OrderRef, side: Side, ticks: number, lots: number): void
  /** Changes the open lots of a resting order without touching its place. */
  resize(ref: OrderRef, lots: number): void
  remove(ref: OrderRef): void
  /** Lots before it in its level's queue; -1 when it does not rest here. */
  lotsAhead(ref: OrderRef): number
}
