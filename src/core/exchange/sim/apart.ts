/**
 * What an exchange does to a position without an order of its owner: funding, deleveraging, takeover, settlement. Half of
 * the position is closed at mark, rounded up; funding is the interest base of one interval. Contracts only.
 */
import type { PriceTicks, SizeLots } from '../../domain/units.ts'
import type { Holding } from './holding.ts'
import type { Ledger } from './ledger.ts'
import type { CoinE8 } from './model.ts'
import type { PositionChange } from './position.ts'

export type ApartType = 'Funding' | 'AdlTrade' | 'BustTrade' | 'Settle'

/** 0.01 % of the value. */
const FUNDING_DIVISOR = 10_000n
const FUNDING_RATE_E8 = 10_000

export function actApart(ledger: Ledger, holding: Holding, execType: ApartType): void {
  const { account, listing } = holding
  const { markTicks } = listing.reference
  for (const position of holding.positions) {
    if (position.lots === 0) continue
    const isLong = position.lots > 0
    const lots = execType === 'Funding' ? Math.abs(position.lots) : Math.ceil(Math.abs(position.lots) / 2)
    const valueE8 = listing.valuer.valueE8(markTicks, lots)
    // Longs pay, shorts are paid. A closing sells what is long; funding closes nothing and names the side held.
    const feeE8: CoinE8 = execType === 'Funding' ? (isLong ? valueE8 : -valueE8) / FUNDING_DIVISOR : 0n
    const side = isLong === (execType === 'Funding') ? 1 : -1
    let closed: PositionChange | null = null
    if (execType !== 'Funding') {
      const fill = {
        side,
        ticks: markTicks,
        lots,
        valueE8,
        feeE8,
        atUs: ledger.nowUs,
        crossSeq: ledger.crossSeq,
      } as const
      closed = position.apply(fill)
    }
    const closedPnlE8 = closed?.profitE8 ?? 0n
    account.credit(listing.instrument.settleCoin, closedPnlE8 - feeE8)
    ledger.recordApart(holding, {
      uid: account.uid,
      orderId: '',
      orderLinkId: '',
      symbol: listing.instrument.symbol,
      category: listing.instrument.category,
      side,
      priceTicks: markTicks as PriceTicks,
      sizeLots: lots as SizeLots,
      valueE8,
      feeE8,
      feeCoin: listing.instrument.settleCoin,
      feeRateE8: execType === 'Funding' ? FUNDING_RATE_E8 : 0,
      isMaker: false,
      execType,
      orderPriceTicks: 0 as PriceTicks,
      orderSizeLots: 0 as SizeLots,
      leavesLots: 0 as SizeLots,
      orderType: 'UNKNOWN',
      stopOrderType: '',
      createType: '',
      closedPnlE8,
      closedLots: (closed?.closedLots ?? 0) as SizeLots,
      positionLots: position.lots,
    })
  }
}
