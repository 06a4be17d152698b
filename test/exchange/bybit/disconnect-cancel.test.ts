/** DCP where the account has it, against the simulated exchange: armed, subscribed, and fired by a dead connection. */
import { expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { Secret } from '../../../src/core/domain/secret.ts'
import { bybitExchange } from '../../../src/core/exchange/bybit/adapter.ts'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { BOT, rig, signer } from '../../cancel/rig.ts'
import { restHeaders } from '../../../src/core/exchange/bybit/signing.ts'

async function scene(isInstitutional: boolean) {
  const world = rig({ isInstitutional, symbols: ['BTCUSDT'] })
  const wire = world.network.wire()
  const exchange = await bybitExchange({
    wire,
    credentials: { apiKey: new Secret(BOT.apiKey), secret: new Secret(BOT.secret), kind: 'hmac', source: 'test' },
    linkPrefix: 'mm00',
    category: 'linear',
    seed: 3,
    linkEpoch: '1abcdef',
    onFatal: (error) => {
      throw error
    },
  })
  const within = <T>(work: Promise<T>): Promise<T> => world.network.complete(work, world.network.nowUs() + 60_000_000)
  await within(exchange.instruments(['BTCUSDT']))
  const windowS = await within(exchange.armDisconnectCancel())
  await within(exchange.open(() => undefined))
  return { world, wire, windowS }
}

test('an ordinary account has none', async () => {
  const { windowS } = await scene(false)
  expect(windowS).toBeNull()
})

test('where it exists it is armed, and a dead connection has the orders cancelled by the exchange', async () => {
  const { world, wire, windowS } = await scene(true)
  expect(windowS).toBe(10)
  const body = JSON.stringify({
    category: 'linear',
    symbol: 'BTCUSDT',
    side: 'Buy',
    orderType: 'Limit',
    qty: '0.001',
    price: String(60_000 + new Prng(1).int(0, 9)),
  })
  const timestampMs = Math.floor(world.network.nowUs() / 1_000)
  const headers = restHeaders(signer(BOT), { timestampMs, windowMs: 5_000, payload: body })
  const request = { method: 'POST', target: '/v5/order/create', headers, body, timeoutMs: 5_000 } as const
  await world.network.complete(world.network.wire().http(request), world.network.nowUs() + 10_000_000)
  await world.run(15_000)
  expect(world.live()).toBe(1)
  wire.crash()
  await world.run(9_000)
  expect(world.live()).toBe(1)
  await world.run(2_000)
  expect(world.live()).toBe(0)
  const [closed] = world.server.exchange.closedOrders(DEFAULT_UID)
  expect(closed?.cancelType).toBe('CancelByDCP')
})
