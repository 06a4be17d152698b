/**
 * The simulated exchange as a backtest reaches it: no wire, but every leg takes its time. Requests arrive at the gateway
 * after the request latency, answers and statements about our orders after theirs; nothing on one leg overtakes. It
 * translates and delays; it judges and decides nothing.
 */
import type { AckResult, EngineEvent, OrderEvent } from '../domain/event.ts'
import type { Category } from '../domain/instrument.ts'
import { Request, type RequestBuffer, type RequestKind } from '../domain/request.ts'
import { orderSeq, type OrderSeq, symbolId, timeUs } from '../domain/units.ts'
import { actionOf, isOutcomeUnknown } from '../exchange/bybit/codes.ts'
import { Schedule } from '../exchange/schedule.ts'
import type { LatencyModel } from '../exchange/sim/latency.ts'
import type { CommandResult, SimExecution, SimOrder, SimSink, SimStatus } from '../exchange/sim/model.ts'
import { feeOf } from '../exchange/sim/money.ts'
import type { SimExchange } from '../exchange/sim/sim-exchange.ts'

export const BACKTEST_UID = 'backtest'

/** One way each, µs. */
export interface Legs {
  /** Decision to gateway. */
  readonly request: LatencyModel
  /** Gateway to us. */
  readonly ack: LatencyModel
  /** Matching to us, over the private stream. */
  readonly stream: LatencyModel
}

/** A request on its way: a copy, because the engine reuses its slots. */
interface Sent {
  readonly kind: RequestKind
  readonly request: Readonly<Request>
}

const NO_EXTRAS = {}

export class BacktestExchange implements SimSink {
  /** What is on its way to us. */
  private readonly inbox = new Schedule<EngineEvent>()
  /** What is on its way to the gateway. */
  private readonly outbox = new Schedule<Sent>()
  private readonly legs: Legs
  private readonly market: { readonly category: Category; readonly symbol: string }
  private sim: SimExchange | null = null
  private lastRequestUs = 0
  private lastAckUs = 0
  private lastStreamUs = 0

  constructor(market: { readonly category: Category; readonly symbol: string }, legs: Legs) {
    this.market = market
    this.legs = legs
  }

  /** The exchange whose sink this is. */
  attach(sim: SimExchange): void {
    this.sim = sim
  }

  /** Nothing is on its way, in either direction or between gateway and matching. */
  get isIdle(): boolean {
    return this.inbox.size === 0 && this.outbox.size === 0 && this.sim?.nextUs() === Number.POSITIVE_INFINITY
  }

  /** When something reaches us; Infinity for never. */
  nextInboxUs(): number {
    return this.inbox.nextUs()
  }

  /** When something reaches the gateway. */
  nextOutboxUs(): number {
    return this.outbox.nextUs()
  }

  /** The next event that reached us by `nowUs`; undefined when there is none. */
  receive(nowUs: number): EngineEvent | undefined {
    return this.inbox.popDue(nowUs)
  }

  send(requests: RequestBuffer, nowUs: number): void {
    for (let i = 0; i < requests.length; i++) {
      const request = requests.at(i)
      this.lastRequestUs = Math.max(this.lastRequestUs, nowUs + this.legs.request.nextUs())
      this.outbox.push(this.lastRequestUs, { kind: request.kind, request: Object.assign(new Request(), request) })
    }
  }

  /** Hands the earliest request that arrived to the gateway and sends its answer back. */
  deliver(nowUs: number): void {
    const sent = this.outbox.popDue(nowUs)
    if (sent === undefined || this.sim === null) return
    const { retCode } = this.submit(this.sim, sent, nowUs)
    this.lastAckUs = Math.max(this.lastAckUs, nowUs + this.legs.ack.nextUs())
    this.inbox.push(this.lastAckUs, {
      kind: 'ack',
      request: sent.kind,
      order: sent.request.order,
      symbol: sent.request.symbol,
      result: ackResult(retCode),
      code: retCode,
      action: actionOf(retCode),
      nowUs: timeUs(this.lastAckUs),
    })
  }

