/**
 * The JSON Schema against the loader, with ajv as the oracle; mutations of a valid file; and what `--explain` says against a
 * small model of the precedence. Everyday counts are small; MM_VERIFY=1 runs the full ones.
 */
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explain } from '../../src/core/config/explain.ts'
import { jsonSchema, type KeyRow, keyTable } from '../../src/core/config/key-table.ts'
import { loadConfig, resolveConfig } from '../../src/core/config/load.ts'
import { configSchema } from '../../src/core/config/schema.ts'
import { starterFile } from '../../src/core/config/starter-file.ts'
import { Folder, PACKS } from './folder.ts'

const folder = new Folder()
const isFull = process.env['MM_VERIFY'] === '1'
/** The full counts take minutes. */
const SLOW_MS = 900_000
const schema = configSchema(PACKS)
const table = keyTable(schema)
const rows = [...table.keys.values()]

/** A value that the key takes, from nothing but its row. */
function goodValue({ type, range, example, path }: KeyRow): fc.Arbitrary<unknown> {
  const bounds = /from (\S+) to (\S+)$/.exec(range)
  if (bounds !== null) {
    const [min, max] = [Number(bounds[1]), Number(bounds[2])]
    const spread = Math.min(max, min + 5_000)
    return type === 'integer'
      ? fc.integer({ min, max: spread })
      : fc.double({ min, max: spread, noNaN: true }).map((value) => value + 0)
  }
  if (type === 'decimal') return fc.oneof(fc.integer({ min: 1, max: 99_999 }), fc.constantFrom('0.5', '12.25', '7'))
  if (type === 'boolean') return fc.boolean()
  if (path.endsWith('symbols')) return fc.constantFrom(['BTCUSDT'], ['ETHUSDT', 'BTCUSDT'])
  if (path.endsWith('bookDepth')) return fc.constantFrom(1, 50, 200, 1000)
  if (/^[\w-]+(, [\w-]+)* or [\w-]+$/.test(range)) return fc.constantFrom(...range.split(/, | or /))
  return fc.constant(example)
}

const anything = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    null,
    true,
    '',
    'x',
    '5',
    '-1',
    '0.5',
    '1e3',
    '1_000',
    [],
    ['a'],
    {},
    { a: 1 },
    0,
    0.5,
    -0.5,
    1e15,
    2 ** 53,
    [null],
    [['BTCUSDT']],
  ),
)

/** A tree with some keys, good or odd values, sometimes keys and sections that do not exist. */
const document = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(...rows).chain((row) => goodValue(row).map((value) => [row.path, value] as const)),
      },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...rows.map(({ path }) => path)), anything) },
      {
        weight: 1,
        arbitrary: fc.tuple(
          fc.constantFrom('risk', 'rsk', 'log.levl', 'strategies.glft', 'guards', 'constructor', 'risk.toString'),
          anything,
        ),
      },
    ),
    { maxLength: 6 },
  )
  .map((leaves) => {
    const tree: Record<string, unknown> = {}
    for (const [path, value] of leaves) plant(tree, path.split('.'), value)
    return tree
  })

function plant(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) tree[head] = value
  else {
    const next = Object.hasOwn(tree, head) ? tree[head] : undefined
    const inner =
      typeof next === 'object' && next !== null && !Array.isArray(next) ? (next as Record<string, unknown>) : {}
    tree[head] = inner
    plant(inner, rest, value)
  }
}

