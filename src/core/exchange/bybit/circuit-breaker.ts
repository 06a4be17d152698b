/**
 * Stops one class of requests after several in a row whose outcome nobody knows: each of them reserves risk and costs
 * reads. While it is open, a read is tried now and then; the first one that is answered lets requests through again. Only
 * creates and amends ask it; a cancel is never held back by it.
 */
import type { Prng } from '../../domain/prng.ts'
import type { Wire } from '../wire.ts'
import { Backoff } from './backoff.ts'

export interface BreakerParts {
  readonly wire: Wire
  readonly prng: Prng
  /** A read of the account; rejects when it is not answered. */
  readonly probe: () => Promise<unknown>
  /** True for a failure of the probe; anything else is a bug and surfaces. */
  readonly isFailure: (error: unknown) => boolean
  readonly onTrip: () => void
}

const FAILURES_MAX = 3

export class CircuitBreaker {
  private readonly parts: BreakerParts
  private readonly backoff: Backoff
  private failures = 0
  private isHeld = false
  private isStopped = false

  constructor(parts: BreakerParts) {
    this.parts = parts
    this.backoff = new Backoff({ firstMs: 1_000, lastMs: 30_000 }, parts.prng)
  }

  get isOpen(): boolean {
    return this.isHeld
  }

  /** The exchange said something definite. */
  answered(): void {
    this.failures = 0
    this.backoff.reset()
  }

  /** Nobody knows what became of a request. */
  failed(): void {
    if (this.isHeld || ++this.failures < FAILURES_MAX) return
    this.isHeld = true
    this.parts.onTrip()
    this.probeLater()
  }

  stop(): void {
    this.isStopped = true
  }

  private probeLater(): void {
    this.parts.wire.after(this.backoff.nextUs(), () => {
      if (!this.isStopped) void this.probe()
    })
  }

  // Half-open: one failure more opens it again, with a longer pause.
  private async probe(): Promise<void> {
    try {
      await this.parts.probe()
      this.isHeld = false
      this.failures = FAILURES_MAX - 1
    } catch (error) {
      if (!this.parts.isFailure(error)) throw error
      this.probeLater()
    }
  }
}
