/** order/realtime, order/history, execution/list and cancel-all as a client pages and filters them. */
import { describe, expect, test } from 'vitest'
import { byText, type Client, rig, type Row, stillMarkets } from './harness.ts'

const LIMIT = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }
const REALTIME = '/v5/order/realtime'

async function place(client: Client, count: number, more: Row = {}): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const answer = await client.post('/v5/order/create', { ...LIMIT, orderLinkId: `o${i}`, ...more })
    ids.push(String(answer.result['orderId']))
    await client.run(i % 3 === 0 ? 0 : 700)
  }
  await client.run(1_000)
  return ids
}

async function pages(client: Client, query: string, escape: (cursor: string) => string, from = ''): Promise<Row[]> {
  const found: Row[] = []
  let cursor = from
  do {
    const answer = await client.get(REALTIME, `${query}${cursor === '' ? '' : `&cursor=${escape(cursor)}`}`)
    expect(answer.code).toBe(0)
    found.push(...answer.list)
    cursor = String(answer.result['nextPageCursor'])
  } while (cursor !== '')
  return found
}

describe('pages', () => {
  test.each([
    ['as it came', (cursor: string) => cursor],
    ['escaped again', encodeURIComponent],
  ])('a cursor sent %s leads through every order once, newest first', async (_name, escape) => {
    const { client } = rig({ markets: stillMarkets() })
    const ids = await place(client, 47)
    const found = await pages(client, 'category=linear&symbol=BTCUSDT&limit=10', escape)
    expect(found.map((row) => row['orderId']).toSorted(byText)).toEqual(ids.toSorted(byText))
    const created = found.map((row) => Number(row['createdTime']))
    expect(created).toEqual([...created].sort((a, b) => b - a))
  })

  test('cursors contain percent escapes; 20 rows by default, 50 at most', async () => {
    const { client } = rig({ markets: stillMarkets() })
    await place(client, 60)
    const first = await client.get(REALTIME, 'category=linear&symbol=BTCUSDT')
    expect(first.list).toHaveLength(20)
    expect(String(first.result['nextPageCursor'])).toMatch(/%3A.*%2C/)
    expect((await client.get(REALTIME, 'category=linear&symbol=BTCUSDT&limit=1000')).list).toHaveLength(50)
    expect((await client.get(REALTIME, 'category=linear&symbol=BTCUSDT&limit=0')).code).toBe(10001)
    expect((await client.get(REALTIME, 'category=linear&symbol=BTCUSDT&cursor=nonsense')).code).toBe(10001)
  })

  test('orders that vanish or appear between pages neither hide nor repeat others', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const ids = await place(client, 30)
    const query = 'category=linear&symbol=BTCUSDT&limit=10'
    const first = await client.get(REALTIME, query)
    for (const row of first.list.slice(0, 5)) {
      await client.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderId: row['orderId'] })
    }
    await place(client, 3, { orderLinkId: '' })
    const rest = await pages(client, query, (cursor) => cursor, String(first.result['nextPageCursor']))
    const seen = [...first.list, ...rest].map((row) => row['orderId'])
    expect(new Set(seen).size).toBe(seen.length)
    expect(ids.every((id) => seen.includes(id))).toBe(true)
  })
})

describe('realtime', () => {
  test.each([
    ['category=linear', 10001],
    ['category=linear&settleCoin=USDT', 0],
    ['category=linear&baseCoin=BTC', 0],
    ['category=inverse', 0],
    ['category=spot', 0],
    ['category=option', 0],
    ['symbol=BTCUSDT', 10001],
    ['category=linear&symbol=BTCUSDT&openOnly=9', 10001],
  ])('%s → %d', async (query, code) => {
    const { client } = rig({ markets: stillMarkets() })
    expect((await client.get(REALTIME, query)).code).toBe(code)
  })

  test('openOnly 0 shows open orders, 1 closed ones, an id either; orderId goes before orderLinkId', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const [first = '', second = ''] = await place(client, 2)
    await client.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderId: first })
    await client.run(1_000)
    const ask = async (query: string): Promise<unknown[]> =>
      (await client.get(REALTIME, `category=linear&symbol=BTCUSDT${query}`)).list.map((row) => row['orderId'])
    expect(await ask('')).toEqual([second])
    expect(await ask('&openOnly=1')).toEqual([first])
    expect(await ask(`&orderId=${first}`)).toEqual([first])
    expect(await ask('&orderLinkId=o0')).toEqual([first])
    expect(await ask(`&orderId=${second}&orderLinkId=o0`)).toEqual([second])
    expect(await ask('&orderId=unknown')).toEqual([])
  })

  test('filters: symbol before baseCoin before settleCoin, and the order filter', async () => {
    const { client } = rig({ markets: stillMarkets() })
    await place(client, 1)
    await place(client, 1, { orderLinkId: 'c', triggerPrice: '62000', triggerDirection: 1 })
    const count = async (query: string): Promise<number> =>
      (await client.get(REALTIME, `category=linear&${query}`)).list.length
    expect(await count('settleCoin=USDT')).toBe(2)
    expect(await count('settleCoin=USDT&orderFilter=StopOrder')).toBe(1)
    expect(await count('settleCoin=USDC')).toBe(0)
    expect(await count('baseCoin=ETH&settleCoin=USDT')).toBe(0)
    expect(await count('symbol=BTCUSDT&baseCoin=ETH')).toBe(2)
  })
})

