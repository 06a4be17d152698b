/**
 * From a market data frame to the request it leads to, at 10,000 messages a second over loopback: our whole bot (adapter,
 * queue, journal, engine with all guards, outbox) beside a bare loop that this file contains (scan, book, one quote,
 * send). Same frames, same machine, in turns. Gates of the issue: p50 at most 2 times, p99 at most 3 times the bare loop.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { Book } from '../src/core/domain/book.ts'
import { BookEvent } from '../src/core/domain/event.ts'
import type { Instrument } from '../src/core/domain/instrument.ts'
import { Secret } from '../src/core/domain/secret.ts'
import { Engine } from '../src/core/engine/engine.ts'
import { type EngineConfig, QUOTING_DEFAULTS, TIMING_DEFAULTS } from '../src/core/engine/engine-config.ts'
import { SIGNAL_DEFAULTS } from '../src/core/engine/signals.ts'
import type { StrategyPack } from '../src/core/engine/strategy.ts'
import { bybitExchange } from '../src/core/exchange/bybit/adapter.ts'
import { GatewayCounters } from '../src/core/exchange/bybit/counters.ts'
import { MarketCodec } from '../src/core/exchange/bybit/market-codec.ts'
import { netWire } from '../src/core/exchange/bybit/net-wire.ts'
import { SymbolTable } from '../src/core/exchange/bybit/symbol-table.ts'
import { realClock } from '../src/core/runtime/clock.ts'
import { type Journal, openJournal } from '../src/core/runtime/journal.ts'
import { LatencyTable } from '../src/core/runtime/latency.ts'
import { Loop } from '../src/core/runtime/loop.ts'
import { Outbox } from '../src/core/runtime/outbox.ts'
import { allPacks } from '../src/core/runtime/packs.ts'
import { RunCounters } from '../src/core/runtime/run-counters.ts'

const SYMBOLS = Array.from({ length: 10 }, (_, index) => `S${String(index).padStart(2, '0')}USDT`)
const RATE = 10_000
const WARMUP = 10_000
const MESSAGES = 40_000
const TURNS = 3

interface Result {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Updates that the quote of their symbol was worked out anew for. */
  readonly quotedShare: number
  /** Requests per update: a quote whose last change the exchange has not confirmed is not changed again. */
  readonly requestShare: number
  readonly cpuUsPerMessage: number
  readonly durable?: LatencyTable
}

/** One quote, one tick above the best ask when the bid is high: it changes with every update. */
const oneQuote: StrategyPack = {
  id: 'one-quote',
  doc: 'For the benchmark.',
  keys: [],
  create: () => ({
    quote: (view, out) => out.addAsk(view.bestAskTicks + 2 + (view.bestBidTicks % 2), 10),
  }),
  cases: [],
}

export async function run(): Promise<void> {
  const stub = fork(new URL('./tick-to-request/stub-exchange.ts', import.meta.url), {
    execArgv: ['--single-threaded-gc'],
  })
  const [{ port }] = (await once(stub, 'message')) as [{ port: number }]
  const results: { bare: Result[]; ours: Result[] } = { bare: [], ours: [] }
  for (let turn = 0; turn < TURNS; turn++) {
    results.bare.push(await bareLoop(stub, port))
    results.ours.push(await wholeBot(stub, port))
  }
  stub.disconnect()
  print(results)
  await allocation()
}

// ---- the bare loop

async function bareLoop(stub: ChildProcess, port: number): Promise<Result> {
  const { exchange, symbols } = await instrumentsOf(port)
  await exchange.close()
  const codec = new MarketCodec(new SymbolTable(symbols), 50, new GatewayCounters())
  const books = symbols.map(() => new Book())
  const market = await connected(`ws://127.0.0.1:${port}/v5/public/linear`)
  const trade = await connected(`ws://127.0.0.1:${port}/v5/trade`)
  trade.on('message', () => undefined)
  const table = new LatencyTable()
  let [seen, sent] = [0, 0]
  market.on('message', (bytes: Buffer) => {
    const startMs = performance.now()
    if (codec.decode(bytes) !== 'book') return
    const { book: event } = codec
    const book = books[event.symbol]
    if (book === undefined) return
    book.apply(event)
    if (event.isSnapshot) return
    const price = book.bestAskTicks + 2 + (book.bestBidTicks % 2)
    sent++
    trade.send(
      `{"reqId":"b${sent}","header":{"X-BAPI-TIMESTAMP":"${Date.now()}","X-BAPI-RECV-WINDOW":"1000"},"op":"order.amend","args":[{"category":"linear","symbol":"${SYMBOLS[event.symbol]}","orderLinkId":"bare-${event.symbol}","price":"${Math.floor(price / 10)}.${price % 10}","qty":"0.010"}]}`,
    )
    if (++seen > WARMUP) table.record((performance.now() - startMs) * 1000)
  })
  market.send(JSON.stringify({ op: 'subscribe', args: SYMBOLS.map((symbol) => `orderbook.50.${symbol}`) }))
  const cpuUsPerMessage = await play(stub, () => undefined)
  market.terminate()
  trade.terminate()
  return { ...quantiles(table), quotedShare: sent / seen, requestShare: sent / seen, cpuUsPerMessage }
}

