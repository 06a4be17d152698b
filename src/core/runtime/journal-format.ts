/**
 * The journal's bytes: segment header, block, record. A segment is a header and then blocks; a block is what one write
 * put down (checksummed, chained to the one before) and holds whole records. Pure layout: nothing here opens a file.
 *
 * Block: len u32 · crc u32 (of everything after it) · previous block's crc u32 · record count u32 · first seq f64 ·
 * durable seq f64 · records. "Durable seq" is the last seq known to be on disk when the block was written: a damaged
 * block is a torn tail only while no later block claims it as durable, so a hole in unsynced data is never mistaken for
 * corruption, nor corruption for a torn tail.
 */
import { crc32 } from 'node:zlib'

export const MAGIC = 'MMJRNL01'
export const HEADER_BYTES = 256
export const BLOCK_HEADER_BYTES = 32
export const RECORD_HEADER_BYTES = 8
export const SEGMENT_BYTES = 16 * 1024 * 1024

/** Record kinds. Numbers are on disk: never reuse one. */
export const KIND = {
  run: 1,
  intent: 2,
  cancel: 3,
  ack: 4,
  order: 5,
  fill: 6,
  funding: 7,
  position: 8,
  link: 9,
  operator: 10,
  decide: 11,
  book: 12,
  trade: 13,
  start: 14,
  instrument: 15,
  shed: 16,
  end: 17,
  withheld: 18,
  recovered: 19,
  config: 20,
} as const

export type RecordKind = (typeof KIND)[keyof typeof KIND]

/** Numbers in request records are indexes into these. */
export const TIME_IN_FORCE = ['PostOnly', 'GTC', 'IOC', 'FOK'] as const
export const REQUEST_KINDS = ['place', 'amend', 'cancel'] as const

export interface SegmentHeader {
  /** Of the run; sorts by time. */
  readonly epoch: string
  readonly segment: number
  /** CRC of the last block of the segment before, 0 for the first. */
  readonly chain: number
  /** Seq of the first record that this segment will hold. */
  readonly firstSeq: number
  readonly createdMs: number
  /** SHA-256 in hex. */
  readonly buildHash: string
  readonly configHash: string
}

export interface BlockHeader {
  readonly bytes: number
  readonly crc: number
  readonly previous: number
  readonly count: number
  readonly firstSeq: number
  readonly durableSeq: number
}

export function segmentName(epoch: string, segment: number): string {
  return `${epoch}-${String(segment).padStart(5, '0')}.mmj`
}

/** Epoch and number of a segment file's name; null for any other file. */
export function parseSegmentName(name: string): { readonly epoch: string; readonly segment: number } | null {
  const match = /^([0-9a-z]{7,8})-(\d{5})\.mmj$/.exec(name)
  const [, epoch, segment] = match ?? []
  return epoch === undefined || segment === undefined ? null : { epoch, segment: Number.parseInt(segment, 10) }
}

// Header: magic 8 · crc u32 (of what follows) · segment u32 · chain u32 · epoch 12 · firstSeq f64 · createdMs f64 ·
// build 32 · config 32 · zeros.
export function encodeHeader(header: SegmentHeader): Buffer {
  const out = Buffer.alloc(HEADER_BYTES)
  out.write(MAGIC, 0, 'latin1')
  out.writeUInt32LE(header.segment, 12)
  out.writeUInt32LE(header.chain, 16)
  out.write(header.epoch.padEnd(12), 20, 'latin1')
  out.writeDoubleLE(header.firstSeq, 32)
  out.writeDoubleLE(header.createdMs, 40)
  out.write(header.buildHash, 48, 32, 'hex')
  out.write(header.configHash, 80, 32, 'hex')
  out.writeUInt32LE(crc32(out.subarray(12)), 8)
  return out
}

/** What another version of mm wrote and this one cannot read: the two versions of the format; null when it is none. */
export function otherVersion(bytes: Buffer): { readonly found: string; readonly known: string } | null {
  const magic = bytes.toString('latin1', 0, 8)
  const isOther = /^\d\d$/.test(magic.slice(6)) && magic.slice(0, 6) === MAGIC.slice(0, 6) && magic !== MAGIC
  return isOther ? { found: magic.slice(6), known: MAGIC.slice(6) } : null
}

/** The header, or why it is none. */
export function decodeHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < HEADER_BYTES) return 'the header is cut off'
  const magic = bytes.toString('latin1', 0, 8)
  if (magic.slice(0, 6) !== MAGIC.slice(0, 6)) return 'it is not a journal'
  if (magic !== MAGIC) return `its version is ${magic.slice(6)}, this program reads ${MAGIC.slice(6)}`
  if (crc32(bytes.subarray(12, HEADER_BYTES)) !== bytes.readUInt32LE(8)) return 'the header does not match its checksum'
  return {
    segment: bytes.readUInt32LE(12),
    chain: bytes.readUInt32LE(16),
    epoch: bytes.toString('latin1', 20, 32).trim(),
    firstSeq: bytes.readDoubleLE(32),
    createdMs: bytes.readDoubleLE(40),
    buildHash: bytes.toString('hex', 48, 80),
    configHash: bytes.toString('hex', 80, 112),
  }
}

/** Fills `out` (32 bytes) for the records in `payload`; returns the block's crc, which the next block must name. */
export function sealBlock(out: Buffer, payload: Uint8Array, block: Omit<BlockHeader, 'bytes' | 'crc'>): number {
  out.writeUInt32LE(payload.length, 0)
  out.writeUInt32LE(block.previous, 8)
  out.writeUInt32LE(block.count, 12)
  out.writeDoubleLE(block.firstSeq, 16)
  out.writeDoubleLE(block.durableSeq, 24)
  const crc = crc32(payload, crc32(out.subarray(8, BLOCK_HEADER_BYTES), payload.length))
  out.writeUInt32LE(crc, 4)
  return crc
}

/** The block at `offset` when it is whole and matches its checksum; its place in the chain is the caller's to check. */
export function blockAt(bytes: Buffer, offset: number): BlockHeader | null {
  if (offset + BLOCK_HEADER_BYTES > bytes.length) return null
  const length = bytes.readUInt32LE(offset)
  const end = offset + BLOCK_HEADER_BYTES + length
  if (length === 0 || length % 8 !== 0 || end > bytes.length) return null
  const crc = bytes.readUInt32LE(offset + 4)
  const head = crc32(bytes.subarray(offset + 8, offset + BLOCK_HEADER_BYTES), length)
  if (crc32(bytes.subarray(offset + BLOCK_HEADER_BYTES, end), head) !== crc) return null
  return {
    bytes: length,
    crc,
    previous: bytes.readUInt32LE(offset + 8),
    count: bytes.readUInt32LE(offset + 12),
    firstSeq: bytes.readDoubleLE(offset + 16),
    durableSeq: bytes.readDoubleLE(offset + 24),
  }
}

/** Bytes of a record with its header, padded to 8. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER_BYTES + ((payloadBytes + 7) & ~7)
}
