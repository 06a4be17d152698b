/** The end of a run: zero is what the exchange says, twice, late enough; anything else is said out loud. */
import { expect, test } from 'vitest'
import { Prng } from '../../src/core/domain/prng.ts'
import { virtualClock } from '../../src/core/runtime/clock.ts'
import { shutDown, type ShutdownOptions, type ShutdownResult } from '../../src/core/runtime/shutdown.ts'
import { fullLedger } from '../cancel/ledger.ts'
import { BOT, type Rig, rig, signer, WINDOW_MS, Writer } from '../cancel/rig.ts'

const PREFIX = 'mm00-'
const ZERO = { verifiedZero: true, openOrders: [], problem: '' }

/** A bot that has been quoting for a second: its orders, the account's others, and how to shut it down. */
async function scene(
  over: Partial<ShutdownOptions> = {},
  legs = { up: () => 200, down: () => 200 },
  quotingMs = 1_000,
) {
  const world = rig({ ledger: fullLedger({ symbols: 1, ordersEach: 60 }) })
  await world.run(100)
  const others = world.live()
  const writer = new Writer(world, { prng: new Prng(4), wire: { legs }, skewMs: 0, categories: ['linear'] })
  await world.run(quotingMs)
  const halts: string[] = []
  const wire = world.network.wire()
  const options: ShutdownOptions = {
    emergency: { net: wire, signer: signer(BOT), category: 'linear' },
    clock: virtualClock(wire),
    linkPrefix: PREFIX,
    halt(reason) {
      halts.push(reason)
      writer.stop()
    },
    liveOrders: () => 1,
    isEngineSound: true,
    newestRiskMs: () => writer.maxSignedMs,
    acceptWindowMs: WINDOW_MS,
    ...over,
  }
  const run = (): Promise<ShutdownResult> =>
    world.network.complete(shutDown('duration', options), world.network.nowUs() + 120_000_000)
  return { world, others, halts, run }
}

const elapsed = async (world: Rig, work: () => Promise<unknown>): Promise<number> => {
  const startUs = world.network.nowUs()
  await work()
  return (world.network.nowUs() - startUs) / 1_000
}

test('what is left is cancelled by id, orders of others are let alone', async () => {
  const { world, others, halts, run } = await scene()
  expect(world.live()).toBeGreaterThan(others)
  expect(await run()).toEqual(ZERO)
  expect([halts, world.live()]).toEqual([['duration'], others])
  expect(world.server.counts.json()['POST /v5/order/cancel-all']).toBeUndefined()
})

test('an engine that says all is over, and is sound, is not waited for', async () => {
  const settled = await scene({ liveOrders: () => 0 })
  expect(await elapsed(settled.world, settled.run)).toBeLessThan(4_000)
  const broken = await scene({ liveOrders: () => 0, isEngineSound: false })
  expect(await elapsed(broken.world, broken.run)).toBeGreaterThan(WINDOW_MS + 1_000)
})

test('creates still on their way when it stops are waited for and cancelled', async () => {
  const late = await scene({}, { up: () => 1_700_000, down: () => 200 })
  expect(await late.run()).toEqual(ZERO)
  await late.world.run(5_000)
  expect(late.world.live()).toBe(late.others)
})

test('planted bug: an engine that calls itself settled too early lets such a create slip through', async () => {
  const slow = { up: () => 1_800_000, down: () => 200 }
  const honest = await scene({}, slow, 60)
  expect(await honest.run()).toEqual(ZERO)
  await honest.world.run(5_000)
  expect(honest.world.live()).toBe(honest.others)
  const planted = await scene({ liveOrders: () => 0 }, slow, 60)
  expect(await planted.run()).toEqual(ZERO)
  await planted.world.run(5_000)
  expect(planted.world.live()).toBeGreaterThan(planted.others)
})

test('orders that will not go are reported with their ids and the reason of the exchange', async () => {
  const { world, run } = await scene({ deadlineUs: 8_000_000 })
  await world.arm({ rules: [{ at: 'venue', match: 'BTCUSDT', effect: 'auction' }] })
  const result = await run()
  expect(result.verifiedZero).toBe(false)
  expect(result.problem).toMatch(/^orders are still open: 110095/)
  expect(result.openOrders.length).toBeGreaterThan(0)
  expect(result.openOrders.every(({ orderLinkId }) => orderLinkId.startsWith(PREFIX))).toBe(true)
})

test('an exchange that cannot be asked is no zero', async () => {
  const { world, run } = await scene({ deadlineUs: 6_000_000 })
  await world.arm({ rules: [{ match: '/v5/', effect: 'lose' }] })
  const result = await run()
  expect([result.verifiedZero, result.openOrders]).toEqual([false, []])
  expect(result.problem).toContain('the exchange could not be reached')
})
