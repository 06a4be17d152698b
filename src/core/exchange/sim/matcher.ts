/**
 * The life of one order in the matching engine: placed, amended, cancelled, triggered. It runs after the gateway said
 * "accepted", so everything may have changed meanwhile; what no longer makes sense ends the order, never throws.
 */
import type { PriceTicks, SizeLots } from '../../domain/units.ts'
import { affords, marketTicks } from './gateway.ts'
import { cancelledStatus, type Ledger } from './ledger.ts'
import type { Listing } from './listing.ts'
import type { LiveOrder } from './live-order.ts'
import type { AmendCommand } from './model.ts'
import { lotsFor } from './money.ts'

/** How an amend treats the place in the queue; undocumented by Bybit (BYBIT.md §3.7). */
export type AmendPriority = 'keepOnDecrease' | 'alwaysLose' | 'keepAtSamePrice'

export class Matcher {
  private readonly ledger: Ledger
  private readonly amendPriority: AmendPriority

  constructor(ledger: Ledger, amendPriority: AmendPriority) {
    this.ledger = ledger
    this.amendPriority = amendPriority
  }

  place(order: LiveOrder): void {
    const { account, listing } = order.holding
    account.inFlight.delete(order.orderId)
    if (order.isConditional) {
      order.stage = 'waiting'
      order.status = 'Untriggered'
      account.open.set(order.orderId, order)
      listing.waiting.add(order)
      this.ledger.reserve(order)
      this.ledger.touch(order)
      return
    }
    this.enter(order)
  }

  amend(order: LiveOrder, command: AmendCommand): void {
    if (order.stage === 'done') return
    const sizeLots = command.sizeLots ?? order.sizeLots
    if (sizeLots <= order.filledLots) return
    const priceTicks = command.priceTicks ?? order.priceTicks
    const keeps = order.stage === 'resting' && priceTicks === order.priceTicks && this.keepsPlace(order, sizeLots)
    if (command.triggerTicks !== null) order.triggerTicks = command.triggerTicks
    if (command.extras !== undefined) order.extras = { ...order.extras, ...command.extras }
    if (order.stage === 'resting' && !keeps) this.takeOut(order)
    order.priceTicks = priceTicks
    order.sizeLots = sizeLots
    if (order.stage === 'inFlight') return this.enter(order)
    if (order.stage === 'resting') order.holding.listing.market.resize(order.ref, order.leavesLots)
    this.ledger.reserve(order)
    this.ledger.touch(order)
    this.ledger.shrink(order.holding)
  }

  cancel(order: LiveOrder, cancelType = 'CancelByUser'): void {
    if (order.stage === 'done') return
    const status = order.stage === 'waiting' ? 'Deactivated' : cancelledStatus(order)
    if (order.stage === 'resting') order.holding.listing.market.remove(order.ref)
    this.ledger.end(order, { status, cancelType, rejectReason: 'EC_PerCancelRequest' })
  }

  /** Activates the conditional orders whose price was reached; true when there was one. */
  trigger(listing: Listing): boolean {
    const lastTicks = listing.market.lastTicks()
    for (const order of listing.waiting) {
      if (order.trail !== null) order.triggerTicks = order.trail.follow(lastTicks) as PriceTicks
    }
    const reached = [...listing.waiting].filter((order) => isReached(order, listing))
    for (const order of reached) this.activate(order)
    return reached.length > 0
  }

  private activate(order: LiveOrder): void {
    const { holding } = order
    const { listing } = holding
    listing.waiting.delete(order)
    holding.conditionalCount--
    holding.activeCount++
    order.hasTriggered = true
    order.stage = 'inFlight'
    if (order.isExit || (order.isReduceOnly && order.sizeLots === 0)) {
      order.sizeLots = holding.reducible(order.side, order.positionIdx) as SizeLots
    }
    if (order.type === 'Market')
      order.priceTicks = (marketTicks(holding, order.side) ?? order.triggerTicks) as PriceTicks
    if (order.lockedE8 === 0n && !affords(holding, needOf(order), order.positionIdx)) {
      this.ledger.end(order, { status: 'Rejected', rejectReason: 'EC_Others' })
      return
    }
    this.enter(order)
  }

  // The order meets the book: matches what it may, then rests or ends.
  private enter(order: LiveOrder): void {
    this.ledger.reserve(order)
    this.ledger.touch(order)
    if (!this.fitsReduceOnly(order)) return
    const refusal = this.refusalAtBook(order)
    if (refusal !== null) {
      this.ledger.end(order, { status: cancelledStatus(order), rejectReason: refusal })
      return
    }
    const stoppedBy = order.quoteE8 > 0n ? this.takeByQuote(order) : this.take(order)
    this.conclude(order, stoppedBy)
  }

