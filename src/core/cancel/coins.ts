/** Inverse contracts settle in many coins, and a cancel-all needs one: the exchange's own list says which exist. */
import type { Context } from './context.ts'
import { rowsOf, textOf } from './venue-client.ts'

/** Adds the coins to the context and gives how many; best effort, 0 when the list cannot be read. */
export async function learnCoins(context: Context): Promise<number> {
  const { categories, symbol, prefix } = context.scope
  if (!categories.includes('inverse') || symbol !== '' || prefix !== '') return 0
  const call = { method: 'GET', path: '/v5/market/instruments-info', unit: 'inverse coins', gate: 'market' } as const
  const answer = await context.client.call(
    { ...call, params: { category: 'inverse', limit: 1_000 } },
    context.deadlineMs,
  )
  if (answer.kind !== 'ok') return 0
  const known = new Set(['BTC', 'ETH'])
  for (const row of rowsOf(answer.result, 'list')) {
    const coin = textOf(row, 'settleCoin')
    if (/^[A-Z0-9]{1,20}$/.test(coin) && !known.has(coin)) context.coins.add(coin)
  }
  return context.coins.size
}
