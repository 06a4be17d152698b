/** A caller that asked for JSON gets one document on stdout whatever is refused, with the code that the process ends with. */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-json-'))
  writeFileSync(join(dir, 'broken.yaml'), 'risk: [1\n')
  writeFileSync(join(dir, 'open.key'), 'MM_API_KEY=x\n')
  chmodSync(join(dir, 'open.key'), 0o644)
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

function mm(argv: readonly string[]) {
  const env = { PATH: process.env['PATH'], XDG_STATE_HOME: join(dir, 'state') }
  const words = argv.map((word) => word.replace('DIR', dir))
  return spawnSync('./bin/mm', words, { encoding: 'utf8', input: '', env })
}

function insistOnDocument(argv: readonly string[], exit: number, code: string): Record<string, unknown> {
  const { status, stdout, stderr } = mm(argv)
  const document = JSON.parse(stdout) as Record<string, unknown>
  expect(document).toMatchObject({ schemaVersion: 1, type: 'error', code, exit })
  expect([status, stdout.split('\n')]).toEqual([exit, [expect.any(String), '']])
  // People read the same, on the other stream.
  expect(stderr).toContain(String(document['message']).split('\n')[0])
  expect(stderr).toContain(document['remedy'])
  return document
}

describe('every command, with a flag that it does not know', () => {
  const commands = readdirSync('src/commands').map((file) => basename(file, '.ts'))
  test.each(commands)('mm %s --json', (command) => {
    insistOnDocument([command, '--json', '--bogus'], 2, 'USAGE')
  })
})

test.each([
  ['trad --json', 2, 'USAGE'],
  ['--json', 2, 'USAGE'],
  ['--json trade', 2, 'USAGE'],
  ['cancel-all --json', 13, 'CREDENTIALS_MISSING'],
  ['cancel-all --dry-run --json', 13, 'CREDENTIALS_MISSING'],
  ['cancel-all --json --category moon', 2, 'USAGE'],
  ['cancel-all --json --flatten', 2, 'USAGE'],
  ['cancel-all --json --exchange-url https://example.com', 4, 'HOST_REFUSED'],
  ['trade --json --seed x', 2, 'FLAG_RANGE'],
  ['trade --json --config DIR/none.yaml', 3, 'CONFIG_READ'],
  ['trade --json --config DIR/broken.yaml', 2, 'CONFIG_INVALID'],
  ['trade --json --config DIR', 3, 'CONFIG_READ'],
  ['trade --json --exchange-url http://127.0.0.1:1 --state-dir DIR/keyless', 2, 'CREDENTIALS_MISSING'],
  ['guard --json --ttl 1s', 2, 'FLAG_RANGE'],
  ['guard --json --alert nowhere', 2, 'USAGE'],
  ['exchange --json --port 99999', 2, 'USAGE'],
  ['exchange --json --faults DIR/none', 3, 'EXCHANGE_FAULTS_UNREADABLE'],
  ['import --json --from hftbacktest DIR/none --out DIR/o', 3, 'IMPORT_MISSING'],
  ['backtest --json DIR/none.parquet', 3, 'RECORDING_MISSING'],
  ['status --json --state-dir DIR/nobody', 3, 'NO_BOT'],
  ['resume --json', 2, 'USAGE'],
  ['init --json --profile none --dir DIR', 2, 'PROFILE_UNKNOWN'],
  ['validate-config --json --explain nokey', 2, 'USAGE'],
  ['validate-config --json --account', 2, 'USAGE'],
  ['scan-secrets --json --explain nosuch', 2, 'SCAN_RULE_UNKNOWN'],
  ['scan-secrets --format json --staged --stdin', 2, 'USAGE'],
] as const)('mm %s: exit %i, %s', (line, exit, code) => {
  insistOnDocument(line.split(' '), exit, code)
})

