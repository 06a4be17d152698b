/**
 * Counts in a window that slides by whole seconds. It holds one second more than asked for, so that nothing which
 * happened within the window is ever missed; what is counted too long is counted less than a second too long.
 *
 * @hot
 */
import { US_PER_S } from '../domain/units.ts'

export class WindowCount {
  /** By second, modulo the length. */
  private readonly counts: Uint32Array
  /** Where the newest second stands, and when it ends. */
  private newest = 0
  private endUs = 0
  private total = 0

  constructor(seconds: number) {
    this.counts = new Uint32Array(seconds + 1)
  }

  add(nowUs: number): void {
    if (nowUs >= this.endUs) this.turn(nowUs)
    this.counts[this.newest]!++
    this.total++
  }

  /** How many there were in the window that ends now. A time before the newest counts as the newest. */
  at(nowUs: number): number {
    if (nowUs >= this.endUs) this.turn(nowUs)
    return this.total
  }

  private turn(nowUs: number): void {
    const { counts } = this
    const second = Math.floor(nowUs / US_PER_S)
    const passed = Math.min(second + 1 - this.endUs / US_PER_S, counts.length)
    for (let i = 0; i < passed; i++) {
      this.newest = this.newest + 1 === counts.length ? 0 : this.newest + 1
      this.total -= counts[this.newest]!
      counts[this.newest] = 0
    }
    this.endUs = (second + 1) * US_PER_S
  }
}
