/**
 * Compares the position the exchange states on its stream with the one our fills add up to. The two messages of one fill
 * come in any order, so a difference counts only when nothing moved for a while; then the account is read anew.
 */
import { type SymbolId, US_PER_S } from '../../domain/units.ts'
import type { AccountFeed } from './account-feed.ts'
import type { Gateway } from './gateway.ts'
import type { PositionRow } from './private-messages.ts'

const SETTLE_US = 2 * US_PER_S

export class PositionCheck {
  private readonly gateway: Gateway
  private readonly feed: AccountFeed
  private readonly onMismatch: () => void
  private readonly statedLots = new Map<SymbolId, number>()
  private readonly scheduled = new Set<SymbolId>()

  constructor(gateway: Gateway, feed: AccountFeed, onMismatch: () => void) {
    this.gateway = gateway
    this.feed = feed
    this.onMismatch = onMismatch
  }

  /** The exchange's newest word on one symbol. */
  stated({ symbol, positionLots }: PositionRow): void {
    this.statedLots.set(symbol.id, positionLots)
    if (positionLots !== this.feed.positionLots(symbol.id)) this.schedule(symbol.id)
  }

  private schedule(symbol: SymbolId): void {
    if (this.scheduled.has(symbol)) return
    this.scheduled.add(symbol)
    const seen = this.difference(symbol)
    this.gateway.wire.after(SETTLE_US, () => {
      this.scheduled.delete(symbol)
      const now = this.difference(symbol)
      if (now === 0 || this.feed.isHolding) return
      // Still moving: look again later.
      if (now !== seen) return this.schedule(symbol)
      this.gateway.counters.positionMismatches++
      this.statedLots.delete(symbol)
      this.onMismatch()
    })
  }

  private difference(symbol: SymbolId): number {
    const stated = this.statedLots.get(symbol)
    return stated === undefined ? 0 : stated - this.feed.positionLots(symbol)
  }
}
