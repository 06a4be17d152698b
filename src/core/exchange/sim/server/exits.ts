/**
 * Take profit and stop loss of a contract position: conditional orders that close all of it, at most one of each kind.
 * They come from position/trading-stop or from an order that carried them and was filled, and go with the position.
 * Trailing stops and partial exits are not simulated; exits attached to spot orders are given back only.
 */
import { toSteps } from '../../../domain/fixed.ts'
import { priceTicks, sizeLots, type TimeUs } from '../../../domain/units.ts'
import type { CommandResult, PlaceCommand, SimExecution, SimInstrument, SimOrder, SimPosition } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'
import type { PositionContext } from './rows/position-row.ts'

/** After which an order on its way is looked for in the book again. */
const LANDING_US = 5_000

export const EXITS = [
  { field: 'takeProfit', stopOrderType: 'TakeProfit', triggerBy: 'tpTriggerBy' },
  { field: 'stopLoss', stopOrderType: 'StopLoss', triggerBy: 'slTriggerBy' },
] as const
export type Exit = (typeof EXITS)[number]

type Held = Pick<SimPosition, 'uid' | 'category' | 'symbol' | 'positionIdx'>

/** The position's orders of one kind, those on their way included: a sweep fills an order several times at once. */
function exitOrders(exchange: SimExchange, held: Held, exit: Exit): SimOrder[] {
  return exchange
    .liveOrders(held.uid)
    .filter((order) => order.stopOrderType === exit.stopOrderType && isOf(order, held))
}

const isOf = (order: Omit<Held, 'uid'>, { category, symbol, positionIdx }: Held): boolean =>
  order.symbol === symbol && order.category === category && order.positionIdx === positionIdx

/** What a row of the position shows; null for a symbol that is not listed. */
export function positionContext(exchange: SimExchange, position: SimPosition): PositionContext | null {
  const listing = exchange.listing(position.category, position.symbol)
  if (listing === undefined) return null
  let takeProfitTicks = 0
  let stopLossTicks = 0
  // Asked with every message of the position, whatever the number of orders: one pass.
  for (const order of exchange.openOrders(position.uid)) {
    if (order.stopOrderType === '' || !isOf(order, position)) continue
    if (order.stopOrderType === 'TakeProfit') takeProfitTicks = order.triggerTicks
    else if (order.stopOrderType === 'StopLoss') stopLossTicks = order.triggerTicks
  }
  const { markTicks } = exchange.reference(position.category, position.symbol)
  return { listing, markTicks, takeProfitTicks, stopLossTicks }
}

export interface ExitPrice {
  /** 0: none. */
  readonly ticks: number
  readonly triggerBy: string
}

/** Replaces the position's exits of this kind; null when they are so already. */
export function exitChange(
  exchange: SimExchange,
  position: SimPosition,
  { exit, ticks, triggerBy }: ExitPrice & { readonly exit: Exit },
): ((nowUs: TimeUs) => Pick<CommandResult, 'retCode' | 'retMsg'>) | null {
  const standing = exitOrders(exchange, position, exit)
  const isSame = ticks === 0 ? standing.length === 0 : standing.length === 1 && standing[0]?.triggerTicks === ticks
  if (isSame) return null
  return (nowUs) => {
    for (const order of standing) exchange.cancel(position.uid, { ...order, orderFilter: null }, nowUs)
    if (ticks === 0) return { retCode: 0, retMsg: 'OK' }
    return exchange.place(position.uid, closingOrder(position, exit, { ticks, triggerBy }), nowUs)
  }
}

function closingOrder(position: SimPosition, exit: Exit, { ticks, triggerBy }: ExitPrice): PlaceCommand {
  const risesToTrigger = (exit.field === 'takeProfit') === position.lots > 0
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
    stopOrderType: exit.stopOrderType,
    triggerTicks: priceTicks(ticks),
    triggerDirection: risesToTrigger ? 1 : 2,
    triggerBy,
    extras: { tpslMode: 'Full' },
  }
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

