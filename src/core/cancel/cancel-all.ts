/**
 * Emergency cancel: fence ∥ sweep → verify → proof. Success is a statement about the exchange: two complete snapshots
 * without an open order, both begun after T_safe (the last instant at which anything a known writer signed could still
 * be accepted), with a full sweep of its own after T_safe, so that a lagging read cannot hide an order. Needs no
 * configuration, engine, stream or disk. Never throws for what the exchange or the network does.
 */
import type { Signer } from '../exchange/bybit/signing.ts'
import { readAftermath, type Aftermath } from './aftermath.ts'
import { backOff, type Context, isOver, orderKey, type SeenOrder } from './context.ts'
import type { FenceResult } from './fence.ts'
import { RequestLog } from './request-log.ts'
import { type OpenRow, type Scope, sweepUnits, symbolUnit, type Unit } from './scope.ts'
import { cancelById, sweep } from './sweep.ts'
import { type Net, VenueClient } from './venue-client.ts'
import { type Snapshot, snapshot } from './verify.ts'

/** Exit codes of cancel-all alone. */
export const CANCEL_EXIT = {
  proven: 0,
  notFenced: 10,
  residual: 11,
  unknown: 12,
  auth: 13,
  unreachable: 14,
  limited: 15,
  partial: 16,
} as const
export type CancelExit = (typeof CANCEL_EXIT)[keyof typeof CANCEL_EXIT]

export interface Plan {
  readonly net: Net
  /** The emergency key first. */
  readonly signers: readonly Signer[]
  readonly scope: Scope
  /** Stops the writer; must not throw. */
  readonly fence: (client: VenueClient) => Promise<FenceResult>
  readonly durationMs: number
  /** Reads only: what would be cancelled. */
  readonly isDryRun: boolean
  readonly chance: () => number
  readonly isAborted: () => boolean
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly step: 'sweep' | 'verify' | 'done'
  /** Open orders in the last snapshot, null before the first. */
  readonly open: number | null
  readonly seen: number
  readonly requests: number
  readonly fence: FenceResult['level'] | 'pending'
  readonly tSafeInMs: number | null
  readonly trouble: string
}

export interface ZeroSnapshot {
  readonly startServerMs: number
  readonly pages: number
}

export interface Outcome {
  readonly exit: CancelExit
  readonly startedServerMs: number
  readonly endedServerMs: number
  readonly fence: FenceResult
  readonly tSafeMs: number
  readonly zeros: readonly ZeroSnapshot[]
  readonly residual: readonly OpenRow[]
  readonly spared: readonly OpenRow[]
  readonly seen: readonly SeenOrder[]
  /** Orders that appeared after a snapshot without any: somebody was still writing. */
  readonly lateOrders: number
  readonly denied: ReadonlyMap<string, number>
  readonly refusals: ReadonlyMap<string, string>
  readonly trouble: string
  readonly aftermath: Aftermath
  readonly log: RequestLog
  readonly client: VenueClient
}

/** Between acceptance and the book: the exchange's own processing. */
export const MATCH_SLACK_MS = 1_000
const ZERO_APART_MS = 1_000
const SWEEPS_BEFORE_BY_ID = 2

export async function cancelAll(plan: Plan): Promise<Outcome> {
  const client = new VenueClient(plan.net, plan.signers, new RequestLog())
  const context: Context = {
    client,
    scope: plan.scope,
    deadlineMs: client.nowMs() + plan.durationMs,
    chance: plan.chance,
    isAborted: plan.isAborted,
    seen: new Map(),
    denied: new Map(),
    refusals: new Map(),
    lastTrouble: '',
  }
  return new Emergency(plan, context).run()
}

class Emergency {
  private readonly plan: Plan
  private readonly context: Context
  private fence: FenceResult | null = null
  private zeros: ZeroSnapshot[] = []
  private last: Snapshot | null = null
  private attacks = 0
  private lateOrders = 0
  private isSweptAfterTSafe = false
  private hadZero = false

  constructor(plan: Plan, context: Context) {
    this.plan = plan
    this.context = context
  }

  async run(): Promise<Outcome> {
    const { context, plan } = this
    const startedServerMs = context.client.clock.nowMs()
    if (plan.isDryRun) return this.look(startedServerMs)
    const fencing = plan.fence(context.client).then((result) => {
      this.fence = result
    })
    const units = sweepUnits(plan.scope)
    this.tell('sweep')
    await sweep(context, units)
    while (!isOver(context) && this.zeros.length < 2) await this.round(units)
    await Promise.race([fencing, context.client.sleep(Math.max(0, context.deadlineMs - context.client.nowMs()))])
    return this.finish(startedServerMs)
  }

  // One look, and what follows from it.
  private async round(units: readonly Unit[]): Promise<void> {
    const { context } = this
    const seenBefore = context.seen.size
    const snap = await snapshot(context)
    this.tell('verify', snap)
    if (!snap.isComplete || context.client.bannedUntilMs > context.client.nowMs()) {
      this.zeros = []
      return backOff(context, 2)
    }
    this.last = snap
    if (snap.rows.length > 0) {
      if (this.hadZero) this.lateOrders += context.seen.size - seenBefore
      return this.attack(snap, units)
    }
    this.hadZero = true
    this.attacks = 0
    if (this.fence === null) return context.client.sleep(50)
    const waitMs = this.tSafeMs() - context.client.clock.nowMs()
    if (snap.startServerMs < this.tSafeMs()) return context.client.sleep(Math.min(Math.max(waitMs, 20), 250))
    if (!this.isSweptAfterTSafe) return this.sweepAfterTSafe(units)
    await this.count(snap)
  }

