/**
 * Reads the files that a repository brings for us: exceptions and baseline. They may be anything (a device, a pipe, a link to
 * either), so nothing but a regular file of bounded size is read, and nothing is waited for.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs'
import { codeOf, NO_FILE, reason } from './file-scan.ts'

const SIZE_MAX = 16 << 20

export type TextAnswer = { readonly text: string } | { readonly problem: string } | { readonly absent: true }

export function readText(path: string): TextAnswer {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return codeOf(error) === 'ENOENT' && !isLink(path) ? { absent: true } : { problem: reason(error) }
  }
  try {
    const stats = fstatSync(fd)
    if (stats.isDirectory()) return { problem: 'is a directory' }
    if (!stats.isFile()) return { problem: NO_FILE }
    if (stats.size > SIZE_MAX) return { problem: 'larger than 16 MiB' }
    return { text: readFileSync(fd, 'utf8') }
  } catch (error) {
    return { problem: reason(error) }
  } finally {
    closeSync(fd)
  }
}

/** A link to nothing is not the absence of a file. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
