import { describe, expect, test } from 'vitest'
import { foundCases } from '../../src/core/scan/cases.ts'
import type { Engine } from '../../src/core/scan/engine.ts'
import type { Rule } from '../../src/core/scan/rule.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { BIP39_WORDS } from '../../src/core/scan/bip39-words.ts'
import { mnemonicOf } from '../../src/core/scan/seed-phrase.ts'
import { newEngine } from './helpers.ts'

const SMALL = 256 << 10
const { rules } = await builtInRules()
const engine = await newEngine()

const words = BIP39_WORDS.split(' ')
const sampler = new Sampler(13)
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const SETTINGS = 'DEBUG=1 and no secret at all, '.repeat(8)
const lines = (text: string, columns: number, separator: string) =>
  (text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []).join(separator) + separator

/** Text that makes some part of the engine work as hard as it can. */
const ADVERSARIES: Readonly<Record<string, string>> = {
  'token beginnings': ['gh', 'p_', 'gl', 'pat-', 'sk_', 'live_', 'AK', 'IA', 'xo', 'xb-1-', 'ey', 'J'].join(''),
  'one long run': 'aB3',
  dots: 'a1B2c3D4e5F6g7H8i9.',
  'names without values': 'password secret_token api_key ',
  'names and operators': 'password=secret=token=passwd=',
  quotes: `password="\\"'\``,
  brackets: 'secret([{(',
  'at signs': 'a:b@',
  'slashes and at signs': '://a:b@',
  'key headers': `-----BEGIN ${'PRIVATE'} KEY-----\n`,
  'list words': words.slice(0, 11).join(' ').concat(' '),
  'list words without end': `${words.join('\n')}\n`,
  'list words far apart': words.slice(0, 11).join(' '.repeat(31)).concat(' zz '),
  'list words with gaps of ever another kind': words.map((word, i) => word + ' ,.|'.repeat(1 + (i % 7))).join(''),
  'numbered rows of list words': words.map((word, i) => `${i % 12}. ${word}${i % 12 === 11 ? '\n' : ' '}`).join(''),
  'seed phrases, one a line': Array.from({ length: 40 }, () => `${mnemonicOf(sampler.bytes(16))}\n`).join(''),
  'words of no list': 'abandons abilitys ',
  'base64 of base64': Buffer.from(Buffer.from('password = "abcdefgh" ').toString('base64').repeat(3)).toString(
    'base64',
  ),
  'base64 in lines': lines(base64(SETTINGS), 64, '\n'),
  'base64 in lines of another quantum': lines(base64(SETTINGS), 70, '\n'),
  'base64 in lines of ever another length': Array.from({ length: 40 }, (_, i) =>
    base64(SETTINGS.slice(0, 24 + i)),
  ).join('\n'),
  'base64 between ever other marks': Array.from(
    { length: 40 },
    (_, i) => base64(SETTINGS.slice(0, 48)) + ' \n'.repeat(i),
  ).join(''),
  'base64 of base64 in lines': lines(base64(lines(base64(SETTINGS), 76, '\n')), 76, '\n'),
  'lines of noise': lines(sampler.chars(64 * 64, ALPHABETS.base64), 64, '\n'),
  'lines of noise and one of text': `${lines(sampler.chars(64 * 512, ALPHABETS.base64), 64, '\n')}${base64(SETTINGS.slice(0, 48))}\n`,
  'line ends written out': lines(base64(SETTINGS), 64, '\\n'),
  'beginnings of dumps': '00000000: 6161\n00000010: 6161\n',
  'a dump': Array.from(
    { length: 4096 },
    (_, i) => `${(16 * i).toString(16).padStart(8, '0')}: ${'6162 '.repeat(8)}\n`,
  ).join(''),
  'separators only': '"\n+ "',
  'UTF-16 in base64': Buffer.from(SETTINGS, 'utf16le').toString('base64'),
  'hex of text': Buffer.from('secret: value and more text ').toString('hex'),
  'hex in lines': lines(Buffer.from(SETTINGS).toString('hex'), 60, '\n'),
  'hex after 0x': `0x${Buffer.from(SETTINGS.slice(0, 40)).toString('hex')} `,
  'equals signs': 'token==',
  percents: '%3D%22token',
  'names in percent encoding': 'password%3D%25',
  backslashes: '\\"token\\":\\"',
  'backslashes and n': '\\n',
  colons: 'secret:::',
  numbers: '[1,2,3,',
  'random values': 'key="k3J9xQ2mZ8vB4nL7pR1t",',
}

/** CPU time of one scan, in microseconds: what other processes do meanwhile does not count. */
function cost(one: Engine, text: Buffer): number {
  const start = process.cpuUsage()
  one.scan({ buf: text, from: 0, end: text.length, path: 'a.txt', isBinary: false })
  const { user, system } = process.cpuUsage(start)
  return user + system
}

/**
 * Four times the text may cost five times the work; below the floor the clock decides, not the engine. The small text is
 * measured before and after the large one, in the same weather, and the lesser counts; more tries are made only when one was
 * not enough: noise adds, it never takes away.
 */
function isLinear(unit: string): boolean {
  const large = Buffer.from(unit.repeat(Math.ceil((4 * SMALL) / unit.length)).slice(0, 4 * SMALL), 'latin1')
  const small = large.subarray(0, SMALL)
  let before = cost(engine, small)
  for (let tries = 0; tries < 8; tries++) {
    const whole = cost(engine, large)
    const after = cost(engine, small)
    if (whole <= 5 * Math.max(FLOOR_US, Math.min(before, after))) return true
    before = after
  }
  return false
}

const FLOOR_US = 8000

/** What a rule looks for, again and again: its sample cut short, its beginning alone, its name without a value. */
function unitsOf(rule: Rule): string[] {
  const [sample] = foundCases(rule, 5)
  const text = sample?.text.trim() ?? ''
  const beginnings = (rule.tokens ?? []).slice(0, 1).map(({ pattern, anchors }) => {
    const token = anchors?.[0] ?? new Sampler(5).fromPattern(pattern)
    return token.slice(0, Math.max(4, token.length >> 2))
  })
  const names = (rule.named ?? []).slice(0, 1).map(({ names: [name = ''] }) => `${name}_api_secret=`)
  const needles =
    rule.detect === undefined || rule.detect.needle === '' ? [] : [`${rule.detect.behind ?? ''}${rule.detect.needle}`]
  // Hits cost most: six thousand in 1 MiB show what grows with their square as well as twenty thousand.
  const cut = text === '' ? '' : text.slice(0, Math.ceil(text.length * 0.8)).padEnd(160, ' lorem ipsum')
  return [cut, ...beginnings, ...names, ...needles].filter((unit) => unit !== '')
}

describe('1 MiB of it costs at most five times 256 KiB', () => {
  test.each(Object.entries(ADVERSARIES))('%s', (_, unit) => expect(isLinear(unit)).toBe(true), 120_000)

  test('of the beginnings, names and values of each rule', () => {
    const step = process.env['MM_VERIFY'] === '1' ? 1 : 24
    for (let i = 0; i < rules.length; i += step) {
      const rule = rules[i]
      for (const unit of rule === undefined ? [] : unitsOf(rule))
        expect(isLinear(unit), `${rule?.id}: ${unit}`).toBe(true)
    }
  }, 900_000)
})
