/** Money of each category, orders that may only reduce, conditional orders, cancel-all scopes. */
import { describe, expect, test } from 'vitest'
import { type PriceTicks, rateE8, timeUs } from '../../../src/core/domain/units.ts'
import type { CancelAllScope, PlaceCommand } from '../../../src/core/exchange/sim/model.ts'
import { feeOf } from '../../../src/core/exchange/sim/money.ts'
import { E8, INVERSE, LINEAR, RICH, Rig, SPOT } from './rig.ts'

const ALL = { listings: [LINEAR, SPOT, INVERSE] } as const
const spot = { category: 'spot' } as const
const inverse = { category: 'inverse', symbol: 'BTCUSD' } as const

const moved = (rig: Rig, uid: string, coin: 'USDT' | 'BTC'): bigint =>
  (rig.exchange.wallet(uid).balances.get(coin) ?? 0n) - RICH[coin]

describe('money', () => {
  test('linear: partial close, flip and fees to the last 1e-8', () => {
    const rig = new Rig()
    rig.place('a', 1, 1_000, 300)
    rig.place('b', -1, 1_000, 300)
    rig.place('b', 1, 1_010, 100)
    rig.place('a', -1, 1_010, 100)
    // a bought 0.3 at 100.0 as maker and sold 0.1 at 101.0 as taker: +0.1, fees 30 × 0.0002 + 10.1 × 0.00055.
    expect(moved(rig, 'a', 'USDT')).toBe(10_000_000n - 600_000n - 555_500n)
    expect(rig.exchange.closedPnl('a')).toMatchObject([
      { closedLots: 100, pnlE8: 10_000_000n - 200_000n - 555_500n, entryTicks: 1_000, exitTicks: 1_010 },
    ])
    rig.place('b', 1, 990, 250)
    rig.place('a', -1, 990, 250)
    const [position] = rig.exchange.positions('a')
    expect(position).toMatchObject({ lots: -50, costE8: -495_000_000n, entryTicks: 990 })
    expect(position?.realisedE8).toBe(moved(rig, 'a', 'USDT'))
  })

  test('inverse: profit in the base coin, contracts over price', () => {
    const rig = new Rig(ALL)
    rig.place('a', 1, 100_000, 50_000, inverse)
    rig.place('b', -1, 100_000, 50_000, inverse)
    expect(rig.exchange.positions('a')).toMatchObject([{ lots: 50_000, costE8: -E8, entryTicks: 100_000 }])
    rig.place('b', 1, 104_000, 50_000, inverse)
    rig.place('a', -1, 104_000, 50_000, inverse)
    // 50,000 USD bought at 50,000 (1 BTC) and sold at 52,000 (0.96153846 BTC, cut to 1e-8).
    const exit = 96_153_846n
    expect(rig.exchange.closedPnl('a')).toMatchObject([{ entryValueE8: E8, exitValueE8: exit, exitTicks: 104_000 }])
    expect(moved(rig, 'a', 'BTC')).toBe(E8 - exit - feeOf(E8, 20_000) - feeOf(exit, 55_000))
  })

  test.each([
    ['a maker pays in what it receives', 100_000, 'a', { BTC: 99_900n * 100n, USDT: -10n * E8 }],
    [
      'a rebate flips: the buying maker receives quote',
      -50_000,
      'a',
      { BTC: 100_000n * 100n, USDT: -10n * E8 + 500_000n },
    ],
    ['a taker pays in what it receives', 100_000, 'b', { BTC: -100_000n * 100n, USDT: 10n * E8 - 1_000_000n }],
  ] as const)('spot: %s', (_name, maker, uid, change) => {
    const rig = new Rig({
      ...ALL,
      accounts: ['a', 'b'].map((id) => ({ uid: id, balances: RICH, makerFee: rateE8(maker) })),
    })
    rig.place('a', 1, 10_000, 100_000, spot)
    rig.place('b', -1, 10_000, 100_000, spot)
    expect({ BTC: moved(rig, uid, 'BTC'), USDT: moved(rig, uid, 'USDT') }).toEqual(change)
    expect([...rig.exchange.wallet(uid).locked.values()].every((held) => held === 0n)).toBe(true)
  })

  test('a selling spot maker with a rebate receives base', () => {
    const rig = new Rig({
      ...ALL,
      accounts: ['a', 'b'].map((uid) => ({ uid, balances: RICH, makerFee: rateE8(-50_000) })),
    })
    rig.place('a', -1, 10_000, 100_000, spot)
    rig.place('b', 1, 10_000, 100_000, spot)
    expect(rig.told.executions.find((e) => e.isMaker)).toMatchObject({ feeCoin: 'BTC', feeE8: -5_000n })
  })

  test('a spot market buy by amount spends what buys whole lots and ends PartiallyFilledCanceled with dust', () => {
    const rig = new Rig(ALL)
    rig.place('b', -1, 10_000, 50_000, spot)
    rig.place('b', -1, 10_001, 90_000, spot)
    rig.place('c', 1, 9_999, 60_000, spot)
    rig.place('a', 1, 0, 0, { ...spot, type: 'Market', quoteE8: 10n * E8 + 7n, orderLinkId: 'buy' })
    const bought = rig.told.last('buy')
    expect(bought).toMatchObject({ status: 'PartiallyFilledCanceled', filledLots: 50_000 + 49_995 })
    expect(bought.filledValueE8).toBe(5n * E8 + 49_995n * 10_001n)
    expect(moved(rig, 'a', 'USDT')).toBe(-bought.filledValueE8)
  })

  test('a spot market sell by amount sells what brings it in, and holds no more than that', () => {
    const rig = new Rig(ALL)
    rig.place('b', 1, 10_001, 50_000, spot)
    rig.place('b', 1, 10_000, 90_000, spot)
    rig.place('a', -1, 0, 0, { ...spot, type: 'Market', quoteE8: 10n * E8 + 7n, orderLinkId: 'sell' })
    const sold = rig.told.last('sell')
    // 0.05 at 100.01 bring 5.0005; the rest of the amount is 0.049995 and some dust at 100.00.
    expect(sold).toMatchObject({ status: 'PartiallyFilledCanceled', filledLots: 50_000 + 49_995 })
    expect(sold.filledValueE8).toBe(50_000n * 10_001n + 49_995n * 10_000n)
    expect(moved(rig, 'a', 'BTC')).toBe(-99_995n * 100n)
    expect(rig.exchange.wallet('a').locked.get('BTC') ?? 0n).toBe(0n)
    const tooMuch = RICH.BTC * 1_000n
    expect(rig.ask('a', -1, 0, 0, { ...spot, type: 'Market', quoteE8: tooMuch }).retCode).toBe(170131)
  })

  test.each([
    [1n, 20_000, 1n],
    [100_000_000n, 20_000, 20_000n],
    [-0n, 20_000, 0n],
    [333n, -25_000_000, -83n],
  ])('fee of %d at %d e-8 is %d: against the payer, rebates cut', (value, rate, fee) => {
    expect(feeOf(value, rate)).toBe(fee)
  })
})

