/** `mm status`: asks a running bot for its view, and puts it into a few lines for people. */
import { readLatch } from '../latch.ts'
import { callBot, socketOf } from './control-client.ts'
import type { ControlLine, LiveView, Quantiles } from './live-view.ts'
import { statePath } from './state-dir.ts'

export interface BotStatus {
  readonly live: LiveView
  /** 'clear', or why the next start would be refused. */
  readonly latch: string
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
