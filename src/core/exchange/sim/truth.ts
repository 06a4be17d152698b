/** The ledger as plain data, for `/sim/truth` and for tests that judge a bot: nothing here is delayed, hidden or rounded. */
import type { Category } from '../../domain/instrument.ts'
import { fromSteps } from '../../domain/fixed.ts'
import type { Side, TimeUs } from '../../domain/units.ts'
import type { Account } from './account.ts'
import type { LiveOrder } from './live-order.ts'
import type { OrderFilter, SimStatus } from './model.ts'

export function truthOf(accounts: Iterable<Account>, at: { nowUs: TimeUs; crossSeq: number }): SimTruth {
  return { ...at, accounts: Array.from(accounts, accountTruth) }
}

function accountTruth(account: Account): SimTruthAccount {
  return {
    uid: account.uid,
    openOrders: Array.from(account.open.values(), orderTruth),
    inFlight: account.inFlight.size,
    positions: [...account.holdings.values()].flatMap((holding) =>
      holding.positions.map(({ symbol, category, positionIdx, lots, costE8 }) => ({
        category,
        symbol,
        positionIdx,
        lots,
        size: fromSteps(lots, holding.listing.instrument.size),
        costE8: String(costE8),
      })),
    ),
    balances: Object.fromEntries(Array.from(account.balances, ([coin, amount]) => [coin, String(amount)])),
    executionCount: account.executionCount,
  }
}

function orderTruth(order: LiveOrder): SimTruthOrder {
  const { instrument, market } = order.holding.listing
  return {
    category: order.category,
    symbol: order.symbol,
    orderId: order.orderId,
    orderLinkId: order.orderLinkId,
    orderFilter: order.orderFilter,
    status: order.status,
    side: order.side,
    price: fromSteps(order.priceTicks, instrument.price),
    size: fromSteps(order.sizeLots, instrument.size),
    filled: fromSteps(order.filledLots, instrument.size),
    lotsAhead: market.lotsAhead(order.ref),
  }
}

/** The ledger itself, for `/sim/truth` and the tests that judge a bot. */
export interface SimTruth {
  readonly nowUs: TimeUs
  readonly crossSeq: number
  readonly accounts: readonly SimTruthAccount[]
}

export interface SimTruthAccount {
  readonly uid: string
  readonly openOrders: readonly SimTruthOrder[]
  /** Accepted by the gateway, not yet in the book. */
  readonly inFlight: number
  readonly positions: readonly SimTruthPosition[]
  readonly balances: Readonly<Record<string, string>>
  readonly executionCount: number
}

export interface SimTruthOrder {
  readonly category: Category
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly orderFilter: OrderFilter
  readonly status: SimStatus
  readonly side: Side
  readonly price: string
  readonly size: string
  readonly filled: string
  /** Lots before it in its level's queue; -1 when it does not rest in the book. */
  readonly lotsAhead: number
}

export interface SimTruthPosition {
  readonly category: Category
  readonly symbol: string
  readonly positionIdx: number
  /** Signed. */
  readonly lots: number
  /** Signed, decimal text in coins (inverse: contracts). */
  readonly size: string
  readonly costE8: string
}
