/** What a session needs, what exists while it runs, and what comes out of it. */
import type { LoadedConfig } from '../config/load.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Engine } from '../engine/engine.ts'
import type { Packs } from '../engine/state.ts'
import type { RunSummary } from '../report/run-summary.ts'
import type { DayLoss } from './day-loss.ts'
import type { PricedInstrument } from './engine-config.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import type { Loop } from './loop.ts'
import type { Outbox } from './outbox.ts'
import type { LastRun } from './recover.ts'
import type { RunObserver } from './run-observer.ts'
import type { JoinedExchange, Venue } from './venue.ts'

export interface SessionOptions {
  readonly venue: Venue
  readonly exchange: JoinedExchange
  readonly journal: Journal
  readonly log: Log
  readonly config: LoadedConfig
  readonly packs: Packs
  readonly symbols: readonly string[]
  readonly stateDir: string
  readonly epoch: string
  readonly linkPrefix: string
  readonly version: string
  readonly seed: number
  readonly lastRun: LastRun | null
  /** What earlier runs of today lost counts against this run's limit; null where nothing lasts. */
  readonly dayLoss: DayLoss | null
  /** UID that --arm named, null when it was not given. */
  readonly arm: string | null
  readonly durationUs: number | null
  /** Lines for scripts; null when nobody reads them. */
  readonly emit: ((line: object) => void) | null
  /** The account behind the key is known. */
  onAccount(uid: string): void
  /** What earlier runs left is settled: their journals are needed no more. */
  onRecovered(): void
  /** A person must look before the next start. Called as soon as it is known: nothing that follows may undo it. */
  onHalt(reason: string): void
  /** Text for people. */
  say(text: string): void
}

export interface SessionResult {
  readonly exit: number
  readonly summary: RunSummary | null
  readonly error: unknown
}

/** What ended a run first. */
export interface Stop {
  readonly reason: string
  readonly exit: number
  readonly error: unknown
}

/** All that exists once the instruments are known. */
export interface Running {
  readonly engine: Engine
  readonly loop: Loop
  readonly outbox: Outbox
  readonly observer: RunObserver
  readonly instruments: readonly Instrument[]
  /** With the prices at which values became sizes. */
  readonly priced: readonly PricedInstrument[]
  startedUs: number
}
