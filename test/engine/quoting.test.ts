/** From desired quotes to the fewest requests: what is kept, amended, cancelled and placed, and in which order. */
import { describe, expect, test } from 'vitest'
import { type Plain, Rig, type RigOptions } from './rig.ts'

/** A bid of 10@1000 that rests since `ageUs`. */
function resting(options: RigOptions = {}, ageUs = 1_000_000): Rig {
  const rig = new Rig(options).want([[1000, 10]]).ready()
  expect(rig.decide()).toEqual(['place 1 buy 10@1000'])
  rig.order(1, 'open')
  rig.nowUs += ageUs
  return rig
}

describe('keep', () => {
  test('says nothing while nothing changes', () => {
    const rig = resting()
    for (let i = 0; i < 50; i++) expect(rig.decide(50_000)).toEqual([])
  })

  test.each([
    ['at the tolerance', 998, []],
    ['beyond it', 997, ['amend 1 buy 10@997']],
    ['at the tolerance, inwards', 1002, []],
    ['beyond it, inwards', 1003, ['amend 1 buy 10@1003']],
  ])('%s', (_, ticks, requests) => {
    const rig = resting({ quoting: { toleranceTicks: 2, urgentTicks: 2 } })
    rig.want([[ticks, 10]])
    expect(rig.decide()).toEqual(requests)
  })

  test('a young order moves only when it is too aggressive by more than `urgentTicks`', () => {
    const rig = resting({ quoting: { urgentTicks: 3, lifeUsMin: 500_000 } }, 0)
    rig.want([[997, 10]])
    expect(rig.decide()).toEqual([])
    rig.want([[1003, 10]])
    expect(rig.decide()).toEqual([])
    rig.want([[996, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@996'])
  })

  test('an old one moves either way', () => {
    const rig = resting({ quoting: { urgentTicks: 3, lifeUsMin: 500_000 } }, 500_000)
    rig.want([[1003, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@1003'])
  })

  test('what is on its way is not asked for twice', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    rig.want([[1001, 10]])
    for (let i = 0; i < 5; i++) expect(rig.decide()).toEqual([])
    rig.ack('place', 1, 'accepted')
    expect(rig.decide()).toEqual([])
    rig.order(1, 'open')
    expect(rig.decide()).toEqual(['amend 1 buy 10@1001'])
    for (let i = 0; i < 5; i++) expect(rig.decide()).toEqual([])
  })

  test('a ladder that shifts by one step is one amend', () => {
    const rig = new Rig().want([
      [1000, 10],
      [998, 10],
      [996, 10],
    ])
    rig.ready().decide()
    for (const [order, ticks] of [
      [1, 1000],
      [2, 998],
      [3, 996],
    ] as const) {
      rig.order(order, 'open', { priceTicks: ticks })
    }
    rig.want([
      [998, 10],
      [996, 10],
      [994, 10],
    ])
    expect(rig.decide()).toEqual(['amend 1 buy 10@994'])
  })
})

describe('size', () => {
  test.each([
    ['smaller keeps its price and place', { toleranceTicks: 1 }, [999, 4], ['amend 1 buy 4@1000']],
    ['larger moves to the wanted price', { toleranceTicks: 1 }, [999, 20], ['amend 1 buy 20@999']],
    ['within the tolerance stays', { sizeToleranceBps: 5_000 }, [1000, 15], []],
    ['beyond the tolerance', { sizeToleranceBps: 2_500 }, [1000, 15], ['amend 1 buy 15@1000']],
  ] as const)('%s', (_, quoting, want, requests) => {
    const rig = resting({ quoting })
    rig.want([want])
    expect(rig.decide()).toEqual(requests)
  })

  test('an amend after a partial fill asks for the filled part and the rest', () => {
    const rig = resting()
    rig.fill(1, 4)
    rig.want([[1001, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 14@1001'])
  })

  test('a partly filled order is left alone until little is left', () => {
    const rig = resting({ quoting: { sizeToleranceBps: 5_000 } })
    rig.fill(1, 5)
    expect(rig.decide()).toEqual([])
    rig.fill(1, 1)
    expect(rig.decide()).toEqual(['amend 1 buy 16@1000'])
  })

  test('too small, too little worth or off the price range is not sent', () => {
    const rig = new Rig({ instrument: { sizeMin: '0.005', notionalMin: '1', priceMin: '99.5' } })
    rig
      .want([
        [1000, 4],
        [999, 10],
        [998, 11],
        [994, 100],
      ])
      .ready()
    // Worth: 999 × 10 = 9,990 money units; the smallest is 1 / (0.1 × 0.001) = 10,000.
    expect(rig.decide()).toEqual(['place 1 buy 11@998'])
  })
})

describe('cancel', () => {
  test('levels that are no longer wanted', () => {
    const rig = resting()
    rig.want([])
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.decide()).toEqual([])
  })

  test('cancels of every symbol come before all else', () => {
    const rig = new Rig({ symbols: ['BTCUSDT', 'ETHUSDT'] }).want([[1000, 10]], [[1005, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    rig.order(2, 'open', { side: -1, priceTicks: 1005 })
    rig.want([], [[1006, 10]]).want([[900, 1]], [], 1)
    expect(rig.decide()).toEqual(['cancel 1', 'amend 2 sell 10@1006', 'place 3 buy 1@900'])
  })

  test('without amends an order is replaced only when the old one is over', () => {
    const rig = resting({ quoting: { mayAmend: false, levelsMax: 1 } })
    rig.want([[1001, 10]])
    expect(rig.decide()).toEqual(['cancel 1'])
    rig.ack('cancel', 1, 'accepted')
    expect(rig.decide()).toEqual([])
    rig.order(1, 'canceled')
    expect(rig.decide()).toEqual(['place 2 buy 10@1001'])
  })

  test('one that is not confirmed is sent again, and again', () => {
    const rig = resting()
    rig.want([])
    rig.decide()
    rig.snapshot([[990, 1]], [[1010, 1]])
    expect(rig.decide(1_999_999)).toEqual([])
    expect(rig.decide(100_000)).toEqual(['cancel 1'])
    expect(rig.decide(2_000_000)).toEqual(['cancel 1'])
    expect(rig.engine.view().counters).toMatchObject({ cancels: 3, cancelRetries: 2 })
  })

  test('one that was refused is repeated after a pause', () => {
    const rig = resting()
    rig.want([])
    rig.decide()
    rig.ack('cancel', 1, 'rejected')
    expect(rig.decide(100_000)).toEqual([])
    expect(rig.decide(100_000)).toEqual(['cancel 1'])
  })

  test('an order that a cancel overtook is cancelled when it lands', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    rig.want([])
    expect(rig.decide()).toEqual(['cancel 1'])
    rig.ack('cancel', 1, 'gone')
    expect(rig.decide()).toEqual([])
    rig.order(1, 'open')
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test.each(['nothing', 'accepted'] as const)('a place of which %s is heard and no more ends in a cancel', (ack) => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    if (ack === 'accepted') rig.ack('place', 1, ack)
    expect(rig.decide(2_000_000)).toEqual([])
    expect(rig.decide(1)).toEqual(['cancel 1'])
  })

  test('an amend that is never confirmed ends in a cancel', () => {
    const rig = resting()
    rig.want([[1001, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@1001'])
    rig.ack('amend', 1, 'ambiguous')
    expect(rig.decide(2_000_000)).toEqual([])
    expect(rig.decide(100_000)).toEqual(['cancel 1'])
  })
})

describe('slots', () => {
  test('an unknown order keeps its slot until the exchange speaks', () => {
    const rig = new Rig({ quoting: { levelsMax: 1 } }).want([[1000, 10]]).ready()
    rig.decide()
    rig.ack('place', 1, 'ambiguous')
    for (let i = 0; i < 20; i++) expect(rig.decide(100_000)).toEqual([])
    expect(rig.engine.view().symbols[0]?.unknownOrders).toBe(1)
    rig.order(1, 'neverLanded')
    rig.nowUs += 1_000_000
    expect(rig.decide()).toEqual(['place 2 buy 10@1000'])
  })

  test('an unknown order that is too aggressive now is cancelled, not replaced', () => {
    const rig = new Rig({ quoting: { levelsMax: 1 } }).want([[1000, 10]]).ready()
    rig.decide()
    rig.ack('place', 1, 'ambiguous')
    rig.want([[995, 10]])
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.decide()).toEqual([])
  })

  test('more levels than slots: the best ones', () => {
    const rig = new Rig({ quoting: { levelsMax: 2 } }).want([
      [1000, 1],
      [999, 2],
      [998, 3],
    ])
    expect(rig.ready().decide()).toEqual(['place 1 buy 1@1000', 'place 2 buy 2@999'])
  })
})

describe('post-only', () => {
  test('a price that would take is moved behind the other side', () => {
    const rig = new Rig().want(
      [
        [1012, 10],
        [1011, 10],
      ],
      [[985, 10]],
    )
    expect(rig.ready().decide()).toEqual(['place 1 buy 10@1009', 'place 2 buy 10@1008'])
  })

  test('own orders never cross, whatever a strategy says', () => {
    const rig = new Rig().want([[1005, 10]], [[1001, 10]])
    expect(rig.ready().decide()).toEqual(['place 1 buy 10@1005'])
    expect(rig.engine.view().counters.ownCrossWaits).toBe(1)
  })

  test('a quote waits for the own order that it would cross', () => {
    const rig = new Rig().want([[1000, 10]], [[1002, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    rig.order(2, 'open', { side: -1, priceTicks: 1002 })
    rig.want([[1004, 10]], [[1006, 10]])
    expect(rig.decide()).toEqual(['amend 2 sell 10@1006'])
    expect(rig.decide()).toEqual([])
    rig.order(2, 'open', { side: -1, priceTicks: 1006 })
    expect(rig.decide()).toEqual(['amend 1 buy 10@1004'])
  })

  test('and for the price that an own order may be moving to', () => {
    const rig = new Rig().want([[1000, 10]], [[1006, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    rig.order(2, 'open', { side: -1, priceTicks: 1006 })
    rig.want([[1004, 10]], [[1006, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@1004'])
    rig.want([[1000, 10]], [[1003, 10]])
    expect(rig.decide()).toEqual([])
    rig.ack('amend', 1, 'rejected')
    expect(rig.decide()).toEqual(['amend 2 sell 10@1003'])
  })

  const miss = { isPostOnlyMiss: true, reason: 'EC_PostOnlyWillTakeLiquidity' }

  test('a miss steps back one tick after a pause, and further after another', () => {
    const rig = new Rig({ quoting: { missBackoffUs: 10_000 } }).want([[1000, 10]]).ready()
    rig.decide()
    rig.order(1, 'canceled', miss)
    expect(rig.decide(9_000)).toEqual([])
    expect(rig.decide(1_000)).toEqual(['place 2 buy 10@999'])
    rig.order(2, 'canceled', { ...miss, priceTicks: 999 })
    expect(rig.decide(19_000)).toEqual([])
    expect(rig.decide(1_000)).toEqual(['place 3 buy 10@998'])
    rig.order(3, 'open', { priceTicks: 998 })
    expect(rig.engine.view().counters.postOnlyMisses).toBe(2)
    rig.snapshot([[990, 100]], [[1010, 100]])
    expect(rig.decide(1_100_000)).toEqual(['amend 3 buy 10@1000'])
  })

  test('the pause after a miss never holds an order where it must not stay', () => {
    const rig = new Rig({ quoting: { missBackoffUs: 10_000_000, missBackoffUsMax: 10_000_000 } })
    rig
      .want([
        [1000, 10],
        [998, 10],
      ])
      .ready()
      .decide()
    rig.order(1, 'canceled', miss)
    rig.order(2, 'open', { priceTicks: 998 })
    rig.want([[997, 10]])
    expect(rig.decide()).toEqual(['cancel 2'])
    expect(rig.engine.view().counters).toMatchObject({ amends: 0, places: 2 })
  })

  test('nor does the pause after a refusal of a guard', () => {
    const rig = resting({
      quoting: { urgentTicks: 1 },
      runGuards: { 'request-rate': { amendsPerS: 0, amendsBurst: 0 } },
    })
    rig.want([[1001, 10]])
    expect(rig.decide()).toEqual([])
    rig.want([[990, 10]])
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.engine.view().guards.find((g) => g.guard === 'request-rate')?.refusals).toBe(1)
  })

  test('refused orders are never a hot loop', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    let sent = 0
    for (let i = 0; i < 10_000; i++) {
      if (i % 1000 === 0) rig.snapshot([[990, 100]], [[1010, 100]])
      for (const request of rig.decide(1_000)) {
        sent++
        rig.ack('place', Number(request.split(' ')[1]), 'rejected')
      }
    }
    // 10 s: pauses of 10, 20, 40 … 5120 ms.
    expect(sent).toBeLessThanOrEqual(11)
    expect(sent).toBeGreaterThan(5)
    expect(rig.engine.view().counters.rejects).toBe(sent)
  })
})

describe('guards', () => {
  test('the last of the room is used, and the refusal is counted by name', () => {
    const rig = new Rig({ guards: { 'max-position': { limitLots: 15 } } })
    rig.want([
      [1000, 10],
      [999, 10],
      [998, 10],
    ])
    expect(rig.ready().decide()).toEqual(['place 1 buy 10@1000', 'place 2 buy 5@999'])
    expect(guardOf(rig, 'max-position')).toMatchObject({ refusals: 1, state: 'ok' })
    // Not at every decision again.
    for (let i = 0; i < 50; i++) rig.decide()
    expect(guardOf(rig, 'max-position')?.refusals).toBe(1)
  })

  test('a fill not seen yet keeps its room', () => {
    const rig = new Rig({ quoting: { levelsMax: 2 }, guards: { 'max-position': { limitLots: 10 } } })
    rig
      .want([[1000, 10]], [])
      .ready()
      .decide()
    rig.order(1, 'filled', { filledLots: 10 })
    expect(rig.decide(1_000_000)).toEqual([])
    expect(rig.engine.view().symbols[0]).toMatchObject({ missingFillLots: 10, positionLots: 0, worstLongLots: 10 })
    rig.fill(1, 10)
    expect(rig.decide(1_000_000)).toEqual([])
    expect(rig.engine.view().symbols[0]).toMatchObject({ missingFillLots: 0, positionLots: 10, worstLongLots: 10 })
  })

  test('a position at its limit is reduced', () => {
    const rig = new Rig({ guards: { 'max-position': { limitLots: 10 } } })
    rig.want([[1000, 10]], [[1005, 10]]).ready()
    rig.position(25)
    expect(rig.decide()).toEqual(['place 1 sell 10@1005'])
    expect(guardOf(rig, 'max-position')).toMatchObject({ state: 'pull', trips: 1 })
  })

  test('an amend that may not be made and must be leaves by cancel, in the same decision', () => {
    const rig = resting({ runGuards: { 'request-rate': { amendsPerS: 0, amendsBurst: 0 } } })
    rig.want([[990, 10]])
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.engine.view().guards.find((g) => g.guard === 'request-rate')?.refusals).toBe(1)
  })

  test('cancels go out whatever the request rate', () => {
    const rig = resting({ runGuards: { 'request-rate': { placesBurst: 1, totalBurst: 1, cancelReserve: 0 } } })
    rig.want([])
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.decide(2_100_000)).toEqual(['cancel 1'])
  })

  test('a stale book pulls quotes, and comes back when it is fresh', () => {
    const rig = resting({ guards: { 'stale-book': { ageUsMax: 2_000_000 } } }, 0)
    expect(rig.decide(1_900_000)).toEqual([])
    expect(rig.decide(200_000)).toEqual(['cancel 1'])
    rig.order(1, 'canceled')
    expect(rig.decide()).toEqual([])
    rig.snapshot([[990, 100]], [[1010, 100]])
    expect(rig.decide()).toEqual([])
    // Good for half a second.
    expect(rig.decide(500_000)).toEqual(['place 2 buy 10@1000'])
    expect(guardOf(rig, 'stale-book')).toMatchObject({ state: 'ok', trips: 1 })
  })

  test.each([
    ['crossed', [[1011, 1]], [[1010, 1]]],
    ['empty', [[990, 1]], []],
  ] as const)('a book that is %s pulls quotes', (condition, bids, asks) => {
    const rig = resting()
    rig.snapshot(bids, asks)
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.engine.view().symbols[0]?.book.condition).toBe(condition)
  })

  test('a price outside the band is refused', () => {
    const rig = new Rig({ guards: { 'price-band': { midBpsMax: 100 } } }).want([
      [990, 10],
      [989, 10],
    ])
    expect(rig.ready().decide()).toEqual(['place 1 buy 10@990'])
    expect(guardOf(rig, 'price-band')).toMatchObject({ refusals: 1, reason: 'the price is too far from the mid' })
  })

  test('a large order is cut to the largest allowed', () => {
    const rig = new Rig({ guards: { 'max-order': { sizeLotsMax: 50, valueMoneyMax: 7_000 } } }).want([[1000, 10]])
    expect(rig.ready().decide()).toEqual(['place 1 buy 7@1000'])
  })
})

function guardOf(rig: Rig, name: string): Plain<{ refusals: number; trips: number; state: string }> | undefined {
  return rig.engine.view().symbols[0]?.guards.find((g) => g.guard === name)
}
