/**
 * @hot Text in base64 or hex that is wrapped over lines: MIME and PEM columns, YAML blocks, `\n` inside JSON, string literals
 * side by side, comments, patches. Lines belong together when what stands between them is the same from line to line and
 * they are equally long; the first and the last may be shorter. Whoever finds one line gets them all.
 */
import { ALNUM, byteSet, CLASS, EOL, TOKEN } from './alphabet.ts'

/** Most bytes between two lines: a quote, a comma or an operator, indentation, a comment mark. */
export const SEPARATOR_MAX = 48
/** Longest line. */
export const LINE_MAX = 1024
/** Most bytes of all lines together. */
const JOIN_MAX = 1 << 20

/** The lines of one text, from the first to the last. */
export class Lines {
  /** Offsets of each line: start, end. */
  readonly at: number[] = []
  private buf: Uint8Array = new Uint8Array(0)
  private from = 0
  private end = 0

  /** Number of lines of the text that the run [start, stop) is a line of. */
  join(buf: Uint8Array, run: { readonly start: number; readonly stop: number }, from: number, end: number): number {
    this.buf = buf
    this.from = from
    this.end = end
    const { at } = this
    at.length = 0
    at.push(run.start, run.stop)
    if (run.stop - run.start > LINE_MAX) return 1
    this.back(run.start, run.stop)
    this.forward()
    return at.length >> 1
  }

  private back(first: number, stop: number): void {
    const { buf, at } = this
    let start = first
    let width = stop - first
    let length = 0
    let total = 0
    while (total < JOIN_MAX) {
      const end = separatorBefore(buf, start, this.from)
      if (end < 0 || (length > 0 && !isSame(buf, end, at[1]!, start - end, length))) return
      const begin = this.lineStart(end)
      const size = end - begin
      if (size <= 0) return
      // The last line of all is shorter than those before it.
      if (length === 0 && size > width && this.isLast(stop)) width = size
      if (size > width) return
      length = start - end
      at.unshift(begin, end)
      if (size < width) return
      start = begin
      total += size
    }
  }

  /** Nothing of this text follows: the next line, if there is one, is set off differently. */
  private isLast(stop: number): boolean {
    return separatorAfter(this.buf, stop, this.end) < 0
  }

  /** Start of the line that ends at `end`. */
  private lineStart(end: number): number {
    const { buf } = this
    const floor = Math.max(this.from, end - LINE_MAX)
    let i = end
    while (i > floor && CLASS[buf[i - 1]!]! & TOKEN) i--
    // The letter of `\n` before the line is none of it; nor is `name=`.
    if (i > this.from && i < end && buf[i - 1] === 0x5c && IS_ESCAPE[buf[i]!] === 1) return i + 1
    for (let k = end - 3; k >= i; k--) if (buf[k] === 0x3d) return k + 1
    return i
  }

  private forward(): void {
    const { buf, at, end } = this
    let stop = at.at(-1)!
    const lines = at.length >> 1
    let width = stop - at.at(-2)!
    // A first line may be shorter than the second.
    let isFirst = lines === 1
    if (lines > 1 && width < at[at.length - 3]! - at[at.length - 4]! && lines > 2) return
    let separator = lines > 1 ? at[at.length - 3]! : -1
    let length = lines > 1 ? at.at(-2)! - separator : 0
    let total = 0
    while (total < JOIN_MAX) {
      const start = separatorAfter(buf, stop, end)
      if (start < 0 || (separator >= 0 && !isSame(buf, separator, stop, length, start - stop))) return
      const next = this.lineEnd(start)
      const size = next - start
      if (size === 0) return
      if (isFirst && size > width) width = size
      if (size > width) return
      at.push(start, next)
      if (size < width) return
      separator = stop
      length = start - stop
      stop = next
      isFirst = false
      total += size
    }
  }

  private lineEnd(start: number): number {
    const { buf } = this
    const limit = Math.min(this.end, start + LINE_MAX)
    let i = start
    while (i < limit && CLASS[buf[i]!]! & TOKEN) i++
    return i
  }
}

/** Start of the next line after a separator at `stop`, below zero when there is none or no line ends in it. */
function separatorAfter(buf: Uint8Array, stop: number, end: number): number {
  const limit = Math.min(end, stop + SEPARATOR_MAX)
  let hasEnd = false
  let i = stop
  for (; i < limit; i++) {
    const byte = buf[i]!
    if (CLASS[byte]! & EOL) hasEnd = true
    else if (byte === 0x5c) {
      if (i + 1 < limit && IS_ESCAPE[buf[i + 1]!] === 1) {
        hasEnd = true
        i++
      }
    } else if (IS_OPERATOR[byte] === 1) {
      if (i > stop && i + 1 < limit && CLASS[buf[i + 1]!]! & ALNUM) break
    } else if (IN_SEPARATOR[byte] === 0) break
  }
  return hasEnd && i < limit && CLASS[buf[i]!]! & TOKEN ? i : -1
}

/** End of the line before the separator that ends at `start`. */
function separatorBefore(buf: Uint8Array, start: number, from: number): number {
  const limit = Math.max(from, start - SEPARATOR_MAX)
  let hasEnd = false
  let i = start
  for (; i > limit; i--) {
    const byte = buf[i - 1]!
    if (CLASS[byte]! & EOL) hasEnd = true
    else if (IS_ESCAPE[byte] === 1 && i - 1 > limit && buf[i - 2] === 0x5c) hasEnd = true
    else if (IS_OPERATOR[byte] === 1) {
      if (i - 1 <= limit || CLASS[buf[i - 2]!]! & TOKEN) break
    } else if (byte !== 0x5c && IN_SEPARATOR[byte] === 0) break
  }
  return hasEnd && i > limit && i < start && CLASS[buf[i - 1]!]! & TOKEN ? i : -1
}

function isSame(buf: Uint8Array, one: number, other: number, size: number, length: number): boolean {
  if (size !== length) return false
  for (let k = 0; k < length; k++) if (buf[one + k] !== buf[other + k]) return false
  return true
}

const IS_ESCAPE: Uint8Array = byteSet('nr')
/** Also characters of base64: they join strings or begin comments where no letter or digit touches them. */
const IS_OPERATOR: Uint8Array = byteSet('+/-')
const IN_SEPARATOR: Uint8Array = byteSet(' \t\r\n"\'`,.&#>|*;:()')
