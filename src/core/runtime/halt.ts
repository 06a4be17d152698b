/**
 * The HALT latch from the bot's side: no start while it is set, and the one way to clear it. What was cleared, when and
 * why is kept in `resume.log` before the latch goes.
 */
import { randomInt } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { clearLatch, evidenceIdOf, type HaltRecord, latchPath, readLatch, UNREADABLE_ACK } from '../latch.ts'

export interface Resume {
  /** Evidence id of the halt: the operator has seen this very one. */
  readonly ack: string
  readonly reason: string
  readonly nowMs: number
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
  remember(join(stateDir, 'resume.log'), `${JSON.stringify({ halt, clearedMs: nowMs, reason })}\n`)
  const cleared = clearLatch(stateDir, ack)
  if (cleared === 'clear') return fail('LATCH_NOT_SET', { dir: stateDir })
  return 'mismatch' in cleared ? fail('LATCH_ACK_WRONG', { id: cleared.mismatch, given: ack }) : cleared
}

/** The record of a halt that the bot itself came to. */
export function haltRecord(reason: string): HaltRecord {
  const atMs = Date.now()
  return {
    schemaVersion: 1,
    evidenceId: evidenceIdOf('trade', atMs, randomInt(36 ** 4) / 36 ** 4),
    reason,
    by: 'trade',
    atMs,
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
