/** npm `ccxt` with its pro sockets, unmodified but for its addresses, against a real `mm exchange`. */
import { Agent } from 'node:http'
import { pro } from 'ccxt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAgreement } from './agreement.ts'
import { expectContiguousBooks, expectDocumentedShapes, openVenue, type Venue } from './venue.ts'

const MARKETS = [
  { category: 'linear', symbol: 'BTC/USDT:USDT', amount: 0.01 },
  { category: 'inverse', symbol: 'BTC/USD:BTC', amount: 100 },
  { category: 'spot', symbol: 'BTC/USDT', amount: 0.001 },
] as const

let venue: Venue
let ccxt: InstanceType<typeof pro.bybit>

beforeAll(async () => {
  venue = await openVenue()
  ccxt = new pro.bybit({
    apiKey: venue.key,
    secret: venue.secret,
    enableRateLimit: false,
    options: { recvWindow: 60_000 },
  })
  const { rest, ws } = venue
  const urls = ccxt.urls as unknown as { api: Record<string, unknown> }
  urls.api = {
    ...Object.fromEntries(['spot', 'futures', 'v2', 'public', 'private'].map((name) => [name, rest])),
    ws: {
      public: Object.fromEntries(
        ['spot', 'linear', 'inverse', 'option'].map((name) => [name, `${ws}/v5/public/${name}`]),
      ),
      private: {
        spot: { unified: `${ws}/v5/private`, nonUnified: `${ws}/v5/private` },
        contract: `${ws}/v5/private`,
        usdc: `${ws}/v5/private`,
        trade: `${ws}/v5/trade`,
      },
    },
  }
  // Plain ws:// needs an agent for it.
  ccxt.httpAgent = new Agent()
  await ccxt.loadMarkets()
})
afterAll(async () => {
  await ccxt.close()
  await venue.close()
})

/** ccxt's ids may be missing by their type. */
const idOf = ({ id }: { readonly id: string | undefined }): string => id ?? ''

async function until<T>(what: string, read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const value = await read()
    if (holds(value)) return value
  }
  return expect.fail(`never: ${what}`)
}

test('loadMarkets: three kinds, with their steps', () => {
  for (const { symbol, category } of MARKETS) {
    const market = ccxt.market(symbol)
    expect(market).toMatchObject({ active: true, [category]: true })
    expect(market?.precision.price).toBeGreaterThan(0)
  }
})

describe.each(MARKETS)('market data, $category', ({ category, symbol }) => {
  test('book, ticker, trades, candles', async () => {
    const book = await ccxt.fetchOrderBook(symbol, 50)
    expect(book.bids.length).toBe(50)
    const ticker = await ccxt.fetchTicker(symbol)
    expect(ticker.last).toBeGreaterThan(0)
    expect((await ccxt.fetchTickers([symbol]))[symbol]?.bid).toBeGreaterThan(0)
    await ccxt.fetchTrades(symbol, undefined, 10)
    expect((await ccxt.fetchOHLCV(symbol, '1m', undefined, 3)).length).toBeLessThanOrEqual(3)
    expect(await ccxt.fetchTime()).toBeGreaterThan(0)
    expect((await ccxt.fetchTradingFee(symbol)).maker).toBeGreaterThan(0)
    if (category === 'spot') return
    expect((await ccxt.fetchFundingRate(symbol)).fundingRate).toBeDefined()
    await ccxt.fetchFundingRateHistory(symbol, undefined, 3)
    await ccxt.fetchLeverageTiers([symbol])
    expect((await ccxt.fetchLeverage(symbol)).longLeverage).toBeGreaterThan(0)
  })
})

test('account reads', async () => {
  expect((await ccxt.fetchBalance())['USDT']).toMatchObject({ total: expect.any(Number) })
  await ccxt.fetchLedger('USDT')
  await ccxt.fetchCurrencies()
  await ccxt.fetchStatus()
  await ccxt.fetchTradingFees({ type: 'swap' })
  await ccxt.fetchPositions()
  await ccxt.fetchOpenOrders()
})

