/** What a session says of the account before its first order, and what it compares with the run before. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LastRun } from '../../src/core/runtime/recover.ts'
import { QUOTING_US, scene } from './session-scene.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-session-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** A run that died holding five lots. */
const lastRun = (uid: string): LastRun => ({
  run: {
    epoch: '0000000',
    venue: 'paper',
    uid,
    symbols: ['BTCUSDT'],
    linkPrefix: 'mm00-0000000-',
    version: '0',
    startedMs: 1,
    seed: 7,
    config: {},
  },
  unresolved: [1],
  execIds: new Set(),
  executionsUs: {},
  positionLots: new Map([['BTCUSDT', 5]]),
  lastExecutionMs: 0,
  lastIntentUs: 0,
  end: null,
  tornBytes: 0,
})

async function started(last: (uid: string) => LastRun | null) {
  const { venue, link, session, end } = await scene(dir)
  const lines: Record<string, unknown>[] = []
  const said: string[] = []
  const uid = await venue.drive(async () => {
    const exchange = await venue.connect(link)
    const account = await exchange.accountUid()
    await session(exchange, {
      lastRun: last(account),
      emit: (line) => lines.push(line as Record<string, unknown>),
      say: (text) => said.push(text),
      durationUs: 1_000,
    }).run()
    return account
  })
  await end()
  return { uid, start: lines[0], said: said.join('\n') }
}

test('the run before on the same account is compared with the exchange', async () => {
  const { uid, start, said } = await started(lastRun)
  expect(start).toMatchObject({ type: 'start', uid })
  expect(start).toMatchObject({ recovery: { positions: [{ symbol: 'BTCUSDT', exchangeLots: 0, expectedLots: 5 }] } })
  expect(said).not.toContain('another account')
})

test('the run before on another account is not, and its open orders are pointed at', async () => {
  const { uid, start, said } = await started(() => lastRun('4711'))
  expect(start).toMatchObject({ recovery: { positions: [{ exchangeLots: 0, expectedLots: null }] } })
  expect(said).toContain(`traded on another account (UID 4711), now ${uid}; its orders may still be open`)
  expect(said).toContain('mm cancel-all')
})

test('told to stop before it began: no line, no order, and nothing went wrong', async () => {
  const { venue, link, session, end } = await scene(dir)
  const lines: object[] = []
  const sent: unknown[] = []
  const result = await venue.drive(async () => {
    const exchange = await venue.connect(link)
    const send = exchange.send.bind(exchange)
    exchange.send = (requests, nowUs) => {
      sent.push(requests)
      send(requests, nowUs)
    }
    const told = session(exchange, { emit: (line) => lines.push(line), durationUs: QUOTING_US })
    told.stop('signal SIGTERM')
    return told.run()
  })
  await end()
  expect([result, lines, sent]).toEqual([{ exit: 0, summary: null, error: null }, [], []])
})

test('a journal that does not know its account is compared as before', async () => {
  const { start } = await started(() => lastRun(''))
  expect(start).toMatchObject({ recovery: { positions: [{ expectedLots: 5 }] } })
})
