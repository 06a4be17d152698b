/**
 * Orders that the market moves against: cancelled in the very decision that sees it, whatever their age, whatever is on
 * its way to them and whatever pauses or throttles their side. The oracle keeps its own account of every order.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LevelRow } from '../../src/core/engine/strategy.ts'
import { Rig, type RigOptions } from './rig.ts'

const RUNS = process.env['MM_VERIFY'] === '1' ? 2_000 : 200
const QUOTING = { lifeUsMin: 60_000_000, urgentTicks: 50, toleranceTicks: 50, adverseTicks: 5, adversePauseUs: 500_000 }

/** A bid of 10@980 and an ask of 10@1020, young, at a mid of 1000. */
function quoting(options: RigOptions = {}): Rig {
  const rig = new Rig({ ...options, quoting: { ...QUOTING, ...options.quoting } })
  rig
    .want([[980, 10]], [[1020, 10]])
    .ready()
    .decide()
  return rig
}

function working(options: RigOptions = {}): Rig {
  const rig = quoting(options)
  rig.order(1, 'open', { priceTicks: 980 })
  rig.order(2, 'open', { side: -1, priceTicks: 1020 })
  return rig
}

const market = (rig: Rig, bid: number, ask: number): unknown => rig.snapshot([[bid, 100]], [[ask, 100]])