describe('the JSON Schema', () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(jsonSchema(schema))

  test(
    'accepts and refuses exactly what the loader does',
    () => {
      let [accepted, refused] = [0, 0]
      fc.assert(
        fc.property(document, (tree) => {
          folder.file(JSON.stringify(tree))
          const structural = folder
            .problems()
            .filter(({ code }) => code.startsWith('CONFIG_') || code.startsWith('STRATEGY_'))
          const isAccepted = structural.length === 0
          if (isAccepted) accepted++
          else refused++
          expect(validate(tree), `${JSON.stringify(tree)} ${JSON.stringify(structural)}`).toBe(isAccepted)
        }),
        { numRuns: isFull ? 5_000 : 200 },
      )
      expect(Math.min(accepted, refused)).toBeGreaterThan(20)
    },
    SLOW_MS,
  )

  test('names unit, range, example and whether a key may change; examples and defaults are valid', () => {
    for (const { path, description, example, byDefault, range, unit } of rows) {
      expect(description, path).not.toBe('')
      expect(range, path).not.toBe('')
      for (const value of [example, byDefault].filter((one) => one !== undefined)) {
        const tree = {}
        plant(tree, path.split('.'), value)
        expect(validate(tree), `${path}: ${JSON.stringify(value)}`).toBe(true)
      }
      // The unit in the name is the unit of the value.
      const named = /(?:(Bps)|(Ms)|(Ticks)|(PerS)|(Us))(?:Min|Max)?$/.exec(path)
      if (named !== null && !path.includes('Per')) {
        expect(unit, path).toBe(['bps', 'ms', 'ticks', '1/s', 'µs'][named.slice(1).findIndex(Boolean)])
      }
    }
    expect(new Set(rows.map(({ env }) => env)).size).toBe(rows.length)
  })
})

/** What the published schema says of a key, in the words of the table. */
function rowOfJson(json: JsonKey): object {
  const { type, anyOf, enum: choices, minimum, maximum, items, pattern } = json
  const kind = anyOf !== undefined ? 'decimal' : type === 'array' ? 'list' : type
  const bounds = type === 'integer' || type === 'number' ? ` from ${minimum} to ${maximum}` : ''
  const said = choices?.map(String).join() ?? items?.pattern ?? pattern ?? bounds
  return {
    kind,
    said,
    byDefault: json.default,
    unit: json['x-unit'],
    isMutable: json['x-mutable'],
    description: json.description,
    example: json.examples?.[0],
  }
}

interface JsonKey {
  readonly type?: string
  readonly anyOf?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly items?: JsonKey
  readonly default?: unknown
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly 'x-unit'?: string
  readonly 'x-mutable'?: boolean
  readonly properties?: Readonly<Record<string, JsonKey>>
}

function leavesOfJson(json: JsonKey, path = ''): [string, JsonKey][] {
  if (json.properties === undefined) return [[path, json]]
  return Object.entries(json.properties).flatMap(([name, child]) =>
    leavesOfJson(child, path === '' ? name : `${path}.${name}`),
  )
}

test('the table of keys says what the JSON Schema says', () => {
  const leaves = leavesOfJson(jsonSchema(schema))
  expect(leaves.map(([path]) => path)).toEqual(rows.map(({ path }) => path))
  for (const [path, json] of leaves) {
    const row = table.keys.get(path)
    const { kind, said, ...same } = rowOfJson(json) as { kind: string; said: string }
    expect(row, path).toMatchObject(same)
    expect(row?.type, path).toBe(kind)
    const words = row?.range.replace(/ or |, /g, ',') ?? ''
    if (said.startsWith('^[^')) expect(words, path).toContain('without control characters')
    else expect(words, path).toContain(said)
  }
})

