/** Old journals go, newest runs and the last run of each venue stay. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../src/core/runtime/disk.ts'
import { inlineJournal } from '../../src/core/runtime/journal.ts'
import { pruneJournals } from '../../src/core/runtime/journal-prune.ts'
import { listEpochs } from '../../src/core/runtime/journal-reader.ts'
import { readLastRun } from '../../src/core/runtime/recover.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-prune-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** One run a venue, oldest first; '' is a run that never came to trade. */
async function ran(venues: readonly string[]): Promise<readonly string[]> {
  const epochs = venues.map((_, index) => `000000${index}`)
  for (const [index, epoch] of epochs.entries()) {
    const header = { epoch, createdMs: 0, buildHash: '00'.repeat(32), configHash: '00'.repeat(32) }
    const journal = inlineJournal(nodeDisk, { dir, header, preallocate: false })
    const venue = venues[index] ?? ''
    if (venue !== '') journal.note('run', { epoch, venue, symbols: [], linkPrefix: 'mm00-', startedMs: 0 })
    await journal.close()
  }
  return epochs
}

const MANY = { runs: 99, bytes: 2 ** 30 }
test.each([
  ['within the limits', ['p', 'p', 'p'], MANY, []],
  ['too many runs', ['p', 'p', 'p', 'p', 'p'], { ...MANY, runs: 3 }, [1, 0]],
  ['too many bytes: never the last run', ['p', 'p', 'p', 'p'], { ...MANY, bytes: 1 }, [1, 0]],
  ['never the last run of another venue', ['live', 'live', 'p', 'p', 'p', 'p'], { ...MANY, runs: 2 }, [3, 2, 0]],
  ['runs that never came to trade', ['', 'p', '', 'p', 'p'], { ...MANY, runs: 2 }, [2, 1, 0]],
])('%s', async (_, venues, limits, removed) => {
  const epochs = await ran(venues)
  const gone = removed.map((index) => epochs[index])
  expect(pruneJournals(dir, limits)).toEqual(gone)
  expect(listEpochs(dir)).toEqual(epochs.filter((epoch) => !gone.includes(epoch)))
  for (const venue of new Set(venues.filter(Boolean))) {
    expect(readLastRun(dir, venue)?.run.epoch).toBe(epochs[venues.lastIndexOf(venue)])
  }
})
