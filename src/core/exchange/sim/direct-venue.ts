/**
 * The simulated exchange without a wire: requests of an engine go in, engine events come out, each leg with a latency of
 * its own. Same ledger and matching as behind the server, so a backtest and the paper venue cannot disagree about a fill.
 * The caller owns the time: it asks `nextUs`, feeds market data to the engine itself and calls `advance`.
 */
import type { AckEvent, EngineEvent, FillEvent, OrderEvent } from '../../domain/event.ts'
import { invariant } from '../../domain/invariant.ts'
import { Request, type RequestBuffer } from '../../domain/request.ts'
import { type OrderSeq, orderSeq, type PriceTicks, type SymbolId, symbolId, timeUs } from '../../domain/units.ts'
import type { Sink } from '../port.ts'
import { DueQueue } from './due-queue.ts'
import type { LatencyModel } from './latency.ts'
import type { CommandResult, PlaceCommand, SimExecution, SimOrder, SimSink, SimTimeInForce } from './model.ts'
import { feeOf } from './money.ts'
import { SimExchange, type SimExchangeOptions } from './sim-exchange.ts'

export interface DirectVenueOptions extends Omit<SimExchangeOptions, 'sink'> {
  /** The account that trades; it must be among `accounts`. */
  readonly uid: string
  /** One way each: bot → gateway, gateway → bot (answers), matching → bot (orders, fills). */
  readonly latency: { readonly request: LatencyModel; readonly ack: LatencyModel; readonly stream: LatencyModel }
  /** What a refusal code asks of the bot: the action class of the code table. */
  readonly actionOf: (code: number) => string
}

/** Codes that say the order is not open any more. */
const GONE: ReadonlySet<number> = new Set([110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213])

const TIME_IN_FORCE = { PostOnly: 'PostOnly', GTC: 'GTC', IOC: 'IOC', FOK: 'FOK' } as const satisfies Record<
  Request['timeInForce'],
  SimTimeInForce
>

export class DirectVenue implements SimSink {
  readonly exchange: SimExchange
  private readonly options: DirectVenueOptions
  private readonly requests = new DueQueue<Request>()
  private readonly answers = new DueQueue<EngineEvent>()
  private readonly news = new DueQueue<EngineEvent>()
  private readonly symbolIds: ReadonlyMap<string, SymbolId>
  private readonly orderIds = new Map<OrderSeq, string>()
  private readonly seqs = new Map<string, OrderSeq>()
  private requestCount = 0

  constructor(options: DirectVenueOptions) {
    this.options = options
    this.symbolIds = new Map(options.markets.map(({ market }, index) => [keyOf(market), symbolId(index)]))
    this.exchange = new SimExchange({ ...options, sink: this })
  }

  /** Hands requests to the wire at local time `nowUs`; they reach the gateway a request latency later, in order. */
  send(requests: RequestBuffer, nowUs: number): void {
    const atUs = nowUs + this.options.latency.request.nextUs()
    for (let i = 0; i < requests.length; i++) this.requests.push(atUs, copyOf(requests.at(i)))
    this.requestCount += requests.length
  }

  /** Requests that were handed to the wire so far. */
  get sentCount(): number {
    return this.requestCount
  }

  /** When anything happens at the exchange or on the way next; Infinity for never. */
  nextUs(): number {
    return Math.min(this.exchange.nextUs(), this.requests.nextUs(), this.answers.nextUs(), this.news.nextUs())
  }

  /**
   * Runs everything due at or before `nowUs` and tells the sink what reaches the bot. Step from `nextUs` to `nextUs` to
   * let the bot answer each piece of news in time: an answer cannot reach an exchange that has already gone on.
   */
  advance(nowUs: number, sink: Sink): void {
    for (let atUs = this.nextUs(); atUs <= nowUs; atUs = this.nextUs()) {
      if (this.exchange.nextUs() <= atUs) this.exchange.advance(timeUs(atUs))
      else if (this.requests.nextUs() <= atUs) this.arrive(atUs)
      else if (!this.deliver(this.news, atUs, sink)) this.deliver(this.answers, atUs, sink)
    }
  }

  order(order: SimOrder): void {
    if (order.uid !== this.options.uid) return
    const seq = this.seqs.get(order.orderId)
    if (seq === undefined || order.status === 'Untriggered') return
    const status = STATUS[order.status]
    this.tell({
      kind: 'order',
      order: seq,
      symbol: this.symbolOf(order),
      status,
      side: order.side,
      priceTicks: order.priceTicks,
      sizeLots: order.sizeLots,
      filledLots: order.filledLots,
      reason: reasonOf(order),
      isPostOnlyMiss: order.rejectReason === 'EC_PostOnlyWillTakeLiquidity',
      exchangeUs: order.updatedUs,
      nowUs: timeUs(0),
    })
  }