test('lines of a run are numbered and dated, also that of its refusal', () => {
  expect(insistOnDocument(['trade', '--json', '--speed', '3'], 2, 'FLAG_RANGE')).toMatchObject({
    seq: 1,
    ts: expect.any(Number),
  })
})

test('an emergency without a key says in the document which keys were refused', () => {
  const { notes } = insistOnDocument(
    ['cancel-all', '--json', '--dry-run', '--credentials-file', 'DIR/open.key'],
    13,
    'CREDENTIALS_MISSING',
  )
  expect(notes).toEqual(expect.arrayContaining([expect.stringContaining('others may read it')]))
})

test('nobody who did not ask for it gets JSON', () => {
  expect(mm(['trade', '--bogus']).stdout).toBe('')
  expect(mm(['cancel-all', '--dry-run']).stdout).toBe('')
})

test('what is asked for as JSON is not answered in another form', () => {
  expect(JSON.parse(mm(['exchange', '--faults', 'list', '--json']).stdout)).toMatchObject({ schemaVersion: 1 })
  expect(JSON.parse(mm(['validate-config', '--json', '--format', 'github']).stdout)).toMatchObject({ schemaVersion: 1 })
})

// Planted from outside: the commands themselves have no switch for it.
test.each([
  ['scan-secrets', 'process.hrtime.bigint'],
  ['validate-config', 'Array.prototype.toReversed'],
])('mm %s that fails for a reason of ours answers neither yes nor no', (command, name) => {
  const plant = `data:text/javascript,${name} = () => { throw new Error("planted") }`
  const argv = ['--single-threaded-gc', '--import', plant, 'bin/run.js', command, '--json']
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  const document = JSON.parse(stdout) as Record<string, unknown>
  expect([status, document]).toEqual([70, expect.objectContaining({ type: 'error', code: 'INTERNAL', exit: 70 })])
  expect(stderr).toContain('internal error (a bug of ours): Error: planted')
})

describe('a copy that was not built', () => {
  test('builds itself where it can: a clone after npm ci', () => {
    const clone = mkdtempSync(join(dir, 'clone-'))
    for (const name of ['bin', 'src', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(name, join(clone, name), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules'), join(clone, 'node_modules'))
    const options = { encoding: 'utf8', input: 'nothing\n' } as const
    const { status, stdout, stderr } = spawnSync(
      join(clone, 'bin', 'mm'),
      ['scan-secrets', '--stdin', '--json'],
      options,
    )
    expect([status, stderr]).toEqual([0, 'building mm (only after a change) …\n'])
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'clean' })
  })

  test.each(['cancel-all', 'scan-secrets', 'validate-config', 'trade'])('mm %s', (command) => {
    const copy = mkdtempSync(join(dir, 'copy-'))
    cpSync('bin', join(copy, 'bin'), { recursive: true })
    const argv = [join(copy, 'bin', 'run.js'), command, '--json']
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
    const document = JSON.parse(stdout) as Record<string, unknown>
    expect([status, document]).toEqual([70, expect.objectContaining({ type: 'error', code: 'INTERNAL', exit: 70 })])
    expect(stderr).toContain(`run npm ci && npm run build in ${copy}`)
    expect(stderr.includes('Cancel all')).toBe(command === 'cancel-all')
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

describe('in a folder that was deleted', () => {
  const bin = join(process.cwd(), 'bin', 'mm')
  test.each(['validate-config', 'trade', 'backtest x.csv', 'scan-secrets'])('mm %s', (words) => {
    const gone = mkdtempSync(join(dir, 'gone-'))
    const env = { PATH: process.env['PATH'], XDG_STATE_HOME: join(dir, 'state') }
    const script = `rmdir "$PWD" && exec '${bin}' ${words} --json`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: gone, encoding: 'utf8', env })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'WORKING_FOLDER', exit: 3 })
    expect([status, stderr]).toEqual([3, expect.stringContaining('cannot tell which folder this is')])
  })
})
