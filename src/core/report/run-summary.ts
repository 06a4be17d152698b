/**
 * The result of one run, the same for trade and backtest: facts in, JSON-able summary out. Exact sums stay integers until
 * they become decimal text here; shares and basis points are floats for people. Nothing in it depends on wall time.
 */
import { Decimal } from 'decimal.js'
import type { Identity, Parts } from '../domain/attribution.ts'
import { formatBig, trimZeros } from '../domain/fixed.ts'
import { type Instrument, sizeText } from '../domain/instrument.ts'
import type { MarkoutRow } from '../domain/markout.ts'
import type { MoneyScale } from '../domain/money.ts'
import type { SymbolTally } from './run-tally.ts'

export const SUMMARY_SCHEMA_VERSION = 1

/** What a run hands over about one symbol. */
export interface SymbolFacts {
  readonly instrument: Instrument
  readonly scale: MoneyScale
  readonly parts: Parts
  readonly identity: Identity
  readonly positionLots: number
  readonly markouts: readonly MarkoutRow[]
  readonly tally: Readonly<SymbolTally>
}

export interface RunFacts {
  /** trade, backtest. */
  readonly run: string
  readonly seed: number
  readonly startedUs: number
  readonly endedUs: number
  readonly exitReason: string
  /** Ids of orders that are open at the end, as the exchange says. */
  readonly openOrders: readonly string[]
  /** Ids that the bot itself holds for open; they are told when nobody could ask the exchange. */
  readonly believedOpen?: readonly string[]
  /** The exchange was asked and stated that none is open. */
  readonly verifiedZero: boolean
  /** Whatever was counted over the run, by name. */
  readonly counters: Readonly<Record<string, number>>
  /** Names of the models behind a simulated market, by what they model; empty on a real one. */
  readonly models: Readonly<Record<string, string>>
  readonly symbols: readonly SymbolFacts[]
}

export interface PnlSummary {
  readonly coin: string
  readonly total: string
  readonly spreadCapture: string
  readonly inventory: string
  readonly fees: string
  readonly rebates: string
  readonly funding: string
  readonly carried: string
  /** Total from the account (cash + position × mid − charges) equals the sum of the parts, to the last unit. */
  readonly identityExact: boolean
}

export interface MarkoutSummary {
  readonly horizonMs: number
  readonly fills: number
  /** Fills whose later mid the data does not hold. */
  readonly unresolved: number
  /** Σ side × (mid(t+τ) − price) × size, quote coins. */
  readonly markout: string
  /** Of that what the mid did after the fill: negative is adverse selection. */
  readonly drift: string
  /** Markout over notional; null without fills. */
  readonly bps: number | null
}

export interface TradeSummary {
  readonly fills: number
  readonly ordersPlaced: number
  readonly ordersFilled: number
  /** Share of the placed orders that traded at all; null when none was placed. */
  readonly fillRate: number | null
  /** Share of the traded size that rested in the book; null without fills. */
  readonly makerShare: number | null
  readonly volume: string
  readonly notional: string
}

export interface SymbolSummary extends TradeSummary {
  readonly symbol: string
  readonly position: string
  readonly pnl: PnlSummary
  readonly markouts: readonly MarkoutSummary[]
}

export interface RunSummary {
  readonly type: 'summary'
  readonly schemaVersion: number
  readonly run: string
  readonly seed: number
  readonly startMs: number
  readonly seconds: number
  readonly exitReason: string
  readonly fills: number
  readonly fillRate: number | null
  readonly makerShare: number | null
  /** Null: nobody could look, so there may be some. Never 0 unless it was shown. */
  readonly openOrders: number | null
  /** While `openOrders` is null: those that the bot itself holds for open. */
  readonly openOrderIds: readonly string[]
  readonly verifiedZero: boolean
  /** Of the first quote coin; `pnlByCoin` has all. */
  readonly pnl: PnlSummary
  readonly pnlByCoin: readonly PnlSummary[]
  /** Of the first symbol; `symbols` has all. */
  readonly markouts: readonly MarkoutSummary[]
  readonly position: Readonly<Record<string, string>>
  readonly counters: Readonly<Record<string, number>>
  readonly models: Readonly<Record<string, string>>
  readonly symbols: readonly SymbolSummary[]
}

