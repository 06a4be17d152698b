/** Queue models against published vectors, and how our orders fill in a recorded market. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BookEvent, TradeEvent } from '../../../src/core/domain/event.ts'
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../../src/core/domain/units.ts'
import type { Match } from '../../../src/core/exchange/sim/market.ts'
import {
  log1,
  log2,
  onQueueDepth,
  onQueueTrade,
  power1,
  power2,
  power3,
  QUEUE_MODELS,
  type QueueModel,
  riskAdverse,
} from '../../../src/core/exchange/sim/queue-model.ts'
import type { ReplayFeed, ReplayStep } from '../../../src/core/exchange/sim/replay-feed.ts'
import { ReplayMarket } from '../../../src/core/exchange/sim/replay-market.ts'
import { LINEAR, Rig } from './rig.ts'

describe('queue models: 60 ahead, the level shrinks from 100 to 80', () => {
  // hftbacktest's formulas, worked by hand: I without trades, II after 5 traded at the price.
  test.each<[QueueModel, number, number]>([
    [power1(1), 48, 46.75],
    [power1(2), 46.153846153846, 46.014851485149],
    [power1(3), 44.571428571429, 45.308252427184],
    [log1, 49.492230119578, 47.31215577981],
    [log2, 56.093066489393, 52.443796589443],
    [power2(2), 43.2, 43.0375],
    [power3(3), 55.68, 52.504375],
    [riskAdverse, 60, 55],
  ])('$name', (model, withoutTrades, withTrades) => {
    const first = { front: 60, tradedLots: 0 }
    onQueueDepth(first, 100, 80, model)
    expect(first.front).toBeCloseTo(withoutTrades, 10)
    const second = { front: 60, tradedLots: 0 }
    onQueueTrade(second, 5)
    onQueueDepth(second, 100, 80, model)
    expect(second.front).toBeCloseTo(withTrades, 10)
  })

  test('whatever happens, the front never grows and never exceeds the level', () => {
    const sizes = fc.array(fc.record({ traded: fc.nat(30), level: fc.nat(200) }), { maxLength: 30 })
    fc.assert(
      fc.property(fc.constantFrom(...QUEUE_MODELS), fc.nat(200), sizes, (model, start, moves) => {
        const place = { front: start, tradedLots: 0 }
        let level = start
        for (const move of moves) {
          const before = place.front
          onQueueTrade(place, move.traded)
          onQueueDepth(place, level, move.level, model)
          expect(place.front).toBeLessThanOrEqual(Math.min(before, move.level) + 1e-9)
          level = move.level
        }
      }),
    )
  })
})

type Levels = readonly (readonly [ticks: number, lots: number])[]

class Recorded {
  readonly fills: { ref: number; ticks: number; lots: number }[] = []
  readonly printed: number[] = []
  readonly market: ReplayMarket
  private readonly bookEvent = new BookEvent()
  private readonly tradeEvent = new TradeEvent()

  constructor(model: QueueModel = riskAdverse) {
    this.market = new ReplayMarket('linear', 'BTCUSDT', model)
    this.market.attach({
      match: (_market, { maker, taker, ticks, lots }: Match) => {
        this.printed.push(lots)
        if (maker + taker > 0) this.fills.push({ ref: maker || taker, ticks, lots })
      },
      isSelf: () => false,
      smpCancelled: () => {},
    })
    this.book(
      [
        [99, 50],
        [98, 40],
      ],
      [
        [101, 50],
        [102, 40],
      ],
      true,
    )
  }

  book(bids: Levels, asks: Levels, isSnapshot = false): void {
    const event = this.bookEvent
    event.clear()
    event.isSnapshot = isSnapshot
    for (const [ticks, lots] of bids) event.addBid(ticks, lots)
    for (const [ticks, lots] of asks) event.addAsk(ticks, lots)
    this.market.onBook(event)
  }

  trade(takerSide: Side, ticks: number, lots: number): void {
    Object.assign(this.tradeEvent, { takerSide, priceTicks: ticks as PriceTicks, sizeLots: lots as SizeLots })
    this.market.onTrade(this.tradeEvent)
  }
}

describe('resting in a recorded market', () => {
  test('fills only what trades beyond the queue ahead, partially, then done', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 99, 10)
    world.trade(-1, 99, 50)
    expect(world.fills).toEqual([])
    world.trade(-1, 99, 4)
    world.trade(-1, 99, 9)
    expect(world.fills).toEqual([
      { ref: 7, ticks: 99, lots: 4 },
      { ref: 7, ticks: 99, lots: 6 },
    ])
    expect(world.market.lotsAhead(7)).toBe(-1)
    // Everything that was recorded as traded is printed, ours inside it.
    expect(world.printed.reduce((a, b) => a + b)).toBe(63)
  })

  test('cancels ahead move us up only as far as the model believes', () => {
    for (const [model, ahead] of [
      [riskAdverse, 50],
      [power1(1), 50 - 30],
    ] as const) {
      const world = new Recorded(model)
      world.market.rest(7, 1, 99, 10)
      world.book([[99, 20]], [])
      expect(world.market.lotsAhead(7)).toBe(Math.min(ahead, 20))
    }
    const world = new Recorded(power1(1))
    world.market.rest(7, 1, 99, 10)
    world.book([[99, 80]], [])
    expect(world.market.lotsAhead(7)).toBe(50)
    world.book([[99, 60]], [])
    // Back 30 of 80, so 3/8 of the 20 left behind us.
    expect(world.market.lotsAhead(7)).toBe(Math.round(50 - 20 * (50 / 80)))
  })

  test('a trade through our price fills us first, but never more than was traded', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 99, 10)
    world.trade(-1, 98, 3)
    expect(world.fills).toEqual([{ ref: 7, ticks: 99, lots: 3 }])
    world.trade(-1, 98, 30)
    expect(world.fills.at(-1)).toEqual({ ref: 7, ticks: 99, lots: 7 })
    expect(world.printed).toEqual([3, 7, 23])
  })

  test('the other side coming to our price fills us whole', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 99, 10)
    world.market.rest(8, 1, 97, 10)
    world.book(
      [
        [99, 0],
        [98, 0],
      ],
      [[98, 5]],
    )
    expect(world.fills).toEqual([{ ref: 7, ticks: 99, lots: 10 }])
  })

  test('a trade on the other side, or at a worse price of ours, does nothing', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 98, 10)
    world.trade(1, 101, 500)
    world.trade(-1, 99, 500)
    expect(world.fills).toEqual([])
  })

  test('two orders of ours at one price share a trade in order of time', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 99, 10)
    world.market.rest(8, 1, 99, 10)
    world.trade(-1, 99, 65)
    expect(world.fills).toEqual([
      { ref: 7, ticks: 99, lots: 10 },
      { ref: 8, ticks: 99, lots: 5 },
    ])
  })

  test('a snapshot keeps our place, a gap freezes it, what comes during a gap goes to the back', () => {
    const world = new Recorded()
    world.market.rest(7, 1, 99, 10)
    world.trade(-1, 99, 20)
    world.book([[99, 45]], [[101, 9]], true)
    expect(world.market.lotsAhead(7)).toBe(30)
    world.market.onGap()
    world.market.rest(8, 1, 99, 10)
    world.trade(-1, 90, 100)
    expect(world.fills).toEqual([])
    world.book([[99, 40]], [[101, 9]], true)
    expect(world.market.lotsAhead(7)).toBe(30)
    expect(world.market.lotsAhead(8)).toBe(40 + 10)
  })
})

describe('taking and showing', () => {
  test('a taker takes displayed lots, which are gone until the level is updated', () => {
    const world = new Recorded()
    const taker = { ref: 9, side: 1, limitTicks: 102, lots: 70, smpType: 'None' } as const
    expect(world.market.available(taker)).toBe(70)
    expect(world.market.take(taker, 0)).toEqual({ leftLots: 0, stoppedBy: 0 })
    expect(world.fills.map((f) => [f.ticks, f.lots])).toEqual([
      [101, 50],
      [102, 20],
    ])
    expect(world.market.bestTicks(-1)).toBe(102)
    expect(world.market.recordedLots(-1, 102)).toBe(20)
    world.book([], [[101, 5]])
    expect(world.market.bestTicks(-1)).toBe(101)
  })

  test('the shown book has our lots in it, the recorded one has not', () => {
    const world = new Recorded()
    world.market.rest(1, 1, 100, 7)
    world.market.rest(2, 1, 99, 3)
    world.market.rest(3, 1, 90, 1)
    const ticks = new Float64Array(3)
    const lots = new Float64Array(3)
    expect(world.market.depth(1, 3, ticks, lots)).toBe(3)
    expect([...ticks]).toEqual([100, 99, 98])
    expect([...lots]).toEqual([7, 53, 40])
    expect(world.market.bestTicks(1)).toBe(100)
    expect(world.market.recordedLots(1, 99)).toBe(50)
  })
})

test('behind the ledger: a replayed market fills, books and pays like any other', () => {
  const market = new ReplayMarket('linear', 'BTCUSDT', riskAdverse, new Script(1_000))
  const rig = new Rig({ exchange: { markets: [{ listing: LINEAR, market }] } })
  rig.settle()
  rig.place('a', 1, 999, 60, { orderLinkId: 'x' })
  expect(rig.exchange.truth().accounts[0]?.openOrders[0]?.lotsAhead).toBe(100)
  rig.nowUs += 10_000_000
  rig.settle()
  expect(rig.told.last('x')).toMatchObject({ status: 'Filled' })
  expect(rig.exchange.positions('a')[0]?.lots).toBe(60)
  expect(rig.told.trades.reduce((sum, t) => sum + t.sizeLots, 0)).toBe(300)
})

/** A book of 100 lots at 999 and 1,001, then three sells of 100 a second apart. */
class Script implements ReplayFeed {
  readonly book = new BookEvent()
  readonly trade = new TradeEvent()
  private step = 0
  private readonly startUs: number

  constructor(startUs: number) {
    this.startUs = startUs
    this.book.isSnapshot = true
    this.book.addBid(999, 100)
    this.book.addAsk(1_001, 100)
    Object.assign(this.trade, { takerSide: -1, priceTicks: 999, sizeLots: 100 })
  }

  nextUs(): number {
    return this.step > 3 ? Number.POSITIVE_INFINITY : this.startUs + (this.step === 0 ? 0 : 1.7e15 + this.step * 1e6)
  }

  next(): ReplayStep {
    this.trade.exchangeUs = this.nextUs() as TimeUs
    this.step++
    return this.step === 1 ? 'book' : this.step <= 4 ? 'trade' : 'end'
  }
}
