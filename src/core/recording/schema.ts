/**
 * The recording format: one Parquet file, one row per market event, described in docs/recording-format.md. This file
 * is its single definition (columns, codes, metadata); writer and reader must not know anything about it by themselves.
 */

export const FORMAT = 'mm-recording'
export const VERSION = 1
/** Footer key that holds the metadata as JSON. */
export const META_KEY = 'mm.recording'
/** Rows per row group: bounds the memory of writing, and is what one checksum covers. */
export const GROUP_ROWS = 262_144

export const COLUMNS = [
  { name: 'message', type: 'INT32' },
  { name: 'local_ns', type: 'INT64' },
  { name: 'exchange_us', type: 'INT64' },
  { name: 'sent_us', type: 'INT64' },
  { name: 'kind', type: 'INT32' },
  { name: 'flags', type: 'INT32' },
  { name: 'update_id', type: 'INT64' },
  { name: 'side', type: 'INT32' },
  { name: 'ticks', type: 'INT64' },
  { name: 'lots', type: 'INT64' },
] as const

export type ColumnName = (typeof COLUMNS)[number]['name']

/** What a message is. A message's rows share kind, times, flags and update id. */
export const KIND = {
  /** Levels of a complete book. */
  snapshot: 1,
  /** Levels that replace their price's size, 0 deletes. */
  delta: 2,
  /** Best bid and best ask: two rows, one event. */
  bestQuote: 3,
  /** One public trade; side is the taker's. */
  trade: 4,
  /** Update ids do not join here: the book is unknown until the next snapshot. One row, no event. */
  gap: 5,
  /** A delta without levels: it only moves the update id. One row, no event. */
  empty: 6,
} as const

export type Kind = keyof typeof KIND

/** Bits of `flags`. */
export const FLAG = {
  /** A delta written again after a snapshot that was older than it; its first copy stands earlier. No event. */
  repeated: 1,
  /** The source gave no exchange time; the latest one seen before stands in. */
  timeEstimated: 2,
  /** A trade that did not go through the order book (liquidation fund, block trade). */
  offBook: 4,
} as const

export interface GapMark {
  readonly message: number
  readonly localNs: string
  /** Update id that should have come next to join, and the one that came. */
  readonly expectedId: number
  readonly foundId: number
}

export type MarketCategory = 'linear' | 'inverse' | 'spot'

/** What the file says about itself. Numbers are exact integers; prices and sizes decimal text. */
export interface RecordingMeta {
  readonly format: typeof FORMAT
  readonly version: number
  readonly venue: string
  readonly symbol: string
  readonly category: MarketCategory
  readonly tickSize: string
  readonly lotSize: string
  readonly createdBy: string
  readonly source: { readonly format: string; readonly file: string; readonly bytes: number; readonly sha256: string }
  readonly span: { readonly firstLocalNs: string; readonly lastLocalNs: string }
  /** Lines of the source: every one is either in `messages` or in `skipped` by reason. */
  readonly lines: { readonly total: number; readonly used: number; readonly skipped: Readonly<Record<string, number>> }
  readonly messages: Readonly<Record<Kind, number>>
  /** Market events: level changes, trades, best-quote updates. Repeated rows do not count. */
  readonly events: { readonly levels: number; readonly trades: number; readonly bestQuotes: number }
  readonly rows: number
  readonly repeatedMessages: number
  /** Messages whose local time is before the one of their predecessor. */
  readonly outOfOrder: number
  readonly gapCount: number
  /** The first gaps, at most 100. */
  readonly gaps: readonly GapMark[]
  /** Exchange time against local time: smallest (local − exchange), µs. Negative where the clocks disagree. */
  readonly feedUsMin: number
  /** Best quotes compared with the book built from deltas at the same update id. */
  readonly bestQuoteCheck: { readonly compared: number; readonly equal: number }
  /** CRC-32 of each column's plain little-endian bytes, per row group. */
  readonly crc32: Readonly<Record<ColumnName, readonly number[]>>
}

export const eventCount = (meta: RecordingMeta): number =>
  meta.events.levels + meta.events.trades + meta.events.bestQuotes
