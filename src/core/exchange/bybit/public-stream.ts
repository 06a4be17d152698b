/**
 * Market data: order books and trades of the run's symbols on one socket. Keeps the exact subscription state (one topic
 * per request: a refused topic voids its whole request), checks that update ids are contiguous, and judges liveness by
 * the age of data, never by pongs. A book with a hole is never mended: gap, resubscribe, snapshot.
 */
import { TradeEvent } from '../../domain/event.ts'
import { priceTicks, type Side, type SymbolId, sizeLots, type TimeUs, timeUs, US_PER_S } from '../../domain/units.ts'
import { MmError } from '../../errors.ts'
import type { TimerId } from '../wire.ts'
import { Backoff } from './backoff.ts'
import type { Gateway } from './gateway.ts'
import type { MarketDecoder } from './codec.ts'
import { SupervisedSocket } from './supervised-socket.ts'
import type { SymbolEntry } from './symbol-table.ts'
import { textOf } from './json-value.ts'

interface Feed {
  readonly symbol: SymbolEntry
  readonly backoff: Backoff
  /** Update id of the last message; 0 while a snapshot is awaited. */
  updateId: number
  /** When the awaited snapshot is overdue. */
  overdueUs: number
  lastDataUs: number
  lastGapUs: number
  /** A resubscription is under way or scheduled. */
  isResyncDue: boolean
}

/** Subscriptions and snapshots must be complete by then, else the connection starts anew. */
const READY_US = 10 * US_PER_S
/** A feed that stayed whole this long is mended at once; gaps closer together wait longer and longer. */
const HEALTHY_US = 60 * US_PER_S

export interface MarketListener {
  /** Everything is subscribed and every book has its snapshot. */
  ready(): void
  down(): void
  refused(error: MmError): void
}

export class PublicStream {
  private readonly gateway: Gateway
  private readonly codec: MarketDecoder
  private readonly socket: SupervisedSocket
  private readonly feeds: readonly Feed[]
  private readonly trade = new TradeEvent()
  /** Requests without an answer: id → topic. */
  private readonly awaited = new Map<string, string>()
  private readonly listener: MarketListener
  private requests = 0
  private isUp = false
  private connectedUs = 0
  private watch: TimerId | null = null

  constructor(gateway: Gateway, listener: MarketListener) {
    const { symbols, settings, counters, wire, prng, codec } = gateway
    this.gateway = gateway
    this.codec = codec.market(symbols, settings.bookDepth, counters)
    this.listener = listener
    const jitter = prng.split('market')
    this.feeds = symbols.entries.map((symbol) => feedOf(symbol, new Backoff({ firstMs: 100, lastMs: 10_000 }, jitter)))
    const role = {
      path: `/v5/public/${settings.category}`,
      heldUs: () => gateway.ban.remainingUs,
      opened: () => this.opened(),
      message: (bytes: Buffer, atUs: TimeUs) => this.message(bytes, atUs),
      closed: () => this.closed(),
    }
    this.socket = new SupervisedSocket(wire, role, jitter)
  }

  start(): void {
    this.socket.start()
    this.watch = this.gateway.wire.after(this.watchUs(), () => this.look())
  }

  stop(): void {
    if (this.watch !== null) this.gateway.wire.cancelTimer(this.watch)
    this.socket.stop()
  }

  /** Somebody lost part of this symbol's data: start its book anew. */
  resync(symbol: SymbolId): void {
    this.gap(this.feed(symbol))
  }

  private opened(): void {
    const nowUs = this.gateway.wire.nowUs()
    this.connectedUs = nowUs
    this.awaited.clear()
    for (const feed of this.feeds) {
      feed.updateId = 0
      feed.overdueUs = nowUs + READY_US
      feed.lastDataUs = nowUs
      feed.isResyncDue = false
      this.ask('subscribe', this.bookTopic(feed))
      // Level 1 repeats every 3 s even when nothing changes: the only proof of life of a quiet book.
      if (this.gateway.settings.bookDepth !== 1) this.ask('subscribe', `orderbook.1.${feed.symbol.name}`)
      this.ask('subscribe', `publicTrade.${feed.symbol.name}`)
    }
  }

  private closed(): void {
    this.isUp = false
    this.gateway.counters.reconnectsMarket++
    this.listener.down()
  }

  private message(bytes: Buffer, atUs: TimeUs): void {
    const { codec } = this
    const kind = codec.decode(bytes)
    if (kind === 'book') return this.book(atUs)
    if (kind === 'trades') return this.trades(atUs)
    if (kind === 'control') return this.control()
    if (kind === 'alive') {
      if (codec.symbol !== null) this.feed(codec.symbol.id).lastDataUs = atUs
      return
    }
    this.gateway.counters.framesDropped++
    for (const feed of this.feeds) if (codec.symbol === null || feed.symbol === codec.symbol) this.gap(feed)
  }

