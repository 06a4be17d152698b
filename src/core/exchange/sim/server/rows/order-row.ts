/**
 * One order as REST and the `order` stream show it: same ledger record, same texts, every documented key. The two differ
 * only in the keys Bybit puts on one of them.
 */
import type { Instrument } from '../../../../domain/instrument.ts'
import type { SimOrder } from '../../model.ts'
import type { Json } from '../outcome.ts'
import { averageText, coinText, msText, priceText, sizeText, valueE8 } from './money-text.ts'

const sideText = (side: number): string => (side > 0 ? 'Buy' : 'Sell')

/** A row of order/realtime and order/history. */
export function orderRow(order: SimOrder, instrument: Instrument): Json {
  return { ...common(order, instrument), basePrice: '', extraFees: '' }
}

/** An element of the order stream's `data`. `closedPnlE8`: what its fills closed so far, after fees. */
export function orderPush(order: SimOrder, instrument: Instrument, closedPnlE8: bigint): Json {
  return {
    category: order.category,
    ...common(order, instrument),
    brokerOrderPrice: '',
    closedPnl: coinText(closedPnlE8),
    feeCurrency: order.category === 'spot' ? order.feeCoin : '',
  }
}

function common(order: SimOrder, instrument: Instrument): Json {
  const { extras } = order
  const extra = (name: string): string => extras[name] ?? ''
  const leaves = isOpen(order) ? order.sizeLots - order.filledLots : 0
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderLinkId: order.orderLinkId,
    blockTradeId: '',
    side: sideText(order.side),
    isLeverage: order.category === 'spot' ? extra('isLeverage') || '0' : '',
    positionIdx: order.positionIdx,
    orderStatus: order.status,
    cancelType: order.cancelType || 'UNKNOWN',
    rejectReason: order.rejectReason || 'EC_NoError',
    timeInForce: order.timeInForce,
    price: hasPrice(order) ? priceText(order.priceTicks, instrument) : '0',
    qty: quantityText(order, instrument),
    avgPrice: order.filledLots > 0 ? averageText(order.filledMoney, order.filledLots, instrument) : '',
    leavesQty: sizeText(leaves, instrument),
    leavesValue: coinText(hasPrice(order) ? valueE8(leaves, order.priceTicks, instrument) : 0n),
    cumExecQty: sizeText(order.filledLots, instrument),
    cumExecValue: coinText(order.filledValueE8),
    cumExecFee: coinText(order.feeE8),
    cumFeeDetail: order.feeCoin === '' ? {} : { [order.feeCoin]: coinText(order.feeE8) },
    orderType: order.type,
    stopOrderType: order.stopOrderType || (order.category === 'spot' ? '' : 'UNKNOWN'),
    orderIv: extra('orderIv'),
    marketUnit: extra('marketUnit'),
    triggerPrice: order.triggerTicks > 0 ? priceText(order.triggerTicks, instrument) : '',
    takeProfit: extra('takeProfit'),
    stopLoss: extra('stopLoss'),
    tpslMode: extra('tpslMode') || (order.category === 'spot' ? '' : 'UNKNOWN'),
    ocoTriggerBy: '',
    tpLimitPrice: extra('tpLimitPrice'),
    slLimitPrice: extra('slLimitPrice'),
    tpTriggerBy: extra('tpTriggerBy'),
    slTriggerBy: extra('slTriggerBy'),
    triggerDirection: order.triggerDirection,
    triggerBy: order.triggerBy || (order.triggerTicks > 0 ? 'LastPrice' : ''),
    lastPriceOnCreated: extra('lastPriceOnCreated'),
    reduceOnly: order.isReduceOnly,
    closeOnTrigger: order.closeOnTrigger,
    placeType: '',
    smpType: order.smpType,
    smpGroup: 0,
    smpOrderId: order.smpOrderId,
    slippageToleranceType: extra('slippageToleranceType') || 'UNKNOWN',
    slippageTolerance: extra('slippageTolerance'),
    rpiTakerAccess: extra('rpiTakerAccess') === 'true',
    rpiMatchedQty: '',
    createType: order.createType,
    parentOrderLinkId: '',
    createdTime: msText(order.createdUs),
    updatedTime: msText(order.updatedUs),
  }
}

function quantityText(order: SimOrder, instrument: Instrument): string {
  return order.quoteE8 > 0n ? coinText(order.quoteE8) : sizeText(order.sizeLots, instrument)
}

// A market order gets the edge of its band as price when it meets the book, not while it waits for its trigger.
function hasPrice({ type, status }: SimOrder): boolean {
  return type === 'Limit' || (status !== 'Untriggered' && status !== 'Deactivated')
}

export function isOpen(order: SimOrder): boolean {
  return order.status === 'New' || order.status === 'PartiallyFilled' || order.status === 'Untriggered'
}
