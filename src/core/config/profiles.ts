/**
 * Named sets of values over the defaults: three of ours, and the operator's own files in profiles/ beside the
 * configuration. A name that leads nowhere is an error, never an empty profile.
 */
import { readdirSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { didYouMean } from '../registry.ts'
import { codeOf, reasonOf } from './file-text.ts'
import { isTree, type Leaf, type Origin, type Source } from './origin.ts'
import { type Problem, problem } from './problem.ts'
import { sourceOf } from './word-source.ts'

/** Values of the shipped profiles. */
export const PROFILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: {},
  conservative: {
    // First-level maker fee (2 bps) and one more: at the fee itself even a fill without adverse selection earns nothing.
    quoting: { orderValue: '100', positionValueMax: '1000', levelsMax: 1, halfSpreadBpsMin: 3 },
    risk: { positionValueMax: '1200', orderValueMax: '200', lossMax: '25', drawdownMax: '50' },
  },
  aggressive: {
    quoting: { orderValue: '1000', positionValueMax: '10000', levelsMax: 5, lifeMsMin: 100 },
    risk: { positionValueMax: '15000', orderValueMax: '3000', lossMax: '500', drawdownMax: '1000' },
  },
}

export type Profile =
  | { readonly kind: 'shipped'; readonly source: Source }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'unknown'; readonly problem: Problem }

/** `beside`: the configuration file, or the folder that stands for it. */
export function findProfile(name: string, beside: { readonly file: string | null; readonly cwd: string }): Profile {
  const origin: Origin = { kind: 'flag', name: `--profile ${name}` }
  const folder = join(beside.file === null ? beside.cwd : dirname(beside.file), 'profiles')
  const own = ownProfiles(folder)
  if ('unreadable' in own) {
    const message = `cannot read the folder of profiles ${folder}: ${own.unreadable}`
    return unknown(problem('CONFIG_READ', { message, origin }))
  }
  if (Object.hasOwn(PROFILES, name)) {
    if (!own.has(name)) return { kind: 'shipped', source: shipped(name) }
    const message = `there is a profile ${name} of mm and one in ${folder}`
    return unknown(problem('PROFILE_UNKNOWN', { message, fix: 'Give your own profile another name.', origin }))
  }
  if (/[/\\]|\.(ya?ml|json)$/.test(name)) return { kind: 'file', file: resolve(beside.cwd, name) }
  const file = own.get(name)
  if (file !== undefined) return { kind: 'file', file }
  const known = [...Object.keys(PROFILES), ...own.keys()]
  const message = `unknown profile ${name}${didYouMean(name, known)}`
  return unknown(problem('PROFILE_UNKNOWN', { message, fix: `Known profiles: ${known.join(', ')}.`, origin }))
}

function unknown(what: Problem): Profile {
  return { kind: 'unknown', problem: what }
}

/** Null when it is none of ours. */
export function shippedProfile(name: string): Source | null {
  return Object.hasOwn(PROFILES, name) ? shipped(name) : null
}

function shipped(name: string): Source {
  const origin: Origin = { kind: 'profile', name }
  return sourceOf(leavesOf(PROFILES[name], origin), origin)
}

/** The leaves of a plain tree, all of one origin. */
function leavesOf(tree: unknown, origin: Origin, path = ''): Leaf[] {
  if (!isTree(tree)) return [{ path, value: tree, origin }]
  return Object.entries(tree).flatMap(([key, value]) => leavesOf(value, origin, path === '' ? key : `${path}.${key}`))
}

function ownProfiles(folder: string): ReadonlyMap<string, string> | { readonly unreadable: string } {
  try {
    const files = readdirSync(folder).filter((name) => /\.(ya?ml|json)$/.test(name))
    return new Map(files.map((name) => [basename(name, extname(name)), join(folder, name)]))
  } catch (error) {
    const code = codeOf(error)
    // Most have none. A folder that is there and cannot be read must not look like that.
    return code === 'ENOENT' || code === 'ENOTDIR' ? new Map() : { unreadable: reasonOf(error) }
  }
}
