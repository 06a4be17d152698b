/**
 * The other end of the benchmark, in a process of its own: as much of Bybit V5 as the adapter needs to start, an order
 * book per symbol that it updates at an even pace, and an immediate answer to every order. Not a market: a metronome.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export const SYMBOLS = Array.from({ length: 10 }, (_, index) => `S${String(index).padStart(2, '0')}USDT`)

interface Go {
  readonly rate: number
  readonly messages: number
}

const LEVELS = 50
const updateIds = new Map(SYMBOLS.map((symbol) => [symbol, 1]))
const publicSockets = new Set<WebSocket>()
const privateSockets = new Set<WebSocket>()
let orders = 0

const server = createServer((request, reply) => answer(request, reply))
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => accept(request.url ?? '', ws))
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (go: Go | 'count') => {
  if (go === 'count') process.send?.({ orders })
  else play(go)
})
process.on('disconnect', () => process.exit(0))

function answer(request: IncomingMessage, reply: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://x')
  const result = resultOf(url)
  request.resume()
  reply.setHeader('content-type', 'application/json')
  reply.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: Date.now() }))
}

function resultOf(url: URL): object {
  const symbol = url.searchParams.get('symbol') ?? ''
  switch (url.pathname) {
    case '/v5/market/time':
      return { timeSecond: String(Math.floor(Date.now() / 1000)), timeNano: `${Date.now()}000000` }
    case '/v5/market/instruments-info':
      return { category: 'linear', list: [instrument(symbol)], nextPageCursor: '' }
    case '/v5/account/fee-rate':
      return { list: SYMBOLS.map((name) => ({ symbol: name, makerFeeRate: '0.0002', takerFeeRate: '0.00055' })) }
    case '/v5/user/query-api':
      return { userID: 1, readOnly: 0, permissions: {}, ips: ['*'] }
    case '/v5/position/list':
      return { list: [{ symbol, side: '', size: '0', avgPrice: '0', positionIdx: 0, seq: 1, updatedTime: '1' }] }
    default:
      return { list: [], nextPageCursor: '', category: 'linear' }
  }
}

function instrument(symbol: string): object {
  return {
    symbol,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    baseCoin: symbol.slice(0, 3),
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    deliveryTime: '0',
    priceFilter: { minPrice: '0.10', maxPrice: '1999999.80', tickSize: '0.10' },
    lotSizeFilter: {
      qtyStep: '0.001',
      minOrderQty: '0.001',
      maxOrderQty: '1190',
      maxMktOrderQty: '500',
      minNotionalValue: '5',
    },
  }
}

function accept(path: string, ws: WebSocket): void {
  if (path.startsWith('/v5/public')) publicSockets.add(ws)
  if (path.startsWith('/v5/private')) privateSockets.add(ws)
  ws.on('close', () => {
    publicSockets.delete(ws)
    privateSockets.delete(ws)
  })
  ws.on('message', (bytes: Buffer) => heard(path, ws, JSON.parse(String(bytes)) as Record<string, unknown>))
}

function heard(path: string, ws: WebSocket, message: Record<string, unknown>): void {
  const { op, req_id: id } = message
  if (op === 'ping') return ws.send(JSON.stringify({ op: 'pong', success: true, ret_msg: 'pong', req_id: id }))
  if (op === 'auth' && path.startsWith('/v5/trade'))
    return ws.send('{"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}')
  if (op === 'auth') return ws.send('{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}')
  if (op === 'subscribe') return subscribed(ws, message)
  if (typeof op === 'string' && op.startsWith('order.')) ordered(ws, message as unknown as OrderMessage)
}

function subscribed(ws: WebSocket, message: Record<string, unknown>): void {
  ws.send(JSON.stringify({ success: true, ret_msg: '', conn_id: 'c', req_id: message['req_id'], op: 'subscribe' }))
  for (const topic of message['args'] as string[]) {
    const match = /^orderbook\.50\.(.+)$/.exec(topic)
    if (match?.[1] !== undefined) ws.send(snapshot(match[1]))
  }
}

interface OrderMessage {
  readonly reqId: string
  readonly op: string
  readonly args: readonly [OrderFields & { readonly request?: readonly OrderFields[] }]
}

type OrderFields = Readonly<Record<'symbol' | 'orderLinkId', string>> &
  Partial<Record<'side' | 'price' | 'qty', string>>

// Acknowledged at once, one or a batch, and stated open (or cancelled) on the private stream.
function ordered(ws: WebSocket, { reqId, op, args: [body] }: OrderMessage): void {
  const now = Date.now()
  const all = body.request ?? [body]
  orders += all.length
  const links = all.map(({ orderLinkId: link }) => `{"orderId":"${link}","orderLinkId":"${link}"}`).join(',')
  const data = body.request === undefined ? links : `{"list":[${links}]}`
  const codes = body.request === undefined ? '' : `"list":[${all.map(() => '{"code":0,"msg":"OK"}').join(',')}]`
  ws.send(
    `{"reqId":"${reqId}","retCode":0,"retMsg":"OK","op":"${op}","data":${data},"retExtInfo":{${codes}},"header":{"X-Bapi-Limit":"100000","X-Bapi-Limit-Status":"99999","X-Bapi-Limit-Reset-Timestamp":"${now}","Timenow":"${now}"},"connId":"c"}`,
  )
  const status = op.startsWith('order.cancel') ? 'Cancelled' : 'New'
  const rows = all.map((order) => statement(order, status, now)).join(',')
  for (const socket of privateSockets) socket.send(`{"topic":"order","id":"1","creationTime":${now},"data":[${rows}]}`)
}

function statement({ symbol, orderLinkId: link, side, price, qty }: OrderFields, status: string, now: number): string {
  return `{"category":"linear","symbol":"${symbol}","orderId":"${link}","orderLinkId":"${link}","side":"${side ?? 'Sell'}","orderStatus":"${status}","price":"${price ?? '6180.0'}","qty":"${qty ?? '0.010'}","cumExecQty":"0","rejectReason":"EC_NoError","cancelType":"UNKNOWN","updatedTime":"${now}"}`
}

function snapshot(symbol: string): string {
  const level = (price: number): string => `["${(price / 10).toFixed(1)}","1.000"]`
  const bids = Array.from({ length: LEVELS }, (_, i) => level(61_800 - i)).join(',')
  const asks = Array.from({ length: LEVELS }, (_, i) => level(61_810 + i)).join(',')
  updateIds.set(symbol, 1)
  return frame(symbol, 'snapshot', { bids, asks, u: 1 })
}

// Every other update opens a bid one tick better, the next takes it away: the price to quote changes each time.
function delta(symbol: string): string {
  const u = (updateIds.get(symbol) ?? 0) + 1
  updateIds.set(symbol, u)
  const size = `${1 + (u % 7)}.${String(u % 1000).padStart(3, '0')}`
  const bids = `["6180.1","${u % 2 === 0 ? '0.500' : '0'}"],["6179.7","${size}"],["6179.2","${size}"],["6178.5","${size}"]`
  const asks = `["6181.2","${size}"],["6181.9","${size}"],["6182.4","${size}"],["6183.0","${size}"]`
  return frame(symbol, 'delta', { bids, asks, u })
}

function frame(symbol: string, type: string, { bids, asks, u }: { bids: string; asks: string; u: number }): string {
  const now = Date.now()
  return `{"topic":"orderbook.50.${symbol}","type":"${type}","ts":${now},"data":{"s":"${symbol}","b":[${bids}],"a":[${asks}],"u":${u},"seq":${u}},"cts":${now}}`
}

// Evenly spaced by spinning through the event loop: a burst a millisecond would measure the burst.
function play({ rate, messages }: Go): void {
  const startMs = performance.now()
  let sent = 0
  const pump = (): void => {
    const due = Math.min(messages, Math.floor(((performance.now() - startMs) * rate) / 1000))
    // A metronome that fell behind does not catch up in one burst.
    for (let n = 0; sent < due && n < 2; n++, sent++) {
      const text = delta(SYMBOLS[sent % SYMBOLS.length] ?? '')
      for (const socket of publicSockets) socket.send(text)
    }
    if (sent < messages) setImmediate(pump)
    else process.send?.({ done: true, seconds: (performance.now() - startMs) / 1000 })
  }
  pump()
}
