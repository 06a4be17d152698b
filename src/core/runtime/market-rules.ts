/**
 * Rules that need a market: spread against fees, tick and collar, requests against quotas, sizes against the least order
 * and the balance. Without an exchange to ask they run on stated assumptions, and what cannot be assumed is left out.
 */
import type { Rule, RuleFinding } from '../config/rules.ts'
import type { Settings } from '../config/schema.ts'
import type { AccountQuota, OrderQuota } from './account-quota.ts'
import type { ImpliedQuote } from './implied-spread.ts'

export interface MarketFacts {
  readonly settings: Settings
  readonly symbol: string
  readonly symbols: number
  readonly bpsPerTick: number
  /** Volatility of the mid, bps per √second. */
  readonly sigmaBps: number
  readonly makerFeeBps: number
  /** Levels a side that will be live. */
  readonly levels: number
  /** At no position, long, short. */
  readonly quotes: readonly ImpliedQuote[]
  /** False: tick, volatility and fee are assumptions. */
  readonly isMeasured: boolean
  /** Value of the smallest order, quote coins; null when unknown. */
  readonly leastValue: number | null
  /** Tick and lot, for people; '' when unknown. */
  readonly steps: string
  /** Money that margin can be taken from, quote coins; null when unknown. */
  readonly balance: number | null
  /** Null when unknown, 1 on spot. */
  readonly leverage: number | null
  readonly quota: AccountQuota
  /** Value of the base coin that the account owns, quote coins; null when unknown. */
  readonly ownedValue: number | null
}

const rule = (row: Rule<MarketFacts>): Rule<MarketFacts> => row

