/** One engine with a scripted strategy, and short ways to tell it things. Times are µs from an arbitrary start. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  BookEvent,
  DecideEvent,
  type EngineEvent,
  type FillEvent,
  type OrderEvent,
  TradeEvent,
} from '../../src/core/domain/event.ts'
import { type Instrument, type InstrumentText, instrumentOf } from '../../src/core/domain/instrument.ts'
import type { Request } from '../../src/core/domain/request.ts'
import { RequestBuffer } from '../../src/core/domain/request.ts'
import {
  orderSeq,
  positionLots,
  priceTicks,
  type Side,
  type SymbolId,
  sizeLots,
  symbolId,
  timeUs,
} from '../../src/core/domain/units.ts'
import { Engine } from '../../src/core/engine/engine.ts'
import {
  type EngineConfig,
  QUOTING_DEFAULTS,
  type QuotingConfig,
  type SymbolConfig,
  TIMING_DEFAULTS,
  type TimingConfig,
} from '../../src/core/engine/engine-config.ts'
import type { GuardPack } from '../../src/core/engine/guard.ts'
import type { PackParams } from '../../src/core/engine/pack.ts'
import { SIGNAL_DEFAULTS } from '../../src/core/engine/signals.ts'
import type { LevelRow, StrategyPack } from '../../src/core/engine/strategy.ts'

const folder = join(import.meta.dirname, '../../src/core/engine/guards')

/** Every guard of the folder, in the order of the names. */
export const guardPacks: readonly GuardPack[] = await Promise.all(
  readdirSync(folder)
    .toSorted()
    .map(async (name) => ((await import(join(folder, name))) as { pack: GuardPack }).pack),
)

const TEXT: InstrumentText = {
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
  notionalMin: '0',
  makerFee: '0.0002',
  takerFee: '0.00055',
}

export function instrument(change: Partial<InstrumentText> = {}): Instrument {
  const made = instrumentOf({ ...TEXT, ...change })
  if ('badField' in made) throw new Error(made.badField)
  return made
}

/** What the scripted strategy shows, by symbol. */
export interface Script {
  bids: readonly LevelRow[]
  asks: readonly LevelRow[]
}

export interface RigOptions {
  readonly symbols?: readonly string[]
  readonly quoting?: Partial<QuotingConfig>
  readonly timing?: Partial<TimingConfig>
  readonly guards?: Readonly<Record<string, PackParams>>
  readonly runGuards?: Readonly<Record<string, PackParams>>
  readonly instrument?: Partial<InstrumentText>
}

/** Limits so wide that they are in nobody's way. */
const WIDE = {
  'max-position': { limitLots: 1_000_000 },
  'max-order': { sizeLotsMax: 1_000_000, valueMoneyMax: Number.MAX_SAFE_INTEGER },
  'price-band': { midBpsMax: 5_000, tradeBpsMax: 5_000, referenceBpsMax: 5_000 },
  'in-flight': { requestsMax: 10, replaceUsMin: 0 },
  'symbol-rate': { placesPerS: 10_000, amendsPerS: 10_000, cancelsPerS: 10_000 },
  'slow-down': { answersMin: 10_000, lagUsMax: 3_600_000_000 },
}
const FAST = { placesPerS: 1e6, placesBurst: 1e6, amendsPerS: 1e6, amendsBurst: 1e6, totalPerS: 1e6, totalBurst: 1e6 }

export const QUOTING: QuotingConfig = {
  ...QUOTING_DEFAULTS,
  quoteLots: 10,
  positionLotsMax: 100,
  halfSpreadTicksMin: 1,
  toleranceTicks: 0,
  urgentTicks: 0,
  lifeUsMin: 0,
  adverseTicks: 0,
  sizeToleranceBps: 0,
}

export const BTC = symbolId(0)
export const T0 = 1_700_000_000_000_000

export class Rig {
  readonly engine: Engine
  readonly out = new RequestBuffer()
  readonly config: EngineConfig
  readonly scripts: Script[]
  /** Every request so far, as text. */
  readonly lines: string[] = []
  nowUs = T0
  private readonly options: RigOptions
  private exec = 0
  // Every event stepped and what the scripts said then. Reused records are copied.
  private readonly history: { readonly event: EngineEvent; readonly scripts: readonly Script[] }[] = []

