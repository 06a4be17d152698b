/** Rules between keys: when fast cancels come too early or too late, and what says nothing. */
import { expect, test } from 'vitest'
import { PROFILES } from '../../src/core/config/profiles.ts'
import { Folder } from './folder.ts'

const folder = new Folder()
const codes = (...set: string[]): string[] =>
  folder
    .problems({ set: set.map((row) => `quoting.${row}`) })
    .map(({ code }) => code)
    .filter((code) => code.startsWith('ADVERSE'))

test.each([
  ['the defaults', [], []],
  ['off', ['adverseBps=0', 'adverseTicks=0'], []],
  ['within the edge', ['halfSpreadBpsMin=3'], []],
  ['beyond the edge', ['halfSpreadBpsMin=2.9'], ['ADVERSE_OVER_EDGE']],
  ['no sooner than moving', ['adverseBps=0.6'], ['ADVERSE_BELOW_URGENT']],
  ['no sooner than moving, in ticks', ['adverseTicks=2'], ['ADVERSE_BELOW_URGENT']],
])('fast cancel: %s', (_, set, found) => {
  folder.file('{}')
  expect(codes(...set)).toEqual(found)
})

test.each(Object.keys(PROFILES))('the shipped profile %s cancels neither too early nor too late', (profile) => {
  folder.file('{}')
  expect(folder.problems({ profile }).filter(({ code }) => code.startsWith('ADVERSE'))).toEqual([])
})
