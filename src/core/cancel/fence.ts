/**
 * Stops the writer, so that "nothing open" stays true: latch → control socket `halt` → SIGTERM → SIGKILL → optionally the
 * key itself through a master key. Says how far it came and until when anything signed before can still be accepted
 * (Bybit accepts a request while server time − window ≤ its timestamp). Never throws: every failure is a note.
 */
import { isRunning, type LockRecord, readLock } from '../run-lock.ts'
import type { FenceLevel, FenceResult } from './fence-result.ts'
import { askHalt, type HaltAnswer } from './halt-call.ts'
import type { VenueClient } from './venue-client.ts'

export type FenceMode = 'ack' | 'kill' | 'revoke' | 'none'

export interface FenceOptions {
  readonly mode: FenceMode
  readonly stateDir: string
  /** Sets the latch; what became of it, for people. Bounded in time. */
  readonly setLatch: () => Promise<string>
  /** A writer that was heard of in another way than by its lock; null when none was. */
  readonly heard: HeardWriter | null
  /** Takes the bot's key away through a master key; the text of a failure, '' when done. */
  readonly revoke: (() => Promise<string>) | null
}

export interface HeardWriter {
  readonly createWindowMs: number
  /** It runs on another host: nothing here can stop it, and a lock found here belongs to another one. */
  readonly isRemote: boolean
}

const ASK_MS = 500
const TERM_MS = 1_000
const KILL_MS = 2_000
const WINDOW_UNKNOWN_MS = 5_000
const WINDOW_MAX_MS = 60_000
// A timestamp may lie this far in the exchange's future and still be accepted.
const CLOCK_LEAD_MS = 1_000

export async function raiseFence(options: FenceOptions, client: VenueClient): Promise<FenceResult> {
  const notes: string[] = []
  if (options.mode === 'none') return leaveAlone(options, client)
  const latch = options.setLatch()
  const stopped = await stopWriter(options, client, notes)
  notes.unshift(await latch)
  if (options.revoke === null) return stopped
  const fault = await options.revoke()
  notes.push(fault === '' ? 'key revoked through the master key' : `key not revoked: ${fault}`)
  // Whoever held the key may have signed until now. A writer that was stopped by other means was stopped earlier.
  return fault === '' ? until(client, { level: 'revoked', windowMs: WINDOW_UNKNOWN_MS, stopped, notes }) : stopped
}

function leaveAlone({ stateDir, heard }: FenceOptions, client: VenueClient): FenceResult {
  const isHeld = readLock(stateDir).state === 'held'
  if (heard?.isRemote === true) return beyondReach(client, heard, [])
  return unfenced(client, [isHeld ? 'the writer of this host was left running' : 'no fence was asked for'], isHeld)
}

async function stopWriter(options: FenceOptions, client: VenueClient, notes: string[]): Promise<FenceResult> {
  const { heard } = options
  const result = await stopLocal(options, client, notes)
  // Whatever was stopped here, it was not that one.
  return heard?.isRemote === true ? beyondReach(client, heard, notes) : result
}

function beyondReach(client: VenueClient, { createWindowMs: windowMs }: HeardWriter, notes: string[]): FenceResult {
  notes.push('the writer runs on another host: it was not stopped from here')
  const stopped = { isWriterKnown: true, recheck: () => '' }
  return { ...until(client, { level: 'none', windowMs, stopped, notes }), isWriterAlive: true }
}

async function stopLocal(options: FenceOptions, client: VenueClient, notes: string[]): Promise<FenceResult> {
  const { stateDir, heard } = options
  const lock = readLock(stateDir)
  if (lock.state === 'free') {
    const recheck = (): string => (readLock(stateDir).state === 'held' ? 'a writer started meanwhile' : '')
    if (heard?.isRemote === false) {
      notes.push('the writer gave its lock back when it ended')
      const stopped = { isWriterKnown: true, recheck }
      return until(client, { level: 'none', windowMs: heard.createWindowMs, stopped, notes })
    }
    if (heard === null) notes.push('no writer known on this host')
    return { ...unfenced(client, notes, false), recheck }
  }
  if (lock.state === 'unreadable') {
    notes.push(`the lock of the writer cannot be read: ${lock.why}`)
    return unfenced(client, notes, true)
  }
  const { record } = lock
  const answer = await askHalt(record.controlSocket, ASK_MS)
  if ('maxSignedMs' in answer) return acked(answer, { record, stateDir, notes })
  if (lock.state === 'stale' && answer.isThere) {
    // A container of its own hides its processes from us, and lends us only the folder.
    notes.push(`pid ${record.pid} is not to be seen here, and yet somebody holds its control socket: ${answer.failed}`)
    return unfenced(client, notes, true)
  }
  if (lock.state === 'stale') {
    notes.push(`the last writer (pid ${record.pid}) is gone`)
    return gone(client, { record, stateDir, notes })
  }
  notes.push(`pid ${record.pid} did not answer: ${answer.failed}`)
  if (options.mode === 'ack') return unfenced(client, notes, true)
  return kill(client, { record, stateDir, notes })
}

