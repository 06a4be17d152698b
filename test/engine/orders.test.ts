/** The life of one order: answers, statements, fills and corrections in unkind orders. */
import { describe, expect, test } from 'vitest'
import { orderSeq, symbolId, timeUs } from '../../src/core/domain/units.ts'
import { T0, Rig, type RigOptions } from './rig.ts'

/** A bid of 10@1000 sent as order 1. */
function placed(options: RigOptions = {}): Rig {
  const rig = new Rig(options).want([[1000, 10]]).ready()
  rig.decide()
  return rig
}

const symbolOf = (rig: Rig) => rig.engine.view().symbols[0]
const countersOf = (rig: Rig) => rig.engine.view().counters
const firstOf = (rig: Rig) => symbolOf(rig)?.bids[0]

describe('statements', () => {
  test('an ack is not a state', () => {
    const rig = placed()
    expect(firstOf(rig)?.status).toBe('placing')
    rig.ack('place', 1, 'accepted')
    expect(firstOf(rig)?.status).toBe('accepted')
    rig.order(1, 'open')
    expect(firstOf(rig)?.status).toBe('working')
  })

  test.each([
    ['made earlier', { exchangeUs: T0 - 1 }],
    ['of less filled', { filledLots: 2, exchangeUs: T0 + 10 }],
  ])('an open statement %s changes nothing', (_, old) => {
    const rig = placed()
    rig.order(1, 'open', { priceTicks: 1001, filledLots: 3, exchangeUs: T0 })
    rig.order(1, 'open', { priceTicks: 1000, filledLots: 3, ...old })
    expect(firstOf(rig)?.price).toBe('100.1')
    expect(countersOf(rig).staleStatements).toBe(1)
  })

  test('an amend is believed when it is stated, not when it is acked', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.want([[1001, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@1001'])
    rig.ack('amend', 1, 'accepted')
    expect(firstOf(rig)).toMatchObject({ price: '100', isAmending: true })
    // A partial fill at the old terms says nothing about the amend.
    rig.order(1, 'open', { filledLots: 1 })
    expect(firstOf(rig)).toMatchObject({ price: '100', isAmending: true })
    rig.order(1, 'open', { filledLots: 1, priceTicks: 1001 })
    expect(firstOf(rig)).toMatchObject({ price: '100.1', isAmending: false })
  })

  test('until then the larger of both sizes is reserved', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.want([[1000, 30]])
    rig.decide()
    expect(symbolOf(rig)?.worstLongLots).toBe(30)
    rig.order(1, 'open', { sizeLots: 30 })
    rig.want([[1000, 5]])
    rig.decide()
    expect(symbolOf(rig)?.worstLongLots).toBe(30)
    rig.order(1, 'open', { sizeLots: 5 })
    expect(symbolOf(rig)?.worstLongLots).toBe(5)
  })

  test('a refused amend leaves the old terms, and may be tried again', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.want([[1001, 10]])
    rig.decide()
    rig.ack('amend', 1, 'rejected')
    expect(firstOf(rig)).toMatchObject({ price: '100', isAmending: false })
    expect(rig.decide(10_000)).toEqual(['amend 1 buy 10@1001'])
  })

  test('an amend that finds no order makes it suspect until the exchange speaks', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.want([[1001, 10]])
    rig.decide()
    rig.ack('amend', 1, 'gone')
    rig.snapshot([[990, 100]], [[1010, 100]])
    expect(rig.decide(2_000_000)).toEqual([])
    expect(rig.decide(100)).toEqual(['cancel 1'])
  })

  test('a price that the exchange moved is taken over', () => {
    const rig = placed()
    rig.order(1, 'open', { priceTicks: 995 })
    expect(firstOf(rig)?.price).toBe('99.5')
    expect(rig.decide()).toEqual(['amend 1 buy 10@1000'])
  })
})

