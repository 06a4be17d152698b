/** market/*: public reads of one or all symbols. Prices come from the ledger's markets and their tapes. */
import { badParam, accepted, type Json, type Outcome, Refusal, refused } from '../outcome.ts'
import type { SimInstrument } from '../../model.ts'
import { coinText, msText, priceText, sizeText } from '../rows/money-text.ts'
import { instrumentRow, isCall } from '../rows/instrument-row.ts'
import { RISK_LIMIT_VALUE } from '../rows/position-row.ts'
import { FUNDING_RATE, tickerRow } from '../rows/ticker-row.ts'
import type { Category } from '../../../../domain/instrument.ts'
import type { Fields } from '../fields.ts'
import { INTERVALS } from '../tape.ts'
import { type Quoted, quoted, type Venue } from '../venue.ts'

/** A public request: nobody in particular asks. */
export interface PublicCall {
  readonly fields: Fields
  readonly nowUs: number
  readonly nowMs: number
}

export function time(_venue: Venue, { nowUs }: PublicCall): Outcome {
  return accepted({ timeSecond: String(Math.floor(nowUs / 1e6)), timeNano: String(BigInt(nowUs) * 1_000n) })
}

export function instrumentsInfo(venue: Venue, { fields }: PublicCall): Outcome {
  const category = fields.category()
  const status = fields.text('status') || 'Trading'
  const rows = listings(venue, category, fields, (one) => one.status === status)
  if (category === 'spot') return accepted({ category, list: rows.map(rowOf(venue)) })
  const { shown, nextPageCursor } = offsetPage(rows, fields, 500, 1_000)
  return accepted({ category, list: shown.map(rowOf(venue)), nextPageCursor })
}

const rowOf = (venue: Venue) => (listing: SimInstrument) =>
  venue.quirks.announced(instrumentRow(listing, venue.exchange.instruments.indexOf(listing) + 1))

export function orderbook(venue: Venue, { fields }: PublicCall): Outcome {
  const category = fields.category()
  const { listing, market } = need(venue, category, fields)
  return accepted(venue.books.rest(market, listing, fields.limit(category === 'spot' ? 1 : 25, 1_000)))
}

/** Spot only; as deep as the 1000-level feed, which holds the whole simulated book. */
export function fullOrderbook(venue: Venue, { fields }: PublicCall): Outcome {
  const category = fields.category()
  if (category !== 'spot') return badParam('category only support spot')
  const { listing, market } = need(venue, category, fields)
  return accepted(venue.books.rest(market, listing, 1_000))
}

export function tickers(venue: Venue, { fields, nowMs }: PublicCall): Outcome {
  const category = fields.category()
  if (fields.has('symbol')) need(venue, category, fields)
  const list = listings(venue, category, fields).flatMap((listing) => {
    const found = quoted(venue, category, listing.instrument.symbol)
    return found === null ? [] : [tickerRow({ ...found, nowMs })]
  })
  return accepted({ category, list })
}

/** Options may be asked for by base coin (BTC when none is given), contracts and pairs by symbol only. */
export function recentTrade(venue: Venue, { fields }: PublicCall): Outcome {
  const category = fields.category()
  const limit = category === 'spot' ? fields.limit(60, 60) : fields.limit(500, 1_000)
  const isByCoin = category === 'option' && !fields.has('symbol')
  const found = isByCoin ? optionsOf(venue, fields) : [need(venue, category, fields)]
  const rows = found.flatMap((one) => tradeRows(venue, one, limit))
  if (isByCoin) rows.sort((a, b) => b.seq - a.seq)
  return accepted({ category, list: rows.slice(0, limit).map(({ row }) => row) })
}

function optionsOf(venue: Venue, fields: Fields): Quoted[] {
  const baseCoin = fields.text('baseCoin') || 'BTC'
  const kind = fields.has('optionType') ? fields.choice('optionType', ['Call', 'Put']) : ''
  return venue.exchange.instruments.flatMap(({ instrument }) => {
    if (instrument.category !== 'option' || instrument.baseCoin !== baseCoin) return []
    if (kind !== '' && isCall(instrument.symbol) !== (kind === 'Call')) return []
    const found = quoted(venue, 'option', instrument.symbol)
    return found === null ? [] : [found]
  })
}

function tradeRows(venue: Venue, { listing, tape }: Quoted, limit: number): { seq: number; row: Json }[] {
  const { instrument } = listing
  const marks = instrument.category === 'option' ? optionMarks(venue, listing) : {}
  return tape.trades(limit).map((trade) => ({
    seq: trade.seq,
    row: {
      execId: trade.id,
      symbol: instrument.symbol,
      price: priceText(trade.ticks, instrument),
      size: sizeText(trade.lots, instrument),
      side: trade.takerSide > 0 ? 'Buy' : 'Sell',
      time: msText(trade.atUs),
      isBlockTrade: false,
      isRPITrade: false,
      ...marks,
      seq: String(trade.seq),
    },
  }))
}

// There is no volatility surface: implied figures are zero, as in the ticker.
function optionMarks(venue: Venue, { instrument }: SimInstrument): Json {
  const { markTicks, indexTicks } = venue.exchange.reference(instrument.category, instrument.symbol)
  return { mP: priceText(markTicks, instrument), iP: priceText(indexTicks, instrument), mIv: '0', iv: '0' }
}

