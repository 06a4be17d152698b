/** Lock, latch and epoch: who may write, who may start, and ids that never come back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clearLatch, insistNotHalted, latchFile, readLatch, setLatch } from '../../src/core/latch.ts'
import { isAlive, processStartTime, readLock, takeLock } from '../../src/core/runtime/lock.ts'
import { nextEpoch, openStateDir, statePath } from '../../src/core/runtime/state-dir.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-state-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('lock', () => {
  test('one holder; the second is told who; free after release', () => {
    const lock = takeLock(dir)
    expect(readLock(dir)).toEqual({ pid: process.pid, startTime: processStartTime(process.pid) })
    expect(() => takeLock(dir)).toThrow(expect.objectContaining({ code: 'STATE_LOCKED', exit: 4 }))
    lock.release()
    lock.release()
    takeLock(dir).release()
    expect(existsSync(join(dir, 'lock'))).toBe(false)
  })

  test('a lock of a dead process is taken over, a lock of a living one is not', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const pid = child.pid ?? 0
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid, startTime: processStartTime(pid) }))
    expect(() => takeLock(dir)).toThrow(`pid ${pid}`)
    const gone = once(child, 'exit')
    child.stdin?.end()
    await gone
    takeLock(dir).release()
  })

  test('a pid that now belongs to another process is no owner', () => {
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.ppid, startTime: '12@another-boot' }))
    expect(isAlive({ pid: process.ppid, startTime: '12@another-boot' })).toBe(false)
    const lock = takeLock(dir)
    expect(readLock(dir)?.pid).toBe(process.pid)
    lock.release()
  })

  test.each(['', '{', '[]', '{"pid":"x"}'])('a lock file that says %j is stale', (text) => {
    writeFileSync(join(dir, 'lock'), text)
    takeLock(dir).release()
  })

  test('release leaves a lock that is not ours', () => {
    const lock = takeLock(dir)
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 1, startTime: 'x' }))
    lock.release()
    expect(existsSync(join(dir, 'lock'))).toBe(true)
  })
})

describe('latch', () => {
  const halt = { id: 'h1', reason: 'loss limit', by: 'bot', atMs: 5 }

  test('set, honoured, cleared only by the right id, and remembered', () => {
    insistNotHalted(dir)
    setLatch(dir, halt)
    setLatch(dir, { ...halt, id: 'h2', reason: 'later' })
    expect(readLatch(dir)).toEqual(halt)
    expect(() => insistNotHalted(dir)).toThrow(expect.objectContaining({ code: 'HALTED', exit: 4 }))
    expect(() => clearLatch(dir, 'h2', 'why', 6)).toThrow(expect.objectContaining({ code: 'LATCH_ACK_WRONG' }))
    expect(clearLatch(dir, 'h1', 'looked at it', 6)).toEqual(halt)
    insistNotHalted(dir)
    expect(JSON.parse(readFileSync(join(dir, 'HALT.cleared.log'), 'utf8'))).toEqual({
      halt,
      clearedMs: 6,
      reason: 'looked at it',
    })
    expect(() => clearLatch(dir, 'h1', 'again', 7)).toThrow(expect.objectContaining({ code: 'LATCH_NOT_SET', exit: 1 }))
  })

  test.each(['', '{}', 'null', '{"id":1}', '\u0000\u0000'])('garbled content %j counts as set', (text) => {
    writeFileSync(latchFile(dir), text)
    expect(() => insistNotHalted(dir)).toThrow('counts as set')
    expect(clearLatch(dir, 'unreadable', 'disk replaced', 1).id).toBe('unreadable')
    insistNotHalted(dir)
  })

  test('a latch that cannot be opened counts as set', () => {
    mkdirSync(latchFile(dir))
    expect(() => insistNotHalted(dir)).toThrow('counts as set')
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
