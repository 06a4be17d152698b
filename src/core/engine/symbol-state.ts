/**
 * All that the engine holds for one symbol: book, signals, orders by quoting slot, position and money, guards. Changed in
 * place by the event handlers; has no opinion of its own.
 *
 * @hot
 */
import { Book } from '../domain/book.ts'
import type { Instrument } from '../domain/instrument.ts'
import { BUY, SELL, type Side, type SymbolId } from '../domain/units.ts'
import type { SymbolConfig } from './engine-config.ts'
import { type BookCondition, Proposal, RiskView } from './guard.ts'
import type { GuardSet } from './guard-set.ts'
import { Profit } from './profit.ts'
import { Signals } from './signals.ts'
import { LEVELS_MAX, Quotes, QuoteView, type Strategy } from './strategy.ts'
import type { LinkState } from './view.ts'
import { NO_SLOT, type OrderRecord } from './working-orders.ts'

/** One side's quoting slots and what is wanted in them. */
export class SideState {
  readonly side: Side
  readonly slots: (OrderRecord | null)[] = []

  /** Nothing is placed before this: orders of this side were refused. */
  backoffUntilUs = 0
  /** Refused orders in a row. */
  misses = 0
  /** After a post-only miss: no price more aggressive than this, until then. */
  clampTicks = 0
  clampUntilUs = 0

  /** Nothing new is shown before this: the market moved against orders of this side. */
  adverseUntilUs = 0

  wantCount = 0
  readonly wantTicks = new Float64Array(LEVELS_MAX)
  readonly wantLots = new Float64Array(LEVELS_MAX)
  /** By wanted level: the slot that serves it, or NO_SLOT. */
  readonly servedBy = new Int8Array(LEVELS_MAX)
  /** By slot: the wanted level that it serves, or NO_SLOT. */
  readonly serves = new Int8Array(LEVELS_MAX)
  /** By slot: the wanted level that its order is to be amended to, or NO_SLOT. */
  readonly amendTo = new Int8Array(LEVELS_MAX)
  /** By slot: its order was dealt with in this pass. */
  readonly isDone = new Uint8Array(LEVELS_MAX)
  /** By wanted level: when a refused proposal may be repeated. */
  readonly refusedUntilUs = new Float64Array(LEVELS_MAX)

  constructor(side: Side, levels: number) {
    this.side = side
    for (let i = 0; i < levels; i++) this.slots.push(null)
  }

  get freeSlot(): number {
    for (let i = 0; i < this.slots.length; i++) if (this.slots[i] === null) return i
    return NO_SLOT
  }

  /** Nothing matched yet. */
  clearPlan(): void {
    for (let level = 0; level < this.wantCount; level++) this.servedBy[level] = NO_SLOT
    for (let slot = 0; slot < this.slots.length; slot++) {
      this.serves[slot] = NO_SLOT
      this.amendTo[slot] = NO_SLOT
      this.isDone[slot] = 0
    }
  }

  /** Places and amends that the exchange has not confirmed. */
  get inFlight(): number {
    let count = 0
    for (let i = 0; i < this.slots.length; i++) if (this.slots[i]?.isInFlight === true) count++
    return count
  }

  get usedSlots(): number {
    let used = 0
    for (let i = 0; i < this.slots.length; i++) if (this.slots[i] !== null) used++
    return used
  }
}

export class SymbolState {
  readonly id: SymbolId
  config: SymbolConfig
  instrument: Instrument
  readonly book = new Book()
  readonly signals: Signals
  strategy: Strategy
  readonly guards: GuardSet
  readonly risk = new RiskView()
  readonly proposal = new Proposal()
  readonly quoteView = new QuoteView()
  readonly quotes = new Quotes()
  readonly profit: Profit
  readonly bids: SideState
  readonly asks: SideState
  /** Held orders outside the slots. */
  readonly strays: OrderRecord[] = []

  market: LinkState = 'unknown'
  /** A snapshot came since the last break. */
  hasSnapshot = false
  /** The exchange stated the position since the account link last broke. */
  hasPosition = false
  /** The exchange told us to stop quoting this symbol. */
  suspendedReason = ''

  /** Something changed since the last plan. */
  isDirty = true
  /** Something that guards look at changed since they last judged. */
  isUnjudged = true
  /** Without any change they judge again at this time. */
  judgeDueUs = 0
  nextPlanUs = 0
  pullBids = true
  pullAsks = true

  fills = 0
  makerFills = 0

