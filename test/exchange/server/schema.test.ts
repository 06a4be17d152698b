/** Every documented key of every reply, with its JSON type: the maps are those of Bybit's own examples. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { API_KEY, type Answer, type Client, Listener, rig, type Rig, SECRET } from './harness.ts'

type TypeMap = Readonly<Record<string, string>>
const EXAMPLES = JSON.parse(readFileSync(new URL('./v5-examples.json', import.meta.url), 'utf8')) as {
  rest: Record<string, TypeMap>
  ws: Record<string, TypeMap>
}
/** Keys that name a coin of the example, and rows that our replies show empty although the example has some. */
const NOT_OURS =
  /cumFeeDetail\.MNT|permissions\.\w+\[\]|uidSuffix\[\]|extraFees\[\]|result\.reasons\[\]|retExtInfo\.list\[\]\.(?:code|msg)$/

const OPTION = 'BTC-27NOV26-60000-C-USDT'
const STATE = parseState(
  JSON.stringify({
    maintenance: [{ title: 'upgrade', begin: '1760000006000', end: '1760000008000' }],
    instruments: [
      {
        symbol: OPTION,
        category: 'option',
        baseCoin: 'BTC',
        quoteCoin: 'USDT',
        settleCoin: 'USDT',
        tickSize: '0.5',
        lotSize: '0.01',
        price: '2000',
      },
      {
        symbol: 'NEWUSDT',
        category: 'linear',
        baseCoin: 'NEW',
        quoteCoin: 'USDT',
        settleCoin: 'USDT',
        tickSize: '0.001',
        lotSize: '1',
        price: '4',
        status: 'PreLaunch',
      },
    ],
    accounts: [
      {
        uid: DEFAULT_UID,
        wallet: { USDT: '1000000', BTC: '10' },
        positions: [{ category: 'inverse', symbol: 'BTCUSD', size: '-1000', avgPrice: '61000' }],
      },
    ],
  }),
)

let world: Rig
const seen = new Map<string, unknown[]>()

/** Values found at a path such as "result.list[].symbol"; several when lists are involved. */
function at(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value]
  for (const part of path.split('.')) {
    const [, name = '', lists = ''] = /^([^[]*)((?:\[\])*)$/.exec(part) ?? []
    if (name !== '') found = found.flatMap((one) => (isObject(one) && name in one ? [one[name]] : []))
    for (let i = 0; i < lists.length / 2; i++) found = found.flatMap((one) => (Array.isArray(one) ? one : []))
  }
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Documented paths that no reply shows, or shows with another type. */
function faults(example: TypeMap, replies: readonly unknown[]): string[] {
  return Object.entries(example).flatMap(([path, types]) => {
    if (NOT_OURS.test(path)) return []
    const values = replies.flatMap((reply) => at(reply, path))
    if (values.length === 0) return [`${path}: missing`]
    const bad = values.find((value) => !types.split('|').includes(typeOf(value)))
    return bad === undefined ? [] : [`${path}: ${JSON.stringify(bad)} is no ${types}`]
  })
}

function keep(endpoint: string, answer: Answer): void {
  expect(answer.code, `${endpoint}: ${answer.body.slice(0, 300)}`).toBe(0)
  seen.set(endpoint, [...(seen.get(endpoint) ?? []), answer.json])
}

const LIMIT = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61500' }

async function trade(client: Client): Promise<void> {
  const post = async (path: string, body: unknown): Promise<void> => keep(`POST ${path}`, await client.post(path, body))
  await post('/v5/order/create', { ...LIMIT, orderLinkId: 'first' })
  await post('/v5/order/amend', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'first', price: '61400' })
  const batch = [
    { ...LIMIT, orderLinkId: 'second' },
    { ...LIMIT, orderLinkId: 'third' },
  ]
  await post('/v5/order/create-batch', { category: 'linear', request: batch })
  const change = [{ symbol: 'BTCUSDT', orderLinkId: 'second', price: '61300' }]
  await post('/v5/order/amend-batch', { category: 'linear', request: change })
  await post('/v5/order/cancel-batch', { category: 'linear', request: [{ symbol: 'BTCUSDT', orderLinkId: 'second' }] })
  await post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'third' })
  await post('/v5/order/create', { ...LIMIT, orderType: 'Market', qty: '0.1' })
  await post('/v5/order/create', { ...LIMIT, orderType: 'Market', qty: '0.05', side: 'Sell' })
  await post('/v5/order/pre-check', LIMIT)
  await post('/v5/position/trading-stop', {
    category: 'linear',
    symbol: 'BTCUSDT',
    tpslMode: 'Full',
    positionIdx: 0,
    takeProfit: '90000',
  })
  await post('/v5/position/set-leverage', {
    category: 'linear',
    symbol: 'ETHUSDT',
    buyLeverage: '5',
    sellLeverage: '5',
  })
  await post('/v5/position/switch-mode', { category: 'linear', symbol: 'ETHUSDT', mode: 3 })
  await post('/v5/account/set-limit-px-action', { category: 'linear', modifyEnable: false })
  await post('/v5/order/disconnected-cancel-all', { timeWindow: 10, product: 'DERIVATIVES' })
  await client.run(100_000)
}

