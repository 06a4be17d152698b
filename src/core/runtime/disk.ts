/**
 * The disk as the journal sees it: few operations, all synchronous, each either done completely or thrown. Tests put a
 * full, failing or power-cut disk behind it.
 */
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writevSync } from 'node:fs'

export interface Disk {
  /** Creates a file that must not exist, for reading and writing. */
  create(path: string): number
  /** Writes all bytes of all parts at `position`. */
  write(fd: number, parts: readonly Uint8Array[], position: number): void
  /** Data of the file is durable on return. After an error nothing about the file may be believed. */
  sync(fd: number): void
  truncate(fd: number, bytes: number): void
  close(fd: number): void
  /** The folder's entries are durable on return. */
  syncFolder(path: string): void
}

export const nodeDisk: Disk = {
  create: (path) => openSync(path, 'wx+', 0o600),
  write: writeAll,
  sync: fdatasyncSync,
  truncate: ftruncateSync,
  close: closeSync,
  syncFolder(path) {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
}

function writeAll(fd: number, parts: readonly Uint8Array[], position: number): void {
  let [rest, at] = [parts.filter((part) => part.length > 0), position]
  while (rest.length > 0) {
    const written = writevSync(fd, rest, at)
    at += written
    rest = unwritten(rest, written)
  }
}

function unwritten(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written
  return parts.flatMap((part) => {
    const here = Math.min(skip, part.length)
    skip -= here
    return here === part.length ? [] : [part.subarray(here)]
  })
}
