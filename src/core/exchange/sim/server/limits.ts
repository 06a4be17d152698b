/**
 * Request quotas: per UID and endpoint class in a rolling second, and per source address (BYBIT.md §1.2). The tables are
 * Bybit's (docs v5/rate-limit, 2026-07); linear and inverse share one quota. Time is an argument.
 */
import type { Category } from '../../../domain/instrument.ts'

export type LimitGroup = 'futures' | 'option' | 'spot'

interface LimitRow {
  readonly futures: number
  readonly option: number
  readonly spot: number
  /** Raised with the account's tier. */
  readonly isTiered: boolean
}

const tiered = (futures: number, option: number, spot: number): LimitRow => ({ futures, option, spot, isTiered: true })
const flat = (perSecond: number): LimitRow => ({
  futures: perSecond,
  option: perSecond,
  spot: perSecond,
  isTiered: false,
})

/** Requests per second and UID at the default tier. Batches count every order inside; single and batch are apart. */
export const LIMITS = {
  'order/create': tiered(10, 10, 20),
  'order/amend': tiered(10, 10, 10),
  'order/cancel': tiered(10, 10, 20),
  'order/cancel-all': tiered(10, 1, 20),
  'order/create-batch': tiered(10, 10, 20),
  'order/amend-batch': tiered(10, 10, 20),
  'order/cancel-batch': tiered(10, 10, 20),
  'order/pre-check': tiered(10, 10, 20),
  'order/realtime': flat(50),
  'order/history': flat(50),
  'execution/list': flat(50),
  'position/list': flat(50),
  'position/closed-pnl': flat(50),
  'position/set-leverage': flat(10),
  'position/switch-mode': flat(10),
  'position/trading-stop': flat(10),
  'account/wallet-balance': flat(50),
  'account/info': flat(50),
  'account/user-setting-config': flat(50),
  'account/transaction-log': flat(25),
  'account/fee-rate': flat(5),
  'account/query-dcp-info': flat(5),
  'account/smp-group': flat(5),
  'account/set-margin-mode': flat(5),
  'account/instruments-info': flat(10),
  'account/set-limit-px-action': flat(10),
  'order/disconnected-cancel-all': flat(5),
  'asset/coin/query-info': flat(5),
  'user/query-api': flat(10),
  'apilimit/query': flat(50),
  'user/update-sub-api': flat(5),
} as const satisfies Record<string, LimitRow>

export type LimitClass = keyof typeof LIMITS

/** What a tier makes of the tiered rows; `unlimited` lifts the address limits too. */
export const TIERS = {
  default: null,
  vip1: { futures: 20, option: 20, spot: 25 },
  vip2: { futures: 40, option: 40, spot: 30 },
  vip3: { futures: 60, option: 60, spot: 40 },
  vip4: { futures: 60, option: 60, spot: 40 },
  vip5: { futures: 60, option: 60, spot: 40 },
  pro1: { futures: 200, option: 200, spot: 200 },
  pro2: { futures: 400, option: 400, spot: 400 },
  pro3: { futures: 600, option: 600, spot: 600 },
  pro4: { futures: 800, option: 800, spot: 800 },
  pro5: { futures: 1000, option: 1000, spot: 1000 },
  pro6: { futures: 1200, option: 1200, spot: 1200 },
  unlimited: null,
} as const

export type Tier = keyof typeof TIERS
export const TIER_NAMES = Object.keys(TIERS) as readonly Tier[]

export const groupOf = (category: Category): LimitGroup =>
  category === 'spot' || category === 'option' ? category : 'futures'

/** What a quota said to one request. */
export interface Quota {
  readonly limit: number
  /** Left in the window after this request. */
  readonly remaining: number
  /** When the next one fits, when this was refused; else now. */
  readonly resetMs: number
  /** How many of the units asked for passed. */
  readonly granted: number
}

const SECOND_MS = 1_000
const UNLIMITED = 1_000_000

export class UidLimits {
  private readonly tier: Tier
  private readonly windows = new Map<string, RollingWindow>()

  constructor(tier: Tier) {
    this.tier = tier
  }

