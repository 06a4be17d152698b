import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MARKOUT_HORIZONS_US, Markouts } from '../../src/core/domain/markout.ts'
import { BUY, priceTicks, SELL, type Side, sizeLots } from '../../src/core/domain/units.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 10_000 : 300
const S = 1_000_000
const fill = (side: Side, ticks: number, lots: number) => ({
  side,
  priceTicks: priceTicks(ticks),
  sizeLots: sizeLots(lots),
})

test('the horizons are 100 ms, 1, 5, 30, 60 and 300 s', () => {
  expect(MARKOUT_HORIZONS_US.map((us) => us / S)).toEqual([0.1, 1, 5, 30, 60, 300])
})

test('one fill through all horizons, with the mid that prevailed at each', () => {
  const markouts = new Markouts()
  markouts.onMid(20_000, 0)
  markouts.onFill(fill(BUY, 9_999, 10), 0)
  markouts.onMid(20_004, 0.1 * S) // exactly at 100 ms: counts
  markouts.onMid(20_006, 0.1 * S) // the last one of that instant counts
  markouts.onMid(19_990, 0.1 * S + 1) // too late for 100 ms; prevails at 1 s and 5 s
  markouts.onMid(20_010, 5 * S + 1)
  markouts.onMid(20_020, 60 * S)
  const rows = markouts.rows(299 * S)
  expect(rows.map((row) => row.markoutHalf)).toEqual([80n, -80n, -80n, 120n, 220n, 0n])
  expect(rows.map((row) => row.driftHalf)).toEqual([60n, -100n, -100n, 100n, 200n, 0n])
  expect(rows.map((row) => row.unresolved)).toEqual([0, 0, 0, 0, 0, 1])
  expect(rows[0]?.markoutBps).toBeCloseTo((40 / 99_990) * 10_000, 10)
  expect(rows[5]?.markoutBps).toBeNaN()
  expect(markouts.rows(300 * S)[5]).toMatchObject({ fills: 1, unresolved: 0, markoutHalf: 220n })
})

test('a sale gains when the mid falls', () => {
  const markouts = new Markouts([S])
  markouts.onMid(20_000, 0)
  markouts.onFill(fill(SELL, 10_001, 3), 0)
  markouts.onMid(19_990, 1)
  expect(markouts.rows(S)[0]).toMatchObject({ markoutHalf: 36n, driftHalf: 30n, notionalMoney: 30_003n, sizeLots: 3n })
})

test('without any mid nothing is resolved', () => {
  const markouts = new Markouts([S])
  markouts.onFill(fill(BUY, 100, 1), 0)
  expect(markouts.rows(10 * S)[0]).toMatchObject({ fills: 0, unresolved: 1, markoutBps: Number.NaN })
})

test('memory is bounded: the oldest fills give way and are counted', () => {
  const markouts = new Markouts([S, 100 * S])
  markouts.onMid(200, 0)
  const count = 65_536 + 100
  for (let i = 0; i < count; i++) markouts.onFill(fill(BUY, 99, 1), i)
  const [near, far] = markouts.rows(1_000 * S)
  expect(near).toMatchObject({ fills: count - 100, unresolved: 100 })
  expect(far).toMatchObject({ fills: count - 100, unresolved: 100, markoutHalf: BigInt(2 * (count - 100)) })
})

describe('against a plain search through all mids', () => {
  const sides = fc.constantFrom<Side>(BUY, SELL)
  const steps = fc.array(
    fc.record({
      waitUs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 * S }), fc.constant(S), fc.constant(100_000)),
      mid: fc.integer({ min: 1_000, max: 3_000 }),
      fill: fc.option(fc.tuple(sides, fc.integer({ min: 500, max: 1_500 }), fc.integer({ min: 1, max: 9 }))),
    }),
    { minLength: 1, maxLength: 80 },
  )

  test('any sequence', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 3 * S }), (list, tailUs) => {
        const markouts = new Markouts([100_000, S, 5 * S])
        const mids: { atUs: number; mid: number }[] = []
        const fills: { atUs: number; side: Side; ticks: number; lots: number }[] = []
        let nowUs = 0
        for (const step of list) {
          nowUs += step.waitUs
          markouts.onMid(step.mid, nowUs)
          mids.push({ atUs: nowUs, mid: step.mid })
          if (step.fill === null) continue
          const [side, ticks, lots] = step.fill
          markouts.onFill(fill(side, ticks, lots), nowUs)
          fills.push({ atUs: nowUs, side, ticks, lots })
        }
        const endUs = nowUs + tailUs
        for (const row of markouts.rows(endUs)) {
          const due = fills.filter(({ atUs }) => atUs + row.horizonUs <= endUs)
          const sum = due.reduce((total, { atUs, side, ticks, lots }) => {
            const mid = mids.findLast((one) => one.atUs <= atUs + row.horizonUs)?.mid ?? 0
            return total + side * (mid - 2 * ticks) * lots
          }, 0)
          expect(row.markoutHalf).toBe(BigInt(sum))
          expect(row.fills).toBe(due.length)
          expect(row.unresolved).toBe(fills.length - due.length)
        }
      }),
      { numRuns },
    )
  })
})
