/** Raw HTTP and WebSocket as odd but honest clients speak it: bytes on real loopback sockets, no client library. */
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { type Row, signed } from '../exchange/server/harness.ts'

let host: ExchangeHost
/** Later than any machine is: nothing here tests what is late. */
const FAR_MS = 60_000
const INFO = '/v5/account/info'
const WALLET = '/v5/account/wallet-balance'
const CREATE = '/v5/order/create'
const LIMIT = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61500' }

beforeAll(async () => {
  host = await openHost({ port: 0, speed: 1, seed: 1, symbols: ['BTCUSDT'], tier: 'unlimited' })
})
afterAll(() => host.close())

interface Sent {
  readonly method?: string
  readonly target: string
  /** What is signed, when it is not the query or the body as sent. */
  readonly payload?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** The bytes of one request; signed unless its path is public. */
function bytesOf({ method = 'GET', target, payload, headers = {}, body = '' }: Sent): Buffer {
  const { apiKey, apiSecret } = host.welcome
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''
  const text = payload ?? (method === 'GET' ? query : body.toString())
  const all = {
    Host: 'api.bybit.com',
    ...signed(text, Date.now(), { apiKey, secret: apiSecret, window: String(FAR_MS) }),
    ...(method === 'POST' && headers['Transfer-Encoding'] === undefined
      ? { 'Content-Length': String(Buffer.byteLength(body)) }
      : {}),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)])
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly head: string
}

/** Writes all of it at once to one connection and reads `count` answers, in the order they came. */
function talk(bytes: Buffer, count: number, isHead = false): Promise<Answer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer[]>()
  const answers: Answer[] = []
  let text = ''
  const socket = connect(Number(new URL(host.welcome.rest).port), '127.0.0.1', () => socket.write(bytes))
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`closed after ${answers.length} answers and: ${text}`)))
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (let answer = first(text, isHead); answer !== null; answer = first(text, isHead)) {
      text = text.slice(answer.head.length + answer.body.length)
      if (answer.status !== 100) answers.push(answer)
    }
    if (answers.length < count) return
    resolve(answers)
    socket.destroy()
  })
  return promise
}

function first(text: string, isHead: boolean): Answer | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end + 4)
  const length = isHead ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < head.length + length) return null
  return { status: Number(head.slice(9, 12)), head, body: text.slice(head.length, head.length + length) }
}

async function ask(sent: Sent): Promise<{ status: number; code: number; json: Row }> {
  const [answer] = await talk(bytesOf(sent), 1)
  const json = JSON.parse(answer?.body ?? '') as Row
  return { status: answer?.status ?? 0, code: Number(json['retCode']), json }
}

const post = (body: string, headers: Sent['headers'] = {}): Sent => ({ method: 'POST', target: CREATE, body, headers })
const compact = JSON.stringify(LIMIT)

