/** How a demand begins, lingers and ends: every row of the table, the thaw window, and what only a person may end. */
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { Freeze, FREEZE_NEXT, type FreezePhase, type FreezeSignal } from '../../src/core/engine/freeze.ts'
import { Proposal, RiskView, type Standing } from '../../src/core/engine/guard.ts'
import { pack } from '../../src/core/engine/guards/repeated-execution.ts'

const PULL: Standing = { pullBids: true, pullAsks: true, halt: false, thawUs: 1_000, reason: 'stale' }
const HALT: Standing = { pullBids: true, pullAsks: true, halt: true, reason: 'loss' }

describe('table', () => {
  const ROWS: [FreezePhase, FreezeSignal, FreezePhase | undefined][] = [
    ['open', 'cause', 'frozen'],
    ['open', 'hold', 'held'],
    ['open', 'gone', undefined],
    ['frozen', 'gone', 'thawing'],
    ['frozen', 'hold', 'held'],
    ['thawing', 'cause', 'frozen'],
    ['thawing', 'quiet', 'open'],
    ['thawing', 'hold', 'held'],
    ['held', 'cause', undefined],
    ['held', 'gone', undefined],
    ['held', 'quiet', undefined],
  ]
  test.each(ROWS)('%s + %s → %s', (from, signal, to) => {
    expect(FREEZE_NEXT[from][signal]).toBe(to)
  })
})

test('a cause that flickers within the window keeps quotes away until it has been gone for all of it', () => {
  const freeze = new Freeze()
  const steps: [number, Standing | null, Standing | null][] = [
    [0, null, null],
    [10, PULL, PULL],
    [20, null, PULL],
    [900, PULL, PULL],
    [1_000, null, PULL],
    [1_999, null, PULL],
    [2_000, null, null],
    [2_001, null, null],
  ]
  for (const [nowUs, demand, inForce] of steps) expect(freeze.follow(demand, nowUs)).toBe(inForce)
})

test('a halt stays, whatever its guard says later', () => {
  const freeze = new Freeze()
  expect(freeze.follow(HALT, 1)).toBe(HALT)
  expect(freeze.follow(null, 1e12)).toBe(HALT)
  expect(freeze.follow(PULL, 1e12)).toBe(HALT)
})

test('any history: in force is what is demanded now, or the last demand for less than its window', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 800 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const freeze = new Freeze()
      let nowUs = 0
      let lastDemandUs = Number.NEGATIVE_INFINITY
      let goneUs: number | null = null
      for (const [passedUs, isDemanded] of steps) {
        nowUs += passedUs
        const inForce = freeze.follow(isDemanded ? PULL : null, nowUs)
        if (isDemanded) {
          lastDemandUs = nowUs
          goneUs = null
        } else goneUs ??= nowUs
        const isLingering = lastDemandUs > Number.NEGATIVE_INFINITY && goneUs !== null && nowUs - goneUs < 1_000
        expect(inForce).toBe(isDemanded || isLingering ? PULL : null)
      }
    }),
  )
})

describe('repeated executions', () => {
  const run = (gapsUs: readonly number[]): boolean => {
    const guard = pack.create({ executionsMax: 3, windowS: 1 })
    const view = new RiskView()
    guard.judge?.(view)
    let isTripped = false
    for (const [index, gapUs] of gapsUs.entries()) {
      Object.assign(view, { nowUs: view.nowUs + gapUs, positionLots: index + 1 })
      isTripped = (guard.judge?.(view) ?? null) !== null
    }
    return isTripped
  }
  test.each([
    [[10, 10], false],
    [[10, 10, 10], true],
    [[10, 600_000, 399_999], true],
    [[10, 600_000, 400_000], false],
    [[10, 2_000_000, 10, 10], true],
  ])('gaps %s: %s', (gaps, isTripped) => {
    expect(run(gaps)).toBe(isTripped)
  })

  test('once tripped it refuses everything that adds risk', () => {
    const guard = pack.create({ executionsMax: 1, windowS: 1 })
    const view = new RiskView()
    guard.judge?.(view)
    Object.assign(view, { nowUs: 5, positionLots: 1 })
    expect(guard.judge?.(view)?.halt).toBe(true)
    expect(guard.check(view, new Proposal())).toContain('too many executions')
  })
})
