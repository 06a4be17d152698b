/**
 * Requests out, one outcome each in: accepted, rejected, gone or ambiguous, by the code table. Creates and amends are
 * refused here when the rate budget is used up; cancels are never refused here: without a socket they go by REST, and a
 * passing refusal of the exchange is waited out. A create is signed once, for a short window, and never sent again.
 */
import type { AckResult } from '../../domain/event.ts'
import { priceText, sizeText } from '../../domain/instrument.ts'
import type { Request, RequestBuffer, RequestKind } from '../../domain/request.ts'
import { type OrderSeq, timeUs } from '../../domain/units.ts'
import { MmError } from '../../errors.ts'
import type { TimerId } from '../wire.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { actionOf, type CodeAction, isFatal, isOutcomeUnknown } from './codes.ts'
import type { Gateway } from './gateway.ts'
import type { JsonObject } from './json-value.ts'
import { BATCH_UNKNOWN, itemCodes, OrderBatches } from './order-batches.ts'
import type { OrderLedger } from './order-ledger.ts'
import { type PendingRequest, PendingRequests } from './pending-requests.ts'
import { limitHeaders, RateBudget } from './rate-budget.ts'
import { RestFailure, type RestTransport } from './rest-transport.ts'
import type { OrderAnswer } from './trade-socket.ts'
import type { UnknownOrders } from './unknown-orders.ts'

/** The order-entry socket as seen from here. */
export interface OrderSocket {
  readonly isReady: boolean
  send(frame: string): void
  reconnect(): void
}

export interface OrderEntryParts {
  readonly socket: OrderSocket
  readonly transport: RestTransport
  readonly ledger: OrderLedger
  readonly unknown: UnknownOrders
  /** Takes new samples of the exchange's clock. */
  remeasure(): void
  /** Our view of the position was shown wrong. */
  resync(): void
  /** A read of the account: rejects when it is not answered. */
  probe(): Promise<void>
}

const PATHS: Readonly<Record<RequestKind, string>> = {
  place: '/v5/order/create',
  amend: '/v5/order/amend',
  cancel: '/v5/order/cancel',
}

const CANCEL_TRIES_MAX = 8
const CANCEL_PAUSE_FIRST_US = 50_000
const CANCEL_PAUSE_LAST_US = 1_000_000
/** Requests in a row without an answer after which the socket itself is doubted. */
const SILENT_MAX = 3

export class OrderEntry {
  readonly budgets: Readonly<Record<RequestKind, RateBudget>>
  private readonly gateway: Gateway
  private readonly parts: OrderEntryParts
  /** Newest exchange timestamp that a create or amend may have been signed with, ms; 0 when none was. */
  newestRiskMs = 0
  private readonly pending = new PendingRequests()
  private readonly breakers: Readonly<Record<'place' | 'amend', CircuitBreaker>>
  /** Orders whose cancel waits for its turn. */
  private readonly waiting = new Set<OrderSeq>()
  private readonly batches: OrderBatches
  /** Batch whose failure the breaker has counted. */
  private lastFailed = ''
  private requests = 0
  private silent = 0
  private timer: TimerId | null = null
  private timerUs = Number.POSITIVE_INFINITY

  constructor(gateway: Gateway, parts: OrderEntryParts) {
    this.gateway = gateway
    this.parts = parts
    const perSecond = gateway.settings.ordersPerSecond
    this.budgets = {
      place: new RateBudget(perSecond),
      amend: new RateBudget(perSecond),
      cancel: new RateBudget(perSecond),
    }
    this.batches = new OrderBatches(gateway, () => gateway.links.request(++this.requests))
    this.breakers = { place: this.newBreaker('place'), amend: this.newBreaker('amend') }
  }

  /** Requests that add risk could go out. */
  get isReachable(): boolean {
    return this.laneOf('place') !== null
  }

  /** Requests on their way. */
  get inFlight(): number {
    return this.pending.size
  }

