/** Makes the view that watchers get: the engine's picture, and what the runtime measured. A few times a second at most. */
import type { LoadedConfig } from '../config/load.ts'
import { type BotView, zeroCounters } from '../engine/view.ts'
import type { Journal } from './journal.ts'
import type { LatencyTable } from './latency.ts'
import type { LiveView, Quantiles } from './live-view.ts'
import { Rates } from './rates.ts'
import type { Session } from './session.ts'
import type { Venue } from './venue.ts'

export interface LiveViewFacts {
  readonly session: Session
  readonly journal: Journal
  readonly venue: Venue
  readonly config: LoadedConfig
  readonly epoch: string
  readonly version: string
  readonly metricsUrl: string
  readonly seed: number | null
}

export function liveViewOf(facts: LiveViewFacts): () => LiveView {
  const rates = new Rates<'marketEvents' | 'decisions' | 'requests' | 'fills'>()
  const { session, journal, venue, epoch, version, metricsUrl, seed } = facts
  return () => {
    const { running, counters } = session
    const view = running?.engine.view() ?? starting()
    const { marketEvents, decisions } = counters
    const { places, amends, cancels, fills } = view.counters
    const requests = places + amends + cancels
    return {
      view,
      run: {
        version,
        venue: venue.name,
        epoch,
        configHash: session.config.hash,
        pid: process.pid,
        metricsUrl,
        seed,
        latency: {
          tickToRequest: quantiles(counters.tickToRequest),
          intentDurable: quantiles(counters.intentDurable),
          order: quantiles(counters.orderLatency),
        },
        rates: rates.at(venue.clock.nowUs(), { marketEvents, decisions, requests, fills }),
        journal: {
          seq: journal.seq,
          durableSeq: journal.durableSeq,
          backlogBytes: journal.backlogBytes,
          failure: journal.failure,
        },
        queue: {
          depthMax: counters.queueDepthMax,
          shed: counters.eventsShed,
          waiting: running?.outbox.waitingCount ?? 0,
        },
        events: [...(running?.observer.news ?? [])],
      },
    }
  }
}

function quantiles(table: LatencyTable): Quantiles {
  return {
    count: table.count,
    p50Us: table.quantileUs(0.5),
    p99Us: table.quantileUs(0.99),
    p999Us: table.quantileUs(0.999),
    maxUs: table.maxUs,
  }
}

// Before the instruments are known there is no engine to ask.
function starting(): BotView {
  return {
    phase: 'syncing',
    phaseReason: 'the run has not started',
    nowUs: 0,
    startedUs: 0,
    uptimeUs: 0,
    seq: 0,
    nextOrder: 1,
    links: { account: 'unknown', trade: 'unknown' },
    counters: zeroCounters(),
    guards: [],
    symbols: [],
    pnl: [],
  }
}
