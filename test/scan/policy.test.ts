import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '../../src/core/scan/options.ts'
import { render } from '../../src/core/scan/render.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { commitAll, failingPaths, fakeToken, newRepository, put, scanIn } from './helpers.ts'

const entry = (fields: Record<string, string>) =>
  `allow:\n  - ${Object.entries({
    rule: 'github-token',
    path: 'a.txt',
    reason: 'sample for the parser test',
    owner: 'desk',
    expires: '2027-01-31',
    ...fields,
  })
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n    ')}\n`

async function withPolicy(policy: string) {
  const root = newRepository({ 'a.txt': `t = '${fakeToken(1)}'\n`, '.mm-secrets.yaml': policy })
  const report = await scanIn(root)
  return { report, root, rules: report.findings.filter(({ allowed }) => allowed === undefined).map(({ rule }) => rule) }
}

describe('allowlist entries', () => {
  test('allow what they name, and the report says so', async () => {
    const { report } = await withPolicy(entry({}))
    expect([report.exit, report.findings.map(({ allowed }) => allowed)]).toEqual([
      0,
      ['allowlist entry 1: sample for the parser test'],
    ])
    expect(render(report, 'text', '0')).toMatch(/1 allowed[\s\S]*exceptions from .*\.mm-secrets\.yaml/)
  })

  test.each([
    [{ reason: 'short' }, 'allow-invalid'],
    [{ reason: '' }, 'allow-invalid'],
    [{ owner: '' }, 'allow-invalid'],
    [{ path: '' }, 'allow-invalid'],
    [{ expires: '' }, 'allow-invalid'],
    [{ expires: '2099-01-01' }, 'allow-invalid'],
    [{ expires: '2026-11-21' }, 'allow-expired'],
  ])('with %j are findings and allow nothing', async (fields, rule) => {
    const { rules, report } = await withPolicy(entry(fields))
    expect([report.exit, rules.sort()]).toEqual([1, [rule, 'github-token'].sort()])
  })

  test('that match nothing are findings, in a scan of everything only', async () => {
    const { rules, root } = await withPolicy(entry({ path: 'other/**' }))
    expect(rules.sort()).toEqual(['allow-unused', 'github-token'])
    expect((await scanIn(root, { paths: [join(root, 'a.txt')] })).findings.map(({ rule }) => rule)).toEqual([
      'github-token',
    ])
  })

  test('by fingerprint follow the value, not the place', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(1)}'\n` })
    const [finding] = (await scanIn(root)).findings
    put(root, { '.mm-secrets.yaml': entry({ path: '', fingerprint: finding?.fingerprint ?? '' }) })
    put(root, { 'a.txt': `\n\nt = '${fakeToken(1)}'\n`, 'b.txt': `u = '${fakeToken(2)}'\n` })
    expect(failingPaths(await scanIn(root))).toEqual(['b.txt'])
  })

  test('match folders by whole names', async () => {
    const { rules } = await withPolicy(entry({ path: '**/a' }))
    expect(rules).toContain('github-token')
  })

  test('count in strict mode', async () => {
    const { root } = await withPolicy(entry({}))
    expect((await scanIn(root, { strict: true })).exit).toBe(1)
  })
})

describe('own rules', () => {
  const rule = 'rules:\n  - id: house-key\n    title: house key\n    pattern: "hk_[A-Z]{20}"\n'
  const value = `hk_${new Sampler(3).chars(20, ALPHABETS.upper)}`

  test('are used beside the built-in ones', async () => {
    const root = newRepository({ 'a.txt': `${value}\n${fakeToken(4)}\n`, '.mm-secrets.yaml': rule })
    const report = await scanIn(root)
    expect(report.findings.map(({ rule: id }) => id)).toEqual(['house-key', 'github-token'])
    expect(report.rules.rules.length).toBe(report.builtIn + 1)
  })

  test('cannot replace a built-in one', async () => {
    const root = newRepository({ '.mm-secrets.yaml': rule.replace('house-key', 'github-token') })
    await expect(scanIn(root)).rejects.toThrow(/built in/)
  })
})

