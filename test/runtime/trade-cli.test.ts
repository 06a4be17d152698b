/**
 * `mm trade` as an operator runs it: what comes out, with which exit code, and that nothing stays open. Runs under
 * virtual time, so that 30 seconds of market take a moment.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { latchPath } from '../../src/core/latch.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { decodeRecord } from '../../src/core/runtime/journal-records.ts'

interface Done {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-trade-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

function run(program: string, args: readonly string[]): Promise<Done> {
  const env = { ...process.env, XDG_STATE_HOME: dir, MM_API_KEY: undefined, MM_API_SECRET: undefined }
  const child = spawn(program, args, { env })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

const mm = (...args: string[]): Promise<Done> => run(process.execPath, ['--single-threaded-gc', 'bin/run.js', ...args])
const DEFAULTS = [
  ['--speed', 'max'],
  ['--duration', '12s'],
  ['--seed', '7'],
]

/** With the defaults above, for flags that are not given. */
const trade = (...args: string[]): Promise<Done> =>
  mm('trade', '--no-ui', '--json', ...DEFAULTS.filter(([flag]) => !args.includes(flag ?? '')).flat(), ...args)

const linesOf = ({ out }: Done): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

function endOf(epoch: string): unknown {
  let end: unknown = null
  readRun(join(dir, 'mm', 'journal'), epoch, ({ kind, payload }) => {
    const decoded = decodeRecord(kind, payload)
    if (decoded?.type === 'end') ({ end } = decoded)
  })
  return end
}

describe('a run', () => {
  test('prints numbered lines and a summary whose parts add up, and the same seed gives the same bytes', async () => {
    const first = await trade()
    expect(first.code, first.err).toBe(0)
    const lines = linesOf(first)
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
    const times = lines.map(({ ts }) => Number(ts))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(lines.map(({ type }) => type))).toEqual(
      new Set(['start', 'warning', 'phase', 'quotes', 'guard', 'order', 'fill', 'summary']),
    )
    const summary = lines.at(-1)
    expect(summary).toMatchObject({
      type: 'summary',
      schemaVersion: 1,
      openOrders: 0,
      verifiedZero: true,
      exitReason: 'duration',
      pnl: { identityExact: true },
    })
    const { fills } = summary as { fills: number }
    expect(fills).toBeGreaterThan(0)
    // The whole summary hangs on it: whose account it was.
    expect(lines[0]).toMatchObject({ type: 'start', uid: expect.stringMatching(/^\d+$/) })
    expect(lines.filter(({ type }) => type === 'fill')).toHaveLength(fills)
    const second = await trade()
    expect(second.out).toBe(first.out)
    // Every place that the engine asked for is a durable intent in the journal.
    const journals = join(dir, 'mm', 'journal')
    const [epoch = ''] = listEpochs(journals)
    let places = 0
    readRun(journals, epoch, ({ kind, payload }) => {
      const decoded = decodeRecord(kind, payload)
      if (decoded?.type === 'request' && decoded.kind === 'intent' && decoded.request.kind === 'place') places++
    })
    expect(places).toBe((summary as { counters: { places: number } }).counters.places)
  })

  test('the first line of all says where it runs; people get text', async () => {
    const done = await mm('trade', '--no-ui', '--speed', 'max', '--duration', '8s', '--seed', '3')
    expect(done.code, done.err).toBe(0)
    expect(done.out).toContain('venue paper, seed 3')
    expect(done.out).toContain('open orders at the end: none (stated by the exchange)')
    expect(done.out).toContain('(exact)')
    expect(done.out).toMatch(/warning: BTCUSDT: .*the account pays 2\.00 bps for each fill.*halfSpreadBpsMin/)
  })

  test('quotes that earn the fee start without a warning', async () => {
    const done = await mm('trade', '--no-ui', '--speed', 'max', '--duration', '1s', '--profile', 'conservative')
    expect(done.code, done.err).toBe(0)
    expect(done.out + done.err).not.toContain('warning')
  })

  test('a loss limit halts it, sets the latch, refuses the next start until somebody resumes', async () => {
    const halted = await trade('--set', 'risk.lossMax=0.000001')
    expect(halted.code, halted.err).toBe(4)
    expect(linesOf(halted).at(-1)).toMatchObject({ openOrders: 0, verifiedZero: true })
    expect(halted.err).toContain('the loss limit is reached')
    const id = /--ack (\S+)/.exec(halted.err)?.[1] ?? ''
    const refused = await trade()
    expect(refused.code).toBe(4)
    expect(refused.err).toContain('HALT latch')
    expect(linesOf(refused)).toMatchObject([{ type: 'error', code: 'HALTED', exit: 4 }])
    expect((await mm('resume', '--ack', 'other', '--reason', 'looked')).code).toBe(4)
    const resumed = await mm('resume', '--ack', id, '--reason', 'a limit of nothing, for a test')
    expect(resumed.code, resumed.err).toBe(0)
    expect((await trade()).code).toBe(0)
    expect(readFileSync(join(dir, 'mm', 'resume.log'), 'utf8')).toContain('a limit of nothing')
  })
})

