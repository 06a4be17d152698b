/** The same seed and the same requests give the same bytes: replies, frames, event log. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { faultRules } from '../../../src/core/exchange/sim/server/fault-input.ts'
import { Listener, rig } from './harness.ts'

const ORDER = { category: 'linear', symbol: 'BTCUSDT', orderType: 'Limit', qty: '0.05', timeInForce: 'GTC' }

async function session(seed: number): Promise<string> {
  const hash = createHash('sha256')
  const faults = { rules: faultRules([{ at: 'push', match: 'orderbook', effect: 'lose', probability: 0.1 }]) }
  const world = rig({ seed, isInstant: false, tier: 'default', faults, log: (line) => hash.update(line) })
  const account = new Listener(world, '/v5/private')
  await account.auth()
  await account.say({ op: 'subscribe', args: ['order', 'execution', 'position', 'wallet'] }, 20_000)
  const market = new Listener(world, '/v5/public/linear')
  await market.say({ op: 'subscribe', args: ['orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT'] })
  for (let i = 0; i < 25; i++) {
    const side = i % 2 === 0 ? 'Buy' : 'Sell'
    const price = String(61_800 + (i % 5) - 2)
    hash.update((await world.client.post('/v5/order/create', { ...ORDER, side, price, orderLinkId: `d${i}` })).body)
    await world.client.run(70_000)
  }
  for (const text of [...account.texts, ...market.texts]) hash.update(text)
  hash.update((await world.client.get('/sim/truth', '', null)).body)
  return hash.digest('hex')
}

test('two runs of one seed are the same to the last byte, another seed is another run', async () => {
  const first = await session(7)
  expect(await session(7)).toBe(first)
  expect(await session(8)).not.toBe(first)
})
