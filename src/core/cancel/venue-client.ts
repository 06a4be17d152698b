/**
 * Signed calls for the emergency path. Every way a call can end is one `Answer`; nothing throws. Waits only for what the
 * exchange itself demands (rate-limit headers, a ban); retries a refused clock and a refused key by itself, leaves every
 * unclear outcome to the caller, whose loop asks again.
 */
import { actionOf } from '../exchange/bybit/codes.ts'
import { restHeaders, type Signer } from '../exchange/bybit/signing.ts'
import { type HttpReply, type HttpRequest, type Wire, WireError } from '../exchange/wire.ts'
import type { RequestLog } from './request-log.ts'
import { ServerClock } from './server-clock.ts'

/** What the emergency path needs of the network. */
export type Net = Pick<Wire, 'nowUs' | 'after' | 'http'>

export type Fields = Readonly<Record<string, unknown>>

export type Answer =
  | { readonly kind: 'ok'; readonly result: Fields; readonly extra: Fields; readonly serverMs: number }
  /** The exchange understood and said no. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  /** No key may do this. */
  | { readonly kind: 'denied'; readonly code: number; readonly message: string }
  /** Too many requests; the gate is shut until the exchange's own reset. */
  | { readonly kind: 'limited' }
  /** HTTP 403: this address is shut out, for ten minutes as documented. */
  | { readonly kind: 'banned' }
  /** No definite answer: it may or may not have been done. */
  | { readonly kind: 'lost'; readonly why: string }

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
  /** Label for people and the proof. */
  readonly unit: string
  /** Calls of one gate share a rate limit. */
  readonly gate: string
  /** How long after its signature the exchange may accept it; a cancel may land late without harm, an order may not. */
  readonly windowMs?: number
}

const TRY_TIMEOUT_MS = 2_000
const TRY_TIMEOUT_MS_MIN = 250
// The largest in practical use.
const WINDOW_MS = 30_000
const MESSAGE_MAX = 200
const BAN_MS = 600_000
const LIMIT_PAUSE_MS = 1_000

export class VenueClient {
  readonly clock: ServerClock
  readonly log: RequestLog
  /** Until when (local ms) all requests of this address are refused by the exchange. */
  bannedUntilMs = 0
  /** Definite answers so far, of any kind. */
  heard = 0
  /** Local ms of the last call that was carried out, and of the last that was refused for its rate. */
  okMs = Number.NEGATIVE_INFINITY
  limitedMs = Number.NEGATIVE_INFINITY
  private readonly net: Net
  private readonly signers: readonly Signer[]
  private signerIndex = 0
  private readonly gates = new Map<string, number>()
  /** Keys that were accepted at least once. */
  private readonly accepted = new Set<number>()
  private learning: Promise<void> | null = null

  constructor(net: Net, signers: readonly Signer[], log: RequestLog) {
    this.net = net
    this.signers = signers
    this.log = log
    this.clock = new ServerClock(() => Math.floor(net.nowUs() / 1_000))
  }

