/**
 * When the runs before this one traded, as their journals say: a restart does not forgive what the guard of repeated
 * executions has counted. As the guard counts: executions between two decisions are one.
 */
import type { EngineEvent } from '../domain/event.ts'
import type { PackKey } from '../engine/pack.ts'
import type { Packs } from '../engine/state.ts'

const GUARD = 'repeated-execution'

/** By symbol, local times in µs, oldest first. */
export type ExecutionTimes = Readonly<Record<string, readonly number[]>>

/** Follows the records of one run. */
export class ExecutionStory {
  private readonly times = new Map<string, number[]>()
  private readonly undecided = new Set<string>()

  /** What the run itself had been told of those before it. */
  begin(past: ExecutionTimes | undefined): void {
    for (const [symbol, times] of Object.entries(past ?? {})) this.times.set(symbol, [...times])
  }

  take(event: EngineEvent, symbols: readonly string[]): void {
    if (event.kind === 'fill') this.undecided.add(symbols[event.symbol] ?? '')
    // Read by the hundred thousand.
    if (event.kind !== 'decide' || this.undecided.size === 0) return
    for (const symbol of this.undecided) this.add(symbol, event.nowUs)
    this.undecided.clear()
  }

  /** `lastUs`: when the run was last heard of, for what it did not decide on any more. */
  end(lastUs: number): ExecutionTimes {
    for (const symbol of this.undecided) this.add(symbol, lastUs)
    return Object.fromEntries(this.times)
  }

  private add(symbol: string, atUs: number): void {
    const known = this.times.get(symbol)
    if (known === undefined) this.times.set(symbol, [atUs])
    else known.push(atUs)
  }
}

/** What of it still counts at `nowUs`, under the guard's own settings. */
export function recentExecutions(
  times: ExecutionTimes,
  { nowUs, packs, guards }: { nowUs: number; packs: Packs; guards: Readonly<Record<string, object>> },
): ExecutionTimes {
  const pack = packs.guards.find(({ id }) => id === GUARD)
  if (pack === undefined) return {}
  const given: Readonly<Record<string, unknown>> = { ...guards[GUARD] }
  const value = ({ name, default: byDefault }: PackKey): number => Number(given[name] ?? byDefault)
  const of = (name: string): number => pack.keys.filter((key) => key.name === name).map(value)[0] ?? 0
  const fromUs = nowUs - of('windowS') * 1_000_000
  const recent = Object.entries(times).map(
    ([symbol, all]) => [symbol, all.filter((atUs) => atUs > fromUs).slice(-of('executionsMax'))] as const,
  )
  return Object.fromEntries(recent.filter(([, kept]) => kept.length > 0))
}
