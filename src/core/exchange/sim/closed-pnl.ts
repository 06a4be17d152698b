/**
 * Closed profit and loss as Bybit books it: one row per closing order, however many fills it took, after the fees of the
 * exit and the fees that opening the closed part had cost. The oldest of very many rows are forgotten.
 */
import type { Category } from '../../domain/instrument.ts'
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../domain/units.ts'
import type { LiveOrder } from './live-order.ts'
import type { CoinE8 } from './model.ts'
import type { PositionChange } from './position.ts'

export interface SimClosedPnl {
  readonly symbol: string
  readonly category: Category
  readonly orderId: string
  readonly orderType: 'Limit' | 'Market'
  /** Side of the closing order. */
  readonly side: Side
  closedLots: number
  readonly orderSizeLots: SizeLots
  readonly orderPriceTicks: PriceTicks
  /** Averages over what was closed, in ticks. */
  entryTicks: number
  exitTicks: number
  readonly leverage: string
  fillCount: number
  /** 1e-8 settle coins: values at entry and exit of what was closed, ≥ 0. */
  entryValueE8: CoinE8
  exitValueE8: CoinE8
  /** Paid for opening and for closing it; negative is a rebate. */
  openFeeE8: CoinE8
  closeFeeE8: CoinE8
  /** After both fees. */
  pnlE8: CoinE8
  readonly createdUs: TimeUs
  updatedUs: TimeUs
}

const ROWS_MAX = 50_000

export class ClosedPnl {
  /** Oldest first. */
  readonly rows: SimClosedPnl[] = []
  private readonly byOrder = new Map<string, SimClosedPnl>()

  /** After fees, 1e-8 settle coins; 0n for an order that closed nothing. */
  of(orderId: string): CoinE8 {
    return this.byOrder.get(orderId)?.pnlE8 ?? 0n
  }

  add(order: LiveOrder, change: PositionChange, fill: { readonly ticks: number; readonly atUs: TimeUs }): void {
    const row = this.byOrder.get(order.orderId) ?? this.open(order, fill.atUs)
    const { closedLots } = change
    const mean = order.category === 'inverse' ? harmonicMean : arithmeticMean
    row.entryTicks = mean(row.entryTicks, row.closedLots, change.entryTicks, closedLots)
    row.exitTicks = mean(row.exitTicks, row.closedLots, fill.ticks, closedLots)
    row.closedLots += closedLots
    row.fillCount++
    row.entryValueE8 += change.entryValueE8
    row.exitValueE8 += change.exitValueE8
    row.openFeeE8 += change.openFeeE8
    row.closeFeeE8 += change.closeFeeE8
    row.pnlE8 += change.profitE8 - change.openFeeE8 - change.closeFeeE8
    row.updatedUs = fill.atUs
  }

  private open(order: LiveOrder, atUs: TimeUs): SimClosedPnl {
    const row: SimClosedPnl = {
      symbol: order.symbol,
      category: order.category,
      orderId: order.orderId,
      orderType: order.type,
      side: order.side,
      closedLots: 0,
      orderSizeLots: order.sizeLots,
      orderPriceTicks: order.priceTicks,
      entryTicks: 0,
      exitTicks: 0,
      leverage: order.holding.leverage,
      fillCount: 0,
      entryValueE8: 0n,
      exitValueE8: 0n,
      openFeeE8: 0n,
      closeFeeE8: 0n,
      pnlE8: 0n,
      createdUs: atUs,
      updatedUs: atUs,
    }
    this.rows.push(row)
    this.byOrder.set(order.orderId, row)
    if (this.rows.length > ROWS_MAX) {
      for (const { orderId } of this.rows.splice(0, ROWS_MAX / 10)) this.byOrder.delete(orderId)
    }
    return row
  }
}

function arithmeticMean(a: number, lotsOfA: number, b: number, lotsOfB: number): number {
  return lotsOfA === 0 || a === b ? b : (a * lotsOfA + b * lotsOfB) / (lotsOfA + lotsOfB)
}

/** Of prices of contracts that are worth one unit of the quote coin each. */
function harmonicMean(a: number, lotsOfA: number, b: number, lotsOfB: number): number {
  return lotsOfA === 0 || a === b ? b : (lotsOfA + lotsOfB) / (lotsOfA / a + lotsOfB / b)
}
