import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseFast } from '../../src/core/scan/options.ts'
import { render } from '../../src/core/scan/render.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { commitAll, failingPaths, fakeToken, git, newRepository, put, scanIn, tempFolder } from './helpers.ts'

const { alnum, upper, base64 } = ALPHABETS
const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

/** One secret of each kind of place, and every value planted. */
function planted(): { files: Record<string, string | Uint8Array>; values: string[] } {
  const s = new Sampler(42)
  const token = (seed: number) => fakeToken(seed)
  const body = `MII${s.chars(61, base64)}\n${s.chars(64, base64)}`
  const key = s.chars(18, upper)
  const secret = s.chars(36, upper)
  const password = `${s.chars(8, alnum)}!9x${s.chars(3, alnum)}`
  const notebook = s.chars(36, alnum)
  const wide = s.chars(32, alnum)
  const values = [1, 2, 3, 4, 5, 6].map(token)
  return {
    files: {
      'scan_secrets.py': `TOKEN = "${token(1)}"\n`,
      'scan-secrets.ts': `const t = '${token(2)}'\n`,
      'allow.txt': `${token(3)}\n`,
      '.env': `BYBIT_API_KEY=${key}\nBYBIT_API_SECRET=${secret}\n`,
      'conf.toml': `[db]\npassword = "${password}"\n`,
      'key.pem': `-----BEGIN ${'PRIVATE'} KEY-----\n${body}\n-----END ${'PRIVATE'} KEY-----\n`,
      'notes.md': `# Notes\n\nThe key was ${token(4)}, then.\n`,
      'study.ipynb': JSON.stringify({ cells: [{ source: [`api_secret = "${notebook}"\n`] }] }, null, 1),
      'wide.txt': Buffer.from(`\ufeffsecret_token = "${wide}"\r\n`, 'utf16le'),
      'encoded.yaml': `data:\n  x: ${Buffer.from(`export T=${token(5)}\n`).toString('base64')}\n`,
      'src/core/scan/rules/bybit.ts': `const t = '${token(6)}'\n`,
    },
    values: [...values, key, secret, password, notebook, wide, body.slice(0, 64)],
  }
}

