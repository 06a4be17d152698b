/**
 * @hot Objects as they stand in a pack: header, base, compressed bytes, read through a small cache of pieces of the file.
 * Every length is bounded and the sum of the index is tested, so a damaged entry is told from a good one before it is used.
 */
import { closeSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { codeOf } from './file-scan.ts'
import { Inflater } from './inflate.ts'
import { openPack } from './pack-open.ts'

/** Bytes of a piece of a pack, and how many are kept. */
const PIECE = 1 << 16
const PIECES = 32
/** Largest object that is unpacked here: text beyond it is rare, and git streams it in less memory. */
export const OBJECT_MAX = 4 << 20
/** Deflate makes nothing larger than this of it. */
const PACKED_MAX = OBJECT_MAX + (OBJECT_MAX >> 8) + 128
/** Longest header: type and size, then an offset or an id. */
export const HEADER_MAX = 10 + 32

export const BLOB = 3
export const OFFSET_DELTA = 6
export const ID_DELTA = 7

/** Memory that V8 does not count to its heap: with other buffers it would collect all of the heap in the midst of a scan. */
export function roomyBuffer(size: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(size))
}

/** Pieces of the packs of one thread. */
export class PackPieces {
  private readonly packs: readonly { readonly pack: string }[]
  private readonly descriptors: Int32Array
  private readonly keys: Float64Array = new Float64Array(PIECES).fill(-1)
  private readonly filled: Int32Array = new Int32Array(PIECES)
  private readonly pieces: (Buffer | undefined)[] = Array.from({ length: PIECES }, () => undefined)
  private joined: Buffer = Buffer.allocUnsafe(0)
  /** Where `view` found the bytes: in `bytes` from `from` to `to`. Good until the next call. */
  bytes: Buffer = this.joined
  from = 0
  to = 0

  /** `packs` by their paths. */
  constructor(packs: readonly { readonly pack: string }[]) {
    this.packs = packs
    this.descriptors = new Int32Array(packs.length).fill(-2)
  }

  /** `length` bytes at `offset`, fewer at the end of the file or when it cannot be read. Good until the next call. */
  read(pack: number, offset: number, length: number): Buffer {
    this.view(pack, offset, length)
    return this.bytes.subarray(this.from, this.to)
  }

  /** The same without an object made for it. */
  view(pack: number, offset: number, length: number): void {
    const from = offset % PIECE
    const first = this.piece(pack, (offset - from) / PIECE)
    this.bytes = this.pieces[first]!
    this.from = from
    this.to = Math.max(from, Math.min(from + length, this.filled[first]!))
    if (from + length > PIECE) this.join(pack, offset, length)
  }

  /** Bytes that stand in more than one piece. */
  private join(pack: number, offset: number, length: number): void {
    if (this.joined.length < length) this.joined = Buffer.allocUnsafe(length * 2)
    let at = 0
    while (at < length) {
      const skip = (offset + at) % PIECE
      const slot = this.piece(pack, (offset + at - skip) / PIECE)
      const stop = Math.min(this.filled[slot]!, skip + length - at)
      if (stop <= skip) break
      at += this.pieces[slot]!.copy(this.joined, at, skip, stop)
    }
    this.bytes = this.joined
    this.from = 0
    this.to = at
  }

  /** Closes the files. */
  close(): void {
    for (const fd of this.descriptors) if (fd >= 0) closeSync(fd)
    this.descriptors.fill(-1)
  }

  /** Slot that holds the piece. */
  private piece(pack: number, number: number): number {
    const key = number * 65_536 + pack
    const slot = (number * 7 + pack) % PIECES
    if (this.keys[slot] === key) return slot
    const buffer = (this.pieces[slot] ??= roomyBuffer(PIECE))
    this.keys[slot] = key
    this.filled[slot] = this.load(pack, number * PIECE, buffer)
    return slot
  }

  private load(pack: number, offset: number, into: Buffer): number {
    if (this.descriptors[pack] === -2) this.descriptors[pack] = openPack(this.packs[pack]!.pack)
    const fd = this.descriptors[pack]!
    if (fd < 0) return 0
    let count = 0
    try {
      for (let got = -1; got !== 0 && count < PIECE; count += got)
        got = readSync(fd, into, count, PIECE - count, offset + count)
    } catch (error) {
      // Too short to be an entry: git is asked, and says what is wrong.
      if (codeOf(error) === '') throw error
    }
    return count
  }
}

/** The header of an entry; one instance is reused. */
export class EntryHeader {
  type = 0
  /** Bytes of the object, or of its delta. */
  size = 0
  /** How far before this one the base of an offset delta begins. */
  back = 0
  /** Bytes of the header; the id of the base of an id delta are its last `width` ones. */
  length = 0

  /** Reads the header at `from` in `bytes`, which end at `to`; false when there is none. */
  read(bytes: Uint8Array, from: number, to: number, width: number): boolean {
    let at = from
    let byte = at < to ? bytes[at++]! : 0
    this.type = (byte >> 4) & 7
    this.size = byte & 15
    this.back = 0
    for (let factor = 16; byte & 0x80; factor *= 128) {
      if (at >= to || at > from + 7) return false
      byte = bytes[at++]!
      this.size += (byte & 0x7f) * factor
    }
    if (this.type === OFFSET_DELTA) {
      do {
        if (at >= to || at > from + 16) return false
        byte = bytes[at++]!
        this.back = this.back * 128 + (byte & 0x7f) + (byte & 0x80 ? 1 : 0)
      } while (byte & 0x80)
    }
    if (this.type === ID_DELTA) at += width
    this.length = at - from
    return at <= to && this.type !== 0 && this.type !== 5
  }
}

/** Where an entry stands, and the CRC-32 of its bytes. */
export interface EntryRange {
  readonly pack: number
  readonly offset: number
  readonly end: number
  readonly sum: number
}

/** Entries of packs, whole and proven. */
export class PackEntries {
  readonly header = new EntryHeader()
  private readonly pieces: PackPieces
  private readonly width: number
  private readonly inflater: Inflater
  private packed: Buffer = NOTHING

  constructor(pieces: PackPieces, width: number, inflater: Inflater = new Inflater()) {
    this.inflater = inflater
    this.pieces = pieces
    this.width = width
  }

  /** Reads an entry; false when its bytes are not those of the index, or when it is too large. `header` tells what it is. */
  read({ pack, offset, end, sum }: EntryRange): boolean {
    const length = end - offset
    if (length <= 0 || length > PACKED_MAX) return false
    this.packed = this.pieces.read(pack, offset, length)
    const { packed, header } = this
    return (
      packed.length === length &&
      crc32(packed) === sum &&
      header.read(packed, 0, length, this.width) &&
      header.size <= OBJECT_MAX
    )
  }

  /** Unpacks the entry read last into `out`, which must be longer than `header.size`. */
  unpack(out: Buffer): boolean {
    const { header, packed } = this
    return this.inflater.inflate(packed, header.length, out, header.size)
  }
}

const NOTHING: Buffer = Buffer.alloc(0)
