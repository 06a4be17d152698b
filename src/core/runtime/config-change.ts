/**
 * What changed in the effective configuration since the last start of the same venue. With real money a change must be
 * acknowledged by the hash of the new configuration, so that no upgrade and no edit changes a limit unseen.
 */
import { valueText } from '../config/explain.ts'
import type { LoadedConfig } from '../config/load.ts'
import { originText } from '../config/origin.ts'
import { fail } from '../errors.ts'
import type { LastRun } from './recover.ts'
import type { VenueName } from './venue.ts'

export interface ConfigChange {
  readonly key: string
  /** Undefined: not set. */
  readonly before: unknown
  readonly after: unknown
}

export interface Acknowledging {
  readonly venue: VenueName
  readonly last: LastRun | null
  readonly config: LoadedConfig
  /** --ack-config: the new hash, or at least its first twelve characters. */
  readonly ack: string | null
  say(text: string): void
}

const HASH_CHARS_MIN = 12

/** Prints what changed; throws LIVE_CONFIG_CHANGED when live money would trade on it unacknowledged. */
export function acknowledgeConfig({ venue, last, config, ack, say }: Acknowledging): void {
  if (ack !== null && !isHashOf(ack, config)) fail('LIVE_CONFIG_ACK', { given: ack, hash: shortHash(config) })
  if (last === null) return
  const changes = configChanges(last.run.config, config.settings)
  if (changes.length === 0) return
  const lines = changes.map((change) => changeText(change, config))
  say(`the configuration changed since the last start on this venue:\n${lines.join('\n')}`)
  if (venue === 'live' && ack === null) {
    fail('LIVE_CONFIG_CHANGED', { count: changes.length, list: lines.join('\n'), hash: shortHash(config) })
  }
}

/** Leaf by leaf, in the order of the new settings; keys that are gone come last. */
export function configChanges(before: unknown, after: unknown): ConfigChange[] {
  const [left, right] = [leavesOf(before), leavesOf(after)]
  const keys = [...new Set([...right.keys(), ...left.keys()])]
  return keys
    .filter((key) => JSON.stringify(left.get(key)) !== JSON.stringify(right.get(key)))
    .map((key) => ({ key, before: left.get(key), after: right.get(key) }))
}

/** Where each value that is no default was said, for the journal. */
export function originsOf({ values }: LoadedConfig): Record<string, string> {
  const given = [...values].filter(([, { origin }]) => origin.kind !== 'default')
  return Object.fromEntries(given.map(([key, { origin }]) => [key, originText(origin)]))
}

function changeText({ key, before, after }: ConfigChange, { values }: LoadedConfig): string {
  const origin = values.get(key)?.origin
  const source = origin === undefined ? '' : `  (${originText(origin)})`
  const text = (value: unknown): string => (value === undefined ? 'not set' : valueText(value))
  return `  ${key}: ${text(before)} → ${text(after)}${source}`
}

function leavesOf(tree: unknown, path = ''): Map<string, unknown> {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    return path === '' ? new Map() : new Map([[path, tree]])
  }
  const below = Object.entries(tree).flatMap(([key, value]) => [
    ...leavesOf(value, path === '' ? key : `${path}.${key}`),
  ])
  return new Map(below)
}

function isHashOf(text: string, { hash }: LoadedConfig): boolean {
  return text.length >= HASH_CHARS_MIN && hash.startsWith(text)
}

function shortHash({ hash }: LoadedConfig): string {
  return hash.slice(0, HASH_CHARS_MIN)
}
