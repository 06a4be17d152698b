/**
 * Every key as one row, derived from the schema and from nothing else: names of variables, words for what a key takes,
 * the reference page, `--explain` and the file of `mm init` all read it.
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

/** The published schema: what an editor checks `mm.yaml` against. */
export function jsonSchema(schema: ConfigSchema): object {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-07' })
}

export function keyTable(schema: ConfigSchema): KeyTable {
  const keys = new Map<string, KeyRow>()
  const sections = new Map<string, SectionRow>()
  visit(schema, '', { keys, sections })
  return { keys, sections, byEnv: new Map([...keys.values()].map((row) => [row.env, row])) }
}

interface Rows {
  readonly keys: Map<string, KeyRow>
  readonly sections: Map<string, SectionRow>
}

/** What `metaOf` put there. */
interface Meta {
  readonly description?: string | undefined
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly 'x-unit'?: string
  readonly 'x-mutable'?: boolean
  readonly 'x-starter'?: boolean
  readonly 'x-refusals'?: Readonly<Record<string, string>>
}

/** A schema without what may be left out, and what was said on the way in. */
interface Bare {
  readonly schema: z.core.$ZodTypes
  readonly meta: Meta
  readonly byDefault: unknown
}

function visit(schema: z.core.$ZodType, path: string, rows: Rows): void {
  const bare = bareOf(schema)
  const def = defOf(bare.schema)
  if (def.type !== 'object') {
    rows.keys.set(path, rowOf(bare, path))
    return
  }
  rows.sections.set(path, { path, description: bare.meta.description ?? '', names: Object.keys(def.shape) })
  for (const [name, child] of Object.entries(def.shape)) visit(child, path === '' ? name : `${path}.${name}`, rows)
}

// The schema is walked, because making a JSON Schema of it takes a tenth of a whole start.
function bareOf(schema: z.core.$ZodType): Bare {
  let at = schema as z.core.$ZodTypes
  let meta: Meta = {}
  let byDefault: unknown
  for (;;) {
    meta = { ...z.globalRegistry.get(at), ...meta }
    const def = defOf(at)
    if (def.type !== 'default' && def.type !== 'prefault' && def.type !== 'optional') break
    if (def.type === 'default') byDefault = def.defaultValue
    at = def.innerType as z.core.$ZodTypes
  }
  return { schema: at, meta, byDefault: byDefault ?? meta.default }
}

function rowOf({ schema, meta, byDefault }: Bare, path: string): KeyRow {
  return {
    path,
    ...kindOf(schema),
    unit: meta['x-unit'] ?? '',
    byDefault,
    description: meta.description ?? '',
    example: meta.examples?.[0],
    isMutable: meta['x-mutable'] === true,
    isInStarter: meta['x-starter'] === true,
    refusals: meta['x-refusals'] ?? {},
    env: `MM_${path.split('.').map(upperSnake).join('__')}`,
  }
}

/** Every kind of key that `key.ts` makes. */
function kindOf(schema: z.core.$ZodTypes): Pick<KeyRow, 'type' | 'range'> {
  const def = defOf(schema)
  switch (def.type) {
    case 'union':
      return { type: 'decimal', range: 'a plain decimal such as 250 or 0.5' }
    case 'boolean':
      return { type: 'boolean', range: 'true or false' }
    case 'literal':
      return { type: typeof def.values[0] === 'number' ? 'number' : 'string', range: orList(def.values.map(String)) }
    case 'array':
      return { type: 'list', range: `a list of words like ${patternOf(bareOf(def.element).schema)}` }
    case 'number':
      return numberKind(schema)
    default:
      return { type: 'string', range: textRange(patternOf(schema)) }
  }
}

function numberKind(schema: z.core.$ZodTypes): Pick<KeyRow, 'type' | 'range'> {
  const checks = checksOf(schema)
  const bound = (check: string): unknown => checks.find((one) => one.check === check)?.value
  const type = checks.some(({ check }) => check === 'number_format') ? 'integer' : 'number'
  const words = type === 'integer' ? 'a whole number' : 'a number'
  return { type, range: `${words} from ${String(bound('greater_than'))} to ${String(bound('less_than'))}` }
}

function patternOf(schema: z.core.$ZodTypes): string {
  return checksOf(schema).find(({ pattern }) => pattern !== undefined)?.pattern?.source ?? ''
}

interface CheckFacts {
  readonly check: string
  readonly value?: unknown
  readonly pattern?: RegExp
}

function checksOf(schema: z.core.$ZodTypes): readonly CheckFacts[] {
  const { checks = [] } = defOf(schema) as { readonly checks?: readonly z.core.$ZodCheck[] }
  return checks.map(({ _zod: { def } }) => def as CheckFacts)
}

function defOf<T extends z.core.$ZodTypes>({ _zod: { def } }: T): T['_zod']['def'] {
  return def
}

function textRange(pattern: string): string {
  if (pattern.startsWith('^[^')) return 'text without control characters'
  return pattern === '' ? 'text' : `text like ${pattern}`
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
