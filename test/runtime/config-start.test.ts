/**
 * What the configuration does to the start of `mm trade` on real money: the effective one is in the journal and on
 * /healthz, a changed one must be acknowledged, and what the account or the guard contradicts ends the start before the
 * first order. Whole processes against a simulated exchange that plays the live venue.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { listenLocal } from '../../src/core/deadman/channel.ts'
import { Watch } from '../../src/core/deadman/watch.ts'
import { DEFAULT_UID } from '../../src/core/exchange/sim/server/embedded.ts'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { decodeRecord, type RunRecord } from '../../src/core/runtime/journal-records.ts'
import { begin, endAll, ROOT, type Running } from '../cancel/process.ts'

let host: ExchangeHost
let dir: string
let started: Running[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mm-start-'))
  host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
})

afterEach(async () => {
  await endAll(started)
  started = []
})

afterAll(async () => {
  await host.close()
  rmSync(dir, { recursive: true, force: true })
})

function mm(args: readonly string[]): Running {
  const { apiKey, apiSecret } = host.welcome
  const env = { ...process.env, MM_API_KEY: apiKey, MM_API_SECRET: apiSecret }
  const running = begin(process.execPath, ['--single-threaded-gc', 'bin/run.js', ...args], { env, cwd: ROOT })
  started.push(running)
  return running
}

interface Done {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function tradeOn(venue: string, args: readonly string[]): Running {
  const where = ['--venue', venue, '--exchange-url', host.welcome.rest, '--state-dir', join(dir, 'state')]
  const metrics = args.includes('--metrics') ? [] : ['--metrics', 'off']
  const account = ['--arm', DEFAULT_UID, '--config', join(dir, 'mm.yaml')]
  return mm(['trade', '--no-ui', '--json', ...where, ...account, ...metrics, ...args])
}

const live = (...args: string[]): Running => tradeOn('live', args)

async function done({ ended }: Running): Promise<Done> {
  const { code, stdout, stderr } = await ended
  return { code, out: stdout, err: stderr }
}

const config = (text: string): void => writeFileSync(join(dir, 'mm.yaml'), text)

/** Creates that the exchange has seen. */
async function creates(): Promise<number> {
  const truth = (await (await fetch(`${host.welcome.rest}/sim/truth`)).json()) as {
    requests: Record<string, Record<string, number>>
  }
  return Object.entries(truth.requests)
    .filter(([endpoint]) => endpoint.includes('create'))
    .reduce((sum, [, codes]) => sum + Object.values(codes).reduce((a, b) => a + b, 0), 0)
}

function validated(): { configHash: string; valid: boolean } {
  const args = ['bin/run.js', 'validate-config', join(dir, 'mm.yaml'), '--json']
  return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout) as {
    configHash: string
    valid: boolean
  }
}

function lastRun(): RunRecord {
  const journals = join(dir, 'state', 'journal')
  const epoch = listEpochs(journals).at(-1) ?? ''
  const runs: RunRecord[] = []
  const { header } = readRun(journals, epoch, ({ kind, payload }) => {
    const decoded = decodeRecord(kind, payload)
    if (decoded?.type === 'run') runs.push(decoded.run)
  })
  const [run] = runs
  if (run === undefined) throw new Error('the journal does not say what run it is')
  expect(header?.configHash).toBe(run.configHash)
  return run
}

test('the hash that was validated is the one in the journal, with the origins, and on /healthz', async () => {
  config('risk:\n  lossMax: 90\n')
  const bot = live('--set', 'quoting.orderValue=250', '--metrics', '127.0.0.1:0')
  const { configHash } = await bot.out.json<{ configHash: string }>()
  // Not synchronously: the bot's output must be read meanwhile, or a full pipe keeps it from answering.
  const { out } = await done(mm(['status', '--json', '--state-dir', join(dir, 'state')]))
  const status = JSON.parse(out) as { run: { metricsUrl: string } }
  const health = (await (await fetch(status.run.metricsUrl.replace('/metrics', '/healthz'))).json()) as object
  expect(health).toMatchObject({ configHash })
  bot.child.kill('SIGTERM')
  const { code, err } = await done(bot)
  expect(code, err).toBe(0)
  expect(lastRun()).toMatchObject({
    configHash,
    configOrigins: { 'risk.lossMax': `${join(dir, 'mm.yaml')}:2:12`, 'quoting.orderValue': '--set quoting.orderValue' },
    config: { risk: { lossMax: '90' }, quoting: { orderValue: '250' } },
  })
})

