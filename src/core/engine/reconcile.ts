/**
 * Where our picture and the exchange's differ, the exchange is right: links that break and heal, positions that disagree,
 * orders that we do not know. Corrections are counted and priced at mid, so that they are profit of nobody.
 */
import type { FillEvent, LinkEvent, OrderEvent, PositionEvent } from '../domain/event.ts'
import { unreachable } from '../domain/invariant.ts'
import { BUY, SELL, type Side } from '../domain/units.ts'
import { dropBook } from './on-market.ts'
import type { EngineState } from './state.ts'
import type { SymbolState } from './symbol-state.ts'
import type { LinkState } from './view.ts'
import type { OrderRecord } from './working-orders.ts'

export function onLink(state: EngineState, event: LinkEvent): void {
  state.tick(event.nowUs)
  switch (event.link) {
    case 'market':
      if (event.symbol !== null) marketLink(state, state.symbol(event.symbol), event.state)
      else for (const symbol of state.symbols) marketLink(state, symbol, event.state)
      return
    case 'account':
      // One symbol cannot be read: the others go on.
      if (event.symbol !== null) {
        const symbol = state.symbol(event.symbol)
        if (event.state !== 'up') symbol.hasPosition = false
        symbol.touch()
        return
      }
      state.account = event.state
      // Executions may be missed while it is not up: the position must be stated anew.
      if (event.state !== 'up') for (const symbol of state.symbols) symbol.hasPosition = false
      break
    case 'trade':
      state.trade = event.state
      break
    default:
      unreachable(event.link)
  }
  for (const symbol of state.symbols) symbol.touch()
}

function marketLink(state: EngineState, symbol: SymbolState, link: LinkState): void {
  if (link !== 'up') {
    if (symbol.hasSnapshot) state.counters.bookGaps++
    dropBook(symbol)
  }
  // A gap inside a living link ends with the next snapshot; a link that is down must also come up.
  if (link !== 'gap') symbol.market = link
  symbol.risk.bookCondition = symbol.condition
  symbol.touch()
}

/**
 * The adapter tells the executions that a position contains before the position, and the others after it; what then
 * still differs is corrected. Fills that orders stated and that never came are part of it, as far as they explain it.
 */
export function onPosition(state: EngineState, event: PositionEvent): void {
  const symbol = state.symbol(event.symbol)
  const { profit, risk } = symbol
  state.tick(event.nowUs)
  const isResync = !symbol.hasPosition
  const isFirst = !profit.isOpen
  symbol.hasPosition = true
  symbol.touch()
  const differenceLots = event.positionLots - profit.positionLots
  const bought = missingLots(symbol, BUY)
  const sold = missingLots(symbol, SELL)
  // After a break, all that was missing is exactly the difference: it is in the position, and will not come.
  const isWhole = isResync && bought + sold > 0 && bought - sold === differenceLots
  if (!isFirst && differenceLots === 0 && !isWhole) return
  profit.take(event.positionLots, event.costMoney)
  risk.positionLots = profit.positionLots
  if (isFirst) return
  state.counters.positionCorrections++
  symbol.unexplainedLots = differenceLots
  symbol.unexplainedUs = event.nowUs
  if (isWhole) settleAll(symbol)
  else settleMissing(symbol)
}

/**
 * Lots of an execution that the exchange's word on the position contained already: those its order was settled for, and
 * those of a correction that is still unexplained, if it is of the same side and was stated after the execution was made. (The clocks
 * compared are the exchange's and ours: an execution within their difference of such a correction may be taken for its
 * cause; the next statement of the position puts that right.)
 */
export function takenBefore(symbol: SymbolState, order: OrderRecord | null, fill: FillEvent): number {
  const isSettled = order !== null && fill.exchangeUs <= order.settledUs
  const settledLots = isSettled ? Math.min(order.settledLots, fill.sizeLots) : 0
  if (order !== null) order.settledLots -= settledLots
  const openLots = fill.exchangeUs > symbol.unexplainedUs ? 0 : Math.max(0, fill.side * symbol.unexplainedLots)
  const matchedLots = Math.min(openLots, fill.sizeLots - settledLots)
  symbol.unexplainedLots -= fill.side * matchedLots
  return settledLots + matchedLots
}

/** Fills that order events state and that never came explain an unexplained correction: they reserve nothing any more. */
export function settleMissing(symbol: SymbolState): void {
  if (symbol.unexplainedLots === 0) return
  forHeld(symbol, (order) => {
    if (order.side * symbol.unexplainedLots <= 0) return
    const lots = Math.min(order.missingLots, Math.abs(symbol.unexplainedLots))
    order.settledLots += lots
    order.settledUs = symbol.unexplainedUs
    symbol.unexplainedLots -= order.side * lots
  })
  symbol.sweepStrays()
  symbol.countOpen()
}

/** An order with our prefix that we do not know: reserved like any other, and cancelled at the next decision. */
export function adoptStrange(state: EngineState, symbol: SymbolState, event: OrderEvent): void {
  state.counters.strangeOrders++
  if (event.status !== 'open') return
  const order = state.orders.adopt(event.order, event.symbol, event.side)
  if (order === null) {
    state.signalPhase('halt', 'more orders live than can be tracked')
    return
  }
  order.signal('opened')
  order.priceTicks = event.priceTicks
  order.sizeLots = event.sizeLots
  // What filled before we knew it is in the position already.
  order.filledLots = event.filledLots
  order.statedLots = event.filledLots
  order.statedUs = event.exchangeUs
  order.placedUs = event.nowUs
  order.changedUs = event.nowUs
  symbol.strays.push(order)
  symbol.countOpen()
  state.signalPhase('orderAlive', 'an order believed over is live')
}

function settleAll(symbol: SymbolState): void {
  symbol.unexplainedLots = 0
  forHeld(symbol, (order) => {
    order.settledLots += order.missingLots
    order.settledUs = symbol.unexplainedUs
  })
  symbol.sweepStrays()
  symbol.countOpen()
}

function missingLots(symbol: SymbolState, side: Side): number {
  let lots = 0
  forHeld(symbol, (order) => {
    if (order.side === side) lots += order.missingLots
  })
  return lots
}

function forHeld(symbol: SymbolState, visit: (order: OrderRecord) => void): void {
  for (const order of symbol.bids.slots) if (order !== null) visit(order)
  for (const order of symbol.asks.slots) if (order !== null) visit(order)
  for (const order of symbol.strays) visit(order)
}
