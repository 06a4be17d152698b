/**
 * Which exchange an emergency cancel talks to: the one named, else the one the bot of this state directory trades on
 * (its lock says so, also after its death), else live. Only Bybit's own hosts and loopback.
 */
import { checkedUrl, isLoopback, VENUES, type Venue } from '../exchange/bybit/hosts.ts'
import { type LockRecord, type LockState, readLock } from '../run-lock.ts'
import type { CancelOptions } from './options.ts'

export interface Target {
  /** Preferred first. */
  readonly origins: readonly URL[]
  readonly venue: Venue
  /** For people. */
  readonly shown: string
  readonly lock: LockState
  /** The writer of the state directory certainly trades on another exchange than this. */
  readonly isForeignWriter: boolean
}

const ALTERNATE = 'https://api.bytick.com'

export function targetOf(options: Pick<CancelOptions, 'exchangeUrl' | 'venue'>, stateDir: string): Target {
  const lock = readLock(stateDir)
  const record = lock.state === 'held' || lock.state === 'stale' ? lock.record : null
  const isNamed = options.exchangeUrl !== '' || options.venue !== ''
  const venue = (options.venue || (isNamed ? 'live' : record?.venue) || 'live') as Venue
  const url = options.exchangeUrl || (isNamed ? '' : (record?.exchangeUrl ?? ''))
  const origins = originsOf(venue, url)
  const [first] = origins
  const isForeignWriter = record !== null && first !== undefined && isForeign(record, first)
  return { origins, venue, shown: first?.origin ?? '', lock, isForeignWriter }
}

function originsOf(venue: Venue, url: string): URL[] {
  if (url !== '') return [checkedUrl(url, venue === 'paper' ? 'paper' : 'live')]
  const main = checkedUrl(restOf(venue), venue)
  return venue === 'live' ? [main, checkedUrl(ALTERNATE, venue)] : [main]
}

/**
 * Stopping a bot that trades elsewhere protects nothing here; not stopping one that trades here gives a false zero. So
 * only what is certain counts as foreign: another kind of exchange, or another port of this machine.
 */
function isForeign(record: LockRecord, target: URL): boolean {
  const isEmbedded = record.venue === 'paper' && !record.exchangeUrl
  if (isEmbedded) return true
  const url = URL.parse(record.exchangeUrl || restOf(record.venue as Venue))
  if (url === null) return false
  return exchangeOf(url) !== exchangeOf(target)
}

// One name per exchange: all hosts of one of Bybit's environments are the same one.
function exchangeOf({ hostname, port }: URL): string {
  if (isLoopback(hostname)) return `loopback ${port}`
  if (/(?:^|-)testnet\./.test(hostname)) return 'testnet'
  return /(?:^|-)demo\./.test(hostname) ? 'demo' : 'live'
}

function restOf(venue: Venue): string {
  return venue === 'paper' ? '' : (VENUES[venue]?.rest ?? '')
}
