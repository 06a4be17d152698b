/** Every fault of the catalogue (BYBIT.md §6) has a scenario that carries its number, and both worlds play every file. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const FAULTS = 42
const at = (...parts: string[]): string => join(import.meta.dirname, ...parts)
const files = readdirSync(at('scenarios'))

test('F1 to F42 are played', () => {
  const text = files.map((file) => readFileSync(at('scenarios', file), 'utf8')).join('\n')
  const named = new Set([...text.matchAll(/['`]F(\d+) /g)].map((match) => Number(match[1])))
  const all = Array.from({ length: FAULTS }, (_, i) => i + 1)
  expect(all.filter((fault) => !named.has(fault))).toEqual([])
})

test.each(['virtual', 'loopback'])('the %s world plays every file of scenarios', (world) => {
  expect(readdirSync(at(world)).toSorted()).toEqual(files.map((file) => file.replace('.ts', '.test.ts')).toSorted())
})
