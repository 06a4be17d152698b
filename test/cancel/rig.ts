/**
 * An emergency under virtual time: one simulated exchange, a bot that keeps creating orders as fast as it may, and the
 * cancel code on a network of its own. The judge is the exchange's ledger, which the code under test never sees.
 */
import { cancelAll } from '../../src/core/cancel/cancel-all.ts'
import type { Outcome, Plan } from '../../src/core/cancel/outcome.ts'
import type { FenceResult } from '../../src/core/cancel/fence-result.ts'
import { CATEGORIES, type Scope } from '../../src/core/cancel/scope.ts'
import type { VenueClient } from '../../src/core/cancel/venue-client.ts'
import type { Prng } from '../../src/core/domain/prng.ts'
import { Secret } from '../../src/core/domain/secret.ts'
import { timeUs } from '../../src/core/domain/units.ts'
import { restHeaders, type Signer, signerOf } from '../../src/core/exchange/bybit/signing.ts'
import type { SimServer } from '../../src/core/exchange/sim/server/core.ts'
import { DEFAULT_UID, embeddedExchange, type EmbeddedOptions } from '../../src/core/exchange/sim/server/embedded.ts'
import { parseState } from '../../src/core/exchange/sim/server/initial-state.ts'
import { VirtualNetwork, type VirtualWire, type VirtualWireOptions } from '../../src/core/exchange/virtual-wire.ts'

export const START = timeUs(1_760_000_000_000_000)
export const BOT = { apiKey: 'botKey000000000001', secret: ['not', 'a', 'secret', 'either'].join('-') }
export const OPERATOR = { apiKey: 'opsKey000000000001', secret: ['nor', 'is', 'this', 'one'].join('-') }

export const WHOLE: Scope = { categories: CATEGORIES, symbol: '', prefix: '', isKeepingProtective: false }

export const signer = ({ apiKey, secret }: typeof BOT): Signer =>
  signerOf({ apiKey: new Secret(apiKey), secret: new Secret(secret), kind: 'hmac', source: 'test' })

export interface Rig {
  readonly server: SimServer
  readonly network: VirtualNetwork
  /** Orders of the account that are open or accepted and on their way to the book. */
  live(): number
  run(ms: number): Promise<void>
  /** POST /sim/faults. */
  arm(script: object): Promise<void>
}

export function rig(options: Partial<EmbeddedOptions> & { readonly ledger?: object } = {}): Rig {
  const { ledger, ...rest } = options
  const server = embeddedExchange({
    seed: 1,
    startUs: START,
    keys: [BOT, OPERATOR].map((key) => ({ uid: DEFAULT_UID, ...key })),
    symbols: [],
    tier: 'default',
    ...(ledger === undefined ? {} : { state: stateOf(ledger) }),
    ...rest,
  })
  const network = new VirtualNetwork(server, START)
  return {
    server,
    network,
    live() {
      const account = server.exchange.truth().accounts.find(({ uid }) => uid === DEFAULT_UID)
      return account === undefined ? Number.NaN : account.openOrders.length + account.inFlight
    },
    run: (ms) => network.run(network.nowUs() + ms * 1_000),
    async arm(script) {
      const request = { method: 'POST', target: '/sim/faults', headers: {}, timeoutMs: 1_000 } as const
      const reply = network.wire().http({ ...request, body: JSON.stringify(script) })
      const { status, body } = await network.complete(reply, network.nowUs() + 2_000_000)
      if (status !== 200) throw new Error(body)
    },
  }
}

function stateOf(ledger: object) {
  const state = parseState(JSON.stringify(ledger))
  if ('problem' in state) throw new Error(state.problem)
  return state
}

/** What an operator at the far end of a network does. */
export function operator(rig: Rig, plan: Partial<Plan>, wire: VirtualWireOptions = {}): Promise<Outcome> {
  const work = cancelAll({
    net: rig.network.wire(wire),
    signers: [signer(OPERATOR)],
    scope: WHOLE,
    fence: noWriter,
    durationMs: 60_000,
    isDryRun: false,
    isBrief: false,
    chance: () => 0.5,
    abort: new AbortController().signal,
    onProgress: () => undefined,
    ...plan,
  })
  return rig.network.complete(work, rig.network.nowUs() + 600_000_000)
}

export async function noWriter(client: VenueClient): Promise<FenceResult> {
  const startedMs = client.nowMs()
  return {
    level: 'none',
    isWriterKnown: false,
    isWriterAlive: false,
    acceptableUntilMs: (clock) => clock.latestMs(startedMs),
    recheck: () => '',
    notes: [],
  }
}

export const WINDOW_MS = 2_000

export interface WriterOptions {
  readonly prng: Prng
  readonly wire: VirtualWireOptions
  readonly skewMs: number
  /** Futures only; else all over the account. */
  readonly categories?: readonly ['linear']
}

/** A bot without manners: new orders all over the account until it is stopped, and never a cancel. */
export class Writer {
  /** Newest timestamp it signed with. */
  maxSignedMs = 0
  sent = 0
  private readonly wire: VirtualWire
  private readonly signer = signer(BOT)
  private readonly prng: Prng
  private readonly skewMs: number
  private readonly prefix: string
  private readonly isLinear: boolean
  private isStopped = false

  constructor(rig: Rig, at: WriterOptions) {
    this.isLinear = at.categories !== undefined
    this.wire = rig.network.wire(at.wire)
    this.prng = at.prng
    this.skewMs = at.skewMs
    this.prefix = `mm00-${at.prng.int(1, 1_000_000).toString(36)}`
    this.next()
  }

  stop(): void {
    this.isStopped = true
  }

  private next(): void {
    if (this.isStopped) return
    this.create()
    this.wire.after(this.prng.int(5_000, 60_000), () => this.next())
  }

  private create(): void {
    const body = JSON.stringify(orderOf(this.prng, `${this.prefix}-${++this.sent}`, this.isLinear))
    const timestampMs = Math.floor(this.wire.nowUs() / 1_000) + this.skewMs
    this.maxSignedMs = Math.max(this.maxSignedMs, timestampMs)
    const headers = restHeaders(this.signer, { timestampMs, windowMs: WINDOW_MS, payload: body })
    const request = { method: 'POST', target: '/v5/order/create', headers, body, timeoutMs: 5_000 } as const
    // What becomes of it is no matter to this bot.
    this.wire.http(request).catch(() => undefined)
  }
}

function orderOf(prng: Prng, orderLinkId: string, isLinear: boolean): object {
  const common = { side: 'Buy', orderType: 'Limit', orderLinkId }
  const step = prng.int(0, 400)
  const kind = isLinear ? 0 : prng.int(0, 9)
  if (kind < 6) return { ...common, category: 'linear', symbol: 'BTCUSDT', qty: '0.001', price: String(61_000 - step) }
  if (kind < 7) return { ...common, category: 'inverse', symbol: 'BTCUSD', qty: '10', price: String(61_000 - step) }
  const spot = { ...common, category: 'spot', symbol: 'BTCUSDT', qty: '0.001', price: String(60_000 - step) }
  if (kind < 9) return spot
  return { ...spot, orderFilter: 'StopOrder', triggerPrice: String(58_000 - step) }
}

/** Legs of a network that is usually quick and sometimes keeps a message for seconds. */
export function roughLegs(prng: Prng, spike: number): NonNullable<VirtualWireOptions['legs']> {
  const leg = (): number => (prng.chance(spike) ? prng.int(300_000, 2_800_000) : prng.int(500, 40_000))
  return { up: leg, down: leg }
}