describe('the baseline', () => {
  test('silences what it knows, holds no position or date, and is the same when written twice', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(5)}'\nu = '${fakeToken(6)}'\n` })
    expect((await scanIn(root, { writeBaseline: true })).exit).toBe(0)
    const path = join(root, '.mm-secrets-baseline')
    const first = readFileSync(path, 'utf8')
    const [head, ...lines] = first.trimEnd().split('\n')
    expect(head).toMatch(/salt [0-9a-f]{32}$/)
    expect(lines).toEqual([...lines].sort())
    expect(lines.every((line) => /^[0-9a-f]{32}$/.test(line))).toBe(true)
    await scanIn(root, { writeBaseline: true })
    expect(readFileSync(path, 'utf8')).toBe(first)
    expect((await scanIn(root)).exit).toBe(0)
  })

  test('a new secret on an old line is new', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(5)}'\n` })
    await scanIn(root, { writeBaseline: true })
    writeFileSync(join(root, 'a.txt'), `t = '${fakeToken(7)}'\n`)
    expect((await scanIn(root)).exit).toBe(1)
  })

  test('holds in the history too', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(5)}'\n` })
    await scanIn(root, { writeBaseline: true })
    commitAll(root)
    expect((await scanIn(root, { history: true })).exit).toBe(0)
  })
})

describe('inline tags', () => {
  const tag = ['mm-allow', 'secret:'].join('-')
  const note = async (comment: string, before = '') => {
    const root = newRepository({ 'a.txt': `${before}t = '${fakeToken(8)}' ${comment}\n` })
    const [finding] = (await scanIn(root)).findings
    return finding?.allowed ?? finding?.note ?? 'nothing'
  }

  test.each([
    [`# ${tag} github-token until=2027-02-01 sample for the docs`, 'inline: sample for the docs'],
    [`# ${tag}`, 'names no rule'],
    [`# ${tag} github-token`, 'needs an end'],
    [`# ${tag} github-token until=2027-02-01 short`, 'fewer than 10'],
    [`# ${tag} github-token until=2026-01-01 sample for the docs`, 'expired'],
    [`# ${tag} jwt until=2027-02-01 sample for the docs`, 'it names jwt'],
    [`# ${['gitleaks', 'allow'].join(':')}`, 'another tool not honoured'],
    [`# ${['pragma: allowlist', 'secret'].join(' ')}`, 'another tool not honoured'],
    ['# nothing special', 'nothing'],
  ])('%s', async (comment, expected) => expect(await note(comment)).toContain(expected))

  test('repeat nothing of what stands behind them on the line', async () => {
    const [one, two] = [fakeToken(31), fakeToken(32)]
    const root = newRepository({
      'a.js': `/* ${tag} github-token until=2027-02-01 sample for the docs */ t = "${one}"; u = "${two}"\n`,
      'b.js': `# ${tag} ${one}\n`,
      'c.js': `# ${tag} github-token until=2027-02-01 sample for the docs ${two} password=hunter${'2X'}! ok\n`,
      'd.js': `y = "${two}" ${tag}:${one}\n`,
    })
    const report = await scanIn(root)
    for (const format of FORMATS) {
      const out = render(report, format, '0')
      for (const value of [one, two, `hunter${'2X'}`]) expect(out, format).not.toContain(value)
    }
    const allowed = report.findings.filter(({ path }) => path === 'a.js').map((finding) => finding.allowed)
    expect(allowed).toEqual(['inline: sample for the docs', 'inline: sample for the docs'])
  })

  test('on the line before', async () => {
    expect(await note('', `// ${tag} github-token until=2027-02-01 sample for the docs\n`)).toContain('inline')
  })
  test('beside a finding are its own, not those of the next line', async () => {
    const comment = `# ${tag} github-token until=2027-02-01 sample for the docs`
    const root = newRepository({ 'a.txt': `t = '${fakeToken(8)}' ${comment}\nu = '${fakeToken(9)}'\n` })
    const { findings } = await scanIn(root)
    expect(findings.map(({ line, allowed }) => [line, allowed !== undefined])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  test('of one version of a file are not those of another', async () => {
    const comment = `// ${tag} github-token until=2027-02-01 sample for the docs`
    const beside = `x\nt = '${fakeToken(8)}' ${comment}\n`
    const before = `x\n${comment}\nu = '${fakeToken(9)}'\n`
    const root = newRepository({ 'a.txt': beside })
    commitAll(root)
    for (const [i, text] of [before, beside, before].entries()) {
      writeFileSync(join(root, 'a.txt'), `${text}${i}\n`)
      commitAll(root)
    }
    const { findings } = await scanIn(root, { history: true })
    expect(findings.map(({ allowed }) => allowed !== undefined)).toEqual([true, true, true, true])
  })
})
