/**
 * How many orders a second an account may place, amend and cancel: as the exchange states it, as its level is published,
 * or as an account without level has it. Batches have a quota of their own, and every order in one counts.
 */
import type { Settings } from '../config/schema.ts'

/** Orders a second. */
export interface OrderQuota {
  readonly places: number
  readonly amends: number
  readonly cancels: number
}

export interface AccountQuota {
  readonly single: OrderQuota
  readonly batch: OrderQuota
  /** Who says so: asked of the account, read from the level of its key, or assumed. */
  readonly source: 'account' | 'level' | 'published'
  /** The level, '' where it does not matter. */
  readonly level: string
}

type TradedCategory = Settings['exchange']['category']

const same = (perS: number): OrderQuota => ({ places: perS, amends: perS, cancels: perS })

/** Accounts without level (docs v5/rate-limit, 2026-08). */
const PUBLISHED: Readonly<Record<TradedCategory, Pick<AccountQuota, 'single' | 'batch'>>> = {
  linear: { single: same(10), batch: same(10) },
  spot: { single: { places: 20, amends: 10, cancels: 20 }, batch: same(20) },
}

/** Levels (docs v5/rate-limit/rules-for-vips and rules-for-pros, 2026-08). */
const LEVELS: Readonly<Record<string, Readonly<Record<TradedCategory, number>>>> = {
  VIP1: { linear: 20, spot: 25 },
  VIP2: { linear: 40, spot: 30 },
  VIP3: { linear: 60, spot: 40 },
  VIP4: { linear: 60, spot: 40 },
  VIP5: { linear: 60, spot: 40 },
  SUPREME: { linear: 60, spot: 40 },
  PRO1: { linear: 200, spot: 200 },
  PRO2: { linear: 400, spot: 400 },
  PRO3: { linear: 600, spot: 600 },
  PRO4: { linear: 800, spot: 800 },
  PRO5: { linear: 1_000, spot: 1_000 },
  PRO6: { linear: 1_200, spot: 1_200 },
}

export function publishedQuota(category: TradedCategory): AccountQuota {
  return { ...PUBLISHED[category], source: 'published', level: '' }
}

/** `perS`: what the exchange states for this kind of instrument, 0 when it states nothing. `level`: that of the account. */
export function accountQuota(category: TradedCategory, perS: number, level: string): AccountQuota {
  // One rate for everything, except that of an account without level spot amends have half of it.
  if (perS === PUBLISHED[category].single.places) return { ...PUBLISHED[category], source: 'account', level: '' }
  if (perS > 0) return { single: same(perS), batch: same(perS), source: 'account', level: '' }
  const ofLevel = LEVELS[levelName(level)]?.[category]
  if (ofLevel !== undefined) return { single: same(ofLevel), batch: same(ofLevel), source: 'level', level }
  return publishedQuota(category)
}

/** "VIP-1", "PRO 3", "Supreme VIP" as a key of the table. */
function levelName(text: string): string {
  return /supreme/i.test(text) ? 'SUPREME' : text.replace(/[^a-z0-9]/gi, '').toUpperCase()
}

export function quotaText({ single, batch, source, level }: AccountQuota): string {
  const numbers = `${single.places} places, ${single.amends} amends, ${single.cancels} cancels a second, and in batches ${batch.places} places, ${batch.amends} amends, ${batch.cancels} cancels more`
  const sources = {
    account: 'as the exchange states for the account',
    level: `as published for ${level}`,
    published: 'as published for an account without level',
  }
  return `quota ${numbers} (${sources[source]})`
}
