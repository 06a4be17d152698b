/**
 * A real bot (adapter and engine) against the whole simulated exchange, on the virtual wire or on loopback, and its
 * judge: the exchange's own ledger and request log. Every test ends with `judge`, which holds whatever the fault was.
 */
import { expect, test } from 'vitest'
import { DecideEvent, type EngineEvent } from '../../../src/core/domain/event.ts'
import { type Approval, RequestBuffer, type RequestKind } from '../../../src/core/domain/request.ts'
import { Secret } from '../../../src/core/domain/secret.ts'
import {
  orderSeq,
  priceTicks,
  type Side,
  type SizeLots,
  sizeLots,
  symbolId,
  type TimeUs,
} from '../../../src/core/domain/units.ts'
import { Engine } from '../../../src/core/engine/engine.ts'
import type { BotView, Counters } from '../../../src/core/engine/view.ts'
import type { MmError } from '../../../src/core/errors.ts'
import { type BybitExchange, bybitExchange } from '../../../src/core/exchange/bybit/adapter.ts'
import type { BybitOptions } from '../../../src/core/exchange/bybit/options.ts'
import type { PlaceCommand, SimOrder } from '../../../src/core/exchange/sim/model.ts'
import type { SimServer } from '../../../src/core/exchange/sim/server/core.ts'
import { DEFAULT_UID, type EmbeddedOptions } from '../../../src/core/exchange/sim/server/embedded.ts'
import { faultRules } from '../../../src/core/exchange/sim/server/fault-input.ts'
import type { FaultRule } from '../../../src/core/exchange/sim/server/faults.ts'
import type { NetworkLegs } from '../../../src/core/exchange/virtual-wire.ts'
import type { TimerId } from '../../../src/core/exchange/wire.ts'
import { configOf, type Script, touch } from './strategy.ts'
import { SpyWire } from './spy-wire.ts'
import { RunObserver } from '../../../src/core/runtime/run-observer.ts'
import { guardPacks } from '../../engine/rig.ts'
import { FaultyWire } from '../bybit/faulty-wire.ts'
import { API_KEY, Client, SECRET, testServer } from '../server/harness.ts'
import { PLAIN_ORDER } from '../sim/plain-order.ts'
import type { ClientWire, OpenWorld, World } from './world.ts'

/** Ticks behind the touch where the crowd does not come in the time of a test. */
export const CALM = 400
export const SYMBOL = 'BTCUSDT'
export const CREATE = 'order.create'
export const CANCEL = 'order.cancel'
export const AMEND = 'order.amend'
const SECOND_US = 1_000_000
const LOOK_US = 20_000
/** A requirement of every test: how long an order may stay in doubt once the exchange answers again. */
const DOUBT_US = 16 * SECOND_US
/** Ten minutes of a busy market over sockets are work, and neighbours may be working too. */
const PATIENCE_MS = 300_000
const TAKER = '200002'
const ORDER_ENDPOINTS = [CREATE, AMEND, CANCEL, '/v5/order/create', '/v5/order/amend', '/v5/order/cancel'] as const

export interface BotOptions {
  readonly server?: Partial<EmbeddedOptions>
  readonly adapter?: Partial<BybitOptions>
  readonly legs?: NetworkLegs
  readonly clockOffsetUs?: number
  /** Before the adapter is made. */
  readonly prepare?: (server: SimServer) => void
  readonly mayAmend?: boolean
  readonly levels?: number
  /** No limit of the bot's own on size and position. */
  readonly wide?: boolean
  /** The fault keeps reads from being answered for so long. */
  readonly doubtUs?: number
  /** Limits per second of single order requests; default tier. */
  readonly quota?: number
}

export interface SentRequest {
  readonly kind: RequestKind
  readonly order: number
  readonly side: Side
  readonly atUs: number
}

export class Bot {
  server: SimServer
  /** Another process with the key of this account. */
  readonly client: Client
  readonly network: World
  raw: ClientWire
  spy: SpyWire
  wire: FaultyWire
  readonly script: Script = { offsetTicks: CALM, lots: 5, levels: 1, lastLots: 5 }
  readonly events: EngineEvent[] = []
  readonly sent: SentRequest[] = []
  readonly fatals: MmError[] = []
  /** Everything that the bot's log would hold: its lines, fatal errors. */
  readonly lines: string[] = []
  /** The exchange's event log. */
  private readonly exchangeLines: readonly string[]
  exchange!: BybitExchange
  engine!: Engine
  private readonly options: BotOptions
  private readonly out = new RequestBuffer()
  private readonly decideEvent = new DecideEvent()
  private observer!: RunObserver
  private readonly queued: EngineEvent[] = []
  private isSending = false
  private isDecideDue = false
  private doubtSinceUs = 0
  private longestDoubtUs = 0
  private slotFaults = 0
  private takes = 0
  private pulse: TimerId | null = null

