/**
 * The end of a run, whatever ended it: stop quoting, let the engine cancel, then the emergency path itself, by id and for
 * this run's orders only, until the exchange shows none. Nothing can cancel this: a second signal only makes it say where
 * it is. Never throws: what went wrong is in the result.
 */
import { cancelAll } from '../cancel/cancel-all.ts'
import type { Outcome } from '../cancel/outcome.ts'
import type { FenceResult } from '../cancel/fence-result.ts'
import { CANCEL_EXIT } from '../cancel/verdict.ts'
import { type Clock, sleep } from './clock.ts'
import type { EmergencyWay } from './venue.ts'

export interface ShutdownOptions {
  readonly emergency: EmergencyWay
  readonly clock: Clock
  /** Start of the link ids of every order of this run. */
  readonly linkPrefix: string
  /** Tells the engine to halt and lets it send its cancels. From then on nothing that adds risk is signed. */
  halt(reason: string): void
  /** Orders that the engine believes live or does not know about. */
  liveOrders(): number
  /** False when the engine has failed: then its count of live orders proves nothing. */
  readonly isEngineSound: boolean
  /** Newest exchange timestamp of a request that adds risk, ms; 0 when none was sent. */
  newestRiskMs(): number
  /** How long after its timestamp the exchange may still accept it. */
  readonly acceptWindowMs: number
  readonly deadlineUs?: number
  /** For people, as it goes on. */
  progress?(text: string): void
}

export interface ShutdownResult {
  /** Two complete looks at the exchange, both late enough, found nothing of ours open. */
  readonly verifiedZero: boolean
  /** What the last complete look found; empty together with verifiedZero false means that nobody could look. */
  readonly openOrders: readonly LeftOrder[]
  /** Why it could not be verified; '' when it was. */
  readonly problem: string
}

export interface LeftOrder {
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
}

const DEADLINE_US = 30_000_000
/** How long the engine's own cancels are waited for before the emergency path takes over. */
const ENGINE_US = 1_500_000
const PAUSE_US = 100_000

export async function shutDown(reason: string, options: ShutdownOptions): Promise<ShutdownResult> {
  const { clock, emergency, linkPrefix, deadlineUs = DEADLINE_US } = options
  const endUs = clock.nowUs() + deadlineUs
  options.halt(reason)
  await engineCancels(options, Math.min(endUs, clock.nowUs() + ENGINE_US))
  const fence = fenceOf(options)
  let last = ''
  const outcome = await cancelAll({
    net: emergency.net,
    signers: [emergency.signer],
    scope: { categories: [emergency.category], symbol: '', prefix: linkPrefix, isKeepingProtective: false },
    fence: () => Promise.resolve(fence),
    durationMs: Math.ceil((endUs - clock.nowUs()) / 1_000),
    isDryRun: false,
    isBrief: true,
    // Jitter is for many clients at once; one bot may be exact, and under virtual time must be.
    chance: () => 0.5,
    abort: new AbortController().signal,
    onProgress({ open, tSafeInMs }) {
      const text = open !== null && open > 0 ? `${open} orders still open` : (tSafeInMs ?? 0) > 0 ? WAITING : last
      if (text !== last) options.progress?.(text)
      last = text
    },
  })
  return resultOf(outcome)
}

const WAITING = 'waiting until nothing sent earlier can land'

async function engineCancels(options: ShutdownOptions, untilUs: number): Promise<void> {
  const { clock } = options
  while (options.liveOrders() > 0 && clock.nowUs() < untilUs) await sleep(clock, PAUSE_US)
}

// The writer is this process: it has stopped signing. When every order of ours has its answer and its end, nothing can
// land any more; until then the newest signature decides.
function fenceOf({ isEngineSound, liveOrders, newestRiskMs, acceptWindowMs }: ShutdownOptions): FenceResult {
  const newestMs = newestRiskMs()
  const isSettled = newestMs === 0 || (isEngineSound && liveOrders() === 0)
  return {
    level: 'acked',
    isWriterKnown: true,
    isWriterAlive: false,
    acceptableUntilMs: () => (isSettled ? 0 : newestMs + acceptWindowMs),
    recheck: () => '',
    notes: [],
  }
}

function resultOf({ zeros, residual, exit, refusals, trouble }: Outcome): ShutdownResult {
  if (zeros.length >= 2 && residual.length === 0) return { verifiedZero: true, openOrders: [], problem: '' }
  const openOrders = residual.map(({ symbol, orderId, orderLinkId }) => ({ symbol, orderId, orderLinkId }))
  const [refusal = ''] = refusals.values()
  const why = PROBLEM[exit] ?? 'no time was left to look twice'
  return { verifiedZero: false, openOrders, problem: [why, refusal || trouble].filter(Boolean).join(': ') }
}

const PROBLEM: Readonly<Record<number, string>> = {
  [CANCEL_EXIT.residual]: 'orders are still open',
  [CANCEL_EXIT.auth]: 'the key was refused',
  [CANCEL_EXIT.unreachable]: 'the exchange could not be reached',
  [CANCEL_EXIT.limited]: 'limited or shut out by the exchange',
}
