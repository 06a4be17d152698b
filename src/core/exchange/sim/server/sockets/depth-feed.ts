/**
 * One symbol's book at one depth, as subscribers see it: the levels last shown, and the frame that leads from them to
 * now. `u` grows by one with every change shown, so that a client can prove it missed nothing. Shared by every
 * subscriber of the topic and by REST, which shows the same levels and the same `u`. Levels of the RPI book have a third
 * text, the size of RPI orders.
 */
import type { Instrument } from '../../../../domain/instrument.ts'
import type { Side } from '../../../../domain/units.ts'
import type { MarketView } from '../../model.ts'
import { priceText, sizeText } from '../rows/money-text.ts'

export interface BookStamp {
  readonly seq: number
  /** Matching time of the last change shown. */
  readonly ctsMs: number
}

/** What `orderbook.{detail}.{symbol}` asks for: a depth, or the book with RPI sizes. */
export type BookDetail = number | 'rpi'
export const RPI_DEPTH = 50

export class DepthFeed {
  readonly detail: BookDetail
  readonly depth: number
  readonly topic: string
  updateId: number
  private readonly market: MarketView
  private readonly instrument: Instrument
  private readonly bids: Levels
  private readonly asks: Levels
  /** What stands behind the size of a level. RPI orders of the simulation rest like post-only ones: none are apart. */
  private readonly tail: string
  private stamp: BookStamp = { seq: 0, ctsMs: 0 }

  constructor(market: MarketView, instrument: Instrument, detail: BookDetail, firstUpdateId: number) {
    const depth = detail === 'rpi' ? RPI_DEPTH : detail
    this.market = market
    this.instrument = instrument
    this.detail = detail
    this.depth = depth
    this.tail = detail === 'rpi' ? ',"0"' : ''
    this.topic = `orderbook.${detail}.${instrument.symbol}`
    this.updateId = firstUpdateId
    this.bids = new Levels(depth)
    this.asks = new Levels(depth)
  }

  /** Reads the market; null when what would be shown has not changed, else the changed levels as JSON lists. */
  refresh(stamp: BookStamp): { readonly bids: string; readonly asks: string } | null {
    const bids = this.changes(this.bids, 1)
    const asks = this.changes(this.asks, -1)
    if (bids === '' && asks === '') return null
    this.updateId++
    this.stamp = stamp
    return { bids, asks }
  }

  /** A delta frame for what `refresh` found; `topic` when it is another's than the feed's own. */
  deltaFrame(changed: { readonly bids: string; readonly asks: string }, nowMs: number, topic = this.topic): string {
    return this.frame({ topic, type: 'delta', nowMs }, changed.bids, changed.asks)
  }

  /** Everything last shown, as a snapshot frame. */
  snapshotFrame(nowMs: number): string {
    return this.frame({ topic: this.topic, type: 'snapshot', nowMs }, this.text(this.bids), this.text(this.asks))
  }

  /** REST's `result`, at most `limit` levels a side. */
  restBook(limit: number, nowMs: number): Readonly<Record<string, unknown>> {
    return {
      s: this.instrument.symbol,
      b: this.pairs(this.bids, limit),
      a: this.pairs(this.asks, limit),
      ts: nowMs,
      u: this.updateId,
      seq: this.stamp.seq,
      cts: this.stamp.ctsMs,
    }
  }

  private frame(
    { topic, type, nowMs }: { readonly topic: string; readonly type: string; readonly nowMs: number },
    bids: string,
    asks: string,
  ): string {
    const { seq, ctsMs } = this.stamp
    return (
      `{"topic":"${topic}","type":"${type}","ts":${nowMs},"data":{"s":"${this.instrument.symbol}",` +
      `"b":[${bids}],"a":[${asks}],"u":${this.updateId},"seq":${seq}},"cts":${ctsMs}}`
    )
  }

  // Merges what was shown with what is: same price, other size → new size; vanished → "0"; new → its size.
  private changes(levels: Levels, side: Side): string {
    const { instrument, tail } = this
    levels.flip(this.market, side)
    const { shown, shownLots, shownCount, next, nextLots, nextCount } = levels
    let text = ''
    let i = 0
    let j = 0
    while (i < shownCount || j < nextCount) {
      const old = i < shownCount ? (shown[i] ?? 0) * side : Number.NEGATIVE_INFINITY
      const now = j < nextCount ? (next[j] ?? 0) * side : Number.NEGATIVE_INFINITY
      const ticks = Math.max(old, now) * side
      const lots = now >= old ? (nextLots[j] ?? 0) : 0
      if (now !== old || lots !== shownLots[i]) {
        text += `${text === '' ? '' : ','}["${priceText(ticks, instrument)}","${lotsText(lots, instrument)}"${tail}]`
      }
      if (old >= now) i++
      if (now >= old) j++
    }
    levels.commit()
    return text
  }

  private text(levels: Levels): string {
    let text = ''
    for (let i = 0; i < levels.shownCount; i++) {
      const level = `["${priceText(levels.shown[i] ?? 0, this.instrument)}","${sizeText(levels.shownLots[i] ?? 0, this.instrument)}"${this.tail}]`
      text += i === 0 ? level : `,${level}`
    }
    return text
  }

  private pairs(levels: Levels, limit: number): [string, string][] {
    const pairs: [string, string][] = []
    for (let i = 0; i < Math.min(limit, levels.shownCount); i++) {
      pairs.push([
        priceText(levels.shown[i] ?? 0, this.instrument),
        sizeText(levels.shownLots[i] ?? 0, this.instrument),
      ])
    }
    return pairs
  }
}

const lotsText = (lots: number, instrument: Instrument): string => (lots === 0 ? '0' : sizeText(lots, instrument))

/** Levels of one side, best first: as shown, and as they are now. The two buffers change places. */
class Levels {
  shown: Float64Array
  shownLots: Float64Array
  shownCount = 0
  next: Float64Array
  nextLots: Float64Array
  nextCount = 0

  constructor(depth: number) {
    this.shown = new Float64Array(depth)
    this.shownLots = new Float64Array(depth)
    this.next = new Float64Array(depth)
    this.nextLots = new Float64Array(depth)
  }

  flip(market: MarketView, side: Side): void {
    this.nextCount = market.depth(side, this.next.length, this.next, this.nextLots)
  }

  commit(): void {
    const { shown, shownLots } = this
    this.shown = this.next
    this.shownLots = this.nextLots
    this.shownCount = this.nextCount
    this.next = shown
    this.nextLots = shownLots
  }
}
