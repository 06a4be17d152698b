/**
 * Order, execution, position and wallet rows (stream and REST alike) as plain records. Ids stay text; decimals become
 * exact integers; a field that does not fit makes the row `null`, which the caller answers with a resync, never a guess.
 * https://bybit-exchange.github.io/docs/v5/enum (2026-08)
 */
import { parseBig, toSteps } from '../../domain/fixed.ts'
import { moneyDecimals, moneyStep } from '../../domain/instrument.ts'
import { type OrderSeq, type Side, BUY, SELL } from '../../domain/units.ts'
import { asObjects, type JsonObject, textOf, wholeOf } from './json-value.ts'
import type { OrderLinks } from './order-links.ts'
import type { SymbolEntry, SymbolTable } from './symbol-table.ts'

export type OrderState = 'open' | 'filled' | 'canceled' | 'rejected'

export interface OrderRow {
  readonly order: OrderSeq
  readonly link: string
  readonly orderId: string
  readonly symbol: SymbolEntry
  readonly side: Side
  readonly state: OrderState
  readonly priceTicks: number
  readonly sizeLots: number
  readonly filledLots: number
  readonly reason: string
  readonly isPostOnlyMiss: boolean
  readonly updatedMs: number
}

export interface ExecutionRow {
  readonly execId: string
  readonly execType: string
  readonly kind: 'fill' | 'funding' | 'unknown'
  readonly order: OrderSeq
  readonly link: string
  readonly symbol: SymbolEntry
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  /** Fee, or the amount of a funding row, in 1e-8 quote coins; positive is paid. */
  readonly feeE8: bigint
  readonly isMaker: boolean
  /** Cross sequence: orders executions and position statements of a symbol. 0 when absent. */
  readonly crossSeq: number
  readonly timeMs: number
}

export interface PositionRow {
  readonly symbol: SymbolEntry
  readonly positionIdx: number
  readonly positionLots: number
  readonly costMoney: number
  readonly crossSeq: number
  readonly updatedMs: number
}

/** What is known of the account's money, as text of the exchange. */
export interface WalletRow {
  readonly totalEquity: string
  readonly totalAvailable: string
  readonly coins: readonly { readonly coin: string; readonly walletBalance: string; readonly equity: string }[]
}

/** Anything not listed counts as open: better an order too many than one forgotten. */
const STATES: Readonly<Record<string, OrderState>> = {
  Filled: 'filled',
  Cancelled: 'canceled',
  PartiallyFilledCanceled: 'canceled',
  Deactivated: 'canceled',
  Rejected: 'rejected',
}

const EXEC_KINDS: Readonly<Record<string, ExecutionRow['kind']>> = {
  Trade: 'fill',
  AdlTrade: 'fill',
  BustTrade: 'fill',
  Delivery: 'fill',
  Settle: 'fill',
  BlockTrade: 'fill',
  MovePosition: 'fill',
  FutureSpread: 'fill',
  Funding: 'funding',
}

/** Say less than the cancel type: whose request it was. */
const NO_REASON = new Set(['', 'UNKNOWN', 'EC_NoError', 'EC_PerCancelRequest'])

export interface RowContext {
  readonly symbols: SymbolTable
  readonly links: OrderLinks
}

/** 'foreign': a symbol that is not ours · null: a row of ours that cannot be read. */
export type Read<Row> = Row | 'foreign' | null

export function readOrder(row: JsonObject, { symbols, links }: RowContext): Read<OrderRow> {
  const symbol = symbols.named(textOf(row, 'symbol'))
  if (symbol === undefined) return 'foreign'
  const link = textOf(row, 'orderLinkId')
  const order = links.orderOf(link)
  if (order === 0) return 'foreign'
  const side = sideOf(row)
  const priceTicks = toSteps(textOf(row, 'price'), symbol.instrument.price)
  const sizeLots = toSteps(textOf(row, 'qty'), symbol.instrument.size)
  const filledLots = toSteps(textOf(row, 'cumExecQty') || '0', symbol.instrument.size)
  const updatedMs = wholeOf(row, 'updatedTime')
  if (side === null || !areWhole(priceTicks, sizeLots, filledLots, updatedMs)) return null
  const state = STATES[textOf(row, 'orderStatus')] ?? 'open'
  const rejectReason = textOf(row, 'rejectReason')
  return {
    order,
    link,
    orderId: textOf(row, 'orderId'),
    symbol,
    side,
    state,
    priceTicks,
    sizeLots,
    filledLots,
    reason: state === 'open' || state === 'filled' ? '' : endReason(rejectReason, textOf(row, 'cancelType')),
    isPostOnlyMiss: state !== 'open' && rejectReason === 'EC_PostOnlyWillTakeLiquidity',
    updatedMs,
  }
}

