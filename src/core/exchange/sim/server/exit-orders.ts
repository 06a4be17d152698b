/**
 * The conditional orders behind the exits of a position: one of each kind that closes all of it (replaced when set anew), a
 * trailing stop, and any number that close a part. A change is judged when it is asked for and done when it is called.
 */
import { priceTicks, sizeLots, type TimeUs } from '../../../domain/units.ts'
import type { CommandResult, PlaceCommand, SimPosition } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { TrailRule } from '../trailing.ts'
import { type Exit, exitOrders } from './exits.ts'

export type Change = (nowUs: TimeUs) => Pick<CommandResult, 'retCode' | 'retMsg' | 'orderId'>

const DONE = { retCode: 0, retMsg: 'OK', orderId: '' }

export interface ExitPrice {
  readonly exit: Exit
  /** 0: none. */
  readonly ticks: number
  readonly triggerBy: string
}

/** Replaces the position's exit of this kind; null when it is so already. */
export function exitChange(
  exchange: SimExchange,
  position: SimPosition,
  { exit, ticks, triggerBy }: ExitPrice,
): Change | null {
  const type = exit.stopOrderType
  const standing = exitOrders(exchange, position, type)
  const isSame = ticks === 0 ? standing.length === 0 : standing.length === 1 && standing[0]?.triggerTicks === ticks
  if (isSame) return null
  const order = closing(position, { type, isProfit: exit.isProfit, ticks, triggerBy })
  return replace(exchange, position, { type, order: ticks === 0 ? null : order })
}

/** The same for the trailing stop; null takes it away. */
export function trailChange(exchange: SimExchange, position: SimPosition, rule: TrailRule | null): Change | null {
  const type = 'TrailingStop'
  const [standing] = exitOrders(exchange, position, type)
  const { distanceTicks, activeTicks } = standing?.trail?.rule ?? { distanceTicks: 0, activeTicks: 0 }
  const isSame = (rule?.distanceTicks ?? 0) === distanceTicks && (rule?.activeTicks ?? 0) === activeTicks
  if (isSame) return null
  if (rule === null) return replace(exchange, position, { type, order: null })
  const lastTicks = exchange.market(position.category, position.symbol)?.lastTicks() ?? 0
  const fromTicks = rule.activeTicks || lastTicks
  const ticks = Math.max(1, fromTicks - Math.sign(position.lots) * rule.distanceTicks)
  const order = closing(position, { type, isProfit: false, ticks, triggerBy: 'LastPrice' })
  return replace(exchange, position, { type, order: { ...order, trail: rule } })
}

export interface PartialExit extends ExitPrice {
  readonly lots: number
  /** 0: at the market. */
  readonly limitTicks: number
}

/** One more exit, of a part. */
export function partialExit(
  exchange: SimExchange,
  position: SimPosition,
  { exit, ticks, triggerBy, lots, limitTicks }: PartialExit,
): Change {
  const type = exit.partialType
  const order = closing(position, { type, isProfit: exit.isProfit, ticks, triggerBy })
  const limit = { type: 'Limit', priceTicks: priceTicks(limitTicks), timeInForce: 'GTC' } as const
  const part = {
    ...order,
    ...(limitTicks === 0 ? {} : limit),
    sizeLots: sizeLots(Math.min(lots, Math.abs(position.lots))),
    extras: { tpslMode: 'Partial' },
  }
  return (nowUs) => exchange.place(position.uid, part, nowUs)
}

interface Replacement {
  readonly type: string
  readonly order: PlaceCommand | null
}

function replace(exchange: SimExchange, position: SimPosition, { type, order }: Replacement): Change {
  return (nowUs) => {
    for (const old of exitOrders(exchange, position, type))
      exchange.cancel(position.uid, { ...old, orderFilter: null }, nowUs)
    return order === null ? DONE : exchange.place(position.uid, order, nowUs)
  }
}

interface Closing {
  readonly type: string
  readonly isProfit: boolean
  readonly ticks: number
  readonly triggerBy: string
}

function closing(position: SimPosition, { type, isProfit, ticks, triggerBy }: Closing): PlaceCommand {
  const risesToTrigger = isProfit === position.lots > 0
  return {
    category: position.category,
    symbol: position.symbol,
    side: position.lots > 0 ? -1 : 1,
    type: 'Market',
    priceTicks: priceTicks(0),
    sizeLots: sizeLots(0),
    quoteE8: 0n,
    timeInForce: 'IOC',
    orderLinkId: '',
    isReduceOnly: true,
    closeOnTrigger: true,
    positionIdx: position.positionIdx,
    smpType: 'None',
    orderFilter: 'StopOrder',
    stopOrderType: type,
    triggerTicks: priceTicks(ticks),
    triggerDirection: risesToTrigger ? 1 : 2,
    triggerBy,
    extras: { tpslMode: 'Full' },
  }
}
