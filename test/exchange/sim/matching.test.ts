/** Matching against a naive list-based engine, and the ledger's bookkeeping under the same random trading. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SimExecution } from '../../../src/core/exchange/sim/model.ts'
import { NaiveMarket } from './naive-market.ts'
import { RICH, Rig } from './rig.ts'

const RUNS = process.env.MM_VERIFY === '1' ? 5_000 : 150
const MID = 1_000

const uid = fc.constantFrom('a', 'b', 'c')
const price = fc.integer({ min: MID - 6, max: MID + 6 })
const lots = fc.integer({ min: 60, max: 90 })

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      uid,
      side: fc.constantFrom<(1 | -1)[]>(1, -1),
      price,
      lots,
      timeInForce: fc.constantFrom<('GTC' | 'IOC' | 'FOK' | 'PostOnly')[]>('GTC', 'GTC', 'PostOnly', 'IOC', 'FOK'),
      smpType: fc.constantFrom<('None' | 'CancelMaker' | 'CancelTaker' | 'CancelBoth')[]>(
        'None',
        'None',
        'CancelMaker',
        'CancelTaker',
        'CancelBoth',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('amend' as const),
      pick: fc.nat(1_000),
      price: fc.option(price),
      lots: fc.option(lots),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(1_000) }) },
)
const steps = fc.array(step, { minLength: 1, maxLength: 60 })
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

// Prices near 100 with a wide band, so that no limit interferes.
function play(script: readonly Step[]): { rig: Rig; naive: NaiveMarket } {
  const rig = new Rig()
  const naive = new NaiveMarket()
  for (const [i, s] of script.entries()) {
    if (s.kind === 'place') {
      const { timeInForce, smpType } = s
      const id = rig.place(s.uid, s.side, s.price, s.lots, { timeInForce, smpType, orderLinkId: `o${i}` })
      naive.place({ id, uid: s.uid, side: s.side, price: s.price, size: s.lots, timeInForce, smpType })
      continue
    }
    const placed = naive.orders
    const order = placed[s.pick % Math.max(1, placed.length)]
    if (order === undefined) continue
    if (s.kind === 'cancel') {
      rig.cancel(order.uid, order.id)
      naive.cancel(order.id)
    } else {
      rig.amend(order.uid, order.id, s.price, s.lots)
      naive.amend(order.id, s.price, s.lots)
    }
  }
  return { rig, naive }
}

const linkOf = (e: SimExecution): string => e.orderLinkId

describe('matching', () => {
  test('the same fills, book and order states as a naive engine', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { rig, naive } = play(script)
        const makers = rig.told.executions.filter((e) => e.isMaker)
        const takers = rig.told.executions.filter((e) => !e.isMaker)
        expect(
          takers.map((t, i) => ({
            taker: linkOf(t),
            maker: makers[i]?.orderLinkId,
            price: t.priceTicks,
            size: t.sizeLots,
          })),
        ).toEqual(naive.fills)
        for (const order of naive.orders) {
          const ours = rig.exchange.findOrder(order.uid, '', order.id)
          const state = ours?.status === 'Filled' ? 'filled' : ours?.status === 'Cancelled' ? 'canceled' : 'open'
          expect([order.id, state, ours?.filledLots, ours?.sizeLots]).toEqual([
            order.id,
            order.state,
            order.filled,
            order.size,
          ])
        }
        for (const side of [1, -1] as const) {
          expect(depthOf(rig, side)).toEqual(levelsOf(naive, side))
          for (const order of naive.resting(side)) {
            const ahead = naive.resting(side).filter((o) => o.price === order.price && o.place < order.place)
            const truth = rig.exchange.truth().accounts.flatMap(({ openOrders }) => openOrders)
            expect(truth.find((o) => o.orderLinkId === order.id)?.lotsAhead).toBe(
              ahead.reduce((sum, o) => sum + o.size - o.filled, 0),
            )
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('money, positions and messages agree', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { rig } = play(script)
        const { exchange, told } = rig
        let total = 0n
        for (const who of ['a', 'b', 'c']) {
          const mine = told.executions.filter((e) => e.uid === who)
          const position = exchange.positions(who)[0]
          // Position is the sum of its fills; what is open costs what was paid for it and not yet realised.
          expect(position?.lots ?? 0).toBe(mine.reduce((sum, e) => sum + e.side * e.sizeLots, 0))
          const paid = mine.reduce((sum, e) => sum + BigInt(e.side) * e.valueE8, 0n)
          const fees = mine.reduce((sum, e) => sum + e.feeE8, 0n)
          const profit = mine.reduce((sum, e) => sum + e.closedPnlE8, 0n)
          const balance = exchange.wallet(who).balances.get('USDT') ?? 0n
          expect(balance).toBe(RICH.USDT + profit - fees)
          expect(profit + paid).toBe(position?.costE8 ?? 0n)
          expect(position?.realisedE8 ?? 0n).toBe(profit - fees)
          total += balance - (position?.costE8 ?? 0n) + fees
          for (const order of [...exchange.openOrders(who), ...exchange.closedOrders(who)]) {
            const fills = mine.filter((e) => e.orderId === order.orderId)
            expect(order.filledLots).toBe(fills.reduce((sum, e) => sum + e.sizeLots, 0))
            expect(order.filledMoney).toBe(fills.reduce((sum, e) => sum + e.sizeLots * e.priceTicks, 0))
            expect(order.feeE8).toBe(fills.reduce((sum, e) => sum + e.feeE8, 0n))
            expect(told.last(order.orderLinkId).filledLots).toBe(order.filledLots)
          }
        }
        // Double entry: nothing was made or lost between the three.
        expect(total).toBe(3n * RICH.USDT)
        expect(new Set(told.executions.map((e) => `${e.uid} ${e.execId}`)).size).toBe(told.executions.length)
        expect(told.executions.filter((e) => !e.isMaker).map((e) => e.execId)).toEqual(
          told.trades.map((t) => t.tradeId),
        )
        expect(told.trades.every((t, i) => i === 0 || t.crossSeq >= (told.trades[i - 1]?.crossSeq ?? 0))).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  test('one account on both sides of a match gets two execution ids', () => {
    const rig = new Rig()
    rig.place('a', 1, 1_000, 70)
    rig.place('a', -1, 1_000, 70)
    expect(new Set(rig.told.executions.map((e) => e.execId)).size).toBe(2)
    expect(rig.exchange.positions('a')[0]?.lots).toBe(0)
  })

  test('an order is told after its execution, then position and wallet, all with the state after the fill', () => {
    const rig = new Rig()
    rig.place('a', 1, 1_000, 70)
    rig.told.log.length = 0
    rig.place('b', -1, 1_000, 60)
    expect(rig.told.log).toEqual([
      'execution',
      'execution',
      'order Filled',
      'order PartiallyFilled',
      'position',
      'position',
      'wallet',
      'wallet',
    ])
    expect(rig.told.positions.slice(-2).map((p) => p.lots)).toEqual([-60, 60])
  })
})

describe('time between acceptance and the book', () => {
  test('an accepted order is not booked before the match latency, and cancel-all does not see it', () => {
    const rig = new Rig({ matchUs: 5_000 })
    rig.ask('a', 1, 1_000, 70)
    expect(rig.exchange.openOrders('a')).toEqual([])
    expect(rig.exchange.findOrder('a', '', 'l1')).toBeUndefined()
    expect(rig.exchange.truth().accounts[0]?.inFlight).toBe(1)
    const scope = {
      category: 'linear',
      symbol: 'BTCUSDT',
      baseCoin: '',
      settleCoin: '',
      orderFilter: null,
      stopOrderType: '',
    } as const
    expect(rig.exchange.cancelAll('a', scope, rig.tick() as never).list).toEqual([])
    rig.nowUs += 10_000
    rig.settle()
    expect(rig.exchange.openOrders('a')).toHaveLength(1)
  })

  test('commands never overtake each other: a cancel right after its place cancels it', () => {
    const rig = new Rig({ matchUs: 5_000 })
    rig.ask('a', 1, 1_000, 70)
    const cancel = { category: 'linear', symbol: 'BTCUSDT', orderId: '', orderLinkId: 'l1', orderFilter: null } as const
    expect(rig.exchange.cancel('a', cancel, rig.tick() as never).retCode).toBe(0)
    rig.nowUs += 10_000
    rig.settle()
    expect(rig.told.log).toEqual(['order New', 'position', 'order Cancelled', 'position'])
  })

  test('an acknowledged cancel that meets a filled order changes nothing', () => {
    const rig = new Rig({ matchUs: 5_000 })
    rig.ask('a', 1, 1_000, 70)
    rig.nowUs += 10_000
    rig.settle()
    rig.ask('b', -1, 1_000, 70)
    expect(rig.cancel('a', 'l1').retCode).toBe(0)
    rig.nowUs += 10_000
    rig.settle()
    expect(rig.told.last('l1').status).toBe('Filled')
  })
})

function depthOf(rig: Rig, side: 1 | -1): [number, number][] {
  const ticks = new Float64Array(50)
  const sizes = new Float64Array(50)
  const count = rig.exchange.market('linear', 'BTCUSDT')?.depth(side, 50, ticks, sizes) ?? 0
  return Array.from({ length: count }, (_, i) => [ticks[i] ?? 0, sizes[i] ?? 0])
}

function levelsOf(naive: NaiveMarket, side: 1 | -1): [number, number][] {
  const levels = new Map<number, number>()
  for (const o of naive.resting(side)) levels.set(o.price, (levels.get(o.price) ?? 0) + o.size - o.filled)
  return [...levels]
}
