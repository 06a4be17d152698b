/** Outcomes as HTTP replies: the envelope, the headers of a V5 answer, and what stands outside the envelope. */
import type { HttpReply } from '../../wire.ts'
import { htmlPage } from './faults.ts'
import type { Quota } from './limits.ts'
import type { Outcome } from './outcome.ts'

export function envelope(outcome: Outcome, nowMs: number): string {
  const { retCode, retMsg, result, retExtInfo } = outcome
  if (outcome.isBare === true) return JSON.stringify({ retCode, retMsg })
  return JSON.stringify({ retCode, retMsg, result, retExtInfo, time: nowMs })
}

export interface ReplyContext {
  readonly nowMs: number
  readonly traceId: string
  /** null: the endpoint has no quota. */
  readonly quota: Quota | null
}

export function jsonReply(status: number, outcome: Outcome, context: ReplyContext): HttpReply {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    server: 'Openresty',
    ret_code: String(outcome.retCode),
    traceid: context.traceId,
    timenow: String(context.nowMs),
    ...limitHeaders(context.quota),
  }
  return { status, headers, body: envelope(outcome, context.nowMs) }
}

export function htmlReply(status: number): HttpReply {
  return { status, headers: { 'content-type': 'text/html', server: 'CloudFront' }, body: htmlPage(status) }
}

/** Lower-case, as every header of a reply here. */
export function limitHeaders(quota: Quota | null): Readonly<Record<string, string>> {
  if (quota === null) return {}
  return {
    'x-bapi-limit': String(quota.limit),
    'x-bapi-limit-status': String(quota.remaining),
    'x-bapi-limit-reset-timestamp': String(quota.resetMs),
  }
}

/** The header object of an order-entry ack, in Bybit's spelling. */
export function tradeHeader(context: ReplyContext): Readonly<Record<string, string>> {
  const { quota } = context
  return {
    ...(quota === null
      ? {}
      : {
          'X-Bapi-Limit': String(quota.limit),
          'X-Bapi-Limit-Status': String(quota.remaining),
          'X-Bapi-Limit-Reset-Timestamp': String(quota.resetMs),
        }),
    Traceid: context.traceId,
    Timenow: String(context.nowMs),
  }
}
