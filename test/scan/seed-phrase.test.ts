/** Seed phrases however they are set, and lists of words that are none. */
import { describe, expect, test } from 'vitest'
import { BIP39_WORDS } from '../../src/core/scan/bip39-words.ts'
import { Engine } from '../../src/core/scan/engine.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { Sampler } from '../../src/core/scan/sample.ts'
import { GAP_MAX } from '../../src/core/scan/phrase-finder.ts'
import { mnemonicOf } from '../../src/core/scan/seed-phrase.ts'
import { Simd, simdParts } from '../../src/core/scan/simd.ts'
import { scanText } from './helpers.ts'

const rules = await builtInRules()
const plain = new Engine(rules)
const parts = simdParts(rules)
const fast = parts === undefined ? plain : new Engine(rules, new Simd(parts))
const COUNT = process.env['MM_VERIFY'] === '1' ? 200 : 4

const titled = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
const numbered = (words: readonly string[], mark: string) => words.map((word, i) => `${i + 1}${mark}${word}`)
const rows = (words: readonly string[], size: number) =>
  Array.from({ length: Math.ceil(words.length / size) }, (_, i) => words.slice(i * size, (i + 1) * size))

function wrapped(words: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

const FORMS: Readonly<Record<string, (words: readonly string[]) => string>> = {
  line: (w) => `seed: ${w.join(' ')}`,
  'line after its label': (w) => `seed phrase ${w.join(' ')}`,
  sentence: (w) => `The seed phrase is ${w.join(' ')}. Keep it.`,
  'capital letters': (w) => w.join(' ').toUpperCase(),
  'first letters in capitals': (w) => w.map(titled).join(' '),
  'one capital': (w) => titled(w.join(' ')),
  'numbered in a line': (w) => numbered(w, '. ').join(' '),
  'numbered without blanks': (w) => numbered(w, '.').join(' '),
  'numbered lines': (w) => `Words:\n ${numbered(w, ') ').join('\n ')}`,
  'numbered and aligned': (w) => w.map((word, i) => `${String(i + 1).padStart(2)}: ${word.padEnd(9)}`).join('\r\n'),
  'rows of three': (w) =>
    rows(numbered(w, '. '), 3)
      .map((row) => row.join('   '))
      .join('\n'),
  'YAML list': (w) => `mnemonic:\n  - ${w.join('\n  - ')}\nnext: 1`,
  'YAML list in quotes': (w) => `mnemonic:\n  - "${w.join('"\n  - "')}"`,
  bullets: (w) => `\xe2\x80\xa2 ${w.join('\n\xe2\x80\xa2 ')}`,
  'JSON in a line': (w) => JSON.stringify({ mnemonic: w }),
  'JSON over lines': (w) => JSON.stringify({ a: { b: { mnemonic: w } } }, null, 4),
  'JSON in JSON': (w) => JSON.stringify(JSON.stringify({ mnemonic: w }, null, 2)),
  'JSON in JSON in JSON': (w) => JSON.stringify(JSON.stringify(JSON.stringify(w))),
  commas: (w) => w.join(','),
  dashes: (w) => w.join('-'),
  tabs: (w) => w.join('\t'),
  'words in quotes': (w) => `'${w.join("' '")}'`,
  'table of numbers and words': (w) => `| # | word |\n|---|---|\n| ${numbered(w, ' | ').join(' |\n| ')} |`,
  'table in rows': (w) =>
    rows(w, 4)
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n'),
  'wrapped lines': (w) => `seed:\n  ${wrapped(w, 40).join('\n  ')}`,
  'wrapped comment': (w) => `# ${wrapped(w, 30).join('\n# ')}`,
  'wrapped array': (w) =>
    `[\n  "${rows(w, 4)
      .map((row) => row.join('", "'))
      .join('",\n  "')}"\n]`,
  'joined strings': (w) => `const m = '${wrapped(w, 40).join(" ' +\n  '")}'`,
  'joined strings, operator first': (w) => `String m = "${wrapped(w, 40).join('"\n      + " ')}";`,
  'strings side by side': (w) => `m = ("${wrapped(w, 40).join(' "\n     "')}")`,
  'lines and empty lines': (w) => w.join('\n\n'),
  'added lines of a patch': (w) => `+  - ${w.join('\n+  - ')}`,
  'in an address': (w) => `GET /x?q=${w.join('%20')}&x=1`,
  CSV: (w) => numbered(w, ',').join('\n'),
}

describe('found by both finders, once', () => {
  test.each(Object.entries(FORMS))('%s', (_, form) => {
    for (let seed = 1; seed <= COUNT; seed++) {
      for (const bytes of [16, 20, 24, 28, 32]) {
        const words = mnemonicOf(new Sampler(seed * 31 + bytes).bytes(bytes)).split(' ')
        const text = `${' '.repeat(seed % 32)}x = 1\n\n${form(words)}\n`
        for (const engine of [plain, fast]) expect(found(engine, text).length, text).toBe(1)
      }
    }
  })

  test('at every distance between the words', () => {
    const words = mnemonicOf(new Sampler(3).bytes(16)).split(' ')
    for (let gap = 1; gap <= GAP_MAX; gap++) {
      for (let shift = 0; shift < 32; shift++) {
        const text = ' '.repeat(shift) + words.join(' '.repeat(gap))
        for (const engine of [plain, fast]) expect(found(engine, text).length, `${gap} ${shift}`).toBe(1)
      }
    }
  })

  test('in the order of its numbers, whatever the order on the page', () => {
    const words = mnemonicOf(new Sampler(5).bytes(32)).split(' ')
    const columns = words.slice(0, 12).map((word, i) => `${i + 1}. ${word}    ${i + 13}. ${words[i + 12]}`)
    expect(found(plain, columns.join('\n')).length).toBe(1)
  })
})

const list = BIP39_WORDS.split(' ')
const byEnding = list.map((word) => [...word].reverse().join('')).sort()
const mixed = byEnding.map((word) => [...word].reverse().join(''))
const sampler = new Sampler(11)
const drawn = (count: number) => Array.from({ length: count }, () => sampler.pick(list))

/** Twelve words of three letters, with a checksum that fits. */
function shortPhrase(): string[] {
  const words = BIP39_WORDS.split(' ')
  const short = words.filter(({ length }) => length === 3)
  for (const seeds = new Sampler(17); ; ) {
    const bits = Array.from({ length: 12 }, () => words.indexOf(seeds.pick(short)).toString(2).padStart(11, '0')).join(
      '',
    )
    const bytes = Array.from({ length: 16 }, (_, n) => Number.parseInt(bits.slice(8 * n, 8 * n + 8), 2))
    const phrase = mnemonicOf(Uint8Array.from(bytes)).split(' ')
    if (phrase.every(({ length }) => length === 3)) return phrase
  }
}

test.each([' ', '. ', ': ', '* ', '.', ' 1 ', ' | '])(
  'twelve short words between %j are found at every offset',
  (gap) => {
    const words = shortPhrase()
    for (let at = 0; at < 64; at++) {
      const text = `${';'.repeat(at)}\n${words.join(gap)}\n${';'.repeat(80)}`
      for (const engine of [plain, fast]) expect(found(engine, text).length, `${at}`).toBe(1)
    }
  },
)

describe('nothing in', () => {
  test.each([
    ['the word list', list.join('\n')],
    ['the word list in code', `[${list.map((word) => `"${word}"`).join(', ')}]`],
    [
      'the word list in rows of twelve',
      rows(list, 12)
        .map((row) => row.join(' '))
        .join('\n'),
    ],
    [
      'the word list in another order',
      rows(mixed, 12)
        .map((row) => row.join(' '))
        .join('\n'),
    ],
    ['the word list, wrapped', wrapped(list, 76).join('\n')],
    ['a numbered word list', numbered(list, '. ').join('\n')],
    ['the first vector of all tests', `${'abandon '.repeat(11)}about`],
    ['thirteen words', `${mnemonicOf(new Sampler(9).bytes(16))} zoo`],
    [
      'words in the order of the list',
      rows([...list], 12)
        .map((row) => `x ${row.join(' ')} x`)
        .join('\n'),
    ],
    [
      'rows of drawn words',
      rows(drawn(12 * 200), 12)
        .map((row) => row.join(' '))
        .join('\n'),
    ],
    [
      'a phrase with two kinds of gap',
      mnemonicOf(new Sampler(9).bytes(16))
        .replace(' ', ': ')
        .replace(/ (?=\w+$)/, ', '),
    ],
  ])('%s', (_, text) => {
    for (const engine of [plain, fast]) expect(found(engine, text)).toEqual([])
  })
})

/** Hits of seed phrases; `fast` scans its own window. */
function found(engine: Engine, text: string): string[] {
  const { simd } = engine
  if (simd === undefined) return scanText(engine, text).map(({ rule }) => rule)
  const bytes = Buffer.from(text, 'latin1')
  bytes.copy(simd.window)
  const hits = engine.scan({ buf: simd.window, from: 0, end: bytes.length, path: 'notes.txt', isBinary: false })
  return hits.map(({ rule }) => rule)
}
