/** The small parts: queue estimate against published figures, memory of executions, numbering of orders. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderSeq, symbolId } from '../../src/core/domain/units.ts'
import { FillMemory } from '../../src/core/engine/fill-memory.ts'
import { frontAfter } from '../../src/core/engine/queue-estimate.ts'
import { WorkingOrders } from '../../src/core/engine/working-orders.ts'

describe('queue estimate', () => {
  // hftbacktest, power model n = 1: front 60, the level goes from 100 to 80, without trades and after 5 traded.
  test.each([
    ['no trades', 60, 100, 80, 0, 48],
    ['5 traded', 55, 100, 80, 5, 46.75],
    ['a growing level', 60, 100, 130, 0, 60],
    ['only trades left', 40, 100, 60, 60, 40],
    ['nothing behind', 100, 100, 70, 0, 70],
    ['the level is gone', 60, 100, 0, 0, 0],
  ])('%s', (_, front, before, after, traded, expected) => {
    expect(frontAfter(front, before, after, traded)).toBeCloseTo(expected, 10)
  })

  test('never negative, never more than the level, never further back', () => {
    const lots = fc.integer({ min: 0, max: 1e6 })
    fc.assert(
      fc.property(lots, lots, lots, lots, (front, back, after, traded) => {
        const result = frontAfter(front, front + back, after, traded)
        expect(result).toBeGreaterThanOrEqual(0)
        expect(result).toBeLessThanOrEqual(Math.min(front, after))
      }),
    )
  })
})

describe('memory of executions', () => {
  const fills = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5_000 })), {
    maxLength: 300,
  })

  test('none is ever new twice, and none within the horizon is refused', () => {
    fc.assert(
      fc.property(fills, (rows) => {
        const memory = new FillMemory(1_000)
        const counted = new Set<string>()
        const madeAt = new Map<string, number>()
        let newestUs = Number.NEGATIVE_INFINITY
        for (const [id, us] of rows) {
          const execId = String(id)
          // An execution has one time, whenever it is told.
          const madeUs = madeAt.get(execId) ?? us
          madeAt.set(execId, madeUs)
          const verdict = memory.admit(execId, madeUs)
          if (counted.has(execId)) expect(verdict).not.toBe('new')
          else if (madeUs >= newestUs - 1_000) expect(verdict).toBe('new')
          if (verdict === 'new') counted.add(execId)
          newestUs = Math.max(newestUs, madeUs)
        }
      }),
    )
  })

  test('forgets what is older than two horizons', () => {
    const memory = new FillMemory(1_000)
    for (let us = 0; us < 100_000; us += 10) memory.admit(`e${us}`, us)
    expect(memory.size).toBeLessThanOrEqual(203)
    expect(memory.admit('e0', 0)).toBe('expired')
    expect(memory.admit('e99990', 99_990)).toBe('repeat')
  })
})

describe('order numbers', () => {
  test('a living order is never forgotten: its place is skipped', () => {
    const orders = new WorkingOrders(4)
    const old = orders.create(symbolId(0), 1)
    expect(old?.order).toBe(1)
    const numbers: number[] = []
    for (let i = 0; i < 9; i++) {
      const order = orders.create(symbolId(0), 1)
      order?.signal('rejected')
      numbers.push(order?.order ?? 0)
    }
    expect(numbers).toEqual([2, 3, 4, 6, 7, 8, 10, 11, 12])
    expect(orders.find(orderSeq(1))).toBe(old)
    expect(orders.find(orderSeq(2))).toBe(null)
    expect(orders.find(orderSeq(12))?.order).toBe(12)
  })

  test('when all live none is made', () => {
    const orders = new WorkingOrders(2)
    expect(orders.create(symbolId(0), 1)).not.toBe(null)
    expect(orders.create(symbolId(0), 1)).not.toBe(null)
    expect(orders.create(symbolId(0), 1)).toBe(null)
    expect(orders.adopt(orderSeq(9), symbolId(0), 1)).toBe(null)
  })
})
