/**
 * REST over our own wire: signs the exact bytes at the moment they leave, insists on Bybit's envelope, and turns every
 * bad end into a RestFailure that carries no request, no header and no key. It is also what `bybit-api` runs on (through
 * an axios adapter), so that library never sees a secret or a host and works under virtual time.
 */
import { type Wire, WireError } from '../wire.ts'
import { actionOf, type CodeAction } from './codes.ts'
import type { Gateway } from './gateway.ts'
import { asObject, type JsonObject, parseJson, textOf, wholeOf } from './json-value.ts'
import { limitHeaders, RateBudget } from './rate-budget.ts'
import { restHeaders } from './signing.ts'

export interface RestReply {
  readonly retCode: 0
  readonly result: JsonObject
  /** Exchange time, ms. */
  readonly time: number
  readonly headers: Readonly<Record<string, string>>
}

export interface FailureFacts {
  /** wire: no reply · status: HTTP said no · shape: not Bybit's envelope · code: retCode · blocked: we hold back. */
  readonly kind: 'wire' | 'status' | 'shape' | 'code' | 'blocked'
  /** retCode or HTTP status; 0 when there was none. */
  readonly code: number
  readonly action: CodeAction
  readonly message: string
  /** When the exchange lets this class through again, by its clock; 0 unless it said so. */
  readonly resetMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

export class RestFailure extends Error {
  override readonly name = 'RestFailure'
  readonly facts: FailureFacts

  constructor(facts: FailureFacts) {
    super(facts.message)
    this.facts = facts
  }
}

/**
 * An account may ask most reads 50 times a second, an address 600 times in 5 s before it is banned. Order requests are not
 * held back, but they count.
 */
const READS_PER_SECOND = 45
const TURN_US = 10_000
const MESSAGE_LENGTH_MAX = 120

interface Call {
  readonly method: 'GET' | 'POST'
  /** Path with query. */
  readonly target: string
  readonly body: string
  readonly isPrivate: boolean
  readonly windowMs: number
}

export class RestTransport {
  private readonly gateway: Gateway
  private readonly pace = new RateBudget(READS_PER_SECOND)
  private lastTurn: Promise<void> = Promise.resolve()

  constructor(gateway: Gateway) {
    this.gateway = gateway
  }

  /** A signed POST; used for order entry, where the window matters. */
  post(path: string, body: string, windowMs: number): Promise<RestReply> {
    this.pace.note(this.gateway.wire.nowUs())
    return this.call({ method: 'POST', target: path, body, isPrivate: true, windowMs })
  }

  /** What `bybit-api` asked for, as one call. Its own signature is ignored: ours covers the bytes that leave. */
  async fromAxios(config: AxiosCall): Promise<RestReply> {
    const method = config.method?.toUpperCase() === 'POST' ? 'POST' : 'GET'
    const target = (config.url ?? '').replace(/^[a-z]+:\/\/[^/]+/, '') + queryOf(config.params)
    const isPrivate = 'X-BAPI-SIGN' in config.headers
    const windowMs = this.gateway.settings.safeWindowMs
    await this.turn()
    return this.call({ method, target, body: typeof config.data === 'string' ? config.data : '', isPrivate, windowMs })
  }

  // First come, first served, at a pace that the address may keep for ever.
  private turn(): Promise<void> {
    const { wire } = this.gateway
    if (this.gateway.ban.isOn) return Promise.resolve()
    this.lastTurn = this.lastTurn.then(async () => {
      while (!this.pace.take(wire.nowUs())) await pause(wire, TURN_US)
    })
    return this.lastTurn
  }

  private async call(call: Call): Promise<RestReply> {
    const { wire, settings, clock, signer, counters, ban } = this.gateway
    if (ban.isOn) throw new RestFailure(BLOCKED)
    const { method, target, body, windowMs } = call
    const question = target.indexOf('?')
    const payload = method === 'POST' ? body : question < 0 ? '' : target.slice(question + 1)
    const headers = {
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
      ...(call.isPrivate ? restHeaders(signer, { timestampMs: clock.nowMs(), windowMs, payload }) : {}),
    }
    counters.restCalls++
    try {
      const reply = await wire.http({ method, target, headers, body, timeoutMs: settings.restTimeoutMs })
      return this.judge(reply)
    } catch (error) {
      counters.restFailures++
      if (error instanceof RestFailure) throw error
      if (!(error instanceof WireError)) throw error
      throw new RestFailure({ kind: 'wire', code: 0, action: 'ambiguous', message: `${error.reason}${this.at}` })
    }
  }

  // Whose answer it was: of what cannot be read an operator must know where it came from.
  private get at(): string {
    const { peer } = this.gateway.wire
    return peer === undefined ? '' : ` (${peer})`
  }

  private banned(): void {
    if (!this.gateway.ban.isOn) this.gateway.counters.bans++
    this.gateway.ban.begin()
  }

  private judge(reply: { status: number; headers: Readonly<Record<string, string>>; body: string }): RestReply {
    const { status, headers, body } = reply
    if (status === 403) this.banned()
    const message = asObject(parseJson(body))
    const code = message === null ? Number.NaN : wholeOf(message, 'retCode')
    if (message === null || typeof message['retCode'] !== 'number' || Number.isNaN(code)) {
      if (status === 200)
        throw new RestFailure({ ...SHAPE, message: `a reply that is not the exchange’s JSON${this.at}` })
      throw new RestFailure({
        kind: 'status',
        code: status,
        action: statusAction(status),
        message: `HTTP ${status}${this.at}`,
      })
    }
    if (code !== 0) {
      if (actionOf(code) === 'retry-after') this.gateway.counters.rateLimited++
      const text = textOf(message, 'retMsg')
        .replaceAll(this.gateway.signer.apiKey, '[key]')
        .slice(0, MESSAGE_LENGTH_MAX)
      const resetMs = limitHeaders(headers)?.resetMs ?? 0
      throw new RestFailure({ kind: 'code', code, action: actionOf(code), message: text, resetMs, headers })
    }
    if (status !== 200) {
      throw new RestFailure({
        kind: 'status',
        code: status,
        action: statusAction(status),
        message: `HTTP ${status}${this.at}`,
      })
    }
    return { retCode: 0, result: asObject(message['result']) ?? {}, time: wholeOf(message, 'time') || 0, headers }
  }
}

/** Waits on the wire's clock. */
export function pause(wire: Wire, delayUs: number): Promise<void> {
  return new Promise((resolve) => {
    wire.after(delayUs, resolve)
  })
}

/** The part of an axios request that we read. */
export interface AxiosCall {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly params?: unknown
  readonly data?: unknown
  readonly headers: object
}

const SHAPE = { kind: 'shape', code: 0, action: 'ambiguous' } as const
const BLOCKED: FailureFacts = {
  kind: 'blocked',
  code: 403,
  action: 'backoff-ip',
  message: 'the exchange banned this address for ten minutes; nothing is sent until that is over',
}

function statusAction(status: number): CodeAction {
  if (status === 401) return 'fatal-auth'
  if (status === 403) return 'backoff-ip'
  return status === 404 ? 'bug' : 'ambiguous'
}

function queryOf(params: unknown): string {
  const object = asObject(params)
  if (object === null) return ''
  const pairs = Object.keys(object).map((name) => `${name}=${encodeURIComponent(textOf(object, name))}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
