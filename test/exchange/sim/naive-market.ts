/**
 * A second matching engine, as slow and plain as can be: one list of orders, sorted anew for every decision. It shares no
 * line with the one under test and is what that one is compared with.
 */
export interface NaiveOrder {
  readonly id: string
  readonly uid: string
  readonly side: 1 | -1
  price: number
  size: number
  filled: number
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'PostOnly'
  readonly smpType: 'None' | 'CancelMaker' | 'CancelTaker' | 'CancelBoth'
  /** Rank in time: the smaller came first. */
  place: number
  state: 'open' | 'filled' | 'canceled'
}

export interface NaiveFill {
  readonly taker: string
  readonly maker: string
  readonly price: number
  readonly size: number
}

export class NaiveMarket {
  readonly orders: NaiveOrder[] = []
  readonly fills: NaiveFill[] = []
  private clock = 0

  place(order: Omit<NaiveOrder, 'filled' | 'place' | 'state'>): void {
    const entry: NaiveOrder = { ...order, filled: 0, place: ++this.clock, state: 'open' }
    this.orders.push(entry)
    this.enter(entry)
  }

  amend(id: string, price: number | null, size: number | null): void {
    const order = this.orders.find((o) => o.id === id)
    if (order === undefined || order.state !== 'open' || (size !== null && size <= order.filled)) return
    const newPrice = price ?? order.price
    const newSize = size ?? order.size
    if (newPrice === order.price && newSize <= order.size) {
      order.size = newSize
      return
    }
    order.price = newPrice
    order.size = newSize
    order.place = ++this.clock
    this.enter(order)
  }

  cancel(id: string): void {
    const order = this.orders.find((o) => o.id === id)
    if (order?.state === 'open') order.state = 'canceled'
  }

  /** Resting orders of a side, best first. */
  resting(side: 1 | -1): NaiveOrder[] {
    return this.orders
      .filter((o) => o.state === 'open' && o.side === side)
      .sort((x, y) => side * (y.price - x.price) || x.place - y.place)
  }

  private enter(taker: NaiveOrder): void {
    const others = () =>
      this.resting(taker.side === 1 ? -1 : 1).filter((o) => taker.side * (taker.price - o.price) >= 0)
    if (taker.timeInForce === 'PostOnly' && others().length > 0) {
      taker.state = 'canceled'
      return
    }
    if (taker.timeInForce === 'FOK' && this.reachable(taker, others()) < taker.size - taker.filled) {
      taker.state = 'canceled'
      return
    }
    for (let maker = others()[0]; maker !== undefined && taker.filled < taker.size; maker = others()[0]) {
      if (maker.uid === taker.uid && taker.smpType !== 'None') {
        if (taker.smpType !== 'CancelTaker') maker.state = 'canceled'
        if (taker.smpType === 'CancelMaker') continue
        taker.state = 'canceled'
        return
      }
      const size = Math.min(maker.size - maker.filled, taker.size - taker.filled)
      maker.filled += size
      taker.filled += size
      if (maker.filled === maker.size) maker.state = 'filled'
      this.fills.push({ taker: taker.id, maker: maker.id, price: maker.price, size })
    }
    if (taker.filled === taker.size) taker.state = 'filled'
    else if (taker.timeInForce === 'IOC' || taker.timeInForce === 'FOK') taker.state = 'canceled'
  }

  private reachable(taker: NaiveOrder, makers: readonly NaiveOrder[]): number {
    let sum = 0
    for (const maker of makers) {
      const isSelf = maker.uid === taker.uid && taker.smpType !== 'None'
      if (isSelf && taker.smpType !== 'CancelMaker') return sum
      if (!isSelf) sum += maker.size - maker.filled
    }
    return sum
  }
}
