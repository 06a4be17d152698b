/**
 * @hot `publicTrade.SYMBOL` frames into a reused batch, without JSON.parse. A frame is taken whole or not at all. Same
 * contract as scan-book.ts. https://bybit-exchange.github.io/docs/v5/websocket/public/trade (2026-08)
 */
import { type SymbolId, symbolId } from '../../domain/units.ts'
import { REFUSED, type Scan, textBytes } from './scan.ts'
import { scanSameSymbol } from './scan-book.ts'
import type { SymbolEntry, SymbolTable } from './symbol-table.ts'

export const TRADE_PREFIX = textBytes('{"topic":"publicTrade.')
/** The exchange sends at most 1024 trades a message. */
export const TRADES_MAX = 4_096

const TYPE = textBytes(',"type":"snapshot"')
const TS = textBytes(',"ts":')
const DATA = textBytes(',"data":[')
const TIME = textBytes('{"T":')
const SYMBOL = textBytes(',"s":"')
const BUY_SIDE = textBytes(',"S":"Buy"')
const SELL_SIDE = textBytes(',"S":"Sell"')
const VOLUME = textBytes(',"v":"')
const PRICE = textBytes(',"p":"')
const TICK_DIRECTION = textBytes(',"L":"')
const TRADE_ID = textBytes(',"i":"')
const BLOCK = textBytes(',"BT":')
const RPI = textBytes(',"RPI":')
const SEQUENCE = textBytes(',"seq":')
const TRUE = textBytes('true')
const FALSE = textBytes('false')
const END = textBytes(']}')
const COMMA = 44
const BRACE = 125

/** Trades of one frame, in its order; the fields are columns. */
export class TradeBatch {
  symbol: SymbolId = symbolId(0)
  count = 0
  readonly takerSide = new Int8Array(TRADES_MAX)
  readonly ticks = new Float64Array(TRADES_MAX)
  readonly lots = new Float64Array(TRADES_MAX)
  readonly exchangeMs = new Float64Array(TRADES_MAX)

  /** False when it is full. */
  add(side: number, ticks: number, lots: number, exchangeMs: number): boolean {
    const at = this.count
    if (at === TRADES_MAX) return false
    this.takerSide[at] = side
    this.ticks[at] = ticks
    this.lots[at] = lots
    this.exchangeMs[at] = exchangeMs
    this.count = at + 1
    return true
  }
}

/** `scan` stands behind the prefix. True: `out` holds the message. False: nothing in `out` means anything. */
export function scanTrades(scan: Scan, symbols: SymbolTable, out: TradeBatch): boolean {
  out.count = 0
  const nameTo = scan.quoteAt()
  if (nameTo === REFUSED) return false
  const symbol = symbols.spelled(scan.bytes, scan.pos, nameTo)
  if (symbol === undefined) return false
  scan.pos = nameTo + 1
  if (!scanHead(scan) || !scan.text(DATA)) return false
  out.symbol = symbol.id
  for (;;) {
    if (!scanTrade(scan, symbol, out)) return false
    if (!scan.byte(COMMA)) break
  }
  return scan.text(END) && scan.atEnd()
}

function scanHead(scan: Scan): boolean {
  if (scan.text(TS)) return scan.integer() !== REFUSED && scan.text(TYPE)
  return scan.text(TYPE) && scan.text(TS) && scan.integer() !== REFUSED
}

function scanTrade(scan: Scan, symbol: SymbolEntry, out: TradeBatch): boolean {
  if (!scan.text(TIME)) return false
  const timeMs = scan.integer()
  if (timeMs === REFUSED || !scan.text(SYMBOL) || !scanSameSymbol(scan, symbol)) return false
  const isBuy = scan.text(BUY_SIDE)
  if (!isBuy && !scan.text(SELL_SIDE)) return false
  if (!scan.text(VOLUME)) return false
  const lots = scan.decimal(symbol.sizeDecimals, symbol.sizeStepUnits)
  if (lots <= 0 || !scan.text(PRICE)) return false
  const ticks = scan.decimal(symbol.priceDecimals, symbol.priceStepUnits)
  if (ticks <= 0) return false
  return scanRest(scan) && out.add(isBuy ? 1 : -1, ticks, lots, timeMs)
}

// What a trade carries that we do not use; `L`, `RPI` and `seq` come with some products only.
function scanRest(scan: Scan): boolean {
  if (scan.text(TICK_DIRECTION) && !scan.quoted()) return false
  if (!scan.text(TRADE_ID) || !scan.quoted()) return false
  if (!scan.text(BLOCK) || !scanBoolean(scan)) return false
  if (scan.text(RPI) && !scanBoolean(scan)) return false
  if (scan.text(SEQUENCE) && scan.integer() === REFUSED) return false
  return scan.byte(BRACE)
}

function scanBoolean(scan: Scan): boolean {
  return scan.text(FALSE) || scan.text(TRUE)
}
