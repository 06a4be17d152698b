/** The fixed block before each entry of a tar file, and the records of an extended header. Believes nothing without its checksum. */

export const BLOCK = 512

export interface TarHeader {
  /** One character; NUL is an old plain file. */
  readonly type: string
  readonly name: string
  /** Target of a link. */
  readonly link: string
  /** Bytes; NaN when the field makes no sense. */
  readonly size: number
}

/** Undefined when the checksum says that this is no header. */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (Number.parseInt(field(block, 148, 156), 8) !== sumOf(block)) return undefined
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? field(block, 345, 500) : ''
  const name = field(block, 0, 100)
  return {
    type: String.fromCharCode(block[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: field(block, 157, 257),
    size: sizeOf(block),
  }
}

/** Records `LENGTH KEY=VALUE` LF; the length counts bytes, so that a value may hold line feeds. */
export function readRecords(bytes: Buffer): Map<string, string> {
  const out = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, blank))
    if (blank < 0 || !Number.isSafeInteger(length) || length <= blank - at + 1) break
    const text = bytes.toString('utf8', blank + 1, at + length - 1)
    const equals = text.indexOf('=')
    if (equals > 0) out.set(text.slice(0, equals), text.slice(equals + 1))
    at += length
  }
  return out
}

function field(block: Buffer, from: number, to: number): string {
  return block.toString('utf8', from, to).replace(/\0.*$/s, '').trim()
}

/** All bytes, those of the sum itself counted as blanks. */
function sumOf(block: Buffer): number {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0
  return sum
}

/** Octal digits; from 8 GiB on a binary number behind a set bit. */
function sizeOf(block: Buffer): number {
  if ((block[124] ?? 0) === 0x80) return Number(block.readBigUInt64BE(128))
  const text = field(block, 124, 136)
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.NaN
}