  constructor(options: RigOptions = {}) {
    this.options = options
    const names = options.symbols ?? ['BTCUSDT']
    this.scripts = names.map(() => ({ bids: [], asks: [] }))
    this.config = {
      symbols: names.map((symbol) => symbolConfig(symbol, options)),
      runGuards: { 'request-rate': FAST, 'loss-limit': { lossE8Max: 1e15, drawdownE8Max: 1e15 }, ...options.runGuards },
      // A script changes without an event: every decision prices anew.
      timing: { ...TIMING_DEFAULTS, requoteUs: 0, ...options.timing },
    }
    this.engine = this.newEngine(this.scripts)
  }

  /** Steps and returns the requests as text, such as `place 1 buy 10@1000`. */
  step(event: EngineEvent): string[] {
    this.history.push({ event: copied(event), scripts: this.scripts.map((script) => ({ ...script })) })
    this.out.clear()
    this.engine.step(event, this.out)
    const requests = this.requests()
    this.lines.push(...requests)
    return requests
  }

  /** Runs everything so far through a new engine, perhaps with other guards. */
  replay(guards: readonly GuardPack[] = guardPacks): { readonly engine: Engine; readonly lines: readonly string[] } {
    const scripts = this.scripts.map((script) => ({ ...script }))
    const engine = this.newEngine(scripts, guards)
    const out = new RequestBuffer()
    const lines: string[] = []
    for (const past of this.history) {
      past.scripts.forEach((script, i) => Object.assign(scripts[i] ?? {}, script))
      out.clear()
      engine.step(past.event, out)
      for (let i = 0; i < out.length; i++) lines.push(requestText(out.at(i)))
    }
    return { engine, lines }
  }

  requests(): string[] {
    return Array.from({ length: this.out.length }, (_, i) => requestText(this.out.at(i)))
  }

  start(): this {
    const instruments = this.config.symbols.map((s) => instrument({ ...this.options.instrument, symbol: s.symbol }))
    this.step({ kind: 'start', nowUs: timeUs(this.nowUs), instruments })
    return this
  }

  link(link: 'market' | 'account' | 'trade', state: 'up' | 'down' | 'gap', symbol: SymbolId | null = null): string[] {
    return this.step({ kind: 'link', link, symbol, state, nowUs: timeUs(this.nowUs) })
  }

  position(lots: number, symbol = BTC, costMoney = lots * 1000): string[] {
    return this.step({
      kind: 'position',
      symbol,
      positionLots: positionLots(lots),
      costMoney,
      nowUs: timeUs(this.nowUs),
    })
  }

  /** Start, all links, flat position and a fresh book of 990/1010 for every symbol. */
  ready(): this {
    this.start()
    for (const link of ['account', 'trade', 'market'] as const) this.link(link, 'up')
    this.config.symbols.forEach((_, index) => {
      this.position(0, symbolId(index))
      this.snapshot([[990, 100]], [[1010, 100]], symbolId(index))
    })
    return this
  }

  snapshot(bids: readonly LevelRow[], asks: readonly LevelRow[], symbol = BTC): string[] {
    return this.book(true, bids, asks, symbol)
  }

  delta(bids: readonly LevelRow[], asks: readonly LevelRow[], symbol = BTC): string[] {
    return this.book(false, bids, asks, symbol)
  }

  trade(takerSide: Side, ticks: number, lots: number): string[] {
    const event = new TradeEvent()
    event.takerSide = takerSide
    event.priceTicks = priceTicks(ticks)
    event.sizeLots = sizeLots(lots)
    event.exchangeUs = timeUs(this.nowUs)
    event.receivedUs = timeUs(this.nowUs)
    return this.step(event)
  }

  want(bids: readonly LevelRow[], asks: readonly LevelRow[] = [], symbol = 0): this {
    const script = this.scripts[symbol]
    if (script === undefined) throw new RangeError('no such symbol')
    script.bids = bids
    script.asks = asks
    return this
  }

