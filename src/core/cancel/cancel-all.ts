/**
 * Emergency cancel: fence ∥ sweep → verify → proof. Success is a statement about the exchange: two complete snapshots
 * without an open order, both begun after T_safe (the last instant at which anything a known writer signed could still
 * be accepted), with a sweep of its own after T_safe that found nothing, so that a lagging read cannot hide an order.
 * Needs no configuration, engine, stream or disk. Never throws for what the exchange or the network does.
 */
import { messageOf } from '../errors.ts'
import { NO_AFTERMATH, readAftermath } from './aftermath.ts'
import { cancelById } from './by-id.ts'
import { learnCoins, unreadCoins } from './coins.ts'
import { backOff, type Context, isOver, newContext, pause } from './context.ts'
import { type FenceResult, unfinishedFence } from './fence-result.ts'
import type { Look, Outcome, Plan, Progress, ZeroSnapshot } from './outcome.ts'
import { RequestLog } from './request-log.ts'
import { type OpenRow, sweepUnits, symbolUnit, type Unit } from './scope.ts'
import { sweep } from './sweep.ts'
import { judge } from './verdict.ts'
import { VenueClient } from './venue-client.ts'
import { type Snapshot, snapshot } from './verify.ts'

/** Between acceptance and the book: the exchange's own processing. */
export const MATCH_SLACK_MS = 1_000
/** Where the exchange itself cannot be asked by a sweep, its listings get this long to catch up. */
export const READ_LAG_MS = 2_000
const ZERO_APART_MS = 1_000
/** An exchange that does not name its coins has the usual ones. */
const COIN_QUESTIONS_MAX = 4
const BY_ID_MAX = 200

export async function cancelAll(plan: Plan): Promise<Outcome> {
  const client = new VenueClient(plan.net, plan.signers, new RequestLog())
  const context = newContext({
    client,
    scope: plan.scope,
    deadlineMs: client.nowMs() + plan.durationMs,
    chance: plan.chance,
    isAborted: () => plan.abort.aborted,
  })
  return new Emergency(plan, context).run()
}

class Emergency implements Progress {
  step: Progress['step'] = 'sweep'
  private readonly plan: Plan
  private readonly context: Context
  private fence: FenceResult | null = null
  private zeros: ZeroSnapshot[] = []
  private last: Snapshot | null = null
  private attacks = 0
  private lateOrders = 0
  private readonly strangers = new Set<string>()
  private isSweptAfterTSafe = false
  private isBlind: boolean
  private hadZero = false
  private coinQuestions = 0

  constructor(plan: Plan, context: Context) {
    this.plan = plan
    this.context = context
    this.isBlind = plan.scope.prefix !== ''
  }

  async run(): Promise<Outcome> {
    const { context, plan } = this
    const startedMs = context.client.nowMs()
    const aborted = new Promise<void>((resolve) => plan.abort.addEventListener('abort', () => resolve()))
    await Promise.race([plan.isDryRun ? this.look() : this.work(), aborted])
    return this.finish(startedMs)
  }

  private async work(): Promise<void> {
    const { context, plan } = this
    const [head, ...others] = this.units()
    const first = head === undefined ? [] : [sweep(context, [head])]
    // One turn of the loop: the first cancel leaves before the others are written, and before the fence meets a disk.
    await context.client.sleep(0)
    const swept = Promise.all([learnCoins(context), sweep(context, others), ...first])
    this.tell('sweep')
    const fencing = plan.fence(context.client).then(
      (result) => {
        this.fence = result
      },
      (error: unknown) => {
        this.fence = unfinishedFence(`the fence failed: ${messageOf(error)}`, context.client.nowMs())
      },
    )
    const [coins] = await swept
    if (coins > 0) await sweep(context, this.units())
    while (!this.isOver() && this.zeros.length < 2) await this.round()
    await Promise.race([fencing, context.client.sleep(Math.max(0, context.deadlineMs - context.client.nowMs()))])
  }

