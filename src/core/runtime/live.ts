/** Joins the engine to an exchange over the network: Bybit's live, testnet or demo, or a simulated one given by address. */
import { type Credentials, loadCredentials } from '../credentials.ts'
import { netWire } from '../exchange/bybit/net-wire.ts'
import { realClock } from './clock.ts'
import { hostsOf } from './live-hosts.ts'
import { joinBybit, lastPrices } from './live-adapter.ts'
import type { Venue } from './venue.ts'
import type { VenueOptions } from './venues.ts'

export function liveVenue(options: VenueOptions): Promise<Venue> {
  const { venue, exchangeUrl, settings, env, redactor, seed } = options
  const wire = netWire(hostsOf(options), venue)
  const clock = realClock(wire)
  const credentials: Credentials = loadCredentials({ env, file: settings.exchange.credentialsFile })
  redactor.add(credentials.apiKey)
  redactor.add(credentials.secret)
  const { category, bookDepth, leverage = null } = settings.exchange
  // Demo has no order-entry socket.
  const orderEntry = venue === 'demo' && exchangeUrl === undefined ? 'rest' : 'socket'
  return Promise.resolve({
    name: venue,
    exchangeUrl: exchangeUrl ?? '',
    clock,
    isVirtual: false,
    isLasting: true,
    models: {},
    lengthUs: null,
    connect: (link) => joinBybit({ wire, credentials, category, bookDepth, seed, orderEntry, leverage }, link),
    referenceTicks: (instruments) => lastPrices(wire, instruments),
    drive: (work) => work(),
    close: () => Promise.resolve(),
  })
}