export function kline(venue: Venue, { fields, nowMs }: PublicCall): Outcome {
  const category = fields.category('linear')
  const { listing, tape } = need(venue, category, fields)
  const minutes = INTERVALS.get(fields.needText('interval'))
  if (minutes === undefined) return badParam('Invalid period!')
  const limit = fields.limit(200, 1_000)
  const toMs = fields.integer('end', nowMs)
  const fromMs = fields.integer('start', 0)
  const { instrument } = listing
  const list = tape
    .candles(minutes, fromMs, toMs)
    .slice(-limit)
    .toReversed()
    .map((candle) => [
      String(candle.startMs),
      priceText(candle.openTicks, instrument),
      priceText(candle.highTicks, instrument),
      priceText(candle.lowTicks, instrument),
      priceText(candle.closeTicks, instrument),
      sizeText(candle.lots, instrument),
      coinText(candle.turnoverE8),
    ])
  return accepted({ symbol: instrument.symbol, category, list })
}

export function priceLimit(venue: Venue, { fields, nowMs }: PublicCall): Outcome {
  const { listing, reference } = need(venue, fields.category('linear'), fields)
  const { instrument } = listing
  return accepted({
    symbol: instrument.symbol,
    buyLmt: priceText(reference.buyLimitTicks, instrument),
    sellLmt: priceText(reference.sellLimitTicks, instrument),
    ts: String(nowMs),
  })
}

/** One tier a symbol: the simulation has no position-size tiers. */
export function riskLimit(venue: Venue, { fields }: PublicCall): Outcome {
  const category = fields.category()
  if (category !== 'linear' && category !== 'inverse') return badParam('category only support linear or inverse')
  if (fields.has('symbol')) need(venue, category, fields)
  const { shown, nextPageCursor } = offsetPage(listings(venue, category, fields), fields, 15, 15)
  const list = shown.map((listing) => ({
    id: venue.exchange.instruments.indexOf(listing) + 1,
    symbol: listing.instrument.symbol,
    riskLimitValue: RISK_LIMIT_VALUE,
    maintenanceMargin: '0.005',
    initialMargin: '0.01',
    isLowestRisk: 1,
    maxLeverage: listing.leverageMax,
    mmDeduction: '',
  }))
  return accepted({ category, list, nextPageCursor })
}

export function fundingHistory(venue: Venue, { fields, nowMs }: PublicCall): Outcome {
  const category = fields.category()
  if (category === 'spot' || category === 'option') return badParam('category only support linear or inverse')
  const { listing } = need(venue, category, fields)
  if (fields.has('startTime') && !fields.has('endTime')) return badParam('endTime is required with startTime')
  const spanMs = listing.fundingIntervalMin * 60_000
  if (spanMs === 0) return badParam('the symbol has no funding')
  const limit = fields.limit(200, 200)
  const fromMs = Math.max(listing.launchTimeMs, fields.integer('startTime', 0))
  const list = []
  const endMs = Math.min(nowMs, fields.integer('endTime', nowMs))
  for (let atMs = endMs - (endMs % spanMs); atMs >= fromMs && list.length < limit; atMs -= spanMs) {
    list.push({
      symbol: listing.instrument.symbol,
      fundingRate: FUNDING_RATE,
      fundingRateTimestamp: String(atMs),
    })
  }
  return accepted({ category, list })
}

/** No maintenance is planned unless a fault scenario says so. */
export function systemStatus(venue: Venue, { fields, nowMs }: PublicCall): Outcome {
  const state = fields.text('state')
  const id = fields.text('id')
  const list = venue
    .maintenance(nowMs)
    .filter((one) => (state === '' || one.state === state) && (id === '' || one.id === id))
  return accepted({ list })
}

/** The symbol asked for; refuses an unknown one. */
function need(venue: Venue, category: Category, fields: Fields): Quoted {
  const found = quoted(venue, category, fields.needText('symbol'))
  if (found !== null) return found
  throw new Refusal(
    category === 'spot' ? refused(170121, 'Invalid symbol.') : refused(10001, 'params error: Symbol Invalid'),
  )
}

function listings(
  venue: Venue,
  category: Category,
  fields: Fields,
  also: (listing: SimInstrument) => boolean = () => true,
): SimInstrument[] {
  const symbol = fields.text('symbol')
  const baseCoin = fields.text('baseCoin')
  return venue.exchange.instruments.filter((listing) => {
    const { instrument } = listing
    if (instrument.category !== category) return false
    if (symbol !== '') return instrument.symbol === symbol
    return (baseCoin === '' || instrument.baseCoin === baseCoin) && also(listing)
  })
}

// Listings change rarely: a page is a place in the list.
function offsetPage(
  rows: readonly SimInstrument[],
  fields: Fields,
  fallback: number,
  most: number,
): { shown: readonly SimInstrument[]; nextPageCursor: string } {
  const limit = fields.limit(fallback, most)
  const cursor = fields.cursor()
  const match = cursor === '' ? null : /^first=(\d{1,9})&$/.exec(cursor)
  if (cursor !== '' && match === null) throw new Refusal(badParam('cursor invalid'))
  const from = Number(match?.[1] ?? 0)
  const isMore = from + limit < rows.length
  return {
    shown: rows.slice(from, from + limit),
    nextPageCursor: isMore ? encodeURIComponent(`first=${from + limit}&`) : '',
  }
}