  private async look(): Promise<void> {
    await learnCoins(this.context)
    while (!this.isOver()) {
      this.last = await snapshot(this.context)
      this.tell('verify')
      if (this.last.isComplete) return
      await backOff(this.context, 2)
    }
  }

  // One look, and what follows from it.
  private async round(): Promise<void> {
    const { context } = this
    const seenBefore = context.seen.size
    const snap = await snapshot(context)
    if (!snap.isComplete) {
      this.tell('verify')
      this.zeros = []
      await backOff(context, 1)
      // Who cannot look goes on cancelling.
      await sweep(context, this.units())
      return
    }
    this.last = snap
    this.tell('verify')
    this.watchForStrangers(snap)
    const live = snap.rows.filter(({ category }) => !context.noCancel.has(category))
    if (live.length > 0) {
      if (this.hadZero) this.lateOrders += context.seen.size - seenBefore
      return this.attack(live)
    }
    this.hadZero = true
    this.attacks = 0
    if (this.fence === null) return pause(context, 50)
    const safeMs = this.tSafeMs() + (this.isBlind ? READ_LAG_MS : 0)
    if (snap.startServerMs < safeMs) return pause(context, this.untilMs(safeMs))
    if (!this.isSweptAfterTSafe) return this.sweepAfterTSafe()
    await this.count(snap)
  }

  // The matching engine's own word, not a replica's: nothing left to cancel, said after T_safe.
  private async sweepAfterTSafe(): Promise<void> {
    const coins = await learnCoins(this.context)
    this.coinQuestions++
    const { isEmpty, blind } = await sweep(this.context, this.units())
    // With a coin more, the listings before said too little.
    const areCoinsKnown = unreadCoins(this.context).length === 0 || this.coinQuestions >= COIN_QUESTIONS_MAX
    this.isSweptAfterTSafe = isEmpty && coins === 0 && areCoinsKnown
    if (blind.length > 0) this.isBlind = true
    if (!this.isSweptAfterTSafe) await pause(this.context, 50)
  }

  private async count(snap: Snapshot): Promise<void> {
    const previous = this.zeros.at(-1)
    const sinceMs = previous === undefined ? ZERO_APART_MS : snap.startServerMs - previous.startServerMs
    if (sinceMs < ZERO_APART_MS) return pause(this.context, ZERO_APART_MS - sinceMs)
    this.zeros.push({ startServerMs: snap.startServerMs, pages: snap.pages })
    if (this.zeros.length < 2) await pause(this.context, ZERO_APART_MS)
  }

  private async attack(rows: readonly OpenRow[]): Promise<void> {
    const { context } = this
    this.zeros = []
    this.isSweptAfterTSafe = false
    const isByIdNext = context.scope.prefix !== '' || this.attacks % 3 === 2
    if (isByIdNext) await cancelById(context, someOf(rows, this.attacks))
    else await sweep(context, this.unitsFor(rows))
    this.attacks++
    // An accepted cancel takes a moment; asking again at once only reads the past.
    await pause(context, this.attacks < 3 ? 50 : 250)
  }

  private units(): Unit[] {
    return sweepUnits(this.plan.scope, this.context.coins)
  }

  private unitsFor(rows: readonly OpenRow[]): Unit[] {
    const categories = new Set(rows.map(({ category }) => category))
    const symbols = new Set(rows.flatMap(({ category, symbol }) => (category === 'inverse' ? [symbol] : [])))
    return [
      ...this.units().filter(({ category }) => categories.has(category)),
      ...[...symbols].map((symbol) => symbolUnit('inverse', symbol, this.plan.scope)),
    ]
  }

  private watchForStrangers(snap: Snapshot): void {
    if (this.fence === null) return
    const tSafeMs = this.tSafeMs()
    for (const { orderId, createdMs } of snap.rows) if (createdMs > tSafeMs) this.strangers.add(orderId)
  }