export function readExecution(row: JsonObject, { symbols, links }: RowContext): Read<ExecutionRow> {
  const symbol = symbols.named(textOf(row, 'symbol'))
  if (symbol === undefined) return 'foreign'
  const execId = textOf(row, 'execId')
  const execType = textOf(row, 'execType') || 'Trade'
  const kind = EXEC_KINDS[execType] ?? 'unknown'
  const side = sideOf(row)
  const link = textOf(row, 'orderLinkId')
  const sizeLots = toSteps(textOf(row, 'execQty'), symbol.instrument.size)
  const priceTicks = executionTicks(row, symbol, side)
  const feeE8 = feeOf(row, symbol)
  const timeMs = wholeOf(row, 'execTime')
  if (execId === '' || feeE8 === null || !areWhole(timeMs)) return null
  if (kind === 'fill' && (side === null || !areWhole(sizeLots, priceTicks))) return null
  return {
    execId,
    execType,
    kind,
    order: links.orderOf(link),
    link,
    symbol,
    side: side ?? BUY,
    priceTicks,
    sizeLots,
    feeE8,
    isMaker: row['isMaker'] === true || row['isMaker'] === 'true',
    crossSeq: wholeOf(row, 'seq') || 0,
    timeMs,
  }
}

export function readPosition(row: JsonObject, symbols: SymbolTable): Read<PositionRow> {
  const symbol = symbols.named(textOf(row, 'symbol'))
  if (symbol === undefined) return 'foreign'
  const side = sideOf(row)
  // An empty position has side "" (or "None") and may have neither size nor price. A size of a side that cannot be read
  // is not an empty one.
  const sizeLots = toSteps(textOf(row, 'size') || (side === null ? '0' : ''), symbol.instrument.size)
  const sign = side ?? (sizeLots === 0 ? BUY : null)
  const price = textOf(row, 'avgPrice') || textOf(row, 'entryPrice') || '0'
  if (sign === null || !areWhole(sizeLots) || sizeLots < 0) return null
  const costMoney = sizeLots === 0 ? 0 : costOf(price, sizeLots, symbol)
  if (!areWhole(costMoney)) return null
  return {
    symbol,
    positionIdx: wholeOf(row, 'positionIdx') || 0,
    positionLots: sizeLots === 0 ? 0 : sign * sizeLots,
    costMoney: costMoney === 0 ? 0 : sign * costMoney,
    crossSeq: wholeOf(row, 'seq') || 0,
    updatedMs: wholeOf(row, 'updatedTime') || 0,
  }
}

export function readWallet(row: JsonObject): WalletRow {
  return {
    totalEquity: textOf(row, 'totalEquity'),
    totalAvailable: textOf(row, 'totalAvailableBalance'),
    coins: asObjects(row['coin']).map((coin) => ({
      coin: textOf(coin, 'coin'),
      walletBalance: textOf(coin, 'walletBalance'),
      equity: textOf(coin, 'equity'),
    })),
  }
}

// Off-tick prices exist where no order book made them (delivery, takeover): rounded against us, the size stays exact.
function executionTicks(row: JsonObject, symbol: SymbolEntry, side: Side | null): number {
  const text = textOf(row, 'execPrice')
  const exact = toSteps(text, symbol.instrument.price)
  return Number.isNaN(exact) ? toSteps(text, symbol.instrument.price, side === SELL ? 'down' : 'up') : exact
}

/** Fee text → 1e-8 quote coins, rounded against us. A spot fee taken in the base coin is valued at the fill's price. */
function feeOf(row: JsonObject, symbol: SymbolEntry): bigint | null {
  const text = textOf(row, 'execFee') || '0'
  const { baseCoin, category } = symbol.instrument
  if (category !== 'spot' || textOf(row, 'feeCurrency') !== baseCoin) return parseBig(text, 8, 'up')
  const fee = parseBig(text, 12, 'up')
  const price = parseBig(textOf(row, 'execPrice'), 12, 'up')
  return fee === null || price === null ? null : (fee * price) / 10n ** 16n
}

// Entry prices are averages, finer than a tick: the cost is rounded to the nearest money unit.
function costOf(price: string, sizeLots: number, symbol: SymbolEntry): number {
  const PRICE_DECIMALS = 18
  const { instrument } = symbol
  const scaled = parseBig(price, PRICE_DECIMALS, 'down')
  if (scaled === null) return Number.NaN
  const numerator = scaled * BigInt(sizeLots) * BigInt(instrument.size.stepUnits)
  const unit =
    BigInt(moneyStep(instrument)) * 10n ** BigInt(PRICE_DECIMALS - moneyDecimals(instrument) + instrument.size.decimals)
  return Number((2n * numerator + unit) / (2n * unit))
}

function sideOf(row: JsonObject): Side | null {
  const side = textOf(row, 'side')
  if (side === 'Buy') return BUY
  return side === 'Sell' ? SELL : null
}

function endReason(rejectReason: string, cancelType: string): string {
  return NO_REASON.has(rejectReason) ? cancelType : rejectReason
}

const areWhole = (...values: number[]): boolean => values.every((value) => Number.isSafeInteger(value))
