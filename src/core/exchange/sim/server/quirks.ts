/**
 * What the exchange itself does wrong while a fault says so (rules `at: "venue"`): cancels that are accepted and do not
 * happen, listings from a replica that lags, pages that shift, symbols in a call auction. The ledger stays right; only
 * what clients are told and what their requests reach changes.
 */
import type { Category } from '../../../domain/instrument.ts'
import { Prng } from '../../../domain/prng.ts'
import type { SimOrder } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'
import type { Faults } from './faults.ts'
import { refuse } from './outcome.ts'
import { Replica } from './replica.ts'

/** How one cancel-all goes wrong. */
export interface CancelAllQuirk {
  /** survive: says all, does half · partial: says and does half, success "0" · idle: says success, does nothing. */
  readonly effect: 'none' | 'survive' | 'partial' | 'idle'
  readonly isSpared: (order: SimOrder) => boolean
}

export class Quirks {
  readonly replica = new Replica()
  private readonly faults: Faults
  private readonly agenda: Agenda
  private readonly prng: Prng

  constructor(faults: Faults, agenda: Agenda, seed: number) {
    this.faults = faults
    this.agenda = agenda
    this.prng = new Prng(seed).split('quirks')
  }

  /** Rules were armed: a listing that lags starts from what is open now. */
  armed(exchange: SimExchange): void {
    if (this.faults.has('lag')) this.replica.start(exchange.uids().flatMap((uid) => exchange.openOrders(uid)))
  }

  cancelAll(): CancelAllQuirk {
    const effect = this.faults.take('venue', 'cancel-all')?.effect
    const inAuction = (order: SimOrder): boolean => this.isInAuction(order.symbol)
    if (effect !== 'survive' && effect !== 'partial' && effect !== 'idle')
      return { effect: 'none', isSpared: inAuction }
    const share = effect === 'idle' ? 1 : 0.5
    return { effect, isSpared: (order) => inAuction(order) || this.prng.chance(share) }
  }

  /** In a call auction nothing can be created, amended or cancelled: ends the request with 110095. */
  insistOnTrading(category: Category, symbol: string): void {
    if (this.isInAuction(symbol)) {
      refuse(category === 'spot' ? 170_151 : 110_095, 'Not supported during the call auction phase.')
    }
  }

  /** The open orders as a listing shows them. */
  listed(uid: string, present: () => readonly SimOrder[]): readonly SimOrder[] {
    const bite = this.faults.take('venue', 'realtime lag', 'lag')
    return bite === null ? present() : this.replica.openOrders(uid, this.agenda.nowUs() - bite.delayUs)
  }

  /** True when the pages of this listing go by row number. */
  isShifting(): boolean {
    return this.faults.take('venue', 'realtime pages', 'shift') !== null
  }

  private isInAuction(symbol: string): boolean {
    return this.faults.isStanding('auction', symbol)
  }
}
