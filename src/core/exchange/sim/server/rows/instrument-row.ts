/** One listed instrument as market/instruments-info and account/instruments-info show it, per category. */
import { fromSteps } from '../../../../domain/fixed.ts'
import { type Instrument, moneyDecimals, moneyStep } from '../../../../domain/instrument.ts'
import type { SimInstrument } from '../../model.ts'
import type { Json } from '../outcome.ts'
import { coinText, priceText } from './money-text.ts'

/** `symbolId` is the instrument's number in the listing, from 1. */
export function instrumentRow(listing: SimInstrument, symbolId: number): Json {
  if (listing.instrument.category === 'spot') return spotRow(listing, symbolId)
  if (listing.instrument.category === 'option') return optionRow(listing, symbolId)
  return contractRow(listing, symbolId)
}

/** What this account may trade: the public row and two permissions. */
export function accountInstrumentRow(listing: SimInstrument, symbolId: number): Json {
  return { ...instrumentRow(listing, symbolId), myRpiPermission: false, isPublicRpi: false }
}

function contractRow(listing: SimInstrument, symbolId: number): Json {
  const { instrument } = listing
  const isPreListing = listing.status === 'PreLaunch'
  return {
    ...common(listing, symbolId),
    contractType: listing.contractType,
    launchTime: String(listing.launchTimeMs),
    deliveryTime: String(listing.deliveryTimeMs),
    deliveryFeeRate: '',
    priceScale: String(instrument.price.decimals),
    leverageFilter: { minLeverage: '1', maxLeverage: listing.leverageMax, leverageStep: '0.01' },
    priceFilter: priceFilter(instrument),
    lotSizeFilter: {
      maxOrderQty: sizeOf(instrument.sizeLotsMax, instrument),
      minOrderQty: sizeOf(instrument.sizeLotsMin, instrument),
      qtyStep: instrument.size.step,
      postOnlyMaxOrderQty: sizeOf(instrument.sizeLotsMax, instrument),
      maxMktOrderQty: sizeOf(instrument.marketSizeLotsMax, instrument),
      minNotionalValue: notionalText(instrument),
    },
    unifiedMarginTrade: true,
    fundingInterval: listing.fundingIntervalMin,
    settleCoin: instrument.settleCoin,
    copyTrading: 'none',
    upperFundingRate: '0.005',
    lowerFundingRate: '-0.005',
    displayName: '',
    forbidUplWithdrawal: false,
    riskParameters: riskParameters(listing),
    isPreListing,
    preListingInfo: isPreListing ? PRE_LISTING : null,
  }
}

function spotRow(listing: SimInstrument, symbolId: number): Json {
  const { instrument } = listing
  return {
    ...common(listing, symbolId),
    innovation: '0',
    marginTrading: 'utaOnly',
    stTag: '0',
    priceFilter: { tickSize: instrument.price.step },
    lotSizeFilter: {
      basePrecision: instrument.size.step,
      quotePrecision: '0.00000001',
      minOrderQty: sizeOf(instrument.sizeLotsMin, instrument),
      maxOrderQty: sizeOf(instrument.sizeLotsMax, instrument),
      minOrderAmt: notionalText(instrument),
      maxOrderAmt: '2000000',
      maxLimitOrderQty: sizeOf(instrument.sizeLotsMax, instrument),
      maxMarketOrderQty: sizeOf(instrument.marketSizeLotsMax, instrument),
      postOnlyMaxLimitOrderSize: sizeOf(instrument.sizeLotsMax, instrument),
    },
    riskParameters: riskParameters(listing),
  }
}

function optionRow(listing: SimInstrument, symbolId: number): Json {
  const { instrument } = listing
  return {
    ...common(listing, symbolId),
    optionsType: isCall(instrument.symbol) ? 'Call' : 'Put',
    settleCoin: instrument.settleCoin,
    launchTime: String(listing.launchTimeMs),
    deliveryTime: String(listing.deliveryTimeMs),
    deliveryFeeRate: '0.00015',
    displayName: instrument.symbol,
    priceFilter: priceFilter(instrument),
    lotSizeFilter: {
      maxOrderQty: sizeOf(instrument.sizeLotsMax, instrument),
      minOrderQty: sizeOf(instrument.sizeLotsMin, instrument),
      qtyStep: instrument.size.step,
    },
  }
}

/** "BTC-27MAR26-70000-C-USDT" is a call. */
export const isCall = (symbol: string): boolean => /-C(?:-|$)/.test(symbol)

function common(listing: SimInstrument, symbolId: number): Json {
  const { symbol, baseCoin, quoteCoin } = listing.instrument
  return { symbol, symbolId, status: listing.status, baseCoin, quoteCoin, symbolType: '' }
}

const sizeOf = (lots: number, instrument: Instrument): string => fromSteps(lots, instrument.size)

function priceFilter(instrument: Instrument): Json {
  return {
    minPrice: priceText(instrument.priceTicksMin, instrument),
    maxPrice: priceText(instrument.priceTicksMax, instrument),
    tickSize: instrument.price.step,
  }
}

const riskParameters = (listing: SimInstrument): Json => ({
  priceLimitRatioX: listing.priceLimitRatioX,
  priceLimitRatioY: listing.priceLimitRatioY,
})

/** `notionalMin` money units back to coins; rounded to 1e-8 where the grid is finer. */
function notionalText(instrument: Instrument): string {
  const units = BigInt(instrument.notionalMin) * BigInt(moneyStep(instrument))
  const power = 8 - moneyDecimals(instrument)
  return coinText(power >= 0 ? units * 10n ** BigInt(power) : units / 10n ** BigInt(-power))
}

const PRE_LISTING: Json = {
  curAuctionPhase: 'NotStarted',
  phases: [{ phase: 'NotStarted', startTime: '0', endTime: '' }],
  auctionFeeInfo: { auctionFeeRate: '0', takerFeeRate: '0.001', makerFeeRate: '0.0004' },
  skipCallAuction: false,
}
