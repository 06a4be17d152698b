/**
 * What an exchange does to a position without an order of its owner: funding, deleveraging, takeover, settlement. Half of
 * the position is closed at mark, rounded up; funding is the interest base of one interval. Contracts only.
 */
import type { PriceTicks, Side, SizeLots } from '../../domain/units.ts'
import type { Holding } from './holding.ts'
import type { Ledger } from './ledger.ts'
import type { CoinE8 } from './model.ts'
import type { Position } from './position.ts'

export type ApartType = 'Funding' | 'AdlTrade' | 'BustTrade' | 'Settle'

/** 0.01 % of the value. */
const FUNDING_DIVISOR = 10_000n
const FUNDING_RATE_E8 = 10_000

export function actApart(ledger: Ledger, holding: Holding, execType: ApartType): void {
  const { markTicks } = holding.listing.reference
  for (const position of holding.positions) {
    if (position.lots === 0) continue
    if (execType === 'Funding') fund(ledger, holding, position)
    else
      takeOver(ledger, holding, position, { execType, ticks: markTicks, lots: Math.ceil(Math.abs(position.lots) / 2) })
  }
}

// Longs pay, shorts are paid; it closes nothing and names the side held.
function fund(ledger: Ledger, holding: Holding, position: Position): void {
  const { account, listing } = holding
  const { markTicks } = listing.reference
  const isLong = position.lots > 0
  const lots = Math.abs(position.lots)
  const valueE8 = listing.valuer.valueE8(markTicks, lots)
  const feeE8 = (isLong ? valueE8 : -valueE8) / FUNDING_DIVISOR
  account.credit(listing.instrument.settleCoin, -feeE8)
  const side = isLong ? 1 : -1
  const row = rowOf(holding, position, { execType: 'Funding', side, ticks: markTicks, lots })
  ledger.recordApart(holding, { ...row, valueE8, feeE8, feeRateE8: FUNDING_RATE_E8 })
}

export interface TakeOver {
  readonly execType: Exclude<ApartType, 'Funding'>
  readonly ticks: number
  readonly lots: number
}

/** Closes so much of a position at a price, free of fees: a closing sells what is long. */
export function takeOver(
  ledger: Ledger,
  holding: Holding,
  position: Position,
  { execType, ticks, lots }: TakeOver,
): void {
  const { account, listing } = holding
  const side = position.lots > 0 ? -1 : 1
  const valueE8 = listing.valuer.valueE8(ticks, lots)
  const at = { atUs: ledger.nowUs, crossSeq: ledger.crossSeq }
  const closed = position.apply({ side, ticks, lots, valueE8, feeE8: 0n, ...at })
  account.credit(listing.instrument.settleCoin, closed.profitE8)
  const row = rowOf(holding, position, { execType, side, ticks, lots })
  ledger.recordApart(holding, {
    ...row,
    valueE8,
    closedPnlE8: closed.profitE8,
    closedLots: closed.closedLots as SizeLots,
  })
}

interface ApartFacts {
  readonly execType: ApartType
  readonly side: Side
  readonly ticks: number
  readonly lots: number
}

/** An execution that no order made. */
function rowOf({ account, listing }: Holding, position: Position, { execType, side, ticks, lots }: ApartFacts) {
  const { symbol, category, settleCoin } = listing.instrument
  return {
    uid: account.uid,
    orderId: '',
    orderLinkId: '',
    symbol,
    category,
    side,
    priceTicks: ticks as PriceTicks,
    sizeLots: lots as SizeLots,
    feeE8: 0n as CoinE8,
    feeCoin: settleCoin,
    feeRateE8: 0,
    isMaker: false,
    execType,
    orderPriceTicks: 0 as PriceTicks,
    orderSizeLots: 0 as SizeLots,
    leavesLots: 0 as SizeLots,
    orderType: 'UNKNOWN',
    stopOrderType: '',
    createType: '',
    closedPnlE8: 0n as CoinE8,
    closedLots: 0 as SizeLots,
    positionLots: position.lots,
  } as const
}
