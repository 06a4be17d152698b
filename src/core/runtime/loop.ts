/**
 * The one queue and the one place that steps the engine: takes events from the exchange, records each before the engine
 * sees it, and offers one decision when nothing more is waiting. Never drops in silence, never blocks, never decides.
 *
 * @hot
 */
import { DecideEvent, type EngineEvent } from '../domain/event.ts'
import { RequestBuffer } from '../domain/request.ts'
import type { SymbolId } from '../domain/units.ts'
import type { Engine } from '../engine/engine.ts'
import type { Clock } from './clock.ts'
import { EventQueue } from './event-queue.ts'
import type { Journal } from './journal.ts'
import type { Outbox } from './outbox.ts'
import type { RunCounters } from './run-counters.ts'

export interface LoopOptions {
  readonly engine: Pick<Engine, 'step'>
  readonly journal: Journal
  readonly clock: Clock
  readonly counters: RunCounters
  readonly queue?: EventQueue
  /** Sees every event after the engine did: summary, event lines, latencies. Must be quick. */
  observe(event: EngineEvent): void
  /** Market data of a symbol was given up: the exchange must start it anew. */
  onShed(symbol: SymbolId, events: number): void
  /** An error inside a step: the crash path. */
  onCrash(error: unknown): void
}

type OutboxEnd = Pick<Outbox, 'take' | 'kick' | 'release' | 'onAck'>

/** A quiet market still gets a decision this often: guards and retries live on time. */
const IDLE_US = 50_000

export class Loop {
  private readonly options: LoopOptions
  private readonly queue: EventQueue
  private readonly out = new RequestBuffer()
  private readonly decision = new DecideEvent()
  private outbox: OutboxEnd | null = null
  private isScheduled = false
  private isStopped = false
  private idleTimer: number | null = null
  /** Symbols whose market data was given up and whose next snapshot has not come. */
  private readonly shedding = new Set<SymbolId>()
  /** Receive time of the oldest market event since the last decision, 0 when there was none. */
  private oldestUs = 0

  constructor(options: LoopOptions) {
    this.options = options
    this.queue = options.queue ?? new EventQueue()
  }

  start(outbox: OutboxEnd): void {
    this.outbox = outbox
    this.armIdle()
  }

  /** No event is taken and no decision offered after this. */
  stop(): void {
    this.isStopped = true
    if (this.idleTimer !== null) this.options.clock.cancelTimer(this.idleTimer)
  }

  /** The sink of the exchange, and the way in for operators and the runtime itself. */
  readonly accept = (event: EngineEvent): void => {
    if (this.isStopped || this.belongsToGap(event)) return
    if (!this.queue.push(event)) this.shed(event)
    if (this.isScheduled) return
    this.isScheduled = true
    this.options.clock.whenIdle(this.run)
  }

  /** Everything that waits, then one decision. Public for callers that cannot wait for idleness (shutdown). */
  readonly run = (): void => {
    this.isScheduled = false
    if (this.isStopped) return
    try {
      this.drain()
      this.decide()
    } catch (error) {
      this.isStopped = true
      this.options.onCrash(error)
    }
  }

  private drain(): void {
    const { queue } = this
    for (let event = queue.shift(); event !== null; event = queue.shift()) {
      this.step(event)
      if (event.kind === 'book' || event.kind === 'trade') queue.release(event)
    }
    this.options.counters.queueDepthMax = queue.depthMax
  }

  private step(event: EngineEvent): void {
    if (!this.record(event)) return
    this.options.engine.step(event, this.out)
    if (event.kind === 'ack') this.outbox?.onAck(event)
    this.options.observe(event)
  }

  // False: the journal has no room for this piece of market data, so the engine does not see it either.
  private record(event: EngineEvent): boolean {
    const { journal, counters } = this.options
    switch (event.kind) {
      case 'book':
      case 'trade': {
        if (!(event.kind === 'book' ? journal.book(event) : journal.trade(event))) return this.giveUp(event.symbol, 1)
        counters.marketEvents++
        if (this.oldestUs === 0) this.oldestUs = event.receivedUs
        return true
      }
      case 'decide':
        return true
      default:
        journal.event(event)
        return true
    }
  }

  private decide(): void {
    const { engine, journal, clock, counters } = this.options
    const { decision, out } = this
    const nowUs = clock.nowUs()
    decision.nowUs = nowUs
    journal.decide(nowUs)
    out.clear()
    engine.step(decision, out)
    counters.decisions++
    counters.journalSeq = journal.seq
    if (out.length > 0) {
      this.outbox?.take(out, nowUs)
      if (this.oldestUs > 0) counters.tickToRequest.record(clock.nowUs() - this.oldestUs)
      this.outbox?.kick()
    } else this.outbox?.release()
    this.oldestUs = 0
    this.options.observe(decision)
  }

  private shed(event: EngineEvent): void {
    const { symbol, events } = this.queue.shedBusiest()
    this.giveUp(symbol, events)
    if (!this.belongsToGap(event)) this.queue.push(event)
  }

  // What follows a gap means nothing before the next snapshot: it is part of what was given up.
  private belongsToGap(event: EngineEvent): boolean {
    if ((event.kind !== 'book' && event.kind !== 'trade') || !this.shedding.has(event.symbol)) return false
    if (event.kind === 'book' && event.isSnapshot) {
      this.shedding.delete(event.symbol)
      return false
    }
    this.options.counters.eventsShed++
    return true
  }

  private giveUp(symbol: SymbolId, events: number): false {
    const { clock, counters, journal } = this.options
    const nowUs = clock.nowUs()
    this.shedding.add(symbol)
    counters.eventsShed += events
    journal.note('shed', { symbol, events, reason: 'overload', nowUs })
    this.queue.push({ kind: 'link', link: 'market', symbol, state: 'gap', nowUs })
    this.options.onShed(symbol, events)
    return false
  }

  private armIdle(): void {
    this.idleTimer = this.options.clock.after(IDLE_US, () => {
      if (this.isStopped) return
      if (!this.isScheduled) this.run()
      this.armIdle()
    })
  }
}
