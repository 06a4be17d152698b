/** The exchange itself dies: another process on its port, with the same keys and ids and a ledger of its own. */
import { expect, test } from 'vitest'
import { sizeLots } from '../../../src/core/domain/units.ts'
import { testServer } from '../server/harness.ts'
import { LoopbackWorld } from './loopback-world.ts'
import { Bot, SYMBOL } from './rig.ts'

const TAKER = '200002'

test.each([
  ['from nothing', 0],
  // The sequence of what the run started from lies above all that the new ledger will say for a while.
  ['from a position', 4],
])(
  'killed and started again with an empty ledger, a run that began %s: what is gone is found gone, and it is said',
  async (_, held) => {
    const worlds: LoopbackWorld[] = []
    const bot = await Bot.in(async (server) => {
      const world = await LoopbackWorld.open(server)
      worlds.push(world)
      return world
    }, {})
    try {
      await bot.run(20)
      if (held > 0) bot.other({ side: 1, type: 'Market', sizeLots: sizeLots(held), timeInForce: 'IOC' })
      await bot.start()
      await bot.until(() => bot.own.length === 2)
      bot.take(1, 5)
      await bot.until(() => bot.positionLots === bot.truePosition && bot.truePosition >= held + 5)
      bot.server = testServer({ isInstant: false, symbols: [SYMBOL], tier: 'default' })
      bot.server.exchange.addAccount({ uid: TAKER, balances: { USDT: 10n ** 15n } })
      await worlds[0]?.replace(bot.server)
      // Long before the next round of reconciliation: the reconnect reads the account.
      await bot.until(() => bot.positionLots === 0, 60)
      expect(bot.counters.positionCorrections).toBe(1)
      expect(bot.lines.filter((line) => line.includes('the exchange states a position of 0, '))).toHaveLength(1)
      await bot.until(() => bot.engine.phase === 'quoting' && bot.own.length === 2, 60)
      expect(bot.view.symbols[0]?.workingOrders).toBe(2)
      // Its ids and sequences begin anew: a fill there is a fill.
      bot.take(1, 3)
      await bot.until(() => bot.truePosition !== 0)
      await bot.until(() => bot.positionLots === bot.truePosition, 5)
      await bot.judge()
    } finally {
      await bot.network.close()
    }
  },
)
