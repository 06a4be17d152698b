/**
 * One run of the bot against one venue, from recovery to a proven end. Joins nothing by itself: the venue comes from a
 * joiner, so that the same session runs live, on paper, and in one process under virtual time.
 */
import type { LoadedConfig } from '../config/load.ts'
import type { EngineEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { invariant } from '../domain/invariant.ts'
import { Engine } from '../engine/engine.ts'
import type { EngineConfig } from '../engine/engine-config.ts'
import type { Packs } from '../engine/state.ts'
import { EXIT, fail, messageOf, MmError } from '../errors.ts'
import { isHalted } from '../latch.ts'
import type { RunSummary } from '../report/run-summary.ts'
import { sleep } from './clock.ts'
import { engineConfig, type PricedInstrument } from './engine-config.ts'
import type { DayLoss } from './day-loss.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { Loop } from './loop.ts'
import type { MetricsSource } from './metrics-table.ts'
import { Outbox } from './outbox.ts'
import type { LastRun } from './recover.ts'
import { RunCounters } from './run-counters.ts'
import { RunObserver } from './run-observer.ts'
import { endOrders, feeWarnings, ordersLeft, type RunEndOrders, settlePast, startFields } from './session-account.ts'
import { shutDown, type ShutdownResult } from './shutdown.ts'
import { summarize } from './summary.ts'
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

interface Stop {
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

const START_US = 60_000_000
const CRASH = 'crash'

export class Session {
  readonly counters = new RunCounters()
  /** What the run trades on now: of the start, or what was read again since. */
  config: LoadedConfig
  private readonly options: SessionOptions
  private readonly stopped: Promise<Stop>
  private resolveStop: (stop: Stop) => void = () => undefined
  private parts: Running | null = null
  private isStopping = false
  private isEnding = false
  private isHalted = false
  private isTold = false

  constructor(options: SessionOptions) {
    this.options = options
    this.config = options.config
    this.stopped = new Promise((resolve) => {
      this.resolveStop = resolve
    })
  }

  /** Null until the instruments are known. */
  get running(): Running | null {
    return this.parts
  }

  get dayLoss(): DayLoss | null {
    return this.options.dayLoss
  }

  /** Ends the run in order. Later calls change nothing. */
  stop(reason: string, exit: number = EXIT.ok, error: unknown = null): void {
    this.isStopping = true
    this.resolveStop({ reason, exit, error })
  }

  /** What the exchange does to us that a person should read; the run goes on. */
  notice(text: string): void {
    this.options.log.warn(text)
    this.parts?.observer.tell('warn', text)
  }

  /** A broken belief: same way out, exit 70. */
  crash(error: unknown): void {
    this.options.log.fatal({ err: error }, 'crash: cancelling orders')
    // Before the first order it is a start that failed, and the next one may try.
    if (this.parts !== null) this.tellHalt(`crash: ${messageOf(error)}`)
    this.stop(CRASH, EXIT.bug, error)
  }

  private tellHalt(reason: string): void {
    if (this.isTold) return
    this.isTold = true
    this.options.onHalt(reason)
  }

  operator(command: 'pause' | 'resume' | 'halt', reason: string): void {
    const { parts } = this
    // Before the first order too: what was promised to a fence must hold.
    if (command === 'halt') {
      this.isHalted = true
      this.tellHalt(`halt: ${reason}`)
    }
    if (command === 'halt' && parts === null) this.stop(`halt: ${reason}`, EXIT.refused)
    if (parts === null) return
    if (command === 'halt') parts.outbox.close()
    const nowUs = this.options.venue.clock.nowUs()
    parts.loop.accept({ kind: 'operator', command, reason, nowUs })
    if (command === 'halt') this.stop(`halt: ${reason}`, EXIT.refused)
  }

  /** Why no other configuration can be taken now; null when one can. */
  get reloadBar(): string | null {
    if (this.parts === null) return 'the run is still starting; try again when it quotes'
    return this.isEnding || this.parts.engine.phase === 'halted' ? 'the run is ending' : null
  }

  /** Trades on another configuration from the next event on. Throws CONFIG_VALUE when it fits no instrument here. */
  reconfigure(config: LoadedConfig): void {
    const { parts, options } = this
    invariant(parts !== null && this.reloadBar === null, 'a configuration is taken by a run that quotes')
    const changed = this.limited(engineConfig(config.settings, parts.priced, options.packs))
    const { settings, hash } = config
    this.config = config
    parts.loop.accept({ kind: 'config', config: changed, settings, hash, nowUs: options.venue.clock.nowUs() })
  }

  /** What the emergency path must know of a writer that was told to halt. */
  haltFacts(): Readonly<Record<string, unknown>> {
    const { parts, options } = this
    return {
      phase: parts?.engine.phase ?? 'syncing',
      maxSignedMs: options.exchange.newestRiskMs,
      windowMs: options.config.settings.exchange.createWindowMs,
      inFlight: parts?.outbox.inFlight ?? 0,
    }
  }

  metricsSource(): MetricsSource | null {
    const { parts, options, counters } = this
    if (parts === null) return null
    const { journal, exchange, version, venue } = options
    counters.journalBacklogBytes = journal.backlogBytes
    counters.journalFailed = journal.failure !== null
    const gateway = { ...exchange.counters } as Readonly<Record<string, number>>
    return {
      view: parts.engine.view(),
      run: counters,
      gateway,
      info: { version, configHash: this.config.hash, venue: venue.name },
    }
  }

  /** From start to proven end. Never rejects: what went wrong is in the result. */
  async run(): Promise<SessionResult> {
    try {
      await this.begin()
    } catch (error) {
      this.stop('start', exitOf(error), error)
    }
    const stop = await this.stopped
    return this.end(stop)
  }

  private async begin(): Promise<void> {
    const { exchange, venue, symbols } = this.options
    if (this.isStopping) return
    const uid = await this.checkAccount()
    const instruments = await exchange.instruments(symbols)
    const recovery = await settlePast(this.options, uid, instruments)
    this.options.onRecovered()
    // Told to stop meanwhile: nothing is begun that would have to be taken back.
    if (this.isStopping) return
    const parts = await this.build(instruments)
    this.parts = parts
    parts.observer.at(venue.clock.nowUs())
    parts.observer.line('start', startFields(this.options, uid, recovery))
    for (const text of feeWarnings(this.options, parts.priced)) {
      parts.observer.tell('warn', text)
      this.options.say(`warning: ${text}`)
    }
    parts.loop.accept({ kind: 'start', nowUs: venue.clock.nowUs(), instruments })
    await this.armDisconnectCancel()
    await within(exchange.open(parts.loop.accept), this.options)
    parts.startedUs = venue.clock.nowUs()
    this.armEnd()
  }

  private async armDisconnectCancel(): Promise<void> {
    const { venue, exchange, say, log } = this.options
    if (venue.isVirtual) return
    const windowS = await exchange.armDisconnectCancel()
    log.info({ windowS }, 'cancel on disconnect')
    if (windowS !== null) say(`the exchange cancels our orders ${windowS} s after a disconnect (DCP armed)`)
  }

  // Live money moves only when the operator named the very account that the key belongs to.
  private async checkAccount(): Promise<string> {
    const { venue, exchange, arm } = this.options
    const uid = await exchange.accountUid()
    if (arm !== null && arm !== uid)
      fail('LIVE_NOT_ARMED', { reason: `--arm ${arm} is not the account of the key (${uid})` })
    if (venue.name === 'live' && arm === null) fail('LIVE_NOT_ARMED', { reason: '--arm UID is missing' })
    return uid
  }

  private async build(instruments: readonly Instrument[]): Promise<Running> {
    const { venue, config, packs, journal, emit } = this.options
    const prices = await venue.referenceTicks(instruments)
    const priced = instruments.map((instrument, index) => ({ instrument, priceTicks: prices[index] ?? Number.NaN }))
    const engine = new Engine(this.limited(engineConfig(config.settings, priced, packs)), packs)
    const observer = new RunObserver({ engine, instruments, emit })
    const loop = this.makeLoop(engine, observer)
    const outbox = this.makeOutbox(loop, observer)
    loop.start(outbox)
    if (this.isHalted) outbox.close()
    journal.listen({ onDurable: () => outbox.release(), onFailed: (reason) => this.journalFailed(reason) })
    return { engine, loop, outbox, observer, instruments, priced, startedUs: venue.clock.nowUs() }
  }

  private limited(config: EngineConfig): EngineConfig {
    return this.options.dayLoss?.apply(config) ?? config
  }

  private makeLoop(engine: Engine, observer: RunObserver): Loop {
    const { venue, journal, exchange } = this.options
    return new Loop({
      engine,
      journal,
      clock: venue.clock,
      counters: this.counters,
      observe: (event) => this.observe(engine, observer, event),
      onShed: (symbol, events) => {
        observer.tell('warn', `overload: ${events} market messages given up`, { symbol, events })
        exchange.resync?.(symbol)
      },
      onCrash: (error) => this.crash(error),
    })
  }

  private makeOutbox(loop: Loop, observer: RunObserver): Outbox {
    const { venue, journal, exchange, stateDir } = this.options
    return new Outbox({
      journal,
      clock: venue.clock,
      counters: this.counters,
      send: (requests, nowUs) => exchange.send(requests, nowUs),
      sent: (request) => observer.sent(request),
      tell: loop.accept,
      isHalted: venue.isVirtual ? () => false : () => isHalted(stateDir),
    })
  }

  private observe(engine: Engine, observer: RunObserver, event: EngineEvent): void {
    observer.event(event)
    const isHalt = engine.phase === 'halting' || engine.phase === 'halted'
    if (event.kind !== 'decide' || !isHalt || this.isEnding) return
    // A guard or the exchange ended it: an operator must look before the next start.
    const reason = `halted: ${engine.phaseReason}`
    this.tellHalt(reason)
    this.stop(reason, EXIT.refused)
  }

  private journalFailed(reason: string): void {
    const { log, say } = this.options
    log.error({ reason }, 'the journal failed: no further orders')
    say(`the journal cannot be written (${reason}): no further orders, cancelling`)
    this.stop(`journal: ${reason}`, EXIT.unknown, new MmError('JOURNAL_WRITE', { file: this.options.stateDir, reason }))
  }

  private armEnd(): void {
    const { durationUs, venue } = this.options
    const ends = [
      { atUs: durationUs, reason: 'duration' },
      { atUs: venue.lengthUs, reason: 'end of market data' },
    ]
    for (const { atUs, reason } of ends) if (atUs !== null) venue.clock.after(atUs, () => this.stop(reason))
  }

  private async end(stop: Stop): Promise<SessionResult> {
    this.isEnding = true
    const { parts } = this
    if (parts === null) {
      await this.options.exchange.close()
      return { exit: stop.exit, summary: null, error: stop.error }
    }
    if (stop.exit === EXIT.refused) this.tellHalt(stop.reason)
    const left = endOrders(await this.shutDown(parts, stop), this.options.exchange, parts.engine)
    parts.loop.stop()
    await this.options.exchange.close()
    const nowUs = this.options.venue.clock.nowUs()
    const { verifiedZero, problem, openOrders, believedOpen } = left
    const summary = this.summary(parts, stop, left)
    this.options.journal.note('end', { reason: stop.reason, openOrders: summary.openOrders, verifiedZero, nowUs })
    if (!verifiedZero) {
      this.options.log.error({ problem, openOrders, believedOpen }, 'orders may still be open')
      this.tellHalt(`orders may still be open: ${problem}`)
    }
    const untold = this.tellSummary(parts, summary, nowUs)
    if (!verifiedZero) return { exit: EXIT.ordersLeft, summary, error: ordersLeft(left, this.options) }
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
      this.options.log.error({ err: error }, 'the summary could not be told')
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  private shutDown(parts: Running, stop: Stop): Promise<ShutdownResult> {
    const { venue, exchange, linkPrefix, config, say } = this.options
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
    parts.loop.accept({ kind: 'operator', command: 'halt', reason, nowUs: this.options.venue.clock.nowUs() })
  }

  private summary(parts: Running, stop: Stop, left: RunEndOrders): RunSummary {
    const { venue, seed } = this.options
    const { counters } = this
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

function exitOf(error: unknown): number {
  return error instanceof MmError ? error.exit : EXIT.bug
}

async function within(work: Promise<void>, { venue }: SessionOptions): Promise<void> {
  const late = sleep(venue.clock, START_US).then(() =>
    fail('START_TIMEOUT', { seconds: START_US / 1e6, venue: venue.exchangeUrl || venue.name }),
  )
  // Whichever comes second must not become an unhandled rejection.
  late.catch(() => undefined)
  work.catch(() => undefined)
  await Promise.race([work, late])
}
