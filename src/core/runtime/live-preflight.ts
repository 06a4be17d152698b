/**
 * Asks an exchange whether the configuration can work there: the market of each symbol, and with a key the account as it
 * is. Only reads; nothing at the exchange is changed. Each thing that stands in the way is one problem with its fix.
 */
import { loadCredentials } from '../credentials.ts'
import type { Origin } from '../config/origin.ts'
import type { Problem, Severity } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { guardAddress } from '../deadman/address.ts'
import { HeartbeatSender } from '../deadman/sender.ts'
import { MmError } from '../errors.ts'
import { hostsOf } from './live-hosts.ts'
import { netWire } from '../exchange/bybit/net-wire.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import type { VenueName } from './venue.ts'
import { type AccountQuota, accountQuota, quotaText } from './account-quota.ts'
import { accountProblems, type AccountState, type GuardState } from './live-preflight-account.ts'
import { LiveReader, listOf, numberAt, type Reply, rowsOf, textAt, type Row } from './live-preflight-reader.ts'
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

interface ReadAccount {
  readonly uid: string
  readonly fees: ReadonlyMap<string, number>
  readonly balance: number | null
  readonly leverage: number | null
  readonly quota: AccountQuota | null
  /** Amounts by coin; null when they are not known. */
  readonly owned: ReadonlyMap<string, number> | null
  readonly remarks: readonly string[]
  problems(origin: Origin): Problem[]
}

async function readAccount(
  reader: LiveReader,
  { settings, symbols, venue }: PreflightOptions,
): Promise<ReadAccount | null> {
  const { category } = settings.exchange
  const key = await reader.signed('/v5/user/query-api', {})
  if (key.code !== 0) return refusedKey(key.code, key.message)
  const info = await reader.signed('/v5/account/info', {})
  const limits = await reader.signed('/v5/apilimit/query', { uids: textAt(key.result, 'userID') })
  const actions = await reader.signed('/v5/account/user-setting-config', {})
  const dcp = await reader.signed('/v5/account/query-dcp-info', {})
  const wallet = await reader.signed('/v5/account/wallet-balance', { accountType: 'UNIFIED' })
  const positions = category === 'spot' ? [] : await readPositions(reader, category, symbols)
  const quota = accountQuota(category, statedRate(limits, category), textAt(key.result, 'vipLevel'))
  const fees = await readFees(reader, category, symbols)
  const state: AccountState = {
    nowMs: reader.exchangeMs(),
    category,
    isDemo: venue === 'demo',
    key: key.result,
    info: info.result,
    actions: actions.code === 0 ? actions.result : null,
    dcp: dcp.code === 0 ? dcp.result : null,
    positions,
    leverage: settings.exchange.leverage ?? null,
    guard: await guardOf(settings),
  }
  const [account = {}] = rowsOf(wallet.result)
  const leverages = positions.map((row) => numberAt(row, 'leverage')).filter((value) => value > 0)
  return {
    uid: textAt(key.result, 'userID'),
    fees,
    balance: numberOrNull(account, 'totalAvailableBalance'),
    leverage: category === 'spot' ? 1 : leverages.length === 0 ? null : Math.min(...leverages),
    quota,
    owned: ownedCoins(account),
    remarks: [
      `account ${textAt(key.result, 'userID')}: balance ${textAt(account, 'totalAvailableBalance') || '?'} USD, leverage ${leverages.join(', ') || '?'}`,
      `account ${textAt(key.result, 'userID')}: ${quotaText(quota)}`,
    ],
    problems: (origin) => accountProblems(state).map((entry) => ({ ...entry, origin })),
  }
}

// Nothing more can be read with a key that is not accepted; why it is not, is the one problem.
function refusedKey(code: number, message: string): ReadAccount {
  const [name, fix] = KEY_REFUSALS[code] ?? ['KEY_REFUSED', 'Check key, secret and venue in the API management page.']
  const problem = {
    code: name,
    severity: 'error' as Severity,
    key: '',
    message: `the exchange refused the key (${code}): ${message}`,
    fix,
  }
  return {
    uid: '',
    fees: new Map(),
    balance: null,
    leverage: null,
    quota: null,
    owned: null,
    remarks: [],
    problems: (origin) => [{ ...problem, origin }],
  }
}

const KEY_REFUSALS: Readonly<Record<number, readonly [string, string]>> = {
  10002: ['CLOCK_SKEW', 'Set the clock of this machine by a time service such as chrony.'],
  10003: ['KEY_UNKNOWN', 'Check the key, and that it was made for this venue.'],
  10004: ['KEY_SIGNATURE', 'The secret does not belong to the key: copy both again.'],
  10010: ['KEY_IP_MISMATCH', 'Add the address of this machine to the IP list of the key.'],
  33004: ['KEY_EXPIRED', 'Make a new key, bound to the address of this machine so that it does not expire.'],
}

const BUSINESS: Readonly<Record<string, string>> = { linear: 'DERIVATIVES', spot: 'SPOT' }

// 0 when the exchange does not say: not every account may ask.
function statedRate({ code, result }: Reply, category: string): number {
  const row = rowsOf(result).find((one) => textAt(one, 'bizType') === BUSINESS[category])
  return code === 0 && row !== undefined ? numberAt(row, 'rate') : 0
}

async function readPositions(reader: LiveReader, category: string, symbols: readonly string[]): Promise<Row[]> {
  const replies = await Promise.all(symbols.map((symbol) => reader.signed('/v5/position/list', { category, symbol })))
  return replies.flatMap(({ result }) => rowsOf(result))
}

async function readFees(
  reader: LiveReader,
  category: string,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const replies = await Promise.all(
    symbols.map((symbol) => reader.signed('/v5/account/fee-rate', { category, symbol })),
  )
  const rows = replies.flatMap(({ result }) => rowsOf(result))
  return new Map(rows.map((row) => [textAt(row, 'symbol'), numberAt(row, 'makerFeeRate') * 10_000]))
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

// Contracts state least lots and least notional; spot states the least amount.
function leastValue(lots: Row, mid: number): number {
  return Math.max(
    numberAt(lots, 'minOrderQty') * mid,
    numberAt(lots, 'minNotionalValue'),
    numberAt(lots, 'minOrderAmt'),
  )
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

function ownedCoins(account: Row): ReadonlyMap<string, number> {
  const coins = rowsOf({ list: account['coin'] })
  return new Map(coins.map((row) => [textAt(row, 'coin'), numberAt(row, 'walletBalance')]))
}

// A guard that is configured must answer; one that is not may still be given as a flag.
async function guardOf({ deadman }: Settings): Promise<GuardState> {
  const { address, keyFile = '' } = deadman
  if (address === undefined) return { kind: 'none' }
  try {
    return { kind: (await HeartbeatSender.probe(guardAddress(address, keyFile))) ? 'answers' : 'silent', address }
  } catch (error) {
    if (!(error instanceof MmError)) throw error
    return { kind: 'unusable', address, why: error.message }
  }
}

function nested(row: Row, name: string): Row {
  const value = row[name]
  return typeof value === 'object' && value !== null ? (value as Row) : {}
}

function numberOrNull(row: Row, name: string): number | null {
  return textAt(row, name) === '' ? null : numberAt(row, name)
}
