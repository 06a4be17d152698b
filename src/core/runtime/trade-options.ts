/** What a run of `mm trade` is told, where it says things, and what comes out. */
import type { GuardAddress } from '../deadman/address.ts'
import type { MmError } from '../errors.ts'
import type { RunSummary } from '../report/run-summary.ts'
import type { VenueOptions } from './venues.ts'

export interface TradeOptions extends Omit<VenueOptions, 'settings' | 'redactor' | 'symbols'> {
  /** Null: the recording's symbol, or BTCUSDT. */
  readonly symbols: readonly string[] | null
  readonly durationMs: number | null
  /** Null: no metrics. */
  readonly metrics: { readonly address: string; readonly isExplicit: boolean } | null
  readonly arm: string | null
  /** Hash of a configuration that differs from the last start's. */
  readonly ackConfig?: string | null
  /** Null: nobody guards this run. */
  readonly guard: GuardAddress | null
  readonly stateDir: string | undefined
  readonly config: string | undefined
  readonly profile: string | undefined
  readonly override: string | undefined
  readonly set: readonly string[]
  readonly cwd: string
  /** Folder of our own package. */
  readonly root: string
}

export interface TradeOutput {
  /** Lines for scripts; null when nobody reads them. */
  readonly emit: ((line: object) => void) | null
  say(text: string): void
  /** Resolves when the output cannot be written any more: the run ends. */
  readonly failed?: Promise<MmError>
  /** Called once the bot can be watched: where its control socket is. */
  onReady?(socketPath: string): void
  /** Called every ten seconds with one line about the run. */
  onTick?(line: string): void
}

export interface TradeResult {
  readonly exit: number
  readonly summary: RunSummary | null
  /** What to tell the user; null when there is nothing. */
  readonly error: unknown
}
