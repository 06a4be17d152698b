/** The real wire on loopback: keep-alive, deadlines, oversized and reset replies, sockets that come and go. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type NetWire, netWire } from '../../../src/core/exchange/bybit/net-wire.ts'
import type { SocketHandlers } from '../../../src/core/exchange/wire.ts'

let server: Server
let wire: NetWire
let port = 0
let connections = 0

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url === '/silent') return
    if (request.url === '/reset') request.socket.destroy()
    else if (request.url === '/moved') response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()
    else if (request.url === '/huge') response.end(Buffer.alloc(20 * 1024 * 1024))
    else echo(request, response)
  })
  connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  const [rest, stream] = [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`]
  wire = netWire({ rest, stream, publicStream: stream }, 'paper')
})

afterEach(async () => {
  wire.dispose()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.setHeader('X-Bapi-Limit', '10')
    response.end(JSON.stringify({ method: request.method, url: request.url, body: Buffer.concat(chunks).toString() }))
  })
}

const get = (target: string, timeoutMs = 5_000) =>
  wire.http({ method: 'GET', target, headers: {}, body: '', timeoutMs })

describe('http', () => {
  test('requests share one connection and headers come back in lower case', async () => {
    const first = await get('/a?x=%3D')
    const second = await wire.http({ method: 'POST', target: '/b', headers: {}, body: 'héllo', timeoutMs: 5_000 })
    expect([first.status, JSON.parse(first.body), first.headers['x-bapi-limit']]).toEqual([
      200,
      { method: 'GET', url: '/a?x=%3D', body: '' },
      '10',
    ])
    expect(JSON.parse(second.body)).toEqual({ method: 'POST', url: '/b', body: 'héllo' })
    expect(connections).toBe(1)
  })

  test.each([
    ['silence', '/silent', 'timeout'],
    ['a reset', '/reset', 'reset'],
    ['20 MiB', '/huge', 'other'],
  ])('%s is a WireError', async (_, target, reason) => {
    await expect(get(target, target === '/silent' ? 30 : 5_000)).rejects.toMatchObject({ name: 'WireError', reason })
  })

  test('nobody there is a WireError', async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(get('/a')).rejects.toMatchObject({ reason: 'refused' })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  test('redirects are not followed', async () => {
    expect((await get('/moved')).status).toBe(302)
  })
})

describe('sockets', () => {
  test('frames go both ways without compression; a close is told once', async () => {
    const sockets = new WebSocketServer({ server, perMessageDeflate: true })
    sockets.on('connection', (peer) => {
      peer.on('message', (bytes: Buffer) => {
        if (bytes.toString() === 'bye') peer.close(4001, 'done')
        else peer.send(`${peer.extensions}|${bytes.toString()}`)
      })
    })
    const seen: string[] = []
    await new Promise<void>((resolve) => {
      const socket = wire.connect('/v5/private', {
        open: () => socket.send('hello'),
        message: (bytes, atUs) => {
          seen.push(bytes.toString())
          expect(Math.abs(atUs - wire.nowUs())).toBeLessThan(10_000_000)
          socket.send('bye')
        },
        close: (code, reason) => {
          seen.push(`${code} ${reason}`)
          resolve()
        },
      })
    })
    expect(seen).toEqual(['|hello', '4001 done'])
    sockets.close()
  })

  test('a frame above 4 MiB ends the connection', async () => {
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (peer) => peer.send('x'.repeat(5 * 1024 * 1024)))
    expect(await closeOf('/v5/private')).toMatch(/^1009|^1006/)
    sockets.close()
  })

  test.each([
    ['nobody there', () => server.close()],
    ['a plain web server', () => {}],
  ])('%s: close without open', async (_, prepare) => {
    prepare()
    expect(await closeOf('/nothing')).toMatch(/^1006/)
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  function closeOf(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const handlers: SocketHandlers = {
        open: () => {},
        message: () => reject(new Error('a frame came through')),
        close: (code, reason) => resolve(`${code} ${reason}`),
      }
      wire.connect(path, handlers)
    })
  }
})

test('paper mode has no way out of this machine', () => {
  const hosts = {
    rest: 'https://api.bybit.com',
    stream: 'wss://stream.bybit.com',
    publicStream: 'wss://stream.bybit.com',
  }
  expect(() => netWire(hosts, 'paper')).toThrow(expect.objectContaining({ code: 'HOST_REFUSED' }))
  expect(() => netWire(hosts, 'live')).not.toThrow()
})

test('timers fire in order, never early, and not after they were cancelled', async () => {
  const fired: string[] = []
  const startUs = wire.nowUs()
  await new Promise<void>((resolve) => {
    wire.cancelTimer(wire.after(1_000, () => fired.push('cancelled')))
    wire.after(20_000, () => {
      fired.push('late')
      resolve()
    })
    wire.after(2_000, () => fired.push('soon'))
  })
  expect(fired).toEqual(['soon', 'late'])
  expect(wire.nowUs() - startUs).toBeGreaterThanOrEqual(19_000)
})
