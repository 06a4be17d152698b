/**
 * The HALT latch: a file that keeps every start path from trading until an operator has looked. It fails closed: a latch
 * that cannot be read counts as set. Only `clearLatch` (that is `mm resume`) takes it away, and leaves a record behind.
 */
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from './errors.ts'

export interface Halt {
  /** What `mm resume --ack` must name: the operator has seen this very halt. */
  readonly id: string
  readonly reason: string
  /** Who set it: "bot", "cancel-all", "guard", "operator". */
  readonly by: string
  readonly atMs: number
}

const NAME = 'HALT'

export const latchFile = (stateDir: string): string => join(stateDir, NAME)

/** The halt in force; null only when the latch is surely not set. Unreadable or garbled is a halt of its own. */
export function readLatch(stateDir: string): Halt | null {
  let text: string
  try {
    text = readFileSync(latchFile(stateDir), 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : unreadable(message)
  }
  return parseHalt(text) ?? unreadable('its content is damaged')
}

/** Sets the latch durably. An earlier halt stays in force: the first reason is the one to look at. */
export function setLatch(stateDir: string, halt: Halt): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  if (readLatch(stateDir) !== null) return
  const file = latchFile(stateDir)
  const temporary = `${file}.${process.pid}`
  writeDurably(temporary, `${JSON.stringify(halt)}\n`)
  renameSync(temporary, file)
  syncFolder(stateDir)
}

/** Every path that may lead to an order calls this first. Throws HALTED. */
export function insistNotHalted(stateDir: string): void {
  const halt = readLatch(stateDir)
  if (halt !== null) fail('HALTED', { file: latchFile(stateDir), reason: halt.reason, id: halt.id })
}

/**
 * Takes the latch away: `ack` must be the id of the halt. What was cleared, by whom and why is kept beside it
 * (`HALT.cleared.log`, one JSON object a line).
 */
export function clearLatch(stateDir: string, ack: string, reason: string, nowMs: number): Halt {
  const halt = readLatch(stateDir) ?? fail('LATCH_NOT_SET', { dir: stateDir })
  if (halt.id !== ack) fail('LATCH_ACK_WRONG', { id: halt.id, given: ack })
  const line = `${JSON.stringify({ halt, clearedMs: nowMs, reason })}\n`
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
  writeDurably(join(stateDir, `${NAME}.cleared.log`), line, flags)
  renameSync(latchFile(stateDir), join(stateDir, `${NAME}.last`))
  syncFolder(stateDir)
  return halt
}

function parseHalt(text: string): Halt | null {
  try {
    const halt = JSON.parse(text) as Partial<Halt> | null
    const isHalt = typeof halt?.id === 'string' && typeof halt.reason === 'string' && typeof halt.atMs === 'number'
    return isHalt ? { id: halt.id ?? '', reason: halt.reason ?? '', by: String(halt.by), atMs: halt.atMs ?? 0 } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function unreadable(reason: string): Halt {
  return { id: 'unreadable', reason: `the latch cannot be read (${reason}), which counts as set`, by: 'latch', atMs: 0 }
}

function writeDurably(file: string, text: string, flags: number | 'w' = 'w'): void {
  const fd = openSync(file, flags, 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
