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
  private width = 0
  /** Where a separator stands, and its length. */
  private separator = 0
  private length = 0

  /** Number of lines of the text that the run [start, stop) is a line of. */
  join(buf: Uint8Array, run: { readonly start: number; readonly stop: number }, from: number, end: number): number {
    const { at } = this
    const { start, stop } = run
    this.buf = buf
    this.from = from
    this.end = end
    this.width = stop - start
    at.length = 0
    const after = this.width > LINE_MAX ? -1 : separatorAfter(buf, stop, end)
    const before = this.width > LINE_MAX ? -1 : separatorBefore(buf, start, from)
    const next = after < 0 ? 0 : this.lineEnd(after) - after
    const last = before < 0 ? 0 : before - this.lineStart(before)
    // The neighbour of the same length decides when both are set off differently.
    const isSameBoth = last > 0 && next > 0 && isSame(buf, before, stop, start - before, after - stop)
    const hasNext = next > 0 && (isSameBoth || last !== this.width)
    const hasLast = last > 0 && (isSameBoth || !hasNext)
    this.separator = hasNext ? stop : before
    this.length = hasNext ? after - stop : start - before
    // A first and a last line may be shorter than the rest.
    if (hasLast && !hasNext && last > this.width) this.width = last
    if (hasNext && !hasLast && next > this.width) this.width = next
    if (hasLast) this.back(start)
    // They were found from the last to the first.
    at.reverse()
    at.push(start, stop)
    if (hasNext) this.forward(stop)
    return at.length >> 1
  }

  /** Lines before `start`, the nearest first: end, start. */
  private back(first: number): void {
    const { buf, at, width } = this
    let start = first
    for (let total = 0; total < JOIN_MAX; total += width) {
      const end = separatorBefore(buf, start, this.from)
      if (end < 0 || !isSame(buf, end, this.separator, start - end, this.length)) return
      const begin = this.lineStart(end)
      const size = end - begin
      if (size <= 0 || size > width) return
      at.push(end, begin)
      if (size < width) return
      start = begin
    }
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

  private forward(last: number): void {
    const { buf, at, end, width } = this
    let stop = last
    for (let total = 0; total < JOIN_MAX; total += width) {
      const start = separatorAfter(buf, stop, end)
      if (start < 0 || !isSame(buf, this.separator, stop, this.length, start - stop)) return
      const next = this.lineEnd(start)
      const size = next - start
      if (size === 0 || size > width) return
      at.push(start, next)
      if (size < width) return
      stop = next
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
