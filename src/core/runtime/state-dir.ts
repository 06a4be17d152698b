/**
 * Where a bot keeps what must outlive it: journal, latch, lock, epoch, control socket. One bot per folder. The epoch is
 * what makes order ids unique for ever: it only grows, also when the clock steps back or the process dies at once.
 */
import { accessSync, closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { listEpochs } from './journal-reader.ts'

export interface StateDir {
  readonly path: string
  readonly journals: string
}

/** Makes the folder ready to be written. Throws STATE_UNWRITABLE. */
export function openStateDir(path: string): StateDir {
  const journals = join(path, 'journal')
  try {
    makeFolder(journals, 0o700)
    accessSync(path, constants.W_OK | constants.X_OK)
    accessSync(journals, constants.W_OK | constants.X_OK)
  } catch (error) {
    return fail('STATE_UNWRITABLE', { dir: path, reason: (error as Error).message }, error)
  }
  return { path, journals }
}

const EPOCH_DIGITS = 7

/** The epoch for a new run: seconds since 1970 in base 36, but always beyond every epoch used here before. Durable. */
export function nextEpoch(state: StateDir, nowMs: number): string {
  const file = join(state.path, 'epoch')
  const used = [...listEpochs(state.journals), readEpoch(file)].map((text) => Number.parseInt(text, 36))
  const epoch = Math.max(Math.floor(nowMs / 1000), ...used.map((value) => (Number.isNaN(value) ? 0 : value + 1)))
  const text = epoch.toString(36).padStart(EPOCH_DIGITS, '0')
  try {
    writeDurably(file, text)
  } catch (error) {
    return fail('STATE_UNWRITABLE', { dir: state.path, reason: (error as Error).message }, error)
  }
  return text
}

function readEpoch(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`
  const fd = openSync(temporary, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, file)
}
