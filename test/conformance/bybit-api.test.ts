/** npm `bybit-api`, unmodified but for its addresses, against a real `mm exchange`. */
import {
  type DefaultLogger,
  RestClientV5,
  type WsKey,
  WebsocketAPIClient,
  WebsocketClient,
  WS_KEY_MAP,
} from 'bybit-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAgreement } from './agreement.ts'
import { expectContiguousBooks, expectDocumentedShapes, openVenue, rowsOf, type Venue } from './venue.ts'

const MARKETS = [
  { category: 'linear', symbol: 'BTCUSDT', qty: '0.01', more: '0.02' },
  { category: 'inverse', symbol: 'BTCUSD', qty: '100', more: '200' },
  { category: 'spot', symbol: 'BTCUSDT', qty: '0.001', more: '0.002' },
] as const

const PATHS: Partial<Record<WsKey, string>> = {
  [WS_KEY_MAP.v5LinearPublic]: '/v5/public/linear',
  [WS_KEY_MAP.v5InversePublic]: '/v5/public/inverse',
  [WS_KEY_MAP.v5SpotPublic]: '/v5/public/spot',
  [WS_KEY_MAP.v5OptionPublic]: '/v5/public/option',
  [WS_KEY_MAP.v5Private]: '/v5/private',
  [WS_KEY_MAP.v5PrivateTrade]: '/v5/trade',
}

const silent: DefaultLogger = { trace: () => undefined, info: () => undefined, error: () => undefined }

let venue: Venue
let rest: RestClientV5

beforeAll(async () => {
  venue = await openVenue()
  rest = new RestClientV5({ key: venue.key, secret: venue.secret, baseUrl: venue.rest, recv_window: 60_000 })
})
afterAll(async () => {
  await venue.close()
})

/** The one thing that is not as published: which address a kind of socket has. */
class LoopbackSockets extends WebsocketClient {
  protected override async getWsUrl(wsKey: WsKey): Promise<string> {
    const path = PATHS[wsKey]
    if (path === undefined) throw new Error(`no path for ${wsKey}`)
    return `${venue.ws}${path}`
  }
}

const keyed = (): { key: string; secret: string } => ({ key: venue.key, secret: venue.secret })

async function ok<T>(call: Promise<{ retCode: number; retMsg: string; result: T }>): Promise<T> {
  const { retCode, retMsg, result } = await call
  expect(retCode, retMsg).toBe(0)
  return result
}

