/** git's answers, wherever it may write them. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { gitLater } from '../../src/core/scan/git.ts'
import { commitAll, fakeToken, newRepository, scanIn, tempFolder } from './helpers.ts'

const GIT = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'git'))

afterEach(() => vi.unstubAllEnvs())

/** Puts a program called git first: `script` is shell, `$GIT` the real one. */
function wrapGit(script: string): void {
  const bin = tempFolder()
  const find = `for GIT in ${GIT.map((path) => `'${path}'`).join(' ')}; do [ -x "$GIT" ] && break; done`
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${find}\n${script}\n`)
  chmodSync(join(bin, 'git'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
}

/** More than fits into a pipe, with a key in one file. */
function longHistory(): string {
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`folder${i % 40}/${'n'.repeat(220)}${i}`, `${i}`]),
  )
  const root = newRepository({ ...files, 'key.env': `T=${fakeToken(1)}\n` })
  commitAll(root)
  return root
}

test.each([
  ['a folder for files', () => vi.stubEnv('TMPDIR', tempFolder())],
  ['no folder for files', () => vi.stubEnv('TMPDIR', '/nowhere')],
  ['a name instead of a folder', () => vi.stubEnv('TMPDIR', '/dev/null')],
  [
    'no room in the folder',
    () =>
      wrapGit(
        '[ -f /proc/self/fd/1 ] && { echo "fatal: write error: No space left on device" >&2; exit 128; }\nexec "$GIT" "$@"',
      ),
  ],
  ['no room even to say so', () => wrapGit('[ -f /proc/self/fd/1 ] && exit 128\nexec "$GIT" "$@"')],
  ['a limit on files', () => wrapGit('[ -f /proc/self/fd/1 ] && ulimit -c 0 && kill -XFSZ $$\nexec "$GIT" "$@"')],
])('a long list is read with %s', async (_, prepare) => {
  const root = longHistory()
  prepare()
  const { exit, findings, coverage } = await scanIn(root, { history: true })
  expect([exit, findings.map(({ path }) => path), coverage.blobs, coverage.unreadCount]).toEqual([
    1,
    ['key.env'],
    1001,
    0,
  ])
  expect(findings[0]?.commit).toMatch(/^[0-9a-f]{40}$/)
})

test('nothing is left in the folder, and a refusal is one answer', async () => {
  const folder = tempFolder()
  const root = join(folder, 'none')
  mkdirSync(root)
  const log = join(tempFolder(), 'log')
  wrapGit(`echo x >> '${log}'\nexec "$GIT" "$@"`)
  vi.stubEnv('TMPDIR', folder)
  const answer = await gitLater(root, ['rev-parse', '--show-toplevel'])
  expect(answer.status).toBe(128)
  expect(answer.stderr).toContain('not a git repository')
  expect(readdirSync(folder)).toEqual(['none'])
  expect(readFileSync(log, 'latin1')).toBe('x\n')
})
