/** One execution as REST, the `execution` stream and `execution.fast` show it. */
import { formatScaled, trimZeros } from '../../../../domain/fixed.ts'
import type { Instrument } from '../../../../domain/instrument.ts'
import type { SimExecution } from '../../model.ts'
import type { Json } from '../outcome.ts'
import { coinText, msText, priceText, sizeText } from './money-text.ts'

const rateText = (e8: number): string => trimZeros(formatScaled(e8, 8))

export interface Marks {
  readonly markTicks: number
  readonly indexTicks: number
}

/** A row of execution/list. */
export function executionRow(execution: SimExecution, instrument: Instrument, marks: Marks): Json {
  const { createType } = execution
  return { ...common(execution, instrument, marks), createType, execFeeV2: '', extraFees: '' }
}

/** An element of the execution stream's `data`. */
export function executionPush(execution: SimExecution, instrument: Instrument, marks: Marks): Json {
  return {
    category: execution.category,
    ...common(execution, instrument, marks),
    isLeverage: execution.category === 'spot' ? '0' : '',
    marketUnit: '',
    execPnl: coinText(execution.closedPnlE8),
    createType: execution.createType,
    extraFees: [],
  }
}

/** `execution.fast`: trades only; a maker's orderLinkId is left out (BYBIT.md §2.5). */
export function fastExecutionPush(execution: SimExecution, instrument: Instrument): Json {
  return {
    category: execution.category,
    symbol: execution.symbol,
    execId: execution.execId,
    execPrice: priceText(execution.priceTicks, instrument),
    execQty: sizeText(execution.sizeLots, instrument),
    orderId: execution.orderId,
    isMaker: execution.isMaker,
    orderLinkId: execution.isMaker ? '' : execution.orderLinkId,
    side: execution.side > 0 ? 'Buy' : 'Sell',
    execTime: msText(execution.exchangeUs),
    seq: execution.crossSeq,
  }
}

function common(execution: SimExecution, instrument: Instrument, marks: Marks): Json {
  const isTrade = execution.execType === 'Trade'
  return {
    symbol: execution.symbol,
    orderType: execution.orderType,
    underlyingPrice: '',
    orderLinkId: execution.orderLinkId,
    side: execution.side > 0 ? 'Buy' : 'Sell',
    indexPrice: priceText(marks.indexTicks, instrument),
    orderId: execution.orderId,
    stopOrderType: execution.stopOrderType || (isTrade ? 'UNKNOWN' : ''),
    leavesQty: sizeText(execution.leavesLots, instrument),
    execTime: msText(execution.exchangeUs),
    feeCurrency: execution.category === 'spot' ? execution.feeCoin : '',
    isMaker: execution.isMaker,
    execFee: coinText(execution.feeE8),
    feeRate: rateText(execution.feeRateE8),
    execId: execution.execId,
    tradeIv: '',
    blockTradeId: '',
    markPrice: priceText(marks.markTicks, instrument),
    execPrice: priceText(execution.priceTicks, instrument),
    markIv: '',
    orderQty: sizeText(execution.orderSizeLots, instrument),
    orderPrice: priceText(execution.orderPriceTicks, instrument),
    execValue: coinText(execution.valueE8),
    execType: execution.execType,
    execQty: sizeText(execution.sizeLots, instrument),
    closedSize: sizeText(execution.closedLots, instrument),
    seq: execution.crossSeq,
  }
}
