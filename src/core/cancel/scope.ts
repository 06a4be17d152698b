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
}

const LINEAR_COINS = ['USDT', 'USDC']
// Inverse contracts settle in their base coin. Coins found open are added while sweeping; these need no look first.
const INVERSE_COINS = ['BTC', 'ETH']
const SPOT_FILTERS = ['Order', 'tpslOrder', 'StopOrder', 'OcoOrder', 'BidirectionalTpslOrder']

/** The cancel-all calls that cover the scope; none when it is narrowed to a prefix. */
export function sweepUnits(scope: Scope): Unit[] {
  return scope.prefix !== '' ? [] : scope.categories.flatMap((category) => sweepsOf(category, scope))
}

/** A further sweep for an inverse or linear symbol that the coins above do not reach. */
export function symbolUnit(category: CancelCategory, symbol: string, scope: Scope): Unit {
  return unit(category, { symbol, ...protectiveFilter(category, scope) })
}

/** The listings that together show every open order of the scope. */
export function listUnits(scope: Scope): Unit[] {
  return scope.categories.flatMap((category) => {
    if (scope.symbol !== '') return listsOfSymbol(category, scope.symbol)
    if (category === 'linear') return LINEAR_COINS.map((settleCoin) => unit(category, { settleCoin }))
    if (category === 'spot') return spotLists({})
    return [unit(category, {})]
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

function sweepsOf(category: CancelCategory, scope: Scope): Unit[] {
  const narrowed = protectiveFilter(category, scope)
  if (category === 'spot') {
    const filters = scope.isKeepingProtective ? ['Order'] : SPOT_FILTERS
    return filters.map((orderFilter) => unit(category, { ...symbolOnly(scope), orderFilter }))
  }
  if (scope.symbol !== '') return [unit(category, { symbol: scope.symbol, ...narrowed })]
  if (category === 'linear') return LINEAR_COINS.map((settleCoin) => unit(category, { settleCoin, ...narrowed }))
  if (category === 'inverse') return INVERSE_COINS.map((settleCoin) => unit(category, { settleCoin, ...narrowed }))
  return [unit(category, narrowed)]
}

function listsOfSymbol(category: CancelCategory, symbol: string): Unit[] {
  return category === 'spot' ? spotLists({ symbol }) : [unit(category, { symbol })]
}

// Documented: a listing without filter shows all kinds. Asked for by kind as well, because "nothing left" rests on it.
function spotLists(params: Record<string, string>): Unit[] {
  const kinds = SPOT_FILTERS.slice(1).map((orderFilter) => unit('spot', { ...params, orderFilter }))
  return [unit('spot', params), ...kinds]
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
