/** What a fence says: how far it came, and until when something signed before it may still be accepted. */
import type { ServerClock } from './server-clock.ts'

export type FenceLevel = 'acked' | 'killed' | 'revoked' | 'none'

export interface FenceResult {
  readonly level: FenceLevel
  /** A lock, socket or journal of a writer was found on this host. */
  readonly isWriterKnown: boolean
  /** Somebody may still write: known and not stopped. */
  readonly isWriterAlive: boolean
  /** Exchange time, ms, after which nothing signed before the fence can be accepted, by what is known of its clock. */
  readonly acceptableUntilMs: (clock: ServerClock) => number
  /** Asked at the end: '' while the writer is still stopped, else what came back. */
  readonly recheck: () => string
  /** What was done and how the time was found, for people and the proof. */
  readonly notes: readonly string[]
}

/** A fence of which nobody knows what it did, given up at `localMs`. */
export function unfinishedFence(note: string, localMs: number): FenceResult {
  return {
    level: 'none',
    isWriterKnown: true,
    isWriterAlive: true,
    acceptableUntilMs: (clock) => clock.latestMs(localMs),
    recheck: () => '',
    notes: [note],
  }
}
