/** Repositories inside the tree, odd places in it, and a git that hides things: what lies there is read all the same. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { commitAll, failingPaths, fakeToken, git, newRepository, put, scanIn, tempFolder } from './helpers.ts'

afterEach(() => void vi.unstubAllEnvs())

const secret = (seed: number) => `t = '${fakeToken(seed)}'\n`

function withSubmodule(): string {
  const inner = newRepository({ 'in.txt': secret(100) })
  commitAll(inner)
  const root = newRepository({ 'a.txt': 'a\n' })
  git(root, 'submodule', '-q', 'add', `file://${inner}`, 'sub')
  commitAll(root)
  return root
}

describe('a submodule', () => {
  test('that lost its .git is read as a folder', async () => {
    const root = withSubmodule()
    rmSync(join(root, 'sub/.git'))
    expect(failingPaths(await scanIn(root))).toEqual(['sub/in.txt'])
  })

  test.each([[['GIT_DIR', 'GIT_WORK_TREE']], [['GIT_DIR']], [['GIT_INDEX_FILE']]])(
    'is its own, whatever %j say of the outer one',
    async (names) => {
      const root = withSubmodule()
      const values: Readonly<Record<string, string>> = {
        GIT_DIR: join(root, '.git'),
        GIT_WORK_TREE: root,
        GIT_INDEX_FILE: join(root, '.git/index'),
      }
      for (const name of names) vi.stubEnv(name, values[name] ?? '')
      const report = await scanIn(root)
      expect([failingPaths(report), report.coverage.unreadCount]).toEqual([['sub/in.txt'], 0])
    },
  )

  test('keeps in its index what was deleted beside it', async () => {
    const root = withSubmodule()
    rmSync(join(root, 'sub/in.txt'))
    const report = await scanIn(root)
    expect([failingPaths(report), [...report.coverage.skipped.keys()]]).toEqual([
      ['sub/in.txt'],
      ['not in the working tree: read from the index'],
    ])
  })
})

describe('a repository that nobody tracks', () => {
  const hidden: [string, (nested: string) => void][] = [
    ['whose exclude file names everything', (nested) => writeFileSync(join(nested, '.git/info/exclude'), '*\n')],
    ['whose working tree is said to be elsewhere', (nested) => void git(nested, 'config', 'core.worktree', '../..')],
    ['that says it is bare', (nested) => void git(nested, 'config', 'core.bare', 'true')],
  ]

  test.each(hidden)('%s is read as a folder', async (_, hide) => {
    const root = newRepository({ 'a.txt': 'a\n', 'n/in.txt': secret(101) })
    git(join(root, 'n'), 'init', '-q')
    hide(join(root, 'n'))
    expect(failingPaths(await scanIn(root))).toEqual(['n/in.txt'])
  })
})

describe('what git cannot list is read from the folder', () => {
  test('a damaged index, of the root and of a repository inside', async () => {
    const root = newRepository({ 'a.txt': secret(102), 'n/in.txt': secret(103) })
    git(join(root, 'n'), 'init', '-q')
    writeFileSync(join(root, 'n/.git/index'), 'damaged')
    const inside = await scanIn(root)
    expect([failingPaths(inside), inside.coverage.unreadCount]).toEqual([['a.txt', 'n/in.txt'], 1])
    writeFileSync(join(root, '.git/index'), 'damaged')
    const all = await scanIn(root)
    expect([failingPaths(all), all.coverage.unreadCount]).toEqual([['a.txt', 'n/in.txt'], 1])
    put(root, { 'a.txt': 'a\n', 'n/in.txt': 'b\n' })
    expect((await scanIn(root)).exit).toBe(3)
  })

  test('a git older than the options we need', async () => {
    const root = newRepository({ 'a.txt': secret(104) })
    const bin = tempFolder()
    writeFileSync(join(bin, 'git'), '#!/bin/sh\nprintf -- "--path-format=absolute\\nfalse\\nfalse\\n.git\\n/\\n"\n')
    chmodSync(join(bin, 'git'), 0o755)
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
    expect(failingPaths(await scanIn(root))).toEqual(['a.txt'])
    const { exit, coverage } = await scanIn(root, { staged: true })
    expect([exit, coverage.unread.map(({ reason }) => reason)]).toEqual([3, ['git is older than 2.31']])
  })

  test('a folder that may not be opened is said so', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    const bin = tempFolder()
    // The superuser may open everything: git's words are what counts.
    const words = `warning: could not open directory 'closed/': Permission denied`
    const real = git(root, '--exec-path').trim()
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/sh\ncase "$*" in *--others*) echo "${words}" >&2;; esac\nexec '${real}/git' "$@"\n`,
    )
    chmodSync(join(bin, 'git'), 0o755)
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
    const { exit, coverage } = await scanIn(root)
    expect([exit, coverage.unread]).toEqual([3, [{ path: 'closed', reason: 'Permission denied' }]])
  })
})

describe('a place that changed its kind', () => {
  test('a folder where the index has a file, a file where it has a folder', async () => {
    const root = newRepository({ f: secret(105), 'd/x': secret(106) })
    commitAll(root)
    rmSync(join(root, 'f'))
    rmSync(join(root, 'd'), { recursive: true })
    put(root, { 'f/new.txt': secret(107), d: 'now a file\n' })
    const report = await scanIn(root)
    expect([failingPaths(report), report.coverage.unreadCount]).toEqual([['d/x', 'f', 'f/new.txt'], 0])
  })

  test('a link where the index has a folder: its files are read from the index, not from behind the link', async () => {
    const root = newRepository({ 'q/in/f': secret(114) })
    commitAll(root)
    const outside = tempFolder()
    put(outside, { 'in/f': secret(115), 'in/g': secret(116) })
    rmSync(join(root, 'q'), { recursive: true })
    symlinkSync(outside, join(root, 'q'))
    const report = await scanIn(root)
    expect([failingPaths(report), report.findings.length, report.coverage.blobs]).toEqual([['q/in/f'], 1, 1])
  })

  test('a device ends, and a link that somebody names is followed', async () => {
    const root = newRepository({ 'a.txt': secret(108) })
    symlinkSync('a.txt', join(root, 'link'))
    expect(failingPaths(await scanIn(root, { paths: [join(root, 'link')] }))).toEqual(['link'])
    const { exit, coverage } = await scanIn(root, { paths: ['/dev/zero'] })
    expect([exit, coverage.unread[0]?.reason]).toEqual([3, 'not a regular file (pipe, socket or device)'])
    // What stands in the tree is not looked at before it is opened.
    const plain = tempFolder()
    mkdirSync(join(plain, 'd'))
    symlinkSync('/dev/zero', join(plain, 'd/zero'))
    expect((await scanIn(plain)).exit).toBe(0)
  })
})

describe('settings and variables that would hide something', () => {
  test('grafts cut nothing off the history', async () => {
    const root = newRepository({ 'a.txt': secret(109) })
    commitAll(root)
    put(root, { 'a.txt': 'clean\n' })
    put(root, { '.git/info/grafts': `${commitAll(root)}\n` })
    expect((await scanIn(root, { history: true })).exit).toBe(1)
    rmSync(join(root, '.git/info/grafts'))
    put(root, { graft: `${git(root, 'rev-parse', 'HEAD').trim()}\n` })
    vi.stubEnv('GIT_GRAFT_FILE', join(root, 'graft'))
    expect((await scanIn(root, { history: true })).exit).toBe(1)
  })

  test('a working tree that calls itself bare is read, and is not clean', async () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    commitAll(root)
    git(root, 'config', 'core.bare', 'true')
    expect((await scanIn(root)).exit).toBe(3)
    put(root, { 'new.txt': secret(117) })
    expect(failingPaths(await scanIn(root))).toEqual(['new.txt'])
  })

  test.each(['GIT_LITERAL_PATHSPECS', 'GIT_GLOB_PATHSPECS', 'GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS'])(
    '%s changes no path',
    async (name) => {
      const root = newRepository({ 'd/a.txt': secret(110), 'd/skip.txt': secret(111), '.gitignore': 'skip.txt\n' })
      vi.stubEnv(name, '1')
      const report = await scanIn(root, { paths: [join(root, 'd')] })
      expect([failingPaths(report), report.coverage.unreadCount]).toEqual([['d/a.txt'], 0])
    },
  )

  test('a repository of another user that the environment calls safe is used', async () => {
    const root = newRepository({ 'a.txt': secret(112) })
    commitAll(root)
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1')
    expect((await scanIn(root, { history: true })).exit).toBe(3)
    vi.stubEnv('GIT_CONFIG_COUNT', '1')
    vi.stubEnv('GIT_CONFIG_KEY_0', 'safe.directory')
    vi.stubEnv('GIT_CONFIG_VALUE_0', '*')
    expect((await scanIn(root, { history: true })).exit).toBe(1)
  })

  test('a missing object starts no program of the remote, not even where a fetch could not be switched off', async () => {
    const root = newRepository({ 'a.txt': secret(113) })
    git(root, 'add', '-A')
    const oid = git(root, 'rev-parse', ':a.txt').trim()
    rmSync(join(root, '.git/objects', oid.slice(0, 2), oid.slice(2)))
    const flag = join(tempFolder(), 'ran')
    const settings = {
      'core.repositoryFormatVersion': '1',
      'extensions.partialClone': 'origin',
      'remote.origin.promisor': 'true',
      'remote.origin.url': `ext::sh -c touch% ${flag}`,
      'protocol.ext.allow': 'always',
    }
    for (const [key, value] of Object.entries(settings)) git(root, 'config', key, value)
    const bin = tempFolder()
    const real = git(root, '--exec-path').trim()
    // An older git knows no such variable.
    writeFileSync(join(bin, 'git'), `#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec '${real}/git' "$@"\n`, { mode: 0o755 })
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
    expect((await scanIn(root, { staged: true })).exit).toBe(3)
    expect(existsSync(flag)).toBe(false)
  })
})
