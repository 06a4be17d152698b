/**
 * The slow, tolerant decoder of market frames: JSON.parse first, then the same integers as the scanners make. It is the
 * arbiter: what it refuses is dropped and resynced. The fuzz test holds scanner and arbiter together.
 */
import type { BookEvent } from '../../domain/event.ts'
import { toSteps } from '../../domain/fixed.ts'
import { timeUs } from '../../domain/units.ts'
import { asObject, type JsonObject } from './json-value.ts'
import type { TradeBatch } from './scan-trade.ts'
import type { SymbolEntry, SymbolTable } from './symbol-table.ts'

/** False: not a book message of one of our symbols, or something in it does not fit. */
export function readBook(message: JsonObject, symbols: SymbolTable, out: BookEvent): boolean {
  out.clear()
  const data = asObject(message['data'])
  const symbol = symbols.named(topicSymbol(message))
  if (data === null || symbol === undefined || data['s'] !== symbol.name) return false
  const type = message['type']
  if (type !== 'snapshot' && type !== 'delta') return false
  const updateId = data['u']
  const crossSeq = data['seq']
  const matchedMs = 'cts' in message ? message['cts'] : message['ts']
  if (!isCount(updateId) || !isCount(crossSeq) || !isCount(matchedMs) || !isCount(message['ts'])) return false
  if (!readLevels(data['b'], symbol, out, true) || !readLevels(data['a'], symbol, out, false)) return false
  out.symbol = symbol.id
  out.isSnapshot = type === 'snapshot' || updateId === 1
  out.updateId = updateId
  out.crossSeq = crossSeq
  out.exchangeUs = timeUs(matchedMs * 1_000)
  return true
}

export function readTrades(message: JsonObject, symbols: SymbolTable, out: TradeBatch): boolean {
  out.count = 0
  const { data } = message
  const symbol = symbols.named(topicSymbol(message))
  if (symbol === undefined || !Array.isArray(data) || data.length === 0) return false
  out.symbol = symbol.id
  return data.every((item) => readTrade(asObject(item), symbol, out))
}

/** What follows the last dot of the topic; '' when there is none. */
export function topicSymbol(message: JsonObject): string {
  const { topic } = message
  return typeof topic === 'string' ? topic.slice(topic.lastIndexOf('.') + 1) : ''
}

function readLevels(levels: unknown, symbol: SymbolEntry, out: BookEvent, isBid: boolean): boolean {
  if (!Array.isArray(levels)) return false
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level) || level.length !== 2) return false
    const [price, size] = level as readonly unknown[]
    if (typeof price !== 'string' || typeof size !== 'string') return false
    const ticks = toSteps(price, symbol.instrument.price)
    const lots = toSteps(size, symbol.instrument.size)
    if (!(ticks > 0) || !(lots >= 0)) return false
    if (isBid) out.addBid(ticks, lots)
    else out.addAsk(ticks, lots)
  }
  return true
}

function readTrade(trade: JsonObject | null, symbol: SymbolEntry, out: TradeBatch): boolean {
  if (trade === null || trade['s'] !== symbol.name) return false
  const { T: timeMs, S: side, v: size, p: price } = trade
  if (side !== 'Buy' && side !== 'Sell') return false
  if (!isCount(timeMs) || typeof size !== 'string' || typeof price !== 'string') return false
  const ticks = toSteps(price, symbol.instrument.price)
  const lots = toSteps(size, symbol.instrument.size)
  return ticks > 0 && lots > 0 && out.add(side === 'Buy' ? 1 : -1, ticks, lots, timeMs)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
