/**
 * What an engine is told before its first event: plain data, every number an integer of the instrument's grid or in the
 * unit that its name ends in. `config` builds it after the instruments are known; the engine checks and never defaults.
 */
import type { PackParams } from './pack.ts'
import type { SignalConfig } from './signals.ts'

export interface EngineConfig {
  /** In SymbolId order, the order of the `start` event's instruments. */
  readonly symbols: readonly SymbolConfig[]
  /** Parameters of the guards whose scope is `run`, by guard id. A guard that is missing runs on its defaults. */
  readonly runGuards: Readonly<Record<string, PackParams>>
  readonly timing: TimingConfig
}

export interface SymbolConfig {
  /** Must equal the instrument's symbol at `start`. */
  readonly symbol: string
  /** Id of a strategy pack. */
  readonly strategy: string
  readonly strategyParams: PackParams
  /** Parameters of the guards whose scope is `symbol`, by guard id. A guard that is missing runs on its defaults. */
  readonly guards: Readonly<Record<string, PackParams>>
  readonly quoting: QuotingConfig
  readonly signals: SignalConfig
}

/** How desired quotes become orders. */
export interface QuotingConfig {
  /** Size of one quote, handed to the strategy. */
  readonly quoteLots: number
  /** The position the strategy should stay within; the hard cap is the guard `max-position`. */
  readonly positionLotsMax: number
  /** Handed to the strategy. */
  readonly halfSpreadTicksMin: number
  /** Quoting slots a side, 1 … 10: never more live orders of ours than this on one side. */
  readonly levelsMax: number
  /** A working order this close to its desired price is left where it is. */
  readonly toleranceTicks: number
  /** A working order more aggressive than desired by more than this is moved at once, whatever its age. */
  readonly urgentTicks: number
  /** Otherwise an order is changed only this long after it was placed or last changed. */
  readonly lifeUsMin: number
  /** A working order is cancelled, whatever its age, when the mid went against it so far. 0: never. */
  readonly adverseTicks: number
  /** For this long after such a cancel its side shows nothing new. */
  readonly adversePauseUs: number
  /** Remaining size may differ from the desired size by this share before it is changed. 10,000 = all of it. */
  readonly sizeToleranceBps: number
  /** False only for a strategy that means to take. */
  readonly isPostOnly: boolean
  /** May a working order be amended, or must it be cancelled and placed anew. */
  readonly mayAmend: boolean
  /** Pause of a side after its first refused order; doubles with each one in a row. */
  readonly missBackoffUs: number
  readonly missBackoffUsMax: number
  /** For this long after a post-only miss the side quotes at least one tick behind the price that missed. */
  readonly clampUs: number
}

export interface TimingConfig {
  /** A cancel not confirmed by the exchange after this long is sent again. */
  readonly cancelTimeoutUs: number
  /** Pause after a cancel that was refused. */
  readonly cancelBackoffUs: number
  /** A place or amend that no statement followed after this long makes the order suspect: it is cancelled. */
  readonly confirmTimeoutUs: number
  /** A quiet symbol is priced again at least this often. */
  readonly requoteUs: number
  /** A proposal that a guard refused is not repeated sooner. */
  readonly refusalRetryUs: number
  /** Executions older than this are no longer told apart from repeats, and are not counted. */
  readonly fillHorizonUs: number
}

export const TIMING_DEFAULTS: TimingConfig = {
  cancelTimeoutUs: 2_000_000,
  cancelBackoffUs: 200_000,
  confirmTimeoutUs: 2_000_000,
  requoteUs: 100_000,
  refusalRetryUs: 100_000,
  fillHorizonUs: 24 * 3_600_000_000,
}

/** Everything of `QuotingConfig` that does not depend on the instrument. */
export const QUOTING_DEFAULTS = {
  levelsMax: 3,
  toleranceTicks: 1,
  urgentTicks: 2,
  lifeUsMin: 200_000,
  adverseTicks: 5,
  adversePauseUs: 500_000,
  sizeToleranceBps: 5_000,
  isPostOnly: true,
  mayAmend: true,
  missBackoffUs: 10_000,
  missBackoffUsMax: 5_000_000,
  clampUs: 1_000_000,
} as const satisfies Omit<QuotingConfig, 'quoteLots' | 'positionLotsMax' | 'halfSpreadTicksMin'>
