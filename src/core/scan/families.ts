/**
 * What there is to read in the packs, by families: an object that is stored whole and all that are stored as deltas against
 * it. Made once from the indexes and the headers of the entries; threads share it. What is not in it is left to git.
 */
import { join } from 'node:path'
import { invariant } from '../domain/invariant.ts'
import { BLOB, EntryHeader, HEADER_MAX, ID_DELTA, OBJECT_MAX, OFFSET_DELTA, PackPieces } from './pack-entry.ts'
import { openIndexes, type PackIndex } from './pack-index.ts'

/** Object id and path. */
export type Blob = readonly [oid: string, path: string]

/** Entries by number: an entry comes before its deltas are looked at by its thread. Plain memory, shared by the threads. */
export interface Families {
  readonly packs: readonly string[]
  /** Bytes of an object id. */
  readonly width: number
  /** The wanted blobs, a line each: id, blank, path. */
  readonly lines: string
  readonly pack: Uint8Array
  readonly offset: Float64Array
  readonly end: Float64Array
  readonly sum: Uint32Array
  /** Number of the blob, below zero for a base nobody asked for. */
  readonly wanted: Int32Array
  /** First delta against the entry, and the next one against the same base; below zero for none. The last one is the heaviest. */
  readonly child: Int32Array
  readonly next: Int32Array
  /** Entries that are stored whole, in the order of the packs. */
  readonly roots: Int32Array
  /** Where in `roots` each batch begins, and the end of the last. */
  readonly batches: Int32Array
  readonly counter: Int32Array
  /** What became of each blob: see below. */
  readonly state: Uint8Array
  /** Packed bytes of the families. */
  readonly weight: number
}

/** Not read here. */
export const LEFT = 0
export const CLEAN = 1
export const HIT = 2
/** Clean, because its base is and so is what differs. */
export const ALIKE = 3

/** The blobs of `Families.lines` by number. */
export class BlobLines {
  private readonly lines: readonly string[]
  private readonly digits: number

  constructor({ lines, width }: Families) {
    this.lines = lines.split('\n')
    this.digits = 2 * width
  }

  idOf(blob: number): string {
    return (this.lines[blob] ?? '').slice(0, this.digits)
  }

  pathOf(blob: number): string {
    return (this.lines[blob] ?? '').slice(this.digits + 1)
  }
}

/** Packed bytes that a thread takes at once. */
const BATCH = 48 << 10
const DEPTH_MAX = 4096

/** The families of `blobs` in the packs of the repository; nothing when there is none. */
export function planFamilies(gitDir: string, blobs: readonly Blob[]): Families | undefined {
  const width = (blobs[0]?.[0].length ?? 0) / 2
  // With object folders of its own, git looks elsewhere first.
  if ((width !== 20 && width !== 32) || process.env['GIT_OBJECT_DIRECTORY'] !== undefined) return undefined
  const indexes = openIndexes(join(gitDir, 'objects'), width)
  if (indexes.length === 0) return undefined
  const numbers = new Map<string, number>()
  for (const [i, [oid]] of blobs.entries()) numbers.set(oid, i)
  const plan = new Plan(indexes, width)
  for (const [pack, index] of indexes.entries()) plan.take(pack, index, numbers)
  return plan.shared(blobs)
}

interface Entry {
  readonly pack: number
  readonly offset: number
  readonly end: number
  readonly sum: number
  wanted: number
  /** Number of the base, below zero for none. */
  base: number
  isWhole: boolean
  weight: number
}

class Plan {
  private readonly indexes: readonly PackIndex[]
  private readonly width: number
  private readonly entries: Entry[] = []
  private readonly pieces: PackPieces
  private readonly header = new EntryHeader()

  constructor(indexes: readonly PackIndex[], width: number) {
    this.indexes = indexes
    this.width = width
    this.pieces = new PackPieces(indexes.map(({ pack }) => pack))
  }

  /** Adds what `pack` has of `numbers`, and takes it out of there. */
  take(pack: number, index: PackIndex, numbers: Map<string, number>): void {
    if (numbers.size === 0) return
    const { ids, count } = index
    const digits = 2 * this.width
    const first = this.entries.length
    for (let i = 0; i < count; i++) {
      const id = ids.slice(i * digits, (i + 1) * digits)
      const wanted = numbers.get(id)
      if (wanted === undefined) continue
      const entry = this.entry(pack, index, i)
      if (entry === undefined) continue
      entry.wanted = wanted
      this.entries.push(entry)
      numbers.delete(id)
    }
    this.readHeaders(pack, index, first)
  }

  private entry(pack: number, index: PackIndex, i: number): Entry | undefined {
    const offset = index.offset(i)
    const end = offset < 12 ? -1 : index.end(offset)
    if (end <= offset || end > index.size - this.width) return undefined
    return { pack, offset, end, sum: index.sum(i), wanted: -1, base: -1, isWhole: false, weight: 0 }
  }

