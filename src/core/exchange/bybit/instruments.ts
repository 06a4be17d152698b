/**
 * The exchange's instrument statement as an `Instrument`. Field names differ by category; a missing one refuses the
 * symbol. Only this file knows what the statement looks like.
 */
import { fromSteps, gridOf } from '../../domain/fixed.ts'
import { type Category, type Instrument, type InstrumentText, instrumentOf } from '../../domain/instrument.ts'
import { fail } from '../../errors.ts'
import { asObject, type JsonObject, textOf } from './json-value.ts'

/** Throws SYMBOL_UNKNOWN or SYMBOL_UNTRADABLE. */
export function tradableInstrument(
  symbol: string,
  category: Category,
  rows: { readonly info: JsonObject | undefined; readonly fees: JsonObject | undefined },
): Instrument {
  const { info, fees } = rows
  // Symbols go into topics and order bodies as they are.
  if (info === undefined || !/^[A-Z0-9-]{2,40}$/.test(symbol)) return fail('SYMBOL_UNKNOWN', { category, symbol })
  const status = textOf(info, 'status')
  if (status !== 'Trading') fail('SYMBOL_UNTRADABLE', { symbol, what: `its status is ${status}` })
  if (isEnding(info)) fail('SYMBOL_UNTRADABLE', { symbol, what: 'it is being delisted' })
  if (fees === undefined) fail('SYMBOL_UNTRADABLE', { symbol, what: 'the account has no fee rate for it' })
  const made = instrumentOf(instrumentText(info, fees, category))
  if ('badField' in made) return fail('SYMBOL_UNTRADABLE', { symbol, what: `its ${made.badField} cannot be used` })
  return made
}

/**
 * The rules of a known instrument as the exchange states them now, with the fees it had. What is not listed any more, is
 * on its way out or cannot be read has a status that is not Trading.
 */
export function restatedInstrument(known: Instrument, info: JsonObject | undefined): Instrument {
  if (info === undefined) return { ...known, status: 'Closed' }
  if (isEnding(info)) return { ...known, status: 'Delivering' }
  const made = instrumentOf(instrumentText(info, { makerFeeRate: '0', takerFeeRate: '0' }, known.category))
  if ('badField' in made) return { ...known, status: 'Unreadable' }
  return { ...made, makerFee: known.makerFee, takerFee: known.takerFee }
}

/** A perpetual with a delivery time is on its way out. */
export function isEnding(info: JsonObject): boolean {
  const delivery = textOf(info, 'deliveryTime')
  return textOf(info, 'contractType').endsWith('Perpetual') && delivery !== '' && delivery !== '0'
}

function instrumentText(info: JsonObject, fees: JsonObject, category: Category): InstrumentText {
  const price = asObject(info['priceFilter']) ?? {}
  const lot = asObject(info['lotSizeFilter']) ?? {}
  const quoteCoin = textOf(info, 'quoteCoin')
  const common = {
    symbol: textOf(info, 'symbol'),
    category,
    baseCoin: textOf(info, 'baseCoin'),
    quoteCoin,
    status: textOf(info, 'status'),
    tickSize: textOf(price, 'tickSize'),
    makerFee: textOf(fees, 'makerFeeRate'),
    takerFee: textOf(fees, 'takerFeeRate'),
  }
  if (category === 'spot') {
    return {
      ...common,
      settleCoin: quoteCoin,
      priceMin: textOf(price, 'tickSize'),
      priceMax: highestPrice(textOf(price, 'tickSize')),
      lotSize: textOf(lot, 'basePrecision'),
      sizeMin: textOf(lot, 'minOrderQty') || textOf(lot, 'basePrecision'),
      sizeMax: textOf(lot, 'maxLimitOrderQty') || textOf(lot, 'maxOrderQty'),
      marketSizeMax: textOf(lot, 'maxMarketOrderQty') || textOf(lot, 'maxOrderQty'),
      notionalMin: textOf(lot, 'minOrderAmt') || '0',
    }
  }
  return {
    ...common,
    settleCoin: textOf(info, 'settleCoin'),
    priceMin: textOf(price, 'minPrice'),
    priceMax: textOf(price, 'maxPrice'),
    lotSize: textOf(lot, 'qtyStep'),
    sizeMin: textOf(lot, 'minOrderQty'),
    sizeMax: textOf(lot, 'maxOrderQty'),
    marketSizeMax: textOf(lot, 'maxMktOrderQty') || textOf(lot, 'maxOrderQty'),
    notionalMin: textOf(lot, 'minNotionalValue') || '0',
  }
}

// Spot states no highest price: what the integer path can hold, then.
function highestPrice(tickSize: string): string {
  const grid = gridOf(tickSize)
  return grid === null ? '' : fromSteps(Math.floor(Number.MAX_SAFE_INTEGER / grid.stepUnits), grid)
}
