/** Single endpoints: what they answer in which state, and market data against an oracle kept by the test. */
import { describe, expect, test } from 'vitest'
import { parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { API_KEY, byText, type Client, Listener, rig, type Row, SECRET, stillMarkets } from './harness.ts'

const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.1', price: '61000' }
const buy = (client: Client) => client.post('/v5/order/create', { ...ORDER, orderType: 'Market' })

describe('position settings', () => {
  const at = { category: 'linear', symbol: 'BTCUSDT' }

  test.each([
    [{ buyLeverage: '5', sellLeverage: '5' }, 0],
    [{ buyLeverage: '10', sellLeverage: '10' }, 110043],
    [{ buyLeverage: '5', sellLeverage: '6' }, 10001],
    [{ buyLeverage: '500', sellLeverage: '500' }, 10001],
    [{ buyLeverage: 'x', sellLeverage: 'x' }, 10001],
  ])('leverage %j → %d', async (body, code) => {
    const { client } = rig({ markets: stillMarkets() })
    expect((await client.post('/v5/position/set-leverage', { ...at, ...body })).code).toBe(code)
  })

  test('position mode: unchanged, with a position, with orders, and hedge positions by index', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const mode = async (value: number) => (await client.post('/v5/position/switch-mode', { ...at, mode: value })).code
    expect(await mode(0)).toBe(110025)
    await client.post('/v5/order/create', { ...ORDER, orderLinkId: 'o' })
    await client.run(1_000)
    expect(await mode(3)).toBe(110028)
    await client.post('/v5/order/cancel', { ...at, orderLinkId: 'o' })
    await client.run(1_000)
    expect(await mode(3)).toBe(0)
    expect((await buy(client)).json.retMsg).toBe('position idx not match position mode')
    const hedged = { ...ORDER, orderType: 'Market' }
    expect((await client.post('/v5/order/create', { ...hedged, positionIdx: 1 })).code).toBe(0)
    expect((await client.post('/v5/order/create', { ...hedged, positionIdx: 2, side: 'Sell' })).code).toBe(0)
    await client.run(1_000)
    const { list } = await client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')
    expect(list).toMatchObject([
      { positionIdx: 1, side: 'Buy', size: '0.100' },
      { positionIdx: 2, side: 'Sell', size: '0.100' },
    ])
    expect(await mode(0)).toBe(110024)
  })

  test('take profit and stop loss: set, same again, replaced, removed', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const stop = (body: Row) =>
      client.post('/v5/position/trading-stop', { ...at, tpslMode: 'Full', positionIdx: 0, ...body })
    const standing = async (): Promise<Row[]> => {
      await client.run(1_000)
      return (await client.get('/v5/order/realtime', 'category=linear&symbol=BTCUSDT')).list
    }
    expect((await stop({ takeProfit: '70000' })).code).toBe(10001)
    await buy(client)
    await client.run(1_000)
    expect((await stop({ takeProfit: '70000', stopLoss: '50000' })).code).toBe(0)
    const orders = await standing()
    expect(orders).toHaveLength(2)
    const closing = { side: 'Sell', reduceOnly: true, orderStatus: 'Untriggered' }
    expect(orders).toContainEqual(
      expect.objectContaining({ ...closing, stopOrderType: 'StopLoss', triggerPrice: '50000.0', triggerDirection: 2 }),
    )
    expect(orders).toContainEqual(
      expect.objectContaining({
        ...closing,
        stopOrderType: 'TakeProfit',
        triggerPrice: '70000.0',
        triggerDirection: 1,
      }),
    )
    expect((await stop({ takeProfit: '70000', stopLoss: '50000' })).code).toBe(34040)
    expect((await stop({ takeProfit: '71000' })).code).toBe(0)
    expect((await standing()).map((row) => row['triggerPrice']).toSorted(byText)).toEqual(['50000.0', '71000.0'])
    expect((await stop({ takeProfit: '0', stopLoss: '0' })).code).toBe(0)
    expect(await standing()).toEqual([])
  })

  test('a take profit that is reached closes the position', async () => {
    const state = parseState(JSON.stringify({ accounts: [{ uid: '200002', wallet: { USDT: '1000000' } }] }))
    if ('problem' in state) throw new Error(state.problem)
    const other = { apiKey: 'simKey000000000002', secret: SECRET }
    const keys = [
      { uid: DEFAULT_UID, apiKey: API_KEY, secret: SECRET },
      { uid: '200002', ...other },
    ]
    const { client } = rig({ markets: stillMarkets(), state, keys })
    await buy(client)
    await client.run(1_000)
    const body = { ...at, tpslMode: 'Full', positionIdx: 0, takeProfit: '61800.5' }
    expect((await client.post('/v5/position/trading-stop', body)).code).toBe(0)
    // The levels hold 1, 2, 3, … BTC: the other account's buy trades up to 61,800.5.
    await client.post('/v5/order/create', { ...ORDER, orderType: 'Market', qty: '11' }, other)
    await client.run(10_000)
    const { list } = await client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')
    expect(list).toMatchObject([{ side: '', size: '0.000' }])
    const closed = await client.get('/v5/position/closed-pnl', 'category=linear')
    expect(closed.list).toMatchObject([{ closedSize: '0.100', side: 'Sell', orderType: 'Market' }])
  })
})