  /** Signed lots taken over from the exchange's word on the position that no execution or order explained so far. */
  unexplainedLots = 0
  /** When that was stated. */
  unexplainedUs = 0

  constructor(id: SymbolId, config: SymbolConfig, parts: SymbolParts) {
    this.id = id
    this.config = config
    this.instrument = parts.instrument
    this.signals = new Signals(config.signals)
    this.strategy = parts.strategy
    this.guards = parts.guards
    this.profit = new Profit(parts.instrument)
    this.bids = new SideState(BUY, config.quoting.levelsMax)
    this.asks = new SideState(SELL, config.quoting.levelsMax)
    this.risk.symbol = id
    this.proposal.symbol = id
    fillStatic(this.quoteView, id, config, parts.instrument)
  }

  /** Of the book as the guards see it, in half ticks. */
  get midHalfTicks(): number {
    return this.risk.bestBidTicks + this.risk.bestAskTicks
  }

  /** An event told something about this symbol. */
  touch(): void {
    this.isDirty = true
    this.isUnjudged = true
  }

  sideOf(side: Side): SideState {
    return side === BUY ? this.bids : this.asks
  }

  get condition(): BookCondition {
    if (!this.hasSnapshot) return this.market === 'unknown' ? 'empty' : 'gap'
    if (!this.book.hasBothSides) return 'empty'
    return this.book.isCrossed ? 'crossed' : 'fresh'
  }

  /** What keeps it from quoting, '' when nothing does (guards apart). */
  get notReadyReason(): string {
    if (this.suspendedReason !== '') return this.suspendedReason
    if (this.instrument.status !== 'Trading') return 'the instrument is not trading'
    if (this.market !== 'up') return 'the market link is not up'
    if (!this.hasPosition) return 'the position is not known'
    return this.hasSnapshot ? '' : 'the book waits for a snapshot'
  }

  /** Recounts what could still fill on either side. */
  countOpen(): void {
    this.isUnjudged = true
    this.risk.openBuyLots = openLots(this.bids, this.strays)
    this.risk.openSellLots = openLots(this.asks, this.strays)
  }

  /** Orders that live at the exchange or may do so. */
  get liveOrders(): number {
    let live = countLive(this.bids.slots) + countLive(this.asks.slots)
    for (let i = 0; i < this.strays.length; i++) if (this.strays[i]!.isLive) live++
    return live
  }

  /** Takes an order out of its slot; as a stray it goes on reserving what it must. */
  leaveSlot(order: OrderRecord): void {
    if (order.slot === NO_SLOT) return
    this.sideOf(order.side).slots[order.slot] = null
    order.slot = NO_SLOT
    if (order.isHeld) this.strays.push(order)
  }

  /** Forgets strays that are over. Order of the rest is kept. */
  sweepStrays(): void {
    let kept = 0
    for (let i = 0; i < this.strays.length; i++) {
      const order = this.strays[i]!
      if (order.isHeld) this.strays[kept++] = order
    }
    this.strays.length = kept
  }
}

export interface SymbolParts {
  readonly instrument: Instrument
  readonly strategy: Strategy
  readonly guards: GuardSet
}

function openLots(side: SideState, strays: readonly OrderRecord[]): number {
  let lots = 0
  for (let i = 0; i < side.slots.length; i++) lots += side.slots[i]?.reservedLots ?? 0
  for (let i = 0; i < strays.length; i++) if (strays[i]!.side === side.side) lots += strays[i]!.reservedLots
  return lots
}

function countLive(slots: readonly (OrderRecord | null)[]): number {
  let live = 0
  for (let i = 0; i < slots.length; i++) if (slots[i]?.isLive === true) live++
  return live
}

/** The parts of a quote view that only an instrument event changes. */
export function fillStatic(view: QuoteView, id: SymbolId, config: SymbolConfig, instrument: Instrument): void {
  const { quoting } = config
  view.symbol = id
  view.quoteLots = quoting.quoteLots
  view.positionLotsMax = quoting.positionLotsMax
  view.halfSpreadTicksMin = quoting.halfSpreadTicksMin
  view.isPostOnly = quoting.isPostOnly
  view.makerFee = instrument.makerFee
  view.takerFee = instrument.takerFee
  view.priceTicksMin = instrument.priceTicksMin
  view.priceTicksMax = instrument.priceTicksMax
  view.sizeLotsMin = instrument.sizeLotsMin
  view.sizeLotsMax = instrument.sizeLotsMax
}
