/**
 * What happens when: the markets' own events and accepted requests on their way to the book, in order of time, each one
 * matching event with its number, told when it is over. Commands never overtake each other.
 */
import { invariant } from '../../domain/invariant.ts'
import { type TimeUs, timeUs } from '../../domain/units.ts'
import { DueQueue } from './due-queue.ts'
import type { LatencyModel } from './latency.ts'
import type { Ledger } from './ledger.ts'
import type { Listing } from './listing.ts'
import type { Matcher } from './matcher.ts'

export interface TimelineParts {
  readonly listings: readonly Listing[]
  readonly ledger: Ledger
  readonly matcher: Matcher
  /** From acceptance by the gateway to the matching engine. */
  readonly latency: LatencyModel
  /** The mark price moved: takes over positions whose margin is gone, and says whether there were any. */
  liquidate(listing: Listing): boolean
}

/** What the gateway accepted and matching has not seen yet. */
interface Pending {
  readonly listing: Listing
  readonly run: () => void
}

export class Timeline {
  private readonly listings: readonly Listing[]
  private readonly ledger: Ledger
  private readonly matcher: Matcher
  private readonly matchLatency: LatencyModel
  private readonly liquidate: TimelineParts['liquidate']
  private readonly pending = new DueQueue<Pending>()

  constructor({ listings, ledger, matcher, latency, liquidate }: TimelineParts) {
    this.listings = listings
    this.ledger = ledger
    this.matcher = matcher
    this.matchLatency = latency
    this.liquidate = liquidate
  }

  /** When the next accepted request meets the book; Infinity for never. */
  nextCommandUs(): number {
    return this.pending.nextUs()
  }

  /** When something is due next; Infinity for never. */
  nextUs(): number {
    let nextUs = this.pending.nextUs()
    for (const { market } of this.listings) nextUs = Math.min(nextUs, market.nextUs())
    return nextUs
  }

  /** Does everything due at or before `nowUs`, in order of time; the crowd first where times are equal. */
  advance(nowUs: TimeUs): void {
    for (;;) {
      const listing = this.earliestMarket()
      const marketUs = listing?.market.nextUs() ?? Number.POSITIVE_INFINITY
      const commandUs = this.pending.nextUs()
      if (Math.min(marketUs, commandUs) > nowUs) break
      if (listing !== undefined && marketUs <= commandUs) this.stepMarket(listing, marketUs)
      else this.runCommand(commandUs)
    }
    if (nowUs > this.ledger.nowUs) this.ledger.nowUs = nowUs
  }

  /** Meets the book after the match latency. */
  later(listing: Listing, run: () => void): void {
    this.pending.push(this.ledger.nowUs + this.matchLatency.nextUs(), { listing, run })
  }

  /** One more matching event, at this time. Recorded times may step back a little; ours never do. */
  startEvent(atUs: number): void {
    if (atUs > this.ledger.nowUs) this.ledger.nowUs = timeUs(atUs)
    this.ledger.crossSeq++
  }

  private stepMarket(listing: Listing, atUs: number): void {
    this.startEvent(atUs)
    this.conclude(listing, listing.market.step())
  }

  private runCommand(atUs: number): void {
    const command = this.pending.pop(atUs)
    invariant(command !== undefined, 'a command is due')
    this.startEvent(atUs)
    command.run()
    this.conclude(command.listing, true)
  }

  // One matching event is over: tell it, then let the conditional orders that it reached follow, each as its own event.
  private conclude(listing: Listing, hasBookChanged: boolean): void {
    const hadTrade = this.ledger.flush()
    if (hasBookChanged) this.ledger.bookChanged(listing.market)
    const hasMoved = listing.sample(this.ledger.nowUs)
    if (hasMoved && this.liquidate(listing)) {
      this.ledger.flush()
      this.ledger.bookChanged(listing.market)
    }
    if (listing.waiting.size === 0 || !(hadTrade || hasMoved)) return
    this.ledger.crossSeq++
    if (this.matcher.trigger(listing)) this.conclude(listing, true)
  }

  private earliestMarket(): Listing | undefined {
    let earliest: Listing | undefined
    let earliestUs = Number.POSITIVE_INFINITY
    for (const listing of this.listings) {
      const nextUs = listing.market.nextUs()
      if (nextUs < earliestUs) {
        earliest = listing
        earliestUs = nextUs
      }
    }
    return earliest
  }
}
