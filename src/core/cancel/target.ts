/**
 * Which exchange an emergency cancel talks to: the one named, else the one the bot of this state directory trades on
 * (its lock says so, also after its death), else live. An exchange embedded in a bot has no orders but its own: who asks
 * beside one means live. Only Bybit's own hosts and loopback.
 */
import { checkedUrl, isLoopback, VENUES, type Venue } from '../exchange/bybit/hosts.ts'
import { type LockRecord, readLock } from '../run-lock.ts'
import type { CancelOptions } from './options.ts'
import { isAnswering } from './slow-disk.ts'

export interface Target {
  /** Preferred first. */
  readonly origins: readonly URL[]
  readonly venue: Venue
  /** For people. */
  readonly shown: string
}

const ALTERNATE = 'https://api.bytick.com'
const DISK_MS = 3_000

/** Asks the disk only when no exchange was named, and then not for long. */
export async function targetOf(
  options: Pick<CancelOptions, 'exchangeUrl' | 'venue'>,
  stateDir: string,
): Promise<Target> {
  const { exchangeUrl, venue } = options
  if (exchangeUrl !== '' || venue !== '') return aim((venue || 'live') as Venue, exchangeUrl)
  const record = (await isAnswering(stateDir, DISK_MS)) ? writerOf(stateDir) : null
  if (record === null || isEmbedded(record)) return aim('live', '')
  return aim((record.venue || 'live') as Venue, record.exchangeUrl ?? '')
}

/** True when the writer of the state directory certainly trades on another exchange than this. */
export function isForeignWriter({ origins: [first] }: Target, stateDir: string): boolean {
  const record = writerOf(stateDir)
  return record !== null && first !== undefined && isForeign(record, first)
}

/** UID on which the writer of this host trades, '' where its lock does not say or it trades on another exchange. */
export async function writerAccount(target: Target, stateDir: string): Promise<string> {
  if (!(await isAnswering(stateDir, DISK_MS)) || isForeignWriter(target, stateDir)) return ''
  const uid = writerOf(stateDir)?.uid
  return typeof uid === 'string' ? uid : ''
}

function writerOf(stateDir: string): LockRecord | null {
  const lock = readLock(stateDir)
  return lock.state === 'held' || lock.state === 'stale' ? lock.record : null
}

function aim(venue: Venue, url: string): Target {
  const origins = originsOf(venue, url)
  return { origins, venue, shown: origins[0]?.origin ?? '' }
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
  if (isEmbedded(record)) return true
  const url = URL.parse(record.exchangeUrl || restOf(record.venue as Venue))
  if (url === null) return false
  return exchangeOf(url) !== exchangeOf(target)
}

function isEmbedded({ venue, exchangeUrl }: LockRecord): boolean {
  return venue === 'paper' && !exchangeUrl
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
