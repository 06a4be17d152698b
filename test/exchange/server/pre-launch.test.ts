/** A symbol before its launch: listed when asked for, and nothing trades there, neither the crowd nor a client. */
import { expect, test } from 'vitest'
import { type InitialState, parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { Listener, rig } from './harness.ts'

const NEW = {
  symbol: 'NEWUSDT',
  category: 'linear',
  baseCoin: 'NEW',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  tickSize: '0.001',
  lotSize: '1',
  price: '4',
  status: 'PreLaunch',
}
const AT = 'category=linear&symbol=NEWUSDT'

function stateOf(file: object): InitialState {
  const state = parseState(JSON.stringify(file))
  if ('problem' in state) throw new Error(state.problem)
  return state
}

const world = () => rig({ state: stateOf({ instruments: [NEW] }) })

test('no book, no trades, no price', async () => {
  const { client } = world()
  await client.run(30_000_000)
  const get = async (path: string) => (await client.get(`/v5/market/${path}`, AT, null)).result
  expect(await get('orderbook')).toMatchObject({ s: 'NEWUSDT', b: [], a: [] })
  expect(await get('recent-trade')).toMatchObject({ list: [] })
  expect(await get('tickers')).toMatchObject({
    list: [{ symbol: 'NEWUSDT', lastPrice: '', bid1Price: '', markPrice: '', curPreListingPhase: 'NotStarted' }],
  })
  const listed = (await client.get('/v5/market/instruments-info', 'category=linear', null)).list
  expect(listed.filter(({ symbol }) => symbol === 'NEWUSDT')).toEqual([])
})

test('no stream tells anything but an empty book', async () => {
  const here = world()
  const market = new Listener(here, '/v5/public/linear')
  const topics = ['orderbook.50.NEWUSDT', 'publicTrade.NEWUSDT', 'kline.1.NEWUSDT']
  expect(await market.say({ op: 'subscribe', args: topics })).toMatchObject({ success: true })
  await here.client.run(30_000_000)
  const levels = market.frames.flatMap(({ data }) => {
    const { b, a } = (data ?? {}) as { b?: unknown[]; a?: unknown[] }
    return [...(b ?? []), ...(a ?? [])]
  })
  expect(levels).toEqual([])
  expect([market.of('publicTrade.NEWUSDT'), market.of('kline.1.NEWUSDT')]).toEqual([[], []])
})

test.each([
  { orderType: 'Limit', price: '4', qty: '10' },
  { orderType: 'Market', qty: '10' },
  { orderType: 'Market', qty: '10', triggerPrice: '5', triggerDirection: 1 },
])('an order %j is refused as not live', async (order) => {
  const { client } = world()
  const body = { category: 'linear', symbol: 'NEWUSDT', side: 'Buy', ...order }
  expect((await client.post('/v5/order/create', body)).code).toBe(110074)
  expect((await client.get('/v5/position/list', AT)).list).toMatchObject([{ size: '0', side: '' }])
})

test('an initial ledger cannot hold it', () => {
  const position = { category: 'linear', symbol: 'NEWUSDT', size: '5', avgPrice: '4' }
  const accounts = [{ uid: DEFAULT_UID, wallet: { USDT: '1000' }, positions: [position] }]
  expect(() => rig({ state: stateOf({ instruments: [NEW], accounts }) })).toThrow('not launched yet')
})
