/** The small parts: price stack, ids, latency models. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { spotIdOf, tradeIdOf, uuidOf } from '../../../src/core/exchange/sim/ids.ts'
import { constantLatency, listLatency, lognormalLatency } from '../../../src/core/exchange/sim/latency.ts'
import { PriceStack } from '../../../src/core/exchange/sim/price-stack.ts'

test('price stack: the same as a sorted map', () => {
  const change = fc.record({ ticks: fc.integer({ min: 1, max: 400 }), isInsert: fc.boolean() })
  fc.assert(
    fc.property(fc.constantFrom<(1 | -1)[]>(1, -1), fc.array(change, { maxLength: 900 }), (side, changes) => {
      const stack = new PriceStack(side)
      const map = new Map<number, number>()
      for (const [i, { ticks, isInsert }] of changes.entries()) {
        if (isInsert && !map.has(ticks)) {
          map.set(ticks, i)
          stack.insert(ticks, i)
        } else if (!isInsert && map.delete(ticks)) stack.remove(ticks)
        expect(stack.find(ticks)).toBe(map.get(ticks) ?? -1)
      }
      const sorted = [...map].sort(([a], [b]) => side * (b - a))
      expect(Array.from({ length: stack.count }, (_, r) => [stack.ticksAt(r), stack.valueAt(r)])).toEqual(sorted)
    }),
    { numRuns: 60 },
  )
})

describe('ids', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  test('are well formed, distinct and the same for the same seed', () => {
    const made = (seed: number) => {
      const prng = new Prng(seed)
      return Array.from({ length: 5_000 }, (_, i) => uuidOf(i, prng))
    }
    const trades = Array.from({ length: 5_000 }, (_, i) => tradeIdOf(i, 0xdeadbeef))
    expect([...made(1), ...trades].every((id) => UUID.test(id))).toBe(true)
    expect(new Set([...made(1), ...made(2), ...trades]).size).toBe(15_000)
    expect(made(1)).toEqual(made(1))
    expect(spotIdOf(1_000_000_007)).toMatch(/^\d{19}$/)
  })
})

describe('latency', () => {
  test('constant', () => {
    expect(constantLatency(250).nextUs()).toBe(250)
  })

  test('lognormal: whole microseconds around its median, inside its bounds', () => {
    const model = lognormalLatency({ medianUs: 400, sigma: 0.5, floorUs: 150, ceilingUs: 5_000 }, new Prng(3))
    const drawn = Array.from({ length: 9_999 }, () => model.nextUs()).sort((a, b) => a - b)
    expect(drawn.every((us) => Number.isInteger(us) && us >= 150 && us <= 5_000)).toBe(true)
    expect(drawn[5_000]).toBeGreaterThan(380)
    expect(drawn[5_000]).toBeLessThan(420)
    expect(drawn[9_900]).toBeGreaterThan(1_000)
  })

  test('from a list: in order, or drawn', () => {
    const inOrder = listLatency([3, 1, 2], 'inOrder')
    expect([1, 2, 3, 4].map(() => inOrder.nextUs())).toEqual([3, 1, 2, 3])
    const drawn = listLatency([3, 1, 2], new Prng(1))
    expect(new Set(Array.from({ length: 50 }, () => drawn.nextUs()))).toEqual(new Set([1, 2, 3]))
  })
})