const READS: readonly [path: string, query: string][] = [
  ['market/time', ''],
  ['market/instruments-info', 'category=linear'],
  ['market/instruments-info', 'category=linear&status=PreLaunch'],
  ['market/instruments-info', 'category=spot'],
  ['market/instruments-info', 'category=option'],
  ['market/orderbook', 'category=linear&symbol=BTCUSDT'],
  ['market/full_orderbook', 'category=spot&symbol=BTCUSDT'],
  ['market/tickers', 'category=linear'],
  ['market/tickers', 'category=spot'],
  ['market/tickers', 'category=option'],
  ['market/recent-trade', 'category=linear&symbol=BTCUSDT'],
  ['market/kline', 'category=linear&symbol=BTCUSDT&interval=1'],
  ['market/risk-limit', 'category=linear'],
  ['market/price-limit', 'category=linear&symbol=BTCUSDT'],
  ['market/funding/history', 'category=linear&symbol=BTCUSDT'],
  ['system/status', ''],
  ['order/realtime', 'category=linear&symbol=BTCUSDT'],
  ['order/history', 'category=linear'],
  ['execution/list', 'category=linear'],
  ['position/list', 'category=linear&symbol=BTCUSDT'],
  ['position/list', 'category=inverse'],
  ['position/closed-pnl', 'category=linear'],
  ['account/wallet-balance', 'accountType=UNIFIED'],
  ['account/info', ''],
  ['account/fee-rate', 'category=linear'],
  ['account/query-dcp-info', ''],
  ['account/user-setting-config', ''],
  ['account/smp-group', ''],
  ['account/instruments-info', 'category=linear'],
  ['account/instruments-info', 'category=spot'],
  ['account/transaction-log', ''],
  ['user/query-api', ''],
  ['asset/coin/query-info', ''],
]

beforeAll(async () => {
  if ('problem' in STATE) throw new Error(STATE.problem)
  world = rig({
    state: STATE,
    isInstitutional: true,
    keys: [{ uid: DEFAULT_UID, apiKey: API_KEY, secret: SECRET, ips: ['127.0.0.1'] }],
  })
  await world.client.run(5_000_000)
  await trade(world.client)
  for (const [path, query] of READS) keep(`GET /v5/${path}`, await world.client.get(`/v5/${path}`, query))
  keep(
    'POST /v5/order/cancel-all',
    await world.client.post('/v5/order/cancel-all', { category: 'linear', settleCoin: 'USDT' }),
  )
  const back = await world.client.post('/v5/account/set-margin-mode', { setMarginMode: 'ISOLATED_MARGIN' })
  seen.set('POST /v5/account/set-margin-mode', [back.json])
})

describe('REST', () => {
  test.each(Object.keys(EXAMPLES.rest))('%s', (endpoint) => {
    const replies = seen.get(endpoint)
    expect(replies, 'was asked').toBeDefined()
    expect(faults(EXAMPLES.rest[endpoint] ?? {}, replies ?? [])).toEqual([])
  })

  test('an answer of code and text only has nothing else', () => {
    expect(seen.get('POST /v5/order/disconnected-cancel-all')).toEqual([{ retCode: 0, retMsg: 'success' }])
  })
})

describe('streams', () => {
  const frames = new Map<string, unknown[]>()

  beforeAll(async () => {
    const linear = new Listener(world, '/v5/public/linear')
    const topics = [
      'orderbook.50.BTCUSDT',
      'publicTrade.BTCUSDT',
      'tickers.BTCUSDT',
      'kline.1.BTCUSDT',
      'priceLimit.BTCUSDT',
    ]
    await linear.say({ op: 'subscribe', args: topics })
    const spot = new Listener(world, '/v5/public/spot')
    await spot.say({ op: 'subscribe', args: ['tickers.BTCUSDT'] })
    const option = new Listener(world, '/v5/public/option')
    await option.say({ op: 'subscribe', args: [`tickers.${OPTION}`] })
    const account = new Listener(world, '/v5/private')
    const status = new Listener(world, '/v5/public/misc/status')
    await status.say({ op: 'subscribe', args: ['system.status'] })
    await account.auth()
    await account.say({ op: 'subscribe', args: ['order', 'execution', 'execution.fast', 'position', 'wallet'] })
    await world.client.post('/v5/order/create', { ...LIMIT, orderType: 'Market', qty: '0.02' })
    await world.client.run(3_000_000)
    const put = (topic: string, found: unknown[]): void => void frames.set(topic, found)
    put('orderbook.{depth}.{symbol}', linear.of('orderbook.50.BTCUSDT'))
    put('publicTrade.{symbol}', linear.of('publicTrade.BTCUSDT'))
    put('tickers.{symbol}', [
      ...linear.of('tickers.BTCUSDT'),
      ...spot.of('tickers.BTCUSDT'),
      ...option.of(`tickers.${OPTION}`),
    ])
    put('system.status', status.of('system.status'))
    put('kline.{interval}.{symbol}', linear.of('kline.1.BTCUSDT'))
    put('priceLimit.{symbol}', linear.of('priceLimit.BTCUSDT'))
    for (const topic of ['order', 'execution', 'execution.fast', 'position', 'wallet']) put(topic, account.of(topic))
  })

  test.each([
    'orderbook.{depth}.{symbol}',
    'publicTrade.{symbol}',
    'tickers.{symbol}',
    'kline.{interval}.{symbol}',
    'priceLimit.{symbol}',
    'order',
    'execution',
    'execution.fast',
    'position',
    'wallet',
    'system.status',
  ])('%s', (topic) => {
    expect(faults(EXAMPLES.ws[topic] ?? {}, frames.get(topic) ?? [])).toEqual([])
  })
})
