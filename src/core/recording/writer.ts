/**
 * Writes a recording row group by row group, so memory does not grow with the file. It writes beside the target and
 * renames when all is on disk: a reader never meets half a recording. Must stay a plain writer: no parsing, no repair.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { invariant } from '../domain/invariant.ts'
import { fail, messageOf } from '../errors.ts'
import { zstdCompress } from './codec.ts'
import { COLUMNS, type ColumnName, GROUP_ROWS, META_KEY, type RecordingMeta } from './schema.ts'

/** What all rows of a message share. */
export interface MessageHeader {
  readonly kind: number
  readonly flags: number
  readonly localNs: bigint
  readonly exchangeUs: number
  readonly sentUs: number
  readonly updateId: number
}

type Column = Int32Array | BigInt64Array

export class RecordingWriter {
  messageCount = 0
  rowCount = 0
  private readonly path: string
  private readonly temporary: string
  private readonly parquet: ParquetWriter
  private readonly columns: Record<ColumnName, Column>
  private readonly checksums: Record<ColumnName, number[]>
  private used = 0
  private header: MessageHeader = { kind: 0, flags: 0, localNs: 0n, exchangeUs: 0, sentUs: 0, updateId: 0 }

  /** Starts `path`; throws RECORDING_NOT_WRITABLE when its folder cannot take it. */
  constructor(path: string) {
    this.path = path
    this.temporary = `${path}.${process.pid}.tmp`
    this.columns = perColumn((type) => (type === 'INT32' ? new Int32Array(GROUP_ROWS) : new BigInt64Array(GROUP_ROWS)))
    this.checksums = perColumn(() => [])
    this.parquet = this.guarded(
      () =>
        new ParquetWriter({
          writer: fileWriter(this.temporary),
          schema: [
            { name: 'root', num_children: COLUMNS.length },
            ...COLUMNS.map(({ name, type }) => ({ name, type, repetition_type: 'REQUIRED' as const })),
          ],
          codec: 'ZSTD',
          compressors: { ZSTD: zstdCompress },
          createdBy: 'bybit-mm recording',
        }),
    )
  }

  message(header: MessageHeader): void {
    this.header = header
    this.messageCount++
  }

  /** One row of the current message. Ticks and lots are safe integers. */
  row(side: number, ticks: number, lots: number): void {
    if (this.used === GROUP_ROWS) this.flush()
    const { header, columns, used } = this
    columns.message[used] = this.messageCount - 1
    columns.local_ns[used] = header.localNs
    columns.exchange_us[used] = BigInt(header.exchangeUs)
    columns.sent_us[used] = BigInt(header.sentUs)
    columns.kind[used] = header.kind
    columns.flags[used] = header.flags
    columns.update_id[used] = BigInt(header.updateId)
    columns.side[used] = side
    columns.ticks[used] = BigInt(ticks)
    columns.lots[used] = BigInt(lots)
    this.used++
    this.rowCount++
  }

  /** Completes the file under its name. */
  finish(meta: Omit<RecordingMeta, 'crc32' | 'rows'>): RecordingMeta {
    if (this.used > 0) this.flush()
    const whole: RecordingMeta = { ...meta, rows: this.rowCount, crc32: this.checksums }
    this.parquet.kvMetadata = [{ key: META_KEY, value: JSON.stringify(whole) }]
    this.guarded(() => {
      isDone(this.parquet.finish())
      sync(this.temporary)
      renameSync(this.temporary, this.path)
    })
    return whole
  }

  /** Drops what was written so far. Safe to call at any time before `finish` returned. */
  abandon(): void {
    rmSync(this.temporary, { force: true })
  }

  private flush(): void {
    const rows = this.used
    const columnData = COLUMNS.map(({ name }) => {
      const data = this.columns[name].subarray(0, rows)
      this.checksums[name].push(crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))
      return { name, data, encoding: 'PLAIN' as const, statistics: name === 'local_ns' || name === 'message' }
    })
    this.guarded(() => isDone(this.parquet.write({ columnData, rowGroupSize: rows, pageSize: PAGE_BYTES })))
    this.used = 0
  }

  private guarded<T>(write: () => T): T {
    try {
      return write()
    } catch (error) {
      this.abandon()
      return fail('RECORDING_NOT_WRITABLE', { file: this.path, reason: messageOf(error) }, error)
    }
  }
}

// One page per column and row group: pages are zstd frames of their own, and fewer frames read faster.
const PAGE_BYTES = 8 << 20

function perColumn<T>(make: (type: 'INT32' | 'INT64') => T): Record<ColumnName, T> {
  return Object.fromEntries(COLUMNS.map(({ name, type }) => [name, make(type)])) as Record<ColumnName, T>
}

// The writer answers with a promise only when its target is asynchronous, and a file written in place is not.
function isDone(result: unknown): void {
  invariant(result === undefined, 'recording writer: the file is written synchronously')
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
