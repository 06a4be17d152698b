import { describe, expect, test } from 'vitest'
import { foundCases } from '../../src/core/scan/cases.ts'
import type { Engine } from '../../src/core/scan/engine.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { BIP39_WORDS } from '../../src/core/scan/bip39-words.ts'
import { newEngine } from './helpers.ts'

const SMALL = 256 << 10
const { rules } = await builtInRules()
const engine = await newEngine()

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
  'list words': BIP39_WORDS.split(' ').slice(0, 11).join(' ').concat(' '),
  'base64 of base64': Buffer.from(Buffer.from('password = "abcdefgh" ').toString('base64').repeat(3)).toString(
    'base64',
  ),
  'hex of text': Buffer.from('secret: value and more text ').toString('hex'),
  'equals signs': 'token==',
  percents: '%3D%22token',
  backslashes: '\\"token\\":\\"',
  colons: 'secret:::',
  numbers: '[1,2,3,',
  'random values': 'key="k3J9xQ2mZ8vB4nL7pR1t",',
}

/** Smallest CPU time of several runs, in microseconds. */
function cost(one: Engine, text: Buffer, runs: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < runs; n++) {
    const start = process.cpuUsage()
    one.scan({ buf: text, from: 0, end: text.length, path: 'a.txt', isBinary: false })
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, user + system)
  }
  return best
}

/** Four times the text may cost five times the work; below the floor the clock decides, not the engine. */
function isLinear(unit: string): boolean {
  const fill = (size: number) => Buffer.from(unit.repeat(Math.ceil(size / unit.length)).slice(0, size), 'latin1')
  const FLOOR_US = 8000
  for (let tries = 0; tries < 4; tries++) {
    const small = Math.max(FLOOR_US, cost(engine, fill(SMALL), tries + 1))
    if (cost(engine, fill(4 * SMALL), tries + 1) <= 5 * small) return true
  }
  return false
}

describe('1 MiB of it costs at most five times 256 KiB', () => {
  test.each(Object.entries(ADVERSARIES))('%s', (_, unit) => expect(isLinear(unit)).toBe(true), 60_000)

  test('of the beginnings and values of each rule', () => {
    const step = process.env['MM_VERIFY'] === '1' ? 1 : 24
    for (let i = 0; i < rules.length; i += step) {
      const rule = rules[i]
      const [sample] = rule === undefined ? [] : foundCases(rule, 5)
      if (rule === undefined || sample === undefined) continue
      const text = sample.text.trim()
      expect(isLinear(text.slice(0, Math.ceil(text.length * 0.8))), rule.id).toBe(true)
    }
  }, 900_000)
})
