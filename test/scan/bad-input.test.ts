import { execFileSync } from 'node:child_process'
import {
  readdirSync,
  readFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { FORMATS } from '../../src/core/scan/options.ts'
import { render } from '../../src/core/scan/render.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { commitAll, failingPaths, fakeToken, git, newRepository, put, scanIn, tempFolder } from './helpers.ts'

const isRoot = process.getuid?.() === 0

/** Reasons why something was not read. */
async function unread(cwd: string, options = {}): Promise<{ exit: number; reasons: string[] }> {
  const { exit, coverage } = await scanIn(cwd, options)
  return { exit, reasons: coverage.unread.map(({ reason }) => reason) }
}

describe('what cannot be read is said, and never clean', () => {
  test('a file without permission', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    chmodSync(join(root, 'a.txt'), 0)
    // The superuser reads everything.
    expect(await unread(root)).toEqual(isRoot ? { exit: 0, reasons: [] } : { exit: 3, reasons: ['permission denied'] })
  })

  test('packs that may not be read', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    commitAll(root)
    git(root, 'gc', '-q')
    const packs = join(root, '.git/objects/pack')
    chmodSync(packs, 0)
    const { exit } = await unread(root, { history: true })
    chmodSync(packs, 0o755)
    expect(exit).toBe(isRoot ? 0 : 3)
  })

  test('a path that does not exist, a pipe, a loop of links', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('loop', join(root, 'loop'))
    expect(await unread(root, { paths: [join(root, 'none')] })).toEqual({ exit: 3, reasons: ['no such file'] })
    expect(await unread(root, { paths: [join(root, 'pipe')] })).toEqual({
      exit: 3,
      reasons: ['not a regular file (pipe, socket or device)'],
    })
    expect(await unread(root, { paths: [join(root, 'loop')] })).toEqual({
      exit: 3,
      reasons: ['too many symbolic links'],
    })
  })

  test('a pipe in a folder outside git', async () => {
    const root = tempFolder()
    execFileSync('mkfifo', [join(root, 'pipe')])
    put(root, { 'a.txt': `t = '${fakeToken(1)}'\n` })
    const report = await scanIn(root)
    expect([report.exit, failingPaths(report), report.coverage.unreadCount]).toEqual([1, ['a.txt'], 1])
  })

  test('a link is read as its own text, never followed', async () => {
    const root = newRepository()
    const outside = tempFolder()
    put(outside, { 'secret.txt': `t = '${fakeToken(2)}'\n` })
    symlinkSync(join(outside, 'secret.txt'), join(root, 'link'))
    symlinkSync('self', join(root, 'self'))
    const report = await scanIn(root)
    expect([report.exit, [...report.coverage.skipped.values()]]).toEqual([0, [2]])
  })

  test('a shallow clone', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(3)}'\n` })
    commitAll(root)
    put(root, { 'a.txt': 'clean\n' })
    commitAll(root)
    const clone = join(tempFolder(), 'clone')
    git(root, 'clone', '-q', '--depth', '1', `file://${root}`, clone)
    expect((await unread(clone, { history: true })).exit).toBe(3)
    expect((await scanIn(clone)).exit).toBe(0)
  })

  test('a partial clone and a missing object', async () => {
    const root = newRepository({ 'a.txt': 'first\n' })
    commitAll(root)
    put(root, { 'a.txt': 'second\n' })
    commitAll(root)
    git(root, 'config', 'uploadpack.allowFilter', 'true')
    const clone = join(tempFolder(), 'clone')
    git(root, 'clone', '-q', '--filter=blob:none', `file://${root}`, clone)
    expect(await unread(clone, { history: true })).toEqual({ exit: 3, reasons: ['object is missing in this clone'] })
    const oid = git(root, 'rev-parse', 'HEAD~1:a.txt').trim()
    unlinkSync(join(root, '.git/objects', oid.slice(0, 2), oid.slice(2)))
    expect(await unread(root, { history: true })).toEqual({ exit: 3, reasons: ['object is missing in this clone'] })
  })

  test('a missing tree, and a clone without trees', async () => {
    const root = newRepository({ 'd/a.txt': `t = '${fakeToken(14)}'\n` })
    commitAll(root)
    put(root, { 'd/a.txt': 'clean\n' })
    commitAll(root)
    git(root, 'config', 'uploadpack.allowFilter', 'true')
    const clone = join(tempFolder(), 'clone')
    git(root, 'clone', '-q', '--filter=tree:0', `file://${root}`, clone)
    expect((await unread(clone, { history: true })).exit).toBe(3)
    const oid = git(root, 'rev-parse', 'HEAD~1:d').trim()
    unlinkSync(join(root, '.git/objects', oid.slice(0, 2), oid.slice(2)))
    expect(await unread(root, { history: true })).toEqual({ exit: 3, reasons: ['object is missing in this clone'] })
  })

  test('a ref that leads nowhere: what the others reach is read, and it is said', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(15)}'\n` })
    commitAll(root)
    put(root, { 'a.txt': 'clean\n' })
    commitAll(root)
    put(root, { '.git/refs/heads/side': 'garbage\n', '.git/refs/heads/other': `${'1'.repeat(40)}\n` })
    const report = await scanIn(root, { history: true })
    expect(report.findings.map(({ path }) => path)).toEqual(['a.txt'])
    expect(report.coverage.unread.map(({ reason }) => reason)).toEqual([expect.stringContaining('the other refs')])
    expect(report.exit).toBe(1)
  })

  test('a submodule that is not checked out; one that is', async () => {
    const inner = newRepository({ 'in.txt': `t = '${fakeToken(4)}'\n` })
    commitAll(inner)
    const root = newRepository({ 'a.txt': 'a\n' })
    git(root, 'submodule', '-q', 'add', `file://${inner}`, 'sub')
    commitAll(root)
    expect(failingPaths(await scanIn(root))).toEqual(['sub/in.txt'])
    git(root, 'submodule', '-q', 'deinit', '-f', 'sub')
    expect(await unread(root)).toEqual({ exit: 3, reasons: ['submodule is not checked out'] })
  })

  test('no git binary: the folder is read, index and history are not known', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(5)}'\n` })
    vi.stubEnv('PATH', tempFolder())
    expect(failingPaths(await scanIn(root))).toEqual(['a.txt'])
    put(root, { 'a.txt': 'clean, but what of the index?\n' })
    expect((await unread(root)).exit).toBe(3)
    expect(await unread(root, { staged: true })).toEqual({ exit: 3, reasons: ['git is not installed'] })
    // Where there is no repository, git has nothing to say.
    const plain = tempFolder()
    put(plain, { 'a.txt': 'a\n' })
    expect((await unread(plain)).exit).toBe(0)
    vi.unstubAllEnvs()
  })

  test('no repository', async () => {
    expect(await unread(tempFolder(), { history: true })).toEqual({ exit: 3, reasons: ['no git repository'] })
  })

  test.each([
    [
      'an extension that this git does not know',
      'config',
      '[core]\nrepositoryformatversion = 1\n[extensions]\nnope = 1\n',
    ],
    ['a configuration that is none', 'config', '[core'],
    ['a HEAD that is none', 'HEAD', 'nonsense\n'],
  ])('a repository with %s: the folder is read, and it is not clean', async (_, name, text) => {
    const root = newRepository({ 'a.txt': 'a\n' })
    writeFileSync(join(root, '.git', name), text)
    expect((await unread(root)).exit).toBe(3)
    expect((await unread(root, { staged: true })).exit).toBe(3)
    put(root, { 'a.txt': `t = '${fakeToken(13)}'\n` })
    expect(failingPaths(await scanIn(root))).toEqual(['a.txt'])
  })

  test.each([
    ['not yaml: ["', 'malformed'],
    ['- a list', 'malformed'],
    ['disable: [github-token]', 'unknown key'],
    ['rules: [{id: mine, pattern: "a+b"}]', 'mine'],
  ])('a policy file like %s allows nothing and gives 3', async (text, word) => {
    const root = newRepository({ '.mm-secrets.yaml': text })
    const { exit, reasons } = await unread(root)
    expect([exit, reasons.join().includes(word)]).toEqual([3, true])
  })

  test('a malformed baseline gives 3, and a named one that is absent too', async () => {
    const root = newRepository({ '.mm-secrets-baseline': 'nonsense\n' })
    expect((await unread(root)).exit).toBe(3)
    expect((await unread(root, { baseline: join(root, 'none') })).exit).toBe(3)
  })

  test('a tarball that is none', async () => {
    const root = tempFolder()
    put(root, { 'p.tgz': 'no gzip' })
    expect((await unread(root, { package: 'p.tgz' })).exit).toBe(3)
  })
})

