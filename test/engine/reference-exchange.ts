/**
 * The truth, for property tests: a tiny exchange that knows only orders and fills. It decides by numbers handed to it,
 * keeps requests and news on their way in queues that the test empties in any order, and shares no code with the engine.
 */

export interface TruthOrder {
  readonly order: number
  readonly side: 1 | -1
  priceTicks: number
  sizeLots: number
  filledLots: number
  state: 'open' | 'filled' | 'canceled' | 'rejected'
}

export interface Wanted {
  readonly kind: 'place' | 'amend' | 'cancel'
  readonly order: number
  readonly side: 1 | -1
  readonly priceTicks: number
  readonly sizeLots: number
}

export type News =
  | { readonly kind: 'order'; readonly at: number; readonly order: Readonly<TruthOrder>; readonly isMiss: boolean }
  | {
      readonly kind: 'fill'
      readonly at: number
      readonly execId: string
      readonly order: number
      readonly side: 1 | -1
      readonly priceTicks: number
      readonly lots: number
    }

export interface Answer {
  readonly request: Wanted
  readonly result: 'accepted' | 'rejected' | 'ambiguous' | 'gone'
}

export class ReferenceExchange {
  readonly orders = new Map<number, TruthOrder>()
  /** Requests sent and not yet seen here. */
  readonly inbox: Wanted[] = []
  /** News not yet told, in the order of the private stream. */
  readonly stream: News[] = []
  readonly answers: Answer[] = []
  /** News told once already: may be told again. */
  readonly told: News[] = []
  positionLots = 0
  cashTicksLots = 0
  private exec = 0
  private clock = 0
  private readonly levels: { bid: number; ask: number }

  constructor(bid: number, ask: number) {
    this.levels = { bid, ask }
  }

  /** Its clock, which never gives the same time twice. */
  advance(nowUs: number): void {
    this.clock = Math.max(this.clock, nowUs)
  }

  stamp(): number {
    return ++this.clock
  }

  get live(): TruthOrder[] {
    return [...this.orders.values()].filter((order) => order.state === 'open')
  }

  market(bid: number, ask: number): void {
    this.levels.bid = bid
    this.levels.ask = ask
  }

  receive(request: Wanted): void {
    this.inbox.push(request)
  }

  /** Handles the oldest request. `fate`: 0 refuses it, 1 loses the answer, 2 loses the request, anything else answers. */
  handle(fate: number): void {
    const request = this.inbox.shift()
    if (request === undefined) return
    if (fate === 0 && request.kind !== 'cancel') return this.answer(request, 'rejected')
    if (fate === 2) return this.answer(request, 'ambiguous')
    const result = this.apply(request)
    this.answer(request, fate === 1 ? 'ambiguous' : result)
  }

  /** Takes up to `lots` from an open order. */
  fill(order: TruthOrder, lots: number): void {
    const taken = Math.min(lots, order.sizeLots - order.filledLots)
    if (order.state !== 'open' || taken <= 0) return
    order.filledLots += taken
    if (order.filledLots === order.sizeLots) order.state = 'filled'
    this.positionLots += order.side * taken
    this.cashTicksLots -= order.side * taken * order.priceTicks
    const { side, priceTicks } = order
    const fill: News = {
      kind: 'fill',
      at: this.stamp(),
      execId: `e${++this.exec}`,
      order: order.order,
      side,
      priceTicks,
      lots: taken,
    }
    this.stream.push(fill)
    this.state(order)
  }

  end(order: TruthOrder, isMiss = false): void {
    if (order.state !== 'open') return
    order.state = 'canceled'
    this.state(order, isMiss)
  }

  /** What the exchange says when asked about an order: also of one that never came here. */
  statement(order: number): TruthOrder | null {
    return this.orders.get(order) ?? null
  }

  private apply(request: Wanted): Answer['result'] {
    if (request.kind === 'place') return this.place(request)
    const order = this.orders.get(request.order)
    if (order === undefined || order.state !== 'open') return 'gone'
    if (request.kind === 'cancel') {
      this.end(order)
      return 'accepted'
    }
    if (request.sizeLots <= order.filledLots) return 'rejected'
    order.priceTicks = request.priceTicks
    order.sizeLots = request.sizeLots
    if (this.takes(order)) this.end(order, true)
    else this.state(order)
    return 'accepted'
  }

  private place(request: Wanted): Answer['result'] {
    const { order, side, priceTicks, sizeLots } = request
    if (this.orders.has(order)) throw new Error(`order number ${order} used twice`)
    const truth: TruthOrder = { order, side, priceTicks, sizeLots, filledLots: 0, state: 'open' }
    this.orders.set(order, truth)
    if (this.takes(truth)) this.end(truth, true)
    else this.state(truth)
    return 'accepted'
  }

  private takes(order: TruthOrder): boolean {
    return order.side === 1 ? order.priceTicks >= this.levels.ask : order.priceTicks <= this.levels.bid
  }

  private answer(request: Wanted, result: Answer['result']): void {
    this.answers.push({ request, result })
  }

  private state(order: TruthOrder, isMiss = false): void {
    this.stream.push({ kind: 'order', at: this.stamp(), order: { ...order }, isMiss })
  }
}
