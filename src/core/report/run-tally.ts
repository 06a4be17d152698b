/**
 * Counts what happened to the orders of one run: how many were sent, how many of them traded, as maker or taker. Fed with
 * the same events as the engine, whatever the exchange behind. Money is not its business: that is the attribution's.
 */
import type { FillEvent } from '../domain/event.ts'
import type { OrderSeq, SymbolId } from '../domain/units.ts'

export class SymbolTally {
  ordersPlaced = 0
  /** Orders of this run with at least one execution. */
  ordersFilled = 0
  fills = 0
  makerFills = 0
  lots = 0n
  makerLots = 0n
  boughtLots = 0n
  /** Σ price × size in money units. */
  notionalMoney = 0n
  private readonly filled = new Set<OrderSeq>()

  fill(event: FillEvent): void {
    const lots = BigInt(event.sizeLots)
    this.fills++
    this.lots += lots
    if (event.side > 0) this.boughtLots += lots
    this.notionalMoney += lots * BigInt(event.priceTicks)
    if (event.isMaker) {
      this.makerFills++
      this.makerLots += lots
    }
    if (event.order === 0 || this.filled.has(event.order)) return
    this.filled.add(event.order)
    this.ordersFilled++
  }
}

export class RunTally {
  readonly symbols: readonly SymbolTally[]

  constructor(symbolCount: number) {
    this.symbols = Array.from({ length: symbolCount }, () => new SymbolTally())
  }

  placed(symbol: SymbolId): void {
    const tally = this.symbols[symbol]
    if (tally !== undefined) tally.ordersPlaced++
  }

  /** Each execution once: the caller tells repeats apart. */
  fill(event: FillEvent): void {
    this.symbols[event.symbol]?.fill(event)
  }
}
