/** A restart is no new loss limit; a day, another exchange or a person who has looked is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineConfig } from '../../src/core/engine/engine-config.ts'
import type { PnlView } from '../../src/core/engine/view.ts'
import { raiseLatch } from '../../src/core/cancel/halt-latch.ts'
import { DayLoss } from '../../src/core/runtime/day-loss.ts'
import { resumeTrading } from '../../src/core/runtime/halt.ts'

let dir = ''
let warnings: string[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-day-'))
  warnings = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const NOON = Date.UTC(2026, 10, 22, 12)
const open = (nowMs = NOON, venue = 'live'): DayLoss =>
  new DayLoss({ stateDir: dir, venue, nowMs: () => nowMs, warn: (text) => warnings.push(text) })
const made = (total: string): readonly PnlView[] => [{ total } as PnlView]
const config = { symbols: [], runGuards: { 'loss-limit': { lossE8Max: 10e8, drawdownE8Max: 20e8 } } } as const
const limitOf = (loss: DayLoss): unknown =>
  loss.apply(config as unknown as EngineConfig).runGuards['loss-limit']?.['lossE8Max']

describe('what the next run may lose', () => {
  const RUNS = [
    { what: 'after no run', runs: [], limit: 10e8 },
    { what: 'after a loss', runs: ['-4.5'], limit: 5.5e8 },
    { what: 'after two', runs: ['-4.5', '-3'], limit: 2.5e8 },
    { what: 'after a loss that was won back', runs: ['-4', '6'], limit: 10e8 },
    { what: 'after a gain: no more than ever', runs: ['7'], limit: 10e8 },
    { what: 'after more than all of it', runs: ['-4', '-9'], limit: 0 },
  ]
  test.each(RUNS)('$what', async ({ runs, limit }) => {
    for (const total of runs) {
      const run = open()
      await run.note(made('-0.1'), 0)
      await run.note(made(total), 0)
    }
    expect([limitOf(open()), warnings]).toEqual([limit, []])
  })

  test('how far the day stands below its best, in whole units and never less than it was', async () => {
    await open().note(made('3'), 2.5e8 + 0.25)
    expect([open().drawdownE8, limitOf(open())]).toEqual([2.5e8 + 1, 10e8])
    expect([open(NOON + 86_400_000).drawdownE8, open(NOON, 'testnet').drawdownE8]).toEqual([0, 0])
    writeFileSync(
      join(dir, 'day-loss.json'),
      JSON.stringify({ schemaVersion: 1, venue: 'live', day: '2026-11-22', lossE8: 1 }),
    )
    expect([open().drawdownE8, open().carriedE8]).toEqual([0, 1])
  })

  test('on another day, and on another exchange, all of it', async () => {
    await open().note(made('-4'), 0)
    expect([limitOf(open(NOON + 86_400_000)), limitOf(open(NOON, 'testnet')), limitOf(open())]).toEqual([
      10e8, 10e8, 6e8,
    ])
  })

  test('after a person has looked at the halt, all of it', async () => {
    await open().note(made('-10'), 0)
    await raiseLatch(dir, { schemaVersion: 1, evidenceId: 'h1', reason: 'loss', by: 'trade', atMs: 5 })
    resumeTrading(dir, { ack: 'h1', reason: 'looked at it', nowMs: 6 })
    expect(limitOf(open())).toBe(10e8)
  })
})

test.each([
  '{"half',
  'null',
  '{"schemaVersion":2,"lossE8":0}',
  '{"schemaVersion":1,"lossE8":"4"}',
  '{"schemaVersion":1,"lossE8":4,"drawdownE8":null}',
])('a file like %s is no loss of zero: nothing starts', (text) => {
  writeFileSync(join(dir, 'day-loss.json'), text)
  expect(() => open()).toThrow(expect.objectContaining({ code: 'DAY_LOSS_UNKNOWN', exit: 4 }))
})

test('a disk that takes none is said', async () => {
  const run = open()
  rmSync(dir, { recursive: true })
  await run.note(made('-1'), 0)
  expect(warnings).toEqual([expect.stringContaining('could not be kept')])
})

test('the file says how much, where and when', async () => {
  await open().note(made('-4.5'), 0)
  const text = readFileSync(join(dir, 'day-loss.json'), 'utf8')
  expect(JSON.parse(text)).toEqual({ schemaVersion: 1, venue: 'live', day: '2026-11-22', lossE8: 4.5e8, drawdownE8: 0 })
})
