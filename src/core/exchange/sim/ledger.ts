/**
 * Who owns what: turns matches into executions, positions and balances, ends orders, and tells the sink. All messages of
 * one matching event carry one cross sequence; executions are told as they happen, the order, position and wallet they
 * lead to when the event is over (`flush`), so that they agree.
 */
import { invariant } from '../../domain/invariant.ts'
import type { PriceTicks, SizeLots, TimeUs } from '../../domain/units.ts'
import type { Account } from './account.ts'
import type { Holding } from './holding.ts'
import { tradeIdOf } from './ids.ts'
import type { Listing } from './listing.ts'
import type { LiveOrder } from './live-order.ts'
import type { Market, MarketListener, Match, OrderRef } from './market.ts'
import type { CoinE8, SimExecution, SimSink, SimStatus, SimTrade } from './model.ts'
import { feeOf, lotsFor } from './money.ts'
import { ordersToShrink } from './reduce-only.ts'
import type { PositionChange } from './position.ts'

export interface Ending {
  readonly status: SimStatus
  readonly cancelType?: string
  readonly rejectReason?: string
}

export class Ledger implements MarketListener {
  nowUs = 0 as TimeUs
  crossSeq = 1
  private readonly sink: SimSink
  private readonly tradeSalt: number
  private readonly orders: (LiveOrder | undefined)[] = [undefined]
  private readonly freeRefs: OrderRef[] = []
  private readonly byMarket = new Map<Market, Listing>()
  private readonly touched = new Set<LiveOrder>()
  private readonly touchedHoldings = new Set<Holding>()
  private readonly touchedWallets = new Set<Account>()
  private tradeSerial = 0
  /** A trade happened since the last `flush`. */
  private hasTraded = false

  constructor(sink: SimSink, tradeSalt: number) {
    this.sink = sink
    this.tradeSalt = tradeSalt
  }

  list(listing: Listing): void {
    this.byMarket.set(listing.market, listing)
    listing.market.attach(this)
  }

  newRef(): OrderRef {
    return this.freeRefs.pop() ?? this.orders.push(undefined) - 1
  }

  enrol(order: LiveOrder): void {
    this.orders[order.ref] = order
    order.holding.account.enrol(order)
  }

  /** '' when there is no such order any more. */
  orderIdOf(ref: OrderRef): string {
    return this.orders[ref]?.orderId ?? ''
  }

  /** The order changed: it, its position and (spot) its wallet are told at the next flush. */
  touch(order: LiveOrder): void {
    order.updatedUs = this.nowUs
    this.touched.add(order)
  }

  match(market: Market, match: Match): void {
    const listing = this.listingOf(market)
    const serial = ++this.tradeSerial
    this.hasTraded = true
    this.sink.trade(this.tradeOf(listing, match, serial))
    const taker = this.orders[match.taker]
    const maker = this.orders[match.maker]
    const isOneAccount = taker !== undefined && taker.uid === maker?.uid
    if (taker !== undefined) this.settle(taker, match, { serial, isMaker: false })
    // One account on both sides gets two ids, or its own bookkeeping would take the second for a repetition.
    const makerSerial = isOneAccount ? ++this.tradeSerial : serial
    if (maker !== undefined) this.settle(maker, match, { serial: makerSerial, isMaker: true })
    // Also in the middle of a sweep, before an order that may only reduce could flip its position.
    if (taker !== undefined) this.shrink(taker.holding)
    if (maker !== undefined) this.shrink(maker.holding)
  }

  isSelf(taker: OrderRef, maker: OrderRef): boolean {
    const group = this.orders[taker]?.holding.account.smpGroup
    return group !== undefined && group === this.orders[maker]?.holding.account.smpGroup
  }

  smpCancelled(maker: OrderRef, taker: OrderRef): void {
    const order = this.orderOf(maker)
    order.smpOrderId = this.orders[taker]?.orderId ?? ''
    this.end(order, { status: cancelledStatus(order), cancelType: 'CancelBySmp', rejectReason: 'EC_BySelfMatch' })
  }

  bookChanged(market: Market): void {
    this.sink.book(market, this.nowUs, this.crossSeq)
  }

  /** Something that no order of this account did: its id is new, account and position are told at the next flush. */
  recordApart(holding: Holding, execution: Omit<SimExecution, StampedHere>): void {
    const { account } = holding
    const execId = tradeIdOf(++this.tradeSerial, this.tradeSalt)
    const stamp = { execId, crossSeq: this.crossSeq, exchangeUs: this.nowUs, ...balancesOf(holding) }
    const row: SimExecution = { ...execution, ...stamp }
    account.record(row)
    this.sink.execution(row)
    this.shrink(holding)
    this.tellPositions(holding)
    this.sink.wallet(account)
  }

