/** What of a key and an account stands in the way of quoting, or would let a mistake cost more than it must. One row each. */
import type { Problem, Severity } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { numberAt, type Row, rowsOf, textAt } from './live-preflight-reader.ts'

export interface AccountState {
  /** The exchange's time. */
  readonly nowMs: number
  readonly category: Settings['exchange']['category']
  /** Demo accounts have no IP binding and no disconnect protection. */
  readonly isDemo: boolean
  /** user/query-api */
  readonly key: Row
  /** account/info */
  readonly info: Row
  /** account/user-setting-config; null when the venue does not tell. */
  readonly actions: Row | null
  /** account/query-dcp-info; null when the account may not ask. */
  readonly dcp: Row | null
  /** position/list */
  readonly positions: readonly Row[]
  /** exchange.leverage, null when it is not given. */
  readonly leverage: number | null
  readonly guard: GuardState
}

/** The guard of `deadman.address`, as it showed itself. */
export type GuardState =
  | { readonly kind: 'none' }
  | { readonly kind: 'answers' | 'silent'; readonly address: string }
  | { readonly kind: 'unusable'; readonly address: string; readonly why: string }

interface Check {
  readonly code: string
  readonly severity: Severity
  /** Of the configuration, when it is about one. */
  readonly key?: string
  readonly fix: string
  /** What is wrong, or null. */
  find(state: AccountState): string | null
}

const DAY_MS = 86_400_000
const EXPIRY_DAYS_MIN = 7
const KEYS = 'the API management page'

