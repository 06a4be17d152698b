import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
const LIST = PHRASE.split(' ')
  .map((word, i) => `${i + 1}. ${word}\n`)
  .join('')
const SETTINGS = `# settings of a program\nDEBUG=false\nGITHUB_TOKEN=${fakeToken(2)}\nREGION=eu-west-1\nMORE=no secret here\n`

/** Text in base64 over lines, and where the token in it begins. */
function wrapped(columns: number): { text: string; rule: string; inside: number } {
  const char = Math.floor((SETTINGS.indexOf(fakeToken(2)) * 4) / 3)
  const base64 = Buffer.from(SETTINGS).toString('base64')
  const text = base64.replace(new RegExp(`.{1,${columns}}`, 'g'), '$&\n')
  return { text: `data: |\n${text}`, rule: 'github-token', inside: 8 + char + Math.floor(char / columns) }
}

const SECRETS: readonly { text: string; rule: string; inside: number }[] = [
  { text: `words\n${LIST}words\n`, rule: 'bip39-seed-phrase', inside: 9 },
  { text: `["${LIST.match(/[a-z]+/g)?.join('",\n  "')}"]\n`, rule: 'bip39-seed-phrase', inside: 2 },
  wrapped(76),
  wrapped(64),
  wrapped(50),
  {
    text: `GET /?q=${encodeURIComponent(`token=${fakeToken(2)}`)}&x=1 HTTP/1.1\n`,
    rule: 'github-token',
    inside: 16,
  },
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
        const expected = [
          { rule, offset: before.length + inside, line: (before + text.slice(0, inside)).split('\n').length },
        ]
        expect(scan(bytes)).toEqual(expected)
        expect(scan(bytes, fast)).toEqual(expected)
      },
    ),
    { numRuns: process.env['MM_VERIFY'] === '1' ? 3000 : 150 },
  )
}, 600_000)

describe('every offset around an edge, one by one', () => {
  const step = process.env['MM_VERIFY'] === '1' ? 1 : 97
  // Where hits are left to the next window, where a window ends, and where the next one begins.
  const edges = [SIZE - (24 << 10), SIZE, SIZE - (32 << 10)]

  test.each(SECRETS.map(({ rule, text }, i) => [`${i} ${rule}`, text]))('%s', (_, text) => {
    for (const edge of edges) {
      for (let at = edge - text.length - 40; at < edge + 40; at += step) {
        const bytes = Buffer.from(`${filler(at - 1)}\n${text}${filler(SIZE)}`, 'latin1')
        for (const by of fast === undefined ? [windows] : [windows, fast])
          expect(scan(bytes, by).length, `offset ${at}`).toBe(1)
      }
    }
  })
})

test.each([76, 70, 50])('secrets all over a text in base64 of %i columns that is longer than windows', (columns) => {
  const plain = Array.from(
    { length: 300 },
    (_, i) => `${'a line of words and more\n'.repeat(i % 30)}token=${fakeToken(i)}\n`,
  )
  const base64 = Buffer.from(plain.join('')).toString('base64')
  const text = base64.replace(new RegExp(`.{1,${columns}}`, 'g'), '$&\n')
  const expected = Array.from({ length: 300 }, (_, i) => {
    const char = Math.floor((plain.join('').indexOf(fakeToken(i)) * 4) / 3)
    return { rule: 'github-token', offset: char + Math.floor(char / columns), line: 1 + Math.floor(char / columns) }
  })
  expect(scan(Buffer.from(text))).toEqual(expected)
  if (fast !== undefined) expect(scan(Buffer.from(text), fast)).toEqual(expected)
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
