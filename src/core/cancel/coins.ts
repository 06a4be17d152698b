/**
 * Futures settle in many coins, and a cancel-all or a listing without a symbol needs one: the exchange's own list says
 * which exist. A coin that nobody asks for would hide its orders behind a zero.
 */
import type { Context } from './context.ts'
import { type CoinCategory, KNOWN_COINS } from './scope.ts'
import { rowsOf, textOf } from './venue-client.ts'

/** Adds the coins that are not known yet to the context and gives how many; what cannot be read is asked next time. */
export async function learnCoins(context: Context): Promise<number> {
  const counts = await Promise.all(unreadCoins(context).map((category) => learn(context, category)))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Categories of the scope that need coins which the exchange has not named yet. */
export function unreadCoins({ scope, coinsUnread }: Context): CoinCategory[] {
  const { categories, symbol, prefix } = scope
  // A listing of inverse needs no coin, and a sweep by symbol neither; one of linear always does.
  const isInverseNeeded = symbol === '' && prefix === ''
  return [...coinsUnread].filter(
    (category) => categories.includes(category) && (category === 'linear' || isInverseNeeded),
  )
}

async function learn(context: Context, category: CoinCategory): Promise<number> {
  const path = '/v5/market/instruments-info'
  const call = { method: 'GET', path, unit: `${category} coins`, gate: 'market' } as const
  const answer = await context.client.call({ ...call, params: { category, limit: 1_000 } }, context.deadlineMs)
  if (answer.kind !== 'ok') return 0
  context.coinsUnread.delete(category)
  const coins = context.coins[category]
  for (const row of rowsOf(answer.result, 'list')) {
    const coin = textOf(row, 'settleCoin')
    if (/^[A-Z0-9]{1,20}$/.test(coin) && !KNOWN_COINS[category].includes(coin)) coins.add(coin)
  }
  return coins.size
}
