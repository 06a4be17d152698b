/**
 * The strongest fence: a master key (MM_MASTER_API_KEY, MM_MASTER_API_SECRET) makes the bot's key read-only, so that
 * nobody who holds it can write any more, wherever he runs. Never part of the proof: what happens to requests already
 * accepted is covered by T_safe.
 */
import { Secret } from '../domain/secret.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import { RequestLog } from './request-log.ts'
import { type Net, VenueClient } from './venue-client.ts'

const BUDGET_MS = 5_000

/** Revokes when called; the text of a failure, '' when the exchange said it is done. */
export function masterRevoke(env: Readonly<Record<string, string | undefined>>, net: Net): () => Promise<string> {
  return async () => {
    const key = env['MM_MASTER_API_KEY']
    const secret = env['MM_MASTER_API_SECRET']
    const botKey = env['MM_API_KEY']
    if (!key || !secret) return 'MM_MASTER_API_KEY and MM_MASTER_API_SECRET are not set'
    if (!botKey) return 'MM_API_KEY, the key to revoke, is not set'
    const credentials = {
      apiKey: new Secret(key),
      secret: new Secret(secret),
      kind: 'hmac',
      source: 'environment',
    } as const
    const client = new VenueClient(net, [signerOf(credentials)], new RequestLog())
    const answer = await client.call(
      {
        method: 'POST',
        path: '/v5/user/update-sub-api',
        params: { apikey: botKey, readOnly: 1 },
        unit: 'revoke',
        gate: 'user',
      },
      client.nowMs() + BUDGET_MS,
    )
    if (answer.kind === 'ok') return ''
    return answer.kind === 'refused' || answer.kind === 'denied' ? `${answer.code} ${answer.message}` : answer.kind
  }
}
