/**
 * The order-entry socket: authenticated once, then requests out and acks in. It matches nothing itself; an ack without
 * a request id (the exchange sends some) is told as such, and the deadline of the request it meant decides.
 */
import { actionOf } from './codes.ts'
import type { Gateway } from './gateway.ts'
import { asObject, asObjects, type JsonObject, textOf, wholeOf } from './json-value.ts'
import type { SessionAuth } from './session-auth.ts'
import { SessionSocket } from './session-socket.ts'

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

export class TradeSocket {
  private readonly gateway: Gateway
  private readonly listener: TradeListener
  private readonly socket: SessionSocket
  private isIn = false

  constructor(gateway: Gateway, auth: SessionAuth, listener: TradeListener) {
    this.gateway = gateway
    this.listener = listener
    this.socket = new SessionSocket(gateway, auth, {
      path: '/v5/trade',
      label: 'trade',
      entered: () => this.entered(),
      message: (message) => this.message(message),
      // It may have been the ack of anything: its deadline will tell.
      unreadable: () => {},
      closed: () => this.closed(),
    })
  }

  start(): void {
    this.socket.start()
  }

  stop(): void {
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

  private closed(): void {
    this.isIn = false
    this.gateway.counters.reconnectsTrade++
    this.listener.down()
  }

  private message(message: JsonObject): void {
    const { op } = message
    if (op !== 'pong' && op !== 'ping') this.answered(message)
  }

  private entered(): void {
    this.socket.complete()
    if (this.isIn) return
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
}
