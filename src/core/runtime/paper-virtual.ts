/**
 * Paper trading as fast as the machine can: exchange, adapter, engine and journal in one process under one virtual
 * clock. The same seed gives the same run, to the last byte of its summary.
 */
import { randomBytes } from 'node:crypto'
import { Secret } from '../domain/secret.ts'
import { DEFAULT_UID, embeddedExchange } from '../exchange/sim/server/embedded.ts'
import { VirtualNetwork } from '../exchange/virtual-wire.ts'
import { virtualClock } from './clock.ts'
import { joinBybit, lastPrices } from './live-adapter.ts'
import { openMarket } from './paper-market.ts'
import type { Venue } from './venue.ts'
import type { VenueOptions } from './venues.ts'

/** Virtual runs never last longer than this. */
const LIMIT_US = 400 * 24 * 3_600_000_000

export async function virtualVenue(options: VenueOptions): Promise<Venue> {
  const { settings, seed, symbols } = options
  const market = await openMarket(options.market)
  const apiKey = `paper-${randomBytes(8).toString('hex')}`
  const secret = randomBytes(16).toString('hex')
  const server = embeddedExchange({
    seed,
    startUs: market.startUs,
    keys: [{ uid: DEFAULT_UID, apiKey, secret }],
    symbols,
    tier: 'default',
    ...(market.markets === null ? {} : { markets: market.markets }),
  })
  const network = new VirtualNetwork(server, market.startUs)
  const wire = network.wire()
  const credentials = { apiKey: new Secret(apiKey), kind: 'hmac', secret: new Secret(secret), source: 'paper' } as const
  const { category, bookDepth } = settings.exchange
  return {
    name: 'paper',
    exchangeUrl: '',
    clock: virtualClock(wire),
    isVirtual: true,
    isLasting: false,
    models: market.models,
    lengthUs: market.lengthUs,
    connect: (link) => joinBybit({ wire, credentials, category, bookDepth, seed, orderEntry: 'socket' }, link),
    referenceTicks: (instruments) => lastPrices(wire, instruments),
    drive: (work) => network.complete(work(), market.startUs + LIMIT_US),
    close: () => Promise.resolve(),
  }
}
