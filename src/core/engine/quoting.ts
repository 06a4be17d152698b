/**
 * Desired quotes less working orders, in two passes: here they are matched and cancels are sent, and what is to be
 * amended is noted; `risk-requests.ts` then sends what adds risk. A quoting slot never holds two orders: one that is
 * unknown, on its way or being cancelled keeps its slot until the exchange says what became of it.
 *
 * @hot
 */
import { invariant } from '../domain/invariant.ts'
import type { RequestBuffer } from '../domain/request.ts'
import { BUY } from '../domain/units.ts'
import { cancel, cancelAgain } from './cancels.ts'
import type { EngineState } from './state.ts'
import type { SideState, SymbolState } from './symbol-state.ts'
import { NO_SLOT, type OrderRecord } from './working-orders.ts'

/** Puts a strategy's quotes of one side into `want`, on the grid, behind the other side, strictly worsening. */
export function wantSide(state: EngineState, symbol: SymbolState, side: SideState): void {
  const { quotes, config, instrument, risk } = symbol
  const isBid = side.side === BUY
  const ticks = isBid ? quotes.bidTicks : quotes.askTicks
  const lots = isBid ? quotes.bidLots : quotes.askLots
  const count = Math.min(isBid ? quotes.bidCount : quotes.askCount, side.slots.length)
  const { isPostOnly } = config.quoting
  // Higher is more aggressive: sell prices are compared with their sign turned.
  let front = isPostOnly ? side.side * (isBid ? risk.bestAskTicks : risk.bestBidTicks) - 1 : Number.POSITIVE_INFINITY
  if (side.clampUntilUs > state.nowUs) front = Math.min(front, side.side * side.clampTicks)
  side.wantCount = 0
  for (let i = 0; i < count; i++) {
    const price = side.side * Math.min(side.side * ticks[i]!, front)
    if (price < instrument.priceTicksMin || price > instrument.priceTicksMax) break
    const size = Math.min(lots[i]!, instrument.sizeLotsMax)
    if (size < instrument.sizeLotsMin || size * price < instrument.notionalMin) continue
    invariant(Number.isSafeInteger(price) && Number.isSafeInteger(size), 'a strategy quotes whole ticks and lots')
    side.wantTicks[side.wantCount] = price
    side.wantLots[side.wantCount++] = size
    front = side.side * price - 1
  }
}

/** Matches working orders with what is wanted, sends the cancels, and notes amends for `sendSide`. */
export function planSide(state: EngineState, symbol: SymbolState, side: SideState, out: RequestBuffer): void {
  side.clearPlan()
  for (let i = 0; i < side.slots.length; i++) {
    const order = side.slots[i]!
    if (order === null) side.isDone[i] = 1
    else if (order.status === 'canceling') {
      side.isDone[i] = 1
      cancelAgain(state, order, out)
    } else if (side.wantCount === 0 || isStuck(state, order)) {
      side.isDone[i] = 1
      cancel(state, order, out)
    } else keepIfClose(symbol, side, i)
  }
  moveRest(state, symbol, side, out)
}

// An order close enough to a wanted price stays where it is. Its size may still be put right.
function keepIfClose(symbol: SymbolState, side: SideState, slot: number): void {
  const order = side.slots[slot]!
  const { toleranceTicks } = symbol.config.quoting
  let best = NO_SLOT
  let bestDistance = toleranceTicks + 1
  for (let level = 0; level < side.wantCount; level++) {
    const distance = Math.abs(order.wantedTicks - side.wantTicks[level]!)
    if (side.servedBy[level] === NO_SLOT && distance < bestDistance) {
      best = level
      bestDistance = distance
    }
  }
  if (best === NO_SLOT) return
  serve(side, slot, best)
  side.isDone[slot] = 1
}

function serve(side: SideState, slot: number, level: number): void {
  side.servedBy[level] = slot
  side.serves[slot] = level
}

// Orders that are close to nothing wanted, best first, take the wanted levels that nothing serves, best first.
function moveRest(state: EngineState, symbol: SymbolState, side: SideState, out: RequestBuffer): void {
  for (let i = 0; i < side.slots.length; i++) {
    if (side.serves[i] !== NO_SLOT) resizeKept(state, symbol, side, i)
  }
  for (;;) {
    const slot = bestRest(side)
    if (slot === NO_SLOT) return
    side.isDone[slot] = 1
    const order = side.slots[slot]!
    const level = firstUnserved(side)
    // Until it rests unchanged nothing can be told to it; it holds the level that it will be moved to.
    if (order.status !== 'working' || order.isAmending || order.isSuspect) {
      if (level !== NO_SLOT) serve(side, slot, level)
      if (order.status === 'unknown' && isUrgent(symbol, side, order, level)) cancel(state, order, out)
      continue
    }
    if (!isUrgent(symbol, side, order, level) && isYoung(state, symbol, order)) {
      if (level !== NO_SLOT) serve(side, slot, level)
    } else if (level === NO_SLOT || !symbol.config.quoting.mayAmend) cancel(state, order, out)
    else {
      serve(side, slot, level)
      side.amendTo[slot] = level
    }
  }
}

// A smaller size is amended in place; a larger one loses the place in the queue and waits for a large difference as well.
function resizeKept(state: EngineState, symbol: SymbolState, side: SideState, slot: number): void {
  const order = side.slots[slot]!
  const { quoting } = symbol.config
  if (order.status !== 'working' || order.isAmending || order.isSuspect || !quoting.mayAmend) return
  const level = side.serves[slot]!
  const wantLots = side.wantLots[level]!
  const isClose = Math.abs(order.wantedRestLots - wantLots) * 10_000 <= wantLots * quoting.sizeToleranceBps
  if (!isClose && !isYoung(state, symbol, order)) side.amendTo[slot] = level
}

function bestRest(side: SideState): number {
  let best = NO_SLOT
  for (let i = 0; i < side.slots.length; i++) {
    if (side.isDone[i] === 1) continue
    if (best === NO_SLOT || side.side * (side.slots[i]!.wantedTicks - side.slots[best]!.wantedTicks) > 0) best = i
  }
  return best
}

function firstUnserved(side: SideState): number {
  for (let level = 0; level < side.wantCount; level++) if (side.servedBy[level] === NO_SLOT) return level
  return NO_SLOT
}

/** More aggressive than the price it should have by more than the operator allows. */
export function isUrgent(symbol: SymbolState, side: SideState, order: OrderRecord, level: number): boolean {
  const target = side.wantTicks[level === NO_SLOT ? 0 : level]!
  return side.side * (order.wantedTicks - target) > symbol.config.quoting.urgentTicks
}

function isYoung(state: EngineState, symbol: SymbolState, order: OrderRecord): boolean {
  return state.nowUs - order.changedUs < symbol.config.quoting.lifeUsMin
}

// A place or amend that no statement followed, or that found no order: what it is now only a cancel can settle. One that
// had no answer at all is being looked up already.
function isStuck(state: EngineState, order: OrderRecord): boolean {
  const { confirmTimeoutUs } = state.config.timing
  if (order.isAmending || order.isSuspect) return state.nowUs - order.amendSentUs > confirmTimeoutUs
  const isComing = order.status === 'placing' || order.status === 'accepted'
  return isComing && state.nowUs - order.placedUs > confirmTimeoutUs
}
