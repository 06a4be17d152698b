/** The pre-commit hook of the built command, in the places a repository keeps hooks, and its own words that it may replace. */
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commitAll, fakeToken, git, newRepository, put, tempFolder } from './helpers.ts'

const MM = fileURLToPath(new URL('../../bin/mm', import.meta.url))
const secret = (seed: number) => `t = '${fakeToken(seed)}'\n`

function install(cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(MM, ['scan-secrets', '--install-hook'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', ...env },
  })
  return { status, path: stdout.trim(), stderr }
}

/** The message of a commit that was refused; empty when it was made. */
function refusal(root: string, ...args: string[]): string {
  try {
    git(root, 'commit', '-q', '-m', 'x', ...args)
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the hook blocks', () => {
  test('every way to commit a secret, and no other commit', () => {
    const root = newRepository({ a: 'a\n', b: 'b\n' })
    commitAll(root)
    expect(install(root).status).toBe(0)
    put(root, { a: `a\n${secret(170)}`, b: 'changed\n' })
    expect(refusal(root, '-a')).toContain('github-token')
    // A partial commit has an index of its own.
    expect(refusal(root, 'a')).toContain('github-token')
    expect(refusal(root, 'b')).toBe('')
    git(root, 'add', 'a')
    expect(refusal(root, '--amend')).toContain('github-token')
    git(root, 'commit', '-q', '--no-verify', '-m', 'forced')
    execFileSync('chmod', ['+x', join(root, 'a')])
    git(root, 'mv', 'b', 'c')
    expect(refusal(root, '-a')).toBe('')
    symlinkSync(fakeToken(171), join(root, 'link'))
    git(root, 'add', 'link')
    expect(refusal(root)).toContain('github-token')
    git(root, 'rm', '-q', '--cached', 'link')
    git(root, 'rm', '-q', '-f', 'a')
    expect(refusal(root)).toBe('')
  })

  test('with the short PATH of a client with windows, from a worktree and a submodule', () => {
    const root = newRepository({ a: 'a\n' })
    commitAll(root)
    const tree = join(tempFolder(), 'tree')
    git(root, 'worktree', 'add', '-q', tree, '-b', 'side')
    expect(install(tree).path).toBe(join(root, '.git/hooks/pre-commit'))
    put(tree, { a: secret(172) })
    const bin = tempFolder()
    for (const name of ['git', 'sh', 'readlink'])
      symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(bin, name))
    const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@e', 'commit', '-qam', 'x'], {
      cwd: tree,
      encoding: 'utf8',
      env: { PATH: bin, HOME: bin },
    })
    expect([done.status, `${done.stdout}${done.stderr}`]).toEqual([1, expect.stringContaining('github-token')])

    const outer = newRepository({ o: 'o\n' })
    git(outer, 'submodule', '-q', 'add', `file://${root}`, 'sub')
    expect(install(join(outer, 'sub')).path).toBe(join(outer, '.git/modules/sub/hooks/pre-commit'))
    put(outer, { 'sub/a': secret(173) })
    expect(refusal(join(outer, 'sub'), '-a')).toContain('github-token')
  })

  test('and says so when the command it starts is gone', () => {
    const root = newRepository({ a: 'a\n' })
    const { path } = install(root)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('/bin/mm', '/bin/none'))
    git(root, 'add', 'a')
    expect(refusal(root)).toContain('is gone')
  })
})

test('the entry for the pre-commit framework starts the command that is installed', () => {
  const text = readFileSync(fileURLToPath(new URL('../../.pre-commit-hooks.yaml', import.meta.url)), 'utf8')
  const [hook] = parse(text) as {
    readonly entry: string
    readonly language: string
    readonly pass_filenames: boolean
  }[]
  expect([hook?.language, hook?.pass_filenames]).toEqual(['system', false])
  const bin = tempFolder()
  symlinkSync(MM, join(bin, 'mm'))
  const root = newRepository({ a: secret(174) })
  git(root, 'add', 'a')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
  const { status, stdout } = spawnSync('sh', ['-c', hook?.entry ?? ''], { cwd: root, encoding: 'utf8', env })
  expect([status, stdout]).toEqual([1, expect.stringContaining('github-token')])
})

test('a Node too old for the command is told what is needed', () => {
  const bin = tempFolder()
  const old = `case $1 in --version) echo v20.1.0;; -*) echo "bad option: $1" >&2; exit 9;; *) echo "ran $1";; esac`
  writeFileSync(join(bin, 'node'), `#!/bin/sh\n${old}\n`, { mode: 0o755 })
  const copy = join(tempFolder(), 'bin')
  mkdirSync(copy)
  writeFileSync(join(copy, 'mm'), readFileSync(MM), { mode: 0o755 })
  const run = (path: string) => spawnSync(join(copy, 'mm'), ['x'], { encoding: 'utf8', env: { PATH: path } })
  expect(run(`${bin}:/usr/bin:/bin`).stdout).toContain('run.js')
  writeFileSync(join(bin, 'node'), `#!/bin/sh\nexit 127\n`, { mode: 0o755 })
  expect(run(`${bin}:/usr/bin:/bin`)).toMatchObject({ status: 2, stderr: expect.stringContaining('Node 24') })
})

describe('where the hook goes', () => {
  test.each([
    ['.hooks', '.hooks/pre-commit'],
    ['.husky/_', '.husky/_/pre-commit'],
  ])('core.hooksPath %s', (folder, expected) => {
    const root = newRepository()
    git(root, 'config', 'core.hooksPath', folder)
    expect(install(root).path).toBe(join(root, expected))
  })

  test('nowhere, when hooks are switched off', () => {
    const root = newRepository()
    git(root, 'config', 'core.hooksPath', '/dev/null')
    expect([install(root).status, existsSync(join(root, '.git/hooks/pre-commit'))]).toEqual([2, false])
  })

  test('nowhere, when it cannot be written', () => {
    const root = newRepository()
    rmSync(join(root, '.git/hooks'), { recursive: true, force: true })
    writeFileSync(join(root, '.git/hooks'), '')
    const { status, stderr } = install(root)
    expect([status, stderr]).toEqual([3, expect.stringContaining('cannot write the hook')])
  })
})

describe('what it replaces', () => {
  test('itself, and not what somebody added to it', () => {
    const root = newRepository()
    const { path } = install(root)
    expect(install(root).status).toBe(0)
    // As written by an earlier version.
    writeFileSync(
      path,
      `#!/bin/sh\n# written by mm scan-secrets --install-hook\nexec '/old/mm' scan-secrets --staged\n`,
    )
    expect(install(root).status).toBe(0)
    appendFileSync(path, 'echo mine\n')
    const { status, stderr } = install(root)
    expect([status, stderr]).toEqual([2, expect.stringContaining(`'${MM}' scan-secrets --staged || exit 1`)])
    expect(readFileSync(path, 'utf8')).toContain('echo mine')
  })

  test.each([
    ['a link to nothing', (path: string) => symlinkSync('elsewhere', path)],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('not %s', (_, make) => {
    const root = newRepository()
    mkdirSync(join(root, '.git/hooks'), { recursive: true })
    make(join(root, '.git/hooks/pre-commit'))
    expect([install(root).status, existsSync(join(root, '.git/hooks/elsewhere'))]).toEqual([2, false])
  })
})
