/**
 * Answers to our requests and statements of the exchange about our orders. An ack is no state; a statement that is older
 * than what we know changes nothing; an order believed over that turns out to live is taken back and cancelled.
 */
import type { AckEvent, OrderEvent } from '../domain/event.ts'
import { unreachable } from '../domain/invariant.ts'
import type { OrderSignal } from '../domain/order.ts'
import { tellAnswer } from './approval.ts'
import { joinQueue } from './queue-estimate.ts'
import { adoptStrange, settleMissing } from './reconcile.ts'
import type { EngineState } from './state.ts'
import type { SideState, SymbolState } from './symbol-state.ts'
import type { OrderRecord } from './working-orders.ts'

/** What a code's action class means for the run. Classes that are not here concern the adapter or one order only. */
const ACTIONS: Readonly<Record<string, 'halt' | 'suspend'>> = {
  'fatal-auth': 'halt',
  'fatal-account': 'halt',
  'backoff-ip': 'halt',
  'halt-symbol': 'suspend',
}

/** Action of an answer that the runtime gave itself: the request never left. */
const WITHHELD = 'withheld'

export function onAck(state: EngineState, event: AckEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.nowUs)
  symbol.touch()
  actOn(state, symbol, event)
  if (event.result === 'ambiguous') state.counters.ambiguous++
  // What never left had no answer.
  if (event.action !== WITHHELD) {
    const isError = event.result === 'rejected' || event.result === 'ambiguous'
    tellAnswer(symbol.guards, isError, state.nowUs)
    tellAnswer(state.runGuards, isError, state.nowUs)
  }
  const order = state.find(event.order)
  if (order === null) return
  switch (event.request) {
    case 'place':
      return ackPlace(state, symbol, order, event)
    case 'amend':
      return ackAmend(state, symbol, order, event)
    case 'cancel':
      return ackCancel(state, order, event)
    default:
      return unreachable(event.request)
  }
}

export function onOrder(state: EngineState, event: OrderEvent): void {
  const symbol = state.symbol(event.symbol)
  state.tick(event.nowUs)
  symbol.touch()
  const order = state.find(event.order)
  if (order === null) return adoptStrange(state, symbol, event)
  if (event.status === 'open' && (event.filledLots < order.statedLots || event.exchangeUs < order.statedUs)) {
    state.counters.staleStatements++
    return
  }
  order.statedUs = Math.max(order.statedUs, event.exchangeUs)
  order.statedLots = Math.max(order.statedLots, event.filledLots)
  const wasLive = order.isLive
  const isChanged = order.signal(SIGNALS[event.status])
  if (event.status === 'open') opened(state, symbol, order, { event, wasLive, isChanged })
  else ended(state, symbol, order, event, isChanged)
  settleMissing(symbol)
  symbol.sweepStrays()
  symbol.countOpen()
}

const SIGNALS: Readonly<Record<OrderEvent['status'], OrderSignal>> = {
  open: 'opened',
  filled: 'filled',
  canceled: 'canceled',
  rejected: 'rejected',
  neverLanded: 'neverLanded',
}

function ackPlace(state: EngineState, symbol: SymbolState, order: OrderRecord, event: AckEvent): void {
  switch (event.result) {
    case 'accepted':
      order.signal('acked')
      return
    case 'rejected':
      if (!order.signal('ackRejected') || order.isLive) return
      state.counters.rejects++
      refused(symbol, symbol.sideOf(order.side), event.nowUs)
      symbol.leaveSlot(order)
      symbol.countOpen()
      return
    // "Gone" is no answer to a place: whether it lives is not known.
    case 'gone':
    case 'ambiguous':
      order.signal('ackAmbiguous')
      return
    default:
      unreachable(event.result)
  }
}

function ackAmend(state: EngineState, symbol: SymbolState, order: OrderRecord, event: AckEvent): void {
  if (!order.isAmending) return
  switch (event.result) {
    case 'accepted':
    // It may have been changed or not: both sizes stay reserved until the exchange states the order.
    case 'ambiguous':
      return
    case 'rejected':
    case 'gone':
      state.counters.rejects++
      order.isAmending = false
      order.changedUs = event.nowUs
      order.isSuspect = event.result === 'gone'
      order.amendSentUs = event.nowUs
      refused(symbol, symbol.sideOf(order.side), event.nowUs)
      symbol.countOpen()
      return
    default:
      unreachable(event.result)
  }
}