  private tSafeMs(): number {
    if (this.fence === null) return Number.POSITIVE_INFINITY
    return this.fence.acceptableUntilMs(this.context.client.clock) + MATCH_SLACK_MS
  }

  private untilMs(serverMs: number): number {
    const { clock } = this.context.client
    return Math.min(Math.max(serverMs - clock.earliestMs(clock.localNowMs()), 20), 250)
  }

  // Nothing more can come of going on.
  private isOver(): boolean {
    const { context, plan } = this
    const isShutOut = context.client.bannedUntilMs >= context.deadlineMs
    const refusing = plan.isDryRun ? context.noRead : context.noCancel
    const isRefused = plan.scope.categories.every((category) => refusing.has(category))
    return isOver(context) || isShutOut || (isRefused && this.last !== null)
  }

  private async finish(startedMs: number): Promise<Outcome> {
    const { context, plan, last } = this
    const { client } = context
    const fence = plan.isDryRun
      ? NOT_ASKED
      : (this.fence ?? unfinishedFence('the fence did not finish in time', client.nowMs()))
    const { clock } = client
    const startedServerMs = clock.earliestMs(startedMs)
    const isAnswering = !plan.isBrief && !plan.abort.aborted && client.nowMs() - client.okMs < 10_000
    const aftermath = isAnswering ? await readAftermath(context, startedServerMs) : NO_AFTERMATH
    const acceptableUntilMs = fence.acceptableUntilMs(clock)
    const facts = {
      zeros: this.zeros,
      residual: last?.rows ?? [],
      look: lookOf(last, context),
      spared: last?.sparedRows ?? [],
      lateOrders: this.lateOrders,
      strangerOrders: this.strangers.size,
    }
    const isLookComplete = last?.isComplete === true
    const exit = judge({ context, fence, isDryRun: plan.isDryRun, isLookComplete, ...facts })
    this.tell('done')
    return {
      exit,
      ...facts,
      startedServerMs,
      endedServerMs: clock.nowMs(),
      fence,
      acceptableUntilMs,
      tSafeMs: acceptableUntilMs + MATCH_SLACK_MS,
      seen: [...context.seen.values()],
      denied: new Map([...context.noRead, ...context.noCancel]),
      refusals: context.refusals,
      trouble: context.lastTrouble,
      aftermath,
      log: client.log,
      client,
    }
  }

  private tell(step: Progress['step']): void {
    this.step = step
    this.plan.onProgress(this)
  }

  get open(): number | null {
    return this.last?.isComplete === true ? this.last.rows.length : null
  }

  get seen(): number {
    return this.context.seen.size
  }

  get requests(): number {
    return this.context.client.log.rows.length
  }

  get fenceLevel(): Progress['fenceLevel'] {
    return this.plan.isDryRun ? 'unasked' : (this.fence?.level ?? 'pending')
  }

  get tSafeInMs(): number | null {
    const { clock } = this.context.client
    return this.fence === null ? null : Math.max(0, this.tSafeMs() - clock.earliestMs(clock.localNowMs()))
  }

  get trouble(): string {
    return this.context.lastTrouble
  }
}

const NOT_ASKED: FenceResult = {
  level: 'none',
  isWriterKnown: false,
  isWriterAlive: false,
  acceptableUntilMs: () => 0,
  recheck: () => '',
  notes: [],
}

function lookOf(last: Snapshot | null, { noRead, scope }: Context): Look {
  if (last?.isComplete !== true || scope.categories.every((category) => noRead.has(category))) return 'none'
  return noRead.size > 0 ? 'partial' : 'complete'
}

// At most some hundred of many, other ones each time: a few that cannot be cancelled must not keep the rest waiting.
function someOf(rows: readonly OpenRow[], round: number): readonly OpenRow[] {
  if (rows.length <= BY_ID_MAX) return rows
  const start = (round * BY_ID_MAX) % rows.length
  return [...rows.slice(start), ...rows.slice(0, start)].slice(0, BY_ID_MAX)
}
