/**
 * Spelling of our order numbers as orderLinkId: `prefix-epoch-seq`, seq in base 36. The exchange wants at most 36 of
 * [A-Za-z0-9_-] and never the same twice; the epoch makes that true across restarts.
 */
import { invariant } from '../../domain/invariant.ts'
import { type OrderSeq, orderSeq } from '../../domain/units.ts'

const LENGTH_MAX = 36
const FOREIGN = orderSeq(0)

export class OrderLinks {
  private readonly start: string

  constructor(prefix: string, epoch: string) {
    this.start = `${prefix}-${epoch}-`
    invariant(/^[A-Za-z0-9]{2,8}-[a-z0-9]{1,12}-$/.test(this.start), `order link start ${this.start}`)
    invariant(this.start.length + Number.MAX_SAFE_INTEGER.toString(36).length <= LENGTH_MAX, 'order link too long')
  }

  spell(order: OrderSeq): string {
    return this.start + order.toString(36)
  }

  /** Id of a request, never the same twice either. */
  request(count: number): string {
    return `${this.start}r${count.toString(36)}`
  }

  /** The order of this run that carries this link; 0 for every other. */
  orderOf(link: string): OrderSeq {
    if (!link.startsWith(this.start)) return FOREIGN
    const digits = link.slice(this.start.length)
    return /^[1-9a-z][0-9a-z]{0,10}$/.test(digits) ? orderSeq(Number.parseInt(digits, 36)) : FOREIGN
  }
}
