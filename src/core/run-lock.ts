/**
 * One writer per state directory. The lock file says which process writes (pid and start time, so that a reused pid is
 * not mistaken for it), where it trades and how its orders are named: what an emergency needs to know of it. Tiny import
 * graph: the emergency path reads it.
 */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fail, MmError } from './errors.ts'
import { readSmallFile } from './small-file.ts'

export interface LockRecord {
  readonly schemaVersion: 1
  readonly pid: number
  /** What tells this process from a later one with the same pid; '' where the system does not say. */
  readonly processStart: string
  readonly startedMs: number
  readonly venue: string
  /** Base URL of the exchange, '' for the venue's own. */
  readonly exchangeUrl: string
  /** Start of the orderLinkId of every order it places. */
  readonly orderPrefix: string
  /** recv window of its creates, ms. */
  readonly createWindowMs: number
  readonly controlSocket: string
  /** Account it trades on; '' until its key was asked. Absent in locks of old. */
  readonly uid?: string
}

export type LockState =
  | { readonly state: 'free' }
  /** The process of the record is running. */
  | { readonly state: 'held'; readonly record: LockRecord }
  /** It is gone; the record is what it left behind. */
  | { readonly state: 'stale'; readonly record: LockRecord }
  | { readonly state: 'unreadable'; readonly why: string }

const TAKEOVER_STALE_MS = 10_000

export const lockPath = (stateDir: string): string => join(stateDir, 'writer.lock')

export function readLock(stateDir: string): LockState {
  let text: string
  try {
    text = readSmallFile(lockPath(stateDir))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'free' } : { state: 'unreadable', why: code }
  }
  const record = parseRecord(text)
  if (record === null) return { state: 'unreadable', why: 'not a lock record' }
  return { state: isRunning(record) ? 'held' : 'stale', record }
}

/** Takes the lock or fails: STATE_LOCKED (exit 4), STATE_UNWRITABLE (a full disk). Returns how to give it back. */
export function acquireLock(
  stateDir: string,
  record: Omit<LockRecord, 'pid' | 'processStart' | 'schemaVersion'>,
): () => void {
  const mine: LockRecord = { schemaVersion: 1, pid: process.pid, processStart: processStartOf(process.pid), ...record }
  const path = lockPath(stateDir)
  const draft = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600, flush: true })
    if (!tryLink(draft, path)) takeOver(stateDir, draft)
  } catch (error) {
    if (error instanceof MmError) throw error
    fail('STATE_UNWRITABLE', { dir: stateDir, reason: (error as Error).message }, error)
  } finally {
    rmSync(draft, { force: true })
  }
  return () => release(stateDir, mine)
}

/** Writes into the lock that this process holds on which account it trades. Throws STATE_UNWRITABLE. */
export function nameAccount(stateDir: string, uid: string): void {
  const present = readLock(stateDir)
  if (present.state !== 'held' || present.record.pid !== process.pid || present.record.uid === uid) return
  const draft = `${lockPath(stateDir)}.${process.pid}.tmp`
  try {
    writeFileSync(draft, `${JSON.stringify({ ...present.record, uid })}\n`, { mode: 0o600, flush: true })
    renameSync(draft, lockPath(stateDir))
  } catch (error) {
    rmSync(draft, { force: true })
    fail('STATE_UNWRITABLE', { dir: stateDir, reason: (error as Error).message }, error)
  }
}

/** True while the process of the record runs: its pid exists and started when the record says. */
export function isRunning(record: Pick<LockRecord, 'pid' | 'processStart'>): boolean {
  try {
    process.kill(record.pid, 0)
  } catch (error) {
    // EPERM: it exists and belongs to somebody else. Anything else: it is gone.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const start = processStartOf(record.pid)
  return record.processStart === '' || start === '' || start === record.processStart
}

/** Start time of a process in clock ticks since boot, with the boot's id; '' where there is no /proc. */
export function processStartOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks: count fields after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return 'dead'
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot.slice(0, 8)}:${fields[19] ?? ''}`
  } catch {
    // No such process, or a system without /proc: the caller then goes by the pid alone.
    return ''
  }
}

// Only one process at a time may replace a stale lock: the one that made the directory.
function takeOver(stateDir: string, draft: string): void {
  const path = lockPath(stateDir)
  refuseUnlessStale(stateDir)
  const gate = `${path}.takeover`
  try {
    mkdirSync(gate)
  } catch {
    const age = Date.now() - (statSync(gate, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age < TAKEOVER_STALE_MS) fail('STATE_LOCKED', { dir: stateDir, pid: 'another start' })
    // Left by a start that died in the few lines below.
  }
  try {
    refuseUnlessStale(stateDir)
    if (readLock(stateDir).state !== 'free') renameSync(path, `${path}.stale`)
    if (!tryLink(draft, path)) fail('STATE_LOCKED', { dir: stateDir, pid: 'another start' })
  } finally {
    rmdirSync(gate)
  }
}

function refuseUnlessStale(stateDir: string): void {
  const present = readLock(stateDir)
  if (present.state === 'held') fail('STATE_LOCKED', { dir: stateDir, pid: present.record.pid })
  if (present.state === 'unreadable') fail('LOCK_UNREADABLE', { path: lockPath(stateDir), why: present.why })
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function release(stateDir: string, mine: LockRecord): void {
  const present = readLock(stateDir)
  if (present.state !== 'held' || present.record.pid !== mine.pid) return
  unlinkSync(lockPath(stateDir))
}

function parseRecord(text: string): LockRecord | null {
  try {
    const value = JSON.parse(text) as Partial<LockRecord> | null
    const isRecord =
      value?.schemaVersion === 1 && Number.isSafeInteger(value.pid) && typeof value.processStart === 'string'
    return isRecord ? (value as LockRecord) : null
  } catch {
    // Not JSON: the caller reports it as unreadable.
    return null
  }
}
