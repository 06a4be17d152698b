/**
 * The unified account as wallet-balance and the `wallet` stream show it. Totals are in USD: stablecoins count 1, other
 * coins their mark price; both messages are made here, so they agree with the ledger and with each other.
 */
import type { SimExchange } from '../../sim-exchange.ts'
import type { Json } from '../outcome.ts'
import { coinText, priceE8, ratioE8, timesE8, valueE8 } from './money-text.ts'
import { isOpen } from './order-row.ts'
import { positionFigures } from './position-row.ts'

const STABLE: ReadonlySet<string> = new Set(['USDT', 'USDC', 'USD'])
const ONE = 100_000_000n

interface CoinSums {
  balance: bigint
  locked: bigint
  unrealised: bigint
  realised: bigint
  orderMargin: bigint
  positionMargin: bigint
  maintenance: bigint
}

/** Of the whole account, in 1e-8 USD. */
export interface AccountFigures {
  readonly equity: bigint
  readonly balance: bigint
  readonly unrealised: bigint
  readonly initial: bigint
  readonly maintenance: bigint
}

export function accountFigures(exchange: SimExchange, uid: string): AccountFigures {
  return figuresOf(exchange, coinSums(exchange, uid))
}

function figuresOf(exchange: SimExchange, coins: ReadonlyMap<string, CoinSums>): AccountFigures {
  const usd = { equity: 0n, balance: 0n, unrealised: 0n, initial: 0n, maintenance: 0n }
  for (const [name, sums] of coins) {
    const price = usdPriceE8(exchange, name)
    usd.balance += timesE8(sums.balance, price)
    usd.unrealised += timesE8(sums.unrealised, price)
    usd.initial += timesE8(sums.orderMargin + sums.positionMargin, price)
    usd.maintenance += timesE8(sums.maintenance, price)
  }
  usd.equity = usd.balance + usd.unrealised
  return usd
}

/** The one account row. `coin` '' shows every coin, else those listed by comma. */
export function walletRow(exchange: SimExchange, uid: string, coin = ''): Json {
  const wanted = coin === '' ? null : new Set(coin.split(','))
  const coins = coinSums(exchange, uid)
  const usd = figuresOf(exchange, coins)
  const rows = [...coins]
    .filter(([name]) => wanted === null || wanted.has(name))
    .map(([name, sums]) => coinRow(name, sums, usdPriceE8(exchange, name)))
  // Under isolated margin the account as a whole has none of these.
  const isIsolated = exchange.terms.isIsolated(uid)
  const sum = (part: bigint): string => (isIsolated ? '' : coinText(part))
  const rate = (part: bigint): string => sum(ratioE8(part, usd.equity))
  return {
    accountType: 'UNIFIED',
    accountLTV: '0',
    accountIMRate: rate(usd.initial),
    accountIMRateByMp: rate(usd.initial),
    accountMMRate: rate(usd.maintenance),
    accountMMRateByMp: rate(usd.maintenance),
    totalEquity: coinText(usd.equity),
    totalWalletBalance: coinText(usd.balance),
    totalMarginBalance: sum(usd.equity),
    totalAvailableBalance: sum(usd.equity - usd.initial),
    totalPerpUPL: coinText(usd.unrealised),
    totalInitialMargin: sum(usd.initial),
    totalInitialMarginByMp: sum(usd.initial),
    totalMaintenanceMargin: sum(usd.maintenance),
    totalMaintenanceMarginByMp: sum(usd.maintenance),
    coin: rows,
  }
}

function coinRow(name: string, sums: CoinSums, price: bigint): Json {
  const equity = sums.balance + sums.unrealised
  return {
    coin: name,
    equity: coinText(equity),
    usdValue: coinText(timesE8(equity, price)),
    walletBalance: coinText(sums.balance),
    availableToWithdraw: '',
    availableToBorrow: '',
    borrowAmount: '0',
    accruedInterest: '0',
    totalOrderIM: coinText(sums.orderMargin),
    totalPositionIM: coinText(sums.positionMargin),
    totalPositionMM: coinText(sums.maintenance),
    unrealisedPnl: coinText(sums.unrealised),
    cumRealisedPnl: coinText(sums.realised),
    bonus: '0',
    collateralSwitch: true,
    marginCollateral: true,
    locked: coinText(sums.locked),
    spotHedgingQty: '0',
    spotBorrow: '0',
    colRes: '0',
  }
}

/** Sums per coin, of coins the wallet holds or a position settles in. */
function coinSums(exchange: SimExchange, uid: string): Map<string, CoinSums> {
  const wallet = exchange.wallet(uid)
  const coins = new Map<string, CoinSums>()
  for (const [name, balance] of wallet.balances) {
    const sums = sumsOf(coins, name)
    sums.balance = balance
    sums.locked = wallet.locked.get(name) ?? 0n
  }
  for (const position of exchange.positions(uid)) {
    const listing = exchange.listing(position.category, position.symbol)
    if (listing === undefined) continue
    const mark = exchange.reference(position.category, position.symbol).markTicks
    const figures = positionFigures(position, listing, mark)
    const sums = sumsOf(coins, listing.instrument.settleCoin)
    sums.unrealised += figures.unrealisedE8
    sums.realised += position.realisedE8
    sums.positionMargin += position.lots === 0 ? 0n : figures.initialMarginE8
    sums.maintenance += position.lots === 0 ? 0n : figures.maintenanceMarginE8
  }
  addOrderMargins(exchange, uid, coins)
  return coins
}

function addOrderMargins(exchange: SimExchange, uid: string, coins: Map<string, CoinSums>): void {
  for (const order of exchange.openOrders(uid)) {
    if (order.category === 'spot' || order.isReduceOnly || !isOpen(order)) continue
    const listing = exchange.listing(order.category, order.symbol)
    if (listing === undefined) continue
    const leverage = BigInt(Math.round(Number(exchange.terms.leverage(uid, order.category, order.symbol)) * 100))
    const value = valueE8(order.sizeLots - order.filledLots, order.priceTicks, listing.instrument)
    sumsOf(coins, listing.instrument.settleCoin).orderMargin += (value * 100n) / leverage
  }
}

function sumsOf(coins: Map<string, CoinSums>, name: string): CoinSums {
  let sums = coins.get(name)
  if (sums === undefined) {
    sums = {
      balance: 0n,
      locked: 0n,
      unrealised: 0n,
      realised: 0n,
      orderMargin: 0n,
      positionMargin: 0n,
      maintenance: 0n,
    }
    coins.set(name, sums)
  }
  return sums
}

/** 1 for stablecoins; else the mark of the coin's USDT pair, 0 when none is listed. */
export function usdPriceE8(exchange: SimExchange, coin: string): bigint {
  if (STABLE.has(coin)) return ONE
  const listing = exchange.instruments.find(
    ({ instrument }) => instrument.baseCoin === coin && STABLE.has(instrument.quoteCoin),
  )
  if (listing === undefined) return 0n
  const { category, symbol } = listing.instrument
  return priceE8(exchange.reference(category, symbol).markTicks, listing.instrument)
}