describe('a repository with a key in every kind of file', () => {
  test('finds each of them, exits with 1 and prints none in clear', async () => {
    const { files, values } = planted()
    const report = await scanIn(newRepository(files))
    expect(failingPaths(report)).toEqual(Object.keys(files).sort())
    expect(report.exit).toBe(1)
    for (const format of ['text', 'json', 'sarif', 'junit', 'github'] as const) {
      const text = render(report, format, '0')
      for (const value of values) expect(text.includes(value), `${format} shows a value`).toBe(false)
    }
    const sums = (['text', 'github'] as const).map((format) => /.* to fix, .*/.exec(render(report, format, '0'))?.[0])
    const failing = report.findings.filter(({ tier }) => tier !== 'review').length
    expect(sums[0]).toMatch(new RegExp(`^secrets found: ${failing} to fix, `))
    expect(sums[1]).toBe(sums[0])
  })

  test('with --strict what was allowed is shown as what fails', async () => {
    const token = fakeToken(19)
    const root = newRepository({
      'a.txt': `t = '${token}' # mm-allow-secret: github-token until=${soon()} a made up one\n`,
    })
    expect((await scanIn(root)).exit).toBe(0)
    const report = await scanIn(root, { strict: true })
    expect(report.exit).toBe(1)
    expect(render(report, 'text', '0')).toMatch(
      /^a\.txt:1:6 .*\n.*with --strict not allowed by inline: .*\nsecrets found: 1 to fix/,
    )
    expect(render(report, 'github', '0')).toContain('::error file=a.txt')
    expect(render(report, 'junit', '0')).toContain('<failure')
    expect(render(report, 'sarif', '0')).not.toContain('suppressions')
  })

  test('a baseline that was written is no clean tree', async () => {
    const report = await scanIn(newRepository({ 'a.txt': `t = '${fakeToken(20)}'\n` }), { writeBaseline: true })
    expect([report.exit, render(report, 'text', '0')]).toEqual([
      0,
      expect.stringContaining('taken into the baseline: 1 to fix'),
    ])
  })

  test('the pair of a Bybit key and its secret in capitals is confirmed', async () => {
    const report = await scanIn(newRepository({ '.env': String(planted().files['.env']) }))
    expect(report.findings.map(({ rule, tier, title }) => `${rule} ${tier}: ${title}`)).toEqual([
      'bybit-api-secret confirmed: Bybit API key',
      'bybit-api-secret confirmed: Bybit API secret',
    ])
  })

  test('finds a key that is only in the index', async () => {
    const root = newRepository({ 'a.txt': 'x\n' })
    commitAll(root)
    put(root, { 'a.txt': `x\nt = '${fakeToken(7)}'\n` })
    git(root, 'add', '-A')
    writeFileSync(join(root, 'a.txt'), 'x\n')
    expect((await scanIn(root)).exit).toBe(0)
    const staged = await scanIn(root, { staged: true })
    expect([staged.exit, failingPaths(staged), staged.coverage.blobs]).toEqual([1, ['a.txt'], 1])
  })

  test('staged scans report only what the commit adds', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(8)}'\n` })
    commitAll(root)
    put(root, { 'a.txt': `t = '${fakeToken(8)}'\nmore\n` })
    git(root, 'add', '-A')
    expect((await scanIn(root, { staged: true })).exit).toBe(0)
    put(root, { 'a.txt': `t = '${fakeToken(8)}'\nu = '${fakeToken(9)}'\n` })
    git(root, 'add', '-A')
    expect((await scanIn(root, { staged: true })).findings.map(({ line }) => line)).toEqual([2])
  })

  test('finds a key of a deleted file in the history, with commit and path, and remembers clean blobs', async () => {
    const root = newRepository({ 'gone.txt': `t = '${fakeToken(10)}'\n`, 'b.txt': 'b\n' })
    const commit = commitAll(root)
    rmSync(join(root, 'gone.txt'))
    commitAll(root)
    const report = await scanIn(root, { history: true })
    expect(report.findings.map(({ path, commit: from }) => [path, from])).toEqual([['gone.txt', commit]])
    const again = await scanIn(root, { history: true })
    expect([again.exit, again.cachedBlobs, again.coverage.blobs]).toEqual([1, 1, 1])
    const range = await scanIn(root, { history: true, range: `${commit}..HEAD` })
    expect([range.exit, range.findings]).toEqual([0, []])
  })

  test('one commit, the first one too, and no other', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(17)}'\n` })
    const first = commitAll(root)
    put(root, { 'b.txt': `t = '${fakeToken(18)}'\n` })
    const second = commitAll(root)
    const paths = async (range: string) => failingPaths(await scanIn(root, { history: true, range }))
    expect([await paths(`${first}^!`), await paths(`${second}^!`)]).toEqual([['a.txt'], ['b.txt']])
    await expect(scanIn(root, { history: true, paths: [first] })).rejects.toThrow(/A\.\.B/)
  })

  test('a damaged cache is rebuilt, not believed', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(11)}'\n` })
    commitAll(root)
    mkdirSync(join(root, '.git', 'mm'))
    writeFileSync(join(root, '.git', 'mm', 'scan-cache'), `mm-scan-cache 2\tnonsense\n${'x'.repeat(40)}`)
    expect((await scanIn(root, { history: true })).exit).toBe(1)
  })

  test.each([
    ['a file in place of its folder', (mm: string) => writeFileSync(mm, '')],
    ['a folder in its place', (mm: string) => mkdirSync(join(mm, 'scan-cache'), { recursive: true })],
    ['a pipe in its place', (mm: string) => execFileSync('sh', ['-c', `mkdir '${mm}' && mkfifo '${mm}/scan-cache'`])],
  ])('%s: a history is read without a cache', async (_, put) => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(12)}'\n` })
    commitAll(root)
    put(join(root, '.git', 'mm'))
    expect((await scanIn(root, { history: true })).exit).toBe(1)
  })

  test('what was clean as program code is read again as settings, and the other way round not', async () => {
    const text = `password=${'Hun'}ter-42!x\n`
    const root = newRepository({ 'a.js': text, 'b.conf': 'x\n' })
    commitAll(root)
    expect((await scanIn(root, { history: true })).exit).toBe(0)
    git(root, 'mv', 'a.js', 'a.env')
    git(root, 'mv', 'b.conf', 'b.js')
    commitAll(root)
    const again = await scanIn(root, { history: true })
    expect([again.exit, failingPaths(again), again.cachedBlobs]).toEqual([1, ['a.env'], 1])
  })

  test('one fingerprint in tree, index and history', async () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(12)}'\n` })
    git(root, 'add', '-A')
    const [tree, staged] = [await scanIn(root), await scanIn(root, { staged: true })]
    commitAll(root)
    const history = await scanIn(root, { history: true })
    expect(new Set([tree, staged, history].map(({ findings }) => findings[0]?.fingerprint)).size).toBe(1)
  })

  test('reads a packed tarball', async () => {
    const root = tempFolder()
    put(root, { 'package/index.js': `export const t = '${fakeToken(13)}'\n`, 'package/package.json': '{}' })
    execFileSync('tar', ['czf', 'p.tgz', 'package'], { cwd: root })
    const report = await scanIn(root, { package: 'p.tgz' })
    expect([report.exit, failingPaths(report), report.coverage.files]).toEqual([1, ['package/index.js'], 2])
  })
})

