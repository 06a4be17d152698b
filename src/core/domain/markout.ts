/**
 * Markouts: what each fill was worth some time later, side × (mid(t+τ) − price) × size, with the last mid known at or
 * before t+τ. A fill whose time has not come when the data ends stays unresolved and is counted, never guessed. Times
 * must be of one clock and not go back; a fill learnt late counts from the newest mid's time.
 */
import type { FillFacts } from './position.ts'
import { BUY, SELL, US_PER_MS, US_PER_S } from './units.ts'

export const MARKOUT_HORIZONS_US: readonly number[] = [
  100 * US_PER_MS,
  US_PER_S,
  5 * US_PER_S,
  30 * US_PER_S,
  60 * US_PER_S,
  300 * US_PER_S,
]

/** Fills that may wait at once; older ones become unresolved. At 300 s this is more than 200 fills a second. */
const WAITING_MAX = 65_536

export interface MarkoutRow {
  readonly horizonUs: number
  /** Fills resolved, and what they sum to. */
  readonly fills: number
  readonly sizeLots: bigint
  /** Σ price × size, in money units. */
  readonly notionalMoney: bigint
  /** Σ side × (mid(t+τ) − price) × size, in half money units. */
  readonly markoutHalf: bigint
  /** Of that, Σ side × (mid(t+τ) − mid(t)) × size: adverse selection where negative. */
  readonly driftHalf: bigint
  /** Volume-weighted markout in basis points of the price; NaN without fills. */
  readonly markoutBps: number
  /** Fills whose mid at t+τ is not known. */
  readonly unresolved: number
}

/** Sums of one horizon and its place in the queue. */
class Horizon {
  readonly us: number
  /** Number of the next fill to resolve. */
  next = 0
  fills = 0
  sizeLots = 0n
  notionalMoney = 0n
  markoutHalf = 0n
  driftHalf = 0n
  unresolved = 0

  constructor(us: number) {
    this.us = us
  }
}

export class Markouts {
  private readonly horizons: readonly Horizon[]
  /** Waiting fills: a ring that doubles up to WAITING_MAX. Fill n lives in slot n mod its length. */
  private ring = new Ring(64)
  private first = 0
  private end = 0
  private midHalfTicks = 0
  private nowUs = Number.NEGATIVE_INFINITY
  /** No waiting fill is due before this. */
  private nextDueUs = Number.POSITIVE_INFINITY

  constructor(horizonsUs: readonly number[] = MARKOUT_HORIZONS_US) {
    this.horizons = horizonsUs.map((us) => new Horizon(us))
  }

  /** The mid changed at `atUs`. One comparison unless a fill is due. */
  onMid(midHalfTicks: number, atUs: number): void {
    if (atUs > this.nextDueUs) this.resolve(atUs - 1)
    this.midHalfTicks = midHalfTicks
    if (atUs > this.nowUs) this.nowUs = atUs
  }

  onFill(fill: Omit<FillFacts, 'feeE8'>, atUs: number): void {
    const startUs = Math.max(atUs, this.nowUs)
    if (startUs > this.nextDueUs) this.resolve(startUs - 1)
    this.nowUs = startUs
    if (this.end - this.first === WAITING_MAX) this.dropOldest()
    if (this.end - this.first === this.ring.length) this.ring = this.ring.doubled(this.first, this.end)
    this.ring.put(this.end++, fill, startUs, this.midHalfTicks)
    this.nextDueUs = this.earliestDue()
  }

  /** Sums so far. `endUs` at the end of the data: they reach to here, so fills due by then are resolved first. */
  rows(endUs = Number.NEGATIVE_INFINITY): MarkoutRow[] {
    this.resolve(endUs)
    return this.horizons.map((horizon) => ({
      horizonUs: horizon.us,
      fills: horizon.fills,
      sizeLots: horizon.sizeLots,
      notionalMoney: horizon.notionalMoney,
      markoutHalf: horizon.markoutHalf,
      driftHalf: horizon.driftHalf,
      markoutBps: (Number(horizon.markoutHalf) / Number(2n * horizon.notionalMoney)) * 10_000,
      unresolved: horizon.unresolved + this.end - Math.max(horizon.next, this.first),
    }))
  }

  /** Resolves every fill due at or before `toUs` with the newest mid. */
  private resolve(toUs: number): void {
    let needed = this.end
    for (const horizon of this.horizons) {
      while (horizon.next < this.end && this.ring.atUs(horizon.next) + horizon.us <= toUs) this.settle(horizon)
      needed = Math.min(needed, horizon.next)
    }
    this.first = needed
    this.nextDueUs = this.earliestDue()
  }

  private settle(horizon: Horizon): void {
    const slot = this.ring.slot(horizon.next++)
    const { ring } = this
    if (this.midHalfTicks === 0) {
      horizon.unresolved++
      return
    }
    const signedLots = BigInt(ring.signedLots[slot] ?? 0)
    const priceTicks = ring.priceTicks[slot] ?? 0
    // A fill before any mid has no drift of its own: it is measured from its price.
    const startHalf = ring.midHalfTicks[slot] || 2 * priceTicks
    const lots = signedLots < 0n ? -signedLots : signedLots
    horizon.fills++
    horizon.sizeLots += lots
    horizon.notionalMoney += lots * BigInt(priceTicks)
    horizon.markoutHalf += signedLots * BigInt(this.midHalfTicks - 2 * priceTicks)
    horizon.driftHalf += signedLots * BigInt(this.midHalfTicks - startHalf)
  }

  private earliestDue(): number {
    let due = Number.POSITIVE_INFINITY
    for (const horizon of this.horizons) {
      if (horizon.next < this.end) due = Math.min(due, this.ring.atUs(horizon.next) + horizon.us)
    }
    return due
  }

  private dropOldest(): void {
    for (const horizon of this.horizons) {
      if (horizon.next > this.first) continue
      horizon.next = this.first + 1
      horizon.unresolved++
    }
    this.first++
  }
}

/** Waiting fills in columns. */
class Ring {
  readonly length: number
  readonly signedLots: Float64Array
  readonly priceTicks: Float64Array
  readonly midHalfTicks: Float64Array
  private readonly us: Float64Array

  constructor(length: number) {
    this.length = length
    this.signedLots = new Float64Array(length)
    this.priceTicks = new Float64Array(length)
    this.midHalfTicks = new Float64Array(length)
    this.us = new Float64Array(length)
  }

  slot(number: number): number {
    return number % this.length
  }

  atUs(number: number): number {
    return this.us[this.slot(number)] ?? 0
  }

  put(number: number, fill: Omit<FillFacts, 'feeE8'>, atUs: number, midHalfTicks: number): void {
    const slot = this.slot(number)
    this.signedLots[slot] = fill.side * fill.sizeLots
    this.priceTicks[slot] = fill.priceTicks
    this.midHalfTicks[slot] = midHalfTicks
    this.us[slot] = atUs
  }

  doubled(first: number, end: number): Ring {
    const larger = new Ring(this.length * 2)
    for (let number = first; number < end; number++) {
      const slot = this.slot(number)
      const signedLots = this.signedLots[slot] ?? 0
      const fill = {
        side: signedLots > 0 ? BUY : SELL,
        sizeLots: Math.abs(signedLots),
        priceTicks: this.priceTicks[slot] ?? 0,
      } as Omit<FillFacts, 'feeE8'>
      larger.put(number, fill, this.us[slot] ?? 0, this.midHalfTicks[slot] ?? 0)
    }
    return larger
  }
}
