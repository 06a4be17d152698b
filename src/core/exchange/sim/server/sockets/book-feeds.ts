/**
 * Every symbol's depth feeds and their beat: a change is shown at once when the feed was quiet, else when its cadence
 * allows (BYBIT.md §2.3). Depth 1 is snapshots only and repeats itself after 3 s of silence; `orderbook.full` is deltas
 * only, those of the 1000-level feed, from which REST's full book is shown too. A feed without listeners does nothing.
 */
import type { SimInstrument, MarketView } from '../../model.ts'
import type { Agenda } from '../agenda.ts'
import { type BookDetail, DepthFeed } from './depth-feed.ts'
import { type Hub, publicKey } from './hub.ts'
import type { Session } from './session.ts'

/** Cadence by depth, µs. */
export const CADENCE_US: Readonly<Record<number, number>> = {
  1: 10_000,
  25: 20_000,
  50: 20_000,
  100: 100_000,
  200: 100_000,
  1000: 200_000,
}
export const DEPTHS = { contract: [1, 50, 200, 1000], option: [25, 100] } as const
const RPI_CADENCE_US = 100_000
const REST_DEPTH = 1_000
const REPEAT_US = 3_000_000

interface Live {
  readonly feed: DepthFeed
  readonly key: string
  /** Topic and hub key of those who hear the deltas only; '' for feeds that have none. */
  readonly deltaTopic: string
  readonly deltaKey: string
  isLive: boolean
  isDue: boolean
  shownUs: number
}

interface SymbolFeeds {
  ctsMs: number
  readonly live: Live[]
}

export class BookFeeds {
  private readonly agenda: Agenda
  private readonly hub: Hub
  private readonly crossSeq: () => number
  private readonly feeds = new Map<MarketView, SymbolFeeds>()

  constructor(agenda: Agenda, hub: Hub, crossSeq: () => number) {
    this.agenda = agenda
    this.hub = hub
    this.crossSeq = crossSeq
  }

  /** The market's displayed book changed. Called very often. */
  changed(market: MarketView, exchangeUs: number): void {
    const symbol = this.feeds.get(market)
    if (symbol === undefined) return
    symbol.ctsMs = Math.floor(exchangeUs / 1_000)
    for (const live of symbol.live) if (live.isLive && !live.isDue) this.plan(symbol, live)
  }

  /** Sends the new listener a snapshot from which the next deltas go on. Call after `hub.add`. */
  open(session: Session, market: MarketView, listing: SimInstrument, detail: BookDetail): void {
    const live = this.start(market, listing, detail)
    session.push(live.feed.topic, live.feed.snapshotFrame(this.agenda.nowMs()))
  }

  /** `orderbook.full`: no snapshot, REST has it. Call after `hub.add`. */
  openFull(market: MarketView, listing: SimInstrument): void {
    this.start(market, listing, REST_DEPTH)
  }

  /** REST's book, `u` being that of the 1000-level topic. */
  rest(market: MarketView, listing: SimInstrument, limit: number): Readonly<Record<string, unknown>> {
    const { symbol, live } = this.liveOf(market, listing, REST_DEPTH)
    if (!live.isLive) live.feed.refresh(this.stamp(symbol))
    return live.feed.restBook(limit, this.agenda.nowMs())
  }

  private start(market: MarketView, listing: SimInstrument, detail: BookDetail): Live {
    const { symbol, live } = this.liveOf(market, listing, detail)
    if (live.isLive) return live
    live.isLive = true
    live.feed.refresh(this.stamp(symbol))
    live.shownUs = this.agenda.nowUs()
    if (detail === 1) this.repeatLater(live)
    return live
  }

  private isHeard(live: Live): boolean {
    return this.hub.has(live.key) || (live.deltaKey !== '' && this.hub.has(live.deltaKey))
  }

  private plan(symbol: SymbolFeeds, live: Live): void {
    live.isDue = true
    const { detail } = live.feed
    const cadenceUs = detail === 'rpi' ? RPI_CADENCE_US : (CADENCE_US[detail] ?? 0)
    this.agenda.at(live.shownUs + cadenceUs, () => this.show(symbol, live))
  }

  private show(symbol: SymbolFeeds, live: Live): void {
    live.isDue = false
    if (!this.isHeard(live)) {
      live.isLive = false
      return
    }
    const changed = live.feed.refresh(this.stamp(symbol))
    if (changed === null) return
    const nowMs = this.agenda.nowMs()
    live.shownUs = this.agenda.nowUs()
    const { feed } = live
    const frame = feed.depth === 1 ? feed.snapshotFrame(nowMs) : feed.deltaFrame(changed, nowMs)
    this.hub.publish(live.key, feed.topic, frame)
    if (live.deltaKey === '' || !this.hub.has(live.deltaKey)) return
    this.hub.publish(live.deltaKey, live.deltaTopic, feed.deltaFrame(changed, nowMs, live.deltaTopic))
  }

  private repeatLater(live: Live): void {
    this.agenda.at(live.shownUs + REPEAT_US, () => {
      if (!live.isLive || !this.hub.has(live.key)) {
        live.isLive = false
        return
      }
      if (this.agenda.nowUs() - live.shownUs >= REPEAT_US) {
        live.shownUs = this.agenda.nowUs()
        this.hub.publish(live.key, live.feed.topic, live.feed.snapshotFrame(this.agenda.nowMs()))
      }
      this.repeatLater(live)
    })
  }

  private stamp(symbol: SymbolFeeds): { seq: number; ctsMs: number } {
    return { seq: this.crossSeq(), ctsMs: symbol.ctsMs }
  }

  private liveOf(market: MarketView, listing: SimInstrument, detail: BookDetail): { symbol: SymbolFeeds; live: Live } {
    let symbol = this.feeds.get(market)
    if (symbol === undefined) {
      symbol = { ctsMs: this.agenda.nowMs(), live: [] }
      this.feeds.set(market, symbol)
    }
    let live = symbol.live.find(({ feed }) => feed.detail === detail)
    if (live === undefined) {
      const feed = new DepthFeed(market, listing.instrument, detail, FIRST_UPDATE_ID)
      const key = publicKey(market.category, feed.topic)
      const deltaTopic = detail === REST_DEPTH ? `orderbook.full.${listing.instrument.symbol}` : ''
      const deltaKey = deltaTopic === '' ? '' : publicKey(market.category, deltaTopic)
      live = { feed, key, deltaTopic, deltaKey, isLive: false, isDue: false, shownUs: Number.NEGATIVE_INFINITY }
      symbol.live.push(live)
    }
    return { symbol, live }
  }
}

// Far from 1, which tells clients that the service restarted.
const FIRST_UPDATE_ID = 1_000
