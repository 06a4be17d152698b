/**
 * Events that wait for the engine, in order. Market data is copied into pooled records and bounded; facts about our own
 * orders always find a place. When market data fills its share, that of the busiest symbol is given up as one explicit
 * gap: never silently, never in part.
 *
 * @hot
 */
import { BookEvent, type EngineEvent, TradeEvent } from '../domain/event.ts'
import type { SymbolId } from '../domain/units.ts'

export interface Shed {
  readonly symbol: SymbolId
  readonly events: number
}

export class EventQueue {
  /** Most events that ever waited. */
  depthMax = 0
  private items: (EngineEvent | null)[]
  private mask: number
  private head = 0
  private tail = 0
  private market = 0
  private readonly marketMax: number
  private readonly books: BookEvent[] = []
  private readonly trades: TradeEvent[] = []

  /** At most `marketMax` market events wait; a power of two. */
  constructor(marketMax = 4096) {
    this.marketMax = marketMax
    this.items = Array.from({ length: marketMax * 2 }, () => null)
    this.mask = marketMax * 2 - 1
  }

  get length(): number {
    return this.tail - this.head
  }

  /** False: the market data's share is full and the event was not taken. Every other event is always taken. */
  push(event: EngineEvent): boolean {
    if (event.kind !== 'book' && event.kind !== 'trade') {
      this.append(event)
      return true
    }
    if (this.market >= this.marketMax) return false
    this.market++
    this.append(event.kind === 'book' ? this.copyBook(event) : this.copyTrade(event))
    return true
  }

  /** The next event, null when there is none. Market events go back to the pool through `release`. */
  shift(): EngineEvent | null {
    while (this.head < this.tail) {
      const slot = this.head++ & this.mask
      const event = this.items[slot]!
      this.items[slot] = null
      if (event === null) continue
      if (event.kind === 'book' || event.kind === 'trade') this.market--
      return event
    }
    return null
  }

  release(event: BookEvent | TradeEvent): void {
    if (event.kind === 'book') this.books.push(event)
    else this.trades.push(event)
  }

  /** Throws away the waiting market data of the symbol that has most of it. */
  shedBusiest(): Shed {
    const counts = new Map<SymbolId, number>()
    for (let i = this.head; i < this.tail; i++) {
      const event = this.items[i & this.mask]!
      if (event?.kind === 'book' || event?.kind === 'trade')
        counts.set(event.symbol, (counts.get(event.symbol) ?? 0) + 1)
    }
    let symbol = 0 as SymbolId
    let events = -1
    for (const [candidate, count] of counts) if (count > events) [symbol, events] = [candidate, count]
    this.drop(symbol)
    return { symbol, events }
  }

  private drop(symbol: SymbolId): void {
    for (let i = this.head; i < this.tail; i++) {
      const event = this.items[i & this.mask]!
      if ((event?.kind !== 'book' && event?.kind !== 'trade') || event.symbol !== symbol) continue
      this.items[i & this.mask] = null
      this.market--
      this.release(event)
    }
  }

  private append(event: EngineEvent): void {
    if (this.length > this.mask) this.grow()
    this.items[this.tail++ & this.mask] = event
    if (this.length > this.depthMax) this.depthMax = this.length
  }

  // Only facts about our own orders can get us here, and those are never given up.
  private grow(): void {
    const size = this.items.length
    const next: (EngineEvent | null)[] = Array.from({ length: size * 2 }, () => null)
    for (let i = this.head; i < this.tail; i++) next[i & (size * 2 - 1)] = this.items[i & this.mask] ?? null
    this.items = next
    this.mask = size * 2 - 1
  }

  private copyBook(from: BookEvent): BookEvent {
    const to = this.books.pop() ?? new BookEvent(64)
    to.symbol = from.symbol
    to.isSnapshot = from.isSnapshot
    to.exchangeUs = from.exchangeUs
    to.receivedUs = from.receivedUs
    to.updateId = from.updateId
    to.crossSeq = from.crossSeq
    to.clear()
    for (let i = 0; i < from.bidCount; i++) to.addBid(from.bidTicks[i]!, from.bidLots[i]!)
    for (let i = 0; i < from.askCount; i++) to.addAsk(from.askTicks[i]!, from.askLots[i]!)
    return to
  }

  private copyTrade(from: TradeEvent): TradeEvent {
    const to = this.trades.pop() ?? new TradeEvent()
    to.symbol = from.symbol
    to.takerSide = from.takerSide
    to.priceTicks = from.priceTicks
    to.sizeLots = from.sizeLots
    to.exchangeUs = from.exchangeUs
    to.receivedUs = from.receivedUs
    return to
  }
}
