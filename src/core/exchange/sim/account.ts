/** One UID: wallet, orders, history and settings. Balances never go where an order could not have been refused. */
import type { Category } from '../../domain/instrument.ts'
import type { RateE8 } from '../../domain/units.ts'
import { ClosedPnl } from './closed-pnl.ts'
import { Holding } from './holding.ts'
import type { Listing } from './listing.ts'
import type { LiveOrder } from './live-order.ts'
import type { CoinE8, SimExecution, SimWallet } from './model.ts'

export interface SimAccountOptions {
  readonly uid: string
  /** coin → balance, 1e-8. */
  readonly balances: Readonly<Record<string, CoinE8>>
  /** Hedge mode for linear USDT symbols; default one-way. */
  readonly isHedge?: boolean
  /** Default "10". */
  readonly leverage?: string
  /** Accounts of one group never trade with each other under an smpType; default: the uid itself. */
  readonly smpGroup?: string
  /** Overrides of the instrument's fee rates. */
  readonly makerFee?: RateE8
  readonly takerFee?: RateE8
}

/** Rows kept of each history before the oldest tenth is forgotten. */
const HISTORY_MAX = 50_000

export class Account implements SimWallet {
  readonly uid: string
  readonly smpGroup: string
  readonly makerFee: RateE8 | undefined
  readonly takerFee: RateE8 | undefined
  readonly balances = new Map<string, CoinE8>()
  readonly locked = new Map<string, CoinE8>()
  /** In the book or waiting for a trigger, by orderId, oldest first. */
  readonly open = new Map<string, LiveOrder>()
  readonly inFlight = new Map<string, LiveOrder>()
  readonly closed: LiveOrder[] = []
  readonly executions: SimExecution[] = []
  readonly closedPnl = new ClosedPnl()
  readonly holdings = new Map<string, Holding>()
  /** Category → true: an outside price is moved to the limit. */
  readonly movesPrice: Record<Category, boolean> = { linear: true, inverse: true, option: true, spot: false }
  isHedge: boolean
  /** Margin by position instead of by account. */
  isIsolated = false
  executionCount = 0
  private readonly leverage: string
  private readonly byId = new Map<string, LiveOrder>()
  private readonly byLink = new Map<string, LiveOrder>()
  // Link ids are unique for ever, also of orders that were forgotten.
  private readonly links = new Set<string>()

  constructor(options: SimAccountOptions) {
    this.uid = options.uid
    this.smpGroup = options.smpGroup ?? options.uid
    this.makerFee = options.makerFee
    this.takerFee = options.takerFee
    this.isHedge = options.isHedge ?? false
    this.leverage = options.leverage ?? '10'
    for (const [coin, amount] of Object.entries(options.balances)) this.balances.set(coin, amount)
  }

  holding(listing: Listing): Holding {
    const known = this.holdings.get(listing.key)
    if (known !== undefined) return known
    const isHedge = this.isHedge && listing.instrument.category === 'linear'
    const created = new Holding(this, listing, { isHedge, leverage: this.leverage })
    this.holdings.set(listing.key, created)
    return created
  }

  feeRate(listing: Listing, isMaker: boolean): RateE8 {
    return isMaker ? (this.makerFee ?? listing.instrument.makerFee) : (this.takerFee ?? listing.instrument.takerFee)
  }

  hasLink(orderLinkId: string): boolean {
    return this.links.has(orderLinkId)
  }

  enrol(order: LiveOrder): void {
    this.byId.set(order.orderId, order)
    this.inFlight.set(order.orderId, order)
    if (order.orderLinkId === '') return
    this.byLink.set(order.orderLinkId, order)
    this.links.add(order.orderLinkId)
  }

  /** orderId wins over orderLinkId; two ids that name two orders name none (BYBIT.md §3.7). */
  find(orderId: string, orderLinkId: string): LiveOrder | undefined {
    if (orderId === '') return this.byLink.get(orderLinkId)
    const order = this.byId.get(orderId)
    return orderLinkId === '' || order?.orderLinkId === orderLinkId ? order : undefined
  }

  close(order: LiveOrder): void {
    this.open.delete(order.orderId)
    this.inFlight.delete(order.orderId)
    this.closed.push(order)
    if (this.closed.length <= HISTORY_MAX) return
    for (const old of this.closed.splice(0, HISTORY_MAX / 10)) {
      this.byId.delete(old.orderId)
      this.byLink.delete(old.orderLinkId)
    }
  }

  record(execution: SimExecution): void {
    this.executionCount++
    this.executions.push(execution)
    if (this.executions.length > HISTORY_MAX) this.executions.splice(0, HISTORY_MAX / 10)
  }

  credit(coin: string, amount: CoinE8): void {
    this.balances.set(coin, (this.balances.get(coin) ?? 0n) + amount)
  }

  lock(order: LiveOrder, amount: CoinE8): void {
    if (amount === order.lockedE8) return
    const { baseCoin, quoteCoin } = order.holding.listing.instrument
    const coin = order.side === 1 ? quoteCoin : baseCoin
    this.locked.set(coin, (this.locked.get(coin) ?? 0n) + amount - order.lockedE8)
    order.lockedE8 = amount
  }

  /** Free balance of a coin: what spot orders hold and contracts need as margin is taken off. */
  freeE8(coin: string): CoinE8 {
    let free = (this.balances.get(coin) ?? 0n) - (this.locked.get(coin) ?? 0n)
    for (const holding of this.holdings.values()) {
      const { category, settleCoin } = holding.listing.instrument
      if (category === 'spot' || settleCoin !== coin) continue
      // What an isolated position has gained or lost is its own.
      const unrealisedE8 = this.isIsolated ? 0n : holding.unrealisedE8()
      free += unrealisedE8 - holding.marginE8(holding.worstLots())
    }
    return free
  }
}
