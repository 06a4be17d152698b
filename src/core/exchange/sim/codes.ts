/**
 * What the gateway says no with: Bybit's code and text, one row per refusal (BYBIT.md §1.5, bybit/codes.json). Where a
 * spot order gets another code than a contract, the row holds both.
 */
import type { Category } from '../../domain/instrument.ts'
import type { CommandResult } from './model.ts'

interface Row {
  readonly contract: readonly [code: number, text: string]
  readonly spot: readonly [code: number, text: string]
}

const both = (code: number, text: string): Row => ({ contract: [code, text], spot: [code, text] })
const split = (contract: Row['contract'], spot: Row['spot']): Row => ({ contract, spot })

/** `{x}` is replaced from the parameters. */
export const REFUSALS = {
  symbolInvalid: split([10001, 'symbol invalid {symbol}'], [170121, 'Invalid symbol.']),
  notTrading: split([110074, 'This contract is not live'], [170151, 'The trading pair is not open yet.']),
  reduceOnlyContract: both(110023, 'Currently you can only reduce positions on this contract.'),
  linkIdInvalid: both(10001, 'OrderLinkedID is invalid'),
  positionIdx: both(10001, 'position idx not match position mode'),
  qtyInvalid: split([10001, 'Qty invalid'], [170130, 'Data sent for parameter qty is not valid.']),
  qtyMin: split(
    [10001, 'The number of contracts exceeds minimum limit allowed'],
    [170136, 'Order quantity lower than the minimum.'],
  ),
  qtyMax: split(
    [10001, 'The number of contracts exceeds maximum limit allowed: order_qty:{qtyE8} > max_qty:{maxE8}'],
    [170124, 'Order quantity has exceeded the upper limit.'],
  ),
  priceInvalid: split([10001, 'price invalid'], [170130, 'Data sent for parameter price is not valid.']),
  priceMax: split([110003, 'Order price exceeds the allowable range.'], [170132, 'Order price is too high.']),
  priceMin: split([110003, 'Order price exceeds the allowable range.'], [170133, 'Order price is too low.']),
  buyLimit: split(
    [30208, 'The order price is higher than the maximum buying price: {limit}'],
    [170193, 'Buy order price cannot be higher than {limit}.'],
  ),
  sellLimit: split(
    [30209, 'The order price is lower than the minimum selling price: {limit}'],
    [170194, 'Sell order price cannot be lower than {limit}.'],
  ),
  marketBand: both(10001, 'The market order has no liquidity inside [{low},{high}], price invalid'),
  notionalMin: split(
    [110094, 'Order does not meet minimum order value {notional}{coin}'],
    [170140, 'Order value exceeded lower limit.'],
  ),
  triggerInvalid: split(
    [10001, 'TriggerPrice invalid'],
    [170130, 'Data sent for parameter triggerPrice is not valid.'],
  ),
  triggerDirection: both(10001, 'TriggerDirection invalid'),
  reduceOnly: both(110017, 'Reduce-only rule not satisfied'),
  activeMax: split(
    [110020, 'Not allowed to have more than 500 active orders.'],
    [170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'],
  ),
  conditionalMax: split(
    [110009, 'The number of stop orders exceeds the maximum allowable limit. You can find references in our API doc.'],
    [170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'],
  ),
  linkIdTaken: split([110072, 'OrderLinkedID is duplicate'], [170141, 'Duplicate clientOrderId']),
  balance: split([110007, 'ab not enough for new order'], [170131, 'Insufficient balance.']),
  cancelGone: split([110001, 'order not exists or too late to cancel'], [170213, 'Order does not exist.']),
  amendGone: split([110001, 'order not exists or too late to replace'], [170213, 'Order does not exist.']),
  idMissing: both(10001, 'params error: orderId or orderLinkId is required'),
  amendFilled: split(
    [110064, 'The order quantity to be modified is not above the filled quantity.'],
    [170313, 'The modified order quantity is lower than the filled quantity.'],
  ),
  amendSame: split(
    [10001, 'order not modified'],
    [10001, 'The order remains unchanged as the parameters entered match the existing ones.'],
  ),
  scopeMissing: both(10001, 'params error: symbol, baseCoin or settleCoin is required'),
  settleCoin: both(10001, 'params error: settle_coin not support'),
  modeSame: both(110025, 'Position mode is not modified'),
  modePosition: both(110024, 'You have an existing position, so position mode cannot be switched'),
  modeOrders: both(110028, 'You have existing orders, so position mode cannot be switched'),
  modeUnsupported: both(110029, 'Hedge mode is not supported for this symbol'),
  leverageSame: both(110043, 'leverage not modified'),
  leverageInvalid: both(10001, 'leverage invalid'),
} as const satisfies Record<string, Row>

export type Refusal = keyof typeof REFUSALS

export function refuse(
  category: Category,
  refusal: Refusal,
  params: Readonly<Record<string, string | number>> = {},
): CommandResult {
  const [retCode, text] = category === 'spot' ? REFUSALS[refusal].spot : REFUSALS[refusal].contract
  const retMsg = text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
  return { retCode, retMsg, orderId: '', orderLinkId: '' }
}

export function accepted(orderId: string, orderLinkId: string): CommandResult {
  return { retCode: 0, retMsg: 'OK', orderId, orderLinkId }
}
