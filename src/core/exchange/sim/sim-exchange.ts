/**
 * The simulated exchange: one ledger over several markets. Commands are judged at the gateway when they come and meet
 * the book only after the match latency (accepted is not booked); everything that happens is told to the sink in order.
 * Deterministic: time comes in as an argument, chance from the seed.
 */
import { invariant } from '../../domain/invariant.ts'
import type { Category } from '../../domain/instrument.ts'
import { Prng } from '../../domain/prng.ts'
import { type RateE8, type TimeUs } from '../../domain/units.ts'
import { Account, type SimAccountOptions } from './account.ts'
import { AccountTerms } from './account-terms.ts'
import { actApart, type ApartType } from './apart.ts'
import { judgeScope, ordersInScope } from './cancel-scope.ts'
import type { SimClosedPnl } from './closed-pnl.ts'
import { accepted, refuse } from './codes.ts'
import { judgeAmend, judgePlace } from './gateway.ts'
import { spotIdOf, uuidOf } from './ids.ts'
import { liquidate } from './isolated.ts'
import type { LatencyModel } from './latency.ts'
import { Ledger } from './ledger.ts'
import { Listing, listingKey } from './listing.ts'
import { LiveOrder } from './live-order.ts'
import type { Market } from './market.ts'
import { type AmendPriority, Matcher } from './matcher.ts'
import type {
  AmendCommand,
  CancelAllResult,
  CancelAllScope,
  CancelCommand,
  CommandResult,
  MarketView,
  PlaceCommand,
  SimExecution,
  SimInstrument,
  SimOrder,
  SimPosition,
  SimReference,
  SimSink,
  SimWallet,
} from './model.ts'
import { Timeline } from './timeline.ts'
import { type SimTruth, truthOf } from './truth.ts'

export interface SimExchangeOptions {
  readonly seed: number
  readonly startUs: TimeUs
  readonly markets: readonly { readonly listing: SimInstrument; readonly market: Market }[]
  readonly accounts: readonly SimAccountOptions[]
  readonly sink: SimSink
  /** From acceptance by the gateway to the matching engine. Commands never overtake each other. */
  readonly matchLatency: LatencyModel
  readonly amendPriority?: AmendPriority
}

export interface SeededPosition {
  readonly category: Category
  readonly symbol: string
  readonly positionIdx: 0 | 1 | 2
  readonly lots: number
  readonly entryTicks: number
}

const SPOT_SERIAL_START = 1_000_000_000

export class SimExchange {
  readonly terms: AccountTerms
  readonly instruments: readonly SimInstrument[]
  private readonly accounts = new Map<string, Account>()
  private readonly byKey: ReadonlyMap<string, Listing>
  private readonly ledger: Ledger
  private readonly matcher: Matcher
  private readonly timeline: Timeline
  private readonly idPrng: Prng
  private readonly cancelPrng: Prng
  private orderSerial = 0

  constructor(options: SimExchangeOptions) {
    const prng = new Prng(options.seed)
    this.idPrng = prng.split('order ids')
    this.cancelPrng = prng.split('cancel-all')
    this.ledger = new Ledger(options.sink, prng.split('trade ids').nextU32())
    this.ledger.nowUs = options.startUs
    this.matcher = new Matcher(this.ledger, options.amendPriority ?? 'keepOnDecrease')
    const listings = options.markets.map(({ listing, market }) => new Listing(listing, market))
    this.timeline = new Timeline({
      listings,
      ledger: this.ledger,
      matcher: this.matcher,
      latency: options.matchLatency,
      liquidate: (listing) => this.liquidate(listing),
    })
    this.byKey = new Map(listings.map((listing) => [listing.key, listing]))
    this.instruments = listings.map(({ rules }) => rules)
    for (const listing of listings) this.ledger.list(listing)
    for (const account of options.accounts) this.addAccount(account)
    this.terms = new AccountTerms({
      account: (uid) => this.account(uid),
      listing: (category, symbol) => this.byKey.get(listingKey(category, symbol)),
    })
  }

  /** Accepts or refuses at the gateway; a state comes only through the sink. */
  place(uid: string, command: PlaceCommand, nowUs: TimeUs): CommandResult {
    this.advance(nowUs)
    const listing = this.byKey.get(listingKey(command.category, command.symbol))
    if (listing === undefined) return refuse(command.category, 'symbolInvalid', { symbol: command.symbol })
    const holding = this.account(uid).holding(listing)
    const directed = withDirection(command, listing)
    const judged = judgePlace(holding, directed)
    if ('refused' in judged) return judged.refused
    const birth = { ref: this.ledger.newRef(), orderId: this.newOrderId(command.category), nowUs, ...judged.ok }
    const order = new LiveOrder(holding, directed, birth)
    if (order.isConditional) holding.conditionalCount++
    else holding.activeCount++
    this.ledger.enrol(order)
    this.ledger.reserve(order)
    this.timeline.later(listing, () => this.matcher.place(order))
    return accepted(order.orderId, order.orderLinkId)
  }

