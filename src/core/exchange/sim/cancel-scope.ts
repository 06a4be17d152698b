/**
 * Which orders one cancel-all means (BYBIT.md §3.6): contracts need a scope, take every kind by default and at most 500
 * picked at random; spot takes only plain orders unless told otherwise, without a cap; options take everything.
 */
import type { Prng } from '../../domain/prng.ts'
import type { Account } from './account.ts'
import { refuse } from './codes.ts'
import type { LiveOrder } from './live-order.ts'
import type { CancelAllScope, CommandResult } from './model.ts'

export const CANCEL_ALL_MAX = 500

/** Kinds that close a position at a profit or loss. */
const TPSL = /TakeProfit|StopLoss|TrailingStop|tpsl/i

export function judgeScope(scope: CancelAllScope): CommandResult | null {
  const hasScope = scope.symbol !== '' || scope.baseCoin !== '' || scope.settleCoin !== ''
  if ((scope.category === 'linear' || scope.category === 'inverse') && !hasScope) {
    return refuse(scope.category, 'scopeMissing')
  }
  return scope.category === 'spot' && scope.settleCoin !== '' && scope.symbol === '' && scope.baseCoin === ''
    ? refuse('spot', 'settleCoin')
    : null
}

/** Booked orders only: what is still in flight lands afterwards. */
export function ordersInScope(account: Account, scope: CancelAllScope, prng: Prng): readonly LiveOrder[] {
  const meant = [...account.open.values()].filter((order) => isInArea(order, scope) && isOfKind(order, scope))
  const isCapped = scope.category === 'linear' || scope.category === 'inverse'
  if (!isCapped || meant.length <= CANCEL_ALL_MAX) return meant
  return prng.shuffle(meant).slice(0, CANCEL_ALL_MAX)
}

// symbol wins over baseCoin wins over settleCoin.
function isInArea(order: LiveOrder, scope: CancelAllScope): boolean {
  const { baseCoin, settleCoin } = order.holding.listing.instrument
  if (order.category !== scope.category) return false
  if (scope.symbol !== '') return order.symbol === scope.symbol
  if (scope.baseCoin !== '') return baseCoin === scope.baseCoin
  return scope.settleCoin === '' || scope.category === 'spot' || settleCoin === scope.settleCoin
}

function isOfKind(order: LiveOrder, scope: CancelAllScope): boolean {
  if (scope.category === 'spot') return order.orderFilter === (scope.orderFilter ?? 'Order')
  switch (scope.orderFilter) {
    case null:
      return true
    case 'Order':
      return order.stage === 'resting'
    case 'OpenOrder':
      return !TPSL.test(order.stopOrderType) && !TPSL.test(order.orderFilter)
    default:
      return order.stage === 'waiting' && (scope.stopOrderType === '' || order.stopOrderType === scope.stopOrderType)
  }
}
