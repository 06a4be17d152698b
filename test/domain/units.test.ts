import { expect, test } from 'vitest'
import { InvariantError, invariant, unreachable } from '../../src/core/domain/invariant.ts'
import { BUY, opposite, priceTicks, SELL, sizeLots } from '../../src/core/domain/units.ts'

test('a side is the sign of what it does to the position', () => {
  expect([BUY, SELL, opposite(BUY), opposite(SELL)]).toEqual([1, -1, -1, 1])
})

test('branding never rounds', () => {
  expect(priceTicks(1.5)).toBe(1.5)
  expect(sizeLots(-3)).toBe(-3)
})

test('a ticks value is not a lots value, to the compiler', () => {
  // @ts-expect-error: the point of the brand
  const wrong: ReturnType<typeof sizeLots> = priceTicks(1)
  expect(wrong).toBe(1)
})

test('an invariant that fails crashes with its message', () => {
  expect(() => invariant(true, 'fine')).not.toThrow()
  expect(() => invariant(false, 'one is less than two')).toThrow(new InvariantError('one is less than two'))
  expect(() => unreachable('kind' as never)).toThrow(InvariantError)
})
