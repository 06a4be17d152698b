/** The instrument of a recording: its grids are exact, its limits are wide, its fees are those the run is told. */
import { type Instrument, instrumentOf } from '../domain/instrument.ts'
import { fail } from '../errors.ts'
import type { RecordingMeta } from './schema.ts'

export interface RecordedFees {
  /** Decimal text; negative is a rebate. */
  readonly makerFee: string
  readonly takerFee: string
}

const QUOTE_COINS = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USD', 'EUR', 'BTC', 'ETH', 'BNB']

// No venue charges or pays more; 2 meaning basis points, or 5 meaning percent, is a slip.
const FEE_E8_MAX = 1_000_000

/** `file` is for the error. Inverse contracts have another money than price × size: refused. */
export function recordedInstrument(meta: RecordingMeta, fees: RecordedFees, file: string): Instrument {
  if (meta.category === 'inverse') {
    fail('RECORDING_UNSUPPORTED', {
      file,
      what: `${meta.symbol} is an inverse contract, whose profit is not in the quote coin`,
      remedy: 'Use a linear or spot recording.',
    })
  }
  const quoteCoin = QUOTE_COINS.find((coin) => meta.symbol.endsWith(coin)) ?? 'QUOTE'
  const instrument = instrumentOf({
    symbol: meta.symbol,
    category: meta.category,
    baseCoin: meta.symbol.slice(0, meta.symbol.length - quoteCoin.length) || meta.symbol,
    quoteCoin,
    settleCoin: quoteCoin,
    status: 'Trading',
    tickSize: meta.tickSize,
    lotSize: meta.lotSize,
    priceMin: meta.tickSize,
    priceMax: '10000000',
    sizeMin: meta.lotSize,
    sizeMax: '10000000',
    marketSizeMax: '10000000',
    notionalMin: '5',
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  })
  if ('badField' in instrument && (instrument.badField === 'makerFee' || instrument.badField === 'takerFee')) {
    fail('USAGE', { what: `${instrument.badField} ${fees[instrument.badField]}: a rate is a decimal such as 0.0002` })
  }
  if (!('badField' in instrument)) {
    for (const field of ['makerFee', 'takerFee'] as const) {
      if (Math.abs(instrument[field]) <= FEE_E8_MAX) continue
      fail('USAGE', { what: `${field} ${fees[field]}: a rate is a share of the value, at most 0.01 (1 %) either way` })
    }
  }
  if ('badField' in instrument) {
    fail('RECORDING_UNSUPPORTED', {
      file,
      what: `its ${instrument.badField} does not fit the integer path`,
      remedy: 'Import the capture again with --tick and --lot.',
    })
  }
  return instrument
}
