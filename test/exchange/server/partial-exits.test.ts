/** Trailing stops, and exits of a part of a position: several at once, limit orders among them, bonded in pairs. */
import { describe, expect, test } from 'vitest'
import { type InitialState, parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { type Answer, type Client, openOrders, position, rig, stillMarkets } from './harness.ts'

const AT = { category: 'linear', symbol: 'BTCUSDT' }
const OTHER = { apiKey: 'otherKey', secret: 'otherWord' }

/** Bids from 61800.0 down and asks from 61800.1 up, a tick apart, of 1, 2, 3, … BTC. */
function world(): Client {
  const keys = [{ apiKey: OTHER.apiKey, apiSecret: OTHER.secret }]
  const state = parseState(JSON.stringify({ accounts: [{ uid: '200002', wallet: { USDT: '9000000' }, keys }] }))
  if ('problem' in state) throw new Error(state.problem)
  return rig({ markets: stillMarkets(), state: state satisfies InitialState }).client
}

async function hold(client: Client, side: string, qty = '0.3'): Promise<void> {
  await client.post('/v5/order/create', { ...AT, side, orderType: 'Market', qty })
  await client.run(1_000)
}

/** Somebody else trades the last price to where `price` says, through everything before it. */
async function trade(client: Client, side: string, price: string): Promise<void> {
  const order = { ...AT, side, orderType: 'Limit', timeInForce: 'IOC', qty: '100', price }
  expect((await client.post('/v5/order/create', order, OTHER)).code).toBe(0)
  await client.run(10_000)
}

const stop = (client: Client, body: object): Promise<Answer> =>
  client.post('/v5/position/trading-stop', { ...AT, positionIdx: 0, tpslMode: 'Full', ...body })
const part = (client: Client, body: object): Promise<Answer> => stop(client, { tpslMode: 'Partial', ...body })

describe('trailing stop', () => {
  test.each([
    {
      side: 'Buy',
      better: ['Buy', '61801.0'],
      back: ['Sell', '61800.0'],
      worse: ['Sell', '61799.8'],
      trigger: '61799.9',
    },
    {
      side: 'Sell',
      better: ['Sell', '61799.0'],
      back: ['Buy', '61800.1'],
      worse: ['Buy', '61800.2'],
      trigger: '61800.1',
    },
  ] as const)('$side: follows the price and closes all of it', async ({ side, better, back, worse, trigger }) => {
    const client = world()
    await hold(client, side)
    expect((await stop(client, { trailingStop: '1.1' })).code).toBe(0)
    expect(await position(client)).toMatchObject({ trailingStop: '1.1', takeProfit: '', stopLoss: '' })
    await trade(client, better[0], better[1])
    const [order] = await openOrders(client)
    expect(order).toMatchObject({
      stopOrderType: 'TrailingStop',
      createType: 'CreateByTrailingStop',
      orderStatus: 'Untriggered',
      triggerPrice: trigger,
      qty: '0.300',
      reduceOnly: true,
    })
    // Back, but not by so much: the trigger stays where the best price left it.
    if (side === 'Buy') {
      await trade(client, back[0], back[1])
      expect((await openOrders(client))[0]).toMatchObject({ triggerPrice: trigger })
    }
    await trade(client, worse[0], worse[1])
    expect(await position(client)).toMatchObject({ size: '0.000', trailingStop: '0' })
    expect(await openOrders(client)).toEqual([])
  })

  test('with a start price it follows nothing before that', async () => {
    const client = world()
    await hold(client, 'Buy')
    expect((await stop(client, { trailingStop: '0.2', activePrice: '61800.5' })).code).toBe(0)
    await trade(client, 'Sell', '61799.7')
    expect(await position(client)).toMatchObject({ size: '0.300', trailingStop: '0.2' })
    await trade(client, 'Buy', '61800.6')
    expect((await openOrders(client))[0]).toMatchObject({ triggerPrice: '61800.4' })
    await trade(client, 'Sell', '61799.6')
    expect(await position(client)).toMatchObject({ size: '0.000' })
  })

  test('is changed, left, taken away, and refused behind the price', async () => {
    const client = world()
    await hold(client, 'Buy')
    const codes: number[] = []
    for (const body of [
      { trailingStop: '1' },
      { trailingStop: '1' },
      { trailingStop: '2', stopLoss: '60000' },
      { trailingStop: '2', activePrice: '61000' },
      { trailingStop: '-1' },
      { trailingStop: 'far' },
    ])
      codes.push((await stop(client, body)).code)
    expect(codes).toEqual([0, 34040, 0, 10001, 10001, 10001])
    expect(await position(client)).toMatchObject({ trailingStop: '2.0', stopLoss: '60000.0' })
    expect(await openOrders(client)).toHaveLength(2)
    expect((await stop(client, { trailingStop: '0' })).code).toBe(0)
    expect(await position(client)).toMatchObject({ trailingStop: '0', stopLoss: '60000.0' })
    await client.post('/v5/order/create', { ...AT, side: 'Sell', orderType: 'Market', qty: '0.3', reduceOnly: true })
    expect(await openOrders(client)).toEqual([])
  })
})

const kinds = async (client: Client): Promise<string[]> =>
  (await openOrders(client)).map(({ stopOrderType, qty, orderType, price }) =>
    [stopOrderType, qty, orderType, price].join(' '),
  )

describe('exits of a part', () => {
  test('are added, beside each other and beside those of the whole position', async () => {
    const client = world()
    await hold(client, 'Buy')
    await stop(client, { takeProfit: '70000' })
    const limits = { tpOrderType: 'Limit', tpLimitPrice: '65010', slOrderType: 'Limit', slLimitPrice: '54990' }
    const both = { takeProfit: '65000', stopLoss: '55000', tpSize: '0.1', slSize: '0.1', ...limits }
    expect((await part(client, both)).code).toBe(0)
    expect((await part(client, { takeProfit: '66000', tpSize: '0.05' })).code).toBe(0)
    expect((await part(client, { takeProfit: '66000', tpSize: '0.05' })).code).toBe(0)
    expect((await kinds(client)).toSorted()).toEqual([
      'PartialStopLoss 0.100 Limit 54990.0',
      'PartialTakeProfit 0.050 Market 0',
      'PartialTakeProfit 0.050 Market 0',
      'PartialTakeProfit 0.100 Limit 65010.0',
      'TakeProfit 0.300 Market 0',
    ])
    for (const row of await openOrders(client)) {
      const isPart = String(row['stopOrderType']).startsWith('Partial')
      expect(row).toMatchObject({
        tpslMode: isPart ? 'Partial' : 'Full',
        createType: `CreateBy${String(row['stopOrderType'])}`,
      })
    }
    // The position names those of the whole.
    expect(await position(client)).toMatchObject({ takeProfit: '70000.0', stopLoss: '', tpslMode: 'Full' })
  })

  test('one that triggers closes its part, and its partner goes', async () => {
    const client = world()
    await hold(client, 'Buy')
    await part(client, { takeProfit: '61800.4', stopLoss: '55000', tpSize: '0.1', slSize: '0.1' })
    await part(client, { stopLoss: '56000', slSize: '0.2' })
    await trade(client, 'Buy', '61800.4')
    expect(await position(client)).toMatchObject({ side: 'Buy', size: '0.200' })
    expect(await kinds(client)).toEqual(['PartialStopLoss 0.200 Market 0'])
  })

  test('one that is cancelled takes its partner with it', async () => {
    const client = world()
    await hold(client, 'Buy')
    await part(client, { takeProfit: '65000', stopLoss: '55000', tpSize: '0.1', slSize: '0.1' })
    const [{ orderId } = {}] = await openOrders(client)
    await client.post('/v5/order/cancel', { ...AT, orderId })
    expect(await openOrders(client)).toEqual([])
  })

  test('are never larger than the position, and gone with it', async () => {
    const client = world()
    await hold(client, 'Sell')
    await part(client, { takeProfit: '60000', tpSize: '0.25' })
    await part(client, { stopLoss: '65000', slSize: '0.1' })
    const buy = { ...AT, side: 'Buy', orderType: 'Market', reduceOnly: true }
    await client.post('/v5/order/create', { ...buy, qty: '0.15' })
    expect((await kinds(client)).toSorted()).toEqual([
      'PartialStopLoss 0.100 Market 0',
      'PartialTakeProfit 0.150 Market 0',
    ])
    await client.post('/v5/order/create', { ...buy, qty: '0.15' })
    expect(await openOrders(client)).toEqual([])
  })

  test.each([
    [{ takeProfit: '65000', stopLoss: '55000', tpSize: '0.1', slSize: '0.2' }, 10001],
    [{ takeProfit: '65000', tpSize: '0.4' }, 10001],
    [{ takeProfit: '65000', tpSize: '0' }, 10001],
    [{ takeProfit: '65000', tpSize: '0.1', tpOrderType: 'Limit' }, 10001],
    [{ takeProfit: '60000', tpSize: '0.1' }, 10001],
    [{ takeProfit: '0' }, 34040],
    [{ tpslMode: 'Full', takeProfit: '65000', tpOrderType: 'Limit', tpLimitPrice: '65010' }, 10001],
  ])('%j is refused with %i', async (body, code) => {
    const client = world()
    await hold(client, 'Buy')
    expect((await part(client, body)).code).toBe(code)
    expect(await openOrders(client)).toEqual([])
  })

  test('an order may carry them: as much as it has filled, growing with it', async () => {
    const client = world()
    const exits = {
      tpslMode: 'Partial',
      takeProfit: '65000',
      tpOrderType: 'Limit',
      tpLimitPrice: '65010',
      stopLoss: '55000',
    }
    await client.post('/v5/order/create', {
      ...AT,
      side: 'Buy',
      orderType: 'Limit',
      price: '61800.1',
      qty: '1.4',
      ...exits,
    })
    expect((await kinds(client)).toSorted()).toEqual(
      [' 1.400 Limit 61800.1', 'PartialStopLoss 1.000 Market 0', 'PartialTakeProfit 1.000 Limit 65010.0']
        .map((text) => text.replace(/^ /, 'UNKNOWN '))
        .toSorted(),
    )
    await client.post('/v5/order/create', { ...AT, side: 'Sell', orderType: 'Market', qty: '3' }, OTHER)
    expect((await kinds(client)).toSorted()).toEqual([
      'PartialStopLoss 1.400 Market 0',
      'PartialTakeProfit 1.400 Limit 65010.0',
    ])
    const whole = { tpslMode: 'Full', takeProfit: '65000', tpOrderType: 'Limit', tpLimitPrice: '65010' }
    const order = { ...AT, side: 'Buy', orderType: 'Market', qty: '0.1' }
    expect((await client.post('/v5/order/create', { ...order, ...whole })).code).toBe(10001)
  })
})
