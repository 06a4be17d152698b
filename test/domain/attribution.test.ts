import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Attribution } from '../../src/core/domain/attribution.ts'
import { moneyScale, moneyText } from '../../src/core/domain/money.ts'
import type { FillFacts } from '../../src/core/domain/position.ts'
import { BUY, positionLots, priceTicks, SELL, type Side, sizeLots } from '../../src/core/domain/units.ts'
import { instrument } from './sample-instrument.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 20_000 : 500
const scale = moneyScale(instrument('0.01', '0.1'))

const fill = (side: Side, ticks: number, lots: number, feeE8 = 0n): FillFacts => ({
  side,
  priceTicks: priceTicks(ticks),
  sizeLots: sizeLots(lots),
  feeE8,
})
const texts = (attribution: Attribution): Record<string, string> =>
  Object.fromEntries(Object.entries(attribution.parts(scale)).map(([name, value]) => [name, moneyText(value, scale)]))

test('the worked example: .052 = capture .036 + inventory .016', () => {
  const attribution = new Attribution()
  attribution.onMid(20_000)
  attribution.onFill(fill(BUY, 9_999, 10))
  attribution.onMid(20_002)
  attribution.onFill(fill(SELL, 10_003, 4))
  attribution.onMid(20_004)
  attribution.onFill(fill(SELL, 10_005, 6))
  attribution.onMid(20_000)
  expect(texts(attribution)).toMatchObject({ spreadCapture: '0.036', inventory: '0.016', fees: '0', carried: '0' })
  const { total, parts } = attribution.identity(scale)
  expect(moneyText(total, scale)).toBe('0.052')
  expect(parts).toBe(total)
})

test('fees, rebates and funding are parts of their own', () => {
  const attribution = new Attribution()
  attribution.onMid(20_001)
  attribution.onFill(fill(BUY, 10_000, 1, 700n))
  attribution.onFill(fill(SELL, 10_001, 1, -300n))
  attribution.onFee(11n)
  attribution.onFunding(50n)
  attribution.onFunding(-20n)
  expect(texts(attribution)).toEqual({
    spreadCapture: '0.001',
    inventory: '0',
    fees: '-0.00000711',
    rebates: '0.000003',
    funding: '-0.0000003',
    carried: '0',
  })
  const { total, parts } = attribution.identity(scale)
  expect(moneyText(total, scale)).toBe('0.00099559')
  expect(parts).toBe(total)
})

describe('positions taken over', () => {
  test('before the first mid: their open profit is carried in', () => {
    const attribution = new Attribution()
    attribution.onTaken(positionLots(10), 10n * 9_990n)
    expect(attribution.identity(scale)).toEqual({ total: 0n, parts: 0n })
    attribution.onMid(20_000)
    attribution.onMid(20_010)
    expect(texts(attribution)).toMatchObject({ carried: '0.1', inventory: '0.05' })
  })

  test('while running: only the correction is carried', () => {
    const attribution = new Attribution()
    attribution.onMid(20_000)
    attribution.onFill(fill(BUY, 10_000, 10))
    attribution.onMid(20_020)
    attribution.onTaken(positionLots(4), 4n * 10_000n)
    expect(texts(attribution)).toMatchObject({ inventory: '0.1', carried: '-0.06' })
    const { total, parts } = attribution.identity(scale)
    expect(parts).toBe(total)
  })
})

/** The identity from first principles: one pass over the facts with bigints, no class. */
type Fact =
  | { readonly kind: 'mid'; readonly half: number }
  | { readonly kind: 'fill'; readonly fill: FillFacts }
  | { readonly kind: 'funding'; readonly amountE8: bigint }
  | { readonly kind: 'taken'; readonly lots: number; readonly cost: bigint }

function plainTotal(facts: readonly Fact[]): bigint {
  let [cash, lots, half, charges] = [0n, 0n, 0n, 0n]
  for (const fact of facts) {
    if (fact.kind === 'mid') half = BigInt(fact.half)
    else if (fact.kind === 'funding') charges += fact.amountE8
    else if (fact.kind === 'fill') {
      cash -= BigInt(fact.fill.side * fact.fill.sizeLots) * BigInt(fact.fill.priceTicks)
      lots += BigInt(fact.fill.side * fact.fill.sizeLots)
      charges += fact.fill.feeE8
    }
  }
  return (2n * cash + lots * half) * scale.perHalf - charges * scale.perE8
}

const amounts = fc.bigInt(-1_000_000n, 1_000_000n)
const fillFacts = fc
  .tuple(
    fc.constantFrom<Side>(BUY, SELL),
    fc.integer({ min: 1, max: 50_000 }),
    fc.integer({ min: 1, max: 500 }),
    amounts,
  )
  .map(([side, ticks, lots, feeE8]): Fact => ({ kind: 'fill', fill: fill(side, ticks, lots, feeE8) }))
const facts = fc.oneof(
  fc.integer({ min: 2, max: 100_000 }).map((half): Fact => ({ kind: 'mid', half })),
  fillFacts,
  amounts.map((amountE8): Fact => ({ kind: 'funding', amountE8 })),
)
const taken = fc
  .tuple(fc.integer({ min: -500, max: 500 }), fc.bigInt(-(10n ** 9n), 10n ** 9n))
  .map(([lots, cost]): Fact => ({ kind: 'taken', lots, cost }))

function run(list: readonly Fact[]): Attribution {
  const attribution = new Attribution()
  for (const fact of list) {
    if (fact.kind === 'mid') attribution.onMid(fact.half)
    else if (fact.kind === 'fill') attribution.onFill(fact.fill)
    else if (fact.kind === 'funding') attribution.onFunding(fact.amountE8)
    else attribution.onTaken(positionLots(fact.lots), fact.cost)
  }
  return attribution
}

describe('the identity is exact after any facts', () => {
  test('total = parts = cash + position × mid − charges', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), fc.array(facts, { maxLength: 60 }), (half, list) => {
        const all: Fact[] = [{ kind: 'mid', half }, ...list]
        const { total, parts } = run(all).identity(scale)
        expect(total).toBe(plainTotal(all))
        expect(parts).toBe(total)
      }),
      { numRuns },
    )
  })

  test('also with positions taken over and fills before the first mid', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: facts }, taken), { maxLength: 60 }), (list) => {
        const { total, parts } = run(list).identity(scale)
        expect(parts).toBe(total)
      }),
      { numRuns },
    )
  })
})
