/**
 * Asks an exchange whether the configuration can work there: the market of each symbol, and with a key the account as it
 * is. Only reads; nothing at the exchange is changed. Each thing that stands in the way is one problem with its fix.
 */
import { loadCredentials } from '../credentials.ts'
import type { Origin } from '../config/origin.ts'
import type { Problem } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { hostsOf } from './live-hosts.ts'
import { isEnding } from '../exchange/bybit/instruments.ts'
import { netWire } from '../exchange/bybit/net-wire.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import type { VenueName } from './venue.ts'
import { type ReadAccount, readAccount } from './live-account.ts'
import { LiveReader, listOf, numberAt, rowsOf, textAt, type Row } from './live-preflight-reader.ts'
import type { MeasuredMarket } from './market-facts.ts'

export interface PreflightOptions {
  readonly venue: Exclude<VenueName, 'paper'>
  readonly exchangeUrl: string | undefined
  readonly withAccount: boolean
  readonly symbols: readonly string[]
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface PreflightResult {
  readonly markets: readonly MeasuredMarket[]
  readonly problems: readonly Problem[]
  readonly remarks: readonly string[]
  readonly data: object
}

/** A clock further off than this makes signed requests miss their window. */
const CLOCK_MS_MAX = 500

/** Throws EXCHANGE_UNREACHABLE, HOST_REFUSED or what is wrong with the credentials: then nothing can be said. */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const { exchangeUrl, venue, withAccount, settings, env } = options
  const name = exchangeUrl ?? venue
  const origin: Origin = { kind: 'exchange', name }
  const wire = netWire(hostsOf(options), venue)
  const signer = withAccount ? signerOf(loadCredentials({ env, file: settings.exchange.credentialsFile })) : null
  const reader = new LiveReader(wire, signer)
  const clock = await reader.measureClock()
  const account = signer === null ? null : await readAccount(reader, options)
  const clockProblems = Math.abs(clock.offsetMs) - clock.errorMs > CLOCK_MS_MAX ? [clockProblem(clock, origin)] : []
  const markets: MeasuredMarket[] = []
  const problems: Problem[] = [...clockProblems, ...(account?.problems(origin) ?? [])]
  for (const symbol of options.symbols) {
    const read = await readMarket(reader, symbol, options)
    problems.push(...read.problems.map((entry) => ({ ...entry, origin })))
    if (read.market !== null) markets.push(withAccountFacts(read, read.market, account))
  }
  const remarks = [`${name}: clock ${clock.offsetMs.toFixed(0)} ms apart`, ...(account?.remarks ?? [])]
  return {
    markets,
    problems,
    remarks,
    data: {
      exchange: name,
      clockOffsetMs: clock.offsetMs,
      uid: account?.uid ?? null,
      quota: account?.quota ?? null,
    },
  }
}

function clockProblem({ offsetMs }: { offsetMs: number }, origin: Origin): Problem {
  return {
    code: 'CLOCK_SKEW',
    severity: 'error',
    key: '',
    message: `this machine's clock is ${Math.abs(offsetMs).toFixed(0)} ms ${offsetMs > 0 ? 'behind' : 'ahead of'} the exchange's`,
    fix: 'Run a time service such as chrony; ages of market data and the windows of requests depend on the clock.',
    origin,
  }
}

interface ReadMarket {
  readonly market: MeasuredMarket | null
  readonly baseCoin: string
  readonly mid: number
  readonly problems: readonly Omit<Problem, 'origin'>[]
}

