/** Each of the forty endpoints, in each category it serves: every row of every reply as documented. */
import { beforeAll, describe, expect, test } from 'vitest'
import { parseState } from '../../src/core/exchange/sim/server/initial-state.ts'
import { type Answer, rig, type Rig, type Row } from '../exchange/server/harness.ts'
import { ENDPOINTS, replyFaults } from './v5-shape.ts'

const OPTION = 'BTC-27NOV26-60000-C-USDT'
const listed = {
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  tickSize: '0.5',
  lotSize: '0.01',
  price: '2000',
}
const STATE = {
  maintenance: [{ title: 'upgrade', begin: '1', end: '2' }],
  instruments: [
    { ...listed, symbol: OPTION, category: 'option' },
    { ...listed, symbol: 'NEWUSDT', category: 'linear', baseCoin: 'NEW', status: 'PreLaunch' },
  ],
}

const MARKETS = [
  { category: 'linear', symbol: 'BTCUSDT', qty: '0.01' },
  { category: 'inverse', symbol: 'BTCUSD', qty: '10' },
  { category: 'spot', symbol: 'BTCUSDT', qty: '0.001' },
] as const

let world: Rig
const replies = new Map<string, Answer[]>()

beforeAll(async () => {
  const state = parseState(JSON.stringify(STATE))
  if ('problem' in state) throw new Error(state.problem)
  world = rig({ state, isInstitutional: true })
  await world.client.run(3_000_000)
  for (const market of MARKETS) await trade(market)
  await settings()
  await reads()
})

async function post(path: string, body: Row): Promise<Answer> {
  const answer = await world.client.post(`/v5/${path}`, body)
  keep(`POST /v5/${path}`, answer)
  await world.client.run(10_000)
  return answer
}

async function get(path: string, query = ''): Promise<void> {
  keep(`GET /v5/${path}`, await world.client.get(`/v5/${path}`, query))
}

function keep(endpoint: string, answer: Answer): void {
  expect(answer.code, `${endpoint} ${answer.body.slice(0, 200)}`).toBe(0)
  replies.set(endpoint, [...(replies.get(endpoint) ?? []), answer])
}

async function trade({ category, symbol, qty }: (typeof MARKETS)[number]): Promise<void> {
  const at = { category, symbol }
  const price = { linear: '61500', inverse: '61500', spot: '61500' }[category]
  const order = { symbol, side: 'Buy', orderType: 'Limit', qty, price }
  await post('order/create', { ...at, ...order, orderLinkId: `${category}-1` })
  await post('order/amend', { ...at, orderLinkId: `${category}-1`, price: '61400' })
  await post('order/pre-check', { ...at, ...order })
  const stop = category === 'spot' ? { orderFilter: 'StopOrder' } : { triggerDirection: 2 }
  await post('order/create', { ...at, ...order, ...stop, triggerPrice: '60000' })
  const batch = [1, 2].map((n) => ({ ...order, orderLinkId: `${category}-b${n}` }))
  await post('order/create-batch', { category, request: [...batch, { ...order, qty: 'x' }] })
  await post('order/amend-batch', { category, request: [{ symbol, orderLinkId: `${category}-b1`, price: '61300' }] })
  await post('order/cancel-batch', {
    category,
    request: [
      { symbol, orderLinkId: `${category}-b1` },
      { symbol, orderLinkId: 'no' },
    ],
  })
  await post('order/cancel', { ...at, orderLinkId: `${category}-b2` })
  const unit = category === 'spot' ? { marketUnit: 'baseCoin' } : {}
  await post('order/create', { ...at, ...order, ...unit, orderType: 'Market' })
  if (category !== 'spot')
    await post('position/trading-stop', { ...at, tpslMode: 'Full', positionIdx: 0, takeProfit: '90000' })
  await post('order/create', { ...at, side: 'Sell', orderType: 'Market', qty })
  await post('order/create', { ...at, ...order, ...unit, orderType: 'Market' })
}

async function settings(): Promise<void> {
  await post('position/set-leverage', { category: 'linear', symbol: 'ETHUSDT', buyLeverage: '5', sellLeverage: '5' })
  await post('position/switch-mode', { category: 'linear', symbol: 'ETHUSDT', mode: 3 })
  await post('account/set-limit-px-action', { category: 'linear', modifyEnable: false })
  await post('order/disconnected-cancel-all', { timeWindow: 10, product: 'DERIVATIVES' })
  // A refusal has the documented shape of a reply.
  const margin = await world.client.post('/v5/account/set-margin-mode', { setMarginMode: 'PORTFOLIO_MARGIN' })
  expect(margin.code).toBe(3400045)
  replies.set('POST /v5/account/set-margin-mode', [margin])
}

async function reads(): Promise<void> {
  for (const category of ['linear', 'inverse', 'spot', 'option']) {
    const symbol = { inverse: 'BTCUSD', option: OPTION }[category] ?? 'BTCUSDT'
    const at = `category=${category}&symbol=${symbol}`
    for (const path of ['market/orderbook', 'market/recent-trade', 'market/tickers']) await get(path, at)
    for (const path of ['market/instruments-info', 'market/tickers', 'account/instruments-info', 'account/fee-rate'])
      await get(path, `category=${category}`)
    for (const path of ['order/realtime', 'order/history', 'execution/list']) await get(path, at)
    if (category !== 'spot') await get('position/list', at)
    await get('position/closed-pnl', `category=${category}`)
    if (category === 'option') continue
    await get('market/kline', `${at}&interval=1`)
    await get('market/price-limit', at)
    if (category === 'spot') await get('market/full_orderbook', at)
    else for (const path of ['market/risk-limit', 'market/funding/history']) await get(path, at)
  }
  await get('market/instruments-info', 'category=linear&status=PreLaunch')
  await get('order/realtime', 'category=linear&settleCoin=USDT&openOnly=1')
  await get('position/list', 'category=linear&symbol=ETHUSDT')
  await get('account/wallet-balance', 'accountType=UNIFIED')
  for (const path of ['info', 'query-dcp-info', 'user-setting-config', 'smp-group', 'transaction-log'])
    await get(`account/${path}`)
  for (const path of ['market/time', 'system/status', 'user/query-api', 'asset/coin/query-info']) await get(path)
  for (const { category, symbol } of MARKETS) await post('order/cancel-all', { category, symbol })
}

describe('every reply has every documented key, with its type, in every row', () => {
  test.each(ENDPOINTS)('%s', (endpoint) => {
    const answers = replies.get(endpoint) ?? []
    expect(answers.length, 'was asked').toBeGreaterThan(0)
    expect([...new Set(answers.flatMap(({ json }) => replyFaults(endpoint, json)))]).toEqual([])
  })
})

/** Where an empty list is no answer: the account has traded. */
test.each([
  'order/realtime',
  'order/history',
  'execution/list',
  'position/list',
  'position/closed-pnl',
  'account/wallet-balance',
  'account/transaction-log',
  'account/query-dcp-info',
  'system/status',
  'market/recent-trade',
  'market/kline',
  'market/risk-limit',
  'market/funding/history',
  'asset/coin/query-info',
])('%s shows rows', (path) => {
  const rows = (replies.get(`GET /v5/${path}`) ?? []).flatMap(({ result }) => {
    const { list, rows: coins, dcpInfos } = result as Record<string, unknown[] | undefined>
    return list ?? coins ?? dcpInfos ?? []
  })
  expect(rows.length).toBeGreaterThan(0)
})
