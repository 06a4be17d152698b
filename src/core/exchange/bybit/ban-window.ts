/**
 * Silence towards the exchange: after HTTP 403 nothing may be asked of it from this address until the window is over, and
 * no connection may be made. What is connected already may still be heard, and may still carry cancels.
 */
import type { Wire } from '../wire.ts'

/** The exchange wants at least ten minutes. */
const BAN_US = 610 * 1_000_000

export class BanWindow {
  /** Told when a window begins (true) and when it is over (false). */
  onChange: (isBanned: boolean) => void = () => {}
  private readonly wire: Wire
  private untilUs = Number.NEGATIVE_INFINITY

  constructor(wire: Wire) {
    this.wire = wire
  }

  get isOn(): boolean {
    return this.remainingUs > 0
  }

  get remainingUs(): number {
    return Math.max(0, this.untilUs - this.wire.nowUs())
  }

  /** A 403 came. One that answers a request of before the window changes nothing. */
  begin(): void {
    if (this.isOn) return
    this.untilUs = this.wire.nowUs() + BAN_US
    this.onChange(true)
    this.wire.after(BAN_US, () => this.onChange(false))
  }
}
