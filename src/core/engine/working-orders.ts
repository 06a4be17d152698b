/**
 * Our orders by number, in records that are reused. A record lives until its order is over and every execution that the
 * exchange reported for it has been seen; until then it reserves risk. Numbers count from 1; one whose place in the ring
 * is still taken by a living order is skipped, so that nothing living is ever forgotten.
 *
 * @hot
 */
import { nextStatus, type OrderSignal, type OrderStatus, TERMINAL, type TimeInForce } from '../domain/order.ts'
import type { PlaceFields } from '../domain/request.ts'
import type { OrderSeq, PriceTicks, Side, SizeLots, SymbolId } from '../domain/units.ts'

/** Orders remembered, living and dead. A fill of a forgotten dead order still moves the position. */
export const ORDERS_KEPT = 8_192

/** Slot of an order that stands in no quoting slot. */
export const NO_SLOT = -1

/** Size ahead of an order that is not known to rest. */
export const AHEAD_UNKNOWN = -1

export class OrderRecord implements PlaceFields {
  order = 0 as OrderSeq
  symbol = 0 as SymbolId
  side: Side = 1
  priceTicks = 0 as PriceTicks
  sizeLots = 0 as SizeLots
  timeInForce: TimeInForce = 'PostOnly'
  isReduceOnly = false

  status: OrderStatus = 'rejected'
  /** Index in its side's quoting slots, or NO_SLOT. */
  slot = NO_SLOT
  /** Sum of its fills. */
  filledLots = 0
  /** Largest filled size that an order event stated. */
  statedLots = 0
  /** Exchange time of the newest statement. */
  statedUs = 0
  /** Stated, never seen as fills, and taken over with the exchange's position instead. */
  settledLots = 0
  /** When the exchange stated that position. */
  settledUs = 0

  placedUs = 0
  /** When its price or size was last set. */
  changedUs = 0

  /** Twice the mid when its price was decided. */
  anchorHalfTicks = 0

  isAmending = false
  amendTicks = 0 as PriceTicks
  /** Twice the mid when the amend was decided. */
  amendAnchorHalfTicks = 0
  amendLots = 0 as SizeLots
  amendSentUs = 0

  /** No cancel is sent before this. */
  nextCancelUs = 0
  /** A cancel or amend found nothing to change: it may be over, or not have landed yet. */
  isSuspect = false

  /** Estimated displayed size in front of it, AHEAD_UNKNOWN until it rests. */
  aheadLots = AHEAD_UNKNOWN
  /** Displayed size at its price when last looked at, and traded there since. */
  levelLots = 0
  tradedLots = 0

  get isLive(): boolean {
    return !TERMINAL[this.status]
  }

  /** A place or amend of it is not confirmed; one that is being cancelled anyway does not count. */
  get isInFlight(): boolean {
    const { status } = this
    if (status === 'working') return this.isAmending
    return status === 'placing' || status === 'accepted' || status === 'unknown'
  }

  /** Living, or executions of it are missing. */
  get isHeld(): boolean {
    return !TERMINAL[this.status] || this.missingLots > 0
  }

  /** Stated by the exchange, not seen as fills. */
  get missingLots(): number {
    return Math.max(0, this.statedLots - this.filledLots - this.settledLots)
  }

  /** What may still fill, whichever of two sizes an amend leaves it with. */
  get reservedLots(): number {
    if (TERMINAL[this.status]) return this.missingLots
    const size = this.isAmending ? Math.max(this.sizeLots, this.amendLots) : this.sizeLots
    return Math.max(0, size - this.filledLots - this.settledLots, this.missingLots)
  }

  /** Price it will have when what is on its way has arrived. */
  get wantedTicks(): PriceTicks {
    return this.isAmending ? this.amendTicks : this.priceTicks
  }

  get wantedRestLots(): number {
    return (this.isAmending ? this.amendLots : this.sizeLots) - this.filledLots - this.settledLots
  }

  /** The most aggressive price it may rest at. */
  get frontTicks(): PriceTicks {
    if (!this.isAmending) return this.priceTicks
    return this.side * (this.amendTicks - this.priceTicks) > 0 ? this.amendTicks : this.priceTicks
  }

  reset(order: OrderSeq, symbol: SymbolId, side: Side): void {
    this.order = order
    this.symbol = symbol
    this.side = side
    this.status = 'placing'
    this.slot = NO_SLOT
    this.filledLots = 0
    this.statedLots = 0
    this.settledLots = 0
    this.settledUs = 0
    this.statedUs = 0
    this.placedUs = 0
    this.changedUs = 0
    this.isAmending = false
    this.amendSentUs = 0
    this.nextCancelUs = 0
    this.isSuspect = false
    this.aheadLots = AHEAD_UNKNOWN
    this.levelLots = 0
    this.tradedLots = 0
    this.isReduceOnly = false
    this.timeInForce = 'PostOnly'
  }

  /** Applies a signal; true when the status changed. */
  signal(signal: OrderSignal): boolean {
    const next = nextStatus(this.status, signal)
    if (next === this.status) return false
    this.status = next
    return true
  }
}

/** An order as an amend would leave it. One reused record: its own record keeps the old terms until confirmed. */
export class AmendFields implements PlaceFields {
  order = 0 as OrderSeq
  symbol = 0 as SymbolId
  side: Side = 1
  priceTicks = 0 as PriceTicks
  sizeLots = 0 as SizeLots
  timeInForce: TimeInForce = 'PostOnly'
  isReduceOnly = false

  of(order: OrderRecord): this {
    this.order = order.order
    this.symbol = order.symbol
    this.side = order.side
    this.priceTicks = order.amendTicks
    this.sizeLots = order.amendLots
    this.timeInForce = order.timeInForce
    this.isReduceOnly = order.isReduceOnly
    return this
  }
}

export class WorkingOrders {
  private readonly ring: OrderRecord[] = []
  private readonly mask: number
  private next = 1

  constructor(kept: number = ORDERS_KEPT) {
    if (kept < 2 || (kept & (kept - 1)) !== 0) throw new RangeError('orders kept must be a power of two')
    this.mask = kept - 1
    for (let i = 0; i < kept; i++) this.ring.push(new OrderRecord())
  }

  /** Number that the next order takes, unless its place is taken. */
  get nextOrder(): number {
    return this.next
  }

  /** The record of an order of ours, or null when it was never ours or is forgotten. */
  find(order: OrderSeq): OrderRecord | null {
    const record = this.ring[order & this.mask]!
    return record.order === order && order > 0 ? record : null
  }

  /** A fresh record with the next free number; null when every record is held (nothing may be placed then). */
  create(symbol: SymbolId, side: Side): OrderRecord | null {
    for (let tried = 0; tried <= this.mask; tried++) {
      const order = this.next++ as OrderSeq
      const record = this.ring[order & this.mask]!
      if (record.order !== 0 && record.isHeld) continue
      record.reset(order, symbol, side)
      return record
    }
    return null
  }

  /** A record for an order that the exchange says is ours and that we do not know; null when its place is taken. */
  adopt(order: OrderSeq, symbol: SymbolId, side: Side): OrderRecord | null {
    const record = this.ring[order & this.mask]!
    if (record.order !== 0 && record.isHeld) return null
    record.reset(order, symbol, side)
    if (order >= this.next) this.next = order + 1
    return record
  }
}
