/** What a run tells people and scripts of what the engine saw. */
import { expect, test } from 'vitest'
import { symbolId, timeUs, positionLots } from '../../src/core/domain/units.ts'
import { RunObserver } from '../../src/core/runtime/run-observer.ts'
import { instrument, Rig } from '../engine/rig.ts'

function stated(...positions: readonly number[]): Record<string, unknown>[] {
  const rig = new Rig().ready()
  const lines: Record<string, unknown>[] = []
  const observer = new RunObserver({
    engine: rig.engine,
    instruments: [instrument()],
    emit: (line) => lines.push(line as Record<string, unknown>),
  })
  for (const lots of positions) {
    rig.position(lots)
    const nowUs = timeUs(rig.nowUs)
    observer.event({ kind: 'position', symbol: symbolId(0), positionLots: positionLots(lots), costMoney: 0, nowUs })
  }
  return lines
}

test('a position that no fill explains is told once, with what it is now', () => {
  const lines = stated(0, 7, 7)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({ type: 'warning', symbol: 'BTCUSDT', position: '0.007' })
})

test('a position that agrees is no news', () => {
  expect(stated(0, 0)).toEqual([])
})
