/**
 * What throttles requests, each against a naive account of the same facts: sliding windows are lists that are filtered,
 * holds are read off the answers. The packs' own cases are run by guards.test.ts.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Proposal, RiskView } from '../../src/core/engine/guard.ts'
import { pack as inFlight } from '../../src/core/engine/guards/in-flight.ts'
import { pack as slowDown } from '../../src/core/engine/guards/slow-down.ts'
import { pack as symbolRate } from '../../src/core/engine/guards/symbol-rate.ts'
import { pack as takerCap } from '../../src/core/engine/guards/taker-cap.ts'
import { WindowCount } from '../../src/core/engine/window-count.ts'
import { Rig } from './rig.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 10_000 : 300
const S = 1_000_000
const T0 = 1_700_000_000 * S

/** Spans between events: within a second, some seconds, longer than any window. */
const spans = fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 4 * S }), fc.constant(60 * S))

const proposal = (facts: Partial<Record<keyof Proposal, unknown>>): Proposal => Object.assign(new Proposal(), facts)
const viewAt = (nowUs: number, facts: object = {}): RiskView => Object.assign(new RiskView(), { nowUs }, facts)

/** How many of `times` fall into the second of `nowUs` or the `seconds` whole ones before. */
const counted = (times: readonly number[], seconds: number, nowUs: number): number =>
  times.filter((us) => Math.floor(us / S) >= Math.floor(nowUs / S) - seconds).length

test('a window counts what a list that is filtered counts, and misses nothing that was in it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.tuple(spans, fc.boolean())), (seconds, steps) => {
      const window = new WindowCount(seconds)
      const times: number[] = []
      let nowUs = T0
      for (const [span, isEvent] of steps) {
        nowUs += span
        if (isEvent) {
          window.add(nowUs)
          times.push(nowUs)
        }
        const total = window.at(nowUs)
        expect(total).toBe(counted(times, seconds, nowUs))
        expect(total).toBeGreaterThanOrEqual(times.filter((us) => us > nowUs - seconds * S).length)
      }
    }),
    { numRuns },
  )
})

const kinds = fc.constantFrom('place', 'amend', 'cancel', 'ask place', 'ask amend')

test('symbol-rate refuses exactly when ten seconds of its rate have gone', () => {
  const verdicts = new Set<unknown>()
  fc.assert(
    fc.property(fc.array(fc.tuple(spans, kinds), { maxLength: 150, size: 'max' }), (steps) => {
      const rates = { placesPerS: 1, amendsPerS: 2, cancelsPerS: 1 }
      const guard = symbolRate.create(rates)
      const sent = { place: [] as number[], amend: [] as number[], cancel: [] as number[] }
      let nowUs = T0
      for (const [span, what] of steps) {
        nowUs += span % (S / 2)
        if (what === 'place' || what === 'amend' || what === 'cancel') {
          sent[what].push(nowUs)
          guard.onSent?.(what, nowUs, 1)
          continue
        }
        const kind = what === 'ask place' ? 'place' : 'amend'
        const isOver = counted(sent[kind], 10, nowUs) >= 10 * (kind === 'place' ? 1 : 2)
        const isWild = kind === 'place' && counted(sent.cancel, 10, nowUs) > 10
        const reason = guard.check(viewAt(nowUs), proposal({ kind }))
        verdicts.add(reason)
        expect(reason !== null).toBe(isOver || isWild)
      }
    }),
    { numRuns },
  )
  expect(verdicts.size).toBe(4)
})

test('taker-cap refuses exactly when the next execution would be one too many', () => {
  const verdicts = new Set<unknown>()
  const step = fc.tuple(
    spans,
    fc.constantFrom('maker', 'maker', 'maker', 'taker', 'ask'),
    fc.integer({ min: 0, max: 2 }),
  )
  const limits = fc.record({
    takersMax: fc.integer({ min: 0, max: 5 }),
    shareBpsMax: fc.constantFrom(1_000, 2_500, 10_000),
    shareFrom: fc.integer({ min: 1, max: 12 }),
    windowS: fc.constantFrom(5, 30),
  })
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 80, size: 'max' }), (params, steps) => {
      const guard = takerCap.create(params)
      const fills: { us: number; isMaker: boolean }[] = []
      let nowUs = T0
      for (const [span, what, onTheWay] of steps) {
        nowUs += span
        if (what !== 'ask') {
          fills.push({ us: nowUs, isMaker: what === 'maker' })
          guard.onFill?.(what === 'maker', nowUs)
        }
        const inWindow = (list: typeof fills): number =>
          counted(
            list.map(({ us }) => us),
            params.windowS,
            nowUs,
          )
        const takers = inWindow(fills.filter(({ isMaker }) => !isMaker)) + onTheWay + 1
        const all = inWindow(fills) + onTheWay + 1
        const isOver =
          takers > params.takersMax || (all >= params.shareFrom && takers / all > params.shareBpsMax / 10_000)
        const ask = { sizeLots: 1, inFlight: onTheWay }
        const reason = guard.check(viewAt(nowUs), proposal({ ...ask, mayTake: true }))
        verdicts.add(reason)
        expect(reason !== null).toBe(isOver)
        expect(guard.check(viewAt(nowUs), proposal({ ...ask, mayTake: false }))).toBeNull()
        const long = viewAt(nowUs, { positionLots: 5 })
        expect(guard.check(long, proposal({ ...ask, side: -1, mayTake: true, isReduceOnly: true }))).toBeNull()
      }
    }),
    { numRuns },
  )
  expect(verdicts.size).toBe(3)
})

