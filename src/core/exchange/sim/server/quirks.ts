/**
 * What the exchange itself does wrong while a fault says so (rules `at: "venue"`): cancels that are accepted and do not
 * happen, listings from a replica that lags, pages that shift, symbols in a call auction or on their way out, positions
 * moved without an order. The ledger stays right; only what clients are told and what their requests reach changes.
 */
import type { Category } from '../../../domain/instrument.ts'
import { Prng } from '../../../domain/prng.ts'
import type { SimOrder } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'
import type { Faults } from './faults.ts'
import { isObject } from './fields.ts'
import { type Json, refuse } from './outcome.ts'
import { Replica } from './replica.ts'

/** How one cancel-all goes wrong. */
export interface CancelAllQuirk {
  /** survive: says all, does half · partial: says and does half, success "0" · idle: says success, does nothing. */
  readonly effect: 'none' | 'survive' | 'partial' | 'idle'
  readonly isSpared: (order: SimOrder) => boolean
}

export interface QuirkParts {
  readonly faults: Faults
  readonly agenda: Agenda
  /** The ledger has been acted on: tell the private streams. */
  readonly settle: () => void
}

/** What happens to positions without anybody's order. */
const APART = ['funding', 'adl', 'bust', 'settle'] as const
const EXEC_TYPES = { funding: 'Funding', adl: 'AdlTrade', bust: 'BustTrade', settle: 'Settle' } as const

export class Quirks {
  readonly replica = new Replica()
  private readonly faults: Faults
  private readonly agenda: Agenda
  private readonly settle: () => void
  private readonly prng: Prng
  /** Grows with every arming: what an older one planned is off. */
  private round = 0

  constructor({ faults, agenda, settle }: QuirkParts, seed: number) {
    this.faults = faults
    this.agenda = agenda
    this.settle = settle
    this.prng = new Prng(seed).split('quirks')
  }

  /** Rules were armed: a listing that lags starts from what is open now, interventions are planned. */
  armed(exchange: SimExchange): void {
    const round = ++this.round
    if (this.faults.has('lag')) this.replica.start(exchange.uids().flatMap((uid) => exchange.openOrders(uid)))
    for (const { rule, inMs } of this.faults.due(APART)) {
      const execType = EXEC_TYPES[rule.effect as (typeof APART)[number]]
      this.agenda.after(inMs * 1_000, () => {
        if (this.round !== round) return
        exchange.intervene(rule.match, execType, this.agenda.nowUs())
        this.settle()
      })
    }
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

  /** Closed orders as history shows them: not before `delayMs` after they ended. */
  remembered(orders: readonly SimOrder[]): readonly SimOrder[] {
    const bite = this.faults.take('venue', 'history lag', 'lag')
    if (bite === null) return orders
    return orders.filter((order) => order.updatedUs <= this.agenda.nowUs() - bite.delayUs)
  }

  /** True when realtime has lost its memory of orders that ended. */
  isForgetting(): boolean {
    return this.faults.take('venue', 'realtime closed', 'forget') !== null
  }

  /** True when subscribing to this topic fails as for an unknown one. */
  isRetired(topic: string): boolean {
    return this.faults.isStanding('retired', topic)
  }

  /** A row of instruments-info, changed as announced. */
  announced(row: Json): Json {
    const symbol = String(row['symbol'])
    if (this.faults.isStanding('closed', symbol)) return { ...row, status: 'Closed' }
    if (this.faults.isStanding('ending', symbol))
      return { ...row, deliveryTime: String(this.agenda.nowMs() + 86_400_000) }
    const { priceFilter } = row
    if (!this.faults.isStanding('tick', symbol) || !isObject(priceFilter)) return row
    return { ...row, priceFilter: { ...priceFilter, tickSize: `${String(priceFilter['tickSize'])}5` } }
  }

  /** True when the pages of this listing go by row number. */
  isShifting(): boolean {
    return this.faults.take('venue', 'realtime pages', 'shift') !== null
  }

  private isInAuction(symbol: string): boolean {
    return this.faults.isStanding('auction', symbol)
  }
}
