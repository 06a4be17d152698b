/**
 * Desired quotes less working orders gives the fewest requests, in two passes: `planSide` matches and sends cancels,
 * `sendSide` sends amends and places, each with an approval. A quoting slot never holds two orders: one that is unknown,
 * on its way or being cancelled keeps its slot until the exchange says what became of it.
 *
 * @hot
 */
import { invariant } from '../domain/invariant.ts'
import type { RequestBuffer } from '../domain/request.ts'
import { BUY, type OrderSeq, type PriceTicks, type SizeLots } from '../domain/units.ts'
import { approve, roomFor, tellSent } from './approval.ts'
import type { Proposal } from './guard.ts'
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
    } else if (side.wantCount === 0 || order.mustCancel || isStuck(state, order)) {
      side.isDone[i] = 1
      cancel(state, order, out)
    } else keepIfClose(symbol, side, i)
  }
  moveRest(state, symbol, side, out)
}

/** Cancels every living order outside the slots: nothing of ours is meant to be there. */
export function cancelStrays(state: EngineState, symbol: SymbolState, out: RequestBuffer): void {
  for (let i = 0; i < symbol.strays.length; i++) {
    const order = symbol.strays[i]!
    if (!order.isLive) continue
    if (order.status === 'canceling') cancelAgain(state, order, out)
    else cancel(state, order, out)
  }
}

