/**
 * Reads a journal back: which records are whole, where the torn tail starts, and whether anything that was once durable
 * is damaged. Alone usable (no npm, tiny graph: the emergency path imports it). Never repairs: `cutTail` is separate.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import {
  BLOCK_HEADER_BYTES,
  blockAt,
  decodeHeader,
  HEADER_BYTES,
  otherVersion,
  parseSegmentName,
  RECORD_HEADER_BYTES,
  recordBytes,
  type SegmentHeader,
  segmentName,
} from './journal-format.ts'

/** One record. `payload` is a view of the file's bytes. */
export interface JournalRecord {
  readonly seq: number
  readonly kind: number
  readonly payload: Buffer
}

/** What one segment holds. */
export interface SegmentScan {
  /** Null: the file was torn before its header was complete. */
  readonly header: SegmentHeader | null
  /** End of the last whole block, in bytes from the start of the file. */
  readonly validBytes: number
  /** Bytes after it that are not zero-filled preallocation. */
  readonly tornBytes: number
  /** Where something that had been durable is damaged; null when nothing is. */
  readonly damage: { readonly offset: number; readonly reason: string } | null
  readonly lastSeq: number
  /** CRC of the last whole block: the next segment names it. */
  readonly chain: number
}

/** Where a scan stands in the chain: what the next block has to say. */
interface Expected {
  seq: number
  chain: number
}

/** Reads one segment's bytes. `visit` gets each record in order. `isLast`: only the last segment of a run may be torn. */
export function scanSegment(bytes: Buffer, isLast: boolean, visit?: (record: JournalRecord) => void): SegmentScan {
  const header = decodeHeader(bytes)
  if (typeof header === 'string') return scanHeaderless(bytes, header)
  const expected: Expected = { seq: header.firstSeq, chain: header.chain }
  let offset = HEADER_BYTES
  let isSpliced = false
  for (;;) {
    const block = blockAt(bytes, offset)
    if (block === null) break
    isSpliced = block.previous !== expected.chain || block.firstSeq !== expected.seq
    if (isSpliced) break
    if (visit) visitRecords(bytes.subarray(offset + BLOCK_HEADER_BYTES), block.count, block.firstSeq, visit)
    offset += BLOCK_HEADER_BYTES + block.bytes
    expected.seq += block.count
    expected.chain = block.crc
  }
  const scan = { header, validBytes: offset, lastSeq: expected.seq - 1, chain: expected.chain }
  const tornBytes = nonZeroBytes(bytes, offset)
  const isDamaged = isSpliced || laterClaims(bytes, offset, expected.seq) || (!isLast && tornBytes > 0)
  const reason = isSpliced
    ? 'a block does not continue the one before it'
    : 'a record that had reached the disk does not match its checksum'
  return { ...scan, tornBytes: isDamaged ? 0 : tornBytes, damage: isDamaged ? { offset, reason } : null }
}

/** All epochs that have segments in `dir`, oldest first. A missing folder has none. */
export function listEpochs(dir: string): string[] {
  const epochs = new Set(segmentsOf(dir).map(({ epoch }) => epoch))
  return [...epochs].sort()
}

export interface RunScan {
  readonly epoch: string
  readonly header: SegmentHeader | null
  readonly lastSeq: number
  readonly tornBytes: number
  /** The last segment: where a torn tail would be cut. */
  readonly tail: { readonly file: string; readonly validBytes: number } | null
}

/** Reads the run `epoch` in order. Throws JOURNAL_CORRUPT (file, offset) when something durable is damaged, JOURNAL_VERSION. */
export function readRun(dir: string, epoch: string, visit: (record: JournalRecord) => void): RunScan {
  const segments = segmentsOf(dir).filter((segment) => segment.epoch === epoch)
  let [header, lastSeq, tornBytes, chain]: [SegmentHeader | null, number, number, number] = [null, 0, 0, 0]
  let tail: RunScan['tail'] = null
  for (const [index, { segment }] of segments.entries()) {
    const file = join(dir, segmentName(epoch, segment))
    const bytes = readFileSync(file)
    const other = otherVersion(bytes)
    if (other !== null) fail('JOURNAL_VERSION', { file, ...other })
    const scan = scanSegment(bytes, index === segments.length - 1, visit)
    if (scan.damage !== null) fail('JOURNAL_CORRUPT', { file, ...scan.damage })
    const isLinked = segment === index && (scan.header === null || scan.header.chain === chain)
    if (!isLinked) fail('JOURNAL_CORRUPT', { file, offset: 0, reason: 'it does not continue the segment before it' })
    header ??= scan.header
    if (scan.header !== null) ({ lastSeq, chain } = scan)
    tornBytes = scan.tornBytes
    tail = { file, validBytes: scan.validBytes }
  }
  return { epoch, header, lastSeq, tornBytes, tail }
}

/** Cuts a torn or preallocated tail, durably. */
export function cutTail(file: string, validBytes: number): void {
  const fd = openSync(file, 'r+')
  try {
    ftruncateSync(fd, validBytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function segmentsOf(dir: string): { epoch: string; segment: number }[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    return fail('STATE_UNWRITABLE', { dir, reason: (error as Error).message }, error)
  }
  const segments = names.map(parseSegmentName).filter((segment) => segment !== null)
  return segments.sort((a, b) => (a.epoch < b.epoch ? -1 : a.epoch > b.epoch ? 1 : a.segment - b.segment))
}

function visitRecords(bytes: Buffer, count: number, firstSeq: number, visit: (record: JournalRecord) => void): void {
  let offset = 0
  for (let i = 0; i < count; i++) {
    const length = bytes.readUInt32LE(offset)
    const from = offset + RECORD_HEADER_BYTES
    visit({ seq: firstSeq + i, kind: bytes.readUInt32LE(offset + 4), payload: bytes.subarray(from, from + length) })
    offset += recordBytes(length)
  }
}

// A segment whose header never got to disk held nothing durable: the header is synced before the first block.
function scanHeaderless(bytes: Buffer, reason: string): SegmentScan {
  const isTorn = bytes.length < HEADER_BYTES || !laterClaims(bytes, 0, 0)
  const isForeign = bytes.length >= HEADER_BYTES && nonZeroBytes(bytes.subarray(0, HEADER_BYTES), 0) > 0
  const damage = isTorn && !isForeign ? null : { offset: 0, reason }
  return { header: null, validBytes: 0, tornBytes: damage ? 0 : bytes.length, damage, lastSeq: 0, chain: 0 }
}

/** Does a whole block after `offset` say that `seq` was already on disk? */
function laterClaims(bytes: Buffer, offset: number, seq: number): boolean {
  const end = bytes.length - BLOCK_HEADER_BYTES
  for (let at = offset + 8; at <= end; at += 8) {
    if (bytes.readUInt32LE(at) === 0 || bytes.readUInt32LE(at) % 8 !== 0) continue
    const firstSeq = bytes.readDoubleLE(at + 16)
    if (!(firstSeq > seq) || !Number.isSafeInteger(firstSeq) || !(bytes.readDoubleLE(at + 24) >= seq)) continue
    if (blockAt(bytes, at) !== null) return true
  }
  return false
}

function nonZeroBytes(bytes: Buffer, offset: number): number {
  let end = bytes.length
  while (end > offset && bytes[end - 1] === 0) end--
  return end - offset
}
