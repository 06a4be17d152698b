/** Faults of order entry (BYBIT.md §6, F1–F7, F10, F13–F17, F20, F23, F30): the assertion is what a correct bot shows. */
import { describe, expect } from 'vitest'
import { QUOTING_DEFAULTS } from '../../../../src/core/engine/engine-config.ts'
import { Prng } from '../../../../src/core/domain/prng.ts'
import { AMEND, type Bot, CALM, CANCEL, CREATE, type Stage } from '../rig.ts'

const ONCE = { count: 1 } as const
/** Pulls the quotes, so that the next ones are new orders. */
async function requote(bot: Bot): Promise<void> {
  bot.script.offsetTicks = null
  await bot.until(() => bot.own.length === 0 && bot.engine.liveOrders === 0)
  bot.script.offsetTicks = CALM
}

export function ordersScenarios({ faulty }: Stage): void {
  describe('latency and order of messages', () => {
    const prng = new Prng(1)
    const leg = (): number => prng.int(1_000, 90_000)
    faulty(
      'F1 jitter on every leg: no decision on an ack alone',
      async (bot) => {
        await bot.run(10)
        for (const { order, nowUs } of bot.acks('accepted')) {
          const stated = bot.orderEvents(order)[0]
          const cancel = bot.sent.find((one) => one.kind === 'cancel' && one.order === order)
          if (cancel !== undefined && stated !== undefined) expect(cancel.atUs).toBeGreaterThanOrEqual(nowUs)
        }
        expect(bot.acks('accepted').length).toBeGreaterThan(1)
        expect(bot.counters.strangeOrders).toBe(0)
      },
      { legs: { up: leg, down: leg } },
    )

    faulty('F2 order and fill before the ack: tracked by link, nothing dropped', async (bot) => {
      await requote(bot)
      await bot.arm({ at: 'reply', match: CREATE, effect: 'delay', delayMs: 1_500 })
      await bot.until(() => bot.own.length === 2)
      const [first] = bot.own.filter(({ side }) => side === 1)
      bot.take(1, 5)
      await bot.run(1)
      const order = bot.fills().at(-1)?.order
      expect(order).toBeGreaterThan(0)
      expect(bot.acks('accepted').some((ack) => ack.order === order)).toBe(false)
      expect(first?.orderLinkId.endsWith(`-${order?.toString(36)}`)).toBe(true)
      expect(bot.counters.foreignFills).toBe(0)
      await bot.run(2)
      expect(bot.counters.strangeOrders).toBe(0)
    })
  })

  describe('creates without a definite answer', () => {
    faulty('F3 the reply is lost, the order landed: found by its link, no second order', async (bot) => {
      await requote(bot)
      const placed = bot.places().length
      await bot.arm({ at: 'reply', match: CREATE, effect: 'lose', ...ONCE })
      await bot.until(() => bot.own.length === 2)
      await bot.until(() => bot.acks('ambiguous').length > 0)
      await bot.until(() => bot.exchange.unknownOrders === 0)
      await bot.run(1)
      expect(bot.places().length).toBe(placed + 2)
      expect(bot.exchange.counters.ordersNeverLanded).toBe(0)
    })

    faulty('F4 the request is lost: proven absent before anything else is placed there', async (bot) => {
      await requote(bot)
      await bot.arm({ at: 'request', match: CREATE, effect: 'lose', ...ONCE })
      const sinceUs = bot.network.nowUs()
      await bot.until(() => bot.counters.neverLanded === 1)
      const [lost] = bot.acks('ambiguous')
      const absentUs = bot.orderEvents(lost?.order ?? 0)[0]?.nowUs ?? 0
      // Not before the last instant at which it could still land, and looked for in all three places.
      expect(absentUs - sinceUs).toBeGreaterThan(5_000_000)
      for (const place of ['order/realtime', 'order/history', 'execution/list']) {
        expect(bot.left(place, sinceUs), place).toBeGreaterThan(1)
      }
      const side = bot.orderEvents(lost?.order ?? 0)[0]?.side ?? 1
      await bot.until(() => bot.own.some((order) => order.side === side))
    })

    const answers: readonly (readonly [string, object])[] = [
      ['10000', { effect: 'code', retCode: 10_000 }],
      ['10016', { effect: 'code', retCode: 10_016 }],
      ['170007', { effect: 'code', retCode: 170_007 }],
      ['429', { effect: 'code', retCode: 429 }],
      ['an unknown code', { effect: 'code', retCode: 987_654 }],
      ['502 page', { effect: 'html', status: 502 }],
      ['200 page', { effect: 'html', status: 200 }],
      ['reset', { effect: 'reset' }],
    ]
    for (const at of ['request', 'reply'] as const) {
      for (const [name, answer] of answers) {
        faulty(
          `F5 ${name} on a create ${at === 'reply' ? 'that landed' : 'that did not'}: looked up, never sent again`,
          async (bot) => {
            await requote(bot)
            await bot.arm({ at, match: 'order/create', count: 1, ...answer })
            await bot.until(() => bot.acks('ambiguous').length > 0)
            const order = bot.acks('ambiguous')[0]?.order ?? 0
            await bot.until(() => bot.exchange.unknownOrders === 0)
            expect(
              bot.spy.sent.filter(({ text }) => text.includes(`-${order.toString(36)}"`) && text.includes('"side"'))
                .length,
            ).toBe(1)
            expect(bot.counters.neverLanded).toBe(at === 'reply' ? 0 : 1)
          },
          { adapter: { orderEntry: 'rest' } },
        )
      }
    }

    for (const at of ['request', 'reply'] as const) {
      for (const [name, answer] of answers) {
        faulty(
          `F5 ${name} on a cancel ${at === 'reply' ? 'that worked' : 'that did not'}: the order ends`,
          async (bot) => {
            await bot.until(() => bot.own.length === 2)
            await bot.arm({ at, match: 'order/cancel', count: 1, ...answer })
            bot.script.offsetTicks = null
            await bot.until(() => bot.own.length === 0 && bot.engine.liveOrders === 0)
            expect(bot.counters.neverLanded).toBe(0)
          },
          { adapter: { orderEntry: 'rest' } },
        )
      }
    }

    for (const retCode of [110_072, 170_141]) {
      faulty(`F6 ${retCode}: the existing order is adopted`, async (bot) => {
        await requote(bot)
        const placed = bot.places().length
        await bot.arm({ at: 'reply', match: CREATE, effect: 'code', retCode, ...ONCE })
        await bot.until(() => bot.own.length === 2)
        await bot.until(() => bot.exchange.unknownOrders === 0)
        await bot.run(1)
        expect(bot.places().length).toBe(placed + 2)
        expect(bot.view.symbols[0]?.workingOrders).toBe(2)
      })
    }

    for (const at of ['request', 'reply'] as const) {
      faulty(
        `F7 the socket closes ${at === 'reply' ? 'after' : 'before'} landing: in doubt, settled after the reconnect`,
        async (bot) => {
          await requote(bot)
          await bot.arm({ at, match: CREATE, effect: 'reset', ...ONCE })
          await bot.until(() => bot.acks('ambiguous').length > 0)
          expect(bot.links('down')).toContain('trade')
          await bot.until(() => bot.exchange.unknownOrders === 0 && bot.own.length === 2)
          expect(bot.exchange.counters.reconnectsTrade).toBe(1)
        },
      )
    }
  })

  describe('order entry refuses', () => {
    faulty('F10 10019: reconnects, what was in flight is settled', async (bot) => {
      await requote(bot)
      await bot.arm({ at: 'request', match: CREATE, effect: 'code', retCode: 10_019, ...ONCE })
      await bot.until(() => bot.exchange.counters.reconnectsTrade === 1)
      await bot.until(() => bot.exchange.unknownOrders === 0 && bot.own.length === 2)
    })

    for (const retCode of [20_003, 10_404, 10_403]) {
      faulty(`F10 ${retCode} without the request's id: its deadline fires, it is looked up`, async (bot) => {
        await requote(bot)
        await bot.arm({ at: 'request', match: CREATE, effect: 'nameless', retCode, ...ONCE })
        await bot.until(() => bot.exchange.counters.acksUnmatched === 1)
        await bot.until(() => bot.acks('ambiguous').length === 1, 4)
        await bot.until(() => bot.exchange.unknownOrders === 0 && bot.own.length === 2)
        expect(bot.counters.neverLanded).toBe(1)
      })
    }

    faulty('F15 a partial fill between cancel and cancellation: inventory right', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ at: 'request', match: CANCEL, effect: 'delay', delayMs: 300 })
      bot.script.offsetTicks = null
      await bot.until(() => bot.sent.some(({ kind }) => kind === 'cancel'))
      bot.take(1, 2)
      await bot.until(() => bot.own.length === 0)
      await bot.run(1)
      expect(bot.truePosition).toBe(2)
      expect(bot.positionLots).toBe(2)
      expect(bot.counters.lateFills + bot.fills().length).toBeGreaterThan(0)
    })

    for (const request of ['cancel', 'amend'] as const) {
      faulty(
        `F16 ${request} of a filled order, 110001: its fills are fetched before that side is quoted anew`,
        async (bot) => {
          await bot.until(() => bot.own.length === 2)
          await bot.run(0.5)
          await bot.arm(
            { at: 'push', match: 'order$', effect: 'delay', delayMs: 3_000 },
            { at: 'push', match: 'execution', effect: 'delay', delayMs: 3_000 },
            { at: 'push', match: 'position', effect: 'delay', delayMs: 3_000 },
          )
          bot.take(1, 5)
          await bot.run(0.05)
          const placed = bot.places().length
          bot.script.offsetTicks = request === 'cancel' ? null : 2 * CALM
          await bot.until(() => bot.acks('gone').length > 0)
          const goneUs = bot.acks('gone')[0]?.nowUs ?? 0
          bot.script.offsetTicks = CALM
          await bot.until(() => bot.positionLots === 5, 2)
          expect(bot.left('execution/list', goneUs)).toBeGreaterThan(0)
          const filledUs = bot.fills()[0]?.nowUs ?? 0
          expect(
            bot
              .places()
              .slice(placed)
              .every(({ atUs }) => atUs >= filledUs),
          ).toBe(true)
          await bot.run(4)
          expect(bot.positionLots).toBe(bot.truePosition)
        },
      )
    }

    faulty('F17 110079 for half a second: the cancel waits, no storm', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ at: 'request', match: CANCEL, effect: 'code', retCode: 110_079, untilMs: 500 })
      const sinceUs = bot.network.nowUs()
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0, 3)
      // Two orders, each tried a few times with growing pauses.
      expect(bot.left(CANCEL, sinceUs)).toBeLessThanOrEqual(12)
    })

    for (const effect of ['limit', 'code'] as const) {
      faulty(
        `F20 10006 ${effect === 'limit' ? 'with' : 'without'} a reset header: creates back off, cancels come first`,
        async (bot) => {
          await requote(bot)
          await bot.arm({ at: 'request', match: CREATE, effect, retCode: 10_006, delayMs: 700, ...ONCE })
          const sinceUs = bot.network.nowUs()
          await bot.until(() => bot.exchange.counters.rateLimited === 1)
          const refusedUs = bot.network.nowUs()
          await bot.until(() => bot.own.length === 2, 5)
          const next = bot.spy.sent.filter(({ endpoint, atUs }) => endpoint === CREATE && atUs > refusedUs)[0]
          expect((next?.atUs ?? 0) - sinceUs).toBeGreaterThanOrEqual(effect === 'limit' ? 690_000 : 990_000)
          // Only creates were refused: a cancel goes out at once.
          await bot.arm({ at: 'request', match: CREATE, effect, retCode: 10_006, delayMs: 5_000 })
          const cancelUs = bot.network.nowUs()
          bot.script.offsetTicks = null
          await bot.until(() => bot.own.length === 0, 1)
          expect(bot.network.nowUs() - cancelUs).toBeLessThan(300_000)
        },
      )
    }

    for (const retCode of [10_003, 10_004, 10_005, 10_010, 33_004]) {
      faulty(`F23 ${retCode} in the middle of a run: stops, cancels, says so`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        await bot.arm({ at: 'request', match: AMEND, effect: 'code', retCode, ...ONCE })
        bot.script.offsetTicks = 2 * CALM
        await bot.until(() => bot.fatals.length > 0)
        expect(bot.fatals[0]?.code).toBe('EXCHANGE_AUTH')
        await bot.until(() => bot.engine.phase === 'halted')
        expect(bot.own).toEqual([])
        const placed = bot.places().length
        await bot.run(2)
        expect(bot.places().length).toBe(placed)
      })
    }

    faulty('F30 post-only orders that would take: misses, not errors, and no hot loop', async (bot) => {
      await requote(bot)
      const placed = bot.places().length
      // Far through the other side, as a bot with a stale price would.
      bot.script.offsetTicks = -100
      await bot.run(5)
      expect(bot.counters.postOnlyMisses).toBeGreaterThan(2)
      // What was held back here for the rate is no error of the exchange.
      expect(bot.counters.rejects).toBe(bot.exchange.counters.requestsShed)
      // After each the side pauses.
      const misses = bot.events.filter((event) => event.kind === 'order').filter(({ isPostOnlyMiss }) => isPostOnlyMiss)
      const places = bot.places().slice(placed)
      for (const { side, nowUs } of misses) {
        const next = places.find((one) => one.side === side && one.atUs > nowUs)
        if (next !== undefined) expect(next.atUs - nowUs).toBeGreaterThanOrEqual(QUOTING_DEFAULTS.missBackoffUs)
      }
    })
  })
}
