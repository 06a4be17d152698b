/**
 * The one way by which account facts reach the engine, whether the stream or a REST read brought them: each execution
 * once, order statements only when they are news. While a resync reads, stream rows are held; `release` then tells
 * everything in an order in which position and fills add up: a position statement covers the executions up to its
 * cross sequence, so those come before it and the others after it.
 */
import { type Instrument, sizeText } from '../../domain/instrument.ts'
import { priceTicks, type SymbolId, sizeLots, timeUs, positionLots } from '../../domain/units.ts'
import type { Gateway } from './gateway.ts'
import type { OrderLedger } from './order-ledger.ts'
import type { ExecutionRow, OrderRow, PositionRow } from './private-messages.ts'

/** What a resync read. */
export interface AccountSeed {
  readonly orders: readonly OrderRow[]
  /** Any order; may repeat what the stream told. */
  readonly executions: readonly ExecutionRow[]
  /** One row per symbol. */
  readonly positions: readonly PositionRow[]
}

const SEEN_KEPT = 50_000

export class AccountFeed {
  /** Told of every order statement that was news. */
  onOrderNews: (row: OrderRow) => void = () => {}
  private readonly gateway: Gateway
  private readonly ledger: OrderLedger
  private isHeld = true
  private heldOrders: OrderRow[] = []
  private heldExecutions: ExecutionRow[] = []
  /** The first position statement of each symbol: older executions are in it and are never told. */
  private readonly baseline = new Map<SymbolId, PositionRow>()
  /** Position of each symbol as told so far. */
  private readonly toldLots = new Map<SymbolId, number>()
  // Two generations: bounded, and no execution is forgotten before SEEN_KEPT others came.
  private seen = new Set<string>()
  private seenBefore = new Set<string>()

  constructor(gateway: Gateway, ledger: OrderLedger) {
    this.gateway = gateway
    this.ledger = ledger
  }

  /** Signed lots that follow from everything told so far. */
  positionLots(symbol: SymbolId): number {
    return this.toldLots.get(symbol) ?? 0
  }

  get isHolding(): boolean {
    return this.isHeld
  }

  /** From now on rows wait for `release`. */
  hold(): void {
    this.isHeld = true
  }

  order(row: OrderRow): void {
    if (this.isHeld) this.heldOrders.push(row)
    else this.tellOrder(row)
  }

  execution(row: ExecutionRow): void {
    if (this.isHeld) this.heldExecutions.push(row)
    else this.tellExecution(row)
  }

  release(seed: AccountSeed): void {
    const executions = [...seed.executions, ...this.heldExecutions].sort(byTime)
    const orders = [...seed.orders, ...this.heldOrders]
    this.heldExecutions = []
    this.heldOrders = []
    this.isHeld = false
    for (const row of seed.positions) {
      if (!this.baseline.has(row.symbol.id)) this.baseline.set(row.symbol.id, row)
    }
    const positions = new Map(seed.positions.map((row) => [row.symbol.id, row]))
    const isIncluded = (row: ExecutionRow): boolean => isCovered(row, positions.get(row.symbol.id))
    for (const row of executions) if (isIncluded(row)) this.tellExecution(row)
    for (const row of seed.positions) this.tellPosition(row)
    for (const row of executions) if (!isIncluded(row)) this.tellExecution(row)
    for (const row of orders) this.tellOrder(row)
  }

  private tellOrder(row: OrderRow): void {
    if (!this.ledger.apply(row)) {
      this.gateway.counters.staleOrderMessages++
      return
    }
    if (row.isPostOnlyMiss) this.gateway.counters.postOnlyMisses++
    this.gateway.emit({
      kind: 'order',
      order: row.order,
      symbol: row.symbol.id,
      status: row.state,
      side: row.side,
      priceTicks: priceTicks(row.priceTicks),
      sizeLots: sizeLots(row.sizeLots),
      filledLots: sizeLots(row.filledLots),
      reason: row.reason,
      isPostOnlyMiss: row.isPostOnlyMiss,
      exchangeUs: timeUs(row.updatedMs * 1_000),
      nowUs: this.gateway.wire.nowUs(),
    })
    this.onOrderNews(row)
  }

  private tellExecution(row: ExecutionRow): void {
    // Before the first position statement there is nothing to add to: it will contain this.
    const baseline = this.baseline.get(row.symbol.id)
    if (baseline === undefined || isCovered(row, baseline)) return
    if (!this.isFirstSight(`${row.symbol.name} ${row.execId}`)) {
      this.gateway.counters.duplicateFills++
      return
    }
    // The position statement that follows says what it did.
    if (row.kind === 'unknown') return
    const { execId, symbol, feeE8 } = row
    const nowUs = this.gateway.wire.nowUs()
    if (row.kind === 'funding') {
      this.gateway.emit({ kind: 'funding', execId, symbol: symbol.id, amountE8: feeE8, nowUs })
      return
    }
    this.ledger.told(row.order, row.sizeLots)
    this.toldLots.set(symbol.id, this.positionLots(symbol.id) + row.side * row.sizeLots)
    this.gateway.emit({
      kind: 'fill',
      execId,
      order: row.order,
      symbol: symbol.id,
      side: row.side,
      priceTicks: priceTicks(row.priceTicks),
      sizeLots: sizeLots(row.sizeLots),
      feeE8,
      isMaker: row.isMaker,
      exchangeUs: timeUs(row.timeMs * 1_000),
      nowUs,
    })
  }

  private tellPosition(row: PositionRow): void {
    const { instrument, name, id } = row.symbol
    const ourLots = this.toldLots.get(id)
    if (ourLots !== undefined && ourLots !== row.positionLots) {
      const [stated, ours] = [row.positionLots, ourLots].map((lots) => signedText(lots, instrument))
      this.gateway.settings.onNotice(
        `${name}: the exchange states a position of ${stated}, fills and earlier statements add up to ${ours}; its word is taken`,
      )
    }
    this.toldLots.set(row.symbol.id, row.positionLots)
    this.gateway.emit({
      kind: 'position',
      symbol: row.symbol.id,
      positionLots: positionLots(row.positionLots),
      costMoney: row.costMoney,
      nowUs: this.gateway.wire.nowUs(),
    })
  }

  private isFirstSight(key: string): boolean {
    if (this.seen.has(key) || this.seenBefore.has(key)) return false
    this.seen.add(key)
    if (this.seen.size >= SEEN_KEPT) {
      this.seenBefore = this.seen
      this.seen = new Set()
    }
    return true
  }
}

/** True when the position statement was made after this execution and contains it. */
function isCovered(row: ExecutionRow, position: PositionRow | undefined): boolean {
  if (position === undefined) return false
  if (row.crossSeq > 0 && position.crossSeq > 0) return row.crossSeq <= position.crossSeq
  return row.timeMs <= position.updatedMs
}

function byTime(a: ExecutionRow, b: ExecutionRow): number {
  return a.timeMs - b.timeMs || a.crossSeq - b.crossSeq
}

function signedText(lots: number, instrument: Instrument): string {
  return `${lots < 0 ? '-' : ''}${sizeText(sizeLots(Math.abs(lots)), instrument)}`
}
