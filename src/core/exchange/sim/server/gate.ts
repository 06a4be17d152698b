/**
 * Who is asking, and may they: key, source address, time rule, signature, permission, in the order Bybit answers them.
 * Looks at headers and raw bytes only; parameters are the handler's matter. Time is an argument.
 */
import type { Category } from '../../../domain/instrument.ts'
import type { ApiKey, KeyRing } from './keys.ts'
import { KEY_EXPIRED, type Outcome, refused } from './outcome.ts'
import type { ParsedRequest } from './request.ts'

const DEFAULT_WINDOW_MS = 5_000
const FUTURE_MS = 1_000

/** The server's clock, and a second one by which a client's time may also be right (listener at another speed). */
export interface Clocks {
  nowMs(): number
  readonly wallMs: (() => number) | null
}

export type Admission = { readonly key: ApiKey } | { readonly outcome: Outcome; readonly status: number }

const deny = (retCode: number, retMsg: string, status = 200): Admission => ({
  outcome: refused(retCode, retMsg),
  status,
})

/** Checks the signature headers of a private request. */
export function admit(request: ParsedRequest, keys: KeyRing, clocks: Clocks): Admission {
  const apiKey = request.headers.get('x-bapi-api-key') ?? ''
  const timestamp = request.headers.get('x-bapi-timestamp') ?? ''
  const signature = request.headers.get('x-bapi-sign') ?? ''
  const window = request.headers.get('x-bapi-recv-window') ?? ''
  if (apiKey === '' || timestamp === '' || signature === '') {
    return deny(10007, 'User authentication failed.', 401)
  }
  const key = keys.find(apiKey)
  if (key === null) return deny(10003, 'API key is invalid.')
  if (key.isExpired(clocks.nowMs())) return { outcome: KEY_EXPIRED, status: 200 }
  if (key.ips.length > 0 && !key.ips.includes(request.ip))
    return deny(10010, 'Unmatched IP, please check your API key.')
  const late = timeFault(timestamp, window, clocks)
  if (late !== null) return deny(late.retCode, late.retMsg)
  const payload = request.method === 'GET' ? request.rawQuery : request.body
  const signed = timestamp + apiKey + window + payload
  if (!key.isSignedBy(signed, signature)) return deny(10004, `error sign! origin_string[${signed}]`)
  return { key }
}

/** server − window ≤ timestamp < server + 1000 ms (BYBIT.md §1.1); null when it holds by either clock. */
export function timeFault(timestamp: string, window: string, clocks: Clocks): Outcome | null {
  const windowMs = window === '' ? DEFAULT_WINDOW_MS : integerOf(window)
  const atMs = integerOf(timestamp)
  if (Number.isNaN(atMs) || Number.isNaN(windowMs))
    return refused(10001, 'params error: timestamp or recv_window invalid')
  const fits = (nowMs: number): boolean => nowMs - windowMs <= atMs && atMs < nowMs + FUTURE_MS
  const nowMs = clocks.nowMs()
  if (fits(nowMs) || (clocks.wallMs !== null && fits(clocks.wallMs()))) return null
  return refused(
    10002,
    'invalid request, please check your server timestamp or recv_window param. ' +
      `req_timestamp[${timestamp}],server_timestamp[${nowMs}],recv_window[${windowMs}]`,
  )
}

const DENIED = refused(10005, 'Permission denied, please check your API key permissions.')

/** What a key lacks for a request, or null. */
export function permissionFault(
  key: ApiKey,
  need: { readonly isWrite: boolean; readonly category: Category | null; readonly isOrder: boolean },
): Outcome | null {
  if (need.isWrite && key.isReadOnly) return DENIED
  if (need.isOrder && need.category !== null && !key.mayTrade(need.category)) return DENIED
  return null
}

function integerOf(text: string): number {
  return /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
}
