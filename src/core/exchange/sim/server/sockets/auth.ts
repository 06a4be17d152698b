/** The auth frame of private and trade sockets: [apiKey, expires, signature of "GET/realtime" + expires]. */
import type { Clocks } from '../gate.ts'
import type { ApiKey, KeyRing } from '../keys.ts'
import { KEY_EXPIRED, type Outcome, refused } from '../outcome.ts'

export interface AuthRoom {
  readonly keys: KeyRing
  readonly ip: string
  readonly clocks: Clocks
}

/** `expires` may come as number or text and must lie in the future. */
export function authKey(args: unknown, room: AuthRoom): { readonly key: ApiKey } | { readonly fault: Outcome } {
  if (!Array.isArray(args) || args.length < 3) return { fault: refused(10001, 'Params Error') }
  const [apiKey, expires, signature] = args
  const expiresMs = typeof expires === 'string' && /^\d{1,16}$/.test(expires) ? Number(expires) : expires
  if (typeof apiKey !== 'string' || typeof signature !== 'string' || typeof expiresMs !== 'number') {
    return { fault: refused(10001, 'Params Error') }
  }
  const { nowMs, wallMs } = room.clocks
  if (expiresMs <= nowMs() && !(wallMs !== null && expiresMs > wallMs()))
    return { fault: refused(10001, 'Params Error') }
  const key = room.keys.find(apiKey)
  if (key === null) return { fault: refused(10003, 'API key is invalid.') }
  if (key.isExpired(nowMs())) return { fault: KEY_EXPIRED }
  if (key.ips.length > 0 && !key.ips.includes(room.ip)) {
    return { fault: refused(10010, 'Unmatched IP, please check your API key.') }
  }
  const isSigned = key.isSignedBy(`GET/realtime${String(expires)}`, signature)
  return isSigned ? { key } : { fault: refused(10004, 'Invalid sign') }
}
