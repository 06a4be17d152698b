/**
 * From sources to settings: default < profile < file < override < environment < --set, leaf by leaf, each value with the
 * chain of what it overrode. Every problem of every source is found, and a configuration with one is not used in part.
 */
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { fail } from '../errors.ts'
import { decimalText } from './decimal-text.ts'
import { findConfig, readText } from './file-text.ts'
import { judgeSource, secretPlaces } from './judge-source.ts'
import { type KeyTable, keyTable } from './key-table.ts'
import { type Leaf, type Origin, put, type Source, type Tree } from './origin.ts'
import { excerpt, inOrder, isConfigCode, type Problem, problem, problemLine, type Texts } from './problem.ts'
import { findProfile } from './profiles.ts'
import { crossKeyProblems } from './rules.ts'
import { type ConfigSchema, configSchema, type PackSchemas, type Settings } from './schema.ts'
import { envSource, setSource } from './word-source.ts'
import { type FileSource, yamlSource } from './yaml-source.ts'

export interface ConfigSources {
  /** --config; otherwise mm.yaml is looked for upward from `cwd`. */
  readonly config?: string | undefined
  readonly profile?: string | undefined
  readonly override?: string | undefined
  readonly set?: readonly string[] | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** The effective value of a key, who said it, and who said otherwise. */
export interface Effective {
  readonly value: unknown
  readonly origin: Origin
  /** Weaker sources that named the key, strongest first; the default is the last. */
  readonly overrode: readonly { readonly value: unknown; readonly origin: Origin }[]
}

export interface LoadedConfig {
  readonly settings: Settings
  /** By dotted path: every key that has a value. */
  readonly values: ReadonlyMap<string, Effective>
  /** SHA-256 of the effective settings, hex. */
  readonly hash: string
  /** The file that was read, null when there was none. */
  readonly file: string | null
  /** What is allowed and probably not meant. */
  readonly warnings: readonly Problem[]
}

/** Everything that can be said about the sources. `config` is null when there is an error among the problems. */
export interface Resolution {
  readonly problems: readonly Problem[]
  readonly config: LoadedConfig | null
  readonly file: string | null
  readonly texts: Texts
  readonly table: KeyTable
  /** Every value that was said, by every source. */
  readonly leaves: readonly Leaf[]
}

/** Throws one MmError that names every problem. */
export function loadConfig(sources: ConfigSources, packs: PackSchemas): LoadedConfig {
  const resolution = resolveConfig(sources, packs)
  return resolution.config ?? refuse(resolution)
}

export function resolveConfig(sources: ConfigSources, packs: PackSchemas): Resolution {
  const { schema, table } = builtOf(packs)
  const file = findConfig(sources.config, sources.cwd)
  const gathered = gather(sources, file, table)
  const structural = [...gathered.problems, ...gathered.sources.flatMap((source) => judged(source, schema, table))]
  const texts = textsOf(gathered.sources)
  const leaves = gathered.sources.flatMap((source) => source.leaves)
  if (structural.length > 0) return { problems: inOrder(structural), config: null, file, texts, table, leaves }
  const { settings, values } = merge(gathered.sources, schema, table)
  const found = inOrder(crossKeyProblems(settings, values))
  const isUsable = found.every(({ severity }) => severity !== 'error')
  const hash = hashOf(settings)
  const config = isUsable ? { settings, values, hash, file, warnings: found } : null
  return { problems: found, config, file, texts, table, leaves }
}

interface Built {
  readonly schema: ConfigSchema
  readonly table: KeyTable
}

/** Made once for a set of packs: a reload must not pay for it again. */
const BUILT = new WeakMap<PackSchemas, Built>()

function builtOf(packs: PackSchemas): Built {
  const known = BUILT.get(packs)
  if (known !== undefined) return known
  const schema = configSchema(packs)
  const built = { schema, table: keyTable(schema) }
  BUILT.set(packs, built)
  return built
}

/** SHA-256 of settings, hex: equal settings have equal hashes wherever they were said. */
export function hashOf(settings: Settings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex')
}

interface Gathered {
  /** Weakest first. */
  readonly sources: readonly Source[]
  readonly problems: readonly Problem[]
}

function gather(sources: ConfigSources, file: string | null, table: KeyTable): Gathered {
  const { profile, override, cwd } = sources
  const env = envSource(sources.env, table)
  const set = setSource(sources.set ?? [], table)
  const parts = [
    ...(profile === undefined ? [] : [profileSource(profile, { file, cwd })]),
    ...(file === null ? [] : [fileSource(file)]),
    ...(override === undefined ? [] : [fileSource(resolve(cwd, override))]),
    { source: env, problems: env.problems },
    { source: set, problems: set.problems },
  ]
  return {
    sources: parts.flatMap(({ source }) => (source === null ? [] : [source])),
    problems: parts.flatMap(({ problems }) => problems),
  }
}

interface Part {
  readonly source: Source | null
  readonly problems: readonly Problem[]
}

function profileSource(name: string, beside: { readonly file: string | null; readonly cwd: string }): Part {
  const found = findProfile(name, beside)
  if (found.kind === 'unknown') return { source: null, problems: [found.problem] }
  return found.kind === 'file' ? fileSource(found.file) : { source: found.source, problems: [] }
}

function fileSource(file: string): Part {
  const read = readText(file)
  if ('text' in read) {
    const source = yamlSource(file, read.text)
    return { source, problems: source.problems }
  }
  const origin: Origin = { kind: 'file', file, line: 1, column: 1, length: 1 }
  const message = `cannot read the configuration ${file}: ${read.unreadable}`
  return { source: null, problems: [problem('CONFIG_READ', { message, origin })] }
}

// Below the first line that could not be understood, what a key means is a guess.
function judged(source: Source, schema: ConfigSchema, table: KeyTable): Problem[] {
  const broken = isFile(source) ? source.brokenFromLine : Number.POSITIVE_INFINITY
  const isKnown = ({ origin }: Problem): boolean => origin.kind !== 'file' || origin.line < broken
  return judgeSource(source, schema, table).filter(isKnown)
}

function isFile(source: Source): source is FileSource {
  return 'lines' in source
}

function textsOf(sources: readonly Source[]): Texts {
  const files = sources.filter(isFile)
  return { lines: new Map(files.map(({ file, lines }) => [file, lines])), hidden: sources.flatMap(secretPlaces) }
}

function merge(sources: readonly Source[], schema: ConfigSchema, table: KeyTable) {
  const tree: Tree = {}
  const said = new Map<string, Leaf[]>()
  for (const leaf of sources.flatMap((source) => source.leaves)) {
    // An empty section says nothing.
    if (!table.keys.has(leaf.path)) continue
    said.set(leaf.path, [leaf, ...(said.get(leaf.path) ?? [])])
    put(tree, leaf.path.split('.'), leaf.value)
  }
  const settings = plainMoney(schema.parse(tree), table)
  return { settings, values: effective(said, settings, table) }
}

// Money is text from here on.
function plainMoney(parsed: Tree, { keys }: KeyTable): Settings {
  for (const { path, type } of keys.values()) {
    const value = type === 'decimal' ? valueAt(parsed, path) : undefined
    if (typeof value === 'number') put(parsed, path.split('.'), decimalText(value))
  }
  return parsed as Settings
}

function effective(
  said: ReadonlyMap<string, readonly Leaf[]>,
  settings: Settings,
  { keys }: KeyTable,
): Map<string, Effective> {
  const values = new Map<string, Effective>()
  for (const { path, byDefault } of keys.values()) {
    const [winner, ...others] = said.get(path) ?? []
    const fallback = byDefault === undefined ? [] : [{ value: byDefault, origin: { kind: 'default' } as const }]
    if (winner === undefined && byDefault === undefined) continue
    const value = valueAt(settings, path) ?? byDefault
    const overrode =
      winner === undefined ? [] : [...others.map(({ value, origin }) => ({ value, origin })), ...fallback]
    values.set(path, { value, origin: winner?.origin ?? { kind: 'default' }, overrode })
  }
  return values
}

function valueAt(tree: object, path: string): unknown {
  let at: unknown = tree
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Tree)[key]
  }
  return at
}

// One problem keeps its own code, so that scripts can tell; several are one error that lists them.
function refuse({ problems, texts }: Resolution): never {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const isUnread = errors.some(({ isUnreadable }) => isUnreadable === true)
  const [only] = errors
  if (errors.length === 1 && only !== undefined) {
    const code = isConfigCode(only.code) ? only.code : 'CONFIG_RULE'
    return fail(code, { what: withExcerpt(only, texts), rule: only.code, key: only.key, fix: only.fix })
  }
  const list = errors.map((entry) => `\n${withExcerpt(entry, texts)}\n      ${entry.fix}`).join('')
  return fail(isUnread ? 'CONFIG_READ' : 'CONFIG_INVALID', {
    what: `${errors.length} problems${list}`,
    count: errors.length,
    list,
  })
}

function withExcerpt(entry: Problem, texts: Texts): string {
  return [problemLine(entry), excerpt(entry, texts)].filter(Boolean).join('\n')
}
