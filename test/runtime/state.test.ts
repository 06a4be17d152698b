/** Lock, latch and epoch: who may write, who may start, and ids that never come back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raiseLatch } from '../../src/core/cancel/halt-latch.ts'
import { clearLatch, isHalted, latchPath, readLatch } from '../../src/core/latch.ts'
import { acquireLock, lockPath, processStartOf, readLock } from '../../src/core/run-lock.ts'
import { HaltLatch, insistNotHalted, resumedSince, resumeTrading } from '../../src/core/runtime/halt.ts'
import { nextEpoch, openStateDir } from '../../src/core/runtime/state-dir.ts'
import { statePath } from '../../src/core/state-path.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-state-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('lock', () => {
  const record = {
    startedMs: 1,
    venue: 'paper',
    exchangeUrl: '',
    orderPrefix: 'mm00-',
    createWindowMs: 1_000,
    controlSocket: '',
  }

  test('one holder; the second is told who; free after release', () => {
    const release = acquireLock(dir, record)
    expect(readLock(dir)).toMatchObject({ state: 'held', record: { pid: process.pid, orderPrefix: 'mm00-' } })
    expect(() => acquireLock(dir, record)).toThrow(expect.objectContaining({ code: 'STATE_LOCKED', exit: 4 }))
    release()
    release()
    acquireLock(dir, record)()
    expect(existsSync(lockPath(dir))).toBe(false)
  })

  test('a lock of a dead process is taken over, a lock of a living one is not', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const pid = child.pid ?? 0
    const left = { ...record, schemaVersion: 1, pid, processStart: processStartOf(pid) }
    writeFileSync(lockPath(dir), JSON.stringify(left))
    expect(() => acquireLock(dir, record)).toThrow(`${pid}`)
    const gone = once(child, 'exit')
    child.stdin?.end()
    await gone
    acquireLock(dir, record)()
  })

  test('a pid that now belongs to another process is no owner', () => {
    const left = { ...record, schemaVersion: 1, pid: process.ppid, processStart: 'elsewhere:12' }
    writeFileSync(lockPath(dir), JSON.stringify(left))
    expect(readLock(dir).state).toBe('stale')
    acquireLock(dir, record)()
  })
})

describe('state folder', () => {
  test('levels that are missing are made, for the owner alone', () => {
    const path = join(dir, 'a', 'b', 'c')
    openStateDir(path)
    openStateDir(path)
    expect(statSync(join(dir, 'a')).mode & 0o777).toBe(0o700)
  })

  // Recursive mkdir tries for ever there: what is missing cannot be made, and /proc itself exists.
  test.each(['/proc/mm-none', '/proc/mm-none/deeper'])('%s cannot be made, and that is said at once', async (path) => {
    expect(() => openStateDir(path)).toThrow(expect.objectContaining({ code: 'STATE_UNWRITABLE' }))
    const record = { schemaVersion: 1, evidenceId: 'h1', reason: 'r', by: 'trade', atMs: 5 } as const
    expect(await raiseLatch(path, record)).toContain('HALT latch not written: ENOENT')
  })
})

describe('latch', () => {
  const halt = { schemaVersion: 1, evidenceId: 'h1', reason: 'loss limit', by: 'trade', atMs: 5 } as const

  test('set, honoured by the start, cleared only by the right id', async () => {
    insistNotHalted(dir)
    const hands = ['h1', 'h2', 'h3'].map((evidenceId) => raiseLatch(dir, { ...halt, evidenceId }))
    const told = await Promise.all(hands)
    const latch = readLatch(dir)
    const id = latch.state === 'halted' ? latch.record.evidenceId : ''
    expect(told.map((text) => /evidence (h\d)/.exec(text)?.[1])).toEqual([id, id, id])
    clearLatch(dir, id)
    await raiseLatch(dir, halt)
    await raiseLatch(dir, { ...halt, evidenceId: 'h2', reason: 'later' })
    expect(readLatch(dir)).toEqual({ state: 'halted', record: halt })
    expect(() => insistNotHalted(dir)).toThrow(expect.objectContaining({ code: 'HALTED', exit: 4 }))
    expect(() => resumeTrading(dir, { ack: 'h2', reason: 'why', nowMs: 6 })).toThrow(
      expect.objectContaining({ code: 'LATCH_ACK_WRONG', exit: 4 }),
    )
    expect(resumeTrading(dir, { ack: 'h1', reason: 'looked at it', nowMs: 6 })).toEqual(halt)
    insistNotHalted(dir)
    expect(JSON.parse(readFileSync(join(dir, 'resume.log'), 'utf8'))).toEqual({
      halt,
      clearedMs: 6,
      reason: 'looked at it',
    })
    expect([resumedSince(dir, 6)?.reason, resumedSince(dir, 7)]).toEqual(['looked at it', null])
    expect(() => resumeTrading(dir, { ack: 'h1', reason: 'again', nowMs: 7 })).toThrow(
      expect.objectContaining({ code: 'LATCH_NOT_SET', exit: 1 }),
    )
  })

  test.each(['', '{}', 'null', '{"id":1}', '\u0000\u0000'])('garbled content %j counts as set', (text) => {
    writeFileSync(latchPath(dir), text)
    expect(() => insistNotHalted(dir)).toThrow(expect.objectContaining({ code: 'HALTED' }))
    resumeTrading(dir, { ack: 'unreadable', reason: 'disk replaced', nowMs: 1 })
    insistNotHalted(dir)
  })

  test('the newest acknowledgement is told, whatever lies before it or in its place', () => {
    const log = join(dir, 'resume.log')
    expect(resumedSince(dir, 0)).toBeNull()
    writeFileSync(log, `${'x'.repeat(100_000)}\n${JSON.stringify({ halt, clearedMs: 9, reason: 'checked' })}\n`)
    expect(resumedSince(dir, 9)).toEqual({ halt, clearedMs: 9, reason: 'checked' })
    writeFileSync(log, 'torn {')
    expect(resumedSince(dir, 0)).toBeNull()
    rmSync(log)
    symlinkSync('/dev/zero', log)
    expect(resumedSince(dir, 0)).toBeNull()
  })

  const STRANGE: readonly { what: string; put: (path: string) => void }[] = [
    { what: 'a folder', put: (path) => mkdirSync(path) },
    { what: 'a link to nowhere', put: (path) => symlinkSync('nowhere', path) },
    { what: 'a device without end', put: (path) => symlinkSync('/dev/zero', path) },
  ]
  test.each(STRANGE)('$what counts as set, and can be cleared', ({ put }) => {
    put(latchPath(dir))
    expect([isHalted(dir), readLatch(dir).state]).toEqual([true, 'unreadable'])
    expect(() => insistNotHalted(dir)).toThrow(expect.objectContaining({ code: 'HALTED' }))
    resumeTrading(dir, { ack: 'unreadable', reason: 'looked at it', nowMs: 1 })
    insistNotHalted(dir)
  })

  test('a resume that cannot be kept clears nothing', async () => {
    await raiseLatch(dir, halt)
    mkdirSync(join(dir, 'resume.log'))
    expect(() => resumeTrading(dir, { ack: 'h1', reason: 'looked at it', nowMs: 6 })).toThrow(
      expect.objectContaining({ code: 'STATE_UNWRITABLE' }),
    )
    expect(readLatch(dir).state).toBe('halted')
  })

  test('a run sets it beside everything else, and says which id to acknowledge', async () => {
    const latch = new HaltLatch(dir)
    expect(latch.isBegun).toBe(false)
    latch.begin('the loss limit is reached')
    const { id, fault } = await latch.settled()
    expect([fault, readLatch(dir)]).toMatchObject(['', { record: { evidenceId: id, by: 'trade' } }])
  })

  test('a disk that takes no draft: a mark counts as set', async () => {
    // No draft can be written because folders have their names; a link needs no room.
    for (let draft = 0; draft < 100; draft++) mkdirSync(join(dir, `HALT.${process.pid}.${draft}.tmp`))
    const latch = new HaltLatch(dir)
    latch.begin('the loss limit is reached')
    expect(await latch.settled()).toEqual({ id: 'unreadable', fault: '' })
    expect(() => insistNotHalted(dir)).toThrow(expect.objectContaining({ code: 'HALTED' }))
  })
})

describe('epoch', () => {
  test('grows whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 2, maxLength: 8 }), (clock) => {
        const state = openStateDir(mkdtempSync(join(dir, 'e-')))
        const epochs = clock.map((nowMs) => nextEpoch(state, nowMs))
        expect(epochs).toEqual([...new Set(epochs)].sort())
        for (const epoch of epochs) expect(epoch).toMatch(/^[0-9a-z]{7}$/)
      }),
      { numRuns: 25 },
    )
  })

  test('a lost epoch file does not bring back an epoch that has a journal', () => {
    const state = openStateDir(dir)
    writeFileSync(join(state.journals, '0zzzzzz-00000.mmj'), '')
    expect(nextEpoch(state, 1_000)).toBe('1000000')
  })
})

describe('state folder', () => {
  test('where it is', () => {
    expect(statePath('/a/b', {})).toBe('/a/b')
    expect(statePath(undefined, { XDG_STATE_HOME: '/x' })).toBe('/x/mm')
    expect(statePath(undefined, { XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/mm$/)
  })

  test('one that cannot be made is an error for people', () => {
    writeFileSync(join(dir, 'file'), '')
    expect(() => openStateDir(join(dir, 'file', 'x'))).toThrow(
      expect.objectContaining({ code: 'STATE_UNWRITABLE', exit: 2 }),
    )
    // Root may write anywhere: the mode matters only to others.
    if (process.getuid?.() !== 0) {
      chmodSync(dir, 0o500)
      expect(() => openStateDir(join(dir, 'y'))).toThrow(expect.objectContaining({ code: 'STATE_UNWRITABLE' }))
      chmodSync(dir, 0o700)
    }
  })
})
