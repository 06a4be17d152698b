/**
 * The HALT latch: one file in the state directory whose presence forbids every start and every risk-adding signature.
 * Fail-closed: what cannot be read counts as halted. Set by a freeze, by cancel-all and by the guard; cleared only by
 * `mm resume --ack <evidence id>`. Tiny import graph: the emergency path reads and sets it.
 */
import { closeSync, fsyncSync, lstatSync, openSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readSmallFile } from './small-file.ts'

export interface HaltRecord {
  readonly schemaVersion: 1
  /** What `mm resume --ack` must name. */
  readonly evidenceId: string
  readonly reason: string
  /** Who set it: "cancel-all", "trade", "guard". */
  readonly by: string
  readonly atMs: number
}

export type LatchState =
  | { readonly state: 'clear' }
  | { readonly state: 'halted'; readonly record: HaltRecord }
  /** There is something, or we cannot see whether there is: halted. */
  | { readonly state: 'unreadable'; readonly why: string }

const NAME = 'HALT'
/** Word to acknowledge a latch whose evidence id cannot be read. */
export const UNREADABLE_ACK = 'unreadable'

export const latchPath = (stateDir: string): string => join(stateDir, NAME)

export function readLatch(stateDir: string): LatchState {
  try {
    return parseRecord(readSmallFile(latchPath(stateDir)))
  } catch (error) {
    const code = errorCode(error)
    const isNothing = code === 'ENOENT' && !isHalted(stateDir)
    return isNothing
      ? { state: 'clear' }
      : { state: 'unreadable', why: code === 'ENOENT' ? 'a mark without record' : code }
  }
}

/** One `lstat`: what the outbox asks before each batch of risk-adding signatures. */
export function isHalted(stateDir: string): boolean {
  try {
    return lstatSync(latchPath(stateDir), { throwIfNoEntry: false }) !== undefined
  } catch {
    // Not allowed to look, a broken mount: nobody can say that it is clear.
    return true
  }
}

/**
 * A latch for a disk without room: a link to nowhere needs none, and counts as set (its record is lost). False when not
 * even that can be made.
 */
export function markHalted(stateDir: string, { evidenceId }: HaltRecord): boolean {
  try {
    symlinkSync(evidenceId, latchPath(stateDir))
    return true
  } catch {
    // Something stands there already, or the disk is read-only: the caller says what it could not write.
    return isHalted(stateDir)
  }
}

/** Clears the latch when `ack` names its evidence id; otherwise says what does not fit and changes nothing. */
export function clearLatch(stateDir: string, ack: string): HaltRecord | 'clear' | { readonly mismatch: string } {
  const present = readLatch(stateDir)
  if (present.state === 'clear') return 'clear'
  const expected = present.state === 'halted' ? present.record.evidenceId : UNREADABLE_ACK
  if (ack !== expected) return { mismatch: expected }
  remove(latchPath(stateDir))
  syncDirectory(stateDir)
  if (present.state === 'halted') return present.record
  return { schemaVersion: 1, evidenceId: UNREADABLE_ACK, reason: present.why, by: 'unknown', atMs: 0 }
}

/** An id that operators can type: time in base 36 and four characters of chance. */
export function evidenceIdOf(kind: string, atMs: number, chance: number): string {
  const tail = Math.floor(chance * 36 ** 4)
    .toString(36)
    .padStart(4, '0')
  return `${kind}-${Math.floor(atMs).toString(36)}-${tail}`
}

function parseRecord(text: string): LatchState {
  try {
    const value = JSON.parse(text) as Partial<HaltRecord> | null
    const { schemaVersion, evidenceId, reason, by, atMs } = value ?? {}
    const isRecord =
      schemaVersion === 1 && typeof evidenceId === 'string' && evidenceId !== '' && typeof atMs === 'number'
    if (!isRecord || typeof reason !== 'string' || typeof by !== 'string')
      return { state: 'unreadable', why: 'not a latch' }
    return { state: 'halted', record: { schemaVersion, evidenceId, reason, by, atMs } }
  } catch {
    // Truncated or foreign text is no permission to trade.
    return { state: 'unreadable', why: 'not JSON' }
  }
}

// A folder in its place goes only when it is empty.
function remove(path: string): void {
  if (lstatSync(path).isDirectory()) rmdirSync(path)
  else unlinkSync(path)
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
