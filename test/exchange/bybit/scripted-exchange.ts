/**
 * A peer that speaks just enough of Bybit's protocol to be answered by, and lets a test decide every answer: what REST
 * says, what an order request is acked with, what the streams push. It judges nothing; the simulated exchange does.
 */
import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import type { Credentials } from '../../../src/core/credentials.ts'
import type { EngineEvent } from '../../../src/core/domain/event.ts'
import { type Approval, RequestBuffer } from '../../../src/core/domain/request.ts'
import { Secret } from '../../../src/core/domain/secret.ts'
import { orderSeq, priceTicks, sizeLots, symbolId, timeUs } from '../../../src/core/domain/units.ts'
import type { MmError } from '../../../src/core/errors.ts'
import { type BybitExchange, bybitExchange } from '../../../src/core/exchange/bybit/adapter.ts'
import type { BybitOptions } from '../../../src/core/exchange/bybit/options.ts'
import { VirtualNetwork } from '../../../src/core/exchange/virtual-wire.ts'
import type {
  HttpReply,
  HttpRequest,
  RemoteEnd,
  ServerConnection,
  ServerPeer,
  WireServer,
} from '../../../src/core/exchange/wire.ts'

export const START_US = timeUs(1_800_000_000_000_000)
export const SECOND_US = 1_000_000

type Json = Record<string, unknown>
/** A result (retCode 0), a whole reply, no reply at all, or a broken connection. */
export type Answer =
  | { result: Json }
  | { code: number; headers?: Record<string, string> }
  | HttpReply
  | 'silence'
  | 'reset'
export type Handler = (parameters: Json, count: number) => Answer

export const key: Credentials = {
  apiKey: new Secret('testkey'),
  kind: 'hmac',
  secret: new Secret(['not', 'a', 'secret'].join('-')),
  source: 'test',
}

export function rsaPair(): { privatePem: string; publicPem: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    privatePem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export class ScriptedExchange implements WireServer {
  readonly requests: HttpRequest[] = []
  /** Frames received, by socket path. */
  readonly frames: { path: string; message: Json; text: string }[] = []
  readonly handlers = new Map<string, Handler>()
  /** Answer to an order request on the order-entry socket; null: none. */
  onOrder: (message: Json, count: number) => Json | null = () => ({ retCode: 0, retMsg: 'OK' })
  /** Answer to an auth message. */
  onAuth: (path: string) => Json | null = (path) =>
    path === '/v5/trade'
      ? { retCode: 0, retMsg: 'OK', op: 'auth', connId: 'c' }
      : { success: true, op: 'auth', conn_id: 'c' }
  onSubscribe: (topic: string, connection: Connection) => Json = () => ({ success: true, ret_msg: '' })
  /** Sends a snapshot for each order book subscribed. */
  hasBooks = true
  readonly connections = new Set<Connection>()
  readonly counts = new Map<string, number>()
  private currentUs = START_US

  constructor() {
    this.on('/v5/user/query-api', () => ({ result: { userID: 7, readOnly: 0 } }))
    this.on('/v5/account/set-limit-px-action', () => ({ result: {} }))
    this.on('/v5/account/fee-rate', () => ({
      result: {
        list: ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({ symbol, makerFeeRate: '0.0002', takerFeeRate: '0.00055' })),
      },
    }))
    this.on('/v5/market/instruments-info', ({ symbol }) => ({ result: { list: [instrumentRow(String(symbol))] } }))
    for (const path of ['/v5/order/realtime', '/v5/order/history', '/v5/execution/list', '/v5/position/list']) {
      this.on(path, () => ({ result: { list: [], nextPageCursor: '' } }))
    }
  }

  on(path: string, handler: Handler): void {
    this.handlers.set(path, handler)
  }

  nowMs(): number {
    return Math.floor(this.currentUs / 1_000)
  }

  /** It heard the login, and hangs on the virtual wire: what it knows is not what the adapter prints. */
  [inspect.custom](): string {
    return 'peer'
  }

  http(request: HttpRequest, _remote: RemoteEnd, reply: (reply: HttpReply | 'reset') => void): void {
    this.requests.push(request)
    const [path = '', query = ''] = request.target.split('?')
    const count = this.count(path)
    if (path === '/v5/market/time') {
      const result = { timeSecond: `${Math.floor(this.nowMs() / 1_000)}`, timeNano: `${this.currentUs}000` }
      return reply(this.envelope(0, result))
    }
    const parameters = request.body === '' ? Object.fromEntries(new URLSearchParams(query)) : JSON.parse(request.body)
    const answer = this.handlers.get(path)?.(parameters, count) ?? { status: 404, headers: {}, body: '' }
    if (answer === 'silence') return
    if (answer === 'reset') return reply('reset')
    if ('status' in answer) return reply(answer)
    if ('code' in answer) return reply({ ...this.envelope(answer.code, {}), headers: answer.headers ?? {} })
    reply(this.envelope(0, answer.result))
  }

  accept(path: string, _remote: RemoteEnd, peer: ServerPeer): ServerConnection {
    this.count(path)
    const connection = new Connection(this, path, peer)
    this.connections.add(connection)
    return connection
  }

  nextUs(): number {
    return Number.POSITIVE_INFINITY
  }

  advance(nowUs: number): void {
    this.currentUs = timeUs(nowUs)
  }

  /** Sends to every live connection of this path. */
  push(path: string, message: Json | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message)
    for (const connection of this.connections) if (connection.path === path) connection.peer.send(text)
  }

  drop(path: string): void {
    for (const connection of this.connections) {
      if (connection.path !== path) continue
      this.connections.delete(connection)
      connection.peer.close(1006, '')
    }
  }

  /** Order requests received, in order. */
  orders(op?: string): Json[] {
    const all = this.frames.filter(
      ({ path, message }) => path === '/v5/trade' && String(message['op']).startsWith('order.'),
    )
    return all.map(({ message }) => message).filter((message) => op === undefined || message['op'] === op)
  }

  /** Paths of the REST requests received. */
  paths(): string[] {
    return this.requests.map(({ target }) => target.split('?')[0] ?? '')
  }

  count(name: string): number {
    const count = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, count)
    return count
  }

  private envelope(retCode: number, result: Json): HttpReply {
    const body = JSON.stringify({
      retCode,
      retMsg: retCode === 0 ? 'OK' : 'no',
      result,
      retExtInfo: {},
      time: this.nowMs(),
    })
    return { status: 200, headers: {}, body }
  }
}

