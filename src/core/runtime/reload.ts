/**
 * A configuration read again while the bot runs: all of it or nothing. Only keys that say so may change, and no limit rises
 * without a restart, so that nobody loosens a running bot by accident.
 */
import { valueText } from '../config/explain.ts'
import { type ConfigSources, type LoadedConfig, resolveConfig } from '../config/load.ts'
import { problemLine } from '../config/problem.ts'
import type { PackSchemas } from '../config/schema.ts'
import type { Packs } from '../engine/state.ts'
import { MmError } from '../errors.ts'
import { type ConfigChange, configChanges } from './config-change.ts'
import { halfWritten } from './half-written.ts'
import type { Log } from './log.ts'
import { packSchemas } from './packs.ts'
import type { Session } from './session.ts'

export interface Reloading {
  readonly session: Session
  readonly sources: ConfigSources
  readonly packs: Packs
  readonly log: Log
  /** Text for people. */
  say(text: string): void
}

/** Fields of the answer to whoever asked. */
export type Reloaded =
  | { readonly reloaded: true; readonly changes: readonly ConfigChange[]; readonly configHash: string }
  | { readonly reloaded: false; readonly reasons: readonly string[] }

/** Reads the configuration of a run again and lets it trade on that, or leaves everything as it was. Told either way. */
export function reloadRun(reloading: Reloading): Reloaded {
  const { session, log, say } = reloading
  const reloaded = tryReload(reloading)
  const { observer } = session.running ?? {}
  if (reloaded.reloaded) {
    const { changes, configHash } = reloaded
    const text = `configuration read again: ${changes.length} values changed, now ${configHash.slice(0, 12)}`
    session.counters.configReloads++
    log.info({ changes, configHash }, text)
    observer?.tell('info', text, { changes, configHash })
    say(text)
  } else {
    const { reasons } = reloaded
    session.counters.configReloadsRefused++
    log.warn({ reasons }, 'the configuration was not taken, and nothing changed')
    observer?.tell('warn', 'the configuration was not taken, and nothing changed', { reasons })
    say(`the configuration was not taken, and nothing changed:\n  ${reasons.join('\n  ')}`)
  }
  return reloaded
}

function tryReload({ session, sources, packs }: Reloading): Reloaded {
  const { reloadBar } = session
  if (reloadBar !== null) return { reloaded: false, reasons: [reloadBar] }
  try {
    const read = readAgain(session.config, sources, packSchemas(packs))
    if (!read.isUsable) return { reloaded: false, reasons: read.reasons }
    session.reconfigure(read.config)
    return { reloaded: true, changes: read.changes, configHash: read.config.hash }
  } catch (error) {
    if (!(error instanceof MmError)) throw error
    return { reloaded: false, reasons: [error.message] }
  }
}

export type Reload =
  | { readonly isUsable: true; readonly config: LoadedConfig; readonly changes: readonly ConfigChange[] }
  | { readonly isUsable: false; readonly reasons: readonly string[] }

/** Changes nothing. */
export function readAgain(current: LoadedConfig, sources: ConfigSources, packs: PackSchemas): Reload {
  // A file that was found at the start and is gone now is an error, not a reason to trade on defaults.
  const file = sources.config ?? current.file ?? undefined
  const resolution = resolveConfig({ ...sources, config: file }, packs)
  const { config, problems, table } = resolution
  if (config === null) {
    const errors = problems.filter(({ severity }) => severity === 'error')
    return { isUsable: false, reasons: errors.map(problemLine) }
  }
  const changes = configChanges(current.settings, config.settings)
  const refusals = changes.flatMap((change) => {
    const reason = refusal(change, table.keys.get(change.key)?.isMutable === true)
    return reason === null ? [] : [`${change.key}: ${reason}`]
  })
  const reasons = [...halfWritten(current, resolution), ...refusals]
  return reasons.length > 0 ? { isUsable: false, reasons } : { isUsable: true, config, changes }
}

/** Sections whose numbers are limits: larger is looser. */
const LIMITS = /^(risk|guards)\./

function refusal({ key, before, after }: ConfigChange, isMutable: boolean): string | null {
  if (!isMutable) return 'cannot change while the bot runs; restart it'
  if (!LIMITS.test(key)) return null
  // What the guard had until now was derived: whether this is looser cannot be said here.
  if (before === undefined || after === undefined) return 'a limit that appears or goes away needs a restart'
  const isRise = Number(after) > Number(before)
  return isRise
    ? `a limit never rises while the bot runs (${valueText(before)} → ${valueText(after)}); restart it`
    : null
}
