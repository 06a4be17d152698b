/** Faults of the account, the venue and other actors (BYBIT.md §6, F18, F21, F26–F29, F31–F37, F41, F42). */
import { describe, expect } from 'vitest'
import { cancelAll } from '../../../../src/core/cancel/cancel-all.ts'
import type { Outcome } from '../../../../src/core/cancel/outcome.ts'
import { Secret } from '../../../../src/core/domain/secret.ts'
import type { PriceTicks, SizeLots } from '../../../../src/core/domain/units.ts'
import { signerOf } from '../../../../src/core/exchange/bybit/signing.ts'
import { DEFAULT_UID } from '../../../../src/core/exchange/sim/server/embedded.ts'
import { type InitialState, parseState } from '../../../../src/core/exchange/sim/server/initial-state.ts'
import { virtualClock } from '../../../../src/core/runtime/clock.ts'
import { recover } from '../../../../src/core/runtime/recover.ts'
import { noWriter, WHOLE } from '../../../cancel/rig.ts'
import { API_KEY, SECRET } from '../../server/harness.ts'
import { AMEND, type Bot, CALM, CANCEL, CREATE, type Stage, SYMBOL } from '../rig.ts'

const ONGOING = stateOf({ maintenance: [{ title: 'upgrade', begin: '1759999000000', end: '1760003600000' }] })

function stateOf(json: object): InitialState {
  const state = parseState(JSON.stringify(json))
  if ('problem' in state) throw new Error(state.problem)
  return state
}

const VENUE = { at: 'venue', match: SYMBOL } as const
const NO_REST = { at: 'request', match: ' /v5/', effect: 'lose' } as const

const best = (bot: Bot, side: 1 | -1): number => bot.server.exchange.market('linear', SYMBOL)?.bestTicks(side) ?? 0

/** Far away, where nobody trades. */
const farBuy = (bot: Bot, away: number, sizeLots = 5) => ({
  side: 1 as const,
  priceTicks: (best(bot, 1) - 5_000 - away) as PriceTicks,
  sizeLots: sizeLots as SizeLots,
})

