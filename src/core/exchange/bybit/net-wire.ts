/**
 * The real network: `ws` sockets without compression, keep-alive HTTP agents, the machine's timers, and a clock that
 * never jumps. Hosts are checked once, here; redirects are never followed. Nothing is interpreted.
 */
import type * as http from 'node:http'
import { WebSocket } from 'ws'
import { type TimeUs, timeUs } from '../../domain/units.ts'
import {
  type HttpReply,
  type HttpRequest,
  type SocketHandlers,
  type TimerId,
  type Wire,
  WireError,
  type WireSocket,
} from '../wire.ts'
import { checkedUrl, type Venue, type VenueHosts } from './hosts.ts'

const FRAME_BYTES_MAX = 4 * 1024 * 1024
const BODY_BYTES_MAX = 16 * 1024 * 1024
const HANDSHAKE_MS = 10_000
/** A peer that does not answer a close within this is cut off. */
const CLOSE_MS = 1_000
/** Node's timers overflow beyond this. */
const TIMER_MS_MAX = 2 ** 31 - 1

type NodeHttp = Pick<typeof http, 'Agent' | 'request'>
type Agent = InstanceType<NodeHttp['Agent']>

/** Throws HOST_REFUSED for a host this venue must not use. */
export function netWire(hosts: VenueHosts, venue: Venue): NetWire {
  return new NetWire({
    rest: checkedUrl(hosts.rest, venue),
    stream: checkedUrl(hosts.stream, venue),
    publicStream: checkedUrl(hosts.publicStream, venue),
  })
}

export class NetWire implements Wire {
  readonly peer: string
  private readonly rest: URL
  private readonly stream: URL
  private readonly publicStream: URL
  private readonly client: NodeHttp
  private readonly agent: Agent
  private readonly timers = new Map<TimerId, NodeJS.Timeout>()
  private nextTimer = 1
  // performance.now() is monotonic: a step of the system clock shows up as an offset to the exchange, not as a jump.
  private readonly originUs = Date.now() * 1_000 - performance.now() * 1_000

  constructor(urls: { readonly rest: URL; readonly stream: URL; readonly publicStream: URL }) {
    this.rest = urls.rest
    this.peer = urls.rest.origin
    this.stream = urls.stream
    this.publicStream = urls.publicStream
    // An ESM import of node:http loads all of undici (node issue 59686).
    const isSecure = this.rest.protocol === 'https:'
    this.client = isSecure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
    this.agent = new this.client.Agent({ keepAlive: true, maxSockets: 16 })
  }

  nowUs(): TimeUs {
    return timeUs(Math.floor(this.originUs + performance.now() * 1_000))
  }

  after(delayUs: number, fire: () => void): TimerId {
    const timer = this.nextTimer++
    const run = (): void => {
      this.timers.delete(timer)
      fire()
    }
    // Rounded up: a deadline never fires early.
    const delayMs = Math.min(Math.ceil(Math.max(delayUs, 0) / 1_000), TIMER_MS_MAX)
    this.timers.set(timer, setTimeout(run, delayMs))
    return timer
  }

  cancelTimer(timer: TimerId): void {
    clearTimeout(this.timers.get(timer))
    this.timers.delete(timer)
  }

  /** Drops every timer and idle connection, so that nothing keeps the process alive. */
  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
    this.agent.destroy()
  }

  http(request: HttpRequest): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const { method, target, headers, body, timeoutMs } = request
      const { hostname, port } = this.rest
      const length = Buffer.byteLength(body)
      const options = {
        agent: this.agent,
        method,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        ...(port === '' ? {} : { port }),
        path: target,
        headers: length === 0 ? headers : { ...headers, 'Content-Length': String(length) },
      }
      const call = this.client.request(options)
      const deadline = this.after(timeoutMs * 1_000, () => call.destroy(new WireError('timeout', 'no reply in time')))
      const failed = (error: Error): void => {
        this.cancelTimer(deadline)
        reject(wireError(error, this.peer))
      }
      call.on('error', failed)
      call.on('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > BODY_BYTES_MAX) call.destroy(new WireError('other', 'the reply is too large'))
          else chunks.push(chunk)
        })
        response.on('error', failed)
        response.on('end', () => {
          this.cancelTimer(deadline)
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), body: text })
        })
      })
      call.end(body)
    })
  }

  connect(path: string, handlers: SocketHandlers): WireSocket {
    const origin = path.startsWith('/v5/public/') ? this.publicStream : this.stream
    const socket = new WebSocket(new URL(path, origin), {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      handshakeTimeout: HANDSHAKE_MS,
      followRedirects: false,
    })
    socket.binaryType = 'nodebuffer'
    let isClosed = false
    const closed = (code: number, reason: string): void => {
      if (isClosed) return
      isClosed = true
      handlers.close(code, reason)
    }
    socket.on('open', () => handlers.open())
    socket.on('message', (bytes: Buffer) => handlers.message(bytes, this.nowUs()))
    // `close` follows every error; the reason is kept from the error because 1006 carries none.
    let why = ''
    socket.on('error', (error) => {
      why = wireError(error).reason
    })
    socket.on('close', (code, reason) => closed(code, reason.toString('utf8') || why))
    return new NetSocket(socket)
  }
}

class NetSocket implements WireSocket {
  private readonly socket: WebSocket

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount
  }

  send(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text)
  }

  close(): void {
    if (this.socket.readyState === WebSocket.CLOSED) return
    if (this.socket.readyState !== WebSocket.OPEN) return this.socket.terminate()
    this.socket.close(1000)
    setTimeout(() => this.socket.terminate(), CLOSE_MS).unref()
  }
}

const REASONS: Readonly<Record<string, WireError['reason']>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
}

function wireError(error: Error, peer = ''): WireError {
  const at = peer === '' ? '' : ` (${peer})`
  if (error instanceof WireError) return new WireError(error.reason, `${error.message}${at}`)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isTls = code.startsWith('ERR_TLS') || code.includes('CERT') || code === 'EPROTO'
  return new WireError(REASONS[code] ?? (isTls ? 'tls' : 'other'), `${code === '' ? 'connection failed' : code}${at}`)
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return out
}
