/** Growing, jittered pauses between tries, so that many clients do not come back at one instant. Randomness is seeded. */
import type { Prng } from '../../domain/prng.ts'
import { type DurationUs, durationUs } from '../../domain/units.ts'

export interface BackoffRange {
  readonly firstMs: number
  readonly lastMs: number
}

export class Backoff {
  private tries = 0
  private readonly range: BackoffRange
  private readonly prng: Prng

  constructor(range: BackoffRange, prng: Prng) {
    this.range = range
    this.prng = prng
  }

  /** The next pause: doubles up to `lastMs`, of which between half and all. */
  nextUs(): DurationUs {
    const ceilingMs = Math.min(this.range.lastMs, this.range.firstMs * 2 ** Math.min(this.tries, 20))
    this.tries++
    return durationUs(Math.round(ceilingMs * 1_000 * (0.5 + 0.5 * this.prng.next())))
  }

  reset(): void {
    this.tries = 0
  }

  get count(): number {
    return this.tries
  }
}
