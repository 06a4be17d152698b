import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { sarifToMarkdown } from '@security-alert/sarif-to-markdown'
import { githubAnnotation } from '../../src/core/report/github.ts'
import { junitXml, xmlText } from '../../src/core/report/junit.ts'
import { sarifLog } from '../../src/core/report/sarif.ts'
import { sarifValidator } from './sarif-schema.ts'

const validate = sarifValidator()

const result = {
  rule: 'r1',
  level: 'error',
  message: 'found',
  path: 'a b/ü.txt',
  line: 3,
  column: 2,
  fingerprint: 'f'.repeat(32),
} as const
const log = sarifLog({
  tool: 'mm test',
  version: '1.2.3',
  rules: [
    { id: 'r1', title: 'rule one', help: 'what it means', securitySeverity: 8, tags: ['security'] },
    { id: 'r2', title: 'unused', help: 'never' },
  ],
  results: [result, { ...result, suppressed: 'known', line: 0 }, { ...result, path: 'bad\ud800name' }],
  failures: ['not read: x: permission denied'],
  isComplete: false,
})

describe('SARIF', () => {
  test('is valid against the 2.1.0 schema, full and empty', () => {
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true)
    expect(validate(sarifLog({ tool: 't', version: '1', rules: [], results: [], isComplete: true }))).toBe(true)
    expect(validate({ version: '2.1.0' })).toBe(false)
  })

  test('is accepted by another reader', () => {
    const [markdown] = sarifToMarkdown({ title: 'Report', owner: 'o', repo: 'r', branch: 'main', sourceRoot: '' })(
      log as never,
    )
    expect(markdown?.body).toContain('r1')
    expect(markdown?.body).toMatch(/found/)
  })

  test('lists only rules with results, and escapes paths', () => {
    const text = JSON.stringify(log)
    expect(text).toContain('a%20b/%C3%BC.txt')
    expect(text).not.toContain('unused')
  })
})

describe('JUnit', () => {
  const nasty = 'a<b>&"\u0000\u001b[31m\n]]>'
  const cases = [
    { name: 'one', group: 'g', failure: { type: 'rule', message: nasty } },
    { name: nasty, group: 'g', skipped: 'allowed' },
    { name: 'three', group: 'coverage', error: 'not read' },
    { name: 'four', group: 'coverage' },
  ]

  test('is well-formed whatever the text, and counts right', () => {
    const xml = junitXml(nasty, cases, 1.5)
    expect(XMLValidator.validate(xml)).toBe(true)
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml)
    expect(testsuites.testsuite.testcase.length).toBe(4)
    expect([testsuites['@_tests'], testsuites['@_failures'], testsuites['@_errors'], testsuites['@_skipped']]).toEqual([
      '4',
      '1',
      '1',
      '1',
    ])
  })

  test('keeps printable text', () => expect(xmlText('plain ü 😀')).toBe('plain ü 😀'))
})

describe('GitHub annotations', () => {
  test('cannot be broken out of', () => {
    const line = githubAnnotation({ level: 'error', title: 'a,b:c', message: 'x\n::error::y%', path: 'p,q:r', line: 1 })
    expect(line).toBe('::error file=p%2Cq%3Ar,line=1,title=a%2Cb%3Ac::x%0A::error::y%25')
    expect(line.split('\n').length).toBe(1)
  })
})
