/** The file format against other readers, and against damage. */
import { readFileSync, writeFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MmError } from '../../src/core/errors.ts'
import { parseMeta } from '../../src/core/recording/meta.ts'
import { readRecording, readRecordingMeta } from '../../src/core/recording/reader.ts'
import {
  COLUMNS,
  FORMAT,
  GROUP_ROWS,
  KIND,
  META_KEY,
  type RecordingMeta,
  VERSION,
} from '../../src/core/recording/schema.ts'
import { type MessageHeader, RecordingWriter } from '../../src/core/recording/writer.ts'
import { captureHead, captureText, hasCapture, importText, scratch, usdm } from './capture.ts'

const folder = scratch()
afterAll(folder.remove)

const META: Omit<RecordingMeta, 'crc32' | 'rows'> = {
  format: FORMAT,
  version: VERSION,
  venue: 'binance',
  symbol: 'XYZUSDT',
  category: 'linear',
  tickSize: '0.1',
  lotSize: '0.001',
  createdBy: 'test',
  source: { format: 'hftbacktest', file: 'x.gz', bytes: 1, sha256: 'ab'.repeat(32) },
  span: { firstLocalNs: '1', lastLocalNs: '2' },
  lines: { total: 1, used: 1, skipped: {} },
  messages: { snapshot: 0, delta: 0, bestQuote: 0, trade: 0, gap: 0, empty: 0 },
  events: { levels: 0, trades: 0, bestQuotes: 0 },
  repeatedMessages: 0,
  outOfOrder: 0,
  gapCount: 0,
  gaps: [],
  feedUsMin: -5,
  bestQuoteCheck: { compared: 0, equal: 0 },
}

const STRIDE = process.env.MM_VERIFY === '1' ? 1 : 17

interface Message {
  readonly header: MessageHeader
  readonly rows: readonly (readonly [number, number, number])[]
}

function written(path: string, messages: readonly Message[]): void {
  const writer = new RecordingWriter(path)
  for (const { header, rows } of messages) {
    writer.message(header)
    for (const [side, ticks, lots] of rows) writer.row(side, ticks, lots)
  }
  writer.finish(META)
}

const safe = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const message: fc.Arbitrary<Message> = fc.record({
  header: fc.record({
    kind: fc.constantFrom(...Object.values(KIND)),
    flags: fc.integer({ min: 0, max: 7 }),
    localNs: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    exchangeUs: safe,
    sentUs: safe,
    updateId: safe,
  }),
  rows: fc.array(fc.tuple(fc.constantFrom(-1, 0, 1), safe, safe), { minLength: 1, maxLength: 8 }),
})

describe('round trip', () => {
  test('every number comes back, up to 2^53', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
        const path = folder.path('round')
        written(path, messages)
        const read = await readRecording(path)
        const rows = messages.flatMap((m) => m.rows)
        expect([...read.side]).toEqual(rows.map(([side]) => side))
        expect([...read.ticks]).toEqual(rows.map(([, ticks]) => ticks))
        expect([...read.lots]).toEqual(rows.map(([, , lots]) => lots))
        expect([...read.kind]).toEqual(messages.map(({ header }) => header.kind))
        expect([...read.flags]).toEqual(messages.map(({ header }) => header.flags))
        expect([...read.exchangeUs]).toEqual(messages.map(({ header }) => header.exchangeUs))
        expect([...read.updateId]).toEqual(messages.map(({ header }) => header.updateId))
        let latest = 0n
        const held = messages.map(({ header }) =>
          Number((latest = latest > header.localNs ? latest : header.localNs) / 1000n),
        )
        expect([...read.localUs]).toEqual(held)
      }),
      { numRuns: process.env.MM_VERIFY === '1' ? 300 : 10 },
    )
  })

  test('messages that span row groups stay whole', async () => {
    const path = folder.path('groups')
    const header = { kind: KIND.snapshot, flags: 0, localNs: 7_000n, exchangeUs: 1, sentUs: 1, updateId: 1 }
    const writer = new RecordingWriter(path)
    writer.message(header)
    for (let row = 0; row < GROUP_ROWS - 1; row++) writer.row(1, row, row)
    writer.message({ ...header, kind: KIND.delta, localNs: 9_000n })
    for (let row = 0; row < 3; row++) writer.row(-1, row, 5)
    writer.finish(META)
    const read = await readRecording(path)
    expect([...read.firstRow]).toEqual([0, GROUP_ROWS - 1, GROUP_ROWS + 2])
    expect([...read.localUs]).toEqual([7, 9])
    expect(Array.from(read.ticks.slice(-3))).toEqual([0, 1, 2])
  })
})

