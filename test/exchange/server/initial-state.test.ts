/** `--state FILE`: what it may hold, what it says when it does not fit, and 5,000 open orders. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MmError } from '../../../src/core/errors.ts'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { type InitialState, parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { latencyUs, launch, type LaunchFlags } from '../../../src/core/exchange/sim/server/launch.ts'
import { rig } from './harness.ts'

function state(value: unknown): InitialState {
  const parsed = parseState(JSON.stringify(value))
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed
}

const SYMBOLS = Array.from({ length: 12 }, (_, i) => `S${String.fromCharCode(65 + i)}USDT`)
const instruments = SYMBOLS.map((symbol) => ({
  symbol,
  category: 'linear',
  baseCoin: symbol.slice(0, 2),
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  tickSize: '0.01',
  lotSize: '0.1',
  price: '200',
}))
const wallet = { USDT: '1000000', BTC: '5' }

test('5,000 open futures orders, spot conditional orders and positions', async () => {
  const orders = [
    ...SYMBOLS.slice(0, 10).map((symbol) => ({
      category: 'linear',
      symbol,
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.1',
      price: '199.00',
      priceStep: '-0.01',
      count: 490,
      orderLinkId: `seed-${symbol}`,
    })),
    {
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Sell',
      orderType: 'Limit',
      qty: '0.001',
      price: '61900',
      priceStep: '0.1',
      count: 100,
    },
    {
      category: 'spot',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.001',
      price: '60000',
      orderFilter: 'tpslOrder',
      triggerPrice: '59000',
    },
  ]
  const positions = [
    { category: 'linear', symbol: 'BTCUSDT', size: '1.5', avgPrice: '61000' },
    { category: 'inverse', symbol: 'BTCUSD', size: '-3000', avgPrice: '61000' },
  ]
  const world = rig({ state: state({ instruments, accounts: [{ uid: DEFAULT_UID, wallet, positions, orders }] }) })
  await world.client.run(100_000)
  const open = world.server.exchange.openOrders(DEFAULT_UID)
  expect(open.filter((order) => order.category === 'linear')).toHaveLength(5_000)
  expect(open.filter((order) => order.category === 'spot').map((order) => order.orderFilter)).toEqual(['tpslOrder'])
  const listed = await world.client.get('/v5/position/list', 'category=linear&settleCoin=USDT')
  expect(listed.list).toMatchObject([{ symbol: 'BTCUSDT', side: 'Buy', size: '1.500', avgPrice: '61000.0' }])
  const inverse = await world.client.get('/v5/position/list', 'category=inverse')
  expect(inverse.list).toMatchObject([{ symbol: 'BTCUSD', side: 'Sell', size: '3000', positionValue: '0.04918032' }])
  // Each cancel-all takes at most 500: ten of them are needed and enough for the futures.
  for (let call = 0; call < 10; call++) {
    await world.client.post('/v5/order/cancel-all', { category: 'linear', settleCoin: 'USDT' })
    await world.client.run(50_000)
  }
  expect(world.server.exchange.openOrders(DEFAULT_UID).filter((order) => order.category === 'linear')).toEqual([])
})

test('several accounts, each with a wallet, mode and leverage of its own', async () => {
  const world = rig({
    state: state({ accounts: [{ uid: '200002', wallet: { USDT: '5' }, isHedge: true, leverage: '3' }] }),
    keys: [{ uid: '200002', apiKey: 'simKey000000000001', secret: ['not', 'a', 'real', 'one'].join('-') }],
  })
  const wallets = await world.client.get('/v5/account/wallet-balance', 'accountType=UNIFIED')
  expect(wallets.list[0]).toMatchObject({ totalWalletBalance: '5' })
  const positions = await world.client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')
  expect(positions.list).toMatchObject([
    { positionIdx: 1, leverage: '3' },
    { positionIdx: 2, leverage: '3' },
  ])
})

describe('what does not fit', () => {
  const account = (more: object) => ({ accounts: [{ uid: DEFAULT_UID, wallet, ...more }] })
  const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }

  test.each([
    ['{', /^not JSON/],
    ['[]', /^the file must be an object/],
    ['{"accounts":{}}', /^accounts must be a list/],
    ['{"accounts":[{}]}', /^accounts\[0\]\.uid must be text/],
    ['{"accounts":[{"uid":"1","wallet":{"USDT":1}}]}', /^accounts\[0\]\.wallet\.USDT/],
    ['{"instruments":[{"symbol":"X"}]}', /^instruments\[0\]\.category/],
    ['{"maintenance":[{"title":"m","begin":"soon"}]}', /^maintenance\[0\]\.begin/],
  ])('%s', (text, problem) => {
    const parsed = parseState(text)
    expect('problem' in parsed ? parsed.problem : 'accepted').toMatch(problem)
  })

  test.each([
    [account({ orders: [order, { ...order, symbol: 'NOPE' }] }), /^accounts\[0\]\.orders\[1\]: .*symbol/],
    [account({ orders: [{ ...order, count: 501, priceStep: '-0.1' }] }), /orders\[0\]: order 501: 110020/],
    [account({ orders: [{ ...order, qty: 'much' }] }), /orders\[0\]: .*Qty/],
    [account({ positions: [{ ...order, size: '0', avgPrice: '1' }] }), /positions\[0\]: size and avgPrice/],
    [account({ positions: [7] }), /positions\[0\]: .*object/],
  ])('%#', (value, problem) => {
    expect(() => rig({ state: state(value) })).toThrow(problem)
  })
})

describe('launch', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mm-exchange-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const flags = (more: Partial<LaunchFlags>): LaunchFlags => ({
    port: 0,
    market: 'synthetic',
    symbols: ['BTCUSDT'],
    seed: 1,
    speed: 1,
    tier: 'default',
    state: undefined,
    faults: undefined,
    ackLatency: undefined,
    eventLog: undefined,
    env: {},
    warn: () => undefined,
    ...more,
  })
  const file = (text: string): string => {
    const path = join(dir, 'file.json')
    writeFileSync(path, text)
    return path
  }

  test.each<[string, () => Partial<LaunchFlags>, string, number]>([
    ['missing state', () => ({ state: join(dir, 'none') }), 'EXCHANGE_STATE_UNREADABLE', 3],
    ['bad state', () => ({ state: file('{"accounts":1}') }), 'EXCHANGE_STATE', 2],
    ['state that is refused', () => ({ state: file('{"accounts":[{"uid":"1","orders":[{}]}]}') }), 'EXCHANGE_STATE', 2],
    ['unknown faults', () => ({ faults: 'no-such-scenario' }), 'EXCHANGE_FAULTS_UNREADABLE', 3],
    ['bad faults', () => ({ faults: file('{}') }), 'EXCHANGE_FAULTS', 2],
    ['unknown symbol', () => ({ symbols: ['NOPE'] }), 'SYMBOL_UNKNOWN', 2],
    ['latency', () => ({ ackLatency: 'soon' }), 'FLAG_RANGE', 2],
    ['log', () => ({ eventLog: join(dir, 'none', 'log') }), 'EXCHANGE_LOG', 3],
  ])('%s → %s', async (_name, change, code, exit) => {
    const error = await launch(flags(change())).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(MmError)
    expect(error).toMatchObject({ code, exit })
  })

  test('the key comes from the environment when given, the port is the one that was free', async () => {
    const env = { MM_EXCHANGE_API_KEY: 'k'.repeat(18), MM_EXCHANGE_API_SECRET: 's'.repeat(36) }
    const { host, close } = await launch(flags({ env, eventLog: join(dir, 'log') }))
    expect(host.welcome).toEqual({
      rest: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ws: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
      apiKey: 'k'.repeat(18),
      apiSecret: 's'.repeat(36),
    })
    const busy = launch(flags({ port: Number(new URL(host.welcome.rest).port) }))
    await expect(busy).rejects.toMatchObject({ code: 'EXCHANGE_PORT_BUSY', exit: 2 })
    await close()
  })

  test('a full disk under the event log is told once, and clients are served on', async () => {
    const told: string[] = []
    const { host, close } = await launch(flags({ eventLog: '/dev/full', warn: (line) => told.push(line) }))
    for (let i = 0; i < 3; i++) expect((await fetch(`${host.welcome.rest}/v5/market/time`)).status).toBe(200)
    expect(told).toEqual([expect.stringMatching(/\/dev\/full ends here.*ENOSPC/)])
    await close()
  })

  test.each([
    ['0', 0],
    ['5', 5_000],
    ['5ms', 5_000],
    ['300us', 300],
    ['1s', 1_000_000],
  ])('%s is %d µs', (text, us) => {
    expect(latencyUs(text)).toBe(us)
  })
})

describe('keys that sign with RSA', () => {
  const pem = (type: 'rsa' | 'ec') =>
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const withKey = (key: object) => ({ accounts: [{ uid: DEFAULT_UID, wallet, keys: [{ apiKey: 'rsaKey1', ...key }] }] })
  const spki = { type: 'spki', format: 'pem' } as const

  test('the public half in the file, the private half at the client', async () => {
    const { privateKey, publicKey } = pem('rsa')
    const { client } = rig({ state: state(withKey({ rsaPublicKey: publicKey.export(spki).toString() })) })
    const stamp = String(client.nowMs())
    const signature = createSign('RSA-SHA256').update(`${stamp}rsaKey15000`).sign(privateKey, 'base64')
    const headers = {
      'X-BAPI-API-KEY': 'rsaKey1',
      'X-BAPI-TIMESTAMP': stamp,
      'X-BAPI-RECV-WINDOW': '5000',
      'X-BAPI-SIGN': signature,
    }
    expect((await client.send('GET', '/v5/account/info', headers, '')).code).toBe(0)
    const wrong = { ...headers, 'X-BAPI-SIGN': `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` }
    expect((await client.send('GET', '/v5/account/info', wrong, '')).code).toBe(10004)
  })

  test('what is no such key is refused by its place', () => {
    const { privateKey, publicKey } = pem('rsa')
    const secretHalf = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    for (const rsaPublicKey of ['x', secretHalf, pem('ec').publicKey.export(spki).toString()]) {
      expect(parseState(JSON.stringify(withKey({ rsaPublicKey })))).toEqual({
        problem: 'accounts[0].keys[0].rsaPublicKey must be a public RSA key as PEM',
      })
    }
    const both = withKey({ apiSecret: 's', rsaPublicKey: publicKey.export(spki).toString() })
    expect(parseState(JSON.stringify(both))).toEqual({
      problem: 'accounts[0].keys[0] has both apiSecret and rsaPublicKey',
    })
  })
})
