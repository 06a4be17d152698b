/**
 * Compares our picture of orders and positions with the account's own word every minute, symbol by symbol, while the
 * streams flow. Fetch or abstain: a read that fails concludes nothing. A symbol that could not be read several times in a
 * row is not quoted until it can be; the others go on.
 */
import type { SymbolId } from '../../domain/units.ts'
import type { AccountFeed } from './account-feed.ts'
import type { AccountSync } from './account-sync.ts'
import type { Gateway } from './gateway.ts'
import { pause, RestFailure } from './rest-transport.ts'
import type { SymbolEntry } from './symbol-table.ts'
import type { TimerId } from '../wire.ts'

export interface ReconcilerParts {
  readonly sync: AccountSync
  readonly feed: AccountFeed
  /** Our picture was shown wrong: everything must be read anew. */
  readonly doubt: () => void
}

const ROUND_US = 60_000_000
/** While some symbol cannot be read. */
const DEGRADED_ROUND_US = 5_000_000
const FAILURES_MAX = 3
/** A fill and the position it makes are told apart for a moment: a difference counts when it is still there after this. */
const SETTLE_US = 2_000_000

export class Reconciler {
  private readonly gateway: Gateway
  private readonly parts: ReconcilerParts
  private readonly failures = new Map<SymbolId, number>()
  private timer: TimerId | null = null
  private isRunning = false

  constructor(gateway: Gateway, parts: ReconcilerParts) {
    this.gateway = gateway
    this.parts = parts
  }

  /** The account is whole but for these symbols, which could not be read; rounds go on from here. */
  start(unread: readonly SymbolEntry[]): void {
    this.isRunning = true
    this.failures.clear()
    for (const symbol of unread) {
      this.failures.set(symbol.id, FAILURES_MAX)
      this.tellDegraded(symbol)
    }
    this.schedule()
  }

  /** Until the next `start`: the account is not heard. */
  stop(): void {
    this.isRunning = false
    if (this.timer !== null) this.gateway.wire.cancelTimer(this.timer)
    this.timer = null
  }

  private get isDegraded(): boolean {
    return [...this.failures.values()].some((count) => count >= FAILURES_MAX)
  }

  private schedule(): void {
    const { wire } = this.gateway
    if (this.timer !== null) wire.cancelTimer(this.timer)
    this.timer = wire.after(this.isDegraded ? DEGRADED_ROUND_US : ROUND_US, () => void this.round())
  }

  private async round(): Promise<void> {
    this.timer = null
    this.gateway.counters.reconciliations++
    for (const symbol of this.gateway.symbols.entries) {
      try {
        const wasDegraded = (this.failures.get(symbol.id) ?? 0) >= FAILURES_MAX
        const isRight = await this.compare(symbol)
        if (!this.isRunning) return
        this.failures.delete(symbol.id)
        if (wasDegraded || !isRight) return this.parts.doubt()
      } catch (error) {
        if (!(error instanceof RestFailure)) throw error
        if (!this.isRunning) return
        this.abstain(symbol)
      }
    }
    this.schedule()
  }

  // False when the position is another one than ours, twice.
  private async compare(symbol: SymbolEntry): Promise<boolean> {
    const first = await this.difference(symbol)
    if (first === 0 || !this.isRunning) return true
    await pause(this.gateway.wire, SETTLE_US)
    if (!this.isRunning || (await this.difference(symbol)) !== first) return true
    this.gateway.counters.positionMismatches++
    return false
  }

  private async difference(symbol: SymbolEntry): Promise<number> {
    const { sync, feed } = this.parts
    const statedLots = await sync.compareSymbol(symbol, () => this.isRunning && !feed.isHolding)
    return statedLots === null ? 0 : statedLots - feed.positionLots(symbol.id)
  }

  private abstain(symbol: SymbolEntry): void {
    const count = (this.failures.get(symbol.id) ?? 0) + 1
    this.failures.set(symbol.id, count)
    this.gateway.counters.reconciliationsFailed++
    if (count === FAILURES_MAX) this.tellDegraded(symbol)
  }

  private tellDegraded(symbol: SymbolEntry): void {
    const nowUs = this.gateway.wire.nowUs()
    this.gateway.emit({ kind: 'link', link: 'account', symbol: symbol.id, state: 'down', nowUs })
  }
}
