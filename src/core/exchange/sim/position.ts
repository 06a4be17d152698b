/**
 * One position with exact realised profit. Average cost: closing moves the proportional part of the cost, cut towards
 * zero, and the remainder stays in the cost; so wallet changes − cost of what is open = −Σ paid, to the last 1e-8.
 */
import type { Category } from '../../domain/instrument.ts'
import type { Side, TimeUs } from '../../domain/units.ts'
import type { CoinE8, SimPosition } from './model.ts'
import { absE8, shareOf, type Valuer } from './money.ts'

export interface PositionChange {
  readonly closedLots: number
  /** Average entry of what was closed, ticks. */
  readonly entryTicks: number
  /** Entry value of what was closed, ≥ 0. */
  readonly entryValueE8: CoinE8
  readonly exitValueE8: CoinE8
  /** Before fees. */
  readonly profitE8: CoinE8
  /** What opening and closing it cost; negative is a rebate. */
  readonly openFeeE8: CoinE8
  readonly closeFeeE8: CoinE8
}

const SCALE_TICKS = 1_000_000

const NOTHING_CLOSED: PositionChange = {
  closedLots: 0,
  entryTicks: 0,
  entryValueE8: 0n,
  exitValueE8: 0n,
  profitE8: 0n,
  openFeeE8: 0n,
  closeFeeE8: 0n,
}

export interface PositionFill {
  readonly side: Side
  readonly ticks: number
  readonly lots: number
  readonly valueE8: CoinE8
  readonly feeE8: CoinE8
  readonly atUs: TimeUs
  readonly crossSeq: number
}

export class Position implements SimPosition {
  readonly uid: string
  readonly symbol: string
  readonly category: Category
  readonly positionIdx: 0 | 1 | 2
  lots = 0
  costE8: CoinE8 = 0n
  leverage: string
  realisedE8: CoinE8 = 0n
  curRealisedE8: CoinE8 = 0n
  createdUs: TimeUs
  updatedUs: TimeUs
  crossSeq = 0
  private readonly valuer: Valuer
  /** Fees paid for what is open. */
  private openFeeE8: CoinE8 = 0n
  /** Inverse: Σ lots / price of what is open, for the average only: 1e-8 of the base coin is too coarse for it. */
  private lotsPerTick = 0
  /** −1 for inverse: buying contracts gives coin value away. */
  private readonly paidSign: bigint

  constructor(
    owner: { readonly uid: string; readonly symbol: string; readonly category: Category; readonly leverage: string },
    positionIdx: 0 | 1 | 2,
    valuer: Valuer,
  ) {
    this.uid = owner.uid
    this.symbol = owner.symbol
    this.category = owner.category
    this.leverage = owner.leverage
    this.positionIdx = positionIdx
    this.valuer = valuer
    this.paidSign = owner.category === 'inverse' ? -1n : 1n
    this.createdUs = 0 as TimeUs
    this.updatedUs = 0 as TimeUs
  }

  get entryTicks(): number {
    if (this.lots === 0) return 0
    const lots = Math.abs(this.lots)
    if (this.category === 'inverse') return lots / this.lotsPerTick
    const costE8 = Number(absE8(this.costE8))
    // A fraction for people: the scale keeps digits where one tick of so few lots is worth less than 1e-8.
    return (costE8 * SCALE_TICKS) / Number(this.valuer.valueE8(SCALE_TICKS, lots))
  }

  apply(fill: PositionFill): PositionChange {
    if (this.lots === 0) this.curRealisedE8 = 0n
    if (this.createdUs === 0) this.createdUs = fill.atUs
    this.updatedUs = fill.atUs
    this.crossSeq = fill.crossSeq
    const paid = this.paidSign * BigInt(fill.side) * fill.valueE8
    const change = this.lots * fill.side < 0 ? this.close(fill, paid) : this.open(fill, paid)
    this.realisedE8 += change.profitE8 - fill.feeE8
    this.curRealisedE8 += change.profitE8 - fill.feeE8
    return change
  }

  /** Profit if it were all closed at `ticks`. */
  unrealisedE8(ticks: number): CoinE8 {
    if (this.lots === 0 || ticks === 0) return 0n
    const value = this.valuer.valueE8(ticks, Math.abs(this.lots))
    return this.paidSign * BigInt(Math.sign(this.lots)) * value - this.costE8
  }

  private open(fill: Pick<PositionFill, 'side' | 'lots' | 'ticks' | 'feeE8'>, paid: CoinE8): PositionChange {
    this.lots += fill.side * fill.lots
    this.lotsPerTick += fill.lots / fill.ticks
    this.costE8 += paid
    this.openFeeE8 += fill.feeE8
    return NOTHING_CLOSED
  }

  private close(fill: PositionFill, paid: CoinE8): PositionChange {
    const held = Math.abs(this.lots)
    const { entryTicks } = this
    const closing = Math.min(held, fill.lots)
    const exitValueE8 = closing === fill.lots ? fill.valueE8 : this.valuer.valueE8(fill.ticks, closing)
    const paidClosing = this.paidSign * BigInt(fill.side) * exitValueE8
    const costOut = shareOf(this.costE8, closing, held)
    const openFeeE8 = shareOf(this.openFeeE8, closing, held)
    const closeFeeE8 = shareOf(fill.feeE8, closing, fill.lots)
    this.costE8 -= costOut
    this.openFeeE8 -= openFeeE8
    this.lots += fill.side * closing
    this.lotsPerTick = (this.lotsPerTick * (held - closing)) / held
    if (closing < fill.lots) {
      const rest = { ...fill, lots: fill.lots - closing, feeE8: fill.feeE8 - closeFeeE8 }
      this.open(rest, paid - paidClosing)
    }
    const profitE8 = -paidClosing - costOut
    const entryValueE8 = absE8(costOut)
    return { closedLots: closing, entryTicks, entryValueE8, exitValueE8, profitE8, openFeeE8, closeFeeE8 }
  }
}
