/** Joins engine, loop, outbox and observer of one run, once the instruments are known. Starts nothing on the exchange. */
import type { EngineEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { Engine } from '../engine/engine.ts'
import type { EngineConfig } from '../engine/engine-config.ts'
import { isHalted } from '../latch.ts'
import { engineConfig } from './engine-config.ts'
import { Loop } from './loop.ts'
import { Outbox } from './outbox.ts'
import type { RunCounters } from './run-counters.ts'
import { RunObserver } from './run-observer.ts'
import type { Running, SessionOptions } from './session-options.ts'

/** What the parts tell their session. */
export interface PartHooks {
  readonly counters: RunCounters
  /** Nothing that adds risk may leave from the start on. */
  isHalted(): boolean
  observe(engine: Engine, observer: RunObserver, event: EngineEvent): void
  crash(error: unknown): void
  journalFailed(reason: string): void
}

/** The same configuration, less what earlier runs of today have lost. */
export function limited(config: EngineConfig, { dayLoss }: Pick<SessionOptions, 'dayLoss'>): EngineConfig {
  return dayLoss?.apply(config) ?? config
}

export class SessionParts {
  private readonly options: SessionOptions
  private readonly hooks: PartHooks

  constructor(options: SessionOptions, hooks: PartHooks) {
    this.options = options
    this.hooks = hooks
  }

  async build(instruments: readonly Instrument[]): Promise<Running> {
    const { venue, config, packs, journal, emit } = this.options
    const prices = await venue.referenceTicks(instruments)
    const priced = instruments.map((instrument, index) => ({ instrument, priceTicks: prices[index] ?? Number.NaN }))
    const engine = new Engine(limited(engineConfig(config.settings, priced, packs), this.options), packs)
    const observer = new RunObserver({ engine, instruments, emit })
    const loop = this.makeLoop(engine, observer)
    const outbox = this.makeOutbox(loop, observer)
    loop.start(outbox)
    if (this.hooks.isHalted()) outbox.close()
    journal.listen({ onDurable: () => outbox.release(), onFailed: (reason) => this.hooks.journalFailed(reason) })
    return { engine, loop, outbox, observer, instruments, priced, startedUs: venue.clock.nowUs() }
  }

  private makeLoop(engine: Engine, observer: RunObserver): Loop {
    const { venue, journal, exchange } = this.options
    return new Loop({
      engine,
      journal,
      clock: venue.clock,
      counters: this.hooks.counters,
      observe: (event) => this.hooks.observe(engine, observer, event),
      onShed: (symbol, events) => {
        observer.tell('warn', `overload: ${events} market messages given up`, { symbol, events })
        exchange.resync?.(symbol)
      },
      onCrash: (error) => this.hooks.crash(error),
    })
  }

  private makeOutbox(loop: Loop, observer: RunObserver): Outbox {
    const { venue, journal, exchange, stateDir } = this.options
    return new Outbox({
      journal,
      clock: venue.clock,
      counters: this.hooks.counters,
      send: (requests, nowUs) => exchange.send(requests, nowUs),
      sent: (request) => observer.sent(request),
      tell: loop.accept,
      isHalted: venue.isVirtual ? () => false : () => isHalted(stateDir),
    })
  }
}
