/**
 * Every way a bot can end with 200 orders open: after each of them the exchange's own ledger shows none of its orders, and
 * where the halt was set the next start refuses. Whole processes.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { timeUs } from '../../src/core/domain/units.ts'
import { type HaltRecord, latchPath } from '../../src/core/latch.ts'
import { restHeaders } from '../../src/core/exchange/bybit/signing.ts'
import { Pace } from './pace.ts'
import { type Bench, type Exchange, type Running, test } from './process.ts'
import { signer } from './rig.ts'

const ORDERS = 200

interface Bot {
  readonly running: Running
  readonly prefix: string
}

async function bot(desk: Bench, exchange: Exchange, manner: string, guard = ''): Promise<Bot> {
  const args = [exchange.url, join(desk.dir, 'state'), manner, guard]
  const heap = manner === 'memory' ? { NODE_OPTIONS: '--max-old-space-size=160 --max-semi-space-size=4' } : {}
  const running = desk.mm(args, { ...exchange.key, ...heap }, 'test/cancel/trade-entry.ts')
  const { epoch } = await running.out.json<{ epoch: string }>()
  return { running, prefix: `mm00-${epoch}-` }
}

/** Fills the account with orders that begin with the bot's own name, numbered as none of its own are. */
async function fill(exchange: Exchange, prefix: string): Promise<void> {
  const key = signer({ apiKey: exchange.key['MM_API_KEY'] ?? '', secret: exchange.key['MM_API_SECRET'] ?? '' })
  const lane = async (lane: number): Promise<void> => {
    for (let i = lane; i < ORDERS; i += 8) {
      const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.001' }
      const body = JSON.stringify({ ...order, price: String(61_300 + (i % 100)), orderLinkId: `${prefix}x-${i}` })
      const timestampMs = Math.floor(timeUs(Date.now() * 1_000) / 1_000)
      const headers = restHeaders(key, { timestampMs, windowMs: 30_000, payload: body })
      const reply = await fetch(`${exchange.url}/v5/order/create`, { method: 'POST', headers, body })
      const { retCode, retMsg } = (await reply.json()) as { retCode: number; retMsg: string }
      if (retCode !== 0) throw new Error(`${retCode} ${retMsg} ${body}`)
    }
  }
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(lane))
}

const TTL_MS = 5_000

async function scene(desk: Bench, manner: string, guard = '') {
  const exchange = await desk.exchange(['--symbols', 'BTCUSDT', '--tier', 'unlimited'])
  const watching =
    guard === ''
      ? null
      : desk.mm(
          ['guard', '--json', '--ttl', `${TTL_MS}ms`, '--socket', guard, '--state-dir', join(desk.dir, 'state')],
          exchange.key,
        )
  await watching?.out.line((line) => line.includes('"type":"listening"'))
  const { running, prefix } = await bot(desk, exchange, manner, guard)
  await fill(exchange, prefix)
  const fired = async (): Promise<unknown> => watching?.out.json((line: { type?: string }) => line.type === 'fired')
  return { exchange, running, fired }
}

function trading(exchange: Exchange, state: string): string[] {
  const quiet = ['--duration', '1s', '--no-ui', '--metrics', 'off']
  return ['trade', '--exchange-url', exchange.url, '--state-dir', state, ...quiet]
}

const start = (desk: Bench, exchange: Exchange) =>
  desk.mm(trading(exchange, join(desk.dir, 'state')), exchange.key).ended

