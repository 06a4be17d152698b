/** What lets others watch a run: metrics, control socket, loop delay, a line now and then. Nothing of it decides anything. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LoadedConfig } from '../config/load.ts'
import { openControl } from './control.ts'
import type { Journal } from './journal.ts'
import { liveViewOf } from './live-view-of.ts'
import { type MetricsServer, serveMetrics } from './metrics-server.ts'
import type { Reloaded } from './reload.ts'
import type { Session } from './session.ts'
import type { StateDir } from './state-dir.ts'
import type { Teardown } from './teardown.ts'
import type { TradeOptions, TradeOutput } from './trade-options.ts'
import type { Venue } from './venue.ts'

const TICK_MS = 10_000

interface MetricsOpening {
  readonly options: TradeOptions
  readonly output: TradeOutput
  readonly teardown: Teardown
  readonly holder: { readonly session: Session | null }
}

export async function openMetrics({
  options,
  output,
  teardown,
  holder,
}: MetricsOpening): Promise<MetricsServer | null> {
  if (options.metrics === null) return null
  const server = await serveMetrics({
    ...options.metrics,
    source: () => holder.session?.metricsSource() ?? null,
    warn: (text) => output.say(`warning: ${text}`),
  })
  teardown.add(() => server.close())
  return server
}

interface Watching extends MetricsOpening {
  readonly session: Session
  readonly state: StateDir
  readonly holder: { readonly session: Session | null; readonly metrics: MetricsServer | null }
  readonly epoch: string
  readonly version: string
  readonly journal: Journal
  readonly config: LoadedConfig
  readonly venue: Venue
  readonly reload: () => Reloaded
}

/** Everything but the metrics, which are there from the start on. */
export async function openWatching(watching: Watching): Promise<void> {
  const { session, state, output, teardown, holder, options } = watching
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  teardown.add(() => void delay.disable())
  session.counters.loopDelaySeconds = () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return seconds
  }
  const { metrics } = holder
  const view = liveViewOf({
    ...watching,
    metricsUrl: metrics === null ? '' : `http://${metrics.host}:${metrics.port}/metrics`,
    seed: options.venue === 'paper' ? options.seed : null,
  })
  const control = await openControl(state.path, {
    view,
    command: (op, reason) => {
      session.operator(op, reason)
      return session.haltFacts()
    },
    reload: () => watching.reload(),
  })
  teardown.add(() => control.close())
  output.onReady?.(control.path)
  const { onTick } = output
  if (onTick === undefined) return
  const timer = setInterval(() => {
    const { running } = session
    if (running !== null) onTick(tickLine(running.engine.view()))
  }, TICK_MS)
  teardown.add(() => clearInterval(timer))
}

function tickLine(view: ReturnType<NonNullable<Session['running']>['engine']['view']>): string {
  const symbols = view.symbols.map(
    ({ symbol, book, position, pnl, fills }) =>
      `${symbol} ${book.bid}/${book.ask} position ${position} fills ${fills} profit ${pnl.total} ${pnl.coin}`,
  )
  const reason = view.phaseReason === '' ? '' : ` (${view.phaseReason})`
  return `${view.phase}${reason}  ${symbols.join('  ')}`
}
