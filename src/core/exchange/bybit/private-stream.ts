/**
 * The account's stream: authenticates, subscribes order, execution, position and wallet, and hands their rows on. There
 * is no snapshot on subscribe, so `ready` means "subscribed": the caller then reads the account and applies what is
 * newer. A frame that cannot be read may have been a fill: it ends the connection, and with it comes a full resync.
 */
import { MmError } from '../../errors.ts'
import type { Gateway } from './gateway.ts'
import { asObjects, type JsonObject, textOf } from './json-value.ts'
import type { SessionAuth } from './session-auth.ts'
import { SessionSocket } from './session-socket.ts'

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

export class PrivateStream {
  private readonly gateway: Gateway
  private readonly listener: PrivateListener
  private readonly socket: SessionSocket
  private readonly topics: readonly PrivateTopic[]
  private readonly awaited = new Map<string, PrivateTopic>()
  private extraTopic = ''

  constructor(gateway: Gateway, auth: SessionAuth, listener: PrivateListener) {
    this.gateway = gateway
    this.listener = listener
    this.topics = gateway.settings.category === 'spot' ? SPOT_TOPICS : TOPICS
    this.socket = new SessionSocket(gateway, auth, {
      path: '/v5/private',
      label: 'account',
      entered: () => this.entered(),
      message: (message) => this.message(message),
      unreadable: () => this.socket.reconnect(),
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

  /** One more topic from the next authentication on; nothing waits for it and its rows are not read. */
  alsoSubscribe(topic: string): void {
    this.extraTopic = topic
  }

  private closed(): void {
    this.gateway.counters.reconnectsAccount++
    this.listener.down()
  }

  private message(message: JsonObject): void {
    const { topic, op } = message
    if (typeof topic === 'string') return this.data(topic, message)
    if (op === 'subscribe') this.subscribed(message)
  }

  private data(topic: string, message: JsonObject): void {
    const name = TOPICS.find((known) => topic === known || topic.startsWith(`${known}.`))
    if (name !== undefined) this.listener.rows(name, asObjects(message['data']))
  }

  private entered(): void {
    this.awaited.clear()
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
    this.socket.complete()
    this.listener.ready()
  }
}
