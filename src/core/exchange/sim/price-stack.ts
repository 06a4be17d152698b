/**
 * One side's occupied prices, sorted so that the best is last: most changes happen near the best, so most insertions and
 * removals move little. Exact at any price, no window. Holds one integer (a level's number) per price.
 *
 * @hot
 */
import type { Side } from '../../domain/units.ts'

export class PriceStack {
  count = 0
  private readonly sign: number
  private keys = new Float64Array(256)
  private values = new Int32Array(256)

  /** Buy: the highest price is best. */
  constructor(side: Side) {
    this.sign = side
  }

  /** Value at `rank` counted from the best (0); the caller keeps 0 ≤ rank < count. */
  valueAt(rank: number): number {
    return this.values[this.count - 1 - rank]!
  }

  ticksAt(rank: number): number {
    return this.keys[this.count - 1 - rank]! * this.sign
  }

  /** Value of a price, −1 when it holds none. */
  find(ticks: number): number {
    const key = ticks * this.sign
    const at = this.lowerBound(key)
    return at < this.count && this.keys[at] === key ? this.values[at]! : -1
  }

  /** The price must not be held yet. */
  insert(ticks: number, value: number): void {
    const key = ticks * this.sign
    const at = this.lowerBound(key)
    if (this.count === this.keys.length) this.grow()
    if (at < this.count) {
      this.keys.copyWithin(at + 1, at, this.count)
      this.values.copyWithin(at + 1, at, this.count)
    }
    this.keys[at] = key
    this.values[at] = value
    this.count++
  }

  /** The price must be held. */
  remove(ticks: number): void {
    const at = this.lowerBound(ticks * this.sign)
    this.count--
    if (at === this.count) return
    this.keys.copyWithin(at, at + 1, this.count + 1)
    this.values.copyWithin(at, at + 1, this.count + 1)
  }

  clear(): void {
    this.count = 0
  }

  // First index whose key is not below `key`. Looks at the best few first.
  private lowerBound(key: number): number {
    let high = this.count
    let low = 0
    for (let step = 4; high - step > 0; step *= 4) {
      if (this.keys[high - step]! < key) {
        low = high - step + 1
        break
      }
      high -= step
    }
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  private grow(): void {
    const keys = new Float64Array(this.keys.length * 2)
    keys.set(this.keys)
    this.keys = keys
    const values = new Int32Array(this.values.length * 2)
    values.set(this.values)
    this.values = values
  }
}