  execution(execution: SimExecution): void {
    if (execution.uid !== this.options.uid) return
    this.tell({
      kind: 'fill',
      execId: execution.execId,
      order: this.seqs.get(execution.orderId) ?? orderSeq(0),
      symbol: this.symbolOf(execution),
      side: execution.side,
      priceTicks: execution.priceTicks,
      sizeLots: execution.sizeLots,
      feeE8: quoteFeeOf(execution),
      isMaker: execution.isMaker,
      exchangeUs: execution.exchangeUs,
      nowUs: timeUs(0),
    })
  }

  position(): void {}
  wallet(): void {}
  trade(): void {}
  book(): void {}

  private deliver(queue: DueQueue<EngineEvent>, atUs: number, sink: Sink): boolean {
    const event = queue.pop(atUs)
    if (event === undefined) return false
    sink(event)
    return true
  }

  private tell(event: OrderEvent | FillEvent): void {
    const atUs = Math.max(this.news.lastUs, event.exchangeUs + this.options.latency.stream.nextUs())
    this.news.push(atUs, { ...event, nowUs: timeUs(atUs) })
  }

  private arrive(atUs: number): void {
    const request = this.requests.pop(atUs)
    invariant(request !== undefined, 'a request is due')
    const result = this.perform(request, atUs)
    const ackUs = Math.max(this.answers.lastUs, atUs + this.options.latency.ack.nextUs())
    const ack: AckEvent = {
      kind: 'ack',
      request: request.kind,
      order: request.order,
      symbol: request.symbol,
      result: result.retCode === 0 ? 'accepted' : GONE.has(result.retCode) ? 'gone' : 'rejected',
      code: result.retCode,
      action: result.retCode === 0 ? '' : this.options.actionOf(result.retCode),
      nowUs: timeUs(ackUs),
    }
    this.answers.push(ackUs, ack)
  }

  private perform(request: Request, atUs: number): CommandResult {
    const market = this.options.markets[request.symbol]?.market
    invariant(market !== undefined, 'a request names a listed symbol')
    const { uid } = this.options
    const { category, symbol } = market
    if (request.kind === 'place') {
      const result = this.exchange.place(uid, placeOf(request, category, symbol), timeUs(atUs))
      if (result.retCode === 0) this.remember(request.order, result.orderId)
      return result
    }
    // An order whose place was refused has no id: the exchange would look for its link id and find nothing.
    const ids = {
      category,
      symbol,
      orderId: this.orderIds.get(request.order) ?? '',
      orderLinkId: linkOf(request.order),
    }
    if (request.kind === 'cancel') return this.exchange.cancel(uid, { ...ids, orderFilter: null }, timeUs(atUs))
    const to = { priceTicks: request.priceTicks, sizeLots: request.sizeLots, triggerTicks: null }
    return this.exchange.amend(uid, { ...ids, ...to }, timeUs(atUs))
  }

  private remember(seq: OrderSeq, orderId: string): void {
    this.orderIds.set(seq, orderId)
    this.seqs.set(orderId, seq)
  }

  private symbolOf(of: { readonly category: string; readonly symbol: string }): SymbolId {
    const id = this.symbolIds.get(keyOf(of))
    invariant(id !== undefined, 'news are of listed symbols')
    return id
  }
}

const STATUS = {
  New: 'open',
  PartiallyFilled: 'open',
  Triggered: 'open',
  Untriggered: 'open',
  Filled: 'filled',
  Cancelled: 'canceled',
  PartiallyFilledCanceled: 'canceled',
  Deactivated: 'canceled',
  Rejected: 'rejected',
} as const satisfies Record<SimOrder['status'], OrderEvent['status']>

function reasonOf(order: SimOrder): string {
  if (order.rejectReason !== 'EC_NoError') return order.rejectReason
  return order.cancelType === 'UNKNOWN' ? '' : order.cancelType
}

// The engine counts fees in the quote coin; a fee in the base coin is worth its share of the fill's value.
function quoteFeeOf(execution: SimExecution): bigint {
  return execution.category === 'spot' ? feeOf(execution.valueE8, execution.feeRateE8) : execution.feeE8
}

function placeOf(request: Request, category: PlaceCommand['category'], symbol: string): PlaceCommand {
  return {
    category,
    symbol,
    side: request.side,
    type: 'Limit',
    priceTicks: request.priceTicks,
    sizeLots: request.sizeLots,
    quoteE8: 0n,
    timeInForce: TIME_IN_FORCE[request.timeInForce],
    orderLinkId: linkOf(request.order),
    isReduceOnly: request.isReduceOnly,
    closeOnTrigger: false,
    positionIdx: 0,
    smpType: 'None',
    orderFilter: 'Order',
    stopOrderType: '',
    triggerTicks: 0 as PriceTicks,
    triggerDirection: 0,
    triggerBy: '',
    extras: {},
  }
}

function copyOf(from: Readonly<Request>): Request {
  return Object.assign(new Request(), from)
}

const linkOf = (seq: OrderSeq): string => `direct-${seq.toString(36)}`
const keyOf = (of: { readonly category: string; readonly symbol: string }): string => `${of.category}:${of.symbol}`
