/**
 * The HALT latch from the bot's side: no start while it is set, and the one way to clear it. What was cleared, when and
 * why is kept in `resume.log` before the latch goes, and in the journal of the run that it allowed.
 */
import { randomInt } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { raiseLatch } from '../cancel/halt-latch.ts'
import { fail, messageOf } from '../errors.ts'
import { forgetDayLoss } from './day-loss.ts'
import { clearLatch, evidenceIdOf, type HaltRecord, latchPath, readLatch, UNREADABLE_ACK } from '../latch.ts'
import { OPEN_AT_ONCE, SMALL_BYTES_MAX } from '../small-file.ts'

export interface Resume {
  /** Evidence id of the halt: the operator has seen this very one. */
  readonly ack: string
  readonly reason: string
  readonly nowMs: number
}

/** What `mm resume` left: the halt, when it was cleared and why. */
export interface Resumed {
  readonly halt: unknown
  readonly clearedMs: number
  readonly reason: string
}

/** Every path that may lead to an order calls this first. Throws HALTED, also when the latch cannot be read. */
export function insistNotHalted(stateDir: string): void {
  const latch = readLatch(stateDir)
  if (latch.state === 'clear') return
  const [reason, id] =
    latch.state === 'halted'
      ? [latch.record.reason, latch.record.evidenceId]
      : [`the latch cannot be read (${latch.why}), which counts as set`, UNREADABLE_ACK]
  fail('HALTED', { file: latchPath(stateDir), reason, id })
}

/** Clears the latch. Throws LATCH_NOT_SET, or LATCH_ACK_WRONG when `ack` names another halt. */
export function resumeTrading(stateDir: string, { ack, reason, nowMs }: Resume): HaltRecord {
  const latch = readLatch(stateDir)
  if (latch.state === 'clear') fail('LATCH_NOT_SET', { dir: stateDir })
  const halt = latch.state === 'halted' ? latch.record : { evidenceId: UNREADABLE_ACK, reason: latch.why }
  if (halt.evidenceId !== ack) fail('LATCH_ACK_WRONG', { id: halt.evidenceId, given: ack })
  const line = `${JSON.stringify({ halt, clearedMs: nowMs, reason })}\n`
  const cleared = written(stateDir, () => {
    remember(join(stateDir, 'resume.log'), line)
    return clearLatch(stateDir, ack)
  })
  if (cleared === 'clear') return fail('LATCH_NOT_SET', { dir: stateDir })
  forgetDayLoss(stateDir)
  return 'mismatch' in cleared ? fail('LATCH_ACK_WRONG', { id: cleared.mismatch, given: ack }) : cleared
}

/** The newest acknowledgement since `sinceMs`: what allowed this start. Null when there was none, or it cannot be read. */
export function resumedSince(stateDir: string, sinceMs: number): Resumed | null {
  try {
    const entry = JSON.parse(lastLine(join(stateDir, 'resume.log'))) as Resumed
    return entry.clearedMs >= sinceMs ? entry : null
  } catch {
    // It stays in resume.log; a start does not depend on it.
    return null
  }
}

/** At the end nothing else waits for it, and without it the next start would trade: a slow disk is waited for. */
const WAIT_MS = 15_000

/**
 * The latch as a run sets it: as soon as the halt is decided, beside the cancelling and never before it, so that neither
 * a slow disk delays a cancel nor a death on the way loses the halt.
 */
export class HaltLatch {
  private readonly stateDir: string
  private record: HaltRecord | null = null
  private written: Promise<string> = Promise.resolve('')

  constructor(stateDir: string) {
    this.stateDir = stateDir
  }

  get isBegun(): boolean {
    return this.record !== null
  }

  begin(reason: string): void {
    this.record ??= haltRecord(reason)
    this.written = raiseLatch(this.stateDir, this.record, WAIT_MS)
  }

  /** The id to acknowledge, and why the latch does not stand; '' when it does. */
  async settled(): Promise<{ readonly id: string; readonly fault: string }> {
    const told = await this.written
    const latch = readLatch(this.stateDir)
    if (latch.state === 'halted') return { id: latch.record.evidenceId, fault: '' }
    return latch.state === 'unreadable' ? { id: UNREADABLE_ACK, fault: '' } : { id: '', fault: told }
  }
}

function haltRecord(reason: string): HaltRecord {
  const atMs = Date.now()
  return {
    schemaVersion: 1,
    evidenceId: evidenceIdOf('trade', atMs, randomInt(36 ** 4) / 36 ** 4),
    reason,
    by: 'trade',
    atMs,
  }
}

// Not kept, not cleared: a full disk is for the operator to mend first.
function written<T>(dir: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    return fail('STATE_UNWRITABLE', { dir, reason: messageOf(error) }, error)
  }
}

function remember(file: string, line: string): void {
  const fd = openSync(file, 'a', 0o600)
  try {
    writeSync(fd, line)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

// Of a log that grows for years, without waiting for a pipe in its place.
function lastLine(file: string): string {
  const fd = openSync(file, OPEN_AT_ONCE)
  try {
    const stat = fstatSync(fd)
    const tail = Buffer.alloc(stat.isFile() ? Math.min(stat.size, SMALL_BYTES_MAX) : 0)
    readSync(fd, tail, 0, tail.length, stat.size - tail.length)
    return tail.toString().trimEnd().split('\n').at(-1) ?? ''
  } finally {
    closeSync(fd)
  }
}
