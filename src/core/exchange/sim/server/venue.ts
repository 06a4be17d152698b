/**
 * What every endpoint works with: the ledger, the markets' memory, the accounts' settings. No request or socket lives
 * here. `Call` is one admitted request as its handler sees it.
 */
import type { Category } from '../../../domain/instrument.ts'
import type { TimeUs } from '../../../domain/units.ts'
import type { MarketView, SimInstrument, SimReference } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { ExitPairs } from './exit-pairs.ts'
import type { Fields } from './fields.ts'
import type { ApiKey, KeyRing } from './keys.ts'
import type { UidLimits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Quirks } from './quirks.ts'
import type { Settings } from './settings.ts'
import type { BookFeeds } from './sockets/book-feeds.ts'
import type { Tape } from './tape.ts'

export interface Venue {
  readonly exchange: SimExchange
  readonly keys: KeyRing
  readonly tapes: Tapes
  readonly books: BookFeeds
  readonly settings: Settings
  readonly limits: UidLimits
  readonly quirks: Quirks
  /** Exits that go together. */
  readonly pairs: ExitPairs
  /** Maintenance announced by system/status. */
  maintenance(nowMs: number): readonly Maintenance[]
}

/** A planned maintenance. */
export interface MaintenanceWindow {
  readonly id: string
  readonly title: string
  readonly beginMs: number
  readonly endMs: number
  readonly href: string
  readonly serviceTypes: readonly number[]
  readonly product: readonly number[]
  readonly uidSuffix: readonly number[]
  readonly maintainType: number
  readonly env: number
}

/** A row of system/status. */
export interface Maintenance {
  readonly id: string
  readonly title: string
  readonly state: 'scheduled' | 'ongoing' | 'completed' | 'canceled'
  readonly begin: string
  readonly end: string
  readonly href: string
  readonly serviceTypes: readonly number[]
  readonly product: readonly number[]
  readonly uidSuffix: readonly number[]
  readonly maintainType: number
  readonly env: number
}

export interface Call {
  readonly key: ApiKey
  readonly uid: string
  readonly fields: Fields
  readonly nowUs: TimeUs
  readonly nowMs: number
  /** Units of the quota this call got: orders of a batch beyond it are refused one by one. */
  readonly granted: number
}

export type Handler = (venue: Venue, call: Call) => Outcome

/** One listed symbol with everything that is known of it now. */
export interface Quoted {
  readonly listing: SimInstrument
  readonly market: MarketView
  readonly reference: SimReference
  readonly tape: Tape
}

export function quoted(venue: Venue, category: Category, symbol: string): Quoted | null {
  const { exchange } = venue
  const listing = exchange.listing(category, symbol)
  const market = exchange.market(category, symbol)
  if (listing === undefined || market === undefined) return null
  const tape = venue.tapes.of(category, symbol, listing)
  return { listing, market, reference: exchange.reference(category, symbol), tape }
}

export interface Tapes {
  of(category: Category, symbol: string, listing: SimInstrument): Tape
}
