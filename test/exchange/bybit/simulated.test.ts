/**
 * The whole adapter against the whole simulated exchange, in one process, under virtual time: first in fair weather, then
 * with a seeded schedule of lost, late, doubled and false answers. The oracle is the exchange's own ledger.
 */
import { describe, expect, test } from 'vitest'
import type { EngineEvent } from '../../../src/core/domain/event.ts'
import { nextStatus, type OrderSignal, type OrderStatus, TERMINAL } from '../../../src/core/domain/order.ts'
import { Prng } from '../../../src/core/domain/prng.ts'
import { type Approval, RequestBuffer } from '../../../src/core/domain/request.ts'
import { Secret } from '../../../src/core/domain/secret.ts'
import { orderSeq, priceTicks, type Side, sizeLots, symbolId } from '../../../src/core/domain/units.ts'
import { type BybitExchange, bybitExchange } from '../../../src/core/exchange/bybit/adapter.ts'
import { DEFAULT_UID, type EmbeddedOptions } from '../../../src/core/exchange/sim/server/embedded.ts'
import type { FaultRule } from '../../../src/core/exchange/sim/server/faults.ts'
import { API_KEY, rig, SECRET } from '../server/harness.ts'
import { FaultyWire } from './faulty-wire.ts'

const SECOND_US = 1_000_000
const PATHS = ['/v5/public/linear', '/v5/private', '/v5/trade']

/** What follows from the events alone: order states by the domain's table, position by addition. */
class Watcher {
  readonly orders = new Map<number, OrderStatus>()
  readonly execIds = new Set<string>()
  readonly counts = new Map<string, number>()
  readonly fills: Extract<EngineEvent, { kind: 'fill' }>[] = []
  positionLots = 0
  /** Last traded price. */
  ticks = 0
  isUp = false
  private readonly down = new Set<string>(['market', 'account', 'trade'])

  see(event: EngineEvent): void {
    this.counts.set(event.kind, (this.counts.get(event.kind) ?? 0) + 1)
    if (event.kind === 'trade') this.ticks = event.priceTicks
    else if (event.kind === 'position') this.positionLots = event.positionLots
    else if (event.kind === 'ack') this.ack(event)
    else if (event.kind === 'order') this.signal(event.order, event.status === 'open' ? 'opened' : event.status)
    else if (event.kind === 'fill') {
      expect(this.execIds.has(event.execId), `execution ${event.execId} told twice`).toBe(false)
      this.execIds.add(event.execId)
      this.fills.push(event)
      this.positionLots += event.side * event.sizeLots
    } else if (event.kind === 'link' && event.symbol === null) {
      if (event.state === 'up') this.down.delete(event.link)
      else this.down.add(event.link)
      this.isUp = this.down.size === 0
    }
  }

  live(): number[] {
    return [...this.orders].filter(([, status]) => !TERMINAL[status]).map(([order]) => order)
  }

  signal(order: number, signal: OrderSignal): void {
    const status = this.orders.get(order)
    if (status !== undefined) this.orders.set(order, nextStatus(status, signal))
  }

  private ack({ request, order, result }: Extract<EngineEvent, { kind: 'ack' }>): void {
    if (request === 'place') {
      this.signal(order, result === 'accepted' ? 'acked' : result === 'rejected' ? 'ackRejected' : 'ackAmbiguous')
    } else if (request === 'cancel' && result === 'rejected') this.signal(order, 'cancelRejected')
  }
}

interface Where {
  readonly category: 'linear' | 'inverse' | 'spot'
  readonly symbol: string
  /** Smallest sensible order, in lots. */
  readonly lots: number
  /** Ticks of one unit of the bot's moves. */
  readonly ticks: number
}

const LINEAR: Where = { category: 'linear', symbol: 'BTCUSDT', lots: 1, ticks: 1 }

