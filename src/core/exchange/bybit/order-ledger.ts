/**
 * Orders of this run as the exchange last stated them: enough to tell news from stale news and to know which orders
 * still owe us an end. Knowledge only grows: filled size never shrinks, and an ended order does not come back.
 */
import type { OrderSeq, Side, SymbolId } from '../../domain/units.ts'
import type { OrderRow } from './private-messages.ts'

export interface LedgerRow {
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly side: Side
  /**
   * sent: no statement of the exchange yet · open: it was seen in the book · done: it ended · absent: it was nowhere to
   * be found when it no longer could arrive, so the first statement that it lives reopens it.
   */
  state: 'sent' | 'open' | 'done' | 'absent'
  priceTicks: number
  sizeLots: number
  filledLots: number
  /** Sum of the fills told so far. */
  toldLots: number
  /** The exchange's time of the newest statement; 0 when there is none. */
  updatedMs: number
}

export type SentOrder = Pick<LedgerRow, 'order' | 'symbol' | 'side' | 'priceTicks' | 'sizeLots'>

const DONE_KEPT = 10_000

export class OrderLedger {
  private readonly rows = new Map<OrderSeq, LedgerRow>()
  private readonly done: OrderSeq[] = []

  sent(order: SentOrder): void {
    const { symbol, side, priceTicks, sizeLots } = order
    const row: LedgerRow = {
      order: order.order,
      symbol,
      side,
      state: 'sent',
      priceTicks,
      sizeLots,
      filledLots: 0,
      toldLots: 0,
      updatedMs: 0,
    }
    this.rows.set(order.order, row)
  }

  row(order: OrderSeq): LedgerRow | undefined {
    return this.rows.get(order)
  }

  /** Takes a statement of the exchange; false when it says less than what is known. */
  apply(news: OrderRow): boolean {
    const row = this.rows.get(news.order)
    if (row === undefined) return true
    if (news.filledLots < row.filledLots || news.updatedMs < row.updatedMs) return false
    if (row.state === 'done' && news.filledLots === row.filledLots) return false
    row.priceTicks = news.priceTicks
    row.sizeLots = news.sizeLots
    row.filledLots = news.filledLots
    row.updatedMs = news.updatedMs
    if (news.state !== 'open') this.end(news.order)
    else if (row.state !== 'done') row.state = 'open'
    return true
  }

  /** A fill was told to the engine. */
  told(order: OrderSeq, sizeLots: number): void {
    const row = this.rows.get(order)
    if (row !== undefined) row.toldLots += sizeLots
  }

  /** The order ended, or was refused for certain. */
  end(order: OrderSeq): void {
    this.close(order, 'done')
  }

  /** The order is nowhere, and it is too late for it to arrive. */
  lost(order: OrderSeq): void {
    this.close(order, 'absent')
  }

  /** Orders that have not ended as far as we were told. */
  live(): LedgerRow[] {
    return [...this.rows.values()].filter((row) => row.state === 'sent' || row.state === 'open')
  }

  private close(order: OrderSeq, state: 'done' | 'absent'): void {
    const row = this.rows.get(order)
    if (row === undefined || row.state === 'done') return
    row.state = state
    this.done.push(order)
    if (this.done.length > DONE_KEPT) {
      const oldest = this.done.shift()
      if (oldest !== undefined) this.rows.delete(oldest)
    }
  }
}
