/** Exceptions and baseline as a repository may bring them: of any kind, of any content. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '../../src/core/scan/options.ts'
import { matchesPath } from '../../src/core/scan/path-glob.ts'
import { render } from '../../src/core/scan/render.ts'
import { commitAll, failingPaths, fakeToken, git, newRepository, put, scanIn } from './helpers.ts'

const POLICY = '.mm-secrets.yaml'
const BASELINE = '.mm-secrets-baseline'
const secret = (seed: number) => `t = '${fakeToken(seed)}'\n`
const entry = (path: string, more = '') =>
  `allow:\n  - {rule: github-token, path: '${path}', reason: sample for the parser, owner: desk, expires: 2027-01-31${more}}\n`

describe('a file of exceptions that is none', () => {
  const kinds: [string, (path: string) => void][] = [
    ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a link to nothing', (path) => symlinkSync('none', path)],
    ['a folder', (path) => mkdirSync(path)],
  ]
  test.each(kinds.flatMap(([what, make]) => [POLICY, BASELINE].map((name) => [what, name, make] as const)))(
    '%s in place of %s is said, and not waited for',
    async (_, name, make) => {
      const root = newRepository({ 'a.txt': 'a\n' })
      make(join(root, name))
      const { exit, coverage } = await scanIn(root)
      expect([exit, coverage.unread.length > 0]).toEqual([3, true])
    },
  )

  test('keys without anything behind them are empty lists', async () => {
    const root = newRepository({ [POLICY]: 'allow:\nrules:\n' })
    expect((await scanIn(root)).exit).toBe(0)
  })
})

describe('paths of exceptions', () => {
  test.each([
    ['src/**', 'src/x/.env', true],
    ['src/', 'src/x/.env', true],
    ['./a.txt', 'a.txt', true],
    ['/a.txt', 'a.txt', true],
    ['*.txt', 'a.txt', true],
    ['*.txt', 'd/a.txt', false],
    ['**/*.txt', 'a.txt', true],
    ['**/b/*', 'a/b/c', true],
    ['**/b/*', 'a/b/c/d', false],
    ['a/**/d', 'a/d', true],
    ['a/**/d', 'a/b/c/d', true],
    ['src', 'src/a', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['!a.txt', 'b.txt', false],
    ['pages/[id].ts', 'pages/[id].ts', true],
    ['{a,b}', '{a,b}', true],
    ['A.txt', 'a.txt', false],
    ['a*b*c', 'aXbYbZc', true],
  ])('%s and %s: %s', (glob, path, expected) => expect(matchesPath(path, glob)).toBe(expected))

  test('no pattern takes long', async () => {
    const name = 'a'.repeat(200)
    const root = newRepository({ [`${name}/${name}`]: secret(140) })
    const globs = ['{a,b}'.repeat(40), '{1..99999999}', `${'*a'.repeat(30)}b/${'*a'.repeat(30)}b`, '**/*a'.repeat(60)]
    put(root, { [POLICY]: globs.map((glob, i) => (i === 0 ? entry(glob) : entry(glob).slice(7))).join('') })
    const report = await scanIn(root)
    expect(report.findings.map(({ rule }) => rule).filter((rule) => rule === 'allow-unused').length).toBe(globs.length)
  })

  test.each(['**', '**/*', '*/**', '**/?*', '**/*.*'])('%s would switch the rule off', async (glob) => {
    const root = newRepository({ 'd/a.txt': secret(141), [POLICY]: entry(glob) })
    expect((await scanIn(root)).findings.map(({ rule, path }) => [rule, path])).toEqual([
      ['allow-invalid', POLICY],
      ['github-token', 'd/a.txt'],
    ])
  })
})

describe('an own rule that cannot find what it describes', () => {
  test.each([
    'z[0-9]{2}',
    '[a-z]{6}code',
    '',
    '(?:a|b){0,3}',
    'ops#[a-z0-9]{20}',
    'foo(?:X|Y):[a-z0-9]{20}',
    'hk_[A-Z0-9]{12}',
    'INTERNAL-ONLY',
  ])("'%s' is refused", async (pattern) => {
    const root = newRepository({ 'a.txt': 'x\n', [POLICY]: `rules: [{id: own-rule, pattern: '${pattern}'}]\n` })
    const report = await scanIn(root)
    expect([report.exit, report.coverage.unread[0]?.reason]).toEqual([3, expect.stringContaining('rule own-rule: ')])
  })

  test('two rules of one name are refused', async () => {
    const rule = "{id: own-rule, pattern: 'hk_[A-Z]{20}'}"
    const root = newRepository({ 'a.txt': 'x\n', [POLICY]: `rules: [${rule}, ${rule}]\n` })
    expect((await scanIn(root)).coverage.unread[0]?.reason).toContain('two rules are called own-rule')
  })
})

