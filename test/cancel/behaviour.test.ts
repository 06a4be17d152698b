/** What an emergency cancel does in each bad situation, under virtual time: its code, its time, and what it never does. */
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/core/cancel/outcome.ts'
import { COLLAR_BPS, collarPrice } from '../../src/core/cancel/flatten.ts'
import { ServerClock } from '../../src/core/cancel/server-clock.ts'
import { faultRules } from '../../src/core/exchange/sim/server/fault-input.ts'
import type { FaultRule } from '../../src/core/exchange/sim/server/faults.ts'
import { DEFAULT_UID } from '../../src/core/exchange/sim/server/embedded.ts'
import type { VirtualWireOptions } from '../../src/core/exchange/virtual-wire.ts'
import { Prng } from '../../src/core/domain/prng.ts'
import { fullLedger } from './ledger.ts'
import { BOT, noWriter, OPERATOR, operator, type Rig, rig, signer, WHOLE, Writer } from './rig.ts'

const ledger = fullLedger({ symbols: 1, ordersEach: 60 })
const AWAY = { up: () => Number.POSITIVE_INFINITY, down: () => 50 }

interface Case {
  readonly what: string
  readonly rules?: readonly Partial<FaultRule>[]
  readonly plan?: Partial<Plan>
  readonly wire?: VirtualWireOptions
  readonly exit: number
  /** Longest it may take, virtual ms. */
  readonly withinMs: number
  readonly left: 'zero' | 'some'
}

const lose = (match: string, more: Partial<FaultRule> = {}): Partial<FaultRule> => ({ match, effect: 'lose', ...more })
const code = (match: string, retCode: number, more: Partial<FaultRule> = {}): Partial<FaultRule> => ({
  match,
  effect: 'code',
  retCode,
  retMsg: 'x',
  ...more,
})

const CASES: readonly Case[] = [
  { what: 'all well', exit: 0, withinMs: 4_000, left: 'zero' },
  { what: 'clock 30 s ahead', wire: { clockOffsetUs: 30_000_000 }, exit: 0, withinMs: 4_000, left: 'zero' },
  { what: 'clock 30 s behind', wire: { clockOffsetUs: -30_000_000 }, exit: 0, withinMs: 4_000, left: 'zero' },
  { what: 'clock an hour behind', wire: { clockOffsetUs: -3_600_000_000 }, exit: 0, withinMs: 4_000, left: 'zero' },
  { what: 'nothing arrives', wire: { legs: AWAY }, exit: 14, withinMs: 63_000, left: 'some' },
  { what: 'no cancel arrives', rules: [lose('/order/cancel')], exit: 11, withinMs: 66_000, left: 'some' },
  { what: 'no listing arrives', rules: [lose('/realtime')], exit: 12, withinMs: 66_000, left: 'zero' },
  {
    what: 'every reply is an HTML page',
    rules: [{ at: 'reply', match: '/v5/', effect: 'html', status: 502 }],
    exit: 14,
    withinMs: 66_000,
    left: 'zero',
  },
  { what: 'maintenance for a minute', rules: [code('/v5/', 10_016)], exit: 14, withinMs: 66_000, left: 'some' },
  {
    what: 'banned at once',
    rules: [{ match: '/v5/', effect: 'ban', delayMs: 600_000 }],
    exit: 15,
    withinMs: 2_000,
    left: 'some',
  },
  { what: '10006 for ever', rules: [code('/v5/', 10_006)], exit: 15, withinMs: 66_000, left: 'some' },
  { what: 'key expired', rules: [code('/v5/', 33_004)], exit: 13, withinMs: 5_000, left: 'some' },
  {
    what: 'a refusal of the key that passes',
    rules: [code('/v5/', 10_003, { count: 8 })],
    exit: 0,
    withinMs: 6_000,
    left: 'zero',
  },
  {
    what: 'a symbol in a call auction',
    rules: [{ at: 'venue', match: 'S0USDT', effect: 'auction' }],
    exit: 11,
    withinMs: 66_000,
    left: 'some',
  },
  {
    what: 'a listing that shows ghosts to the end',
    rules: [{ at: 'venue', match: 'realtime', effect: 'lag', delayMs: 300_000 }],
    exit: 12,
    withinMs: 66_000,
    left: 'zero',
  },
  {
    what: 'a listing 5 s late',
    rules: [{ at: 'venue', match: 'realtime', effect: 'lag', delayMs: 5_000 }],
    exit: 0,
    withinMs: 12_000,
    left: 'zero',
  },
  {
    what: 'a short deadline',
    rules: [lose('/v5/')],
    plan: { durationMs: 1_000 },
    exit: 14,
    withinMs: 1_500,
    left: 'some',
  },
  { what: 'a dry run', plan: { isDryRun: true }, exit: 0, withinMs: 2_000, left: 'some' },
]

