/** A symbol that is listed and does not trade (not launched yet, settled, closed): an empty book in which nothing happens. */
import type { Category } from '../../domain/instrument.ts'
import type { Market, TakeResult, Taker } from './market.ts'

export class QuietMarket implements Market {
  readonly category: Category
  readonly symbol: string

  constructor(category: Category, symbol: string) {
    this.category = category
    this.symbol = symbol
  }

  attach(): void {}

  nextUs(): number {
    return Number.POSITIVE_INFINITY
  }

  step(): boolean {
    return false
  }

  depth(): number {
    return 0
  }

  bestTicks(): number {
    return 0
  }

  lastTicks(): number {
    return 0
  }

  take({ lots }: Taker): TakeResult {
    return { leftLots: lots, stoppedBy: 0 }
  }

  available(): number {
    return 0
  }

  // The gateway lets no order come this far.
  rest(): void {}
  resize(): void {}
  remove(): void {}

  lotsAhead(): number {
    return -1
  }
}
