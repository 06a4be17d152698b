/**
 * The strongest fence: a master key (MM_MASTER_API_KEY, MM_MASTER_API_SECRET) makes the bot's key read-only, so that
 * nobody who holds it can write any more, wherever he runs. Never part of the proof: what happens to requests already
 * accepted is covered by T_safe. Refuses to take away the only key that can cancel.
 */
import { type Credentials } from '../credentials.ts'
import { Secret } from '../domain/secret.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import { RequestLog } from './request-log.ts'
import { type Net, VenueClient } from './venue-client.ts'

const BUDGET_MS = 5_000

export interface RevokeOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly net: Net
  /** Keys at hand, in the order of use. */
  readonly keys: readonly Credentials[]
  /** The bot's own key, null when it is not at hand. */
  readonly botKey: Credentials | null
}

/** Revokes when called; the text of a failure, '' when the exchange said it is done. */
export function masterRevoke({ env, net, keys, botKey }: RevokeOptions): () => Promise<string> {
  return async () => {
    const key = env['MM_MASTER_API_KEY']
    const secret = env['MM_MASTER_API_SECRET']
    if (!key || !secret) return 'MM_MASTER_API_KEY and MM_MASTER_API_SECRET are not set'
    if (botKey === null) return 'the key to revoke is not at hand (MM_API_KEY)'
    const target = botKey.apiKey.reveal()
    if (keys.every(({ apiKey }) => apiKey.reveal() === target)) {
      return 'it is the only key here, and without it nothing could be cancelled: set MM_EMERGENCY_API_KEY'
    }
    const credentials = {
      apiKey: new Secret(key),
      secret: new Secret(secret),
      kind: 'hmac',
      source: 'environment',
    } as const
    const client = new VenueClient(net, [signerOf(credentials)], new RequestLog())
    const params = { apikey: target, readOnly: 1 }
    const call = { method: 'POST', path: '/v5/user/update-sub-api', params, unit: 'revoke', gate: 'user' } as const
    const untilMs = client.nowMs() + BUDGET_MS
    let answer = await client.call(call, untilMs)
    while (answer.kind === 'lost' && client.nowMs() < untilMs) answer = await client.call(call, untilMs)
    if (answer.kind === 'ok') return ''
    return 'code' in answer ? `${answer.code} ${answer.message}` : answer.kind
  }
}
