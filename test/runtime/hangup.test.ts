/**
 * SIGHUP as daemons know it: the configuration is read again. A terminal that hung up sends the same signal and means the
 * opposite: nobody is there any more, so the run ends with nothing open. Whole processes, with and without a terminal.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { readLock } from '../../src/core/run-lock.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { type Decoded, decodeRecord } from '../../src/core/runtime/journal-records.ts'
import { Terminal } from '../../src/core/runtime/terminal.ts'
import { begin, endAll, ROOT, type Running } from '../cancel/process.ts'

interface Line {
  readonly type: string
  readonly text?: string
  readonly phase?: string
  readonly configHash?: string
  readonly reasons?: readonly string[]
}

let host: ExchangeHost
let dir: string
let started: Running[] = []

beforeAll(async () => {
  host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
})

afterAll(() => host.close())

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-hup-'))
})

afterEach(async () => {
  await endAll(started)
  started = []
  // It outlives its terminal when it should not, and ends in its own time when it should.
  const lock = readLock(join(dir, 'state'))
  if (lock.state === 'held') process.kill(lock.record.pid, 'SIGKILL')
  while (readLock(join(dir, 'state')).state === 'held') await new Promise((resolve) => setImmediate(resolve))
  rmSync(dir, { recursive: true, force: true })
})

function command(): string[] {
  const args = [
    '--exchange-url',
    host.welcome.rest,
    '--state-dir',
    join(dir, 'state'),
    '--config',
    join(dir, 'mm.yaml'),
  ]
  return ['--single-threaded-gc', 'bin/run.js', 'trade', '--metrics', '127.0.0.1:0', '--no-ui', '--json', ...args]
}

function start(program: string, args: readonly string[], isAlone: boolean): Running {
  const { apiKey, apiSecret } = host.welcome
  const env = { ...process.env, MM_API_KEY: apiKey, MM_API_SECRET: apiSecret }
  const running = begin(program, args, { env, detached: isAlone, cwd: ROOT })
  started.push(running)
  return running
}

/** A session of its own has no terminal, whatever started the tests. */
const withoutTerminal = (): Running => start(process.execPath, command(), true)

/** `script` holds the other end of the bot's terminal: when it dies, the terminal hangs up. */
function withTerminal(redirection: string): Running {
  const words = [process.execPath, ...command()].map((word) => `'${word}'`).join(' ')
  return start('script', ['-qefc', `exec ${words} ${redirection}`, '/dev/null'], false)
}

const reading =
  ({ out }: Running) =>
  (isWanted: (line: Line) => boolean): Promise<Line> =>
    out.json<Line>(isWanted)

/** As long as the slowest machine may take: nothing here depends on it. */
const PATIENCE_MS = 250_000

const config = (text: string): void => writeFileSync(join(dir, 'mm.yaml'), text)

function botPid(): number {
  const lock = readLock(join(dir, 'state'))
  if (lock.state !== 'held') throw new Error(`the lock is ${lock.state}`)
  return lock.record.pid
}

async function openOrders(): Promise<number> {
  const truth = (await (await fetch(`${host.welcome.rest}/sim/truth`)).json()) as {
    accounts: { openOrders: unknown[] }[]
  }
  return truth.accounts.flatMap((account) => account.openOrders).length
}

function journalled(): Decoded[] {
  const journals = join(dir, 'state', 'journal')
  const records: Decoded[] = []
  for (const epoch of listEpochs(journals)) {
    readRun(journals, epoch, ({ kind, payload }) => {
      const decoded = decodeRecord(kind, payload)
      if (decoded !== null) records.push(decoded)
    })
  }
  return records
}

const configsTaken = () =>
  journalled().flatMap((record) => (record.type === 'event' && record.event.kind === 'config' ? [record.event] : []))
/** The bot's metrics without labels. */
async function scraped(): Promise<Record<string, string>> {
  const args = ['bin/run.js', 'status', '--json', '--state-dir', join(dir, 'state')]
  // Not synchronously: the bot's output must be read meanwhile, or a full pipe keeps it from answering.
  const { stdout } = await begin(process.execPath, args, { cwd: ROOT }).ended
  const { run } = JSON.parse(stdout) as { run: { metricsUrl: string } }
  const text = await (await fetch(run.metricsUrl)).text()
  return Object.fromEntries([...text.matchAll(/^(\w+) (\S+)$/gm)].map(([, name = '', value = '']) => [name, value]))
}

