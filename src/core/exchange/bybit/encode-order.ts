/**
 * @hot Order requests as the exchange reads them, by template: the body (REST) and the order-entry frame around it.
 * Every text put in is either ours or was checked when the instrument was made, so nothing needs escaping.
 */
import type { Category } from '../../domain/instrument.ts'
import type { RequestKind } from '../../domain/request.ts'
import type { TimeInForce } from '../../domain/order.ts'

export interface OrderFields {
  readonly category: Category
  readonly symbol: string
  readonly link: string
  readonly isBuy: boolean
  readonly priceText: string
  readonly sizeText: string
  readonly timeInForce: TimeInForce
  readonly isReduceOnly: boolean
}

export const OPS: Readonly<Record<RequestKind, string>> = {
  place: 'order.create',
  amend: 'order.amend',
  cancel: 'order.cancel',
}

/**
 * One-way position index and self-match rule on every order: only the later order's flag counts, and the resting quote
 * is the one to give way.
 */
export function createBody(order: OrderFields): string {
  const derivative = order.category === 'spot' ? '' : `,"positionIdx":0,"reduceOnly":${order.isReduceOnly}`
  return `{"category":"${order.category}","symbol":"${order.symbol}","side":"${order.isBuy ? 'Buy' : 'Sell'}","orderType":"Limit","qty":"${order.sizeText}","price":"${order.priceText}","timeInForce":"${order.timeInForce}","orderLinkId":"${order.link}"${derivative},"smpType":"CancelMaker"}`
}

/** `qty` of an amend is the new total, not the rest. */
export function amendBody(order: Pick<OrderFields, 'category' | 'symbol' | 'link' | 'priceText' | 'sizeText'>): string {
  return `{"category":"${order.category}","symbol":"${order.symbol}","orderLinkId":"${order.link}","qty":"${order.sizeText}","price":"${order.priceText}"}`
}

/** One id only: with both, a wrong one of the two fails the request. */
export function cancelBody(order: Pick<OrderFields, 'category' | 'symbol' | 'link'>): string {
  return `{"category":"${order.category}","symbol":"${order.symbol}","orderLinkId":"${order.link}"}`
}

export interface FrameHead {
  readonly requestId: string
  readonly kind: RequestKind
  readonly timestampMs: number
  readonly windowMs: number
}

export function orderFrame(head: FrameHead, body: string): string {
  return `{"reqId":"${head.requestId}","header":{"X-BAPI-TIMESTAMP":"${head.timestampMs}","X-BAPI-RECV-WINDOW":"${head.windowMs}"},"op":"${OPS[head.kind]}","args":[${body}]}`
}
