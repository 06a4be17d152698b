/**
 * Executions and funding: each counted exactly once. The position follows executions, never order statements; an
 * execution of an order that we forgot or never had still moves the position.
 */
import type { FillEvent, FundingEvent } from '../domain/event.ts'
import { tellFill } from './approval.ts'
import { takenBefore } from './reconcile.ts'
import type { EngineState } from './state.ts'
import type { SymbolState } from './symbol-state.ts'
import type { OrderRecord } from './working-orders.ts'

export function onFill(state: EngineState, event: FillEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.nowUs)
  if (!isNew(state, symbol, event.execId, event.exchangeUs)) return
  const order = event.order === 0 ? null : state.find(event.order)
  const takenLots = takenBefore(symbol, order, event)
  if (order === null) state.counters.foreignFills++
  else fillOrder(state, symbol, order, event)
  symbol.profit.onFill(event, takenLots)
  symbol.risk.positionLots = symbol.profit.positionLots
  state.counters.fills++
  symbol.fills++
  if (event.isMaker) symbol.makerFills++
  else state.counters.takerFills++
  if (event.order !== 0) {
    tellFill(symbol.guards, event.isMaker, state.nowUs)
    tellFill(state.runGuards, event.isMaker, state.nowUs)
  }
  symbol.touch()
  symbol.sweepStrays()
  symbol.countOpen()
}

export function onFunding(state: EngineState, event: FundingEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.nowUs)
  if (!isNew(state, symbol, event.execId, event.nowUs)) return
  symbol.profit.attribution.onFunding(event.amountE8)
  symbol.touch()
}

function isNew(state: EngineState, symbol: SymbolState, execId: string, madeUs: number): boolean {
  const verdict = state.fills.admit(`${symbol.id}:${execId}`, madeUs)
  if (verdict === 'repeat') state.counters.duplicateFills++
  if (verdict === 'expired') state.counters.expiredFills++
  return verdict === 'new'
}

function fillOrder(state: EngineState, symbol: SymbolState, order: OrderRecord, event: FillEvent): void {
  if (!order.isLive) state.counters.lateFills++
  order.filledLots += event.sizeLots
  order.aheadLots = order.aheadLots > 0 ? 0 : order.aheadLots
  if (order.filledLots > Math.max(order.sizeLots, order.statedLots, order.isAmending ? order.amendLots : 0)) {
    state.counters.overfills++
  }
  // An execution proves that the order landed; it ends it when no size that it may have is left.
  if (order.reservedLots === 0) order.signal('filled')
  else if (order.status !== 'canceling' && order.isLive) order.signal('opened')
  if (!order.isLive) symbol.leaveSlot(order)
}
