/**
 * @hot Scans the families of `families.ts`: texts are unpacked once, from base to delta. A text whose base was scanned here is
 * scanned only where it differs, as long as what was found in the base still holds. What cannot be unpacked
 * stays LEFT, and git is asked.
 */
import { type BlobList, blobListOf } from './blob-list.ts'
import { indexOfZero, SNIFF } from './decoders.ts'
import { Delta } from './delta.ts'
import { ALIKE, CLEAN, type Families, HIT } from './families.ts'
import { ConfigPaths, isConfigPath } from './file-kind.ts'
import { carried, isNothing, type Known, knownOf } from './known.ts'
import { BLOB, ID_DELTA, OFFSET_DELTA, PackEntries, PackPieces, roomyBuffer } from './pack-entry.ts'
import type { Session } from './session.ts'
import { Slices } from './slices.ts'
import type { SourceHit } from './windows.ts'

/** Longest chain that git makes. */
const DEPTH_MAX = 4096
/** Bytes of texts in memory at a time, beside the one that is made. */
const ALIVE_MAX = 12 << 20
/** Larger buffers are not kept for the next text. */
const KEPT_MAX = 1 << 20

/** The bytes of a text, in a buffer of `room`. */
interface Content {
  readonly bytes: Buffer
  readonly length: number
}

/** A text and what is known of it. */
interface Text extends Content {
  readonly path: string
  /** When it was scanned here and is plain text. */
  readonly known: Known | undefined
}

export class FamilyScan {
  private readonly session: Session
  private readonly families: Families
  private readonly blobs: BlobList
  private readonly pieces: PackPieces
  private readonly entries: PackEntries
  private readonly delta = new Delta()
  private readonly slices = new Slices()
  private readonly paths = new ConfigPaths()
  /** Free buffers, by the logarithm of their size. */
  private readonly free: Buffer[][] = Array.from({ length: 32 }, () => [])
  private alive = 0
  /** The delta that is read. */
  private packed: Buffer = Buffer.allocUnsafeSlow(1 << 16)

  /** `blobs` when somebody has the lines of `families` already as a list. */
  constructor(session: Session, families: Families, blobs: BlobList = blobListOf(families.lines)) {
    this.session = session
    this.families = families
    this.blobs = blobs
    this.pieces = new PackPieces(families.packs)
    this.entries = new PackEntries(this.pieces, families.width)
  }

  /** Scans the next batch that no thread has taken; false when there is none. */
  batch(): boolean {
    const { batches, roots, counter } = this.families
    const at = Atomics.add(counter, 0, 1)
    if (at + 1 >= batches.length) return false
    for (let k = batches[at]!; k < batches[at + 1]!; k++) this.root(roots[k]!)
    return true
  }

  close(): void {
    this.pieces.close()
  }

  private root(n: number): void {
    const { entries } = this
    const { header } = entries
    const window = this.session.windows.buffer
    if (!this.read(n) || header.type !== BLOB) return
    const bytes = this.isLast(n) && header.size < window.length ? window : this.room(header.size + 1)
    if (bytes === undefined) return
    const content = { bytes, length: header.size }
    if (entries.unpack(bytes)) this.deltas(n, this.whole(content, n), 0)
    else this.release(content)
  }

  /** All that is stored against entry `n`, whose text is `base`: it is given up as soon as its last delta is built. */
  private deltas(n: number, base: Text, depth: number): void {
    const { child, next } = this.families
    let at = depth < DEPTH_MAX ? child[n]! : -1
    if (at < 0) this.release(base)
    while (at >= 0) {
      const text = this.build(at, base)
      const following = next[at]!
      if (following < 0) this.release(base)
      if (text !== undefined) this.deltas(at, text, depth + 1)
      at = following
    }
  }

  private build(n: number, base: Text): Text | undefined {
    const { delta, entries } = this
    const { header } = entries
    if (!this.read(n) || (header.type !== OFFSET_DELTA && header.type !== ID_DELTA)) return undefined
    if (this.packed.length <= header.size) this.packed = Buffer.allocUnsafeSlow(2 * header.size)
    if (!entries.unpack(this.packed) || !delta.read(this.packed, header.size, base.length)) return undefined
    const bytes = this.room(delta.size)
    if (bytes === undefined) return undefined
    delta.apply(this.packed, base.bytes, bytes)
    const blob = this.families.wanted[n]!
    const content = { bytes, length: delta.size }
    const path = blob >= 0 ? this.blobs.pathOf(blob) : ''
    const known = blob >= 0 && isAlikeAt(path, base) ? this.alike(content, base, blob, path) : undefined
    return known === undefined ? this.whole(content, n) : { bytes, length: delta.size, path, known }
  }

  /** At most one text is made of `n`: it may stand where the next text is searched. */
  private isLast(n: number): boolean {
    const { child, next } = this.families
    return child[n]! < 0 || next[child[n]!]! < 0
  }

