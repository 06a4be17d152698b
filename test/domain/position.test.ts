import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { moneyScale, moneyText } from '../../src/core/domain/money.ts'
import { type FillFacts, Position } from '../../src/core/domain/position.ts'
import { BUY, positionLots, priceTicks, SELL, type Side, sizeLots } from '../../src/core/domain/units.ts'
import { instrument } from './sample-instrument.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 20_000 : 500

const fill = (side: Side, ticks: number, lots: number, feeE8 = 0n): FillFacts => ({
  side,
  priceTicks: priceTicks(ticks),
  sizeLots: sizeLots(lots),
  feeE8,
})

/** A fraction of bigints: exact average cost needs one. */
class Fraction {
  readonly top: bigint
  readonly bottom: bigint

  constructor(top: bigint, bottom = 1n) {
    this.top = bottom < 0n ? -top : top
    this.bottom = bottom < 0n ? -bottom : bottom
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom)
  }

  times(top: bigint, bottom = 1n): Fraction {
    return new Fraction(this.top * top, this.bottom * bottom)
  }

  /** |this − other| ≤ limit */
  isNear(other: bigint, limit: bigint): boolean {
    const difference = this.top - other * this.bottom
    return (difference < 0n ? -difference : difference) <= limit * this.bottom
  }
}

/** Average cost in exact fractions. */
class ExactAccount {
  lots = 0n
  cash = 0n
  cost = new Fraction(0n)
  realized = new Fraction(0n)
  closes = 0n

  fill({ side, priceTicks: ticks, sizeLots: size }: FillFacts): void {
    const [signed, price] = [BigInt(side * size), BigInt(ticks)]
    this.cash -= signed * price
    const isReducing = this.lots !== 0n && this.lots > 0n !== signed > 0n
    const abs = (x: bigint): bigint => (x < 0n ? -x : x)
    const closing = isReducing ? (abs(signed) < abs(this.lots) ? abs(signed) : abs(this.lots)) : 0n
    if (closing > 0n) {
      const released = this.cost.times(closing, abs(this.lots))
      this.realized = this.realized.plus(new Fraction(-BigInt(side) * closing * price)).plus(released.times(-1n))
      this.cost = this.cost.plus(released.times(-1n))
      this.closes++
    }
    this.cost = this.cost.plus(new Fraction((signed - BigInt(side) * closing) * price))
    this.lots += signed
    if (this.lots === 0n) this.closes = 0n
  }
}

const sides = fc.constantFrom<Side>(BUY, SELL)
const fills = (ticksMax: number, lotsMax: number): fc.Arbitrary<FillFacts[]> =>
  fc.array(
    fc
      .tuple(sides, fc.integer({ min: 1, max: ticksMax }), fc.integer({ min: 1, max: lotsMax }), fc.bigInt(-99n, 99n))
      .map(([side, ticks, lots, feeE8]) => fill(side, ticks, lots, feeE8)),
    { maxLength: 30 },
  )

describe('against exact fractions', () => {
  test.each([
    ['small', 20, 7],
    ['as traded', 2_000_000, 1_000],
    ['huge', 2 ** 50, 2 ** 40],
  ])('%s', (_name, ticksMax, lotsMax) => {
    fc.assert(
      fc.property(fills(ticksMax, lotsMax), fc.integer({ min: 2, max: 2 * ticksMax }), (list, midHalf) => {
        const [position, oracle] = [new Position(), new ExactAccount()]
        for (const one of list) {
          position.fill(one)
          oracle.fill(one)
          expect(BigInt(position.lots)).toBe(oracle.lots)
          expect(position.cashMoney).toBe(oracle.cash)
          const twice = 2n * position.realizedMoney + position.unrealizedHalf(midHalf)
          expect(twice).toBe(2n * oracle.cash + oracle.lots * BigInt(midHalf))
          // One unit may wait in the cost for each partial close of this round trip; none once it is flat.
          expect(oracle.realized.isNear(position.realizedMoney, oracle.lots === 0n ? 0n : oracle.closes)).toBe(true)
        }
        const fees = list.reduce((sum, { feeE8 }) => sum + feeE8, 0n)
        expect(position.chargesE8).toBe(fees)
        expect(position.feesE8).toBe(list.reduce((sum, { feeE8 }) => (feeE8 > 0n ? sum + feeE8 : sum), 0n))
      }),
      { numRuns },
    )
  })

  test('the float for limits is exact while money fits 2^53', () => {
    const scale = moneyScale(instrument('0.1', '0.001'))
    fc.assert(
      fc.property(fills(2_000_000, 1_000), fc.integer({ min: 2, max: 4_000_000 }), (list, midHalf) => {
        const position = new Position()
        for (const one of list) position.fill(one)
        expect(position.profitE8Approx(midHalf, scale)).toBe(Number(position.profit(midHalf, scale)))
      }),
      { numRuns },
    )
  })
})

