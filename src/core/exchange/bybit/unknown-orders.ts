/**
 * Orders whose true state is not known: a create without a definite answer, an amend or cancel that hit nothing, an
 * order a reconnect could not find. Each is looked up by its link (open orders, then history) until the exchange makes a
 * statement, or until it was absent twice after the last instant at which it could still be accepted, with no
 * execution to its name. It is never sent again, and nothing is concluded from a failed read.
 */
import { type OrderSeq, priceTicks, sizeLots, timeUs } from '../../domain/units.ts'
import type { AccountFeed } from './account-feed.ts'
import { Backoff } from './backoff.ts'
import type { Gateway } from './gateway.ts'
import { asObject, type JsonObject } from './json-value.ts'
import type { LedgerRow, OrderLedger } from './order-ledger.ts'
import { type OrderRow, readExecution, readOrder } from './private-messages.ts'
import { RateBudget } from './rate-budget.ts'
import type { BybitRest } from './rest.ts'
import { pause, RestFailure } from './rest-transport.ts'

/** place: is it there at all · change: what did an amend or cancel do · ended: it is over, with which fills. */
export type Doubt = 'place' | 'change' | 'ended'

interface Case {
  readonly order: OrderSeq
  /** Local time from which on "nowhere to be found" means something. Later doubts about the order do not move it. */
  readonly absentFromUs: number
  /** Local time from which on "still open" is final: nothing we sent can change the order any more. */
  finalFromUs: number
  /** Only whether it exists is in doubt, so that "open" is an answer. */
  isPlaceOnly: boolean
  absences: number
  readonly backoff: Backoff
}

/** Matching and read replicas lag behind acceptance: history was seen 3 s late. */
export const READ_LAG_MS = 4_000
const ABSENCES_NEEDED = 2
/** One look is up to three reads: many doubts at once must not use up the account's reads, or the address's. */
const LOOKS_PER_SECOND = 10
const TURN_US = 25_000

export class UnknownOrders {
  private readonly gateway: Gateway
  private readonly rest: BybitRest
  private readonly feed: AccountFeed
  private readonly ledger: OrderLedger
  private readonly cases = new Map<OrderSeq, Case>()
  private readonly looks = new RateBudget(LOOKS_PER_SECOND)
  private lastTurn: Promise<void> = Promise.resolve()

  constructor(gateway: Gateway, account: { rest: BybitRest; feed: AccountFeed; ledger: OrderLedger }) {
    this.gateway = gateway
    this.rest = account.rest
    this.feed = account.feed
    this.ledger = account.ledger
  }

  /** How many orders are in doubt now. */
  get size(): number {
    return this.cases.size
  }

  /** `expiresMs`: exchange time from which on the exchange refuses the request in doubt. */
  watch(order: OrderSeq, doubt: Doubt, expiresMs: number): void {
    const { clock, wire, prng, settings } = this.gateway
    const expiredUs = clock.localUs(expiresMs + READ_LAG_MS)
    const known = this.cases.get(order)
    if (known !== undefined) {
      known.finalFromUs = Math.max(known.finalFromUs, expiredUs)
      known.isPlaceOnly &&= doubt === 'place'
      return
    }
    const fresh: Case = {
      order,
      // When only a change is in doubt the create left earlier: by then it has arrived, or never will.
      absentFromUs:
        doubt === 'place'
          ? expiredUs
          : wire.nowUs() + (settings.createWindowMs + settings.ackDeadlineMs + READ_LAG_MS) * 1_000,
      finalFromUs: expiredUs,
      isPlaceOnly: doubt === 'place',
      absences: 0,
      backoff: new Backoff({ firstMs: 100, lastMs: 2_000 }, prng.split(`unknown ${order}`)),
    }
    this.cases.set(order, fresh)
    void this.pursue(fresh)
  }

