/**
 * Watches a run without touching it: tallies fills for the summary, prints one line for each thing that scripts follow,
 * and keeps the last news for people. Lines are numbered; quotes and refusals are told at most once a second.
 */
import type { EngineEvent, FillEvent, OrderEvent } from '../domain/event.ts'
import { formatBig, trimZeros } from '../domain/fixed.ts'
import { type Instrument, priceText, sizeText } from '../domain/instrument.ts'
import type { Request } from '../domain/request.ts'
import type { Engine } from '../engine/engine.ts'
import type { BotView, SymbolView } from '../engine/view.ts'
import { plainLine } from '../plain-text.ts'
import { RunTally } from '../report/run-tally.ts'
import type { RunNews } from './live-view.ts'

export interface ObserverOptions {
  readonly engine: Engine
  readonly instruments: readonly Instrument[]
  /** Gets each line as an object; null when nobody reads lines. */
  readonly emit: ((line: object) => void) | null
}

const NEWS_MAX = 50
const SUMMARY_US = 1_000_000

export class RunObserver {
  readonly tally: RunTally
  readonly news: RunNews[] = []
  private readonly options: ObserverOptions
  private lines = 0
  private nowUs = 0
  private phase = ''
  private fills = 0
  private corrections = 0
  private nextSummaryUs = 0
  private readonly refusals = new Map<string, number>()

  constructor(options: ObserverOptions) {
    this.options = options
    this.tally = new RunTally(options.instruments.length)
  }

  /** Time for lines that belong to no event. */
  at(nowUs: number): void {
    this.nowUs = nowUs
  }

  /** After the engine saw it. */
  event(event: EngineEvent): void {
    switch (event.kind) {
      case 'fill':
        this.nowUs = event.nowUs
        return this.fill(event)
      case 'order':
        this.nowUs = event.nowUs
        return this.order(event)
      case 'link':
        this.nowUs = event.nowUs
        if (event.state === 'up') return
        return this.tell('warn', `${event.link} link ${event.state}`, { link: event.link, state: event.state })
      case 'position':
        this.nowUs = event.nowUs
        return this.corrected(event.symbol)
      case 'decide':
        return this.decided(event.nowUs)
      default:
        return
    }
  }

  sent(request: Readonly<Request>): void {
    if (request.kind === 'place') this.tally.placed(request.symbol)
  }

  /** Something that a person should have seen. */
  tell(level: RunNews['level'], text: string, fields: object = {}): void {
    this.news.push({ atUs: this.nowUs, level, text: plainLine(text) })
    if (this.news.length > NEWS_MAX) this.news.shift()
    this.line(level === 'info' ? 'note' : 'warning', { level, text, ...fields })
  }

  line(type: string, fields: object): void {
    this.options.emit?.({ type, seq: ++this.lines, ts: Math.floor(this.nowUs / 1_000), ...fields })
  }

  private instrument(symbol: number): Instrument | undefined {
    return this.options.instruments[symbol]
  }

  private fill(event: FillEvent): void {
    // The engine counts an execution once; one that it did not count is a repeat.
    const counted = this.options.engine.counters.fills
    if (counted === this.fills) return
    this.fills = counted
    this.tally.fill(event)
    const instrument = this.instrument(event.symbol)
    if (instrument === undefined) return
    const [side, price, size] = [
      event.side === 1 ? 'buy' : 'sell',
      priceText(event.priceTicks, instrument),
      sizeText(event.sizeLots, instrument),
    ]
    const { symbol } = instrument
    this.note(`${side} ${size} ${symbol} at ${price}`)
    const fee = trimZeros(formatBig(event.feeE8, 8))
    const liquidity = event.isMaker ? 'maker' : 'taker'
    this.line('fill', { symbol, side, price, size, fee, liquidity, order: event.order, execId: event.execId })
  }

  // The exchange is right; but what moved a position without a fill of ours is a person's business.
  private corrected(symbol: number): void {
    const counted = this.options.engine.counters.positionCorrections
    if (counted === this.corrections) return
    this.corrections = counted
    const view = this.options.engine.view().symbols[symbol]
    if (view === undefined) return
    const { symbol: name, position } = view
    const text = `the exchange states a position of ${position} ${name}, which the fills seen do not explain: taken over`
    this.tell('warn', text, { symbol: name, position })
  }

  private order(event: OrderEvent): void {
    const instrument = this.instrument(event.symbol)
    if (instrument === undefined || this.options.emit === null) return
    this.line('order', {
      symbol: instrument.symbol,
      order: event.order,
      status: event.status,
      side: event.side === 1 ? 'buy' : 'sell',
      price: priceText(event.priceTicks, instrument),
      size: sizeText(event.sizeLots, instrument),
      filled: sizeText(event.filledLots, instrument),
      ...(event.reason === '' ? {} : { reason: event.reason }),
    })
  }

  private decided(nowUs: number): void {
    this.nowUs = nowUs
    const { engine } = this.options
    if (engine.phase !== this.phase) {
      const from = this.phase
      this.phase = engine.phase
      const reason = engine.phaseReason
      this.note(reason === '' ? engine.phase : `${engine.phase}: ${reason}`)
      this.line('phase', { phase: engine.phase, from, reason })
    }
    if (this.options.emit === null || nowUs < this.nextSummaryUs) return
    this.nextSummaryUs = nowUs + SUMMARY_US
    const view = engine.view()
    for (const symbol of view.symbols) this.line('quotes', quoteFields(symbol))
    this.refused(view)
  }

  private refused(view: BotView): void {
    const rows = [
      ...view.guards.map((guard) => ({ symbol: '', ...guard })),
      ...view.symbols.flatMap(({ symbol, guards }) => guards.map((guard) => ({ symbol, ...guard }))),
    ]
    for (const { symbol, guard, refusals, trips, state, reason } of rows) {
      const key = `${symbol}/${guard}`
      const total = refusals + trips
      if (total === (this.refusals.get(key) ?? 0)) continue
      this.refusals.set(key, total)
      this.line('guard', { symbol, guard, state, refusals, trips, reason })
    }
  }

  private note(text: string): void {
    this.news.push({ atUs: this.nowUs, level: 'info', text: plainLine(text) })
    if (this.news.length > NEWS_MAX) this.news.shift()
  }
}

function quoteFields(symbol: SymbolView): object {
  const rows = (orders: SymbolView['bids']): object[] =>
    orders.map(({ order, price, size, status, ahead }) => ({ order, price, size, status, ahead }))
  return {
    symbol: symbol.symbol,
    bid: symbol.book.bid,
    ask: symbol.book.ask,
    bids: rows(symbol.bids),
    asks: rows(symbol.asks),
    position: symbol.position,
    pnl: symbol.pnl.total,
    ready: symbol.isReady,
  }
}