describe('orders that may only reduce', () => {
  function long(): Rig {
    const rig = new Rig()
    rig.place('b', -1, 1_000, 100)
    rig.place('a', 1, 1_000, 100)
    return rig
  }
  const reduce = { isReduceOnly: true } as const

  test('a size beyond the position is cut to it; the whole position closes with qty 0', () => {
    const rig = long()
    rig.place('a', -1, 1_010, 500, { ...reduce, orderLinkId: 'x' })
    expect(rig.told.last('x').sizeLots).toBe(100)
    rig.cancel('a', 'x')
    rig.place('b', 1, 999, 200)
    rig.place('a', -1, 0, 0, { ...reduce, closeOnTrigger: true, type: 'Market', orderLinkId: 'y' })
    expect(rig.told.last('y')).toMatchObject({ status: 'Filled', filledLots: 100 })
  })

  test('they are cut and cancelled as the position shrinks, the worse price first', () => {
    const rig = long()
    rig.place('a', -1, 1_010, 60, { ...reduce, orderLinkId: 'near' })
    rig.place('a', -1, 1_020, 60, { ...reduce, orderLinkId: 'far' })
    expect(rig.told.last('far').sizeLots).toBe(40)
    rig.place('b', 1, 1_000, 70)
    rig.place('a', -1, 1_000, 70, { timeInForce: 'IOC' })
    expect(rig.told.last('near')).toMatchObject({ sizeLots: 30, status: 'New' })
    expect(rig.told.last('far')).toMatchObject({ status: 'Cancelled', cancelType: 'CancelByReduceOnly' })
    expect(rig.exchange.openOrders('a').map((o) => o.orderLinkId)).toEqual(['near'])
  })

  test('one sweep through a plain and a reduce-only order does not flip the position', () => {
    const rig = long()
    rig.place('a', -1, 1_009, 80)
    rig.place('a', -1, 1_010, 100, { ...reduce, orderLinkId: 'ro' })
    rig.place('b', 1, 1_010, 180, { timeInForce: 'IOC' })
    expect(rig.exchange.positions('a')[0]?.lots).toBe(0)
    expect(rig.told.last('ro')).toMatchObject({ status: 'Filled', filledLots: 20 })
  })
})