  amend(uid: string, command: AmendCommand, nowUs: TimeUs): CommandResult {
    this.advance(nowUs)
    const order = this.liveOrder(uid, command)
    if (order === 'idMissing') return refuse(command.category, 'idMissing')
    if (order === undefined) return refuse(command.category, 'amendGone')
    const judged = judgeAmend(order, command)
    if ('refused' in judged) return judged.refused
    const priceTicks = command.priceTicks === null ? null : judged.ok.priceTicks
    this.timeline.later(order.holding.listing, () => this.matcher.amend(order, { ...command, priceTicks }))
    return accepted(order.orderId, order.orderLinkId)
  }

  cancel(uid: string, command: CancelCommand, nowUs: TimeUs): CommandResult {
    this.advance(nowUs)
    const order = this.liveOrder(uid, command)
    if (order === 'idMissing') return refuse(command.category, 'idMissing')
    const isKind = command.category !== 'spot' || order?.orderFilter === (command.orderFilter ?? 'Order')
    if (order === undefined || !isKind) return refuse(command.category, 'cancelGone')
    this.timeline.later(order.holding.listing, () => this.matcher.cancel(order))
    return accepted(order.orderId, order.orderLinkId)
  }

  /**
   * `cancelType` is what the orders will say ended them: CancelByUser, CancelByDCP, …; `isSpared` orders survive a
   * cancel-all that reached them, as faults want it.
   */
  cancelAll(
    uid: string,
    scope: CancelAllScope,
    nowUs: TimeUs,
    cancelType = 'CancelByUser',
    isSpared: (order: SimOrder) => boolean = () => false,
  ): CancelAllResult {
    this.advance(nowUs)
    const refused = judgeScope(scope)
    if (refused !== null) return { ...refused, list: [] }
    const orders = ordersInScope(this.account(uid), scope, this.cancelPrng).filter((order) => !isSpared(order))
    for (const order of orders) this.timeline.later(order.holding.listing, () => this.matcher.cancel(order, cancelType))
    return { ...accepted('', ''), list: orders.map(({ orderId, orderLinkId }) => ({ orderId, orderLinkId })) }
  }

  /** The exchange acts on every open position of the symbol without an order: half of it closed at mark, or funding. */
  intervene(symbol: string, execType: ApartType, nowUs: TimeUs): void {
    this.advance(nowUs)
    this.timeline.startEvent(nowUs)
    for (const account of this.accounts.values()) {
      for (const holding of account.holdings.values()) {
        if (holding.listing.instrument.symbol === symbol) actApart(this.ledger, holding, execType)
      }
    }
    this.ledger.flush()
  }

  /** When the next accepted request meets the book; Infinity for never. */
  nextMatchUs(): number {
    return this.timeline.nextCommandUs()
  }

  /** When something is due next; Infinity for never. */
  nextUs(): number {
    return this.timeline.nextUs()
  }

  /** Does everything due at or before `nowUs`, in order of time; the crowd first where times are equal. */
  advance(nowUs: TimeUs): void {
    this.timeline.advance(nowUs)
  }

  /** Every open order incl. conditional ones, oldest first. */
  openOrders(uid: string): readonly SimOrder[] {
    return [...this.account(uid).open.values()]
  }

  /** The same and what is on its way to the book, which no client is shown yet. */
  liveOrders(uid: string): readonly SimOrder[] {
    const { open, inFlight } = this.account(uid)
    return [...open.values(), ...inFlight.values()]
  }

  /** Terminal orders, oldest first; the oldest of very many are forgotten. */
  closedOrders(uid: string): readonly SimOrder[] {
    return this.account(uid).closed
  }

  /** By orderId ('' for none), else by orderLinkId; open or closed, not what is still on its way to the book. */
  findOrder(uid: string, orderId: string, orderLinkId: string): SimOrder | undefined {
    const account = this.account(uid)
    const order = account.find(orderId, orderLinkId)
    return order === undefined || account.inFlight.has(order.orderId) ? undefined : order
  }

  /** Oldest first; the oldest of very many are forgotten. */
  executions(uid: string): readonly SimExecution[] {
    return this.account(uid).executions
  }

