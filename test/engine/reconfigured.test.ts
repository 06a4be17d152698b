/** A configuration that changes while quoting: the next decision follows it, and what did not change remembers. */
import { expect, test } from 'vitest'
import { timeUs } from '../../src/core/domain/units.ts'
import type { EngineConfig } from '../../src/core/engine/engine-config.ts'
import { Rig } from './rig.ts'

function changed(rig: Rig, change: Partial<EngineConfig['symbols'][number]>): void {
  const config = { ...rig.config, symbols: rig.config.symbols.map((symbol) => ({ ...symbol, ...change })) }
  rig.step({ kind: 'config', config, settings: {}, hash: 'x', nowUs: timeUs(rig.nowUs) })
}

function quoting(): Rig {
  const rig = new Rig().want([[1000, 10]]).ready()
  rig.decide()
  rig.ack('place', 1, 'accepted')
  rig.order(1, 'open')
  return rig
}

test('another tolerance counts from the next decision on', () => {
  const rig = quoting()
  const [symbol] = rig.config.symbols
  if (symbol === undefined) throw new Error('no symbol')
  changed(rig, { quoting: { ...symbol.quoting, toleranceTicks: 5, urgentTicks: 5 } })
  rig.want([[1004, 10]])
  expect(rig.decide()).toEqual([])
  rig.want([[1006, 10]])
  expect(rig.decide()).toEqual(['amend 1 buy 10@1006'])
})

test('a lower limit refuses, and pulls what already stands beyond it', () => {
  const rig = quoting()
  const [symbol] = rig.config.symbols
  changed(rig, { guards: { ...symbol?.guards, 'max-position': { limitLots: 5 } } })
  expect(rig.decide()).toEqual(['cancel 1'])
})

test('what a guard has counted is kept where its own keys are the same', () => {
  const rig = quoting()
  const [symbol] = rig.config.symbols
  changed(rig, { guards: { ...symbol?.guards, 'max-order': { sizeLotsMax: 0, valueMoneyMax: 0 } } })
  rig.want([
    [1000, 10],
    [998, 10],
  ])
  rig.decide()
  const before = rig.engine.view().symbols[0]?.guards.find(({ guard }) => guard === 'max-order')?.refusals ?? 0
  expect(before).toBeGreaterThan(0)
  changed(rig, {})
  expect(rig.engine.view().symbols[0]?.guards.find(({ guard }) => guard === 'max-order')?.refusals).toBe(before)
})

test('the same events give the same requests again', () => {
  const rig = quoting()
  const [symbol] = rig.config.symbols
  if (symbol === undefined) throw new Error('no symbol')
  changed(rig, { quoting: { ...symbol.quoting, toleranceTicks: 5 } })
  rig.want([[1020, 10]])
  rig.decide()
  expect(rig.replay().lines).toEqual(rig.lines)
})

test('another number of slots is a bug of the caller', () => {
  const rig = quoting()
  const [symbol] = rig.config.symbols
  if (symbol === undefined) throw new Error('no symbol')
  expect(() => changed(rig, { quoting: { ...symbol.quoting, levelsMax: symbol.quoting.levelsMax + 1 } })).toThrow(
    /slots/,
  )
})
