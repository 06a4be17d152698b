/**
 * `kill -9` in the middle of trading on a running exchange, then a second start: nothing is left open, nothing is
 * counted twice, nothing is lost. The exchange's own ledger is the oracle. Whole processes, as an operator runs them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { resumeTrading } from '../../src/core/runtime/halt.ts'
import { decodeRecord } from '../../src/core/runtime/journal-records.ts'
import type { Recovery } from '../../src/core/runtime/recover.ts'
import { begin, endAll, ROOT, type Running } from '../cancel/process.ts'

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

interface Truth {
  readonly accounts: readonly {
    readonly openOrders: readonly { readonly orderLinkId: string }[]
    readonly inFlight: number
    readonly positions: readonly { readonly symbol: string; readonly size: string; readonly side: string }[]
    readonly executions: readonly { readonly execId: string; readonly side: string; readonly execQty: string }[]
  }[]
}

let host: ExchangeHost
let dir: string
const started: Running[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mm-crash-'))
  host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
})

afterAll(async () => {
  await endAll(started)
  await host.close()
  rmSync(dir, { recursive: true, force: true })
})

function mm(args: readonly string[] = [], nodeArgs: readonly string[] = []): Running {
  const { rest, apiKey, apiSecret } = host.welcome
  const all = [
    '--single-threaded-gc',
    ...nodeArgs,
    'bin/run.js',
    'trade',
    '--exchange-url',
    rest,
    '--state-dir',
    dir,
    ...args,
  ]
  const env = { ...process.env, MM_API_KEY: apiKey, MM_API_SECRET: apiSecret }
  const running = begin(process.execPath, [...all, '--metrics', 'off', '--no-ui', '--json'], { env, cwd: ROOT })
  started.push(running)
  return running
}

const isOpen = ({ type, status }: Line): boolean => type === 'order' && status === 'open'

/** Waits for an order of the bot that rests. */
const trading = ({ out }: Running): Promise<Line> => out.json(isOpen)

/** How it ends, with all of its lines. */
async function result(running: Running): Promise<{ code: number | null; said: string; lines: Line[] }> {
  const { code, stdout, stderr } = await running.ended
  const lines = stdout.split('\n').filter((text) => text !== '')
  return { code, said: stderr, lines: lines.map((text) => JSON.parse(text) as Line) }
}

async function truth(): Promise<Truth['accounts'][number]> {
  const reply = (await (await fetch(`${host.welcome.rest}/sim/truth`)).json()) as Truth
  const [account] = reply.accounts
  if (account === undefined) throw new Error('the exchange knows no account')
  return account
}

/** What is open once all that a stopped bot has sent is there. */
async function landed(): Promise<string[]> {
  let quiet = 0
  while (quiet < 3) quiet = (await truth()).inFlight === 0 ? quiet + 1 : 0
  return (await truth()).openOrders.map(({ orderLinkId }) => orderLinkId)
}

