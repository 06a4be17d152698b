/**
 * A configuration read again while the bot runs: all of it or nothing. Only keys that say so may change, and no limit rises
 * without a restart, so that nobody loosens a running bot by accident.
 */
import { valueText } from '../config/explain.ts'
import { type ConfigSources, type LoadedConfig, resolveConfig } from '../config/load.ts'
import { problemLine } from '../config/problem.ts'
import type { PackSchemas } from '../config/schema.ts'
import { type ConfigChange, configChanges } from './config-change.ts'

export type Reload =
  | { readonly isUsable: true; readonly config: LoadedConfig; readonly changes: readonly ConfigChange[] }
  | { readonly isUsable: false; readonly reasons: readonly string[] }

/** Changes nothing. */
export function readAgain(current: LoadedConfig, sources: ConfigSources, packs: PackSchemas): Reload {
  const { config, problems, table } = resolveConfig(sources, packs)
  if (config === null) {
    const errors = problems.filter(({ severity }) => severity === 'error')
    return { isUsable: false, reasons: errors.map(problemLine) }
  }
  const changes = configChanges(current.settings, config.settings)
  const reasons = changes.flatMap((change) => {
    const reason = refusal(change, table.keys.get(change.key)?.isMutable === true)
    return reason === null ? [] : [`${change.key}: ${reason}`]
  })
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
