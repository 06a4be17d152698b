/** Quotas: per UID and class, tiers, batches in part, per address with its ban. Figures are BYBIT.md §1.2. */
import { describe, expect, test } from 'vitest'
import { LIMITS, type LimitClass, TIER_NAMES, UidLimits } from '../../../src/core/exchange/sim/server/limits.ts'
import { type Client, Listener, rig, type Row, stillMarkets } from './harness.ts'

const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }
const CREATE = '/v5/order/create'

async function codes(client: Client, count: number, ask: () => Promise<{ code: number }>): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < count; i++) found.push((await ask()).code)
  expect(client.nowMs()).toBeLessThan(1_760_000_001_000)
  return found
}

test.each([
  ['order/create', 'futures', 10],
  ['order/create', 'spot', 20],
  ['order/cancel-all', 'option', 1],
  ['order/realtime', 'spot', 50],
  ['account/fee-rate', 'futures', 5],
  ['account/transaction-log', 'futures', 25],
] as const)('%s for %s: %d a second by default', (name, group, perSecond) => {
  const limits = new UidLimits('default')
  const granted = Array.from({ length: perSecond + 3 }, () => limits.take('u', { name, group }, 1, 1_000).granted)
  expect(granted.reduce((sum, one) => sum + one, 0)).toBe(perSecond)
  expect(limits.take('other', { name, group }, 1, 1_000).granted).toBe(1)
})

test('tiers raise the order classes and never lower anything', () => {
  for (const tier of TIER_NAMES) {
    const limits = new UidLimits(tier)
    for (const name of Object.keys(LIMITS) as LimitClass[]) {
      for (const group of ['futures', 'option', 'spot'] as const) {
        expect(limits.perSecond(name, group)).toBeGreaterThanOrEqual(LIMITS[name][group])
      }
    }
  }
  const create = TIER_NAMES.map((tier) => new UidLimits(tier).perSecond('order/create', 'futures'))
  expect(create).toEqual([10, 20, 40, 60, 60, 60, 200, 400, 600, 800, 1000, 1200, 1_000_000])
  expect(new UidLimits('pro6').perSecond('order/cancel-all', 'option')).toBe(1)
})

describe('over the wire', () => {
  test('the eleventh create in a second is 10006, with what is left and when it resets', async () => {
    const { client } = rig({ tier: 'default', markets: stillMarkets() })
    const first = await client.post(CREATE, ORDER)
    expect(first.headers).toMatchObject({ 'x-bapi-limit': '10', 'x-bapi-limit-status': '9' })
    expect(await codes(client, 10, () => client.post(CREATE, ORDER))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 10006])
    const over = await client.post(CREATE, ORDER)
    expect(over.status).toBe(200)
    expect(over.json.retMsg).toContain('Too many visits')
    const resetMs = Number(over.headers['x-bapi-limit-reset-timestamp'])
    expect(resetMs).toBe(client.nowMs() + 1_000)
    await client.run(1_000_000)
    expect((await client.post(CREATE, ORDER)).code).toBe(0)
  })

  test('linear and inverse share a window, spot, cancel and batch have their own, order entry by socket has the same', async () => {
    const world = rig({ tier: 'default', markets: stillMarkets() })
    const { client } = world
    await codes(client, 10, () => client.post(CREATE, ORDER))
    expect((await client.post(CREATE, { ...ORDER, category: 'inverse', symbol: 'BTCUSD', qty: '10' })).code).toBe(10006)
    expect((await client.post(CREATE, { ...ORDER, category: 'spot' })).code).toBe(0)
    expect((await client.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' })).code).toBe(0)
    const trade = new Listener(world, '/v5/trade')
    await trade.auth()
    const header = { 'X-BAPI-TIMESTAMP': String(client.nowMs()) }
    expect(await trade.say({ op: 'order.create', header, args: [ORDER] })).toMatchObject({
      retCode: 10006,
      header: { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0' },
    })
    expect((await client.post('/v5/order/create-batch', { category: 'linear', request: [ORDER] })).code).toBe(0)
  })

  test('a batch beyond the quota passes in part: the first orders, in order', async () => {
    const { client } = rig({ tier: 'default', markets: stillMarkets() })
    const request = Array.from({ length: 14 }, (_, i) => ({ ...ORDER, orderLinkId: `b${i}` }))
    const answer = await client.post('/v5/order/create-batch', { category: 'linear', request })
    const ext = answer.json.retExtInfo['list'] as Row[]
    expect(answer.code).toBe(0)
    expect(ext.map((row) => row['code'])).toEqual([...Array.from({ length: 10 }, () => 0), 10006, 10006, 10006, 10006])
    expect(answer.list.slice(10).every((row) => row['orderId'] === '' && row['createAt'] === '')).toBe(true)
  })

  test('600 requests in 5 s from one address are followed by 403 pages for ten minutes', async () => {
    const { client } = rig({ tier: 'default', markets: stillMarkets() })
    for (let i = 0; i < 600; i++) expect((await client.get('/v5/market/time', '', null)).status).toBe(200)
    const banned = await client.get('/v5/market/time', '', null)
    expect(banned.status).toBe(403)
    expect(banned.headers['content-type']).toBe('text/html')
    expect(banned.body).toContain('access too frequent')
    await client.run(599_000_000)
    expect((await client.get('/v5/market/time', '', null)).status).toBe(403)
    await client.run(1_100_000)
    expect((await client.get('/v5/market/time', '', null)).status).toBe(200)
  })
})
