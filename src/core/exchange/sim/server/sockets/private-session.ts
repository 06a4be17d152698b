/** `/v5/private`: auth, subscribe, ping. There is no snapshot on subscribe: a client seeds by REST (BYBIT.md §2.5). */
import type { Clocks } from '../gate.ts'
import type { KeyRing } from '../keys.ts'
import type { Json } from '../outcome.ts'
import { authKey } from './auth.ts'
import { idText, parseFrame, topicsOf } from './frame.ts'
import { accountKey, type Hub } from './hub.ts'
import type { Session, SimConnection } from './session.ts'
import { Subscriptions } from './subscriptions.ts'

export interface PrivateRoom {
  readonly keys: KeyRing
  readonly hub: Hub
  readonly clocks: Clocks
  /** A socket that listens to `dcp.*` showed life, or began to. */
  dcpAlive(session: Session, topics: readonly string[]): void
}

const BY_CATEGORY = ['order', 'execution', 'execution.fast', 'position'] as const
const TOPICS: ReadonlySet<string> = new Set([
  ...BY_CATEGORY,
  ...BY_CATEGORY.flatMap((topic) => ['spot', 'linear', 'inverse', 'option'].map((category) => `${topic}.${category}`)),
  'wallet',
  'greeks',
  'dcp.future',
  'dcp.spot',
  'dcp.option',
])

export class PrivateSession implements SimConnection {
  private readonly session: Session
  private readonly room: PrivateRoom
  private readonly subscriptions: Subscriptions

  constructor(session: Session, room: PrivateRoom) {
    this.session = session
    this.room = room
    this.subscriptions = new Subscriptions(session, room.hub)
  }

  message(text: string): void {
    this.session.heard()
    const frame = parseFrame(text)
    if (frame === null) return this.status(false, 'error:invalid json', '', '')
    const reqId = idText(frame['req_id'])
    this.room.dcpAlive(this.session, this.subscriptions.all())
    switch (frame['op']) {
      case 'ping':
        return this.pong(reqId)
      case 'auth':
        return this.auth(frame['args'], reqId)
      case 'subscribe':
      case 'unsubscribe':
        return this.change(frame['op'], frame['args'], reqId)
      default:
        return this.status(false, 'error:unknown op', reqId, idText(frame['op']))
    }
  }

  alive(): void {
    this.session.heard()
  }

  closed(): void {
    this.session.end()
  }

  private pong(reqId: string): void {
    this.answer({ req_id: reqId, op: 'pong', args: [String(this.room.clocks.nowMs())], conn_id: this.session.id })
  }

  private auth(args: unknown, reqId: string): void {
    const found = authKey(args, { keys: this.room.keys, ip: this.session.remote.ip, clocks: this.room.clocks })
    if ('fault' in found) return this.status(false, found.fault.retMsg, reqId, 'auth')
    this.session.uid = found.key.uid
    this.status(true, '', reqId, 'auth')
  }

  private change(op: 'subscribe' | 'unsubscribe', args: unknown, reqId: string): void {
    if (this.session.uid === '') return this.status(false, 'Request not authorized', reqId, op)
    const topics = topicsOf(args)
    if (topics === null) return this.status(false, 'Params Error', reqId, op)
    if (op === 'unsubscribe') {
      for (const topic of topics) this.subscriptions.remove(topic)
      return this.status(true, '', reqId, op)
    }
    const fault = this.subscriptions.fault(topics, (topic) => TOPICS.has(topic)) || mixFault(topics)
    if (fault !== '') return this.status(false, fault, reqId, op)
    for (const topic of topics) this.subscriptions.add(topic, accountKey(this.session.uid, topic))
    this.room.dcpAlive(this.session, this.subscriptions.all())
    this.status(true, '', reqId, op)
  }

  private status(success: boolean, retMsg: string, reqId: string, op: string): void {
    this.answer({ success, ret_msg: retMsg, op, req_id: reqId, conn_id: this.session.id })
  }

  private answer(frame: Json): void {
    this.session.push('', JSON.stringify(frame))
  }
}

// "order" and "order.linear" may not come in one request.
function mixFault(topics: readonly string[]): string {
  for (const kind of BY_CATEGORY) {
    const isNarrowed = topics.some((topic) => topic !== 'execution.fast' && topic.startsWith(`${kind}.`))
    if (topics.includes(kind) && isNarrowed) return `error:all-in-one and categorised topic mixed,topic:${kind}`
  }
  return ''
}