async function joined(where: Where = LINEAR, options: Partial<EmbeddedOptions> = {}) {
  const { category, symbol } = where
  const { server, network } = rig({ isInstant: false, symbols: [symbol], tier: 'vip1', ...options })
  const watcher = new Watcher()
  const wire = new FaultyWire(network.wire({ legs: { up: () => 400, down: () => 400 } }))
  const exchange = await bybitExchange({
    wire,
    credentials: { apiKey: new Secret(API_KEY), kind: 'hmac', secret: new Secret(SECRET), source: 'test' },
    category,
    linkPrefix: 'mm00',
    linkEpoch: 'e2etest',
    seed: 3,
    onFatal: (error) => {
      throw error
    },
  })
  const complete = <T>(work: Promise<T>): Promise<T> => network.complete(work, network.nowUs() + 300 * SECOND_US)
  await complete(exchange.instruments([symbol]))
  await complete(exchange.open((event) => watcher.see(event)))
  const account = () => server.exchange.truth().accounts.find(({ uid }) => uid === DEFAULT_UID)
  return {
    where,
    server,
    wire,
    exchange,
    watcher,
    complete,
    run: (seconds: number) => network.run(network.nowUs() + seconds * SECOND_US),
    truth: () => ({
      position: account()?.positions.find((row) => row.symbol === symbol && row.category === category)?.lots ?? 0,
      links: account()?.openOrders.map(({ orderLinkId }) => orderLinkId) ?? [],
    }),
  }
}

type Joined = Awaited<ReturnType<typeof joined>>

/** A bot without sense: places, amends, takes and cancels at random, up to four orders at a time. */
class RandomBot {
  private readonly prng: Prng
  private readonly on: Joined
  private orders = 0

  constructor(on: Joined, seed: number) {
    this.on = on
    this.prng = new Prng(seed)
  }

  act(): void {
    const { watcher, exchange } = this.on
    if (!watcher.isUp || watcher.ticks === 0) return
    const live = watcher.live()
    if (live.length >= 4 || (live.length > 0 && this.prng.chance(0.35))) return this.cancel(this.prng.pick(live))
    const order = ++this.orders
    const side: Side = this.prng.chance(0.5) ? 1 : -1
    const isTaker = this.prng.chance(0.2)
    const { where } = this.on
    const ticks = watcher.ticks + side * where.ticks * (isTaker ? 200 : this.prng.int(-60, 2))
    const lots = where.lots * this.prng.int(1, 40)
    watcher.orders.set(order, 'placing')
    send(exchange, (out) => out.place(1 as Approval, quote(order, { side, ticks, lots, isTaker })))
  }

  cancel(order: number): void {
    this.on.watcher.signal(order, 'cancelSent')
    send(this.on.exchange, (out) => out.cancel(symbolId(0), orderSeq(order)))
  }

  /** `hazard` happens before each action. */
  async actFor(seconds: number, hazard: () => void = () => {}): Promise<void> {
    for (let i = 0; i < seconds * 5; i++) {
      hazard()
      this.act()
      await this.on.run(0.2)
    }
  }

  /** Cancels until the exchange itself says that nothing is open, as a shutdown does. */
  async windDown(): Promise<void> {
    for (let round = 0; round < 60 && this.on.watcher.live().length > 0; round++) {
      for (const order of this.on.watcher.live()) this.cancel(order)
      await this.on.run(1)
    }
  }
}

function send(exchange: BybitExchange, fill: (out: RequestBuffer) => void): void {
  const out = new RequestBuffer()
  fill(out)
  exchange.send(out)
}

function quote(order: number, at: { side: Side; ticks: number; lots: number; isTaker: boolean }) {
  return {
    order: orderSeq(order),
    symbol: symbolId(0),
    side: at.side,
    priceTicks: priceTicks(at.ticks),
    sizeLots: sizeLots(at.lots),
    timeInForce: at.isTaker ? 'IOC' : 'PostOnly',
    isReduceOnly: false,
  } as const
}