  /** The order is over; it must not rest in the book any more. */
  end(order: LiveOrder, ending: Ending): void {
    invariant(order.stage !== 'done', 'an order ends once')
    this.uncount(order)
    order.stage = 'done'
    order.status = ending.status
    order.cancelType = ending.cancelType ?? 'UNKNOWN'
    order.rejectReason = ending.rejectReason ?? 'EC_NoError'
    order.holding.account.lock(order, 0n)
    order.holding.expose(order, 0)
    order.holding.reducing.delete(order)
    order.holding.listing.waiting.delete(order)
    order.holding.account.close(order)
    this.touch(order)
  }

  /** Exposure and spot holds follow the order's open lots. */
  reserve(order: LiveOrder): void {
    const adds = order.stage !== 'done' && !order.isConditional && !order.isReducing
    order.holding.expose(order, adds ? order.leavesLots : 0)
    order.holding.account.lock(order, holdOf(order))
  }

  /** Tells what the last event led to; returns whether there was a trade in it. */
  flush(): boolean {
    const hadTrade = this.hasTraded
    this.hasTraded = false
    if (this.touched.size === 0) return hadTrade
    for (const order of this.touched) this.sink.order(order)
    for (const order of this.touched) {
      if (order.category === 'spot') this.touchedWallets.add(order.holding.account)
      else this.touchPosition(order)
      if (order.stage === 'done') this.free(order)
    }
    for (const holding of this.touchedHoldings) this.tellPositions(holding)
    for (const account of this.touchedWallets) this.sink.wallet(account)
    this.touched.clear()
    this.touchedHoldings.clear()
    this.touchedWallets.clear()
    return hadTrade
  }

  private settle(order: LiveOrder, match: Match, leg: { readonly serial: number; readonly isMaker: boolean }): void {
    const { holding } = order
    const { account, listing } = holding
    const valueE8 = listing.valuer.valueE8(match.ticks, match.lots)
    const rate = account.feeRate(listing, leg.isMaker)
    const fee = feeLeg(order, match.lots, valueE8, rate, leg.isMaker)
    order.filledLots = (order.filledLots + match.lots) as SizeLots
    order.filledMoney += match.ticks * match.lots
    order.filledValueE8 += valueE8
    order.feeE8 += fee.feeE8
    order.feeCoin = fee.coin
    order.status = 'PartiallyFilled'
    const change =
      order.category === 'spot'
        ? this.settleSpot(order, match.lots, valueE8)
        : this.settleContract(order, match, valueE8, fee.feeE8)
    account.credit(fee.coin, -fee.feeE8)
    this.touchedWallets.add(account)
    this.touch(order)
    const execution = this.executionOf(order, match, {
      ...leg,
      valueE8,
      rate,
      fee,
      change,
    })
    account.record(execution)
    this.sink.execution(execution)
    if (change !== null && change.closedLots > 0)
      account.closedPnl.add(order, change, { ticks: match.ticks, atUs: this.nowUs })
    if (leg.isMaker && match.isMakerDone) this.end(order, { status: 'Filled' })
    else this.reserve(order)
  }

  private settleSpot(order: LiveOrder, lots: number, valueE8: CoinE8): null {
    const { account, listing } = order.holding
    const sizeE8 = listing.valuer.sizeE8(lots)
    account.credit(listing.instrument.baseCoin, BigInt(order.side) * sizeE8)
    account.credit(listing.instrument.quoteCoin, BigInt(-order.side) * valueE8)
    return null
  }

  private settleContract(order: LiveOrder, match: Match, valueE8: CoinE8, feeE8: CoinE8): PositionChange {
    const { account, listing } = order.holding
    const change = order.holding.position(order.positionIdx).apply({
      side: order.side,
      ticks: match.ticks,
      lots: match.lots,
      valueE8,
      feeE8,
      atUs: this.nowUs,
      crossSeq: this.crossSeq,
    })
    account.credit(listing.instrument.settleCoin, change.profitE8)
    return change
  }

  /** Cuts or cancels what may only reduce and no longer can. */
  shrink(holding: Holding): void {
    if (holding.reducing.size === 0) return
    for (const { order, leavesLots } of ordersToShrink(holding)) {
      if (leavesLots === 0) {
        holding.listing.market.remove(order.ref)
        this.end(order, { status: cancelledStatus(order), cancelType: 'CancelByReduceOnly' })
        continue
      }
      holding.listing.market.resize(order.ref, leavesLots)
      order.sizeLots = (order.filledLots + leavesLots) as SizeLots
      this.touch(order)
    }
  }

  // Bybit pushes the position with every order of it, also while it is flat (BYBIT.md §2.5).
  private touchPosition(order: LiveOrder): void {
    order.holding.position(order.positionIdx)
    this.touchedHoldings.add(order.holding)
  }

  private tellPositions(holding: Holding): void {
    for (const position of holding.positions) {
      // What was held in the other mode is gone.
      if ((position.positionIdx === 0) === holding.isHedge) continue
      position.leverage = holding.leverage
      this.sink.position(position)
    }
  }