  nowMs(): number {
    return this.clock.localNowMs()
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.net.after(Math.max(0, ms) * 1_000, resolve)
    })
  }

  /** Which key is in use, by its first characters: enough to recognise, too little to use. */
  keyFingerprint(): string {
    const key = this.signers[this.signerIndex]?.apiKey ?? ''
    return key === '' ? 'none' : `${key.slice(0, 4)}… (${key.length} characters)`
  }

  /**
   * One call, waited for at its gate; `untilMs`: give up waiting at that local time. A key that is refused is replaced by
   * the next one for this call, and for good when it was never accepted: a key may lack just one permission.
   */
  async call(call: Call, untilMs: number): Promise<Answer> {
    let answer = await this.callWith(call, untilMs, this.signerIndex)
    const first = this.signerIndex
    for (let index = first + 1; isRefusedKey(answer) && index < this.signers.length; index++) {
      answer = await this.callWith(call, untilMs, index)
      if (answer.kind === 'ok' && !this.accepted.has(first)) this.signerIndex = index
    }
    return isRefusedKey(answer) ? { kind: 'denied', code: answer.code, message: answer.message } : answer
  }

  private async callWith(call: Call, untilMs: number, signerIndex: number): Promise<Answer> {
    const signer = this.signers[signerIndex]
    let answer = await this.attempt(call, untilMs, signer)
    // The refusal itself carries the exchange's time; where that did not help it is asked for.
    for (let again = 0; again < 3 && isSkewed(answer); again++) {
      if (again > 0) await this.learnTime(untilMs)
      answer = await this.attempt(call, untilMs, signer)
    }
    if (answer.kind === 'ok') this.accepted.add(signerIndex)
    return answer
  }

  /** Asks for the exchange's time; callers at the same moment share one question. */
  private learnTime(untilMs: number): Promise<void> {
    const call = { method: 'GET', path: '/v5/market/time', params: {}, unit: 'time', gate: 'market' } as const
    this.learning ??= this.attempt(call, untilMs, undefined).then(() => {
      this.learning = null
    })
    return this.learning
  }

  private async attempt(call: Call, untilMs: number, signer: Signer | undefined): Promise<Answer> {
    for (let openMs = this.openMs(call.gate); openMs > this.nowMs(); openMs = this.openMs(call.gate)) {
      if (this.bannedUntilMs > untilMs) return { kind: 'banned' }
      // Shut beyond the end: wait for the end, so that no caller spins.
      await this.sleep(Math.min(openMs, untilMs) - this.nowMs())
      if (openMs > untilMs) return { kind: 'limited' }
    }
    const sentMs = this.nowMs()
    try {
      const timeoutMs = Math.max(Math.min(TRY_TIMEOUT_MS, untilMs - sentMs), TRY_TIMEOUT_MS_MIN)
      const reply = await this.net.http(this.request(call, signer, timeoutMs))
      return this.judge(call, sentMs, reply)
    } catch (error) {
      const why = error instanceof WireError ? error.reason : 'other'
      this.record(call, sentMs, null, `lost: ${why}`)
      return { kind: 'lost', why }
    }
  }

  private openMs(gate: string): number {
    return Math.max(this.bannedUntilMs, this.gates.get(gate) ?? 0)
  }

  private request(call: Call, signer: Signer | undefined, timeoutMs: number): HttpRequest {
    const { method, path, params, windowMs = WINDOW_MS } = call
    const query = method === 'GET' ? queryOf(params) : ''
    const body = method === 'POST' ? JSON.stringify(params) : ''
    // The earlier bound: a stamp may lie far in the past, but not a second in the exchange's future.
    const timestampMs = Math.floor(this.clock.earliestMs(this.nowMs()))
    const headers: Record<string, string> =
      signer !== undefined ? restHeaders(signer, { timestampMs, windowMs, payload: query || body }) : {}
    if (method === 'POST') headers['Content-Type'] = 'application/json'
    return { method, target: query === '' ? path : `${path}?${query}`, headers, body, timeoutMs }
  }

  private judge(call: Call, sentMs: number, reply: HttpReply): Answer {
    const body = parseBody(reply.body)
    const code = body?.['retCode']
    if (reply.status === 403) return this.ban(call, sentMs, reply)
    if (body === null || typeof code !== 'number' || !Number.isInteger(code)) {
      this.record(call, sentMs, reply, `lost: HTTP ${reply.status} without a retCode`)
      return { kind: 'lost', why: `http ${reply.status}` }
    }
    const serverMs = typeof body['time'] === 'number' ? body['time'] : Math.floor(this.clock.nowMs())
    if (typeof body['time'] === 'number') this.clock.learn(serverMs, sentMs)
    this.readLimits(call.gate, reply)
    return this.classify(call, sentMs, reply, { body, code, serverMs })
  }

  private classify(call: Call, sentMs: number, reply: HttpReply, read: Read): Answer {
    const { body, code, serverMs } = read
    const message = this.shown(body['retMsg'])
    const action = actionOf(code)
    const end = (outcome: string, answer: Answer): Answer => {
      if (answer.kind !== 'lost') this.heard++
      if (answer.kind === 'ok') this.okMs = this.nowMs()
      if (answer.kind === 'limited') this.limitedMs = this.nowMs()
      this.record(call, sentMs, reply, outcome, code, serverMs)
      return answer
    }
    if (action === 'ok' || action === 'noop') {
      return end('ok', { kind: 'ok', result: fieldsOf(body['result']), extra: fieldsOf(body['retExtInfo']), serverMs })
    }
    if (action === 'retry-after' || code === 10429 || code === 429) {
      this.shutGate(call.gate, reply)
      return end('limited', { kind: 'limited' })
    }
    if (action === 'backoff-ip') return this.ban(call, sentMs, reply)
    if (action === 'ambiguous' || action === 'reconnect')
      return end(`lost: ${code}`, { kind: 'lost', why: String(code) })
    return end(`refused: ${code}`, { kind: 'refused', code, message })
  }

  // A refused signature is echoed with the key in it.
  private shown(message: unknown): string {
    let text = typeof message === 'string' ? message : ''
    for (const { apiKey } of this.signers) text = text.replaceAll(apiKey, '[key]')
    return text.slice(0, MESSAGE_MAX)
  }

  private ban(call: Call, sentMs: number, reply: HttpReply): Answer {
    this.bannedUntilMs = this.nowMs() + BAN_MS
    this.record(call, sentMs, reply, 'banned')
    return { kind: 'banned' }
  }

  // The last request of a window: the next one would be refused, so wait for the reset instead of being told.
  private readLimits(gate: string, reply: HttpReply): void {
    const left = reply.headers['x-bapi-limit-status']
    if (left === '0') this.shutGate(gate, reply, 0)
  }

  private shutGate(gate: string, reply: HttpReply, pauseMs = LIMIT_PAUSE_MS): void {
    const resetMs = wholeNumber(reply.headers['x-bapi-limit-reset-timestamp'])
    const waitMs = resetMs === null ? pauseMs : resetMs - this.clock.nowMs() + 1
    // A reset stamp that lies absurdly far away is a broken header, not an order to sit still.
    const boundedMs = Math.min(Math.max(waitMs, 0), 5_000)
    this.gates.set(gate, Math.max(this.gates.get(gate) ?? 0, this.nowMs() + Math.ceil(boundedMs)))
  }

  private record(
    call: Call,
    sentMs: number,
    reply: HttpReply | null,
    outcome: string,
    code?: number,
    serverMs?: number,
  ) {
    this.log.add({
      method: call.method,
      path: call.path,
      unit: call.unit,
      sentMs,
      receivedMs: reply === null ? null : this.nowMs(),
      serverMs: serverMs ?? null,
      httpStatus: reply?.status ?? null,
      retCode: code ?? null,
      outcome,
      traceId: reply?.headers['traceid'] ?? '',
      limitStatus: reply?.headers['x-bapi-limit-status'] ?? '',
      limitResetMs: reply?.headers['x-bapi-limit-reset-timestamp'] ?? '',
    })
  }
}

interface Read {
  readonly body: Fields
  readonly code: number
  readonly serverMs: number
}

function isSkewed(answer: Answer): boolean {
  return answer.kind === 'refused' && actionOf(answer.code) === 'resync-time'
}

function isRefusedKey(answer: Answer): answer is Extract<Answer, { kind: 'refused' }> {
  return answer.kind === 'refused' && ['fatal-auth', 'fatal-account'].includes(actionOf(answer.code))
}

/** Encoded once, in one order; a cursor that already carries escapes is escaped again and decoded once by the server. */
function queryOf(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&')
}

function parseBody(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    // Not JSON (an HTML page of a proxy, a cut reply): no statement of the exchange at all.
    return null
  }
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list of objects under a name; anything else is an empty list. */
export function rowsOf(fields: Fields, name: string): Fields[] {
  const list = fields[name]
  return Array.isArray(list) ? list.filter(isFields) : []
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
