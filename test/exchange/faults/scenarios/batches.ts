/** Orders that travel together (BYBIT.md §3.4, §6 F19): per item, whatever the others got. */
import { describe, expect } from 'vitest'
import { type Bot, type BotOptions, CALM, type Stage } from '../rig.ts'

const BATCHED: BotOptions = { adapter: { isBatching: true }, levels: 4 }
const CREATES = 'order.create-batch'
const CANCELS = 'order.cancel-batch'
const AMENDS = 'order.amend-batch'

async function emptied(bot: Bot): Promise<void> {
  bot.script.offsetTicks = null
  await bot.until(() => bot.own.length === 0 && bot.engine.liveOrders === 0)
}

async function quoted(bot: Bot, levels = 4): Promise<void> {
  bot.script.levels = levels
  bot.script.offsetTicks = CALM
  await bot.until(() => bot.own.length === 2 * levels)
}

export function batchesScenarios({ faulty }: Stage): void {
  describe('batches', () => {
    faulty(
      'several creates of a decision are one frame, several cancels too, each with its own outcome',
      async (bot) => {
        await emptied(bot)
        const sinceUs = bot.network.nowUs()
        await quoted(bot)
        expect(bot.left(CREATES, sinceUs)).toBe(1)
        await emptied(bot)
        expect(bot.left(CANCELS, sinceUs)).toBe(1)
        expect(bot.acks('accepted').filter(({ request }) => request === 'cancel').length).toBeGreaterThanOrEqual(8)
      },
      BATCHED,
    )

    faulty(
      'several amends of a decision are one frame',
      async (bot) => {
        await quoted(bot)
        await bot.run(2)
        const sinceUs = bot.network.nowUs()
        const amends = (): number => bot.acks('accepted').filter(({ request }) => request === 'amend').length
        const before = amends()
        bot.script.offsetTicks = 2 * CALM
        await bot.until(() => amends() >= before + 6, 1)
        expect(bot.left(AMENDS, sinceUs)).toBeGreaterThan(0)
        expect(bot.left('order.amend', sinceUs)).toBeLessThan(6)
        await bot.until(() => bot.own.length === 8, 3)
      },
      BATCHED,
    )

    for (const [at, code] of [
      ['reply', 10_000],
      ['request', 10_016],
    ] as const) {
      faulty(
        `F19 a batch of amends answered ${code} ${at === 'reply' ? 'after' : 'before'} it landed: every item is looked up`,
        async (bot) => {
          await quoted(bot)
          await bot.run(2)
          await bot.arm({ at, match: AMENDS, effect: 'code', retCode: code, count: 1 })
          bot.script.offsetTicks = 2 * CALM
          await bot.until(() => bot.acks('ambiguous').length > 1)
          await bot.until(() => bot.exchange.unknownOrders === 0)
          await bot.until(() => bot.own.length === 8, 3)
          expect(bot.counters.neverLanded).toBe(0)
        },
        BATCHED,
      )
    }

    faulty(
      'F19 the tail of a batch is over the quota: the head rests, the tail comes later',
      async (bot) => {
        await emptied(bot)
        await bot.run(2)
        // Another client of the account has used most of the batch quota; this one does not know.
        await useUp(bot, 7)
        await quoted(bot)
        expect(bot.exchange.counters.rateLimited).toBeGreaterThan(0)
        expect(bot.counters.ambiguous).toBe(0)
      },
      BATCHED,
    )

    faulty(
      'F19 one item fails, the others rest',
      async (bot) => {
        await emptied(bot)
        const before = bot.acks('rejected').length
        bot.script.lots = 5
        // The last level is larger than the account can carry.
        bot.script.lastLots = 1_000_000
        bot.script.levels = 4
        bot.script.offsetTicks = CALM
        await bot.run(1)
        expect(bot.own.length).toBe(7)
        expect(bot.acks('rejected').length).toBeGreaterThan(before)
        expect(bot.counters.ambiguous).toBe(0)
        bot.script.lastLots = 5
      },
      { ...BATCHED, wide: true },
    )

    for (const [at, code] of [
      ['reply', 10_000],
      ['request', 10_016],
      ['reply', 10_001],
    ] as const) {
      faulty(
        `F19 a batch of creates answered ${code} ${at === 'reply' ? 'after' : 'before'} it landed: every item is looked up`,
        async (bot) => {
          await emptied(bot)
          await bot.arm({ at, match: CREATES, effect: 'code', retCode: code, count: 1 })
          bot.script.levels = 4
          bot.script.offsetTicks = CALM
          await bot.until(() => bot.acks('ambiguous').length === 8)
          await bot.until(() => bot.exchange.unknownOrders === 0)
          expect(bot.counters.neverLanded).toBe(at === 'reply' ? 0 : 8)
          expect(bot.exchange.counters.breakerTrips).toBe(0)
          await quoted(bot)
        },
        BATCHED,
      )
    }

    faulty(
      'a batch of cancels that is lost: each is cancelled again',
      async (bot) => {
        await quoted(bot)
        await bot.arm({ at: 'request', match: CANCELS, effect: 'lose', count: 1 })
        bot.script.offsetTicks = null
        await bot.until(() => bot.own.length === 0, 10)
        expect(bot.exchange.counters.reconnectsTrade).toBe(0)
      },
      BATCHED,
    )

    faulty(
      'a batch of cancels of which some are filled: per item, fills counted',
      async (bot) => {
        await quoted(bot)
        await bot.arm(
          ...['order$', 'execution', 'position'].map(
            (match) => ({ at: 'push', match, effect: 'delay', delayMs: 2_000 }) as const,
          ),
        )
        bot.take(1, 5)
        await bot.run(0.02)
        bot.script.offsetTicks = null
        await bot.until(() => bot.acks('gone').length > 0)
        await bot.until(() => bot.positionLots === bot.truePosition, 5)
        expect(bot.truePosition).toBeGreaterThan(0)
      },
      BATCHED,
    )
  })
}

// As another process with the same account would: signed requests of a client of its own.
async function useUp(bot: Bot, orders: number): Promise<void> {
  const request = Array.from({ length: orders }, (_, i) => ({
    symbol: 'BTCUSDT',
    side: 'Buy',
    orderType: 'Limit',
    qty: '0.001',
    price: '1000',
    orderLinkId: `hand-batch-${i}`,
  }))
  const reply = await bot.client.post('/v5/order/create-batch', { category: 'linear', request })
  expect(reply.code).toBe(0)
}