interface Case {
  readonly record: LockRecord
  readonly stateDir: string
  readonly notes: string[]
}

function acked(answer: HaltAnswer, { record, stateDir, notes }: Case): FenceResult {
  const { maxSignedMs, windowMs, inFlight } = answer
  notes.push(
    `pid ${record.pid} halted; newest create signed at ${maxSignedMs}, window ${windowMs} ms, ${inFlight} in flight`,
  )
  return {
    level: 'acked',
    isWriterKnown: true,
    isWriterAlive: false,
    acceptableUntilMs: () => maxSignedMs + windowMs,
    recheck: () => anotherThan(record, stateDir),
    notes,
  }
}

async function kill(client: VenueClient, at: Case): Promise<FenceResult> {
  const { record, notes } = at
  for (const [signal, patienceMs] of [
    ['SIGTERM', TERM_MS],
    ['SIGKILL', KILL_MS],
  ] as const) {
    if (!send(record, signal, notes)) break
    for (let waited = 0; waited < patienceMs && isRunning(record); waited += 25) await client.sleep(25)
    if (!isRunning(record)) {
      notes.push(`pid ${record.pid} ended after ${signal}`)
      return gone(client, at)
    }
  }
  notes.push(`pid ${record.pid} is still running`)
  return unfenced(client, notes, true)
}

// The pid is checked against its start time right before: a reused pid is never hit.
function send(record: LockRecord, signal: 'SIGTERM' | 'SIGKILL', notes: string[]): boolean {
  if (!isRunning(record)) return true
  if (record.processStart === '') {
    notes.push(`${signal} not sent: this system does not say whether pid ${record.pid} is still the writer`)
    return false
  }
  try {
    process.kill(record.pid, signal)
    return true
  } catch (error) {
    notes.push(`${signal} to pid ${record.pid} failed: ${error instanceof Error ? error.message : 'unknown'}`)
    return false
  }
}

function gone(client: VenueClient, { record, stateDir, notes }: Case): FenceResult {
  const { createWindowMs } = record
  const windowMs = createWindowMs > 0 ? Math.min(createWindowMs, WINDOW_MAX_MS) : WINDOW_UNKNOWN_MS
  notes.push(`newest signature taken as its end + ${CLOCK_LEAD_MS} ms, window ${windowMs} ms`)
  const recheck = (): string => anotherThan(record, stateDir)
  return until(client, { level: 'killed', windowMs, stopped: { isWriterKnown: true, recheck }, notes })
}

interface Stopped {
  readonly level: FenceLevel
  readonly windowMs: number
  readonly stopped: Pick<FenceResult, 'isWriterKnown' | 'recheck'>
  readonly notes: readonly string[]
}

// It signed until now at most, and a stamp may lead the exchange's clock by a second.
function until(client: VenueClient, { level, windowMs, stopped, notes }: Stopped): FenceResult {
  const stoppedMs = client.nowMs()
  const { isWriterKnown, recheck } = stopped
  return {
    level,
    isWriterKnown,
    isWriterAlive: false,
    acceptableUntilMs: (clock) => clock.latestMs(stoppedMs) + CLOCK_LEAD_MS + windowMs,
    recheck,
    notes,
  }
}

function unfenced(client: VenueClient, notes: readonly string[], isWriterAlive: boolean): FenceResult {
  const nowMs = client.nowMs()
  return {
    level: 'none',
    isWriterKnown: isWriterAlive,
    isWriterAlive,
    acceptableUntilMs: (clock) => clock.latestMs(nowMs),
    recheck: () => '',
    notes,
  }
}

// A supervisor may have started the bot again where the latch could not be written.
function anotherThan(stopped: LockRecord, stateDir: string): string {
  const lock = readLock(stateDir)
  if (lock.state !== 'held') return ''
  const { pid, processStart } = lock.record
  return pid === stopped.pid && processStart === stopped.processStart ? '' : `a new writer (pid ${pid}) was started`
}
