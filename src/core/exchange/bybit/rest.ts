/**
 * Account and market reads (and the few settings) through `bybit-api` on our transport. Reads are retried a few times,
 * always complete or an error: every page, no repeated cursor, rows de-duplicated. Nothing here places an order.
 */
import type { RestClientV5 } from 'bybit-api'
import { MmError } from '../../errors.ts'
import { Backoff } from './backoff.ts'
import type { Gateway } from './gateway.ts'
import { asObject, asObjects, type JsonObject, textOf } from './json-value.ts'
import { pause, RestFailure, type RestTransport } from './rest-transport.ts'

type Client = InstanceType<typeof RestClientV5>
/** One page of a listing: what to ask with a cursor. */
type Page = (cursor: { cursor?: string }) => Promise<unknown>

const TRIES_MAX = 4
const PAGES_MAX = 200
const WEEK_MS = 7 * 24 * 3_600_000

export class BybitRest {
  private readonly gateway: Gateway
  private readonly client: Client
  private readonly backoff: () => Backoff

  constructor(gateway: Gateway, client: Client) {
    this.gateway = gateway
    this.client = client
    const jitter = gateway.prng.split('rest')
    this.backoff = () => new Backoff({ firstMs: 200, lastMs: 2_000 }, jitter)
  }

  /** The exchange's time in µs. Not retried: a sample of the clock is fresh or worthless. */
  async timeUs(): Promise<number> {
    const reply = asObject(await this.client.getServerTime())
    const result = asObject(reply?.['result']) ?? {}
    const nanos = textOf(result, 'timeNano')
    if (!/^\d{19}$/.test(nanos)) throw shapeFailure('market/time without timeNano')
    return Number(BigInt(nanos) / 1_000n)
  }

  /** Samples the exchange's clock. */
  measureClock(): Promise<void> {
    return this.gateway.clock.measure(() => this.timeUs())
  }

  async instrument(symbol: string): Promise<JsonObject | undefined> {
    const { category } = this.gateway.settings
    const result = await this.read(() => this.client.getInstrumentsInfo({ category, symbol }))
    return asObjects(result['list']).find((row) => row['symbol'] === symbol)
  }

  /** Fee rates of the account, by symbol. */
  async feeRates(symbols: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    const { category } = this.gateway.settings
    const only = symbols.length === 1 ? { symbol: symbols[0] ?? '' } : {}
    const result = await this.read(() => this.client.getFeeRate({ category, ...only }))
    return new Map(asObjects(result['list']).map((row) => [textOf(row, 'symbol'), row]))
  }

  /** Every open order of the symbol, whoever placed it. */
  openOrders(symbol: string): Promise<JsonObject[]> {
    const query = { category: this.gateway.settings.category, symbol, openOnly: 0, limit: 50 } as const
    return this.pages('orderId', (cursor) => this.client.getActiveOrders({ ...query, ...cursor }))
  }

  /** The order that carries this link, open or recently ended; undefined when neither place knows it. */
  async orderByLink(symbol: string, orderLinkId: string): Promise<JsonObject | undefined> {
    const query = { category: this.gateway.settings.category, symbol, orderLinkId }
    const live = await this.read(() => this.client.getActiveOrders(query))
    const past = async () => this.read(() => this.client.getHistoricOrders(query))
    const isIt = (row: JsonObject): boolean => row['orderLinkId'] === orderLinkId
    return asObjects(live['list']).find(isIt) ?? asObjects((await past())['list']).find(isIt)
  }

  executionsOfLink(symbol: string, orderLinkId: string): Promise<JsonObject[]> {
    const { category } = this.gateway.settings
    const query = { category, symbol, orderLinkId, limit: 100 }
    return this.pages('execId', (cursor) => this.client.getExecutionList({ ...query, ...cursor }))
  }

  /** Executions of the symbol from then to now, oldest week first; the exchange serves a week at a time. */
  async executionsSince(symbol: string, fromMs: number): Promise<JsonObject[]> {
    const { category } = this.gateway.settings
    const rows: JsonObject[] = []
    const untilMs = this.gateway.clock.nowMs() + 1_000
    for (let startTime = fromMs; startTime < untilMs; startTime += WEEK_MS) {
      const query = { category, symbol, startTime, endTime: startTime + WEEK_MS - 1, limit: 100 }
      rows.push(...(await this.pages('execId', (cursor) => this.client.getExecutionList({ ...query, ...cursor }))))
    }
    return rows
  }

