/**
 * @hot Dumps as `xxd` and `hexdump -C` write them: an offset, sixteen bytes in hex, and what can be printed of them. A secret
 * that goes on over the end of a line stands nowhere in one piece. Found by the offset of the second line.
 */
import { BLANK, CLASS, HEX, hexValue } from './alphabet.ts'
import { Decoded } from './decoders.ts'

/** The end of the first line and the offset of the second. */
export const DUMP_NEEDLE = '\n00000010'
/** Bytes of a line. */
const ROW = 16
const OFFSET = 8
const LINE_MAX = 160
const DUMP_MAX = 1 << 20

/** The dump whose second line begins right after `at`. */
export function decodeDump(buf: Buffer, at: number, range: readonly [number, number]): Decoded | undefined {
  const [from, end] = range
  let start = at
  while (start > from && at - start < LINE_MAX && buf[start - 1] !== 0x0a) start--
  const bytes: number[] = []
  const pieces: number[] = []
  let i = start
  while (bytes.length < DUMP_MAX && readOffset(buf, i, end) === bytes.length) {
    const count = bytes.length
    readRow(buf, i + OFFSET, end, bytes, pieces)
    i = lineAfter(buf, i, end)
    if (bytes.length < count + ROW) break
  }
  if (bytes.length <= ROW) return undefined
  return new Decoded(Buffer.from(bytes), 'hex', { start, end: i, pieces })
}

function readOffset(buf: Uint8Array, at: number, end: number): number {
  if (at + OFFSET > end) return -1
  let value = 0
  for (let i = at; i < at + OFFSET; i++) {
    if (!(CLASS[buf[i]!]! & HEX)) return -1
    value = value * 16 + hexValue(buf[i]!)
  }
  return value
}

/** Pairs of digits, alone or in groups; three blanks or anything else ends them. */
function readRow(buf: Uint8Array, from: number, end: number, bytes: number[], pieces: number[]): void {
  let i = buf[from] === 0x3a ? from + 1 : from
  let blanks = 0
  for (let n = 0; n < ROW && i + 1 < end; ) {
    const byte = buf[i]!
    if (CLASS[byte]! & BLANK) {
      if (++blanks > 2) return
      i++
      continue
    }
    if (!(CLASS[byte]! & HEX) || !(CLASS[buf[i + 1]!]! & HEX)) return
    pieces.push(bytes.length, i)
    bytes.push((hexValue(byte) << 4) | hexValue(buf[i + 1]!))
    blanks = 0
    i += 2
    n++
  }
}

function lineAfter(buf: Uint8Array, from: number, end: number): number {
  let i = from
  const limit = Math.min(end, from + LINE_MAX)
  while (i < limit && buf[i] !== 0x0a) i++
  return i < limit ? i + 1 : i
}
