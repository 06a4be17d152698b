/**
 * The open orders as a replica that lags would list them: the ledger's order events, replayed so much later. Keeps copies,
 * because the ledger changes its records in place; keeps nothing until a lag is asked for.
 */
import type { SimOrder } from '../model.ts'
import { isOpen } from './rows/order-row.ts'

interface Change {
  readonly atUs: number
  readonly order: SimOrder
}

export class Replica {
  private isKept = false
  private readonly open = new Map<string, SimOrder>()
  private changes: Change[] = []

  /** From now on changes are kept; `present` is what is open at this moment. */
  start(present: readonly SimOrder[]): void {
    this.isKept = true
    this.open.clear()
    this.changes = []
    for (const order of present) this.open.set(order.orderId, copyOf(order))
  }

  note(order: SimOrder, atUs: number): void {
    if (this.isKept) this.changes.push({ atUs, order: copyOf(order) })
  }

  /** Open orders of `uid` as they were at `thenUs`; asked with a time that never goes back. */
  openOrders(uid: string, thenUs: number): readonly SimOrder[] {
    const later = this.changes.findIndex(({ atUs }) => atUs > thenUs)
    const due = this.changes.splice(0, later < 0 ? this.changes.length : later)
    for (const { order } of due) {
      if (isOpen(order)) this.open.set(order.orderId, order)
      else this.open.delete(order.orderId)
    }
    return [...this.open.values()].filter((order) => order.uid === uid)
  }
}

const copyOf = (order: SimOrder): SimOrder => ({ ...order })
