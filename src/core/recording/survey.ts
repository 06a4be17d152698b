/**
 * First pass over a capture: what is in it. Every frame is decoded and every number looked at, so that the second pass
 * knows symbol, book stream and exact grids before it writes, and can only fail for reasons of the disk.
 */
import { fail } from '../errors.ts'
import { decodeLine, refuse, type Venue } from './capture-frames.ts'
import { type CaptureEnd, type CaptureProgress, eachCaptureLine, type LineAt } from './capture-lines.ts'
import type { BookFrame, Category, Frame } from './frame.ts'
import { GridFinder } from './grid-finder.ts'

export interface Survey {
  readonly end: CaptureEnd
  readonly venue: Venue
  readonly symbol: string
  readonly category: Category
  /** The deepest book stream; the others are skipped. */
  readonly stream: string
  /** Steps found; null when no value was seen. */
  readonly tickSize: string | null
  readonly lotSize: string | null
}

/** `symbol` null: the file must hold exactly one. */
export async function surveyCapture(
  file: string,
  symbol: string | null,
  onProgress?: CaptureProgress,
): Promise<Survey> {
  const seen = new Seen(symbol)
  const end = await eachCaptureLine(file, (text, at) => seen.line(text, at), onProgress)
  return seen.result(file, end)
}

class Seen {
  private readonly wanted: string | null
  private symbol: string | null
  private venue: Venue | null = null
  private category: Category | null = null
  private readonly levelsByStream = new Map<string, number>()
  private readonly skipped = new Map<string, number>()
  private readonly price = new GridFinder()
  private readonly size = new GridFinder()

  constructor(symbol: string | null) {
    this.wanted = symbol
    this.symbol = symbol
  }

  line(text: string, at: LineAt): void {
    const { venue, frames, skip, category } = decodeLine(text, at)
    if (skip !== '') this.skipped.set(skip, (this.skipped.get(skip) ?? 0) + 1)
    if (venue !== null && this.venue !== null && venue !== this.venue) refuse(at, 'frames of two exchanges are mixed')
    this.venue ??= venue
    this.category ??= category
    for (const frame of frames) this.frame(frame, at)
  }

  result(file: string, end: CaptureEnd): Survey {
    const [stream] = [...this.levelsByStream].sort((a, b) => depthOf(b[0]) - depthOf(a[0]))[0] ?? []
    if (this.venue === null || this.symbol === null || (stream === undefined && this.price.step === null)) {
      const skipped = [...this.skipped].map(([why, count]) => `${count} × ${why}`).join(', ')
      fail('IMPORT_EMPTY', { file, lines: end.lines, skipped: skipped === '' ? 'none' : skipped })
    }
    return {
      end,
      venue: this.venue,
      symbol: this.symbol,
      category: this.category ?? (/USD$|USD_/.test(this.symbol) ? 'inverse' : 'linear'),
      stream: stream ?? '',
      tickSize: this.price.step,
      lotSize: this.size.step,
    }
  }

  private frame(frame: Frame, at: LineAt): void {
    if (frame.symbol !== null && frame.symbol !== this.symbol) {
      if (this.wanted !== null) return
      if (this.symbol !== null) fail('IMPORT_SYMBOLS', { ...at, symbols: `${this.symbol}, ${frame.symbol}` })
      this.symbol = frame.symbol
    }
    if (frame.kind === 'trade') {
      this.level(frame.price, frame.size, at)
      return
    }
    if (frame.kind !== 'bestQuote') this.countStream(frame)
    for (const [price, size] of frame.bids) this.level(price, size, at)
    for (const [price, size] of frame.asks) this.level(price, size, at)
  }

  private countStream(frame: BookFrame): void {
    const levels = frame.bids.length + frame.asks.length
    this.levelsByStream.set(frame.stream, (this.levelsByStream.get(frame.stream) ?? 0) + levels)
  }

  private level(price: string, size: string, at: LineAt): void {
    if (!this.price.see(price)) refuse(at, `"${price.slice(0, 40)}" is no price`)
    if (!this.size.see(size)) refuse(at, `"${size.slice(0, 40)}" is no size`)
  }
}

/** "orderbook.200" → 200; a venue with one stream needs no order. */
function depthOf(stream: string): number {
  return Number(/\d+$/.exec(stream)?.[0] ?? 0)
}
