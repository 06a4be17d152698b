/**
 * What a restart does not forgive: executions that the guard has counted, and the day's fall from its best. By the journals
 * of whole runs, then by two processes on a running exchange.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { symbolId, timeUs } from '../../src/core/domain/units.ts'
import type { EngineEvent } from '../../src/core/domain/event.ts'
import { openHost } from '../../src/core/exchange/sim/server/host.ts'
import { ExecutionStory, recentExecutions } from '../../src/core/runtime/execution-times.ts'
import { listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { decodeRecord } from '../../src/core/runtime/journal-records.ts'
import { allPacks } from '../../src/core/runtime/packs.ts'
import { begin, endAll, ROOT, type Running } from '../cancel/process.ts'

const packs = await allPacks()
const fill = (symbol: number) => ({ kind: 'fill', symbol: symbolId(symbol) }) as EngineEvent
const decide = (nowUs: number): EngineEvent => ({ kind: 'decide', nowUs: timeUs(nowUs) })

describe('the executions of earlier runs', () => {
  test('one between two decisions, however many parts it came in; the last one without a decision counts, too', () => {
    const story = new ExecutionStory()
    story.begin({ ETHUSDT: [1] })
    for (const event of [fill(0), fill(0), decide(10), decide(11), fill(1), fill(0), decide(20), fill(1)])
      story.take(event, ['BTCUSDT', 'ETHUSDT'])
    expect(story.end(30)).toEqual({ ETHUSDT: [1, 20, 30], BTCUSDT: [10, 20] })
  })

  const times = { BTCUSDT: [1e6, 5e6, 9e6], ETHUSDT: [1e6] }
  test.each([
    [{ windowS: 6 }, { BTCUSDT: [5e6, 9e6] }],
    [{ windowS: 6, executionsMax: 1 }, { BTCUSDT: [9e6] }],
    [{}, times],
  ])('under %j: %j', (params, kept) => {
    const guards = { 'repeated-execution': params }
    expect(recentExecutions(times, { nowUs: 10e6, packs, guards })).toEqual(kept)
  })
})

/** Of the newest run alone, as its guard counts them. */
function ownExecutions(journals: string): number {
  const story = new ExecutionStory()
  readRun(journals, listEpochs(journals).at(-1) ?? '', ({ kind, payload }) => {
    const decoded = decodeRecord(kind, payload)
    if (decoded?.type === 'event') story.take(decoded.event, ['BTCUSDT'])
  })
  return Object.values(story.end(0)).flat().length
}

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

describe('a second start on the same exchange', () => {
  let dir: string
  const started: Running[] = []
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mm-past-'))
  })
  afterEach(async () => {
    await endAll(started.splice(0))
    rmSync(dir, { recursive: true, force: true })
  })

  const trade = (url: string, key: Record<string, string>, ...sets: string[]): Running => {
    const flags = [
      '--state-dir',
      dir,
      '--metrics',
      'off',
      '--no-ui',
      '--json',
      ...sets.flatMap((set) => ['--set', set]),
    ]
    const env = { PATH: process.env['PATH'] ?? '', ...key }
    const args = ['--single-threaded-gc', 'bin/run.js', 'trade', '--exchange-url', url, ...flags]
    const running = begin(process.execPath, args, { env, cwd: ROOT })
    started.push(running)
    return running
  }

  test('after kill -9: what was traded before counts towards repeated executions', async () => {
    const host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
    const { rest, apiKey, apiSecret } = host.welcome
    const key = { MM_API_KEY: apiKey, MM_API_SECRET: apiSecret }
    const first = trade(rest, key, 'risk.lossMax=100000', 'risk.drawdownMax=100000')
    let fills = 0
    await first.out.json<Line>(({ type }) => type === 'fill' && ++fills === 14)
    await endAll([first])
    const guard = ['executionsMax=4', 'windowS=86400'].map((text) => `guards.repeated-execution.${text}`)
    const { code, stdout, stderr } = await trade(rest, key, 'risk.lossMax=100000', 'risk.drawdownMax=100000', ...guard)
      .ended
    await host.close()
    const lines = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Line)
    expect([code, lines.at(-1)], stderr).toMatchObject([
      4,
      { type: 'summary', exitReason: expect.stringContaining('too many executions'), verifiedZero: true },
    ])
    // Counted from nothing it would have needed four of its own.
    expect(ownExecutions(join(dir, 'journal'))).toBeLessThanOrEqual(1)
  })

  test('a day that stands below its best: the limit counts from there', async () => {
    const host = await openHost({ port: 0, speed: 1, seed: 7, symbols: ['BTCUSDT'], tier: 'default' })
    const { rest, apiKey, apiSecret } = host.welcome
    const day = new Date().toISOString().slice(0, 10)
    const venue = 'paper@exchange'
    const stand = { schemaVersion: 1, venue, day, lossE8: 0, drawdownE8: 199.99e8 }
    writeFileSync(join(dir, 'day-loss.json'), JSON.stringify(stand))
    const { code, stdout, stderr } = await trade(rest, { MM_API_KEY: apiKey, MM_API_SECRET: apiSecret }).ended
    await host.close()
    expect([code, JSON.parse(stdout.trim().split('\n').at(-1) ?? '')], stderr).toMatchObject([
      4,
      { type: 'summary', exitReason: expect.stringContaining('drawdown'), verifiedZero: true },
    ])
    expect(stderr).toContain('today stands 199.99 below its best')
  })
})
