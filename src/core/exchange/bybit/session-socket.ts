/**
 * A supervised socket that must be let in first: sends the login when it opens, sees the answer in either of its shapes,
 * and gives the connection up when the session is not complete in time. Order entry and the account's stream are two of
 * them; what their frames mean is theirs.
 */
import { US_PER_S } from '../../domain/units.ts'
import type { TimerId } from '../wire.ts'
import type { Gateway } from './gateway.ts'
import { asObject, type JsonObject, parseJson } from './json-value.ts'
import { FRAME_BYTES_MAX } from './market-codec.ts'
import type { SessionAuth } from './session-auth.ts'
import { SupervisedSocket } from './supervised-socket.ts'

export interface SessionRole {
  readonly path: string
  /** Names the jitter of its reconnects. */
  readonly label: string
  /** Let in. */
  entered(): void
  /** Any frame but the login's answer. */
  message(message: JsonObject): void
  /** A frame that is no JSON object, or too large to be looked at. */
  unreadable(): void
  closed(): void
}

const READY_US = 10 * US_PER_S

export class SessionSocket {
  private readonly gateway: Gateway
  private readonly auth: SessionAuth
  private readonly role: SessionRole
  private readonly socket: SupervisedSocket
  private deadline: TimerId | null = null

  constructor(gateway: Gateway, auth: SessionAuth, role: SessionRole) {
    this.gateway = gateway
    this.auth = auth
    this.role = role
    const supervised = {
      path: role.path,
      heldUs: () => gateway.ban.remainingUs,
      opened: () => this.opened(),
      message: (bytes: Buffer) => this.message(bytes),
      closed: () => this.closed(),
    }
    this.socket = new SupervisedSocket(gateway.wire, supervised, gateway.prng.split(role.label))
  }

  start(): void {
    this.socket.start()
  }

  stop(): void {
    this.complete()
    this.socket.stop()
  }

  reconnect(): void {
    this.socket.reconnect()
  }

  send(frame: string): void {
    this.socket.send(frame)
  }

  /** Everything that this session needs is there. */
  complete(): void {
    if (this.deadline !== null) this.gateway.wire.cancelTimer(this.deadline)
    this.deadline = null
  }

  private opened(): void {
    this.socket.send(this.auth.message())
    this.complete()
    this.deadline = this.gateway.wire.after(READY_US, () => this.socket.reconnect())
  }

  private closed(): void {
    this.complete()
    this.role.closed()
  }

  private message(bytes: Buffer): void {
    const message = bytes.length > FRAME_BYTES_MAX ? null : asObject(parseJson(bytes.toString('utf8')))
    if (message === null) {
      this.gateway.counters.framesDropped++
      return this.role.unreadable()
    }
    if (message['op'] !== 'auth' || 'topic' in message) return this.role.message(message)
    if (this.auth.accepts(message)) this.role.entered()
    else this.socket.reconnect()
  }
}