describe('conditional orders', () => {
  function traded(at: number): Rig {
    const rig = new Rig(ALL)
    for (const more of [{}, spot]) {
      const scale = more === spot ? 10 : 1
      rig.place('b', 1, (at - 20) * scale, 90_000 / (scale === 1 ? 100 : 1), more)
      rig.place('b', -1, (at + 20) * scale, 90_000 / (scale === 1 ? 100 : 1), more)
      rig.place('c', -1, at * scale, 10_000 * (scale === 1 ? 0.01 : 10), more)
      rig.place('b', 1, at * scale, 10_000 * (scale === 1 ? 0.01 : 10), more)
    }
    return rig
  }
  const stop = (ticks: number, triggerDirection: 1 | 2, more: Partial<PlaceCommand> = {}): Partial<PlaceCommand> => ({
    triggerTicks: ticks as PriceTicks,
    triggerDirection,
    stopOrderType: 'Stop',
    orderFilter: 'StopOrder',
    ...more,
  })

  test('waits Untriggered, becomes an ordinary order when the last price reaches it, keeps its ids', () => {
    const rig = traded(1_000)
    rig.place('a', 1, 1_012, 100, stop(1_010, 1, { orderLinkId: 'x' }))
    expect(rig.told.last('x').status).toBe('Untriggered')
    expect(rig.exchange.openOrders('a').map((o) => o.status)).toEqual(['Untriggered'])
    rig.place('c', -1, 1_010, 100)
    expect(rig.told.last('x').status).toBe('Untriggered')
    rig.place('b', 1, 1_010, 60)
    expect(rig.told.last('x')).toMatchObject({ status: 'PartiallyFilled', filledLots: 40, orderLinkId: 'x' })
  })

  test('by mark price: the mid, not the last trade', () => {
    const rig = traded(1_000)
    rig.nowUs += 1_000_000
    rig.place('c', 1, 970, 60)
    rig.place('a', -1, 980, 100, stop(995, 2, { orderLinkId: 'x', triggerBy: 'MarkPrice' }))
    rig.place('c', 1, 994, 60)
    rig.place('b', -1, 994, 60)
    expect(rig.told.last('x').status).toBe('Untriggered')
    rig.nowUs += 1_000_000
    rig.place('b', -1, 985, 100)
    rig.nowUs += 1_000_000
    rig.place('b', -1, 984, 100)
    expect(rig.told.last('x').status).not.toBe('Untriggered')
  })

  test('cancelled while it waits: Deactivated', () => {
    const rig = traded(1_000)
    rig.place('a', 1, 1_012, 100, stop(1_010, 1, { orderLinkId: 'x' }))
    rig.cancel('a', 'x')
    expect(rig.told.last('x').status).toBe('Deactivated')
    expect(rig.exchange.openOrders('a')).toEqual([])
  })

  test('spot: a stop order holds nothing until triggered, a TP/SL order does, and needs its filter to be cancelled', () => {
    const rig = traded(1_000)
    const tpsl = { ...spot, orderFilter: 'tpslOrder', triggerTicks: 9_000 as PriceTicks } as const
    rig.place('a', -1, 9_000, 60_000, { ...spot, ...stop(9_000, 2), orderLinkId: 'stop' })
    expect(rig.exchange.wallet('a').locked.get('BTC') ?? 0n).toBe(0n)
    rig.place('a', -1, 9_000, 60_000, { ...tpsl, orderLinkId: 'tpsl' })
    expect(rig.exchange.wallet('a').locked.get('BTC')).toBe(60_000n * 100n)
    expect(rig.cancel('a', 'tpsl').retCode).toBe(170213)
    expect(rig.cancel('a', 'tpsl', { orderFilter: 'tpslOrder' }).retCode).toBe(0)
    expect(rig.exchange.wallet('a').locked.get('BTC')).toBe(0n)
  })

  test('a triggered spot stop that the wallet cannot pay for is rejected', () => {
    const balances = { USDT: 0n, BTC: (6n * E8) / 100n }
    const rig = new Rig({
      ...ALL,
      accounts: [{ uid: 'a', balances }, ...['b', 'c'].map((uid) => ({ uid, balances: RICH }))],
    })
    rig.place('b', 1, 10_000, 60_000, spot)
    rig.place('c', -1, 10_000, 60_000, spot)
    rig.place('b', 1, 9_990, 60_000, spot)
    rig.place('a', -1, 9_980, 60_000, { ...spot, ...stop(9_990, 2), orderLinkId: 'x' })
    rig.place('a', -1, 10_100, 60_000, spot)
    rig.place('c', -1, 9_990, 60_000, spot)
    expect(rig.told.last('x').status).toBe('Rejected')
  })
})

