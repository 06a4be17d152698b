/**
 * The order-entry socket: authenticated once, then requests out and acks in. It matches nothing itself; an ack without
 * a request id (the exchange sends some) is told as such, and the deadline of the request it meant decides.
 */
import { US_PER_S } from '../../domain/units.ts'
import type { TimerId } from '../wire.ts'
import { actionOf } from './codes.ts'
import type { Gateway } from './gateway.ts'
import { asObject, asObjects, type JsonObject, parseJson, textOf, wholeOf } from './json-value.ts'
import { FRAME_BYTES_MAX } from './market-codec.ts'
import type { SessionAuth } from './session-auth.ts'
import { SupervisedSocket } from './supervised-socket.ts'

export interface OrderAnswer {
  readonly requestId: string
  readonly code: number
  readonly headers: JsonObject
  readonly codes: readonly number[]
}

export interface TradeListener {
  ready(): void
  /** Whatever was in flight has no answer any more. */
  down(): void
  /** `codes`: one for each order of a batch, in its order; empty otherwise. */
  ack(answer: OrderAnswer): void
}

const READY_US = 10 * US_PER_S

export class TradeSocket {
  private readonly gateway: Gateway
  private readonly auth: SessionAuth
  private readonly listener: TradeListener
  private readonly socket: SupervisedSocket
  private deadline: TimerId | null = null
  private isIn = false

  constructor(gateway: Gateway, auth: SessionAuth, listener: TradeListener) {
    this.gateway = gateway
    this.auth = auth
    this.listener = listener
    const role = {
      path: '/v5/trade',
      heldUs: () => gateway.ban.remainingUs,
      opened: () => this.opened(),
      message: (bytes: Buffer) => this.message(bytes),
      closed: () => this.closed(),
    }
    this.socket = new SupervisedSocket(gateway.wire, role, gateway.prng.split('trade'))
  }

  start(): void {
    this.socket.start()
  }

  stop(): void {
    this.cancelDeadline()
    this.socket.stop()
  }

  reconnect(): void {
    this.socket.reconnect()
  }

  /** Authenticated: a request may be sent. */
  get isReady(): boolean {
    return this.isIn
  }

  send(frame: string): void {
    this.socket.send(frame)
  }

  private opened(): void {
    this.socket.send(this.auth.message())
    this.cancelDeadline()
    this.deadline = this.gateway.wire.after(READY_US, () => this.socket.reconnect())
  }

  private closed(): void {
    this.cancelDeadline()
    this.isIn = false
    this.gateway.counters.reconnectsTrade++
    this.listener.down()
  }

  private message(bytes: Buffer): void {
    const message = bytes.length > FRAME_BYTES_MAX ? null : asObject(parseJson(bytes.toString('utf8')))
    if (message === null) {
      // It may have been the ack of anything: its deadline will tell.
      this.gateway.counters.framesDropped++
      return
    }
    const { op } = message
    if (op === 'pong' || op === 'ping') return
    if (op === 'auth') this.authenticated(message)
    else this.answered(message)
  }

  private authenticated(ack: JsonObject): void {
    if (!this.auth.accepts(ack)) return this.socket.reconnect()
    if (this.isIn) return
    this.cancelDeadline()
    this.isIn = true
    this.listener.ready()
  }

  private answered(message: JsonObject): void {
    const code = wholeOf(message, 'retCode')
    const requestId = textOf(message, 'reqId')
    const headers = asObject(message['header']) ?? {}
    const codes = asObjects(asObject(message['retExtInfo'])?.['list']).map((item) => wholeOf(item, 'code'))
    if (!Number.isNaN(code)) this.listener.ack({ requestId, code, headers, codes })
    else this.gateway.counters.framesDropped++
    if (actionOf(code) === 'reconnect') this.socket.reconnect()
  }

  private cancelDeadline(): void {
    if (this.deadline !== null) this.gateway.wire.cancelTimer(this.deadline)
    this.deadline = null
  }
}