const ended = () => journalled().find(({ type }) => type === 'end')

test('without a terminal it reads the configuration again: all of it, or nothing', async () => {
  config('quoting: { orderValue: 300 }')
  const bot = withoutTerminal()
  const line = reading(bot)
  const started = await line(({ type }) => type === 'start')
  await line(({ type }) => type === 'quotes')

  config('quoting: { orderValue: 200 }')
  bot.child.kill('SIGHUP')
  const taken = await line(({ configHash }) => configHash !== undefined)
  expect(taken.text).toContain('configuration read again: 1 values changed')
  expect(taken.configHash).not.toBe(started.configHash)

  // A broken file, a limit that rises, and a good change beside one that needs a restart: refused, still trading.
  for (const [text, reason] of [
    ['quoting: { orderValue: 100', /mm\.yaml:1/],
    ['risk: { positionValueMax: 9000 }', /never rises/],
    ['quoting: { orderValue: 100, levelsMax: 1 }', /levelsMax: cannot change while the bot runs/],
  ] as const) {
    config(text)
    bot.child.kill('SIGHUP')
    const refused = await line(({ reasons }) => reasons !== undefined)
    expect(refused.text).toBe('the configuration was not taken, and nothing changed')
    expect(refused.reasons?.join()).toMatch(reason)
  }
  await line(({ type }) => type === 'quotes')
  expect(await scraped()).toMatchObject({ mm_config_reloads_total: '1', mm_config_reloads_refused_total: '3' })

  bot.child.kill('SIGTERM')
  expect((await bot.ended).code).toBe(0)
  expect(configsTaken().map(({ hash }) => hash)).toEqual([taken.configHash])
  expect(await openOrders()).toBe(0)
})

test('two at once are taken one after the other; one while it ends changes nothing', async () => {
  config('quoting: { orderValue: 300 }')
  const bot = withoutTerminal()
  const line = reading(bot)
  await line(({ type }) => type === 'quotes')
  config('quoting: { orderValue: 250 }')
  bot.child.kill('SIGHUP')
  bot.child.kill('SIGHUP')
  expect((await line(({ text }) => text?.startsWith('configuration read again') === true)).text).toContain('1 values')
  config('quoting: { orderValue: 200 }')
  bot.child.kill('SIGTERM')
  await line(({ type, phase }) => type === 'phase' && phase === 'halted')
  bot.child.kill('SIGHUP')
  expect((await bot.ended).code).toBe(0)
  for (const { settings } of configsTaken()) expect(settings).toMatchObject({ quoting: { orderValue: '250' } })
  expect(await openOrders()).toBe(0)
})

test('with a terminal that is there it reads the configuration again', async () => {
  config('quoting: { orderValue: 300 }')
  const line = reading(withTerminal(''))
  await line(({ type }) => type === 'quotes')
  config('quoting: { orderValue: 200 }')
  process.kill(botPid(), 'SIGHUP')
  expect((await line(({ configHash, type }) => configHash !== undefined && type === 'note')).text).toContain(
    'read again',
  )
  process.kill(botPid(), 'SIGTERM')
  await line(({ type }) => type === 'summary')
})

// What it prints goes elsewhere, so that nothing but the signal can tell it.
test('a terminal that hangs up stops it, with nothing open', async () => {
  config('quoting: { orderValue: 300 }')
  const script = withTerminal('>/dev/null 2>&1')
  await expect.poll(openOrders, { timeout: PATIENCE_MS }).toBeGreaterThan(0)
  script.child.kill('SIGKILL')
  const end = { reason: 'signal SIGHUP', openOrders: 0, verifiedZero: true }
  await expect.poll(ended, { timeout: PATIENCE_MS }).toMatchObject({ end })
  expect(configsTaken()).toEqual([])
  expect(await openOrders()).toBe(0)
})

test.each([
  ['never one', [false, false], false],
  ['still there', [true, true], false],
  ['gone', [true, false], true],
  ['came later', [false, true], false],
])('a terminal: %s', (_, [atStart = false, now = false], isLost) => {
  const opens = [atStart, now]
  expect(new Terminal(() => opens.shift() === true).isLost).toBe(isLost)
})
