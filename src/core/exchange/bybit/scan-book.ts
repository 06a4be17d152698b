/**
 * @hot `orderbook.N.SYMBOL` frames straight into a BookEvent, without JSON.parse: price text to ticks, size text to
 * lots. Accepts one exact layout (with `ts` before or after `type`); anything else is false, and `json-market.ts`
 * decides. https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook (2026-08)
 */
import type { BookEvent } from '../../domain/event.ts'
import { timeUs } from '../../domain/units.ts'
import { REFUSED, type Scan, textBytes } from './scan.ts'
import { type SymbolEntry, type SymbolTable, isSpelled } from './symbol-table.ts'

const TS = textBytes(',"ts":')
const SNAPSHOT = textBytes(',"type":"snapshot"')
const DELTA = textBytes(',"type":"delta"')
const DATA = textBytes(',"data":{"s":"')
const BIDS = textBytes(',"b":[')
const ASKS = textBytes('],"a":[')
const UPDATE = textBytes('],"u":')
const SEQUENCE = textBytes(',"seq":')
const MATCHED = textBytes('},"cts":')
const PAIR = textBytes('["')
const BETWEEN = textBytes(',"')
const END = textBytes('}')
const COMMA = 44
const CLOSE = 93

/** `{"topic":"orderbook.50.` and the like: what a frame of that depth starts with. */
export const bookPrefix = (depth: number): Uint8Array => textBytes(`{"topic":"orderbook.${depth}.`)

/** `scan` stands behind the prefix. True: `out` holds the message. False: nothing in `out` means anything. */
export function scanBook(scan: Scan, symbols: SymbolTable, out: BookEvent): boolean {
  out.clear()
  const nameFrom = scan.pos
  const nameTo = scan.quoteAt()
  if (nameTo === REFUSED) return false
  const symbol = symbols.spelled(scan.bytes, nameFrom, nameTo)
  if (symbol === undefined) return false
  scan.pos = nameTo + 1
  if (!scanHead(scan, out) || !scan.text(DATA) || !scanSameSymbol(scan, symbol)) return false
  if (!scan.text(BIDS) || !scanLevels(scan, symbol, out, true)) return false
  if (!scan.text(ASKS) || !scanLevels(scan, symbol, out, false)) return false
  out.symbol = symbol.id
  return scan.text(UPDATE) && scanTail(scan, out)
}

function scanHead(scan: Scan, out: BookEvent): boolean {
  if (scan.text(TS)) return scan.integer() !== REFUSED && scanType(scan, out)
  return scanType(scan, out) && scan.text(TS) && scan.integer() !== REFUSED
}

function scanType(scan: Scan, out: BookEvent): boolean {
  out.isSnapshot = scan.text(SNAPSHOT)
  return out.isSnapshot || scan.text(DELTA)
}

export function scanSameSymbol(scan: Scan, symbol: SymbolEntry): boolean {
  const to = scan.pos + symbol.bytes.length
  if (to >= scan.end || !isSpelled(symbol.bytes, scan.bytes, scan.pos, to)) return false
  scan.pos = to
  return scan.byte(34)
}

// Levels up to, not including, the closing bracket of the list.
function scanLevels(scan: Scan, symbol: SymbolEntry, out: BookEvent, isBid: boolean): boolean {
  if (scan.pos < scan.end && scan.bytes[scan.pos] === CLOSE) return true
  for (;;) {
    if (!scan.text(PAIR)) return false
    const ticks = scan.decimal(symbol.priceDecimals, symbol.priceStepUnits)
    if (ticks <= 0 || !scan.text(BETWEEN)) return false
    const lots = scan.decimal(symbol.sizeDecimals, symbol.sizeStepUnits)
    if (lots < 0 || !scan.byte(CLOSE)) return false
    if (isBid) out.addBid(ticks, lots)
    else out.addAsk(ticks, lots)
    if (!scan.byte(COMMA)) return true
  }
}

function scanTail(scan: Scan, out: BookEvent): boolean {
  out.updateId = scan.integer()
  if (out.updateId === REFUSED || !scan.text(SEQUENCE)) return false
  out.crossSeq = scan.integer()
  if (out.crossSeq === REFUSED || !scan.text(MATCHED)) return false
  const matchedMs = scan.integer()
  out.exchangeUs = timeUs(matchedMs * 1_000)
  // The service restarted: whatever the type says, this is a whole book.
  if (out.updateId === 1) out.isSnapshot = true
  return matchedMs !== REFUSED && scan.text(END) && scan.atEnd()
}