describe('cancel-all', () => {
  const none: CancelAllScope = {
    category: 'linear',
    symbol: '',
    baseCoin: '',
    settleCoin: '',
    orderFilter: null,
    stopOrderType: '',
  }
  const run = (rig: Rig, scope: Partial<CancelAllScope>) => {
    const result = rig.exchange.cancelAll('a', { ...none, ...scope }, timeUs(rig.tick()))
    rig.settle()
    return result
  }

  function full(): Rig {
    const rig = new Rig(ALL)
    rig.place('c', 1, 1_000, 100)
    rig.place('c', -1, 1_002, 100)
    rig.place('a', 1, 990, 100, { orderLinkId: 'plain' })
    const conditional = { triggerTicks: 900 as PriceTicks, triggerDirection: 2, orderFilter: 'StopOrder' } as const
    rig.place('a', 1, 990, 100, { ...conditional, stopOrderType: 'Stop', orderLinkId: 'stop' })
    rig.place('a', 1, 990, 100, { ...conditional, stopOrderType: 'TakeProfit', orderLinkId: 'tp' })
    rig.place('a', 1, 1_000, 100, { ...inverse, orderLinkId: 'inverse' })
    rig.place('a', 1, 9_900, 60_000, { ...spot, orderLinkId: 'spot' })
    const trigger = { ...spot, triggerTicks: 9_000 as PriceTicks } as const
    rig.place('a', 1, 9_900, 60_000, { ...trigger, orderFilter: 'StopOrder', orderLinkId: 'spotStop' })
    rig.place('a', 1, 9_900, 60_000, { ...trigger, orderFilter: 'tpslOrder', orderLinkId: 'spotTpsl' })
    return rig
  }

  test.each<[string, Partial<CancelAllScope>, readonly string[]]>([
    ['every kind by default', { settleCoin: 'USDT' }, ['plain', 'stop', 'tp']],
    ['by symbol', { symbol: 'BTCUSDT' }, ['plain', 'stop', 'tp']],
    ['symbol wins over settle coin', { symbol: 'ETHUSDT', settleCoin: 'USDT' }, []],
    ['base coin', { baseCoin: 'BTC' }, ['plain', 'stop', 'tp']],
    ['other settle coin', { settleCoin: 'USDC' }, []],
    ['active only', { settleCoin: 'USDT', orderFilter: 'Order' }, ['plain']],
    ['conditional only', { settleCoin: 'USDT', orderFilter: 'StopOrder' }, ['stop', 'tp']],
    ['conditional without TP/SL', { settleCoin: 'USDT', orderFilter: 'StopOrder', stopOrderType: 'Stop' }, ['stop']],
    ['all but TP/SL', { settleCoin: 'USDT', orderFilter: 'OpenOrder' }, ['plain', 'stop']],
    ['inverse', { category: 'inverse', settleCoin: 'BTC' }, ['inverse']],
    ['spot: plain orders only', { category: 'spot' }, ['spot']],
    ['spot stop orders', { category: 'spot', orderFilter: 'StopOrder' }, ['spotStop']],
    ['spot TP/SL orders', { category: 'spot', orderFilter: 'tpslOrder', symbol: 'BTCUSDT' }, ['spotTpsl']],
    ['option: nothing there', { category: 'option' }, []],
  ])('%s', (_name, scope, ended) => {
    const rig = full()
    const before = rig.exchange.openOrders('a').map((o) => o.orderLinkId)
    const result = run(rig, scope)
    expect(result.list.map((row) => row.orderLinkId)).toEqual(ended)
    const after = rig.exchange.openOrders('a').map((o) => o.orderLinkId)
    expect(after).toEqual(before.filter((id) => !ended.includes(id)))
  })

  test('contracts without a scope and spot by settle coin are refused', () => {
    const rig = full()
    expect(run(rig, {}).retCode).toBe(10001)
    expect(run(rig, { category: 'spot', settleCoin: 'USDT' }).retCode).toBe(10001)
  })

  test('at most 500 contracts orders per call, not simply the oldest; the next call takes the rest', () => {
    const rig = new Rig({ listings: [LINEAR, { ...LINEAR, instrument: { ...LINEAR.instrument, symbol: 'ETHUSDT' } }] })
    for (let i = 0; i < 300; i++) {
      rig.place('a', 1, 500, 100)
      rig.place('a', 1, 500, 100, { symbol: 'ETHUSDT' })
    }
    const { list } = run(rig, { settleCoin: 'USDT' })
    expect(list).toHaveLength(500)
    const oldest = Array.from({ length: 500 }, (_, i) => `l${i + 1}`)
    expect(list.map((row) => row.orderLinkId).toSorted()).not.toEqual(oldest.toSorted())
    expect(rig.exchange.openOrders('a')).toHaveLength(100)
    run(rig, { settleCoin: 'USDT' })
    expect(rig.exchange.openOrders('a')).toEqual([])
  })
})