const rulesOf = (rules: readonly Partial<FaultRule>[]) => ({ rules: faultRules(rules), seed: 5 })

test.each(CASES)('$what: exit $exit', async ({ rules = [], plan = {}, wire = {}, exit, withinMs, left }) => {
  const world = rig({ ledger })
  await world.run(100)
  await world.arm(rulesOf(rules))
  const startUs = world.network.nowUs()
  const outcome = await operator(world, plan, wire)
  expect(outcome.exit, outcome.trouble).toBe(exit)
  expect((world.network.nowUs() - startUs) / 1_000).toBeLessThan(withinMs)
  expect(world.live() === 0 ? 'zero' : 'some').toBe(left)
})

describe('scopes', () => {
  const open = (world: Rig) =>
    world.server.exchange
      .openOrders(DEFAULT_UID)
      .map(({ category, symbol, orderFilter }) => `${category} ${symbol} ${orderFilter}`)

  test('one symbol: that symbol in every category, and nothing else', async () => {
    const world = rig({ ledger })
    await world.run(100)
    const before = open(world)
    const outcome = await operator(world, { scope: { ...WHOLE, symbol: 'BTCUSDT' } })
    expect(outcome.exit).toBe(0)
    expect(open(world)).toEqual(before.filter((row) => !row.includes(' BTCUSDT ')))
    expect(outcome.spared).toHaveLength(open(world).length)
  })

  test('keep protective: conditional orders stay, in all categories', async () => {
    const world = rig({ ledger })
    await world.run(100)
    const before = open(world)
    const outcome = await operator(world, { scope: { ...WHOLE, isKeepingProtective: true } })
    expect(outcome.exit).toBe(0)
    expect(open(world)).toEqual(before.filter((row) => !row.endsWith(' Order')))
    expect(open(world).length).toBeGreaterThan(0)
  })

  test('a prefix: by id, and no order of anybody else', async () => {
    const world = rig({ ledger })
    await world.run(100)
    const before = world.live()
    const writer = new Writer(world, { prng: new Prng(3), wire: {}, skewMs: 0 })
    await world.run(3_000)
    writer.stop()
    await world.run(100)
    expect(world.live()).toBeGreaterThan(before + 20)
    const outcome = await operator(world, { scope: { ...WHOLE, prefix: 'mm00-' } })
    expect([outcome.exit, world.live()]).toEqual([0, before])
    expect(world.server.counts.json()['POST /v5/order/cancel-all']).toBeUndefined()
  })

  test('a prefix under a listing that lags: zero is said only when it is true', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const lag = [{ at: 'venue', match: 'realtime', effect: 'lag', delayMs: 1_500 } as const]
      const world = rig({ seed, ledger: {}, faults: rulesOf(lag) })
      const writer = new Writer(world, { prng: new Prng(seed), wire: {}, skewMs: 0 })
      await world.run(1_500)
      const fence: Plan['fence'] = async (client) => {
        writer.stop()
        const { maxSignedMs } = writer
        return { ...(await noWriter(client)), level: 'acked', acceptableUntilMs: () => maxSignedMs + 2_000 }
      }
      const outcome = await operator(world, { fence, scope: { ...WHOLE, prefix: 'mm00-' } })
      expect([seed, outcome.exit, world.live()]).toEqual([seed, 0, 0])
    }
  })
})

