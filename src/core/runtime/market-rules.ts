/**
 * Rules that need a market: spread against fees, tick and collar, requests against quotas, sizes against the least order
 * and the balance. Without an exchange to ask they run on stated assumptions, and what cannot be assumed is left out.
 */
import type { Rule } from '../config/rules.ts'
import type { Settings } from '../config/schema.ts'
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
  /** Money that margin can be taken from, quote coins; null when unknown. */
  readonly balance: number | null
  /** Null when unknown, 1 on spot. */
  readonly leverage: number | null
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
        fix: `Set quoting.halfSpreadBpsMin to ${facts.makerFeeBps} or more, or trade with a lower fee.`,
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
    title: 'Quotes will move more often than requests allow',
    keys: ['quoting.toleranceBps', 'quoting.lifeMsMin', 'quoting.levelsMax', 'risk.amendsPerS'],
    check(facts) {
      const { quoting, risk } = facts.settings
      const need = movesPerS(facts)
      const most = quoting.mayAmend ? risk.amendsPerS : risk.placesPerS
      if (need <= most) return null
      const kind = quoting.mayAmend ? 'amends' : 'places'
      return {
        message: `${2 * facts.levels * facts.symbols} quotes need up to ${need.toFixed(1)} ${kind} a second at ${bps(facts.sigmaBps)} per √s, and ${most} are allowed: quotes will lag the market`,
        fix: 'Raise quoting.toleranceBps or quoting.lifeMsMin, or quote fewer levels or symbols.',
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
        fix: `Set quoting.orderValue to ${Math.ceil(leastValue)} or more.`,
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
]

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
