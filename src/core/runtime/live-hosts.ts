/** Which hosts a venue means: the official ones, or an exchange that was given by address. Refuses every other. */
import { checkedUrl, VENUES, type VenueHosts } from '../exchange/bybit/hosts.ts'
import type { VenueName } from './venue.ts'

export interface HostChoice {
  readonly venue: VenueName
  /** An exchange by address instead of the venue's own. */
  readonly exchangeUrl: string | undefined
}

/** Throws HOST_REFUSED. */
export function hostsOf({ venue, exchangeUrl }: HostChoice): VenueHosts {
  if (exchangeUrl !== undefined) {
    const url = checkedUrl(exchangeUrl, venue)
    const stream = `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}`
    return { rest: url.origin, stream, publicStream: stream }
  }
  return VENUES[venue === 'paper' ? 'testnet' : venue]
}