function ackCancel(state: EngineState, order: OrderRecord, event: AckEvent): void {
  switch (event.result) {
    case 'accepted':
    case 'ambiguous':
      return
    case 'rejected':
      order.signal('cancelRejected')
      order.nextCancelUs = event.nowUs + state.config.timing.cancelBackoffUs
      return
    // Over, or not there yet. The exchange's statement about the order tells which; see `opened`.
    case 'gone':
      order.isSuspect = true
      return
    default:
      unreachable(event.result)
  }
}

interface Opening {
  readonly event: OrderEvent
  readonly wasLive: boolean
  readonly isChanged: boolean
}

function opened(state: EngineState, symbol: SymbolState, order: OrderRecord, opening: Opening): void {
  const { event, wasLive, isChanged } = opening
  // Canceled or filled stays so: this is old news.
  if (!order.isLive) {
    state.counters.staleStatements++
    return
  }
  if (!wasLive) {
    state.counters.revivedOrders++
    symbol.strays.push(order)
    state.signalPhase('orderAlive', 'an order believed over is live')
  }
  const side = symbol.sideOf(order.side)
  const isOnTime = takeTerms(order, event)
  if (isOnTime && (isChanged || order.aheadLots < 0)) joinQueue(order, symbol.book)
  if (isChanged && wasLive) side.misses = 0
  // A cancel found nothing because the order had not landed: it has now, so it is asked again at once.
  if (order.status === 'canceling' && order.isSuspect) order.nextCancelUs = 0
  order.isSuspect = false
}

// Price and size as the exchange states them (it may have moved the price). False for a statement from before an amend.
function takeTerms(order: OrderRecord, event: OrderEvent): boolean {
  const isSame = event.priceTicks === order.priceTicks && event.sizeLots === order.sizeLots
  if (order.isAmending && isSame) return false
  const keepsPlace = event.priceTicks === order.priceTicks && event.sizeLots <= order.sizeLots
  if (order.isAmending) order.anchorHalfTicks = order.amendAnchorHalfTicks
  order.isAmending = false
  order.priceTicks = event.priceTicks
  order.sizeLots = event.sizeLots
  if (!isSame) order.changedUs = event.nowUs
  if (!keepsPlace) order.aheadLots = -1
  return true
}

function ended(state: EngineState, symbol: SymbolState, order: OrderRecord, event: OrderEvent, isNews: boolean): void {
  if (order.isLive) return
  const frontTicks = order.frontTicks
  order.isAmending = false
  symbol.leaveSlot(order)
  if (!isNews) return
  const side = symbol.sideOf(order.side)
  if (event.status === 'neverLanded') state.counters.neverLanded++
  if (event.isPostOnlyMiss) missed(state, symbol, side, frontTicks, event.nowUs)
  else if (event.status === 'rejected' || event.status === 'neverLanded') {
    if (event.status === 'rejected') state.counters.rejects++
    refused(symbol, side, event.nowUs)
  }
}

// The next price on this side is at least one tick further back, for a while.
function missed(state: EngineState, symbol: SymbolState, side: SideState, atTicks: number, nowUs: number): void {
  state.counters.postOnlyMisses++
  refused(symbol, side, nowUs)
  const backTicks = atTicks - side.side
  const isClamped = side.clampUntilUs > nowUs
  if (!isClamped || side.side * (side.clampTicks - backTicks) > 0) side.clampTicks = backTicks
  side.clampUntilUs = nowUs + symbol.config.quoting.clampUs
}

// Each refusal in a row doubles the pause of the side: no loop of refused orders is hot.
function refused(symbol: SymbolState, side: SideState, nowUs: number): void {
  const { missBackoffUs, missBackoffUsMax } = symbol.config.quoting
  side.backoffUntilUs = nowUs + Math.min(missBackoffUs * 2 ** Math.min(side.misses, 30), missBackoffUsMax)
  side.misses++
}

function actOn(state: EngineState, symbol: SymbolState, event: AckEvent): void {
  if (event.result === 'accepted') return
  const action = ACTIONS[event.action]
  if (action === 'halt') state.signalPhase('halt', `the exchange refuses this account or key (${event.code})`)
  if (action === 'suspend') symbol.suspendedReason = `the exchange stopped this symbol (${event.code})`
}
