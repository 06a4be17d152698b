/**
 * Public streams beside the book: trades at once, tickers, klines and price limits on their cadence (BYBIT.md §2.4).
 * Contract tickers send a snapshot, then only the fields that changed. A feed without listeners stops its beat.
 */
import type { Instrument } from '../../../../domain/instrument.ts'
import type { SimTrade } from '../../model.ts'
import type { Agenda } from '../agenda.ts'
import type { Json } from '../outcome.ts'
import { coinText, priceText, sizeText } from '../rows/money-text.ts'
import { tickerPush } from '../rows/ticker-row.ts'
import { INTERVALS, type Candle, type TapeTrade } from '../tape.ts'
import { type Quoted, quoted, type Venue } from '../venue.ts'
import { type Hub, publicKey } from './hub.ts'
import type { Session } from './session.ts'

const TICKER_US = { contract: 100_000, spot: 50_000 }
const KLINE_US = 1_000_000
const PRICE_LIMIT_US = 300_000

export interface Topic {
  readonly kind: string
  /** Interval of a kline, '' otherwise. */
  readonly detail: string
  readonly topic: string
}

export class MarketFeeds {
  private readonly venue: Venue
  private readonly agenda: Agenda
  private readonly hub: Hub
  /** Hub keys whose beat runs. */
  private readonly beating = new Set<string>()
  private readonly tickersShown = new Map<string, Json>()
  private crossSeq = 0

  constructor(venue: Venue, agenda: Agenda, hub: Hub) {
    this.venue = venue
    this.agenda = agenda
    this.hub = hub
  }

  /** Starts what a fresh subscriber of a beating topic needs. Trades and liquidations wait for the next one. */
  open(session: Session, topic: Topic, found: Quoted): void {
    const { category, symbol } = found.listing.instrument
    const key = publicKey(category, topic.topic)
    if (topic.kind === 'tickers') {
      const data = this.tickersShown.get(key) ?? tickerPush({ ...found, nowMs: this.agenda.nowMs() })
      this.tickersShown.set(key, data)
      session.push(topic.topic, this.tickerFrame(topic.topic, 'snapshot', data))
      const everyUs = category === 'spot' ? TICKER_US.spot : TICKER_US.contract
      this.beat(key, everyUs, () => this.showTicker(key, topic.topic, symbol, found))
    } else if (topic.kind === 'kline') {
      this.beat(key, KLINE_US, () => this.showKline(key, topic, found))
    } else if (topic.kind === 'priceLimit') {
      this.beat(key, PRICE_LIMIT_US, () => this.showPriceLimit(key, topic.topic, found))
    }
  }

  trade(trade: SimTrade, kept: TapeTrade, instrument: Instrument): void {
    this.crossSeq = trade.crossSeq
    const coin = instrument.category === 'option' ? instrument.baseCoin : instrument.symbol
    const topic = `publicTrade.${coin}`
    const key = publicKey(instrument.category, topic)
    if (!this.hub.has(key)) return
    const atMs = Math.floor(kept.atUs / 1_000)
    // Told while the event is being processed: never before it happened.
    const nowMs = Math.max(this.agenda.nowMs(), atMs)
    const isOption = instrument.category === 'option'
    const text =
      `{"topic":"${topic}",${isOption ? `"id":"${topic}-${kept.seq}-${nowMs}",` : ''}"type":"snapshot","ts":${nowMs},` +
      `"data":[{"T":${atMs},"s":"${instrument.symbol}","S":"${kept.takerSide > 0 ? 'Buy' : 'Sell'}",` +
      `"v":"${sizeText(kept.lots, instrument)}","p":"${priceText(kept.ticks, instrument)}","L":"ZeroPlusTick",` +
      `"i":"${kept.id}","BT":false,"RPI":false,${isOption ? this.optionMarks(instrument) : ''}"seq":${kept.seq}}]}`
    this.hub.publish(key, topic, text)
  }