describe('the fast path', () => {
  test.each([
    [['--staged'], { staged: true }],
    [['--history', 'a..b'], { history: true, range: 'a..b' }],
    [['--history', 'HEAD~3..'], { history: true, range: 'HEAD~3..' }],
    [['--history'], { history: true }],
    [['--history', 'HEAD^!'], { history: true, range: 'HEAD^!' }],
    [['--json', '--format', 'sarif'], { format: 'json' }],
    [['--format', 'sarif', '--output', 'x.sarif', 'src'], { format: 'sarif', output: 'x.sarif', paths: ['src'] }],
    [['--json'], { format: 'json' }],
  ])('understands %j', (argv, expected) => expect(parseFast(argv)).toMatchObject(expected))

  test.each([['--help'], ['--format', 'pdf'], ['--output'], ['--config=x'], ['-v']])(
    'leaves %j to the full parser',
    (...argv) => {
      expect(parseFast(argv)).toBeUndefined()
    },
  )
})

/** Runs the command's core as a process of its own, from the sources. */
function runProcess(cwd: string, argv: readonly string[], input?: string) {
  const entry = pathToFileURL(join(PROJECT, 'src/core/scan/main.ts')).href
  const code = `import { runFast } from ${JSON.stringify(entry)}
process.on('exit', () => {
  const loaded = process.moduleLoadList.filter((name) => /NativeModule (?:http|https|http2|tls|dns|_http_\\w+|_tls_\\w+|undici|internal\\/deps\\/undici\\/undici)$/.test(name))
  if (loaded.length > 0) process.stderr.write('NETWORK ' + loaded.join() + '\\n')
})
await runFast(${JSON.stringify(argv)}, ${JSON.stringify(PROJECT)})`
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd,
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  })
}

describe('as a process', () => {
  test('reads standard input and loads no network module', () => {
    const found = runProcess(tempFolder(), ['--stdin'], `t = '${fakeToken(14)}'\n`)
    expect([found.status, found.stderr]).toEqual([1, ''])
    expect(found.stdout).toContain('github-token')
    expect(runProcess(tempFolder(), ['--stdin'], '').status).toBe(3)
    const clean = runProcess(tempFolder(), ['--stdin', '--json'], 'nothing here\n')
    expect([clean.status, JSON.parse(clean.stdout).verdict]).toEqual([0, 'clean'])
  })

  test('scans index, tree and history without a network module', () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    commitAll(root)
    for (const argv of [['--staged'], [], ['--history']])
      expect([runProcess(root, argv).stderr, argv]).toEqual(['', argv])
  })

  test('refuses what makes no sense with 2', () => {
    expect(runProcess(tempFolder(), ['--staged', '--stdin']).status).toBe(2)
    expect(runProcess(tempFolder(), ['--explain', 'no-such-rule']).status).toBe(2)
  })

  test('writing the report to a file keeps the exit code', () => {
    const root = newRepository({ 'a.txt': `t = '${fakeToken(15)}'\n` })
    const out = join(tempFolder(), 'r.json')
    expect(runProcess(root, ['--json', '--output', out]).status).toBe(1)
    expect(JSON.parse(readFileSync(out, 'utf8')).findings.length).toBe(1)
  })

  test('the installed hook blocks a commit and lets a clean one pass', () => {
    const root = newRepository({ 'a.txt': 'a\n' })
    commitAll(root)
    const installed = runProcess(root, ['--install-hook'])
    expect([installed.status, existsSync(join(root, '.git/hooks/pre-commit'))]).toEqual([0, true])
    // The hook starts bin/mm; here the same command is started from the sources.
    const shim = join(tempFolder(), 'mm')
    const entry = pathToFileURL(join(PROJECT, 'src/core/scan/main.ts')).href
    const code = `import { runFast } from ${JSON.stringify(entry)}; await runFast(process.argv.slice(2), ${JSON.stringify(PROJECT)})`
    writeFileSync(`${shim}.mjs`, code)
    writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${shim}.mjs' "\${@#scan-secrets}"\n`, { mode: 0o755 })
    writeFileSync(shim, `#!/bin/sh\nshift\nexec '${process.execPath}' '${shim}.mjs' "$@"\n`, { mode: 0o755 })
    const hook = join(root, '.git/hooks/pre-commit')
    writeFileSync(hook, readFileSync(hook, 'utf8').replace(/exec '.*?'/, `exec '${shim}'`))
    put(root, { 'a.txt': `t = '${fakeToken(16)}'\n` })
    git(root, 'add', '-A')
    expect(() => git(root, 'commit', '-q', '-m', 'leak')).toThrow(/github-token/)
    put(root, { 'a.txt': 'fine\n' })
    git(root, 'add', '-A')
    git(root, 'commit', '-q', '-m', 'fine')
    expect(git(root, 'log', '--oneline').trim().split('\n').length).toBe(2)
  })

  test('a hook of somebody else is not replaced', () => {
    const root = newRepository()
    mkdirSync(join(root, '.git/hooks'), { recursive: true })
    writeFileSync(join(root, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 0\n')
    expect(runProcess(root, ['--install-hook']).status).toBe(2)
  })
})

function soon(): string {
  return new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
}