export function accountScenarios({ faulty, unstarted }: Stage): void {
  describe('reads', () => {
    faulty('F26 230 open orders over pages that shift: the list is whole and without repeats', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      for (let i = 0; i < 230; i++) bot.other(farBuy(bot, i))
      await bot.run(0.1)
      const whole = await bot.complete(bot.exchange.openOrders())
      expect(whole.length).toBe(232)
      await bot.arm({ at: 'venue', match: 'realtime', effect: 'shift' })
      const listing = bot.exchange.openOrders()
      // One comes in front while the pages are read: rows repeat, none may be lost.
      await bot.network.run(bot.network.nowUs() + 1_500)
      bot.other(farBuy(bot, 300))
      const rows = await bot.complete(listing)
      const ids = rows.map(({ orderId }) => orderId)
      expect(new Set(ids).size).toBe(ids.length)
      expect(whole.every(({ orderId }) => ids.includes(orderId))).toBe(true)
    })

    faulty('F27 realtime forgot, history is 3 s late: absence is not proof until waited', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm(
        { at: 'venue', match: 'realtime', effect: 'forget' },
        { at: 'venue', match: 'history', effect: 'lag', delayMs: 3_000 },
        { at: 'push', match: 'execution', effect: 'lose' },
        { at: 'push', match: 'order$', effect: 'lose' },
        { at: 'push', match: 'position', effect: 'lose' },
      )
      bot.take(1, 5)
      await bot.run(0.1)
      bot.script.offsetTicks = null
      await bot.until(() => bot.acks('gone').length > 0)
      await bot.until(() => bot.positionLots === 5, 10)
      const order = bot.fills()[0]?.order ?? 0
      expect(bot.orderEvents(order).map(({ status }) => status)).not.toContain('canceled')
      await bot.arm()
    })

    faulty('F28 realtime shows an older picture than the stream: the stream wins', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ at: 'venue', match: 'realtime', effect: 'lag', delayMs: 1_800 })
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      await bot.run(0.2)
      const ended = bot.events.length
      bot.wire.cut('/v5/private')
      await bot.until(() => bot.exchange.counters.resyncs === 2)
      await bot.run(1)
      // The listing still had both; nothing rose from the dead.
      expect(bot.events.slice(ended).filter((event) => event.kind === 'order' && event.status === 'open')).toEqual([])
      expect(bot.counters.revivedOrders).toBe(0)
    })

    faulty('F33 a position row with side "" and size "0"', async (bot) => {
      expect(await bot.complete(bot.exchange.positions())).toMatchObject([
        { symbol: SYMBOL, positionLots: 0, costMoney: 0 },
      ])
    })
  })

  describe('cancel-all that does not', () => {
    for (const effect of ['survive', 'partial', 'idle'] as const) {
      faulty(`F18 ${effect}: repeated until the listing is empty, and then it says so`, async (bot) => {
        bot.script.offsetTicks = null
        for (let i = 0; i < 30; i++) bot.other(farBuy(bot, i))
        await bot.until(() => bot.allOpen.length === 30)
        await bot.arm({ at: 'venue', match: 'cancel-all', effect })
        const outcome = await emergencyCancel(bot, 60_000)
        expect(outcome.exit).toBe(0)
        expect(bot.allOpen).toEqual([])
      })
    }

    faulty('F18 nothing can be cancelled: not zero, and what is left is named', async (bot) => {
      bot.script.offsetTicks = null
      for (let i = 0; i < 3; i++) bot.other(farBuy(bot, i))
      await bot.until(() => bot.allOpen.length === 3)
      await bot.arm(
        { at: 'venue', match: 'cancel-all', effect: 'idle' },
        { at: 'request', match: 'order/cancel$', effect: 'code', retCode: 10_016 },
        { at: 'request', match: 'order/cancel-batch', effect: 'code', retCode: 10_016 },
      )
      const outcome = await emergencyCancel(bot, 15_000)
      expect(outcome.exit).not.toBe(0)
      expect(outcome.residual.length).toBe(3)
    })
  })

  describe('bans and maintenance', () => {
    faulty(
      'F21 403 for ten minutes: nothing goes out meanwhile, and it is said',
      async (bot) => {
        await bot.until(() => bot.own.length === 2)
        await bot.arm({ at: 'request', match: 'order/realtime', effect: 'ban', delayMs: 600_000, count: 1 })
        bot.wire.cut('/v5/private')
        await bot.until(() => bot.exchange.counters.bans > 0)
        expect(bot.lines.filter((line) => line.startsWith('HTTP 403: the exchange bans this address'))).toHaveLength(1)
        await bot.run(1)
        const sinceUs = bot.network.nowUs()
        await bot.run(590)
        const out = bot.spy.sent.filter(
          ({ endpoint, atUs }) => atUs > sinceUs && (endpoint.startsWith('/v5/') || endpoint.startsWith('connect')),
        )
        expect(out.map(({ endpoint }) => endpoint)).toEqual([])
        await bot.until(() => bot.engine.phase === 'quoting' && bot.own.length === 2, 120)
      },
      { doubtUs: 700_000_000 },
    )

    faulty(
      'F36 maintenance: 10016, sockets closed and refused; resumes with a full resync',
      async (bot) => {
        await bot.until(() => bot.own.length === 2)
        const refusals = ['/v5/', 'WS '].map(
          (match) => ({ at: 'request', match, effect: 'code', retCode: 10_016, untilMs: 30_000 }) as const,
        )
        await bot.arm(...refusals, { at: 'socket', match: '/v5/', effect: 'refuse', untilMs: 30_000 })
        await bot.run(1)
        for (const path of ['/v5/public/linear', '/v5/private', '/v5/trade']) bot.wire.cut(path)
        await bot.run(1)
        expect(bot.engine.phase).not.toBe('quoting')
        const placed = bot.places().length
        await bot.run(25)
        expect(bot.places().length).toBe(placed)
        await bot.until(() => bot.engine.phase === 'quoting' && bot.own.length === 2, 120)
        expect(bot.exchange.counters.resyncs).toBeGreaterThan(1)
      },
      { doubtUs: 120_000_000 },
    )

    unstarted(
      'F36 announced maintenance is under way at the start: said, with its end, and nothing is traded',
      async (bot) => {
        await bot.make()
        await expect(bot.open()).rejects.toMatchObject({
          code: 'EXCHANGE_MAINTENANCE',
          message: expect.stringContaining('upgrade'),
        })
        expect(bot.left(CREATE)).toBe(0)
      },
      { server: { state: ONGOING } },
    )
  })

  describe('prices and other ends of orders', () => {
    faulty('F29 the bot had set "refuse" for prices outside the band', async (bot) => {
      expect(bot.server.exchange.terms.priceLimitAction(DEFAULT_UID, 'linear')).toBe(false)
    })

    faulty('F29 a price moved by the exchange: the streamed one is adopted', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      const [order] = bot.own.filter(({ side }) => side === 1)
      const moved = ((order?.priceTicks ?? 0) - 10) as PriceTicks
      const command = {
        category: 'linear',
        symbol: SYMBOL,
        orderId: order?.orderId ?? '',
        orderLinkId: '',
        sizeLots: null,
      } as const
      bot.server.exchange.amend(DEFAULT_UID, { ...command, priceTicks: moved, triggerTicks: null }, bot.network.nowUs())
      await bot.run(0.1)
      const price = bot.view.symbols[0]?.bids[0]?.price ?? ''
      expect(Math.round(Number(price) * 10)).toBe(moved)
    })

    unstarted('F29 the venue will not let us choose: the run starts, and it is counted', async (bot) => {
      await bot.arm({ at: 'request', match: 'set-limit-px-action', effect: 'code', retCode: 10_001 })
      await bot.make()
      await bot.open()
      expect(bot.exchange.counters.priceActionRefused).toBe(1)
    })

    for (const cancelType of ['CancelByMmpTriggered', 'CancelByAdmin', 'CancelByReduceOnly', 'CancelByPrepareLiq']) {
      faulty(`F31 ${cancelType}: the state follows, and the side is quoted anew`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        const scope = {
          category: 'linear',
          symbol: SYMBOL,
          baseCoin: '',
          settleCoin: '',
          orderFilter: null,
          stopOrderType: '',
        } as const
        bot.server.exchange.cancelAll(DEFAULT_UID, scope, bot.network.nowUs(), cancelType)
        await bot.until(() => bot.events.some((event) => event.kind === 'order' && event.reason.length > 0))
        await bot.until(() => bot.own.length === 2, 5)
        expect(bot.counters.rejects).toBe(0)
      })
    }

    faulty('F31 self-match prevention takes a quote away: the state follows', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      const [bid] = bot.own.filter(({ side }) => side === 1)
      // Another order of this account comes and would meet our bid.
      if (bid === undefined) throw new Error('no bid')
      const sizeLots = bot.aheadOf(bid) + 5
      bot.other({
        side: -1,
        priceTicks: bid.priceTicks,
        sizeLots: sizeLots as SizeLots,
        timeInForce: 'IOC',
        smpType: 'CancelMaker',
      })
      await bot.until(() => bot.events.some((event) => event.kind === 'order' && event.reason === 'EC_BySelfMatch'))
      await bot.until(() => bot.own.some(({ side }) => side === 1), 5)
    })

    unstarted(
      'F32 a hedge-mode account is refused before anything is traded',
      async (bot) => {
        await bot.make()
        await expect(bot.open()).rejects.toMatchObject({ code: 'EXCHANGE_ACCOUNT_MODE' })
        expect(bot.left(CREATE)).toBe(0)
      },
      { prepare: (server) => server.exchange.terms.setPositionMode(DEFAULT_UID, SYMBOL, true) },
    )
  })

  describe('without an order of ours', () => {
    for (const effect of ['funding', 'adl', 'bust', 'settle'] as const) {
      faulty(`F34 ${effect}: booked, position follows, no unknown order`, async (bot) => {
        await bot.until(() => bot.own.length === 2)
        bot.take(1, 5)
        bot.script.offsetTicks = null
        await bot.until(() => bot.own.length === 0 && bot.positionLots === bot.truePosition)
        const held = bot.truePosition
        expect(held).toBeGreaterThanOrEqual(5)
        await bot.arm({ ...VENUE, effect, fromMs: 100 })
        await bot.run(1)
        expect(bot.truePosition).toBe(effect === 'funding' ? held : Math.floor(held / 2))
        expect(bot.positionLots).toBe(bot.truePosition)
        expect(bot.counters.strangeOrders).toBe(0)
        const pnl = bot.view.symbols[0]?.pnl
        expect(pnl?.identityExact).toBe(true)
        if (effect === 'funding') expect(Number(pnl?.funding)).not.toBe(0)
        else expect(bot.counters.foreignFills).toBe(1)
      })
    }

    faulty('F42 another actor on the account: not adopted, and the position is still right', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      bot.other(farBuy(bot, 0))
      bot.other({
        side: 1,
        priceTicks: (best(bot, -1) + 20) as PriceTicks,
        sizeLots: 7 as SizeLots,
        timeInForce: 'IOC',
      })
      await bot.run(1)
      expect(bot.truePosition).toBe(7)
      expect(bot.positionLots).toBe(7)
      expect(bot.counters.strangeOrders).toBe(0)
      expect(bot.counters.foreignFills).toBeGreaterThan(0)
      bot.script.offsetTicks = null
      await bot.until(() => bot.own.length === 0)
      // The hand's order is nobody's business here.
      expect(bot.allOpen.length).toBe(1)
    })
  })

  describe('rules that change', () => {
    const INSTRUMENTS_S = 70
    for (const effect of ['ending', 'closed'] as const) {
      faulty(
        `F35 ${effect === 'ending' ? 'a delivery time appears' : 'the status becomes Closed'}: cancels, and quotes no more`,
        async (bot) => {
          await bot.until(() => bot.own.length === 2)
          await bot.arm({ ...VENUE, effect })
          await bot.until(() => bot.own.length === 0, INSTRUMENTS_S)
          const placed = bot.places().length
          await bot.run(5)
          expect(bot.places().length).toBe(placed)
          expect(bot.view.symbols[0]?.notReadyReason).not.toBe('')
        },
      )
    }

    faulty('F35 another tick size: cancels and halts, nothing is sent on the old grid', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ ...VENUE, effect: 'tick' })
      await bot.until(() => bot.engine.phase === 'halted', INSTRUMENTS_S)
      expect(bot.view.phaseReason).toContain('tick')
      expect(bot.own).toEqual([])
    })

    faulty('F35 110074 on a create, the symbol is closed: suspended, cancels go on', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      await bot.arm({ at: 'request', match: AMEND, effect: 'code', retCode: 110_074, count: 1 })
      bot.script.offsetTicks = 2 * CALM
      await bot.until(() => bot.own.length === 0, 5)
      expect(bot.view.symbols[0]?.notReadyReason).toContain('110074')
    })
  })

  describe('when nobody is there', () => {
    faulty(
      'F37 DCP: private sockets dead for its window; on the way back the orders are seen gone',
      async (bot) => {
        await bot.until(() => bot.own.length === 2)
        await bot.run(15)
        await bot.arm(
          NO_REST,
          { at: 'socket', match: '/v5/', effect: 'refuse' },
          { at: 'request', match: CANCEL, effect: 'lose' },
        )
        for (const path of ['/v5/private', '/v5/trade']) bot.wire.cut(path)
        await bot.run(14)
        expect(bot.own).toEqual([])
        await bot.arm()
        await bot.until(() => bot.engine.phase === 'quoting' && bot.own.length === 2, 90)
        expect(bot.events.some((event) => event.kind === 'order' && event.reason.includes('DCP'))).toBe(true)
      },
      { server: { isInstitutional: true }, doubtUs: 120_000_000 },
    )

    faulty('F41 kill -9 with orders out: the next run cancels them by prefix before it quotes', async (bot) => {
      await bot.until(() => bot.own.length === 2)
      const dead = bot.own.map(({ orderLinkId }) => orderLinkId)
      bot.reborn()
      await bot.run(1)
      expect(bot.own.length).toBe(2)
      await bot.make('faults2')
      await bot.complete(bot.exchange.instruments([SYMBOL]))
      const clock = virtualClock(bot.wire)
      const found = await bot.complete(
        recover({ exchange: bot.exchange, clock, last: null, linkPrefix: 'mm00', symbols: [SYMBOL] }),
      )
      expect(found.canceledOrders.toSorted()).toEqual(dead.toSorted())
      expect(bot.own).toEqual([])
      await bot.open()
      await bot.until(() => bot.own.length === 2)
      expect(bot.own.every(({ orderLinkId }) => orderLinkId.startsWith('mm00-faults2-'))).toBe(true)
    })
  })
}

// What an operator starts beside the bot, with a wire of its own.
function emergencyCancel(bot: Bot, durationMs: number): Promise<Outcome> {
  const work = cancelAll({
    net: bot.network.wire(),
    signers: [signerOf({ apiKey: new Secret(API_KEY), secret: new Secret(SECRET), kind: 'hmac', source: 'test' })],
    scope: WHOLE,
    fence: noWriter,
    durationMs,
    isDryRun: false,
    isBrief: false,
    chance: () => 0.5,
    abort: new AbortController().signal,
    onProgress: () => undefined,
  })
  return bot.complete(work)
}
