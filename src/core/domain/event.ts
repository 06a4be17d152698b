/**
 * Everything the engine can be told, and nothing else. Time is a field; sizes and prices are integers of the symbol's
 * grid. Book and trade events are reused records (the engine must copy what it keeps); the others are small and rare.
 */
import type { Instrument } from './instrument.ts'
import type { TimeInForce } from './order.ts'
import type { OrderSeq, PositionLots, PriceTicks, Side, SizeLots, SymbolId, TimeUs } from './units.ts'

/** Levels of one book message. Reused: valid only during the call that receives it. */
export class BookEvent {
  readonly kind = 'book'
  symbol = 0 as SymbolId
  /** True: replace the book. False: each level replaces its price's size, 0 deletes. */
  isSnapshot = false
  /** Exchange matching time (`cts`), or its send time where it gives no other. */
  exchangeUs = 0 as TimeUs
  /** When the frame reached us. */
  receivedUs = 0 as TimeUs
  updateId = 0
  crossSeq = 0
  bidCount = 0
  askCount = 0
  bidTicks: Float64Array
  bidLots: Float64Array
  askTicks: Float64Array
  askLots: Float64Array

  constructor(capacity = 1024) {
    this.bidTicks = new Float64Array(capacity)
    this.bidLots = new Float64Array(capacity)
    this.askTicks = new Float64Array(capacity)
    this.askLots = new Float64Array(capacity)
  }

  clear(): void {
    this.bidCount = 0
    this.askCount = 0
  }

  addBid(ticks: number, lots: number): void {
    if (this.bidCount === this.bidTicks.length) {
      this.bidTicks = grown(this.bidTicks)
      this.bidLots = grown(this.bidLots)
    }
    this.bidTicks[this.bidCount] = ticks
    this.bidLots[this.bidCount++] = lots
  }

  addAsk(ticks: number, lots: number): void {
    if (this.askCount === this.askTicks.length) {
      this.askTicks = grown(this.askTicks)
      this.askLots = grown(this.askLots)
    }
    this.askTicks[this.askCount] = ticks
    this.askLots[this.askCount++] = lots
  }
}

function grown(from: Float64Array): Float64Array {
  const to = new Float64Array(from.length * 2)
  to.set(from)
  return to
}

/** One public trade. Reused like BookEvent. */
export class TradeEvent {
  readonly kind = 'trade'
  symbol = 0 as SymbolId
  takerSide: Side = 1
  priceTicks = 0 as PriceTicks
  sizeLots = 0 as SizeLots
  exchangeUs = 0 as TimeUs
  receivedUs = 0 as TimeUs
}

/** First event of a run: what the run is, decided outside. */
export interface StartEvent {
  readonly kind: 'start'
  readonly nowUs: TimeUs
  readonly instruments: readonly Instrument[]
  /** Missing: there was nothing before. */
  readonly past?: RunPast
}

/** What earlier runs did and a restart does not forgive. */
export interface RunPast {
  /** How far the day stands below its best, 1e-8 quote coins; never negative. */
  readonly drawdownE8: number
  /** By symbol, in the order of the instruments: when it traded, local µs, oldest first. */
  readonly executionsUs: readonly (readonly number[])[]
}

/** The exchange's word on the position, at start and after each resync. */
export interface PositionEvent {
  readonly kind: 'position'
  readonly symbol: SymbolId
  readonly positionLots: PositionLots
  /** Cost of the open position in money units (ticks × lots), signed like the position. */
  readonly costMoney: number
  readonly nowUs: TimeUs
}

export type AckResult =
  /** Accepted for processing; not a state. */
  | 'accepted'
  /** Definitely refused: the order (or change) did not and will not happen. */
  | 'rejected'
  /** No definite answer: timeout, reset, 5xx, unreadable reply. */
  | 'ambiguous'
  /** Amend or cancel hit an order that is already terminal or filled. */
  | 'gone'

/** Answer to one request of ours. */
export interface AckEvent {
  readonly kind: 'ack'
  readonly request: 'place' | 'amend' | 'cancel'
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly result: AckResult
  /** The exchange's code, 0 when accepted or when none came. */
  readonly code: number
  /** What the code asks of us (the action class of the code table). */
  readonly action: string
  readonly nowUs: TimeUs
}

/** The exchange's statement about one order of ours. */
export interface OrderEvent {
  readonly kind: 'order'
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly status: 'open' | 'filled' | 'canceled' | 'rejected' | 'neverLanded'
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  readonly filledLots: SizeLots
  /** Why it ended: the exchange's cancel type or reject reason, '' otherwise. */
  readonly reason: string
  /** True when it was a post-only order that would have taken liquidity. */
  readonly isPostOnlyMiss: boolean
  readonly exchangeUs: TimeUs
  readonly nowUs: TimeUs
}

/** One execution of an order of ours (or, `order` 0, of this account). */
export interface FillEvent {
  readonly kind: 'fill'
  readonly execId: string
  /** 0: not an order of this run (foreign, or of a dead run): changes the position, not the orders. */
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  /** Fee in 1e-8 quote coins, positive paid, negative rebate. */
  readonly feeE8: bigint
  readonly isMaker: boolean
  readonly exchangeUs: TimeUs
  readonly nowUs: TimeUs
}

/** Money that moved without a trade of ours: funding, settlement. */
export interface FundingEvent {
  readonly kind: 'funding'
  readonly execId: string
  readonly symbol: SymbolId
  /** 1e-8 quote coins, positive paid by us. */
  readonly amountE8: bigint
  readonly nowUs: TimeUs
}

/** State of what connects us. `symbol` null: the whole link. */
export interface LinkEvent {
  readonly kind: 'link'
  readonly link: 'market' | 'account' | 'trade'
  readonly symbol: SymbolId | null
  /** down: nothing may be believed · gap: wait for a snapshot · up: data flows again and state was resynced. */
  readonly state: 'down' | 'gap' | 'up'
  readonly nowUs: TimeUs
}

/** The queue is empty: decide now. */
export class DecideEvent {
  readonly kind = 'decide'
  nowUs = 0 as TimeUs
}

/** What an operator, a guard process or the runtime asks of a running bot. */
export interface OperatorEvent {
  readonly kind: 'operator'
  readonly command: 'pause' | 'resume' | 'halt'
  readonly reason: string
  readonly nowUs: TimeUs
}

/** The operator's configuration changed, within what may change while running. */
export interface ConfigEvent {
  readonly kind: 'config'
  /** The engine's configuration as a whole; checked before it comes here. */
  readonly config: unknown
  /** The operator's effective settings and their hash, for people and the next start. */
  readonly settings: unknown
  readonly hash: string
  readonly nowUs: TimeUs
}

/** Change of a symbol's trading rules or status while running. */
export interface InstrumentEvent {
  readonly kind: 'instrument'
  readonly symbol: SymbolId
  readonly instrument: Instrument
  readonly nowUs: TimeUs
}

export type EngineEvent =
  | StartEvent
  | BookEvent
  | TradeEvent
  | PositionEvent
  | AckEvent
  | OrderEvent
  | FillEvent
  | FundingEvent
  | LinkEvent
  | DecideEvent
  | OperatorEvent
  | ConfigEvent
  | InstrumentEvent

export type { TimeInForce }
