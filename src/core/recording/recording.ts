/**
 * A recording in memory: columns as typed arrays, one entry per message or per row. Nothing here knows the file format;
 * nothing may change the arrays after reading.
 */
import type { RecordingMeta } from './schema.ts'

export interface Recording {
  readonly meta: RecordingMeta
  readonly messageCount: number
  readonly rowCount: number
  /** First row of each message; one more entry than messages. */
  readonly firstRow: Int32Array
  /** `KIND` code per message. */
  readonly kind: Uint8Array
  /** `FLAG` bits per message. */
  readonly flags: Uint8Array
  /** Local receive time, µs since the epoch, never falling (a late clock is held at the latest time seen). */
  readonly localUs: Float64Array
  /** Exchange (matching) time, µs since the epoch. Not sorted: a batched book message may be older than a trade before it. */
  readonly exchangeUs: Float64Array
  /** Last update id of a book message, trade id of a trade where it is a number. */
  readonly updateId: Float64Array
  /** +1 bid or buyer, −1 ask or seller, per row. */
  readonly side: Int8Array
  readonly ticks: Float64Array
  readonly lots: Float64Array
}