describe('unknown', () => {
  test('reserves until a statement, and is not resent', () => {
    const rig = placed()
    rig.ack('place', 1, 'ambiguous')
    expect(symbolOf(rig)).toMatchObject({ unknownOrders: 1, worstLongLots: 10 })
    rig.order(1, 'neverLanded')
    expect(symbolOf(rig)).toMatchObject({ unknownOrders: 0, worstLongLots: 0, bids: [] })
    expect(countersOf(rig)).toMatchObject({ ambiguous: 1, neverLanded: 1 })
  })

  test('a fill proves that it landed', () => {
    const rig = placed()
    rig.ack('place', 1, 'ambiguous')
    rig.fill(1, 4)
    expect(firstOf(rig)).toMatchObject({ status: 'working', filled: '0.004' })
    expect(symbolOf(rig)?.worstLongLots).toBe(10)
  })

  test('a late refusal does not end an order that is known to live', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.ack('place', 1, 'rejected')
    expect(firstOf(rig)?.status).toBe('working')
    expect(countersOf(rig).rejects).toBe(0)
  })

  test('a refused order that turns out to live is taken back and cancelled', () => {
    const rig = placed()
    rig.ack('place', 1, 'rejected')
    expect(symbolOf(rig)?.worstLongLots).toBe(0)
    rig.order(1, 'open')
    expect(symbolOf(rig)).toMatchObject({ worstLongLots: 10, strays: [{ order: 1 }] })
    expect(rig.decide(1)).toEqual(['cancel 1'])
    expect(countersOf(rig).revivedOrders).toBe(1)
  })
})

describe('fills', () => {
  test('each execution counts once', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.fill(1, 4, { execId: 'a' })
    rig.fill(1, 4, { execId: 'a' })
    rig.fill(1, 4, { execId: 'b' })
    expect(symbolOf(rig)).toMatchObject({ positionLots: 8, fills: 2 })
    expect(countersOf(rig).duplicateFills).toBe(1)
  })

  test('the same id on another symbol is another execution', () => {
    const rig = new Rig({ symbols: ['BTCUSDT', 'ETHUSDT'] }).ready()
    rig.fill(0, 4, { execId: 'a' })
    rig.fill(0, 4, { execId: 'a', symbol: symbolId(1) })
    expect(rig.engine.view().symbols.map((s) => s.positionLots)).toEqual([4, 4])
    expect(countersOf(rig).foreignFills).toBe(2)
  })

  test('a fill may overtake the cancel that ends its order', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.want([])
    rig.decide()
    rig.order(1, 'canceled', { filledLots: 4 })
    expect(symbolOf(rig)).toMatchObject({ positionLots: 0, missingFillLots: 4, worstLongLots: 4 })
    rig.fill(1, 4)
    expect(symbolOf(rig)).toMatchObject({ positionLots: 4, missingFillLots: 0, worstLongLots: 4 })
    expect(countersOf(rig).lateFills).toBe(1)
  })

  test('a correction may add fills to an order reported cancelled', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.order(1, 'canceled')
    rig.fill(1, 10)
    expect(symbolOf(rig)?.positionLots).toBe(10)
    expect(countersOf(rig)).toMatchObject({ lateFills: 1, overfills: 0 })
  })

  test('more than the order held is counted as such', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.fill(1, 11)
    expect(countersOf(rig).overfills).toBe(1)
    expect(symbolOf(rig)?.positionLots).toBe(11)
  })

  test('one older than the horizon is refused rather than guessed about', () => {
    const rig = placed({ timing: { fillHorizonUs: 1_000 } })
    rig.fill(0, 1, { execId: 'a', exchangeUs: T0 })
    rig.fill(0, 1, { execId: 'b', exchangeUs: T0 + 5_000 })
    rig.fill(0, 1, { execId: 'c', exchangeUs: T0 + 10_000 })
    rig.fill(0, 1, { execId: 'a', exchangeUs: T0 })
    expect(countersOf(rig)).toMatchObject({ fills: 3, expiredFills: 1, duplicateFills: 0 })
  })

  test('funding counts once, and lowers the profit', () => {
    const rig = placed()
    const funding = { kind: 'funding', execId: 'f', symbol: symbolId(0), amountE8: 500n, nowUs: timeUs(T0) } as const
    rig.step(funding)
    rig.step(funding)
    expect(symbolOf(rig)?.pnl).toMatchObject({ funding: '-0.000005', total: '-0.000005', identityExact: true })
  })
})

