/** Reference pages and tables agree both ways; flags and exit codes cannot change without the page showing it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { referencePages } from '../scripts/reference-pages.ts'
import { ERRORS, EXIT_MEANING, fail, MmError } from '../src/core/errors.ts'

const pages = await referencePages()

test.each(Object.keys(pages))('docs/reference/%s is what the tables say (npm run docs)', (name) => {
  expect(readFileSync(`docs/reference/${name}`, 'utf8')).toBe(pages[name])
})

test('every error ends with a code of the exit table', () => {
  const stray = Object.entries(ERRORS).filter(([, { exit }]) => !(exit in EXIT_MEANING))
  expect(stray).toEqual([])
})

test('every error says what to do, and fills in what it is given', () => {
  expect(Object.values(ERRORS).filter(({ remedy }) => remedy.trim() === '')).toEqual([])
  expect(() => fail('USAGE', { what: 'no such flag' })).toThrow(
    expect.objectContaining({ message: 'no such flag', exit: 2 }),
  )
  expect(new MmError('USAGE', { what: '{remedy}' }).message).toBe('{remedy}')
})
