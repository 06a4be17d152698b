/** The Bybit adapter over any wire, made into what a session trades with. Shared by the live and the paper joiners. */
import type { Credentials } from '../credentials.ts'
import { toSteps } from '../domain/fixed.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { OrderSeq } from '../domain/units.ts'
import { fail } from '../errors.ts'
import { bybitExchange } from '../exchange/bybit/adapter.ts'
import type { BookDepth, TradedCategory } from '../exchange/bybit/options.ts'
import { OrderLinks } from '../exchange/bybit/order-links.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import type { Wire } from '../exchange/wire.ts'
import type { JoinedExchange, LinkOptions } from './venue.ts'

export interface AdapterOptions {
  readonly wire: Wire
  readonly credentials: Credentials
  readonly category: TradedCategory
  readonly bookDepth: BookDepth
  readonly seed: number
  readonly orderEntry: 'socket' | 'rest'
  readonly leverage?: number | null
}

export async function joinBybit(options: AdapterOptions, link: LinkOptions): Promise<JoinedExchange> {
  const exchange = await bybitExchange({
    ...options,
    linkPrefix: link.prefix,
    linkEpoch: link.epoch,
    createWindowMs: link.createWindowMs,
    onFatal: link.onFatal,
    ...(link.onNotice === undefined ? {} : { onNotice: link.onNotice }),
  })
  const { wire: net, credentials, category } = options
  const links = new OrderLinks(link.prefix, link.epoch)
  return Object.assign(exchange, {
    linkOf: (order: OrderSeq) => links.spell(order),
    accountUid: async () => (await exchange.keyInfo()).uid,
    emergency: { net, signer: signerOf(credentials), category },
  })
}

/** Last traded price of each instrument, in ticks rounded down. Throws POSITION_UNKNOWN when the exchange states none. */
export async function lastPrices(wire: Wire, instruments: readonly Instrument[]): Promise<readonly number[]> {
  return Promise.all(instruments.map((instrument) => lastPrice(wire, instrument)))
}

async function lastPrice(wire: Wire, instrument: Instrument): Promise<number> {
  const { category, symbol } = instrument
  const target = `/v5/market/tickers?category=${category}&symbol=${encodeURIComponent(symbol)}`
  const unknown = (why: string, cause?: unknown): never =>
    fail('POSITION_UNKNOWN', { reason: `no price of ${symbol} (${why})` }, cause)
  let body: string
  try {
    body = (await wire.http({ method: 'GET', target, headers: {}, body: '', timeoutMs: 10_000 })).body
  } catch (error) {
    return unknown((error as Error).message, error)
  }
  const text = priceIn(body)
  const ticks = text === null ? Number.NaN : toSteps(text, instrument.price, 'down')
  return ticks > 0 ? ticks : unknown('the exchange stated none')
}

function priceIn(body: string): string | null {
  try {
    const reply = JSON.parse(body) as { result?: { list?: readonly { lastPrice?: unknown; bid1Price?: unknown }[] } }
    const row = reply.result?.list?.[0]
    const price = row?.lastPrice !== '' && row?.lastPrice !== '0' ? row?.lastPrice : row.bid1Price
    return typeof price === 'string' ? price : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
