/** A file without a name, for what another process writes and we read once. */
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface ScratchFile {
  readonly fd: number
  /** All of it, wherever the writer stands. */
  readonly read: () => Buffer
  readonly close: () => void
}

let count = 0

/** Nothing where none can be made: a folder that is missing, full or not ours. */
export function scratchFile(): ScratchFile | undefined {
  // Nobody else can have it open: it is made here or not at all, for us alone, and gone from its folder at once.
  const path = join(process.env['TMPDIR'] ?? '/tmp', `mm-${process.pid}-${process.hrtime.bigint()}-${count++}`)
  try {
    const fd = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
    return { fd, read: () => contentOf(fd), close: () => closeSync(fd) }
  } catch {
    return undefined
  }
}

function contentOf(fd: number): Buffer {
  const { size } = fstatSync(fd)
  const out = Buffer.allocUnsafeSlow(size)
  let length = 0
  while (length < size) {
    const count = readSync(fd, out, length, size - length, length)
    if (count === 0) break
    length += count
  }
  return out.subarray(0, length)
}
