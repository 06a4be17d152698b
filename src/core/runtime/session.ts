/**
 * One run of the bot against one venue, from recovery to a proven end. Joins nothing by itself: the venue comes from a
 * joiner, so that the same session runs live, on paper, and in one process under virtual time.
 */
import type { LoadedConfig } from '../config/load.ts'
import type { EngineEvent } from '../domain/event.ts'
import { invariant } from '../domain/invariant.ts'
import type { Engine } from '../engine/engine.ts'
import { EXIT, fail, messageOf, MmError } from '../errors.ts'
import { sleep } from './clock.ts'
import type { DayLoss } from './day-loss.ts'
import { engineConfig } from './engine-config.ts'
import type { MetricsSource } from './metrics-table.ts'
import { RunCounters } from './run-counters.ts'
import type { RunObserver } from './run-observer.ts'
import { feeWarnings, settlePast, startFields } from './session-account.ts'
import { pastOf, startPast } from './session-past.ts'
import { CRASH, SessionEnd } from './session-end.ts'
import type { Running, SessionOptions, SessionResult, Stop } from './session-options.ts'
import { limited, SessionParts } from './session-parts.ts'

const START_US = 60_000_000

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
    const changed = limited(engineConfig(config.settings, parts.priced, options.packs), options)
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
    this.isEnding = true
    const { options, counters, parts } = this
    return new SessionEnd({ options, counters, parts, tellHalt: (reason) => this.tellHalt(reason) }).end(stop)
  }

  private async begin(): Promise<void> {
    const { exchange, venue, symbols } = this.options
    // Told to stop already (a signal, an output that cannot be written): nothing is begun only to be taken back.
    if (this.isStopping) return
    const uid = await this.checkAccount()
    this.options.onAccount(uid)
    const instruments = await exchange.instruments(symbols)
    const past = pastOf(this.options, uid)
    const recovery = await settlePast(this.options, { uid, instruments, past })
    this.options.onRecovered()
    const parts = await new SessionParts(this.options, {
      counters: this.counters,
      isHalted: () => this.isHalted,
      observe: (engine, observer, event) => this.observe(engine, observer, event),
      crash: (error) => this.crash(error),
      journalFailed: (reason) => this.journalFailed(reason),
    }).build(instruments)
    this.parts = parts
    parts.observer.at(venue.clock.nowUs())
    parts.observer.line('start', startFields(this.options, uid, recovery))
    for (const text of feeWarnings(this.options, parts.priced)) {
      parts.observer.tell('warn', text)
      this.options.say(`warning: ${text}`)
    }
    parts.loop.accept({ kind: 'start', nowUs: venue.clock.nowUs(), instruments, past: startPast(this.options, past) })
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
