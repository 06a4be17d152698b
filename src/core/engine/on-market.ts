/**
 * Book and trade events of one symbol: copies what they say into book, signals, queue estimates and risk view. Decides
 * nothing; the records are reused by their sender, so nothing here keeps a reference to them.
 *
 * @hot
 */
import type { BookEvent, TradeEvent } from '../domain/event.ts'
import { BUY, type PriceTicks } from '../domain/units.ts'
import { shrinkQueue, tradeQueue } from './queue-estimate.ts'
import type { EngineState } from './state.ts'
import type { SideState, SymbolState } from './symbol-state.ts'

/** Memory of the slow average of the mid that the price band compares with. */
const REFERENCE_TAU_US = 60_000_000

export function onBook(state: EngineState, event: BookEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.receivedUs)
  if (event.isSnapshot) symbol.hasSnapshot = true
  // What a delta says about a book we do not have means nothing.
  if (!symbol.hasSnapshot) return
  const { book, risk } = symbol
  const before = risk.bookCondition
  book.apply(event)
  const elapsedUs = event.receivedUs - risk.bookReceivedUs
  risk.bookReceivedUs = event.receivedUs
  risk.bookExchangeUs = event.exchangeUs
  risk.bestBidTicks = book.bestBidTicks
  risk.bestAskTicks = book.bestAskTicks
  risk.bookCondition = symbol.condition
  symbol.touch()
  if (risk.bookCondition === 'crossed' && before !== 'crossed') state.counters.crossedBooks++
  if (risk.bookCondition !== 'fresh') return
  symbol.signals.onBook(book, event.receivedUs)
  const midHalfTicks = book.midHalfTicks
  risk.referenceHalfTicks = followed(risk.referenceHalfTicks, midHalfTicks, elapsedUs)
  // A time is a float that a call would box: no call while the mid stays.
  if (midHalfTicks !== symbol.profit.midHalfTicks) symbol.profit.onMid(midHalfTicks, event.receivedUs)
  shrinkSide(symbol.bids, symbol)
  shrinkSide(symbol.asks, symbol)
}

export function onTrade(state: EngineState, event: TradeEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.receivedUs)
  symbol.risk.lastTradeTicks = event.priceTicks
  symbol.touch()
  // A buyer takes from our asks.
  const side = event.takerSide === BUY ? symbol.asks : symbol.bids
  for (let i = 0; i < side.slots.length; i++) {
    const order = side.slots[i]!
    if (order !== null) tradeQueue(order, event.priceTicks, event.sizeLots)
  }
}

/** Nothing of this symbol's market may be believed until a snapshot comes. */
export function dropBook(symbol: SymbolState): void {
  symbol.hasSnapshot = false
  symbol.book.clear()
  symbol.signals.onGap()
  symbol.risk.bestBidTicks = 0 as PriceTicks
  symbol.risk.bestAskTicks = 0 as PriceTicks
  symbol.risk.bookCondition = symbol.condition
  symbol.touch()
}

// Exponential average under irregular sampling, with dt / (τ + dt) for 1 − e^(−dt/τ). After a long silence it begins anew.
function followed(reference: number, mid: number, elapsedUs: number): number {
  if (reference === 0 || elapsedUs > 10 * REFERENCE_TAU_US) return mid
  return reference + ((mid - reference) * elapsedUs) / (REFERENCE_TAU_US + elapsedUs)
}

function shrinkSide(side: SideState, symbol: SymbolState): void {
  for (let i = 0; i < side.slots.length; i++) {
    const order = side.slots[i]!
    if (order !== null) shrinkQueue(order, symbol.book)
  }
}
