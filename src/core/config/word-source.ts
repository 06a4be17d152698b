/**
 * Environment variables and --set as sources. The type of the key says what the text means, so that "00" stays text where
 * text is wanted. Values are shown by nobody here: a variable may hold anything.
 */
import { didYouMean } from '../registry.ts'
import type { KeyRow, KeyTable } from './key-table.ts'
import { type Leaf, type Origin, put, type Source, type Tree } from './origin.ts'
import { type Problem, problem } from './problem.ts'
import { isSecretName } from './secret-like.ts'

export interface WordSource extends Source {
  readonly problems: readonly Problem[]
}

/** MM_SECTION__KEY variables. Other MM_ variables are let alone, unless one is a misspelt name of a key. */
export function envSource(env: Readonly<Record<string, string | undefined>>, table: KeyTable): WordSource {
  const problems: Problem[] = []
  const leaves: Leaf[] = []
  for (const [name, text] of Object.entries(env).toSorted(byName)) {
    if (text === undefined || !name.startsWith('MM_')) continue
    const row = table.byEnv.get(name)
    const origin: Origin = { kind: 'env', name }
    if (row !== undefined) leaves.push({ path: row.path, value: valueOf(text, row), origin })
    else if (name.includes('__') || isOfSection(name, table)) problems.push(strayVariable(name, table))
  }
  return { ...sourceOf(leaves, { kind: 'env', name: 'the environment' }), problems }
}

/** --set key.path=value, later ones stronger. */
export function setSource(texts: readonly string[], table: KeyTable): WordSource {
  const problems: Problem[] = []
  const leaves: Leaf[] = []
  for (const text of texts) {
    const at = text.indexOf('=')
    const path = text.slice(0, Math.max(at, 0))
    const origin: Origin = { kind: 'flag', name: `--set ${path}` }
    if (at < 1 || !/^[\w-]+(\.[\w-]+)*$/.test(path)) problems.push(malformed(at < 1 ? '' : path))
    else {
      const row = table.keys.get(path)
      leaves.push({ path, value: row === undefined ? text.slice(at + 1) : valueOf(text.slice(at + 1), row), origin })
    }
  }
  return { ...sourceOf(leaves, { kind: 'flag', name: '--set' }), problems }
}

/** Leaves of one source as a source. */
export function sourceOf(leaves: readonly Leaf[], fallback: Origin): Source {
  const tree: Tree = {}
  const origins = new Map<string, Origin>()
  for (const { path, value, origin } of leaves) {
    put(tree, path.split('.'), value)
    origins.set(path, origin)
  }
  return { tree, leaves, place: (path) => origins.get(path) ?? below(origins, path) ?? fallback }
}

// A section is said by its first leaf, and what is wrong below a leaf by the leaf.
function below(origins: ReadonlyMap<string, Origin>, path: string): Origin | undefined {
  for (const [leaf, origin] of origins) if (leaf.startsWith(`${path}.`) || path.startsWith(`${leaf}.`)) return origin
  return undefined
}

function valueOf(text: string, { type }: KeyRow): unknown {
  if (text === '' && type !== 'string') return null
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (type === 'list') return text.split(',').map((word) => word.trim())
  if (type !== 'integer' && type !== 'number') return text
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
}

function malformed(path: string): Problem {
  const message = path === '' ? '--set takes key.path=value' : `--set ${path}: not key.path=value`
  return problem('CONFIG_SET', { message, origin: { kind: 'flag', name: '--set' } })
}

function strayVariable(name: string, table: KeyTable): Problem {
  const nearest = didYouMean(name, table.byEnv.keys())
  const origin: Origin = { kind: 'env', name }
  if (isSecretName(name)) {
    const message = `the variable ${name} looks like a secret, and the configuration holds none`
    return problem('CONFIG_SECRET', { message, origin })
  }
  return problem('CONFIG_ENV_UNKNOWN', { message: `no key has the variable ${name}${nearest}`, origin })
}

/** Of `mm exchange`, which has no configuration file. */
const OTHERS: ReadonlySet<string> = new Set(['MM_EXCHANGE_API_KEY', 'MM_EXCHANGE_API_SECRET'])

// MM_RISK_LOSS_MAX, MM_RISK: it begins like the variables of a section, so it is meant for one.
function isOfSection(name: string, { byEnv }: KeyTable): boolean {
  if (OTHERS.has(name)) return false
  for (const known of byEnv.keys()) {
    const [section = ''] = known.split('__')
    if (name === section || name.startsWith(`${section}_`)) return true
  }
  return false
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