async function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

// ---- the whole bot

async function wholeBot(stub: ChildProcess, port: number): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'mm-bench-'))
  const { exchange, symbols, clock } = await instrumentsOf(port)
  const header = { epoch: '0000001', createdMs: 0, buildHash: '00'.repeat(32), configHash: '00'.repeat(32) }
  const journal = await openJournal({ dir, header, preallocate: true })
  const counters = new RunCounters()
  const { engine } = await engineOf(symbols)
  let problem: unknown = null
  const loop = new Loop({
    engine,
    journal,
    clock,
    counters,
    observe: () => undefined,
    onShed: (symbol) => exchange.resync(symbol),
    onCrash: (error) => {
      problem = error
    },
  })
  const outbox = new Outbox({
    journal,
    clock,
    counters,
    send: (requests) => exchange.send(requests),
    sent: () => undefined,
    tell: loop.accept,
    isHalted: () => false,
  })
  loop.start(outbox)
  journal.listen({
    onDurable: () => outbox.release(),
    onFailed: (reason) => {
      problem = reason
    },
  })
  loop.accept({ kind: 'start', nowUs: clock.nowUs(), instruments: symbols })
  await exchange.open(loop.accept)
  let [placed, decided] = [0, 0]
  const cpuUsPerMessage = await play(stub, () => {
    counters.tickToRequest.reset()
    counters.intentDurable.reset()
    placed = engine.counters.places + engine.counters.amends
    decided = counters.marketEvents
  })
  const asked = engine.counters.places + engine.counters.amends - placed
  loop.stop()
  outbox.close()
  await exchange.close()
  await journal.close()
  rmSync(dir, { recursive: true, force: true })
  if (problem !== null) throw problem
  return {
    ...quantiles(counters.tickToRequest),
    quotedShare: (counters.marketEvents - decided) / MESSAGES,
    requestShare: asked / MESSAGES,
    cpuUsPerMessage,
    durable: counters.intentDurable,
  }
}

async function instrumentsOf(port: number) {
  const at = `127.0.0.1:${port}`
  const wire = netWire({ rest: `http://${at}`, stream: `ws://${at}`, publicStream: `ws://${at}` }, 'paper')
  const exchange = await bybitExchange({
    wire,
    credentials: { apiKey: new Secret('bench'), kind: 'hmac', secret: new Secret('bench'), source: 'bench' },
    category: 'linear',
    linkPrefix: 'mm00',
    linkEpoch: '0000001',
    seed: 1,
    onFatal: (error) => {
      throw error
    },
    ordersPerSecond: 100_000,
  })
  return { exchange, symbols: await exchange.instruments(SYMBOLS), clock: realClock(wire) }
}

/** All guards, at limits that this traffic does not reach; nothing holds a quote back. */
async function engineOf(instruments: readonly Instrument[]): Promise<{ engine: Engine }> {
  const { guards } = await allPacks()
  const config: EngineConfig = {
    symbols: instruments.map(({ symbol }) => ({
      symbol,
      strategy: oneQuote.id,
      strategyParams: {},
      guards: {
        'max-position': { limitLots: 100_000 },
        'max-order': { sizeLotsMax: 1_000, valueMoneyMax: 1e12 },
        'in-flight': { requestsMax: 10, replaceUsMin: 0 },
        'symbol-rate': { placesPerS: 10_000, amendsPerS: 10_000, cancelsPerS: 10_000 },
      },
      quoting: {
        ...QUOTING_DEFAULTS,
        quoteLots: 10,
        positionLotsMax: 1_000,
        halfSpreadTicksMin: 0,
        levelsMax: 1,
        toleranceTicks: 0,
        urgentTicks: 0,
        lifeUsMin: 0,
        clampUs: 0,
      },
      signals: SIGNAL_DEFAULTS,
    })),
    runGuards: {
      'request-rate': Object.fromEntries(
        ['placesPerS', 'placesBurst', 'amendsPerS', 'amendsBurst', 'totalPerS', 'totalBurst'].map((key) => [
          key,
          1_000_000,
        ]),
      ),
    },
    timing: TIMING_DEFAULTS,
  }
  return { engine: new Engine(config, { strategies: new Map([[oneQuote.id, oneQuote]]), guards }) }
}