describe('what is odd is read all the same', () => {
  test('a bare repository: the files of HEAD, and its history', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(6)}'\n` })
    commitAll(root)
    const bare = join(tempFolder(), 'bare.git')
    git(root, 'clone', '-q', '--bare', `file://${root}`, bare)
    expect(failingPaths(await scanIn(bare))).toEqual(['a.txt'])
    expect(failingPaths(await scanIn(bare, { history: true }))).toEqual(['a.txt'])
  })

  test('a worktree', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(7)}'\n` })
    commitAll(root)
    const tree = join(tempFolder(), 'tree')
    git(root, 'worktree', 'add', '-q', tree, '-b', 'side')
    expect(failingPaths(await scanIn(tree))).toEqual(['a.txt'])
    expect(failingPaths(await scanIn(tree, { history: true }))).toEqual(['a.txt'])
  })

  test('a repository without commits, and a folder below the root', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(8)}'\n`, 'b/c.txt': 'c\n' })
    git(root, 'add', '-A')
    expect((await scanIn(root, { staged: true })).exit).toBe(1)
    expect((await scanIn(root, { history: true })).exit).toBe(0)
    expect(failingPaths(await scanIn(join(root, 'b')))).toEqual(['a.txt'])
    expect((await scanIn(root, { paths: [join(root, 'b')] })).exit).toBe(0)
  })

  test('a sparse file of 2 GiB, with the secret at its end', async () => {
    const root = newRepository()
    const fd = openSync(join(root, 'big.log'), 'w')
    const size = process.env['MM_VERIFY'] === '1' ? 2 ** 31 : 2 ** 26
    writeSync(fd, Buffer.from('text first\n'))
    ftruncateSync(fd, size)
    writeSync(fd, Buffer.from(`\n${fakeToken(9)}\n`), 0, undefined, size)
    closeSync(fd)
    const report = await scanIn(root)
    expect([failingPaths(report), report.coverage.bytes > size]).toEqual([['big.log'], true])
  }, 600_000)

  test('one line of many megabytes', async () => {
    const line = `{"a":"${'lorem ipsum '.repeat(1 << (process.env['MM_VERIFY'] === '1' ? 23 : 19))}","t":"${fakeToken(10)}"}`
    const report = await scanIn(newRepository({ 'one.json': line }))
    expect(report.findings.map(({ line: n, column }) => [n, column])).toEqual([[1, line.indexOf('gh') + 1]])
  }, 600_000)

  test('invalid UTF-8, in content and in names', async () => {
    const root = newRepository()
    writeFileSync(
      join(root, 'bad.txt'),
      Buffer.concat([Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(`\nt = '${fakeToken(11)}'\n`)]),
    )
    writeFileSync(
      Buffer.concat([Buffer.from(`${root}/n`), Buffer.from([0xff]), Buffer.from('.txt')]),
      `t = '${fakeToken(12)}'\n`,
    )
    const report = await scanIn(root)
    expect([report.findings.length, report.coverage.unreadCount]).toEqual([2, 0])
  })

  test('names that are commands, options and line breaks', async () => {
    const names = ['-rf', '--output=x', '$(touch pwned)', 'a\nb.txt', ':(glob)*', 'ü ñ.txt', "it's.txt"]
    const root = newRepository(Object.fromEntries(names.map((name, i) => [name, `t = '${fakeToken(20 + i)}'\n`])))
    expect(failingPaths(await scanIn(root))).toEqual([...names].sort())
    commitAll(root)
    expect((await scanIn(root, { history: true })).findings.length).toBe(names.length)
    rmSync(join(root, '-rf'))
    const { coverage } = await scanIn(root)
    expect([coverage.unreadCount, [...coverage.skipped.keys()]]).toEqual([
      0,
      ['not in the working tree: read from the index'],
    ])
  })
})

