/**
 * From decision to wire. A request that adds risk waits until its intent is on disk; a cancel never waits for a disk,
 * but it does not overtake its own order either: a place that has not left yet is withdrawn instead. When the journal
 * fails nothing that adds risk leaves any more, and cancels still do.
 *
 * @hot
 */
import type { AckEvent } from '../domain/event.ts'
import { copyRequest, Request, RequestBuffer } from '../domain/request.ts'
import type { OrderSeq, TimeUs } from '../domain/units.ts'
import type { Clock } from './clock.ts'
import type { Journal } from './journal.ts'
import type { RunCounters } from './run-counters.ts'

export interface OutboxOptions {
  readonly journal: Journal
  readonly clock: Clock
  readonly counters: RunCounters
  /** Hands requests to the exchange. */
  send(requests: RequestBuffer, nowUs: TimeUs): void
  /** Sees each request as it leaves. */
  sent(request: Readonly<Request>): void
  /** Tells the engine what became of a request that never left. */
  tell(ack: AckEvent): void
  /** Asked before anything that adds risk leaves; true: the HALT latch is set. */
  isHalted(): boolean
  /** A request that waited longer was priced from a market that is gone. */
  readonly waitUsMax?: number
}

interface Waiting {
  readonly request: Request
  seq: number
  sinceUs: TimeUs
}

const WAIT_US_MAX = 250_000

export class Outbox {
  private readonly options: OutboxOptions
  private readonly ready = new RequestBuffer()
  private readonly waiting: Waiting[] = []
  private readonly spare: Waiting[] = []
  private readonly sentUs = new Map<number, TimeUs>()
  private readonly waitUsMax: number
  private isClosed = false

  constructor(options: OutboxOptions) {
    this.options = options
    this.waitUsMax = options.waitUsMax ?? WAIT_US_MAX
  }

  get waitingCount(): number {
    return this.waiting.length
  }

  /** Requests sent of which no answer came yet. */
  get inFlight(): number {
    return this.sentUs.size
  }

  /** From now on nothing that adds risk leaves. */
  close(): void {
    this.isClosed = true
    this.release()
  }

  /** Takes the engine's requests: cancels leave now, the intents of the others are recorded. `kick` is next. */
  take(requests: RequestBuffer, nowUs: TimeUs): void {
    this.ready.clear()
    for (let i = 0; i < requests.length; i++) {
      const request = requests.at(i)
      if (request.kind === 'cancel') this.cancel(request, nowUs)
      else this.hold(request, nowUs)
    }
    this.flush(nowUs)
  }

  /** Wakes the disk for what was taken, and sends what is durable already. */
  kick(): void {
    this.options.journal.wake()
    this.release()
  }

  /** Sends what has become durable. Called when the disk has news, and by the loop whenever it runs. */
  release(): void {
    const { waiting } = this
    const last = waiting[waiting.length - 1]
    if (last === undefined) return
    const nowUs = this.options.clock.nowUs()
    const { journal } = this.options
    const mayAddRisk = !this.isClosed && journal.failure === null && !this.options.isHalted()
    const { durableSeq } = journal
    this.ready.clear()
    let done = 0
    for (; done < waiting.length; done++) {
      const entry = waiting[done]!
      if (mayAddRisk && entry.seq > durableSeq) break
      this.letGo(entry, mayAddRisk, nowUs)
    }
    if (done > 0) waiting.splice(0, done)
    this.flush(nowUs)
    this.options.counters.requestsWaiting = waiting.length
    if (waiting.length > 0 && !journal.listenFor(waiting[0]!.seq)) this.options.clock.whenIdle(() => this.release())
  }

  /** The exchange answered: for the latency of orders. */
  onAck(ack: AckEvent): void {
    const key = keyOf(ack.order, ack.request)
    const sentUs = this.sentUs.get(key)
    if (sentUs === undefined) return
    this.sentUs.delete(key)
    this.options.counters.orderLatency.record(ack.nowUs - sentUs)
  }

  private hold(request: Request, nowUs: TimeUs): void {
    const entry = this.spare.pop() ?? { request: new Request(), seq: 0, sinceUs: nowUs }
    copyRequest(request, entry.request)
    entry.sinceUs = nowUs
    entry.seq = this.options.journal.intent(request, nowUs)
    this.waiting.push(entry)
  }

  private letGo(entry: Waiting, mayAddRisk: boolean, nowUs: TimeUs): void {
    const waitedUs = nowUs - entry.sinceUs
    if (mayAddRisk && waitedUs <= this.waitUsMax) {
      this.options.counters.intentDurable.record(waitedUs)
      this.ready.pass(entry.request)
    } else this.withhold(entry.request, nowUs)
    this.spare.push(entry)
  }

  // The order's own request may still be here: what has not left is withdrawn. An order that was never placed needs no
  // cancel, one that was waiting to be amended does.
  private cancel(request: Request, nowUs: TimeUs): void {
    let isUnplaced = false
    for (let i = this.waiting.length - 1; i >= 0; i--) {
      const entry = this.waiting[i]!
      if (entry.request.order !== request.order) continue
      if (entry.request.kind === 'place') isUnplaced = true
      this.withhold(entry.request, nowUs)
      this.waiting.splice(i, 1)
      this.spare.push(entry)
    }
    if (isUnplaced) return
    this.ready.pass(request)
  }

  private withhold(request: Request, nowUs: TimeUs): void {
    const { journal, counters, tell } = this.options
    counters.requestsWithheld++
    journal.request('withheld', request, nowUs)
    tell({
      kind: 'ack',
      request: request.kind,
      order: request.order,
      symbol: request.symbol,
      result: 'rejected',
      code: 0,
      action: 'withheld',
      nowUs,
    })
  }

  private flush(nowUs: TimeUs): void {
    const { ready } = this
    if (ready.length === 0) return
    for (let i = 0; i < ready.length; i++) {
      const request = ready.at(i)
      this.sentUs.set(keyOf(request.order, request.kind), nowUs)
      this.options.sent(request)
    }
    this.options.send(ready, nowUs)
    // Recorded after they left: a cancel waits for nothing.
    for (let i = 0; i < ready.length; i++) {
      const request = ready.at(i)
      if (request.kind === 'cancel') this.options.journal.request('cancel', request, nowUs)
    }
    ready.clear()
  }
}

const KIND_INDEX = { place: 0, amend: 1, cancel: 2 } as const

function keyOf(order: OrderSeq, kind: 'place' | 'amend' | 'cancel'): number {
  return order * 4 + KIND_INDEX[kind]
}