  private executionOf(order: LiveOrder, match: Match, leg: ExecutionLeg): SimExecution {
    return {
      uid: order.uid,
      execId: tradeIdOf(leg.serial, this.tradeSalt),
      orderId: order.orderId,
      orderLinkId: order.orderLinkId,
      symbol: order.symbol,
      category: order.category,
      side: order.side,
      priceTicks: match.ticks as PriceTicks,
      sizeLots: match.lots as SizeLots,
      valueE8: leg.valueE8,
      feeE8: leg.fee.feeE8,
      feeCoin: leg.fee.coin,
      feeRateE8: leg.rate,
      isMaker: leg.isMaker,
      execType: 'Trade',
      orderPriceTicks: order.priceTicks,
      orderSizeLots: order.sizeLots,
      leavesLots: Math.max(0, order.leavesLots) as SizeLots,
      orderType: order.type,
      stopOrderType: order.stopOrderType,
      createType: order.createType,
      crossSeq: this.crossSeq,
      exchangeUs: this.nowUs,
      closedPnlE8: leg.change?.profitE8 ?? 0n,
      closedLots: (leg.change?.closedLots ?? 0) as SizeLots,
      positionLots: leg.change === null ? 0 : order.holding.lotsOf(order.positionIdx),
      ...balancesOf(order.holding),
    }
  }

  private tradeOf(listing: Listing, match: Match, serial: number): SimTrade {
    const { category, symbol } = listing.instrument
    const salt = this.tradeSalt
    return {
      category,
      symbol,
      takerSide: match.side,
      priceTicks: match.ticks as PriceTicks,
      sizeLots: match.lots as SizeLots,
      exchangeUs: match.atUs as TimeUs,
      crossSeq: this.crossSeq,
      get tradeId() {
        return tradeIdOf(serial, salt)
      },
    }
  }

  private uncount(order: LiveOrder): void {
    if (order.isConditional) order.holding.conditionalCount--
    else order.holding.activeCount--
  }

  private free(order: LiveOrder): void {
    this.orders[order.ref] = undefined
    this.freeRefs.push(order.ref)
  }

  private orderOf(ref: OrderRef): LiveOrder {
    const order = this.orders[ref]
    invariant(order !== undefined, 'a resting order of ours is known')
    return order
  }

  private listingOf(market: Market): Listing {
    const listing = this.byMarket.get(market)
    invariant(listing !== undefined, 'a market is listed before it trades')
    return listing
  }
}

type StampedHere = 'execId' | 'crossSeq' | 'exchangeUs' | keyof ReturnType<typeof balancesOf>

interface ExecutionLeg {
  readonly serial: number
  readonly isMaker: boolean
  readonly valueE8: CoinE8
  readonly rate: number
  readonly fee: { readonly feeE8: CoinE8; readonly coin: string }
  readonly change: PositionChange | null
}

function balancesOf({ account, listing }: Holding): { readonly balanceE8: CoinE8; readonly baseBalanceE8: CoinE8 } {
  const { category, baseCoin, quoteCoin, settleCoin } = listing.instrument
  const of = (coin: string): CoinE8 => account.balances.get(coin) ?? 0n
  if (category !== 'spot') return { balanceE8: of(settleCoin), baseBalanceE8: 0n }
  return { balanceE8: of(quoteCoin), baseBalanceE8: of(baseCoin) }
}

/** Spot says by its status that a cancelled order had fills; contracts do not. */
export function cancelledStatus(order: LiveOrder): SimStatus {
  return order.category === 'spot' && order.filledLots > 0 ? 'PartiallyFilledCanceled' : 'Cancelled'
}

// Spot: what the order can still take out of the wallet. A stop order holds nothing before it triggers.
function holdOf(order: LiveOrder): CoinE8 {
  if (order.category !== 'spot' || order.stage === 'done') return 0n
  if (order.isConditional && order.orderFilter === 'StopOrder') return 0n
  const { valuer } = order.holding.listing
  if (order.quoteE8 > 0n) {
    const left = order.quoteE8 - order.filledValueE8
    return order.side === 1 ? left : valuer.sizeE8(lotsFor(left, order.priceTicks, valuer))
  }
  return order.side === 1 ? valuer.valueE8(order.priceTicks, order.leavesLots) : valuer.sizeE8(order.leavesLots)
}

// BYBIT.md §3.8: contracts pay in the settle coin. Spot buys pay in base, sells in quote; a maker's rebate flips.
function feeLeg(
  order: LiveOrder,
  lots: number,
  valueE8: CoinE8,
  rateE8: number,
  isMaker: boolean,
): { readonly feeE8: CoinE8; readonly coin: string } {
  const { instrument, valuer } = order.holding.listing
  if (instrument.category !== 'spot') return { feeE8: feeOf(valueE8, rateE8), coin: instrument.settleCoin }
  const isFlipped = isMaker && rateE8 < 0
  return (order.side === 1) === isFlipped
    ? { feeE8: feeOf(valueE8, rateE8), coin: instrument.quoteCoin }
    : { feeE8: feeOf(valuer.sizeE8(lots), rateE8), coin: instrument.baseCoin }
}
