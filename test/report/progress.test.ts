/** Progress: one line on a TTY, a line now and then elsewhere. */
import { describe, expect, test } from 'vitest'
import { progressLine, progressText } from '../../src/core/report/progress.ts'

function rig(isTTY: boolean) {
  const written: string[] = []
  let nowMs = 0
  const progress = progressLine({ isTTY, write: (text) => written.push(text) }, 'MB', () => nowMs)
  return {
    progress,
    written,
    at(ms: number, done: number) {
      nowMs = ms
      progress.show('reading', done, 100)
    },
  }
}

describe('progress', () => {
  test('rewrites its line on a TTY, ten times a second, and clears it', () => {
    const { at, progress, written } = rig(true)
    for (let ms = 0; ms <= 300; ms += 10) at(ms, ms / 3)
    progress.end()
    expect(written).toHaveLength(4)
    expect(written[0]).toMatch(/^\r\u001b\[Kreading 33 %/)
    expect(written.at(-1)).toBe('\r\u001b[K')
  })

  test('prints a line every 10 s elsewhere, and nothing for short work', () => {
    const long = rig(false)
    for (let ms = 0; ms <= 25_000; ms += 100) long.at(ms, ms / 250)
    long.progress.end()
    expect(long.written.map((line) => line.slice(0, 12))).toEqual(['reading 40 %', 'reading 80 %'])
    const short = rig(false)
    short.at(0, 0)
    short.at(9_000, 90)
    short.progress.end()
    expect(short.written).toEqual([])
  })

  test.each([
    [{ unit: 'MB', done: 25_000_000, total: 100_000_000, elapsedMs: 5_000 }, 'x 25 %  5.0 MB/s  15 s left'],
    [{ unit: 'MB', done: 0, total: 100, elapsedMs: 5_000 }, 'x 0 %  0.0 MB/s  0 s left'],
    [{ unit: 'MB', done: 0, total: 0, elapsedMs: 0 }, 'x 100 %  0.0 MB/s  0 s left'],
  ])('%j', (at, text) => {
    expect(progressText('x', at)).toBe(text)
  })
})
