/** What the gateway refuses, with Bybit's code per category, and what it silently changes. */
import { describe, expect, test } from 'vitest'
import { type PriceTicks, timeUs } from '../../../src/core/domain/units.ts'
import type { PlaceCommand } from '../../../src/core/exchange/sim/model.ts'
import { E8, INVERSE, LINEAR, RICH, Rig, SPOT } from './rig.ts'

const ALL = { listings: [LINEAR, SPOT, INVERSE] } as const
const spot = { category: 'spot' } as const
const inverse = { category: 'inverse', symbol: 'BTCUSD' } as const
const trigger = { triggerTicks: 900 as PriceTicks, triggerDirection: 2 } as const

/** Two-sided books: linear 1000.0 ticks ± 1, spot the same prices in its ticks. */
function market(more: object = {}): Rig {
  const rig = new Rig({ ...ALL, ...more })
  rig.place('c', 1, 999, 1_000)
  rig.place('c', -1, 1_001, 1_000)
  rig.place('c', 1, 999_00, 1_000_000, spot)
  rig.place('c', -1, 1_001_00, 1_000_000, spot)
  rig.place('c', 1, 1_999, 100_000, inverse)
  rig.place('c', -1, 2_001, 100_000, inverse)
  return rig
}

type Row = readonly [name: string, side: 1 | -1, ticks: number, lots: number, more: Partial<PlaceCommand>, code: number]

const REFUSED: readonly Row[] = [
  ['unknown symbol', 1, 1_000, 100, { symbol: 'NOPE' }, 10001],
  ['unknown spot symbol', 1, 1_000, 100, { ...spot, symbol: 'NOPE' }, 170121],
  ['link id with a space', 1, 1_000, 100, { orderLinkId: 'a b' }, 10001],
  ['link id too long', 1, 1_000, 100, { orderLinkId: 'x'.repeat(37) }, 10001],
  ['position index in one-way mode', 1, 1_000, 100, { positionIdx: 1 }, 10001],
  ['position index on spot', 1, 99_900, 10_000, { ...spot, positionIdx: 1 }, 10001],
  ['no size', 1, 1_000, 0, {}, 10001],
  ['no spot size', 1, 99_900, 0, spot, 170130],
  ['too large', 1, 1_000, 100_001, {}, 10001],
  ['too large for a market order', 1, 0, 50_001, { type: 'Market' }, 10001],
  ['spot too large', 1, 99_900, 100_000_001, spot, 170124],
  ['no price', 1, 0, 100, {}, 10001],
  ['price beyond the maximum', 1, 2_000_001, 100, {}, 110003],
  ['spot price beyond the maximum', 1, 20_000_001, 10_000, spot, 170132],
  ['spot buy above the limit', 1, 110_000, 10_000, spot, 170193],
  ['spot sell below the limit', -1, 90_000, 100_000, spot, 170194],
  ['below the least value', 1, 990, 50, {}, 110094],
  ['spot below the least value', 1, 99_900, 5_000, spot, 170140],
  ['spot amount below the least value', 1, 0, 0, { ...spot, type: 'Market', quoteE8: 4n * E8 }, 170140],
  ['nothing to reduce', 1, 1_000, 100, { isReduceOnly: true }, 110017],
  ['trigger without direction', 1, 1_000, 100, { triggerTicks: 900 as PriceTicks }, 10001],
]

test.each(REFUSED)('refused: %s', (_name, side, ticks, lots, more, code) => {
  const rig = market()
  const told = rig.told.orders.length
  expect(rig.ask('a', side, ticks, lots, more).retCode).toBe(code)
  expect(rig.told.orders).toHaveLength(told)
  expect(rig.exchange.truth().accounts[0]?.inFlight).toBe(0)
})

