/** When a heap counts as full. The whole process that runs full is in test/cancel/stops.test.ts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchMemory } from '../../src/core/runtime/memory-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const CASES = [
  { what: 'room left', shares: [0.5, 0.8, 0.84, 0.84], fires: 0 },
  { what: 'full once: garbage that went', shares: [0.5, 0.9, 0.4, 0.9, 0.4], fires: 0 },
  { what: 'full for good', shares: [0.5, 0.9, 0.91, 0.95, 0.99], fires: 1 },
]
test.each(CASES)('$what', ({ shares, fires }) => {
  let look = 0
  const onFull = vi.fn()
  const stop = watchMemory(onFull, () => ({ usedBytes: (shares[look++] ?? 0) * 1_000, limitBytes: 1_000 }))
  vi.advanceTimersByTime(250 * shares.length)
  stop()
  expect([look > 0, onFull.mock.calls.length]).toEqual([true, fires])
})

const FLAGS = [
  { flags: ['--max-old-space-size=300'], mib: 300 },
  { flags: ['--max-old-space-size=300', '--max-semi-space-size=16'], mib: 300 },
  { flags: ['--max_old_space_size=700', '--max_semi_space_size=2'], mib: 700 },
]
test.each(FLAGS)('the limit of the old generation with $flags', ({ flags, mib }) => {
  const file = join(import.meta.dirname, '../../src/core/runtime/memory-watch.ts')
  const script = `const { oldGeneration } = await import(${JSON.stringify(file)})
const { usedBytes, limitBytes } = oldGeneration()
process.stdout.write(String(limitBytes / 1048576) + ' ' + (usedBytes > 1e6 && usedBytes < 6e7))`
  const args = [...flags, '--input-type=module', '-e', script]
  expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout).toBe(`${mib} true`)
})