async function readMarket(reader: LiveReader, symbol: string, { settings }: PreflightOptions): Promise<ReadMarket> {
  const { category } = settings.exchange
  const found = await findInstrument(reader, category, symbol)
  if (found === null) {
    const fix = 'Check the spelling, exchange.category and --symbols.'
    return missing('SYMBOL_UNKNOWN', `${symbol}: the exchange lists no such ${category} symbol`, fix)
  }
  const status = textAt(found, 'status')
  if (status !== 'Trading') {
    const fix = 'Choose another symbol, or wait until its status is Trading.'
    return missing('SYMBOL_NOT_TRADING', `${symbol} is not trading: its status is ${status}`, fix)
  }
  if (isEnding(found)) {
    const fix = 'Choose another symbol; mm trade refuses this one, too.'
    return missing('SYMBOL_ENDING', `${symbol} is being delisted`, fix)
  }
  const ticker = rowsOf((await reader.open('/v5/market/tickers', { category, symbol })).result)[0] ?? {}
  const mid = (numberAt(ticker, 'bid1Price') + numberAt(ticker, 'ask1Price')) / 2
  if (!(mid > 0))
    return missing('SYMBOL_NO_PRICE', `${symbol} has no bid or no ask now`, 'Look at the market; try again later.')
  const klines = await reader.open('/v5/market/kline', { category, symbol, interval: '1', limit: '120' })
  const market: MeasuredMarket = {
    symbol,
    bpsPerTick: (numberAt(nested(found, 'priceFilter'), 'tickSize') / mid) * 10_000,
    sigmaBps: volatilityBps(listOf(klines.result)),
    makerFeeBps: null,
    leastValue: leastValue(nested(found, 'lotSizeFilter'), mid),
    steps: stepsText(found),
    balance: null,
    leverage: null,
    quota: null,
    ownedValue: null,
  }
  return { market, baseCoin: textAt(found, 'baseCoin'), mid, problems: [] }
}

function missing(code: string, message: string, fix: string): ReadMarket {
  return {
    market: null,
    baseCoin: '',
    mid: Number.NaN,
    problems: [{ code, severity: 'error', key: 'exchange.symbols', message, fix }],
  }
}

// Asked without a status the exchange shows what trades; what is to come must be asked for.
async function findInstrument(reader: LiveReader, category: string, symbol: string): Promise<Row | null> {
  for (const status of ['', 'PreLaunch', 'Delivering', 'Closed']) {
    const query = { category, symbol, ...(status !== '' && { status }) }
    const { result, code } = await reader.open('/v5/market/instruments-info', query)
    const row = code === 0 ? rowsOf(result).find((one) => textAt(one, 'symbol') === symbol) : undefined
    if (row !== undefined) return row
  }
  return null
}

/** Volatility in bps per √s from closes a minute apart, newest first; null from too few. */
export function volatilityBps(klines: readonly unknown[]): number | null {
  const closes = klines.flatMap((row) => (Array.isArray(row) && Number(row[4]) > 0 ? [Number(row[4])] : []))
  const returns = closes.slice(1).map((close, at) => Math.log((closes[at] ?? close) / close))
  if (returns.length < 10) return null
  const variance = returns.reduce((sum, value) => sum + value * value, 0) / returns.length
  return Math.sqrt(variance / 60) * 10_000
}

// Contracts state least lots and least notional; spot states the least amount. Only whole lots can be ordered.
function leastValue(lots: Row, mid: number): number {
  const lotValue = lotSize(lots) * mid
  const notional = Math.max(numberAt(lots, 'minNotionalValue'), numberAt(lots, 'minOrderAmt'))
  const wholeLots = lotValue > 0 ? Math.ceil(notional / lotValue - 1e-9) * lotValue : notional
  return Math.max(numberAt(lots, 'minOrderQty') * mid, wholeLots)
}

function lotSize(lots: Row): number {
  return numberAt(lots, 'qtyStep') || numberAt(lots, 'basePrecision')
}

function stepsText(instrument: Row): string {
  const lots = nested(instrument, 'lotSizeFilter')
  const lot = textAt(lots, 'qtyStep') || textAt(lots, 'basePrecision')
  return `tick ${textAt(nested(instrument, 'priceFilter'), 'tickSize')}, lot ${lot}`
}

function withAccountFacts(
  { baseCoin, mid }: ReadMarket,
  market: MeasuredMarket,
  account: ReadAccount | null,
): MeasuredMarket {
  if (account === null) return market
  const { fees, balance, leverage, quota, owned } = account
  const ownedValue = owned === null ? null : (owned.get(baseCoin) ?? 0) * mid
  return { ...market, makerFeeBps: fees.get(market.symbol) ?? null, balance, leverage, quota, ownedValue }
}

function nested(row: Row, name: string): Row {
  const value = row[name]
  return typeof value === 'object' && value !== null ? (value as Row) : {}
}
