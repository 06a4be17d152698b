/**
 * Random trading of every kind of order in a living market: what the ledger keeps in running sums is recomputed from its
 * own records after each command, and nothing may break.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PriceTicks, timeUs } from '../../../src/core/domain/units.ts'
import { BookEvent, TradeEvent } from '../../../src/core/domain/event.ts'
import { Prng } from '../../../src/core/domain/prng.ts'
import type { PlaceCommand, SimOrder } from '../../../src/core/exchange/sim/model.ts'
import { syntheticMarkets } from '../../../src/core/exchange/sim/profiles.ts'
import { power2 } from '../../../src/core/exchange/sim/queue-model.ts'
import type { ReplayFeed, ReplayStep } from '../../../src/core/exchange/sim/replay-feed.ts'
import { ReplayMarket } from '../../../src/core/exchange/sim/replay-market.ts'
import type { SimExchange } from '../../../src/core/exchange/sim/sim-exchange.ts'
import { LINEAR, RICH, Rig } from './rig.ts'

const RUNS = process.env.MM_VERIFY === '1' ? 600 : 30
const BOOKS = [
  ['linear', 'BTCUSDT', 0],
  ['spot', 'BTCUSDT', 0],
  ['inverse', 'BTCUSD', 0],
  ['linear', 'ETHUSDT', 1],
] as const

const command = fc.record({
  kind: fc.constantFrom('place', 'place', 'place', 'place', 'amend', 'cancel', 'cancelAll'),
  uid: fc.constantFrom('one', 'hedge'),
  book: fc.nat(3),
  side: fc.constantFrom<(1 | -1)[]>(1, -1),
  away: fc.integer({ min: -20, max: 20 }),
  size: fc.integer({ min: 1, max: 50 }),
  type: fc.constantFrom<('Limit' | 'Market')[]>('Limit', 'Limit', 'Limit', 'Market'),
  timeInForce: fc.constantFrom<('GTC' | 'IOC' | 'FOK' | 'PostOnly')[]>('GTC', 'GTC', 'PostOnly', 'IOC', 'FOK'),
  isReduceOnly: fc.constantFrom(false, false, false, true),
  closes: fc.boolean(),
  smpType: fc.constantFrom<('None' | 'CancelMaker' | 'CancelTaker' | 'CancelBoth')[]>(
    'None',
    'CancelMaker',
    'CancelTaker',
    'CancelBoth',
  ),
  trigger: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({ away: fc.integer({ min: -40, max: 40 }), by: fc.constantFrom('LastPrice', 'MarkPrice') }),
    },
  ),
  filter: fc.constantFrom<('Order' | 'StopOrder' | 'tpslOrder')[]>('Order', 'StopOrder', 'tpslOrder'),
  pick: fc.nat(50),
  waitUs: fc.integer({ min: 1, max: 200_000 }),
})
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const accounts = [
  { uid: 'one', balances: RICH },
  { uid: 'hedge', balances: RICH, isHedge: true },
]

function obey(rig: Rig, c: Command, count: number): void {
  const [category, symbol] = BOOKS[c.book % count] ?? BOOKS[0]
  const { exchange } = rig
  const nowUs = timeUs(rig.nowUs)
  const open = exchange.openOrders(c.uid)
  const order = open[c.pick % Math.max(1, open.length)]
  if (c.kind === 'place') {
    exchange.place(c.uid, placeOf(rig, c, [category, symbol]), nowUs)
  } else if (c.kind === 'cancelAll') {
    const scope = { category, symbol, baseCoin: '', settleCoin: '', orderFilter: null, stopOrderType: '' } as const
    exchange.cancelAll(c.uid, scope, nowUs)
  } else if (order !== undefined) {
    const { orderId, orderFilter } = order
    const id = { category: order.category, symbol: order.symbol, orderId, orderLinkId: '' }
    if (c.kind === 'cancel') exchange.cancel(c.uid, { ...id, orderFilter }, nowUs)
    else {
      const priceTicks = c.pick % 2 === 0 ? null : ((order.priceTicks + c.away) as PriceTicks)
      exchange.amend(
        c.uid,
        { ...id, priceTicks, sizeLots: (order.sizeLots + c.away) as never, triggerTicks: null },
        nowUs,
      )
    }
  }
}

function placeOf(rig: Rig, c: Command, [category, symbol]: readonly [PlaceCommand['category'], string]): PlaceCommand {
  const market = rig.exchange.market(category, symbol)
  const best = market?.bestTicks(c.side) ?? 0
  const isHedged = c.uid === 'hedge' && category === 'linear'
  const opens = c.side === 1 ? 1 : 2
  const isSpot = category === 'spot'
  const byQuote = isSpot && c.type === 'Market' && c.trigger === null
  const lots = isSpot ? c.size * 10_000 : category === 'inverse' ? c.size * 100 : c.size
  return rig.command(c.side, c.type === 'Market' ? 0 : best - c.side * c.away, byQuote ? 0 : lots, {
    category,
    symbol,
    type: c.type,
    quoteE8: byQuote ? BigInt(c.size) * 1_000_000_000n : 0n,
    timeInForce: c.timeInForce,
    isReduceOnly: c.isReduceOnly && !isSpot,
    positionIdx: isHedged ? (c.closes ? (opens === 1 ? 2 : 1) : opens) : 0,
    smpType: c.smpType,
    orderFilter: c.trigger === null ? 'Order' : isSpot ? c.filter : 'StopOrder',
    triggerTicks: (c.trigger === null ? 0 : best + c.trigger.away) as PriceTicks,
    triggerDirection: c.trigger === null || isSpot ? 0 : c.trigger.away > 0 ? 1 : 2,
    triggerBy: c.trigger?.by ?? '',
  })
}

const leaves = (order: SimOrder): number => order.sizeLots - order.filledLots

function check(exchange: SimExchange, told: Rig['told']): void {
  for (const { uid } of accounts) {
    const open = exchange.openOrders(uid)
    for (const order of open) {
      expect(order.filledLots).toBeLessThan(order.sizeLots)
      expect(['New', 'PartiallyFilled', 'Untriggered']).toContain(order.status)
    }
    for (const position of exchange.positions(uid)) {
      const fills = told.executions.filter(
        (e) => e.uid === uid && e.symbol === position.symbol && e.category === position.category,
      )
      if (position.positionIdx === 0) expect(position.lots).toBe(fills.reduce((sum, e) => sum + e.side * e.sizeLots, 0))
      if (position.positionIdx === 1) expect(position.lots).toBeGreaterThanOrEqual(0)
      if (position.positionIdx === 2) expect(position.lots).toBeLessThanOrEqual(0)
      if (position.lots === 0) expect(position.costE8).toBe(0n)
      // What may only reduce never adds up to more than there is to reduce.
      for (const side of [1, -1] as const) {
        const reducing = open.filter(
          (o) =>
            o.symbol === position.symbol &&
            o.category === position.category &&
            o.status !== 'Untriggered' &&
            o.side === side &&
            o.positionIdx === position.positionIdx &&
            (o.isReduceOnly || (o.positionIdx !== 0 && (o.positionIdx === 1) === (side === -1))),
        )
        const sum = reducing.reduce((total, order) => total + leaves(order), 0)
        expect(sum).toBeLessThanOrEqual(Math.max(0, -side * position.lots))
      }
    }
    const { locked, balances } = exchange.wallet(uid)
    for (const [coin, held] of locked) {
      expect(held).toBeGreaterThanOrEqual(0n)
      expect(held).toBeLessThanOrEqual(balances.get(coin) ?? 0n)
    }
    if (open.every((o) => o.category !== 'spot') && exchange.truth().accounts.every((a) => a.inFlight === 0)) {
      expect([...locked.values()].every((held) => held === 0n)).toBe(true)
    }
  }
}

function conclude(rig: Rig): void {
  rig.nowUs += 1_000_000
  rig.settle()
  for (const { uid } of accounts) {
    for (const category of ['linear', 'inverse', 'spot'] as const) {
      for (const orderFilter of category === 'spot' ? (['Order', 'StopOrder', 'tpslOrder'] as const) : [null]) {
        const scope = {
          category,
          symbol: '',
          baseCoin: category === 'spot' ? '' : 'BTC',
          settleCoin: '',
          orderFilter,
          stopOrderType: '',
        }
        rig.exchange.cancelAll(uid, scope, timeUs(rig.nowUs))
        rig.exchange.cancelAll(
          uid,
          { ...scope, baseCoin: category === 'linear' ? 'ETH' : scope.baseCoin },
          timeUs(rig.nowUs),
        )
      }
    }
  }
  rig.nowUs += 1_000_000
  rig.settle()
  for (const { uid } of accounts) {
    expect(rig.exchange.openOrders(uid)).toEqual([])
    expect([...rig.exchange.wallet(uid).locked.values()].every((held) => held === 0n)).toBe(true)
    // Every order that was ever told ended exactly once, and its fills add up.
    const ended = rig.exchange.closedOrders(uid)
    expect(new Set(ended.map((o) => o.orderId)).size).toBe(ended.length)
    for (const order of ended) {
      const fills = rig.told.executions.filter((e) => e.uid === uid && e.orderId === order.orderId)
      expect(order.filledLots).toBe(fills.reduce((sum, e) => sum + e.sizeLots, 0))
      expect(order.filledValueE8).toBe(fills.reduce((sum, e) => sum + e.valueE8, 0n))
      expect(order.feeE8).toBe(fills.reduce((sum, e) => sum + e.feeE8, 0n))
    }
  }
}

test('synthetic markets: running sums agree with the records, everything can be cancelled', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(command, { minLength: 30, maxLength: 80 }), (seed, commands) => {
      const startUs = 1_700_000_000_000_000
      const rig = new Rig({ accounts, matchUs: 300, exchange: { markets: syntheticMarkets(seed, startUs) } })
      rig.nowUs = startUs + 200_000
      rig.settle()
      for (const c of commands) {
        obey(rig, c, 4)
        rig.nowUs += c.waitUs
        rig.settle()
        check(rig.exchange, rig.told)
      }
      conclude(rig)
    }),
    { numRuns: RUNS },
  )
}, 300_000)

test('a replayed market: the same', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(command, { minLength: 30, maxLength: 80 }), (seed, commands) => {
      const startUs = 1_700_000_000_000_000
      const market = new ReplayMarket('linear', 'BTCUSDT', power2(2), new Wobble(seed, startUs))
      const rig = new Rig({ accounts, matchUs: 300, exchange: { markets: [{ listing: LINEAR, market }] } })
      rig.nowUs = startUs + 200_000
      rig.settle()
      for (const c of commands) {
        obey(rig, c, 1)
        rig.nowUs += c.waitUs
        rig.settle()
        check(rig.exchange, rig.told)
      }
      conclude(rig)
    }),
    { numRuns: RUNS },
  )
}, 300_000)

/** A made-up recording: a book that wobbles around 6,000 ticks, trades at and through its best prices, sometimes a gap. */
class Wobble implements ReplayFeed {
  readonly book = new BookEvent()
  readonly trade = new TradeEvent()
  private readonly prng: Prng
  private atUs: number
  private mid = 6_000
  private isKnown = false

  constructor(seed: number, startUs: number) {
    this.prng = new Prng(seed)
    this.atUs = startUs
  }

  nextUs(): number {
    return this.atUs
  }

  next(): ReplayStep {
    const { prng, book, trade } = this
    const nowUs = timeUs(this.atUs)
    this.atUs += prng.int(100, 8_000)
    if (this.isKnown && prng.chance(0.01)) {
      this.isKnown = false
      return 'gap'
    }
    if (this.isKnown && prng.chance(0.3)) {
      const takerSide = prng.chance(0.5) ? 1 : -1
      Object.assign(trade, {
        takerSide,
        priceTicks: this.mid + takerSide * prng.int(1, 4),
        sizeLots: prng.int(1, 80),
        exchangeUs: nowUs,
      })
      return 'trade'
    }
    book.clear()
    book.exchangeUs = nowUs
    book.isSnapshot = true
    this.isKnown = true
    this.mid += prng.int(-3, 3)
    for (let away = 1; away <= 20; away++) {
      book.addBid(this.mid - away, prng.int(1, 200))
      book.addAsk(this.mid + away, prng.int(1, 200))
    }
    return 'book'
  }
}