describe('requests that are served', () => {
  const spaced = compact.replaceAll(':', ': ').replaceAll(',', ', ')
  const chunked = `${compact.length.toString(16)}\r\n${compact}\r\n0\r\n\r\n`
  const rows: [string, Sent][] = [
    ['query in any order', { target: `${WALLET}?coin=BTC,USDT&accountType=UNIFIED` }],
    ['an escaped query, signed as sent', { target: `${WALLET}?accountType=UNIFIED&coin=BTC%2CUSDT` }],
    ['"?" and no query', { target: `${INFO}?` }],
    ['GET with a JSON content type', { target: INFO, headers: { 'Content-Type': 'application/json' } }],
    ['GET with Content-Length: 0', { target: INFO, headers: { 'Content-Length': '0' } }],
    ['an absolute-form GET', { target: `http://api.bybit.com${WALLET}?accountType=UNIFIED` }],
    ['an absolute-form POST', { ...post(compact), target: `http://api-testnet.bybit.com${CREATE}` }],
    ['JSON with spaces', post(spaced)],
    ['JSON with line breaks', post(JSON.stringify(LIMIT, null, 2))],
    ['a chunked body', { ...post(chunked, { 'Transfer-Encoding': 'chunked' }), payload: compact }],
    ['Expect: 100-continue', post(compact, { Expect: '100-continue' })],
    ['a body without content type', post(compact)],
    ['a body called text', post(compact, { 'Content-Type': 'text/plain' })],
    ['Accept-Encoding: gzip, br', { target: INFO, headers: { 'Accept-Encoding': 'gzip, deflate, br' } }],
    [
      'headers nobody knows',
      { target: INFO, headers: { 'X-BAPI-SIGN-TYPE': '2', Referer: 'x', 'cdn-request-id': '1' } },
    ],
    ['HTTP/1.1 with Connection: keep-alive', { target: INFO, headers: { Connection: 'keep-alive' } }],
  ]
  test.each(rows)('%s', async (_name, sent) => {
    expect(await ask(sent)).toMatchObject({ status: 200, code: 0 })
  })

  test('header names in any case', async () => {
    const { apiKey, apiSecret } = host.welcome
    const headers = Object.entries(signed('', Date.now(), { apiKey, secret: apiSecret, window: String(FAR_MS) }))
    for (const fold of [
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
      (name: string) => name.toLowerCase().replace(/(^|-)[a-z]/g, (found) => found.toUpperCase()),
    ]) {
      const lines = headers.map(([name, value]) => `${fold(name)}: ${value}\r\n`).join('')
      const [answer] = await talk(Buffer.from(`GET ${INFO} HTTP/1.1\r\nhost: x\r\n${lines}\r\n`), 1)
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ retCode: 0 })
    }
  })

  test('requests sent without waiting are answered in their order', async () => {
    const sent: Sent[] = [
      { target: '/v5/market/time' },
      post(compact),
      { target: '/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=1' },
      { target: '/v5/nothing' },
      { target: INFO },
    ]
    const answers = await talk(Buffer.concat(sent.map(bytesOf)), sent.length)
    const results = answers.map(({ body }) => Object.keys((JSON.parse(body) as { result: Row }).result)[0])
    expect(results).toEqual(['timeSecond', 'orderId', 's', undefined, 'marginMode'])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200])
  })

  test('HEAD has no body and the connection goes on', async () => {
    const [head] = await talk(Buffer.from('HEAD /v5/market/time HTTP/1.1\r\nHost: x\r\n\r\n'), 1, true)
    expect(head?.status).toBe(400)
  })
})

describe('requests that are refused', () => {
  const bad = (change: Row): Sent => post(JSON.stringify({ ...LIMIT, ...change }))
  const rows: [string, Sent, number, number][] = [
    ['another body than was signed', { ...post(compact), payload: JSON.stringify(LIMIT, null, 1) }, 200, 10004],
    [
      'another query than was signed',
      { target: `${WALLET}?accountType=UNIFIED`, payload: 'accountType=CONTRACT' },
      200,
      10004,
    ],
    ['the "?" signed too', { target: `${INFO}?`, payload: '?' }, 200, 10004],
    ['OPTIONS', { method: 'OPTIONS', target: INFO }, 400, 10017],
    ['PUT', { method: 'PUT', target: CREATE }, 400, 10017],
    ['POST where GET is served', { method: 'POST', target: INFO, body: '{}' }, 400, 10017],
    ['an unknown path', { target: '/v5/order/unknown' }, 404, 10017],
    ['a path with a slash too many', { target: '/v5/market/time/' }, 404, 10017],
    ['letters of another alphabet in an id', bad({ orderLinkId: 'ордер' }), 200, 10001],
    ['qty as a number', bad({ qty: 0.01 }), 200, 10001],
    ['qty of nothing', bad({ qty: '' }), 200, 10001],
    ['a negative price', bad({ price: '-1' }), 200, 10001],
    ['too many decimals', bad({ price: '61500.05' }), 200, 10001],
    ['hedge index on a one-way account', bad({ positionIdx: 1 }), 200, 10001],
    ['an unknown time in force', bad({ timeInForce: 'DAY' }), 200, 10001],
    ['realtime of linear without a scope', { target: '/v5/order/realtime?category=linear' }, 200, 10001],
    ['realtime of spot by settle coin', { target: '/v5/order/realtime?category=spot&settleCoin=USDT' }, 200, 10001],
    ['positions of linear without a scope', { target: '/v5/position/list?category=linear' }, 200, 10001],
    ['a limit of 0', { target: '/v5/order/realtime?category=linear&symbol=BTCUSDT&limit=0' }, 200, 10001],
    ['a cursor nobody gave', { target: '/v5/order/realtime?category=linear&symbol=BTCUSDT&cursor=x' }, 200, 10001],
    [
      'history over more than 7 days',
      { target: '/v5/order/history?category=linear&startTime=1&endTime=700000000' },
      200,
      10001,
    ],
  ]
  test.each(rows)('%s', async (_name, sent, status, code) => {
    expect(await ask(sent)).toMatchObject({ status, code })
  })
})

