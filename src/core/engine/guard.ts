/**
 * What a guard sees and says. Pre-trade it may object to one proposal; standing it may demand that quotes be pulled or
 * the run be halted. It never sees a cancel: nothing may refuse to remove risk. Texts are constants, nothing is built.
 *
 * @hot
 */
import type { RequestKind } from '../domain/request.ts'
import type { OrderSeq, PriceTicks, Side, SizeLots, SymbolId, TimeUs } from '../domain/units.ts'
import type { PackKey, PackParams } from './pack.ts'

/** Guards judge at least this often: 1000 s, the longest span that is still a small integer and is never boxed. */
export const UNJUDGED_US_MAX = 1_000_000_000

export type BookCondition = 'empty' | 'gap' | 'crossed' | 'fresh'

/** Facts about one symbol at one moment. The engine fills and reuses one record a symbol. */
export class RiskView {
  symbol = 0 as SymbolId
  nowUs = 0 as TimeUs

  bookCondition: BookCondition = 'empty'
  bestBidTicks = 0 as PriceTicks
  bestAskTicks = 0 as PriceTicks
  /** When the last book message reached us, and when the exchange made it. */
  bookReceivedUs = 0 as TimeUs
  bookExchangeUs = 0 as TimeUs
  /** 0 before the first trade. */
  lastTradeTicks = 0 as PriceTicks
  /** A price that moves slowly (exponential average of the mid), in half ticks; 0 before the first mid. */
  referenceHalfTicks = 0

  /** Signed: positive long. */
  positionLots = 0
  /** Lots that would be bought if every live or unknown order of ours, and every fill not yet seen, came in full. */
  openBuyLots = 0
  openSellLots = 0

  /** Profit of this symbol since start at mid after fees and funding, in 1e-8 quote coins. */
  pnlE8 = 0
  /** The same over all symbols of the run. */
  runPnlE8 = 0
}

/** What `quoting` would like to send. Reused. */
export class Proposal {
  kind: 'place' | 'amend' = 'place'
  order = 0 as OrderSeq
  symbol = 0 as SymbolId
  side: Side = 1
  priceTicks = 0 as PriceTicks
  /** What may still fill when it is accepted: an amend's new total less what has filled. */
  sizeLots = 0 as SizeLots
  /** amend: what the order already reserves in `openBuyLots` or `openSellLots`; 0 for a place. */
  reservedLots = 0 as SizeLots
  isReduceOnly = false
  /** It is not post-only. */
  mayTake = false
  /** An amend that takes the order away from the market and does not make it larger: less risk, whatever it costs. */
  isRetreat = false
  /** Places and amends of this side of the symbol that the exchange has not confirmed. */
  inFlight = 0
}

/** What a guard demands until it is no longer true. */
export interface Standing {
  readonly pullBids: boolean
  readonly pullAsks: boolean
  /** Ends the run: cancel everything, do not come back. */
  readonly halt: boolean
  /** How long the cause must be gone before quotes come back; missing: at once. */
  readonly thawUs?: number
  /** Constant text for people and logs. */
  readonly reason: string
}

export interface Guard {
  /** Constant text why not, or null. */
  check(view: Readonly<RiskView>, proposal: Readonly<Proposal>): string | null
  /** Largest size of this proposal that the guard would let through; missing: it does not care about size. */
  roomLots?(view: Readonly<RiskView>, proposal: Readonly<Proposal>): number
  /** What holds now, or null. Called on every decision, unless `judgeInUs` says that it need not be. */
  judge?(view: Readonly<RiskView>): Standing | null
  /**
   * Scope `symbol`, and only where `judge` depends on nothing but the symbol's own facts and the time: when its answer may
   * change though none of those facts did, as a time from now. Missing: at any time.
   */
  judgeInUs?(view: Readonly<RiskView>): number
  /** Told once, before anything else, what earlier runs did; `executionsUs` of its own symbol, none for the run's guards. */
  recall?(past: GuardPast): void
  /** Told of every request that went out, cancels too. */
  onSent?(kind: RequestKind, nowUs: number, side: Side): void
  /** Told of every answer to a request that had gone out. An error: definitely refused, or no definite answer. */
  onAnswer?(isError: boolean, nowUs: number): void
  /** Told of every execution of an order of ours, once. */
  onFill?(isMaker: boolean, nowUs: number): void
}

export interface GuardPast {
  readonly drawdownE8: number
  readonly executionsUs: readonly number[]
}

/** A record as cases write it: plain numbers for the integers of a unit. */
export type Facts<T> = { readonly [K in keyof T]?: T[K] extends number ? number : T[K] }

/** One worked example: run by the generic pack test. */
export interface GuardCase {
  readonly name: string
  readonly params: PackParams
  readonly past?: GuardPast
  readonly view?: Facts<RiskView>
  /** Requests that went out before. */
  readonly sent?: readonly { readonly kind: RequestKind; readonly nowUs: number; readonly side: Side }[]
  /** Answers that came before. */
  readonly answers?: readonly { readonly isError: boolean; readonly nowUs: number }[]
  /** Executions before. */
  readonly fills?: readonly { readonly isMaker: boolean; readonly nowUs: number }[]
  /** With it `check` is run. */
  readonly proposal?: Facts<Proposal>
  /** The text of the refusal; null: allowed. */
  readonly refusal?: string | null
  readonly roomLots?: number
  /** What `judge` answers. */
  readonly standing?: Standing | null
}

export interface GuardPack {
  readonly id: string
  readonly doc: string
  /** `symbol`: one instance a symbol. `run`: one instance sees all symbols. */
  readonly scope: 'symbol' | 'run'
  readonly keys: readonly PackKey[]
  /** `params` holds checked values by key name; missing ones take the key's default. */
  create(params: PackParams): Guard
  readonly cases: readonly GuardCase[]
}
