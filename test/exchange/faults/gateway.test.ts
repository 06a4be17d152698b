/** What the gateway does by itself to keep its picture true and the exchange unharmed: rounds, breakers, pacing, floods. */
import { describe, expect, test } from 'vitest'
import { Bot, CALM, CREATE, faulty } from './rig.ts'

const MUTE_STREAM = ['order$', 'execution', 'position'].map((match) => ({ at: 'push', match, effect: 'lose' }) as const)

describe('reconciliation every minute', () => {
  faulty('a cancelled order and a fill that no stream told are found within a round', async (bot) => {
    await bot.until(() => bot.own.length === 2)
    await bot.arm(...MUTE_STREAM)
    bot.take(1, 5)
    await bot.until(() => bot.positionLots === 5, 70)
    expect(bot.exchange.counters.reconnectsAccount).toBe(0)
  })

  faulty('a position that only the account knows is found, and corrected', async (bot) => {
    await bot.until(() => bot.own.length === 2)
    bot.script.offsetTicks = null
    await bot.until(() => bot.own.length === 0)
    await bot.arm(...MUTE_STREAM)
    const market = bot.server.exchange.market('linear', 'BTCUSDT')
    bot.other({
      side: 1,
      priceTicks: ((market?.bestTicks(-1) ?? 0) + 20) as never,
      sizeLots: 7 as never,
      timeInForce: 'IOC',
    })
    await bot.until(() => bot.positionLots === 7, 75)
    expect(bot.exchange.counters.positionMismatches).toBe(1)
  })

  faulty('in quiet times a round changes nothing and tells nothing', async (bot) => {
    await bot.until(() => bot.own.length === 2)
    await bot.run(1)
    const resyncs = bot.exchange.counters.resyncs
    await bot.run(190)
    expect(bot.exchange.counters.reconciliations).toBe(3)
    expect(bot.exchange.counters.resyncs).toBe(resyncs)
    expect(bot.exchange.counters.staleOrderMessages).toBe(0)
    expect(bot.counters.positionCorrections).toBe(0)
  })

  faulty(
    'reads that fail conclude nothing; after three rounds the symbol is not quoted until one succeeds',
    async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ at: 'request', match: 'position/list', effect: 'code', retCode: 10_001 })
      await bot.run(130)
      expect(bot.own.length).toBe(2)
      await bot.until(() => bot.own.length === 0, 70)
      expect(bot.view.symbols[0]?.notReadyReason).toBe('the position is not known')
      await bot.arm()
      await bot.until(() => bot.own.length === 2, 15)
    },
  )
})

describe('circuit breaker', () => {
  faulty(
    'creates without answers: after three in a row they stop, reads probe, cancels go on',
    async (bot) => {
      await bot.arm(
        { at: 'request', match: CREATE, effect: 'lose' },
        { at: 'request', match: 'order/realtime', effect: 'code', retCode: 10_016 },
      )
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      bot.script.offsetTicks = CALM
      bot.script.levels = 3
      await bot.until(() => bot.exchange.counters.breakerTrips === 1)
      const creates = bot.left(CREATE)
      const sinceUs = bot.network.nowUs()
      await bot.run(10)
      expect(bot.left(CREATE)).toBe(creates)
      expect(bot.left('order/realtime', sinceUs)).toBeGreaterThan(1)
      // The exchange answers reads again, and then creates.
      await bot.arm()
      await bot.until(() => bot.own.length === 6, 60)
    },
    { levels: 3, doubtUs: 60_000_000 },
  )

  faulty(
    'a cancel passes an open breaker at once',
    async (bot) => {
      bot.script.levels = 3
      await bot.until(() => bot.own.length === 6)
      await bot.arm(
        { at: 'request', match: 'order.amend', effect: 'lose' },
        { at: 'request', match: 'order/realtime', effect: 'code', retCode: 10_016 },
      )
      bot.script.offsetTicks = 2 * CALM
      await bot.until(() => bot.exchange.counters.breakerTrips === 1, 5)
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0, 3)
      // By either way: the silent socket is being replaced.
      expect(bot.left('cancel')).toBeGreaterThanOrEqual(6)
    },
    { levels: 3, doubtUs: 60_000_000 },
  )
})

describe('load', () => {
  test('many reads at once are paced below what the address may ask', async () => {
    const bot = await Bot.start({})
    const sinceUs = bot.network.nowUs()
    await bot.complete(Promise.all(Array.from({ length: 700 }, () => bot.exchange.openOrders())))
    const times = bot.spy.sent
      .filter(({ endpoint, atUs }) => endpoint.startsWith('/v5/') && atUs >= sinceUs)
      .map(({ atUs }) => atUs)
    expect(times.length).toBeGreaterThanOrEqual(700)
    for (let from = 0, to = 0; to < times.length; to++) {
      while ((times[to] ?? 0) - (times[from] ?? 0) >= 5_000_000) from++
      expect(to - from + 1).toBeLessThanOrEqual(500)
    }
    expect(bot.exchange.counters.bans).toBe(0)
    await bot.judge()
  })
})
