/** Faults of sockets, frames and clocks (BYBIT.md §6, F8, F9, F11–F14, F22, F24, F25, F38–F40). */
import { describe, expect } from 'vitest'
import { CALM, CREATE, type Stage } from '../rig.ts'

const PATHS = ['/v5/public/linear', '/v5/private', '/v5/trade'] as const
const NAMES = ['market', 'account', 'trade'] as const
const EXECUTION = { at: 'push', match: 'execution' } as const
const ORDER = { at: 'push', match: 'order$' } as const

export function streamsScenarios({ faulty, unstarted }: Stage): void {
  describe('sockets', () => {
    PATHS.forEach((path, index) => {
      const link = NAMES[index] ?? 'market'
      faulty(`F8 ${link} socket half-open: noticed within ping and grace, quotes pulled`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        await bot.arm({ at: 'socket', match: path, effect: 'mute' })
        const sinceUs = bot.network.nowUs()
        await bot.until(() => bot.links('down').includes(link), 60)
        expect(bot.network.nowUs() - sinceUs).toBeLessThan(52_000_000)
        expect(bot.engine.phase).not.toBe('quoting')
        await bot.until(() => bot.own.length === 0, 10)
        await bot.arm()
        await bot.until(() => bot.engine.phase === 'quoting' && bot.own.length === 2, 60)
      })
    })

    faulty('F9 pings are answered, data is silent: judged by the age of data', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm(
        { at: 'push', match: 'orderbook.', effect: 'lose' },
        { at: 'push', match: 'publicTrade', effect: 'lose' },
      )
      const sinceUs = bot.network.nowUs()
      await bot.until(() => bot.own.length === 0, 20)
      // The guard on the book's age is the first to act; then the feed is started anew.
      expect(bot.network.nowUs() - sinceUs).toBeLessThan(4_000_000)
      await bot.until(() => bot.exchange.counters.staleFeeds > 0, 20)
      await bot.arm()
      await bot.until(() => bot.own.length === 2, 40)
    })

    for (const retCode of [20_003, 20_006] as const) {
      faulty(`F38 ${retCode} on creates: looked up, no storm of reconnects`, async (bot) => {
        const sinceUs = bot.network.nowUs()
        await bot.arm({ at: 'request', match: CREATE, effect: 'code', retCode, count: 1 })
        bot.script.offsetTicks = null
        await bot.until(() => bot.own.length === 0)
        bot.script.offsetTicks = CALM
        await bot.until(() => bot.own.length === 2, 20)
        expect(bot.left('connect', sinceUs)).toBeLessThanOrEqual(1)
      })
    }

    // What is in doubt stays so until the account can be read and heard again.
    faulty(
      'F38 new sockets refused for half a minute: pauses grow',
      async (bot) => {
        await bot.arm({ at: 'socket', match: '/v5/', effect: 'refuse', untilMs: 30_000 })
        const sinceUs = bot.network.nowUs()
        for (const path of PATHS) bot.wire.cut(path)
        await bot.run(30)
        expect(bot.left('connect', sinceUs)).toBeLessThan(3 * 10)
        await bot.until(() => bot.own.length === 2, 60)
      },
      { doubtUs: 90_000_000 },
    )

    faulty('F39 all sockets end at once: jittered return, the gap is closed', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      const sinceUs = bot.network.nowUs()
      for (const path of PATHS) bot.wire.cut(path)
      bot.take(1, 3)
      await bot.until(() => bot.engine.phase !== 'quoting')
      await bot.until(() => bot.engine.phase === 'quoting', 20)
      const returns = bot.spy.sent.filter(({ endpoint, atUs }) => endpoint.startsWith('connect') && atUs > sinceUs)
      expect(new Set(returns.map(({ atUs }) => atUs)).size).toBe(3)
      expect(bot.positionLots).toBe(3)
      expect(bot.exchange.counters.resyncs).toBeGreaterThan(1)
    })

    faulty('F39 sockets break in the middle of private frames, again and again', async (bot) => {
      await bot.arm({ ...ORDER, effect: 'reset', probability: 0.2, count: 4 })
      for (let round = 0; round < 6; round++) {
        bot.script.offsetTicks = round % 2 === 0 ? null : CALM
        await bot.run(3)
      }
      expect(bot.exchange.counters.reconnectsAccount).toBeGreaterThan(0)
    })
  })

  describe('private frames', () => {
    faulty('F11 every execution twice on the stream and again by REST: counted once', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ ...EXECUTION, effect: 'double' })
      bot.take(1, 3)
      await bot.run(0.5)
      expect(bot.positionLots).toBe(3)
      expect(bot.exchange.counters.duplicateFills).toBe(1)
      bot.wire.cut('/v5/private')
      await bot.until(() => bot.exchange.counters.resyncs === 2)
      expect(bot.positionLots).toBe(3)
      expect(bot.counters.fills).toBe(1)
    })

    faulty('F12 an older order message after a newer one changes nothing', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ ...ORDER, effect: 'delay', delayMs: 800, count: 1 })
      bot.take(1, 2)
      await bot.run(0.3)
      bot.take(1, 3)
      await bot.run(0.3)
      bot.script.offsetTicks = null
      await bot.run(1)
      expect(bot.exchange.counters.staleOrderMessages).toBe(1)
      // What is known to be filled never shrinks.
      const order = bot.fills()[0]?.order ?? 0
      const filled = bot.orderEvents(order).map(({ filledLots }) => filledLots)
      expect(filled).toEqual(filled.toSorted((x, y) => x - y))
      expect(bot.positionLots).toBe(bot.truePosition)
    })

    faulty('F13 Filled twice, the second with the words of a cancel: one end, one fill', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ ...ORDER, effect: 'echo' })
      bot.take(1, 5)
      bot.script.offsetTicks = null
      await bot.run(1)
      const order = bot.fills()[0]?.order ?? 0
      const ends = bot.orderEvents(order).filter(({ status }) => status !== 'open')
      expect(ends.map(({ status }) => status)).toEqual(['filled'])
      expect(bot.positionLots).toBe(5)
    })

    faulty('F14 Cancelled with a filled part, before its execution: the fill is kept', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm(
        { ...EXECUTION, effect: 'delay', delayMs: 700 },
        { ...ORDER, effect: 'delay', delayMs: 50, count: 1 },
      )
      bot.take(1, 2)
      await bot.run(0.02)
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      await bot.run(0.2)
      // The unseen part counts as risk until it comes.
      expect(bot.view.symbols[0]?.worstLongLots).toBe(2)
      await bot.run(1)
      expect(bot.positionLots).toBe(2)
      expect(bot.fills().length).toBe(1)
    })

    faulty('F40 unknown fields, numbers as texts: nothing is lost', async (bot) => {
      await bot.arm(
        ...['order$', 'execution', 'position', 'wallet'].map(
          (match) => ({ at: 'push', match, effect: 'odd' }) as const,
        ),
      )
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      bot.script.offsetTicks = CALM
      await bot.until(() => bot.own.length === 2)
      bot.take(-1, 4)
      await bot.run(1)
      expect(bot.positionLots).toBe(-4)
      expect(bot.exchange.counters).toMatchObject({ framesDropped: 0, reconnectsAccount: 0, positionMismatches: 0 })
    })
  })

  describe('clocks', () => {
    for (const skewS of [-30, 30]) {
      faulty(
        `F22 a clock ${skewS} s off from the start: the offset is measured, everything is accepted`,
        async (bot) => {
          await bot.until(() => bot.own.length === 2)
          expect(bot.acks('rejected')).toEqual([])
        },
        { clockOffsetUs: skewS * 1_000_000 },
      )

      faulty(`F22 the clock jumps by ${skewS} s: measured anew, a few retries, then as before`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        bot.script.offsetTicks = null
        bot.spy.skewUs += skewS * 1_000_000
        const sinceUs = bot.network.nowUs()
        await bot.until(() => bot.own.length === 0, 30)
        bot.script.offsetTicks = CALM
        // Set back, every age reads too long until the clock has caught up: no quote on what looks stale.
        await bot.until(() => bot.own.length === 2, 45)
        expect(bot.left('/v5/market/time', sinceUs)).toBeGreaterThanOrEqual(3)
        expect(bot.left('/v5/market/time', sinceUs)).toBeLessThan(40)
        expect(bot.fatals).toEqual([])
      })
    }

    faulty('F22 10002 out of the blue: refused for certain, measured, placed anew', async (bot) => {
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      await bot.arm({ at: 'request', match: CREATE, effect: 'code', retCode: 10_002, count: 2 })
      const sinceUs = bot.network.nowUs()
      bot.script.offsetTicks = CALM
      await bot.until(() => bot.own.length === 2, 5)
      expect(bot.left('/v5/market/time', sinceUs)).toBeGreaterThan(0)
      expect(bot.counters.ambiguous).toBe(0)
    })
  })

  describe('market data', () => {
    const broken = [
      ['a lost message: update ids jump', 'lose', 1],
      ['an empty snapshot', 'empty', 0],
      ['a crossed book for an instant', 'crossed', 0],
      ['a restart snapshot, u = 1', 'restart', 1],
    ] as const
    for (const [name, effect, gaps] of broken) {
      faulty(`F24 ${name}: no quote from it, and then the book is whole again`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        const placed = bot.places().length
        await bot.arm({ at: 'push', match: 'orderbook.50', effect, count: 1 })
        await bot.run(0.3)
        expect(bot.exchange.counters.bookGaps).toBeGreaterThanOrEqual(gaps)
        await bot.until(() => bot.view.symbols[0]?.book.condition === 'fresh', 10)
        await bot.until(() => bot.own.length === 2, 10)
        // Whatever was placed meanwhile lies where the true book allows it.
        const market = bot.server.exchange.market('linear', 'BTCUSDT')
        for (const order of bot.own) {
          expect(
            order.side * (order.priceTicks - (market?.bestTicks(order.side === 1 ? 1 : -1) ?? 0)),
          ).toBeLessThanOrEqual(0)
        }
        expect(bot.places().length - placed).toBeLessThanOrEqual(2)
      })
    }

    faulty('F24 a book that breaks all the time: pauses grow, no storm of subscriptions', async (bot) => {
      await bot.arm({ at: 'push', match: 'orderbook.50', effect: 'lose', probability: 0.2 })
      const sinceUs = bot.network.nowUs()
      await bot.run(20)
      expect(bot.left('subscribe', sinceUs)).toBeLessThan(40)
      await bot.arm()
      await bot.until(() => bot.own.length === 2, 30)
    })

    unstarted('F25 a retired topic is a failure at the start, not silence', async (bot) => {
      await bot.arm({ at: 'venue', match: 'orderbook.50.BTCUSDT', effect: 'retired' })
      await bot.make()
      await expect(bot.open()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED' })
    })
  })
}
