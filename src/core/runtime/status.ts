/** `mm status`: asks a running bot for its view, and puts it into a few lines for people. */
import { readLatch } from '../latch.ts'
import type { ConfigChange } from './config-change.ts'
import { callBot, socketOf } from './control-client.ts'
import type { ControlLine, LiveView, Quantiles } from './live-view.ts'
import { statePath } from '../state-path.ts'

export interface BotStatus {
  readonly live: LiveView
  /** 'clear', or why the next start would be refused. */
  readonly latch: string
}

export interface ReloadAnswer {
  readonly reloaded: boolean
  /** Why not, all of it. */
  readonly reasons: readonly string[]
  readonly changes: readonly ConfigChange[]
  readonly configHash?: string
}

export interface StatusOptions {
  readonly stateDir: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** One look. Throws NO_BOT. */
export async function botStatus({ stateDir, env }: StatusOptions): Promise<BotStatus> {
  const dir = statePath(stateDir, env)
  const lines: ControlLine[] = []
  await callBot(dir, { op: 'status' }, (line) => {
    lines.push(line)
    return false
  })
  const latch = readLatch(dir)
  const shown = latch.state === 'clear' ? 'clear' : latch.state === 'halted' ? latch.record.reason : latch.why
  const view = lines.find((line) => line.type === 'view')
  if (view === undefined) throw new Error('the bot answered a status call with something else')
  return { live: { view: view.view, run: view.run }, latch: shown }
}

/** Asks the bot to read its configuration again. Throws NO_BOT. */
export async function reloadBot({ stateDir, env }: StatusOptions): Promise<ReloadAnswer> {
  const lines: ControlLine[] = []
  await callBot(statePath(stateDir, env), { op: 'reload' }, (line) => {
    lines.push(line)
    return false
  })
  const [line] = lines
  if (line?.type !== 'done') throw new Error('the bot answered a reload with something else')
  const { reloaded, reasons, changes, configHash } = line
  return { reloaded: reloaded === true, reasons: reasons ?? [], changes: changes ?? [], configHash } as ReloadAnswer
}

export function reloadText({ reloaded, reasons, changes, configHash = '' }: ReloadAnswer): string {
  if (!reloaded) return ['the configuration was not taken, and nothing changed:', ...reasons].join('\n  ')
  const shown = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value))
  const lines = changes.map(({ key, before, after }) => `  ${key}: ${shown(before)} → ${shown(after)}`)
  return [
    `the bot trades on configuration ${configHash.slice(0, 12)} now; ${changes.length} values changed`,
    ...lines,
  ].join('\n')
}

/** Socket of the running bot, for the dashboard. */
export function botSocket({ stateDir, env }: StatusOptions): string {
  return socketOf(statePath(stateDir, env))
}

export function statusText({ live, latch }: BotStatus): string {
  const { view, run } = live
  const reason = view.phaseReason === '' ? '' : ` (${view.phaseReason})`
  return [
    `${view.phase}${reason}  venue ${run.venue}  up ${Math.round(view.uptimeUs / 1e6)} s  pid ${run.pid}`,
    `config ${run.configHash.slice(0, 12)}  latch ${latch}  metrics ${run.metricsUrl || 'off'}`,
    ...view.symbols.flatMap((symbol) => [
      `${symbol.symbol}  ${symbol.book.bid} / ${symbol.book.ask}  age ${Math.round(symbol.book.ageUs / 1000)} ms${
        symbol.isReady ? '' : `  not ready: ${symbol.notReadyReason}`
      }`,
      `  position ${symbol.position}  orders ${symbol.workingOrders}  unknown ${symbol.unknownOrders}  fills ${symbol.fills}  profit ${symbol.pnl.total} ${symbol.pnl.coin}`,
    ]),
    `tick to request ${quantilesText(run.latency.tickToRequest)}`,
    `intent durable ${quantilesText(run.latency.intentDurable)}`,
    `order answered ${quantilesText(run.latency.order)}`,
  ].join('\n')
}

function quantilesText({ count, p50Us, p99Us, p999Us }: Quantiles): string {
  if (count === 0) return 'not measured yet'
  return `p50 ${p50Us.toFixed(0)} µs  p99 ${p99Us.toFixed(0)} µs  p99.9 ${p999Us.toFixed(0)} µs  (${count})`
}
