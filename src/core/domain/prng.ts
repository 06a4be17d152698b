/**
 * Seeded, splittable randomness (sfc32 seeded through splitmix32). `split(label)` gives an independent stream, so that
 * one more draw in one part of a simulation does not shift the others. Never used where secrets are made.
 */

export class Prng {
  private a: number
  private b: number
  private c: number
  private counter = 1
  private readonly seed: number

  constructor(seed: number) {
    const high = Math.trunc(seed / 2 ** 32)
    this.seed = (seed ^ (high === 0 ? 0 : splitmix32(high)())) >>> 0
    const mix = splitmix32(this.seed)
    this.a = mix()
    this.b = mix()
    this.c = mix()
    for (let i = 0; i < 12; i++) this.nextU32()
  }

  /** An independent generator for `label`; the same seed and label always give the same stream. */
  split(label: string): Prng {
    let hash = 0x811c9dc5 ^ this.seed
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
    return new Prng((hash ^ (hash >>> 15)) >>> 0)
  }

  /** Uniform integer in [0, 2^32). */
  nextU32(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [0, 1) with 53 bits. */
  next(): number {
    const high = this.nextU32() >>> 5
    const low = this.nextU32() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  /** Uniform integer in [low, high], both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Exponential with the given mean (inverse transform). */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Standard normal (Box–Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return radius * Math.cos(2 * Math.PI * this.next())
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new RangeError('pick from an empty list')
    return item
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      const [a, b] = [items[i], items[j]]
      if (a !== undefined && b !== undefined) {
        items[i] = b
        items[j] = a
      }
    }
    return items
  }
}

function splitmix32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}
