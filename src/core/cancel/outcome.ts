/** What an emergency cancel is asked to do, how it stands, and what came of it. Types only. */
import type { Signer } from '../exchange/bybit/signing.ts'
import type { Aftermath } from './aftermath.ts'
import type { SeenOrder } from './context.ts'
import type { FenceResult } from './fence-result.ts'
import type { RequestLog } from './request-log.ts'
import type { OpenRow, Scope } from './scope.ts'
import type { CancelExit } from './verdict.ts'
import type { Net, VenueClient } from './venue-client.ts'

export interface Plan {
  readonly net: Net
  /** The emergency key first. */
  readonly signers: readonly Signer[]
  readonly scope: Scope
  /** Stops the writer. */
  readonly fence: (client: VenueClient) => Promise<FenceResult>
  readonly durationMs: number
  /** Reads only: what would be cancelled. */
  readonly isDryRun: boolean
  /** Without the readings for people at the end: fills, positions, whose key. */
  readonly isBrief: boolean
  readonly chance: () => number
  /** The operator insists on leaving: ends at once, whatever is under way. */
  readonly abort: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** complete: every page of the scope · partial: of what a key may read · none: no look came to its end. */
export type Look = 'complete' | 'partial' | 'none'

/** Where it stands at the moment of reading. */
export interface Progress {
  readonly step: 'sweep' | 'verify' | 'done'
  /** Open orders in the last snapshot, null before the first. */
  readonly open: number | null
  readonly seen: number
  readonly requests: number
  readonly fenceLevel: FenceResult['level'] | 'pending' | 'unasked'
  readonly tSafeInMs: number | null
  readonly trouble: string
}

export interface ZeroSnapshot {
  readonly startServerMs: number
  readonly pages: number
}

export interface Outcome {
  readonly exit: CancelExit
  readonly startedServerMs: number
  readonly endedServerMs: number
  readonly fence: FenceResult
  readonly acceptableUntilMs: number
  readonly tSafeMs: number
  readonly zeros: readonly ZeroSnapshot[]
  readonly residual: readonly OpenRow[]
  /** How much of the scope the last look saw: `residual` says something about no more than that. */
  readonly look: Look
  readonly spared: readonly OpenRow[]
  readonly seen: readonly SeenOrder[]
  /** Orders that appeared after a snapshot without any. */
  readonly lateOrders: number
  /** Orders made after T_safe: somebody whom no fence reached is writing. */
  readonly strangerOrders: number
  readonly denied: ReadonlyMap<string, number>
  readonly refusals: ReadonlyMap<string, string>
  readonly trouble: string
  readonly aftermath: Aftermath
  readonly log: RequestLog
  readonly client: VenueClient
}