  send(request: Request): void {
    if (request.kind === 'cancel') return this.cancel(request, 0)
    const { settings, wire, counters } = this.gateway
    const lane = this.laneOf(request.kind)
    if (lane === null) return this.refuse(request, 'retry-later')
    if (this.breakers[request.kind].isOpen) {
      counters.requestsShed++
      return this.refuse(request, 'retry-later')
    }
    const batch = this.batches.idFor(request.kind, wire.nowUs())
    if (batch === '' && !this.budgets[request.kind].take(wire.nowUs())) {
      counters.requestsShed++
      return this.refuse(request, 'retry-after')
    }
    const { instrument, name } = this.gateway.symbols.at(request.symbol)
    const fields = {
      category: settings.category,
      symbol: name,
      link: this.gateway.links.spell(request.order),
      isBuy: request.side > 0,
      priceText: priceText(request.priceTicks, instrument),
      sizeText: sizeText(request.sizeLots, instrument),
      timeInForce: request.timeInForce,
      isReduceOnly: request.isReduceOnly,
    }
    if (request.kind === 'place') this.parts.ledger.sent(request)
    const { orders } = this.gateway.codec
    const body = request.kind === 'place' ? orders.create(fields) : orders.amend(fields)
    this.dispatch({ ...what(request), body, lane, windowMs: settings.createWindowMs, tries: 0, batch })
  }

  /** One decision's requests: several of one kind leave as one frame where that saves quota. */
  sendAll(requests: RequestBuffer): void {
    const { batches } = this
    batches.begin(requests, this.gateway.settings.isBatching && this.parts.socket.isReady)
    for (let i = 0; i < requests.length; i++) this.send(requests.at(i))
    for (const batch of batches.end()) this.parts.socket.send(batch)
  }

  /** An answer of the order-entry socket. */
  answered(answer: OrderAnswer): void {
    const members = this.batches.take(answer.requestId)
    if (members === null) return this.ack(answer.requestId, answer.code, answer.headers)
    const codes = itemCodes(members, answer)
    members.forEach(({ requestId }, index) => this.ack(requestId, codes[index] ?? BATCH_UNKNOWN, answer.headers))
  }

  private ack(requestId: string, code: number, headers: JsonObject): void {
    const request = this.pending.take(requestId)
    if (request === undefined) {
      this.gateway.counters.acksUnmatched++
      return
    }
    this.silent = 0
    this.settle(request, code, headers)
  }

  /** The socket is gone: what was in flight on it may or may not have been carried out. */
  socketDown(): void {
    this.batches.forget()
    for (const request of this.pending.takeLane('socket')) this.ambiguous(request, 0, 'ambiguous')
  }

  stop(): void {
    if (this.timer !== null) this.gateway.wire.cancelTimer(this.timer)
    this.timer = null
    this.breakers.place.stop()
    this.breakers.amend.stop()
  }

  private newBreaker(kind: 'place' | 'amend'): CircuitBreaker {
    const { wire, prng, counters } = this.gateway
    return new CircuitBreaker({
      wire,
      prng: prng.split(`breaker ${kind}`),
      probe: () => this.parts.probe(),
      isFailure: (error) => error instanceof RestFailure,
      onTrip: () => {
        counters.breakerTrips++
      },
    })
  }

  private cancel({ order, symbol }: Pick<Request, 'order' | 'symbol'>, tries: number): void {
    const { settings, symbols, links, wire, codec } = this.gateway
    // One that waits is enough: its answer is the answer.
    if (this.waiting.has(order)) return
    const heldUs = this.budgets.cancel.blockedUntil - wire.nowUs()
    if (heldUs > 0) return this.cancelLater({ order, symbol, tries }, heldUs)
    const body = codec.orders.cancel({
      category: settings.category,
      symbol: symbols.at(symbol).name,
      link: links.spell(order),
    })
    const lane = this.laneOf('cancel') ?? 'rest'
    // Nothing may be asked of the exchange: it goes out as soon as that is over.
    if (lane === 'rest' && this.gateway.ban.isOn) {
      return this.cancelLater({ order, symbol, tries }, this.gateway.ban.remainingUs + 1)
    }
    const batch = lane === 'socket' ? this.batches.idFor('cancel', wire.nowUs()) : ''
    if (batch === '') this.budgets.cancel.note(wire.nowUs())
    this.dispatch({ kind: 'cancel', order, symbol, body, lane, windowMs: settings.safeWindowMs, tries, batch })
  }

