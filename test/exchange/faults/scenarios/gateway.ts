/** What the gateway does by itself to keep its picture true and the exchange unharmed: rounds, breakers, pacing, floods. */
import { describe, expect } from 'vitest'
import { type Bot, CALM, CREATE, type Stage } from '../rig.ts'

const MUTE_STREAM = ['order$', 'execution', 'position'].map((match) => ({ at: 'push', match, effect: 'lose' }) as const)

export function gatewayScenarios({ faulty, unstarted }: Stage): void {
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

  describe('a symbol that cannot be read at the start', () => {
    unstarted(
      'is told to be down, and the other one goes on; it comes back when it can be read',
      async (bot) => {
        bot.spy.isLost = ({ target }) => target.includes('position/list') && target.includes('ETHUSDT')
        await bot.listen(['BTCUSDT', 'ETHUSDT'])
        const told = () => bot.events.filter((event) => event.kind === 'position').map(({ symbol }) => symbol)
        expect(told()).toEqual([0])
        const down = bot.events.filter((event) => event.kind === 'link' && event.state === 'down')
        expect(down).toMatchObject([{ link: 'account', symbol: 1 }])
        expect(bot.exchange.counters.resyncs).toBe(1)
        bot.spy.isLost = () => false
        await bot.run(10)
        expect(told()).toContain(1)
      },
      { server: { symbols: ['BTCUSDT', 'ETHUSDT'] } },
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
    faulty('many reads at once are paced below what the address may ask', async (bot) => {
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
    })
  })

  describe('a flood of creates at five times the quota', () => {
    const QUOTA = 20
    const VICTIMS = 100

    unstarted(
      'creates are shed, and the p99 of cancels stays within three times its unloaded value',
      async (bot) => {
        await bot.listen()
        for (let order = 1; order <= 2 * VICTIMS; order++) {
          bot.hand.place(order)
          await bot.run(0.06)
        }
        expect(bot.own.length).toBe(2 * VICTIMS)
        const calm = await cancelLatencies(bot, { first: 1, count: VICTIMS, createsPerS: 0 })
        const loaded = await cancelLatencies(bot, { first: VICTIMS + 1, count: VICTIMS, createsPerS: 5 * QUOTA })
        await bot.run(2)
        const asked = (VICTIMS * QUOTA) / 2
        expect(bot.exchange.counters.requestsShed).toBeGreaterThan(asked * 0.75)
        expect(bot.exchange.counters.rateLimited).toBe(0)
        expect(p99(calm)).toBeLessThan(20_000)
        expect(p99(loaded)).toBeLessThanOrEqual(3 * p99(calm))
        // What was let through is at the exchange, and nothing else.
        expect(bot.own.length).toBe(asked - bot.exchange.counters.requestsShed)
        await bot.client.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' })
        await bot.run(1)
      },
      { server: { tier: 'vip1' }, adapter: { ordersPerSecond: QUOTA }, quota: QUOTA },
    )
  })
}

interface Series {
  readonly first: number
  readonly count: number
  readonly createsPerS: number
}

// Cancels of resting orders, ten a second, timed from the call to the exchange's word that the order is over; no engine
// in between. The creates come in equal parts before and after each.
async function cancelLatencies(bot: Bot, { first, count, createsPerS }: Series): Promise<number[]> {
  const latenciesUs: number[] = []
  let asked = 0
  for (let order = first; order < first + count; order++) {
    for (let i = 0; i < createsPerS / 20; i++) bot.hand.place(1_000 + asked++)
    const sinceUs = bot.network.nowUs()
    bot.hand.cancel(order)
    for (let i = 0; i < createsPerS / 20; i++) bot.hand.place(1_000 + asked++)
    await bot.run(0.1)
    const ended = bot.orderEvents(order).find(({ status }) => status === 'canceled')
    latenciesUs.push((ended?.nowUs ?? Number.POSITIVE_INFINITY) - sinceUs)
  }
  return latenciesUs
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? 0
