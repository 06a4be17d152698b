/** What one emergency cancel carries from step to step. */
import { type CoinCategory, isProtective, type OpenRow, type Scope } from './scope.ts'
import type { VenueClient } from './venue-client.ts'

export interface Context {
  readonly client: VenueClient
  readonly scope: Scope
  /** Local ms at which we stop trying. */
  readonly deadlineMs: number
  /** Uniform in [0, 1): jitter only. */
  readonly chance: () => number
  /** True once the operator insists on leaving. */
  readonly isAborted: () => boolean
  /** Every order seen open, or named by a cancel-all reply, by `orderKey`. */
  readonly seen: Map<string, SeenOrder>
  /** Orders of which the exchange said, asked by id, that they are over. */
  readonly gone: Set<string>
  /** Settle coins beyond the ones always swept. */
  readonly coins: Readonly<Record<CoinCategory, Set<string>>>
  /** Where the exchange has not named its coins yet. */
  readonly coinsUnread: Set<CoinCategory>
  /** Categories in which no key may cancel, or may not even look → the code that said so. */
  readonly noCancel: Map<string, number>
  readonly noRead: Map<string, number>
  /** Refusals worth telling: unit → code and text of the exchange. */
  readonly refusals: Map<string, string>
  /** Last reason why an answer was missing, '' when all is well. */
  lastTrouble: string
}

export interface SeenOrder {
  readonly category: string
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly isProtective: boolean
}

export type ContextStart = Pick<Context, 'client' | 'scope' | 'deadlineMs' | 'chance' | 'isAborted'>

export function newContext(start: ContextStart): Context {
  return {
    ...start,
    seen: new Map(),
    gone: new Set(),
    coins: { linear: new Set(), inverse: new Set() },
    coinsUnread: new Set(['linear', 'inverse']),
    noCancel: new Map(),
    noRead: new Map(),
    refusals: new Map(),
    lastTrouble: '',
  }
}

export const orderKey = (row: { category: string; orderId: string }): string => `${row.category}/${row.orderId}`

export function remember(context: Context, row: OpenRow): void {
  const { category, symbol, orderId, orderLinkId } = row
  context.seen.set(orderKey(row), { category, symbol, orderId, orderLinkId, isProtective: isProtective(row) })
}

/** Waits as the n-th retry: 100 → 1600 ms, with jitter, never past the deadline. */
export async function backOff(context: Context, retry: number): Promise<void> {
  await pause(context, Math.min(100 * 2 ** retry, 1_600) * (0.5 + context.chance() / 2))
}

/** Sleeps, never past the deadline. */
export function pause(context: Context, ms: number): Promise<void> {
  return context.client.sleep(Math.min(ms, Math.max(0, context.deadlineMs - context.client.nowMs())))
}

export function isOver(context: Context): boolean {
  return context.isAborted() || context.client.nowMs() >= context.deadlineMs
}