describe('mutations of a valid file', () => {
  const valid = starterFile(table, {
    schemaPath: 'x',
    values: new Map(rows.map(({ path, example }) => [path, example])),
  })
  const lines = valid.split('\n')

  test('the file with every key written out is valid', () => {
    folder.file(valid)
    expect(folder.problems().filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test(
    'each is accepted, and means the same when written out again, or refused with a place',
    () => {
      const at = fc.nat(valid.length - 1)
      const mutation = fc.oneof(
        fc
          .tuple(at, fc.constantFrom('x', ':', ' ', '\n', '#', '"', '{', '-', '0', '9', '.', '\t', '&', '%', 'é'))
          .map(([where, what]) => valid.slice(0, where) + what + valid.slice(where)),
        fc
          .tuple(at, fc.integer({ min: 1, max: 4 }))
          .map(([where, count]) => valid.slice(0, where) + valid.slice(where + count)),
        fc
          .tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1))
          .map(([from, to]) => lines.toSpliced(to, 0, lines[from] ?? '').join('\n')),
        fc.nat(lines.length - 1).map((which) => lines.toSpliced(which, 1).join('\n')),
        fc.tuple(at, at).map(([a, b]) => valid.slice(0, Math.min(a, b)) + valid.slice(Math.max(a, b))),
        at.map((where) => valid.slice(0, where)),
      )
      fc.assert(
        fc.property(mutation, (text) => {
          const config = folder.file(text)
          const resolution = resolveConfig({ config, env: {}, cwd: folder.dir }, PACKS)
          if (resolution.config === null) {
            const errors = resolution.problems.filter(({ severity }) => severity === 'error')
            expect(errors.length).toBeGreaterThan(0)
            for (const { origin } of errors) expect(['file', 'default']).toContain(origin.kind)
            return
          }
          const given = [...resolution.config.values].filter(([, { origin }]) => origin.kind !== 'default')
          const set = given.map(
            ([path, { value }]) => `${path}=${Array.isArray(value) ? value.join(',') : String(value)}`,
          )
          expect(
            loadConfig({ config: folder.file('{}', 'empty.yaml'), set, env: {}, cwd: folder.dir }, PACKS).hash,
          ).toBe(resolution.config.hash)
        }),
        { numRuns: isFull ? 10_000 : 150 },
      )
    },
    SLOW_MS,
  )
})

describe('--explain', () => {
  // Weakest first; each says some keys.
  const stack = fc.tuple(said(), said(), said(), said())

  function said(): fc.Arbitrary<ReadonlyMap<string, string>> {
    const key = fc.constantFrom(
      'risk.lossMax',
      'risk.drawdownMax',
      'quoting.levelsMax',
      'log.level',
      'guards.price-band.midBpsMax',
      'exchange.botId',
    )
    const entry = key.chain((path) => {
      const row = table.keys.get(path)
      const value = row === undefined ? fc.constant('') : goodValue(row).map((one) => String(one))
      return fc.tuple(fc.constant(path), value)
    })
    return fc.array(entry, { maxLength: 5 }).map((entries) => new Map(entries))
  }

  test(
    'agrees with the loader and with a model of the precedence, on random stacks',
    () => {
      fc.assert(
        fc.property(stack, ([file, override, env, set]) => {
          const config = loadConfig(
            {
              config: folder.file(yaml(file)),
              override: folder.file(yaml(override), 'over.yaml'),
              env: Object.fromEntries([...env].map(([path, value]) => [table.keys.get(path)?.env ?? '', value])),
              set: [...set].map(([path, value]) => `${path}=${value}`),
              cwd: folder.dir,
            },
            PACKS,
          )
          const explained = new Map(explain(config).map((row) => [row.key, row]))
          for (const { path, byDefault } of rows) {
            const ways = [file, override, env, set]
              .map((source) => source.get(path))
              .filter((value) => value !== undefined)
            const row = explained.get(path)
            if (row === undefined) continue
            expect(String(row.value), path).toBe(String(ways.at(-1) ?? byDefault))
            expect(String(row.value), path).toBe(String(settingOf(config.settings, path) ?? byDefault))
            expect(row.overrode.length, path).toBe(
              ways.length === 0 ? 0 : ways.length - 1 + (byDefault === undefined ? 0 : 1),
            )
          }
          for (const path of new Set([file, override, env, set].flatMap((source) => [...source.keys()]))) {
            expect(explained.has(path)).toBe(true)
          }
        }),
        { numRuns: isFull ? 1_000 : 60 },
      )
    },
    SLOW_MS,
  )

  function yaml(source: ReadonlyMap<string, string>): string {
    const tree: Record<string, unknown> = {}
    for (const [path, value] of source) {
      const isText = table.keys.get(path)?.type === 'string' || table.keys.get(path)?.type === 'decimal'
      plant(tree, path.split('.'), isText ? value : JSON.parse(value))
    }
    return JSON.stringify(tree)
  }

  function settingOf(tree: unknown, path: string): unknown {
    return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], tree)
  }
})
