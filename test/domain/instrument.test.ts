import { Decimal } from 'decimal.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Instrument,
  type InstrumentText,
  instrumentOf,
  moneyDecimals,
  moneyStep,
  priceText,
  rateUnits,
  sizeText,
} from '../../src/core/domain/instrument.ts'

const BTC: InstrumentText = {
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
  sizeMax: '1190.000',
  marketSizeMax: '500.000',
  notionalMin: '5',
  makerFee: '-0.0001',
  takerFee: '0.00055',
}

function made(change: Partial<InstrumentText> = {}): Instrument {
  const result = instrumentOf({ ...BTC, ...change })
  if ('badField' in result) throw new Error(`bad ${result.badField}`)
  return result
}

test('a perpetual of the exchange, in grid units', () => {
  expect(made()).toMatchObject({
    price: { decimals: 1, stepUnits: 1, step: '0.1' },
    size: { decimals: 3, stepUnits: 1, step: '0.001' },
    priceTicksMin: 1,
    priceTicksMax: 19_999_998,
    sizeLotsMin: 1,
    sizeLotsMax: 1_190_000,
    marketSizeLotsMax: 500_000,
    notionalMin: 50_000,
    makerFee: -10_000,
    takerFee: 55_000,
  })
  expect(moneyDecimals(made())).toBe(4)
  expect(moneyStep(made())).toBe(1)
})

describe('limits round to the safe side', () => {
  test.each<[Partial<InstrumentText>, Partial<Instrument>]>([
    [
      { tickSize: '0.5', priceMin: '0.7', priceMax: '99.9' },
      { priceTicksMin: 2, priceTicksMax: 199 } as Partial<Instrument>,
    ],
    [
      { lotSize: '0.01', sizeMin: '0.011', sizeMax: '0.999' },
      { sizeLotsMin: 2, sizeLotsMax: 99 } as Partial<Instrument>,
    ],
    [
      { tickSize: '25', lotSize: '10', priceMin: '25', priceMax: '1000', sizeMin: '10', notionalMin: '5001' },
      { notionalMin: 21 },
    ],
    [
      { tickSize: '0.00000001', lotSize: '1', priceMax: '1', sizeMin: '1', notionalMin: '0.000000011' },
      { notionalMin: 2 },
    ],
  ])('%j', (text, wanted) => {
    expect(made(text)).toMatchObject(wanted)
  })
})

test.each<[keyof InstrumentText, string]>([
  ['tickSize', '0'],
  ['tickSize', ''],
  ['tickSize', '1e-8'],
  ['lotSize', '-1'],
  ['priceMin', ''],
  ['priceMax', 'Infinity'],
  ['sizeMin', 'abc'],
  ['sizeMax', '99999999999999999999'],
  ['marketSizeMax', ''],
  ['notionalMin', ''],
  ['makerFee', '0.000000001'],
  ['takerFee', ''],
])('refuses %s = %j by name', (field, value) => {
  expect(instrumentOf({ ...BTC, [field]: value })).toEqual({ badField: field })
})

test('money of ticks × lots, and text, agree with decimal.js', () => {
  const texts = fc.constantFrom('0.5', '0.00000001', '25', '0.1', '0.05')
  fc.assert(
    fc.property(texts, texts, fc.nat(1_000_000), fc.nat(1_000_000), (tickSize, lotSize, ticks, lots) => {
      const limits = {
        priceMin: tickSize,
        priceMax: tickSize,
        sizeMin: lotSize,
        sizeMax: lotSize,
        marketSizeMax: lotSize,
        notionalMin: '0',
      }
      const instrument = made({ tickSize, lotSize, ...limits })
      const [price, size] = [new Decimal(tickSize).mul(ticks), new Decimal(lotSize).mul(lots)]
      expect(priceText(ticks, instrument)).toBe(price.toFixed())
      expect(sizeText(lots, instrument)).toBe(size.toFixed())
      const money = new Decimal(ticks)
        .mul(lots)
        .mul(moneyStep(instrument))
        .div(new Decimal(10).pow(moneyDecimals(instrument)))
      expect(money.toFixed()).toBe(price.mul(size).toFixed())
    }),
  )
})

test.each([
  ['0.0002', 20_000],
  ['-0.00005', -5_000],
  ['0', 0],
  ['1e-4', Number.NaN],
])('rate %s is %d units of 1e-8', (text, wanted) => {
  expect(rateUnits(text)).toBe(wanted)
})
