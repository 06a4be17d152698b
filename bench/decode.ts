/**
 * Frame bytes to integer levels: our codec beside JSON.parse followed by the same integer conversion, on the same order
 * book frames. Both results are compared level by level before anything is timed. Gate of the issue: at least 4 times.
 */
import { BookEvent } from '../src/core/domain/event.ts'
import { instrumentOf } from '../src/core/domain/instrument.ts'
import { Prng } from '../src/core/domain/prng.ts'
import { GatewayCounters } from '../src/core/exchange/bybit/counters.ts'
import { readBook } from '../src/core/exchange/bybit/json-market.ts'
import { asObject } from '../src/core/exchange/bybit/json-value.ts'
import { MarketCodec } from '../src/core/exchange/bybit/market-codec.ts'
import { SymbolTable } from '../src/core/exchange/bybit/symbol-table.ts'

const REPS = 9
const FRAMES = 4_000

const made = instrumentOf({
  symbol: 'BTCUSDT',
  category: 'linear',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  status: 'Trading',
  tickSize: '0.10',
  lotSize: '0.001',
  priceMin: '0.10',
  priceMax: '1999999.80',
  sizeMin: '0.001',
  sizeMax: '1190',
  marketSizeMax: '500',
  notionalMin: '5',
  makerFee: '0.0002',
  takerFee: '0.00055',
})

export function run(): void {
  if ('badField' in made) throw new Error(made.badField)
  const symbols = new SymbolTable([made])
  const counters = new GatewayCounters()
  const codec = new MarketCodec(symbols, 50, counters)
  const parsed = new BookEvent()
  const throughJson = (frame: Buffer): boolean => {
    const message = asObject(JSON.parse(frame.toString('utf8')))
    return message !== null && readBook(message, symbols, parsed)
  }
  for (const [name, levels] of [
    ['delta of 1 + 1 levels', 1],
    ['delta of 5 + 5 levels', 5],
    ['delta of 20 + 20 levels', 20],
    ['snapshot of 50 + 50 levels', 50],
  ] as const) {
    const frames = makeFrames(new Prng(7), levels)
    for (const frame of frames) {
      if (codec.decode(frame) !== 'book' || !throughJson(frame) || !isSame(codec.book, parsed))
        throw new Error('differs')
    }
    const [ours, json] = race(
      frames,
      (frame) => void codec.decode(frame),
      (frame) => void throughJson(frame),
    )
    const bytes = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length)
    const ratio = (json / ours).toFixed(1)
    process.stdout.write(
      `${name}, ${bytes} B: scanner ${ours.toFixed(0)} ns, JSON.parse ${json.toFixed(0)} ns: ×${ratio}\n`,
    )
  }
  process.stdout.write(`frames handed to the fallback: ${counters.decodeFallbacks}\n`)
}

/** Median ns per frame of both, the repetitions interleaved. */
function race(frames: readonly Buffer[], a: (frame: Buffer) => void, b: (frame: Buffer) => void): [number, number] {
  const times: [number[], number[]] = [[], []]
  for (let rep = 0; rep < REPS + 2; rep++) {
    for (const [index, decode] of [a, b].entries()) {
      const start = process.hrtime.bigint()
      for (const frame of frames) decode(frame)
      const ns = Number(process.hrtime.bigint() - start) / frames.length
      if (rep >= 2) times[index === 0 ? 0 : 1].push(ns)
    }
  }
  return [median(times[0]), median(times[1])]
}

function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[values.length >> 1] ?? Number.NaN
}

function makeFrames(prng: Prng, levels: number): Buffer[] {
  const level = (): string =>
    `["${(prng.int(600_000, 620_000) / 10).toFixed(2)}","${(prng.int(0, 9_999) / 1000).toFixed(3)}"]`
  const side = (): string => Array.from({ length: levels }, level).join(',')
  const type = levels === 50 ? 'snapshot' : 'delta'
  return Array.from({ length: FRAMES }, (_, i) => {
    const data = `{"s":"BTCUSDT","b":[${side()}],"a":[${side()}],"u":${18_521_288 + i},"seq":${7_961_638_724 + 3 * i}}`
    const ts = 1_672_304_484_978 + 20 * i
    return Buffer.from(`{"topic":"orderbook.50.BTCUSDT","type":"${type}","ts":${ts},"data":${data},"cts":${ts - 2}}`)
  })
}

function isSame(a: BookEvent, b: BookEvent): boolean {
  if (a.bidCount !== b.bidCount || a.askCount !== b.askCount || a.updateId !== b.updateId) return false
  for (let i = 0; i < a.bidCount; i++)
    if (a.bidTicks[i] !== b.bidTicks[i] || a.bidLots[i] !== b.bidLots[i]) return false
  for (let i = 0; i < a.askCount; i++)
    if (a.askTicks[i] !== b.askTicks[i] || a.askLots[i] !== b.askLots[i]) return false
  return true
}

if (import.meta.main) run()
