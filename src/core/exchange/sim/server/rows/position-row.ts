/** One position as position/list and the `position` stream show it. Only under isolated margin has it a liquidation price. */
import { isolatedPrices, MAINTENANCE_RATE } from '../../isolated.ts'
import type { SimInstrument, SimPosition } from '../../model.ts'
import type { Json } from '../outcome.ts'
import { absBig, coinText, fractionText, msText, priceText, sizeText, valueE8 } from './money-text.ts'

/** In 1e-8. */
export const MAINTENANCE_E8 = BigInt(MAINTENANCE_RATE * 1e8)
/** Largest position value of the lowest risk tier. */
export const RISK_LIMIT_VALUE = '2000000'

export interface PositionFigures {
  readonly valueE8: bigint
  readonly unrealisedE8: bigint
  readonly initialMarginE8: bigint
  readonly maintenanceMarginE8: bigint
}

/** Value at entry, profit at the mark, margins; 1e-8 settle coins. */
export function positionFigures(position: SimPosition, listing: SimInstrument, markTicks: number): PositionFigures {
  const { instrument } = listing
  const value = absBig(position.costE8)
  const leverage = BigInt(Math.max(1, Math.round(Number(position.leverage) * 100)))
  return {
    valueE8: value,
    unrealisedE8:
      position.lots === 0 ? 0n : unrealised(position, markTicks, instrument.category === 'inverse', listing),
    initialMarginE8: (value * 100n) / leverage,
    maintenanceMarginE8: (value * MAINTENANCE_E8) / 100_000_000n,
  }
}

// Linear: worth now − cost, cost signed like the lots. Inverse: the coins a long gave up (cost, signed against the
// lots) against the coins it would take now.
function unrealised(position: SimPosition, markTicks: number, isInverse: boolean, listing: SimInstrument): bigint {
  const worth = valueE8(Math.abs(position.lots), markTicks, listing.instrument)
  const signed = position.lots > 0 === !isInverse ? worth : -worth
  return signed - position.costE8
}

/** What a row needs beside the position. */
export interface PositionContext {
  readonly listing: SimInstrument
  readonly markTicks: number
  /** Trigger prices of its exits, 0 for none. */
  readonly takeProfitTicks: number
  readonly stopLossTicks: number
  /** Distance of its trailing stop, 0 for none. */
  readonly trailingTicks: number
  /** Its margin is its own: it has a liquidation price. */
  readonly isIsolated: boolean
}

// There is no volatility surface.
const GREEKS: Json = { delta: '0', gamma: '0', vega: '0', theta: '0' }

/** Shared by both shapes. */
function common(position: SimPosition, context: PositionContext): Json {
  const { listing, markTicks, takeProfitTicks, stopLossTicks, trailingTicks } = context
  const { instrument } = listing
  const figures = positionFigures(position, listing, markTicks)
  return {
    positionIdx: position.positionIdx,
    riskId: 1,
    riskLimitValue: RISK_LIMIT_VALUE,
    symbol: position.symbol,
    side: position.lots === 0 ? '' : position.lots > 0 ? 'Buy' : 'Sell',
    size: sizeText(Math.abs(position.lots), instrument),
    positionValue: position.lots === 0 ? '' : coinText(figures.valueE8),
    tradeMode: 0,
    positionStatus: 'Normal',
    autoAddMargin: 0,
    adlRankIndicator: position.lots === 0 ? 0 : 2,
    leverage: position.leverage,
    breakEvenPrice: position.lots === 0 ? '' : fractionText(position.entryTicks, instrument),
    positionBalance: coinText(figures.initialMarginE8),
    markPrice: priceText(markTicks, instrument),
    ...lossPrices(position, context),
    positionMM: coinText(figures.maintenanceMarginE8),
    positionMMByMp: coinText(figures.maintenanceMarginE8),
    positionIM: coinText(figures.initialMarginE8),
    positionIMByMp: coinText(figures.initialMarginE8),
    tpslMode: 'Full',
    takeProfit: takeProfitTicks === 0 ? '' : priceText(takeProfitTicks, instrument),
    stopLoss: stopLossTicks === 0 ? '' : priceText(stopLossTicks, instrument),
    trailingStop: trailingTicks === 0 ? '0' : priceText(trailingTicks, instrument),
    unrealisedPnl: position.lots === 0 ? '' : coinText(figures.unrealisedE8),
    curRealisedPnl: coinText(position.curRealisedE8),
    cumRealisedPnl: coinText(position.realisedE8),
    sessionAvgPrice: '',
    ...(instrument.category === 'option' ? GREEKS : {}),
    seq: position.crossSeq,
    isReduceOnly: false,
    mmrSysUpdateTime: '',
    mmrSysUpdatedTime: '',
    leverageSysUpdatedTime: '',
    openTime: Math.floor(position.createdUs / 1_000),
    createdTime: msText(position.createdUs),
    updatedTime: msText(position.updatedUs),
  }
}

// Under cross margin the account has to be lost, not the position.
function lossPrices(position: SimPosition, { listing, isIsolated }: PositionContext): Json {
  if (!isIsolated || position.lots === 0) return { liqPrice: '', bustPrice: '' }
  const { liqTicks, bustTicks } = isolatedPrices(position)
  return { liqPrice: priceText(liqTicks, listing.instrument), bustPrice: priceText(bustTicks, listing.instrument) }
}

export function positionRow(position: SimPosition, context: PositionContext): Json {
  return {
    ...common(position, context),
    avgPrice: position.lots === 0 ? '0' : fractionText(position.entryTicks, context.listing.instrument),
  }
}

export function positionPush(position: SimPosition, context: PositionContext): Json {
  return {
    category: position.category,
    ...common(position, context),
    entryPrice: position.lots === 0 ? '0' : fractionText(position.entryTicks, context.listing.instrument),
  }
}
