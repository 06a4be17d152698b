/**
 * `GET /sim/truth`: the ledger as it is, for tests, operators and judges; no signature, loopback only. Also counts every
 * request by endpoint and code. Shows no key material.
 */
import type { SimExecution } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Json } from './outcome.ts'
import { coinText, priceText, sizeText } from './rows/money-text.ts'

export class RequestCounts {
  private readonly counts = new Map<string, Map<string, number>>()

  count(endpoint: string, code: number | string): void {
    let row = this.counts.get(endpoint)
    if (row === undefined) {
      row = new Map()
      this.counts.set(endpoint, row)
    }
    row.set(String(code), (row.get(String(code)) ?? 0) + 1)
  }

  json(): Json {
    return Object.fromEntries([...this.counts].map(([endpoint, row]) => [endpoint, Object.fromEntries(row)]))
  }
}

export function truthJson(exchange: SimExchange, counts: RequestCounts, nowMs: number): Json {
  const truth = exchange.truth()
  const accounts = truth.accounts.map((account) => ({
    uid: account.uid,
    openOrders: account.openOrders.map((order) => ({ ...order, side: order.side > 0 ? 'Buy' : 'Sell' })),
    inFlight: account.inFlight,
    positions: account.positions,
    executions: exchange.executions(account.uid).map((one) => executionJson(exchange, one)),
    wallet: Object.fromEntries([...exchange.wallet(account.uid).balances].map(([coin, e8]) => [coin, coinText(e8)])),
  }))
  return { now: nowMs, crossSeq: truth.crossSeq, accounts, requests: counts.json() }
}

export function executionJson(exchange: SimExchange, one: SimExecution): Json {
  const instrument = exchange.listing(one.category, one.symbol)?.instrument
  return {
    execId: one.execId,
    orderId: one.orderId,
    orderLinkId: one.orderLinkId,
    category: one.category,
    symbol: one.symbol,
    side: one.side > 0 ? 'Buy' : 'Sell',
    price: instrument === undefined ? '' : priceText(one.priceTicks, instrument),
    size: instrument === undefined ? '' : sizeText(one.sizeLots, instrument),
    fee: coinText(one.feeE8),
    feeCoin: one.feeCoin,
    isMaker: one.isMaker,
    execType: one.execType,
    seq: one.crossSeq,
    time: Math.floor(one.exchangeUs / 1_000),
  }
}
