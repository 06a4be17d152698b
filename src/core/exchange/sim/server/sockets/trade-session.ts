/**
 * `/v5/trade`: order entry. Frames go through the same handlers and quotas as REST; some failures have no `reqId`
 * (BYBIT.md §2.6), so a client that waits by id needs a deadline of its own.
 */
import { isObject } from '../fields.ts'
import { type Clocks, timeFault } from '../gate.ts'
import type { ApiKey, KeyRing } from '../keys.ts'
import type { AddressLimits } from '../limits.ts'
import { type Json, KEY_EXPIRED, type Outcome, refused } from '../outcome.ts'
import { TRADE_OPS } from '../routes.ts'
import { authKey } from './auth.ts'
import { idText, parseFrame } from './frame.ts'
import type { Session, SimConnection } from './session.ts'

/** An order frame after its header was checked. */
export interface TradeRequest {
  readonly op: string
  /** REST path it stands for. */
  readonly path: string
  readonly key: ApiKey
  readonly body: unknown
}

export interface TradeAnswer {
  readonly outcome: Outcome
  readonly header: Json
  /** The answer does not say to which request it belongs. */
  readonly isNameless?: boolean
}

export interface TradeRoom {
  readonly keys: KeyRing
  readonly addresses: AddressLimits
  readonly clocks: Clocks
  /** Through gate, quota and handler; `answer` is called once, or never (a lost reply). 'reset' breaks the socket. */
  perform(request: TradeRequest, answer: (answer: TradeAnswer | 'reset') => void): void
}

const REQ_IDS_KEPT = 10_000

export class TradeSession implements SimConnection {
  private readonly session: Session
  private readonly room: TradeRoom
  private readonly reqIds = new Set<string>()
  private key: ApiKey | null = null

  constructor(session: Session, room: TradeRoom) {
    this.session = session
    this.room = room
  }

  message(text: string): void {
    this.session.heard()
    const frame = parseFrame(text)
    if (frame === null) return this.failed(refused(10001, 'Request parameter error.'), '')
    const op = idText(frame['op'])
    if (op === 'ping') return this.pong(idText(frame['reqId']))
    if (op === 'auth') return this.auth(frame)
    this.order(op, frame)
  }

  alive(): void {
    this.session.heard()
  }

  closed(): void {
    this.session.end()
  }

  private pong(reqId: string): void {
    const id = reqId === '' ? {} : { reqId }
    this.answer({
      ...id,
      retCode: 0,
      retMsg: 'OK',
      op: 'pong',
      data: [String(this.room.clocks.nowMs())],
      connId: this.session.id,
    })
  }

  private auth(frame: Json): void {
    const reqId = idText(frame['reqId'])
    const id = reqId === '' ? {} : { reqId }
    const say = (retCode: number, retMsg: string): void =>
      this.answer({ ...id, retCode, retMsg, op: 'auth', connId: this.session.id })
    if (this.key !== null) return say(20001, 'Repeat auth')
    const found = authKey(frame['args'], {
      keys: this.room.keys,
      ip: this.session.remote.ip,
      clocks: this.room.clocks,
    })
    if ('fault' in found) return say(found.fault.retCode, found.fault.retMsg)
    this.key = found.key
    this.session.uid = found.key.uid
    say(0, 'OK')
  }

  // Faults before the id was looked at go out without it.
  private order(op: string, frame: Json): void {
    const path = TRADE_OPS.get(op)
    if (path === undefined) return this.failed(refused(10404, 'op is not found'), op)
    if (!this.room.addresses.maySendOrderFrame(this.session.remote.ip, this.room.clocks.nowMs())) {
      return this.failed(refused(10403, 'Too many visits. Exceeded the IP limit.'), op)
    }
    const reqId = idText(frame['reqId'])
    if (this.key === null) return this.answered(op, reqId, { outcome: refused(10003, 'Not authorized'), header: {} })
    if (reqId.length > 36) return this.answered(op, reqId, { outcome: refused(10001, 'reqId too long'), header: {} })
    if (this.isRepeated(reqId)) {
      return this.answered(op, reqId, { outcome: refused(20006, 'Duplicate reqId'), header: {} })
    }
    const fault = this.key.isExpired(this.room.clocks.nowMs()) ? KEY_EXPIRED : this.headerFault(frame['header'])
    if (fault !== null) return this.answered(op, reqId, { outcome: fault, header: {} })
    const args = frame['args']
    const body: unknown = Array.isArray(args) && args.length === 1 ? args[0] : null
    this.room.perform({ op, path, key: this.key, body }, (answer) => {
      if (answer === 'reset') this.session.close(1006, 'connection reset')
      else this.answered(op, answer.isNameless === true ? '' : reqId, answer)
    })
  }

  private headerFault(header: unknown): Outcome | null {
    if (!isObject(header)) return refused(10001, 'header is required')
    const folded = new Map(Object.entries(header).map(([name, value]) => [name.toLowerCase(), idText(value)]))
    return timeFault(folded.get('x-bapi-timestamp') ?? '', folded.get('x-bapi-recv-window') ?? '', this.room.clocks)
  }

  private isRepeated(reqId: string): boolean {
    if (reqId === '') return false
    if (this.reqIds.has(reqId)) return true
    this.reqIds.add(reqId)
    if (this.reqIds.size > REQ_IDS_KEPT) for (const oldest of this.reqIds) return !this.reqIds.delete(oldest)
    return false
  }

  private answered(op: string, reqId: string, { outcome, header }: TradeAnswer): void {
    const id = reqId === '' ? {} : { reqId }
    const { retCode, retMsg, result: data, retExtInfo } = outcome
    this.answer({ ...id, retCode, retMsg, op, data, retExtInfo, header, connId: this.session.id })
  }

  private failed(outcome: Outcome, op: string): void {
    this.answer({ retCode: outcome.retCode, retMsg: outcome.retMsg, op, data: {}, connId: this.session.id })
  }

  private answer(frame: Json): void {
    this.session.reply(JSON.stringify(frame))
  }
}
