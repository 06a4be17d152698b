/**
 * The end of a run, whatever ended it: stop quoting, cancel, and look at the exchange until nothing of ours is open.
 * Success is a statement of the exchange, made after the last moment at which anything of ours could still land. Nothing
 * can cancel this: a second signal only makes it say where it is.
 */
import type { Exchange, OpenOrder } from '../exchange/port.ts'
import { type Clock, sleep } from './clock.ts'

export interface ShutdownOptions {
  readonly exchange: Exchange
  readonly clock: Clock
  /** Start of the link ids of every order of this bot. */
  readonly linkPrefix: string
  /** Tells the engine to halt and lets it send its cancels. */
  halt(reason: string): void
  /** Orders that the engine believes live or does not know about. */
  liveOrders(): number
  /** When the last request that adds risk was sent (0: never), and how long the exchange may still accept it. */
  lastRiskUs(): number
  readonly acceptWindowUs: number
  readonly deadlineUs?: number
  /** For people, as it goes on. */
  progress?(text: string): void
}

export interface ShutdownResult {
  /** Two complete looks at the exchange, both late enough, found nothing of ours open. */
  readonly verifiedZero: boolean
  /** What the last complete look found; empty together with verifiedZero false means that nobody could look. */
  readonly openOrders: readonly OpenOrder[]
  /** Why it could not be verified; '' when it was. */
  readonly problem: string
}

const DEADLINE_US = 20_000_000
/** How long the engine's own cancels are waited for before the residual is cancelled by id. */
const ENGINE_US = 1_500_000
const PAUSE_US = 100_000
const BETWEEN_LOOKS_US = 200_000
/** What a matching engine may take beyond its window. */
const SLACK_US = 500_000

/** Never throws: what went wrong is in the result. */
export async function shutDown(reason: string, options: ShutdownOptions): Promise<ShutdownResult> {
  const { clock, deadlineUs = DEADLINE_US } = options
  const endUs = clock.nowUs() + deadlineUs
  options.halt(reason)
  await engineCancels(options, Math.min(endUs, clock.nowUs() + ENGINE_US))
  return verify(options, endUs)
}

async function engineCancels(options: ShutdownOptions, untilUs: number): Promise<void> {
  const { clock } = options
  while (options.liveOrders() > 0 && clock.nowUs() < untilUs) await sleep(clock, PAUSE_US)
}

async function verify(options: ShutdownOptions, endUs: number): Promise<ShutdownResult> {
  const { clock, exchange } = options
  const look = new Look(options)
  // While anything of ours is unsettled, a look before this moment proves nothing. When every order has its answer and
  // its end, nothing can land any more.
  const isSettled = options.liveOrders() === 0
  const safeUs = isSettled || options.lastRiskUs() === 0 ? 0 : options.lastRiskUs() + options.acceptWindowUs + SLACK_US
  let zeros = 0
  let last = ''
  while (clock.nowUs() < endUs) {
    const startedUs = clock.nowUs()
    const open = await look.open()
    if (open !== null && open.length === 0) zeros = startedUs >= safeUs ? zeros + 1 : 0
    else zeros = 0
    if (zeros === 2) return { verifiedZero: true, openOrders: [], problem: '' }
    if (open !== null && open.length > 0) {
      last = tellOnce(options, last, `${open.length} orders still open`)
      await exchange.cancelByIds(open).catch((error: unknown) => look.failed(error))
    } else if (startedUs < safeUs) last = tellOnce(options, last, 'waiting until nothing sent earlier can land')
    await sleep(clock, BETWEEN_LOOKS_US)
  }
  const problem = look.problem || (look.last.length > 0 ? 'orders are still open' : 'no time was left to look twice')
  return { verifiedZero: false, openOrders: look.last, problem }
}

function tellOnce(options: ShutdownOptions, last: string, text: string): string {
  if (text !== last) options.progress?.(text)
  return text
}

/** Asks the exchange what of ours is open, and remembers what it said last. */
class Look {
  last: readonly OpenOrder[] = []
  problem = ''
  private readonly options: ShutdownOptions

  constructor(options: ShutdownOptions) {
    this.options = options
  }

  /** Null: the exchange could not be asked. */
  async open(): Promise<readonly OpenOrder[] | null> {
    const { exchange, linkPrefix } = this.options
    try {
      this.last = (await exchange.openOrders()).filter((order) => order.orderLinkId.startsWith(linkPrefix))
      this.problem = ''
      return this.last
    } catch (error) {
      this.failed(error)
      return null
    }
  }

  failed(error: unknown): void {
    this.problem = error instanceof Error ? error.message : String(error)
  }
}
