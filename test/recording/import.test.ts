/** `mm import` on real and hand-made captures: nothing lost, nothing invented, every refusal names its place. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MmError } from '../../src/core/errors.ts'
import { LINE_BYTES_MAX } from '../../src/core/recording/capture-lines.ts'
import { importCapture } from '../../src/core/recording/import.ts'
import type { Recording } from '../../src/core/recording/recording.ts'
import { FLAG, KIND } from '../../src/core/recording/schema.ts'
import { CAPTURE, captureText, hasCapture, importText, scratch, START_NS, usdm } from './capture.ts'

const folder = scratch()
afterAll(folder.remove)

const options = { symbol: null, tickSize: null, lotSize: null, category: null } as const

async function errorOf(promise: Promise<unknown>): Promise<MmError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof MmError)) throw new Error(`expected an MmError, got ${String(error)}`)
  return error
}

describe('the shared capture', () => {
  const isHere = hasCapture()
  let meta: Recording['meta'] | undefined
  beforeAll(async () => {
    if (isHere) meta = await importCapture({ ...options, file: CAPTURE, out: folder.path('shared') })
  })

  test.runIf(isHere)('holds what its description says, line for line', () => {
    expect(meta).toMatchObject({
      symbol: 'BTCUSDT',
      venue: 'binance',
      category: 'linear',
      tickSize: '0.1',
      lotSize: '0.001',
      source: { sha256: '0ad7b3a0f5cff220761ea890cfd6e3c15f6899edc7f94637ec915043d7a72251' },
      lines: { total: 93_954, used: 93_954, skipped: {} },
      messages: { snapshot: 1, delta: 6_551 + 2, bestQuote: 66_089, trade: 21_313, gap: 0 },
      repeatedMessages: 2,
      gapCount: 0,
      outOfOrder: 0,
    })
    // 445,521 levels counted by a JSON parser over the same file.
    expect(meta?.events).toEqual({ levels: 445_521, trades: 21_313, bestQuotes: 66_089 })
  })

  test.runIf(isHere)('its best quotes are the top of the book its deltas build, every time', () => {
    const { compared, equal } = meta?.bestQuoteCheck ?? { compared: 0, equal: 0 }
    expect(compared).toBeGreaterThan(6_000)
    expect(equal).toBe(compared)
  })
})

const book = captureText([
  [0, usdm.delta(0, [10, 12, 9], [['99.5', '1']], [])],
  [1, usdm.snapshot(0, 12, [['99.5', '2']], [['100.5', '3']])],
  [2, usdm.delta(2, [13, 14, 12], [['99', '0.25']], [['101.5', '0']])],
  [3, usdm.trade(3, 1, '100.5', '0.5', false)],
  [4, usdm.quote(4, 15, ['99.5', '2'], ['100.5', '2.5'])],
])

describe('import', () => {
  test('finds the exact grids and keeps every number', async () => {
    const recording = await importText(book, folder.path('plain'))
    expect(recording.meta).toMatchObject({ tickSize: '0.5', lotSize: '0.25', lines: { total: 5, used: 5 } })
    expect([...recording.ticks]).toEqual([199, 199, 201, 199, 198, 203, 201, 199, 201])
    expect([...recording.lots]).toEqual([4, 8, 12, 4, 1, 0, 2, 8, 10])
    expect([...recording.side]).toEqual([1, 1, -1, 1, 1, -1, 1, 1, -1])
    expect([...recording.kind]).toEqual([2, 1, 2, 2, 4, 3])
    expect([...recording.flags]).toEqual([0, 0, FLAG.repeated, 0, 0, 0])
    expect(recording.localUs[0]).toBe(Number(START_NS / 1000n))
  })

  test('takes the steps it is told, and refuses what does not fit them', async () => {
    const told = await importText(book, folder.path('told'), { tickSize: '0.1', lotSize: '0.01' })
    expect(told.ticks[0]).toBe(995)
    const error = await errorOf(importText(book, folder.path('coarse'), { tickSize: '1' }))
    expect(error.message).toContain('line 1 (byte 0 unpacked): price 99.5 is no multiple of 1')
  })

  test.each([
    ['a delta that does not follow', [15, 16, 14], { expectedId: 12, foundId: 14 }],
    ['a delta from a restarted count', [2, 3, 1], null],
  ] as const)('%s', async (name, ids, gap) => {
    const text = captureText([
      [0, usdm.snapshot(0, 11, [['99', '1']], [['101', '1']])],
      [1, usdm.delta(1, [10, 12, 9], [['98', '1']], [])],
      [2, usdm.delta(2, [...ids], [['97', '1']], [])],
    ])
    const { meta } = await importText(text, folder.path(name.replaceAll(' ', '-')))
    expect(meta.gapCount).toBe(gap === null ? 0 : 1)
    if (gap === null) expect(meta.lines.skipped).toEqual({ 'delta seen before': 1 })
    else expect(meta.gaps[0]).toMatchObject({ ...gap, message: 2 })
  })

  test.each([
    // [snapshot id, kinds and flags that follow it]
    ['joins the delta that covers it', 13, [KIND.snapshot, 0, KIND.delta, FLAG.repeated, KIND.delta, FLAG.repeated]],
    ['joins the last delta exactly', 16, [KIND.snapshot, 0, KIND.delta, FLAG.repeated]],
    ['is ahead of everything received', 40, [KIND.snapshot, 0]],
  ] as const)('a snapshot asked for apart %s', async (name, id, expected) => {
    const text = captureText([
      [0, usdm.delta(0, [10, 12, 9], [['99', '1']], [['101', '1']])],
      [1, usdm.delta(1, [13, 14, 12], [['98', '1']], [])],
      [2, usdm.delta(2, [15, 16, 14], [['97', '1']], [])],
      [3, usdm.snapshot(0, id, [['99', '2']], [['101', '2']])],
    ])
    const { kind, flags, messageCount } = await importText(text, folder.path(name.replaceAll(' ', '-')))
    const tail: number[] = []
    for (let i = kind.indexOf(KIND.snapshot); i < messageCount; i++) tail.push(kind[i] ?? -1, flags[i] ?? -1)
    expect(tail).toEqual(expected)
  })

  test('deltas older than a snapshot before them are not applied over it', async () => {
    const text = captureText([
      [0, usdm.snapshot(5, 20, [['99', '1']], [['101', '1']])],
      [1, usdm.delta(1, [10, 15, 9], [['99', '7']], [])],
      [2, usdm.delta(6, [16, 21, 15], [['98', '1']], [])],
    ])
    const { meta } = await importText(text, folder.path('ahead'))
    expect(meta.lines.skipped).toEqual({ 'delta older than the snapshot before it': 1 })
    expect(meta.messages).toMatchObject({ snapshot: 1, delta: 1, gap: 0 })
  })

  test('counts what it skips, by reason', async () => {
    const text =
      book +
      captureText([
        [5, { result: null, id: 1 }],
        [6, { stream: 'xyzusdt@aggTrade', data: { e: 'aggTrade', s: 'XYZUSDT' } }],
        [7, usdm.trade(7, 2, '0', '0', false, 'NA')],
      ]) +
      '\n'
    const { meta } = await importText(text, folder.path('skips'))
    const skipped = { 'control reply': 1, 'event aggTrade': 1, 'trade of type NA': 1, 'blank line': 1 }
    expect(meta.lines).toEqual({ total: 9, used: 5, skipped })
  })

  test('two symbols need a choice', async () => {
    const other = JSON.parse(JSON.stringify(usdm.trade(8, 9, '5', '1', true)).replaceAll('XYZ', 'ABC')) as unknown
    const text = book + captureText([[8, other]])
    const error = await errorOf(importText(text, folder.path('two')))
    expect([error.code, error.exit, error.params.line]).toEqual(['IMPORT_SYMBOLS', 2, 6])
    const { meta } = await importText(text, folder.path('two-chosen'), { symbol: 'XYZUSDT' })
    expect(meta.lines.skipped).toEqual({ 'another symbol': 1 })
  })

  test('local time that falls back is counted, and held on reading', async () => {
    const text = captureText([
      [5, usdm.trade(0, 1, '100', '1', true)],
      [3, usdm.trade(1, 2, '100', '1', true)],
      [6, usdm.trade(2, 3, '100', '1', true)],
    ])
    const { meta, localUs } = await importText(text, folder.path('back'))
    expect(meta.outOfOrder).toBe(1)
    expect([...localUs].map((us) => us - Number(START_NS / 1000n))).toEqual([5_000, 5_000, 6_000])
  })
})

describe('other venues of the same style', () => {
  test('Binance spot: ids chain by U, best quotes have no time', async () => {
    const delta = (U: number, u: number) => ({
      stream: 'xyzusdt@depth@100ms',
      data: { e: 'depthUpdate', E: 1_723_161_255_000, s: 'XYZUSDT', U, u, b: [['1.0', '2']], a: [] },
    })
    const ticker = { u: 7, s: 'XYZUSDT', b: '1.0', B: '1', a: '1.5', A: '2' }
    const text = captureText([
      [0, delta(1, 5)],
      [1, delta(6, 6)],
      [2, { stream: 'xyzusdt@bookTicker', data: ticker }],
      [3, delta(9, 9)],
    ])
    const { meta, flags, exchangeUs } = await importText(text, folder.path('spot'))
    expect(meta).toMatchObject({ category: 'spot', gapCount: 1, gaps: [{ expectedId: 6, foundId: 8 }] })
    expect(flags[2]).toBe(FLAG.timeEstimated)
    expect(exchangeUs[2]).toBe(1_723_161_255_000_000)
  })

  test('Binance COIN-M is told by its pair field', async () => {
    const data = {
      e: 'depthUpdate',
      E: 1,
      T: 1,
      s: 'BTCUSD_PERP',
      ps: 'BTCUSD',
      U: 1,
      u: 2,
      pu: 0,
      b: [['60000.1', '7']],
      a: [],
    }
    const { meta } = await importText(
      captureText([[0, { stream: 'btcusd_perp@depth@0ms', data }]]),
      folder.path('coinm'),
    )
    expect(meta).toMatchObject({ category: 'inverse', symbol: 'BTCUSD_PERP', tickSize: '60000.1' })
  })

  test('Bybit V5: the deepest book stream, best quotes by cross sequence, several trades a frame', async () => {
    const bookFrame = (depth: number, type: string, u: number, seq: number) => ({
      topic: `orderbook.${depth}.XYZUSDT`,
      type,
      ts: 1_723_161_255_010,
      cts: 1_723_161_255_005,
      data: { s: 'XYZUSDT', b: [['10.5', '1']], a: [['11', '2']], u, seq },
    })
    const trade = (S: string, BT: boolean) => ({ T: 1_723_161_255_006, s: 'XYZUSDT', S, v: '1', p: '11', i: 'a-b', BT })
    const text = captureText([
      [0, { success: true, op: 'subscribe' }],
      [1, bookFrame(50, 'snapshot', 3, 100)],
      [2, bookFrame(200, 'snapshot', 8, 101)],
      [3, bookFrame(200, 'delta', 9, 103)],
      [4, bookFrame(1, 'snapshot', 77, 105)],
      [5, bookFrame(200, 'delta', 11, 109)],
      [6, { topic: 'publicTrade.XYZUSDT', type: 'snapshot', ts: 1, data: [trade('Buy', false), trade('Sell', true)] }],
      [7, { topic: 'tickers.XYZUSDT', data: {} }],
    ])
    const { meta, kind, updateId, flags, side } = await importText(text, folder.path('bybit'))
    expect(meta).toMatchObject({ venue: 'bybit', gapCount: 1, gaps: [{ expectedId: 9, foundId: 10 }] })
    expect(meta.lines.skipped).toEqual({
      'control reply': 1,
      'topic tickers': 1,
      'orderbook.50 (the deeper orderbook.200 is recorded)': 1,
    })
    expect([...kind]).toEqual([KIND.snapshot, KIND.delta, KIND.bestQuote, KIND.gap, KIND.delta, KIND.trade, KIND.trade])
    expect(Array.from(updateId.slice(0, 5))).toEqual([101, 103, 105, 109, 109])
    expect(Array.from(flags.slice(5))).toEqual([0, FLAG.offBook])
    expect(Array.from(side.slice(-2))).toEqual([1, -1])
  })
})

describe('bad input', () => {
  const good = gzipSync(book)
  const line = (text: string) => gzipSync(`${book}${START_NS + 9_000_000n} ${text}\n`)
  const lastLine = { line: 6, offset: Buffer.byteLength(book) }

  test.each([
    ['missing', null, 'IMPORT_MISSING', {}],
    ['empty', Buffer.alloc(0), 'IMPORT_NOT_GZIP', { found: 'nothing' }],
    ['plain text', Buffer.from(book), 'IMPORT_NOT_GZIP', { found: 'bytes 31373233' }],
    ['truncated', good.subarray(0, good.length - 20), 'IMPORT_TRUNCATED', {}],
    ['truncated header', good.subarray(0, 5), 'IMPORT_TRUNCATED', { line: 0 }],
    ['flipped byte', flipped(good, good.length - 6), 'IMPORT_DAMAGED', {}],
    ['bytes after the end', Buffer.concat([good, Buffer.from('tail')]), 'IMPORT_DAMAGED', {}],
    ['zeros after the end', Buffer.concat([good, Buffer.alloc(9)]), 'IMPORT_DAMAGED', { line: 5 }],
    ['no time', gzipSync('{"e":"trade"}\n'), 'IMPORT_LINE', { line: 1, offset: 0 }],
    ['time in ms', gzipSync('1723161255030 {}\n'), 'IMPORT_LINE', { line: 1, offset: 0 }],
    ['not JSON', line('{"e":'), 'IMPORT_LINE', { ...lastLine, what: 'the frame is not JSON' }],
    ['a list', line('[1]'), 'IMPORT_LINE', { ...lastLine, what: 'the frame is no JSON object' }],
    ['unknown shape', line('{"hello":1}'), 'IMPORT_LINE', lastLine],
    [
      'level of numbers',
      line(JSON.stringify(usdm.delta(9, [16, 17, 15], [[1, 2] as never], []))),
      'IMPORT_LINE',
      lastLine,
    ],
    ['no price', line(JSON.stringify(usdm.trade(9, 3, '1e5', '1', true))), 'IMPORT_LINE', lastLine],
    [
      'id beyond 2^53',
      line('{"u":9007199254740993,"s":"XYZUSDT","b":"1","B":"1","a":"2","A":"1"}'),
      'IMPORT_LINE',
      lastLine,
    ],
    [
      '10 MB frame',
      line(`{"x":"${'y'.repeat(10_000_000)}"}`),
      'IMPORT_LINE',
      { ...lastLine, what: `the line is longer than ${LINE_BYTES_MAX} bytes` },
    ],
    [
      'deep nesting',
      line(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      'IMPORT_LINE',
      { ...lastLine, what: 'the frame is nested deeper than 64 levels' },
    ],
    [
      'brackets in text',
      line(`{"hello":"${'['.repeat(100_000)}"}`),
      'IMPORT_LINE',
      { what: 'the frame is of no known format (Binance and Bybit V5 streams are read)' },
    ],
    [
      'nothing of a market',
      gzipSync('1723161255030314667 {"result":null,"id":1}\n'),
      'IMPORT_EMPTY',
      { skipped: '1 × control reply' },
    ],
    ['two exchanges', line('{"topic":"tickers.XYZUSDT"}'), 'IMPORT_LINE', lastLine],
  ])('%s is refused by name, and leaves nothing behind', async (name, bytes, code, params) => {
    const file = folder.path(`bad-${name.replaceAll(' ', '-')}`)
    if (bytes !== null) writeFileSync(file, bytes)
    const error = await errorOf(importCapture({ ...options, file, out: `${file}.rec` }))
    expect(error.code).toBe(code)
    expect(error.exit).toBe(3)
    expect(error.params).toMatchObject({ file, ...params })
    expect(error.message).toContain(file)
    expect(existsSync(`${file}.rec`)).toBe(false)
  })

  test('a folder that is missing, and a target that is not ours', async () => {
    const file = folder.path('fine')
    writeFileSync(file, good)
    const missing = await errorOf(importCapture({ ...options, file, out: folder.path('no/such/folder') }))
    expect([missing.code, missing.exit]).toEqual(['RECORDING_NOT_WRITABLE', 3])
    const foreign = folder.path('foreign')
    writeFileSync(foreign, 'precious')
    const refused = await errorOf(importCapture({ ...options, file, out: foreign }))
    expect([refused.code, refused.exit, readFileSync(foreign, 'utf8')]).toEqual(['IMPORT_OUT_EXISTS', 2, 'precious'])
  })

  test('devices and folders are no files', async () => {
    for (const file of ['/dev/zero', folder.path('.')]) {
      const error = await errorOf(importCapture({ ...options, file, out: folder.path('device') }))
      expect([error.code, error.exit, error.params.file]).toEqual(['IMPORT_UNREADABLE', 3, file])
    }
    const file = folder.path('fine')
    const target = await errorOf(importCapture({ ...options, file, out: '/dev/full' }))
    expect([target.code, target.exit]).toEqual(['IMPORT_OUT_EXISTS', 2])
  })

  test('a full disk: said, and nothing left behind', async () => {
    const [file, out] = [folder.path('fine'), folder.path('full')]
    writeFileSync(file, good)
    const temporary = `${out}.${process.pid}.tmp`
    symlinkSync('/dev/full', temporary)
    const error = await errorOf(importCapture({ ...options, file, out }))
    expect([error.code, error.exit, error.params.file]).toEqual(['RECORDING_NOT_WRITABLE', 3, out])
    expect(error.message).toContain('ENOSPC')
    expect([existsSync(out), existsSync(temporary)]).toEqual([false, false])
  })

  test('a recording of ours may be replaced', async () => {
    await importText(book, folder.path('again'))
    await expect(importText(book, folder.path('again'))).resolves.toMatchObject({ messageCount: 6 })
  })
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0xff
  return copy
}
