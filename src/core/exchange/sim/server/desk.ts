/**
 * One request from arrival to answer, REST and order entry alike: quota of the address, route, gate, permission, quota
 * of the UID, handler. The order of the refusals is Bybit's. Replies leave through the outbox only.
 */
import type { Category } from '../../../domain/instrument.ts'
import type { HttpReply, HttpRequest, RemoteEnd } from '../../wire.ts'
import type { Agenda } from './agenda.ts'
import type { EventLog } from './event-log.ts'
import { faultScript } from './fault-input.ts'
import type { Faults } from './faults.ts'
import { Fields } from './fields.ts'
import { admit, type Clocks, permissionFault } from './gate.ts'
import type { ApiKey } from './keys.ts'
import { type AddressLimits, groupOf, type Quota, type UidLimits } from './limits.ts'
import { type Outcome, Refusal, refused } from './outcome.ts'
import type { Outbox } from './outbox.ts'
import { htmlReply, jsonReply, type ReplyContext, tradeHeader } from './reply.ts'
import { originForm, type ParsedRequest, parseRequest } from './request.ts'
import { type PrivateRoute, type PublicRoute, type Route, ROUTES } from './routes.ts'
import { type RequestCounts, truthJson } from './sim-truth.ts'
import type { TradeAnswer, TradeRequest } from './sockets/trade-session.ts'
import type { Venue } from './venue.ts'

export interface DeskParts {
  readonly venue: Venue
  readonly agenda: Agenda
  readonly outbox: Outbox
  readonly faults: Faults
  readonly addresses: AddressLimits
  readonly limits: UidLimits
  readonly counts: RequestCounts
  readonly log: EventLog
  /** The ledger has been acted on: tell the private streams. */
  readonly settle: () => void
  readonly clocks: Clocks
}

type Send = (reply: HttpReply | 'reset') => void

interface Done {
  readonly outcome: Outcome
  readonly quota: Quota | null
}

const TOO_MANY = refused(10006, 'Too many visits. Exceeded the API Rate Limit.')
const BY_PATH: ReadonlyMap<string, Route> = new Map(ROUTES.map((route) => [route.path, route]))

export class Desk {
  private readonly parts: DeskParts
  private traces = 0

  constructor(parts: DeskParts) {
    this.parts = parts
  }

  http(request: HttpRequest, remote: RemoteEnd, send: Send): void {
    const path = originForm(request.target)
    if (path.startsWith('/sim/')) return this.simulation(request, path, send)
    const { addresses, agenda, faults, outbox } = this.parts
    const endpoint = `${request.method} ${path.split('?', 1)[0]}`
    const bite = faults.take('request', endpoint)
    if (bite?.effect === 'lose') return this.count(endpoint, '', 'lost')
    if (bite?.effect === 'reset') return send('reset')
    if (bite !== null && bite.reply !== null) return outbox.http(endpoint, bite.reply, send)
    if (bite?.effect === 'ban') addresses.ban(remote.ip, agenda.nowMs() + bite.delayUs / 1_000)
    if (bite?.effect === 'limit') return outbox.http(endpoint, this.limited(bite.delayUs), send)
    const run = (): void => {
      if (addresses.mayRequest(remote.ip, agenda.nowMs())) this.serve(parseRequest(request, remote.ip), endpoint, send)
      else {
        this.count(endpoint, '', 'HTTP 403')
        outbox.http(endpoint, htmlReply(403), send)
      }
    }
    if (bite?.effect === 'delay') agenda.after(bite.delayUs, run)
    else run()
  }

  /** Order entry by socket; `answer` is called once, or never (a lost request or reply). */
  trade(request: TradeRequest, answer: (answer: TradeAnswer | 'reset') => void): void {
    const { agenda, faults } = this.parts
    const endpoint = `WS ${request.op}`
    const bite = faults.take('request', endpoint)
    if (bite?.effect === 'lose') return this.count(endpoint, request.key.uid, 'lost')
    if (bite?.effect === 'reset') return answer('reset')
    if (bite?.effect === 'code' || bite?.effect === 'nameless') {
      const isNameless = bite.effect === 'nameless'
      return answer({
        outcome: refused(bite.retCode, bite.retMsg),
        header: tradeHeader(this.context(null)),
        isNameless,
      })
    }
    if (bite?.effect === 'limit') {
      return answer({ outcome: TOO_MANY, header: tradeHeader(this.context(this.usedUp(bite.delayUs))) })
    }
    const run = (): void => {
      const route = BY_PATH.get(request.path)
      if (route === undefined || route.isPublic) return
      const done = this.perform(route, request.key, () => Fields.of(request.body))
      const known = done.outcome.retCode === 10001 && !hasCategory(request.body) ? CATEGORY_UNKNOWN : done.outcome
      this.count(endpoint, request.key.uid, known.retCode)
      const reply = faults.take('reply', endpoint)
      if (reply?.effect === 'lose') return
      if (reply?.effect === 'reset') return answer('reset')
      const shown = reply?.effect === 'code' ? refused(reply.retCode, reply.retMsg) : known
      const say = (): void => answer({ outcome: shown, header: tradeHeader(this.context(done.quota)) })
      if (reply?.effect === 'delay') agenda.after(reply.delayUs, say)
      else say()
    }
    if (bite?.effect === 'delay') agenda.after(bite.delayUs, run)
    else run()
  }