  private read(n: number): boolean {
    const { pack, offset, end, sum } = this.families
    return this.entries.read({ pack: pack[n]!, offset: offset[n]!, end: end[n]!, sum: sum[n]! })
  }

  /** What is known of a text that has no hit where it differs from its base: the hits of the base, if any, at their new places. */
  private alike({ bytes, length }: Content, base: Text, blob: number, path: string): Known | undefined {
    const { engine, windows, coverage } = this.session
    const known = base.known && carried(base.known, this.delta, base.length)
    if (known === undefined || !this.isKept(known, length)) return undefined
    if (hasMark(bytes, length) || (movesToSniffed(this.delta) && !isPlain(bytes, length))) return undefined
    const buf = windows.buffer
    const end = this.slices.cut(bytes, this.delta, base.length, buf)
    // A NUL further on stands in the base, too, or in the slices.
    if (
      end < 0 ||
      (engine.simd?.firstZero ?? indexOfZero)(buf, end) >= 0 ||
      engine.scan({ buf, from: 0, end, path, isBinary: false }).length > 0 ||
      !engine.far.isNone
    )
      return undefined
    coverage.blobs++
    coverage.bytes += length
    this.mark(blob, path, known.hits.length === 0 ? ALIKE : HIT)
    if (known.hits.length > 0) this.report(windows.locateIn(bytes, length, known.hits), blob, path)
    return known
  }

  private whole({ bytes, length }: Content, n: number): Text {
    const blob = this.families.wanted[n]!
    if (blob < 0) return { bytes, length, path: '', known: undefined }
    const { windows, coverage } = this.session
    const path = this.blobs.pathOf(blob)
    windows.begin(path)
    if (bytes === windows.buffer) windows.filled(length)
    else windows.pushText(bytes, length)
    const hits = windows.end()
    coverage.blobs++
    coverage.bytes += length
    if (windows.isBinary) coverage.binaries++
    this.mark(blob, path, hits.length === 0 ? CLEAN : HIT)
    if (hits.length > 0) this.report(hits, blob, path)
    // Nobody asks where nothing is made of it.
    const isBase = this.families.child[n]! >= 0 && isPlain(bytes, length)
    const known = isBase ? knownOf(bytes, length, hits, windows.far) : undefined
    return { bytes, length, path, known: known !== undefined && this.isKept(known, length) ? known : undefined }
  }

  /** In a text of several windows, what a verdict hung on may end with a window, and the next text has its windows elsewhere. */
  private isKept(known: Known, length: number): boolean {
    return length < this.session.windows.buffer.length || isNothing(known)
  }

  private mark(blob: number, path: string, state: number): void {
    this.families.state[blob] = state
    this.families.isConfig[blob] = this.paths.isConfig(path) ? 1 : 0
  }

  private report(hits: readonly SourceHit[], blob: number, path: string): void {
    const oid = this.blobs.idOf(blob)
    for (let k = 0; k < hits.length; k++) this.session.add(hits[k]!, path || oid, { blob: oid })
  }

  /** A buffer of at least `size` bytes; nothing when too much is in memory already. */
  private room(size: number): Buffer | undefined {
    const kind = Math.max(12, 32 - Math.clz32(size))
    if (this.alive + 2 ** kind > ALIVE_MAX) return undefined
    this.alive += 2 ** kind
    return this.free[kind]!.pop() ?? roomyBuffer(2 ** kind)
  }

  private release({ bytes }: Content): void {
    if (bytes === this.session.windows.buffer) return
    this.alive -= bytes.length
    if (bytes.length <= KEPT_MAX) this.free[31 - Math.clz32(bytes.length)]!.push(bytes)
  }
}

/**
 * Whether what was said of `base` can hold at another path. Of a path the engine asks whether it is one of program code, and
 * where a verdict hangs on a venue, whether it names one: then something is known of the base.
 */
function isAlikeAt(path: string, base: Text): boolean {
  if (path === base.path) return true
  return base.known !== undefined && isNothing(base.known) && isConfigPath(path) === isConfigPath(base.path)
}

/** No byte order mark and no NUL where the encoding is judged. */
function isPlain(bytes: Buffer, length: number): boolean {
  return !hasMark(bytes, length) && !bytes.subarray(0, Math.min(length, SNIFF)).includes(0)
}

/** Bytes from behind the place where the encoding of a text is judged come into it. */
function movesToSniffed({ at, count }: Delta): boolean {
  for (let k = 0; k < 3 * count && at[k + 2]! < SNIFF; k += 3)
    if (at[k]! > at[k + 2]! && at[k]! + at[k + 1]! > SNIFF) return true
  return false
}

function hasMark(bytes: Buffer, length: number): boolean {
  return length >= 2 && (bytes[0] === 0xff || bytes[0] === 0xfe)
}

/** Scans what the other threads have not taken. */
export function scanFamilies(session: Session, families: Families): void {
  const scan = new FamilyScan(session, families)
  while (scan.batch());
  scan.close()
}