describe('pages', () => {
  const list = async (query: string): Promise<{ ids: unknown[]; cursor: string }> => {
    const { json } = await ask({ target: `/v5/order/realtime?${query}` })
    const result = json['result'] as { list: Row[]; nextPageCursor: string }
    return { ids: result.list.map((row) => row['orderId']), cursor: result.nextPageCursor }
  }

  test('the cursor works as handed out, escaped once more, and unescaped', async () => {
    for (let i = 0; i < 6; i++) await ask(post(compact))
    const base = 'category=linear&symbol=BTCUSDT&limit=2'
    const { cursor } = await list(base)
    expect(cursor).toMatch(/%3A/)
    const asGiven = await list(`${base}&cursor=${cursor}`)
    expect(asGiven.ids.length).toBe(2)
    expect(await list(`${base}&cursor=${encodeURIComponent(cursor)}`)).toEqual(asGiven)
    expect(await list(`cursor=${encodeURIComponent(cursor)}&${base}`)).toEqual(asGiven)
  })

  test.each([
    ['order/realtime?category=linear&symbol=BTCUSDT', 20, 50],
    ['market/recent-trade?category=linear&symbol=BTCUSDT', 500, 1_000],
    ['market/orderbook?category=linear&symbol=BTCUSDT', 25, 1_000],
  ])('%s: at most %i rows by default, %i when more is asked for', async (target, usual, most) => {
    const rows = async (limit: string): Promise<number> => {
      const { code, json } = await ask({ target: `/v5/${target}${limit}` })
      expect(code).toBe(0)
      const { list: rows, b } = json['result'] as { list?: unknown[]; b?: unknown[] }
      return (rows ?? b ?? []).length
    }
    expect(await rows('')).toBeLessThanOrEqual(usual)
    expect(await rows('&limit=100000')).toBeLessThanOrEqual(most)
  })
})

