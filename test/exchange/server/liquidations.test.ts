/** allLiquidation tells the positions that the exchange took over, by the side they had, gathered for half a second. */
import { expect, test } from 'vitest'
import { Listener, rig, stillMarkets } from './harness.ts'

test.each([
  ['Buy', 'Buy'],
  ['Sell', 'Sell'],
])('a %s position', async (side, told) => {
  const world = rig({ markets: stillMarkets() })
  const { client } = world
  const market = new Listener(world, '/v5/public/linear')
  await market.say({ op: 'subscribe', args: ['allLiquidation.BTCUSDT'] })
  const account = new Listener(world, '/v5/private')
  await account.auth()
  await account.say({ op: 'subscribe', args: ['execution'] })
  const order = { category: 'linear', symbol: 'BTCUSDT', orderType: 'Market', qty: '0.1', side }
  expect((await client.post('/v5/order/create', order)).code).toBe(0)
  await client.run(1_900_000)
  expect(market.of('allLiquidation.BTCUSDT')).toEqual([])
  const fault = JSON.stringify({ rules: [{ at: 'venue', match: 'BTCUSDT', effect: 'bust', fromMs: 3_000 }] })
  await client.send('POST', '/sim/faults', {}, fault)
  await client.run(1_200_000)
  expect(market.of('allLiquidation.BTCUSDT')).toEqual([])
  await client.run(800_000)
  const frames = market.of('allLiquidation.BTCUSDT')
  const [bust] = (account.of('execution').at(-1)?.['data'] ?? []) as Record<string, string>[]
  expect(bust).toMatchObject({ execType: 'BustTrade', execQty: '0.050' })
  expect(frames).toMatchObject([
    {
      type: 'snapshot',
      data: [{ T: Number(bust?.['execTime']), s: 'BTCUSDT', S: told, v: '0.050', p: bust?.['execPrice'] }],
    },
  ])
})
