import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/core/domain/prng.ts'

/** sfc32 (Doty-Humphrey) and splitmix32 once more, in bigints: no code in common with the generator. */
function* reference(seed: number): Generator<number> {
  const mask = 0xffff_ffffn
  let state = BigInt(seed)
  const mix = (): bigint => {
    state = (state + 0x9e3779b9n) & mask
    let z = state ^ (state >> 16n)
    z = (z * 0x21f0aaadn) & mask
    z ^= z >> 15n
    z = (z * 0x735a2d97n) & mask
    return z ^ (z >> 15n)
  }
  let [a, b, c, counter] = [mix(), mix(), mix(), 1n]
  for (let i = 0; ; i++) {
    const sum = (a + b + counter) & mask
    counter = (counter + 1n) & mask
    a = b ^ (b >> 9n)
    b = (c + (c << 3n)) & mask
    c = ((((c << 21n) | (c >> 11n)) & mask) + sum) & mask
    if (i >= 12) yield Number(sum)
  }
}

const draw = (prng: Prng, count = 8): number[] => Array.from({ length: count }, () => prng.nextU32())
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
function variance(values: readonly number[]): number {
  const centre = mean(values)
  return mean(values.map((x) => (x - centre) ** 2))
}

test.each([0, 1, 7, 0xffff_ffff])('seed %d gives the sfc32 stream', (seed) => {
  const wanted = reference(seed)
  for (const value of draw(new Prng(seed), 1_000)) expect(value).toBe(wanted.next().value)
})

describe('independence', () => {
  test('the same seed repeats, others differ, in their upper bits too', () => {
    expect(draw(new Prng(7))).toEqual(draw(new Prng(7)))
    const seeds = [7, 8, 7 + 2 ** 32, 7 + 2 ** 40, 2 ** 32, 0]
    expect(new Set(seeds.map((seed) => draw(new Prng(seed)).join())).size).toBe(seeds.length)
    expect(new Set(seeds.map((seed) => draw(new Prng(seed).split('x')).join())).size).toBe(seeds.length)
  })

  test('a split does not depend on draws made before it, nor disturb those after', () => {
    const [fresh, used] = [new Prng(3), new Prng(3)]
    draw(used, 100)
    expect(draw(used.split('flow'))).toEqual(draw(fresh.split('flow')))
    draw(fresh, 100)
    expect(draw(used)).toEqual(draw(fresh))
  })

  test('labels give different streams', () => {
    const root = new Prng(3)
    const labels = ['', 'a', 'b', 'ab', 'ba', 'flow', 'fill']
    expect(new Set(labels.map((label) => draw(root.split(label)).join())).size).toBe(labels.length)
    const [a, b] = [root.split('a'), root.split('b')]
    const [xs, ys] = [Array.from({ length: 20_000 }, () => a.next()), Array.from({ length: 20_000 }, () => b.next())]
    const covariance = mean(xs.map((x, i) => (x - 0.5) * ((ys[i] ?? 0) - 0.5)))
    // 5 standard errors of a product of two centred uniforms.
    expect(Math.abs(covariance)).toBeLessThan(5 / 12 / Math.sqrt(20_000))
  })
})

describe('distributions (fixed seed, 5 standard errors)', () => {
  const n = 50_000
  const prng = new Prng(11)

  test('next is uniform in [0, 1)', () => {
    const values = Array.from({ length: n }, () => prng.next())
    expect(Math.min(...values.slice(0, 1_000))).toBeGreaterThanOrEqual(0)
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n))
    expect(Math.abs(variance(values) - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n))
  })

  test('int covers both ends evenly', () => {
    const counts = new Map<number, number>()
    for (let i = 0; i < n; i++) {
      const value = prng.int(-2, 3)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3])
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - n / 6) ** 2 / (n / 6), 0)
    // 5 degrees of freedom: P(> 25.7) = 1e-4.
    expect(chiSquare).toBeLessThan(25.7)
  })

  test('normal and exponential have their moments', () => {
    const normals = Array.from({ length: n }, () => prng.normal())
    expect(Math.abs(mean(normals))).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(variance(normals) - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
    const waits = Array.from({ length: n }, () => prng.exponential(3))
    expect(Math.abs(mean(waits) - 3)).toBeLessThan((5 * 3) / Math.sqrt(n))
    expect(Math.min(...waits.slice(0, 1_000))).toBeGreaterThanOrEqual(0)
  })

  test('chance, pick and shuffle', () => {
    const hits = Array.from({ length: n }, () => prng.chance(0.3)).filter(Boolean).length
    expect(Math.abs(hits / n - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n))
    expect(new Set(Array.from({ length: 100 }, () => prng.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']))
    expect(() => prng.pick([])).toThrow(RangeError)
    const first = new Set<number>()
    for (let i = 0; i < 200; i++) {
      const shuffled = prng.shuffle([1, 2, 3, 4])
      first.add(shuffled[0] ?? 0)
      expect([...shuffled].sort((a, b) => a - b)).toEqual([1, 2, 3, 4])
    }
    expect(first.size).toBe(4)
  })
})