  // The matching engine's own word, not a replica's: nothing left to cancel, said after T_safe.
  private async sweepAfterTSafe(units: readonly Unit[]): Promise<void> {
    const { isComplete, wasEmpty } = await sweep(this.context, units)
    this.isSweptAfterTSafe = isComplete
    if (!wasEmpty) this.zeros = []
  }

  private async count(snap: Snapshot): Promise<void> {
    const previous = this.zeros.at(-1)
    if (previous !== undefined && snap.startServerMs - previous.startServerMs < ZERO_APART_MS) {
      return this.context.client.sleep(ZERO_APART_MS - (snap.startServerMs - previous.startServerMs))
    }
    this.zeros.push({ startServerMs: snap.startServerMs, pages: snap.pages })
    if (this.zeros.length < 2) await this.context.client.sleep(ZERO_APART_MS)
  }

  private async attack(snap: Snapshot, units: readonly Unit[]): Promise<void> {
    const { context } = this
    this.zeros = []
    this.isSweptAfterTSafe = false
    if (this.attacks++ < SWEEPS_BEFORE_BY_ID && units.length > 0) await sweep(context, this.unitsFor(snap, units))
    else await cancelById(context, snap.rows)
    // An accepted cancel takes a moment; asking again at once only reads the past.
    await context.client.sleep(this.attacks < 3 ? 50 : 250)
  }

  private unitsFor(snap: Snapshot, units: readonly Unit[]): Unit[] {
    const categories = new Set(snap.rows.map((row) => row.category))
    const found = units.filter((unit) => categories.has(unit.category))
    if (!categories.has('inverse')) return found
    const symbols = new Set(snap.rows.flatMap((row) => (row.category === 'inverse' ? [row.symbol] : [])))
    return [...found, ...[...symbols].map((symbol) => symbolUnit('inverse', symbol, this.context.scope))]
  }

  private tSafeMs(): number {
    return this.fence === null ? Number.POSITIVE_INFINITY : this.fence.acceptableUntilMs + MATCH_SLACK_MS
  }

  private async look(startedServerMs: number): Promise<Outcome> {
    this.fence = NO_FENCE
    while (!isOver(this.context)) {
      this.last = await snapshot(this.context)
      if (this.last.isComplete) break
      await backOff(this.context, 2)
    }
    return this.finish(startedServerMs)
  }

  private async finish(startedServerMs: number): Promise<Outcome> {
    const { context, plan } = this
    const { client } = context
    const fence = this.fence ?? {
      ...NO_FENCE,
      notes: ['the fence did not finish before the deadline'],
      isWriterAlive: true,
    }
    const aftermath = await readAftermath(context, startedServerMs)
    const outcome = {
      startedServerMs,
      endedServerMs: client.clock.nowMs(),
      fence,
      tSafeMs: fence.acceptableUntilMs + MATCH_SLACK_MS,
      zeros: this.zeros,
      residual: this.last?.rows ?? [],
      spared: this.last?.sparedRows ?? [],
      seen: [...context.seen.values()],
      lateOrders: this.lateOrders,
      denied: context.denied,
      refusals: context.refusals,
      trouble: context.lastTrouble,
      aftermath,
      log: client.log,
      client,
    }
    const exit = plan.isDryRun ? this.judgeLook() : this.judge(fence)
    this.tell('done')
    return { exit, ...outcome }
  }

  private judge(fence: FenceResult): CancelExit {
    const { denied } = this.context
    if (this.zeros.length < 2) return this.judgeFailure()
    if (denied.size > 0) return this.allDenied() ? CANCEL_EXIT.auth : CANCEL_EXIT.partial
    return fence.isWriterAlive ? CANCEL_EXIT.notFenced : CANCEL_EXIT.proven
  }

  private judgeLook(): CancelExit {
    if (this.last?.isComplete !== true) return this.judgeFailure()
    if (this.context.denied.size > 0) return this.allDenied() ? CANCEL_EXIT.auth : CANCEL_EXIT.partial
    return CANCEL_EXIT.proven
  }

  private judgeFailure(): CancelExit {
    const { client } = this.context
    if (this.allDenied()) return CANCEL_EXIT.auth
    if (client.bannedUntilMs > client.nowMs() || client.isLimited()) return CANCEL_EXIT.limited
    if (client.heard === 0) return CANCEL_EXIT.unreachable
    if (this.context.isAborted()) return CANCEL_EXIT.unknown
    const open = orderCount(this.last)
    return open > 0 ? CANCEL_EXIT.residual : CANCEL_EXIT.unknown
  }

  private allDenied(): boolean {
    const { denied, scope } = this.context
    return denied.size > 0 && scope.categories.every((category) => denied.has(category))
  }

  private tell(step: Progress['step'], snap: Snapshot | null = this.last): void {
    const { client, seen, lastTrouble } = this.context
    this.plan.onProgress({
      step,
      open: snap === null ? null : snap.rows.length,
      seen: seen.size,
      requests: client.log.rows.length,
      fence: this.fence?.level ?? 'pending',
      tSafeInMs: this.fence === null ? null : Math.max(0, this.tSafeMs() - client.clock.nowMs()),
      trouble: lastTrouble,
    })
  }
}

const NO_FENCE: FenceResult = {
  level: 'none',
  isWriterKnown: false,
  isWriterAlive: false,
  acceptableUntilMs: 0,
  notes: [],
}

function orderCount(snap: Snapshot | null): number {
  return snap === null ? 0 : new Set(snap.rows.map(orderKey)).size
}