  // There is no volatility surface: implied figures are zero, as in the ticker.
  private optionMarks(instrument: Instrument): string {
    const { markTicks, indexTicks } = this.venue.exchange.reference(instrument.category, instrument.symbol)
    return `"mP":"${priceText(markTicks, instrument)}","iP":"${priceText(indexTicks, instrument)}","mIv":"0","iv":"0",`
  }

  private beat(key: string, everyUs: number, show: () => void): void {
    if (this.beating.has(key)) return
    this.beating.add(key)
    const next = (): void => {
      if (!this.hub.has(key)) {
        this.beating.delete(key)
        this.tickersShown.delete(key)
        return
      }
      show()
      this.agenda.after(everyUs, next)
    }
    this.agenda.after(everyUs, next)
  }

  private showTicker(key: string, topic: string, symbol: string, found: Quoted): void {
    const { category } = found.listing.instrument
    const fresh = quoted(this.venue, category, symbol)
    if (fresh === null) return
    const data = tickerPush({ ...fresh, nowMs: this.agenda.nowMs() })
    const before = this.tickersShown.get(key) ?? {}
    const changed = Object.fromEntries(Object.entries(data).filter(([name, value]) => before[name] !== value))
    if (Object.keys(changed).length === 0) return
    this.tickersShown.set(key, data)
    const isDelta = category === 'linear' || category === 'inverse'
    const shown = isDelta ? { symbol, ...changed } : data
    this.hub.publish(key, topic, this.tickerFrame(topic, isDelta ? 'delta' : 'snapshot', shown))
  }

  private tickerFrame(topic: string, type: string, data: Json): string {
    const nowMs = this.agenda.nowMs()
    return JSON.stringify({ id: `${topic}-${this.crossSeq}-${nowMs}`, topic, type, data, cs: this.crossSeq, ts: nowMs })
  }

  private showKline(key: string, topic: Topic, found: Quoted): void {
    const minutes = INTERVALS.get(topic.detail) ?? 1
    const nowMs = this.agenda.nowMs()
    const { instrument } = found.listing
    const last = found.tape.candleAt(minutes, nowMs)
    if (last === null) return
    const spanMs = minutes * 60_000
    // The beat that enters a new candle still owes the final word on the one before.
    const isFresh = nowMs - last.startMs < KLINE_US / 1_000
    const before = isFresh ? found.tape.candleAt(minutes, last.startMs - spanMs) : null
    const data = []
    if (before !== null)
      data.push(candleJson(before, { detail: topic.detail, spanMs, nowMs, confirm: true }, instrument))
    data.push(candleJson(last, { detail: topic.detail, spanMs, nowMs, confirm: false }, instrument))
    for (const one of data) {
      this.hub.publish(
        key,
        topic.topic,
        JSON.stringify({ topic: topic.topic, data: [one], ts: nowMs, type: 'snapshot' }),
      )
    }
  }

  private showPriceLimit(key: string, topic: string, found: Quoted): void {
    const { instrument } = found.listing
    const reference = this.venue.exchange.reference(instrument.category, instrument.symbol)
    const data = {
      symbol: instrument.symbol,
      buyLmt: priceText(reference.buyLimitTicks, instrument),
      sellLmt: priceText(reference.sellLimitTicks, instrument),
    }
    this.hub.publish(key, topic, JSON.stringify({ topic, data, ts: this.agenda.nowMs() }))
  }
}

function candleJson(
  candle: Candle,
  at: { readonly detail: string; readonly spanMs: number; readonly nowMs: number; readonly confirm: boolean },
  instrument: Instrument,
): Json {
  return {
    start: candle.startMs,
    end: candle.startMs + at.spanMs - 1,
    interval: at.detail,
    open: priceText(candle.openTicks, instrument),
    close: priceText(candle.closeTicks, instrument),
    high: priceText(candle.highTicks, instrument),
    low: priceText(candle.lowTicks, instrument),
    volume: sizeText(candle.lots, instrument),
    turnover: coinText(candle.turnoverE8),
    confirm: at.confirm,
    timestamp: at.nowMs,
  }
}
