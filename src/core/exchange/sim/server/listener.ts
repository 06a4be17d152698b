/**
 * The server core on real sockets: HTTP and WebSocket on one port of 127.0.0.1, never on another address. Bounds what a
 * client can hold or send (body, header, frame, slow drip, unread output); whatever comes, the process stays up.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { HttpReply, HttpRequest, RemoteEnd, ServerPeer } from '../../wire.ts'
import type { SimConnection } from './sockets/session.ts'
import { originForm } from './request.ts'

export const HOST = '127.0.0.1'
const BODY_BYTES_MAX = 1_048_576
const FRAME_BYTES_MAX = 262_144
/** Of one socket, and of all together. */
const UNREAD_BYTES_MAX = 16 * 1_048_576
const ALL_UNREAD_BYTES_MAX = 512 * 1_048_576
/** Not a code that can be sent: the connection just breaks. */
const ABNORMAL = 1006
/**
 * By the wall clock, so generous: where client and server share a busy process, a request may wait for seconds in the kernel
 * before anybody reads it, and would be cut off as one that never came.
 */
const TIMEOUTS = { headersTimeout: 30_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 }

/** What is served: the server core. */
export interface Served {
  http(request: HttpRequest, remote: RemoteEnd, reply: (reply: HttpReply | 'reset') => void): void
  accept(path: string, remote: RemoteEnd, peer: ServerPeer): SimConnection | { readonly refuse: number }
}

/** Who moves its time: the real clock (`clock.ts`), or whoever else says what time it is. */
export interface TurningClock {
  /** Brings the server up to now. Called before and after handing it anything. */
  turn(): void
  stop(): void
}

export interface ListenerOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly clock: TurningClock
}

export class Listener {
  readonly port: number
  private readonly server: Served
  private readonly clock: TurningClock
  private readonly http: Server
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  })

  private constructor(server: Served, http: Server, clock: TurningClock) {
    this.server = server
    this.http = http
    this.port = (http.address() as AddressInfo).port
    this.clock = clock
    http.on('request', (request, response) => this.request(request, response))
    http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head))
    http.on('clientError', (_error, socket) => refuseSocket(socket, 400))
    this.clock.turn()
  }

  /** Rejects with node's own error when the port cannot be had. */
  static async open(server: Served, options: ListenerOptions): Promise<Listener> {
    const http = createServer({
      ...TIMEOUTS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      // Java's client offers h2c with its first request: whoever is not asked for a WebSocket answers in HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    })
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(options.port, HOST, () => {
        http.off('error', reject)
        resolve()
      })
    })
    return new Listener(server, http, options.clock)
  }

  /** Ends every connection and stops the clock. */
  async close(): Promise<void> {
    this.clock.stop()
    for (const socket of this.sockets.clients) socket.terminate()
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()))
    this.http.closeAllConnections()
    await closed
  }

  private request(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
      else if (!response.headersSent) refuse(request, response, 413)
    })
    request.on('end', () => {
      if (bytes > BODY_BYTES_MAX) return
      const body = utf8(Buffer.concat(chunks))
      if (body === null) refuse(request, response, 400)
      else this.serve(request, response, body)
    })
    request.on('error', () => response.destroy())
  }

  private serve(request: IncomingMessage, response: ServerResponse, body: string): void {
    this.clock.turn()
    const asked: HttpRequest = {
      // The core answers any other method as Bybit does.
      method: (request.method ?? '') as HttpRequest['method'],
      target: request.url ?? '/',
      headers: headersOf(request),
      body,
      timeoutMs: 0,
    }
    this.server.http(asked, remoteOf(request.socket), (reply) => answer(response, reply))
    this.clock.turn()
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    this.clock.turn()
    const early: string[] = []
    let live: WebSocket | null = null
    const connection = this.server.accept(originForm(request.url ?? '/'), remoteOf(request.socket), {
      send: (text) => {
        if (live === null) early.push(text)
        else this.sendOrDrop(live, text)
      },
      close: (code, reason) => {
        if (live === null) socket.destroy()
        else if (code === ABNORMAL) live.terminate()
        else live.close(code, reason)
      },
    })
    if ('refuse' in connection) return refuseSocket(socket, connection.refuse)
    this.sockets.handleUpgrade(request, socket, head, (opened) => {
      live = opened
      for (const text of early) opened.send(text)
      opened.on('message', (data) => {
        this.clock.turn()
        connection.message(textOf(data))
        this.clock.turn()
      })
      opened.on('ping', () => connection.alive())
      opened.on('error', () => opened.terminate())
      opened.on('close', () => connection.closed())
    })
    if (live === null) connection.closed()
  }

  // A client that does not read is cut off: its frames must not pile up here. The more clients, the sooner.
  private sendOrDrop(socket: WebSocket, text: string): void {
    const shareBytes = ALL_UNREAD_BYTES_MAX / this.sockets.clients.size
    if (socket.bufferedAmount > Math.min(UNREAD_BYTES_MAX, shareBytes)) socket.terminate()
    else if (socket.readyState === socket.OPEN) socket.send(text)
  }
}

function answer(response: ServerResponse, reply: HttpReply | 'reset'): void {
  if (response.destroyed || response.writableEnded) return
  if (reply === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) })
  response.end(reply.body)
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': 0 })
  response.end(() => request.destroy())
}

function refuseSocket(socket: Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

const remoteOf = (socket: Socket): { ip: string } => ({ ip: (socket.remoteAddress ?? HOST).replace(/^::ffff:/, '') })

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}

/** null: not valid UTF-8, so its signature could not be checked over what was sent. */
function utf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') && !bytes.equals(Buffer.from(text)) ? null : text
}
