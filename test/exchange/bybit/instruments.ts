/** Instruments for the tests of the Bybit adapter: an ordinary grid, a coarse one, a fine one. */
import { type Instrument, type InstrumentText, instrumentOf } from '../../../src/core/domain/instrument.ts'

const BASE: InstrumentText = {
  symbol: 'BTCUSDT',
  category: 'linear',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  status: 'Trading',
  tickSize: '0.10',
  lotSize: '0.001',
  priceMin: '0.10',
  priceMax: '1999999.80',
  sizeMin: '0.001',
  sizeMax: '1190',
  marketSizeMax: '500',
  notionalMin: '5',
  makerFee: '0.0002',
  takerFee: '0.00055',
}

export function instrument(text: Partial<InstrumentText> = {}): Instrument {
  const made = instrumentOf({ ...BASE, ...text })
  if ('badField' in made) throw new Error(`bad ${made.badField}`)
  return made
}

export const BTC = instrument()
export const COARSE = instrument({
  symbol: 'COARSEUSDT',
  baseCoin: 'COARSE',
  tickSize: '0.5',
  lotSize: '25',
  sizeMin: '25',
  sizeMax: '100000',
  marketSizeMax: '100000',
})
export const FINE = instrument({
  symbol: '1000FINEUSDT',
  baseCoin: '1000FINE',
  tickSize: '0.00000001',
  lotSize: '1',
  priceMin: '0.00000001',
  priceMax: '0.1',
  sizeMin: '1',
  sizeMax: '1000000000',
  marketSizeMax: '1000000000',
})
