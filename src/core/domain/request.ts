/**
 * What the engine asks for. Placing and amending need an `Approval` that only engine/guards can mint; cancelling needs
 * none. The buffer reuses its slots: read it before the next `step`.
 */
import type { TimeInForce } from './order.ts'
import type { OrderSeq, PriceTicks, Side, SizeLots, SymbolId } from './units.ts'

declare const approved: unique symbol
/** Proof that every guard said yes to one request. Costs nothing at run time. */
export type Approval = number & { readonly [approved]: true }

export type RequestKind = 'place' | 'amend' | 'cancel'

/** One reused slot. Which fields mean something depends on `kind`. */
export class Request {
  kind: RequestKind = 'cancel'
  order = 0 as OrderSeq
  symbol = 0 as SymbolId
  side: Side = 1
  priceTicks = 0 as PriceTicks
  /** place: size · amend: new total size. */
  sizeLots = 0 as SizeLots
  timeInForce: TimeInForce = 'PostOnly'
  isReduceOnly = false
}

/** The engine's output. */
export class RequestBuffer {
  private readonly slots: Request[] = []
  private used = 0

  get length(): number {
    return this.used
  }

  clear(): void {
    this.used = 0
  }

  at(index: number): Request {
    const slot = this.slots[index]
    if (slot === undefined || index >= this.used) throw new RangeError(`no request ${index}`)
    return slot
  }

  place(_approval: Approval, order: PlaceFields): void {
    const slot = this.take('place', order.order, order.symbol)
    slot.side = order.side
    slot.priceTicks = order.priceTicks
    slot.sizeLots = order.sizeLots
    slot.timeInForce = order.timeInForce
    slot.isReduceOnly = order.isReduceOnly
  }

  amend(_approval: Approval, order: PlaceFields): void {
    const slot = this.take('amend', order.order, order.symbol)
    slot.side = order.side
    slot.priceTicks = order.priceTicks
    slot.sizeLots = order.sizeLots
    slot.timeInForce = order.timeInForce
    slot.isReduceOnly = order.isReduceOnly
  }

  cancel(symbol: SymbolId, order: OrderSeq): void {
    this.take('cancel', order, symbol)
  }

  /** Hands on a request that was approved when it was made. */
  pass(from: Readonly<Request>): void {
    copyRequest(from, this.take(from.kind, from.order, from.symbol))
  }

  private take(kind: RequestKind, order: OrderSeq, symbol: SymbolId): Request {
    let slot = this.slots[this.used]
    if (slot === undefined) {
      slot = new Request()
      this.slots.push(slot)
    }
    this.used++
    slot.kind = kind
    slot.order = order
    slot.symbol = symbol
    return slot
  }
}

export function copyRequest(from: Readonly<Request>, to: Request): void {
  to.kind = from.kind
  to.order = from.order
  to.symbol = from.symbol
  to.side = from.side
  to.priceTicks = from.priceTicks
  to.sizeLots = from.sizeLots
  to.timeInForce = from.timeInForce
  to.isReduceOnly = from.isReduceOnly
}

/** What place and amend need; an engine's order record has these fields. */
export interface PlaceFields {
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  readonly timeInForce: TimeInForce
  readonly isReduceOnly: boolean
}
