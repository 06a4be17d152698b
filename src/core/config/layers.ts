/**
 * Where values come from: reads files, environment and --set into trees whose leaves know their origin. Nothing is
 * understood here and nothing guessed; a file that cannot be read is an error, never an empty file.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { fail } from '../errors.ts'

/** One value and where it was said: "mm.yaml:3:5", "MM_RISK__LOSS_MAX", "--set risk.lossMax". */
export interface Leaf {
  readonly path: readonly string[]
  readonly value: unknown
  readonly origin: string
}

const FILE_BYTES_MAX = 1024 * 1024

/** `given`, or mm.yaml in `from` or a folder above it; null when there is none. */
export function findConfig(given: string | undefined, from: string): string | null {
  if (given !== undefined) return resolve(from, given)
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    const file = join(dir, 'mm.yaml')
    if (existsSync(file)) return file
    if (dir === dirname(dir)) return null
  }
}

/** The leaves of a YAML (or JSON) file. Throws CONFIG_READ or CONFIG_SYNTAX. */
export function fileLeaves(file: string): Leaf[] {
  const text = readText(file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core', uniqueKeys: true })
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) {
    const reason = (problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
    return fail('CONFIG_SYNTAX', { file, ...at(problem.pos[0]), reason })
  }
  const leaves: Leaf[] = []
  const place = (node: Node): string => {
    const { line, column } = at(node.range?.[0] ?? 0)
    return `${file}:${line}:${column}`
  }
  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null)) return leaves
  if (!isMap(root)) return fail('CONFIG_SYNTAX', { file, line: 1, column: 1, reason: 'the file is no list of keys' })
  collect(root, [], { leaves, place })
  return leaves
}

/** The leaves of MM_SECTION__KEY variables. `sections`: the top-level keys, so that other MM_ variables are let alone. */
export function envLeaves(env: Readonly<Record<string, string | undefined>>): Leaf[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!name.startsWith('MM_') || !name.includes('__') || value === undefined) return []
    const path = name.slice(3).split('__').map(camelCase)
    return [{ path, value: plainValue(value), origin: name }]
  })
}

/** The leaf of --set key.path=value. Throws USAGE. */
export function setLeaf(text: string): Leaf {
  const at = text.indexOf('=')
  const key = text.slice(0, at)
  if (at < 1 || !/^[\w-]+(\.[\w-]+)*$/.test(key)) return fail('USAGE', { what: `--set ${text}: not key.path=value` })
  return { path: key.split('.'), value: plainValue(text.slice(at + 1)), origin: `--set ${key}` }
}

/** The leaves of a plain tree, all of one origin. */
export function treeLeaves(tree: unknown, origin: string, path: readonly string[] = []): Leaf[] {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return [{ path, value: tree, origin }]
  return Object.entries(tree).flatMap(([key, value]) => treeLeaves(value, origin, [...path, key]))
}

function readText(file: string): string {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return fail('CONFIG_READ', { file, reason: 'it is not a regular file' })
    if (stat.size > FILE_BYTES_MAX) return fail('CONFIG_READ', { file, reason: 'it is larger than 1 MiB' })
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof Error && error.name === 'MmError') throw error
    const isEncoding = error instanceof TypeError
    return fail('CONFIG_READ', { file, reason: isEncoding ? 'it is not UTF-8 text' : (error as Error).message }, error)
  }
}

interface Collecting {
  readonly leaves: Leaf[]
  readonly place: (node: Node) => string
}

function collect(node: unknown, path: readonly string[], into: Collecting): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      collectValue(pair.value, { path: [...path, key], key: pair.key, into })
    }
  }
}

function collectValue(node: unknown, at: { path: readonly string[]; key: unknown; into: Collecting }): void {
  const { path, key, into } = at
  if (isMap(node)) return collect(node, path, into)
  const origin = into.place((node ?? key) as Node)
  const value = isSeq(node) ? node.items.map((item) => (isScalar(item) ? item.value : item)) : scalarOf(node)
  into.leaves.push({ path, value, origin })
}

function scalarOf(node: unknown): unknown {
  return isScalar(node) ? node.value : node
}

function camelCase(word: string): string {
  return word.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

// Text of a variable or flag means what it would mean in the file: a number, a boolean, else text.
function plainValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