  private constructor(network: World, server: SimServer, options: BotOptions, exchangeLines: readonly string[]) {
    this.options = options
    this.exchangeLines = exchangeLines
    this.network = network
    this.server = server
    this.client = new Client(network, network.wire())
    server.exchange.addAccount({ uid: TAKER, balances: { USDT: 10n ** 15n } })
    options.prepare?.(server)
    this.raw = network.wire(this.wireOptions())
    this.spy = new SpyWire(this.raw)
    this.wire = new FaultyWire(this.spy)
  }

  /** A bot that has not begun. */
  static async in(open: OpenWorld, options: BotOptions): Promise<Bot> {
    const lines: string[] = []
    const log = (line: string): void => void lines.push(line)
    const server = testServer({ isInstant: false, symbols: [SYMBOL], tier: 'default', log, ...options.server })
    return new Bot(await open(server), server, options, lines)
  }

  /** Makes the adapter, opens it, and lets a second pass. */
  async start(): Promise<void> {
    await this.make()
    await this.open()
    await this.run(1)
  }

  private wireOptions(): { legs?: NetworkLegs; clockOffsetUs: number } {
    const { legs, clockOffsetUs } = this.options
    return { ...(legs === undefined ? {} : { legs }), clockOffsetUs: clockOffsetUs ?? 0 }
  }

  /** The adapter, not yet opened. */
  async make(linkEpoch = 'faults1'): Promise<void> {
    this.exchange = await bybitExchange({
      wire: this.wire,
      credentials: { apiKey: new Secret(API_KEY), kind: 'hmac', secret: new Secret(SECRET), source: 'test' },
      category: 'linear',
      linkPrefix: 'mm00',
      linkEpoch,
      seed: 3,
      // One request, one frame: what a fault does to it is seen alone. batches.test.ts is about the others.
      isBatching: false,
      onNotice: (text) => this.lines.push(text),
      onFatal: (error) => {
        this.fatals.push(error)
        this.lines.push(`${error.message} ${error.stack}`)
        // As the session does: a run that cannot go on halts, which cancels.
        this.step({ kind: 'operator', command: 'halt', reason: error.message, nowUs: this.nowUs() })
      },
      ...this.options.adapter,
    })
  }

  async open(): Promise<void> {
    const instruments = await this.complete(this.exchange.instruments([SYMBOL]))
    this.engine = new Engine(configOf(this.options), {
      strategies: new Map([['touch', touch(this.script)]]),
      guards: guardPacks,
    })
    this.observer = new RunObserver({
      engine: this.engine,
      instruments,
      emit: (line) => this.lines.push(JSON.stringify(line)),
    })
    this.step({ kind: 'start', instruments, nowUs: this.nowUs() })
    this.look()
    await this.complete(this.exchange.armDisconnectCancel())
    await this.complete(this.exchange.open((event) => this.step(event)))
  }

  /** kill -9 and a new process: nothing of the old one is heard again. */
  reborn(): void {
    this.raw.crash()
    this.raw = this.network.wire(this.wireOptions())
    const spy = new SpyWire(this.raw)
    spy.sent.push(...this.spy.sent)
    this.spy = spy
    this.wire = new FaultyWire(spy)
    this.isDecideDue = false
  }

  nowUs(): TimeUs {
    return this.wire.nowUs()
  }

  run(seconds: number): Promise<void> {
    return this.network.run(this.network.nowUs() + seconds * SECOND_US)
  }

  /** Runs until the condition holds; fails after `seconds`. */
  async until(what: () => boolean, seconds = 20): Promise<void> {
    const endUs = this.network.nowUs() + seconds * SECOND_US
    while (!what()) {
      if (this.network.nowUs() > endUs) throw new Error(`not within ${seconds} s: ${String(what)}`)
      await this.run(0.02)
    }
  }

  complete<T>(work: Promise<T>): Promise<T> {
    return this.network.complete(work, this.network.nowUs() + 900 * SECOND_US)
  }

  /** Replaces the exchange's faults, as POST /sim/faults does. */
  async arm(...rules: Partial<FaultRule>[]): Promise<void> {
    const sinceStartMs = Math.floor(this.network.nowUs() / 1_000) - 1_760_000_000_000
    const script = faultRules(rules).map((rule) => ({
      ...rule,
      fromMs: rule.fromMs + sinceStartMs,
      untilMs: rule.untilMs === Number.MAX_SAFE_INTEGER ? rule.untilMs : rule.untilMs + sinceStartMs,
    }))
    const body = JSON.stringify({ rules: script })
    const request = { method: 'POST', target: '/sim/faults', headers: {}, timeoutMs: 1_000, body } as const
    const reply = await this.complete(this.network.wire().http(request))
    expect(reply.status).toBe(200)
  }

