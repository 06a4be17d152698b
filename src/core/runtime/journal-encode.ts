/**
 * Market data, decisions and intents as journal records, written straight into the ring. The layouts are read back by
 * `journal-records.ts`; a change needs a new record kind.
 *
 * @hot
 */
import type { BookEvent, TradeEvent } from '../domain/event.ts'
import type { Request } from '../domain/request.ts'
import { KIND, type RecordKind, REQUEST_KINDS, TIME_IN_FORCE } from './journal-format.ts'
import type { RingFiller } from './journal-ring.ts'

const BOOK_FIXED = 48
const U32_MAX = 0xffff_ffff
const WIDE = 2

/** False when the ring has no room beyond the reserve. */
export function encodeBook(ring: RingFiller, event: BookEvent, reserveWords: number): boolean {
  const levels = event.bidCount + event.askCount
  const isWide = !fitsU32(event)
  const bytes = BOOK_FIXED + levels * (isWide ? 16 : 8)
  const at = ring.begin(bytes, reserveWords)
  if (at < 0) return false
  const { f64, u32 } = ring
  const f = at >>> 3
  f64[f] = event.exchangeUs
  f64[f + 1] = event.receivedUs
  f64[f + 2] = event.updateId
  f64[f + 3] = event.crossSeq
  const u = (at >>> 2) + 8
  u32[u] = event.symbol
  u32[u + 1] = (event.isSnapshot ? 1 : 0) | (isWide ? WIDE : 0)
  u32[u + 2] = event.bidCount
  u32[u + 3] = event.askCount
  const target = isWide ? f64 : u32
  const from = isWide ? f + 6 : u + 4
  const next = copyLevels(target, from, event.bidTicks, event.bidLots, event.bidCount)
  copyLevels(target, next, event.askTicks, event.askLots, event.askCount)
  ring.end(KIND.book, bytes)
  return true
}

export function encodeTrade(ring: RingFiller, event: TradeEvent, reserveWords: number): boolean {
  const at = ring.begin(40, reserveWords)
  if (at < 0) return false
  const f = at >>> 3
  ring.f64[f] = event.priceTicks
  ring.f64[f + 1] = event.sizeLots
  ring.f64[f + 2] = event.exchangeUs
  ring.f64[f + 3] = event.receivedUs
  ring.u32[f * 2 + 8] = event.symbol
  ring.u32[f * 2 + 9] = event.takerSide === 1 ? 1 : 0
  ring.end(KIND.trade, 40)
  return true
}

export function encodeDecide(ring: RingFiller, nowUs: number): boolean {
  const at = ring.begin(8, 0)
  if (at < 0) return false
  ring.f64[at >>> 3] = nowUs
  ring.end(KIND.decide, 8)
  return true
}

/** `kind`: intent, or cancel, or withheld. */
export function encodeRequest(ring: RingFiller, kind: RecordKind, request: Request, nowUs: number): boolean {
  const at = ring.begin(56, 0)
  if (at < 0) return false
  const f = at >>> 3
  ring.f64[f] = request.order
  ring.f64[f + 1] = request.priceTicks
  ring.f64[f + 2] = request.sizeLots
  ring.f64[f + 3] = nowUs
  const u = f * 2 + 8
  ring.u32[u] = request.symbol
  ring.u32[u + 1] = request.side === 1 ? 1 : 0
  ring.u32[u + 2] = REQUEST_KINDS.indexOf(request.kind)
  ring.u32[u + 3] = TIME_IN_FORCE.indexOf(request.timeInForce)
  ring.u32[u + 4] = request.isReduceOnly ? 1 : 0
  ring.u32[u + 5] = 0
  ring.end(kind, 56)
  return true
}

/** Any rare record: JSON text. */
export function encodeText(ring: RingFiller, kind: RecordKind, text: string): boolean {
  const bytes = Buffer.byteLength(text)
  const at = ring.begin(bytes, 0)
  if (at < 0) return false
  ring.bytes.write(text, at)
  ring.end(kind, bytes)
  return true
}

function copyLevels(
  to: Float64Array | Uint32Array,
  at: number,
  ticks: Float64Array,
  lots: Float64Array,
  count: number,
): number {
  let next = at
  for (let i = 0; i < count; i++) {
    to[next++] = ticks[i]!
    to[next++] = lots[i]!
  }
  return next
}

function fitsU32(event: BookEvent): boolean {
  return (
    fits(event.bidTicks, event.bidCount) &&
    fits(event.bidLots, event.bidCount) &&
    fits(event.askTicks, event.askCount) &&
    fits(event.askLots, event.askCount)
  )
}

function fits(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (!(value >= 0 && value <= U32_MAX)) return false
  }
  return true
}