describe('damage', () => {
  const path = folder.path('whole')
  const header = { kind: KIND.delta, flags: 0, localNs: 7_000n, exchangeUs: 1, sentUs: 1, updateId: 1 }
  beforeAll(() =>
    written(path, [
      {
        header,
        rows: [
          [1, 100, 5],
          [-1, 101, 6],
        ],
      },
      { header, rows: [[1, 99, 5]] },
    ]),
  )

  async function codeOf(bytes: Uint8Array): Promise<string> {
    const broken = folder.path('broken')
    writeFileSync(broken, bytes)
    const error = await readRecording(broken).then(
      () => new Error('was read'),
      (reason: unknown) => reason,
    )
    if (!(error instanceof MmError)) throw error
    expect(error.exit).toBe(3)
    expect(error.message).toContain(broken)
    return error.code
  }

  test('no single flipped byte of the data or metadata is read as good', async () => {
    const whole = readFileSync(path)
    const read = await readRecording(path)
    for (let at = 0; at < whole.length; at += STRIDE) {
      const copy = Buffer.from(whole)
      copy[at] = (copy[at] ?? 0) ^ 0x55
      const code = await codeOf(copy).catch(async (error: unknown) => {
        // Parquet statistics and names nobody reads may change; the numbers may not.
        expect(await readRecording(folder.path('broken')), `byte ${at}: ${String(error)}`).toMatchObject({
          ticks: read.ticks,
          lots: read.lots,
          localUs: read.localUs,
        })
        return 'RECORDING_DAMAGED'
      })
      expect(['RECORDING_DAMAGED', 'RECORDING_FOREIGN', 'RECORDING_VERSION']).toContain(code)
    }
  })

  test('a file that ends early', async () => {
    const whole = readFileSync(path)
    for (const length of [5, 100, whole.length - 1]) {
      expect(await codeOf(whole.subarray(0, length))).toBe('RECORDING_DAMAGED')
    }
  })

  test.each([
    ['text', Buffer.from('hello'), 'RECORDING_FOREIGN'],
    ['nothing', Buffer.alloc(0), 'RECORDING_FOREIGN'],
    ['Parquet of others', parquet([]), 'RECORDING_FOREIGN'],
    ['another version', parquet([meta({ version: 2 })]), 'RECORDING_VERSION'],
    ['no version', parquet([meta({ version: undefined })]), 'RECORDING_VERSION'],
    ['metadata that is no JSON', parquet([{ key: META_KEY, value: '{' }]), 'RECORDING_DAMAGED'],
    ['a field that lies about its type', parquet([meta({ rows: '1' })]), 'RECORDING_DAMAGED'],
    ['other columns', parquet([meta({})]), 'RECORDING_DAMAGED'],
  ])('%s', async (_name, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code)
  })

  test('missing', async () => {
    await expect(readRecording(folder.path('none'))).rejects.toMatchObject({ code: 'RECORDING_MISSING', exit: 3 })
    await expect(readRecordingMeta(folder.path('.'))).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE', exit: 3 })
  })

  function meta(changes: Record<string, unknown>): { key: string; value: string } {
    const crc32 = Object.fromEntries(COLUMNS.map(({ name }) => [name, []]))
    return { key: META_KEY, value: JSON.stringify({ ...META, rows: 1, crc32, ...changes }) }
  }

  function parquet(kvMetadata: { key: string; value: string }[]): Buffer {
    const writer = new ByteWriter()
    const schema = [
      { name: 'root', num_children: 1 },
      { name: 'a', type: 'INT32' as const },
    ]
    const file = new ParquetWriter({ writer, schema, kvMetadata })
    void file.write({ columnData: [{ name: 'a', data: new Int32Array([1]) }] })
    void file.finish()
    return Buffer.from(writer.getBytes())
  }
})

test('every metadata field is checked', () => {
  const crc32 = Object.fromEntries(COLUMNS.map(({ name }) => [name, [1]]))
  const whole: Record<string, unknown> = { ...META, rows: 1, crc32 }
  expect(parseMeta(JSON.stringify(whole))).toHaveProperty('meta')
  for (const field of Object.keys(whole)) {
    expect(parseMeta(JSON.stringify({ ...whole, [field]: { x: -1 } })), field).not.toHaveProperty('meta')
  }
})

describe('DuckDB', () => {
  const isHere = hasCapture()

  test('reads the same numbers from a hand-made capture', async () => {
    const path = folder.path('duck')
    const text = captureText([
      [
        0,
        usdm.snapshot(
          0,
          12,
          [
            ['99.5', '2'],
            ['99', '4'],
          ],
          [['100.5', '3']],
        ),
      ],
      [2, usdm.delta(2, [13, 14, 12], [['99', '0.25']], [['101.5', '0']])],
      [3, usdm.trade(3, 1, '100.5', '0.5', false)],
    ])
    const { meta } = await importText(text, path)
    const rows = await query(`SELECT message, local_ns, exchange_us, kind, side, ticks * ${meta.tickSize} AS price,
      lots * ${meta.lotSize} AS size FROM read_parquet('${path}.rec') ORDER BY ALL`)
    expect(rows.map((row) => Object.values(row).map(String).join(' '))).toEqual([
      '0 1723161255000000000 1723161255000000 1 -1 100.5 3.00',
      '0 1723161255000000000 1723161255000000 1 1 99.0 4.00',
      '0 1723161255000000000 1723161255000000 1 1 99.5 2.00',
      '1 1723161255002000000 1723161255002000 2 -1 101.5 0.00',
      '1 1723161255002000000 1723161255002000 2 1 99.0 0.25',
      '2 1723161255003000000 1723161255003000 4 1 100.5 0.50',
    ])
    const [entry] = await query(`SELECT value FROM parquet_kv_metadata('${path}.rec')`)
    expect(String(entry?.value)).toContain('symbol')
  })

  test.runIf(isHere)('counts and sums of a slice of the shared capture agree with a JSON parser', async () => {
    const head = captureHead(3_000)
    const path = folder.path('slice')
    await importText(head, path)
    let trades = 0
    let size = 0
    for (const line of head.split('\n')) {
      const frame = line === '' ? {} : (JSON.parse(line.slice(20)) as { data?: { e: string; q: string } })
      if (frame.data?.e !== 'trade') continue
      trades++
      size += Math.round(Number(frame.data.q) * 1000)
    }
    const [row] = await query(
      `SELECT count(*) AS n, sum(lots) AS lots FROM read_parquet('${path}.rec') WHERE kind = ${KIND.trade}`,
    )
    expect([row?.n, row?.lots].map(Number)).toEqual([trades, size])
  })

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    try {
      return (await connection.runAndReadAll(sql)).getRowObjects()
    } finally {
      connection.closeSync()
    }
  }
})
