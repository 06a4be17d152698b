/**
 * Which exchange an emergency cancel talks to: the one named, else the one the bot of this state directory trades on
 * (its lock says so, also after its death), else live. Only Bybit's own hosts and loopback.
 */
import { checkedUrl, VENUES, type Venue } from '../exchange/bybit/hosts.ts'
import { type LockState, readLock } from '../run-lock.ts'
import type { CancelOptions } from './options.ts'

export interface Target {
  /** Preferred first. */
  readonly origins: readonly URL[]
  readonly venue: Venue
  /** For people. */
  readonly shown: string
  readonly lock: LockState
  /** The writer of the state directory trades on another exchange than this. */
  readonly isForeignWriter: boolean
}

const ALTERNATE = 'https://api.bytick.com'

export function targetOf(options: CancelOptions, stateDir: string): Target {
  const lock = readLock(stateDir)
  const record = lock.state === 'held' || lock.state === 'stale' ? lock.record : null
  const isNamed = options.exchangeUrl !== '' || options.venue !== ''
  const venue = (options.venue || (isNamed ? 'live' : record?.venue) || 'live') as Venue
  const url = options.exchangeUrl || (isNamed ? '' : (record?.exchangeUrl ?? ''))
  const origins = originsOf(venue, url)
  const [first] = origins
  const writerUrl = record === null ? '' : record.exchangeUrl || restOf(record.venue as Venue)
  const isForeignWriter = record !== null && first !== undefined && URL.parse(writerUrl)?.origin !== first.origin
  return { origins, venue, shown: first?.origin ?? '', lock, isForeignWriter }
}

function originsOf(venue: Venue, url: string): URL[] {
  if (url !== '') return [checkedUrl(url, venue === 'paper' ? 'paper' : 'live')]
  const main = checkedUrl(restOf(venue), venue)
  return venue === 'live' ? [main, checkedUrl(ALTERNATE, venue)] : [main]
}

function restOf(venue: Venue): string {
  return venue === 'paper' ? '' : VENUES[venue].rest
}
