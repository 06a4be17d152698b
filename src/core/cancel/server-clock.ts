/**
 * The exchange's clock as far as its replies show it, as bounds rather than a guess: a reply stamped S to a request sent
 * at A and heard at B proves that the exchange's clock minus ours lies in [S − B, S − A]. What decides safety always
 * takes the bound that waits longer. The first request is signed with the local clock: nothing may delay it.
 */

export interface ClockSample {
  /** Middle of the bounds. */
  readonly offsetMs: number
  readonly roundTripMs: number
}

interface Bounds {
  readonly lowMs: number
  readonly highMs: number
}

// Two clocks drift, stamps are cut to whole milliseconds.
const TOLERANCE_MS = 20

export class ServerClock {
  private best: Bounds | null = null
  private readonly localMs: () => number

  constructor(localMs: () => number) {
    this.localMs = localMs
  }

  /** Local clock now, ms. */
  localNowMs(): number {
    return this.localMs()
  }

  get isKnown(): boolean {
    return this.best !== null
  }

  /** Exchange time of a local moment, not later than the truth. */
  earliestMs(localMs: number): number {
    return localMs + (this.best?.lowMs ?? 0)
  }

  /** Exchange time of a local moment, not earlier than the truth. */
  latestMs(localMs: number): number {
    return localMs + (this.best?.highMs ?? 0)
  }

  /** Best estimate of the exchange's clock now, ms. */
  nowMs(): number {
    const local = this.localMs()
    return (this.earliestMs(local) + this.latestMs(local)) / 2
  }

  /** A reply stamped `serverMs` to a request sent at `sentMs` (local). Bounds that contradict what was known replace it. */
  learn(serverMs: number, sentMs: number): void {
    const fresh = { lowMs: serverMs - this.localMs(), highMs: serverMs + 1 - sentMs }
    const { best } = this
    const isJump =
      best !== null && (fresh.lowMs > best.highMs + TOLERANCE_MS || fresh.highMs < best.lowMs - TOLERANCE_MS)
    if (best === null || isJump || fresh.highMs - fresh.lowMs < best.highMs - best.lowMs) this.best = fresh
  }

  sample(): ClockSample | null {
    const { best } = this
    return best && { offsetMs: (best.lowMs + best.highMs) / 2, roundTripMs: best.highMs - best.lowMs }
  }
}
