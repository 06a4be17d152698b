/**
 * A take profit and a stop loss that were set together for a part of a position belong together: when one of them triggers or
 * is cancelled, the other goes. Those that close a whole position need no bond: they go with it.
 */
import type { SimOrder } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'

export interface PairParts {
  readonly exchange: () => SimExchange
  readonly agenda: Agenda
  readonly settle: () => void
}

export class ExitPairs {
  private readonly parts: PairParts
  private readonly partners = new Map<string, string>()

  constructor(parts: PairParts) {
    this.parts = parts
  }

  /** Bonds two orders; any other number of them has no bond. */
  bind(orderIds: readonly string[]): void {
    const [one, other] = orderIds
    if (one === undefined || other === undefined) return
    this.partners.set(one, other)
    this.partners.set(other, one)
  }

  /** Something was told of an order. */
  told({ uid, orderId, status }: SimOrder): void {
    const partner = this.partners.get(orderId)
    if (partner === undefined || status === 'Untriggered') return
    this.partners.delete(orderId)
    this.partners.delete(partner)
    const { exchange, agenda, settle } = this.parts
    agenda.after(0, () => {
      const order = exchange().findOrder(uid, partner, '')
      if (order?.status !== 'Untriggered') return
      exchange().cancel(uid, { ...order, orderFilter: null }, agenda.nowUs())
      settle()
    })
  }
}
