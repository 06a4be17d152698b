/** What the next commit adds: nothing git can be configured to leave out, and nothing that stood there before. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { commitAll, failingPaths, fakeToken, git, newRepository, put, scanIn, tempFolder } from './helpers.ts'

function keyBlock(seed: number): string {
  const s = new Sampler(seed)
  const body = Array.from(
    { length: 6 },
    (_, i) => `${i === 0 ? 'MII' : ''}${s.chars(i === 0 ? 61 : 64, ALPHABETS.base64)}`,
  )
  return `-----BEGIN ${'PRIVATE'} KEY-----\n${body.join('\n')}\n-----END ${'PRIVATE'} KEY-----\n`
}

async function lines(root: string) {
  git(root, 'add', '-A')
  const { exit, findings } = await scanIn(root, { staged: true })
  return { exit, lines: findings.map(({ line }) => line) }
}

describe('what a commit adds', () => {
  test('from a folder below, whatever diff.relative and diff.orderFile say', async () => {
    const root = newRepository({ 'd/b.txt': 'b\n' })
    commitAll(root)
    git(root, 'config', 'diff.relative', 'true')
    git(root, 'config', 'diff.orderFile', 'none')
    put(root, { 'a.txt': `t = '${fakeToken(120)}'\n` })
    git(root, 'add', '-A')
    expect(failingPaths(await scanIn(join(root, 'd'), { staged: true }))).toEqual(['a.txt'])
  })

  test('a second key block is new, the first one is not', async () => {
    const root = newRepository({ 'k.txt': keyBlock(121) })
    commitAll(root)
    put(root, { 'k.txt': `${keyBlock(121)}\n` })
    expect(await lines(root)).toEqual({ exit: 0, lines: [] })
    put(root, { 'k.txt': keyBlock(121) + keyBlock(122) })
    expect(await lines(root)).toEqual({ exit: 1, lines: [9] })
  })

  test('a long line that did not change', async () => {
    const long = `${'x = 1; '.repeat(2000)}t = '${fakeToken(123)}'; ${'y = 2; '.repeat(2000)}\n`
    const root = newRepository({ 'a.js': long })
    commitAll(root)
    put(root, { 'a.js': `${long}more\n` })
    expect(await lines(root)).toEqual({ exit: 0, lines: [] })
    put(root, { 'a.js': `${long}u = '${fakeToken(124)}'\n` })
    expect(await lines(root)).toEqual({ exit: 1, lines: [2] })
  })

  test('a UTF-16 line that did not change', async () => {
    const text = `\ufeffsecret_token = "${new Sampler(125).chars(32, ALPHABETS.alnum)}"\r\n`
    const root = newRepository({ 'w.txt': Buffer.from(text, 'utf16le') })
    commitAll(root)
    put(root, { 'w.txt': Buffer.from(`${text}more\r\n`, 'utf16le') })
    expect(await lines(root)).toEqual({ exit: 0, lines: [] })
  })

  test('a token in the name of a new file', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    commitAll(root)
    put(root, { [`backup-${fakeToken(126)}.txt`]: 'nothing\n' })
    expect((await lines(root)).exit).toBe(1)
    git(root, 'commit', '-q', '-m', 'x')
    expect((await lines(root)).exit).toBe(0)
  })
})

describe('an index that cannot be judged is not clean', () => {
  test('a path that is not merged', async () => {
    const root = newRepository({ a: 'a\n' })
    commitAll(root)
    git(root, 'checkout', '-q', '-b', 'other')
    put(root, { a: `t = '${fakeToken(127)}'\n` })
    commitAll(root)
    git(root, 'checkout', '-q', 'main')
    put(root, { a: 'b\n' })
    commitAll(root)
    expect(() => git(root, 'merge', 'other')).toThrow()
    const { exit, coverage } = await scanIn(root, { staged: true })
    expect([exit, coverage.unread.map(({ path }) => path)]).toEqual([3, ['a']])
  })

  test('a bare repository', async () => {
    const root = newRepository({ a: 'a\n' })
    commitAll(root)
    const bare = join(tempFolder(), 'bare.git')
    git(root, 'clone', '-q', '--bare', `file://${root}`, bare)
    expect((await scanIn(bare, { staged: true })).exit).toBe(3)
  })
})