describe('what git shows is not all there is', () => {
  test('a file that only the index holds, or that a sparse checkout leaves out, is read from the index', async () => {
    const root = newRepository({ 'gone.txt': `t = '${fakeToken(70)}'\n`, 'sparse/a.txt': `t = '${fakeToken(71)}'\n` })
    commitAll(root)
    git(root, 'update-index', '--skip-worktree', 'sparse/a.txt')
    rmSync(join(root, 'gone.txt'))
    rmSync(join(root, 'sparse'), { recursive: true })
    const report = await scanIn(root)
    expect([report.exit, failingPaths(report)]).toEqual([1, ['gone.txt', 'sparse/a.txt']])
    expect(failingPaths(await scanIn(root, { paths: [join(root, 'gone.txt')] }))).toEqual([])
    git(root, 'add', '-A')
    expect(failingPaths(await scanIn(root))).toEqual(['sparse/a.txt'])
  })

  test('a working tree that the configuration moves elsewhere: the folder one stands in is read', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(72)}'\n` })
    commitAll(root)
    git(root, 'config', 'core.worktree', newRepository({ 'clean.txt': 'nothing\n' }))
    const report = await scanIn(root)
    expect(failingPaths(report)).toEqual(['a.txt'])
    expect(report.coverage.unread[0]?.reason).toContain('git says that the working tree is')
    expect((await scanIn(root, { staged: true })).exit).toBe(3)
  })

  test('files of which git lists none are not a clean tree', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(73)}'\n`, everything: '*\n' })
    git(root, 'config', 'core.excludesFile', join(root, 'everything'))
    const report = await scanIn(root)
    expect([report.exit, report.coverage.unread[0]?.reason]).toEqual([
      3,
      'git lists no file of this folder, tracked or untracked: nothing was read',
    ])
  })

  test('where nothing was read, nothing is clean', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(73)}'\n` })
    commitAll(root)
    const copy = join(tempFolder(), 'copy')
    git(root, 'clone', '-q', '--no-checkout', root, copy)
    mkdirSync(join(root, 'empty'))
    const exits = [scanIn(copy), scanIn(newRepository()), scanIn(tempFolder()), scanIn(root, { paths: ['empty'] })]
    expect((await Promise.all(exits)).map(({ exit }) => exit)).toEqual([3, 3, 3, 3])
  })

  test('one damaged object hides no other', async () => {
    const root = newRepository()
    for (let n = 0; n < 10; n++) put(root, { [`p${n}.bin`]: Buffer.from(new Sampler(n + 1).bytes(3000)) })
    commitAll(root)
    git(root, 'repack', '-adq')
    for (let n = 0; n < 4; n++) put(root, { [`loose${n}.txt`]: `t = '${fakeToken(80 + n)}'\n` })
    commitAll(root)
    const pack = readdirSync(join(root, '.git', 'objects', 'pack')).find((name) => name.endsWith('.pack')) ?? ''
    const path = join(root, '.git', 'objects', 'pack', pack)
    const bytes = readFileSync(path)
    chmodSync(path, 0o600)
    writeFileSync(path, bytes.fill(0x55, 12_000, 12_003))
    const { findings, coverage, exit } = await scanIn(root, { history: true })
    expect([findings.length, coverage.blobs + coverage.unreadCount, coverage.unreadCount, exit]).toEqual([4, 14, 1, 1])
  })

  test('a token in the name of a file is found, and the name is shown without it', async () => {
    const token = fakeToken(76)
    const root = newRepository({ [`old/backup-${token}.txt`]: 'nothing\n', [`d-${token}/a.txt`]: `t = '${token}'\n` })
    const report = await scanIn(root)
    expect([report.exit, report.findings.length]).toEqual([1, 3])
    for (const format of FORMATS) expect(render(report, format, '0'), format).not.toContain(token)
    expect(failingPaths(report)[1]).toMatch(/^old\/backup-gh….+\.txt$/)
    commitAll(root)
    rmSync(join(root, 'old'), { recursive: true })
    commitAll(root)
    for (const run of ['without a cache', 'with one']) {
      const { findings } = await scanIn(root, { history: true })
      expect([findings.length, findings.every(({ commit }) => commit !== undefined)], run).toEqual([3, true])
    }
  })

  test('a NUL byte hides nothing in a text, and a binary stays one', async () => {
    const password = `${new Sampler(74).chars(7, ALPHABETS.alnum)}!4x`
    const root = newRepository({
      '.env': Buffer.concat([Buffer.from('A=1\n'), Buffer.from([0]), Buffer.from(`\nDB_PASSWORD=${password}\n`)]),
      'x.bin': Buffer.from(new Sampler(75).bytes(4000)),
    })
    const report = await scanIn(root)
    expect([failingPaths(report), report.coverage.binaries]).toEqual([['.env'], 1])
  })
})

describe('a hostile repository runs nothing', () => {
  test('fsmonitor, hooks, external diff, textconv, pager, credential helper', async () => {
    const root = newRepository({ 'a.txt': 'a\n', '.gitattributes': '*.txt diff=evil\n' })
    commitAll(root)
    const flag = join(tempFolder(), 'ran')
    const evil = `touch ${flag}`
    for (const key of [
      'core.fsmonitor',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'core.pager',
      'core.sshCommand',
      'credential.helper',
      'core.gitProxy',
      'uploadpack.packObjectsHook',
    ]) {
      git(root, 'config', key, evil)
    }
    mkdirSync(join(root, '.git/hooks'), { recursive: true })
    for (const hook of ['post-index-change', 'reference-transaction', 'pre-auto-gc']) {
      writeFileSync(join(root, '.git/hooks', hook), `#!/bin/sh\n${evil}\n`, { mode: 0o755 })
    }
    put(root, { 'a.txt': `t = '${fakeToken(30)}'\n` })
    git(root, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'add', '-A')
    for (const options of [{}, { staged: true }, { history: true }]) await scanIn(root, options)
    expect(() => execFileSync('test', ['!', '-e', flag])).not.toThrow()
  })
})
