import { describe, expect, test } from 'vitest'
import { foundCases } from '../../src/core/scan/cases.ts'
import { loadMatcher } from '../../src/core/scan/match.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { fakeToken, newEngine, scanText } from './helpers.ts'

const matcher = await loadMatcher()
const { rules } = await builtInRules()

describe('find', () => {
  test('says rule, tier and place, in characters of a string', () => {
    const token = fakeToken(1)
    const text = `größe: "ü", token = "${token}" # Ende`
    const [span, ...others] = matcher.find(text)
    expect(others).toEqual([])
    expect(span).toMatchObject({ rule: 'github-token' })
    expect(text.slice(span?.start, span?.end)).toBe(token)
  })

  test('in bytes of bytes', () => {
    const bytes = Buffer.from(`ü ${fakeToken(2)}`, 'utf8')
    const [span] = matcher.find(bytes)
    expect(bytes.toString('utf8', span?.start, span?.end)).toBe(fakeToken(2))
  })

  test('answers as the scanner does, for the positives of each rule', async () => {
    const engine = await newEngine()
    for (const rule of rules) {
      for (const { text } of foundCases(rule, 11)) {
        const ruleIds = scanText(engine, text, '').map((hit) => hit.rule)
        expect(
          matcher
            .find(text)
            .map((span) => span.rule)
            .sort(),
          text,
        ).toEqual(ruleIds.sort())
      }
    }
  })

  test('forgets a text before the next: nothing of a long one is seen behind a short one', () => {
    const s = new Sampler(3)
    const key = s.chars(36, ALPHABETS.alnum)
    expect(matcher.find(`${'x '.repeat(40)} https://api.bybit.com ${'x '.repeat(40)}`)).toEqual([])
    const spans = matcher.find(`api_secret = "${key}"`)
    expect(spans.map(({ rule }) => rule)).toEqual(['generic-secret'])
    const near = matcher.find(`bybit: api_secret = "${key}"`)
    expect(near.map(({ rule }) => rule)).toEqual(['bybit-api-secret'])
  })

  test('reads texts longer than its own buffer', () => {
    const text = `${'a line of prose, and another one. '.repeat(2000)}\n${fakeToken(4)}\n`
    expect(text.slice(matcher.find(text)[0]?.start).trim()).toBe(fakeToken(4))
  })
})

describe('redact', () => {
  test('takes out every secret of the positives, and leaves the rest of the text', () => {
    for (const rule of rules) {
      for (const { text, tier } of foundCases(rule, 23)) {
        // A list of numbers is a key only when it is all of a file.
        if (tier === 'review' || rule.id === 'solana-keypair-file') continue
        const before = `<<< ${text} >>>`
        const out = matcher.redact(before)
        expect(out, text).toContain('[secret]')
        expect(out.startsWith('<<< ') && out.endsWith(' >>>'), out).toBe(true)
        const left = matcher.find(out).filter(({ tier: found }) => found !== 'review')
        expect(left, out).toEqual([])
      }
    }
  })

  test('returns the same string when there is nothing to take out', () => {
    const text = '{"level":"info","msg":"order placed","orderLinkId":"mm-01J9ZQ8X7K-000123","price":"64123.5"}'
    expect(matcher.redact(text)).toBe(text)
  })
})
