/**
 * @hot Makes the families of `families.ts`: looks the blobs up in the indexes, reads the headers of their entries and of their
 * bases, and links deltas to bases. In plain numbers: as objects in maps a history of five thousand blobs took 50 ms.
 */
import { BLOB, EntryHeader, HEADER_MAX, ID_DELTA, OBJECT_MAX, OFFSET_DELTA, PackPieces } from './pack-entry.ts'
import type { PackIndex } from './pack-index.ts'

/** Packed bytes that a thread takes at once. */
const BATCH = 48 << 10

/** Entries by number: an entry comes before its deltas are looked at by its thread. Plain memory, shared by the threads. */
export interface FamilyTree {
  readonly pack: Uint8Array
  readonly offset: Float64Array
  readonly end: Float64Array
  readonly sum: Uint32Array
  /** Number of the blob in the list, below zero for a base nobody asked for. */
  readonly wanted: Int32Array
  /** First delta against the entry, and the next one against the same base; below zero for none. The last one is the heaviest. */
  readonly child: Int32Array
  readonly next: Int32Array
  /** Entries that are stored whole, in the order of the packs. */
  readonly roots: Int32Array
  /** Where in `roots` each batch begins, and the end of the last. */
  readonly batches: Int32Array
  /** Packed bytes of the families. */
  readonly weight: number
}

export class FamilyPlan {
  private readonly indexes: readonly PackIndex[]
  private readonly width: number
  private readonly pieces: PackPieces
  private readonly header = new EntryHeader()
  private count = 0
  private readonly pack: Uint8Array
  private readonly offset: Float64Array
  private readonly end: Float64Array
  private readonly sum: Uint32Array
  private readonly wanted: Int32Array
  /** Number of the base of each entry, below zero for none. */
  private readonly base: Int32Array
  private readonly isWhole: Uint8Array
  /** Packed bytes of the entry and of all that hangs on it. */
  private readonly weight: Float64Array

  constructor(indexes: readonly PackIndex[], width: number) {
    this.indexes = indexes
    this.width = width
    this.pieces = new PackPieces(indexes)
    // Room for all there is: what is not touched costs nothing.
    let room = 0
    for (const { count } of indexes) room += count
    this.pack = new Uint8Array(new SharedArrayBuffer(room))
    this.offset = new Float64Array(new SharedArrayBuffer(8 * room))
    this.end = new Float64Array(new SharedArrayBuffer(8 * room))
    this.sum = new Uint32Array(new SharedArrayBuffer(4 * room))
    this.wanted = new Int32Array(new SharedArrayBuffer(4 * room))
    this.base = new Int32Array(room)
    this.isWhole = new Uint8Array(room)
    this.weight = new Float64Array(room)
  }

  /** Adds what `pack` has of the blobs with these ids and of their bases, in the order of the pack. */
  take(pack: number, ids: Uint8Array, isTaken: Uint8Array): void {
    const index = this.indexes[pack]!
    const blobAt = new Int32Array(index.count).fill(-1)
    for (let n = 0; n < isTaken.length; n++) {
      if (isTaken[n] !== 0) continue
      const place = index.find(ids, n * this.width)
      if (place < 0 || !index.isSane(place)) continue
      blobAt[place] = n
      isTaken[n] = 1
    }
    const first = this.count
    const numbers = new Int32Array(index.count).fill(-1)
    for (let place = 0; place < index.count; place++)
      if (blobAt[place]! >= 0) numbers[place] = this.add(pack, place, blobAt[place]!)
    // Grows while bases are added that nobody asked for.
    for (let n = first; n < this.count; n++) {
      const place = this.basePlace(n, index)
      if (place < 0 || !index.isSane(place)) continue
      if (numbers[place]! < 0) numbers[place] = this.add(pack, place, -1)
      this.base[n] = numbers[place]!
    }
  }

