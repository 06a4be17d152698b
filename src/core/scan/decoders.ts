/**
 * Encoded text inside text: base64, base64url, hex, percent, UTF-16. A decoder answers only when the result is text that
 * people or programs wrote; random bytes that happen to decode are left alone.
 */
import { CLASS, HEX, hexValue } from './alphabet.ts'
import { Lines } from './wrapped.ts'

/** What a run or the lines it belongs to decode to, and where it stands. */
export class Decoded {
  readonly bytes: Buffer
  readonly via: 'base64' | 'hex' | 'percent'
  /** Only tokens with strong beginnings are to be believed. */
  readonly isBinary: boolean
  readonly start: number
  readonly end: number
  /** Where each line or other piece begins in the pieces put together, and where it stands. */
  private readonly pieces: readonly number[]
  /** Characters before the first that is decoded, and characters per byte. */
  private readonly phase: number
  private readonly ratio: number

  constructor(
    bytes: Buffer,
    via: Decoded['via'],
    place: {
      readonly start: number
      readonly end: number
      readonly pieces: readonly number[]
      readonly phase?: number
      readonly ratio?: number
      readonly isBinary?: boolean
    },
  ) {
    this.bytes = bytes
    this.via = via
    this.start = place.start
    this.end = place.end
    this.pieces = place.pieces
    this.phase = place.phase ?? 0
    this.ratio = place.ratio ?? 1
    this.isBinary = place.isBinary ?? false
  }

  /** Offset of the character that holds the byte at `offset`. */
  placeOf(offset: number): number {
    const { pieces } = this
    const char = this.phase + Math.floor(offset * this.ratio)
    let low = 0
    let high = pieces.length >> 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((pieces[2 * middle] ?? 0) <= char) low = middle
      else high = middle
    }
    return (pieces[2 * low + 1] ?? 0) + char - (pieces[2 * low] ?? 0)
  }
}

/** Most bytes of one run that are decoded. */
const RUN_MAX = 1 << 20
const RUN_MIN = 24

/** A run and the text around it. */
export interface Encoded {
  readonly buf: Buffer
  readonly start: number
  readonly end: number
  /** The text is `buf[from, limit)`. */
  readonly from: number
  readonly limit: number
}

const lines = new Lines()

/** Decodes a run, with the lines it belongs to, when it is base64 or hex of printable text. */
export function decodeRun({ buf, start: first, end, from, limit }: Encoded): Decoded | undefined {
  const start = buf[first] === 0x30 && ((buf[first + 1] ?? 0) | 0x20) === 0x78 ? first + 2 : first
  if (end - start < RUN_MIN) return undefined
  let skip = 0
  let isInHex = isHex(buf, start, Math.min(end, start + 64))
  let phase = isInHex ? hexPhase(buf, start) : base64Phase(buf, start, end)
  if (phase !== 0) {
    const marks = markLength(buf, start)
    if (marks > 0) {
      skip = marks
      isInHex = isHex(buf, start + skip, Math.min(end, start + 64))
      phase = isInHex ? hexPhase(buf, start + skip) : base64Phase(buf, start + skip, end)
    }
  }
  if (phase < 0) return undefined
  const count = lines.join(buf, { start, stop: end }, from, limit)
  // In the middle of a quantum only where lines before tell so, or where the text is cut off.
  if (count === 1 && (phase > 0 || skip > 0) && start > from) return undefined
  return decodeLines({ buf, start, phase, skip, isInHex })
}

/** `phase` is that of the line at `start`; each line begins with `skip` marks of a patch or a comment. */
function decodeLines(line: {
  readonly buf: Buffer
  readonly start: number
  readonly phase: number
  readonly skip: number
  readonly isInHex: boolean
}): Decoded | undefined {
  const { buf, isInHex } = line
  const { at } = lines
  const skip = at.length > 2 && hasMarks(buf, line.skip) ? line.skip : 0
  const pieces: number[] = []
  let text = ''
  let before = 0
  for (let k = 0; k < at.length; k += 2) {
    const from = (at[k] ?? 0) + skip
    if (at[k] === line.start) before = text.length
    pieces.push(text.length, from)
    text += buf.toString('latin1', from, Math.min(at[k + 1] ?? 0, from + RUN_MAX - text.length))
  }
  const quantum = isInHex ? 2 : 4
  const phase = (before + line.phase) % quantum
  const via = isInHex ? 'hex' : 'base64'
  const bytes = Buffer.from(phase === 0 ? text : text.slice(phase), via)
  return placed(bytes, via, { start: at[0] ?? 0, end: at.at(-1) ?? 0, pieces, phase })
}

