/**
 * The money of one symbol: position, attribution and markouts fed from the same facts in the same order. Integers only;
 * the float that guards compare with a limit is an approximation of the exact sum and is never shown.
 *
 * @hot
 */
import { Attribution } from '../domain/attribution.ts'
import type { FillEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { Markouts } from '../domain/markout.ts'
import { type MoneyScale, moneyScale } from '../domain/money.ts'
import type { PositionLots, SizeLots } from '../domain/units.ts'

export class Profit {
  readonly attribution = new Attribution()
  readonly markouts = new Markouts()
  readonly scale: MoneyScale
  /** The exchange stated a position at least once. */
  isOpen = false
  /** Newest mid, 0 before the first. */
  midHalfTicks = 0

  constructor(instrument: Instrument) {
    this.scale = moneyScale(instrument)
  }

  get positionLots(): PositionLots {
    return this.attribution.position.lots
  }

  /** Profit since start at the newest mid after all charges, in 1e-8 quote coins. */
  get approxE8(): number {
    return this.attribution.profitE8Approx(this.scale)
  }

  onMid(midHalfTicks: number, atUs: number): void {
    if (midHalfTicks === this.midHalfTicks) return
    this.midHalfTicks = midHalfTicks
    this.attribution.onMid(midHalfTicks)
    this.markouts.onMid(midHalfTicks, atUs)
  }

  /** The exchange's word on the position. */
  take(lots: PositionLots, costMoney: number): void {
    this.attribution.onTaken(lots, BigInt(costMoney))
    this.isOpen = true
  }

  /** `takenLots` of the execution are in the position already, by the exchange's word. */
  onFill(fill: FillEvent, takenLots: number): void {
    const { order, side, priceTicks, feeE8 } = fill
    if (order !== 0) this.markouts.onFill(fill, fill.nowUs)
    const sizeLots = (fill.sizeLots - takenLots) as SizeLots
    if (sizeLots === 0) this.attribution.onFee(feeE8)
    else this.attribution.onFill({ side, priceTicks, sizeLots, feeE8 })
  }
}
