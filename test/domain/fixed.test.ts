import { Decimal } from 'decimal.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatBig,
  formatScaled,
  fromSteps,
  fromStepsPadded,
  type Grid,
  gridOf,
  parseBig,
  parseScaled,
  type Rounding,
  toSteps,
  trimZeros,
} from '../../src/core/domain/fixed.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 200_000 : 2_000
const Exact = Decimal.clone({ precision: 120, toExpNeg: -100, toExpPos: 100 })
const STEPS = ['0.5', '0.00000001', '25', '0.1', '0.05', '0.0025', '1', '10', '0.000000000000001', '1250.5'] as const
const ROUNDINGS = ['exact', 'down', 'up'] as const

const grids = fc.constantFrom(...STEPS).map((step) => grid(step))
const digits = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((list) => list.join(''))
const decimals = fc
  .tuple(fc.constantFrom('', '-'), digits(14), fc.option(digits(18)))
  .map(([sign, whole, fraction]) => sign + whole + (fraction === null ? '' : `.${fraction}`))

function grid(step: string): Grid {
  const result = gridOf(step)
  if (result === null) throw new Error(`no grid for ${step}`)
  return result
}

/** What decimal.js says: NaN for off-grid or unsafe. */
function stepsByDecimal(text: string, step: string, rounding: Rounding): number {
  const ratio = new Exact(text).div(step)
  if (rounding === 'exact' && !new Exact(step).mul(ratio.round()).eq(text)) return Number.NaN
  const whole = rounding === 'down' ? ratio.floor() : rounding === 'up' ? ratio.ceil() : ratio.round()
  const steps = whole.toNumber()
  return Number.isSafeInteger(steps) ? steps : Number.NaN
}

describe('toSteps', () => {
  test('agrees with decimal.js in every direction', () => {
    fc.assert(
      fc.property(decimals, grids, fc.constantFrom(...ROUNDINGS), (text, grid, rounding) => {
        const wanted = stepsByDecimal(text, grid.step, rounding)
        const got = toSteps(text, grid, rounding)
        // Exact text whose units of 10^-decimals pass 2^53 is refused even where its steps would fit.
        const isBeyond = new Exact(text).abs().mul(new Exact(10).pow(grid.decimals)).gt(Number.MAX_SAFE_INTEGER)
        if (rounding === 'exact' && isBeyond) expect(got).toBeNaN()
        else expect(got + 0).toBe(wanted + 0)
      }),
      { numRuns },
    )
  })

  test('text → steps → text is the identity on the grid', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), grids, (steps, grid) => {
        const text = fromSteps(steps, grid)
        expect(text).toBe(new Exact(grid.step).mul(steps).toFixed())
        expect(fromStepsPadded(steps, grid)).toBe(new Exact(grid.step).mul(steps).toFixed(grid.decimals))
        if (Number.isSafeInteger(steps * grid.stepUnits)) expect(toSteps(text, grid)).toBe(steps)
      }),
      { numRuns },
    )
  })

  test.each([
    ['0.5', '61800.5', 'exact', 123_601],
    ['0.5', '61800.4', 'exact', Number.NaN],
    ['0.5', '61800.4', 'down', 123_600],
    ['0.5', '61800.4', 'up', 123_601],
    ['0.5', '-0.2', 'down', -1],
    ['0.5', '-0.2', 'up', 0],
    ['25', '99', 'down', 3],
    ['25', '99', 'up', 4],
    ['25', '-99', 'down', -4],
    ['25', '-99', 'up', -3],
    ['25', '100.000', 'exact', 4],
    ['0.00000001', '0.00000001', 'exact', 1],
    ['0.00000001', '0.000000019', 'down', 1],
    ['0.00000001', '90071992.54740991', 'exact', Number.MAX_SAFE_INTEGER],
    ['0.00000001', '90071992.54740992', 'exact', Number.NaN],
    ['0.00000001', '90071992.54740992', 'down', Number.NaN],
    ['25', '225179981368524775', 'down', Number.MAX_SAFE_INTEGER],
    ['1', '9007199254740993', 'down', Number.NaN],
  ] as const)('grid %s, text %s, %s → %d', (step, text, rounding, wanted) => {
    expect(toSteps(text, grid(step), rounding)).toBe(wanted)
  })

  test.each(['', ' ', '-', '.', '.5', '5.', '1e5', '+1', '0x10', '1,5', '1.2.3', 'NaN', 'Infinity', '１', '1 ', '--1'])(
    'refuses %j in every direction',
    (text) => {
      for (const rounding of ROUNDINGS) expect(toSteps(text, grid('0.5'), rounding)).toBeNaN()
      expect(parseBig(text, 8)).toBeNull()
      expect(gridOf(text)).toBeNull()
    },
  )
})

describe('gridOf', () => {
  test.each([
    ['0.50', { decimals: 1, stepUnits: 5, step: '0.5' }],
    ['0.00000001', { decimals: 8, stepUnits: 1, step: '0.00000001' }],
    ['25', { decimals: 0, stepUnits: 25, step: '25' }],
    ['1.000', { decimals: 0, stepUnits: 1, step: '1' }],
  ])('%s', (step, wanted) => {
    expect(gridOf(step)).toEqual(wanted)
  })

  test.each(['0', '0.000', '-0.5', '0.0000000000000001', '9007199254740993'])('refuses %s', (step) => {
    expect(gridOf(step)).toBeNull()
  })
})

describe('scaled integers and text', () => {
  test('parseScaled and formatScaled are inverse, and agree with decimal.js', () => {
    const safe = fc.maxSafeInteger()
    fc.assert(
      fc.property(safe, fc.integer({ min: 0, max: 15 }), (units, decimals) => {
        const text = formatScaled(units, decimals)
        expect(text).toBe(new Exact(units).div(new Exact(10).pow(decimals)).toFixed(decimals))
        expect(parseScaled(text, decimals)).toBe(units)
        expect(formatBig(BigInt(units), decimals)).toBe(text)
        expect(new Exact(trimZeros(text)).eq(text)).toBe(true)
        expect(trimZeros(text)).toBe(new Exact(text).toFixed())
      }),
      { numRuns },
    )
  })

  test('parseBig agrees with decimal.js at any size, in every direction', () => {
    fc.assert(
      fc.property(
        decimals,
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(...ROUNDINGS),
        (text, places, rounding) => {
          const scaled = new Exact(text).mul(new Exact(10).pow(places))
          const wanted =
            rounding === 'exact'
              ? scaled.isInteger()
                ? scaled
                : null
              : rounding === 'down'
                ? scaled.floor()
                : scaled.ceil()
          expect(parseBig(text, places, rounding)).toBe(wanted === null ? null : BigInt(wanted.toFixed(0)))
        },
      ),
      { numRuns },
    )
  })

  test('negative zero never appears', () => {
    expect(Object.is(parseScaled('-0.00', 2), 0)).toBe(true)
    expect(Object.is(toSteps('-0.0', grid('0.5')), 0)).toBe(true)
    expect(Object.is(toSteps('-0.1', grid('0.5'), 'up'), 0)).toBe(true)
    expect(formatScaled(-0, 2)).toBe('0.00')
  })
})