describe.concurrent('with 200 orders open', () => {
  const CASES = [
    { how: 'SIGTERM', manner: '', signal: 'SIGTERM', exit: 0, next: 0 },
    { how: 'SIGINT', manner: '', signal: 'SIGINT', exit: 0, next: 0 },
    { how: 'an uncaught error', manner: 'uncaught', signal: 'SIGUSR2', exit: 70, next: 4 },
    { how: 'a failed invariant', manner: 'throw', signal: 'SIGUSR2', exit: 70, next: 4 },
    { how: 'a heap that runs full', manner: 'memory', signal: 'SIGUSR2', exit: 70, next: 4 },
  ] as const
  test.for(CASES)('$how: zero by the ledger, exit $exit, the next start $next', async (row, { desk }) => {
    const { exchange, running } = await scene(desk, row.manner)
    running.child.kill(row.signal)
    const ended = await running.ended
    expect([ended.code, await exchange.openOrders()], ended.stderr).toEqual([row.exit, 0])
    if (row.manner === 'memory') expect(ended.stderr).toContain('out of memory')
    expect(existsSync(latchPath(join(desk.dir, 'state')))).toBe(row.next === 4)
    if (row.next === 4) expect((await start(desk, exchange)).code).toBe(4)
  })

  test('kill -9 under a guard: zero within its TTL and 5 s more, and the next start refuses with 4', async ({
    desk,
  }) => {
    const guard = join(desk.dir, 'guard.sock')
    const { exchange, running, fired } = await scene(desk, '', guard)
    const pace = new Pace()
    running.child.kill('SIGKILL')
    await running.ended
    const diedMs = performance.now()
    while ((await exchange.openOrders()) > 0) await new Promise((resolve) => setImmediate(resolve))
    const tookMs = performance.now() - diedMs
    expect(tookMs).toBeLessThan((TTL_MS + 5_000) * (await pace.stop()))
    expect(await fired()).toMatchObject({ exit: 0 })
    expect((await start(desk, exchange)).code).toBe(4)
  })

  test('cancel-all beside a bot that quotes: it halts, and the next start refuses with 4', async ({ desk }) => {
    const { exchange, running } = await scene(desk, '')
    const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state')]
    const ended = await desk.mm(args, exchange.key).ended
    expect([ended.code, await exchange.openOrders()], ended.stdout).toEqual([0, 0])
    // On a machine so busy that the bot could not answer in time it was stopped by a signal instead, which is as good.
    const isLate = ended.stdout.includes('no answer within')
    expect(ended.stdout).toContain(isLate ? 'ended after SIG' : 'halted; newest create signed at')
    const { code } = await running.ended
    if (!isLate) expect(code).toBe(4)
    // Both set the latch in the same moment; what the operator reads is what resume asks for.
    const { evidenceId } = JSON.parse(readFileSync(latchPath(join(desk.dir, 'state')), 'utf8')) as HaltRecord
    expect(ended.stdout).toContain(`(evidence ${evidenceId})`)
    expect((await start(desk, exchange)).code).toBe(4)
  })

  /** A state folder whose runs of today have lost more than any limit. */
  function lost(desk: Bench): string {
    const state = mkdtempSync(join(desk.dir, 'state-'))
    const day = new Date().toISOString().slice(0, 10)
    const record = { schemaVersion: 1, venue: 'paper@exchange', lossE8: 1e12, day }
    writeFileSync(join(state, 'day-loss.json'), JSON.stringify(record))
    return state
  }

  // What holds for one day only is tried again when midnight came in between.
  async function onOneDay(work: () => Promise<void>): Promise<void> {
    const day = new Date().getUTCDate()
    await work().catch((error: unknown) => {
      if (new Date().getUTCDate() === day) throw error
      return work()
    })
  }

  test('the loss limit of the day was used up by earlier runs: it halts, and the next start refuses', async ({
    desk,
  }) => {
    const exchange = await desk.exchange(['--symbols', 'BTCUSDT', '--tier', 'unlimited'])
    await onOneDay(async () => {
      const run = trading(exchange, lost(desk))
      const ended = await desk.mm(run, exchange.key).ended
      expect([ended.code, await exchange.openOrders()], ended.stderr).toEqual([4, 0])
      expect(ended.stdout).toContain('earlier runs of today lost 10000.00')
      expect(ended.stderr).toContain('the loss limit is reached')
      expect((await desk.mm(run, exchange.key).ended).stderr).toContain('HALT latch')
    })
  })

  test('kill -9 between a halt and its end does not undo the halt', async ({ desk }) => {
    const exchange = await desk.exchange(['--symbols', 'BTCUSDT', '--tier', 'unlimited'])
    await onOneDay(async () => {
      const state = lost(desk)
      const { child, ended } = desk.mm(trading(exchange, state), exchange.key)
      while (!existsSync(latchPath(state)) && child.exitCode === null) await new Promise((done) => setImmediate(done))
      child.kill('SIGKILL')
      await ended
      expect(existsSync(latchPath(state))).toBe(true)
      expect((await desk.mm(trading(exchange, state), exchange.key).ended).code).toBe(4)
    })
  })
})