export class Connection implements ServerConnection {
  readonly path: string
  readonly peer: ServerPeer
  private readonly exchange: ScriptedExchange

  constructor(exchange: ScriptedExchange, path: string, peer: ServerPeer) {
    this.exchange = exchange
    this.path = path
    this.peer = peer
  }

  message(text: string): void {
    const message: Json = JSON.parse(text)
    this.exchange.frames.push({ path: this.path, message, text })
    const { op } = message
    if (op === 'ping') return this.send({ op: 'pong', success: true, ret_msg: 'pong' })
    if (op === 'auth') return this.send(this.exchange.onAuth(this.path))
    if (op === 'subscribe' || op === 'unsubscribe') return this.subscription(message)
    const ack = this.exchange.onOrder(message, this.exchange.count(String(op)))
    this.send(
      ack === null ? null : { reqId: message['reqId'], op, data: {}, retExtInfo: {}, header: {}, connId: 'c', ...ack },
    )
  }

  closed(): void {
    this.exchange.connections.delete(this)
  }

  send(message: Json | null): void {
    if (message !== null) this.peer.send(JSON.stringify(message))
  }

  private subscription(message: Json): void {
    const [topic] = message['args'] as string[]
    const ack = this.exchange.onSubscribe(topic ?? '', this)
    this.send({ ...ack, req_id: message['req_id'], op: message['op'], conn_id: 'c' })
    const book = /^orderbook\.50\.(.+)$/.exec(topic ?? '')
    if (message['op'] === 'subscribe' && this.exchange.hasBooks && book?.[1])
      this.peer.send(bookFrame(book[1], { u: 100 }))
  }
}

export function bookFrame(symbol: string, book: { u: number; type?: string; b?: string[][]; a?: string[][] }): string {
  const { u, type = 'snapshot', b = [['61800.1', '1']], a = [['61800.2', '2']] } = book
  return `{"topic":"orderbook.50.${symbol}","type":"${type}","ts":1800000000001,"data":{"s":"${symbol}","b":${JSON.stringify(b)},"a":${JSON.stringify(a)},"u":${u},"seq":${u * 10}},"cts":1800000000000}`
}

