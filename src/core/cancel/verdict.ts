/**
 * From what an emergency cancel found to its exit code. Zero is said only for two zero snapshots after T_safe in every
 * category, with every known writer stopped and none seen; every other end has a code of its own.
 */
import type { ZeroSnapshot } from './outcome.ts'
import { type Context, orderKey } from './context.ts'
import type { FenceResult } from './fence-result.ts'
import type { OpenRow } from './scope.ts'

/** Exit codes of cancel-all alone. */
export const CANCEL_EXIT = {
  proven: 0,
  notFenced: 10,
  residual: 11,
  unknown: 12,
  auth: 13,
  unreachable: 14,
  limited: 15,
  partial: 16,
} as const
export type CancelExit = (typeof CANCEL_EXIT)[keyof typeof CANCEL_EXIT]

export interface Findings {
  readonly context: Context
  readonly fence: FenceResult
  readonly isDryRun: boolean
  /** The last look saw every page. */
  readonly isLookComplete: boolean
  readonly zeros: readonly ZeroSnapshot[]
  readonly residual: readonly OpenRow[]
  readonly strangerOrders: number
}

/** Without a word from the exchange for this long, what was seen before is no longer what is. */
const STALE_MS = 10_000
const LIMITED_MS = 5_000

export function judge(findings: Findings): CancelExit {
  const { context, isDryRun, isLookComplete, zeros } = findings
  const isAnswered = isDryRun ? isLookComplete : zeros.length >= 2
  if (context.isAborted()) return CANCEL_EXIT.unknown
  if (isRefusedEverywhere(findings)) return CANCEL_EXIT.auth
  return isAnswered ? judgeAnswered(findings) : judgeUnanswered(findings)
}

function judgeAnswered({ context, fence, isDryRun, residual, strangerOrders }: Findings): CancelExit {
  const isPartial = context.noRead.size > 0 || context.noCancel.size > 0
  if (isDryRun) return isPartial ? CANCEL_EXIT.partial : CANCEL_EXIT.proven
  if (residual.length > 0) return CANCEL_EXIT.residual
  if (fence.isWriterAlive || strangerOrders > 0 || fence.recheck() !== '') return CANCEL_EXIT.notFenced
  return isPartial ? CANCEL_EXIT.partial : CANCEL_EXIT.proven
}

function judgeUnanswered({ context, residual }: Findings): CancelExit {
  const { client } = context
  const nowMs = client.nowMs()
  const quietMs = nowMs - client.okMs
  const isLimited = quietMs > LIMITED_MS && nowMs - client.limitedMs < LIMITED_MS
  if (client.bannedUntilMs > nowMs || isLimited) return CANCEL_EXIT.limited
  if (client.heard === 0) return CANCEL_EXIT.unreachable
  // A listing may lag: orders that the exchange itself calls over are no proof of open ones.
  const isOpen = residual.some((row) => !context.gone.has(orderKey(row)))
  return isOpen && quietMs < STALE_MS ? CANCEL_EXIT.residual : CANCEL_EXIT.unknown
}

function isRefusedEverywhere({ context, isDryRun }: Findings): boolean {
  const refusing = isDryRun ? context.noRead : context.noCancel
  return context.scope.categories.every((category) => refusing.has(category))
}
