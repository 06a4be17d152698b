/** The vector finders against the plain ones: another program in another language that must lead to the same hits. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { assemble } from '../../scripts/wat.ts'
import { foundCases } from '../../src/core/scan/cases.ts'
import { Engine } from '../../src/core/scan/engine.ts'
import { STEMS } from '../../src/core/scan/finder.ts'
import type { Hit } from '../../src/core/scan/rule.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, parsePattern, Sampler } from '../../src/core/scan/sample.ts'
import { SIMD_CODE } from '../../src/core/scan/simd-code.ts'
import { positionSets, WINDOW_MAX } from '../../src/core/scan/simd-tables.ts'
import { Simd, simdParts } from '../../src/core/scan/simd.ts'

const RUNS = process.env['MM_VERIFY'] === undefined ? 300 : 20_000
const rules = await builtInRules()
const plain = new Engine(rules)
let simd: Simd
let fast: Engine

beforeAll(() => {
  const parts = simdParts(rules)
  if (parts === undefined) throw new Error('this Node has no WebAssembly vectors')
  simd = new Simd(parts)
  fast = new Engine(rules, simd)
})

/** Hits of both engines; what an earlier text left behind the end must not matter. */
function both(text: Buffer, path: string, isBinary: boolean): { plain: Hit[]; fast: Hit[] } {
  simd.window.fill(0x25, text.length, Math.min(WINDOW_MAX, text.length + 80))
  text.copy(simd.window)
  const input = { from: 0, end: text.length, path, isBinary }
  const guarded = Buffer.alloc(text.length + 80, 0x25)
  text.copy(guarded)
  return { plain: plain.scan({ buf: guarded, ...input }), fast: fast.scan({ buf: simd.window, ...input }) }
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 })
const glue = fc.constantFrom(
  ' ',
  '\n',
  '"',
  "'",
  '=',
  ': ',
  '\\n',
  '\\u0022',
  '%3D',
  '.',
  '/',
  '_',
  '-',
  '@',
  '://',
  '(',
  ': |\n  ',
  ' <- ',
  ' || ',
  '\\r',
  ', ',
  '#',
  '`',
)
const word = fc.oneof(
  fc.constantFrom(
    ...STEMS,
    'password',
    'apiKey',
    'SECRET',
    'token',
    '--password',
    'export ',
    'acme_api_',
    'sk-live-',
    'value',
    'default',
    'requirepass',
    'secretAccessKey',
    'x',
    '//',
  ),
  seeds.map((seed) => new Sampler(seed).chars(1 + (seed % 70), ALPHABETS.base64url)),
  seeds.map((seed) => new Sampler(seed).chars(16 + (seed % 60), ALPHABETS.hex)),
  seeds.map((seed) => new Sampler(seed).uuid()),
  seeds.map((seed) => '#-=_/+'.charAt(seed % 6).repeat(12 + (seed % 90))),
  fc.stringMatching(/^(?:[A-Z]{1,7}\d?_|[A-Z][a-z]{1,5}_|[a-z]{2,5}\d?_|[a-zA-Z0-9]{1,5}_?){2,7}$/),
  fc.constantFrom('#define ', '# define ', ' #define  '),
  seeds.map((seed) => sampleOf(seed)),
  seeds.map((seed) => `api_secret = "${new Sampler(seed).chars(16 + (seed % 50), ALPHABETS.alnum)}"`),
  fc.stringMatching(/^[a-z]{1,9}(?: [a-z]{3,8}){0,16}$/),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const text = fc
  .array(fc.tuple(word, glue), { minLength: 1, maxLength: 24 })
  .map((parts) => Buffer.from(parts.flat().join(''), 'latin1'))

const before = fc.constantFrom(
  '',
  ' ',
  '\n',
  '-',
  '--',
  'env ',
  'ENV\t',
  'arg ',
  '#define ',
  'set -x ',
  'set -gx ',
  'setx ',
  'setenv ',
  'export ',
  'declare -r ',
  'var ',
  'the ',
  'x.',
  '"',
  "'",
  '`',
  '\\"',
  '<',
  '</',
  '{',
  '(',
  '[',
  'String ',
  'const ',
  '\\n',
  '%22',
  '$env:',
  'a: ',
)
const name = fc.constantFrom(
  'password',
  'passwd',
  'requirepass',
  'masterauth',
  'secret',
  'token',
  'credentials',
  'PWD_',
  'pwd',
  'apiKeySecret',
  'passed',
  'tokens.a',
  'secret-key',
  'pass',
  'keepass',
  'Token',
  'i_key',
  'client_secret',
  'accessToken',
  'password1',
  'this.secret',
)
const closer = fc.constantFrom(
  '',
  '',
  '',
  ' ',
  '"',
  "'",
  '`',
  '"]',
  ')',
  '\\"',
  ' \t',
  ')))',
  '\\n',
  '" ',
  ' str',
  ' string ',
)
const operator = fc.constantFrom(
  '=',
  ' = ',
  '==',
  '===',
  '!=',
  '=>',
  '=~',
  ':',
  ': ',
  ':=',
  '::',
  '::=',
  ': str = ',
  ': Option<String> = ',
  ': a == ',
  ',',
  ', ',
  ',\n',
  '(',
  '>',
  '.=',
  '+=',
  '?=',
  '|=',
  '||',
  '||=',
  '??',
  '??=',
  '?:',
  '!:',
  '->',
  '<-',
  '.',
  '+',
  '-',
  '?',
  '|',
  '!',
  '<',
  ' ',
  '',
  '\n',
  '\r\n  ',
  ': |\n  ',
  ': >-\n    ',
  '>\n  ',
  '=\n',
  '=\n\t"',
  ' or ',
  '", "value": ',
  '",\n  value = ',
  '</key>\n<string>',
  ' { default = ',
  ';\nvalue: ',
)
const lead = fc.constantFrom(
  '',
  '',
  '"',
  "'",
  '`',
  'b"',
  "u'",
  '@"',
  '$"',
  '\\"',
  '@\\"',
  'r',
  'b',
  'Bearer ',
  'basic ',
  '$',
  '@',
  '|',
  '>',
  '\t ',
  '(',
)
const value = fc.oneof(
  seeds.map((seed) => new Sampler(seed).chars(1 + (seed % 40), ALPHABETS.alnum)),
  seeds.map((seed) => `sha512-${new Sampler(seed).chars(86, ALPHABETS.base64)}==`),
  seeds.map((seed) => `sha256-${new Sampler(seed).chars(43, ALPHABETS.base64)}=`),
  seeds.map((seed) => new Sampler(seed).chars(190 + (seed % 20), ALPHABETS.alnum)),
  fc.constantFrom(
    'hunter2',
    'Tr0ub4dor&3',
    'a b c 1 2 3',
    'foo(bar1)',
    'x\\"y1z2w3',
    'abc\\ d1ef',
    'string',
    'p@ss w0rd',
    'S3cr3t!x',
    'true',
    '12345678',
  ),
)
const trail = fc.constantFrom('', '"', "'", '`', '\\"', ';', ',', ' ', '\n', ')', '",\n', '</string>', '==', '%22')
/** Assignments as languages write them, and as nobody does. */
const assignments = fc
  .array(fc.tuple(before, name, closer, operator, lead, value, trail), { minLength: 1, maxLength: 4 })
  .map((all) => Buffer.from(all.flat().join(''), 'latin1'))

/** A secret of some rule. */
function sampleOf(seed: number): string {
  const samples = [...foundCases(rules.rules[seed % rules.rules.length] ?? raise(), seed)]
  return samples[seed % Math.max(1, samples.length)]?.text ?? ''
}

function raise(): never {
  throw new RangeError('no rule')
}

describe('the same hits', () => {
  test('in texts of names, values, tokens, prose and noise', () => {
    let count = 0
    fc.assert(
      fc.property(text, fc.constantFrom('a.ts', 'a.env'), fc.boolean(), (bytes, path, isBinary) => {
        const hits = both(bytes, path, isBinary)
        count += hits.plain.length
        expect(hits.fast).toEqual(hits.plain)
      }),
      { numRuns: RUNS },
    )
    expect(count).toBeGreaterThan(RUNS / 10)
  })

  test('in assignments of every form', () => {
    let count = 0
    fc.assert(
      fc.property(assignments, fc.constantFrom('a.ts', 'a.env', 'README'), (bytes, path) => {
        const hits = both(bytes, path, false)
        count += hits.plain.length
        expect(hits.fast).toEqual(hits.plain)
      }),
      { numRuns: 4 * RUNS },
    )
    expect(count).toBeGreaterThan(RUNS / 4)
  })

  test('for every sample of every rule, at every distance from a block of sixteen', () => {
    for (const [index, rule] of rules.rules.entries()) {
      for (const sample of foundCases(rule, 7)) {
        const hits = both(Buffer.from(' '.repeat(index % 16) + sample.text, 'latin1'), 'a.env', false)
        expect(hits.fast).toEqual(hits.plain)
      }
    }
  })

  const word = fc.stringMatching(/^(?:[a-z]{1,6}\d?|[A-Z]{1,4}\d?|\d{1,2}[a-z]?|api|sk|live|pub)$/)
  const beginning = fc
    .tuple(fc.array(fc.tuple(word, fc.constantFrom('_', '-')), { minLength: 1, maxLength: 3 }), seeds)
    .map(([words, seed]) => words.flat().join('') + new Sampler(seed).chars(20 + (seed % 20), ALPHABETS.alnum))

  test('in tokens that name themselves', () => {
    let count = 0
    fc.assert(
      fc.property(fc.array(beginning, { minLength: 1, maxLength: 4 }), (tokens) => {
        const hits = both(Buffer.from(tokens.join(' '), 'latin1'), 'a.ts', false)
        count += hits.plain.filter(({ rule }) => rule === 'self-named-token').length
        expect(hits.fast).toEqual(hits.plain)
      }),
      { numRuns: 4 * RUNS },
    )
    expect(count).toBeGreaterThan(RUNS / 4)
  })

  test.each([
    ['runs', 300_000, (s: Sampler) => `${s.chars(24, ALPHABETS.hex)} `],
    ['names', 140_000, () => 'pwd='],
    ['addresses', 560_000, (s: Sampler) => `a://b:${s.chars(6, ALPHABETS.alnum)}@c `],
  ])('when there are more %s than the list has room for', (_, length, one) => {
    const sampler = new Sampler(3)
    let all = ''
    while (all.length < length) all += one(sampler)
    const hits = both(Buffer.from(all, 'latin1'), 'a.env', false)
    expect(hits.fast).toEqual(hits.plain)
  })
})

function offsetsOf(text: string, needle: string): number[] {
  const out: number[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) out.push(at)
  return out
}

/** The last byte of `behind` that stands in the last word of `text` ends `behind`. */
function endsBehind(text: string, behind: string): boolean {
  const word = text.slice(text.search(/[^\x00-\x20\x7f-\xff"'`<>]*$/))
  return (
    text.slice(0, text.length - word.length + word.lastIndexOf(behind.at(-1) ?? '') + 1).endsWith(behind) &&
    word.includes(behind.at(-1) ?? '')
  )
}

describe('finders', () => {
  test('needles are found like indexOf finds them', () => {
    const needles = rules.detectors
      .map(({ needle, rule }) => ({ needle, behind: rule.detect?.behind ?? '' }))
      .filter(({ needle }) => needle !== '')
    const parts = needles.flatMap(({ needle, behind }) => [needle, needle.slice(0, -2), needle.slice(-2), behind])
    const pieces = fc.oneof(
      fc.constantFrom(...parts, ' ', '/', 'x'),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    )
    let count = 0
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 80 }), (texts) => {
        const text = texts.join('')
        Buffer.from(text, 'latin1').copy(simd.window)
        simd.needles(0, 0, text.length)
        const found: number[][] = needles.map(() => [])
        for (let k = 0; k < simd.found.count; k += 2) found[simd.found.at[k + 1] ?? -1]?.push(simd.found.at[k] ?? -1)
        const expected = needles.map(({ needle, behind }) =>
          offsetsOf(text, needle).filter(
            (at) => behind === '' || endsBehind(text.slice(Math.max(0, at - 256), at), behind),
          ),
        )
        count += expected.flat().length
        expect(found).toEqual(expected)
      }),
      { numRuns: RUNS },
    )
    expect(count).toBeGreaterThan(RUNS / 4)
  })

  test('what a pattern makes fits the sets of its places', () => {
    const patterns = rules.rules.flatMap(({ tokens = [] }) => tokens.map(({ pattern }) => pattern))
    for (const [index, pattern] of patterns.entries()) {
      const sets = positionSets(parsePattern(pattern))
      const made = new Sampler(index + 1).fromPattern(pattern)
      expect(made.length).toBeGreaterThanOrEqual(sets.length)
      expect(sets.every((set, i) => [...set].some((chars) => chars.includes(made[i] ?? '')))).toBe(true)
      expect(positionSets(parsePattern(pattern, 24))).toEqual(sets)
    }
  })
})

describe('the code', () => {
  test('simd-code.ts is simd.wat, assembled', () => {
    const bytes = assemble(readFileSync('src/core/scan/simd.wat', 'utf8'))
    expect(Buffer.from(bytes).toString('base64')).toBe(SIMD_CODE)
  })

  test.each([
    ['an unknown instruction', '(func $a (i32.rotl (i32.const 1)))'],
    ['an unknown local', '(func $a (drop (local.get $b)))'],
    ['an unknown label', '(func $a (br $b))'],
    ['an open bracket', '(func $a'],
  ])('the assembler refuses %s', (_, func) => {
    expect(() => assemble(`(module (import "a" "b" (memory 1)) ${func})`)).toThrow(SyntaxError)
  })
})