describe('reconciliation', () => {
  test('an order of ours that we do not know is reserved and cancelled', () => {
    const rig = new Rig().ready()
    rig.order(77, 'open', { sizeLots: 20, filledLots: 5 })
    expect(symbolOf(rig)).toMatchObject({ worstLongLots: 15, strays: [{ order: 77 }], missingFillLots: 0 })
    expect(rig.decide()).toEqual(['cancel 77'])
    rig.order(77, 'canceled', { sizeLots: 20, filledLots: 5 })
    expect(symbolOf(rig)).toMatchObject({ worstLongLots: 0, strays: [] })
    expect(countersOf(rig).strangeOrders).toBe(1)
    // Its number is never used for an order of this run.
    rig.want([[1000, 1]])
    expect(rig.decide()).toEqual(['place 78 buy 1@1000'])
  })

  test('the exchange is right about the position', () => {
    const rig = placed()
    rig.position(7, symbolId(0), 7_000)
    expect(symbolOf(rig)).toMatchObject({ positionLots: 7, pnl: { identityExact: true } })
    expect(countersOf(rig).positionCorrections).toBe(1)
  })

  test('an execution that the stated position contained is a fee only', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.position(4, symbolId(0), 4_000)
    rig.fill(1, 6, { execId: 'late', feeE8: 100n, exchangeUs: T0 })
    expect(symbolOf(rig)).toMatchObject({ positionLots: 6, pnl: { fees: '-0.000001', identityExact: true } })
    // The next one is not.
    rig.fill(1, 1, { exchangeUs: T0 })
    expect(symbolOf(rig)?.positionLots).toBe(7)
  })

  test('an execution made after it was stated is not part of it', () => {
    const rig = placed()
    rig.order(1, 'open')
    rig.position(4)
    rig.fill(1, 4, { exchangeUs: rig.nowUs + 1 })
    expect(symbolOf(rig)?.positionLots).toBe(8)
  })

  test('a position that agrees changes nothing, whatever fills are on their way', () => {
    const rig = placed()
    rig.order(1, 'open', { filledLots: 4 })
    rig.link('account', 'down')
    rig.position(0)
    rig.link('account', 'up')
    expect(countersOf(rig).positionCorrections).toBe(0)
    expect(symbolOf(rig)?.missingFillLots).toBe(4)
    rig.fill(1, 4, { exchangeUs: T0 })
    expect(symbolOf(rig)).toMatchObject({ positionLots: 4, missingFillLots: 0 })
  })

  test('a resync whose difference is what was missing settles it, on both sides', () => {
    const rig = new Rig().want([[1000, 10]], [[1005, 10]]).ready()
    rig.decide()
    rig.order(1, 'filled', { filledLots: 10 })
    rig.order(2, 'canceled', { side: -1, priceTicks: 1005, filledLots: 10 })
    expect(symbolOf(rig)).toMatchObject({ missingFillLots: 20, worstLongLots: 10, worstShortLots: 10 })
    rig.link('account', 'down')
    rig.position(0)
    rig.link('account', 'up')
    expect(symbolOf(rig)).toMatchObject({ missingFillLots: 0, worstLongLots: 0, worstShortLots: 0 })
    // Should they come after all, they are in the position already.
    rig.fill(1, 10, { exchangeUs: T0 })
    expect(symbolOf(rig)?.positionLots).toBe(0)
  })
})

describe('queue', () => {
  const ahead = (rig: Rig) => firstOf(rig)?.ahead

  test('begins behind what is shown, and moves up by trades and by what leaves', () => {
    const rig = new Rig().want([[990, 10]]).ready()
    rig.decide()
    expect(ahead(rig)).toBe(null)
    rig.order(1, 'open', { priceTicks: 990 })
    expect(ahead(rig)).toBe('0.1')
    rig.trade(-1, 990, 40)
    expect(ahead(rig)).toBe('0.06')
    rig.trade(1, 1010, 40)
    expect(ahead(rig)).toBe('0.06')
    rig.delta([[990, 60]], [])
    expect(ahead(rig)).toBe('0.06')
    rig.delta([[990, 30]], [])
    expect(ahead(rig)).toBe('0.03')
    rig.trade(-1, 989, 1)
    expect(ahead(rig)).toBe('0')
  })

  test('an amend to a smaller size keeps the place, any other starts at the back', () => {
    const rig = new Rig().want([[990, 10]]).ready()
    rig.decide()
    rig.order(1, 'open', { priceTicks: 990 })
    rig.trade(-1, 990, 40)
    rig.want([[990, 5]])
    rig.decide()
    rig.order(1, 'open', { priceTicks: 990, sizeLots: 5 })
    expect(ahead(rig)).toBe('0.06')
    rig.want([[990, 50]])
    rig.decide()
    rig.order(1, 'open', { priceTicks: 990, sizeLots: 50 })
    expect(ahead(rig)).toBe('0.1')
  })
})

test('orders of other numbers are nobody', () => {
  const rig = placed()
  rig.ack('place', 4_711, 'rejected')
  rig.order(4_711, 'canceled')
  expect(countersOf(rig)).toMatchObject({ rejects: 0, strangeOrders: 1 })
  expect(
    rig.step({
      kind: 'ack',
      request: 'cancel',
      order: orderSeq(9),
      symbol: symbolId(0),
      result: 'gone',
      code: 110_001,
      action: 'gone',
      nowUs: timeUs(T0),
    }),
  ).toEqual([])
})