describe('a move against an order', () => {
  test.each([
    ['down by the threshold: the bid', 985, 1005, ['cancel 1']],
    ['half a tick less', 985, 1006, []],
    ['up by the threshold: the ask', 995, 1015, ['cancel 2']],
    ['half a tick less, upwards', 994, 1015, []],
    ['far down: the bid alone', 960, 981, ['cancel 1']],
  ])('%s', (_, bid, ask, requests) => {
    const rig = working()
    market(rig, bid, ask)
    expect(rig.decide()).toEqual(requests)
    expect(rig.engine.view().counters.adverseCancels).toBe(requests.length)
  })

  test('never counts in favour of it, however far and however long', () => {
    const rig = working()
    rig.want([[980, 10]], [])
    expect(rig.decide()).toEqual(['cancel 2'])
    rig.order(2, 'canceled', { side: -1, priceTicks: 1020 })
    for (let up = 1; up <= 30; up++) {
      market(rig, 990 + up, 1010 + up)
      expect(rig.decide(100_000)).toEqual([])
    }
  })

  test('counts from where the market was when the price was decided', () => {
    const rig = working({ quoting: { lifeUsMin: 0, toleranceTicks: 0 } })
    market(rig, 986, 1006)
    rig.want([[976, 10]], [[1020, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@976'])
    rig.order(1, 'open', { priceTicks: 976 })
    market(rig, 982, 1002)
    expect(rig.decide()).toEqual([])
    market(rig, 981, 1001)
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test('a change of size alone does not begin it anew', () => {
    const rig = working({ quoting: { lifeUsMin: 0 } })
    market(rig, 987, 1007)
    rig.want([[980, 4]], [[1020, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 4@980'])
    rig.order(1, 'open', { priceTicks: 980, sizeLots: 4 })
    market(rig, 985, 1005)
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test('nor does an amend that did not come to be', () => {
    const rig = working({ quoting: { lifeUsMin: 0, toleranceTicks: 0 } })
    market(rig, 987, 1007)
    rig.want([[977, 10]], [[1020, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@977'])
    rig.ack('amend', 1, 'rejected')
    market(rig, 985, 1005)
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test.each([
    ['on its way', () => {}],
    ['accepted', (rig: Rig) => rig.ack('place', 1, 'accepted')],
    ['without an answer', (rig: Rig) => rig.ack('place', 1, 'ambiguous')],
  ])('does not wait for an order that is %s', (_, say) => {
    const rig = quoting()
    say(rig)
    market(rig, 985, 1005)
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test('nor for an amend that is on its way', () => {
    const rig = working({ quoting: { lifeUsMin: 0, toleranceTicks: 0 } })
    market(rig, 987, 1007)
    rig.want([[977, 10]], [[1020, 10]])
    expect(rig.decide()).toEqual(['amend 1 buy 10@977'])
    market(rig, 985, 1005)
    expect(rig.decide()).toEqual(['cancel 1'])
  })

  test('is not looked for when it is turned off', () => {
    const rig = working({ quoting: { adverseTicks: 0 } })
    market(rig, 960, 981)
    expect(rig.decide()).toEqual([])
  })
})

describe('the pause after it', () => {
  test('keeps its own side away, and not longer', () => {
    const rig = working()
    market(rig, 985, 1005)
    expect(rig.decide()).toEqual(['cancel 1'])
    rig.order(1, 'canceled')
    rig.order(2, 'canceled', { side: -1, priceTicks: 1020 })
    expect(rig.decide()).toEqual(['place 3 sell 10@1020'])
    expect(rig.decide(498_000)).toEqual([])
    expect(rig.decide(1_000)).toEqual(['place 4 buy 10@980'])
  })

  test('holds no further cancel back', () => {
    const rig = new Rig({ quoting: { ...QUOTING, adversePauseUs: 60_000_000 } }).ready()
    rig.want([[980, 10]]).decide()
    market(rig, 993, 1013)
    rig
      .want([
        [980, 10],
        [900, 10],
      ])
      .decide()
    market(rig, 984, 1004)
    expect(rig.decide()).toEqual(['cancel 1', 'cancel 2'])
  })

  test('goes on when the market goes on', () => {
    const rig = new Rig({ quoting: QUOTING }).ready()
    rig.want([[980, 10]]).decide()
    market(rig, 988, 1008)
    rig
      .want([
        [980, 10],
        [900, 10],
      ])
      .decide()
    market(rig, 985, 1005)
    expect(rig.decide(100_000)).toEqual(['cancel 1'])
    rig.order(1, 'canceled')
    market(rig, 983, 1003)
    expect(rig.decide(400_000)).toEqual(['cancel 2'])
    rig.order(2, 'canceled', { priceTicks: 900 })
    expect(rig.decide(499_000)).toEqual([])
    expect(rig.decide(1_000)).toEqual(['place 3 buy 10@980', 'place 4 buy 10@900'])
  })
})

/** What the test knows of one order, from the requests it saw and the answers it gave. */
interface Known {
  readonly order: number
  readonly side: 1 | -1
  ticks: number
  midHalf: number
  moving: { readonly ticks: number; readonly midHalf: number } | null
  state: 'coming' | 'unknown' | 'open' | 'canceling'
}

const ADVERSE_TICKS = 3
const URGENT_TICKS = 2

/** Random throttles, each so tight that hardly anything passes it. */
const throttles = fc.record({
  requestsMax: fc.integer({ min: 1, max: 2 }),
  replaceUsMin: fc.constantFrom(0, 0, 1_000_000, 60_000_000),
  perS: fc.integer({ min: 0, max: 2 }),
  answersMin: fc.constantFrom(1, 10_000, 10_000),
  burst: fc.integer({ min: 0, max: 4 }),
  pauseUs: fc.constantFrom(0, 2_000_000, 60_000_000),
  levels: fc.integer({ min: 1, max: 2 }),
})

const action = fc.record({
  kind: fc.constantFrom(
    'market',
    'market',
    'want',
    'open',
    'refuse',
    'refuse',
    'lose',
    'end',
    'decide',
    'decide',
    'decide',
  ),
  a: fc.nat(20),
  b: fc.nat(20),
})

type Limits = typeof throttles extends fc.Arbitrary<infer T> ? T : never
type Cause = 'unwanted' | 'adverse' | 'urgent' | 'urgent, unknown'

class World {
  readonly rig: Rig
  readonly orders = new Map<number, Known>()
  private bid = 1000
  private ask = 1020
  private readonly levels: number
  private readonly seen: Set<string>

  constructor(limits: Limits, seen: Set<string>) {
    this.seen = seen
    const { requestsMax, replaceUsMin, perS, answersMin, burst, pauseUs, levels } = limits
    this.levels = levels
    this.rig = new Rig({
      quoting: {
        levelsMax: levels,
        missBackoffUs: 1_000_000,
        urgentTicks: URGENT_TICKS,
        lifeUsMin: 1_000_000,
        adverseTicks: ADVERSE_TICKS,
        adversePauseUs: pauseUs,
      },
      guards: {
        'in-flight': { requestsMax, replaceUsMin },
        'symbol-rate': { placesPerS: 2, amendsPerS: perS, cancelsPerS: 1 + 9 * perS },
        'slow-down': { answersMin, errorBpsMax: 1 },
      },
      runGuards: {
        'request-rate': { amendsBurst: burst, amendsPerS: burst, placesPerS: 10, placesBurst: 10, cancelReserve: 0 },
        'taker-cap': { takersMax: 0 },
      },
    }).ready()
    this.rig.snapshot([[this.bid, 100]], [[this.ask, 100]])
  }

  act(kind: string, a: number, b: number): void {
    const { rig } = this
    if (kind === 'decide') this.decide(1 + 2_000 * a * b)
    else if (kind === 'want')
      rig.want(a % 7 === 0 ? [] : this.rows(960 + a, -3), b % 7 === 0 ? [] : this.rows(1060 - b, 3))
    else if (kind === 'market') {
      this.bid = 990 + (a % 7)
      this.ask = this.bid + 10 + (b % 5)
      rig.snapshot([[this.bid, 100]], [[this.ask, 100]])
    } else {
      const order = [...this.orders.values()][a % Math.max(1, this.orders.size)]
      if (order !== undefined) this.answer(kind, order)
    }
  }

  private rows(ticks: number, step: number): LevelRow[] {
    return Array.from({ length: this.levels }, (_, level) => [ticks + level * step, 10] as const)
  }

  private answer(kind: string, order: Known): void {
    const { rig } = this
    if (kind === 'open') {
      Object.assign(order, order.moving ?? {})
      order.moving = null
      if (order.state !== 'canceling') order.state = 'open'
      rig.order(order.order, 'open', { side: order.side, priceTicks: order.ticks })
    } else if (kind === 'end') {
      this.orders.delete(order.order)
      rig.order(order.order, 'canceled', { side: order.side, priceTicks: order.ticks })
    } else if (kind === 'refuse' && order.moving !== null) {
      order.moving = null
      rig.ack('amend', order.order, 'rejected')
    } else if (kind === 'refuse' && order.state === 'coming') {
      this.orders.delete(order.order)
      rig.ack('place', order.order, 'rejected')
    } else if (kind === 'lose' && order.state === 'coming') {
      order.state = 'unknown'
      rig.ack('place', order.order, 'ambiguous')
    }
  }

  private decide(afterUs: number): void {
    const due = [...this.orders.values()].flatMap((order) => {
      const cause = this.mustLeave(order)
      return cause === null ? [] : [[order.order, cause] as const]
    })
    this.rig.decide(afterUs)
    const said = this.take()
    for (const [order, cause] of due) {
      const request = said.get(order)
      this.seen.add(`${cause}: ${request}`)
      expect(cause === 'urgent' && request === 'amend' ? 'cancel' : request, `order ${order} is ${cause}`).toBe(
        'cancel',
      )
    }
  }

  // What the decision said, by order.
  private take(): Map<number, string> {
    const { rig } = this
    const midHalf = this.bid + this.ask
    const said = new Map<number, string>()
    for (let i = 0; i < rig.out.length; i++) {
      const { kind, order, side, priceTicks: ticks } = rig.out.at(i)
      said.set(order, kind)
      const known = this.orders.get(order)
      if (kind === 'place') this.orders.set(order, { order, side, ticks, midHalf, moving: null, state: 'coming' })
      else if (known !== undefined && kind === 'amend') known.moving = { ticks, midHalf }
      else if (known !== undefined) known.state = 'canceling'
    }
    return said
  }

  private mustLeave({ side, ticks, midHalf, moving, state }: Known): Cause | null {
    if (state === 'canceling') return null
    const [wanted] = this.rig.scripts[0]?.[side === 1 ? 'bids' : 'asks'] ?? []
    if (wanted === undefined) return 'unwanted'
    const nowHalf = this.bid + this.ask
    const moves = [midHalf, moving?.midHalf ?? midHalf].map((from) => (side === 1 ? from - nowHalf : nowHalf - from))
    if (Math.max(...moves) >= 2 * ADVERSE_TICKS) return 'adverse'
    // Which level an order of a ladder is meant for, only the engine knows.
    if (this.levels > 1) return null
    const tooFar = side === 1 ? ticks - wanted[0] : wanted[0] - ticks
    if (tooFar <= URGENT_TICKS || moving !== null || state === 'coming') return null
    return state === 'unknown' ? 'urgent, unknown' : 'urgent'
  }
}

test('whatever throttles or pauses a side, what must leave leaves in the decision that sees it', () => {
  const seen = new Set<string>()
  const refused = new Set<string>()
  fc.assert(
    fc.property(throttles, fc.array(action, { minLength: 200, maxLength: 400, size: 'max' }), (limits, actions) => {
      const world = new World(limits, seen)
      for (const { kind, a, b } of actions) world.act(kind, a, b)
      const view = world.rig.engine.view()
      for (const guard of [...view.guards, ...(view.symbols[0]?.guards ?? [])]) {
        if (guard.refusals > 0) refused.add(guard.guard)
      }
    }),
    { numRuns: RUNS },
  )
  // The property means something only if these happened.
  const causes = ['unwanted: cancel', 'adverse: cancel', 'urgent: cancel', 'urgent: amend', 'urgent, unknown: cancel']
  expect([...seen].toSorted()).toEqual(causes.toSorted())
  for (const guard of ['in-flight', 'symbol-rate', 'slow-down', 'request-rate']) expect(refused).toContain(guard)
}, 600_000)
