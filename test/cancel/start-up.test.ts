/** The bytecode that is shipped beside dist/cancel.cjs: used when it is whole and ours, and never needed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from './process.ts'

let copy = ''
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'mm-start-'))
  mkdirSync(join(copy, 'dist'))
  cpSync(join(ROOT, 'bin'), join(copy, 'bin'), { recursive: true })
  for (const name of ['cancel.cjs', 'cancel.cache']) cpSync(join(ROOT, 'dist', name), join(copy, 'dist', name))
})
afterEach(() => rmSync(copy, { recursive: true, force: true }))

const FLAGS = ['--single-threaded-gc', '--disable-sigusr1']

// true: refused by V8 · false: taken · undefined: not offered.
function verdict(): string {
  const script = `process.stdout.write(String(require('./bin/run.js').compile('cancel').script.cachedDataRejected))`
  return execFileSync(process.execPath, [...FLAGS, '-e', script], { cwd: copy, encoding: 'utf8' })
}

function withoutKey(): readonly [number | null, string] {
  const args = [...FLAGS, join(copy, 'bin', 'run.js'), 'cancel-all', '--dry-run']
  const env = { HOME: copy }
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8' })
  return [status, stderr.slice(0, 10)]
}

test('what the build left is taken', () => {
  expect([verdict(), withoutKey()]).toEqual(['false', [13, 'mm: no key']])
})

test('the build writes it beside a disk so slow that the command would not wait for it', () => {
  cpSync(join(ROOT, 'scripts', 'cancel-cache.js'), join(copy, 'scripts', 'cancel-cache.js'))
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'))
  rmSync(join(copy, 'dist', 'cancel.cache'))
  writeFileSync(join(copy, 'slow.cjs'), "process.getActiveResourcesInfo = () => ['FSReqPromise']")
  const args = ['--require', './slow.cjs', ...FLAGS, 'scripts/cancel-cache.js']
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  expect([status, verdict()], stderr).toEqual([0, 'false'])
})

const DAMAGES: readonly { what: string; file: string; change: (bytes: Buffer) => Buffer }[] = [
  { what: 'cut off', file: 'cancel.cache', change: (bytes) => bytes.subarray(0, 5_000) },
  { what: 'empty', file: 'cancel.cache', change: () => Buffer.alloc(0) },
  { what: 'one bit', file: 'cancel.cache', change: (bytes) => bytes.fill((bytes[9_000] ?? 0) ^ 1, 9_000, 9_001) },
  {
    what: 'of another source of the same length',
    file: 'cancel.cjs',
    change: (bytes) => Buffer.from(bytes.toString().replace('no key:', 'no key;')),
  },
]
test.each(DAMAGES)('$what: not offered, and it runs all the same', ({ file, change }) => {
  const path = join(copy, 'dist', file)
  writeFileSync(path, change(readFileSync(path)))
  expect([verdict(), withoutKey()]).toEqual(['undefined', [13, 'mm: no key']])
})

test('it is one file, and loads nothing but what Node brings', () => {
  const text = readFileSync(join(ROOT, 'dist', 'cancel.cjs'), 'utf8')
  const loads = [...text.matchAll(/\brequire\(["'`]([^"'`]*)["'`]\)/g)].map(([, name]) => name)
  expect(loads.filter((name) => name?.startsWith('node:') !== true)).toEqual([])
  expect(text).not.toMatch(/\bimport\(/)
})