/** Asks again until it holds: replies say "accepted", the book of orders follows. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 2_000; attempt++) if (await holds()) return
  expect.fail(`never: ${what}`)
}

async function bidPrice(category: 'linear' | 'inverse' | 'spot', symbol: string): Promise<number> {
  const { list } = await ok(rest.getTickers({ category: category as 'linear', symbol }))
  return Number(list[0]?.bid1Price)
}

describe('RestClientV5: what anybody may read', () => {
  test('time and system status', async () => {
    const { timeNano } = await ok(rest.getServerTime())
    expect(timeNano).toMatch(/^\d{19}$/)
    await ok(rest.getSystemStatus())
    expect(await rest.fetchServerTime()).toBeGreaterThan(0)
  })

  test.each(MARKETS)('$category', async ({ category, symbol }) => {
    const { list } = await ok(rest.getInstrumentsInfo({ category, symbol }))
    expect(list.map((row) => row.symbol)).toEqual([symbol])
    await ok(rest.getInstrumentsInfo({ category, limit: 1 }))
    const book = await ok(rest.getOrderbook({ category, symbol, limit: 200 }))
    expect(book.b.length).toBeGreaterThan(10)
    expect(Number(book.b[0]?.[0])).toBeLessThan(Number(book.a[0]?.[0]))
    await ok(rest.getTickers({ category: category as 'linear' }))
    await ok(rest.getPublicTradingHistory({ category, symbol, limit: 5 }))
    await ok(rest.getKline({ category, symbol, interval: '1' }))
    await ok(rest.getOrderPriceLimit({ category, symbol }))
    if (category === 'spot') await ok(rest.getFullDepthOrderbook({ category, symbol }))
    else {
      await ok(rest.getRiskLimit({ category, symbol }))
      await ok(rest.getFundingRateHistory({ category, symbol }))
    }
  })

  test('options: empty lists', async () => {
    expect((await ok(rest.getInstrumentsInfo({ category: 'option', baseCoin: 'BTC' }))).list).toEqual([])
    expect((await ok(rest.getTickers({ category: 'option', baseCoin: 'BTC' }))).list).toEqual([])
  })
})

describe('RestClientV5: account', () => {
  test('reads', async () => {
    const { list } = await ok(rest.getWalletBalance({ accountType: 'UNIFIED' }))
    expect(Number(list[0]?.totalEquity)).toBeGreaterThan(0)
    await ok(rest.getWalletBalance({ accountType: 'UNIFIED', coin: 'BTC,USDT' }))
    expect((await ok(rest.getAccountInfo())).unifiedMarginStatus).toBeGreaterThanOrEqual(5)
    expect((await ok(rest.getQueryApiKey())).uta).toBe(1)
    await ok(rest.getDCPInfo())
    await ok(rest.getSMPGroup())
    await ok(rest.getLimitPriceAction())
    await ok(rest.getTransactionLog())
    await ok(rest.getCoinInfo())
    await ok(rest.getCoinInfo('BTC'))
    for (const { category, symbol } of MARKETS) await ok(rest.getFeeRate({ category, symbol }))
  })

  test('settings', async () => {
    await ok(rest.setLimitPriceAction({ category: 'linear', modifyEnable: false }))
    expect((await rest.setMarginMode('REGULAR_MARGIN')).retCode).toBe(110026)
    const dcp = await rest.setDisconnectCancelAllWindowV2({ product: 'DERIVATIVES', timeWindow: 10 })
    // The package adds what it read from the headers.
    expect(Object.keys(dcp)).toEqual(['rateLimitApi', 'retCode', 'retMsg'])
    expect(dcp.retCode).toBe(0)
    expect((await ok(rest.getDCPInfo())).dcpInfos).toMatchObject([{ product: 'DERIVATIVES', timeWindow: '10' }])
    await ok(rest.setLeverage({ category: 'linear', symbol: 'BTCUSDT', buyLeverage: '7', sellLeverage: '7' }))
    const again = { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '7', sellLeverage: '7' } as const
    expect((await rest.setLeverage(again)).retCode).toBe(110043)
    expect((await rest.switchPositionMode({ category: 'linear', symbol: 'ETHUSDT', mode: 0 })).retCode).toBe(110025)
  })
})

describe.each(MARKETS)('RestClientV5: orders, $category', ({ category, symbol, qty, more }) => {
  const at = { category, symbol } as const
  const open = async (orderId: string): Promise<string | undefined> => {
    const { list } = await ok(rest.getActiveOrders({ ...at, orderId }))
    return list[0]?.orderStatus
  }

  test('create, amend, cancel by either id', async () => {
    const price = Math.floor((await bidPrice(category, symbol)) * 0.99)
    const order = { ...at, side: 'Buy', orderType: 'Limit', qty, timeInForce: 'PostOnly' } as const
    const link = `bya-${category}-1`
    const one = await ok(rest.submitOrder({ ...order, price: String(price), orderLinkId: link }))
    expect(one.orderLinkId).toBe(link)
    await until('New', async () => (await open(one.orderId)) === 'New')
    await ok(rest.amendOrder({ ...at, orderLinkId: link, price: String(price - 10), qty: more }))
    await until('amended', async () => {
      const { list } = await ok(rest.getActiveOrders({ ...at, orderLinkId: link }))
      return Number(list[0]?.qty) === Number(more) && Number(list[0]?.price) === price - 10
    })
    await ok(rest.cancelOrder({ ...at, orderId: one.orderId }))
    await until('cancelled', async () => {
      const { list } = await ok(rest.getHistoricOrders({ ...at, orderId: one.orderId }))
      return list[0]?.orderStatus === 'Cancelled' && list[0].cancelType === 'CancelByUser'
    })
    expect((await rest.cancelOrder({ ...at, orderId: one.orderId })).retCode).toBe(
      category === 'spot' ? 170213 : 110001,
    )
    const twice = await rest.submitOrder({ ...order, price: String(price), orderLinkId: link })
    expect(twice.retCode).toBe(category === 'spot' ? 170141 : 110072)
  })

  test('market order: execution, position, closed profit', async () => {
    const isSpot = category === 'spot'
    const buy = { ...at, side: 'Buy', orderType: 'Market', qty } as const
    const { orderId } = await ok(rest.submitOrder(isSpot ? { ...buy, marketUnit: 'baseCoin' } : buy))
    await until('filled', async () => (await open(orderId)) === 'Filled')
    const { list } = await ok(rest.getExecutionList({ ...at, orderId }))
    const sum = list.reduce((total, row) => total + Number(row.execQty), 0)
    expect(sum).toBeCloseTo(Number(qty), 8)
    if (isSpot) return
    const { list: positions } = await ok(rest.getPositionInfo(at))
    expect(positions[0]).toMatchObject({ side: 'Buy', positionIdx: 0 })
    await ok(rest.setTradingStop({ ...at, tpslMode: 'Full', positionIdx: 0, takeProfit: '90000' }))
    const close = { ...at, side: 'Sell', orderType: 'Market', qty, reduceOnly: true } as const
    await ok(rest.submitOrder(close))
    await until('flat', async () => Number((await ok(rest.getPositionInfo(at))).list[0]?.size) === 0)
    const { list: closed } = await ok(rest.getClosedPnL({ category, symbol }))
    expect(closed.length).toBeGreaterThan(0)
    expect((await rest.submitOrder(close)).retCode).toBe(110017)
  })

  test('conditional order, pre-check, batches, cancel-all', async () => {
    const bid = await bidPrice(category, symbol)
    const price = String(Math.floor(bid * 0.99))
    const order = { symbol, side: 'Buy', orderType: 'Limit', qty, price } as const
    const trigger = category === 'spot' ? { orderFilter: 'StopOrder' as const } : { triggerDirection: 1 as const }
    const triggerPrice = String(Math.floor(bid * 1.01))
    const stop = await ok(rest.submitOrder({ category, ...order, triggerPrice, ...trigger }))
    await until('untriggered', async () => (await open(stop.orderId)) === 'Untriggered')
    await ok(rest.preCheckOrder({ category, ...order }))
    // The types leave out inverse and spot, which the exchange serves.
    const kind = category as 'linear'
    const made = await rest.batchSubmitOrders(kind, [order, { ...order, price: 'x' }, order])
    expect(made.retExtInfo.list.map(({ code }) => code === 0)).toEqual([true, false, true])
    const ids = made.result.list.map(({ orderId }) => orderId)
    expect(ids[1]).toBe('')
    const first = ids[0] ?? ''
    for (const id of [first, ids[2] ?? '']) await until('in the book', async () => (await open(id)) === 'New')
    const amended = await rest.batchAmendOrders(kind, [{ symbol, orderId: first, qty: more }])
    expect(amended.retExtInfo.list[0]?.code).toBe(0)
    const gone = await rest.batchCancelOrders(kind, [
      { symbol, orderId: first },
      { symbol, orderLinkId: 'never-sent' },
    ])
    expect(gone.retExtInfo.list.map(({ code }) => code === 0)).toEqual([true, false])
    expect(gone.result.list[1]?.orderLinkId).toBe('never-sent')
    const { list, success } = (await ok(rest.cancelAllOrders(at))) as { list: { orderId: string }[]; success: string }
    expect(success).toBe('1')
    expect(list.map(({ orderId }) => orderId)).toContain(ids[2])
    if (category === 'spot') await ok(rest.cancelAllOrders({ ...at, orderFilter: 'StopOrder' }))
    await until('none open', async () => (await ok(rest.getActiveOrders(at))).list.length === 0)
  })
})

test('pages: every order once, whatever happens to the cursor on its way', async () => {
  const at = { category: 'linear', symbol: 'ETHUSDT' } as const
  const price = String(Math.floor((await bidPrice('linear', 'ETHUSDT')) * 0.99))
  const order = { symbol: 'ETHUSDT', side: 'Buy', orderType: 'Limit', qty: '0.1', price } as const
  const sent: string[] = []
  for (let i = 0; i < 3; i++) {
    const { result } = await rest.batchSubmitOrders(
      'linear',
      Array.from({ length: 20 }, () => order),
    )
    sent.push(...result.list.map(({ orderId }) => orderId))
  }
  await until('60 open', async () => {
    const { accounts } = await venue.truth()
    return accounts.flatMap(({ openOrders }) => openOrders).filter((row) => row['symbol'] === 'ETHUSDT').length === 60
  })
  const seen: string[] = []
  let cursor = ''
  do {
    const page = await ok(rest.getActiveOrders({ ...at, ...(cursor === '' ? {} : { cursor }) }))
    expect(page.list.length).toBeLessThanOrEqual(20)
    seen.push(...page.list.map(({ orderId }) => orderId))
    cursor = page.nextPageCursor ?? ''
  } while (cursor !== '')
  expect(seen.toSorted()).toEqual(sent.toSorted())
  await ok(rest.cancelAllOrders({ category: 'linear', settleCoin: 'USDT' }))
})

describe('WebsocketClient', () => {
  let sockets: LoopbackSockets

  beforeAll(() => {
    sockets = new LoopbackSockets({ ...keyed() }, silent)
    // Without a listener the package loses errors; a refused topic must fail the test.
    sockets.on('exception', (event) => void failures.push(JSON.stringify(event)))
  })
  afterAll(() => {
    sockets.closeAll(true)
  })
  const failures: string[] = []

  test('public topics of three categories', async () => {
    const wanted = new Set<string>()
    const heard = new Set<string>()
    const all = new Promise<void>((resolve) => {
      sockets.on('update', ({ topic, wsKey }) => {
        heard.add(`${String(wsKey)} ${String(topic)}`)
        if ([...wanted].every((one) => heard.has(one))) resolve()
      })
    })
    for (const { category, symbol } of MARKETS) {
      const topics = [
        'orderbook.1',
        'orderbook.50',
        'orderbook.200',
        'orderbook.1000',
        'publicTrade',
        'tickers',
        'kline.1',
        'priceLimit',
      ]
      const names = topics.map((topic) => `${topic}.${symbol}`)
      const wsKey = { linear: 'v5LinearPublic', inverse: 'v5InversePublic', spot: 'v5SpotPublic' }[category]
      for (const name of names) wanted.add(`${wsKey} ${name}`)
      const quiet = category === 'spot' ? [] : [`allLiquidation.${symbol}`]
      await Promise.all(sockets.subscribeV5([...names, ...quiet], category))
    }
    await all
    expect(failures).toEqual([])
  })

  test('private topics follow a trade', async () => {
    const topics = ['order', 'execution', 'execution.fast', 'position', 'wallet', 'greeks', 'dcp.future']
    // The package's promise settles when the request is queued: only the answer says that it holds.
    const answered = new Promise<void>(
      (resolve) => void sockets.on('response', ({ op }) => op === 'subscribe' && resolve()),
    )
    await Promise.all(sockets.subscribeV5(topics, 'linear', true))
    await answered
    const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.02' } as const
    const { orderId } = await ok(rest.submitOrder(order))
    await until('told', async () => {
      await rest.getServerTime()
      return rowsOf(venue.recorder, 'order').some(
        (row) => row['orderId'] === orderId && row['orderStatus'] === 'Filled',
      )
    })
    const fills = rowsOf(venue.recorder, 'execution').filter((row) => row['orderId'] === orderId)
    expect(fills.length).toBeGreaterThan(0)
    expect(failures).toEqual([])
  })
})

describe('WebsocketAPIClient', () => {
  class LoopbackOrders extends WebsocketAPIClient {
    constructor() {
      super({ ...keyed(), attachEventListeners: false }, silent)
      // Its socket client is made inside; only where it connects to is replaced.
      const inner: unknown = this.getWSClient()
      Object.assign(inner as object, { getWsUrl: async () => `${venue.ws}/v5/trade` })
    }
  }

  test('create, amend, cancel and batches', async () => {
    const client = new LoopbackOrders()
    client.getWSClient().on('exception', () => undefined)
    const price = String(Math.floor((await bidPrice('linear', 'BTCUSDT')) * 0.99))
    const order = {
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.01',
      price,
    } as const
    const made = await client.submitNewOrder({ ...order, orderLinkId: 'bya-ws-1' })
    expect(made).toMatchObject({ retCode: 0, op: 'order.create', data: { orderLinkId: 'bya-ws-1' } })
    const at = { category: 'linear', symbol: 'BTCUSDT', orderId: made.data.orderId } as const
    await until('in the book', async () => (await ok(rest.getActiveOrders(at))).list[0]?.orderStatus === 'New')
    expect((await client.amendOrder({ ...at, qty: '0.02' })).retCode).toBe(0)
    expect((await client.cancelOrder(at)).retCode).toBe(0)
    const { category: _, ...item } = order
    const batch = await client.batchSubmitOrders('linear', [item, item])
    expect(batch.retExtInfo.list.map(({ code }) => code)).toEqual([0, 0])
    const [one, two] = batch.data.list.map(({ orderId }) => ({ symbol: 'BTCUSDT', orderId }))
    if (one === undefined || two === undefined) throw new Error('two orders')
    expect((await client.batchAmendOrder('linear', [{ ...one, qty: '0.03' }])).retCode).toBe(0)
    expect((await client.batchCancelOrder('linear', [one, two])).retExtInfo.list.map(({ code }) => code)).toEqual([
      0, 0,
    ])
    await expect(client.cancelOrder({ ...at, orderId: 'no-such-order' })).rejects.toMatchObject({ retCode: 110001 })
    client.getWSClient().closeAll(true)
  })
})

describe('everything the exchange said', () => {
  test('has the documented shape', () => expectDocumentedShapes(venue.recorder))
  test('books are contiguous', () => expectContiguousBooks(venue.recorder))
  test('streams, REST and ground truth agree', () => expectAgreement(venue))
})
