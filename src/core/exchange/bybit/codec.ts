/**
 * The seam between what the gateway knows and how it is spelled on the wire: bytes in, reused records out; order fields
 * in, frames out. V5's JSON is `json-codec.ts`; the market-maker gateway's binary SBE is a second implementation, chosen
 * where the gateway is made. Streams and order entry know only this.
 */
import type { BookEvent } from '../../domain/event.ts'
import type { Category } from '../../domain/instrument.ts'
import type { FrameHead, OrderFields } from './encode-order.ts'
import type { GatewayCounters } from './counters.ts'
import type { JsonObject } from './json-value.ts'
import type { TradeBatch } from './scan-trade.ts'
import type { SymbolEntry, SymbolTable } from './symbol-table.ts'

export type FrameKind =
  /** `book` holds it. */
  | 'book'
  /** `trades` holds them. */
  | 'trades'
  /** Data that only shows that `symbol` is alive. */
  | 'alive'
  /** Not data: `control` holds the reply to a request of ours. */
  | 'control'
  /** Unreadable; `symbol` names what it was about where that can be seen. */
  | 'bad'

/** Public frames. Its records are reused: valid until the next `decode`. */
export interface MarketDecoder {
  readonly book: BookEvent
  readonly trades: TradeBatch
  readonly control: JsonObject
  readonly symbol: SymbolEntry | null
  /** Never throws, never keeps the bytes. */
  decode(bytes: Buffer): FrameKind
}

/** Order requests. A body also travels alone, by REST. */
export interface OrderEncoder {
  create(order: OrderFields): string
  /** Size is the new total, not the rest. */
  amend(order: Pick<OrderFields, 'category' | 'symbol' | 'link' | 'priceText' | 'sizeText'>): string
  cancel(order: Pick<OrderFields, 'category' | 'symbol' | 'link'>): string
  frame(head: FrameHead, body: string): string
  /** Several orders of one kind and category in one frame. */
  batch(head: FrameHead, category: Category, bodies: readonly string[]): string
}

export interface Codec {
  market(symbols: SymbolTable, depth: number, counters: GatewayCounters): MarketDecoder
  readonly orders: OrderEncoder
}