  // A quota that somebody else has used up.
  private limited(delayUs: number): HttpReply {
    return jsonReply(200, TOO_MANY, this.context(this.usedUp(delayUs)))
  }

  private usedUp(delayUs: number): Quota {
    return { limit: 10, remaining: 0, resetMs: this.parts.agenda.nowMs() + Math.ceil(delayUs / 1_000), granted: 0 }
  }

  private serve(request: ParsedRequest, endpoint: string, send: Send): void {
    const route = BY_PATH.get(request.path)
    const { done, status, uid } = this.judge(request, route)
    this.count(endpoint, uid, done.outcome.retCode)
    this.parts.outbox.http(endpoint, jsonReply(status, done.outcome, this.context(done.quota)), send)
  }

  private judge(request: ParsedRequest, route: Route | undefined): { done: Done; status: number; uid: string } {
    if (route === undefined) return bad(404, refused(10017, 'Route not found.'))
    if (route.method !== request.method) return bad(400, refused(10017, 'Request method not supported.'))
    if (request.method === 'GET' && request.body !== '') return bad(403, refused(10001, 'GET must not carry a body'))
    if (route.isPublic) return { done: { outcome: this.publicly(route, request), quota: null }, status: 200, uid: '' }
    const admission = admit(request, this.parts.venue.keys, this.parts.clocks)
    if ('outcome' in admission) return bad(admission.status, admission.outcome)
    const fields = (): Fields =>
      request.method === 'GET' ? Fields.ofQuery(request.query) : Fields.ofBody(request.body)
    return { done: this.perform(route, admission.key, fields), status: 200, uid: admission.key.uid }
  }

  private publicly(route: PublicRoute, request: ParsedRequest): Outcome {
    const { agenda, venue } = this.parts
    const call = { fields: Fields.ofQuery(request.query), nowUs: agenda.nowUs(), nowMs: agenda.nowMs() }
    return guarded(() => route.handle(venue, call))
  }

  private perform(route: PrivateRoute, key: ApiKey, read: () => Fields): Done {
    const { agenda, venue, settle } = this.parts
    let quota: Quota | null = null
    const outcome = guarded(() => {
      const fields = read()
      const category = categoryOf(fields)
      const need = { isWrite: route.method === 'POST', category, isOrder: route.isOrder }
      const denied = permissionFault(key, need)
      if (denied !== null) return denied
      quota = this.takeQuota(route, key.uid, fields, category)
      if (quota.granted === 0) return TOO_MANY
      const call = { key, uid: key.uid, fields, nowUs: agenda.nowUs(), nowMs: agenda.nowMs(), granted: quota.granted }
      return route.handle(venue, call)
    })
    settle()
    return { outcome, quota }
  }

  private takeQuota(route: PrivateRoute, uid: string, fields: Fields, category: Category | null): Quota {
    const group = category === null ? 'futures' : groupOf(category)
    // A batch of options counts as one request.
    const units = group === 'option' ? 1 : (route.units?.(fields) ?? 1)
    const quota = this.parts.limits.take(uid, { name: route.limit, group }, units, this.parts.agenda.nowMs())
    const isWhole = group === 'option' && route.units !== undefined && quota.granted === 1
    return isWhole ? { ...quota, granted: route.units(fields) } : quota
  }

  private context(quota: Quota | null): ReplyContext {
    const traceId = (++this.traces).toString(16).padStart(32, '0')
    return { nowMs: this.parts.agenda.nowMs(), traceId, quota }
  }

  private count(endpoint: string, uid: string, retCode: number | string): void {
    this.parts.counts.count(endpoint, retCode)
    this.parts.log.request(this.parts.agenda.nowUs(), endpoint, { uid, retCode })
  }

  // Ground truth and fault control: no key, no quota, no fault, no delay.
  private simulation(request: HttpRequest, path: string, send: Send): void {
    const { venue, counts, agenda, faults } = this.parts
    const say = (status: number, value: unknown): void =>
      send({ status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) })
    const route = `${request.method} ${path.split('?', 1)[0]}`
    if (route === 'GET /sim/truth') return say(200, truthJson(venue.exchange, counts, agenda.nowMs()))
    if (route === 'GET /sim/faults') return say(200, { rules: faults.state() })
    if (route !== 'POST /sim/faults') return say(404, { problem: 'unknown path' })
    const script = faultScript(request.body)
    if ('problem' in script) return say(400, script)
    faults.arm(script.rules, script.seed)
    venue.quirks.armed(venue.exchange)
    say(200, { rules: script.rules.length })
  }
}

const CATEGORY_UNKNOWN = refused(10404, 'category is not correct')

const bad = (status: number, outcome: Outcome): { done: Done; status: number; uid: string } => ({
  done: { outcome, quota: null },
  status,
  uid: '',
})

function guarded(act: () => Outcome): Outcome {
  try {
    return act()
  } catch (error) {
    if (error instanceof Refusal) return error.outcome
    throw error
  }
}

// For quota and permission only: a bad category is refused by the handler, with the right text.
function categoryOf(fields: Fields): Category | null {
  return fields.has('category') ? fields.category() : null
}

function hasCategory(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'category' in body
}