  order(order: SimOrder): void {
    const atUs = this.streamed(order.updatedUs)
    this.inbox.push(atUs, {
      kind: 'order',
      order: orderOf(order.orderLinkId),
      symbol: symbolId(0),
      status: STATUS[order.status],
      side: order.side,
      priceTicks: order.priceTicks,
      sizeLots: order.sizeLots,
      filledLots: order.filledLots,
      reason: order.rejectReason === 'EC_NoError' ? order.cancelType : order.rejectReason,
      isPostOnlyMiss: order.rejectReason === 'EC_PostOnlyWillTakeLiquidity',
      exchangeUs: order.updatedUs,
      nowUs: timeUs(atUs),
    })
  }

  execution(execution: SimExecution): void {
    const atUs = this.streamed(execution.exchangeUs)
    this.inbox.push(atUs, {
      kind: 'fill',
      execId: execution.execId,
      order: orderOf(execution.orderLinkId),
      symbol: symbolId(0),
      side: execution.side,
      priceTicks: execution.priceTicks,
      sizeLots: execution.sizeLots,
      feeE8: quoteFeeE8(execution),
      isMaker: execution.isMaker,
      exchangeUs: execution.exchangeUs,
      nowUs: timeUs(atUs),
    })
  }

  // Said by order and execution already; the public market reaches us as it was recorded, not through here.
  position(): void {}
  wallet(): void {}
  trade(): void {}
  book(): void {}

  private streamed(exchangeUs: number): number {
    this.lastStreamUs = Math.max(this.lastStreamUs, exchangeUs + this.legs.stream.nextUs())
    return this.lastStreamUs
  }

  private submit(sim: SimExchange, { kind, request }: Sent, atUs: number): CommandResult {
    const nowUs = timeUs(atUs)
    const target = { ...this.market, orderId: '', orderLinkId: linkOf(request.order) }
    if (kind === 'cancel') return sim.cancel(BACKTEST_UID, { ...target, orderFilter: null }, nowUs)
    const { priceTicks, sizeLots } = request
    if (kind === 'amend') {
      return sim.amend(BACKTEST_UID, { ...target, priceTicks, sizeLots, triggerTicks: null }, nowUs)
    }
    return sim.place(
      BACKTEST_UID,
      {
        ...this.market,
        side: request.side,
        type: 'Limit',
        priceTicks,
        sizeLots,
        quoteE8: 0n,
        timeInForce: request.timeInForce,
        orderLinkId: target.orderLinkId,
        isReduceOnly: request.isReduceOnly,
        closeOnTrigger: false,
        positionIdx: 0,
        smpType: 'CancelMaker',
        orderFilter: 'Order',
        stopOrderType: '',
        triggerTicks: NO_TRIGGER,
        triggerDirection: 0,
        triggerBy: '',
        extras: NO_EXTRAS,
      },
      nowUs,
    )
  }
}

const NO_TRIGGER = 0 as Request['priceTicks']

const STATUS: Readonly<Record<SimStatus, OrderEvent['status']>> = {
  New: 'open',
  PartiallyFilled: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  Filled: 'filled',
  Cancelled: 'canceled',
  PartiallyFilledCanceled: 'canceled',
  Deactivated: 'canceled',
  Rejected: 'rejected',
}

function ackResult(retCode: number): AckResult {
  const action = actionOf(retCode)
  if (action === 'ok' || action === 'noop') return 'accepted'
  if (action === 'gone') return 'gone'
  return isOutcomeUnknown(action) ? 'ambiguous' : 'rejected'
}

// The engine counts fees in the quote coin; a spot buy pays in the base coin: its share of the fill's value.
function quoteFeeE8(execution: SimExecution): bigint {
  return execution.category === 'spot' ? feeOf(execution.valueE8, execution.feeRateE8) : execution.feeE8
}

const linkOf = (order: OrderSeq): string => `bt-${order.toString(36)}`
const orderOf = (link: string): OrderSeq => orderSeq(Number.parseInt(link.slice(3), 36))