  /** Time passes, then a decision. The book is kept fresh unless `quiet`. */
  decide(afterUs = 1_000): string[] {
    this.nowUs += afterUs
    const event = new DecideEvent()
    event.nowUs = timeUs(this.nowUs)
    return this.step(event)
  }

  ack(
    request: 'place' | 'amend' | 'cancel',
    order: number,
    result: 'accepted' | 'rejected' | 'ambiguous' | 'gone',
  ): string[] {
    return this.step({
      kind: 'ack',
      request,
      order: orderSeq(order),
      symbol: BTC,
      result,
      code: result === 'rejected' ? 110_007 : 0,
      action: result === 'rejected' ? 'risk' : '',
      nowUs: timeUs(this.nowUs),
    })
  }

  order(order: number, status: OrderEvent['status'], facts: Partial<Plain<OrderEvent>> = {}): string[] {
    const base = {
      kind: 'order',
      order,
      symbol: BTC,
      status,
      side: 1,
      priceTicks: 1000,
      sizeLots: 10,
      filledLots: 0,
      reason: '',
      isPostOnlyMiss: false,
      exchangeUs: this.nowUs,
      nowUs: this.nowUs,
    }
    return this.step({ ...base, ...facts } as OrderEvent)
  }

  fill(order: number, lots: number, facts: Partial<Plain<FillEvent>> = {}): string[] {
    const base = {
      kind: 'fill',
      execId: `exec-${++this.exec}`,
      order,
      symbol: BTC,
      side: 1,
      priceTicks: 1000,
      sizeLots: lots,
      feeE8: 0n,
      isMaker: true,
      exchangeUs: this.nowUs,
      nowUs: this.nowUs,
    }
    return this.step({ ...base, ...facts } as FillEvent)
  }

  private newEngine(scripts: readonly Script[], guards: readonly GuardPack[] = guardPacks): Engine {
    return new Engine(this.config, { strategies: new Map([['scripted', scripted(scripts)]]), guards })
  }

  private book(isSnapshot: boolean, bids: readonly LevelRow[], asks: readonly LevelRow[], symbol: SymbolId): string[] {
    const event = new BookEvent(16)
    event.symbol = symbol
    event.isSnapshot = isSnapshot
    event.exchangeUs = timeUs(this.nowUs)
    event.receivedUs = timeUs(this.nowUs)
    for (const [ticks, lots] of bids) event.addBid(ticks, lots)
    for (const [ticks, lots] of asks) event.addAsk(ticks, lots)
    return this.step(event)
  }
}

/** A record with plain numbers where it has units. */
export type Plain<T> = { -readonly [K in keyof T]: T[K] extends number ? number : T[K] }

export function requestText(request: Request): string {
  if (request.kind === 'cancel') return `cancel ${request.order}`
  const side = request.side === 1 ? 'buy' : 'sell'
  const flags = request.timeInForce === 'PostOnly' ? '' : ` ${request.timeInForce}`
  return `${request.kind} ${request.order} ${side} ${request.sizeLots}@${request.priceTicks}${flags}`
}

function symbolConfig(symbol: string, options: RigOptions): SymbolConfig {
  return {
    symbol,
    strategy: 'scripted',
    strategyParams: {},
    guards: { ...WIDE, ...options.guards },
    quoting: { ...QUOTING, ...options.quoting },
    signals: SIGNAL_DEFAULTS,
  }
}

function scripted(scripts: readonly Script[]): StrategyPack {
  return {
    id: 'scripted',
    doc: 'Shows what the test says.',
    keys: [],
    cases: [],
    create: () => ({
      quote(view, out) {
        const script = scripts[view.symbol]
        for (const [ticks, lots] of script?.bids ?? []) out.addBid(ticks, lots)
        for (const [ticks, lots] of script?.asks ?? []) out.addAsk(ticks, lots)
      },
    }),
  }
}

function copied(event: EngineEvent): EngineEvent {
  if (event.kind !== 'book' && event.kind !== 'trade' && event.kind !== 'decide') return event
  const copy = structuredClone(event)
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(event) as object) as EngineEvent
}