describe.each(MARKETS)('orders, $category', ({ category, symbol, amount }) => {
  const price = async (share: number): Promise<number> => {
    const { bid } = await ccxt.fetchTicker(symbol)
    return Number(ccxt.priceToPrecision(symbol, (bid ?? 0) * share))
  }
  const orderOf = (id: string) => ccxt.fetchOpenOrder(id, symbol)

  test('limit, edit, cancel', async () => {
    const made = await ccxt.createOrder(symbol, 'limit', 'buy', amount, await price(0.99), {
      clientOrderId: `ccxt-${category}-1`,
    })
    await until(
      'open',
      () => orderOf(idOf(made)),
      ({ status }) => status === 'open',
    )
    const below = await price(0.985)
    await ccxt.editOrder(idOf(made), symbol, 'limit', 'buy', amount * 2, below)
    const edited = await until(
      'edited',
      () => orderOf(idOf(made)),
      (order) => order.price === below,
    )
    expect(edited).toMatchObject({
      amount: amount * 2,
      clientOrderId: `ccxt-${category}-1`,
      side: 'buy',
      type: 'limit',
    })
    await ccxt.cancelOrder(idOf(made), symbol)
    const ended = await until(
      'ended',
      () => ccxt.fetchClosedOrder(idOf(made), symbol).catch(() => null),
      (one) => one !== null,
    )
    expect(ended?.status).toBe('canceled')
    await expect(ccxt.cancelOrder(idOf(made), symbol)).rejects.toThrow(/not ?exist/i)
  })

  test('post only: rests, or is cancelled when it would take', async () => {
    const rests = await ccxt.createPostOnlyOrder(symbol, 'limit', 'buy', amount, await price(0.99))
    const open = await until(
      'open',
      () => orderOf(idOf(rests)),
      ({ status }) => status === 'open',
    )
    expect(open.postOnly).toBe(true)
    await ccxt.cancelOrder(idOf(rests), symbol)
    const crossing = { ...ccxt.market(symbol) }
    expect(crossing.active).toBe(true)
    const refused = await ccxt.createPostOnlyOrder(symbol, 'limit', 'buy', amount, await price(1.004)).catch(String)
    if (typeof refused === 'string') expect(refused).toContain('170218')
    else
      await until(
        'cancelled',
        () => orderOf(idOf(refused)),
        ({ status }) => status === 'canceled' || status === 'rejected',
      )
  })

  test('market, fills, closed orders, position and the way back', async () => {
    const bought = await ccxt.createOrder(symbol, 'market', 'buy', amount, await price(1))
    const filled = await until(
      'filled',
      () => orderOf(idOf(bought)),
      ({ status }) => status === 'closed',
    )
    expect(filled.filled).toBeGreaterThan(0)
    const trades = await ccxt.fetchMyTrades(symbol)
    expect(trades.some(({ order }) => order === idOf(bought))).toBe(true)
    expect((await ccxt.fetchOrderTrades(idOf(bought), symbol)).length).toBeGreaterThan(0)
    // A spot market buy by amount may end PartiallyFilledCanceled, for a remainder below the lot.
    expect((await ccxt.fetchCanceledAndClosedOrders(symbol)).some(({ id }) => id === idOf(bought))).toBe(true)
    await ccxt.fetchCanceledOrders(symbol)
    await ccxt.fetchClosedOrders(symbol)
    if (category === 'spot') return
    const [position] = await ccxt.fetchPositions([symbol])
    expect(position).toMatchObject({ side: 'long', symbol })
    expect(await ccxt.fetchPosition(symbol)).toMatchObject({ side: 'long' })
    const closing = await ccxt.createReduceOnlyOrder(symbol, 'market', 'sell', amount)
    await until(
      'closed',
      () => orderOf(idOf(closing)),
      ({ status }) => status === 'closed',
    )
    await until(
      'flat',
      () => ccxt.fetchPositions([symbol]),
      (list) => list.every(({ contracts }) => !contracts),
    )
    await ccxt.fetchPositionsHistory([symbol])
    await ccxt.setLeverage(5, symbol)
  })

  test('trigger, stop loss, take profit, batches, cancel all', async () => {
    const up = await price(1.01)
    const down = await price(0.99)
    const direction = category === 'spot' ? {} : { triggerDirection: 'ascending' }
    const trigger = await ccxt.createTriggerOrder(symbol, 'limit', 'buy', amount, up, up, direction)
    await until(
      'waiting',
      () => ccxt.fetchOpenOrders(symbol, undefined, undefined, { trigger: true }),
      (list) => list.some(({ id }) => id === trigger.id),
    )
    if (category !== 'spot') {
      await ccxt.createOrder(symbol, 'limit', 'buy', amount, down, {
        takeProfit: { triggerPrice: up },
        stopLoss: { triggerPrice: down / 2 },
      })
    }
    const items = [0, 1].map(() => ({ symbol, type: 'limit', side: 'buy', amount, price: down }) as const)
    const batch = await ccxt.createOrders([...items])
    expect(batch.map(({ id }) => id !== undefined)).toEqual([true, true])
    const ids = batch.map(idOf)
    await until(
      'both open',
      () => ccxt.fetchOpenOrders(symbol),
      (list) => ids.every((id) => list.some((one) => one.id === id)),
    )
    await ccxt.editOrders(
      ids.map((id) => ({ id, symbol, type: 'limit', side: 'buy', amount: amount * 2, price: down })),
    )
    // ccxt itself refuses batches of cancels on inverse.
    if (category !== 'inverse') await ccxt.cancelOrders(ids, symbol)
    await ccxt.cancelAllOrders(symbol)
    if (category === 'spot') await ccxt.cancelAllOrders(symbol, { trigger: true })
    await until(
      'none',
      () => ccxt.fetchOpenOrders(symbol),
      (list) => list.length === 0,
    )
  })
})

