/** The log redactor: secrets nobody named are recognised, lines stay JSON, ids of orders stay readable. */
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/domain/secret.ts'
import { Redactor } from '../../src/core/runtime/redact.ts'
import { foundCases } from '../../src/core/scan/cases.ts'
import { loadMatcher } from '../../src/core/scan/match.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'

const matcher = await loadMatcher()
const { rules } = await builtInRules()

function redactor(): Redactor {
  const one = new Redactor()
  one.recognise(matcher)
  return one
}

test('a value that a rule recognises never reaches a line, and the line stays JSON', () => {
  const one = redactor()
  const kept: string[] = []
  for (const rule of rules) {
    for (const { text, tier } of foundCases(rule, 31)) {
      // A list of numbers is a key only when it is all of a file.
      if (tier === 'review' || rule.id === 'solana-keypair-file') continue
      const line = one.cleanJson(`${JSON.stringify({ level: 'error', msg: text })}\n`)
      expect(() => void JSON.parse(line), text).not.toThrow()
      if (!/\[secret\]|withheld/.test(line)) kept.push(line)
    }
  }
  expect(kept).toEqual([])
})

test('known values are taken out by value, whatever they look like', () => {
  const one = redactor()
  one.add(new Secret('correct horse'))
  expect(one.clean('it said "correct horse" twice: correct horse')).toBe('it said "[secret]" twice: [secret]')
})

test('ids, prices and hashes of a log stay', () => {
  const s = new Sampler(5)
  const one = redactor()
  for (let n = 0; n < 2000; n++) {
    const line = JSON.stringify({
      time: '2026-11-22T16:20:00.000Z',
      msg: 'order placed',
      orderId: s.uuid(),
      orderLinkId: `mm${s.chars(4, ALPHABETS.lower)}-${s.chars(12, ALPHABETS.base32)}`,
      execId: s.chars(32, ALPHABETS.hex),
      configHash: s.chars(64, ALPHABETS.hex),
      reqId: s.chars(18, ALPHABETS.alnum),
      traceId: s.chars(32, ALPHABETS.hex),
      price: `${s.below(90_000)}.5`,
    })
    expect(one.cleanJson(line)).toBe(line)
  }
})
