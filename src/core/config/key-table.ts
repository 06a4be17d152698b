/**
 * Every key as one row, derived from the JSON Schema and from nothing else: names of variables, words for what a key
 * takes, the reference page, `--explain` and the file of `mm init` all read it.
 */
import { z } from 'zod'
import type { ConfigSchema } from './schema.ts'

export type KeyType = 'decimal' | 'integer' | 'number' | 'boolean' | 'string' | 'list'

export interface KeyRow {
  /** "risk.lossMax" */
  readonly path: string
  readonly type: KeyType
  /** '' when it counts nothing. */
  readonly unit: string
  /** What it may be, in words: "1 to 10", "linear, inverse or spot". */
  readonly range: string
  /** Undefined: nothing is set. */
  readonly byDefault: unknown
  readonly description: string
  readonly example: unknown
  readonly isMutable: boolean
  readonly isInStarter: boolean
  /** Why a value that people try is not taken, by value. */
  readonly refusals: Readonly<Record<string, string>>
  /** "MM_RISK__LOSS_MAX" */
  readonly env: string
}

export interface SectionRow {
  readonly path: string
  readonly description: string
  /** Names directly below. */
  readonly names: readonly string[]
}

export interface KeyTable {
  /** In the order of the schema, by path. */
  readonly keys: ReadonlyMap<string, KeyRow>
  /** Also the root, whose path is ''. */
  readonly sections: ReadonlyMap<string, SectionRow>
  readonly byEnv: ReadonlyMap<string, KeyRow>
}

/** What a JSON Schema of ours uses. */
interface Json {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Json>>
  readonly anyOf?: readonly Json[]
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Json
  readonly default?: unknown
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly 'x-unit'?: string
  readonly 'x-mutable'?: boolean
  readonly 'x-starter'?: boolean
  readonly 'x-refusals'?: Readonly<Record<string, string>>
}

/** The published schema: what an editor checks `mm.yaml` against. */
export function jsonSchema(schema: ConfigSchema): object {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-07' })
}

export function keyTable(schema: ConfigSchema): KeyTable {
  const keys = new Map<string, KeyRow>()
  const sections = new Map<string, SectionRow>()
  visit(jsonSchema(schema), '', { keys, sections })
  return { keys, sections, byEnv: new Map([...keys.values()].map((row) => [row.env, row])) }
}

interface Rows {
  readonly keys: Map<string, KeyRow>
  readonly sections: Map<string, SectionRow>
}

function visit(json: Json, path: string, rows: Rows): void {
  const { properties } = json
  if (properties === undefined) {
    rows.keys.set(path, rowOf(json, path))
    return
  }
  rows.sections.set(path, { path, description: json.description ?? '', names: Object.keys(properties) })
  for (const [name, child] of Object.entries(properties)) visit(child, path === '' ? name : `${path}.${name}`, rows)
}

function rowOf(json: Json, path: string): KeyRow {
  return {
    path,
    type: typeOf(json),
    unit: json['x-unit'] ?? '',
    range: rangeOf(json),
    byDefault: json.default,
    description: json.description ?? '',
    example: json.examples?.[0],
    isMutable: json['x-mutable'] === true,
    isInStarter: json['x-starter'] === true,
    refusals: json['x-refusals'] ?? {},
    env: `MM_${path.split('.').map(upperSnake).join('__')}`,
  }
}

function typeOf(json: Json): KeyType {
  if (json.anyOf !== undefined) return 'decimal'
  if (json.type === 'array') return 'list'
  return (json.type ?? 'string') as KeyType
}

function rangeOf(json: Json): string {
  const { enum: choices, minimum, maximum, pattern, items } = json
  if (json.anyOf !== undefined) return 'a plain decimal such as 250 or 0.5'
  if (choices !== undefined) return orList(choices.map(String))
  if (json.type === 'boolean') return 'true or false'
  if (items !== undefined) return `a list of words like ${items.pattern ?? ''}`
  if (minimum !== undefined && maximum !== undefined) {
    return `${json.type === 'integer' ? 'a whole number' : 'a number'} from ${minimum} to ${maximum}`
  }
  if (pattern?.startsWith('^[^') === true) return 'text without control characters'
  return pattern === undefined ? 'text' : `text like ${pattern}`
}

function orList(choices: readonly string[]): string {
  return choices.length < 2 ? (choices[0] ?? '') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`
}

/** lossMax → LOSS_MAX, price-band → PRICE_BAND. */
function upperSnake(name: string): string {
  return name
    .replace(/-/g, '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
}