describe('history', () => {
  const HISTORY = '/v5/order/history'

  test('cancelled without a fill is kept a day, filled a week; windows are at most seven days', async () => {
    const { client } = rig({ markets: stillMarkets() })
    await place(client, 1)
    await client.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' })
    await client.post('/v5/order/create', { ...LIMIT, orderType: 'Market', orderLinkId: 'filled' })
    await client.run(1_000)
    const links = async (query = ''): Promise<unknown[]> =>
      (await client.get(HISTORY, `category=linear${query}`)).list.map((row) => row['orderLinkId'])
    expect(await links()).toEqual(['filled', 'o0'])
    expect(await links('&orderStatus=Cancelled')).toEqual(['o0'])
    await client.run(25 * 3_600_000_000)
    expect(await links()).toEqual(['filled'])
    await client.run(7 * 24 * 3_600_000_000)
    expect(await links()).toEqual([])
    const start = 1_760_000_000_000
    expect(await links(`&startTime=${start - 1}`)).toEqual(['filled'])
    expect(
      (await client.get(HISTORY, `category=linear&startTime=${start}&endTime=${start + 8 * 86_400_000}`)).code,
    ).toBe(10001)
  })
})

describe('cancel-all', () => {
  const CANCEL = '/v5/order/cancel-all'
  test.each([
    [{ category: 'linear' }, 10001],
    [{ category: 'inverse' }, 10001],
    [{ category: 'spot', settleCoin: 'USDT' }, 10001],
    [{ category: 'linear', settleCoin: 'USDT' }, 0],
    [{ category: 'spot' }, 0],
    [{ category: 'option' }, 0],
  ])('%j → %d', async (body, code) => {
    const { client } = rig({ markets: stillMarkets() })
    expect((await client.post(CANCEL, body)).code).toBe(code)
  })

  test('on spot only plain orders go; each other kind needs its filter', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const spot = { ...LIMIT, category: 'spot' }
    await client.post('/v5/order/create', { ...spot, orderLinkId: 'plain' })
    await client.post('/v5/order/create', {
      ...spot,
      orderLinkId: 'tpsl',
      orderFilter: 'tpslOrder',
      triggerPrice: '60000',
    })
    await client.post('/v5/order/create', {
      ...spot,
      orderLinkId: 'stop',
      orderFilter: 'StopOrder',
      triggerPrice: '60000',
    })
    await client.run(1_000)
    const open = async (): Promise<unknown[]> => {
      await client.run(1_000)
      return (await client.get(REALTIME, 'category=spot')).list.map((row) => row['orderLinkId']).toSorted(byText)
    }
    expect(await open()).toEqual(['plain', 'stop', 'tpsl'])
    await client.post(CANCEL, { category: 'spot' })
    expect(await open()).toEqual(['stop', 'tpsl'])
    await client.post(CANCEL, { category: 'spot', orderFilter: 'tpslOrder' })
    expect(await open()).toEqual(['stop'])
    await client.post(CANCEL, { category: 'spot', orderFilter: 'StopOrder' })
    expect(await open()).toEqual([])
  })

  test('the answer lists what it cancels with success "1"', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const ids = await place(client, 3)
    const answer = await client.post(CANCEL, { category: 'linear', symbol: 'BTCUSDT' })
    expect(answer.result['success']).toBe('1')
    expect(answer.list.map((row) => row['orderId']).toSorted(byText)).toEqual(ids.toSorted(byText))
  })
})
