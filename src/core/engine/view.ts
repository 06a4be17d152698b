/**
 * The bot as others may see it: a JSON-able snapshot for the dashboard, `mm status` and the metrics. Prices, sizes and
 * money are decimal text; times are µs since the epoch. Made on demand, never kept by the engine.
 */
import type { OrderStatus } from '../domain/order.ts'
import type { BookCondition } from './guard.ts'
import type { Phase } from './phase.ts'

export interface BotView {
  readonly phase: Phase
  /** Why the run is not quoting: what it waits for, who paused it, what halted it. '' while quoting. */
  readonly phaseReason: string
  /** Time of the last event. */
  readonly nowUs: number
  readonly startedUs: number
  readonly uptimeUs: number
  /** Events stepped so far. */
  readonly seq: number
  /** Sequence number the next order will take. */
  readonly nextOrder: number
  readonly links: { readonly account: LinkState; readonly trade: LinkState }
  readonly counters: Readonly<Counters>
  readonly guards: readonly GuardView[]
  readonly symbols: readonly SymbolView[]
  /** One row a quote coin, in the order of the symbols. */
  readonly pnl: readonly PnlView[]
}

export type LinkState = 'unknown' | 'down' | 'gap' | 'up'

export interface SymbolView {
  readonly symbol: string
  readonly isReady: boolean
  /** What keeps the symbol from quoting, '' when nothing does. */
  readonly notReadyReason: string
  readonly book: BookView
  readonly bids: readonly OrderView[]
  readonly asks: readonly OrderView[]
  /** Live orders outside the quoting slots: adopted, unexpected, being cancelled. */
  readonly strays: readonly OrderView[]
  readonly workingOrders: number
  readonly unknownOrders: number
  readonly position: string
  readonly positionLots: number
  /** Everything of one side filling. */
  readonly worstLongLots: number
  readonly worstShortLots: number
  /** Lots that order events reported filled and whose executions have not come. */
  readonly missingFillLots: number
  readonly pnl: PnlView
  readonly markouts: readonly MarkoutView[]
  readonly fills: number
  readonly makerFills: number
  readonly sigmaTicks: number | null
  readonly imbalance: number
  readonly guards: readonly GuardView[]
}

export interface BookView {
  readonly condition: BookCondition
  readonly bid: string
  readonly bidSize: string
  readonly ask: string
  readonly askSize: string
  /** Age of the last book message at the last event. */
  readonly ageUs: number
  /** Received less exchange time of the last book message. */
  readonly lagUs: number
}

export interface OrderView {
  readonly order: number
  readonly status: OrderStatus
  readonly price: string
  readonly size: string
  readonly filled: string
  /** Displayed size believed to be in front of it; null until it is known to rest. */
  readonly ahead: string | null
  readonly ageUs: number
  readonly isAmending: boolean
}

/** Parts in quote coins; `total` is their exact sum, `identityExact` that it equals cash plus position at mid. */
export interface PnlView {
  readonly coin: string
  readonly total: string
  readonly spreadCapture: string
  readonly inventory: string
  readonly fees: string
  readonly rebates: string
  readonly funding: string
  /** Unrealised profit that positions brought with them when they were taken over from the exchange. */
  readonly carried: string
  readonly identityExact: boolean
}

export interface MarkoutView {
  readonly horizonUs: number
  readonly fills: number
  readonly unresolved: number
  /** Volume-weighted, in basis points of the price; null without fills. */
  readonly bps: number | null
}

export interface GuardView {
  readonly guard: string
  readonly refusals: number
  /** Times that its standing demand began. */
  readonly trips: number
  readonly state: 'ok' | 'pull' | 'halt'
  /** Text of the last refusal or of the standing demand. */
  readonly reason: string
}

/** Everything counted over the run. Each name is a metric. */
export interface Counters {
  places: number
  amends: number
  cancels: number
  cancelRetries: number
  fills: number
  foreignFills: number
  duplicateFills: number
  expiredFills: number
  lateFills: number
  postOnlyMisses: number
  rejects: number
  ambiguous: number
  neverLanded: number
  staleStatements: number
  strangeOrders: number
  revivedOrders: number
  overfills: number
  bookGaps: number
  crossedBooks: number
  positionCorrections: number
  ownCrossWaits: number
  adverseCancels: number
  takerFills: number
}

export function zeroCounters(): Counters {
  return {
    places: 0,
    amends: 0,
    cancels: 0,
    cancelRetries: 0,
    fills: 0,
    foreignFills: 0,
    duplicateFills: 0,
    expiredFills: 0,
    lateFills: 0,
    postOnlyMisses: 0,
    rejects: 0,
    ambiguous: 0,
    neverLanded: 0,
    staleStatements: 0,
    strangeOrders: 0,
    revivedOrders: 0,
    overfills: 0,
    bookGaps: 0,
    crossedBooks: 0,
    positionCorrections: 0,
    ownCrossWaits: 0,
    adverseCancels: 0,
    takerFills: 0,
  }
}
