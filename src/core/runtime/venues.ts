/** Chooses the joiner of a venue. Each is loaded only when it is wanted. */
import type { Settings } from '../config/schema.ts'
import { readRecordingMeta } from '../recording/reader.ts'
import type { Redactor } from './redact.ts'
import type { Venue, VenueName } from './venue.ts'

export const SYNTHETIC = 'synthetic'

export interface VenueOptions {
  readonly venue: VenueName
  readonly symbols: readonly string[]
  /** "synthetic", or the file of a recording. */
  readonly market: string
  readonly seed: number
  /** How many times faster than real the embedded exchange runs; max: as fast as the machine can, in one process. */
  readonly speed: number | 'max'
  /** A running exchange to attach to instead of the embedded one or Bybit. */
  readonly exchangeUrl: string | undefined
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  /** Learns every key that is used. */
  readonly redactor: Redactor
}

export async function openVenue(options: VenueOptions): Promise<Venue> {
  if (options.exchangeUrl !== undefined || options.venue !== 'paper') {
    const { liveVenue } = await import('./live.ts')
    return liveVenue(options)
  }
  if (options.speed === 'max') {
    const { virtualVenue } = await import('./paper-virtual.ts')
    return virtualVenue(options)
  }
  const { paperVenue } = await import('./paper.ts')
  return paperVenue(options)
}

/** What is quoted when no --symbols are given: the recording's symbol, or BTCUSDT. */
export async function defaultSymbols(market: string): Promise<readonly string[]> {
  return [market === SYNTHETIC ? 'BTCUSDT' : (await readRecordingMeta(market)).symbol]
}
