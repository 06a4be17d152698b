/**
 * Encoded text inside text: base64, base64url, hex, percent, UTF-16. A decoder answers only when the result is text that
 * people or programs wrote; random bytes that happen to decode are left alone.
 */
import { CLASS, HEX } from './alphabet.ts'

export interface Decoded {
  readonly bytes: Buffer
  readonly via: 'base64' | 'hex' | 'percent'
}

/** Most bytes of one run that are decoded. */
const RUN_MAX = 1 << 20

/** Decodes `buf[start, end)` when it is base64 or hex of printable text. */
export function decodeRun(buf: Buffer, start: number, end: number): Decoded | undefined {
  const stop = Math.min(end, start + RUN_MAX)
  if (stop - start < 24) return undefined
  if (isHex(buf, start, Math.min(stop, start + 64)) && (stop - start) % 2 === 0) {
    if (!startsAsHexText(buf, start)) return undefined
    const head = Buffer.from(buf.toString('latin1', start, start + 24), 'hex')
    return isText(head) ? whole(Buffer.from(buf.toString('latin1', start, stop), 'hex'), 'hex') : undefined
  }
  if (!mayStartBase64Text(buf, start)) return undefined
  const head = Buffer.from(buf.toString('latin1', start, start + 24), 'base64')
  if (head.length >= 16 && isText(head))
    return whole(Buffer.from(buf.toString('latin1', start, stop), 'base64'), 'base64')
  return undefined
}

/** The first four pairs of hex digits are printable bytes; needs no copy, and nearly all hashes end here. */
function startsAsHexText(buf: Uint8Array, start: number): boolean {
  for (let i = start; i < start + 8; i += 2) {
    if (!isPrintable((hexDigit(buf[i] ?? 0) << 4) | hexDigit(buf[i + 1] ?? 0))) return false
  }
  return true
}

function hexDigit(byte: number): number {
  return (byte & 15) + (byte > 0x39 ? 9 : 0)
}

/** False when eight plain base64 characters decode to bytes that no text begins with; nearly all random values end here. */
function mayStartBase64Text(buf: Uint8Array, start: number): boolean {
  for (let i = start; i < start + 8; i += 4) {
    let bits = 0
    for (let k = i; k < i + 4; k++) {
      const sextet = SEXTET[buf[k] ?? 0] ?? 255
      // Anything else is left to the full decoder, which steps over it.
      if (sextet > 63) return true
      bits = (bits << 6) | sextet
    }
    if (!isPrintable(bits >> 16) || !isPrintable((bits >> 8) & 255) || !isPrintable(bits & 255)) return false
  }
  return true
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

function whole(bytes: Buffer, via: Decoded['via']): Decoded | undefined {
  return bytes.length >= 12 && isMostlyText(bytes) ? { bytes, via } : undefined
}

function isHex(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!((CLASS[buf[i] ?? 0] ?? 0) & HEX)) return false
  return true
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isText(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (!isPrintable(bytes[i] ?? 0)) return false
  return bytes.length > 0
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

/** `%XX` text decoded; other bytes stay as they are. */
export function decodePercent(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** How a file's text is stored, judged by its first bytes. */
export type Encoding = 'text' | 'binary' | 'utf-16le' | 'utf-16be'

const SNIFF = 8000

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
function indexOfZero(buf: Uint8Array, stop: number): number {
  return buf.subarray(0, stop).indexOf(0)
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