/** Follows fills and positions; acts when the event that told them is over. */
export class AttachedExits {
  private readonly exchange: () => SimExchange
  private readonly agenda: Agenda
  private readonly settle: () => void
  /** Sizes that the exits have followed. */
  private readonly followed = new Map<string, number>()

  constructor(exchange: () => SimExchange, agenda: Agenda, settle: () => void) {
    this.exchange = exchange
    this.agenda = agenda
    this.settle = settle
  }

  /** An order with exits was filled: its position gets them. */
  filled({ uid, category, symbol, orderId }: SimExecution): void {
    if (category === 'spot' || orderId === '') return
    const order = this.exchange().findOrder(uid, orderId, '')
    if (order === undefined || order.isReduceOnly || !EXITS.some(({ field }) => isPrice(order.extras[field]))) return
    this.soon((nowUs) => {
      const position = this.exchange()
        .positions(uid)
        .find((one) => one.category === category && one.symbol === symbol && one.positionIdx === order.positionIdx)
      if (position !== undefined && Math.sign(position.lots) === order.side) this.attach(order, position, nowUs)
    })
  }

  /** Exits are as large as their position and on its other side; a position that is flat needs none. */
  changed({ uid, category, symbol, positionIdx, lots }: SimPosition): void {
    const key = `${uid} ${category} ${symbol} ${positionIdx}`
    if (lots === (this.followed.get(key) ?? 0)) return
    this.followed.set(key, lots)
    const held = { uid, category, symbol, positionIdx }
    if (this.standing(held).length > 0) this.soon((nowUs) => this.follow(held, nowUs))
  }

  private follow(held: Held, nowUs: TimeUs): void {
    const exchange = this.exchange()
    const lots = exchange.positions(held.uid).find((one) => isOf(one, held))?.lots ?? 0
    const orders = this.standing(held)
    const gone = orders.filter(({ side }) => lots === 0 || side === Math.sign(lots))
    const open = new Set(exchange.openOrders(held.uid))
    if (gone.some((order) => !open.has(order))) this.soon((laterUs) => this.follow(held, laterUs), LANDING_US)
    const { category, symbol } = held
    for (const { stopOrderType } of EXITS) {
      if (!gone.some((order) => order.stopOrderType === stopOrderType)) continue
      // The type narrows only with the filter.
      const scope = { category, symbol, baseCoin: '', settleCoin: '', orderFilter: 'StopOrder', stopOrderType } as const
      exchange.cancelAll(held.uid, scope, nowUs, 'CancelByTpSlTsClear', (one) => !isOf(one, held))
    }
    const size = sizeLots(Math.abs(lots))
    for (const order of orders) {
      if (gone.includes(order) || order.sizeLots === size) continue
      const { orderId, orderLinkId } = order
      const change = { priceTicks: null, sizeLots: size, triggerTicks: null }
      exchange.amend(held.uid, { category, symbol, orderId, orderLinkId, ...change }, nowUs)
    }
  }

  private standing(held: Held): SimOrder[] {
    return EXITS.flatMap((exit) => exitOrders(this.exchange(), held, exit))
  }

  private attach(order: SimOrder, position: SimPosition, nowUs: TimeUs): void {
    const listing = this.exchange().listing(position.category, position.symbol)
    if (listing === undefined) return
    for (const exit of EXITS) {
      const text = order.extras[exit.field]
      if (!isPrice(text)) continue
      const ticks = toSteps(text, listing.instrument.price)
      const triggerBy = order.extras[exit.triggerBy] ?? 'LastPrice'
      if (ticks > 0) exitChange(this.exchange(), position, { exit, ticks, triggerBy })?.(nowUs)
    }
  }

  private soon(act: (nowUs: TimeUs) => void, afterUs = 0): void {
    this.agenda.after(afterUs, () => {
      act(this.agenda.nowUs())
      this.settle()
    })
  }
}

const isPrice = (text: string | undefined): text is string => text !== undefined && text !== '' && text !== '0'
