/**
 * The exchange's clock as far as its replies show it. The first request is signed with the local clock: nothing may
 * delay it. Each reply bounds the offset; the sample with the shortest round trip is kept (half of it is the error).
 */

export interface ClockSample {
  readonly offsetMs: number
  readonly roundTripMs: number
}

export class ServerClock {
  private best: ClockSample | null = null
  private readonly localMs: () => number

  constructor(localMs: () => number) {
    this.localMs = localMs
  }

  /** Local clock now, ms. */
  localNowMs(): number {
    return this.localMs()
  }

  /** Best estimate of the exchange's clock now, ms. */
  nowMs(): number {
    return this.localMs() + (this.best?.offsetMs ?? 0)
  }

  /** A reply stamped `serverMs` to a request sent at `sentMs`, both clocks in ms. */
  learn(serverMs: number, sentMs: number): void {
    const receivedMs = this.localMs()
    const sample = { offsetMs: serverMs - (sentMs + receivedMs) / 2, roundTripMs: receivedMs - sentMs }
    if (this.best === null || sample.roundTripMs < this.best.roundTripMs) this.best = sample
  }

  /** Drops what was learned: after the exchange refused a timestamp. */
  forget(): void {
    this.best = null
  }

  sample(): ClockSample | null {
    return this.best
  }
}
