/**
 * Makes a folder and those above it, one level at a time. Never `mkdir` with `recursive`: below a file system that makes
 * no folders (/proc) Node tries for ever.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Does nothing when it is there. Throws what the system says when it cannot be made. */
export function makeFolder(path: string, mode = 0o777): void {
  const error = tryMake(path, mode)
  if (error === null) return
  const parent = dirname(path)
  if (error.code !== 'ENOENT' || parent === path) throw error
  makeFolder(parent, mode)
  const second = tryMake(path, mode)
  if (second !== null) throw second
}

function tryMake(path: string, mode: number): NodeJS.ErrnoException | null {
  try {
    mkdirSync(path, { mode })
    return null
  } catch (error) {
    return isFolder(path) ? null : (error as NodeJS.ErrnoException)
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    // Not allowed to look: what mkdir said tells more.
    return false
  }
}
