/**
 * How many requests of one class may still leave in this second. Counts what was sent in a sliding window, and believes
 * the exchange where it says less. Tiny import graph: the emergency path uses it. Creates and amends ask `take`; cancels
 * have a budget of their own and are only ever held back by an explicit refusal with a reset time.
 */

/** Limits count over one second; sends one second apart may arrive closer together, hence the margin. */
const WINDOW_US = 1_050_000
const LIMIT_MAX = 200_000

export class RateBudget {
  /** Times of the last sends, a ring as long as the highest limit ever stated: a lower one must not forget. */
  private sentUs: Float64Array
  private perSecond: number
  private next = 0
  private blockedUntilUs = 0

  constructor(perSecond: number) {
    this.perSecond = clamped(perSecond)
    this.sentUs = emptyLog(this.perSecond)
  }

  get limit(): number {
    return this.perSecond
  }

  /** When the exchange lets this class through again; 0 when it never said otherwise. */
  get blockedUntil(): number {
    return this.blockedUntilUs
  }

  /** Reserves one send; false when it would exceed the limit. */
  take(nowUs: number): boolean {
    if (!this.mayTake(nowUs)) return false
    this.note(nowUs)
    return true
  }

  mayTake(nowUs: number): boolean {
    this.follow(nowUs)
    const size = this.sentUs.length
    const oldestUs = this.sentUs[(this.next - this.perSecond + size) % size] ?? 0
    return nowUs >= this.blockedUntilUs && nowUs - oldestUs >= WINDOW_US
  }

  /** Records a send that happened whatever the budget says. */
  note(nowUs: number): void {
    this.sentUs[this.next] = nowUs
    this.next = this.next + 1 === this.sentUs.length ? 0 : this.next + 1
  }

  // The clock was set back: what was sent lies in no future. Everything known moves along, or nothing would go out.
  private follow(nowUs: number): void {
    const size = this.sentUs.length
    const backUs = (this.sentUs[(this.next - 1 + size) % size] ?? 0) - nowUs
    if (!(backUs > 0)) return
    for (let i = 0; i < size; i++) this.sentUs[i] = (this.sentUs[i] ?? 0) - backUs
    this.blockedUntilUs = Math.max(0, this.blockedUntilUs - backUs)
  }

  /** The exchange stated the account's limit for this class. */
  learnLimit(perSecond: number): void {
    if (!Number.isSafeInteger(perSecond) || perSecond < 1 || perSecond === this.perSecond) return
    this.perSecond = clamped(perSecond)
    const known = this.sentUs.length
    if (this.perSecond <= known) return
    const log = emptyLog(this.perSecond)
    const shift = this.perSecond - known
    for (let i = 0; i < known; i++) log[shift + i] = this.sentUs[(this.next + i) % known] ?? 0
    this.sentUs = log
    this.next = 0
  }

  /** The exchange refused: nothing of this class before then. */
  blockUntil(untilUs: number): void {
    this.blockedUntilUs = Math.max(this.blockedUntilUs, untilUs)
  }
}

// Minus infinity: a send that never was is always long ago.
function emptyLog(size: number): Float64Array {
  return new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
}

function clamped(perSecond: number): number {
  return Math.max(1, Math.min(Math.trunc(perSecond), LIMIT_MAX))
}

export interface LimitHeaders {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds by the exchange's clock; 0 when it gave none. */
  readonly resetMs: number
}

/** The limit headers of a reply or ack (any letter case), null when there are none. */
export function limitHeaders(headers: Readonly<Record<string, unknown>>): LimitHeaders | null {
  let limit = Number.NaN
  let remaining = Number.NaN
  let resetMs = 0
  for (const name in headers) {
    const lower = name.toLowerCase()
    if (lower === 'x-bapi-limit') limit = Number(headers[name])
    else if (lower === 'x-bapi-limit-status') remaining = Number(headers[name])
    else if (lower === 'x-bapi-limit-reset-timestamp') resetMs = Number(headers[name])
  }
  if (!Number.isSafeInteger(limit) || limit < 1) return null
  return {
    limit,
    remaining: Number.isSafeInteger(remaining) ? remaining : limit,
    resetMs: Number.isSafeInteger(resetMs) ? resetMs : 0,
  }
}
