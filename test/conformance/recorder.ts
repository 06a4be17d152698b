/**
 * A relay between a client and the exchange that writes down what the exchange says. It changes nothing: method, target,
 * headers and bodies pass as they are, frames pass one by one.
 */
import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

export interface RecordedReply {
  /** "GET /v5/market/time" */
  readonly endpoint: string
  readonly query: string
  readonly status: number
  readonly body: string
}

export interface RecordedFrame {
  /** "/v5/private" */
  readonly path: string
  readonly socket: number
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export class Recorder {
  readonly port: number
  readonly replies: RecordedReply[] = []
  readonly frames: RecordedFrame[] = []
  private readonly http: Server
  private readonly target: number
  private readonly sockets = new WebSocketServer({ noServer: true })
  private socketCount = 0

  private constructor(http: Server, target: number) {
    this.http = http
    this.target = target
    this.port = (http.address() as AddressInfo).port
    http.on('request', (request, response) => this.relay(request, response))
    http.on('upgrade', (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (client) => this.bridge(client, request.url ?? '/'))
    })
  }

  static async open(target: number): Promise<Recorder> {
    const http = createServer()
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return new Recorder(http, target)
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate()
    this.http.close()
    this.http.closeAllConnections()
    await once(this.http, 'close')
  }

  private relay(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '/', headers } = request
    const forward = send({ host: '127.0.0.1', port: this.target, method, path: url, headers }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => {
        const body = Buffer.concat(chunks)
        const [path = '', query = ''] = url.split('?', 2)
        const status = reply.statusCode ?? 0
        this.replies.push({ endpoint: `${method} ${path}`, query, status, body: body.toString() })
        response.writeHead(status, reply.headers)
        response.end(body)
      })
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  }

  private bridge(client: WebSocket, url: string): void {
    const socket = this.socketCount++
    const [path = ''] = url.split('?', 1)
    const exchange = new WebSocket(`ws://127.0.0.1:${this.target}${url}`)
    const early: RawData[] = []
    client.on('message', (data) => {
      if (exchange.readyState === WebSocket.OPEN) exchange.send(textOf(data))
      else early.push(data)
    })
    exchange.on('open', () => {
      for (const data of early) exchange.send(textOf(data))
    })
    exchange.on('message', (data) => {
      const text = textOf(data)
      this.frames.push({ path, socket, text, json: JSON.parse(text) as RecordedFrame['json'] })
      client.send(text)
    })
    for (const [one, other] of [
      [client, exchange],
      [exchange, client],
    ] as const) {
      one.on('close', () => other.terminate())
      one.on('error', () => other.terminate())
    }
  }
}

const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer)).toString()
