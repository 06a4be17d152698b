/**
 * What is to be cancelled, as lists of calls: sweep units (one cancel-all request each) and list units (one paged
 * listing each). Facts of the venue behind it: futures need a settle coin or symbol, spot's cancel-all takes one order
 * filter a call and spares the others by default, a listing without filter shows every kind.
 */

export type CancelCategory = 'linear' | 'inverse' | 'spot' | 'option'
export const CATEGORIES: readonly CancelCategory[] = ['linear', 'inverse', 'spot', 'option']

export interface Scope {
  readonly categories: readonly CancelCategory[]
  /** Only this symbol; '' for all. */
  readonly symbol: string
  /** Only orders whose orderLinkId starts so; '' for all. Then orders are cancelled by id, never by cancel-all. */
  readonly prefix: string
  /** Leave conditional, TP/SL and trailing orders alone. */
  readonly isKeepingProtective: boolean
}

/** One request as parameters; `label` names it to people and in the proof. */
export interface Unit {
  readonly label: string
  readonly category: CancelCategory
  readonly params: Readonly<Record<string, string>>
}

/** One row of a listing, as much of it as cancelling needs. */
export interface OpenRow {
  readonly category: CancelCategory
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly status: string
  readonly orderFilter: string
  readonly createType: string
  /** Exchange time at which it was made; 0 when the listing does not say. */
  readonly createdMs: number
}

/** Categories whose contracts settle in one of several coins. */
export type CoinCategory = 'linear' | 'inverse'
/** Coins beyond the known ones, as the exchange lists them. */
export type Coins = Readonly<Record<CoinCategory, ReadonlySet<string>>>

/** These need no look first; further coins are learned while sweeping. Inverse contracts settle in their base coin. */
export const KNOWN_COINS: Readonly<Record<CoinCategory, readonly string[]>> = {
  linear: ['USDT', 'USDC'],
  inverse: ['BTC', 'ETH'],
}
const SPOT_FILTERS = ['Order', 'tpslOrder', 'StopOrder', 'OcoOrder', 'BidirectionalTpslOrder']

/** The coins to go through. */
export function coinsOf(category: CoinCategory, coins: Coins): string[] {
  return [...new Set([...KNOWN_COINS[category], ...coins[category]])]
}

/** The cancel-all calls that cover the scope; none when it is narrowed to a prefix. */
export function sweepUnits(scope: Scope, coins: Coins): Unit[] {
  return scope.prefix !== '' ? [] : scope.categories.flatMap((category) => sweepsOf(category, scope, coins))
}

/** A further sweep for a symbol that the coins do not reach. */
export function symbolUnit(category: CancelCategory, symbol: string, scope: Scope): Unit {
  return unit(category, { symbol, ...protectiveFilter(category, scope) })
}

/**
 * The listings that together show every open order of the scope. A narrower scope is cut out of them afterwards: asking
 * by symbol would be refused in each category that does not list it.
 */
export function listUnits(scope: Scope, coins: Coins): Unit[] {
  return scope.categories.flatMap((category) => {
    if (category === 'linear') return coinsOf(category, coins).map((settleCoin) => unit(category, { settleCoin }))
    return category === 'spot' ? spotLists() : [unit(category, {})]
  })
}

/** True when a listed order is one that this scope cancels. */
export function isInScope(row: OpenRow, scope: Scope): boolean {
  if (scope.symbol !== '' && row.symbol !== scope.symbol) return false
  if (scope.prefix !== '' && !row.orderLinkId.startsWith(scope.prefix)) return false
  return !(scope.isKeepingProtective && isProtective(row))
}

/** Conditional, TP/SL and trailing orders: what protects a position. */
export function isProtective(row: OpenRow): boolean {
  return row.status === 'Untriggered' || (row.orderFilter !== '' && row.orderFilter !== 'Order')
}

function sweepsOf(category: CancelCategory, scope: Scope, coins: Coins): Unit[] {
  const narrowed = protectiveFilter(category, scope)
  if (category === 'spot') {
    const filters = scope.isKeepingProtective ? ['Order'] : SPOT_FILTERS
    return filters.map((orderFilter) => unit(category, { ...symbolOnly(scope), orderFilter }))
  }
  if (scope.symbol !== '') return [unit(category, { symbol: scope.symbol, ...narrowed })]
  if (category === 'option') return [unit(category, narrowed)]
  return coinsOf(category, coins).map((settleCoin) => unit(category, { settleCoin, ...narrowed }))
}

// Documented: a listing without filter shows all kinds. Asked for by kind as well, because "nothing left" rests on it.
function spotLists(): Unit[] {
  return [unit('spot', {}), ...SPOT_FILTERS.slice(1).map((orderFilter) => unit('spot', { orderFilter }))]
}

function protectiveFilter(category: CancelCategory, scope: Scope): Record<string, string> {
  return scope.isKeepingProtective && category !== 'option' ? { orderFilter: 'Order' } : {}
}

function symbolOnly(scope: Scope): Record<string, string> {
  return scope.symbol === '' ? {} : { symbol: scope.symbol }
}

function unit(category: CancelCategory, params: Record<string, string>): Unit {
  const label = [category, ...Object.values(params)].join('/')
  return { label, category, params: { category, ...params } }
}
