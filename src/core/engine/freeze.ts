/**
 * How a guard's demand begins and ends, as a table: quoting stops at once, and comes back only after the cause has been
 * gone for the guard's thaw window, so that a cause that flickers does not make quotes flicker. What only a person may
 * judge (loss limit, repeated executions) is held: nothing in this run leads out of it, the next start needs mm resume.
 *
 * @hot
 */
import { UNJUDGED_US_MAX, type Standing } from './guard.ts'

export type FreezePhase =
  | 'open'
  /** The cause is there. */
  | 'frozen'
  /** It is gone, not yet for long enough. */
  | 'thawing'
  /** For a person to decide. */
  | 'held'

export type FreezeSignal = 'cause' | 'gone' | 'quiet' | 'hold'

/** A pair that is missing changes nothing. */
export const FREEZE_NEXT: Readonly<Record<FreezePhase, Partial<Record<FreezeSignal, FreezePhase>>>> = {
  open: { cause: 'frozen', hold: 'held' },
  frozen: { gone: 'thawing', hold: 'held' },
  thawing: { cause: 'frozen', quiet: 'open', hold: 'held' },
  held: {},
}

export class Freeze {
  phase: FreezePhase = 'open'
  private standing: Standing | null = null
  private goneUs = 0

  /** What is in force, given what the guard demands now. The same object while nothing changes. */
  follow(demand: Standing | null, nowUs: number): Standing | null {
    if (demand !== null) {
      this.signal(demand.halt ? 'hold' : 'cause')
      if (this.phase !== 'held' || demand.halt) this.standing = demand
      return this.standing
    }
    if (this.phase === 'open' || this.phase === 'held') return this.standing
    if (this.phase === 'frozen') {
      this.signal('gone')
      this.goneUs = nowUs
    }
    if (nowUs - this.goneUs >= (this.standing?.thawUs ?? 0)) {
      this.signal('quiet')
      this.standing = null
    }
    return this.standing
  }

  /** In what time it ends if nothing is demanded any more; never, while something is, or nothing is in force. */
  endsInUs(nowUs: number): number {
    return this.phase === 'thawing' ? this.goneUs + (this.standing?.thawUs ?? 0) - nowUs : UNJUDGED_US_MAX
  }

  private signal(signal: FreezeSignal): void {
    this.phase = FREEZE_NEXT[this.phase][signal] ?? this.phase
  }
}
