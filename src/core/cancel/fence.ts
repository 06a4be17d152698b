/**
 * Stops the writer, so that "nothing open" stays true: latch → control socket `halt` → SIGTERM → SIGKILL → optionally the
 * key itself through a master key. Says how far it came and until when anything signed before can still be accepted
 * (Bybit accepts a request while server time − window ≤ its timestamp). Never throws: every failure is a note.
 */
import { isRunning, type LockRecord, readLock } from '../run-lock.ts'
import { askHalt, type HaltAnswer } from './halt-call.ts'
import type { VenueClient } from './venue-client.ts'

export type FenceLevel = 'acked' | 'killed' | 'revoked' | 'none'

export interface FenceResult {
  readonly level: FenceLevel
  /** A lock, socket or journal of a writer was found on this host. */
  readonly isWriterKnown: boolean
  /** Somebody may still write: known and not stopped. */
  readonly isWriterAlive: boolean
  /** Exchange time, ms, after which nothing signed before the fence can be accepted. */
  readonly acceptableUntilMs: number
  /** What was done and how the time was found, for people and the proof. */
  readonly notes: readonly string[]
}

export type FenceMode = 'ack' | 'kill' | 'revoke' | 'none'

export interface FenceOptions {
  readonly mode: FenceMode
  readonly stateDir: string
  /** Sets the latch; the text of a failure, '' when it holds. */
  readonly setLatch: () => string
  /** Takes the bot's key away through a master key; the text of a failure, '' when done. */
  readonly revoke: (() => Promise<string>) | null
}

const ASK_MS = 500
const TERM_MS = 1_000
const KILL_MS = 2_000
const WINDOW_UNKNOWN_MS = 5_000
// A timestamp may lie this far in the exchange's future and still be accepted.
const CLOCK_LEAD_MS = 1_000

export async function raiseFence(options: FenceOptions, client: VenueClient): Promise<FenceResult> {
  const notes: string[] = []
  if (options.mode === 'none') return unfenced(client, notes, readLock(options.stateDir).state === 'held')
  const latchFault = options.setLatch()
  notes.push(latchFault === '' ? 'HALT latch set' : `HALT latch not written: ${latchFault}`)
  const stopped = await stopWriter(options, client, notes)
  if (options.revoke === null) return stopped
  const fault = await options.revoke()
  notes.push(fault === '' ? 'key revoked through the master key' : `key not revoked: ${fault}`)
  if (fault !== '' || stopped.level !== 'none') return { ...stopped, notes }
  const acceptableUntilMs = Math.max(
    stopped.acceptableUntilMs,
    client.clock.nowMs() + CLOCK_LEAD_MS + WINDOW_UNKNOWN_MS,
  )
  return { level: 'revoked', isWriterKnown: stopped.isWriterKnown, isWriterAlive: false, acceptableUntilMs, notes }
}

async function stopWriter(options: FenceOptions, client: VenueClient, notes: string[]): Promise<FenceResult> {
  const lock = readLock(options.stateDir)
  if (lock.state === 'free') {
    notes.push('no writer known on this host')
    const acceptableUntilMs = client.clock.nowMs()
    return { level: 'none', isWriterKnown: false, isWriterAlive: false, acceptableUntilMs, notes }
  }
  if (lock.state === 'unreadable') {
    notes.push(`the lock of the writer cannot be read: ${lock.why}`)
    return unfenced(client, notes, true)
  }
  const { record } = lock
  if (lock.state === 'stale') {
    notes.push(`the last writer (pid ${record.pid}) is gone`)
    return gone(client, record, 'killed', notes)
  }
  const answer = await askHalt(record.controlSocket, ASK_MS)
  if ('maxSignedMs' in answer) return acked(answer, record, notes)
  notes.push(`pid ${record.pid} did not answer: ${answer.failed}`)
  if (options.mode === 'ack') return unfenced(client, notes, true)
  return kill(client, record, notes)
}

function acked(answer: HaltAnswer, record: LockRecord, notes: string[]): FenceResult {
  const { maxSignedMs, windowMs, inFlight } = answer
  notes.push(
    `pid ${record.pid} halted; newest create signed at ${maxSignedMs}, window ${windowMs} ms, ${inFlight} in flight`,
  )
  const acceptableUntilMs = maxSignedMs + windowMs
  return { level: 'acked', isWriterKnown: true, isWriterAlive: false, acceptableUntilMs, notes }
}

async function kill(client: VenueClient, record: LockRecord, notes: string[]): Promise<FenceResult> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', TERM_MS],
    ['SIGKILL', KILL_MS],
  ] as const) {
    if (!send(record, signal, notes)) break
    for (let waited = 0; waited < patienceMs && isRunning(record); waited += 25) await client.sleep(25)
    if (!isRunning(record)) {
      notes.push(`pid ${record.pid} ended after ${signal}`)
      return gone(client, record, 'killed', notes)
    }
  }
  notes.push(`pid ${record.pid} is still running`)
  return unfenced(client, notes, true)
}

// The pid is checked against its start time right before: a reused pid is never hit.
function send(record: LockRecord, signal: 'SIGTERM' | 'SIGKILL', notes: string[]): boolean {
  if (!isRunning(record)) return true
  try {
    process.kill(record.pid, signal)
    return true
  } catch (error) {
    notes.push(`${signal} to pid ${record.pid} failed: ${error instanceof Error ? error.message : 'unknown'}`)
    return false
  }
}

function gone(client: VenueClient, record: LockRecord, level: FenceLevel, notes: string[]): FenceResult {
  // It ran until now at most, and a stamp may lead the exchange's clock by a second.
  const windowMs = record.createWindowMs > 0 ? record.createWindowMs : WINDOW_UNKNOWN_MS
  const acceptableUntilMs = client.clock.nowMs() + CLOCK_LEAD_MS + windowMs
  notes.push(`newest signature taken as now + ${CLOCK_LEAD_MS} ms, window ${windowMs} ms`)
  return { level, isWriterKnown: true, isWriterAlive: false, acceptableUntilMs, notes }
}

function unfenced(client: VenueClient, notes: string[], isWriterAlive: boolean): FenceResult {
  const acceptableUntilMs = client.clock.nowMs()
  return { level: 'none', isWriterKnown: isWriterAlive, isWriterAlive, acceptableUntilMs, notes }
}
