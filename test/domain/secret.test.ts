import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/domain/secret.ts'

const value = ['not', 'a', 'real', 'key'].join('-')
const secret = new Secret(value)

test.each<[string, () => string]>([
  ['String()', () => String(secret)],
  ['a join', () => [secret].join()],
  ['concatenation', () => `x${secret.toString()}${secret.toJSON()}`],
  ['JSON', () => JSON.stringify({ deep: [secret] })],
  ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
  ['inspect with a getter walk', () => inspect(secret, { getters: true, showHidden: true, customInspect: false })],
  ['own keys', () => JSON.stringify(Object.entries(secret)) + JSON.stringify(Reflect.ownKeys(secret))],
  ['a structured clone', () => JSON.stringify(structuredClone(Object.assign({}, secret)))],
  ['an error message', () => new Error('bad key', { cause: secret[Symbol.toPrimitive]() }).stack ?? ''],
])('%s never shows the value', (_name, print) => {
  expect(print()).not.toContain(value)
})

test('reveal hands it out', () => {
  expect(secret.reveal()).toBe(value)
  expect(secret.length).toBe(value.length)
})
