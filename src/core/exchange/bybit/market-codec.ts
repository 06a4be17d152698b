/**
 * One public frame in, one reused record out. The strict scanner first, JSON.parse for every surprise (counted), and
 * "bad" for what neither can read. Never throws, never keeps the frame.
 */
import { BookEvent } from '../../domain/event.ts'
import type { FrameKind, MarketDecoder } from './codec.ts'
import type { GatewayCounters } from './counters.ts'
import { readBook, readTrades, topicSymbol } from './json-market.ts'
import { asObject, type JsonObject, parseJson } from './json-value.ts'
import { Scan } from './scan.ts'
import { bookPrefix, scanBook } from './scan-book.ts'
import { scanTrades, TRADE_PREFIX, TradeBatch } from './scan-trade.ts'
import type { SymbolEntry, SymbolTable } from './symbol-table.ts'

/** Larger frames are refused unread: the deepest book is below 100 KB. */
export const FRAME_BYTES_MAX = 4 * 1024 * 1024

export class MarketCodec implements MarketDecoder {
  readonly book = new BookEvent()
  readonly trades = new TradeBatch()
  control: JsonObject = {}
  symbol: SymbolEntry | null = null

  private readonly scan = new Scan()
  private readonly symbols: SymbolTable
  private readonly counters: GatewayCounters
  private readonly bookTopic: string
  private readonly bookStart: Uint8Array
  private readonly aliveStart: Uint8Array | null

  constructor(symbols: SymbolTable, depth: number, counters: GatewayCounters) {
    this.symbols = symbols
    this.counters = counters
    this.bookTopic = `orderbook.${depth}.`
    this.bookStart = bookPrefix(depth)
    this.aliveStart = depth === 1 ? null : bookPrefix(1)
  }

  decode(bytes: Buffer): FrameKind {
    this.symbol = null
    if (bytes.length > FRAME_BYTES_MAX) return 'bad'
    const { scan } = this
    scan.start(bytes)
    if (scan.text(this.bookStart)) {
      if (scanBook(scan, this.symbols, this.book)) return 'book'
      this.counters.decodeFallbacks++
    } else if (scan.text(TRADE_PREFIX)) {
      if (scanTrades(scan, this.symbols, this.trades)) return 'trades'
      this.counters.decodeFallbacks++
    } else if (this.aliveStart !== null && scan.text(this.aliveStart)) {
      this.symbol = this.symbols.spelled(bytes, scan.pos, Math.max(scan.pos, scan.quoteAt())) ?? null
      return this.symbol === null ? 'bad' : 'alive'
    }
    return this.decodeJson(bytes)
  }

  private decodeJson(bytes: Buffer): FrameKind {
    const message = asObject(parseJson(bytes.toString('utf8')))
    if (message === null) {
      this.symbol = this.symbolInStart(bytes)
      return 'bad'
    }
    const { topic } = message
    if (typeof topic !== 'string') {
      this.control = message
      return 'op' in message || 'success' in message || 'ret_msg' in message ? 'control' : 'bad'
    }
    this.symbol = this.symbols.named(topicSymbol(message)) ?? null
    if (topic.startsWith(this.bookTopic)) return readBook(message, this.symbols, this.book) ? 'book' : 'bad'
    if (topic.startsWith('publicTrade.')) return readTrades(message, this.symbols, this.trades) ? 'trades' : 'bad'
    return this.aliveStart !== null && topic.startsWith('orderbook.1.') && this.symbol !== null ? 'alive' : 'bad'
  }

  // A broken frame usually still starts with its topic: then only that symbol needs a resync.
  private symbolInStart(bytes: Buffer): SymbolEntry | null {
    const match = /^\s*\{\s*"topic"\s*:\s*"[A-Za-z0-9.]*\.([A-Z0-9-]+)"/.exec(bytes.toString('latin1', 0, 120))
    return this.symbols.named(match?.[1] ?? '') ?? null
  }
}
