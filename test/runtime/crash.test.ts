/**
 * `kill -9` in the middle of trading on a running exchange, then a second start: nothing is left open, nothing is
 * counted twice, nothing is lost. The exchange's own ledger is the oracle. Whole processes, as an operator runs them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { resumeTrading } from '../../src/core/runtime/halt.ts'
import { decodeRecord } from '../../src/core/runtime/journal-records.ts'
import type { Recovery } from '../../src/core/runtime/recover.ts'

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

interface Truth {
  readonly accounts: readonly {
    readonly openOrders: readonly { readonly orderLinkId: string }[]
    readonly positions: readonly { readonly symbol: string; readonly size: string; readonly side: string }[]
    readonly executions: readonly { readonly execId: string; readonly side: string; readonly execQty: string }[]
  }[]
}

let host: ExchangeHost
let dir: string
const children: ChildProcess[] = []
/** What the newest process said on stderr. */
let said = ''

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mm-crash-'))
  host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await host.close()
  rmSync(dir, { recursive: true, force: true })
})

function mm(args: readonly string[] = [], nodeArgs: readonly string[] = []): ChildProcess {
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
  const child = spawn(process.execPath, [...all, '--metrics', 'off', '--no-ui', '--json'], { env })
  children.push(child)
  said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return child
}

/** Reads lines until `enough`, or the end. */
async function lines(child: ChildProcess, enough: (seen: readonly Line[]) => boolean): Promise<Line[]> {
  const seen: Line[] = []
  if (child.stdout === null) throw new Error('no stdout')
  for await (const text of createInterface({ input: child.stdout })) {
    seen.push(JSON.parse(text) as Line)
    if (enough(seen)) return seen
  }
  if (seen.length === 0) throw new Error(`it ended without a line: ${said}`)
  return seen
}

async function truth(): Promise<Truth['accounts'][number]> {
  const reply = (await (await fetch(`${host.welcome.rest}/sim/truth`)).json()) as Truth
  const [account] = reply.accounts
  if (account === undefined) throw new Error('the exchange knows no account')
  return account
}

const fillsOf = (seen: readonly Line[]): number => seen.filter(({ type }) => type === 'fill').length

test('kill -9 while quoting, then start again', async () => {
  const first = mm()
  await lines(first, (seen) => fillsOf(seen) >= 1)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const left = (await truth()).openOrders.map(({ orderLinkId }) => orderLinkId)
  expect(left.length).toBeGreaterThan(0)

  const second = mm(['--duration', '7s'])
  const seen = await lines(second, () => false)
  if (second.exitCode === null) await once(second, 'exit')
  expect(second.exitCode, said).toBe(0)
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
  const child = mm()
  const seen = await lines(child, (all) => all.some(({ type }) => type === 'quotes'))
  const { recovery } = seen.find(({ type }) => type === 'start') as unknown as { recovery: Recovery }
  expect(recovery).toMatchObject({ lastEndedCleanly: true, canceledOrders: [], missedExecutions: [] })
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(child.exitCode, said).toBe(0)
  expect((await truth()).openOrders).toEqual([])
})

test.each(['SIGINT', 'SIGQUIT'] as const)('%s leads to an orderly end with no order left', async (signal) => {
  const child = mm()
  await lines(child, (all) => all.some(({ type, status }) => type === 'order' && status === 'open'))
  child.kill(signal)
  await once(child, 'exit')
  expect(child.exitCode, said).toBe(0)
  expect((await truth()).openOrders).toEqual([])
})

test('SIGUSR1 opens no debugger and ends nothing', async () => {
  const child = mm([], ['--disable-sigusr1'])
  await lines(child, (all) => all.some(({ type, status }) => type === 'order' && status === 'open'))
  child.kill('SIGUSR1')
  const after = await lines(child, (all) => all.some(({ type }) => type === 'quotes'))
  expect(after.length).toBeGreaterThan(0)
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(child.exitCode, said).toBe(0)
  expect(said).not.toContain('Debugger')
  for (const file of ['bin/mm', 'package.json']) expect(readFileSync(file, 'utf8')).toContain('--disable-sigusr1')
})

test.each([
  ['an uncaught error', "throw new Error('planted')"],
  ['an unhandled rejection', "void Promise.reject(new Error('planted'))"],
])('%s in the middle: orders are cancelled first, then exit 70', async (_, code) => {
  // Planted from outside, once it is told to: the bot itself has no switch for it.
  const plant = `data:text/javascript,process.on('SIGUSR2', () => { ${code} })`
  const child = mm([], ['--import', plant])
  await lines(child, (all) => all.some(({ type, status }) => type === 'order' && status === 'open'))
  expect((await truth()).openOrders.length).toBeGreaterThan(0)
  child.kill('SIGUSR2')
  await once(child, 'exit')
  expect(child.exitCode, said).toBe(70)
  expect(said).toContain('planted')
  expect((await truth()).openOrders).toEqual([])
  // Whoever starts it again, a supervisor above all, is refused until somebody has looked.
  const again = mm()
  await once(again, 'exit')
  expect([again.exitCode, said]).toEqual([4, expect.stringContaining('crash: planted')])
  const id = /--ack (\S+)/.exec(said)?.[1] ?? ''
  expect(resumeTrading(dir, { ack: id, reason: 'planted by a test', nowMs: 1 })).toMatchObject({ by: 'trade' })
})
