/**
 * The phases of a run, as a table. Only `quoting` may add risk; `halting` cancels until every order of ours is over;
 * nothing leads from there back to quoting: a halted run ends, and a new one begins.
 */

export type Phase =
  /** Waiting for start, positions, links and books. */
  | 'syncing'
  | 'quoting'
  /** An operator said so: no quotes, position kept. */
  | 'paused'
  /** Cancelling everything; no new risk. */
  | 'halting'
  /** Every order of ours is over. */
  | 'halted'

export type PhaseSignal =
  | 'synced'
  | 'desynced'
  | 'pause'
  | 'resume'
  | 'halt'
  /** No order of ours is live. */
  | 'flat'
  /** An order believed over turned out to live. */
  | 'orderAlive'

type Row = Partial<Record<PhaseSignal, Phase>>

/** A pair that is missing changes nothing. */
export const PHASE_NEXT: Readonly<Record<Phase, Row>> = {
  syncing: { synced: 'quoting', pause: 'paused', halt: 'halting' },
  quoting: { desynced: 'syncing', pause: 'paused', halt: 'halting' },
  paused: { resume: 'syncing', halt: 'halting' },
  halting: { flat: 'halted' },
  halted: { orderAlive: 'halting' },
}

export function nextPhase(phase: Phase, signal: PhaseSignal): Phase {
  return PHASE_NEXT[phase][signal] ?? phase
}
