/**
 * @hot Scans files: one open, as few reads as the size asks for, one close. Never follows a link and never waits on a pipe:
 * what is no regular file is said so.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import type { Coverage } from './coverage.ts'
import type { SourceHit, Windows } from './windows.ts'

/** A path as bytes where its name is not valid UTF-8. */
export type FilePath = string | Buffer

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export interface FileTask {
  readonly open: FilePath
  /** Relative to the root, for people. */
  readonly display: string
}

/** Scans one file; problems go to `coverage`. */
export function scanFile(task: FileTask, windows: Windows, coverage: Coverage): SourceHit[] {
  let fd: number
  try {
    fd = openSync(task.open, FLAGS)
  } catch (error) {
    return cannotOpen(task, error, windows, coverage)
  }
  try {
    return readAll(fd, task, windows, coverage)
  } catch (error) {
    // A directory stands where a file was listed: what lies in it is listed, too.
    if (codeOf(error) === 'EISDIR') coverage.skip(task.display, ABSENT)
    else coverage.miss(task.display, reason(error))
    return []
  } finally {
    closeSync(fd)
  }
}

function readAll(fd: number, task: FileTask, windows: Windows, coverage: Coverage): SourceHit[] {
  windows.begin(task.display)
  let total = 0
  for (;;) {
    const offset = windows.offset
    const room = windows.buffer.length - offset
    const count = readSync(fd, windows.buffer, offset, room, null)
    if (total === 0 && count === 0 && !fstatSync(fd).isFile()) {
      coverage.miss(task.display, NO_FILE)
      return []
    }
    // More than a window: a device would never end.
    if (total === 0 && count === room && !fstatSync(fd).isFile()) {
      coverage.miss(task.display, NO_FILE)
      return []
    }
    windows.filled(count)
    total += count
    // A regular file reads short only at its end; the next read would return 0.
    if (count < room) break
  }
  coverage.files++
  coverage.bytes += total
  const hits = windows.end()
  if (windows.isBinary) coverage.binaries++
  return hits
}

/** Why a pipe, a socket or a device was not read. */
export const NO_FILE = 'not a regular file (pipe, socket or device)'

/** Why a listed file was not read when there is none. */
export const ABSENT = 'listed, but no longer in the working tree'

/** A link is read as its own text: what it points at is tracked itself or lies outside. */
function cannotOpen(task: FileTask, error: unknown, windows: Windows, coverage: Coverage): SourceHit[] {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    coverage.skip(task.display, ABSENT)
    return []
  }
  if (code !== 'ELOOP' && code !== 'EMLINK') {
    coverage.miss(task.display, reason(error))
    return []
  }
  try {
    const target = readlinkSync(task.open, 'buffer')
    windows.begin(task.display)
    windows.push(target)
    coverage.files++
    coverage.bytes += target.length
    coverage.skip(task.display, 'symbolic link: its text was scanned, not its target')
    return windows.end()
  } catch (linkError) {
    coverage.miss(task.display, reason(linkError))
    return []
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
  ENXIO: NO_FILE,
  EIO: 'input/output error',
  ENAMETOOLONG: 'name too long',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
}

export function reason(error: unknown): string {
  const code = codeOf(error)
  return WORDS[code] ?? (code === '' ? String(error) : code)
}