/** Sends the amends noted and places what no order serves. */
export function sendSide(state: EngineState, symbol: SymbolState, side: SideState, out: RequestBuffer): void {
  if (state.nowUs < side.backoffUntilUs) return
  for (let i = 0; i < side.slots.length; i++) {
    const level = side.amendTo[i]!
    if (level !== NO_SLOT) amend(state, symbol, side.slots[i]!, level, out)
  }
  // An order that is being cancelled counts until it is over: never more live orders than wanted levels.
  let room = side.wantCount - side.usedSlots
  for (let level = 0; level < side.wantCount && room > 0; level++) {
    if (side.servedBy[level] === NO_SLOT && place(state, symbol, side, level, out)) room--
  }
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

// More aggressive than the price it should have by more than the operator allows.
function isUrgent(symbol: SymbolState, side: SideState, order: OrderRecord, level: number): boolean {
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

function cancel(state: EngineState, order: OrderRecord, out: RequestBuffer): void {
  if (state.nowUs < order.nextCancelUs) return
  order.signal('cancelSent')
  order.mustCancel = false
  sendCancel(state, order, out)
}

function cancelAgain(state: EngineState, order: OrderRecord, out: RequestBuffer): void {
  if (state.nowUs < order.nextCancelUs) return
  state.counters.cancelRetries++
  sendCancel(state, order, out)
}

function sendCancel(state: EngineState, order: OrderRecord, out: RequestBuffer): void {
  order.nextCancelUs = state.nowUs + state.config.timing.cancelTimeoutUs
  state.counters.cancels++
  out.cancel(order.symbol, order.order)
  tell(state, state.symbol(order.symbol), 'cancel')
}

function amend(state: EngineState, symbol: SymbolState, order: OrderRecord, level: number, out: RequestBuffer): void {
  const side = symbol.sideOf(order.side)
  if (state.nowUs < side.refusedUntilUs[level]!) return
  const priceTicks = behindOwn(symbol, side, amendPrice(symbol, side, order, level))
  if (priceTicks === 0) {
    state.counters.ownCrossWaits++
    return
  }
  const { proposal } = symbol
  propose(proposal, 'amend', side, priceTicks)
  proposal.order = order.order
  proposal.reservedLots = order.reservedLots as SizeLots
  proposal.isReduceOnly = order.isReduceOnly
  const restLots = clipped(state, symbol, side.wantLots[level]!)
  const totalLots = order.filledLots + order.settledLots + restLots
  if (priceTicks === order.priceTicks && totalLots === order.sizeLots) return
  const approval = restLots > 0 ? approve(symbol.guards, state.runGuards, symbol.risk, proposal) : null
  if (approval === null) {
    // It may not go where it should, and must not stay where it is.
    order.mustCancel = isUrgent(symbol, side, order, level)
    symbol.isDirty ||= order.mustCancel
    return refuse(state, side, level)
  }
  order.isAmending = true
  order.amendTicks = priceTicks as PriceTicks
  order.amendLots = totalLots as SizeLots
  order.amendSentUs = state.nowUs
  order.changedUs = state.nowUs
  out.amend(approval, state.amendFields.of(order))
  state.counters.amends++
  symbol.countOpen()
  tell(state, symbol, 'amend')
}

// An order that is only made smaller keeps its price, and with it its place in the queue. (A price that the book has
// moved through is no such place: it was filled, and the news is on its way.)
function amendPrice(symbol: SymbolState, side: SideState, order: OrderRecord, level: number): number {
  const { quoting } = symbol.config
  const wantTicks = side.wantTicks[level]!
  const isClose = Math.abs(order.priceTicks - wantTicks) <= quoting.toleranceTicks
  const oppositeTicks = side.side === BUY ? symbol.risk.bestAskTicks : symbol.risk.bestBidTicks
  const isThrough = quoting.isPostOnly && side.side * (order.priceTicks - oppositeTicks) >= 0
  return isClose && !isThrough && side.wantLots[level]! <= order.wantedRestLots ? order.priceTicks : wantTicks
}

// True when an order was placed.
function place(state: EngineState, symbol: SymbolState, side: SideState, level: number, out: RequestBuffer): boolean {
  const slot = side.freeSlot
  if (slot < 0) return false
  if (state.nowUs < side.refusedUntilUs[level]!) return false
  const priceTicks = behindOwn(symbol, side, side.wantTicks[level]!)
  if (priceTicks === 0) {
    state.counters.ownCrossWaits++
    return false
  }
  const { proposal, instrument } = symbol
  propose(proposal, 'place', side, priceTicks)
  const lots = clipped(state, symbol, side.wantLots[level]!)
  const isEnough = lots >= instrument.sizeLotsMin && lots * priceTicks >= instrument.notionalMin
  // Too little room for an order at all: the guards are asked for the whole, so that the one in the way is named.
  if (!isEnough) proposal.sizeLots = side.wantLots[level]! as SizeLots
  const approval = approve(symbol.guards, state.runGuards, symbol.risk, proposal)
  const order = approval === null || !isEnough ? null : state.orders.create(symbol.id, side.side)
  if (order === null || approval === null) {
    refuse(state, side, level)
    return false
  }
  order.slot = slot
  order.priceTicks = priceTicks as PriceTicks
  order.sizeLots = lots as SizeLots
  order.timeInForce = symbol.config.quoting.isPostOnly ? 'PostOnly' : 'GTC'
  order.placedUs = state.nowUs
  order.changedUs = state.nowUs
  side.slots[slot] = order
  out.place(approval, order)
  state.counters.places++
  symbol.countOpen()
  tell(state, symbol, 'place')
  return true
}

function propose(proposal: Proposal, kind: 'place' | 'amend', side: SideState, priceTicks: number): void {
  proposal.kind = kind
  proposal.order = 0 as OrderSeq
  proposal.side = side.side
  proposal.priceTicks = priceTicks as PriceTicks
  proposal.reservedLots = 0 as SizeLots
  proposal.isReduceOnly = false
}

// The wanted size, or what the guards have room for.
function clipped(state: EngineState, symbol: SymbolState, wantLots: number): number {
  symbol.proposal.sizeLots = wantLots as SizeLots
  const lots = Math.max(0, roomFor(symbol.guards, state.runGuards, symbol.risk, symbol.proposal))
  symbol.proposal.sizeLots = lots as SizeLots
  return lots
}

function refuse(state: EngineState, side: SideState, level: number): void {
  side.refusedUntilUs[level] = state.nowUs + state.config.timing.refusalRetryUs
}

function tell(state: EngineState, symbol: SymbolState, kind: 'place' | 'amend' | 'cancel'): void {
  tellSent(symbol.guards, kind, state.nowUs)
  tellSent(state.runGuards, kind, state.nowUs)
}

// The price, at most the tolerance further back so that it stays behind every price that an own order of the other side
// rests at or is moving to; 0 when that is not enough and it has to wait for that order to go.
function behindOwn(symbol: SymbolState, side: SideState, priceTicks: number): number {
  const other = side.side === BUY ? symbol.asks : symbol.bids
  let limit = Number.POSITIVE_INFINITY
  for (let i = 0; i < other.slots.length; i++) {
    const order = other.slots[i]!
    if (order !== null) limit = Math.min(limit, side.side * order.frontTicks - 1)
  }
  for (let i = 0; i < symbol.strays.length; i++) {
    const order = symbol.strays[i]!
    if (order.isLive && order.side === other.side) limit = Math.min(limit, side.side * order.frontTicks - 1)
  }
  const price = side.side * priceTicks
  if (price <= limit) return priceTicks
  return price - limit <= symbol.config.quoting.toleranceTicks ? side.side * limit : 0
}
