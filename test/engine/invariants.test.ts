/**
 * Random lives of orders against a reference exchange: requests, answers and news arrive late, twice, in any order or
 * not at all. After every step the truth, not the engine's own picture, must satisfy the invariants; at the end a halt
 * must leave no order, the exact position and the exact profit.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { moneyScale } from '../../src/core/domain/money.ts'
import { formatBig, trimZeros } from '../../src/core/domain/fixed.ts'
import type { LevelRow } from '../../src/core/engine/strategy.ts'
import { type News, ReferenceExchange, type TruthOrder } from './reference-exchange.ts'
import { BTC, instrument, Rig, T0 } from './rig.ts'

const LEVELS = 3
const CAP_LOTS = 25
const AGE_US_MAX = 3_000_000
const RUNS = process.env['MM_VERIFY'] === '1' ? 10_000 : 400
const KINDS = [
  ['decide', 10],
  ['want', 4],
  ['handle', 10],
  ['answer', 6],
  ['news', 10],
  ['again', 2],
  ['fill', 6],
  ['kick', 1],
  ['market', 3],
  ['break', 1],
  ['ask', 2],
  ['resync', 1],
  ['silence', 1],
  ['pause', 1],
] as const
type Kind = (typeof KINDS)[number][0]

interface Action {
  readonly kind: Kind
  readonly a: number
  readonly b: number
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(...KINDS.map(([kind, weight]) => ({ arbitrary: fc.constant<Kind>(kind), weight }))),
  a: fc.nat(11),
  b: fc.nat(11),
})

const seen = new Map<string, number>()
const saw = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1)

class World {
  readonly rig: Rig
  readonly exchange = new ReferenceExchange(990, 1010)
  readonly placed: number[] = []
  bid = 990
  ask = 1010
  isBookGood = true
  bookUs = T0
  feesE8 = 0n
  private readonly charged = new Set<string>()

  constructor() {
    this.rig = new Rig({
      quoting: {
        levelsMax: LEVELS,
        toleranceTicks: 1,
        urgentTicks: 2,
        lifeUsMin: 5_000,
        sizeToleranceBps: 3_000,
        adverseTicks: 6,
        adversePauseUs: 20_000,
      },
      guards: { 'max-position': { limitLots: CAP_LOTS }, 'stale-book': { ageUsMax: AGE_US_MAX } },
    }).ready()
    this.exchange.advance(T0)
  }

  act({ kind, a, b }: Action): void {
    this.exchange.advance(this.rig.nowUs)
    switch (kind) {
      case 'decide':
        return this.decide(1_000 * (1 + a * b))
      case 'want':
        return this.want(a, b)
      case 'handle':
        return this.exchange.handle(a)
      case 'answer':
        return this.answer(a)
      case 'news':
        return this.tellNext()
      case 'again': {
        const news = this.exchange.told[(a * 12 + b) % Math.max(1, this.exchange.told.length)]
        if (news !== undefined) this.tell(news)
        return
      }
      case 'fill': {
        const order = this.exchange.live[a % Math.max(1, this.exchange.live.length)]
        if (order !== undefined) this.exchange.fill(order, 1 + b)
        return
      }
      case 'kick': {
        const order = this.exchange.live[a % Math.max(1, this.exchange.live.length)]
        if (order !== undefined) this.exchange.end(order)
        return
      }
      case 'market':
        return this.market(980 + a * 2, 1 + b)
      case 'break':
        return this.breakBook(a)
      case 'ask':
        return this.ask1(a)
      case 'resync':
        return this.resync(a)
      case 'silence':
        return this.decide(AGE_US_MAX + 1)
      case 'pause':
        return this.operator(a % 3 === 0 ? 'pause' : 'resume')
    }
  }

  decide(afterUs: number): void {
    const { rig } = this
    rig.decide(afterUs)
    const isGood = this.isBookGood && rig.nowUs - this.bookUs <= AGE_US_MAX
    // On the wire every cancel of a decision leaves before what adds risk: see the outbox.
    const changed = new Set<number>()
    for (let i = 0; i < rig.out.length; i++) {
      const request = rig.out.at(i)
      const { kind, order, side, priceTicks, sizeLots } = request
      this.exchange.receive({ kind, order, side, priceTicks, sizeLots })
      saw(kind)
      expect(changed.has(order), 'one request an order and decision').toBe(false)
      changed.add(order)
      // I-13, I-14, and numbers are never used twice.
      if (kind !== 'cancel') {
        expect(isGood, 'no new risk on a bad book').toBe(true)
        expect(request.timeInForce).toBe('PostOnly')
        expect(side === 1 ? priceTicks < this.ask : priceTicks > this.bid, 'never through the book').toBe(true)
      }
      if (kind === 'place') {
        expect(order).toBeGreaterThan(this.placed.at(-1) ?? 0)
        this.placed.push(order)
      }
    }
    if (!isGood) {
      saw('bad book')
      const symbol = rig.engine.view().symbols[0]
      for (const order of [...(symbol?.bids ?? []), ...(symbol?.asks ?? [])]) expect(order.status).toBe('canceling')
    }
  }

  /** I-2, I-13 and one order a slot, by the truth alone. */
  check(): void {
    for (const side of [1, -1] as const) {
      const orders = this.exchange.live.filter((order) => order.side === side)
      const places = this.exchange.inbox.filter((r) => r.kind === 'place' && r.side === side)
      expect(orders.length + places.length, 'orders a side').toBeLessThanOrEqual(LEVELS)
      const worst =
        side * this.exchange.positionLots +
        orders.reduce((sum, order) => sum + this.largest(order) - order.filledLots, 0) +
        places.reduce((sum, place) => sum + place.sizeLots, 0)
      expect(worst, 'worst case').toBeLessThanOrEqual(CAP_LOTS)
    }
    expect(Math.max(...this.prices(1)), 'own bids below own asks').toBeLessThan(Math.min(...this.prices(-1)))
  }

  /** Everything arrives, the run is halted, and what remains is compared. */
  finish(): void {
    const { rig, exchange } = this
    this.operator('halt')
    for (let round = 0; round < 20 && rig.engine.phase !== 'halted'; round++) {
      this.decide(2_100_000)
      while (exchange.inbox.length > 0) exchange.handle(3)
      while (exchange.answers.length > 0) this.answer(0)
      while (exchange.stream.length > 0) this.tellNext()
      if (round > 3) for (const order of this.placed) this.state(order)
    }
    expect(rig.engine.phase).toBe('halted')
    expect(exchange.live).toEqual([])
    const view = rig.engine.view()
    const symbol = view.symbols[0]
    expect(symbol?.positionLots).toBe(exchange.positionLots)
    expect(symbol).toMatchObject({ missingFillLots: 0, unknownOrders: 0, workingOrders: 0, strays: [] })
    expect(symbol?.worstLongLots).toBe(exchange.positionLots)
    expect(view.counters).toMatchObject({ revivedOrders: 0, strangeOrders: 0, overfills: 0, expiredFills: 0 })
    expect(symbol?.pnl.identityExact).toBe(true)
    for (const [name, count] of Object.entries(view.counters)) if (count > 0) saw(name)
    if (view.counters.positionCorrections > 0) return
    const scale = moneyScale(instrument())
    const half = BigInt(2 * exchange.cashTicksLots + exchange.positionLots * this.midHalf)
    expect(symbol?.pnl.total).toBe(
      trimZeros(formatBig(half * scale.perHalf - this.feesE8 * scale.perE8, scale.decimals)),
    )
  }

  private midHalf = 2000

  private want(a: number, b: number): void {
    const size = 1 + 2 * b
    const rows = (first: number, step: number): LevelRow[] =>
      Array.from({ length: (a + b) % (LEVELS + 1) }, (_, i) => [first + step * i * (1 + (a % 3)), size] as const)
    this.rig.want(rows(992 + a, -1), rows(1008 - b, 1))
  }

  private market(bid: number, spread: number): void {
    this.bid = bid
    this.ask = bid + spread
    this.exchange.market(this.bid, this.ask)
    // What the market now crosses is filled by it.
    for (const order of this.exchange.live) {
      if (order.side === 1 ? order.priceTicks >= this.ask : order.priceTicks <= this.bid) this.exchange.fill(order, 1e9)
    }
    this.rig.snapshot([[this.bid, 50]], [[this.ask, 50]])
    this.midHalf = this.bid + this.ask
    this.isBookGood = true
    this.bookUs = this.rig.nowUs
  }

  private breakBook(a: number): void {
    this.isBookGood = false
    if (a % 3 === 0) this.rig.link('market', 'gap')
    else if (a % 3 === 1) this.rig.snapshot([[1005, 1]], [[1005, 1]])
    else this.rig.snapshot([[990, 1]], [])
  }

  private answer(a: number): void {
    // Answers of different requests may overtake each other.
    const { answers } = this.exchange
    const [answer] = answers.splice(a % Math.max(1, Math.min(3, answers.length)), 1)
    if (answer !== undefined) this.rig.ack(answer.request.kind, answer.request.order, answer.result)
  }

  private tellNext(): void {
    const news = this.exchange.stream.shift()
    if (news === undefined) return
    this.exchange.told.push(news)
    this.tell(news)
  }

  private tell(news: News): void {
    if (news.kind === 'fill') {
      const feeE8 = BigInt(news.lots * 7 - 20)
      if (!this.charged.has(news.execId)) this.feesE8 += feeE8
      this.charged.add(news.execId)
      const { execId, side, priceTicks, at } = news
      this.rig.fill(news.order, news.lots, { execId, side, priceTicks, exchangeUs: at, feeE8 })
    } else this.tellOrder(news.order, news.at, news.isMiss)
  }

  private tellOrder(order: Readonly<TruthOrder>, at: number, isPostOnlyMiss: boolean): void {
    const { side, priceTicks, sizeLots, filledLots } = order
    this.rig.order(order.order, order.state, { side, priceTicks, sizeLots, filledLots, isPostOnlyMiss, exchangeUs: at })
  }

  // The adapter asks about one order of ours, as it does when a request had no answer.
  private ask1(a: number): void {
    const order = this.placed.at(-1 - a)
    if (order !== undefined) this.state(order)
  }

  private state(order: number): void {
    const truth = this.exchange.statement(order)
    if (truth !== null) this.tellOrder(truth, this.exchange.stamp(), false)
    else if (!this.exchange.inbox.some((request) => request.order === order)) {
      saw('never landed')
      this.rig.order(order, 'neverLanded')
    }
  }

  // The private stream breaks. What it had not told is fetched in the order agreed on: executions, orders, position. Or
  // the position comes first (which can be put right when all that was missed is of one side); or the executions are
  // lost for good, so that only the position and what the orders state tells of them.
  private resync(a: number): void {
    const { rig, exchange } = this
    const sides = new Set(exchange.stream.map((news) => (news.kind === 'fill' ? news.side : 0)))
    const isMixed = sides.has(1) && sides.has(-1)
    const asked = (['executions first', 'position first', 'executions lost'] as const)[a % 3]
    const way = asked === 'position first' && isMixed ? 'executions first' : asked
    saw(way ?? '')
    rig.link('account', 'down')
    this.decide(1_000)
    const lost = exchange.stream.splice(0)
    // The exchange's average price is exact here; what is lost with an execution is its fee.
    const position = (): unknown => rig.position(exchange.positionLots, BTC, exchange.positionLots * 1000)
    if (way === 'position first') position()
    if (way !== 'executions lost') for (const news of lost) if (news.kind === 'fill') this.tell(news)
    for (const order of this.placed) this.state(order)
    for (const news of lost) if (news.kind === 'order') exchange.told.push(news)
    if (way !== 'position first') position()
    rig.link('account', 'up')
  }

  private operator(command: 'pause' | 'resume' | 'halt'): void {
    this.rig.step({ kind: 'operator', command, reason: command, nowUs: this.rig.nowUs as never })
  }

  // The largest size that an open order may get by what is on its way.
  private largest(order: TruthOrder): number {
    const amends = this.exchange.inbox.filter((r) => r.kind === 'amend' && r.order === order.order)
    return Math.max(order.sizeLots, ...amends.map((r) => r.sizeLots))
  }

  private prices(side: 1 | -1): number[] {
    const open = this.exchange.live.filter((order) => order.side === side).map((order) => order.priceTicks)
    // An amend of an order that is over will find nothing.
    const isOver = (order: number): boolean => (this.exchange.statement(order)?.state ?? 'open') !== 'open'
    const coming = this.exchange.inbox
      .filter((r) => r.kind !== 'cancel' && r.side === side && !isOver(r.order))
      .map((r) => r.priceTicks)
    return [...open, ...coming, side === 1 ? 0 : 1e9]
  }
}

test('random lives of orders keep every invariant', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150, size: 'max' }), (actions) => {
      const world = new World()
      for (const one of actions) {
        world.act(one)
        world.check()
      }
      world.finish()
      // The same events once more: the same requests, byte for byte, and the same end.
      const again = world.rig.replay()
      expect(again.lines).toEqual(world.rig.lines)
      expect(again.engine.view()).toEqual(world.rig.engine.view())
    }),
    { numRuns: RUNS },
  )
  // The property means something only if these happened.
  for (const what of [
    'place',
    'amend',
    'cancel',
    'bad book',
    'never landed',
    'position first',
    'executions first',
    'executions lost',
    'lateFills',
    'duplicateFills',
    'staleStatements',
    'postOnlyMisses',
    'ambiguous',
    'rejects',
    'cancelRetries',
    'ownCrossWaits',
    'adverseCancels',
    'positionCorrections',
  ]) {
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(0)
  }
}, 600_000)
