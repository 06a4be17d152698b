/**
 * What the Bybit adapter needs to be told, with defaults for all but the essentials. Hosts are not here: the wire knows
 * them (`net-wire.ts` checks them against the allow-list), so the adapter cannot be pointed elsewhere by a setting.
 */
import type { Credentials } from '../../credentials.ts'
import type { Category } from '../../domain/instrument.ts'
import { fail, type MmError } from '../../errors.ts'
import type { Wire } from '../wire.ts'

/** Options need another order model; they are not traded. */
export type TradedCategory = Exclude<Category, 'option'>

export type BookDepth = 1 | 50 | 200 | 1000

export interface BybitOptions {
  readonly wire: Wire
  readonly credentials: Credentials
  readonly category: Category
  /** Start of every orderLinkId of this bot: "mm" and two characters of bot id. */
  readonly linkPrefix: string
  /** 7–8 base-36 characters, never used before by this bot. */
  readonly linkEpoch: string
  /** Seeds the jitter of reconnects and retries; nothing else is random. */
  readonly seed: number
  /** What ends a run although the wire still works: key refused, account banned. Called at most once. */
  readonly onFatal: (error: MmError) => void
  /** What an operator should read although the run goes on: one line. */
  readonly onNotice?: (text: string) => void
  readonly bookDepth?: BookDepth
  /** 'rest' where the venue has no order-entry socket (demo). */
  readonly orderEntry?: 'socket' | 'rest'
  /** May several creates, amends or cancels of one decision leave as one request, with a quota of its own. */
  readonly isBatching?: boolean
  /** Receive window of creates and amends: small, so that what was signed cannot land late. */
  readonly createWindowMs?: number
  /** Receive window of cancels and reads: they may land late. */
  readonly safeWindowMs?: number
  /** An order request without an answer for this long is ambiguous. */
  readonly ackDeadlineMs?: number
  /** Deadline of one REST call. */
  readonly restTimeoutMs?: number
  /** Assumed creates (and amends) per second until the first answer states the account's limit. */
  readonly ordersPerSecond?: number
  /** Leverage that the account must have for every symbol; null: whatever it has. Never set by us. */
  readonly leverage?: number | null
  /** A symbol without market data for this long is stale. Level 1 repeats every 3 s. */
  readonly staleAfterMs?: number
}

/** Options with every default filled in. */
export type Settings = Required<Omit<BybitOptions, 'category'>> & { readonly category: TradedCategory }

export function settingsOf(options: BybitOptions): Settings {
  const { category } = options
  if (category === 'option') return fail('USAGE', { what: 'options are not traded: choose linear, inverse or spot' })
  return {
    bookDepth: 50,
    orderEntry: 'socket',
    isBatching: true,
    createWindowMs: 1_000,
    safeWindowMs: 10_000,
    ackDeadlineMs: 2_000,
    restTimeoutMs: 5_000,
    ordersPerSecond: 10,
    leverage: null,
    staleAfterMs: 10_000,
    onNotice: () => {},
    ...options,
    category,
  }
}