describe('limits by what the account already has', () => {
  test('a link id is used once for ever, in every category', () => {
    const rig = market()
    rig.place('a', 1, 990, 100, { orderLinkId: 'once' })
    rig.cancel('a', 'once')
    expect(rig.ask('a', 1, 990, 100, { orderLinkId: 'once' }).retCode).toBe(110072)
    expect(rig.ask('a', 1, 99_000, 10_000, { ...spot, orderLinkId: 'once' }).retCode).toBe(170141)
    expect(rig.ask('b', 1, 990, 100, { orderLinkId: 'once' }).retCode).toBe(0)
  })

  test('500 active orders per symbol, in-flight ones included; the place is free again after a cancel', () => {
    const rig = market({ matchUs: 0 })
    for (let i = 0; i < 500; i++) rig.place('a', 1, 500, 100)
    expect(rig.ask('a', 1, 500, 100).retCode).toBe(110020)
    expect(rig.ask('a', 1, 900, 100, inverse).retCode).toBe(0)
    rig.cancel('a', 'l7')
    expect(rig.ask('a', 1, 500, 100).retCode).toBe(0)
  })

  test('10 conditional contract orders, 30 on spot', () => {
    const rig = market()
    for (let i = 0; i < 10; i++) rig.place('a', 1, 900, 100, trigger)
    expect(rig.ask('a', 1, 900, 100, trigger).retCode).toBe(110009)
    const stop = { ...spot, orderFilter: 'StopOrder', triggerTicks: 90_000 as PriceTicks } as const
    for (let i = 0; i < 30; i++) rig.place('a', 1, 90_000, 10_000, stop)
    expect(rig.ask('a', 1, 90_000, 10_000, stop).retCode).toBe(170810)
  })

  test('spot holds what its open orders need and gives it back', () => {
    const rig = market({
      accounts: [
        { uid: 'a', balances: { USDT: 100n * E8, BTC: 0n } },
        { uid: 'c', balances: RICH },
      ],
    })
    rig.place('a', 1, 90_000, 100_000, spot)
    expect(rig.exchange.wallet('a').locked.get('USDT')).toBe(90n * E8)
    expect(rig.ask('a', 1, 90_000, 100_000, spot).retCode).toBe(170131)
    expect(rig.ask('a', -1, 110_000, 100_000, spot).retCode).toBe(170131)
    expect(rig.amend('a', 'l7', null, 200_000).retCode).toBe(170131)
    rig.cancel('a', 'l7')
    expect(rig.exchange.wallet('a').locked.get('USDT')).toBe(0n)
    expect(rig.ask('a', 1, 90_000, 100_000, spot).retCode).toBe(0)
  })

  test('contracts need margin for the worse side of position and orders, not for both', () => {
    const balances = { USDT: 11n * E8 }
    const rig = market({
      accounts: [
        { uid: 'a', balances },
        { uid: 'c', balances: RICH },
      ],
    })
    rig.place('a', 1, 990, 1_000)
    expect(rig.ask('a', -1, 1_010, 1_000).retCode).toBe(0)
    expect(rig.ask('a', 1, 990, 1_000).retCode).toBe(110007)
    expect(rig.exchange.terms.setLeverage('a', 'linear', 'BTCUSDT', '25').retCode).toBe(0)
    expect(rig.ask('a', 1, 990, 1_000).retCode).toBe(0)
  })
})

