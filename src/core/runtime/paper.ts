/**
 * Paper trading on the embedded exchange: it runs in a thread of its own and is reached over real sockets on loopback,
 * so that everything but the other end is what a live run uses.
 */
import { Secret } from '../domain/secret.ts'
import { MmError } from '../errors.ts'
import { netWire } from '../exchange/bybit/net-wire.ts'
import { startWorkerHost } from '../exchange/sim/server/worker-host.ts'
import { realClock } from './clock.ts'
import { joinBybit, lastPrices } from './live-adapter.ts'
import { marketFacts } from './paper-market.ts'
import type { LinkOptions, Venue } from './venue.ts'
import { SYNTHETIC, type VenueOptions } from './venues.ts'

export async function paperVenue(options: VenueOptions): Promise<Venue> {
  const { settings, seed, symbols, market, speed, redactor } = options
  const facts = await marketFacts(market)
  const times = speed === 'max' ? 1 : speed
  const host = await startWorkerHost({
    seed,
    speed: times,
    symbols,
    tier: 'default',
    ...(market === SYNTHETIC ? {} : { marketFile: market }),
  })
  const { rest, ws, apiKey, apiSecret } = host.welcome
  const credentials = {
    apiKey: new Secret(apiKey),
    kind: 'hmac',
    secret: new Secret(apiSecret),
    source: 'paper',
  } as const
  redactor.add(credentials.apiKey)
  redactor.add(credentials.secret)
  const wire = netWire({ rest, stream: ws, publicStream: ws }, 'paper')
  const { category, bookDepth } = settings.exchange
  const connect = (link: LinkOptions) => {
    // The thread ended by itself: there is nothing left to trade with.
    void host.failed.then((error) => link.onFatal(new MmError('INTERNAL', { what: error.message }, error)))
    return joinBybit({ wire, credentials, category, bookDepth, seed, orderEntry: 'socket' }, link)
  }
  return {
    name: 'paper',
    exchangeUrl: '',
    clock: realClock(wire),
    isVirtual: false,
    isLasting: false,
    models: facts.models,
    lengthUs: facts.lengthUs === null ? null : facts.lengthUs / times,
    connect,
    referenceTicks: (instruments) => lastPrices(wire, instruments),
    drive: (work) => work(),
    close: () => host.close(),
  }
}