test('a start removes the journals of runs long gone', async () => {
  const journals = join(dir, 'mm', 'journal')
  mkdirSync(journals, { recursive: true })
  const old = Array.from({ length: 25 }, (_, index) => `00000${String(index).padStart(2, '0')}`)
  for (const epoch of old) writeFileSync(join(journals, `${epoch}-00000.mmj`), '')
  const done = await trade('--duration', '1s')
  expect(done.code, done.err).toBe(0)
  expect(listEpochs(journals).slice(0, -1)).toEqual(old.slice(-19))
})

describe('bad input ends early, with the right code and no stack', () => {
  test.each([
    ['duration', ['--duration', '5'], 2, '--duration 5'],
    ['speed', ['--speed', '0'], 2, '--speed 0'],
    ['speed between', ['--speed', '5'], 2, '1 (real time) or max'],
    ['seed', ['--seed', 'abc'], 2, '--seed abc'],
    ['symbols', ['--symbols', 'btc,btc'], 2, '--symbols'],
    ['unknown symbol', ['--symbols', 'NOSUCHUSDT'], 2, 'NOSUCHUSDT'],
    ['unknown flag', ['--sped', '1'], 2, 'sped'],
    ['venue', ['--venue', 'mars'], 2, 'venue'],
    ['profile', ['--profile', 'agressive'], 2, 'did you mean aggressive'],
    ['config value', ['--set', 'quoting.levelsMax=0'], 2, 'quoting.levelsMax'],
    ['order too small', ['--set', 'quoting.orderValue=1'], 2, 'smallest order of BTCUSDT'],
    ['missing recording', ['--market', '/nowhere/x.parquet'], 3, '/nowhere/x.parquet'],
    ['live without a key', ['--venue', 'live', '--speed', '1', '--metrics', 'off'], 2, 'MM_API_KEY'],
    ['no URL', ['--exchange-url', 'localhost', '--speed', '1', '--metrics', 'off'], 2, '--exchange-url localhost'],
    ['foreign host', ['--exchange-url', 'http://10.0.0.1:1', '--speed', '1', '--metrics', 'off'], 4, '10.0.0.1'],
  ])('%s', async (_, args, code, text) => {
    const done = await trade(...args)
    expect(done.err).toContain(text)
    expect(done.err).not.toMatch(/\n\s+at |internal error/)
    expect(done.code, done.err).toBe(code)
    expect(linesOf(done)).toMatchObject([{ type: 'error', seq: 1, exit: code }])
  })

  test('a state folder that cannot be used', async () => {
    writeFileSync(join(dir, 'file'), '')
    const done = await trade('--state-dir', join(dir, 'file', 'state'))
    expect(done.code, done.err).toBe(2)
    expect(done.err).toContain(join(dir, 'file', 'state'))
  })

  test('a HALT latch that cannot be read', async () => {
    const state = mkdtempSync(join(dir, 's-'))
    writeFileSync(latchPath(state), 'garbage')
    const done = await trade('--state-dir', state)
    expect(done.code, done.err).toBe(4)
    expect(done.err).toContain('counts as set')
  })

  test('a busy metrics port that was asked for', async () => {
    const busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    const { port } = busy.address() as AddressInfo
    const done = await trade('--speed', '1', '--metrics', `127.0.0.1:${port}`)
    await new Promise((resolve) => busy.close(resolve))
    expect(done.code, done.err).toBe(2)
    expect(done.err).toContain(`port ${port}`)
  })

  test.each([['--json'], ['--no-color']])('stdout that cannot be written: exit 3, %s', async (flag) => {
    const command = `exec "${process.execPath}" --single-threaded-gc bin/run.js trade --no-ui ${flag} --speed max --duration 12s --seed 7 >/dev/full`
    const done = await run('bash', ['-c', command])
    expect(done.code, done.err).toBe(3)
    expect(done.err).toMatch(/cannot write standard output \(stdout\): .*ENOSPC/)
    expect(done.err).toContain('send it elsewhere')
    expect(done.err).not.toMatch(/\n\s+at |internal error/)
    const [epoch = ''] = listEpochs(join(dir, 'mm', 'journal'))
    // The first line for people comes before the run, which then may not even begin.
    const end = endOf(epoch)
    if (end !== null || flag === '--json') expect(end).toMatchObject({ openOrders: 0, verifiedZero: true })
  })

  test('a reader of stdout that goes away ends nothing', async () => {
    const program = `"${process.execPath}" --single-threaded-gc bin/run.js trade --no-ui --json --speed max --duration 12s --seed 7`
    const done = await run('bash', ['-c', `set -o pipefail; ${program} | head -n 1 >/dev/null`])
    expect(done.code, done.err).toBe(0)
    expect(done.err).not.toContain('cannot write')
  })

  // A limit on file size is what a full disk looks like to a writer.
  test('a disk that is full in the middle of a run: no order stays, exit 3', async () => {
    const command = `ulimit -f 64; exec "${process.execPath}" --single-threaded-gc bin/run.js trade --no-ui --json --speed max --duration 60s --seed 7`
    const done = await run('bash', ['-c', command])
    expect(done.code, done.err).toBe(3)
    expect(done.err).toContain('cannot write the journal')
    expect(done.err).toContain('--state-dir')
    expect(linesOf(done).at(-1)).toMatchObject({ type: 'summary', openOrders: 0, verifiedZero: true })
  })

  test('a disk too full for the lock: nothing begins, exit 2, no trace of the inside', async () => {
    const command = `ulimit -f 0; exec "${process.execPath}" --single-threaded-gc bin/run.js trade --no-ui --json --duration 5s --metrics off`
    const done = await run('bash', ['-c', command])
    expect(done.code, done.err).toBe(2)
    expect(done.err).toContain('cannot write the state directory')
    expect(done.err).not.toMatch(/\n\s+at |internal error/)
    expect(readdirSync(join(dir, 'mm')).filter((name) => name.includes('lock'))).toEqual([])
  })

  test('a disk that is full at the start: nothing begins, exit 3', async () => {
    const command = `ulimit -f 64; exec "${process.execPath}" --single-threaded-gc bin/run.js trade --no-ui --json --duration 5s --metrics off`
    const done = await run('bash', ['-c', command])
    expect(done.code, done.err).toBe(3)
    expect(done.err).toContain('cannot write the journal')
    expect(linesOf(done)).toMatchObject([{ type: 'error', code: 'JOURNAL_WRITE', exit: 3 }])
  })
})