export function runSummary(facts: RunFacts): RunSummary {
  const symbols = facts.symbols.map(symbolSummary)
  const pnlByCoin = coinsOf(facts.symbols).map((coin) =>
    pnlOf(
      facts.symbols.filter(({ instrument }) => instrument.quoteCoin === coin),
      coin,
    ),
  )
  const isUnknown = facts.openOrders.length === 0 && !facts.verifiedZero
  return {
    type: 'summary',
    schemaVersion: SUMMARY_SCHEMA_VERSION,
    run: facts.run,
    seed: facts.seed,
    startMs: Math.floor(facts.startedUs / 1_000),
    seconds: (facts.endedUs - facts.startedUs) / 1_000_000,
    exitReason: facts.exitReason,
    ...shares(facts.symbols),
    openOrders: isUnknown ? null : facts.openOrders.length,
    openOrderIds: isUnknown ? (facts.believedOpen ?? []) : facts.openOrders,
    verifiedZero: facts.verifiedZero,
    pnl: pnlByCoin[0] ?? pnlOf([], ''),
    pnlByCoin,
    markouts: symbols[0]?.markouts ?? [],
    position: Object.fromEntries(symbols.map(({ symbol, position }) => [symbol, position])),
    counters: facts.counters,
    models: facts.models,
    symbols,
  }
}

function symbolSummary(facts: SymbolFacts): SymbolSummary {
  const { instrument, scale, tally } = facts
  const { fills, fillRate, makerShare } = shares([facts])
  return {
    symbol: instrument.symbol,
    position: sizeText(facts.positionLots, instrument),
    fills,
    ordersPlaced: tally.ordersPlaced,
    ordersFilled: tally.ordersFilled,
    fillRate,
    makerShare,
    volume: trimZeros(formatBig(tally.lots * BigInt(instrument.size.stepUnits), instrument.size.decimals)),
    notional: amountText(2n * tally.notionalMoney * scale.perHalf, scale.decimals),
    pnl: pnlOf([facts], instrument.quoteCoin),
    markouts: facts.markouts.map((row) => markoutSummary(row, scale)),
  }
}

function shares(symbols: readonly SymbolFacts[]): Pick<TradeSummary, 'fills' | 'fillRate' | 'makerShare'> {
  const sum = (pick: (tally: Readonly<SymbolTally>) => number): number =>
    symbols.reduce((total, { tally }) => total + pick(tally), 0)
  // Lots of different symbols do not add up: weigh each symbol's maker share by what it traded in coins.
  let [traded, made] = [new Decimal(0), new Decimal(0)]
  for (const { tally, scale } of symbols) {
    if (tally.lots === 0n) continue
    const notional = new Decimal(amountText(2n * tally.notionalMoney * scale.perHalf, scale.decimals))
    traded = traded.plus(notional)
    made = made.plus(notional.times(String(tally.makerLots)).div(String(tally.lots)))
  }
  return {
    fills: sum((tally) => tally.fills),
    fillRate: share(
      sum((tally) => tally.ordersFilled),
      sum((tally) => tally.ordersPlaced),
    ),
    makerShare: share(made, traded),
  }
}

/** A part of a whole to twelve decimals; null when there is no whole. */
function share(part: Decimal.Value, whole: Decimal.Value): number | null {
  return new Decimal(whole).isZero() ? null : new Decimal(part).div(whole).toDecimalPlaces(12).toNumber()
}

// Scales may differ between symbols: all are brought to the finest, where the sums are exact.
function pnlOf(symbols: readonly SymbolFacts[], coin: string): PnlSummary {
  const decimals = Math.max(8, ...symbols.map(({ scale }) => scale.decimals))
  const sum = (pick: (facts: SymbolFacts) => bigint): bigint =>
    symbols.reduce((total, facts) => total + pick(facts) * 10n ** BigInt(decimals - facts.scale.decimals), 0n)
  const text = (pick: (facts: SymbolFacts) => bigint): string => amountText(sum(pick), decimals)
  return {
    coin,
    total: text(({ identity }) => identity.total),
    spreadCapture: text(({ parts }) => parts.spreadCapture),
    inventory: text(({ parts }) => parts.inventory),
    fees: text(({ parts }) => parts.fees),
    rebates: text(({ parts }) => parts.rebates),
    funding: text(({ parts }) => parts.funding),
    carried: text(({ parts }) => parts.carried),
    identityExact: sum(({ identity }) => identity.total) === sum(({ identity }) => identity.parts),
  }
}

function markoutSummary(row: MarkoutRow, scale: MoneyScale): MarkoutSummary {
  return {
    horizonMs: row.horizonUs / 1_000,
    fills: row.fills,
    unresolved: row.unresolved,
    markout: amountText(row.markoutHalf * scale.perHalf, scale.decimals),
    drift: amountText(row.driftHalf * scale.perHalf, scale.decimals),
    bps: Number.isFinite(row.markoutBps) ? row.markoutBps : null,
  }
}

function coinsOf(symbols: readonly SymbolFacts[]): readonly string[] {
  return [...new Set(symbols.map(({ instrument }) => instrument.quoteCoin))]
}

function amountText(amount: bigint, decimals: number): string {
  return trimZeros(formatBig(amount, decimals))
}
