/**
 * One book delta and the decision that follows, through the whole engine with every guard on: time and heap bytes for
 * each strategy, once in a quiet market (quotes stay) and once when the mid moves each time (quotes are amended, and the
 * exchange confirms each amend at once); and the quiet market once more in a run of ten symbols of which one is told of.
 */
import { GCProfiler } from 'node:v8'
import { BookEvent, DecideEvent, type OrderEvent } from '../src/core/domain/event.ts'
import { instrumentOf } from '../src/core/domain/instrument.ts'
import { RequestBuffer } from '../src/core/domain/request.ts'
import { positionLots, symbolId, timeUs } from '../src/core/domain/units.ts'
import { Engine } from '../src/core/engine/engine.ts'
import { type EngineConfig, QUOTING_DEFAULTS, TIMING_DEFAULTS } from '../src/core/engine/engine-config.ts'
import { SIGNAL_DEFAULTS } from '../src/core/engine/signals.ts'
import { allPacks } from '../src/core/runtime/packs.ts'

const EVENTS = 100_000
const REPS = 5
const LEVELS = 50
const PLENTY = 1_000_000

const packs = await allPacks()
const instrument = instrumentOf({
  symbol: 'BTCUSDT',
  category: 'linear',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  status: 'Trading',
  tickSize: '0.1',
  lotSize: '0.001',
  priceMin: '0.1',
  priceMax: '1000000',
  sizeMin: '0.001',
  sizeMax: '100',
  marketSizeMax: '100',
  notionalMin: '5',
  makerFee: '0.0002',
  takerFee: '0.00055',
})
if ('badField' in instrument) throw new Error(instrument.badField)
const known = instrument

const nameOf = (index: number): string => (index === 0 ? 'BTCUSDT' : `BTC${index}USDT`)

function configOf(strategy: string, symbols: number): EngineConfig {
  const rates = { placesPerS: PLENTY, placesBurst: PLENTY, amendsPerS: PLENTY, amendsBurst: PLENTY }
  return {
    symbols: Array.from({ length: symbols }, (_, index) => ({
      symbol: nameOf(index),
      strategy,
      strategyParams: {},
      guards: {
        'max-position': { limitLots: PLENTY },
        'max-order': { sizeLotsMax: PLENTY, valueMoneyMax: Number.MAX_SAFE_INTEGER },
        // A message each 100 µs is no real market: a window of seconds would be full at once.
        'in-flight': { replaceUsMin: 0 },
        'symbol-rate': { placesPerS: PLENTY, amendsPerS: PLENTY, cancelsPerS: PLENTY },
      },
      quoting: { ...QUOTING_DEFAULTS, lifeUsMin: 0, quoteLots: 10, positionLotsMax: 100, halfSpreadTicksMin: 5 },
      signals: SIGNAL_DEFAULTS,
    })),
    runGuards: { 'request-rate': { ...rates, totalPerS: PLENTY, totalBurst: PLENTY } },
    timing: TIMING_DEFAULTS,
  }
}

class Run {
  requests = 0
  private readonly engine: Engine
  private readonly out = new RequestBuffer()
  private readonly book = new BookEvent(4 * LEVELS)
  private readonly decision = new DecideEvent()
  private readonly isMoving: boolean
  private nowUs = 1_700_000_000_000_000
  private best = 600_000
  private count = 0

  constructor(strategy: string, isMoving: boolean, symbols: number) {
    this.isMoving = isMoving
    this.engine = new Engine(configOf(strategy, symbols), packs)
    const nowUs = timeUs(this.nowUs)
    const { engine, out } = this
    const instruments = Array.from({ length: symbols }, (_, i) => ({ ...known, symbol: nameOf(i) }))
    engine.step({ kind: 'start', nowUs, instruments }, out)
    for (const link of ['account', 'trade', 'market'] as const) {
      engine.step({ kind: 'link', link, symbol: null, state: 'up', nowUs }, out)
    }
    this.book.isSnapshot = true
    for (let i = 0; i < LEVELS; i++) {
      this.book.addBid(this.best - i, 100)
      this.book.addAsk(this.best + 1 + i, 100)
    }
    for (let id = symbols - 1; id >= 0; id--) {
      const symbol = symbolId(id)
      engine.step({ kind: 'position', symbol, positionLots: positionLots(0), costMoney: 0, nowUs }, out)
      this.book.symbol = symbol
      this.tick()
    }
    this.book.isSnapshot = false
  }