test('kill -9 while quoting, then start again', async () => {
  const first = mm()
  await first.out.json<Line>(({ type }) => type === 'fill')
  // A fill may have been its last open order, or a guard took the others back: stopped where some are open.
  let left: string[] = []
  while (left.length === 0) {
    await trading(first)
    first.child.kill('SIGSTOP')
    left = await landed()
    if (left.length === 0) first.child.kill('SIGCONT')
  }
  await endAll([first])

  const { code, said, lines: seen } = await result(mm(['--duration', '7s']))
  expect(code, said).toBe(0)
  const { recovery } = seen.find(({ type }) => type === 'start') as unknown as { recovery: Recovery }
  expect(recovery.lastEndedCleanly).toBe(false)
  // What was open at the kill was cancelled by its id, unless it filled before the second start came.
  const end = await truth()
  expect(left).toEqual(expect.arrayContaining([...recovery.canceledOrders]))
  expect(recovery.canceledOrders.length + recovery.missedExecutions.length).toBeGreaterThan(0)
  expect(end.openOrders).toEqual([])
  // The journal and what it missed add up to what the exchange said at the second start.
  for (const { exchangeLots, expectedLots } of recovery.positions) expect(expectedLots ?? 0).toBe(exchangeLots)

  const summary = seen.at(-1)
  expect(summary).toMatchObject({ type: 'summary', openOrders: 0, verifiedZero: true, pnl: { identityExact: true } })
  const [position] = end.positions
  const signed =
    position === undefined || position.size === '0' ? '0' : `${position.side === 'Sell' ? '-' : ''}${position.size}`
  expect(summary).toMatchObject({ position: { BTCUSDT: signed } })

  // Every execution of the exchange is in exactly one place: a journal, or the list of those the first journal missed.
  const journalled = listEpochs(join(dir, 'journal')).flatMap((epoch) => {
    const ids: string[] = []
    readRun(join(dir, 'journal'), epoch, ({ kind, payload }) => {
      const decoded = decodeRecord(kind, payload)
      if (decoded?.type === 'event' && decoded.event.kind === 'fill') ids.push(decoded.event.execId)
    })
    return ids
  })
  const known = [...journalled, ...recovery.missedExecutions.map(({ execId }) => execId)].sort()
  expect(known).toEqual(end.executions.map(({ execId }) => execId).sort())
  expect(new Set(known).size).toBe(known.length)
})

test('a third start finds an orderly end, and SIGTERM leads to one', async () => {
  const running = mm()
  const { recovery } = await running.out.json<Line>(({ type }) => type === 'start')
  expect(recovery).toMatchObject({ lastEndedCleanly: true, canceledOrders: [], missedExecutions: [] })
  await running.out.json<Line>(({ type }) => type === 'quotes')
  running.child.kill('SIGTERM')
  const { code, said } = await result(running)
  expect(code, said).toBe(0)
  expect((await truth()).openOrders).toEqual([])
})

test.each(['SIGINT', 'SIGQUIT'] as const)('%s leads to an orderly end with no order left', async (signal) => {
  const running = mm()
  await trading(running)
  running.child.kill(signal)
  const { code, said } = await result(running)
  expect(code, said).toBe(0)
  expect((await truth()).openOrders).toEqual([])
})

test('SIGUSR1 opens no debugger and ends nothing', async () => {
  const running = mm([], ['--disable-sigusr1'])
  await trading(running)
  running.child.kill('SIGUSR1')
  await running.out.json<Line>(({ type }) => type === 'quotes')
  running.child.kill('SIGTERM')
  const { code, said } = await result(running)
  expect(code, said).toBe(0)
  expect(said).not.toContain('Debugger')
  for (const file of ['bin/mm', 'package.json']) expect(readFileSync(file, 'utf8')).toContain('--disable-sigusr1')
})

test.each([
  ['an uncaught error', "throw new Error('planted')"],
  ['an unhandled rejection', "void Promise.reject(new Error('planted'))"],
])('%s in the middle: orders are cancelled first, then exit 70', async (_, code) => {
  // Planted from outside, once it is told to: the bot itself has no switch for it.
  const plant = `data:text/javascript,process.on('SIGUSR2', () => { ${code} })`
  const running = mm([], ['--import', plant])
  while ((await truth()).openOrders.length === 0) await trading(running)
  running.child.kill('SIGUSR2')
  const ended = await result(running)
  expect(ended.code, ended.said).toBe(70)
  expect(ended.said).toContain('planted')
  expect((await truth()).openOrders).toEqual([])
  // Whoever starts it again, a supervisor above all, is refused until somebody has looked.
  const again = await result(mm())
  expect([again.code, again.said]).toEqual([4, expect.stringContaining('crash: planted')])
  const id = /--ack (\S+)/.exec(again.said)?.[1] ?? ''
  expect(resumeTrading(dir, { ack: id, reason: 'planted by a test', nowMs: 1 })).toMatchObject({ by: 'trade' })
})