export function instrumentRow(symbol: string): Json {
  return {
    symbol,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    baseCoin: symbol.replace('USDT', ''),
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    deliveryTime: '0',
    priceFilter: { tickSize: '0.10', minPrice: '0.10', maxPrice: '1999999.80' },
    lotSizeFilter: {
      qtyStep: '0.001',
      minOrderQty: '0.001',
      maxOrderQty: '1190',
      maxMktOrderQty: '500',
      minNotionalValue: '5',
    },
  }
}

/** An order row as stream and REST send it. */
export function orderRow(link: string, row: Json = {}): Json {
  return {
    symbol: 'BTCUSDT',
    orderId: `id-${link}`,
    orderLinkId: link,
    side: 'Buy',
    price: '61800.1',
    qty: '0.010',
    cumExecQty: '0',
    orderStatus: 'New',
    cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError',
    updatedTime: '1800000000500',
    ...row,
  }
}

export function executionRow(execId: string, row: Json = {}): Json {
  return {
    symbol: 'BTCUSDT',
    execId,
    execType: 'Trade',
    orderId: 'x',
    orderLinkId: '',
    side: 'Buy',
    execPrice: '61800.1',
    execQty: '0.004',
    execFee: '0.04944008',
    isMaker: true,
    execTime: '1800000000400',
    seq: 1_000,
    ...row,
  }
}

export function positionRow(row: Json = {}): Json {
  return {
    symbol: 'BTCUSDT',
    positionIdx: 0,
    side: '',
    size: '0',
    avgPrice: '0',
    seq: 900,
    updatedTime: '1799999999000',
    ...row,
  }
}

export const LINK = (order: number): string => `mm00-epoch01-${order.toString(36)}`

/** An adapter on a scripted exchange, under virtual time. */
export class Bench {
  readonly server = new ScriptedExchange()
  readonly network = new VirtualNetwork(this.server, START_US)
  readonly wire = this.network.wire()
  readonly events: EngineEvent[] = []
  readonly fatal: MmError[] = []
  private made: BybitExchange | null = null

  get exchange(): BybitExchange {
    if (this.made === null) throw new Error('not opened')
    return this.made
  }

  async make(options: Partial<BybitOptions> = {}, symbols: readonly string[] = ['BTCUSDT']): Promise<BybitExchange> {
    const made = await bybitExchange({
      wire: this.wire,
      credentials: key,
      category: 'linear',
      linkPrefix: 'mm00',
      linkEpoch: 'epoch01',
      seed: 1,
      onFatal: (error) => this.fatal.push(error),
      ...options,
    })
    this.made = made
    await this.network.complete(made.instruments(symbols), START_US + 30 * SECOND_US)
    return made
  }

  async open(options: Partial<BybitOptions> = {}, symbols: readonly string[] = ['BTCUSDT']): Promise<BybitExchange> {
    const made = await this.make(options, symbols)
    await this.network.complete(
      made.open((event) => this.keep(event)),
      START_US + 90 * SECOND_US,
    )
    return made
  }

  async run(seconds: number): Promise<void> {
    await this.network.run(this.network.nowUs() + seconds * SECOND_US)
  }

  place(order: number, fields: { ticks?: number; lots?: number } = {}): void {
    this.send((out) => out.place(1 as Approval, plain(order, fields)))
  }

  amend(order: number, fields: { ticks?: number; lots?: number } = {}): void {
    this.send((out) => out.amend(1 as Approval, plain(order, fields)))
  }

  cancel(order: number): void {
    this.send((out) => out.cancel(symbolId(0), orderSeq(order)))
  }

  /** Events of a kind since the last call of `forget`. */
  of<K extends EngineEvent['kind']>(kind: K): Extract<EngineEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { kind: K }> => event.kind === kind)
  }

  forget(): void {
    this.events.length = 0
  }

  private send(fill: (out: RequestBuffer) => void): void {
    const out = new RequestBuffer()
    fill(out)
    this.exchange.send(out)
  }

  // Book and trade events are reused records: keep what they said.
  private keep(event: EngineEvent): void {
    this.events.push(
      event.kind === 'book' || event.kind === 'trade' ? Object.assign(Object.create(null), event) : event,
    )
  }
}

function plain(order: number, { ticks = 618_001, lots = 10 }: { ticks?: number; lots?: number }) {
  return {
    order: orderSeq(order),
    symbol: symbolId(0),
    side: 1,
    priceTicks: priceTicks(ticks),
    sizeLots: sizeLots(lots),
    timeInForce: 'PostOnly',
    isReduceOnly: false,
  } as const
}
