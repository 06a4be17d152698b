/** What one emergency cancel carries from step to step. */
import type { OpenRow, Scope } from './scope.ts'
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
  /** Every order seen open, or named by a cancel-all reply, by `key`. */
  readonly seen: Map<string, SeenOrder>
  /** Categories no key may touch → the code that said so. */
  readonly denied: Map<string, number>
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

export const orderKey = (row: { category: string; orderId: string }): string => `${row.category}/${row.orderId}`

export function remember(context: Context, row: OpenRow, isProtective: boolean): void {
  const { category, symbol, orderId, orderLinkId } = row
  context.seen.set(orderKey(row), { category, symbol, orderId, orderLinkId, isProtective })
}

/** Waits as the n-th retry: 100 → 1600 ms, with jitter, never past the deadline. */
export async function backOff(context: Context, retry: number): Promise<void> {
  const ms = Math.min(100 * 2 ** retry, 1_600) * (0.5 + context.chance() / 2)
  await context.client.sleep(Math.min(ms, Math.max(0, context.deadlineMs - context.client.nowMs())))
}

export function isOver(context: Context): boolean {
  return context.isAborted() || context.client.nowMs() >= context.deadlineMs
}