describe('writers that no fence reached', () => {
  test('orders made after T_safe: never 0', async () => {
    const world = rig({ ledger: {} })
    const writer = new Writer(world, { prng: new Prng(1), wire: {}, skewMs: 0 })
    const outcome = await operator(world, { durationMs: 15_000 })
    writer.stop()
    expect([10, 11, 12]).toContain(outcome.exit)
    expect(outcome.strangerOrders).toBeGreaterThan(0)
  })

  test('one that falls silent later: 10, because it was seen', async () => {
    const world = rig({ ledger: {} })
    const writer = new Writer(world, { prng: new Prng(1), wire: {}, skewMs: 0 })
    world.network.at(world.network.nowUs() + 5_000_000, () => writer.stop())
    const outcome = await operator(world, {})
    expect([outcome.exit, world.live()]).toEqual([10, 0])
  })

  test('a fence that throws, and one that never ends', async () => {
    const throws = rig({ ledger: {} })
    const thrown = await operator(throws, { fence: () => Promise.reject(new Error('no socket')) })
    expect([thrown.exit, thrown.fence.notes]).toEqual([10, ['the fence failed: no socket']])
    const hangs = rig({ ledger })
    const hung = await operator(hangs, { fence: () => new Promise(() => undefined), durationMs: 5_000 })
    expect([hung.exit, hangs.live()]).toEqual([12, 0])
  })

  test('one that is back at the end: 10', async () => {
    const world = rig({ ledger })
    const fence: Plan['fence'] = async (client) => ({ ...(await noWriter(client)), recheck: () => 'pid 7 was started' })
    expect((await operator(world, { fence })).exit).toBe(10)
  })
})

describe('manners', () => {
  test('after 403 nothing is sent any more', async () => {
    const rules = [{ match: '/v5/', effect: 'ban', delayMs: 600_000, skip: 12 } as const]
    const world = rig({ ledger, faults: rulesOf(rules) })
    const outcome = await operator(world, {})
    const { rows } = outcome.log
    const banned = rows.findIndex(({ outcome: said }) => said === 'banned')
    const bannedMs = rows[banned]?.receivedMs ?? 0
    expect(rows.filter(({ sentMs }) => sentMs > bannedMs)).toEqual([])
    expect(outcome.exit).toBe(15)
  })

  test('after 10006 nothing goes to that gate before its reset', async () => {
    const world = rig({ ledger: fullLedger({ symbols: 8, ordersEach: 500 }) })
    const { log, exit } = await operator(world, {})
    expect(exit).toBe(0)
    const futures = log.rows.filter(({ path, unit }) => path.endsWith('cancel-all') && /^(linear|inverse)/.test(unit))
    const limited = futures.filter(({ outcome }) => outcome === 'limited')
    expect(limited.length).toBeGreaterThan(0)
    for (const { receivedMs, limitResetMs } of limited) {
      const early = futures.filter(({ sentMs }) => sentMs > (receivedMs ?? 0) && sentMs < Number(limitResetMs))
      expect(early).toEqual([])
    }
  })

  test('an abort ends it at once, whatever is under way', async () => {
    const world = rig({ ledger })
    const leaving = new AbortController()
    world.network.at(world.network.nowUs() + 500_000, () => leaving.abort())
    const legs = { up: () => 50, down: () => Number.POSITIVE_INFINITY }
    const outcome = await operator(world, { abort: leaving.signal }, { legs })
    expect(outcome.exit).toBe(12)
  })

  test('no key and no signature in what is kept', async () => {
    const world = rig({ ledger })
    const wrong = signer({ ...OPERATOR, secret: BOT.secret })
    const { log, trouble, refusals } = await operator(world, { signers: [wrong] })
    const kept = JSON.stringify([log.rows, trouble, [...refusals]])
    expect(kept).not.toContain(OPERATOR.apiKey)
  })
})

describe('parts', () => {
  test('a clock keeps bounds, prefers narrow ones, and follows a jump', () => {
    let localMs = 1_000
    const clock = new ServerClock(() => localMs)
    clock.learn(5_400, 600)
    expect([clock.earliestMs(0), clock.latestMs(0)]).toEqual([4_400, 4_801])
    localMs = 2_000
    clock.learn(6_590, 1_990)
    expect([clock.earliestMs(0), clock.latestMs(0)]).toEqual([4_590, 4_601])
    localMs = 3_000
    clock.learn(7_595, 2_600)
    expect([clock.earliestMs(0), clock.latestMs(0)]).toEqual([4_590, 4_601])
    // A machine that slept: the exchange is an hour further.
    localMs = 4_000
    clock.learn(3_608_000, 3_900)
    expect([clock.earliestMs(0), clock.latestMs(0)]).toEqual([3_604_000, 3_604_101])
  })

  test.each([
    [100_00n, true, 1n, 99_00n],
    [100_00n, false, 1n, 101_00n],
    [100_07n, true, 5n, 99_10n],
    [100_07n, false, 5n, 101_05n],
  ])('collar of %s, long %s, tick %s: %s', (mark, isLong, tick, price) => {
    expect(COLLAR_BPS).toBe(100n)
    expect(collarPrice(mark, isLong, tick)).toBe(price)
  })
})
