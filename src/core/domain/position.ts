/**
 * Exact account of one symbol's position (linear and spot: profit in the quote coin). Average cost in integers: what an
 * inexact division leaves stays in the cost of the open part, so that realised + unrealised = cash + position × mark
 * holds to the last unit after any sequence of fills. Money is in money units (one tick × one lot), fees in 1e-8.
 */
import { invariant } from './invariant.ts'
import type { MoneyScale } from './money.ts'
import { BUY, type PositionLots, type PriceTicks, type Side, type SizeLots } from './units.ts'

/** What an account needs of one execution; a FillEvent has it. */
export interface FillFacts {
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  /** Positive paid, negative rebate. */
  readonly feeE8: bigint
}

export class Position {
  /** Positive long. */
  lots = 0 as PositionLots
  /** What the open part cost, signed like the position (a long cost, a short brought in). */
  costMoney = 0n
  realizedMoney = 0n
  feesE8 = 0n
  rebatesE8 = 0n
  /** Positive paid by us. */
  fundingE8 = 0n
  /** Floats of the above, for limits. */
  private cashApprox = 0
  private chargesE8Approx = 0

  /** Received less paid for what was traded. */
  get cashMoney(): bigint {
    return this.realizedMoney - this.costMoney
  }

  /** Fees less rebates plus funding: what lowers the profit. */
  get chargesE8(): bigint {
    return this.feesE8 - this.rebatesE8 + this.fundingE8
  }

  fill(fill: FillFacts): void {
    invariant(fill.sizeLots > 0, 'a fill has a size')
    const before = this.lots
    const signedLots = fill.side * fill.sizeLots
    const closing = Math.sign(before) === -fill.side ? Math.min(Math.abs(before), fill.sizeLots) : 0
    if (closing > 0) this.close(closing, fill)
    this.costMoney += BigInt(fill.side * (fill.sizeLots - closing)) * BigInt(fill.priceTicks)
    this.lots = (before + signedLots) as PositionLots
    invariant(Number.isSafeInteger(this.lots), 'a position is a safe integer')
    this.addFee(fill.feeE8)
    this.cashApprox -= signedLots * fill.priceTicks
  }

  /** A fee (positive) or rebate (negative) that comes with no change of the position. */
  addFee(feeE8: bigint): void {
    if (feeE8 >= 0n) this.feesE8 += feeE8
    else this.rebatesE8 -= feeE8
    this.chargesE8Approx += Number(feeE8)
  }

  /** Positive paid by us. */
  addFunding(amountE8: bigint): void {
    this.fundingE8 += amountE8
    this.chargesE8Approx += Number(amountE8)
  }

  /** Takes over the exchange's word on the open position. Realised profit, fees and funding stay. */
  take(lots: PositionLots, costMoney: bigint): void {
    this.lots = lots
    this.costMoney = costMoney
    const cashMoney = this.cashMoney
    this.cashApprox = Number(cashMoney)
  }

  /** Position × mid less cost, in half money units. */
  unrealizedHalf(midHalfTicks: number): bigint {
    return BigInt(this.lots) * BigInt(midHalfTicks) - 2n * this.costMoney
  }

  /** Realised + unrealised less charges, in the scale's unit. */
  profit(midHalfTicks: number, scale: MoneyScale): bigint {
    const half = 2n * this.realizedMoney + this.unrealizedHalf(midHalfTicks)
    return half * scale.perHalf - this.chargesE8 * scale.perE8
  }

  /** `profit` in 1e-8 quote coins as a float without allocation: for limits on every decision, not for accounts. */
  profitE8Approx(midHalfTicks: number, scale: MoneyScale): number {
    const half = 2 * this.cashApprox + this.lots * midHalfTicks
    return half * scale.halfE8Approx - this.chargesE8Approx
  }

  // Takes the closed part's share of the cost, rounded towards zero: the rest remains with the open part.
  private close(lots: number, fill: FillFacts): void {
    const released = (this.costMoney * BigInt(lots)) / BigInt(Math.abs(this.lots))
    const proceeds = BigInt(lots) * BigInt(fill.priceTicks)
    this.costMoney -= released
    this.realizedMoney += (fill.side === BUY ? -proceeds : proceeds) - released
  }
}
