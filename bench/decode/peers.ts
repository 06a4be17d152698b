/**
 * The same work by the two common libraries, through the code that their sockets call: npm `bybit-api`
 * (WebsocketClient.onWsMessage: parse, classify, emit `update`) and npm `ccxt` (Client.onMessage: parse, handleMessage,
 * handleOrderBook into its order book). Nothing of them is changed; no socket is opened.
 */
import { createHmac } from 'node:crypto'
import { RestClientV5, WebsocketClient } from 'bybit-api'
import ccxt from 'ccxt'

export const KEY = 'benchKey0000000001'
export const SECRET = ['for', 'the', 'bench', 'only'].join('-')
const WS_KEY = 'v5LinearPublic'
const URL = 'wss://stream.bybit.com/v5/public/linear'

/** Sees every update that bybit-api emits. */
export function bybitApiFrames(): { feed(frame: Buffer): void; readonly updates: () => number } {
  const quiet = { trace() {}, info() {}, error() {} }
  const client = new WebsocketClient({}, quiet)
  let updates = 0
  client.on('update', () => {
    updates++
  })
  const onMessage = method(client, 'onWsMessage')
  return {
    // `ws` hands text frames over as strings.
    feed: (frame) => void onMessage({ type: 'message', data: frame.toString('utf8') }, WS_KEY, {}),
    updates: () => updates,
  }
}

export interface CcxtBook {
  readonly bids: readonly (readonly number[])[]
  readonly asks: readonly (readonly number[])[]
}

export function ccxtFrames(): { feed(frame: Buffer): void; book(): CcxtBook } {
  const exchange = bybitOfCcxt()
  const client: unknown = method(exchange, 'client')(URL)
  const onMessage = method(client as object, 'onMessage')
  return {
    feed: (frame) => void onMessage({ data: frame.toString('utf8') }),
    book: () => exchange.orderbooks['BTC/USDT:USDT'] as CcxtBook,
  }
}

export interface Order {
  readonly price: number
  readonly size: number
  readonly link: string
}

/** Order to signed REST request (not sent). `plain`: as it comes, with WebCrypto; else with node's own HMAC. */
export function bybitApiRest(isPlain: boolean): (order: Order) => Promise<unknown> {
  const custom = (text: string, secret: string): Promise<string> =>
    Promise.resolve(createHmac('sha256', secret).update(text).digest('hex'))
  const client = new RestClientV5({ key: KEY, secret: SECRET, ...(isPlain ? {} : { customSignMessageFn: custom }) })
  const build = method(client, 'buildRequest')
  return async (order) => {
    const options = (await build('POST', 'https://api.bybit.com/v5/order/create', paramsOf(order), false)) as Built
    // What axios does with it.
    return JSON.stringify(options.data)
  }
}

/** Order to the text of an order-entry frame, as sendWSAPIRequest does. */
export function bybitApiFrame(): (order: Order) => string {
  const client = new WebsocketClient({ key: KEY, secret: SECRET, recvWindow: 5_000 })
  const newId = method(client, 'getNewRequestId')
  return (order) =>
    JSON.stringify({
      reqId: newId(),
      header: { 'X-BAPI-RECV-WINDOW': '5000', 'X-BAPI-TIMESTAMP': `${Date.now()}`, Referer: 'bybitapinode' },
      op: 'order.create',
      args: [paramsOf(order)],
    })
}

export function ccxtRest(): (order: Order) => unknown {
  const exchange = bybitOfCcxt()
  const create = method(exchange, 'createOrderRequest')
  const sign = method(exchange, 'sign')
  return (order) =>
    sign('v5/order/create', 'private', 'POST', create(...ccxtOrder(order), { orderLinkId: order.link, postOnly: true }))
}

/** As createOrderWs does. */
export function ccxtFrame(): (order: Order) => string {
  const exchange = bybitOfCcxt()
  const create = method(exchange, 'createOrderRequest')
  const newId = method(exchange, 'requestId')
  return (order) =>
    JSON.stringify({
      op: 'order.create',
      reqId: String(newId()),
      args: [create(...ccxtOrder(order), { orderLinkId: order.link, postOnly: true }, true)],
      header: { 'X-BAPI-TIMESTAMP': exchange.milliseconds().toString(), 'X-BAPI-RECV-WINDOW': '5000' },
    })
}

interface Built {
  readonly data: object
}

const ccxtOrder = ({ price, size }: Order): readonly unknown[] => ['BTC/USDT:USDT', 'limit', 'buy', size, price]

const paramsOf = ({ price, size, link }: Order): Record<string, unknown> => ({
  category: 'linear',
  symbol: 'BTCUSDT',
  side: 'Buy',
  orderType: 'Limit',
  qty: String(size),
  price: String(price),
  timeInForce: 'PostOnly',
  orderLinkId: link,
  positionIdx: 0,
  reduceOnly: false,
  smpType: 'CancelMaker',
})

function bybitOfCcxt(): InstanceType<typeof ccxt.pro.bybit> {
  const exchange = new ccxt.pro.bybit({ apiKey: KEY, secret: SECRET, enableRateLimit: false })
  const market = exchange.safeMarketStructure({
    id: 'BTCUSDT',
    symbol: 'BTC/USDT:USDT',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    baseId: 'BTC',
    quoteId: 'USDT',
    settleId: 'USDT',
    type: 'swap',
    spot: false,
    swap: true,
    contract: true,
    linear: true,
    inverse: false,
    option: false,
    active: true,
    contractSize: 1,
    precision: { amount: 0.001, price: 0.1 },
  })
  exchange.setMarkets([market])
  exchange.options['enableUnifiedMargin'] = false
  exchange.options['enableUnifiedAccount'] = true
  return exchange
}

// Their inner methods are private to the type checker only.
function method(owner: object, name: string): (...args: readonly unknown[]) => unknown {
  const found: unknown = Reflect.get(owner, name)
  if (typeof found !== 'function') throw new Error(`${name} is gone: the peer has changed`)
  return (...args) => Reflect.apply(found, owner, args)
}