function placed(
  bytes: Buffer,
  via: Decoded['via'],
  place: { readonly start: number; readonly end: number; readonly pieces: readonly number[]; readonly phase: number },
): Decoded | undefined {
  if (bytes.length < 12) return undefined
  const ratio = via === 'hex' ? 2 : 4 / 3
  const narrow = narrowed(bytes)
  if (narrow !== undefined) return new Decoded(narrow, via, { ...place, ratio: 2 * ratio })
  return new Decoded(bytes, via, { ...place, ratio, isBinary: !isMostlyText(bytes) })
}

/** Up to two marks of patches and comments glued to a line. No text in base64 or hex begins with one. */
function markLength(buf: Uint8Array, start: number): number {
  const byte = buf[start]
  if (byte !== 0x2b && byte !== 0x2d && byte !== 0x2f) return 0
  return buf[start + 1] === byte ? 2 : 1
}

/** All lines begin with the same marks. */
function hasMarks(buf: Uint8Array, skip: number): boolean {
  const { at } = lines
  for (let k = 2; k < at.length; k += 2)
    for (let i = 0; i < skip; i++) if (buf[(at[k] ?? 0) + i] !== buf[(at[0] ?? 0) + i]) return false
  return true
}

/** Where in the first pair text begins: 0 or 1, below zero when this is no text. Needs no copy, and nearly all hashes end here. */
function hexPhase(buf: Uint8Array, start: number): number {
  for (let phase = 0; phase < 2; phase++) {
    let text = 0
    let wide = 0
    for (let n = 0; n < 8; n++) {
      const i = start + phase + 2 * n
      const byte = (hexValue(buf[i] ?? 0) << 4) | hexValue(buf[i + 1] ?? 0)
      if (isPrintable(byte)) text++
      else if (byte === 0) wide++
      else if (n > 1) break
    }
    if (text === 8 || (wide >= 3 && text >= 3)) return phase
  }
  return -1
}

/** Which of the first characters begins a group of four that decode to text, below zero for none; nearly all random values end here. */
function base64Phase(buf: Uint8Array, start: number, end: number): number {
  for (let phase = 0; phase < 4; phase++)
    if (start + phase + 16 <= end && isBase64Text(buf, start + phase)) return phase
  return -1
}

/** Sixteen characters decode to twelve bytes of text, or of UTF-16. */
function isBase64Text(buf: Uint8Array, start: number): boolean {
  let text = 0
  let zeros = 0
  for (let i = start; i < start + 16; i += 4) {
    let bits = 0
    for (let k = i; k < i + 4; k++) {
      const sextet = SEXTET[buf[k] ?? 0] ?? 255
      if (sextet > 63) return false
      bits = (bits << 6) | sextet
    }
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 255
      if (isPrintable(byte)) text++
      else if (byte === 0) zeros++
      // A byte order mark stands before the first character.
      else if (i > start || shift === 0) return false
    }
    if (text + 3 < i - start && zeros === 0) return false
  }
  return text === 12 || (zeros >= 5 && text >= 5)
}

/** Value of each base64 and base64url character; 255 for other bytes. */
const SEXTET: Uint8Array = sextets()

function sextets(): Uint8Array {
  const table = new Uint8Array(256).fill(255)
  const plain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  for (let i = 0; i < plain.length; i++) table[plain.charCodeAt(i)] = i
  for (const [char, value] of [
    ['+', 62],
    ['-', 62],
    ['/', 63],
    ['_', 63],
  ] as const)
    table[char.charCodeAt(0)] = value
  return table
}

function isHex(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!((CLASS[buf[i] ?? 0] ?? 0) & HEX)) return false
  return true
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isMostlyText(bytes: Uint8Array): boolean {
  const stop = Math.min(bytes.length, 4096)
  let printable = 0
  for (let i = 0; i < stop; i++) if (isPrintable(bytes[i] ?? 0) || (bytes[i] ?? 0) >= 0xc2) printable++
  return printable >= stop * 0.9
}