  /** Position rows of the symbol, also empty ones. Spot has none. */
  async positions(symbol: string): Promise<JsonObject[]> {
    const { category } = this.gateway.settings
    if (category === 'spot') return []
    const result = await this.read(() => this.client.getPositionInfo({ category, symbol }))
    return [...asObjects(result['list'])]
  }

  async cancelById(symbol: string, orderId: string): Promise<void> {
    await this.client.cancelOrder({ category: this.gateway.settings.category, symbol, orderId })
  }

  /** Futures default to moving a price silently to the edge of the band; we want a refusal. */
  async refusePricesOutsideBand(): Promise<void> {
    const category = this.gateway.settings.category
    await this.read(() => this.client.setLimitPriceAction({ category, modifyEnable: false }))
  }

  /** Announced maintenance that is under way. Some venues do not tell. */
  async maintenance(): Promise<readonly JsonObject[]> {
    const reply = asObject(await this.client.getSystemStatus({ state: 'ongoing' }))
    return asObjects(asObject(reply?.['result'])?.['list'])
  }

  apiKey(): Promise<JsonObject> {
    return this.read(() => this.client.getQueryApiKey())
  }

  private async pages(key: string, page: Page): Promise<JsonObject[]> {
    const rows = new Map<string, JsonObject>()
    const cursors = new Set<string>()
    let cursor = ''
    do {
      const at = cursor === '' ? {} : { cursor }
      const result = await this.read(() => page(at))
      for (const row of asObjects(result['list'])) rows.set(textOf(row, key), row)
      cursor = textOf(result, 'nextPageCursor')
      if (cursor !== '' && cursors.has(cursor)) throw shapeFailure('the listing repeats a cursor')
      cursors.add(cursor)
    } while (cursor !== '' && cursors.size <= PAGES_MAX)
    if (cursor !== '') throw shapeFailure(`the listing has more than ${PAGES_MAX} pages`)
    return [...rows.values()]
  }

  private async read(call: () => Promise<unknown>): Promise<JsonObject> {
    const backoff = this.backoff()
    for (let tries = 1; ; tries++) {
      try {
        return asObject(asObject(await call())?.['result']) ?? {}
      } catch (error) {
        if (!(error instanceof RestFailure) || tries === TRIES_MAX || !(await this.mayRetry(error, backoff)))
          throw error
      }
    }
  }

  // Waits as the failure asks; false when trying again cannot help.
  private async mayRetry({ facts }: RestFailure, backoff: Backoff): Promise<boolean> {
    const { wire, clock } = this.gateway
    if (facts.action === 'resync-time') {
      await this.measureClock()
      return true
    }
    if (facts.action === 'retry-after') {
      const resetUs = facts.resetMs ? clock.localUs(facts.resetMs) - wire.nowUs() : 1_000_000
      await pause(wire, Math.min(Math.max(resetUs, 50_000), 5_000_000))
      return true
    }
    if (facts.action !== 'ambiguous' && facts.action !== 'retry-later') return false
    await pause(wire, backoff.nextUs())
    return true
  }
}

/** Loads `bybit-api` (about 100 ms of start-up) and puts it on our transport. */
export async function loadRest(gateway: Gateway, transport: RestTransport): Promise<BybitRest> {
  // With this variable set the library prints whole requests.
  delete process.env['BYBITTRACE']
  const { RestClientV5: Class } = await import('bybit-api')
  const client = new Class(
    {
      // The transport knows the host and holds the key; the library gets neither.
      baseUrl: 'http://wire.invalid',
      key: 'held-by-the-transport',
      secret: 'held-by-the-transport',
      customSignMessageFn: () => Promise.resolve(''),
      parse_exceptions: false,
    },
    {
      adapter: async (config) => {
        const data = await transport.fromAxios(config)
        return { data, status: 200, statusText: 'OK', headers: {}, config }
      },
    },
  )
  return new BybitRest(gateway, client)
}

/** A REST failure in an operator's words. Anything else is passed on as it is. */
export function operatorError(error: unknown, what: string): unknown {
  if (!(error instanceof RestFailure)) return error
  const { action, code, kind, message } = error.facts
  if (action === 'fatal-auth') return new MmError('EXCHANGE_AUTH', { code, what: message })
  if (action === 'fatal-account') return new MmError('EXCHANGE_ACCOUNT', { code, what: message })
  if (kind === 'code') return new MmError('EXCHANGE_REFUSED', { code, what: `${what} (${message})` })
  return new MmError('EXCHANGE_UNREACHABLE', { what: `${what}: ${message}` })
}

function shapeFailure(message: string): RestFailure {
  return new RestFailure({ kind: 'shape', code: 0, action: 'ambiguous', message })
}
