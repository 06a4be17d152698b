/**
 * The account's stream: authenticates, subscribes order, execution, position and wallet, and hands their rows on. There
 * is no snapshot on subscribe, so `ready` means "subscribed": the caller then reads the account and applies what is
 * newer. A frame that cannot be read may have been a fill: it ends the connection, and with it comes a full resync.
 */
import { US_PER_S } from '../../domain/units.ts'
import { MmError } from '../../errors.ts'
import type { TimerId } from '../wire.ts'
import type { Gateway } from './gateway.ts'
import { asObject, asObjects, type JsonObject, parseJson, textOf } from './json-value.ts'
import { FRAME_BYTES_MAX } from './market-codec.ts'
import type { SessionAuth } from './session-auth.ts'
import { SupervisedSocket } from './supervised-socket.ts'

export type PrivateTopic = 'order' | 'execution' | 'position' | 'wallet'

export interface PrivateListener {
  /** Every topic is subscribed. */
  ready(): void
  down(): void
  rows(topic: PrivateTopic, rows: readonly JsonObject[]): void
  refused(error: MmError): void
}

const TOPICS: readonly PrivateTopic[] = ['order', 'execution', 'position', 'wallet']
/** Spot has no positions; what is owned is in the wallet. */
const SPOT_TOPICS: readonly PrivateTopic[] = ['order', 'execution', 'wallet']
const READY_US = 10 * US_PER_S

export class PrivateStream {
  private readonly gateway: Gateway
  private readonly auth: SessionAuth
  private readonly listener: PrivateListener
  private readonly socket: SupervisedSocket
  private readonly topics: readonly PrivateTopic[]
  private readonly awaited = new Map<string, PrivateTopic>()
  private deadline: TimerId | null = null
  private extraTopic = ''

  constructor(gateway: Gateway, auth: SessionAuth, listener: PrivateListener) {
    this.gateway = gateway
    this.auth = auth
    this.listener = listener
    this.topics = gateway.settings.category === 'spot' ? SPOT_TOPICS : TOPICS
    const role = {
      path: '/v5/private',
      heldUs: () => gateway.ban.remainingUs,
      opened: () => this.opened(),
      message: (bytes: Buffer) => this.message(bytes),
      closed: () => this.closed(),
    }
    this.socket = new SupervisedSocket(gateway.wire, role, gateway.prng.split('account'))
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

  /** One more topic from the next authentication on; nothing waits for it and its rows are not read. */
  alsoSubscribe(topic: string): void {
    this.extraTopic = topic
  }

  private opened(): void {
    this.awaited.clear()
    this.socket.send(this.auth.message())
    this.cancelDeadline()
    this.deadline = this.gateway.wire.after(READY_US, () => this.socket.reconnect())
  }

  private closed(): void {
    this.cancelDeadline()
    this.gateway.counters.reconnectsAccount++
    this.listener.down()
  }

  private message(bytes: Buffer): void {
    const message = bytes.length > FRAME_BYTES_MAX ? null : asObject(parseJson(bytes.toString('utf8')))
    if (message === null) {
      this.gateway.counters.framesDropped++
      return this.socket.reconnect()
    }
    const { topic, op } = message
    if (typeof topic === 'string') return this.data(topic, message)
    if (op === 'auth') return this.authenticated(message)
    if (op === 'subscribe') this.subscribed(message)
  }

  private data(topic: string, message: JsonObject): void {
    const name = TOPICS.find((known) => topic === known || topic.startsWith(`${known}.`))
    if (name !== undefined) this.listener.rows(name, asObjects(message['data']))
  }

  private authenticated(ack: JsonObject): void {
    if (!this.auth.accepts(ack)) return this.socket.reconnect()
    for (const topic of this.topics) {
      this.awaited.set(`a-${topic}`, topic)
      this.socket.send(`{"req_id":"a-${topic}","op":"subscribe","args":["${topic}"]}`)
    }
    if (this.extraTopic === '') return
    this.socket.send(`{"req_id":"x-${this.extraTopic}","op":"subscribe","args":["${this.extraTopic}"]}`)
  }

  private subscribed(ack: JsonObject): void {
    const id = textOf(ack, 'req_id')
    const topic = this.awaited.get(id)
    if (topic === undefined) return
    this.awaited.delete(id)
    if (ack['success'] === false) {
      this.listener.refused(new MmError('SUBSCRIPTION_REFUSED', { topic }))
      return this.socket.reconnect()
    }
    if (this.awaited.size > 0) return
    this.cancelDeadline()
    this.listener.ready()
  }

  private cancelDeadline(): void {
    if (this.deadline !== null) this.gateway.wire.cancelTimer(this.deadline)
    this.deadline = null
  }
}
