/**
 * When to fire, as a table. Armed by the first heartbeat, disarmed only by a stop that the bot sends after its own proven
 * zero; silence for the TTL fires, and an emergency that did not end in a zero fires again. Time is an argument.
 */
import type { Heartbeat } from './message.ts'

export type GuardPhase = 'idle' | 'armed' | 'firing' | 'fired'
export type GuardSignal = 'beat' | 'stop' | 'silence' | 'zero' | 'failed'

/** A pair that is missing changes nothing. */
export const GUARD_NEXT: Readonly<Record<GuardPhase, Partial<Record<GuardSignal, GuardPhase>>>> = {
  idle: { beat: 'armed' },
  armed: { stop: 'idle', silence: 'firing' },
  // Heartbeats that come back change nothing: what was begun is finished.
  firing: { zero: 'fired', failed: 'firing' },
  fired: { beat: 'armed' },
}

/** Clocks of two hosts may differ by this much; an older counter is a recording. */
const COUNTER_AGE_MS = 5 * 60_000
/** Counters are microseconds of wall time, more or less. */
const PER_MS = 1_000
/** Two monotonic clocks may drift apart by this share. */
const DRIFT = 0.001

export class Watch {
  phase: GuardPhase = 'idle'
  /** The heartbeat that counts last. */
  last: Heartbeat | null = null
  refused = 0
  private heardMs = 0
  /** Least way of a beat since it was armed: guard's monotonic clock minus the bot's. */
  private wayMs = 0
  private readonly counters = new Map<string, number>()
  private readonly ttlMs: number

  constructor(ttlMs: number) {
    this.ttlMs = ttlMs
  }

  /** True when the heartbeat counts; `nowMs` is monotonic, `wallMs` the wall clock. */
  hear(heartbeat: Heartbeat, nowMs: number, wallMs: number): boolean {
    const { bot, counter, kind } = heartbeat
    // Answered, and nothing else: whoever asks is no bot to watch.
    if (kind === 'probe') return true
    const isOld = counter <= (this.counters.get(bot) ?? 0) || counter < (wallMs - COUNTER_AGE_MS) * PER_MS
    const isOther = this.last !== null && this.last.bot !== bot && this.phase !== 'idle'
    if (isOld || isOther || this.isHeldBack(heartbeat, nowMs)) {
      this.refused++
      return false
    }
    this.counters.set(bot, counter)
    this.wayMs = this.leastWayMs(heartbeat, nowMs)
    this.last = heartbeat
    this.heardMs = nowMs
    this.signal(kind)
    return true
  }

  // Somebody on the way who keeps beats and hands them out later must not keep a dead bot alive. A stop is the bot's own
  // word about its end, and holds however late it comes.
  private isHeldBack({ kind, upMs }: Heartbeat, nowMs: number): boolean {
    if (this.phase !== 'armed' || kind === 'stop') return false
    return nowMs - upMs - this.wayMs > this.ttlMs / 2 + (nowMs - this.heardMs) * DRIFT
  }

  private leastWayMs({ upMs }: Heartbeat, nowMs: number): number {
    const wayMs = nowMs - upMs
    return this.phase === 'armed' ? Math.min(wayMs, this.wayMs + (nowMs - this.heardMs) * DRIFT) : wayMs
  }

  /** True when it is time to fire. */
  tick(nowMs: number): boolean {
    if (this.phase !== 'armed' || nowMs - this.heardMs < this.ttlMs) return false
    this.signal('silence')
    return true
  }

  silentMs(nowMs: number): number {
    return nowMs - this.heardMs
  }

  signal(signal: GuardSignal): void {
    this.phase = GUARD_NEXT[this.phase][signal] ?? this.phase
  }
}