  private cancelLater(request: Pick<PendingRequest, 'order' | 'symbol' | 'tries'>, pauseUs: number): void {
    const { order, symbol, tries } = request
    this.waiting.add(order)
    this.gateway.wire.after(pauseUs, () => {
      this.waiting.delete(order)
      if (this.parts.ledger.row(order)?.state !== 'done') return this.cancel(request, tries)
      this.tell({ kind: 'cancel', order, symbol }, 'gone', 0, 'gone')
    })
  }

  // null: there is no way out for a request that adds risk.
  private laneOf(kind: RequestKind): PendingRequest['lane'] | null {
    if (kind !== 'cancel' && this.gateway.ban.isOn) return null
    if (this.gateway.settings.orderEntry === 'rest') return 'rest'
    if (this.parts.socket.isReady) return 'socket'
    return kind === 'cancel' ? 'rest' : null
  }

  private dispatch(request: Omit<PendingRequest, 'requestId' | 'signedMs' | 'deadlineUs'>): void {
    const { wire, clock, settings, links, counters, codec } = this.gateway
    const requestId = links.request(++this.requests)
    const signedMs = clock.nowMs()
    // REST signs a moment later than this.
    if (request.kind !== 'cancel') this.newestRiskMs = Math.max(this.newestRiskMs, signedMs + 1)
    const deadlineUs = timeUs(wire.nowUs() + settings.ackDeadlineMs * 1_000)
    const pending: PendingRequest = { ...request, requestId, signedMs, deadlineUs }
    this.pending.add(pending)
    counters.requestsSent++
    const { kind, windowMs, body } = request
    if (request.batch !== '') this.batches.add(pending)
    else if (request.lane === 'socket') {
      this.parts.socket.send(codec.orders.frame({ requestId, kind, timestampMs: signedMs, windowMs }, body))
    } else void this.post(pending)
    this.arm(deadlineUs)
  }

  private async post(pending: PendingRequest): Promise<void> {
    const { requestId, kind, body, windowMs } = pending
    try {
      const reply = await this.parts.transport.post(PATHS[kind], body, windowMs)
      this.ack(requestId, 0, reply.headers)
    } catch (error) {
      if (!(error instanceof RestFailure)) throw error
      const { facts } = error
      if (facts.kind === 'code') return this.ack(requestId, facts.code, facts.headers ?? {})
      const request = this.pending.take(requestId)
      if (request === undefined) return
      // Held back here: it never left.
      if (facts.kind === 'blocked') this.rejected(request, facts.code, facts.action)
      else this.ambiguous(request, facts.code, facts.action)
    }
  }

  private settle(request: PendingRequest, code: number, headers: JsonObject): void {
    const action = actionOf(code)
    this.learn(request, action, headers)
    if (request.kind !== 'cancel' && !isOutcomeUnknown(action)) this.breakers[request.kind].answered()
    if (action === 'ok' || action === 'noop') {
      this.gateway.counters.acksAccepted++
      return this.tell(request, 'accepted', code, action)
    }
    if (request.kind === 'cancel' && this.mayWaitOut(request, action)) return
    if (action === 'gone') {
      this.gateway.counters.acksGone++
      this.tell(request, 'gone', code, action)
      return this.parts.unknown.watch(request.order, 'ended', expiryOf(request))
    }
    if (isOutcomeUnknown(action)) return this.ambiguous(request, code, action)
    this.rejected(request, code, action)
  }

  private rejected(request: PendingRequest, code: number, action: CodeAction): void {
    this.gateway.counters.acksRejected++
    if (request.kind === 'place') this.parts.ledger.end(request.order)
    this.tell(request, 'rejected', code, action)
    if (action === 'resync-order') this.parts.unknown.watch(request.order, 'change', expiryOf(request))
    if (action === 'resync-position') this.parts.resync()
    if (action === 'resync-time') this.parts.remeasure()
    if (!isFatal(action)) return
    const what = 'an order request was refused'
    this.gateway.fatal(new MmError(action === 'fatal-auth' ? 'EXCHANGE_AUTH' : 'EXCHANGE_ACCOUNT', { code, what }))
  }