// ---- both

/** Plays the warm-up and then the measured messages; gives processor time per measured message. */
async function play(stub: ChildProcess, onWarm: () => void): Promise<number> {
  const phase = async (messages: number): Promise<void> => {
    const done = new Promise<void>((resolve) => {
      const hear = (message: object): void => {
        if (!('done' in message)) return
        stub.off('message', hear)
        resolve()
      }
      stub.on('message', hear)
    })
    stub.send({ rate: RATE, messages })
    await done
    // What is still on its way.
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  await phase(WARMUP)
  onWarm()
  const before = process.cpuUsage()
  await phase(MESSAGES)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / MESSAGES
}

function quantiles(table: LatencyTable): Pick<Result, 'p50' | 'p99' | 'p999'> {
  return { p50: table.quantileUs(0.5), p99: table.quantileUs(0.99), p999: table.quantileUs(0.999) }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function print({ bare, ours }: { bare: Result[]; ours: Result[] }): void {
  const of = (
    rows: readonly Result[],
    key: 'p50' | 'p99' | 'p999' | 'quotedShare' | 'requestShare' | 'cpuUsPerMessage',
  ): number => median(rows.map((row) => row[key]))
  const line = (name: string, rows: readonly Result[]): string =>
    `${name.padEnd(34)} p50 ${of(rows, 'p50').toFixed(1)} µs  p99 ${of(rows, 'p99').toFixed(1)} µs  p99.9 ${of(rows, 'p999').toFixed(0)} µs` +
    `  quoted ${(100 * of(rows, 'quotedShare')).toFixed(1)} %  requests ${(100 * of(rows, 'requestShare')).toFixed(1)} %  cpu ${of(rows, 'cpuUsPerMessage').toFixed(1)} µs/message`
  const ratio = (key: 'p50' | 'p99' | 'p999'): string => (of(ours, key) / of(bare, key)).toFixed(2)
  const durable = ours[ours.length - 1]?.durable
  const text = [
    `${RATE} messages/s over loopback, ${SYMBOLS.length} symbols, medians of ${TURNS} turns of ${MESSAGES}`,
    line('bare loop, frame in → sent', bare),
    line('mm, frame in → handed to outbox', ours),
    `ratio                              p50 ${ratio('p50')} (gate 2)  p99 ${ratio('p99')} (gate 3)  p99.9 ${ratio('p999')}`,
    durable === undefined
      ? ''
      : `durable stage, outbox → intent on disk  p50 ${durable.quantileUs(0.5).toFixed(0)} µs  p99 ${durable.quantileUs(0.99).toFixed(0)} µs  p99.9 ${durable.quantileUs(0.999).toFixed(0)} µs`,
  ]
  process.stdout.write(`${text.join('\n')}\n`)
}

/** Bytes allocated per book event and decision, in our part alone: queue, journal, engine, outbox. */
async function allocation(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'mm-bench-'))
  const header = { epoch: '0000001', createdMs: 0, buildHash: '00'.repeat(32), configHash: '00'.repeat(32) }
  const journal = await openJournal({ dir, header, preallocate: true })
  const perEvent = median(Array.from({ length: 9 }, () => allocatedPerEvent(journal)))
  await journal.close()
  rmSync(dir, { recursive: true, force: true })
  process.stdout.write(`allocation per book event and decision (queue, journal): ${perEvent.toFixed(1)} bytes\n`)
}

const EVENTS = 5_000

function allocatedPerEvent(journal: Journal): number {
  const counters = new RunCounters()
  let run: (() => void) | null = null
  let nowUs = 1
  const loop = new Loop({
    engine: { step: () => undefined },
    journal,
    clock: {
      nowUs: () => nowUs as never,
      after: () => 0,
      cancelTimer: () => undefined,
      whenIdle: (fire) => (run = fire),
    },
    counters,
    observe: () => undefined,
    onShed: () => undefined,
    onCrash: (error) => {
      throw error
    },
  })
  const event = new BookEvent(16)
  for (let i = 0; i < 8; i++) event.addBid(61_800 - i, 100)
  const step = (): void => {
    nowUs += 100
    event.updateId++
    loop.accept(event)
    run?.()
  }
  for (let i = 0; i < EVENTS; i++) step()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < EVENTS; i++) step()
  return Math.max(0, (process.memoryUsage().heapUsed - before) / EVENTS)
}

if (import.meta.main) await run()
