/** position/*: what the account holds and how. The ledger judges every change. */
import type { Category } from '../../../../domain/instrument.ts'
import type { SimClosedPnl } from '../../closed-pnl.ts'
import type { SimInstrument, SimPosition } from '../../model.ts'
import { positionContext } from '../exits.ts'
import type { Fields } from '../fields.ts'
import { accepted, badParam, type Json, type Outcome, refused } from '../outcome.ts'
import { listed } from '../order-input.ts'
import { pageOf, windowOf } from '../page.ts'
import { coinText, fractionText, msText, priceText, sizeText } from '../rows/money-text.ts'
import { positionRow } from '../rows/position-row.ts'
import type { Call, Venue } from '../venue.ts'
import { symbolScope } from './order-read.ts'

const WEEK_MS = 7 * 86_400_000

export function list(venue: Venue, call: Call): Outcome {
  const { fields } = call
  const category = fields.category()
  if (category === 'spot') return badParam('category only support linear, inverse or option')
  if (category === 'linear' && !fields.has('symbol') && !fields.has('settleCoin')) {
    return badParam('symbol or settleCoin is required')
  }
  const found = fields.has('symbol') ? bySymbol(venue, call, category) : byCoin(venue, call, category)
  const at = { cursor: fields.cursor(), limit: fields.limit(20, 200) }
  // In the order of the listing: the cursor's number falls as the rows go on.
  const numberOf = (one: SimPosition): number =>
    venue.exchange.instruments.findIndex(({ instrument }) => instrument.symbol === one.symbol) * 4 + one.positionIdx
  const keyOf = (one: SimPosition) => ({ atUs: 1_000_000_000 - numberOf(one), id: one.symbol })
  const page = pageOf(found, keyOf, at)
  const rows = page.rows.flatMap((position) => {
    const context = positionContext(venue.exchange, position)
    return context === null ? [] : [positionRow(position, context)]
  })
  return accepted({ category, list: rows, nextPageCursor: page.nextPageCursor })
}

// By symbol the flat rows come too: one in one-way mode, two in hedge mode.
function bySymbol(venue: Venue, call: Call, category: Category): SimPosition[] {
  const { exchange } = venue
  const symbols = call.fields.text('symbol').split(',')
  return symbols.flatMap((symbol) => {
    const listing = exchange.listing(category, symbol)
    if (listing === undefined) return []
    const isHedge = category === 'linear' && exchange.terms.positionMode(call.uid, symbol).isHedge
    const known = positionsOf(venue, call.uid, category, symbol)
    const leverage = exchange.terms.leverage(call.uid, category, symbol)
    return (isHedge ? ([1, 2] as const) : ([0] as const)).map(
      (index) => known.find((one) => one.positionIdx === index) ?? flatPosition(call, listing, { index, leverage }),
    )
  })
}

function byCoin(venue: Venue, call: Call, category: Category): SimPosition[] {
  const inScope = symbolScope(venue, call.fields)
  return venue.exchange
    .positions(call.uid)
    .filter((position) => position.category === category && position.lots !== 0 && inScope(position))
}

function positionsOf(venue: Venue, uid: string, category: Category, symbol: string): SimPosition[] {
  return venue.exchange.positions(uid).filter((one) => one.category === category && one.symbol === symbol)
}

function flatPosition(
  call: Call,
  listing: SimInstrument,
  { index, leverage }: { readonly index: 0 | 1 | 2; readonly leverage: string },
): SimPosition {
  const { symbol, category } = listing.instrument
  return {
    uid: call.uid,
    symbol,
    category,
    positionIdx: index,
    lots: 0,
    costE8: 0n,
    entryTicks: 0,
    leverage,
    realisedE8: 0n,
    curRealisedE8: 0n,
    createdUs: call.nowUs,
    updatedUs: call.nowUs,
    crossSeq: -1,
  }
}

export function setLeverage(venue: Venue, call: Call): Outcome {
  const { fields, uid } = call
  const category = fields.category()
  const listing = listed(venue, category, fields)
  const buy = fields.needText('buyLeverage')
  if (buy !== fields.needText('sellLeverage')) return badParam('buy leverage and sell leverage must be equal')
  return done(venue.exchange.terms.setLeverage(uid, category, listing.instrument.symbol, buy))
}

export function switchMode(venue: Venue, call: Call): Outcome {
  const { fields, uid } = call
  const category = fields.category()
  const mode = fields.integer('mode')
  if (mode !== 0 && mode !== 3) return badParam('mode invalid')
  if (!fields.has('symbol') && !fields.has('coin')) return badParam('symbol or coin is required')
  const symbols = fields.has('symbol') ? [listed(venue, category, fields).instrument.symbol] : ofCoin(venue, fields)
  const results = symbols.map((symbol) => venue.exchange.terms.setPositionMode(uid, symbol, mode === 3))
  const changed = results.find((result) => result.retCode === 0)
  return changed === undefined ? done(results[0] ?? { retCode: 10001, retMsg: 'params error: coin' }) : accepted()
}

function ofCoin(venue: Venue, fields: Fields): string[] {
  const coin = fields.text('coin')
  const category = fields.category()
  return venue.exchange.instruments
    .filter(({ instrument }) => instrument.category === category && instrument.settleCoin === coin)
    .map(({ instrument }) => instrument.symbol)
}

export function closedPnl(venue: Venue, call: Call): Outcome {
  const { fields, uid, nowMs } = call
  const category = fields.category()
  const { fromMs, toMs } = windowOf(fields, nowMs, WEEK_MS)
  const inScope = symbolScope(venue, fields)
  const found = venue.exchange.closedPnl(uid).filter((one) => {
    const ms = one.createdUs / 1_000
    return one.category === category && ms >= fromMs && ms <= toMs && inScope(one)
  })
  const at = { cursor: fields.cursor(), limit: fields.limit(50, 100) }
  const page = pageOf(found, (one) => ({ atUs: one.createdUs, id: one.orderId }), at)
  const rows = page.rows.flatMap((one) => {
    const listing = venue.exchange.listing(one.category, one.symbol)
    return listing === undefined ? [] : [closedRow(one, listing)]
  })
  return accepted({ category, list: rows, nextPageCursor: page.nextPageCursor })
}

function closedRow(one: SimClosedPnl, { instrument }: SimInstrument): Json {
  return {
    symbol: one.symbol,
    orderId: one.orderId,
    side: one.side > 0 ? 'Buy' : 'Sell',
    qty: sizeText(one.orderSizeLots, instrument),
    orderPrice: priceText(one.orderPriceTicks, instrument),
    orderType: one.orderType,
    execType: 'Trade',
    closedSize: sizeText(one.closedLots, instrument),
    cumEntryValue: coinText(one.entryValueE8),
    avgEntryPrice: fractionText(one.entryTicks, instrument),
    cumExitValue: coinText(one.exitValueE8),
    avgExitPrice: fractionText(one.exitTicks, instrument),
    closedPnl: coinText(one.pnlE8),
    fillCount: String(one.fillCount),
    leverage: one.leverage,
    openFee: coinText(one.openFeeE8),
    closeFee: coinText(one.closeFeeE8),
    createdTime: msText(one.createdUs),
    updatedTime: msText(one.updatedUs),
  }
}

export function done(result: { readonly retCode: number; readonly retMsg: string }): Outcome {
  return result.retCode === 0 ? accepted() : refused(result.retCode, result.retMsg)
}