describe('nothing that stands in an exception is shown in clear', () => {
  const token = fakeToken(142)
  test.each([
    ['a reason', entry('a.txt').replace('sample', token)],
    ['a rule', entry('a.txt').replace('github-token', token)],
    ['a key', `${token}: 1\n`],
    ['an alias', `allow: *${token}\n`],
    ['a tag', `allow: !${token} x\n`],
    ['a pattern', `rules: [{id: own-rule, pattern: '${token}('}]\n`],
    ['a title', `rules: [{id: own-rule, title: ${token}, pattern: 'hk_[A-Z]{8}'}]\n`],
  ])('%s', async (_, policy) => {
    const root = newRepository({ 'a.txt': `${secret(143)}hk_ABCDEFGH\n`, [POLICY]: policy })
    const report = await scanIn(root)
    for (const format of FORMATS) expect(render(report, format, '0'), format).not.toContain(token)
  })

  test('nor the names of files that were not read or skipped', async () => {
    const root = newRepository()
    symlinkSync('nowhere', join(root, `link-${token}`))
    mkdirSync(join(root, `sub-${token}`))
    git(root, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub-${token}`)
    const report = await scanIn(root)
    expect([report.coverage.unreadCount, report.coverage.skippedPaths.length]).toEqual([1, 1])
    for (const format of FORMATS) expect(render(report, format, '0'), format).not.toContain(token)
  })
})

test('a date that is in no calendar is no end', async () => {
  const root = newRepository({ 'a.txt': secret(144), [POLICY]: entry('a.txt').replace('2027-01-31', '2027-02-31') })
  expect((await scanIn(root)).findings.map(({ rule }) => rule)).toContain('allow-invalid')
})

describe('writing the baseline', () => {
  const read = (root: string) => readFileSync(join(root, BASELINE), 'utf8').trimEnd().split('\n').slice(1)

  test('replaces no file that is none, and follows no link', async () => {
    const root = newRepository({ 'a.txt': secret(145), 'README.md': 'precious\n' })
    await expect(scanIn(root, { writeBaseline: true, baseline: 'README.md' })).rejects.toThrow(/cannot write/)
    await expect(scanIn(root, { writeBaseline: true, baseline: 'no/such/folder' })).rejects.toThrow(/cannot write/)
    await scanIn(root, { writeBaseline: true })
    writeFileSync(join(root, 'kept'), readFileSync(join(root, BASELINE)))
    execFileSync('ln', ['-sf', 'kept', join(root, BASELINE)])
    put(root, { 'b.txt': secret(146) })
    await scanIn(root, { writeBaseline: true })
    expect(readFileSync(join(root, 'kept'), 'utf8').trimEnd().split('\n').length).toBe(2)
    expect([read(root).length, readFileSync(join(root, 'README.md'), 'utf8')]).toEqual([2, 'precious\n'])
  })

  test('from a part keeps what it did not look at; from the whole drops what is gone', async () => {
    const root = newRepository({ 'a.txt': secret(147), 'b.txt': secret(148) })
    commitAll(root)
    await scanIn(root, { writeBaseline: true })
    put(root, { 'c.txt': secret(149) })
    git(root, 'add', 'c.txt')
    await scanIn(root, { writeBaseline: true, staged: true })
    expect(read(root).length).toBe(3)
    await scanIn(root, { writeBaseline: true, paths: [join(root, 'a.txt')] })
    expect([read(root).length, (await scanIn(root)).exit]).toEqual([3, 0])
    put(root, { 'c.txt': 'c\n' })
    await scanIn(root, { writeBaseline: true })
    expect(read(root).length).toBe(2)
  })

  test('line ends of Windows and repeated lines are read', async () => {
    const root = newRepository({ 'a.txt': secret(150) })
    await scanIn(root, { writeBaseline: true })
    const text = readFileSync(join(root, BASELINE), 'utf8')
    put(root, { [BASELINE]: `${text}${text.split('\n')[1]}\n`.replaceAll('\n', '\r\n') })
    expect((await scanIn(root)).exit).toBe(0)
    put(root, { [BASELINE]: text.replace(/salt ./, (all) => `${all.slice(0, -1)}${all.endsWith('0') ? '1' : '0'}`) })
    expect(failingPaths(await scanIn(root))).toEqual(['a.txt'])
  })
})
