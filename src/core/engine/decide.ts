/**
 * One decision: judge the guards, move the phase, price every symbol that is due, send cancels first. The only handler
 * that makes requests.
 *
 * @hot
 */
import type { DecideEvent } from '../domain/event.ts'
import type { RequestBuffer } from '../domain/request.ts'
import { haltReason, judgeAll, judgeInUs, pullsSide } from './approval.ts'
import { cancelStrays } from './cancels.ts'
import { cancelAdverse } from './fast-cancel.ts'
import { planSide, wantSide } from './quoting.ts'
import { sendSide } from './risk-requests.ts'
import type { EngineState } from './state.ts'
import type { SymbolState } from './symbol-state.ts'

export function onDecide(state: EngineState, event: DecideEvent, out: RequestBuffer): void {
  state.tick(event.nowUs)
  const { symbols } = state
  judge(state)
  movePhase(state)
  for (let i = 0; i < symbols.length; i++) plan(state, symbols[i]!, out)
  for (let i = 0; i < symbols.length; i++) send(state, symbols[i]!, out)
  if (state.phase === 'halting' && state.liveOrders === 0) state.signalPhase('flat')
}

/** What keeps the whole run from quoting while it is syncing, '' when nothing does. */
export function waitsFor(state: EngineState): string {
  const { symbols } = state
  if (symbols.length === 0) return 'the run has not started'
  if (state.account !== 'up') return 'the account link is not up'
  if (state.trade !== 'up') return 'the trade link is not up'
  for (let i = 0; i < symbols.length; i++) if (symbols[i]!.notReadyReason === '') return ''
  return symbols[0]!.notReadyReason
}

// Only symbols of which something was told, or whose time has come: nothing else can change what their guards demand.
function judge(state: EngineState): void {
  const { symbols } = state
  let runPnlE8 = 0
  for (let i = 0; i < symbols.length; i++) {
    const { risk, profit, isUnjudged } = symbols[i]!
    if (isUnjudged) risk.pnlE8 = profit.approxE8
    runPnlE8 += risk.pnlE8
  }
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!
    symbol.risk.nowUs = state.nowUs
    symbol.risk.runPnlE8 = runPnlE8
    if (symbol.isUnjudged || state.nowUs >= symbol.judgeDueUs) judgeSymbol(state, symbol)
  }
  state.pnlE8 = runPnlE8
  if (runPnlE8 > state.bestPnlE8) state.bestPnlE8 = runPnlE8
  const first = symbols[0]
  if (first === undefined) return
  if (judgeAll(state.runGuards, first.risk)) for (let i = 0; i < symbols.length; i++) symbols[i]!.isDirty = true
  haltIf(state, haltReason(state.runGuards))
}

function judgeSymbol(state: EngineState, symbol: SymbolState): void {
  const { guards, risk } = symbol
  if (judgeAll(guards, risk)) symbol.isDirty = true
  symbol.isUnjudged = false
  symbol.judgeDueUs = state.nowUs + judgeInUs(guards, risk)
  haltIf(state, haltReason(guards))
}

function haltIf(state: EngineState, reason: string | null): void {
  if (reason !== null) state.signalPhase('halt', reason)
}

function movePhase(state: EngineState): void {
  if (state.phase !== 'syncing' && state.phase !== 'quoting') return
  state.signalPhase(waitsFor(state) === '' ? 'synced' : 'desynced')
}

// What is wanted, matched with what is there; cancels go out.
function plan(state: EngineState, symbol: SymbolState, out: RequestBuffer): void {
  if (!symbol.isDirty && state.nowUs < symbol.nextPlanUs) return
  price(state, symbol)
  cancelAdverse(state, symbol, symbol.bids, out)
  cancelAdverse(state, symbol, symbol.asks, out)
  planSide(state, symbol, symbol.bids, out)
  planSide(state, symbol, symbol.asks, out)
  cancelStrays(state, symbol, out)
}

// Amends and places, after the cancels of all symbols.
function send(state: EngineState, symbol: SymbolState, out: RequestBuffer): void {
  if (!symbol.isDirty && state.nowUs < symbol.nextPlanUs) return
  symbol.isDirty = false
  symbol.nextPlanUs = state.nowUs + state.config.timing.requoteUs
  if (state.phase !== 'quoting') return
  sendSide(state, symbol, symbol.bids, out)
  sendSide(state, symbol, symbol.asks, out)
}

function price(state: EngineState, symbol: SymbolState): void {
  const mayQuote = state.phase === 'quoting' && symbol.notReadyReason === ''
  const pullBids = !mayQuote || pulls(state, symbol, true)
  const pullAsks = !mayQuote || pulls(state, symbol, false)
  symbol.pullBids = pullBids
  symbol.pullAsks = pullAsks
  symbol.quotes.clear()
  if (!(pullBids && pullAsks) && symbol.risk.bookCondition === 'fresh') {
    fillView(state, symbol)
    symbol.strategy.quote(symbol.quoteView, symbol.quotes)
  }
  if (pullBids) symbol.bids.wantCount = 0
  else wantSide(state, symbol, symbol.bids)
  if (pullAsks) symbol.asks.wantCount = 0
  else wantSide(state, symbol, symbol.asks)
}

function pulls(state: EngineState, symbol: SymbolState, isBid: boolean): boolean {
  return pullsSide(symbol.guards, isBid) || pullsSide(state.runGuards, isBid)
}

function fillView(state: EngineState, symbol: SymbolState): void {
  const { book, quoteView: view, signals } = symbol
  view.nowUs = state.nowUs
  view.bestBidTicks = book.bestBidTicks
  view.bestBidLots = book.bestBidLots
  view.bestAskTicks = book.bestAskTicks
  view.bestAskLots = book.bestAskLots
  view.midHalfTicks = book.midHalfTicks
  view.micropriceTicks = signals.micropriceTicks
  view.sigmaTicks = signals.sigmaTicks
  view.imbalance = signals.imbalance
  view.ofiLots = signals.ofiLots
  view.positionLots = symbol.risk.positionLots
}