  private add(pack: number, place: number, blob: number): number {
    const index = this.indexes[pack]!
    const n = this.count++
    this.pack[n] = pack
    this.offset[n] = index.start(place)
    this.end[n] = index.end(place)
    this.sum[n] = index.sum(place)
    this.wanted[n] = blob
    this.base[n] = -1
    return n
  }

  /** Place of the base of entry `n` in the order of its pack, below zero for none: marks what is stored whole. */
  private basePlace(n: number, index: PackIndex): number {
    const { header, width, pieces } = this
    const offset = this.offset[n]!
    pieces.view(this.pack[n]!, offset, Math.min(HEADER_MAX, this.end[n]! - offset))
    if (!header.read(pieces.bytes, pieces.from, pieces.to, width) || header.size > OBJECT_MAX) return -1
    if (header.type === BLOB) this.isWhole[n] = 1
    if (header.type === OFFSET_DELTA) return index.placeAt(offset - header.back)
    return header.type === ID_DELTA ? index.find(pieces.bytes, pieces.from + header.length - width) : -1
  }

  /** The families of what was taken; nothing when nothing was. */
  link(): FamilyTree | undefined {
    this.pieces.close()
    if (this.count === 0) return undefined
    this.weigh()
    const { pack, offset, end, sum, wanted } = this
    const { child, next, roots } = this.byBase()
    const { batches, weight } = this.batchesOf(roots)
    return { pack, offset, end, sum, wanted, child, next, roots, batches, weight }
  }

  private batchesOf(roots: Int32Array): { readonly batches: Int32Array; readonly weight: number } {
    const batches = [0]
    let weight = 0
    let sum = 0
    for (let k = 0; k < roots.length; k++) {
      const own = this.weight[roots[k]!]!
      weight += own
      sum += own
      if (sum < BATCH && k + 1 < roots.length) continue
      batches.push(k + 1)
      sum = 0
    }
    return { batches: Int32Array.from(batches), weight }
  }

  /**
   * Links the deltas to their bases, the heaviest last: a base can be forgotten when its last delta is built, so few texts are
   * in memory at a time. Entries that lead to no whole one (a cycle, a base that is missing) are in no family.
   */
  private byBase(): { readonly child: Int32Array; readonly next: Int32Array; readonly roots: Int32Array } {
    const { count, base, weight, isWhole } = this
    const child = new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1)
    const next = new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1)
    const heaviest = new Int32Array(count).fill(-1)
    const roots = new Int32Array(count)
    let rootCount = 0
    for (let n = 0; n < count; n++) {
      if (isWhole[n] === 1) roots[rootCount++] = n
      const b = base[n]!
      if (b >= 0 && (heaviest[b]! < 0 || weight[n]! > weight[heaviest[b]!]!)) heaviest[b] = n
    }
    // Each is put before the first: the heaviest goes in before all others and so is last.
    for (let n = 0; n < count; n++) if (heaviest[n]! >= 0) child[n] = heaviest[n]!
    for (let n = count - 1; n >= 0; n--) {
      const b = base[n]!
      if (b < 0 || heaviest[b] === n) continue
      next[n] = child[b]!
      child[b] = n
    }
    return { child, next, roots: roots.subarray(0, rootCount) }
  }

  /** Adds the packed bytes of each entry to its base, the leaves first. What stands in a circle is nobody's leaf. */
  private weigh(): void {
    const { count, base, weight } = this
    const deltas = new Int32Array(count)
    const leaves = new Int32Array(count)
    let end = 0
    for (let n = 0; n < count; n++) {
      weight[n] = this.end[n]! - this.offset[n]!
      if (base[n]! >= 0) deltas[base[n]!] = deltas[base[n]!]! + 1
    }
    for (let n = 0; n < count; n++) if (deltas[n] === 0) leaves[end++] = n
    for (let k = 0; k < end; k++) {
      const b = base[leaves[k]!]!
      if (b < 0) continue
      weight[b] = weight[b]! + weight[leaves[k]!]!
      deltas[b] = deltas[b]! - 1
      if (deltas[b] === 0) leaves[end++] = b
    }
  }
}
