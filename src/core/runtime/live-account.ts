/**
 * Reads key, account and the guard of the configuration for the preflight, and turns what is wrong with them into problems.
 * Only reads; a read that the exchange refuses is a problem of its own, never an empty answer.
 */
import type { Origin } from '../config/origin.ts'
import type { Problem, Severity } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { guardAddress } from '../deadman/address.ts'
import { HeartbeatSender } from '../deadman/sender.ts'
import { MmError } from '../errors.ts'
import { type AccountQuota, accountQuota, quotaText } from './account-quota.ts'
import { accountProblems, type AccountState, type GuardState } from './live-preflight-account.ts'
import { type LiveReader, numberAt, type Reply, rowsOf, textAt, type Row } from './live-preflight-reader.ts'
import type { PreflightOptions } from './live-preflight.ts'

export interface ReadAccount {
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

/** What the key, the account and the guard of the configuration are like now. */
export async function readAccount(
  reader: LiveReader,
  { settings, symbols, venue }: Pick<PreflightOptions, 'settings' | 'symbols' | 'venue'>,
): Promise<ReadAccount> {
  const { category } = settings.exchange
  const key = await reader.signed('/v5/user/query-api', {})
  if (key.code !== 0) return refusedKey(key.code, key.message)
  const info = await reader.signed('/v5/account/info', {})
  const limits = await reader.signed('/v5/apilimit/query', { uids: textAt(key.result, 'userID') })
  const actions = await reader.signed('/v5/account/user-setting-config', {})
  const dcp = await reader.signed('/v5/account/query-dcp-info', {})
  const wallet = await reader.signed('/v5/account/wallet-balance', { accountType: 'UNIFIED' })
  const positionReplies = await readPositions(reader, category, symbols)
  const positions = positionReplies.flatMap(({ result }) => rowsOf(result))
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
  const named = positions.map((row) => `${textAt(row, 'symbol')} ${textAt(row, 'leverage') || '?'}`)
  const uid = textAt(key.result, 'userID')
  const [badPosition] = positionReplies.filter(({ code }) => code !== 0 && code !== BAD_PARAMETER)
  const unreadable = unread({
    'account/info': info,
    'account/wallet-balance': wallet,
    'account/fee-rate': fees,
    ...(badPosition !== undefined && { 'position/list': badPosition }),
  })
  return {
    uid,
    fees: new Map(rowsOf(fees.result).map((row) => [textAt(row, 'symbol'), numberAt(row, 'makerFeeRate') * 10_000])),
    balance: numberOrNull(account, 'totalAvailableBalance'),
    leverage: category === 'spot' ? 1 : leverages.length === 0 ? null : Math.min(...leverages),
    quota,
    owned: ownedCoins(account),
    remarks: [
      `account ${uid}: balance ${textAt(account, 'totalAvailableBalance') || '?'} USD${category === 'spot' ? '' : `, leverage ${[...new Set(named)].join(', ') || '?'}`}`,
      `account ${uid}: ${quotaText(quota)}`,
    ],
    problems: (origin) => [...unreadable, ...accountProblems(state)].map((entry) => ({ ...entry, origin })),
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

async function readPositions(reader: LiveReader, category: string, symbols: readonly string[]): Promise<Reply[]> {
  if (category === 'spot') return []
  return Promise.all(symbols.map((symbol) => reader.signed('/v5/position/list', { category, symbol })))
}

// Five requests a second are allowed here: of several symbols all are asked for at once.
function readFees(reader: LiveReader, category: string, symbols: readonly string[]): Promise<Reply> {
  const only = symbols.length === 1 ? { symbol: symbols[0] ?? '' } : {}
  return reader.signed('/v5/account/fee-rate', { category, ...only })
}

/** Asked about a symbol that it does not list, the exchange speaks of parameters; the market says it better. */
const BAD_PARAMETER = 10_001

// What could not be read could hide anything: not known is not fine.
function unread(replies: Readonly<Record<string, Reply>>): Omit<Problem, 'origin'>[] {
  return Object.entries(replies)
    .filter(([, { code }]) => code !== 0 && code !== BAD_PARAMETER)
    .map(([path, { code, message }]) => ({
      code: 'ACCOUNT_UNREADABLE',
      severity: 'error',
      key: '',
      message: `the exchange refused ${path} (${code}): ${message}`,
      fix: 'Give the key the permission to read it (positions, wallet, account) in the API management page; if it is a limit, ask again.',
      isUnreadable: true,
    }))
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

function numberOrNull(row: Row, name: string): number | null {
  return textAt(row, name) === '' ? null : numberAt(row, name)
}