export const MARKET_RULES: readonly Rule<MarketFacts>[] = [
  rule({
    code: 'SPREAD_BELOW_FEES',
    severity: 'warning',
    title: 'The spread does not earn the fees',
    keys: ['quoting.halfSpreadBpsMin', 'strategy'],
    check(facts) {
      const half = halfSpreadBps(facts)
      if (half === null || half >= facts.makerFeeBps) return null
      const source = facts.isMeasured ? 'the account pays' : 'a first-level account pays'
      return {
        message: `${facts.symbol}: without a position quotes stand ${bps(half)} from the mid, and ${source} ${bps(facts.makerFeeBps)} for each fill: every round trip loses ${bps(2 * (facts.makerFeeBps - half))}`,
        fix: `Set quoting.halfSpreadBpsMin to ${facts.makerFeeBps} or more, start from --profile conservative, or trade with a lower fee.`,
      }
    },
  }),
  rule({
    code: 'SPREAD_BELOW_TICK',
    severity: 'warning',
    title: 'The tick is coarser than the spread',
    keys: ['quoting.halfSpreadBpsMin', 'strategy'],
    check(facts) {
      const half = halfSpreadBps(facts)
      if (!facts.isMeasured || half === null || half >= facts.bpsPerTick) return null
      return {
        message: `${facts.symbol}: the wanted half spread of ${bps(half)} is below one tick (${bps(facts.bpsPerTick)}): quotes will stand at the touch`,
        fix: 'Widen the quotes, or quote a symbol with a finer tick.',
      }
    },
  }),
  rule({
    code: 'SPREAD_OVER_COLLAR',
    severity: 'error',
    title: 'Quotes lie outside the collar',
    keys: ['risk.midBpsMax', 'strategy'],
    check(facts) {
      const { midBpsMax } = facts.settings.risk
      const half = halfSpreadBps(facts)
      if (half === null || half <= midBpsMax) return null
      return {
        message: `${facts.symbol}: without a position quotes stand ${bps(half)} from the mid, beyond risk.midBpsMax ${midBpsMax}: every one would be refused`,
        fix: 'Check the parameters of the strategy for a wrong unit, or raise risk.midBpsMax.',
      }
    },
  }),
  rule({
    code: 'RATE_NEED',
    severity: 'warning',
    title: 'Quotes will move more often than the limits of the configuration allow',
    keys: ['quoting.toleranceBps', 'quoting.lifeMsMin', 'quoting.levelsMax', 'risk.amendsPerS'],
    check(facts) {
      const { quoting, risk } = facts.settings
      const need = movesPerS(facts)
      const kind = quoting.mayAmend ? 'amends' : 'places'
      const most = quoting.mayAmend ? risk.amendsPerS : risk.placesPerS
      const quota = mostOf(facts.quota, kind)
      // Where the quota is as low, it is what must be told: QUOTA_NEED.
      if (need <= most || most >= quota) return null
      return {
        message: `${2 * facts.levels * facts.symbols} quotes need up to ${need.toFixed(1)} ${kind} a second at ${bps(facts.sigmaBps)} per √s, and risk.${kind}PerS is ${most}: quotes will lag the market`,
        fix: `Raise risk.${kind}PerS (the quota is ${quota}), quoting.toleranceBps or quoting.lifeMsMin, or quote fewer levels or symbols.`,
      }
    },
  }),
  rule({
    code: 'QUOTA_NEED',
    severity: 'warning',
    title: 'Quotes will move more often than the quota of the account',
    keys: ['quoting.toleranceBps', 'quoting.lifeMsMin', 'quoting.levelsMax', 'quoting.mayAmend'],
    check(facts) {
      const { quota } = facts
      const short = needs(facts).filter(({ perS, kind }) => perS > mostOf(quota, kind))
      if (short.length === 0) return null
      const list = short.map(({ kind, perS }) => `${perS.toFixed(1)} ${kind} of ${classText(quota, kind)}`)
      return {
        message: `${2 * facts.levels * facts.symbols} quotes need a second, at ${bps(facts.sigmaBps)} per √s, up to ${list.join(' and ')} (${sourceText(quota)}): quotes will lag the market`,
        fix: 'Raise quoting.toleranceBps or quoting.lifeMsMin, quote fewer levels or symbols, or ask for a higher level.',
      }
    },
  }),
  rule({
    code: 'RATE_OVER_QUOTA',
    severity: 'warning',
    title: 'More requests are allowed than an account without level has',
    keys: ['risk.placesPerS', 'risk.amendsPerS', 'risk.cancelReserve'],
    check: (facts) => (facts.quota.source === 'published' ? overQuota(facts) : null),
  }),
  rule({
    code: 'RATE_OVER_ACCOUNT_QUOTA',
    severity: 'error',
    title: 'More requests are allowed than the account has',
    keys: ['risk.placesPerS', 'risk.amendsPerS', 'risk.cancelReserve'],
    check: (facts) => (facts.quota.source === 'published' ? null : overQuota(facts)),
  }),
  rule({
    code: 'RATE_NEEDS_BATCHES',
    severity: 'note',
    title: 'Only batches carry that many places or amends',
    keys: ['risk.placesPerS', 'risk.amendsPerS'],
    check({ quota, settings: { risk } }) {
      const { single, batch } = quota
      const wanted = { places: risk.placesPerS, amends: risk.amendsPerS }
      const over = (['places', 'amends'] as const).filter(
        (kind) => wanted[kind] > single[kind] && wanted[kind] <= mostOf(quota, kind),
      )
      const [first] = over
      if (first === undefined) return null
      const list = over.map(
        (kind) =>
          `risk.${kind}PerS ${wanted[kind]} is above the ${single[kind]} single ${kind} of the quota (${batch[kind]} more in batches)`,
      )
      return {
        message: `${list.join(', ')}: the rest goes out only where one decision has several orders of a kind`,
        fix: 'Nothing to do; below the single quota every request fits.',
        key: `risk.${first}PerS`,
      }
    },
  }),
  rule({
    code: 'ORDER_TOO_SMALL',
    severity: 'error',
    title: 'One quote is smaller than the exchange takes',
    keys: ['quoting.orderValue'],
    check({ leastValue, settings: { quoting }, symbol }) {
      if (leastValue === null || Number(quoting.orderValue) >= leastValue) return null
      return {
        message: `quoting.orderValue ${quoting.orderValue} is less than the smallest order of ${symbol}, ${leastValue.toFixed(2)}`,
        fix: `Set quoting.orderValue to ${Math.ceil(leastValue * 1.01)} or more.`,
      }
    },
  }),
  rule({
    code: 'BALANCE_TOO_SMALL',
    severity: 'error',
    title: 'The balance does not carry the position',
    keys: ['risk.positionValueMax', 'quoting.orderValue', 'quoting.levelsMax'],
    check({ balance, leverage, symbols, settings: { risk } }) {
      const need = (Number(risk.positionValueMax) * symbols) / (leverage ?? 1)
      if (balance === null || need <= balance) return null
      return {
        message: `the largest position of ${risk.positionValueMax} × ${symbols} needs a margin of ${need.toFixed(2)}, and ${balance.toFixed(2)} is there`,
        fix: 'Lower risk.positionValueMax, or fund the account.',
      }
    },
  }),
  rule({
    code: 'SPOT_NOTHING_TO_SELL',
    severity: 'warning',
    title: 'The account owns less than the bot may sell',
    keys: ['risk.positionValueMax', 'exchange.category'],
    check({ ownedValue, symbol, settings: { risk, exchange } }) {
      if (exchange.category !== 'spot' || ownedValue === null) return null
      if (Number(risk.positionValueMax) <= ownedValue) return null
      return {
        message: `${symbol}: spot sells only what the account owns, ${ownedValue.toFixed(2)} worth of it, and risk.positionValueMax lets the bot sell ${risk.positionValueMax}: the exchange will refuse asks beyond`,
        fix: 'Buy the coin first, or lower risk.positionValueMax to what the account owns.',
      }
    },
  }),
]

