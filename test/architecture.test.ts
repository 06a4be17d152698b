/** The house rules as a test: who imports whom, determinism, reachability, style. Each rule has a bad sample that bites. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { determinismFaults, importFaults, importsOf, parse, type Source, styleFaults } from './architecture/source.ts'
import { LAYERS, type Layer, PINNED_GRAPHS } from './architecture/table.ts'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name}`)
  .filter((name) => /\.tsx?$/.test(name))
  .sort()
const sources = new Map(files.map((path) => [path, parse(path, readFileSync(path, 'utf8'))]))
const all = [...sources.values()]

function layerOf(path: string): Layer {
  const layer = LAYERS.find((row) => row.files.test(path))
  if (layer === undefined) throw new Error(`${path} belongs to no layer of test/architecture/table.ts`)
  return layer
}

const sample = (path: string, text: string): Source => parse(path, text)

describe('imports', () => {
  test('every file imports only what its row of the table allows', () => {
    expect(all.flatMap((source) => importFaults(source, layerOf(source.path)))).toEqual([])
  })

  test.each([
    ['src/core/domain/x.ts', `import type { A } from '../engine/a.ts'`],
    ['src/core/domain/x.ts', `import { readFileSync } from 'node:fs'`],
    ['src/core/engine/x.ts', `export * from '../exchange/port.ts'`],
    ['src/core/engine/x.ts', `const a = await import('../runtime/loop.ts')`],
    ['src/core/exchange/sim/x.ts', `import { Engine } from '../../engine/engine.ts'`],
    ['src/core/exchange/sim/server/x.ts', `import { sign } from '../../bybit/signing.ts'`],
    ['src/core/exchange/bybit/x.ts', `import { SimExchange } from '../sim/sim-exchange.ts'`],
    ['src/core/cancel/x.ts', `import { RestClientV5 } from 'bybit-api'`],
    ['src/core/cancel/x.ts', `import { load } from '../config/load.ts'`],
    ['src/core/runtime/loop.ts', `import { Adapter } from '../exchange/bybit/adapter.ts'`],
    ['src/dashboard/x.tsx', `import { Engine } from '../core/engine/engine.ts'`],
    ['src/commands/x.ts', `import Trade from './trade.ts'`],
    ['src/core/scan/x.ts', `import { Engine } from '../engine/engine.ts'`],
  ])('bites: %s with %s', (path, text) => {
    expect(importFaults(sample(path, text), layerOf(path))).toHaveLength(1)
  })
})

describe('determinism', () => {
  const pure = all.filter((source) => layerOf(source.path).isPure)

  test('domain, engine and the simulation never read a clock, draw chance, wait or log', () => {
    expect(pure.length).toBeGreaterThan(20)
    expect(pure.flatMap(determinismFaults)).toEqual([])
  })

  test.each([
    'const t = Date.now()',
    'const t = new Date()',
    'const r = Math.random()',
    'setTimeout(() => {}, 1)',
    'async function f() {}',
    'const x = Number(text)',
    'const x = parseFloat(text)',
    'console.log(1)',
    'const p = process.env',
    'const n = performance.now()',
  ])('bites: %s', (text) => {
    expect(determinismFaults(sample('src/core/domain/x.ts', text))).not.toEqual([])
  })
})

describe('reachability', () => {
  test('every file under src/ is reached from a command or an entry point', () => {
    const reached = reachable(files.filter((path) => /^src\/(?:commands\/|main\.ts|oclif\.ts)/.test(path)))
    expect(files.filter((path) => !reached.has(path))).toEqual([])
  })

  test('bites: a file that only a test imports is not reached', () => {
    expect(reachable(['src/main.ts']).has('src/core/nowhere.ts')).toBe(false)
  })

  test.each(Object.entries(PINNED_GRAPHS))('the import graph of %s reaches no other npm package', (entry, allowed) => {
    const packages = [...reachable([entry], false)].flatMap((path) => npmOf(path))
    expect(packages.filter((name) => !allowed.includes(name))).toEqual([])
  })

  // A folder named in `new URL('./rules/', import.meta.url)` is a registry: all its files are reached.
  function reachable(from: readonly string[], withDynamic = true): Set<string> {
    const seen = new Set<string>()
    const todo = [...from]
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      const source = sources.get(path)
      if (source === undefined || seen.has(path)) continue
      seen.add(path)
      for (const { from: target, isDynamic, isTypeOnly } of importsOf(source)) {
        if (!withDynamic && (isDynamic || isTypeOnly)) continue
        if (target.endsWith('/')) todo.push(...files.filter((file) => file.startsWith(target)))
        else todo.push(target, `${target}x`)
      }
    }
    return seen
  }

  function npmOf(path: string): string[] {
    const source = sources.get(path)
    if (source === undefined) return []
    return importsOf(source)
      .filter(({ isTypeOnly, isDynamic }) => !isTypeOnly && !isDynamic)
      .map(({ from }) => from)
      .filter((from) => !from.startsWith('src/') && !from.startsWith('node:'))
  }
})

describe('style', () => {
  test('no double casts, stray `!`, default exports, vague names or allocation in @hot files', () => {
    expect(all.flatMap(styleFaults)).toEqual([])
  })

  test('files are kebab-case nouns and there are no barrels', () => {
    expect(files.filter((path) => !/^[a-z0-9]+(?:-[a-z0-9]+)*\.tsx?$/.test(basename(path)))).toEqual([])
    expect(files.filter((path) => /\/index\.tsx?$/.test(path))).toEqual([])
  })

  test('every file opens with a comment that says what it is', () => {
    expect(all.filter(({ text }) => !text.startsWith('/**')).map(({ path }) => path)).toEqual([])
  })

  test.each([
    ['double cast', 'const a = b as unknown as C'],
    ['`!`', 'const a = list[0]!'],
    ['default export', 'export default class {}'],
    ['name', 'class OrderManager {}'],
    ['spread', '/** @hot */\nconst a = () => ({ ...b })'],
    ['.map', '/** @hot */\nfunction a() { return b.map(f) }'],
    ['regex', '/** @hot */\nclass A { a() { return /x/ } }'],
  ])('bites: %s', (why, text) => {
    expect(styleFaults(sample('src/core/domain/x.ts', text)).join()).toContain(why)
  })
})
