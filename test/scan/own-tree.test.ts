import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { missedCanaries } from '../../src/core/scan/canary.ts'
import { Engine } from '../../src/core/scan/engine.ts'
import { render } from '../../src/core/scan/render.ts'
import type { Rule } from '../../src/core/scan/rule.ts'
import { builtInRules, compileRules } from '../../src/core/scan/rule-set.ts'
import { sarifValidator } from '../report/sarif-schema.ts'
import { failingPaths, fakeToken, newRepository, scanIn } from './helpers.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

describe('our own repository', () => {
  test.runIf(existsSync(join(PROJECT, '.git')))('is clean, in tree and history, with no exclusions', async () => {
    const tree = await scanIn(PROJECT)
    expect(failingPaths(tree)).toEqual([])
    expect([tree.coverage.unreadCount, tree.exceptions]).toEqual([0, []])
    expect(failingPaths(await scanIn(PROJECT, { history: true }))).toEqual([])
  })

  test('planting a secret in the sources of the scanner is found', async () => {
    const source = readFileSync(join(PROJECT, 'src/core/scan/engine.ts'), 'utf8')
    const root = newRepository({ 'src/core/scan/engine.ts': `${source}\nconst t = '${fakeToken(1)}'\n` })
    expect(failingPaths(await scanIn(root))).toEqual(['src/core/scan/engine.ts'])
  })
})

describe('the canary', () => {
  test('passes with the built-in rules', async () => {
    expect(missedCanaries(new Engine(await builtInRules()))).toEqual([])
  })

  test('names a rule that cannot find its own sample', () => {
    const rule: Rule = {
      id: 'broken',
      title: 'a broken rule',
      family: 'generic',
      severity: 'high',
      doc: 'of a test',
      cases: { found: () => [{ text: 'nothing to see', tier: 'likely' }] },
    }
    expect(missedCanaries(new Engine(compileRules([rule])))).toEqual(['broken'])
  })
})

describe('reports of real findings', () => {
  test('are valid SARIF, JUnit and JSON, with stable fingerprints', async () => {
    const root = newRepository({ 'a <b>.txt': `t = '${fakeToken(2)}'\n` })
    const report = await scanIn(root)
    const sarif = JSON.parse(render(report, 'sarif', '1.0.0'))
    expect(sarifValidator()(sarif)).toBe(true)
    expect(sarif.runs[0].results[0].partialFingerprints).toEqual({ 'mmSecret/v1': report.findings[0]?.fingerprint })
    expect(XMLValidator.validate(render(report, 'junit', '1.0.0'))).toBe(true)
    expect(JSON.parse(render(report, 'json', '1.0.0'))).toMatchObject({
      schemaVersion: 1,
      exit: 1,
      coverage: { files: 1 },
    })
    expect(render(report, 'github', '1.0.0')).toMatch(/^::error file=a <b>\.txt,line=1/m)
  })

  test('neutralise hostile file names', async () => {
    const root = newRepository({ 'x\u001b[31m\n::error::y.txt': `t = '${fakeToken(3)}'\n` })
    const report = await scanIn(root)
    for (const format of ['text', 'github'] as const) {
      const text = render(report, format, '1')
      expect(text).not.toContain('\u001b')
      expect(text.split('\n').some((line) => line.startsWith('::error::y'))).toBe(false)
    }
  })
})
