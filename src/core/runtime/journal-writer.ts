/**
 * Puts blocks of records into segment files: one writer, append only, each block chained to the one before. After the
 * first error it is dead: a failed sync leaves nothing to be believed, so nothing is ever retried.
 */
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import {
  BLOCK_HEADER_BYTES,
  encodeHeader,
  HEADER_BYTES,
  SEGMENT_BYTES,
  type SegmentHeader,
  sealBlock,
  segmentName,
} from './journal-format.ts'

export interface WriterOptions {
  readonly dir: string
  readonly header: Omit<SegmentHeader, 'segment' | 'chain' | 'firstSeq'>
  readonly segmentBytes?: number
  /** Zero-fill segments ahead, so that a sync need not allocate. */
  readonly preallocate: boolean
}

const FILL_BYTES = 1024 * 1024

export class JournalWriter {
  /** Last seq handed to the disk. */
  writtenSeq = 0
  /** Last seq known to be durable. */
  durableSeq = 0
  bytesWritten = 0
  file = ''

  private readonly disk: Disk
  private readonly options: WriterOptions
  private readonly segmentBytes: number
  private readonly head = Buffer.alloc(BLOCK_HEADER_BYTES)
  private fd = -1
  private segment = -1
  private position = 0
  private filledBytes = 0
  private chain = 0

  constructor(disk: Disk, options: WriterOptions) {
    this.disk = disk
    this.options = options
    this.segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
    this.nextSegment()
    if (options.preallocate) while (this.fillAhead());
  }

  /** Appends one block of `count` whole records. Not durable before `sync`. */
  append(records: Uint8Array, count: number): void {
    const bytes = BLOCK_HEADER_BYTES + records.length
    if (this.position > HEADER_BYTES && this.position + bytes > this.segmentBytes) this.nextSegment()
    const block = { previous: this.chain, count, firstSeq: this.writtenSeq + 1, durableSeq: this.durableSeq }
    this.chain = sealBlock(this.head, records, block)
    this.disk.write(this.fd, [this.head, records], this.position)
    this.position += bytes
    this.bytesWritten += bytes
    this.writtenSeq += count
  }

  sync(): void {
    if (this.durableSeq === this.writtenSeq) return
    this.disk.sync(this.fd)
    this.durableSeq = this.writtenSeq
  }

  /** Zero-fills a little more of the segment; false when it is all there. For idle moments. */
  fillAhead(): boolean {
    const bytes = Math.min(FILL_BYTES, this.segmentBytes - this.filledBytes)
    if (bytes <= 0) return false
    const from = Math.max(this.filledBytes, this.position)
    const end = this.filledBytes + bytes
    if (end > from) this.disk.write(this.fd, [new Uint8Array(end - from)], from)
    this.filledBytes = end
    if (end === this.segmentBytes) this.disk.sync(this.fd)
    return true
  }

  /** Makes everything durable, gives back preallocated space, closes. */
  close(): void {
    this.endSegment()
    this.fd = -1
  }

  private nextSegment(): void {
    if (this.fd >= 0) this.endSegment()
    this.segment++
    const { dir, header } = this.options
    this.file = join(dir, segmentName(header.epoch, this.segment))
    this.fd = this.disk.create(this.file)
    const firstSeq = this.writtenSeq + 1
    this.disk.write(this.fd, [encodeHeader({ ...header, segment: this.segment, chain: this.chain, firstSeq })], 0)
    this.disk.sync(this.fd)
    this.disk.syncFolder(dir)
    this.position = HEADER_BYTES
    this.filledBytes = HEADER_BYTES
  }

  // A segment is complete on disk before the next one exists: only the last can be torn.
  private endSegment(): void {
    this.disk.truncate(this.fd, this.position)
    this.disk.sync(this.fd)
    this.durableSeq = this.writtenSeq
    this.disk.close(this.fd)
  }
}
