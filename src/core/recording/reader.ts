/**
 * Reads a recording into typed arrays and believes nothing: version, schema, lengths, checksums, codes and message order
 * are checked before anyone sees a row. A file that does not hold is refused whole; there is no partial reading.
 */
import { readFile, stat } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { type ColumnData, type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet'
import { fail, messageOf, MmError } from '../errors.ts'
import { zstdDecompress } from './codec.ts'
import { parseMeta } from './meta.ts'
import type { Recording } from './recording.ts'
import { COLUMNS, type ColumnName, KIND, META_KEY, type RecordingMeta } from './schema.ts'

/** The whole file as arrays. Errors: RECORDING_MISSING, _UNREADABLE, _FOREIGN, _VERSION, _DAMAGED. */
export async function readRecording(path: string): Promise<Recording> {
  const bytes = await fileBytes(path)
  const parquet = footerOf(path, bytes)
  const meta = metaOf(path, parquet)
  const columns = await columnsOf(path, bytes, parquet)
  for (const { name } of READ) checkColumn(path, meta, name, columns[name])
  return assemble(path, meta, columns)
}

/** The metadata alone: cheap, and says nothing about the rows. */
export async function readRecordingMeta(path: string): Promise<RecordingMeta> {
  return metaOf(path, footerOf(path, await fileBytes(path)))
}

// When the exchange sent a message is for analysis with other tools: nothing here needs it, so it is not unpacked.
type ReadColumn = Exclude<(typeof COLUMNS)[number], { name: 'sent_us' }>
const READ = COLUMNS.filter((column): column is ReadColumn => column.name !== 'sent_us')

type Chunk = Int32Array | BigInt64Array
type Columns = Record<ReadColumn['name'], readonly Chunk[]>

async function fileBytes(path: string): Promise<ArrayBuffer> {
  try {
    // A device or pipe may never end.
    if (!(await stat(path)).isFile())
      return fail('RECORDING_UNREADABLE', { file: path, reason: 'it is no regular file' })
    const bytes = await readFile(path)
    const { buffer, byteOffset, byteLength } = bytes
    if (byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) return buffer
    return new Uint8Array(bytes).buffer
  } catch (error) {
    if (error instanceof MmError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') fail('RECORDING_MISSING', { file: path }, error)
    return fail('RECORDING_UNREADABLE', { file: path, reason: code ?? String(error) }, error)
  }
}

function footerOf(path: string, bytes: ArrayBuffer): FileMetaData {
  const magic = new Uint8Array(bytes.slice(0, 4))
  if (String.fromCharCode(...magic) !== 'PAR1') fail('RECORDING_FOREIGN', { file: path, reason: 'no Parquet file' })
  try {
    return parquetMetadata(bytes)
  } catch (error) {
    return fail('RECORDING_DAMAGED', { file: path, reason: `footer: ${messageOf(error)}` }, error)
  }
}

function metaOf(path: string, parquet: FileMetaData): RecordingMeta {
  const entry = parquet.key_value_metadata?.find(({ key }) => key === META_KEY)
  if (entry?.value === undefined) fail('RECORDING_FOREIGN', { file: path, reason: `no "${META_KEY}" in its footer` })
  const result = parseMeta(entry.value)
  if ('foreignVersion' in result) fail('RECORDING_VERSION', { file: path, found: result.foreignVersion })
  if ('badField' in result) fail('RECORDING_DAMAGED', { file: path, reason: `metadata field ${result.badField}` })
  const names = parquet.schema.slice(1).map(({ name, type }) => `${name} ${type}`)
  const wanted = COLUMNS.map(({ name, type }) => `${name} ${type}`)
  if (names.join() !== wanted.join())
    fail('RECORDING_DAMAGED', { file: path, reason: `columns are ${names.join(', ')}` })
  if (Number(parquet.num_rows) !== result.meta.rows) {
    fail('RECORDING_DAMAGED', { file: path, reason: `${parquet.num_rows} rows, ${result.meta.rows} promised` })
  }
  return result.meta
}

async function columnsOf(path: string, bytes: ArrayBuffer, metadata: FileMetaData): Promise<Columns> {
  const pieces: ColumnData[] = []
  try {
    await parquetRead({
      file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
      metadata,
      columns: READ.map(({ name }) => name),
      compressors: { ZSTD: zstdDecompress },
      // Must not throw: the library would let it escape.
      onChunk: (piece) => pieces.push(piece),
    })
  } catch (error) {
    fail('RECORDING_DAMAGED', { file: path, reason: messageOf(error) }, error)
  }
  pieces.sort((a, b) => a.rowStart - b.rowStart)
  const inOrder = READ.map(({ name }) => {
    const chunks = pieces.filter(({ columnName }) => columnName === name).map(({ columnData }) => columnData)
    return [name, chunks.filter(isChunk)]
  })
  return Object.fromEntries(inOrder) as Columns
}

// What is not plain integers is left out: the count of rows then says so.
function isChunk(values: unknown): values is Chunk {
  return values instanceof Int32Array || values instanceof BigInt64Array
}

function checkColumn(path: string, meta: RecordingMeta, name: ColumnName, chunks: readonly Chunk[]): void {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  if (rows !== meta.rows) fail('RECORDING_DAMAGED', { file: path, reason: `column ${name} has ${rows} rows` })
  const sums = chunks.map(({ buffer, byteOffset, byteLength }) => crc32(new Uint8Array(buffer, byteOffset, byteLength)))
  if (sums.join() !== meta.crc32[name].join()) {
    fail('RECORDING_DAMAGED', { file: path, reason: `checksum of column ${name}` })
  }
}

function assemble(path: string, meta: RecordingMeta, columns: Columns): Recording {
  const message = flatInt32(columns.message, meta.rows)
  const messageCount = meta.rows === 0 ? 0 : (message[meta.rows - 1] ?? 0) + 1
  const firstRow = firstRows(path, message, messageCount)
  const atFirst = (chunks: readonly Chunk[]): Float64Array => firstNumbers(chunks, firstRow, messageCount)
  const kind = Uint8Array.from(atFirst(columns.kind))
  const known = new Set<number>(Object.values(KIND))
  for (const code of kind) if (!known.has(code)) fail('RECORDING_DAMAGED', { file: path, reason: `kind ${code}` })
  return {
    meta,
    messageCount,
    rowCount: meta.rows,
    firstRow,
    kind,
    flags: Uint8Array.from(atFirst(columns.flags)),
    localUs: rising(nanosToUs(columns.local_ns, firstRow, messageCount)),
    exchangeUs: atFirst(columns.exchange_us),
    updateId: atFirst(columns.update_id),
    side: Int8Array.from(flatInt32(columns.side, meta.rows)),
    ticks: numbers(columns.ticks, meta.rows),
    lots: numbers(columns.lots, meta.rows),
  }
}

/** Rows of one message stand together and message numbers count up by one: anything else is damage. */
function firstRows(path: string, message: Int32Array, messageCount: number): Int32Array {
  const firstRow = new Int32Array(messageCount + 1)
  let current = -1
  for (let row = 0; row < message.length; row++) {
    const index = message[row] ?? -1
    if (index === current) continue
    if (index !== current + 1) fail('RECORDING_DAMAGED', { file: path, reason: `message order at row ${row}` })
    current = index
    firstRow[current] = row
  }
  firstRow[messageCount] = message.length
  return firstRow
}

function flatInt32(chunks: readonly Chunk[], rows: number): Int32Array {
  const flat = new Int32Array(rows)
  let at = 0
  for (const chunk of chunks) {
    if (chunk instanceof Int32Array) flat.set(chunk, at)
    at += chunk.length
  }
  return flat
}

/** Exact below 2^53: low and high words instead of bigints (about four times as fast). */
function numbers(chunks: readonly Chunk[], rows: number): Float64Array {
  const flat = new Float64Array(rows)
  let at = 0
  for (const chunk of chunks) {
    if (chunk instanceof Int32Array) flat.set(chunk, at)
    else {
      const words = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length * 2)
      for (let i = 0; i < chunk.length; i++) {
        flat[at + i] = (words[2 * i + 1] ?? 0) * 4_294_967_296 + ((words[2 * i] ?? 0) >>> 0)
      }
    }
    at += chunk.length
  }
  return flat
}

/** The value in the first row of each message. */
function firstNumbers(chunks: readonly Chunk[], firstRow: Int32Array, messageCount: number): Float64Array {
  const out = new Float64Array(messageCount)
  let message = 0
  let start = 0
  for (const chunk of chunks) {
    const isWide = chunk instanceof BigInt64Array
    const words = new Int32Array(chunk.buffer, chunk.byteOffset, isWide ? chunk.length * 2 : chunk.length)
    for (; message < messageCount && (firstRow[message] ?? 0) < start + chunk.length; message++) {
      const at = (firstRow[message] ?? 0) - start
      out[message] = isWide ? (words[2 * at + 1] ?? 0) * 4_294_967_296 + ((words[2 * at] ?? 0) >>> 0) : (words[at] ?? 0)
    }
    start += chunk.length
  }
  return out
}

/**
 * Nanoseconds since the epoch do not fit a double, their microseconds do: with ns = high × 2³² + low and
 * 2³² = 4,294,967 × 1000 + 296 every product below stays under 2⁵³ for times before 2262.
 */
function nanosToUs(chunks: readonly Chunk[], firstRow: Int32Array, messageCount: number): Float64Array {
  const out = new Float64Array(messageCount)
  let message = 0
  let start = 0
  for (const chunk of chunks) {
    const words = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length * 2)
    for (; message < messageCount && (firstRow[message] ?? 0) < start + chunk.length; message++) {
      const at = 2 * ((firstRow[message] ?? 0) - start)
      const low = (words[at] ?? 0) >>> 0
      const high = words[at + 1] ?? 0
      out[message] = high * 4_294_967 + Math.floor((high * 296 + low) / 1_000)
    }
    start += chunk.length
  }
  return out
}

function rising(times: Float64Array): Float64Array {
  let latest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < times.length; i++) {
    latest = Math.max(latest, times[i] ?? 0)
    times[i] = latest
  }
  return times
}
