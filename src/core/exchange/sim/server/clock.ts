/**
 * Drives a server core by the real clock, `speed` times as fast: time moves when something is due, when a client is
 * heard, and never backwards. A machine that cannot keep up makes the exchange late, never deaf: catching up is done in
 * pieces, between which sockets are heard. The only file of the server that reads a clock.
 */
import { type TimeUs, timeUs } from '../../../domain/units.ts'

const IDLE_MS = 1_000
/** The crowd trades thousands of times a second; nobody is owed a wake-up for each. */
const CROWD_MS = 3
/** Exchange time that is caught up at once, and real time after which the event loop has its turn. */
const STEP_US = 10_000
const TURN_MS = 25

/** What is driven: the server core. */
export interface Driven {
  nowUs(): TimeUs
  advance(nowUs: TimeUs): void
  nextUs(): number
  nextOwedUs(): number
}

export interface ServerClockOptions {
  readonly startUs: TimeUs
  readonly startedMs: number
  readonly speed: number
}

export const monotonicMs = (): number => performance.now()

export class ServerClock {
  private readonly server: Driven
  private readonly startUs: number
  private readonly startedMs: number
  private readonly speed: number
  private timer: NodeJS.Timeout | null = null
  private timerDueMs = Number.POSITIVE_INFINITY
  private isStopped = false
  /** The rest of a long way to now is under way. */
  private isCatchingUp = false

  /** The server stands at `startUs`, which is when `monotonicMs` was `startedMs`: building it has taken time since. */
  constructor(server: Driven, { startUs, startedMs, speed }: ServerClockOptions) {
    this.server = server
    this.startUs = startUs
    this.speed = speed
    this.startedMs = startedMs
  }

  nowUs(): TimeUs {
    return timeUs(this.startUs + Math.floor((performance.now() - this.startedMs) * 1_000 * this.speed))
  }

  /**
   * Brings the server up to now and plans the next wake-up. Call before and after handing it anything: while it is
   * late, what it is handed happens at the time it has reached.
   */
  turn(): void {
    if (!this.isStopped && !this.isCatchingUp) this.catchUp()
  }

  stop(): void {
    this.isStopped = true
    if (this.timer !== null) clearTimeout(this.timer)
  }

  private catchUp(): void {
    const givesWayMs = performance.now() + TURN_MS
    let nowUs = this.nowUs()
    while (this.server.nowUs() + STEP_US < nowUs) {
      this.server.advance(timeUs(this.server.nowUs() + STEP_US))
      if (performance.now() >= givesWayMs) return this.goOnLater()
      nowUs = this.nowUs()
    }
    this.server.advance(nowUs)
    const waitMs = (dueUs: number): number => (dueUs - nowUs) / (1_000 * this.speed)
    const owedMs = Math.max(1, waitMs(this.server.nextOwedUs()))
    const crowdMs = Math.max(CROWD_MS, waitMs(this.server.nextUs()))
    this.plan(Math.min(IDLE_MS, owedMs, crowdMs))
  }

  private goOnLater(): void {
    this.isCatchingUp = true
    setImmediate(() => {
      this.isCatchingUp = false
      this.turn()
    })
  }

  // A wake-up that is early enough already stands.
  private plan(waitMs: number): void {
    const dueMs = performance.now() + waitMs
    if (this.timer !== null && this.timerDueMs <= dueMs) return
    if (this.timer !== null) clearTimeout(this.timer)
    this.timerDueMs = dueMs
    this.timer = setTimeout(() => {
      this.timer = null
      this.turn()
    }, waitMs)
  }
}

/** Now, µs since the epoch: where a run on the real clock starts. */
export function wallUs(): TimeUs {
  return timeUs(Math.floor((performance.timeOrigin + performance.now()) * 1_000))
}
