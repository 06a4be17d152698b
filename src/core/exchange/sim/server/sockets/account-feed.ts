/**
 * Private streams: what the ledger tells while one thing happens becomes one frame per topic when it is over, so that
 * the order, execution, position and wallet messages of one fill agree. Rows are made at once: records change later.
 */
import type { Category } from '../../../../domain/instrument.ts'
import type { SimExecution, SimOrder, SimPosition, SimWallet } from '../../model.ts'
import type { Agenda } from '../agenda.ts'
import { positionContext } from '../exits.ts'
import type { Json } from '../outcome.ts'
import { executionPush, fastExecutionPush } from '../rows/execution-row.ts'
import { orderPush } from '../rows/order-row.ts'
import { positionPush } from '../rows/position-row.ts'
import { walletRow } from '../rows/wallet-row.ts'
import type { Venue } from '../venue.ts'
import { accountKey, type Hub } from './hub.ts'

interface Pending {
  readonly uid: string
  readonly topic: string
  readonly rows: Json[]
}

export class AccountFeed {
  private readonly venue: () => Venue
  private readonly agenda: Agenda
  private readonly hub: Hub
  /** Hub key → rows of the event in progress, in the order in which topics were first touched. */
  private pending = new Map<string, Pending>()
  /** Contract positions an order event touched, and those told already. */
  private touched = new Map<string, { readonly uid: string; readonly category: Category; readonly symbol: string }>()
  private readonly told = new Set<string>()
  private nextMessage = 1

  constructor(venue: () => Venue, agenda: Agenda, hub: Hub) {
    this.venue = venue
    this.agenda = agenda
    this.hub = hub
  }

  order(order: SimOrder): void {
    const { uid, category, symbol, orderId } = order
    if (this.isHeard(uid, 'order', category)) {
      const { exchange } = this.venue()
      const listing = exchange.listing(category, symbol)
      if (listing !== undefined) {
        const row = orderPush(order, listing.instrument, exchange.closedPnlOf(uid, orderId))
        this.add(uid, 'order', category, row)
      }
    }
    if (category !== 'spot') this.touched.set(`${uid} ${category} ${symbol}`, { uid, category, symbol })
  }

  execution(execution: SimExecution): void {
    const { uid, category, symbol } = execution
    const { exchange } = this.venue()
    const listing = exchange.listing(category, symbol)
    if (listing === undefined) return
    if (this.isHeard(uid, 'execution', category)) {
      this.add(
        uid,
        'execution',
        category,
        executionPush(execution, listing.instrument, exchange.reference(category, symbol)),
      )
    }
    if (execution.execType === 'Trade' && this.isHeard(uid, 'execution.fast', category)) {
      this.add(uid, 'execution.fast', category, fastExecutionPush(execution, listing.instrument))
    }
  }

  position(position: SimPosition): void {
    const { uid, category, symbol } = position
    this.told.add(`${uid} ${category} ${symbol}`)
    if (!this.isHeard(uid, 'position', category)) return
    const context = positionContext(this.venue().exchange, position)
    if (context !== null) this.add(uid, 'position', category, positionPush(position, context))
  }

  wallet(wallet: SimWallet): void {
    const key = accountKey(wallet.uid, 'wallet')
    if (this.hub.has(key)) this.pending.set(key, { uid: wallet.uid, topic: 'wallet', rows: [] })
  }

  /** The event is over: every topic it touched becomes one frame. */
  flush(): void {
    this.tellUnchanged()
    if (this.pending.size === 0) return
    const pending = this.pending
    this.pending = new Map()
    const creationTime = this.agenda.nowMs()
    for (const [key, { uid, topic, rows }] of pending) {
      const data = topic === 'wallet' ? [walletRow(this.venue().exchange, uid)] : rows
      const id = topic.startsWith('execution.fast') ? {} : { id: `${uid}_${this.nextMessage++}` }
      this.hub.publish(key, topic, JSON.stringify({ ...id, topic, creationTime, data }))
    }
  }

  // The position is pushed on every create, amend and cancel, changed or not (BYBIT.md §2.5).
  private tellUnchanged(): void {
    if (this.touched.size === 0) return
    for (const [key, { uid, category, symbol }] of this.touched) {
      if (this.told.has(key) || !this.isHeard(uid, 'position', category)) continue
      const found = this.venue()
        .exchange.positions(uid)
        .filter((one) => one.symbol === symbol && one.category === category)
      for (const position of found) this.position(position)
    }
    this.touched.clear()
    this.told.clear()
  }

  private isHeard(uid: string, topic: string, category: Category): boolean {
    return this.hub.has(accountKey(uid, topic)) || this.hub.has(accountKey(uid, `${topic}.${category}`))
  }

  private add(uid: string, kind: string, category: Category, row: Json): void {
    for (const topic of [kind, `${kind}.${category}`]) {
      const key = accountKey(uid, topic)
      if (!this.hub.has(key)) continue
      const found = this.pending.get(key)
      if (found === undefined) this.pending.set(key, { uid, topic, rows: [row] })
      else found.rows.push(row)
    }
  }
}
