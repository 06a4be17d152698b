/**
 * The index of a pack (`.idx`, version 2): which objects stand in it, and where. Nothing in it is believed: sizes, order,
 * bounds and its own checksum are tested first, and an index that fails is as good as absent, so that git is asked instead.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './file-scan.ts'
import { hashOfIds } from './lazy-crypto.ts'

/** `\377tOc`, version 2. */
const MAGIC = 0xff744f63
const HEADER = 8 + 256 * 4
/** Some 60 MB of index: two million objects. Whoever has more waits for git anyway. */
const INDEX_MAX = 64 << 20
/** More than there are objects in such an index. */
const NUMBERS = 2 ** 21
/** Offset and number of an object must fit one number of 53 bits. */
const PACK_MAX = 2 ** 32
/** Packs that are read; descriptors are few. */
const PACKS_MAX = 128

export class PackIndex {
  /** Path of the pack beside. */
  readonly pack: string
  /** Bytes of the pack. */
  readonly size: number
  readonly count: number
  private readonly bytes: Buffer
  private readonly width: number
  /** Offset times `NUMBERS` plus number of every object, in the order of the pack, then its end. */
  private readonly places: Float64Array

  /** `bytes` must have passed `isSound`. */
  constructor(pack: string, size: number, { bytes, width }: { readonly bytes: Buffer; readonly width: number }) {
    this.pack = pack
    this.size = size
    this.bytes = bytes
    this.width = width
    this.count = bytes.readUInt32BE(HEADER - 4)
    this.places = new Float64Array(this.count + 1)
    for (let i = 0; i < this.count; i++) this.places[i] = this.offset(i) * NUMBERS + i
    this.places[this.count] = (size - width) * NUMBERS
    this.places.sort()
  }

  /** Hexadecimal ids of all objects, one after another, in the order of their numbers. */
  get ids(): string {
    return this.bytes.toString('hex', HEADER, HEADER + this.count * this.width)
  }

  /** Where object `i` begins. */
  offset(i: number): number {
    const { bytes, count, width } = this
    const small = bytes.readUInt32BE(HEADER + count * (width + 4) + i * 4)
    if (small < 0x80000000) return small
    const at = HEADER + count * (width + 8) + (small - 0x80000000) * 8
    // Beyond the table or beyond what a number holds: nowhere.
    return at + 8 > bytes.length - 2 * width ? -1 : bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
  }

  /** CRC-32 of the bytes of object `i` in the pack. */
  sum(i: number): number {
    return this.bytes.readUInt32BE(HEADER + this.count * this.width + i * 4)
  }

  /** Number of the object that begins at `offset`, below zero when none does. */
  numberAt(offset: number): number {
    const place = this.placeOf(offset)
    return place < 0 ? -1 : (this.places[place] ?? 0) % NUMBERS
  }

  /** Where the object that begins at `offset` ends, below zero when none does. */
  end(offset: number): number {
    const place = this.placeOf(offset)
    return place < 0 ? -1 : Math.floor((this.places[place + 1] ?? 0) / NUMBERS)
  }

  private placeOf(offset: number): number {
    const { places } = this
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if ((places[middle] ?? 0) < offset * NUMBERS) low = middle + 1
      else high = middle
    }
    return low < this.count && Math.floor((places[low] ?? 0) / NUMBERS) === offset ? low : -1
  }

  /** Number of the object whose id stands at `at` in `id`, below zero when it is not here. */
  find(id: Uint8Array, at: number): number {
    const { bytes, width } = this
    const first = id[at] ?? 0
    let low = first === 0 ? 0 : bytes.readUInt32BE(8 + (first - 1) * 4)
    let high = bytes.readUInt32BE(8 + first * 4)
    while (low < high) {
      const middle = (low + high) >> 1
      const place = HEADER + middle * width
      let k = 0
      while (k < width && bytes[place + k] === id[at + k]) k++
      if (k === width) return middle
      if ((bytes[place + k] ?? 0) < (id[at + k] ?? 0)) low = middle + 1
      else high = middle
    }
    return -1
  }
}

/** The indexes of the packs in `objects` that can be believed, the largest first. `width` is that of an object id in bytes. */
export function openIndexes(objects: string, width: number): PackIndex[] {
  const folder = join(objects, 'pack')
  const out: PackIndex[] = []
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.idx')) continue
    const path = join(folder, name)
    const bytes = readWhole(path)
    const pack = `${path.slice(0, -4)}.pack`
    const size = bytes !== undefined && isSound(bytes, width) ? packSize(pack, bytes.readUInt32BE(HEADER - 4)) : -1
    if (bytes !== undefined && size > 0 && size < PACK_MAX) out.push(new PackIndex(pack, size, { bytes, width }))
  }
  return out.sort((a, b) => b.size - a.size).slice(0, PACKS_MAX)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // Whatever keeps us out: git is asked, and says so.
    if (codeOf(error) === '') throw error
    return []
  }
}

function isSound(bytes: Buffer, width: number): boolean {
  if (bytes.length < HEADER + 2 * width || bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== 2) return false
  for (let k = 1, last = bytes.readUInt32BE(8); k < 256; k++) {
    const next = bytes.readUInt32BE(8 + k * 4)
    if (next < last) return false
    last = next
  }
  const count = bytes.readUInt32BE(HEADER - 4)
  if (count >= NUMBERS) return false
  const rest = bytes.length - HEADER - count * (width + 8) - 2 * width
  if (rest < 0 || rest % 8 !== 0) return false
  const sum = hashOfIds(width)
    .update(bytes.subarray(0, bytes.length - width))
    .digest()
  return sum.equals(bytes.subarray(bytes.length - width))
}

/** Bytes of the pack when it is one of version 2 or 3 with `count` objects, else -1. */
function packSize(path: string, count: number): number {
  const fd = openPack(path)
  if (fd < 0) return -1
  try {
    const head = Buffer.alloc(12)
    const isPack = readSync(fd, head, 0, 12, 0) === 12 && head.toString('latin1', 0, 4) === 'PACK'
    const version = head.readUInt32BE(4)
    return isPack && (version === 2 || version === 3) && head.readUInt32BE(8) === count ? fstatSync(fd).size : -1
  } finally {
    closeSync(fd)
  }
}

/** A descriptor of the regular file at `path`, below zero when there is none to be had. Never waits on a pipe. */
export function openPack(path: string): number {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (fstatSync(fd).isFile()) return fd
    closeSync(fd)
  } catch (error) {
    if (codeOf(error) === '') throw error
  }
  return -1
}

function readWhole(path: string): Buffer | undefined {
  const fd = openPack(path)
  if (fd < 0) return undefined
  try {
    const { size } = fstatSync(fd)
    if (size > INDEX_MAX) return undefined
    const bytes = Buffer.allocUnsafe(size)
    return readSync(fd, bytes, 0, size, 0) === size ? bytes : undefined
  } finally {
    closeSync(fd)
  }
}
