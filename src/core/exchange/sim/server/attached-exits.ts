/**
 * Exits that came with an order, and how all exits follow their position: they are made when the order is filled, are never
 * larger than the position, and go with it.
 */
import { toSteps } from '../../../domain/fixed.ts'
import { sizeLots, type TimeUs } from '../../../domain/units.ts'
import { WHOLE_EXIT_TYPES } from '../live-order.ts'
import type { SimExecution, SimOrder, SimPosition } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'
import type { ExitPairs } from './exit-pairs.ts'
import { exitChange, partialExit } from './exit-orders.ts'
import { EXIT_TYPES, EXITS, exitOrders, type Held, isOf, isPrice } from './exits.ts'

/** After which an order on its way is looked for in the book again. */
const LANDING_US = 5_000

export interface ExitParts {
  readonly exchange: () => SimExchange
  readonly agenda: Agenda
  readonly pairs: ExitPairs
  readonly settle: () => void
}

/** Follows fills and positions; acts when the event that told them is over. */
export class AttachedExits {
  private readonly exchange: () => SimExchange
  private readonly agenda: Agenda
  private readonly pairs: ExitPairs
  private readonly settle: () => void
  /** Partial exits by the order that they came with. */
  private readonly partial = new Map<string, string[]>()
  /** Sizes that the exits have followed. */
  private readonly followed = new Map<string, number>()

  constructor({ exchange, agenda, pairs, settle }: ExitParts) {
    this.exchange = exchange
    this.agenda = agenda
    this.pairs = pairs
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
    for (const stopOrderType of EXIT_TYPES) {
      if (!gone.some((order) => order.stopOrderType === stopOrderType)) continue
      // The type narrows only with the filter.
      const scope = { category, symbol, baseCoin: '', settleCoin: '', orderFilter: 'StopOrder', stopOrderType } as const
      exchange.cancelAll(held.uid, scope, nowUs, 'CancelByTpSlTsClear', (one) => !isOf(one, held))
    }
    const all = sizeLots(Math.abs(lots))
    for (const order of orders) {
      const size = WHOLE_EXIT_TYPES.has(order.stopOrderType) || order.sizeLots > all ? all : order.sizeLots
      if (gone.includes(order) || order.sizeLots === size) continue
      const { orderId, orderLinkId } = order
      const change = { priceTicks: null, sizeLots: size, triggerTicks: null }
      exchange.amend(held.uid, { category, symbol, orderId, orderLinkId, ...change }, nowUs)
    }
  }

  private standing(held: Held): SimOrder[] {
    return EXIT_TYPES.flatMap((type) => exitOrders(this.exchange(), held, type))
  }

  private attach(order: SimOrder, position: SimPosition, nowUs: TimeUs): void {
    const listing = this.exchange().listing(position.category, position.symbol)
    if (listing === undefined) return
    if (order.extras['tpslMode'] === 'Partial') return this.attachPart(order, position, nowUs)
    for (const exit of EXITS) {
      const text = order.extras[exit.field]
      if (!isPrice(text)) continue
      const ticks = toSteps(text, listing.instrument.price)
      const triggerBy = order.extras[exit.triggerBy] ?? 'LastPrice'
      if (ticks > 0) exitChange(this.exchange(), position, { exit, ticks, triggerBy })?.(nowUs)
    }
  }

  // As much as the order has filled by now: what was made for its first fills grows.
  private attachPart(order: SimOrder, position: SimPosition, nowUs: TimeUs): void {
    const exchange = this.exchange()
    const known = this.partial.get(order.orderId)
    if (known === undefined) {
      const made = EXITS.flatMap((exit) => {
        const text = order.extras[exit.field]
        const spec = isPrice(text) ? partOf(exchange, position, { order, exit, text }) : null
        const result = spec === null ? null : partialExit(exchange, position, spec)(nowUs)
        return result === null || result.retCode !== 0 ? [] : [result.orderId]
      })
      this.partial.set(order.orderId, made)
      return this.pairs.bind(made)
    }
    for (const exit of exchange.liveOrders(order.uid)) {
      if (!known.includes(exit.orderId) || exit.sizeLots === order.filledLots) continue
      const { category, symbol, orderId, orderLinkId } = exit
      const change = { priceTicks: null, sizeLots: order.filledLots, triggerTicks: null }
      exchange.amend(order.uid, { category, symbol, orderId, orderLinkId, ...change }, nowUs)
    }
  }

  private soon(act: (nowUs: TimeUs) => void, afterUs = 0): void {
    this.agenda.after(afterUs, () => {
      act(this.agenda.nowUs())
      this.settle()
    })
  }
}

interface Carried {
  readonly order: SimOrder
  readonly exit: (typeof EXITS)[number]
  readonly text: string
}

function partOf(exchange: SimExchange, position: SimPosition, { order, exit, text }: Carried) {
  const listing = exchange.listing(position.category, position.symbol)
  if (listing === undefined) return null
  const limit = order.extras[exit.orderType] === 'Limit' ? order.extras[exit.limitPrice] : undefined
  return {
    exit,
    ticks: toSteps(text, listing.instrument.price),
    triggerBy: order.extras[exit.triggerBy] ?? 'LastPrice',
    lots: order.filledLots,
    limitTicks: isPrice(limit) ? toSteps(limit, listing.instrument.price) : 0,
  }
}
