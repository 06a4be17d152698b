/**
 * The exchange's clock as seen from here: local time plus an offset taken from the exchange with the shortest round
 * trip among a few. Everything signed is stamped by it, because the exchange accepts `timestamp < its time + 1 s` only.
 */
import { type TimeUs, timeUs } from '../../domain/units.ts'
import type { Wire } from '../wire.ts'

/** Asks the exchange for its time in µs. */
export type TimeSource = () => Promise<number>

const SAMPLES = 3
const REFRESH_US = 600 * 1_000_000

export class ExchangeClock {
  /** Exchange time minus local time, µs. */
  offsetUs = 0
  /** Round trip of the sample in use, µs. The offset is right to within half of it. */
  roundTripUs = Number.POSITIVE_INFINITY
  private measuredUs = Number.NEGATIVE_INFINITY
  private readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** Milliseconds by the exchange's clock, rounded down. */
  nowMs(): number {
    return Math.floor((this.wire.nowUs() + this.offsetUs) / 1_000)
  }

  /** Local time at which the exchange's clock shows `exchangeMs`. */
  localUs(exchangeMs: number): TimeUs {
    return timeUs(exchangeMs * 1_000 - this.offsetUs)
  }

  isOld(): boolean {
    return this.wire.nowUs() - this.measuredUs > REFRESH_US
  }

  async measure(source: TimeSource): Promise<void> {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < SAMPLES; i++) {
      const sentUs = this.wire.nowUs()
      const exchangeUs = await source()
      const receivedUs = this.wire.nowUs()
      const roundTripUs = receivedUs - sentUs
      if (roundTripUs >= best) continue
      best = roundTripUs
      this.offsetUs = Math.round(exchangeUs - (sentUs + receivedUs) / 2)
    }
    this.roundTripUs = best
    this.measuredUs = this.wire.nowUs()
  }
}