describe('account settings', () => {
  test('price-limit action is mirrored by the settings and changes what the gateway does', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const far = { ...ORDER, price: '99000', timeInForce: 'GTC' }
    const config = async () => (await client.get('/v5/account/user-setting-config')).result
    expect(await config()).toMatchObject({ lpaPerp: false, lpaSpot: false })
    expect((await client.post('/v5/order/create', far)).code).toBe(0)
    await client.post('/v5/account/set-limit-px-action', { category: 'linear', modifyEnable: false })
    expect(await config()).toMatchObject({ lpaPerp: true, lpaSpot: false })
    expect((await client.post('/v5/order/create', far)).code).not.toBe(0)
  })

  test('margin mode: unchanged, and refused with its reason', async () => {
    const { client } = rig({ markets: stillMarkets() })
    const set = (setMarginMode: string) => client.post('/v5/account/set-margin-mode', { setMarginMode })
    expect((await set('REGULAR_MARGIN')).code).toBe(110026)
    const refused = await set('PORTFOLIO_MARGIN')
    expect(refused.code).toBe(3400045)
    expect(refused.result['reasons']).toHaveLength(1)
  })

  test('wallet-balance wants UNIFIED and filters coins', async () => {
    const { client } = rig({ markets: stillMarkets() })
    expect((await client.get('/v5/account/wallet-balance', 'accountType=SPOT')).code).toBe(10001)
    const { list } = await client.get('/v5/account/wallet-balance', 'accountType=UNIFIED&coin=BTC,USDT')
    expect(list.flatMap((row) => row['coin'] as Row[]).map((row) => row['coin'])).toEqual(['USDT', 'BTC'])
  })

  test('pre-check raises the rates by what the order needs and places nothing', async () => {
    const { client, server } = rig({ markets: stillMarkets() })
    const { result } = await client.post('/v5/order/pre-check', { ...ORDER, qty: '50' })
    expect(Number(result['postImrE4'])).toBeGreaterThan(Number(result['preImrE4']))
    expect(server.exchange.openOrders('100001')).toEqual([])
  })
})

