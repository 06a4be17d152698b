/**
 * Where orders go and facts come from. One interface for the Bybit adapter (over real or virtual wire) and for the
 * direct simulation of a backtest. An implementation tells everything through the sink; it never decides anything.
 */
import type { EngineEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { RequestBuffer } from '../domain/request.ts'
import type { PositionLots, SymbolId, TimeUs } from '../domain/units.ts'

export type Sink = (event: EngineEvent) => void

export interface OpenOrder {
  readonly symbol: string
  readonly orderId: string
  /** '' when the order carries none. */
  readonly orderLinkId: string
}

/** What the exchange says of an execution, for recovery after a crash. */
export interface PastExecution {
  readonly symbol: string
  readonly execId: string
  readonly orderLinkId: string
  readonly execType: string
  readonly timeMs: number
  /** Lots by which it changed the position, signed; missing for what changes none, such as funding. */
  readonly signedLots?: number
  /** Price as decimal text; missing with `signedLots`. */
  readonly price?: string
  /** Fee, or amount of a funding row, in 1e-8 quote coins as whole-number text; positive is paid. */
  readonly feeE8?: string
}

/** The account's word at one moment. */
export interface AccountPosition {
  readonly symbol: string
  readonly positionLots: PositionLots
  readonly costMoney: number
}

export interface Exchange {
  /** Instruments of the symbols asked for, in that order. Throws MmError for one that is unknown or not tradable. */
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]>
  /** Opens the streams (account first), seeds state and starts telling the sink. Resolves when all links are up. */
  open(sink: Sink): Promise<void>
  /**
   * Hands requests to the wire, in order. Returns at once; answers come back as ack events.
   * `onSent` is called once the bytes of the last of them were handed to the socket.
   */
  send(requests: RequestBuffer, nowUs: TimeUs): void
  /** Every open order of the account in the run's symbols and category, all pages. Throws when it cannot know. */
  openOrders(): Promise<readonly OpenOrder[]>
  /** Asks for the cancel of these orders by exchange id and returns; the truth is `openOrders`. */
  cancelByIds(orders: readonly OpenOrder[]): Promise<void>
  positions(): Promise<readonly AccountPosition[]>
  executionsSince(fromMs: number): Promise<readonly PastExecution[]>
  /** The runtime gave up market data of this symbol (overload): starts it anew, with a snapshot. */
  resync?(symbol: SymbolId): void
  close(): Promise<void>
}