const rule = (fault: Partial<FaultRule>): FaultRule => ({
  at: 'request',
  match: '',
  effect: 'lose',
  delayMs: 0,
  retCode: 0,
  retMsg: 'injected',
  status: 200,
  count: Number.MAX_SAFE_INTEGER,
  skip: 0,
  probability: 1,
  fromMs: 0,
  untilMs: Number.MAX_SAFE_INTEGER,
  ...fault,
})

/** A schedule drawn from a seed; every rule is something a real exchange has done. */
function weather(seed: number): FaultRule[] {
  const prng = new Prng(seed).split('weather')
  const chance = () => prng.pick([0.02, 0.1, 0.3])
  const all = [
    rule({ match: 'order.create', at: 'request', effect: 'lose' }),
    rule({ match: 'order.create', at: 'reply', effect: 'lose' }),
    rule({ match: 'order.create', at: 'reply', effect: 'code', retCode: 10016 }),
    rule({ match: 'order.create', at: 'request', effect: 'code', retCode: 10006 }),
    rule({ match: 'order.create', at: 'reply', effect: 'reset' }),
    rule({ match: 'order.cancel', at: 'request', effect: 'lose' }),
    rule({ match: 'order.cancel', at: 'reply', effect: 'lose' }),
    rule({ match: 'order.cancel', at: 'request', effect: 'code', retCode: 110079 }),
    rule({ match: 'order.cancel', at: 'reply', effect: 'reset' }),
    rule({ match: 'realtime', at: 'reply', effect: 'code', retCode: 10000 }),
    rule({ match: 'realtime', at: 'request', effect: 'reset' }),
    rule({ match: 'history', at: 'reply', effect: 'html', status: 502 }),
    rule({ match: 'execution/list', at: 'reply', effect: 'html', status: 200 }),
    rule({ match: 'position/list', at: 'reply', effect: 'delay', delayMs: 700 }),
    rule({ match: 'execution', at: 'push', effect: 'double' }),
    rule({ match: 'order', at: 'push', effect: 'double' }),
    rule({ match: 'execution', at: 'push', effect: 'delay', delayMs: 400 }),
    rule({ match: 'position', at: 'push', effect: 'delay', delayMs: 900 }),
    rule({ match: 'orderbook.50', at: 'push', effect: 'lose' }),
    rule({ match: 'orderbook.50', at: 'push', effect: 'reset' }),
    rule({ match: 'wallet', at: 'push', effect: 'reset' }),
  ]
  return prng
    .shuffle(all)
    .slice(0, prng.int(3, 10))
    .map((fault) => ({ ...fault, probability: rarely(fault, chance()) }))
}

// A book frame comes fifty times a second: what is rare for an order is a storm there.
function rarely({ match }: FaultRule, chance: number): number {
  return match.startsWith('orderbook') ? chance / 100 : chance
}

async function expectAgreement(it: Joined): Promise<void> {
  const { watcher, exchange } = it
  expect(exchange.unknownOrders).toBe(0)
  expect([...watcher.orders].filter(([, status]) => !TERMINAL[status])).toEqual([])
  expect(it.truth().links).toEqual([])
  expect(watcher.positionLots).toBe(it.truth().position)
  expect(await it.complete(exchange.openOrders())).toEqual([])
  expect(await it.complete(exchange.positions())).toMatchObject([{ positionLots: it.truth().position }])
}

