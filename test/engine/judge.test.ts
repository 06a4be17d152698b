/**
 * The engine judges only symbols that something was told of or whose time has come. The same events through an engine that
 * judges every symbol at every decision (its guards do not say when to ask again) must give the same requests, the same
 * refusals and trips, and the same picture at the end.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { symbolId, timeUs } from '../../src/core/domain/units.ts'
import type { Guard, GuardPack } from '../../src/core/engine/guard.ts'
import { guardPacks, Rig } from './rig.ts'

const numRuns = process.env['MM_VERIFY'] === '1' ? 1_000 : 200
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']

const always: readonly GuardPack[] = guardPacks.map((pack) => ({
  ...pack,
  create(params): Guard {
    const { judgeInUs: _, ...guard } = pack.create(params)
    return guard
  },
}))

const KINDS = [
  'book',
  'book',
  'break',
  'want',
  'open',
  'fill',
  'end',
  'refuse',
  'link',
  'position',
  'operator',
  'decide',
] as const
const action = fc.record({
  kind: fc.oneof(fc.constantFrom(...KINDS), fc.constant('decide' as const)),
  symbol: fc.nat(2),
  a: fc.nat(15),
  b: fc.nat(15),
})
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

/** Longer than a demand of `stale-book` lingers. */
const AGE_US_MAX = 900_000

function act(rig: Rig, { kind, symbol, a, b }: Action): void {
  const id = symbolId(symbol)
  const order = 1 + ((a * 16 + b) % Math.max(1, rig.engine.view().nextOrder))
  const facts = { symbol: id, side: 1, priceTicks: 980 + a } as const
  switch (kind) {
    case 'book':
      return void rig.snapshot([[980 + a, 10]], [[981 + a + b, 10]], id)
    case 'break':
      return void (a < 8 ? rig.snapshot([[1000, 1]], [[1000 - (b % 2), 1]], id) : rig.snapshot([[990, 1]], [], id))
    case 'want':
      return void rig.want([[970 + a, 1 + b]], a % 5 === 0 ? [] : [[1010 - b, 1 + a]], symbol)
    case 'open':
      return void rig.order(order, 'open', facts)
    case 'fill':
      return void rig.fill(order, 1 + b, facts)
    case 'end':
      return void rig.order(order, 'canceled', facts)
    case 'refuse':
      return void rig.ack(a % 2 === 0 ? 'place' : 'amend', order, 'rejected')
    case 'link':
      return void rig.link(a % 4 === 0 ? 'account' : 'market', b % 2 === 0 ? 'up' : 'gap', a % 4 === 0 ? null : id)
    case 'position':
      return void rig.position(a - 8, id)
    case 'operator':
      return void rig.step({
        kind: 'operator',
        command: a % 2 === 0 ? 'pause' : 'resume',
        reason: '',
        nowUs: timeUs(rig.nowUs),
      })
    case 'decide':
      return void rig.decide([AGE_US_MAX + b, 500_000 + b, 250_000][a] ?? 1_000 * b)
  }
}

/** What ends a run, mostly out of reach: executions of a symbol, loss. */
const halts = fc.constantFrom<readonly [number, number]>([1_000, 1e15], [1_000, 1e15], [4, 1e15], [1_000, 200_000])

test('judging only what is due decides the same as judging everything', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150, size: 'max' }), halts, (actions, [executionsMax, lossE8Max]) => {
      const rig = new Rig({
        symbols: SYMBOLS,
        quoting: { adverseTicks: 8 },
        guards: {
          'max-position': { limitLots: 20 },
          'stale-book': { ageUsMax: AGE_US_MAX },
          'repeated-execution': { executionsMax },
        },
        runGuards: { 'loss-limit': { lossE8Max, drawdownE8Max: 1e15 } },
      }).ready()
      for (const one of actions) act(rig, one)
      const full = rig.replay(always)
      expect(full.lines).toEqual(rig.lines)
      const view = rig.engine.view()
      expect(view).toEqual(full.engine.view())
      const guards = [...view.guards, ...view.symbols.flatMap((symbol) => symbol.guards)]
      for (const { guard, trips, state } of guards) if (trips > 1 || state !== 'ok') seen.add(guard)
      if (rig.lines.length > 0) seen.add('requests')
    }),
    { numRuns },
  )
  // The property means something only if these happened.
  expect([...seen].toSorted()).toEqual(['loss-limit', 'max-position', 'repeated-execution', 'requests', 'stale-book'])
}, 600_000)