test('in-flight lets a side change once in its time, one decision at a time, and never holds a retreat', () => {
  const step = fc.tuple(
    fc.integer({ min: 0, max: 30 }),
    fc.constantFrom<1 | -1>(1, -1),
    fc.nat(4),
    fc.constantFrom('place', 'amend', 'retreat', 'cancel'),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const guard = inFlight.create({ requestsMax: 3, replaceUsMin: 20 })
      const changed: { us: number; side: 1 | -1 }[] = []
      let nowUs = T0
      for (const [span, side, waiting, what] of steps) {
        nowUs += span
        const kind = what === 'retreat' ? 'amend' : what
        if (kind !== 'cancel') {
          const isRetreat = what === 'retreat'
          const isSoon = changed.some((past) => past.side === side && past.us < nowUs && past.us > nowUs - 20)
          // A change of this very decision began it.
          const isSame = changed.some((past) => past.side === side && past.us === nowUs)
          const reason = guard.check(viewAt(nowUs), proposal({ kind, side, inFlight: waiting, isRetreat }))
          expect(reason !== null).toBe(!isRetreat && (waiting >= 3 || (isSoon && !isSame)))
          if (reason !== null) continue
          changed.push({ us: nowUs, side })
        }
        guard.onSent?.(kind, nowUs, side)
      }
    }),
    { numRuns },
  )
})

describe('slow-down', () => {
  const LAGGING = { bookReceivedUs: 2 * S, bookExchangeUs: S }

  /** Asks every millisecond for a while; the times at which it let something pass. */
  function passes(view: (nowUs: number) => RiskView, forMs: number): number[] {
    const guard = slowDown.create({})
    const passed: number[] = []
    for (let ms = 0; ms < forMs; ms++) {
      const now = view(T0 + ms * 1_000)
      if (guard.check(now, proposal({})) === null) passed.push(ms)
      // The same decision gives every proposal the same answer.
      expect(guard.check(now, proposal({})) === null).toBe(passed.at(-1) === ms)
    }
    return passed
  }

  test('holds twice as long each time, up to the longest, and lets one decision pass between', () => {
    const passed = passes((nowUs) => viewAt(nowUs, LAGGING), 20_000)
    const holds = passed.map((ms, i) => ms - (passed[i - 1] ?? 0))
    const wanted = [200, 400, 800, 1_600, 3_000, 3_000, 3_000]
    expect(holds.length).toBeGreaterThanOrEqual(wanted.length)
    wanted.forEach((ms, i) => {
      expect(holds[i]).toBeGreaterThanOrEqual(ms * 0.9)
      expect(holds[i]).toBeLessThanOrEqual(ms * 1.1 + 1)
    })
  })

  test('begins anew with the shortest once the cause is gone', () => {
    const lags = (ms: number): boolean => ms < 2_000 || ms >= 4_000
    const passed = passes((nowUs) => viewAt(nowUs, lags((nowUs - T0) / 1_000) ? LAGGING : {}), 5_000)
    expect(passed.filter((ms) => ms >= 3_500 && ms < 4_000)).toHaveLength(500)
    const [again] = passed.filter((ms) => ms >= 4_000)
    expect(again).toBeGreaterThanOrEqual(4_180)
    expect(again).toBeLessThanOrEqual(4_221)
  })

  test('symbols come back at different times, and always at the same ones', () => {
    const first = (symbol: number): number[] => passes((nowUs) => viewAt(nowUs, { ...LAGGING, symbol }), 8_000)
    expect(new Set([0, 1, 2, 3].map((symbol) => first(symbol)[2])).size).toBeGreaterThan(1)
    expect(first(2)).toEqual(first(2))
  })

  test('answers of the exchange count, requests that never left do not', () => {
    const rig = new Rig({ guards: { 'slow-down': { answersMin: 1 } }, quoting: { missBackoffUs: 0 } })
    rig
      .want([[1000, 10]])
      .ready()
      .decide()
    const ack = { kind: 'ack', request: 'place', symbol: 0, code: 0, nowUs: rig.nowUs } as const
    rig.step({ ...ack, order: 1, result: 'rejected', action: 'withheld' } as never)
    expect(rig.decide(200_000)).toEqual(['place 2 buy 10@1000'])
    rig.step({ ...ack, order: 2, result: 'rejected', action: 'risk' } as never)
    expect(rig.decide(200_000)).toEqual([])
    const guard = rig.engine.view().symbols[0]?.guards.find((g) => g.guard === 'slow-down')
    expect(guard).toMatchObject({ refusals: 1, reason: 'too many requests failed: waiting before the next' })
  })
})

describe('in the engine', () => {
  test('a side is not given more than may be on its way, the other side has its own', () => {
    const rig = new Rig({ guards: { 'in-flight': { requestsMax: 2, replaceUsMin: 0 } } })
    rig.want(
      [
        [1000, 10],
        [999, 10],
        [998, 10],
      ],
      [[1005, 10]],
    )
    expect(rig.ready().decide()).toEqual(['place 1 buy 10@1000', 'place 2 buy 10@999', 'place 3 sell 10@1005'])
    rig.order(1, 'open')
    expect(rig.decide(100_000)).toEqual(['place 4 buy 10@998'])
  })

  test('executions that take close the door to orders that may, not to those that reduce', () => {
    const rig = new Rig({ quoting: { isPostOnly: false }, runGuards: { 'taker-cap': { takersMax: 1 } } })
    rig
      .want([[1000, 10]])
      .ready()
      .decide()
    rig.fill(1, 10, { isMaker: false })
    expect(rig.engine.view().counters.takerFills).toBe(1)
    rig.want([[1000, 10]], [[1005, 10]])
    expect(rig.decide(1_000_000)).toEqual(['place 2 sell 10@1005 GTC'])
    const guard = rig.engine.view().guards.find((g) => g.guard === 'taker-cap')
    expect(guard).toMatchObject({ refusals: 1, reason: 'one more execution that takes would be too many' })
  })
})