describe('worked', () => {
  test.each<[string, FillFacts[], { lots: number; cost: bigint; realized: bigint }]>([
    ['open long', [fill(BUY, 100, 3)], { lots: 3, cost: 300n, realized: 0n }],
    ['open short', [fill(SELL, 100, 3)], { lots: -3, cost: -300n, realized: 0n }],
    ['close half a long', [fill(BUY, 100, 4), fill(SELL, 110, 2)], { lots: 2, cost: 200n, realized: 20n }],
    ['close half a short', [fill(SELL, 100, 4), fill(BUY, 90, 2)], { lots: -2, cost: -200n, realized: 20n }],
    ['flip to short', [fill(BUY, 100, 2), fill(SELL, 90, 5)], { lots: -3, cost: -270n, realized: -20n }],
    ['flip to long', [fill(SELL, 100, 2), fill(BUY, 90, 5)], { lots: 3, cost: 270n, realized: 20n }],
    ['average', [fill(BUY, 100, 1), fill(BUY, 103, 2), fill(SELL, 101, 1)], { lots: 2, cost: 204n, realized: -1n }],
    ['a third remains', [fill(BUY, 10, 2), fill(BUY, 11, 1), fill(SELL, 12, 2)], { lots: 1, cost: 11n, realized: 4n }],
  ])('%s', (_name, list, wanted) => {
    const position = new Position()
    for (const one of list) position.fill(one)
    expect({ lots: position.lots, cost: position.costMoney, realized: position.realizedMoney }).toEqual(wanted)
  })

  test('a perpetual: fees, rebate and funding in quote coins', () => {
    const scale = moneyScale(instrument('0.1', '0.001'))
    const position = new Position()
    position.fill(fill(BUY, 600_000, 10, 12_000_000n))
    position.fill(fill(SELL, 600_100, 4, -2_400_000n))
    position.addFunding(500_000n)
    position.addFunding(-200_000n)
    position.addFee(1n)
    // 0.004 × 10 realised, 0.006 × 5.05 open at 60005.05, less 0.12 + 0.00000001 − 0.024 + 0.003.
    expect(moneyText(position.profit(1_200_101, scale), scale)).toBe('-0.02870001')
    expect(position.fundingE8).toBe(300_000n)
  })

  test('taking over a position keeps what was realised', () => {
    const position = new Position()
    position.fill(fill(BUY, 100, 2))
    position.fill(fill(SELL, 110, 2))
    position.take(positionLots(-3), -330n)
    expect(position.realizedMoney).toBe(20n)
    expect(position.unrealizedHalf(220)).toBe(0n)
    position.fill(fill(BUY, 100, 3))
    expect(position.realizedMoney).toBe(50n)
  })

  test('a fill of nothing is a bug', () => {
    expect(() => new Position().fill(fill(BUY, 100, 0))).toThrow('a fill has a size')
  })
})

test.each([
  ['0.1', '0.001', 1n, '0.00005'],
  ['0.5', '1', 1n, '0.25'],
  ['25', '10', 3n, '375'],
  ['0.00000001', '0.00000001', 1n, '0.00000000000000005'],
  ['0.0000001', '1', -3n, '-0.00000015'],
])('half of one tick %s × lot %s, %d times, is %s', (tick, lot, count, wanted) => {
  const scale = moneyScale(instrument(tick, lot))
  expect(moneyText(count * scale.perHalf, scale)).toBe(wanted)
  expect(moneyText(scale.perE8, scale)).toBe('0.00000001')
})
