/** Instruments for tests of money: only the grid matters. */
import { type Instrument, instrumentOf } from '../../src/core/domain/instrument.ts'

/** A made-up instrument on the given grid. */
export function instrument(tickSize: string, lotSize: string): Instrument {
  const text = { symbol: 'X', category: 'linear', baseCoin: 'B', quoteCoin: 'Q', settleCoin: 'Q', status: '' } as const
  const limits = {
    priceMin: tickSize,
    priceMax: '1000000',
    sizeMin: lotSize,
    sizeMax: '100000',
    marketSizeMax: lotSize,
  }
  const fees = { notionalMin: '0', makerFee: '0', takerFee: '0' }
  const result = instrumentOf({ ...text, ...limits, ...fees, tickSize, lotSize })
  if ('badField' in result) throw new Error(result.badField)
  return result
}
