/** From settings and a market, measured or assumed, to the facts that market rules judge and that people are shown. */
import type { Settings } from '../config/schema.ts'
import type { Packs } from '../engine/state.ts'
import { type AccountQuota, publishedQuota, quotaText } from './account-quota.ts'
import { impliedQuotes } from './implied-spread.ts'
import { bps, halfSpreadBps, type MarketFacts, movesPerS } from './market-rules.ts'

/** What an exchange said about a symbol and the account, in quote coins and bps; null: not known. */
export interface MeasuredMarket {
  readonly symbol: string
  readonly bpsPerTick: number
  readonly sigmaBps: number | null
  readonly makerFeeBps: number | null
  readonly leastValue: number | null
  /** Tick and lot, for people. */
  readonly steps?: string
  readonly balance: number | null
  readonly leverage: number | null
  /** Null: nobody asked the account. */
  readonly quota: AccountQuota | null
  /** Value of the base coin that the account owns. */
  readonly ownedValue: number | null
}

/** A calm hour of bitcoin (50 % a year would be 0.9 bps per √s); the first fee level of linear contracts is 2 bps. */
const ASSUMED = { sigmaBps: 0.3, makerFeeBps: 2, bpsPerTick: 0.01 } as const
/** Price in ticks at which the strategies are asked: fine enough that rounding does not show. */
const SCALE = 10_000

export function marketFacts(
  settings: Settings,
  packs: Packs,
  markets: readonly MeasuredMarket[],
): readonly MarketFacts[] {
  const symbols = settings.exchange.symbols?.length ?? 1
  if (markets.length === 0) return [factsOf(settings, packs, { symbols, market: null })]
  return markets.map((market) => factsOf(settings, packs, { symbols: markets.length, market }))
}

interface Subject {
  readonly symbols: number
  readonly market: MeasuredMarket | null
}

function factsOf(settings: Settings, packs: Packs, { symbols, market }: Subject): MarketFacts {
  const { quoting, strategy } = settings
  const pack = packs.strategies.get(strategy)
  const params = settings.strategies[strategy] ?? {}
  const bpsPerTick = market?.bpsPerTick ?? ASSUMED.bpsPerTick
  const sigmaBps = market?.sigmaBps ?? ASSUMED.sigmaBps
  const wanted = params['levels'] ?? pack?.keys.find(({ name }) => name === 'levels')?.default ?? quoting.levelsMax
  const quoteLots = 100
  const positionLotsMax = Math.round((quoteLots * Number(quoting.positionValueMax)) / Number(quoting.orderValue))
  const quotes =
    pack === undefined
      ? []
      : impliedQuotes(pack, params, {
          midTicks: Math.round(SCALE / bpsPerTick),
          sigmaTicks: sigmaBps / bpsPerTick,
          quoteLots,
          positionLotsMax,
          halfSpreadTicksMin: quoting.halfSpreadBpsMin / bpsPerTick,
        })
  return {
    settings,
    symbol: market?.symbol ?? 'any symbol',
    symbols,
    bpsPerTick,
    sigmaBps,
    makerFeeBps: market?.makerFeeBps ?? ASSUMED.makerFeeBps,
    levels: Math.min(quoting.levelsMax, wanted),
    quotes,
    isMeasured: market !== null,
    leastValue: market?.leastValue ?? null,
    steps: market?.steps ?? '',
    balance: market?.balance ?? null,
    leverage: market?.leverage ?? null,
    quota: market?.quota ?? publishedQuota(settings.exchange.category),
    ownedValue: market?.ownedValue ?? null,
  }
}

/** Lines for people: what the strategy would quote, and how often it would move. */
export function marketRemarks(facts: MarketFacts): string[] {
  const { symbol, isMeasured, sigmaBps, bpsPerTick, quotes } = facts
  const source = isMeasured ? '' : ' (assumed; --venue or --exchange-url measures)'
  const labels = ['no position', 'long', 'short']
  const distance = (ticks: number | null): string =>
    ticks === null ? 'none' : `${bps(ticks * bpsPerTick)}${isMeasured ? ` = ${Math.round(ticks)} ticks` : ''}`
  return [
    `${symbol}: volatility ${bps(sigmaBps)} per √s, maker fee ${bps(facts.makerFeeBps)}${source}`,
    ...(facts.steps === '' ? [] : [`  ${facts.steps}, least order ${(facts.leastValue ?? 0).toFixed(2)}`]),
    ...quotes.map(
      ({ bidTicks, askTicks }, at) =>
        `  ${(labels[at] ?? '').padEnd(12)} bid ${distance(bidTicks)} below, ask ${distance(askTicks)} above the mid`,
    ),
    `  up to ${movesPerS(facts).toFixed(1)} changes of quotes a second`,
    // What was asked of the account is said once, with the account.
    ...(facts.quota.source === 'published' ? [`  ${quotaText(facts.quota)}; --account asks for its own`] : []),
  ]
}

/** The same as data. */
export function marketData(facts: MarketFacts): object {
  const { symbol, isMeasured, sigmaBps, makerFeeBps, bpsPerTick, quotes } = facts
  const inBps = (ticks: number | null): number | null => (ticks === null ? null : ticks * bpsPerTick)
  return {
    symbol,
    isMeasured,
    sigmaBps,
    makerFeeBps,
    bpsPerTick,
    leastValue: facts.leastValue,
    quota: facts.quota,
    halfSpreadBps: halfSpreadBps(facts),
    changesPerS: movesPerS(facts),
    quotes: quotes.map(({ bidTicks, askTicks }, at) => ({
      position: ['none', 'long', 'short'][at],
      bidBps: inBps(bidTicks),
      askBps: inBps(askTicks),
      bidTicks: isMeasured ? bidTicks : null,
      askTicks: isMeasured ? askTicks : null,
    })),
  }
}
