/**
 * Finds and reads a configuration file as text. A file that cannot be read whole, as text, is an error and never an empty
 * configuration: nobody may trade on defaults because a disk was full or a path was wrong.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { messageOf } from '../errors.ts'

const FILE_BYTES_MAX = 1024 * 1024
const NAME = 'mm.yaml'

export type FileText = { readonly text: string } | { readonly unreadable: string }

/** `given`, or mm.yaml in `from` or a folder above it; null when there is none. */
export function findConfig(given: string | undefined, from: string): string | null {
  if (given !== undefined) return resolve(from, given)
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    const file = join(dir, NAME)
    if (mayExist(file)) return file
    if (dir === dirname(dir)) return null
  }
}

export function readText(file: string): FileText {
  let fd: number
  try {
    // Not to wait for whoever may write into a pipe of that name.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return { unreadable: reasonOf(error) }
  }
  try {
    // The file that was opened is the one that is judged, whatever the name leads to by now.
    const stat = fstatSync(fd)
    if (stat.isDirectory()) return { unreadable: 'it is a folder, not a regular file' }
    if (!stat.isFile()) return { unreadable: 'it is not a regular file' }
    if (stat.size > FILE_BYTES_MAX) return { unreadable: 'it is larger than 1 MiB' }
    const bytes = readAtMost(fd, FILE_BYTES_MAX + 1)
    if (bytes.length > FILE_BYTES_MAX) return { unreadable: 'it is larger than 1 MiB' }
    return decode(bytes)
  } catch (error) {
    return { unreadable: reasonOf(error) }
  } finally {
    closeSync(fd)
  }
}

// Some files of the system state no size and have no end.
function readAtMost(fd: number, count: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(count)
  let end = 0
  while (end < count) {
    const read = readSync(fd, bytes, end, count - end, null)
    if (read === 0) break
    end += read
  }
  return bytes.subarray(0, end)
}

function decode(bytes: Uint8Array): FileText {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return { unreadable: 'it is not UTF-8 text' }
    throw error
  }
  // What a program writes into a text file is never one of these.
  if (/[\0-\x08\x0e-\x1f\x7f]/.test(text)) return { unreadable: 'it is binary, not text' }
  if (text.trim() === '') return { unreadable: 'it is empty; to keep every default write {} or remove the file' }
  return { text }
}

// A link that leads nowhere is there: its owner meant something by it.
function mayExist(file: string): boolean {
  try {
    lstatSync(file)
    return true
  } catch (error) {
    const code = codeOf(error)
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links go in a circle',
  ENXIO: 'it is not a regular file',
  EISDIR: 'it is a folder, not a regular file',
}

export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  return REASONS[code] ?? messageOf(error)
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
