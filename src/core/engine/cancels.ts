/**
 * Cancels: the one kind of request that needs nobody's approval. Sent again until the exchange says that the order is
 * over; what limits them is only the pause between two for the same order.
 *
 * @hot
 */
import type { RequestBuffer, RequestKind } from '../domain/request.ts'
import type { Side } from '../domain/units.ts'
import { tellSent } from './approval.ts'
import type { EngineState } from './state.ts'
import type { SymbolState } from './symbol-state.ts'
import type { OrderRecord } from './working-orders.ts'

/** Cancels every living order outside the slots: nothing of ours is meant to be there. */
export function cancelStrays(state: EngineState, symbol: SymbolState, out: RequestBuffer): void {
  for (let i = 0; i < symbol.strays.length; i++) {
    const order = symbol.strays[i]!
    if (!order.isLive) continue
    if (order.status === 'canceling') cancelAgain(state, order, out)
    else cancel(state, order, out)
  }
}

/** Asks for the cancel of an order, unless it is too soon after the last time; true when it did. */
export function cancel(state: EngineState, order: OrderRecord, out: RequestBuffer): boolean {
  if (state.nowUs < order.nextCancelUs) return false
  order.signal('cancelSent')
  sendCancel(state, order, out)
  return true
}

/** The same for one whose cancel is not confirmed. */
export function cancelAgain(state: EngineState, order: OrderRecord, out: RequestBuffer): void {
  if (state.nowUs < order.nextCancelUs) return
  state.counters.cancelRetries++
  sendCancel(state, order, out)
}

function sendCancel(state: EngineState, order: OrderRecord, out: RequestBuffer): void {
  order.nextCancelUs = state.nowUs + state.config.timing.cancelTimeoutUs
  state.counters.cancels++
  out.cancel(order.symbol, order.order)
  tellGuards(state, state.symbol(order.symbol), 'cancel', order.side)
}

/** Tells the guards of a request that went out. */
export function tellGuards(state: EngineState, symbol: SymbolState, kind: RequestKind, side: Side): void {
  tellSent(symbol.guards, kind, state.nowUs, side)
  tellSent(state.runGuards, kind, state.nowUs, side)
}
