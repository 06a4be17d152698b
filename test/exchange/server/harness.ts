/** A whole server on the virtual wire, and a client that signs as Bybit's documentation says. */
import { createHmac } from 'node:crypto'
import { BookEvent } from '../../../src/core/domain/event.ts'
import { timeUs } from '../../../src/core/domain/units.ts'
import type { SimServer } from '../../../src/core/exchange/sim/server/core.ts'
import {
  DEFAULT_UID,
  embeddedExchange,
  type EmbeddedOptions,
  type ListedMarket,
} from '../../../src/core/exchange/sim/server/embedded.ts'
import { listingOf, SYNTHETIC_PROFILES } from '../../../src/core/exchange/sim/profiles.ts'
import { riskAdverse } from '../../../src/core/exchange/sim/queue-model.ts'
import { ReplayMarket } from '../../../src/core/exchange/sim/replay-market.ts'
import { VirtualNetwork, type VirtualWire } from '../../../src/core/exchange/virtual-wire.ts'
import type { HttpReply, Wire } from '../../../src/core/exchange/wire.ts'

export const START = timeUs(1_760_000_000_000_000)
export const API_KEY = 'simKey000000000001'
export const SECRET = ['not', 'a', 'real', 'one'].join('-')

export type Reply = HttpReply & { readonly json: Record<string, never> }

export interface Rig {
  readonly server: SimServer
  readonly network: VirtualNetwork
  readonly wire: VirtualWire
  readonly client: Client
}

/** A server at START with the one key of this file. */
export function testServer(options: Partial<EmbeddedOptions> = {}): SimServer {
  return embeddedExchange({
    seed: 7,
    startUs: START,
    keys: [{ uid: DEFAULT_UID, apiKey: API_KEY, secret: SECRET }],
    symbols: [],
    tier: 'unlimited',
    isInstant: true,
    ...options,
  })
}

export function rig(options: Partial<EmbeddedOptions> = {}): Rig {
  const server = testServer(options)
  const network = new VirtualNetwork(server, START)
  const wire = network.wire({ legs: { up: () => 0, down: () => 0 } })
  return { server, network, wire, client: new Client(network, wire) }
}

/** Markets with a standing book and no crowd: nothing happens in them but what a test does. */
export function stillMarkets(): ListedMarket[] {
  const rows = SYNTHETIC_PROFILES.filter(({ text }) => text.symbol.startsWith('BTC'))
  return rows.map((row) => {
    const { category, symbol } = row.text
    const market = new ReplayMarket(category, symbol, riskAdverse)
    const book = new BookEvent()
    book.isSnapshot = true
    for (let level = 0; level < 20; level++) {
      book.addBid(row.flow.startTicks - level, 1_000 * (level + 1))
      book.addAsk(row.flow.startTicks + 1 + level, 1_000 * (level + 1))
    }
    market.onBook(book)
    return { listing: listingOf(row), market }
  })
}

export interface SignWith {
  readonly apiKey?: string
  readonly secret?: string
  readonly timestampMs?: number
  readonly window?: string
  readonly headers?: Record<string, string>
}

/** Who moves the time that a client waits. */
export interface Conductor {
  nowUs(): number
  run(untilUs: number): Promise<void>
  complete<T>(work: Promise<T>, limitUs: number): Promise<T>
}

/** Sends one request and lets time run until its reply is there. */
export class Client {
  readonly network: Conductor
  readonly wire: Pick<Wire, 'http'>

  constructor(network: Conductor, wire: Pick<Wire, 'http'>) {
    this.network = network
    this.wire = wire
  }

  async get(path: string, query = '', sign: SignWith | null = {}): Promise<Answer> {
    const headers = sign === null ? {} : signed(query, this.nowMs(), sign)
    return this.send('GET', query === '' ? path : `${path}?${query}`, headers, '')
  }

  async post(path: string, body: unknown, sign: SignWith = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.send('POST', path, signed(text, this.nowMs(), sign), text)
  }

  async send(
    method: 'GET' | 'POST',
    target: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Answer> {
    const reply = this.wire.http({ method, target, headers, body, timeoutMs: 60_000 })
    return new Answer(await this.network.complete(reply, this.network.nowUs() + 120_000_000))
  }

  nowMs(): number {
    return Math.floor(this.network.nowUs() / 1_000)
  }

  async run(us: number): Promise<void> {
    await this.network.run(this.network.nowUs() + us)
  }
}

export class Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string

  constructor(reply: HttpReply) {
    this.status = reply.status
    this.headers = reply.headers
    this.body = reply.body
  }

  get json(): { retCode: number; retMsg: string; result: Row; retExtInfo: Row; time: number } {
    return JSON.parse(this.body)
  }

  get code(): number {
    return this.json.retCode
  }

  get result(): Row {
    return this.json.result
  }

  get list(): Row[] {
    return this.result['list'] as Row[]
  }
}

export type Row = Record<string, unknown>

export function signed(payload: string, nowMs: number, sign: SignWith = {}): Record<string, string> {
  const apiKey = sign.apiKey ?? API_KEY
  const window = sign.window ?? '5000'
  const timestamp = String(sign.timestampMs ?? nowMs)
  const text = timestamp + apiKey + window + payload
  const signature = createHmac('sha256', sign.secret ?? SECRET)
    .update(text)
    .digest('hex')
  return {
    'X-BAPI-API-KEY': apiKey,
    'X-BAPI-TIMESTAMP': timestamp,
    'X-BAPI-SIGN': signature,
    'X-BAPI-RECV-WINDOW': window,
    ...sign.headers,
  }
}

/** A socket that keeps what it heard. */
export class Listener {
  readonly frames: Row[] = []
  readonly texts: string[] = []
  readonly closes: [number, string][] = []
  /** Called with each frame when it arrives. */
  onFrame: (frame: Row) => void = () => undefined
  private readonly rig: Rig
  private readonly socket: ReturnType<VirtualWire['connect']>

  constructor(rig: Rig, path: string) {
    this.rig = rig
    this.socket = rig.wire.connect(path, {
      open: () => undefined,
      message: (bytes) => {
        const text = bytes.toString()
        this.texts.push(text)
        const frame = JSON.parse(text)
        this.frames.push(frame)
        this.onFrame(frame)
      },
      close: (code, reason) => this.closes.push([code, reason]),
    })
  }

  /** Sends a frame and lets `us` of virtual time pass. */
  async say(frame: unknown, us = 1_000): Promise<Row | undefined> {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    const before = this.frames.length
    await this.rig.client.run(us)
    return this.frames[before]
  }

  async auth(): Promise<Row | undefined> {
    const expires = this.rig.client.nowMs() + 10_000
    const signature = createHmac('sha256', SECRET).update(`GET/realtime${expires}`).digest('hex')
    return this.say({ op: 'auth', args: [API_KEY, expires, signature] }, 50_000)
  }

  close(): void {
    this.socket.close()
  }

  /** Frames of one topic. */
  of(topic: string): Row[] {
    return this.frames.filter((frame) => frame['topic'] === topic)
  }
}

export const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0)

const LINEAR = 'category=linear&symbol=BTCUSDT'

/** What is open on BTCUSDT once everything that was sent has landed. */
export async function openOrders(client: Client): Promise<Row[]> {
  await client.run(1_000)
  return (await client.get('/v5/order/realtime', LINEAR)).list
}

/** The position there. */
export async function position(client: Client): Promise<Row | undefined> {
  await client.run(1_000)
  return (await client.get('/v5/position/list', LINEAR)).list[0]
}
