/**
 * Places and amends: each with an approval of the guards, cut to the room they leave, and never at a price that an own
 * order of the other side could meet.
 *
 * @hot
 */
import type { RequestBuffer } from '../domain/request.ts'
import { BUY, type OrderSeq, type PriceTicks, type SizeLots } from '../domain/units.ts'
import { approve, roomFor } from './approval.ts'
import { cancel, tellGuards } from './cancels.ts'
import type { Proposal } from './guard.ts'
import { isUrgent } from './quoting.ts'
import type { EngineState } from './state.ts'
import type { SideState, SymbolState } from './symbol-state.ts'
import { NO_SLOT, type OrderRecord } from './working-orders.ts'

/**
 * Sends the amends noted and places what no order serves. Whatever keeps an order from moving, a pause of the side or a
 * guard: one that must not stay where it is leaves by cancel in the same decision.
 */
export function sendSide(state: EngineState, symbol: SymbolState, side: SideState, out: RequestBuffer): void {
  const isPaused = state.nowUs < side.backoffUntilUs || state.nowUs < side.adverseUntilUs
  for (let i = 0; i < side.slots.length; i++) {
    const level = side.amendTo[i]!
    if (level === NO_SLOT) continue
    const order = side.slots[i]!
    const isMoved = !isPaused && amend(state, symbol, order, level, out)
    if (!isMoved && isUrgent(symbol, side, order, level)) cancel(state, order, out)
  }
  if (isPaused) return
  // An order that is being cancelled counts until it is over: never more live orders than wanted levels.
  let room = side.wantCount - side.usedSlots
  for (let level = 0; level < side.wantCount && room > 0; level++) {
    if (side.servedBy[level] === NO_SLOT && place(state, symbol, side, level, out)) room--
  }
}

// False when it has to stay where it is.
function amend(
  state: EngineState,
  symbol: SymbolState,
  order: OrderRecord,
  level: number,
  out: RequestBuffer,
): boolean {
  const side = symbol.sideOf(order.side)
  if (state.nowUs < side.refusedUntilUs[level]!) return false
  const priceTicks = behindOwn(symbol, side, amendPrice(symbol, side, order, level))
  if (priceTicks === 0) {
    state.counters.ownCrossWaits++
    return false
  }
  const { proposal } = symbol
  propose(proposal, 'amend', side, priceTicks)
  proposal.mayTake = order.timeInForce !== 'PostOnly'
  proposal.order = order.order
  proposal.reservedLots = order.reservedLots as SizeLots
  proposal.isReduceOnly = order.isReduceOnly
  const restLots = clipped(state, symbol, side.wantLots[level]!)
  const totalLots = order.filledLots + order.settledLots + restLots
  if (priceTicks === order.priceTicks && totalLots === order.sizeLots) return true
  proposal.isRetreat = side.side * (order.priceTicks - priceTicks) > 0 && totalLots <= order.sizeLots
  const approval = restLots > 0 ? approve(symbol.guards, state.runGuards, symbol.risk, proposal) : null
  if (approval === null) {
    refuse(state, side, level)
    return false
  }
  order.isAmending = true
  order.amendTicks = priceTicks as PriceTicks
  order.amendLots = totalLots as SizeLots
  // Where the price stays, what the market did since it was decided still counts.
  order.amendAnchorHalfTicks = priceTicks === order.priceTicks ? order.anchorHalfTicks : symbol.midHalfTicks
  order.amendSentUs = state.nowUs
  order.changedUs = state.nowUs
  out.amend(approval, state.amendFields.of(order))
  state.counters.amends++
  symbol.countOpen()
  tellGuards(state, symbol, 'amend', side.side)
  return true
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
  proposal.mayTake = !symbol.config.quoting.isPostOnly
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
  order.anchorHalfTicks = symbol.midHalfTicks
  order.placedUs = state.nowUs
  order.changedUs = state.nowUs
  side.slots[slot] = order
  out.place(approval, order)
  state.counters.places++
  symbol.countOpen()
  tellGuards(state, symbol, 'place', side.side)
  return true
}

function propose(proposal: Proposal, kind: 'place' | 'amend', side: SideState, priceTicks: number): void {
  proposal.kind = kind
  proposal.order = 0 as OrderSeq
  proposal.side = side.side
  proposal.priceTicks = priceTicks as PriceTicks
  proposal.reservedLots = 0 as SizeLots
  proposal.isReduceOnly = false
  proposal.isRetreat = false
  proposal.inFlight = side.inFlight
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
