/**
 * Reads any source through one reused buffer: small files in one piece, large ones in windows that overlap by more than
 * the longest secret. Lines and columns are counted only as far as hits need them.
 */
import { narrowUtf16, sniffEncoding, type Encoding } from './decoders.ts'
import type { Engine } from './engine.ts'
import { FarPlaces } from './far.ts'
import type { Hit } from './rule.ts'

/** Bytes of one window. */
const WINDOW = 1 << 20
/** A hit that begins here or later is left to the next window. Longer than the longest key block. */
const AHEAD = 24 << 10
/** Bytes kept before the next window, for names, pairs and venues. */
const BEHIND = 8 << 10

export interface SourceHit {
  readonly hit: Hit
  /** 1-based. */
  readonly line: number
  /** 1-based, in bytes. */
  readonly column: number
  /** Offset in the source. */
  readonly offset: number
  /** The line of the hit and the line before, cut to a bounded length. For inline tags only; never printed. */
  readonly lineText: string
  readonly previousLine: string
}

export class Windows {
  /** What verdicts hung on, in all windows of the source. */
  readonly far = new FarPlaces()
  private readonly buf: Buffer
  private readonly engine: Engine
  private path = ''
  private fill = 0
  private acceptFrom = 0
  /** Source offset of `buf[0]`. */
  private base = 0
  /** Newlines before `buf[0]`. */
  private lines = 0
  /** Source offset at which the line of `buf[0]` starts. */
  private lineStart = 0
  private encoding: Encoding | undefined
  private found: SourceHit[] = []

  /** With vector finders the buffer is their window, whatever `size`. */
  constructor(engine: Engine, size: number = WINDOW) {
    this.engine = engine
    this.buf = engine.simd?.window ?? Buffer.allocUnsafeSlow(size)
  }

  begin(path: string): void {
    this.path = path
    this.fill = this.base = this.lines = this.lineStart = this.acceptFrom = 0
    this.encoding = undefined
    this.found = []
    this.far.clear()
  }

  /** Where the next bytes go: fill `space()` and say how many with `filled`. */
  space(): Buffer {
    if (this.fill === this.buf.length) this.flush(false)
    return this.buf.subarray(this.fill)
  }

  /** The whole buffer and the offset to read into: spares a view per read. */
  get buffer(): Buffer {
    return this.buf
  }

  get offset(): number {
    if (this.fill === this.buf.length) this.flush(false)
    return this.fill
  }

  filled(count: number): void {
    this.fill += count
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      const count = Math.min(chunk.length - at, this.space().length)
      this.buf.set(chunk.subarray(at, at + count), this.fill)
      this.fill += count
      at += count
    }
  }

  /** The first `length` bytes of `text`; a view of them is made only of large ones. */
  pushText(text: Buffer, length: number): void {
    if (length > this.buf.length - this.fill) return this.push(text.subarray(0, length))
    text.copy(this.buf, this.fill, 0, length)
    this.fill += length
  }

  /** Scans what is left and returns the hits of the source. */
  end(): SourceHit[] {
    this.flush(true)
    return this.found
  }

  /** Where in `bytes[0, end)`, a whole text that was not pushed, these hits stand. */
  locateIn(bytes: Buffer, end: number, hits: readonly Hit[]): SourceHit[] {
    this.begin(this.path)
    this.locate(hits, { bytes, end, scale: 1, boundary: end })
    return this.found
  }

  /** True when the source was judged binary: only strong rules ran. */
  get isBinary(): boolean {
    return this.encoding === 'binary'
  }

  private flush(isLast: boolean): void {
    this.encoding ??= sniffEncoding(this.buf, this.fill, this.engine.simd?.firstZero)
    const boundary = isLast ? this.fill : this.fill - AHEAD
    this.scan(boundary)
    if (isLast) return
    const keep = (boundary - BEHIND) & ~1
    const { count, last } = this.linesOf(this.buf, 0, keep)
    this.lines += count
    if (count > 0) this.lineStart = this.base + last + 1
    this.buf.copyWithin(0, keep, this.fill)
    this.base += keep
    this.fill -= keep
    this.acceptFrom = boundary - keep
  }

  /** Line feeds in `bytes[from, end)` and the offset of the last one. */
  private linesOf(bytes: Buffer, from: number, end: number): { count: number; last: number } {
    const { simd } = this.engine
    if (simd !== undefined && bytes === simd.window) return simd.lines(from, end)
    let count = 0
    let last = -1
    for (let i = bytes.indexOf(0x0a, from); i >= 0 && i < end; i = bytes.indexOf(0x0a, i + 1)) {
      count++
      last = i
    }
    return { count, last }
  }

  private scan(boundary: number): void {
    const { encoding, path } = this
    if (encoding === 'utf-16le' || encoding === 'utf-16be') return this.scanWide(boundary, encoding === 'utf-16be')
    const hits = this.engine.scan({ buf: this.buf, from: 0, end: this.fill, path, isBinary: encoding === 'binary' })
    this.far.take(this.engine.far, this.base)
    if (hits.length > 0) this.locate(hits, { bytes: this.buf, end: this.fill, scale: 1, boundary })
  }

  private scanWide(boundary: number, isBigEndian: boolean): void {
    const bytes = narrowUtf16(this.buf, this.fill & ~1, isBigEndian)
    const hits = this.engine.scan({ buf: bytes, from: 0, end: bytes.length, path: this.path, isBinary: false })
    const wide = hits.map((hit) => ({ ...hit, via: hit.via === '' ? 'utf-16' : `utf-16+${hit.via}` }))
    this.locate(wide, { bytes, end: bytes.length, scale: 2, boundary })
  }

  private locate(hits: readonly Hit[], view: { bytes: Buffer; end: number; scale: number; boundary: number }): void {
    const { bytes, end, scale, boundary } = view
    let counted = 0
    let line = this.lines + 1
    for (const hit of [...hits].sort((a, b) => a.start - b.start)) {
      if (hit.start * scale < this.acceptFrom || hit.start * scale >= boundary) continue
      const { count, last } = this.linesOf(bytes, counted, hit.start)
      line += count
      if (count > 0) counted = last + 1
      const lineStart = hit.start === 0 ? 0 : bytes.lastIndexOf(0x0a, hit.start - 1) + 1
      this.found.push({
        hit,
        line,
        column: lineStart > 0 ? hit.start - lineStart + 1 : (this.base - this.lineStart) / scale + hit.start + 1,
        offset: this.base + hit.start * scale,
        ...lineTexts(bytes, hit, lineStart, end),
      })
    }
  }
}

/** Characters of a line kept before a hit, and behind it. */
export const LINE_MAX = 2048

function lineTexts(
  bytes: Buffer,
  hit: Hit,
  lineStart: number,
  end: number,
): { lineText: string; previousLine: string } {
  const stop = bytes.indexOf(0x0a, hit.end)
  const lineEnd = stop < 0 || stop > end ? end : stop
  const from = Math.max(lineStart, hit.start - LINE_MAX)
  const before = lineStart > 1 ? bytes.lastIndexOf(0x0a, lineStart - 2) + 1 : 0
  return {
    lineText: bytes.toString('latin1', from, Math.min(lineEnd, hit.end + LINE_MAX)),
    previousLine: lineStart > 0 ? bytes.toString('latin1', Math.max(before, lineStart - LINE_MAX), lineStart) : '',
  }
}