type OrderKind = keyof OrderQuota
const ORDER_KINDS: readonly OrderKind[] = ['places', 'amends', 'cancels']

/** Requests a second of each kind that moving the quotes takes: one amend, or a cancel and a place. */
function needs(facts: MarketFacts): readonly { readonly kind: OrderKind; readonly perS: number }[] {
  const perS = movesPerS(facts)
  const kinds = facts.settings.quoting.mayAmend ? (['amends'] as const) : (['places', 'cancels'] as const)
  return kinds.map((kind) => ({ kind, perS }))
}

function mostOf({ single, batch }: AccountQuota, kind: OrderKind): number {
  return single[kind] + batch[kind]
}

function classText({ single, batch }: AccountQuota, kind: OrderKind): string {
  return `${single[kind]} single and ${batch[kind]} in batches`
}

function sourceText({ source, level }: AccountQuota): string {
  if (source === 'account') return 'the quota that the exchange states for the account'
  return source === 'level' ? `the quota published for ${level}` : 'the quota published for an account without level'
}

function overQuota({ quota, settings: { risk } }: MarketFacts): RuleFinding | null {
  const wanted: OrderQuota = { places: risk.placesPerS, amends: risk.amendsPerS, cancels: risk.cancelReserve }
  const keys = { places: 'risk.placesPerS', amends: 'risk.amendsPerS', cancels: 'risk.cancelReserve' }
  const over = ORDER_KINDS.filter((kind) => wanted[kind] > mostOf(quota, kind))
  const [first] = over
  if (first === undefined) return null
  const list = over.map((kind) => `${keys[kind]} ${wanted[kind]} is above ${classText(quota, kind)}`)
  const asked = quota.source === 'published' ? ' Ask for the quota of the account with --account.' : ''
  return {
    message: `${list.join(', ')}: ${sourceText(quota)}`,
    fix: `Stay at or below it.${asked}`,
    key: keys[first],
  }
}

/** Half spread without a position, bps; null when nothing is quoted. */
export function halfSpreadBps({ quotes, bpsPerTick }: MarketFacts): number | null {
  const [flat] = quotes
  if (flat?.bidTicks === undefined || flat.bidTicks === null || flat.askTicks === null) return null
  return ((flat.bidTicks + flat.askTicks) / 2) * bpsPerTick
}

/**
 * Changes a second of all quotes: a price without drift leaves ±a after (a/σ)² seconds on average (first exit of a Brownian
 * motion), and no quote changes more often than its least life allows.
 */
export function movesPerS({ settings: { quoting }, sigmaBps, bpsPerTick, levels, symbols }: MarketFacts): number {
  const toleranceBps = Math.max(quoting.toleranceBps, quoting.toleranceTicks * bpsPerTick, bpsPerTick)
  const perQuote = Math.min((sigmaBps / toleranceBps) ** 2, 1_000 / Math.max(quoting.lifeMsMin, 100))
  return perQuote * 2 * levels * symbols
}

export function bps(value: number): string {
  return `${value.toFixed(value < 0.1 ? 4 : 2)} bps`
}
