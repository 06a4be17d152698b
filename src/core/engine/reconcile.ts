/**
 * Where our picture and the exchange's differ, the exchange is right: links that break and heal, positions that disagree,
 * orders that we do not know. Corrections are counted and priced at mid, so that they are profit of nobody.
 */
import type { LinkEvent, OrderEvent, PositionEvent } from '../domain/event.ts'
import { unreachable } from '../domain/invariant.ts'
import type { Side } from '../domain/units.ts'
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
  for (const symbol of state.symbols) symbol.isDirty = true
}

function marketLink(state: EngineState, symbol: SymbolState, link: LinkState): void {
  if (link !== 'up') {
    if (symbol.hasSnapshot) state.counters.bookGaps++
    dropBook(symbol)
  }
  // A gap inside a living link ends with the next snapshot; a link that is down must also come up.
  if (link !== 'gap') symbol.market = link
  symbol.risk.bookCondition = symbol.condition
  symbol.isDirty = true
}

/** The adapter tells executions that it fetched before it tells the position; what then still differs is corrected. */
export function onPosition(state: EngineState, event: PositionEvent): void {
  const symbol = state.symbol(event.symbol)
  const { profit, risk } = symbol
  state.tick(event.nowUs)
  symbol.hasPosition = true
  symbol.isDirty = true
  const isFirst = !profit.isOpen
  const differenceLots = event.positionLots - profit.positionLots
  if (!isFirst && differenceLots === 0) return
  profit.take(event.positionLots, event.costMoney)
  risk.positionLots = profit.positionLots
  if (isFirst) return
  state.counters.positionCorrections++
  symbol.unexplainedLots = differenceLots
  symbol.unexplainedUs = event.nowUs
  settleMissing(symbol, differenceLots)
}

/**
 * Lots of an execution that a correction took over already. It matches when the execution was made before the statement
 * that led to the correction, and on the same side. (The clocks compared are the exchange's and ours: an execution made
 * within their difference of a correction that is still unexplained may be taken for its cause; the next statement of
 * the position puts that right.)
 */
export function takenBefore(symbol: SymbolState, side: Side, lots: number, madeUs: number): number {
  const openLots = side * symbol.unexplainedLots
  if (openLots <= 0 || madeUs > symbol.unexplainedUs) return 0
  const takenLots = Math.min(openLots, lots)
  symbol.unexplainedLots -= side * takenLots
  return takenLots
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

// Fills that order events stated and that never came are in the position now: they no longer reserve anything.
function settleMissing(symbol: SymbolState, differenceLots: number): void {
  let leftLots = differenceLots
  const settle = (order: OrderRecord | null): void => {
    if (order === null || order.side * leftLots <= 0) return
    const lots = Math.min(order.missingLots, Math.abs(leftLots))
    order.settledLots += lots
    leftLots -= order.side * lots
  }
  symbol.strays.forEach(settle)
  symbol.bids.slots.forEach(settle)
  symbol.asks.slots.forEach(settle)
  symbol.sweepStrays()
  symbol.countOpen()
}