  private ambiguous(request: PendingRequest, code: number, action: CodeAction): void {
    this.gateway.counters.acksAmbiguous++
    // "It exists already" is an answer: the exchange is well.
    const isCounted = request.batch === '' || request.batch !== this.lastFailed
    if (request.kind !== 'cancel' && action !== 'dup' && isCounted) this.breakers[request.kind].failed()
    this.lastFailed = request.batch
    this.tell(request, 'ambiguous', code, action)
    this.parts.unknown.watch(request.order, request.kind === 'place' ? 'place' : 'change', expiryOf(request))
  }

  // A cancel refused for the moment is sent again after a pause, so that no caller has to hammer.
  private mayWaitOut(request: PendingRequest, action: CodeAction): boolean {
    if (action !== 'retry-after' && action !== 'retry-later' && action !== 'resync-time') return false
    if (request.tries >= CANCEL_TRIES_MAX) return false
    if (action === 'resync-time') this.parts.remeasure()
    const pauseUs = Math.min(CANCEL_PAUSE_FIRST_US * 2 ** request.tries, CANCEL_PAUSE_LAST_US)
    this.cancelLater({ ...request, tries: request.tries + 1 }, pauseUs)
    return true
  }

  private learn({ kind, batch }: PendingRequest, action: CodeAction, headers: JsonObject): void {
    const { wire, clock, counters } = this.gateway
    const limits = limitHeaders(headers)
    const budget = batch === '' ? this.budgets[kind] : this.batches.budgetOf(kind)
    if (limits !== null) budget.learnLimit(limits.limit)
    if (action !== 'retry-after') return
    counters.rateLimited++
    const resetUs = limits === null || limits.resetMs === 0 ? 0 : clock.localUs(limits.resetMs)
    budget.blockUntil(resetUs > wire.nowUs() ? resetUs : wire.nowUs() + 1_000_000)
  }

  // Never left this process: the order, or the change, did not happen.
  private refuse(request: Request, action: CodeAction): void {
    this.gateway.counters.acksRejected++
    this.tell(request, 'rejected', 0, action)
  }

  private tell(request: What, result: AckResult, code: number, action: CodeAction): void {
    this.gateway.emit({
      kind: 'ack',
      request: request.kind,
      order: request.order,
      symbol: request.symbol,
      result,
      code,
      action,
      nowUs: this.gateway.wire.nowUs(),
    })
  }

  private arm(deadlineUs: number): void {
    if (deadlineUs >= this.timerUs) return
    const { wire } = this.gateway
    if (this.timer !== null) wire.cancelTimer(this.timer)
    this.timerUs = deadlineUs
    this.timer = wire.after(Math.max(deadlineUs - wire.nowUs(), 0), () => this.expire())
  }

  private expire(): void {
    this.timer = null
    this.timerUs = Number.POSITIVE_INFINITY
    const frames = new Set<string>()
    for (const request of this.pending.takeOverdue(this.gateway.wire.nowUs())) {
      if (request.lane === 'socket') frames.add(request.batch === '' ? request.requestId : request.batch)
      if (request.batch !== '') this.batches.take(request.batch)
      this.ambiguous(request, 0, 'ambiguous')
    }
    this.silent += frames.size
    if (this.silent >= SILENT_MAX) {
      this.silent = 0
      this.parts.socket.reconnect()
    }
    const nextUs = this.pending.nextDeadlineUs()
    if (nextUs !== Number.POSITIVE_INFINITY) this.arm(nextUs)
  }
}

type What = Pick<PendingRequest, 'kind' | 'order' | 'symbol'>

function what({ kind, order, symbol }: Request): { kind: RequestKind; order: OrderSeq; symbol: Request['symbol'] } {
  return { kind, order, symbol }
}

/** Exchange time from which on it refuses this request. */
const expiryOf = ({ signedMs, windowMs }: PendingRequest): number => signedMs + windowMs
