/**
 * From sources to settings: default < profile < file < override < environment < --set, leaf by leaf. Whatever is not
 * understood is an error with its origin: an unknown key is never dropped, a bad value never replaced by a default.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { fail } from '../errors.ts'
import { didYouMean } from '../registry.ts'
import { envLeaves, fileLeaves, findConfig, type Leaf, setLeaf, treeLeaves } from './layers.ts'
import { PROFILES, schema, type Settings } from './schema.ts'

export interface ConfigSources {
  /** --config; otherwise mm.yaml is looked for upward from `cwd`. */
  readonly config?: string | undefined
  readonly profile?: string | undefined
  readonly override?: string | undefined
  readonly set?: readonly string[] | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** A key that a pack declares: name and range, as data. */
export interface PackKeyData {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly isInteger?: boolean | undefined
}

/** Keys by pack id. */
export interface PackSchemas {
  readonly strategies: ReadonlyMap<string, readonly PackKeyData[]>
  readonly guards: ReadonlyMap<string, readonly PackKeyData[]>
}

export interface LoadedConfig {
  readonly settings: Settings
  /** Where each given leaf came from, by dotted path. Defaults are not listed. */
  readonly origins: ReadonlyMap<string, string>
  /** SHA-256 of the effective settings, hex. */
  readonly hash: string
  /** The file that was read, null when there was none. */
  readonly file: string | null
}

export function loadConfig(sources: ConfigSources, packs: PackSchemas): LoadedConfig {
  const file = findConfig(sources.config, sources.cwd)
  const leaves: Leaf[] = [
    ...profileLeaves(sources.profile),
    ...(file === null ? [] : fileLeaves(file)),
    ...(sources.override === undefined ? [] : fileLeaves(sources.override)),
    ...envLeaves(sources.env),
    ...(sources.set ?? []).map(setLeaf),
  ]
  const origins = new Map<string, string>()
  const tree: Tree = {}
  for (const leaf of leaves) {
    origins.set(leaf.path.join('.'), leaf.origin)
    put(tree, leaf)
  }
  const settings = understand(tree, origins)
  checkPacks(settings, packs, origins)
  const hash = createHash('sha256').update(JSON.stringify(settings)).digest('hex')
  return { settings, origins, hash, file }
}

interface Tree {
  [key: string]: unknown
}

function profileLeaves(name: string | undefined): Leaf[] {
  if (name === undefined) return []
  const profile = PROFILES[name]
  const known = Object.keys(PROFILES)
  if (profile === undefined || !Object.hasOwn(PROFILES, name)) {
    return fail('PROFILE_UNKNOWN', { profile: name, nearest: didYouMean(name, known), known: known.join(', ') })
  }
  return treeLeaves(profile, `profile ${name}`)
}

function put(tree: Tree, leaf: Leaf): void {
  let at = tree
  for (const key of leaf.path.slice(0, -1)) {
    if (!Object.hasOwn(at, key) || typeof at[key] !== 'object' || at[key] === null) define(at, key, {})
    at = at[key] as Tree
  }
  define(at, leaf.path.at(-1) ?? '', leaf.value)
}

// `__proto__` is a key like any other here: it must be found unknown, not take effect.
function define(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true })
}

function understand(tree: Tree, origins: ReadonlyMap<string, string>): Settings {
  const result = schema.safeParse(tree)
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0] ?? ''].map(String)
    const known = Object.keys(shapeAt(issue.path.map(String)))
    return unknownKey(path, known, origins)
  }
  const path = (issue?.path ?? []).map(String)
  return fail('CONFIG_VALUE', { origin: originOf(path, origins), key: path.join('.'), reason: issue?.message })
}

function shapeAt(path: readonly string[]): z.ZodRawShape {
  let at: z.ZodType = schema
  for (const key of path) at = shapeOf(at)[key] as z.ZodType
  return shapeOf(at)
}

function shapeOf(type: z.ZodType): z.ZodRawShape {
  const inner = 'unwrap' in type && typeof type.unwrap === 'function' ? (type.unwrap() as z.ZodType) : type
  return 'shape' in inner ? (inner.shape as z.ZodRawShape) : {}
}

function checkPacks(settings: Settings, packs: PackSchemas, origins: ReadonlyMap<string, string>): void {
  const { strategy } = settings
  if (!packs.strategies.has(strategy)) {
    const known = [...packs.strategies.keys()]
    fail('STRATEGY_UNKNOWN', { strategy, nearest: didYouMean(strategy, known), known: known.join(', ') })
  }
  checkSection('strategies', settings.strategies, { known: packs.strategies, origins })
  checkSection('guards', settings.guards, { known: packs.guards, origins })
}

interface SectionCheck {
  readonly known: ReadonlyMap<string, readonly PackKeyData[]>
  readonly origins: ReadonlyMap<string, string>
}

function checkSection(
  section: string,
  values: Readonly<Record<string, Readonly<Record<string, number>>>>,
  { known, origins }: SectionCheck,
): void {
  for (const [id, params] of Object.entries(values)) {
    const keys = known.get(id)
    if (keys === undefined) return unknownKey([section, id], known.keys(), origins)
    for (const [name, value] of Object.entries(params)) {
      const key = keys.find((candidate) => candidate.name === name)
      const path = [section, id, name]
      if (key === undefined)
        return unknownKey(
          path,
          keys.map((candidate) => candidate.name),
          origins,
        )
      const reason = rangeFault(key, value)
      if (reason !== null) fail('CONFIG_VALUE', { origin: originOf(path, origins), key: path.join('.'), reason })
    }
  }
}

function rangeFault(key: PackKeyData, value: number): string | null {
  if (key.isInteger === true && !Number.isSafeInteger(value)) return 'must be a whole number'
  return value < key.min || value > key.max ? `must be between ${key.min} and ${key.max}` : null
}

function unknownKey(path: readonly string[], known: Iterable<string>, origins: ReadonlyMap<string, string>): never {
  const nearest = didYouMean(path.at(-1) ?? '', known)
  return fail('CONFIG_KEY_UNKNOWN', { origin: originOf(path, origins), key: path.join('.'), nearest })
}

// The leaf itself, or the first leaf below it.
function originOf(path: readonly string[], origins: ReadonlyMap<string, string>): string {
  const key = path.join('.')
  for (const [leaf, origin] of origins) if (leaf === key || leaf.startsWith(`${key}.`)) return origin
  return 'configuration'
}
