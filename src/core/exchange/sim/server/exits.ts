/**
 * What an exit of a contract position is: a conditional order that closes all of it or a part. Names, sides, what a position
 * shows of them, and why one may not be set. Exits attached to spot orders are given back only.
 */
import { toSteps } from '../../../domain/fixed.ts'
import type { PlaceCommand, SimInstrument, SimOrder, SimPosition } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { PositionContext } from './rows/position-row.ts'

export const EXITS = [
  {
    field: 'takeProfit',
    isProfit: true,
    stopOrderType: 'TakeProfit',
    partialType: 'PartialTakeProfit',
    triggerBy: 'tpTriggerBy',
    size: 'tpSize',
    orderType: 'tpOrderType',
    limitPrice: 'tpLimitPrice',
  },
  {
    field: 'stopLoss',
    isProfit: false,
    stopOrderType: 'StopLoss',
    partialType: 'PartialStopLoss',
    triggerBy: 'slTriggerBy',
    size: 'slSize',
    orderType: 'slOrderType',
    limitPrice: 'slLimitPrice',
  },
] as const
export type Exit = (typeof EXITS)[number]

/** `stopOrderType` of everything that goes with its position. */
export const EXIT_TYPES: readonly string[] = [
  ...EXITS.flatMap(({ stopOrderType, partialType }) => [stopOrderType, partialType]),
  'TrailingStop',
]

export type Held = Pick<SimPosition, 'uid' | 'category' | 'symbol' | 'positionIdx'>

/** The position's orders of one kind, those on their way included: a sweep fills an order several times at once. */
export function exitOrders(exchange: SimExchange, held: Held, stopOrderType: string): SimOrder[] {
  return exchange.liveOrders(held.uid).filter((order) => order.stopOrderType === stopOrderType && isOf(order, held))
}

export const isOf = (order: Omit<Held, 'uid'>, { category, symbol, positionIdx }: Held): boolean =>
  order.symbol === symbol && order.category === category && order.positionIdx === positionIdx

export const isPrice = (text: string | undefined): text is string => text !== undefined && text !== '' && text !== '0'

/** What a row of the position shows; null for a symbol that is not listed. */
export function positionContext(exchange: SimExchange, position: SimPosition): PositionContext | null {
  const listing = exchange.listing(position.category, position.symbol)
  if (listing === undefined) return null
  let takeProfitTicks = 0
  let stopLossTicks = 0
  let trailingTicks = 0
  // Asked with every message of the position, whatever the number of orders: one pass.
  for (const order of exchange.openOrders(position.uid)) {
    if (order.stopOrderType === '' || !isOf(order, position)) continue
    if (order.stopOrderType === 'TakeProfit') takeProfitTicks = order.triggerTicks
    else if (order.stopOrderType === 'StopLoss') stopLossTicks = order.triggerTicks
    else if (order.trail !== null) trailingTicks = order.trail.rule.distanceTicks
  }
  const { markTicks } = exchange.reference(position.category, position.symbol)
  const isIsolated = exchange.terms.isIsolated(position.uid)
  return { listing, markTicks, takeProfitTicks, stopLossTicks, trailingTicks, isIsolated }
}

/** Why an order may not carry its exits, or '': a long's profit is above its price, its loss below; a short's mirrored. */
export function exitFault(exchange: SimExchange, command: PlaceCommand, { instrument }: SimInstrument): string {
  if (command.category === 'spot') return ''
  const lastTicks = exchange.market(command.category, command.symbol)?.lastTicks() ?? 0
  const base = command.priceTicks || command.triggerTicks || lastTicks
  for (const exit of EXITS) {
    const text = command.extras[exit.field]
    if (!isPrice(text)) continue
    const ticks = toSteps(text, instrument.price)
    if (Number.isNaN(ticks) || ticks < 0) return `params error: ${exit.field} invalid`
    const fault = exitSideFault(exit, { text, ticks, base }, command.side)
    if (fault !== '') return fault
    const isLimit = command.extras[exit.orderType] === 'Limit'
    if (isLimit && command.extras['tpslMode'] !== 'Partial')
      return `params error: ${exit.orderType} Limit needs tpslMode Partial`
    if (isLimit && !isPrice(command.extras[exit.limitPrice])) return `params error: ${exit.limitPrice} is required`
  }
  return ''
}

/** Why this is no exit for a position of `side` at a price of `base` ticks (0: none), or ''. */
export function exitSideFault(
  { field, stopOrderType }: Exit,
  { text, ticks, base }: { readonly text: string; readonly ticks: number; readonly base: number },
  side: number,
): string {
  const isAbove = (field === 'takeProfit') === side > 0
  if (base === 0 || (isAbove ? ticks > base : ticks < base)) return ''
  const held = side > 0 ? 'Buy' : 'Sell'
  return `${stopOrderType}:${text} set for ${held} position should be ${isAbove ? 'higher' : 'lower'} than base_price`
}