export const ACCOUNT_CHECKS: readonly Check[] = [
  {
    code: 'KEY_MAY_WITHDRAW',
    severity: 'error',
    fix: `Take the permission Withdraw from the key in ${KEYS}: a stolen key could empty the account.`,
    find: ({ key }) => (walletRights(key).includes('Withdraw') ? 'the key may withdraw' : null),
  },
  {
    code: 'KEY_MAY_TRANSFER',
    severity: 'error',
    fix: `Take the permissions of transfers to other accounts from the key in ${KEYS}.`,
    find({ key }) {
      const rights = walletRights(key).filter((right) => right.startsWith('SubMemberTransfer'))
      return rights.length === 0 ? null : `the key may transfer to other accounts (${rights.join(', ')})`
    },
  },
  {
    code: 'KEY_MAY_MOVE_FUNDS',
    severity: 'warning',
    fix: `Take the permission AccountTransfer from the key in ${KEYS}; quoting needs no transfers.`,
    find: ({ key }) =>
      walletRights(key).includes('AccountTransfer') ? "the key may move money between the account's wallets" : null,
  },
  {
    code: 'KEY_READ_ONLY',
    severity: 'error',
    fix: `Give the key the permission to trade in ${KEYS}.`,
    find: ({ key }) => (numberAt(key, 'readOnly') === 1 ? 'the key may only read' : null),
  },
  {
    code: 'KEY_MAY_NOT_TRADE',
    severity: 'error',
    fix: `Give the key the permission to trade this kind of instrument in ${KEYS}.`,
    find({ key, category }) {
      const groups =
        category === 'spot' ? [rights(key, 'Spot')] : [rights(key, 'ContractTrade'), rights(key, 'Derivatives')]
      const wanted = category === 'spot' ? ['SpotTrade'] : ['Order', 'DerivativesTrade']
      return groups.flat().some((right) => wanted.includes(right)) ? null : `the key may not trade ${category}`
    },
  },
  {
    code: 'KEY_NOT_BOUND',
    severity: 'error',
    fix: `Bind the key to the address of this machine in ${KEYS}; a key without it also expires after 90 days.`,
    find: ({ key, isDemo }) => (!isDemo && isUnbound(key) ? 'the key may be used from any address' : null),
  },
  {
    code: 'KEY_EXPIRED',
    severity: 'error',
    fix: 'Make a new key, bound to the address of this machine so that it does not expire.',
    find({ key, nowMs }) {
      const days = daysLeft(key, nowMs)
      return days !== null && days <= 0 ? `the key expired on ${textAt(key, 'expiredAt')}` : null
    },
  },
  {
    code: 'KEY_EXPIRES_SOON',
    severity: 'warning',
    fix: 'Renew the key, or bind it to the address of this machine so that it does not expire.',
    find({ key, nowMs }) {
      const days = daysLeft(key, nowMs)
      return days !== null && days > 0 && days < EXPIRY_DAYS_MIN ? `the key expires in ${days.toFixed(1)} days` : null
    },
  },
  {
    code: 'ACCOUNT_NOT_UNIFIED',
    severity: 'error',
    fix: 'Upgrade to a unified trading account in the account page.',
    find({ key, info }) {
      const isUnified = numberAt(key, 'uta') === 1 || numberAt(info, 'unifiedMarginStatus') >= 3
      return isUnified ? null : 'the account is not a unified trading account'
    },
  },
  {
    code: 'HEDGE_MODE',
    severity: 'error',
    fix: 'Close positions and orders of the symbol, then switch its position mode to one-way.',
    find({ positions }) {
      const symbols = new Set(
        positions.filter((row) => numberAt(row, 'positionIdx') !== 0).map((row) => textAt(row, 'symbol')),
      )
      return symbols.size === 0 ? null : `${[...symbols].join(', ')} in hedge mode; mm needs one-way mode`
    },
  },
  {
    code: 'PRICE_MOVED_SILENTLY',
    severity: 'error',
    fix: 'Choose rejection: POST /v5/account/set-limit-px-action with modifyEnable false, or the trading settings of the account. mm trade does it at its start.',
    find({ actions, category }) {
      if (actions === null) return null
      // The two flags mean opposite things (docs of account/user-setting-config, 2026-08).
      const isMoved = category === 'spot' ? actions['lpaSpot'] === true : actions['lpaPerp'] === false
      return isMoved ? 'a price outside the limits is moved to the limit instead of being rejected' : null
    },
  },
  {
    code: 'LEVERAGE_DIFFERS',
    severity: 'error',
    key: 'exchange.leverage',
    fix: 'Set it on the page of the symbol (or POST /v5/position/set-leverage), or correct exchange.leverage. mm trade starts only when they agree.',
    find({ leverage, positions }) {
      if (leverage === null) return null
      const others = positions.filter((row) => numberAt(row, 'leverage') !== leverage)
      const found = others.map((row) => `${textAt(row, 'symbol')} ${textAt(row, 'leverage') || '?'}`)
      return found.length === 0
        ? null
        : `the account has another leverage than exchange.leverage ${leverage}: ${[...new Set(found)].join(', ')}`
    },
  },
  {
    code: 'GUARD_SILENT',
    severity: 'error',
    key: 'deadman.address',
    fix: 'Start mm guard there before the bot (across hosts check address, port, key file and clocks), or remove deadman.address.',
    find: ({ guard }) => (guard.kind === 'silent' ? `no guard answers at ${guard.address}` : null),
  },
  {
    code: 'GUARD_UNUSABLE',
    severity: 'error',
    key: 'deadman.address',
    fix: 'Write a path with a slash, or HOST:PORT and deadman.keyFile: a file of mode 0600 that both hosts have.',
    find: ({ guard }) => (guard.kind === 'unusable' ? guard.why : null),
  },
  {
    code: 'NO_DISCONNECT_PROTECTION',
    severity: 'warning',
    key: 'deadman.address',
    fix: 'Run mm guard beside the bot and name it in deadman.address; accounts of institutions can have disconnect protection (DCP) instead, which mm trade arms.',
    find(state) {
      if (state.isDemo || state.guard.kind !== 'none' || isDcpArmed(state)) return null
      return 'neither a guard nor disconnect protection (DCP) would cancel the orders of a bot that falls silent'
    },
  },
]

export function accountProblems(state: AccountState): Omit<Problem, 'origin'>[] {
  return ACCOUNT_CHECKS.flatMap(({ code, severity, key = '', fix, find }) => {
    const message = find(state)
    return message === null ? [] : [{ code, severity, key, message, fix }]
  })
}

function isDcpArmed({ dcp, category }: AccountState): boolean {
  const product = category === 'spot' ? 'SPOT' : 'DERIVATIVES'
  const rows = dcp === null ? [] : rowsOf({ list: dcp['dcpInfos'] })
  return rows.some((row) => textAt(row, 'product') === product && textAt(row, 'dcpStatus') === 'ON')
}

function rights(key: Row, group: string): string[] {
  const permissions = key['permissions'] as Row | undefined
  const list = permissions?.[group]
  return Array.isArray(list) ? list.map(String) : []
}

function walletRights(key: Row): string[] {
  return rights(key, 'Wallet')
}

function isUnbound(key: Row): boolean {
  const { ips } = key
  return !Array.isArray(ips) || ips.length === 0 || ips.includes('*')
}

// A bound key states a date, too, and it means nothing: only an unbound key expires.
function daysLeft(key: Row, nowMs: number): number | null {
  const at = Date.parse(textAt(key, 'expiredAt'))
  return Number.isNaN(at) || at <= 0 ? null : (at - nowMs) / DAY_MS
}