describe('price limits', () => {
  test('a contract price outside is moved to the limit, unless the account wants it refused', () => {
    const rig = market()
    const { buyLimitTicks } = rig.exchange.reference('linear', 'BTCUSDT')
    rig.place('c', -1, buyLimitTicks + 50, 100)
    rig.place('a', 1, buyLimitTicks + 100, 100, { timeInForce: 'IOC', orderLinkId: 'moved' })
    expect(rig.told.last('moved').priceTicks).toBe(buyLimitTicks)
    rig.exchange.terms.setPriceLimitAction('a', 'linear', false)
    expect(rig.ask('a', 1, buyLimitTicks + 100, 100).retCode).toBe(30208)
    expect(rig.ask('a', -1, 500, 100).retCode).toBe(30209)
  })

  test('a market order stops at the band and is refused when nothing stands inside', () => {
    const rig = new Rig()
    expect(rig.ask('a', 1, 0, 100, { type: 'Market' }).retCode).toBe(10001)
    rig.place('c', -1, 1_000, 60)
    rig.place('c', 1, 998, 60)
    rig.place('c', -1, 1_300, 100)
    rig.place('a', 1, 0, 100, { type: 'Market', orderLinkId: 'sweep' })
    expect(rig.told.last('sweep')).toMatchObject({
      status: 'Cancelled',
      filledLots: 60,
      rejectReason: 'EC_NoImmediateQtyToFill',
    })
  })
})

describe('amend and cancel', () => {
  const gone = [
    ['linear', 110001, 'order not exists or too late to cancel', 'order not exists or too late to replace'],
    ['spot', 170213, 'Order does not exist.', 'Order does not exist.'],
  ] as const

  test.each(gone)('an unknown %s order gives %d', (category, code, cancelText, amendText) => {
    const rig = market()
    const id = { category, symbol: 'BTCUSDT', orderId: '', orderLinkId: 'nope' } as const
    const at = timeUs(rig.tick())
    expect(rig.exchange.cancel('a', { ...id, orderFilter: null }, at)).toMatchObject({
      retCode: code,
      retMsg: cancelText,
    })
    const none = { priceTicks: null, sizeLots: null, triggerTicks: null }
    expect(rig.exchange.amend('a', { ...id, ...none }, at)).toMatchObject({ retCode: code, retMsg: amendText })
  })

  test("without any id: 10001; two ids of two orders name none; another account's order is unknown", () => {
    const rig = market()
    rig.place('a', 1, 990, 100, { orderLinkId: 'x' })
    rig.place('a', 1, 990, 100, { orderLinkId: 'y' })
    const at = timeUs(rig.tick())
    const id = { category: 'linear', symbol: 'BTCUSDT', orderFilter: null } as const
    expect(rig.exchange.cancel('a', { ...id, orderId: '', orderLinkId: '' }, at).retCode).toBe(10001)
    const { orderId } = rig.told.last('x')
    expect(rig.exchange.cancel('a', { ...id, orderId, orderLinkId: 'y' }, at).retCode).toBe(110001)
    expect(rig.exchange.cancel('b', { ...id, orderId, orderLinkId: '' }, at).retCode).toBe(110001)
    expect(rig.exchange.cancel('a', { ...id, orderId, orderLinkId: '' }, at).retCode).toBe(0)
  })

  test('what changes nothing is refused with 10001; what changes one thing is not', () => {
    const rig = market()
    rig.place('a', 1, 995, 200, { orderLinkId: 'x' })
    rig.place('a', 1, 99_500, 20_000, { ...spot, orderLinkId: 'y' })
    for (const [ticks, lots] of [
      [995, 200],
      [995, null],
      [null, 200],
      [null, null],
    ] as const) {
      expect(rig.amend('a', 'x', ticks, lots)).toMatchObject({ retCode: 10001, retMsg: 'order not modified' })
    }
    expect(rig.amend('a', 'y', 99_500, null).retMsg).toContain('The order remains unchanged')
    expect(rig.amend('a', 'x', 995, 201).retCode).toBe(0)
    expect(rig.amend('a', 'x', 996, 201).retCode).toBe(0)
  })

  test('a new total at or below what is filled is refused: 110064, spot 170313', () => {
    const rig = market()
    rig.place('a', 1, 1_000, 200, { orderLinkId: 'x' })
    rig.place('b', -1, 1_000, 100)
    expect(rig.amend('a', 'x', null, 100).retCode).toBe(110064)
    rig.place('a', 1, 100_000, 20_000, { ...spot, orderLinkId: 'y' })
    rig.place('b', -1, 100_000, 10_000, spot)
    expect(rig.amend('a', 'y', null, 10_000).retCode).toBe(170313)
    expect(rig.amend('a', 'x', null, 150).retCode).toBe(0)
    expect(rig.told.last('x')).toMatchObject({ sizeLots: 150, filledLots: 100, status: 'PartiallyFilled' })
  })

  test.each([
    ['keepOnDecrease', 80, 0],
    ['keepOnDecrease', 120, 60],
    ['keepAtSamePrice', 120, 0],
    ['alwaysLose', 80, 60],
  ] as const)('%s: a total of %d leaves %d lots ahead', (amendPriority, total, ahead) => {
    const rig = new Rig({ exchange: { amendPriority } })
    rig.place('a', 1, 1_000, 100, { orderLinkId: 'x' })
    rig.place('b', 1, 1_000, 60)
    rig.amend('a', 'x', null, total)
    const [account] = rig.exchange.truth().accounts
    expect(account?.openOrders[0]?.lotsAhead).toBe(ahead)
  })

  test('post-only that would take, placed or amended, is accepted and then cancelled', () => {
    const rig = market()
    rig.place('a', 1, 1_001, 100, { timeInForce: 'PostOnly', orderLinkId: 'x' })
    rig.place('a', 1, 1_000, 100, { timeInForce: 'PostOnly', orderLinkId: 'y' })
    rig.amend('a', 'y', 1_001, null)
    for (const id of ['x', 'y']) {
      expect(rig.told.last(id)).toMatchObject({
        status: 'Cancelled',
        filledLots: 0,
        rejectReason: 'EC_PostOnlyWillTakeLiquidity',
      })
    }
  })
})