  get view(): BotView {
    return this.engine.view()
  }

  get counters(): Readonly<Counters> {
    return this.engine.counters
  }

  get positionLots(): number {
    return this.view.symbols[0]?.positionLots ?? Number.NaN
  }

  /** Open orders of the account at the exchange. */
  get allOpen(): readonly SimOrder[] {
    return this.server.exchange.openOrders(DEFAULT_UID)
  }

  /** Those of this bot. */
  get own(): readonly SimOrder[] {
    return this.allOpen.filter(({ orderLinkId }) => orderLinkId.startsWith('mm00-'))
  }

  get truePosition(): number {
    return this.server.exchange.positions(DEFAULT_UID).reduce((sum, { lots }) => sum + lots, 0)
  }

  /** Somebody takes what rests on `side` of the book down to this bot's order and `lots` of it. */
  take(side: Side, lots: number): void {
    const order = this.own.find((one) => one.side === side)
    if (order === undefined) throw new Error('nothing to take')
    const sizeLots = (this.aheadOf(order) + lots) as SizeLots
    this.other({ side: side === 1 ? -1 : 1, priceTicks: order.priceTicks, sizeLots, timeInForce: 'IOC' }, TAKER)
  }

  // Better levels, and what is in front of it at its own.
  aheadOf({ side, priceTicks, orderId }: SimOrder): number {
    const market = this.server.exchange.market('linear', SYMBOL)
    const ticks = new Float64Array(1_000)
    const lots = new Float64Array(1_000)
    const levels = market?.depth(side, 1_000, ticks, lots) ?? 0
    const { accounts } = this.server.exchange.truth()
    let ahead = accounts.flatMap(({ openOrders }) => openOrders).find((one) => one.orderId === orderId)?.lotsAhead ?? 0
    for (let i = 0; i < levels; i++) if (side * ((ticks[i] ?? 0) - priceTicks) > 0) ahead += lots[i] ?? 0
    return ahead
  }

  /** An order of somebody else, or of this account by other means. */
  other(order: Partial<PlaceCommand>, uid = DEFAULT_UID): string {
    const result = this.server.exchange.place(
      uid,
      { ...COMMAND, orderLinkId: `hand-${++this.takes}`, ...order },
      this.network.nowUs(),
    )
    expect(result.retCode).toBe(0)
    return result.orderId
  }

  /** The adapter alone, open: events are kept, nobody decides. */
  async listen(symbols: readonly string[] = [SYMBOL]): Promise<void> {
    await this.make()
    await this.complete(this.exchange.instruments(symbols))
    await this.complete(this.exchange.open((event) => void (event.kind !== 'book' && this.events.push(event))))
  }

  /** Requests that no engine made. */
  readonly hand = {
    place: (order: number): number => {
      const fields = { symbol: symbolId(0), side: 1, timeInForce: 'PostOnly', isReduceOnly: false } as const
      const market = this.server.exchange.market('linear', SYMBOL)
      const ticks = priceTicks((market?.bestTicks(1) ?? 0) - 5_000)
      const out = new RequestBuffer()
      out.place(1 as Approval, { ...fields, order: orderSeq(order), priceTicks: ticks, sizeLots: sizeLots(1) })
      this.exchange.send(out)
      return order
    },
    cancel: (order: number): void => {
      const out = new RequestBuffer()
      out.cancel(symbolId(0), orderSeq(order))
      this.exchange.send(out)
    },
  }

  acks(result: string): Extract<EngineEvent, { kind: 'ack' }>[] {
    return this.events.filter((event) => event.kind === 'ack').filter((event) => event.result === result)
  }

  orderEvents(order: number): Extract<EngineEvent, { kind: 'order' }>[] {
    return this.events.filter((event) => event.kind === 'order').filter((event) => event.order === order)
  }

  fills(): Extract<EngineEvent, { kind: 'fill' }>[] {
    return this.events.filter((event) => event.kind === 'fill')
  }

  links(state: 'up' | 'down' | 'gap'): string[] {
    return this.events
      .filter((event) => event.kind === 'link')
      .filter((event) => event.state === state)
      .map(({ link }) => link)
  }

  places(): SentRequest[] {
    return this.sent.filter(({ kind }) => kind === 'place')
  }

  /** Requests and order frames whose endpoint contains this, since then. */
  left(endpoint: string, sinceUs = 0): number {
    return this.spy.sent.filter((one) => one.endpoint.includes(endpoint) && one.atUs >= sinceUs).length
  }

