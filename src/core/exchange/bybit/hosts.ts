/**
 * Which hosts may ever see a key or an order: Bybit's own, and loopback. In paper mode loopback only. TLS is required
 * everywhere but on loopback. No setting adds a host to this list.
 */
import { fail } from '../../errors.ts'

export type Venue = 'paper' | 'demo' | 'testnet' | 'live'

/** Origins of one venue. Demo takes market data from the live stream and has no order-entry socket. */
export interface VenueHosts {
  readonly rest: string
  /** Private and order-entry sockets. */
  readonly stream: string
  readonly publicStream: string
}

export const VENUES: Readonly<Record<Exclude<Venue, 'paper'>, VenueHosts>> = {
  live: {
    rest: 'https://api.bybit.com',
    stream: 'wss://stream.bybit.com',
    publicStream: 'wss://stream.bybit.com',
  },
  testnet: {
    rest: 'https://api-testnet.bybit.com',
    stream: 'wss://stream-testnet.bybit.com',
    publicStream: 'wss://stream-testnet.bybit.com',
  },
  demo: {
    rest: 'https://api-demo.bybit.com',
    stream: 'wss://stream-demo.bybit.com',
    publicStream: 'wss://stream.bybit.com',
  },
}

const REGIONAL = [
  'bybit.nl',
  'bybit.tr',
  'bybit.kz',
  'bybit.ae',
  'bybit.eu',
  'bybit.id',
  'bybitgeorgia.ge',
  'manepa.jp',
]

const OFFICIAL: ReadonlySet<string> = new Set([
  'api.bytick.com',
  'stream.bytick.com',
  ...Object.values(VENUES).flatMap((hosts) => Object.values<string>({ ...hosts }).map((url) => new URL(url).hostname)),
  ...REGIONAL.flatMap((domain) => [
    `api.${domain}`,
    `stream.${domain}`,
    `api-testnet.${domain}`,
    `stream-testnet.${domain}`,
  ]),
])

export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true
  return /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** The URL, parsed, when this venue may be reached through it; HOST_REFUSED otherwise, USAGE where it is no URL at all. */
export function checkedUrl(text: string, venue: Venue): URL {
  if (!URL.canParse(text) || !/^[a-z]+:\/\//i.test(text)) {
    return fail('USAGE', { what: `${JSON.stringify(text)} is not a URL such as http://127.0.0.1:8080` })
  }
  const url = new URL(text)
  const shown = `${url.protocol}//${url.host}`
  if (url.username !== '' || url.password !== '')
    fail('HOST_REFUSED', { url: shown, what: 'it carries a user or password' })
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
    fail('HOST_REFUSED', { url: shown, what: 'not http or ws' })
  if (isLoopback(url.hostname)) return url
  if (venue === 'paper') fail('HOST_REFUSED', { url: shown, what: 'paper trading stays on this machine' })
  if (!OFFICIAL.has(url.hostname)) fail('HOST_REFUSED', { url: shown, what: 'not a host of the exchange' })
  if (url.protocol !== 'https:' && url.protocol !== 'wss:') fail('HOST_REFUSED', { url: shown, what: 'not encrypted' })
  return url
}