  /** As user/query-api names it. */
  get level(): string {
    const [, kind = '', number = ''] = /^(vip|pro)(\d)$/.exec(this.tier) ?? []
    return kind === '' ? 'No VIP' : `${kind.toUpperCase()}-${number}`
  }

  perSecond(name: LimitClass, group: LimitGroup): number {
    if (this.tier === 'unlimited') return UNLIMITED
    const row = LIMITS[name]
    const raised = row.isTiered && !(name === 'order/cancel-all' && group === 'option') ? TIERS[this.tier] : null
    return Math.max(row[group], raised?.[group] ?? 0)
  }

  /** Takes up to `units` of the window of one UID, class and product group. */
  take(
    uid: string,
    at: { readonly name: LimitClass; readonly group: LimitGroup },
    units: number,
    nowMs: number,
  ): Quota {
    const limit = this.perSecond(at.name, at.group)
    if (this.tier === 'unlimited') return { limit, remaining: limit - units, resetMs: nowMs, granted: units }
    const key = `${uid} ${at.name} ${at.group}`
    let window = this.windows.get(key)
    if (window === undefined) {
      window = new RollingWindow(limit, SECOND_MS)
      this.windows.set(key, window)
    }
    const granted = window.take(units, nowMs)
    const remaining = limit - window.used
    return { limit, remaining, resetMs: granted < units ? window.freeMs(nowMs) : nowMs, granted }
  }
}

/** Per address: 600 HTTP requests in 5 s, then everything is refused for 10 minutes; 3,000 order frames a second. */
export class AddressLimits {
  private readonly isUnlimited: boolean
  private readonly http = new Map<string, RollingWindow>()
  private readonly frames = new Map<string, RollingWindow>()
  private readonly sockets = new Map<string, RollingWindow>()
  private readonly bannedUntilMs = new Map<string, number>()

  constructor(tier: Tier) {
    this.isUnlimited = tier === 'unlimited'
  }

  /** False: answer 403. */
  mayRequest(ip: string, nowMs: number): boolean {
    if ((this.bannedUntilMs.get(ip) ?? 0) > nowMs) return false
    if (this.isUnlimited || windowOf(this.http, ip, 600, 5_000).take(1, nowMs) === 1) return true
    this.ban(ip, nowMs + 600_000)
    return false
  }

  /** Refuses every request of `ip` until then. */
  ban(ip: string, untilMs: number): void {
    this.bannedUntilMs.set(ip, untilMs)
  }

  maySendOrderFrame(ip: string, nowMs: number): boolean {
    return this.isUnlimited || windowOf(this.frames, ip, 3_000, 1_000).take(1, nowMs) === 1
  }

  mayConnect(ip: string, nowMs: number): boolean {
    if ((this.bannedUntilMs.get(ip) ?? 0) > nowMs) return false
    return this.isUnlimited || windowOf(this.sockets, ip, 500, 300_000).take(1, nowMs) === 1
  }
}

function windowOf(windows: Map<string, RollingWindow>, ip: string, limit: number, spanMs: number): RollingWindow {
  const found = windows.get(ip)
  if (found !== undefined) return found
  const made = new RollingWindow(limit, spanMs)
  windows.set(ip, made)
  return made
}

/** Counts events of the last `spanMs`; refused ones do not count. */
class RollingWindow {
  private readonly limit: number
  private readonly spanMs: number
  private readonly timesMs: number[] = []

  constructor(limit: number, spanMs: number) {
    this.limit = limit
    this.spanMs = spanMs
  }

  get used(): number {
    return this.timesMs.length
  }

  /** How many of `units` fit. */
  take(units: number, nowMs: number): number {
    let old = 0
    while (old < this.timesMs.length && (this.timesMs[old] ?? 0) <= nowMs - this.spanMs) old++
    if (old > 0) this.timesMs.splice(0, old)
    const granted = Math.min(units, this.limit - this.timesMs.length)
    for (let i = 0; i < granted; i++) this.timesMs.push(nowMs)
    return Math.max(0, granted)
  }

  /** When the oldest leaves. */
  freeMs(nowMs: number): number {
    return (this.timesMs[0] ?? nowMs) + this.spanMs
  }
}