describe('mode and leverage', () => {
  test('mode: unchanged 110025, with a position 110024, with orders 110028', () => {
    const rig = market()
    expect(rig.exchange.terms.setPositionMode('a', 'BTCUSDT', false).retCode).toBe(110025)
    rig.place('a', 1, 990, 100, { orderLinkId: 'x' })
    expect(rig.exchange.terms.setPositionMode('a', 'BTCUSDT', true).retCode).toBe(110028)
    rig.amend('a', 'x', 1_001, null)
    expect(rig.exchange.terms.setPositionMode('a', 'BTCUSDT', true).retCode).toBe(110024)
    expect(rig.exchange.terms.setPositionMode('b', 'BTCUSDT', true).retCode).toBe(0)
    expect(rig.ask('b', 1, 990, 100).retCode).toBe(10001)
    expect(rig.ask('b', 1, 990, 100, { positionIdx: 1 }).retCode).toBe(0)
  })

  test('hedge mode keeps two positions, and the closing side cannot open', () => {
    const rig = market({
      accounts: [
        { uid: 'a', balances: RICH, isHedge: true },
        { uid: 'c', balances: RICH },
      ],
    })
    rig.place('a', 1, 1_001, 100, { positionIdx: 1 })
    rig.place('a', -1, 999, 70, { positionIdx: 2 })
    expect(rig.exchange.positions('a').map((p) => [p.positionIdx, p.lots])).toEqual([
      [1, 100],
      [2, -70],
    ])
    rig.place('a', -1, 999, 150, { positionIdx: 1, timeInForce: 'IOC', orderLinkId: 'close' })
    expect(rig.told.last('close')).toMatchObject({ status: 'Filled', sizeLots: 100 })
    expect(rig.ask('a', -1, 999, 50, { positionIdx: 1 }).retCode).toBe(110017)
  })

  test('leverage: unchanged 110043, outside 10001', () => {
    const rig = market()
    expect(rig.exchange.terms.setLeverage('a', 'linear', 'BTCUSDT', '10').retCode).toBe(110043)
    for (const bad of ['0', '101', 'x', '-1', '1e1']) {
      expect(rig.exchange.terms.setLeverage('a', 'linear', 'BTCUSDT', bad).retCode).toBe(10001)
    }
  })
})
