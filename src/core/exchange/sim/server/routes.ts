/**
 * The REST surface as a table: one row per endpoint. Adding an endpoint is a row here and its handler. Quotas by class
 * are in limits.ts; `isOrder` rows need the key's trade permission for the category asked for.
 */
import * as account from './endpoints/account.ts'
import * as market from './endpoints/market.ts'
import * as batch from './endpoints/order-batch.ts'
import * as reads from './endpoints/order-read.ts'
import * as writes from './endpoints/order-write.ts'
import * as position from './endpoints/position.ts'
import { tradingStop } from './endpoints/trading-stop.ts'
import { transactionLog } from './endpoints/transaction-log.ts'
import { apiLimits, updateSubApi } from './endpoints/user.ts'
import type { LimitClass } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Call, Handler, Venue } from './venue.ts'

export interface PublicRoute {
  readonly method: 'GET'
  readonly path: string
  readonly isPublic: true
  readonly handle: (venue: Venue, call: market.PublicCall) => Outcome
}

export interface PrivateRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly isPublic: false
  readonly limit: LimitClass
  readonly isOrder: boolean
  readonly handle: Handler
  /** Units of quota; 1 when absent. */
  readonly units?: (call: Call['fields']) => number
}

export type Route = PublicRoute | PrivateRoute

const open = (path: string, handle: PublicRoute['handle']): PublicRoute => ({
  method: 'GET',
  path: `/v5/${path}`,
  isPublic: true,
  handle,
})

const read = (limit: LimitClass, handle: Handler): PrivateRoute => ({
  method: 'GET',
  path: `/v5/${limit}`,
  isPublic: false,
  limit,
  isOrder: false,
  handle,
})

const write = (limit: LimitClass, handle: Handler): PrivateRoute => ({ ...read(limit, handle), method: 'POST' })
const order = (limit: LimitClass, handle: Handler): PrivateRoute => ({ ...write(limit, handle), isOrder: true })
const orders = (limit: LimitClass, handle: Handler): PrivateRoute => ({
  ...order(limit, handle),
  units: batch.batchSize,
})

export const ROUTES: readonly Route[] = [
  open('market/time', market.time),
  open('market/instruments-info', market.instrumentsInfo),
  open('market/orderbook', market.orderbook),
  open('market/full_orderbook', market.fullOrderbook),
  open('market/tickers', market.tickers),
  open('market/recent-trade', market.recentTrade),
  open('market/kline', market.kline),
  open('market/price-limit', market.priceLimit),
  open('market/risk-limit', market.riskLimit),
  open('market/funding/history', market.fundingHistory),
  open('system/status', market.systemStatus),
  order('order/create', writes.create),
  order('order/amend', writes.amend),
  order('order/cancel', writes.cancel),
  order('order/cancel-all', writes.cancelAll),
  orders('order/create-batch', batch.createBatch),
  orders('order/amend-batch', batch.amendBatch),
  orders('order/cancel-batch', batch.cancelBatch),
  order('order/pre-check', writes.preCheck),
  write('order/disconnected-cancel-all', account.setDcp),
  read('order/realtime', reads.realtime),
  read('order/history', reads.history),
  read('execution/list', reads.executions),
  read('position/list', position.list),
  read('position/closed-pnl', position.closedPnl),
  order('position/set-leverage', position.setLeverage),
  order('position/switch-mode', position.switchMode),
  order('position/trading-stop', tradingStop),
  read('account/wallet-balance', account.walletBalance),
  read('account/info', account.info),
  read('account/fee-rate', account.feeRate),
  read('account/query-dcp-info', account.queryDcpInfo),
  read('account/user-setting-config', account.userSettingConfig),
  read('account/smp-group', account.smpGroup),
  read('account/instruments-info', account.accountInstruments),
  read('account/transaction-log', transactionLog),
  write('account/set-limit-px-action', account.setLimitPxAction),
  write('account/set-margin-mode', account.setMarginMode),
  read('user/query-api', account.queryApi),
  write('user/update-sub-api', updateSubApi),
  read('apilimit/query', apiLimits),
  read('asset/coin/query-info', account.coinInfo),
]

/** Ops of `/v5/trade`, each the REST endpoint it stands for. */
export const TRADE_OPS: ReadonlyMap<string, string> = new Map(
  ['create', 'amend', 'cancel', 'create-batch', 'amend-batch', 'cancel-batch'].map((act) => [
    `order.${act}`,
    `/v5/order/${act}`,
  ]),
)