describe('market data', () => {
  test('klines are those of the trades told by the stream', async () => {
    const world = rig({ symbols: ['ETHUSDT'] })
    const listener = new Listener(world, '/v5/public/linear')
    await listener.say({ op: 'subscribe', args: ['publicTrade.ETHUSDT'] })
    await world.client.run(150_000_000)
    const trades = listener.of('publicTrade.ETHUSDT').flatMap((frame) => frame['data'] as Row[])
    const minutes = Map.groupBy(trades, (trade) => Math.floor(Number(trade['T']) / 60_000) * 60_000)
    const { list } = await world.client.get('/v5/market/kline', 'category=linear&symbol=ETHUSDT&interval=1', null)
    const rows = list as unknown as string[][]
    expect(rows.length).toBeGreaterThanOrEqual(2)
    for (const [start = '', open, high, low, close, volume] of rows) {
      const inside = minutes.get(Number(start)) ?? []
      const prices = inside.map((trade) => Number(trade['p']))
      expect([open, close]).toEqual([inside[0]?.['p'], inside.at(-1)?.['p']])
      expect([Number(high), Number(low)]).toEqual([Math.max(...prices), Math.min(...prices)])
      expect(Number(volume)).toBeCloseTo(
        inside.reduce((sum, trade) => sum + Number(trade['v']), 0),
        6,
      )
    }
    const recent = await world.client.get('/v5/market/recent-trade', 'category=linear&symbol=ETHUSDT&limit=5', null)
    expect(recent.list.map((row) => row['execId'])).toEqual(
      trades
        .slice(-5)
        .map((trade) => trade['i'])
        .toReversed(),
    )
  })

  test('a ticker rebuilt from snapshot and deltas is the ticker of REST', async () => {
    const world = rig({ symbols: ['ETHUSDT'] })
    const listener = new Listener(world, '/v5/public/linear')
    await listener.say({ op: 'subscribe', args: ['tickers.ETHUSDT'] })
    await world.client.run(5_000_050)
    const frames = listener.of('tickers.ETHUSDT')
    expect(frames.map((frame) => frame['type']).slice(0, 2)).toEqual(['snapshot', 'delta'])
    const rebuilt = Object.assign({}, ...frames.map((frame) => frame['data']))
    const { list } = await world.client.get('/v5/market/tickers', 'category=linear&symbol=ETHUSDT', null)
    const changing = new Set([
      'bid1Price',
      'bid1Size',
      'ask1Price',
      'ask1Size',
      'markPrice',
      'indexPrice',
      'lastPrice',
      'volume24h',
      'turnover24h',
    ])
    const steady = Object.entries(list[0] ?? {}).filter(([name]) => !changing.has(name))
    expect(rebuilt).toMatchObject(Object.fromEntries(steady))
    expect(Object.keys(rebuilt).toSorted()).toEqual(Object.keys(list[0] ?? {}).toSorted())
  })

  test.each([
    ['market/orderbook', 'category=linear&symbol=NOPE', 10001],
    ['market/orderbook', 'category=spot&symbol=NOPE', 170121],
    ['market/orderbook', 'symbol=BTCUSDT', 10001],
    ['market/kline', 'category=linear&symbol=BTCUSDT&interval=2', 10001],
    ['market/risk-limit', 'category=spot', 10001],
    ['market/full_orderbook', 'category=linear&symbol=BTCUSDT', 10001],
    ['market/funding/history', 'category=linear&symbol=BTCUSDT&startTime=1', 10001],
    ['market/tickers', 'category=linear&symbol=BTCUSDT', 0],
  ])('%s?%s → %d', async (path, query, code) => {
    const { client } = rig({ markets: stillMarkets() })
    expect((await client.get(`/v5/${path}`, query, null)).code).toBe(code)
  })

  test('the book by REST: 25 levels of contracts, 1 of spot, by default', async () => {
    const { client } = rig({ symbols: ['BTCUSDT'] })
    const depth = async (category: string) =>
      ((await client.get('/v5/market/orderbook', `category=${category}&symbol=BTCUSDT`, null)).result['b'] as unknown[])
        .length
    expect([await depth('linear'), await depth('spot')]).toEqual([25, 1])
  })

  test('lists longer than a page are led through by an escaped cursor', async () => {
    const more = Array.from({ length: 40 }, (_, i) => ({
      symbol: `N${i}USDT`,
      category: 'linear',
      baseCoin: `N${i}`,
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      tickSize: '0.01',
      lotSize: '1',
      price: '50',
    }))
    const state = parseState(JSON.stringify({ instruments: more }))
    if ('problem' in state) throw new Error(state.problem)
    const { client } = rig({ state })
    const seen: unknown[] = []
    let cursor = ''
    do {
      const { result, list } = await client.get(
        '/v5/market/risk-limit',
        `category=linear&cursor=${encodeURIComponent(cursor)}`,
        null,
      )
      expect(list.length).toBeLessThanOrEqual(15)
      seen.push(...list.map((row) => row['symbol']))
      cursor = String(result['nextPageCursor'])
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(42)
    const page = await client.get('/v5/market/instruments-info', 'category=linear&limit=20', null)
    expect(String(page.result['nextPageCursor'])).toContain('%3D')
  })
})

test('at another speed a timestamp may follow either clock', async () => {
  const { client } = rig({ markets: stillMarkets(), wallMs: () => 1_700_000_000_000 })
  const info = async (timestampMs: number) => (await client.get('/v5/account/info', '', { timestampMs })).code
  expect(await info(client.nowMs())).toBe(0)
  expect(await info(1_700_000_000_500)).toBe(0)
  expect(await info(1_650_000_000_000)).toBe(10002)
})
