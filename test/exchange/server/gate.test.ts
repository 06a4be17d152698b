/** Who may ask: signatures over the bytes received, the time rule, keys, permissions, routes and bad bodies. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import {
  type Answer,
  API_KEY,
  type Client,
  Listener,
  rig,
  SECRET,
  signed,
  type SignWith,
  START,
  stillMarkets,
} from './harness.ts'

const INFO = '/v5/account/info'
const CREATE = '/v5/order/create'
const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }

describe('signature', () => {
  test('covers the raw query: order, escapes and a trailing "?" as sent', async () => {
    const { client } = rig({ markets: stillMarkets() })
    for (const query of [
      'accountType=UNIFIED',
      'coin=BTC%2CUSDT&accountType=UNIFIED',
      'accountType=UNIFIED&&coin=BTC,USDT',
    ]) {
      expect((await client.get('/v5/account/wallet-balance', query)).code).toBe(0)
    }
    expect((await client.send('GET', `${INFO}?`, signed('', client.nowMs()), '')).code).toBe(0)
  })

  test('covers the raw body: spaces and key order as sent', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const spaced = JSON.stringify(ORDER, null, 2).replaceAll(':', ' : ')
    expect((await client.post(CREATE, spaced)).code).toBe(0)
    const headers = signed(JSON.stringify(ORDER), client.nowMs())
    expect((await client.send('POST', CREATE, headers, spaced)).code).toBe(10004)
  })

  test('header names are case-insensitive and an absolute-form target is the same request', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const headers = Object.entries(signed('', client.nowMs()))
    const lower = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
    expect((await client.send('GET', INFO, lower, '')).code).toBe(0)
    expect((await client.send('GET', `https://api.bybit.com${INFO}`, Object.fromEntries(headers), '')).code).toBe(0)
  })

  test('RSA keys sign with SHA-256 in base64', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rsaPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { client } = rig({
      markets: stillMarkets(),
      keys: [{ uid: DEFAULT_UID, apiKey: API_KEY, secret: '', rsaPublicKey }],
    })
    const timestamp = String(client.nowMs())
    const sign = (text: string): string => createSign('RSA-SHA256').update(text).sign(privateKey, 'base64')
    const headers = (signature: string) => ({
      'x-bapi-api-key': API_KEY,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': '5000',
      'x-bapi-sign': signature,
    })
    expect((await client.send('GET', INFO, headers(sign(`${timestamp}${API_KEY}5000`)), '')).code).toBe(0)
    expect((await client.send('GET', INFO, headers(sign('other text')), '')).code).toBe(10004)
  })

  test('a wrong one is refused with the text that was expected to be signed', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const answer = await client.get(INFO, '', { secret: 'wrong' })
    expect(answer.code).toBe(10004)
    expect(answer.json.retMsg).toMatch(/^error sign! origin_string\[\d+simKey/)
  })

  test('a key that has expired opens no socket, and a socket of its no longer takes orders', async () => {
    const key = { uid: DEFAULT_UID, apiKey: API_KEY, secret: SECRET }
    const world = rig({ markets: stillMarkets(), keys: [{ ...key, expiresMs: START / 1_000 + 5_000 }] })
    const { client } = world
    const info = (await client.get('/v5/user/query-api')).result
    expect(info).toMatchObject({ deadlineDay: 0 })
    const trade = new Listener(world, '/v5/trade')
    expect(await trade.auth()).toMatchObject({ retCode: 0 })
    await client.run(10_000_000)
    const frame = { op: 'order.create', reqId: '1', args: [{ category: 'linear' }] }
    const header = { 'X-BAPI-TIMESTAMP': String(client.nowMs()) }
    expect(await trade.say({ ...frame, header })).toMatchObject({ retCode: 33004, reqId: '1' })
    expect(await new Listener(world, '/v5/trade').auth()).toMatchObject({ retCode: 33004 })
    expect(await new Listener(world, '/v5/private').auth()).toMatchObject({ success: false })
    expect((await client.get(INFO)).code).toBe(33004)
  })

  test('a missing header is 401, an unknown key 10003', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const { 'X-BAPI-SIGN': _, ...unsigned } = signed('', client.nowMs())
    expect((await client.send('GET', INFO, unsigned, '')).status).toBe(401)
    expect((await client.get(INFO, '', { apiKey: 'nobody' })).code).toBe(10003)
  })
})

describe('time rule: server − window ≤ timestamp < server + 1000', () => {
  const rows: [string, SignWith & { offsetMs: number }, number][] = [
    ['now', { offsetMs: 0 }, 0],
    ['at the edge of the window', { offsetMs: -5000 }, 0],
    ['1 ms too old', { offsetMs: -5001 }, 10002],
    ['999 ms ahead', { offsetMs: 999 }, 0],
    ['1000 ms ahead', { offsetMs: 1000 }, 10002],
    ['1000 ms ahead with a wide window', { offsetMs: 1000, window: '60000' }, 10002],
    ['old, with a wide window', { offsetMs: -30000, window: '60000' }, 0],
    ['window that is no number', { offsetMs: 0, window: 'soon' }, 10001],
  ]
  test.each(rows)('%s', async (_name, { offsetMs, ...sign }, code) => {
    const { client } = rig({ markets: stillMarkets() })
    const answer = await client.get(INFO, '', { ...sign, timestampMs: client.nowMs() + offsetMs })
    expect(answer.code).toBe(code)
    if (code === 10002)
      expect(answer.json.retMsg).toMatch(/req_timestamp\[\d+\],server_timestamp\[\d+\],recv_window\[\d+\]/)
  })
})

describe('what a key may do', () => {
  const key = { uid: DEFAULT_UID, apiKey: API_KEY, secret: SECRET }

  test('read-only keys read', async () => {
    const { client } = rig({ markets: stillMarkets(), keys: [{ ...key, isReadOnly: true }] })
    expect((await client.get(INFO)).code).toBe(0)
    expect((await client.post(CREATE, ORDER)).code).toBe(10005)
  })

  test('a key without spot permission trades contracts only', async () => {
    const { client } = rig({ markets: stillMarkets(), keys: [{ ...key, permissions: { Spot: [] } }] })
    expect((await client.post(CREATE, ORDER)).code).toBe(0)
    expect((await client.post(CREATE, { ...ORDER, category: 'spot' })).code).toBe(10005)
    expect((await client.post('/v5/order/cancel-all', { category: 'spot' })).code).toBe(10005)
  })

  test('a key bound to another address is refused', async () => {
    const { client } = rig({ markets: stillMarkets(), keys: [{ ...key, ips: ['192.0.2.1'] }] })
    expect((await client.get(INFO)).code).toBe(10010)
  })
})

describe('routes and bodies', () => {
  const post = (path: string, body: string) => (client: Client) => client.post(path, body)
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const rows: [string, (client: Client) => Promise<Answer>, number, number][] = [
    ['unknown path', (client) => client.get('/v5/order/nothing'), 404, 10017],
    ['wrong method', (client) => client.get(CREATE), 400, 10017],
    ['GET with a body', (client) => client.send('GET', INFO, signed('', client.nowMs()), '{}'), 403, 10001],
    ['malformed JSON', post(CREATE, '{"category":'), 200, 10001],
    ['a list', post(CREATE, '[]'), 200, 10001],
    ['a number', post(CREATE, '1'), 200, 10001],
    ['10⁵ deep JSON', post(CREATE, deep), 200, 10001],
    ['10⁵ deep value', post(CREATE, `{"category":${deep}}`), 200, 10001],
    ['number for text', post(CREATE, JSON.stringify({ ...ORDER, qty: 0.01 })), 200, 10001],
    ['text for boolean', post(CREATE, JSON.stringify({ ...ORDER, reduceOnly: 'yes' })), 200, 10001],
    ['fraction for integer', post(CREATE, JSON.stringify({ ...ORDER, positionIdx: 0.5 })), 200, 10001],
    ['wrong category', post(CREATE, JSON.stringify({ ...ORDER, category: 'futures' })), 200, 10001],
    ['unknown symbol', post(CREATE, JSON.stringify({ ...ORDER, symbol: 'NOPEUSDT' })), 200, 10001],
    ['unknown spot symbol', post(CREATE, JSON.stringify({ ...ORDER, category: 'spot', symbol: 'NOPE' })), 200, 170121],
    ['side', post(CREATE, JSON.stringify({ ...ORDER, side: 'Hold' })), 200, 10001],
    ['qty off the grid', post(CREATE, JSON.stringify({ ...ORDER, qty: '0.0101' })), 200, 10001],
    ['price off the grid', post(CREATE, JSON.stringify({ ...ORDER, price: '61000.05' })), 200, 10001],
    [
      'spot price off the grid',
      post(CREATE, JSON.stringify({ ...ORDER, category: 'spot', price: '6.0001' })),
      200,
      170134,
    ],
    ['qty 1e3', post(CREATE, JSON.stringify({ ...ORDER, qty: '1e3' })), 200, 10001],
    ['long orderLinkId', post(CREATE, JSON.stringify({ ...ORDER, orderLinkId: 'x'.repeat(37) })), 200, 10001],
    ['odd orderLinkId', post(CREATE, JSON.stringify({ ...ORDER, orderLinkId: 'a b' })), 200, 10001],
  ]
  test.each(rows)('%s', async (_name, ask, status, code) => {
    const { client, server } = rig({ markets: stillMarkets() })
    const answer = await ask(client)
    expect([answer.status, answer.code]).toEqual([status, code])
    await client.run(10_000)
    expect(server.exchange.openOrders(DEFAULT_UID)).toEqual([])
  })

  test('every reply is an envelope with the headers of the gateway', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const answer = await client.get(INFO)
    expect(Object.keys(answer.json)).toEqual(['retCode', 'retMsg', 'result', 'retExtInfo', 'time'])
    expect(answer.headers).toMatchObject({ ret_code: '0', timenow: String(answer.json.time), server: 'Openresty' })
    expect(answer.headers['x-bapi-limit']).toBeDefined()
  })
})
