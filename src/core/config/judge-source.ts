/**
 * What is wrong with one source, all of it, in words of the key table: the schema finds the faults, and what it takes for
 * one union or one pattern becomes a sentence that names the unit and what to write instead.
 */
import { didYouMean } from '../registry.ts'
import type { KeyRow, KeyTable } from './key-table.ts'
import { isTree, type Origin, type Source } from './origin.ts'
import { type Problem, problem } from './problem.ts'
import type { ConfigSchema } from './schema.ts'
import { isSecretName, isSecretValue } from './secret-like.ts'

/** Structural faults of the source: exactly those that the JSON Schema has, and values that look like secrets. */
export function judgeSource(source: Source, schema: ConfigSchema, table: KeyTable): Problem[] {
  // Most starts have no variables and no flags.
  if (Object.keys(source.tree).length === 0) return []
  const result = schema.safeParse(source.tree)
  const issues = result.success ? [] : result.error.issues
  const problems = issues.flatMap((issue) => {
    const path = issue.path.map(String)
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key, at) => unknownKey(source, [...path, key], at < NEAREST_MAX ? table : null))
      : [badValue(source, path, table)]
  })
  const faulty = new Set(problems.map(({ key }) => key))
  return [...problems, ...secretValues(source, table).filter(({ key }) => !faulty.has(key))]
}

/** Places of values that must not be shown. */
export function secretPlaces(source: Source): Origin[] {
  return source.leaves
    .filter(({ path, value }) => isSecretName(path.split('.').at(-1) ?? '') || isSecretValue(value))
    .map(({ origin }) => origin)
}

/** Whoever has more unknown keys than this in a section needs no hint for each. */
const NEAREST_MAX = 300

/** `table`: null for no hint. */
function unknownKey(source: Source, path: readonly string[], table: KeyTable | null): Problem {
  const [name, parent] = [path.at(-1) ?? '', path.slice(0, -1).join('.')]
  const key = path.join('.')
  const origin = source.place(key, 'key')
  if (isSecretName(name) || isSecretValue(valueAt(source, path))) return secretKey(key, origin)
  if (table === null) return problem('CONFIG_KEY_UNKNOWN', { key, message: `unknown key ${key}`, origin })
  const names = table.sections.get(parent)?.names ?? []
  const nearest = didYouMean(name, names) || elsewhere(name, table)
  if (name.startsWith('//') || name.startsWith('/*')) {
    const fix = 'Comments begin with #, in JSON files too.'
    return problem('CONFIG_KEY_UNKNOWN', { key, message: `unknown key ${key}`, fix, origin })
  }
  const fix = nearest === '' ? `Remove it. Known here: ${names.join(', ')}.` : 'Correct or remove the key.'
  return problem('CONFIG_KEY_UNKNOWN', { key, message: `unknown key ${key}${nearest}`, fix, origin })
}

// The right word in the wrong section.
function elsewhere(name: string, { keys, sections }: KeyTable): string {
  const dotted = [...keys.keys(), ...sections.keys()].filter((path) => path === name || path.endsWith(`.${name}`))
  return dotted.length === 0 ? '' : ` (did you mean ${dotted.slice(0, 3).join(' or ')}?)`
}

function secretKey(key: string, origin: Origin): Problem {
  const message = `${key} looks like a secret, and the configuration holds none`
  return problem('CONFIG_SECRET', { key, message, origin })
}

function secretValues(source: Source, table: KeyTable): Problem[] {
  return source.leaves
    .filter(({ path, value }) => table.keys.has(path) && isSecretValue(value))
    .map(({ path, origin }) => secretKey(path, origin))
}

function badValue(source: Source, path: readonly string[], table: KeyTable): Problem {
  const row = rowAt(path, table)
  const key = row?.path ?? path.join('.')
  const value = valueAt(source, path)
  if (isSecretValue(value)) return secretKey(key, source.place(key, 'value'))
  if (value === null) {
    const fix = 'Give a value, or remove the line to keep the default.'
    return problem('CONFIG_VALUE', { key, message: `${key}: no value`, fix, origin: source.place(key, 'key') })
  }
  const origin = source.place(path.join('.'), 'value')
  if (row === undefined) {
    const message = `${key}: must be a section of keys, found ${shown(value)}`
    const names = table.sections.get(key)?.names ?? []
    return problem('CONFIG_VALUE', {
      key,
      message,
      fix: `Put keys below it: ${names.slice(0, 6).join(', ')}, …`,
      origin,
    })
  }
  if (row.path === 'strategy') return badStrategy(row, value, origin)
  const unit = row.unit === '' ? '' : ` (${row.unit})`
  const message = `${key}: must be ${row.range}${unit}, found ${shown(value)}${unitHint(row, value)}`
  return problem('CONFIG_VALUE', { key, message, origin })
}

function badStrategy(row: KeyRow, value: unknown, origin: Origin): Problem {
  const known = row.range.split(/, | or /)
  const nearest = typeof value === 'string' ? didYouMean(value, known) : ''
  const fix = `Known strategies: ${known.join(', ')}.`
  return problem('STRATEGY_UNKNOWN', {
    key: 'strategy',
    message: `unknown strategy ${shown(value)}${nearest}`,
    fix,
    origin,
  })
}

// A fault inside a list is one of its key.
function rowAt(path: readonly string[], { keys }: KeyTable): KeyRow | undefined {
  for (let length = path.length; length > 0; length--) {
    const row = keys.get(path.slice(0, length).join('.'))
    if (row !== undefined) return row
  }
  return undefined
}

function valueAt(source: Source, path: readonly string[]): unknown {
  let at: unknown = source.tree
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)]
    else if (isTree(at) && Object.hasOwn(at, key)) at = at[key]
    else return undefined
  }
  return at
}

function shown(value: unknown): string {
  if (isTree(value)) return 'a section'
  if (Array.isArray(value)) return 'a list'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const UNITS: Readonly<Record<string, string>> = {
  bps: 'basis points: 1 % is 100',
  ms: 'milliseconds: 1 s is 1000',
  µs: 'microseconds: 1 ms is 1000',
  s: 'seconds',
  ticks: 'ticks, steps of the price',
  '1/s': 'counts a second',
}

/** " (…)" when the value looks as if it were meant in another unit, or is one that is not taken for a reason. */
function unitHint({ path, type, unit, refusals }: KeyRow, value: unknown): string {
  const name = path.split('.').at(-1) ?? ''
  const meaning = UNITS[unit] ?? unit
  if (typeof value === 'number') {
    const isFraction = value > 0 && value < 1 && unit === 'bps'
    return isFraction ? ` (${value} looks like a fraction; ${name} is in ${meaning})` : ''
  }
  if (typeof value !== 'string') return ''
  if (Object.hasOwn(refusals, value)) return ` (${refusals[value] ?? ''})`
  const measured = /^(-?[\d.,_]+)\s*(%|[a-zµ]+(?:\/s)?)$/i.exec(value)
  if (measured !== null) return ` (write the number alone; ${name} is in ${meaning})`
  if (/^\d{1,3}([,_ ]\d{3})+(\.\d+)?$/.test(value)) return ' (write the number without separators)'
  if (type === 'boolean' && /^(yes|no|on|off)$/i.test(value)) return ' (write true or false)'
  return ''
}
