/**
 * Reads the small files of a state folder whatever stands in their place: only a regular file of at most 64 KiB is read.
 * A named pipe, a device without end or a huge file is an error, never a wait. A leaf: the emergency path reads with it.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

export const SMALL_BYTES_MAX = 64 * 1024
/** Opening a named pipe waits for its other end without this. */
export const OPEN_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK

/** Text of the file. Throws the system's error, or one with the code ENOTSMALL. */
export function readSmallFile(path: string): string {
  const file = openSync(path, OPEN_AT_ONCE)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.size > SMALL_BYTES_MAX) throw notSmall(path)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

export function notSmall(path: string): Error {
  return Object.assign(new Error(`${path} is not a regular file of at most 64 KiB`), { code: 'ENOTSMALL' })
}
