/**
 * What a start must know of the runs before it: which orders may still live, which executions were seen, and whether the
 * account agrees with the journal. Everything is settled before the first quote; the exchange is right, always, and what
 * differs from the journal is reported, never mended in silence.
 */
import type { FillEvent } from '../domain/event.ts'
import { fail } from '../errors.ts'
import type { AccountPosition, Exchange, OpenOrder, PastExecution } from '../exchange/port.ts'
import { type Clock, sleep } from './clock.ts'
import { ExecutionStory, type ExecutionTimes } from './execution-times.ts'
import { cutTail, listEpochs, readRun } from './journal-reader.ts'
import { decodeRecord, type EndRecord, type RunRecord } from './journal-records.ts'

/** What the journal of an earlier run says. */
export interface LastRun {
  readonly run: RunRecord
  /** Orders that were asked for and of which no end was recorded, by number. */
  readonly unresolved: readonly number[]
  readonly execIds: ReadonlySet<string>
  /** When it and those before it traded. */
  readonly executionsUs: ExecutionTimes
  /** Position by symbol: what was taken over plus every fill seen. Only symbols whose position was stated. */
  readonly positionLots: ReadonlyMap<string, number>
  /** Exchange time of the newest execution seen, ms; 0 for none. */
  readonly lastExecutionMs: number
  /** Local time of the newest request that added risk, µs; 0 for none. Each was durable before it was signed. */
  readonly lastIntentUs: number
  readonly end: EndRecord | null
  readonly tornBytes: number
}

/** The newest earlier run of the same venue and account; null when there is none. Cuts torn tails. */
export function readLastRun(journals: string, venue: string): LastRun | null {
  for (const epoch of listEpochs(journals).reverse()) {
    const run = readEpoch(journals, epoch)
    if (run !== null && run.run.venue === venue) return run
  }
  return null
}

function readEpoch(journals: string, epoch: string): LastRun | null {
  const story = new RunStory()
  const scan = readRun(journals, epoch, ({ kind, payload }) => story.take(kind, payload))
  if (scan.tail !== null && scan.tornBytes > 0) cutTail(scan.tail.file, scan.tail.validBytes)
  return story.end(scan.tornBytes)
}

/** Follows one run's records. */
class RunStory {
  private run: RunRecord | null = null
  private finish: EndRecord | null = null
  private readonly open = new Set<number>()
  private readonly execIds = new Set<string>()
  private readonly positions = new Map<number, number>()
  private readonly executions = new ExecutionStory()
  private lastExecutionMs = 0
  private lastIntentUs = 0

  take(kind: number, payload: Buffer): void {
    const decoded = decodeRecord(kind, payload)
    switch (decoded?.type) {
      case 'run':
        this.run = decoded.run
        this.executions.begin(decoded.run.past?.executionsUs)
        return
      case 'end':
        this.finish = decoded.end
        return
      case 'request':
        if (decoded.kind === 'intent') this.lastIntentUs = Math.max(this.lastIntentUs, decoded.nowUs)
        if (decoded.kind === 'intent' && decoded.request.kind === 'place') this.open.add(decoded.request.order)
        if (decoded.kind === 'withheld' && decoded.request.kind === 'place') this.open.delete(decoded.request.order)
        return
      case 'event':
        this.executions.take(decoded.event, this.run?.symbols ?? [])
        if (decoded.event.kind === 'order' && decoded.event.status !== 'open') this.open.delete(decoded.event.order)
        if (decoded.event.kind === 'ack' && decoded.event.request === 'place' && decoded.event.result === 'rejected') {
          this.open.delete(decoded.event.order)
        }
        if (decoded.event.kind === 'position') this.positions.set(decoded.event.symbol, decoded.event.positionLots)
        if (decoded.event.kind === 'fill') this.fill(decoded.event)
        if (decoded.event.kind === 'config') this.reconfigured(decoded.event.settings)
    }
  }

  end(tornBytes: number): LastRun | null {
    const { run } = this
    if (run === null) return null
    const named = [...this.positions].map(([symbol, lots]) => [run.symbols[symbol] ?? '', lots] as const)
    return {
      run,
      unresolved: [...this.open],
      execIds: this.execIds,
      executionsUs: this.executions.end(this.lastExecutionMs * 1_000),
      positionLots: new Map(named),
      lastExecutionMs: this.lastExecutionMs,
      lastIntentUs: this.lastIntentUs,
      end: this.finish,
      tornBytes,
    }
  }

  // The next start compares with what this run last traded on.
  private reconfigured(config: unknown): void {
    if (this.run !== null) this.run = { ...this.run, config }
  }

  private fill(event: FillEvent): void {
    if (this.execIds.has(event.execId)) return
    this.execIds.add(event.execId)
    this.lastExecutionMs = Math.max(this.lastExecutionMs, Math.floor(event.exchangeUs / 1000))
    const before = this.positions.get(event.symbol)
    if (before !== undefined) this.positions.set(event.symbol, before + event.side * event.sizeLots)
  }
}

export interface RecoverOptions {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly last: LastRun | null
  /** Prefix of all orders of this bot, of any epoch. */
  readonly linkPrefix: string
  readonly symbols: readonly string[]
  /** How long orders of dead runs may take to go. */
  readonly deadlineUs?: number
}

