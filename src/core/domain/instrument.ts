/**
 * What may be traded and on which grid. Made once per symbol from the exchange's own statement; a value that is missing
 * or does not fit the integer path refuses the symbol, never falls back to a guessed tick (seed row T03).
 */
import { fromSteps, type Grid, gridOf, parseBig, toSteps } from './fixed.ts'
import { type PriceTicks, priceTicks, type RateE8, rateE8, type SizeLots, sizeLots } from './units.ts'

export type Category = 'linear' | 'inverse' | 'spot' | 'option'

export interface Instrument {
  readonly symbol: string
  readonly category: Category
  readonly baseCoin: string
  readonly quoteCoin: string
  readonly settleCoin: string
  readonly status: string
  /** Tick grid. */
  readonly price: Grid
  /** Lot grid. */
  readonly size: Grid
  readonly priceTicksMin: PriceTicks
  readonly priceTicksMax: PriceTicks
  readonly sizeLotsMin: SizeLots
  readonly sizeLotsMax: SizeLots
  readonly marketSizeLotsMax: SizeLots
  /** Smallest order value in money units (one tick × one lot), rounded up. 0 = none. */
  readonly notionalMin: number
  readonly makerFee: RateE8
  readonly takerFee: RateE8
}

/** As an exchange states it: decimal text everywhere. */
export interface InstrumentText {
  readonly symbol: string
  readonly category: Category
  readonly baseCoin: string
  readonly quoteCoin: string
  readonly settleCoin: string
  readonly status: string
  readonly tickSize: string
  readonly lotSize: string
  readonly priceMin: string
  readonly priceMax: string
  readonly sizeMin: string
  readonly sizeMax: string
  readonly marketSizeMax: string
  readonly notionalMin: string
  readonly makerFee: string
  readonly takerFee: string
}

/** The instrument, or the name of the field that does not fit. */
export function instrumentOf(text: InstrumentText): Instrument | { readonly badField: keyof InstrumentText } {
  const price = gridOf(text.tickSize)
  if (price === null) return { badField: 'tickSize' }
  const size = gridOf(text.lotSize)
  if (size === null) return { badField: 'lotSize' }
  const steps = {
    priceMin: toSteps(text.priceMin, price, 'up'),
    priceMax: toSteps(text.priceMax, price, 'down'),
    sizeMin: toSteps(text.sizeMin, size, 'up'),
    sizeMax: toSteps(text.sizeMax, size, 'down'),
    marketSizeMax: toSteps(text.marketSizeMax, size, 'down'),
    notionalMin: notionalUnits(text.notionalMin, price, size),
    makerFee: rateUnits(text.makerFee),
    takerFee: rateUnits(text.takerFee),
  }
  for (const [field, value] of Object.entries(steps)) {
    if (!Number.isSafeInteger(value)) return { badField: field as keyof typeof steps }
  }
  return {
    symbol: text.symbol,
    category: text.category,
    baseCoin: text.baseCoin,
    quoteCoin: text.quoteCoin,
    settleCoin: text.settleCoin,
    status: text.status,
    price,
    size,
    priceTicksMin: priceTicks(steps.priceMin),
    priceTicksMax: priceTicks(steps.priceMax),
    sizeLotsMin: sizeLots(steps.sizeMin),
    sizeLotsMax: sizeLots(steps.sizeMax),
    marketSizeLotsMax: sizeLots(steps.marketSizeMax),
    notionalMin: steps.notionalMin,
    makerFee: rateE8(steps.makerFee),
    takerFee: rateE8(steps.takerFee),
  }
}

/** Decimals of one money unit (tick × lot): its value is `moneyStep × 10^-moneyDecimals` quote coins. */
export function moneyDecimals(instrument: Instrument): number {
  return instrument.price.decimals + instrument.size.decimals
}

/** Money units per 10^-moneyDecimals: tick and lot step units multiplied (1 × 1 for most instruments). */
export function moneyStep(instrument: Instrument): number {
  return instrument.price.stepUnits * instrument.size.stepUnits
}

export const priceText = (ticks: number, instrument: Instrument): string => fromSteps(ticks, instrument.price)
export const sizeText = (lots: number, instrument: Instrument): string => fromSteps(lots, instrument.size)

/** "0.0002" → 20,000; NaN when finer than 1e-8 or no decimal. */
export function rateUnits(text: string): number {
  const units = parseBig(text, 8)
  return units === null ? Number.NaN : Number(units)
}

function notionalUnits(text: string, price: Grid, size: Grid): number {
  const decimals = price.decimals + size.decimals
  const value = parseBig(text, decimals, 'up')
  if (value === null) return Number.NaN
  const step = BigInt(price.stepUnits) * BigInt(size.stepUnits)
  return Number((value + step - 1n) / step)
}