/** True when `%XX` stands at `at`. */
export function isPercent(buf: Uint8Array, at: number): boolean {
  return (
    buf[at] === 0x25 && ((CLASS[buf[at + 1] ?? 0] ?? 0) & HEX) !== 0 && ((CLASS[buf[at + 2] ?? 0] ?? 0) & HEX) !== 0
  )
}

/** Text with `%XX` in it, decoded; other bytes stay as they are. */
export function decodePercent(buf: Buffer, start: number, end: number): Decoded {
  const bytes = Buffer.allocUnsafe(end - start)
  const pieces: number[] = [0, start]
  let count = 0
  for (let i = start; i < end; i++) {
    if (i + 2 < end && isPercent(buf, i)) {
      bytes[count++] = (hexValue(buf[i + 1] ?? 0) << 4) | hexValue(buf[i + 2] ?? 0)
      i += 2
      pieces.push(count, i + 1)
    } else bytes[count++] = buf[i] ?? 0
  }
  return new Decoded(bytes.subarray(0, count), 'percent', { start, end, pieces })
}

/** Where a run may be UTF-16 in base64: every second byte is zero. It looks less random than other text in base64. */
export function mayBeWide(buf: Uint8Array, start: number): boolean {
  const A = 0x41
  return (
    (buf[start + 4] === A && buf[start + 7] === A && buf[start + 12] === A && buf[start + 15] === A) ||
    (buf[start] === A && buf[start + 3] === A && buf[start + 8] === A && buf[start + 11] === A)
  )
}

/** How a file's text is stored, judged by its first bytes. */
export type Encoding = 'text' | 'binary' | 'utf-16le' | 'utf-16be'

/** Bytes that it is judged by. */
export const SNIFF = 8000

/** Offset of the first NUL before `stop`, below zero when there is none. */
export type FirstZero = (buf: Uint8Array, stop: number) => number

/** A byte order mark, or NUL on one parity only, means UTF-16; NUL elsewhere means binary. */
export function sniffEncoding(buf: Uint8Array, length: number, firstZero: FirstZero = indexOfZero): Encoding {
  if (length >= 2 && buf[0] === 0xff && buf[1] === 0xfe) return 'utf-16le'
  if (length >= 2 && buf[0] === 0xfe && buf[1] === 0xff) return 'utf-16be'
  const stop = Math.min(length, SNIFF)
  const zero = firstZero(buf, stop)
  if (zero < 0) return 'text'
  let even = 0
  let odd = 0
  for (let i = 0; i < stop; i++) {
    if (buf[i] !== 0) continue
    if (i % 2 === 0) even++
    else odd++
  }
  if (odd >= stop * 0.15 && even <= stop * 0.01) return 'utf-16le'
  if (even >= stop * 0.15 && odd <= stop * 0.01) return 'utf-16be'
  return isTextWithZeros(buf, stop, even + odd) ? 'text' : 'binary'
}

/** A few NUL bytes do not make a text file binary: one would be enough to hide a password from all but the strong rules. */
function isTextWithZeros(buf: Uint8Array, stop: number, zeros: number): boolean {
  if (zeros > Math.max(2, stop * 0.01)) return false
  let odd = 0
  for (let i = 0; i < stop; i++) if (!isPrintable(buf[i] ?? 0) && (buf[i] ?? 0) < 0x80) odd++
  return odd <= Math.max(3, stop * 0.02)
}

/** `indexOf` on the exact range: on a reused buffer it would run on into the bytes of an earlier file. */
export function indexOfZero(buf: Uint8Array, stop: number): number {
  return buf.subarray(0, stop).indexOf(0)
}

/** All of a text in UTF-16 as `narrowUtf16` makes it; nothing when it is stored otherwise. */
export function narrowed(bytes: Buffer): Buffer | undefined {
  const encoding = sniffEncoding(bytes, bytes.length)
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') return undefined
  return narrowUtf16(bytes, bytes.length & ~1, encoding === 'utf-16be')
}

/** UTF-16 to Latin-1 bytes; characters beyond become `?`, so offsets stay half of the original. Length must be even. */
export function narrowUtf16(buf: Uint8Array, length: number, isBigEndian: boolean): Buffer {
  const out = Buffer.allocUnsafe(length >> 1)
  for (let i = 0; i + 1 < length; i += 2) {
    const high = isBigEndian ? buf[i] : buf[i + 1]
    const low = isBigEndian ? buf[i + 1] : buf[i]
    out[i >> 1] = high === 0 ? (low ?? 0x3f) : 0x3f
  }
  return out
}
