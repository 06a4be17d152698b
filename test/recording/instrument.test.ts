/** A recording's instrument: fees that cannot be meant are refused. */
import { expect, test } from 'vitest'
import { recordedInstrument } from '../../src/core/recording/instrument.ts'

const meta = { symbol: 'BTCUSDT', category: 'linear', tickSize: '0.1', lotSize: '0.001' } as Parameters<
  typeof recordedInstrument
>[0]

test.each(['5', '-1', '0.02', 'two', ''])('a fee of %j is refused as usage', (makerFee) => {
  const fees = { makerFee, takerFee: '0.00055' }
  expect(() => recordedInstrument(meta, fees, 'x')).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2 }))
})

test.each([
  ['0.0002', 20_000],
  ['-0.00005', -5_000],
  ['0', 0],
])('a fee of %s is %i in 1e-8', (makerFee, units) => {
  expect(recordedInstrument(meta, { makerFee, takerFee: '0' }, 'x').makerFee).toBe(units)
})