  private conclude(order: LiveOrder, stoppedBy: number): void {
    if (order.quoteE8 > 0n) order.sizeLots = order.filledLots
    if (order.filledLots > 0 && order.leavesLots === 0) {
      const hasDust = order.quoteE8 > 0n && order.filledValueE8 < order.quoteE8
      this.ledger.end(order, { status: hasDust ? 'PartiallyFilledCanceled' : 'Filled' })
    } else if (stoppedBy > 0) {
      order.smpOrderId = this.ledger.orderIdOf(stoppedBy)
      this.ledger.end(order, {
        status: cancelledStatus(order),
        cancelType: 'CancelBySmp',
        rejectReason: 'EC_BySelfMatch',
      })
    } else if (order.timeInForce === 'IOC' || order.timeInForce === 'FOK') {
      this.ledger.end(order, { status: cancelledStatus(order), rejectReason: 'EC_NoImmediateQtyToFill' })
    } else this.rest(order)
  }

  private rest(order: LiveOrder): void {
    const { holding } = order
    holding.listing.market.rest(order.ref, order.side, order.priceTicks, order.leavesLots)
    order.stage = 'resting'
    order.status = order.filledLots > 0 ? 'PartiallyFilled' : 'New'
    holding.account.open.set(order.orderId, order)
    this.ledger.reserve(order)
    if (!order.isReducing) return
    holding.reducing.add(order)
    this.ledger.shrink(holding)
  }

  private takeOut(order: LiveOrder): void {
    order.holding.listing.market.remove(order.ref)
    order.holding.reducing.delete(order)
    order.stage = 'inFlight'
  }

  // Cuts the order to what it can still reduce; ends it and says false when that is nothing.
  private fitsReduceOnly(order: LiveOrder): boolean {
    if (!order.isReducing || order.category === 'spot') return true
    const reducible = order.holding.reducible(order.side, order.positionIdx)
    if (reducible === 0) {
      this.ledger.end(order, { status: cancelledStatus(order), cancelType: 'CancelByReduceOnly' })
      return false
    }
    if (order.leavesLots > reducible) order.sizeLots = (order.filledLots + reducible) as SizeLots
    return true
  }

  private refusalAtBook(order: LiveOrder): string | null {
    const { market } = order.holding.listing
    if (order.isPostOnly) {
      const opposite = market.bestTicks(order.side === 1 ? -1 : 1)
      const crosses = opposite !== 0 && (order.priceTicks - opposite) * order.side >= 0
      return crosses ? 'EC_PostOnlyWillTakeLiquidity' : null
    }
    if (order.timeInForce !== 'FOK') return null
    return market.available(takerOf(order, order.leavesLots)) < order.leavesLots ? 'EC_CancelForNoFullFill' : null
  }

  private take(order: LiveOrder): number {
    return order.holding.listing.market.take(takerOf(order, order.leavesLots), this.ledger.nowUs).stoppedBy
  }

  // A spot market order by quote amount: level by level, as many lots as the rest of the amount is worth.
  private takeByQuote(order: LiveOrder): number {
    const { market, valuer } = order.holding.listing
    for (;;) {
      const best = market.bestTicks(order.side === 1 ? -1 : 1)
      if (best === 0 || (best - order.priceTicks) * order.side > 0) return 0
      const left = order.quoteE8 - order.filledValueE8
      const lots = lotsFor(left, best, valuer)
      if (lots === 0) return 0
      order.sizeLots = (order.filledLots + lots) as SizeLots
      const { stoppedBy } = market.take({ ...takerOf(order, lots), limitTicks: best }, this.ledger.nowUs)
      if (stoppedBy > 0) return stoppedBy
    }
  }

  private keepsPlace(order: LiveOrder, sizeLots: number): boolean {
    if (this.amendPriority === 'keepAtSamePrice') return true
    return this.amendPriority === 'keepOnDecrease' && sizeLots <= order.sizeLots
  }
}

function needOf(order: LiveOrder) {
  const { side, priceTicks, quoteE8, isReducing, leavesLots } = order
  return { side, priceTicks, quoteE8, isReducing, lots: leavesLots }
}

function takerOf(order: LiveOrder, lots: number) {
  return { ref: order.ref, side: order.side, limitTicks: order.priceTicks, lots, smpType: order.smpType }
}

function isReached(order: LiveOrder, listing: Listing): boolean {
  if (order.trail?.isActive === false) return false
  const { markTicks, indexTicks } = listing.reference
  const byReference = order.triggerBy === 'IndexPrice' ? indexTicks : markTicks
  const isByLast = order.triggerBy !== 'MarkPrice' && order.triggerBy !== 'IndexPrice'
  const ticks = isByLast ? listing.market.lastTicks() : byReference
  if (ticks === 0) return false
  return order.triggerDirection === 1 ? ticks >= order.triggerTicks : ticks <= order.triggerTicks
}
