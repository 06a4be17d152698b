import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Engine } from '../../src/core/scan/engine.ts'
import { Simd, simdParts } from '../../src/core/scan/simd.ts'
import { mnemonicOf } from '../../src/core/scan/seed-phrase.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { Windows } from '../../src/core/scan/windows.ts'
import { fakeToken, newEngine } from './helpers.ts'

const SIZE = 64 << 10
const engine = await newEngine()
const windows = new Windows(engine, SIZE)
const sampler = new Sampler(7)

const PHRASE = mnemonicOf(sampler.bytes(16))
const KEY = ['MII', sampler.chars(61, ALPHABETS.base64), '\n', sampler.chars(64, ALPHABETS.base64)].join('')
const SECRETS: readonly { text: string; rule: string; inside: number }[] = [
  { text: `t = "${fakeToken(1)}"\n`, rule: 'github-token', inside: 5 },
  { text: `db_password = "${sampler.chars(9, ALPHABETS.alnum)}!7x"\n`, rule: 'generic-password', inside: 15 },
  { text: `seed: ${PHRASE}\n`, rule: 'bip39-seed-phrase', inside: 6 },
  {
    text: `-----BEGIN ${'PRIVATE'} KEY-----\n${KEY}\n-----END ${'PRIVATE'} KEY-----\n`,
    rule: 'private-key',
    inside: 11,
  },
]

const vectors = simdParts(engine.rules)
const fast = vectors && new Windows(new Engine(engine.rules, new Simd(vectors, SIZE)))

function scan(bytes: Buffer, by: Windows = windows): { rule: string; offset: number; line: number }[] {
  by.begin('big.txt')
  by.push(bytes)
  return by.end().map(({ hit, offset, line }) => ({ rule: hit.rule, offset, line }))
}

/** Filler of words and short lines, `length` bytes. */
function filler(length: number): string {
  return 'lorem ipsum dolor sit amet\n'.repeat(Math.ceil(length / 27)).slice(0, length)
}

test('a secret at any offset around any window edge is found once, at its place', () => {
  const edge = fc.integer({ min: 1, max: 3 })
  fc.assert(
    fc.property(
      fc.constantFrom(...SECRETS),
      edge,
      fc.integer({ min: -40_000, max: 40_000 }),
      ({ text, rule, inside }, n, shift) => {
        const at = Math.max(0, n * SIZE + shift)
        const before = at === 0 ? '' : `${filler(at - 1)}\n`
        const bytes = Buffer.from(before + text + filler(30_000), 'latin1')
        const expected = [{ rule, offset: before.length + inside, line: before.split('\n').length }]
        expect(scan(bytes)).toEqual(expected)
        expect(scan(bytes, fast)).toEqual(expected)
      },
    ),
    { numRuns: process.env['MM_VERIFY'] === '1' ? 3000 : 150 },
  )
}, 600_000)

test('every offset around the first edge, one by one', () => {
  const [token] = SECRETS
  if (token === undefined) throw new Error('no secret')
  const first = SIZE - (24 << 10)
  const step = process.env['MM_VERIFY'] === '1' ? 1 : 7
  for (let at = first - 120; at < first + 120; at += step) {
    const found = scan(Buffer.from(`${filler(at - 1)}\n${token.text}${filler(SIZE)}`, 'latin1'))
    expect(found.length, `offset ${at}`).toBe(1)
  }
})

test('UTF-16 text is found in both byte orders', () => {
  const text = `\ufeffapi_secret = "${sampler.chars(36, ALPHABETS.alnum)}"\n`
  const little = Buffer.from(text, 'utf16le')
  for (const bytes of [little, Buffer.from(little).swap16()])
    expect(scan(bytes).map(({ rule }) => rule)).toEqual(['generic-secret'])
  const noMark = Buffer.from(`token = "${fakeToken(3)}"\n${'plain text\n'.repeat(30)}`, 'utf16le')
  expect(scan(noMark).map(({ rule }) => rule)).toEqual(['github-token'])
})

test('bytes of an earlier source never leak into the next', () => {
  expect(scan(Buffer.from(`t = "${fakeToken(4)}"`)).length).toBe(1)
  expect(scan(Buffer.from('t = "short"'))).toEqual([])
  expect(scan(Buffer.alloc(0))).toEqual([])
})

test('in binary files only strong rules run', () => {
  const bytes = Buffer.concat([
    Buffer.from([0, 1, 2, 0]),
    Buffer.from(`x${'\0'}${fakeToken(5)}\0password = "Abc!12345xyz"\0`),
  ])
  expect(scan(bytes).map(({ rule }) => rule)).toEqual(['github-token'])
})
