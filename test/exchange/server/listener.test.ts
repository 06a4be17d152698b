/** The server on real loopback sockets: odd clients, bounds, the worker thread, and that it stays up after all of it. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ExchangeHost, openHost, randomKey } from '../../../src/core/exchange/sim/server/host.ts'
import { HOST } from '../../../src/core/exchange/sim/server/listener.ts'
import { startWorkerHost } from '../../../src/core/exchange/sim/server/worker-host.ts'
import { signed } from './harness.ts'

let host: ExchangeHost
const port = (): number => Number(new URL(host.welcome.rest).port)

beforeAll(async () => {
  host = await openHost({ port: 0, speed: 1, seed: 1, symbols: ['BTCUSDT'], tier: 'unlimited' })
})
afterAll(() => host.close())

const time = async (): Promise<number> => (await fetch(`${host.welcome.rest}/v5/market/time`)).status

/** Sends raw bytes and collects what comes back until the server closes. */
function raw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port(), HOST, () => socket.write(bytes))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.includes('"retCode"')) socket.destroy()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)))
  })
}

function socket(path: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const opened = new WebSocket(`${host.welcome.ws}${path}`)
    opened.once('open', () => resolve(opened))
    opened.once('error', reject)
  })
}

const next = (ws: WebSocket): Promise<string> =>
  new Promise((resolve) => ws.once('message', (data: Buffer) => resolve(data.toString())))

describe('HTTP', () => {
  test('a signed request, public request and the truth are answered', async () => {
    const { apiKey, apiSecret, rest } = host.welcome
    const headers = signed('', Date.now(), { apiKey, secret: apiSecret, window: '60000' })
    const info = await fetch(`${rest}/v5/account/info`, { headers })
    expect(await info.json()).toMatchObject({ retCode: 0 })
    expect(info.headers.get('x-bapi-limit')).toBeTruthy()
    expect(await (await fetch(`${rest}/sim/truth`)).json()).toMatchObject({ accounts: [{ openOrders: [] }] })
  })

  test('an absolute-form request line is served', async () => {
    const answer = await raw('GET http://api.bybit.com/v5/market/time HTTP/1.1\r\nHost: api.bybit.com\r\n\r\n')
    expect(answer).toContain('HTTP/1.1 200')
    expect(answer).toContain('"retCode":0')
  })

  test.each([
    ['garbage', 'NONSENSE\r\n\r\n', /^HTTP\/1.1 400/],
    ['CONNECT', 'CONNECT api.bybit.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', /^$|400/],
    ['a huge header', `GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1.1 (?:400|431)|^$/],
    ['DELETE', 'DELETE /v5/market/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'an upgrade to nowhere',
      'GET /v5/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1.1 404/,
    ],
    [
      'an upgrade without a key',
      'GET /v5/private HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
  ])('%s', async (_name, bytes, answer) => {
    expect(await raw(bytes)).toMatch(answer)
    expect(await time()).toBe(200)
  })

  test('an offer of HTTP/2, as Java makes it with its first request, is answered in HTTP/1.1', async () => {
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'
    const answer = await raw(`GET /v5/market/time HTTP/1.1\r\nHost: x\r\n${offer}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 200 OK[^]*"retCode":0/)
  })

  test('a body beyond 1 MiB is refused, one that is no UTF-8 too', async () => {
    const big = await fetch(`${host.welcome.rest}/v5/order/create`, {
      method: 'POST',
      body: 'x'.repeat(2_000_000),
    }).catch(() => null)
    if (big !== null) expect(big.status).toBe(413)
    const odd = await fetch(`${host.welcome.rest}/v5/order/create`, { method: 'POST', body: Buffer.from([0xff, 0xfe]) })
    expect(odd.status).toBe(400)
    expect(await time()).toBe(200)
  })

  test('clients that hang up in the middle leave nothing behind', async () => {
    await new Promise<void>((resolve) => {
      const half = connect(port(), HOST, () => {
        half.write('POST /v5/order/create HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"categ')
        half.destroy()
        resolve()
      })
    })
    expect(await time()).toBe(200)
  })
})

describe('WebSocket', () => {
  test('frames go both ways and protocol pings are answered', async () => {
    const ws = await socket('/v5/public/linear')
    ws.send('{"op":"ping","req_id":"1"}')
    expect(JSON.parse(await next(ws))).toMatchObject({ ret_msg: 'pong', req_id: '1' })
    const ponged = new Promise((resolve) => ws.once('pong', resolve))
    ws.ping()
    await ponged
    ws.close()
  })

  test('an oversized frame closes that socket with 1009, others live', async () => {
    const other = await socket('/v5/public/linear')
    const ws = await socket('/v5/private')
    const closed = new Promise<number>((resolve) => ws.once('close', resolve))
    ws.on('error', () => undefined)
    ws.send('x'.repeat(1_000_000))
    expect(await closed).toBe(1009)
    other.send('{"op":"ping"}')
    expect(await next(other)).toContain('pong')
    other.terminate()
  })

  test('broken frames close that socket only', async () => {
    const ws = await socket('/v5/trade')
    const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()))
    ws.on('error', () => undefined)
    const { _socket: stream } = ws as unknown as { _socket: NodeJS.WritableStream }
    stream.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))
    await closed
    expect(await time()).toBe(200)
  })

  test('books flow on the real clock', async () => {
    const ws = await socket('/v5/public/linear')
    const types: string[] = []
    const enough = new Promise<void>((resolve) => {
      ws.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString())
        if (frame.topic !== undefined) types.push(frame.type)
        if (types.length === 5) resolve()
      })
    })
    ws.send('{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}')
    await enough
    expect(types).toEqual(['snapshot', 'delta', 'delta', 'delta', 'delta'])
    ws.terminate()
  })
})

test('a second exchange on the same port is refused by the system', async () => {
  const again = openHost({ port: port(), speed: 1, seed: 1, symbols: ['BTCUSDT'], tier: 'default' })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('in a worker thread it tells its address, trades, and ends when asked', async () => {
  const worker = await startWorkerHost({ seed: 3, speed: 1, symbols: ['BTCUSDT'], tier: 'default' })
  const { rest, apiKey, apiSecret } = worker.welcome
  const headers = signed('accountType=UNIFIED', Date.now(), { apiKey, secret: apiSecret, window: '60000' })
  const wallet = await fetch(`${rest}/v5/account/wallet-balance?accountType=UNIFIED`, { headers })
  expect(await wallet.json()).toMatchObject({ retCode: 0 })
  await worker.close()
  await expect(fetch(`${rest}/v5/market/time`)).rejects.toThrow()
})

test('a worker that cannot start says why', async () => {
  const options = { seed: 3, speed: 1, symbols: [], tier: 'default', marketFile: '/nonexistent.parquet' } as const
  await expect(startWorkerHost(options)).rejects.toThrow(/nonexistent/)
})

test('keys look like the exchange’s and differ every time', () => {
  const keys = Array.from({ length: 50 }, randomKey)
  expect(new Set(keys.map(({ secret }) => secret)).size).toBe(50)
  for (const { apiKey, secret } of keys) {
    expect(apiKey).toMatch(/^[A-Za-z0-9]{18}$/)
    expect(secret).toMatch(/^[A-Za-z0-9]{36}$/)
  }
})
