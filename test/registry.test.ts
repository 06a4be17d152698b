/** A folder is a registry. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { didYouMean, loadPacks, nearest, packNames } from '../src/core/registry.ts'

interface Pack {
  readonly id: string
  readonly value: number
}

const isPack = (candidate: unknown): candidate is Pack =>
  typeof candidate === 'object' && candidate !== null && 'id' in candidate && 'value' in candidate

let dir: string
let folder: URL

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-packs-'))
  folder = pathToFileURL(`${dir}/`)
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

test('every file is a pack, by its name', async () => {
  writeFileSync(join(dir, 'b-two.ts'), "export const pack = { id: 'b-two', value: 2 }")
  writeFileSync(join(dir, 'a.ts'), "export const pack = { id: 'a', value: 1 }")
  writeFileSync(join(dir, 'README.md'), '')
  mkdirSync(join(dir, 'sub'))
  expect(packNames(folder)).toEqual(['a', 'b-two'])
  const packs = await loadPacks(folder, isPack)
  expect([...packs]).toEqual([
    ['a', { id: 'a', value: 1 }],
    ['b-two', { id: 'b-two', value: 2 }],
  ])
})

test.each([
  ['another id', "export const pack = { id: 'x', value: 1 }", 'calls itself x'],
  ['no pack', 'export const other = 1', 'exports no pack'],
])('a file with %s is a broken belief', async (_, text, message) => {
  writeFileSync(join(dir, 'a.ts'), text)
  await expect(loadPacks(folder, isPack)).rejects.toThrow(message)
})

test.each([
  ['gltf', 'glft'],
  ['symetric', 'symmetric'],
  ['Glft', 'glft'],
  ['avell', 'avellaneda-stoikov'],
  ['xyz', null],
  ['', null],
])('nearest to %j is %j', (word, expected) => {
  expect(nearest(word, ['glft', 'symmetric', 'avellaneda-stoikov'])).toBe(expected)
})

test('a suggestion reads well', () => {
  expect(didYouMean('gltf', ['glft'])).toBe(' (did you mean glft?)')
  expect(didYouMean('nothing', ['glft'])).toBe('')
})