  /** Reads the headers of the entries from `first` on, in the order of the pack, and adds bases that nobody asked for. */
  private readHeaders(pack: number, index: PackIndex, first: number): void {
    const { entries } = this
    const own = entries.slice(first).sort((a, b) => a.offset - b.offset)
    const places = new Map<number, number>()
    for (const [k, entry] of own.entries()) {
      entries[first + k] = entry
      places.set(entry.offset, first + k)
    }
    // Grows while bases are added.
    for (let n = first; n < entries.length; n++) {
      const entry = this.of(n)
      const base = this.baseOf(entry, index)
      if (base < 0) continue
      const offset = index.offset(base)
      let place = places.get(offset)
      if (place === undefined) {
        const added = this.entry(pack, index, base)
        if (added === undefined) continue
        place = entries.push(added) - 1
        places.set(offset, place)
      }
      entry.base = place
    }
  }

  /** Number of the base of `entry` in its index, below zero for none: marks what is stored whole. */
  private baseOf(entry: Entry, index: PackIndex): number {
    const { header, width } = this
    const bytes = this.pieces.read(entry.pack, entry.offset, Math.min(HEADER_MAX, entry.end - entry.offset))
    if (!header.read(bytes, width) || header.size > OBJECT_MAX) return -1
    entry.isWhole = header.type === BLOB
    if (header.type === OFFSET_DELTA) return index.numberAt(entry.offset - header.back)
    return header.type === ID_DELTA ? index.find(bytes, header.length - width) : -1
  }

  /** What all threads need, in memory they share. */
  shared(blobs: readonly Blob[]): Families | undefined {
    this.pieces.close()
    const { entries } = this
    const count = entries.length
    if (count === 0) return undefined
    const order = this.byFamily()
    const roots = Int32Array.from(order.roots)
    const batches = this.batchesOf(order.roots)
    const out = {
      packs: this.indexes.map(({ pack }) => pack),
      width: this.width,
      lines: blobs.map(([oid, path]) => `${oid} ${path}`).join('\n'),
      pack: new Uint8Array(new SharedArrayBuffer(count)),
      offset: new Float64Array(new SharedArrayBuffer(8 * count)),
      end: new Float64Array(new SharedArrayBuffer(8 * count)),
      sum: new Uint32Array(new SharedArrayBuffer(4 * count)),
      wanted: new Int32Array(new SharedArrayBuffer(4 * count)),
      child: order.child,
      next: order.next,
      roots,
      batches: Int32Array.from(batches),
      counter: new Int32Array(new SharedArrayBuffer(4)),
      state: new Uint8Array(new SharedArrayBuffer(blobs.length)),
      weight: order.roots.reduce((sum, n) => sum + this.of(n).weight, 0),
    }
    for (let n = 0; n < count; n++) {
      const entry = this.of(n)
      out.pack[n] = entry.pack
      out.offset[n] = entry.offset
      out.end[n] = entry.end
      out.sum[n] = entry.sum
      out.wanted[n] = entry.wanted
    }
    return out
  }

  private batchesOf(roots: readonly number[]): number[] {
    const out = [0]
    let sum = 0
    for (let k = 0; k < roots.length; k++) {
      sum += this.of(roots[k] ?? 0).weight
      if (sum >= BATCH || k + 1 === roots.length) {
        out.push(k + 1)
        sum = 0
      }
    }
    return out
  }

  /**
   * Links the deltas to their bases, the heaviest last: a base can be forgotten when its last delta is built, so few texts are
   * in memory at a time. Entries that lead to no whole one (a cycle, a base that is missing) are in no family.
   */
  private byFamily(): { readonly child: Int32Array; readonly next: Int32Array; readonly roots: number[] } {
    const { entries } = this
    const count = entries.length
    const child = new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1)
    const next = new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1)
    const roots: number[] = []
    for (let n = 0; n < count; n++) this.weigh(n)
    const heaviest = new Int32Array(count).fill(-1)
    for (let n = count - 1; n >= 0; n--) {
      const { base, isWhole, weight } = this.of(n)
      if (isWhole) roots.push(n)
      if (base < 0) continue
      const held = heaviest[base] ?? -1
      if (held >= 0 && this.of(held).weight >= weight) {
        next[n] = child[base] ?? -1
        child[base] = n
      } else {
        if (held >= 0) {
          next[held] = child[base] ?? -1
          child[base] = held
        }
        heaviest[base] = n
      }
    }
    // The list of a base has all but the heaviest; that one goes to its end.
    for (const [base, last] of heaviest.entries()) if (last >= 0) append(child, next, { base, last })
    return { child, next, roots: roots.reverse() }
  }

  private of(n: number): Entry {
    const entry = this.entries[n]
    invariant(entry !== undefined, `there is no entry ${n}`)
    return entry
  }

  /** Adds the packed bytes of an entry to all above it. */
  private weigh(n: number): void {
    const own = this.of(n).end - this.of(n).offset
    let at = n
    for (let depth = 0; at >= 0 && depth < DEPTH_MAX; depth++) {
      this.of(at).weight += own
      at = this.of(at).base
    }
  }
}

function append(
  child: Int32Array,
  next: Int32Array,
  { base, last }: { readonly base: number; readonly last: number },
): void {
  let at = child[base] ?? -1
  if (at < 0) {
    child[base] = last
    return
  }
  for (let after = next[at] ?? -1; after >= 0; after = next[at] ?? -1) at = after
  next[at] = last
}