describe('sockets', () => {
  interface Live {
    readonly socket: WebSocket
    next(): Promise<Row>
  }

  async function open(path: string, options: object = {}): Promise<Live> {
    const socket = new WebSocket(`${host.welcome.ws}${path}`, options)
    const heard: Row[] = []
    const waiting: ((frame: Row) => void)[] = []
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Row
      const wake = waiting.shift()
      if (wake === undefined) heard.push(frame)
      else wake(frame)
    })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return {
      socket,
      next: () => {
        const frame = heard.shift()
        return frame === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(frame)
      },
    }
  }

  function authFrame(expires: number | string = Date.now() + FAR_MS): string {
    const { apiKey, apiSecret } = host.welcome
    const signature = createHmac('sha256', apiSecret).update(`GET/realtime${expires}`).digest('hex')
    return JSON.stringify({ op: 'auth', args: [apiKey, expires, signature] })
  }

  test('auth, subscribe and an order without waiting for anything', async () => {
    const { socket, next } = await open('/v5/private')
    socket.send(authFrame())
    socket.send('{"op": "subscribe", "args": ["order", "execution"], "req_id": 12}')
    expect(await next()).toMatchObject({ op: 'auth', success: true })
    expect(await next()).toMatchObject({ op: 'subscribe', success: true, req_id: '12' })
    const { json } = await ask(post(compact))
    const { orderId } = json['result'] as Row
    const told = await next()
    expect(told).toMatchObject({ topic: 'order', data: [{ orderId, orderStatus: 'New' }] })
    socket.terminate()
  })

  test.each([
    ['expires as text', () => authFrame(String(Date.now() + FAR_MS)), true],
    ['expires as a number', () => authFrame(Date.now() + FAR_MS), true],
    ['expires in the past', () => authFrame(Date.now() - 1_000), false],
    ['expires as text in the past', () => authFrame('1'), false],
    ['a fraction of a millisecond', () => authFrame(Date.now() + FAR_MS + 0.5), true],
  ])('auth: %s', async (_name, frame, success) => {
    const { socket, next } = await open('/v5/private')
    socket.send(frame())
    expect(await next()).toMatchObject({ op: 'auth', success })
    socket.terminate()
  })

  test.each([
    ['/v5/public/linear', '{"op":"ping"}', { op: 'ping', ret_msg: 'pong', req_id: '' }],
    ['/v5/public/linear', '{"op":"ping","args":[1718102931000],"req_id":7}', { ret_msg: 'pong', req_id: '7' }],
    ['/v5/public/linear', '{"args": 1718102931, "op": "ping"}', { ret_msg: 'pong' }],
    ['/v5/public/option', '{"op":"ping"}', { op: 'pong', args: [expect.any(String)] }],
    ['/v5/private', '{"req_id":"a-b","op":"ping"}', { op: 'pong', req_id: 'a-b' }],
    ['/v5/private?max_active_time=1m', '{"op":"ping"}', { op: 'pong' }],
    ['/v5/trade', '{"op":"ping","reqId":"9"}', { op: 'pong', retCode: 0, reqId: '9' }],
    ['/v5/public/misc/status', '{"op":"ping"}', { ret_msg: 'pong' }],
  ])('%s answers %s', async (path, frame, pong) => {
    const { socket, next } = await open(path)
    socket.send(frame)
    expect(await next()).toMatchObject(pong)
    socket.terminate()
  })

  test('a text sent as a binary frame, compression offered, an origin given: all the same', async () => {
    const { socket, next } = await open('/v5/public/linear', { perMessageDeflate: true, origin: 'http://localhost' })
    socket.send(Buffer.from('{"op":"subscribe","args":["orderbook.1.BTCUSDT"]}'))
    expect(await next()).toMatchObject({ op: 'subscribe', success: true })
    expect(await next()).toMatchObject({ topic: 'orderbook.1.BTCUSDT', type: 'snapshot' })
    socket.terminate()
  })

  test('order entry: many requests in flight, each answer by its reqId', async () => {
    const { socket, next } = await open('/v5/trade')
    socket.send(authFrame())
    expect(await next()).toMatchObject({ op: 'auth', retCode: 0 })
    const header = { 'X-BAPI-TIMESTAMP': String(Date.now()), 'X-BAPI-RECV-WINDOW': String(FAR_MS) }
    for (let id = 0; id < 30; id++)
      socket.send(JSON.stringify({ reqId: `r${id}`, header, op: 'order.create', args: [LIMIT] }))
    // A number is as good as a text, and comes back as text.
    socket.send(JSON.stringify({ reqId: 30, header, op: 'order.create', args: [{ ...LIMIT, side: 'BUY' }] }))
    const ids = []
    for (let i = 0; i < 31; i++) {
      const { reqId, retCode } = await next()
      expect(retCode).toBe(0)
      ids.push(reqId)
    }
    expect(new Set(ids)).toEqual(new Set([...Array.from({ length: 30 }, (_, id) => `r${id}`), '30']))
    socket.terminate()
  })
})