test('a changed effective value is told and refused until its hash is acknowledged', async () => {
  config('risk:\n  lossMax: 80\nquoting: { orderValue: 250 }\n')
  const before = await creates()
  const refused = await done(live('--duration', '1s'))
  expect(refused.code).toBe(4)
  expect(refused.err).toContain(`risk.lossMax: 90 → 80  (${join(dir, 'mm.yaml')}:2:12)`)
  // Said elsewhere, the same value: no change.
  expect(refused.err).not.toContain('orderValue')
  const { configHash } = validated()
  expect(refused.err).toContain(`--ack-config ${configHash.slice(0, 12)}`)
  const wrong = await done(live('--duration', '1s', '--ack-config', 'f'.repeat(64)))
  expect(wrong.code).toBe(4)
  expect(JSON.parse(wrong.out)).toMatchObject({ type: 'error', code: 'LIVE_CONFIG_ACK', exit: 4 })
  expect(await creates()).toBe(before)

  // The file changed after it was looked at: the acknowledged hash is another one.
  config('risk:\n  lossMax: 95\nquoting: { orderValue: 250 }\n')
  const raced = await done(live('--duration', '1s', '--ack-config', configHash))
  expect(raced.code).toBe(4)
  expect(raced.err).toContain('is not the hash of this configuration')

  config('risk:\n  lossMax: 80\nquoting: { orderValue: 250 }\n')
  const taken = await done(live('--duration', '1s', '--ack-config', configHash))
  expect(taken.code, taken.err).toBe(0)
  expect(lastRun().configHash).toBe(configHash)
  // What was acknowledged is what the next start is compared with.
  const again = await done(live('--duration', '1s'))
  expect(again.code, again.err).toBe(0)
})

test('the guard of the configuration hears the run, and rests when it ended with nothing open', async () => {
  config('risk:\n  lossMax: 80\nquoting: { orderValue: 250 }\n')
  const watch = new Watch(600_000)
  const phases = new Set<string>()
  const path = join(dir, 'guard.sock')
  const channel = await listenLocal(path, (heartbeat) => {
    const counts = watch.hear(heartbeat, performance.now(), Date.now())
    phases.add(watch.phase)
    return counts
  })
  const ended = await done(tradeOn('testnet', ['--duration', '2s', '--set', `deadman.address=${path}`]))
  channel.close()
  expect(ended.code, ended.err).toBe(0)
  expect([...phases]).toEqual(['armed', 'idle'])
})

test.each([
  [
    'another leverage',
    ['exchange.leverage=3'],
    2,
    /BTCUSDT has leverage 10 at the exchange, and exchange\.leverage is 3/,
  ],
  ['a guard that does not answer', ['deadman.address=/nowhere/guard.sock'], 4, /no guard answers at \/nowhere/],
  ['an inverse contract', ['exchange.category=inverse'], 2, /must be linear or spot, found "inverse" \(an inverse/],
  ['an option', ['exchange.category=option'], 2, /options need another kind/],
])('%s: no start, no order', async (_, set, code, message) => {
  config('risk:\n  lossMax: 80\nquoting: { orderValue: 250 }\n')
  const before = await creates()
  const given = set.flatMap((text) => ['--set', text])
  // On the testnet venue nothing needs an acknowledgement.
  const ended = await done(tradeOn('testnet', ['--duration', '2s', ...given]))
  expect(ended.err).toMatch(message)
  expect(ended.err).not.toMatch(/\n\s+at |internal error/)
  expect(ended.code).toBe(code)
  expect(await creates()).toBe(before)
})
