/** The market codec: exact values, strictness, and the scanner held to JSON.parse by mutation. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BookEvent } from '../../../src/core/domain/event.ts'
import { fromSteps, toSteps } from '../../../src/core/domain/fixed.ts'
import { Prng } from '../../../src/core/domain/prng.ts'
import { GatewayCounters } from '../../../src/core/exchange/bybit/counters.ts'
import { readBook, readTrades } from '../../../src/core/exchange/bybit/json-market.ts'
import { asObject, parseJson } from '../../../src/core/exchange/bybit/json-value.ts'
import { MarketCodec } from '../../../src/core/exchange/bybit/market-codec.ts'
import { Scan } from '../../../src/core/exchange/bybit/scan.ts'
import { bookPrefix, scanBook } from '../../../src/core/exchange/bybit/scan-book.ts'
import { scanTrades, TRADE_PREFIX, TradeBatch } from '../../../src/core/exchange/bybit/scan-trade.ts'
import { SymbolTable } from '../../../src/core/exchange/bybit/symbol-table.ts'
import { BTC, COARSE, FINE } from './instruments.ts'

const symbols = new SymbolTable([BTC, COARSE, FINE])
const BOOK =
  '{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1672304484978,"data":{"s":"BTCUSDT","b":[["16493.50","0.006"],["16493.4","0"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7961638724},"cts":1672304484976}'
const TRADES =
  '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":true,"seq":1783284617},{"T":1672304486866,"s":"BTCUSDT","S":"Sell","v":"1","p":"16578.4","i":"x","BT":true}]}'

function codec(depth = 50) {
  const counters = new GatewayCounters()
  return { counters, codec: new MarketCodec(symbols, depth, counters) }
}

const bookOf = (book: BookEvent) => ({
  symbol: book.symbol,
  isSnapshot: book.isSnapshot,
  updateId: book.updateId,
  crossSeq: book.crossSeq,
  exchangeUs: book.exchangeUs,
  bids: Array.from(book.bidTicks.subarray(0, book.bidCount), (ticks, i) => [ticks, book.bidLots[i]]),
  asks: Array.from(book.askTicks.subarray(0, book.askCount), (ticks, i) => [ticks, book.askLots[i]]),
})

const tradesOf = (trades: TradeBatch) => ({
  symbol: trades.symbol,
  rows: Array.from({ length: trades.count }, (_, i) => [
    trades.takerSide[i],
    trades.ticks[i],
    trades.lots[i],
    trades.exchangeMs[i],
  ]),
})

describe('decode', () => {
  test('a delta becomes ticks and lots, without the fallback', () => {
    const { codec: it, counters } = codec()
    expect(it.decode(Buffer.from(BOOK))).toBe('book')
    expect(bookOf(it.book)).toEqual({
      symbol: 0,
      isSnapshot: false,
      updateId: 18521288,
      crossSeq: 7961638724,
      exchangeUs: 1672304484976000,
      bids: [
        [164935, 6],
        [164934, 0],
      ],
      asks: [[166110, 29]],
    })
    expect(counters.decodeFallbacks).toBe(0)
  })

  test('trades keep order, side and time, without the fallback', () => {
    const { codec: it, counters } = codec()
    expect(it.decode(Buffer.from(TRADES))).toBe('trades')
    expect(tradesOf(it.trades).rows).toEqual([
      [1, 165785, 1, 1672304486865],
      [-1, 165784, 1000, 1672304486866],
    ])
    expect(counters.decodeFallbacks).toBe(0)
  })

  test.each([
    [
      'ts before type',
      BOOK.replace('"type":"delta","ts":1672304484978', '"ts":1672304484978,"type":"delta"'),
      'book',
      0,
    ],
    ['u = 1 is a whole book', BOOK.replace('18521288', '1'), 'book', 0],
    ['blanks, through the fallback', BOOK.replaceAll(',', ', '), 'book', 1],
    ['data before type, through the fallback', reordered(BOOK), 'book', 1],
    ['without cts, through the fallback', BOOK.replace(',"cts":1672304484976', ''), 'book', 1],
    ['level 1 beside level 50', BOOK.replace('orderbook.50', 'orderbook.1'), 'alive', 0],
    [
      'reply to a subscription',
      '{"success":true,"ret_msg":"","conn_id":"c","req_id":"1","op":"subscribe"}',
      'control',
      0,
    ],
    ['off the price grid', BOOK.replace('16493.50', '16493.55'), 'bad', 1],
    ['negative size', BOOK.replace('"0.006"', '"-0.006"'), 'bad', 1],
    ['price zero', BOOK.replace('16493.50', '0.00'), 'bad', 1],
    ['another symbol', BOOK.replaceAll('BTCUSDT', 'ETHUSDT'), 'bad', 1],
    ['symbol of topic and data differ', BOOK.replace('"s":"BTCUSDT"', '"s":"COARSEUSDT"'), 'bad', 1],
    ['three columns', BOOK.replace('"0.006"]', '"0.006","1"]'), 'bad', 1],
    ['not JSON', 'hello', 'bad', 0],
    ['nothing', '', 'bad', 0],
    ['a number', '17', 'bad', 0],
    ['a topic nobody asked for', '{"topic":"tickers.BTCUSDT","data":{}}', 'bad', 0],
    ['nested 100,000 deep', `${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'bad', 0],
    ['nested 100,000 deep in a topic', BOOK.replace('[[', '['.repeat(1e5)), 'bad', 1],
    ['10 MB long', `{"topic":"orderbook.50.BTCUSDT",${' '.repeat(1e7)}}`, 'bad', 0],
  ])('%s', (_, frame, kind, fallbacks) => {
    const { codec: it, counters } = codec()
    expect(it.decode(Buffer.from(frame))).toBe(kind)
    expect(counters.decodeFallbacks).toBe(fallbacks)
    if (kind === 'book') expect(it.book.isSnapshot).toBe(frame.includes('"u":1,'))
  })

  test('a broken frame still names its symbol', () => {
    const { codec: it } = codec()
    expect(it.decode(Buffer.from(BOOK.slice(0, 90)))).toBe('bad')
    expect(it.symbol?.name).toBe('BTCUSDT')
  })

  test('every truncation of a frame is refused', () => {
    const { codec: it } = codec()
    for (const frame of [BOOK, TRADES]) {
      for (let length = 0; length < frame.length; length++) {
        expect(it.decode(Buffer.from(frame.slice(0, length))), `${length}`).toBe('bad')
      }
    }
  })
})

describe('scanner against JSON.parse', () => {
  const grids = [BTC, COARSE, FINE]

  test('every valid frame is taken by the scanner and means the same', () => {
    const count = process.env['MM_VERIFY'] ? 5_000 : 300
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        for (const frame of [bookFrame(new Prng(seed)), tradeFrame(new Prng(seed))]) {
          const outcome = compare(Buffer.from(frame))
          expect(outcome, frame).toBe('agreed')
        }
      }),
      { numRuns: count },
    )
  })

  test('no mutated frame is taken by the scanner and means something else', () => {
    const count = process.env['MM_VERIFY'] ? 400_000 : 4_000
    const seed = Number(process.env['MM_SEED'] ?? 20_260_801)
    const prng = new Prng(seed)
    const tally = { agreed: 0, refused: 0, differed: 0 }
    for (let i = 0; i < count; i++) {
      const frame = mutated(Buffer.from(prng.chance(0.6) ? bookFrame(prng) : tradeFrame(prng)), prng)
      const outcome = compare(frame)
      tally[outcome]++
      expect(outcome, `seed ${seed}, case ${i}: ${frame.toString('latin1')}`).not.toBe('differed')
    }
    // The mutations must leave some frames readable, or this test shows nothing.
    expect(tally.agreed).toBeGreaterThan(count / 50)
    expect(tally.refused).toBeGreaterThan(count / 4)
  })

  // 'agreed': the scanner took it and the arbiter says the same · 'refused': the scanner refused · 'differed': a defect.
  function compare(frame: Buffer): 'agreed' | 'refused' | 'differed' {
    const message = asObject(parseJson(frame.toString('utf8')))
    const scan = new Scan()
    scan.start(frame)
    if (scan.text(bookPrefix(50))) {
      const [scanned, parsed] = [new BookEvent(4), new BookEvent(4)]
      if (!scanBook(scan, symbols, scanned)) return 'refused'
      if (message === null || !readBook(message, symbols, parsed)) return 'differed'
      return JSON.stringify(bookOf(scanned)) === JSON.stringify(bookOf(parsed)) ? 'agreed' : 'differed'
    }
    if (!scan.text(TRADE_PREFIX)) return 'refused'
    const [scanned, parsed] = [new TradeBatch(), new TradeBatch()]
    if (!scanTrades(scan, symbols, scanned)) return 'refused'
    if (message === null || !readTrades(message, symbols, parsed)) return 'differed'
    return JSON.stringify(tradesOf(scanned)) === JSON.stringify(tradesOf(parsed)) ? 'agreed' : 'differed'
  }

  function bookFrame(prng: Prng): string {
    const instrument = prng.pick(grids)
    const level = () => [
      fromSteps(prng.int(1, 10_000_000), instrument.price),
      prng.chance(0.2) ? '0' : fromSteps(prng.int(1, 1_000_000), instrument.size),
    ]
    const levels = () => Array.from({ length: prng.int(0, 12) }, level)
    const type = prng.chance(0.3) ? 'snapshot' : 'delta'
    const ts = prng.int(1_600_000_000_000, 1_900_000_000_000)
    const head = prng.chance(0.5) ? { type, ts } : { ts, type }
    const data = { s: instrument.symbol, b: levels(), a: levels(), u: prng.int(1, 1e9), seq: prng.int(1, 1e12) }
    return JSON.stringify({ topic: `orderbook.50.${instrument.symbol}`, ...head, data, cts: ts - 2 })
  }

  function tradeFrame(prng: Prng): string {
    const instrument = prng.pick(grids)
    const trade = () => ({
      T: prng.int(1_600_000_000_000, 1_900_000_000_000),
      s: instrument.symbol,
      S: prng.chance(0.5) ? 'Buy' : 'Sell',
      v: fromSteps(prng.int(1, 1_000_000), instrument.size),
      p: fromSteps(prng.int(1, 10_000_000), instrument.price),
      ...(prng.chance(0.8) ? { L: 'ZeroMinusTick' } : {}),
      i: 'a1-b2',
      BT: prng.chance(0.1),
      ...(prng.chance(0.5) ? { RPI: prng.chance(0.5) } : {}),
      ...(prng.chance(0.8) ? { seq: prng.int(1, 1e12) } : {}),
    })
    const data = Array.from({ length: prng.int(1, 5) }, trade)
    return JSON.stringify({ topic: `publicTrade.${instrument.symbol}`, type: 'snapshot', ts: 1672304486868, data })
  }

  function mutated(frame: Buffer, prng: Prng): Buffer {
    let out = frame
    for (let edits = prng.int(1, 3); edits > 0 && out.length > 0; edits--) {
      const at = prng.int(0, out.length - 1)
      const kind = prng.int(0, 5)
      const [before, after] = [out.subarray(0, at), out.subarray(at)]
      if (kind === 0) out = Buffer.concat([before, after.subarray(1)])
      else if (kind === 1) out = Buffer.concat([before, Buffer.from([prng.int(0, 255)]), after])
      else if (kind === 2)
        out = Buffer.concat([before, Buffer.from(prng.pick('0123456789.,"[]{}:-eE '.split(''))), after.subarray(1)])
      else if (kind === 3) out = Buffer.concat([before, after.subarray(0, prng.int(1, 8)), after])
      else if (kind === 4) out = out.subarray(0, at)
      else out = Buffer.concat([before, digitSwapped(after, prng)])
    }
    return out
  }

  function digitSwapped(bytes: Buffer, prng: Prng): Buffer {
    const copy = Buffer.from(bytes)
    const at = copy.findIndex((byte) => byte >= 48 && byte <= 57)
    if (at >= 0) copy[at] = 48 + prng.int(0, 9)
    return copy
  }
})

test('the scanner reads a decimal like the exact parser, on any grid', () => {
  const grid = fc.constantFrom(BTC.price, COARSE.price, COARSE.size, FINE.price, FINE.size)
  const text = fc.oneof(
    fc.tuple(fc.nat(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}`),
    fc.nat().map(String),
    fc.stringMatching(/^[0-9.]{0,24}$/),
  )
  fc.assert(
    fc.property(grid, text, (on, decimal) => {
      const scan = new Scan()
      scan.start(Buffer.from(`${decimal}"`))
      const scanned = scan.decimal(on.decimals, on.stepUnits)
      if (scanned >= 0) {
        expect(scanned).toBe(toSteps(decimal, on))
        expect(scan.atEnd()).toBe(true)
      }
    }),
    { numRuns: process.env['MM_VERIFY'] ? 100_000 : 2_000 },
  )
})

function reordered(frame: string): string {
  const { topic, type, ts, data, cts } = JSON.parse(frame)
  return JSON.stringify({ topic, data, cts, type, ts })
}
