/**
 * The exchange's own record as JSON lines: what the ledger did and what every request came to, in order. Written for
 * tests and judges that want the truth after the fact; holds no key material.
 */
import type { SimExecution, SimOrder, SimPosition, SimWallet } from '../model.ts'
import type { Json } from './outcome.ts'

export class EventLog {
  private readonly write: ((line: string) => void) | undefined

  constructor(write: ((line: string) => void) | undefined) {
    this.write = write
  }

  order(order: SimOrder): void {
    if (this.write === undefined) return
    const { uid, category, symbol, orderId, orderLinkId, side, status, cancelType, rejectReason } = order
    const sizes = { priceTicks: order.priceTicks, sizeLots: order.sizeLots, filledLots: order.filledLots }
    this.line(order.updatedUs, 'order', {
      uid,
      category,
      symbol,
      orderId,
      orderLinkId,
      side,
      status,
      ...sizes,
      cancelType,
      rejectReason,
    })
  }

  execution(execution: SimExecution): void {
    if (this.write === undefined) return
    const { uid, category, symbol, execId, orderId, orderLinkId, side, isMaker, execType, crossSeq } = execution
    const sizes = { priceTicks: execution.priceTicks, sizeLots: execution.sizeLots, feeE8: String(execution.feeE8) }
    this.line(execution.exchangeUs, 'execution', {
      uid,
      category,
      symbol,
      execId,
      orderId,
      orderLinkId,
      side,
      ...sizes,
      isMaker,
      execType,
      crossSeq,
    })
  }

  position(position: SimPosition): void {
    if (this.write === undefined) return
    const { uid, category, symbol, positionIdx, lots, crossSeq } = position
    const costE8 = String(position.costE8)
    this.line(position.updatedUs, 'position', { uid, category, symbol, positionIdx, lots, costE8, crossSeq })
  }

  wallet(wallet: SimWallet, nowUs: number): void {
    if (this.write === undefined) return
    const balances = Object.fromEntries([...wallet.balances].map(([coin, e8]) => [coin, String(e8)]))
    this.line(nowUs, 'wallet', { uid: wallet.uid, balances })
  }

  request(nowUs: number, endpoint: string, fields: { readonly uid: string; readonly retCode: number | string }): void {
    if (this.write !== undefined) this.line(nowUs, 'request', { endpoint, ...fields })
  }

  private line(atUs: number, kind: string, fields: Json): void {
    this.write?.(JSON.stringify({ atUs, kind, ...fields }))
  }
}