/** What a start found and did. Goes into the journal and the summary. */
export interface Recovery {
  readonly lastEpoch: string | null
  readonly lastEndedCleanly: boolean
  /** Orders of dead runs that were open and are now cancelled. */
  readonly canceledOrders: readonly string[]
  /** Executions that the last run did not see. */
  readonly missedExecutions: readonly MissedExecution[]
  readonly positions: readonly RecoveredPosition[]
}

export interface MissedExecution {
  readonly execId: string
  readonly symbol: string
  readonly orderLinkId: string
  readonly execType: string
  readonly timeMs: number
  readonly signedLots: number
}

export interface RecoveredPosition {
  readonly symbol: string
  readonly exchangeLots: number
  /** By the journal and the executions it had missed; null when the journal never knew. */
  readonly expectedLots: number | null
}

const DEADLINE_US = 30_000_000
const LOOK_BACK_MS = 10 * 60_000
const PAUSE_US = 250_000
const WINDOW_MS_UNKNOWN = 5_000
/** A stamp may lead the exchange's clock by a second, and from acceptance to the book takes up to another. */
const SLACK_US = 2_000_000

/**
 * Settles what dead runs left: their orders are cancelled and seen to be gone, their missed executions are fetched.
 * Throws DEAD_ORDERS_LEFT (exit 5) when orders stay, POSITION_UNKNOWN when the account cannot be read.
 */
export async function recover(options: RecoverOptions): Promise<Recovery> {
  const { last, exchange } = options
  try {
    const canceledOrders = await cancelDead(options)
    const missedExecutions = await missed(exchange, last)
    const positions = (await exchange.positions()).map((position) => compare(position, last, missedExecutions))
    const lastEndedCleanly = last === null || last.end?.verifiedZero === true
    return { lastEpoch: last?.run.epoch ?? null, lastEndedCleanly, canceledOrders, missedExecutions, positions }
  } catch (error) {
    if (error instanceof Error && error.name === 'MmError') throw error
    return fail('POSITION_UNKNOWN', { reason: (error as Error).message }, error)
  }
}

/**
 * Not the emergency path: the writer is dead and we hold its lock, nobody waits, and this run's own adapter is what it
 * will trade with, so that one listing serves both. What it shares is the rule of when a zero counts: only from a look
 * that began after the last instant at which something the dead run signed may still be accepted. And twice, as a read
 * may lag behind an order that has just landed.
 */
async function cancelDead(options: RecoverOptions): Promise<string[]> {
  const { exchange, clock, linkPrefix, deadlineUs = DEADLINE_US } = options
  const safeUs = acceptableUntilUs(options)
  const seen = new Map<string, OpenOrder>()
  const endUs = clock.nowUs() + deadlineUs
  let zeros = 0
  // Nothing of ours was ever open: one look is enough.
  const zerosNeeded = options.last === null || options.last.unresolved.length === 0 ? 1 : 2
  while (zeros < zerosNeeded) {
    const isSafe = clock.nowUs() >= safeUs
    const dead = (await exchange.openOrders()).filter((order) => order.orderLinkId.startsWith(linkPrefix))
    if (dead.length === 0) zeros += isSafe ? 1 : 0
    else {
      zeros = 0
      for (const order of dead) seen.set(order.orderId, order)
      if (clock.nowUs() > endUs) {
        const ids = dead.map(({ orderLinkId }) => orderLinkId).join(' ')
        return fail('DEAD_ORDERS_LEFT', { ids, scope: `--prefix ${linkPrefix}` })
      }
      await exchange.cancelByIds(dead)
    }
    if (zeros < zerosNeeded) await sleep(clock, PAUSE_US)
  }
  return [...seen.values()].map(({ orderLinkId }) => orderLinkId)
}

function acceptableUntilUs({ last, clock }: RecoverOptions): number {
  if (last === null || last.end?.verifiedZero === true || last.lastIntentUs === 0) return 0
  // A clock that was set back since must not make us wait for it.
  return Math.min(last.lastIntentUs, clock.nowUs()) + windowMsOf(last.run.config) * 1_000 + SLACK_US
}

// As that run was configured; the journal of an older version may not say.
function windowMsOf(config: unknown): number {
  const { createWindowMs } = (config as { exchange?: { createWindowMs?: unknown } } | null)?.exchange ?? {}
  return typeof createWindowMs === 'number' && createWindowMs <= 60_000 ? createWindowMs : WINDOW_MS_UNKNOWN
}

async function missed(exchange: Exchange, last: LastRun | null): Promise<MissedExecution[]> {
  if (last === null) return []
  const fromMs = (last.lastExecutionMs > 0 ? last.lastExecutionMs : last.run.startedMs) - LOOK_BACK_MS
  const executions = await exchange.executionsSince(fromMs)
  return executions
    .filter((execution) => isOfRun(execution, last))
    .map((execution) => ({ ...execution, signedLots: execution.signedLots ?? 0 }))
}

function isOfRun({ execId, timeMs }: PastExecution, last: LastRun): boolean {
  return !last.execIds.has(execId) && timeMs >= last.run.startedMs
}

function compare(
  { symbol, positionLots }: AccountPosition,
  last: LastRun | null,
  executions: readonly MissedExecution[],
): RecoveredPosition {
  const journalLots = last?.positionLots.get(symbol)
  if (journalLots === undefined) return { symbol, exchangeLots: positionLots, expectedLots: null }
  const missedLots = executions.reduce((sum, row) => sum + (row.symbol === symbol ? row.signedLots : 0), 0)
  return { symbol, exchangeLots: positionLots, expectedLots: journalLots + missedLots }
}