describe('fair weather', () => {
  test('two minutes of trading: every fill once, position and orders as the ledger has them', async () => {
    const it = await joined()
    const bot = new RandomBot(it, 1)
    await bot.actFor(120)
    await bot.windDown()
    await it.run(5)
    await expectAgreement(it)
    const { counters } = it.exchange
    expect(it.watcher.execIds.size).toBeGreaterThan(50)
    expect(counters).toMatchObject({
      decodeFallbacks: 0,
      framesDropped: 0,
      bookGaps: 0,
      staleFeeds: 0,
      reconnectsMarket: 0,
      reconnectsAccount: 0,
      reconnectsTrade: 0,
      acksAmbiguous: 0,
      acksUnmatched: 0,
      restFailures: 0,
      positionMismatches: 0,
      rateLimited: 0,
      duplicateFills: 0,
      resyncs: 1,
    })
  })

  test('the same seed tells the same story', async () => {
    const story = async (): Promise<string> => {
      const it = await joined()
      await new RandomBot(it, 5).actFor(20)
      return JSON.stringify([
        [...it.watcher.orders],
        it.watcher.positionLots,
        [...it.watcher.execIds],
        it.exchange.counters,
      ])
    }
    expect(await story()).toBe(await story())
  })

  test('orders and fills of a dead run are listed for recovery', async () => {
    const it = await joined()
    const bot = new RandomBot(it, 2)
    await bot.actFor(30)
    const executions = await it.complete(it.exchange.executionsSince(1_760_000_000_000))
    expect(new Set(executions.map(({ execId }) => execId))).toEqual(it.watcher.execIds)
    // What recovery needs for position and money.
    const told = it.watcher.fills.map(({ execId, side, sizeLots: lots, priceTicks: ticks, feeE8 }) => [
      execId,
      side * lots,
      (ticks / 10).toFixed(1),
      String(feeE8),
    ])
    const read = executions.map(({ execId, signedLots, price, feeE8 }) => [
      execId,
      signedLots,
      Number(price).toFixed(1),
      feeE8,
    ])
    expect(new Set(read.map((row) => row.join(' ')))).toEqual(new Set(told.map((row) => row.join(' '))))
    const open = await it.complete(it.exchange.openOrders())
    await it.complete(it.exchange.cancelByIds(open))
    await it.run(3)
    expect(it.truth().links).toEqual([])
    await expectAgreement(it)
  })
})

describe('other categories', () => {
  test('inverse: position and fills agree with the ledger', async () => {
    const it = await joined({ category: 'inverse', symbol: 'BTCUSD', lots: 1, ticks: 1 })
    const bot = new RandomBot(it, 1)
    await bot.actFor(60)
    await bot.windDown()
    await it.run(5)
    await expectAgreement(it)
    expect(it.watcher.execIds.size).toBeGreaterThan(20)
  })

  test('spot: orders go and come without positions', async () => {
    const it = await joined({ category: 'spot', symbol: 'BTCUSDT', lots: 1_000, ticks: 10 })
    const bot = new RandomBot(it, 1)
    await bot.actFor(60)
    await bot.windDown()
    await it.run(5)
    expect(it.watcher.execIds.size).toBeGreaterThan(20)
    expect(it.truth().links).toEqual([])
    expect(it.exchange.counters).toMatchObject({ framesDropped: 0, decodeFallbacks: 0, positionMismatches: 0 })
  })
})

describe('foul weather', () => {
  const seeds = Array.from({ length: process.env['MM_VERIFY'] ? 150 : 4 }, (_, i) => i + 1)

  test.each(seeds)('seed %i: once it clears, everything adds up again', async (seed) => {
    const it = await joined()
    const bot = new RandomBot(it, seed)
    const rules = weather(seed)
    it.server.faults.arm(rules, seed)
    const prng = new Prng(seed).split('cuts')
    const cutChance = prng.pick([0, 0.01, 0.05])
    const deafChance = prng.pick([0, 0.005])
    await bot.actFor(60, () => {
      if (prng.chance(cutChance)) it.wire.cut(prng.pick(PATHS))
      if (prng.chance(deafChance)) it.wire.deafen(prng.pick(PATHS))
    })
    it.server.faults.arm([])
    await it.run(70)
    await bot.windDown()
    await it.run(10)
    await expectAgreement(it)
  })
})