  private book(atUs: TimeUs): void {
    const event = this.codec.book
    const feed = this.feed(event.symbol)
    feed.lastDataUs = atUs
    const isAwaited = feed.updateId === 0
    if (event.isSnapshot) feed.updateId = event.updateId
    else if (isAwaited) return
    else if (event.updateId === feed.updateId + 1) feed.updateId = event.updateId
    else {
      this.gateway.counters.bookGaps++
      this.gap(feed)
      return
    }
    event.receivedUs = atUs
    this.gateway.emit(event)
    if (isAwaited) this.filled(feed, atUs)
  }

  // The awaited snapshot came.
  private filled(feed: Feed, atUs: TimeUs): void {
    if (this.isUp) {
      this.gateway.emit({ kind: 'link', link: 'market', symbol: feed.symbol.id, state: 'up', nowUs: atUs })
    } else this.checkReady()
  }

  private trades(atUs: TimeUs): void {
    const { trades } = this.codec
    const { trade } = this
    this.feed(trades.symbol).lastDataUs = atUs
    trade.symbol = trades.symbol
    trade.receivedUs = atUs
    for (let i = 0; i < trades.count; i++) {
      trade.takerSide = (trades.takerSide[i] ?? 1) as Side
      trade.priceTicks = priceTicks(trades.ticks[i] ?? 0)
      trade.sizeLots = sizeLots(trades.lots[i] ?? 0)
      trade.exchangeUs = timeUs((trades.exchangeMs[i] ?? 0) * 1_000)
      this.gateway.emit(trade)
    }
  }

  private control(): void {
    const { control } = this.codec
    const topic = this.awaited.get(textOf(control, 'req_id'))
    if (topic === undefined) return
    this.awaited.delete(textOf(control, 'req_id'))
    if (control['success'] !== false) return this.checkReady()
    this.listener.refused(new MmError('SUBSCRIPTION_REFUSED', { topic }))
    this.socket.reconnect()
  }

  private checkReady(): void {
    if (this.isUp || this.awaited.size > 0 || this.feeds.some((feed) => feed.updateId === 0)) return
    this.isUp = true
    this.listener.ready()
  }

  /** What the book says of this symbol no longer holds: tell, and ask for a snapshot. */
  private gap(feed: Feed): void {
    if (feed.updateId === 0 || feed.isResyncDue) return
    const { wire } = this.gateway
    feed.updateId = 0
    feed.isResyncDue = true
    if (wire.nowUs() - feed.lastGapUs > HEALTHY_US) feed.backoff.reset()
    feed.lastGapUs = wire.nowUs()
    const isFirst = feed.backoff.count === 0
    const pauseUs = feed.backoff.nextUs()
    feed.overdueUs = wire.nowUs() + READY_US + pauseUs
    if (this.isUp) {
      this.gateway.emit({ kind: 'link', link: 'market', symbol: feed.symbol.id, state: 'gap', nowUs: wire.nowUs() })
    }
    if (isFirst) this.resubscribe(feed)
    else wire.after(pauseUs, () => this.resubscribe(feed))
  }

  private resubscribe(feed: Feed): void {
    if (!feed.isResyncDue) return
    feed.isResyncDue = false
    feed.lastDataUs = this.gateway.wire.nowUs()
    this.ask('unsubscribe', this.bookTopic(feed))
    this.ask('subscribe', this.bookTopic(feed))
  }

  private look(): void {
    const { wire, settings, counters } = this.gateway
    this.watch = wire.after(this.watchUs(), () => this.look())
    if (!this.socket.isConnected) return
    const nowUs = wire.nowUs()
    const isOverdue = this.feeds.some((feed) => feed.updateId === 0 && nowUs > feed.overdueUs)
    if (isOverdue || (!this.isUp && nowUs - this.connectedUs > READY_US)) return this.socket.reconnect()
    const stale = this.feeds.filter(
      (feed) => feed.updateId !== 0 && nowUs - feed.lastDataUs > settings.staleAfterMs * 1_000,
    )
    counters.staleFeeds += stale.length
    if (stale.length === this.feeds.length) return this.socket.reconnect()
    for (const feed of stale) this.gap(feed)
  }

  private watchUs(): number {
    return this.gateway.settings.staleAfterMs * 250
  }

  private ask(op: 'subscribe' | 'unsubscribe', topic: string): void {
    const id = `m${++this.requests}`
    this.awaited.set(id, topic)
    this.socket.send(`{"req_id":"${id}","op":"${op}","args":["${topic}"]}`)
  }

  private bookTopic(feed: Feed): string {
    return `orderbook.${this.gateway.settings.bookDepth}.${feed.symbol.name}`
  }

  private feed(id: number): Feed {
    const feed = this.feeds[id]
    if (feed === undefined) throw new RangeError(`no feed ${id}`)
    return feed
  }
}

function feedOf(symbol: SymbolEntry, backoff: Backoff): Feed {
  return { symbol, backoff, updateId: 0, overdueUs: 0, lastDataUs: 0, lastGapUs: 0, isResyncDue: false }
}