describe.each(MARKETS)('streams, $category', ({ symbol }) => {
  test('public', async () => {
    for (const depth of [1, 50, 200, 1000]) {
      const book = await ccxt.watchOrderBook(symbol, depth)
      expect(book.bids.length).toBeGreaterThan(0)
      await ccxt.unWatchOrderBook(symbol, { limit: depth })
    }
    for (let i = 0; i < 20; i++) {
      const book = await ccxt.watchOrderBook(symbol)
      expect(book.bids[0]?.[0]).toBeLessThan(book.asks[0]?.[0] ?? 0)
    }
    expect((await ccxt.watchTicker(symbol)).last).toBeGreaterThan(0)
    expect((await ccxt.watchTrades(symbol)).length).toBeGreaterThan(0)
    expect((await ccxt.watchOHLCV(symbol, '1m')).length).toBeGreaterThan(0)
    await ccxt.unWatchTrades(symbol)
    await ccxt.unWatchTicker(symbol)
  })
})

describe('private streams', () => {
  // One call without a symbol: a second call would subscribe to the same topic again, which Bybit refuses.
  const orders = new Map<string, string>()
  const traded = new Set<string>()
  let isOver = false

  async function follow<T>(watch: () => Promise<readonly T[]>, note: (row: T) => void): Promise<void> {
    while (!isOver) for (const row of await watch()) note(row)
  }

  beforeAll(async () => {
    void follow(
      () => ccxt.watchOrders(),
      (order) => orders.set(idOf(order), order.status ?? ''),
    ).catch(() => undefined)
    void follow(
      () => ccxt.watchMyTrades(),
      ({ order }) => traded.add(order ?? ''),
    ).catch(() => undefined)
    await subscribed(['order', 'execution'])
  })
  afterAll(() => {
    isOver = true
  })

  const told = (id: string, status: string) =>
    until(
      `${id} ${status}`,
      () => ccxt.fetchTime(),
      () => orders.get(id) === status,
    )

  test.each(MARKETS)(
    '$category: orders by socket, their fills and their ends',
    async ({ category, symbol, amount }) => {
      const { ask = 0 } = await ccxt.fetchTicker(symbol)
      const at = (share: number): number => Number(ccxt.priceToPrecision(symbol, (ask ?? 0) * share))
      const taking = idOf(await ccxt.createOrderWs(symbol, 'limit', 'buy', amount, at(1.004)))
      await told(taking, 'closed')
      await until(
        'its trade',
        () => ccxt.fetchTime(),
        () => traded.has(taking),
      )
      const resting = idOf(await ccxt.createOrderWs(symbol, 'limit', 'buy', amount, at(0.98)))
      await told(resting, 'open')
      await ccxt.editOrderWs(resting, symbol, 'limit', 'buy', amount * 2, at(0.975))
      await ccxt.cancelOrderWs(resting, symbol)
      await told(resting, 'canceled')
      if (category !== 'spot')
        await told(idOf(await ccxt.createReduceOnlyOrder(symbol, 'market', 'sell', amount)), 'closed')
    },
  )

  test('balance and positions', async () => {
    const balance = ccxt.watchBalance()
    const positions = follow(
      () => ccxt.watchPositions(),
      ({ symbol, contracts }) => {
        if (symbol === 'BTC/USDT:USDT' && (contracts ?? 0) >= 0.01) isOver = true
      },
    )
    await subscribed(['order', 'execution', 'wallet', 'position'])
    await ccxt.createOrder('BTC/USDT:USDT', 'market', 'buy', 0.01)
    expect((await balance)['USDT']).toMatchObject({ total: expect.any(Number) })
    await positions
  })
})

/** ccxt does not tell when a subscription holds (field report 15 of the notes): the exchange's answers do. */
async function subscribed(topics: readonly string[]): Promise<void> {
  await until(
    `subscribed to ${topics.join()}`,
    async () => {
      await ccxt.fetchTime()
      return venue.recorder.frames.filter(({ path, json }) => path === '/v5/private' && json['op'] === 'subscribe')
        .length
    },
    (count) => count >= topics.length,
  )
}

describe('everything the exchange said', () => {
  test('has the documented shape', () => expectDocumentedShapes(venue.recorder))
  test('books are contiguous', () => expectContiguousBooks(venue.recorder))
  test('streams, REST and ground truth agree', () => expectAgreement(venue))
})
