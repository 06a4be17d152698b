/**
 * The end of a session: no order of ours open, said by the exchange; the journal's last word; the summary. Never throws
 * because of what broke the run: that is in the result.
 */
import { EXIT } from '../errors.ts'
import type { RunSummary } from '../report/run-summary.ts'
import type { RunCounters } from './run-counters.ts'
import { endOrders, ordersLeft, type RunEndOrders } from './session-account.ts'
import type { Running, SessionOptions, SessionResult, Stop } from './session-options.ts'
import { shutDown, type ShutdownResult } from './shutdown.ts'
import { summarize } from './summary.ts'

/** Reason of a stop after which nothing that the engine believes proves anything. */
export const CRASH = 'crash'

export interface EndedSession {
  readonly options: SessionOptions
  readonly counters: RunCounters
  /** Null: it ended before it knew its instruments. */
  readonly parts: Running | null
  tellHalt(reason: string): void
}

export class SessionEnd {
  private readonly ended: EndedSession

  constructor(ended: EndedSession) {
    this.ended = ended
  }

  async end(stop: Stop): Promise<SessionResult> {
    const { parts, tellHalt } = this.ended
    if (parts === null) {
      await this.ended.options.exchange.close()
      return { exit: stop.exit, summary: null, error: stop.error }
    }
    if (stop.exit === EXIT.refused) tellHalt(stop.reason)
    const left = endOrders(await this.shutDown(parts, stop), this.ended.options.exchange, parts.engine)
    parts.loop.stop()
    await this.ended.options.exchange.close()
    const nowUs = this.ended.options.venue.clock.nowUs()
    const { verifiedZero, problem, openOrders, believedOpen } = left
    const summary = this.summary(parts, stop, left)
    this.ended.options.journal.note('end', { reason: stop.reason, openOrders: summary.openOrders, verifiedZero, nowUs })
    if (!verifiedZero) {
      this.ended.options.log.error({ problem, openOrders, believedOpen }, 'orders may still be open')
      tellHalt(`orders may still be open: ${problem}`)
    }
    const untold = this.tellSummary(parts, summary, nowUs)
    if (!verifiedZero) return { exit: EXIT.ordersLeft, summary, error: ordersLeft(left, this.ended.options) }
    if (untold === null || stop.exit !== EXIT.ok) return { exit: stop.exit, summary, error: stop.error }
    return { exit: EXIT.bug, summary, error: untold }
  }

  // The output may be what broke the run: its second failure must not hide how the run ended.
  private tellSummary({ observer }: Running, summary: RunSummary, nowUs: number): Error | null {
    try {
      observer.at(nowUs)
      observer.line('summary', summary)
      return null
    } catch (error) {
      this.ended.options.log.error({ err: error }, 'the summary could not be told')
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  private shutDown(parts: Running, stop: Stop): Promise<ShutdownResult> {
    const { venue, exchange, linkPrefix, config, say } = this.ended.options
    return shutDown(stop.reason, {
      emergency: exchange.emergency,
      clock: venue.clock,
      linkPrefix,
      halt: (reason) => this.haltEngine(parts, reason),
      liveOrders: () => liveOrders(parts),
      isEngineSound: stop.reason !== CRASH,
      newestRiskMs: () => exchange.newestRiskMs,
      acceptWindowMs: config.settings.exchange.createWindowMs,
      progress: (text) => say(`stopping: ${text}`),
    })
  }

  // An engine that has thrown cannot cancel any more: then the orders are cancelled by id alone.
  private haltEngine(parts: Running, reason: string): void {
    parts.outbox.close()
    parts.loop.accept({ kind: 'operator', command: 'halt', reason, nowUs: this.ended.options.venue.clock.nowUs() })
  }

  private summary(parts: Running, stop: Stop, left: RunEndOrders): RunSummary {
    const { venue, seed } = this.ended.options
    const { counters } = this.ended
    return summarize({
      run: 'trade',
      seed,
      startedUs: parts.startedUs,
      endedUs: venue.clock.nowUs(),
      exitReason: stop.reason,
      openOrders: left.openOrders,
      believedOpen: left.believedOpen,
      verifiedZero: left.verifiedZero,
      counters: {
        marketEvents: counters.marketEvents,
        decisions: counters.decisions,
        eventsShed: counters.eventsShed,
        requestsWithheld: counters.requestsWithheld,
      },
      models: venue.models,
      engine: parts.engine,
      instruments: parts.instruments,
      tally: parts.observer.tally,
    })
  }
}

function liveOrders({ engine, outbox }: Running): number {
  return Math.max(engine.liveOrders, outbox.inFlight)
}
