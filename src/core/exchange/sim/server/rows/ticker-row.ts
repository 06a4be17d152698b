/**
 * The ticker of one market. REST and stream carry the same texts; the stream of contracts sends only what changed. The
 * funding rate is the instrument's interest base (0.01 % per interval): the simulation has no premium index.
 */
import { formatBig, trimZeros } from '../../../../domain/fixed.ts'
import type { Instrument } from '../../../../domain/instrument.ts'
import type { MarketView, SimInstrument, SimReference } from '../../model.ts'
import type { Json } from '../outcome.ts'
import type { Tape } from '../tape.ts'
import { coinText, priceText, sizeText } from './money-text.ts'

export const FUNDING_RATE = '0.0001'

export interface TickerSource {
  readonly listing: SimInstrument
  readonly market: MarketView
  readonly reference: SimReference
  readonly tape: Tape
  readonly nowMs: number
}

/** Start of the next funding interval, ms. */
export function nextFundingMs(listing: SimInstrument, nowMs: number): number {
  const spanMs = listing.fundingIntervalMin * 60_000
  return spanMs === 0 ? 0 : nowMs - (nowMs % spanMs) + spanMs
}

/** A row of market/tickers. */
export function tickerRow(source: TickerSource): Json {
  const { instrument } = source.listing
  if (instrument.category === 'option') return optionRow(source)
  const shared = common(source)
  if (instrument.category === 'spot') return { ...shared, usdIndexPrice: text(source.reference.indexTicks, instrument) }
  return { ...shared, ...contract(source) }
}

/** `data` of the stream's snapshot. */
export function tickerPush(source: TickerSource): Json {
  const { instrument } = source.listing
  const row = tickerRow(source)
  if (instrument.category === 'option') return optionPush(row)
  if (instrument.category !== 'spot') return row
  const { symbol, lastPrice, highPrice24h, lowPrice24h, prevPrice24h, volume24h, turnover24h, price24hPcnt } = row
  return {
    symbol,
    lastPrice,
    highPrice24h,
    lowPrice24h,
    prevPrice24h,
    volume24h,
    turnover24h,
    price24hPcnt,
    usdIndexPrice: row['usdIndexPrice'],
  }
}

// Before the first trade the mark stands for every price of the last day.
function common({ listing, market, reference, tape, nowMs }: TickerSource): Json {
  const { instrument } = listing
  const day = tape.day(nowMs)
  const last = market.lastTicks() || reference.markTicks
  const bid = best(market, 1)
  const ask = best(market, -1)
  return {
    symbol: instrument.symbol,
    bid1Price: text(bid.ticks, instrument),
    bid1Size: sizeText(bid.lots, instrument),
    ask1Price: text(ask.ticks, instrument),
    ask1Size: sizeText(ask.lots, instrument),
    lastPrice: text(last, instrument),
    prevPrice24h: text(day.dayAgoTicks || last, instrument),
    price24hPcnt: changeText(last, day.dayAgoTicks),
    highPrice24h: text(day.highTicks || last, instrument),
    lowPrice24h: text(day.lowTicks || last, instrument),
    turnover24h: coinText(day.turnoverE8),
    volume24h: sizeText(day.lots, instrument),
  }
}

function contract({ listing, market, reference, tape, nowMs }: TickerSource): Json {
  const { instrument } = listing
  return {
    tickDirection: 'ZeroPlusTick',
    indexPrice: text(reference.indexTicks, instrument),
    markPrice: text(reference.markTicks, instrument),
    prevPrice1h: text(tape.day(nowMs).hourAgoTicks || market.lastTicks() || reference.markTicks, instrument),
    openInterest: '0',
    openInterestValue: '0',
    singleOpenInterest: '0',
    singleOpenInterestValue: '0',
    fundingRate: listing.deliveryTimeMs === 0 ? FUNDING_RATE : '',
    nextFundingTime: String(nextFundingMs(listing, nowMs)),
    fundingIntervalHour: String(listing.fundingIntervalMin / 60),
    fundingCap: '0.005',
    predictedDeliveryPrice: '',
    basisRate: '',
    basisRateYear: '',
    basis: '',
    deliveryFeeRate: '',
    deliveryTime: String(listing.deliveryTimeMs),
    preOpenPrice: '',
    preQty: '',
    curPreListingPhase: listing.status === 'PreLaunch' ? 'NotStarted' : '',
  }
}

// The simulation lists options but has no volatility surface: implied figures are zero.
function optionRow(source: TickerSource): Json {
  const { instrument } = source.listing
  const { symbol, bid1Price, bid1Size, ask1Price, ask1Size, lastPrice, ...rest } = common(source)
  return {
    symbol,
    bid1Price,
    bid1Size,
    bid1Iv: '0',
    ask1Price,
    ask1Size,
    ask1Iv: '0',
    lastPrice,
    highPrice24h: rest['highPrice24h'],
    lowPrice24h: rest['lowPrice24h'],
    markPrice: text(source.reference.markTicks, instrument),
    indexPrice: text(source.reference.indexTicks, instrument),
    markIv: '0',
    underlyingPrice: text(source.reference.indexTicks, instrument),
    openInterest: '0',
    turnover24h: rest['turnover24h'],
    volume24h: rest['volume24h'],
    totalVolume: rest['volume24h'],
    totalTurnover: rest['turnover24h'],
    delta: '0',
    gamma: '0',
    vega: '0',
    theta: '0',
    predictedDeliveryPrice: '0',
    change24h: rest['price24hPcnt'],
  }
}

// The option stream has names of its own for the best quotes.
function optionPush(row: Json): Json {
  const { bid1Price, bid1Size, bid1Iv, ask1Price, ask1Size, ask1Iv, markIv, ...rest } = row
  return {
    ...rest,
    bidPrice: bid1Price,
    bidSize: bid1Size,
    bidIv: bid1Iv,
    askPrice: ask1Price,
    askSize: ask1Size,
    askIv: ask1Iv,
    markPriceIv: markIv,
  }
}

const bestTicksOut = new Float64Array(1)
const bestLotsOut = new Float64Array(1)

function best(market: MarketView, side: 1 | -1): { ticks: number; lots: number } {
  const found = market.depth(side, 1, bestTicksOut, bestLotsOut)
  return found === 0 ? { ticks: 0, lots: 0 } : { ticks: bestTicksOut[0] ?? 0, lots: bestLotsOut[0] ?? 0 }
}

const text = (ticks: number, instrument: Instrument): string => (ticks === 0 ? '' : priceText(ticks, instrument))

// Four decimals, as Bybit prints it.
function changeText(lastTicks: number, dayAgoTicks: number): string {
  if (dayAgoTicks === 0) return '0'
  const change = (BigInt(lastTicks - dayAgoTicks) * 10_000n) / BigInt(dayAgoTicks)
  return trimZeros(formatBig(change, 4))
}
