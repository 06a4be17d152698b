/**
 * Where the profit of one symbol came from, exactly: spread captured, what the position made as the mid moved, fees,
 * rebates, funding, and what was carried in with positions taken over. Parts are summed on their own and compared with
 * cash + position × mid (`identity`). Facts must come in the order in which they were learnt.
 */
import type { MoneyScale } from './money.ts'
import { type FillFacts, Position } from './position.ts'
import type { PositionLots } from './units.ts'

/** All in the scale's unit; a part that lowers the profit is negative. */
export interface Parts {
  /** Σ side × (mid at the fill − price) × size. */
  readonly spreadCapture: bigint
  /** Σ position × change of the mid. */
  readonly inventory: bigint
  readonly fees: bigint
  readonly rebates: bigint
  readonly funding: bigint
  /** Unrealised profit that positions brought with them when they were taken over from the exchange. */
  readonly carried: bigint
}

export interface Identity {
  /** Realised + unrealised less charges, from the position's account. */
  readonly total: bigint
  /** Sum of the parts. */
  readonly parts: bigint
}

export class Attribution {
  readonly position = new Position()
  private captureHalf = 0n
  private inventoryHalf = 0n
  private carriedHalf = 0n
  private feesE8 = 0n
  private rebatesE8 = 0n
  private fundingE8 = 0n
  /** Newest mid; 0 before the first. */
  private midHalfTicks = 0
  /** Mid up to which `inventoryHalf` is complete: between fills the position is constant, so one product is enough. */
  private settledHalfTicks = 0

  /** Call on every change of the mid: two comparisons and a store. */
  onMid(midHalfTicks: number): void {
    if (this.midHalfTicks === 0) this.start(midHalfTicks)
    this.midHalfTicks = midHalfTicks
  }

  /** Captures against the newest mid. A fill before any mid is its own mid: it captures nothing. */
  onFill(fill: FillFacts): void {
    if (this.midHalfTicks === 0) this.onMid(2 * fill.priceTicks)
    this.settle()
    const edgeHalf = fill.side * (this.midHalfTicks - 2 * fill.priceTicks)
    this.captureHalf += BigInt(edgeHalf) * BigInt(fill.sizeLots)
    this.position.fill(fill)
    this.split(fill.feeE8)
  }

  /** A fee or rebate whose execution did not change this account's position. */
  onFee(feeE8: bigint): void {
    this.position.addFee(feeE8)
    this.split(feeE8)
  }

  /** Positive paid by us. */
  onFunding(amountE8: bigint): void {
    this.position.addFunding(amountE8)
    this.fundingE8 += amountE8
  }

  /** Takes over the exchange's word on the position; what this changes in unrealised profit is `carried`. */
  onTaken(lots: PositionLots, costMoney: bigint): void {
    this.settle()
    const before = this.unrealizedHalf()
    this.position.take(lots, costMoney)
    if (this.midHalfTicks !== 0) this.carriedHalf += this.unrealizedHalf() - before
  }

  parts(scale: MoneyScale): Parts {
    this.settle()
    return {
      spreadCapture: this.captureHalf * scale.perHalf,
      inventory: this.inventoryHalf * scale.perHalf,
      fees: -this.feesE8 * scale.perE8,
      rebates: this.rebatesE8 * scale.perE8,
      funding: -this.fundingE8 * scale.perE8,
      carried: this.carriedHalf * scale.perHalf,
    }
  }

  /** Both sides of total = capture + inventory − fees + rebates − funding + carried. Equal, or there is a bug. */
  identity(scale: MoneyScale): Identity {
    const parts = this.parts(scale)
    return {
      total: this.midHalfTicks === 0 ? this.unmarked(scale) : this.position.profit(this.midHalfTicks, scale),
      parts: parts.spreadCapture + parts.inventory + parts.fees + parts.rebates + parts.funding + parts.carried,
    }
  }

  /** Profit at the newest mid in 1e-8 quote coins, as a float, without allocation: for limits. */
  profitE8Approx(scale: MoneyScale): number {
    // Without a mid a position taken over has no value yet: at zero it would look like a total loss.
    if (this.midHalfTicks === 0) return -Number(this.position.chargesE8)
    return this.position.profitE8Approx(this.midHalfTicks, scale)
  }

  private start(midHalfTicks: number): void {
    this.settledHalfTicks = midHalfTicks
    this.carriedHalf += this.position.unrealizedHalf(midHalfTicks)
  }

  private settle(): void {
    const moved = this.midHalfTicks - this.settledHalfTicks
    if (moved === 0) return
    this.inventoryHalf += BigInt(this.position.lots) * BigInt(moved)
    this.settledHalfTicks = this.midHalfTicks
  }

  private split(feeE8: bigint): void {
    if (feeE8 >= 0n) this.feesE8 += feeE8
    else this.rebatesE8 -= feeE8
  }

  private unrealizedHalf(): bigint {
    return this.midHalfTicks === 0 ? 0n : this.position.unrealizedHalf(this.midHalfTicks)
  }

  // Without a mid a position taken over has no value yet; charges count already.
  private unmarked(scale: MoneyScale): bigint {
    return -this.position.chargesE8 * scale.perE8
  }
}
