/** Take profit and stop loss that came with an order: on the position once it is filled, gone when it is flat. */
import { describe, expect, test } from 'vitest'
import { byText, Listener, openOrders, position, rig, type Row, stillMarkets } from './harness.ts'

const AT = { category: 'linear', symbol: 'BTCUSDT' }
const MARKET = { ...AT, orderType: 'Market', qty: '0.1' }
const EXITS = { takeProfit: '70000', stopLoss: '50000' }

describe('exits of an order', () => {
  test.each([
    ['Buy', EXITS, '70000.0', '50000.0'],
    ['Sell', { takeProfit: '50000', stopLoss: '70000' }, '50000.0', '70000.0'],
    ['Buy', { takeProfit: '70000' }, '70000.0', ''],
  ])('%s: the position has them', async (side, exits, takeProfit, stopLoss) => {
    const { client } = rig({ markets: stillMarkets() })
    await client.post('/v5/order/create', { ...MARKET, side, ...exits })
    expect(await position(client)).toMatchObject({ side, takeProfit, stopLoss, tpslMode: 'Full' })
    const waiting = await openOrders(client)
    expect(waiting.length).toBe(Object.keys(exits).length)
    for (const row of waiting)
      expect(row).toMatchObject({ orderStatus: 'Untriggered', reduceOnly: true, closeOnTrigger: true, price: '0' })
  })

  test('a second order replaces them; one that was not filled sets none', async () => {
    const { client } = rig({ markets: stillMarkets() })
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', ...EXITS })
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', takeProfit: '71000' })
    const resting = { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.1', price: '61500', stopLoss: '40000' }
    await client.post('/v5/order/create', resting)
    expect(await position(client)).toMatchObject({ takeProfit: '71000.0', stopLoss: '50000.0' })
    expect((await openOrders(client)).length).toBe(3)
  })

  test('the stream tells them, and that they went with the position', async () => {
    const world = rig({ markets: stillMarkets() })
    const { client } = world
    const account = new Listener(world, '/v5/private')
    await account.auth()
    await account.say({ op: 'subscribe', args: ['order', 'position'] })
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', ...EXITS })
    await client.run(1_000)
    const told = (topic: string): Row | undefined => (account.of(topic).at(-1)?.['data'] as Row[] | undefined)?.[0]
    expect(told('position')).toMatchObject({ takeProfit: '70000.0', stopLoss: '50000.0', size: '0.100' })
    await client.post('/v5/order/create', { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.1', price: '61000' })
    const ladder = { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.1', price: '61000', triggerDirection: 1 }
    await client.post('/v5/order/create', { ...ladder, triggerPrice: '65000' })
    await client.post('/v5/order/create', { ...MARKET, side: 'Sell', reduceOnly: true })
    // What is no exit of the position stays.
    expect((await openOrders(client)).map((row) => row['orderStatus']).toSorted(byText)).toEqual(['New', 'Untriggered'])
    expect(told('order')).toMatchObject({ orderStatus: 'Deactivated', cancelType: 'CancelByTpSlTsClear' })
    expect(await position(client)).toMatchObject({ size: '0.000', takeProfit: '', stopLoss: '' })
  })

  test('an amend changes what the order carries; "0" takes it away', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const resting = { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.1', price: '61500', orderLinkId: 'a', ...EXITS }
    await client.post('/v5/order/create', resting)
    const change = { ...AT, orderLinkId: 'a', takeProfit: '72000', stopLoss: '0' }
    expect((await client.post('/v5/order/amend', change)).code).toBe(0)
    expect(await openOrders(client)).toMatchObject([
      { takeProfit: '72000', stopLoss: '', price: '61500.0', qty: '0.100' },
    ])
    // Through the ask: it is filled and the position gets what it carries by then.
    await client.post('/v5/order/amend', { ...AT, orderLinkId: 'a', price: '61900' })
    expect(await position(client)).toMatchObject({ side: 'Buy', takeProfit: '72000.0', stopLoss: '' })
  })

  test.each([
    ['Buy', { takeProfit: '60000' }],
    ['Buy', { stopLoss: '63000' }],
    ['Sell', { takeProfit: '63000' }],
    ['Sell', { stopLoss: '60000' }],
    ['Buy', { takeProfit: 'soon' }],
  ])('%s with %j on the wrong side is refused', async (side, exits) => {
    const { client } = rig({ markets: stillMarkets() })
    const limit = { ...AT, side, orderType: 'Limit', qty: '0.1', price: '61800' }
    expect((await client.post('/v5/order/create', { ...limit, ...exits })).code).toBe(10001)
    expect(await openOrders(client)).toEqual([])
  })

  test('they are as large as the position, whatever it becomes, and close all of it', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const sizes = async () => (await openOrders(client)).map(({ qty, side, createType }) => ({ qty, side, createType }))
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', ...EXITS })
    await client.run(1_000)
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', qty: '0.2' })
    const both = [{ createType: 'CreateByStopLoss' }, { createType: 'CreateByTakeProfit' }]
    const grown = both.map((one) => expect.objectContaining({ ...one, qty: '0.300', side: 'Sell' }))
    expect(await sizes()).toEqual(expect.arrayContaining(grown))
    await client.post('/v5/order/create', { ...MARKET, side: 'Sell', qty: '0.25' })
    expect((await sizes()).map(({ qty }) => qty)).toEqual(['0.050', '0.050'])
    // Through flat: they were the long's, the short has none.
    await client.post('/v5/order/create', { ...MARKET, side: 'Sell', qty: '0.2' })
    expect(await openOrders(client)).toEqual([])
    expect(await position(client)).toMatchObject({ side: 'Sell', size: '0.150', takeProfit: '', stopLoss: '' })
  })

  test.each([
    ['Buy', { takeProfit: '60000' }],
    ['Buy', { stopLoss: '63000', slTriggerBy: 'MarkPrice' }],
    ['Sell', { takeProfit: '63000' }],
    ['Sell', { stopLoss: '60000' }],
  ])('trading-stop of a %s position refuses %j, which would trigger at once', async (side, exits) => {
    const { client } = rig({ markets: stillMarkets() })
    await client.post('/v5/order/create', { ...MARKET, side })
    await client.run(1_000)
    const body = { ...AT, tpslMode: 'Full', positionIdx: 0, ...exits }
    expect((await client.post('/v5/position/trading-stop', body)).json).toMatchObject({
      retCode: 10001,
      retMsg: expect.stringContaining(`set for ${side} position`),
    })
    expect(await openOrders(client)).toEqual([])
  })

  test('an order that is filled in several parts at once sets one of each, over real latencies too', async () => {
    const { client } = rig({ markets: stillMarkets(), isInstant: false })
    // The levels hold 1, 2, 3, … BTC.
    await client.post('/v5/order/create', { ...MARKET, side: 'Buy', qty: '4.5', ...EXITS })
    await client.run(100_000)
    const kinds = (await openOrders(client)).map(({ stopOrderType, qty }) => ({ stopOrderType, qty }))
    expect(kinds).toHaveLength(2)
    expect(kinds).toContainEqual({ stopOrderType: 'TakeProfit', qty: '4.500' })
    expect(kinds).toContainEqual({ stopOrderType: 'StopLoss', qty: '4.500' })
    // Gone before they have landed: nothing is left of them either.
    const change = { ...AT, tpslMode: 'Full', positionIdx: 0, takeProfit: '71000', stopLoss: '49000' }
    await Promise.all([
      client.post('/v5/order/create', { ...MARKET, side: 'Sell', qty: '4.5', reduceOnly: true }),
      client.post('/v5/position/trading-stop', change),
    ])
    await client.run(100_000)
    expect(await position(client)).toMatchObject({ size: '0.000' })
    expect(await openOrders(client)).toEqual([])
  })
})
