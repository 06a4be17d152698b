/**
 * What one market has shown: its last trades, minute candles of the last days and the 24-hour figures made from them.
 * Fed by the ledger's trades; prices and sizes stay integers, turnover is 1e-8 coins.
 */
import type { Instrument } from '../../../domain/instrument.ts'
import type { SimTrade } from '../model.ts'
import { valueE8 } from './rows/money-text.ts'

export interface TapeTrade {
  readonly id: string
  readonly takerSide: number
  readonly ticks: number
  readonly lots: number
  readonly atUs: number
  readonly seq: number
}

export interface Candle {
  readonly startMs: number
  openTicks: number
  highTicks: number
  lowTicks: number
  closeTicks: number
  lots: number
  turnoverE8: bigint
}

export interface DayFigures {
  readonly highTicks: number
  readonly lowTicks: number
  readonly dayAgoTicks: number
  readonly hourAgoTicks: number
  readonly lots: number
  readonly turnoverE8: bigint
}

const MINUTE_MS = 60_000
const MINUTES_KEPT = 7 * 24 * 60
const TRADES_KEPT = 1_000

/** Kline intervals by their wire name; 'M' is counted as 30 days. */
export const INTERVALS: ReadonlyMap<string, number> = new Map([
  ['1', 1],
  ['3', 3],
  ['5', 5],
  ['15', 15],
  ['30', 30],
  ['60', 60],
  ['120', 120],
  ['240', 240],
  ['360', 360],
  ['720', 720],
  ['D', 1_440],
  ['W', 10_080],
  ['M', 43_200],
])

export class Tape {
  readonly instrument: Instrument
  /** Oldest first. */
  private readonly minutes: Candle[] = []
  private readonly ring: TapeTrade[] = []
  private written = 0

  constructor(instrument: Instrument) {
    this.instrument = instrument
  }

  add(trade: SimTrade): TapeTrade {
    const kept: TapeTrade = {
      id: trade.tradeId,
      takerSide: trade.takerSide,
      ticks: trade.priceTicks,
      lots: trade.sizeLots,
      atUs: trade.exchangeUs,
      seq: trade.crossSeq,
    }
    this.ring[this.written++ % TRADES_KEPT] = kept
    this.addToMinute(kept)
    return kept
  }

  /** Newest first. */
  trades(limit: number): TapeTrade[] {
    const found: TapeTrade[] = []
    for (let index = this.written - 1; index >= 0 && found.length < limit; index--) {
      const trade = this.ring[index % TRADES_KEPT]
      if (trade === undefined || index < this.written - TRADES_KEPT) break
      found.push(trade)
    }
    return found
  }

  /** Candles of an interval that start in [fromMs, toMs], oldest first; gaps carry the last close. */
  candles(minutes: number, fromMs: number, toMs: number): Candle[] {
    const spanMs = minutes * MINUTE_MS
    const found: Candle[] = []
    for (const minute of this.minutes) {
      const startMs = minute.startMs - (minute.startMs % spanMs)
      if (startMs < fromMs || startMs > toMs) continue
      fillGaps(found, startMs, spanMs)
      const last = found.at(-1)
      if (last?.startMs === startMs) merge(last, minute)
      else found.push({ ...minute, startMs })
    }
    return found
  }

  /** The candle of `interval` minutes that holds `atMs`; null before the first trade. */
  candleAt(minutes: number, atMs: number): Candle | null {
    const spanMs = minutes * MINUTE_MS
    const startMs = atMs - (atMs % spanMs)
    const inside = this.candles(minutes, startMs, startMs)[0]
    if (inside !== undefined) return inside
    const last = this.minutes.at(-1)
    return last === undefined ? null : flat(startMs, last.closeTicks)
  }

  day(nowMs: number): DayFigures {
    const dayAgo = nowMs - 1_440 * MINUTE_MS
    const inside = this.minutes.filter((minute) => minute.startMs > dayAgo)
    const figures = { highTicks: 0, lowTicks: 0, lots: 0, turnoverE8: 0n }
    for (const minute of inside) {
      figures.highTicks = Math.max(figures.highTicks, minute.highTicks)
      figures.lowTicks = figures.lowTicks === 0 ? minute.lowTicks : Math.min(figures.lowTicks, minute.lowTicks)
      figures.lots += minute.lots
      figures.turnoverE8 += minute.turnoverE8
    }
    const hour = inside.find((minute) => minute.startMs > nowMs - 60 * MINUTE_MS)
    return { ...figures, dayAgoTicks: inside[0]?.openTicks ?? 0, hourAgoTicks: hour?.openTicks ?? 0 }
  }

  private addToMinute(trade: TapeTrade): void {
    const atMs = Math.floor(trade.atUs / 1_000)
    const startMs = atMs - (atMs % MINUTE_MS)
    let minute = this.minutes.at(-1)
    if (minute === undefined || minute.startMs < startMs) {
      minute = flat(startMs, trade.ticks)
      this.minutes.push(minute)
      if (this.minutes.length > MINUTES_KEPT) this.minutes.shift()
    }
    minute.highTicks = Math.max(minute.highTicks, trade.ticks)
    minute.lowTicks = Math.min(minute.lowTicks, trade.ticks)
    minute.closeTicks = trade.ticks
    minute.lots += trade.lots
    minute.turnoverE8 += valueE8(trade.lots, trade.ticks, this.instrument)
  }
}

const flat = (startMs: number, ticks: number): Candle => ({
  startMs,
  openTicks: ticks,
  highTicks: ticks,
  lowTicks: ticks,
  closeTicks: ticks,
  lots: 0,
  turnoverE8: 0n,
})

function fillGaps(candles: Candle[], untilMs: number, spanMs: number): void {
  let last = candles.at(-1)
  while (last !== undefined && last.startMs + spanMs < untilMs) {
    last = flat(last.startMs + spanMs, last.closeTicks)
    candles.push(last)
  }
}

function merge(into: Candle, minute: Candle): void {
  into.highTicks = Math.max(into.highTicks, minute.highTicks)
  into.lowTicks = Math.min(into.lowTicks, minute.lowTicks)
  into.closeTicks = minute.closeTicks
  into.lots += minute.lots
  into.turnoverE8 += minute.turnoverE8
}