  /** Oldest first; the oldest of very many are forgotten. */
  closedPnl(uid: string): readonly SimClosedPnl[] {
    return this.account(uid).closedPnl.rows
  }

  /** What an order has closed so far, after fees, 1e-8 settle coins. */
  closedPnlOf(uid: string, orderId: string): bigint {
    return this.account(uid).closedPnl.of(orderId)
  }

  /** Every position record that ever existed, flat ones too. */
  positions(uid: string): readonly SimPosition[] {
    return [...this.account(uid).holdings.values()].flatMap((holding) => holding.positions)
  }

  wallet(uid: string): SimWallet {
    return this.account(uid)
  }

  /** What is free for new orders, 1e-8 coins. */
  freeE8(uid: string, coin: string): bigint {
    return this.account(uid).freeE8(coin)
  }

  /** Undefined for a symbol that is not listed. */
  market(category: Category, symbol: string): MarketView | undefined {
    return this.byKey.get(listingKey(category, symbol))?.market
  }

  listing(category: Category, symbol: string): SimInstrument | undefined {
    return this.byKey.get(listingKey(category, symbol))?.rules
  }

  reference(category: Category, symbol: string): SimReference {
    return this.listed(category, symbol).reference
  }

  /** Number of the last matching event: what the exchange calls `seq`. */
  get crossSeq(): number {
    return this.ledger.crossSeq
  }

  feeRates(uid: string, category: Category, symbol: string): { readonly makerFee: RateE8; readonly takerFee: RateE8 } {
    const listing = this.listed(category, symbol)
    const account = this.account(uid)
    return { makerFee: account.feeRate(listing, true), takerFee: account.feeRate(listing, false) }
  }

  addAccount(options: SimAccountOptions): void {
    invariant(!this.accounts.has(options.uid), `account ${options.uid} exists once`)
    this.accounts.set(options.uid, new Account(options))
  }

  /** Initial ledger only: a position opened before the run, at `entryTicks`, free of fees. `lots` is signed. */
  seedPosition(uid: string, at: SeededPosition, nowUs: TimeUs): void {
    const holding = this.account(uid).holding(this.listed(at.category, at.symbol))
    const lots = Math.abs(at.lots)
    const valueE8 = holding.listing.valuer.valueE8(at.entryTicks, lots)
    const side = at.lots > 0 ? 1 : -1
    const fill = { side, ticks: at.entryTicks, lots, valueE8, feeE8: 0n, atUs: nowUs, crossSeq: this.crossSeq } as const
    holding.position(at.positionIdx).apply(fill)
  }

  uids(): readonly string[] {
    return [...this.accounts.keys()]
  }

  hasAccount(uid: string): boolean {
    return this.accounts.has(uid)
  }

  truth(): SimTruth {
    return truthOf(this.accounts.values(), { nowUs: this.ledger.nowUs, crossSeq: this.ledger.crossSeq })
  }

  private liquidate(listing: Listing): boolean {
    let isAny = false
    for (const account of this.accounts.values()) {
      const holding = account.isIsolated ? account.holdings.get(listing.key) : undefined
      if (holding !== undefined && liquidate(holding, { ledger: this.ledger, matcher: this.matcher })) isAny = true
    }
    return isAny
  }

  private liveOrder(uid: string, command: AmendCommand | CancelCommand): LiveOrder | undefined | 'idMissing' {
    if (command.orderId === '' && command.orderLinkId === '') return 'idMissing'
    const order = this.account(uid).find(command.orderId, command.orderLinkId)
    const isMeant = order?.symbol === command.symbol && order.category === command.category
    return isMeant && order.stage !== 'done' ? order : undefined
  }

  private newOrderId(category: Category): string {
    const serial = ++this.orderSerial
    return category === 'spot' ? spotIdOf(SPOT_SERIAL_START + serial) : uuidOf(serial, this.idPrng)
  }

  private account(uid: string): Account {
    const account = this.accounts.get(uid)
    invariant(account !== undefined, `account ${uid} exists`)
    return account
  }

  private listed(category: Category, symbol: string): Listing {
    const listing = this.byKey.get(listingKey(category, symbol))
    invariant(listing !== undefined, `${category} ${symbol} is listed`)
    return listing
  }
}

// Spot has no trigger direction: the order waits for the side of the last price on which its trigger lies.
function withDirection(command: PlaceCommand, listing: Listing): PlaceCommand {
  if (command.triggerTicks === 0 || command.category !== 'spot') return command
  const last = listing.market.lastTicks() || listing.reference.markTicks
  return { ...command, triggerDirection: command.triggerTicks > last ? 1 : 2 }
}