  /** The exchange made a statement about this order. */
  news(row: OrderRow): void {
    const doubted = this.cases.get(row.order)
    if (doubted === undefined) return
    const isFinal = doubted.isPlaceOnly || this.gateway.wire.nowUs() >= doubted.finalFromUs
    if (row.state !== 'open' || isFinal) this.cases.delete(row.order)
  }

  stop(): void {
    this.cases.clear()
  }

  private async pursue(doubted: Case): Promise<void> {
    while (this.cases.get(doubted.order) === doubted) {
      await this.turn()
      if (this.cases.get(doubted.order) !== doubted) return
      try {
        await this.look(doubted)
      } catch (error) {
        // A failed read says nothing: ask again. Anything else is a bug and must surface.
        if (!(error instanceof RestFailure)) throw error
      }
      if (this.cases.get(doubted.order) === doubted) await this.breathe(doubted)
    }
  }

  // First come, first served, at the pace that the reads allow.
  private turn(): Promise<void> {
    const { wire } = this.gateway
    this.lastTurn = this.lastTurn.then(async () => {
      while (!this.looks.take(wire.nowUs())) await pause(wire, TURN_US)
    })
    return this.lastTurn
  }

  private async look(doubted: Case): Promise<void> {
    const askedUs = this.gateway.wire.nowUs()
    const known = this.ledger.row(doubted.order)
    if (known === undefined || known.state === 'done') {
      this.cases.delete(doubted.order)
      return
    }
    const symbol = this.gateway.symbols.at(known.symbol)
    const link = this.gateway.links.spell(doubted.order)
    const found = await this.rest.orderByLink(symbol.name, link)
    const row = found === undefined ? null : readOrder(found, this.gateway)
    if (row !== null && row !== 'foreign') {
      if (row.filledLots > known.toldLots) await this.fills(symbol.name, link)
      this.feed.order(row)
      if (row.state === 'open' && askedUs >= doubted.finalFromUs) this.cases.delete(doubted.order)
      return
    }
    if (askedUs < doubted.absentFromUs) return
    const fills = await this.fills(symbol.name, link)
    doubted.absences = fills === 0 ? doubted.absences + 1 : 0
    if (doubted.absences >= ABSENCES_NEEDED && this.cases.get(doubted.order) === doubted) this.conclude(known)
  }

  private async fills(symbol: string, link: string): Promise<number> {
    const rows: JsonObject[] = await this.rest.executionsOfLink(symbol, link)
    let count = 0
    for (const item of rows.reverse()) {
      const row = readExecution(asObject(item) ?? {}, this.gateway)
      if (row === null || row === 'foreign') continue
      this.feed.execution(row)
      count++
    }
    return count
  }

  // Nowhere to be found, twice, too late to arrive.
  private conclude(known: LedgerRow): void {
    const { gateway } = this
    const wasSeen = known.state === 'open'
    this.cases.delete(known.order)
    this.ledger.lost(known.order)
    if (!wasSeen) gateway.counters.ordersNeverLanded++
    gateway.emit({
      kind: 'order',
      order: known.order,
      symbol: known.symbol,
      status: wasSeen ? 'canceled' : 'neverLanded',
      side: known.side,
      priceTicks: priceTicks(known.priceTicks),
      sizeLots: sizeLots(known.sizeLots),
      filledLots: sizeLots(known.filledLots),
      reason: 'absent',
      isPostOnlyMiss: false,
      exchangeUs: timeUs(known.updatedMs * 1_000),
      nowUs: gateway.wire.nowUs(),
    })
  }

  // Until the next look: growing pauses, and a look right when absence begins to count.
  private breathe(doubted: Case): Promise<void> {
    const { wire } = this.gateway
    const untilUs = doubted.absentFromUs - wire.nowUs()
    const pauseUs = doubted.backoff.nextUs()
    return new Promise((resolve) => {
      wire.after(Math.max(untilUs > 0 ? Math.min(pauseUs, untilUs) : pauseUs, 1_000), resolve)
    })
  }
}
