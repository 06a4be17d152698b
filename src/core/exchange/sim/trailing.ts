/**
 * A stop that follows the price at a distance: it moves with every better last price and never back. Before its start
 * price was reached it follows nothing and triggers on nothing.
 */
import type { Side } from '../../domain/units.ts'

export interface TrailRule {
  readonly distanceTicks: number
  /** Last price from which on it follows; 0: at once. */
  readonly activeTicks: number
}

export class Trail {
  readonly rule: TrailRule
  isActive: boolean
  /** Of the order that closes: it sells a long below its highest price, buys a short above its lowest. */
  private readonly side: Side
  private bestTicks: number

  constructor(rule: TrailRule, side: Side, lastTicks: number) {
    this.rule = rule
    this.side = side
    this.isActive = rule.activeTicks === 0
    this.bestTicks = this.isActive ? lastTicks : rule.activeTicks
  }

  /** Where it triggers, given the last price, in ticks. */
  follow(lastTicks: number): number {
    const { rule, side } = this
    if (!this.isActive && (lastTicks - rule.activeTicks) * side <= 0 && lastTicks !== 0) this.isActive = true
    if (this.isActive && lastTicks !== 0 && (lastTicks - this.bestTicks) * side < 0) this.bestTicks = lastTicks
    return Math.max(1, this.bestTicks + side * rule.distanceTicks)
  }
}
