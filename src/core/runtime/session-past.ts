/**
 * What of the runs before it a start takes over, so that a restart forgives nothing: how far the day stands below its best,
 * and the executions that still count. A person who has cleared a halt since has looked at both.
 */
import type { RunPast } from '../domain/event.ts'
import { type ExecutionTimes, recentExecutions } from './execution-times.ts'
import { resumedSince } from './halt.ts'
import type { LastRun } from './recover.ts'
import type { SessionOptions } from './session-options.ts'

/** By symbol, as the journal keeps it: the next run may trade others. */
export interface NamedPast {
  readonly drawdownE8: number
  readonly executionsUs: ExecutionTimes
}

export function pastOf(options: SessionOptions, uid: string): NamedPast {
  const { venue, packs, config, stateDir, dayLoss } = options
  const lastRun = sameAccount(options, uid)
  const hasLooked = resumedSince(stateDir, options.lastRun?.run.startedMs ?? 0) !== null
  const executionsUs =
    lastRun === null || hasLooked
      ? {}
      : recentExecutions(lastRun.executionsUs, {
          nowUs: venue.clock.nowUs(),
          packs,
          guards: config.settings.guards,
        })
  return { drawdownE8: dayLoss?.drawdownE8 ?? 0, executionsUs }
}

export function startPast({ symbols }: SessionOptions, { drawdownE8, executionsUs }: NamedPast): RunPast {
  return { drawdownE8, executionsUs: symbols.map((symbol) => executionsUs[symbol] ?? []) }
}

/** The run before this one. Null when it was another account's: comparing would tell of losses that never were. */
export function sameAccount({ lastRun }: SessionOptions, uid: string): LastRun | null {
  return lastRun === null || lastRun.run.uid === '' || lastRun.run.uid === uid ? lastRun : null
}
