/** The built command: rules and helping thread stand in the bundle, where no rule folder is left to read. */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FORMATS } from '../../src/core/scan/options.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { simdTables, upperTables } from '../../src/core/scan/simd-tables.ts'
import { FILES_MIN } from '../../src/core/scan/workers.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MM = join(ROOT, 'bin', 'mm')
const FLAGS = ['--single-threaded-gc', '--disable-sigusr1']

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mm-built-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const value = `${'4fQ9zL2x'}${'Vb7Rk1Ts'}${'8WnYc3Jd'}${'5GhMp6Xa'}`

describe('a folder with enough files for a second thread is read whole, and what is planted in it is found', () => {
  test.each([
    ['from the bundle', []],
    ['through the full parser of flags', ['--state-dir', 'nowhere']],
  ])('%s', (_, args) => {
    for (let folder = 0; folder < 2; folder++) {
      mkdirSync(join(root, `d${folder}`))
      for (let i = 0; i < FILES_MIN; i++) writeFileSync(join(root, `d${folder}`, `${i}.txt`), `note ${i}\n`)
    }
    writeFileSync(join(root, 'd1', 'z.env'), `PAYMENTS_CLIENT_SECRET=${value}\n`)
    const done = spawnSync(MM, ['scan-secrets', '--format', 'json', ...args], { cwd: root, encoding: 'utf8' })
    expect([done.status, done.stderr]).toEqual([1, ''])
    const report: { readonly findings: readonly { readonly path: string }[]; readonly coverage: { files: number } } =
      JSON.parse(done.stdout)
    expect(report.findings.map(({ path }) => path)).toEqual(['d1/z.env'])
    expect(report.coverage.files).toBe(2 * FILES_MIN + 1)
    expect(done.stdout).not.toContain(value)
  })
})

describe('what is asked before the scanner is read does no harm where it leads nowhere', () => {
  test.each([
    ['two sources', ['--staged', '--history'], {}, 2, 'takes one of --staged'],
    ['no repository', ['--history'], {}, 3, 'no git repository'],
    ['no git', ['--history'], { PATH: '/nowhere' }, 3, 'git is not installed'],
    ['another repository by name', ['--history'], { GIT_DIR: '/nowhere' }, 3, 'no git repository'],
    ['a flag of the full parser', ['--histori'], {}, 2, '--histori'],
  ])('%s', (_, args, env, status, words) => {
    const done = spawnSync(MM, ['scan-secrets', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    })
    expect([done.status, done.signal]).toEqual([status, null])
    expect(done.stdout + done.stderr).toContain(words)
    expect(done.stdout + done.stderr).not.toMatch(/ at |Unhandled|rejection/)
  })

  test('a folder that is gone', () => {
    const done = spawnSync(
      'sh',
      ['-c', `mkdir gone && cd gone && rmdir ../gone && exec "${MM}" scan-secrets --history`],
      {
        cwd: root,
        encoding: 'utf8',
      },
    )
    expect(done.status).toBe(3)
    expect(done.stderr).toContain('cannot tell which folder this is')
  })
})

test('the bundle reads exceptions and own rules', () => {
  const own = `hk${'_'}${'QWERTZ'.repeat(3)}ZZ`
  writeFileSync(join(root, 'a.txt'), `PAYMENTS_CLIENT_SECRET=${value}\n${own}\n`)
  writeFileSync(
    join(root, '.mm-secrets.yaml'),
    `allow:
  - { rule: generic-secret, path: a.txt, reason: made up for this test, owner: desk, expires: ${nextMonth()} }
rules:
  - { id: house-key, title: key of the house, pattern: 'hk_[A-Z]{20}' }
`,
  )
  const done = spawnSync(MM, ['scan-secrets', '--json'], { cwd: root, encoding: 'utf8' })
  const report: { readonly findings: readonly { readonly rule: string; readonly allowed?: string }[] } = JSON.parse(
    done.stdout,
  )
  expect(report.findings.map(({ rule, allowed }) => [rule, allowed])).toEqual([
    ['generic-secret', 'allowlist entry 1: made up for this test'],
    ['house-key', undefined],
  ])
  expect(done.status).toBe(1)
})

function nextMonth(): string {
  return new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
}

test('the tables of the build are those of the rules', async () => {
  const { READY } = (await import(join(ROOT, 'dist', 'core', 'scan', 'simd-ready.js'))) as {
    READY: { lower: string; upper: string }
  }
  const rules = await builtInRules()
  expect(READY.lower).toBe(Buffer.from(simdTables(rules)).toString('base64'))
  expect(READY.upper).toBe(Buffer.from(upperTables(rules)).toString('base64'))
})

describe('the bytecode beside the bundle', () => {
  const script = `process.stdout.write(String(require('./bin/run.js').compile('scan').script.cachedDataRejected))`
  const verdict = () => execFileSync(process.execPath, [...FLAGS, '-e', script], { cwd: root, encoding: 'utf8' })
  const scan = () =>
    spawnSync(process.execPath, [...FLAGS, join(root, 'bin', 'run.js'), 'scan-secrets', '--stdin'], {
      cwd: root,
      input: `PAYMENTS_CLIENT_SECRET=${value}\n`,
    }).status

  beforeEach(() => {
    mkdirSync(join(root, 'dist'))
    cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true })
    for (const name of ['dist/early.cjs', 'dist/scan.cjs', 'dist/scan.cache', 'package.json'])
      cpSync(join(ROOT, name), join(root, name))
  })

  test('is taken', () => {
    expect([verdict(), scan()]).toEqual(['false', 1])
  })

  test('is not offered when it is damaged, and the scan runs all the same', () => {
    const path = join(root, 'dist', 'scan.cache')
    writeFileSync(path, readFileSync(path).subarray(0, 9_000))
    expect([verdict(), scan()]).toEqual(['undefined', 1])
  })
})

test.each(FORMATS)('a report that cannot be written is no finding: %s', (format) => {
  const full = openSync('/dev/full', 'w')
  writeFileSync(join(root, 'a.txt'), 'a\n')
  const done = spawnSync(MM, ['scan-secrets', '--format', format, '.'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  expect([done.status, done.stderr.includes(' at ')]).toEqual([3, false])
})