  events(count: number): void {
    for (let i = 0; i < count; i++) {
      this.book.clear()
      this.count++
      if (this.isMoving) this.move(this.count % 20 < 10 ? 1 : -1)
      else {
        this.book.addBid(this.best - (this.count % LEVELS), 100 + (this.count % 7))
        this.book.addAsk(this.best + 1 + (this.count % LEVELS), 100 + (this.count % 5))
      }
      this.tick()
    }
  }

  /** Everything two ticks up or down. */
  private move(way: 1 | -1): void {
    for (let i = 0; i < 2; i++) {
      if (way === 1) this.book.addAsk(this.best + 1 + i, 0)
      else this.book.addBid(this.best - i, 0)
    }
    this.best += 2 * way
    for (let i = 0; i < 2; i++) {
      this.book.addBid(this.best - i, 100)
      this.book.addAsk(this.best + 1 + i, 100)
    }
  }

  private tick(): void {
    const { book, decision, engine, out } = this
    this.nowUs += 100
    const nowUs = timeUs(this.nowUs)
    book.receivedUs = nowUs
    book.exchangeUs = nowUs
    decision.nowUs = nowUs
    out.clear()
    engine.step(book, out)
    engine.step(decision, out)
    this.requests += out.length
    for (let i = 0; i < out.length; i++) this.confirm(i)
  }

  private confirm(index: number): void {
    const { kind, order, symbol, side, priceTicks, sizeLots } = this.out.at(index)
    const nowUs = timeUs(this.nowUs)
    const status = kind === 'cancel' ? 'canceled' : 'open'
    const end = {
      filledLots: 0 as OrderEvent['filledLots'],
      reason: '',
      isPostOnlyMiss: false,
      exchangeUs: nowUs,
      nowUs,
    }
    this.engine.step({ kind: 'order', order, symbol, status, side, priceTicks, sizeLots, ...end }, this.out)
  }
}

function measure(strategy: string, isMoving: boolean, symbols = 1): void {
  const run = new Run(strategy, isMoving, symbols)
  run.events(EVENTS)
  let ns = Number.POSITIVE_INFINITY
  const sent = run.requests
  for (let rep = 0; rep < REPS; rep++) {
    const began = process.hrtime.bigint()
    run.events(EVENTS)
    ns = Math.min(ns, Number(process.hrtime.bigint() - began) / EVENTS)
  }
  const requests = (run.requests - sent) / (EVENTS * REPS)
  const bytes = allocated(() => run.events(EVENTS)) / EVENTS
  const name = `${strategy}, ${isMoving ? 'moving' : 'quiet'}${symbols === 1 ? '' : `, ${symbols} symbols`}`.padEnd(38)
  const facts = `${ns.toFixed(0).padStart(6)} ns ${bytes.toFixed(0).padStart(6)} bytes ${requests.toFixed(2).padStart(6)} requests`
  process.stdout.write(`${name}${facts}\n`)
}

/** Heap bytes allocated by `work`: what is used more, and what was collected meanwhile. */
function allocated(work: () => void): number {
  globalThis.gc?.()
  const profiler = new GCProfiler()
  profiler.start()
  const before = process.memoryUsage().heapUsed
  work()
  const grown = process.memoryUsage().heapUsed - before
  const freed = profiler
    .stop()
    .statistics.reduce((sum, { beforeGC, afterGC }) => sum + usedBy(beforeGC) - usedBy(afterGC), 0)
  return grown + freed
}

const usedBy = (gc: { heapStatistics: { usedHeapSize: number } }): number => gc.heapStatistics.usedHeapSize

process.stdout.write('per book message with its decision:\n')
for (const strategy of packs.strategies.keys()) {
  measure(strategy, false)
  measure(strategy, true)
  measure(strategy, false, 10)
}