  /** Stops quoting, waits until nothing is live, and holds what must hold after every fault. */
  async judge(): Promise<void> {
    await this.arm()
    if (this.pulse !== null) await this.calmDown()
    expect(this.own, 'orders left').toEqual([])
    expect(this.slotFaults, 'two live orders in one slot').toBe(0)
    expect(this.longestDoubtUs, 'longest doubt').toBeLessThan(this.options.doubtUs ?? DOUBT_US)
    for (const endpoint of ORDER_ENDPOINTS) {
      expect(this.peak(endpoint), `${endpoint} in one second`).toBeLessThanOrEqual(this.options.quota ?? 10)
    }
    const text = [...this.lines, ...this.exchangeLines].join('\n')
    for (const secret of [SECRET, API_KEY]) expect(text.includes(secret), 'a secret in the log').toBe(false)
    await this.exchange.close()
    if (this.pulse !== null) this.wire.cancelTimer(this.pulse)
  }

  private async calmDown(): Promise<void> {
    const { exchange, engine } = this
    if (engine.phase !== 'halted' && engine.phase !== 'halting') {
      this.step({ kind: 'operator', command: 'pause', reason: 'the test is over', nowUs: this.nowUs() })
    }
    await this.until(() => engine.liveOrders === 0 && this.own.length === 0 && exchange.unknownOrders === 0, 60)
    await this.until(() => this.positionLots === this.truePosition, 30)
    await this.run(3)
    expect(this.positionLots, 'position of the bot and of the exchange').toBe(this.truePosition)
    expect(exchange.unknownOrders, 'orders in doubt').toBe(0)
  }

  /** Feeds the engine as the run loop does: one decision after what came together, and nothing while requests leave. */
  step(event: EngineEvent): void {
    if (this.isSending) {
      this.queued.push(event)
      return
    }
    if (event.kind !== 'book' && event.kind !== 'trade') this.events.push(event)
    this.out.clear()
    this.engine.step(event, this.out)
    this.observer.event(event)
    if (this.isDecideDue || event.kind === 'decide') return
    this.isDecideDue = true
    this.wire.after(50, () => {
      this.isDecideDue = false
      this.decide()
    })
  }

  private decide(): void {
    this.decideEvent.nowUs = this.nowUs()
    this.out.clear()
    this.engine.step(this.decideEvent, this.out)
    this.observer.event(this.decideEvent)
    for (let i = 0; i < this.out.length; i++) {
      const { kind, order, side } = this.out.at(i)
      this.sent.push({ kind, order, side, atUs: this.network.nowUs() })
    }
    this.isSending = true
    this.exchange.send(this.out)
    this.isSending = false
    for (const event of this.queued.splice(0)) this.step(event)
  }

  // Looks at the truth fifty times a second, and lets the engine decide ten times a second.
  private look(): void {
    const nowUs = this.network.nowUs()
    for (const side of [1, -1]) {
      if (this.own.filter((order) => order.side === side).length > (this.options.levels ?? 1)) this.slotFaults++
    }
    if (this.exchange.unknownOrders === 0) this.doubtSinceUs = nowUs
    this.longestDoubtUs = Math.max(this.longestDoubtUs, nowUs - this.doubtSinceUs)
    if (nowUs % 100_000 < LOOK_US && !this.isDecideDue) this.decide()
    this.pulse = this.wire.after(LOOK_US, () => this.look())
  }

  // Most requests of one endpoint that left within any second.
  peak(endpoint: string): number {
    const times = this.spy.sent.filter((one) => one.endpoint === endpoint).map(({ atUs }) => atUs)
    let most = 0
    for (let from = 0, to = 0; to < times.length; to++) {
      while ((times[to] ?? 0) - (times[from] ?? 0) >= SECOND_US) from++
      most = Math.max(most, to - from + 1)
    }
    return most
  }
}

/** How the scenarios become tests in one world. */
export interface Stage {
  /** One fault: the bot starts in fair weather, `body` does the rest, and then the judge speaks. */
  faulty(name: string, body: (bot: Bot) => Promise<void>, options?: BotOptions): void
  /** The same where the bot's start is part of it: nothing has begun when `body` is called. */
  unstarted(name: string, body: (bot: Bot) => Promise<void>, options?: BotOptions): void
}

export function stage(open: OpenWorld): Stage {
  const play = (name: string, options: BotOptions, body: (bot: Bot) => Promise<void>): void =>
    test(name, { timeout: PATIENCE_MS }, async () => {
      const bot = await Bot.in(open, options)
      try {
        await body(bot)
        await bot.judge()
      } finally {
        await bot.network.close()
      }
    })
  return {
    faulty(name, body, options = {}) {
      play(name, options, async (bot) => {
        await bot.start()
        await body(bot)
      })
    },
    unstarted: (name, body, options = {}) => play(name, options, body),
  }
}

const COMMAND: PlaceCommand = { ...PLAIN_ORDER, symbol: SYMBOL, sizeLots: 5 as SizeLots }
