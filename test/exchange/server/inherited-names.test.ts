/** Names that every JavaScript object answers to are no interval, no op and no field of a fault. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { faultScript } from '../../../src/core/exchange/sim/server/fault-input.ts'
import { API_KEY, Listener, rig, SECRET, stillMarkets } from './harness.ts'

describe.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s', (name) => {
  const still = () => rig({ markets: stillMarkets() })

  test('is no interval of a kline, by REST or as a topic', async () => {
    const world = still()
    const query = `category=linear&symbol=BTCUSDT&interval=${name}`
    expect((await world.client.get('/v5/market/kline', query, null)).code).toBe(10001)
    const listener = new Listener(world, '/v5/public/linear')
    const topic = `kline.${name}.BTCUSDT`
    expect(await listener.say({ op: 'subscribe', args: [topic] })).toMatchObject({
      success: false,
      ret_msg: `error:handler not found,topic:${topic}`,
    })
  })

  test('is no op of order entry, and is answered', async () => {
    const world = still()
    const listener = new Listener(world, '/v5/trade')
    const expires = String(world.client.nowMs() + 60_000)
    const sign = createHmac('sha256', SECRET).update(`GET/realtime${expires}`).digest('hex')
    expect(await listener.say({ op: 'auth', args: [API_KEY, expires, sign] })).toMatchObject({ retCode: 0 })
    const header = { 'X-BAPI-TIMESTAMP': String(world.client.nowMs()) }
    const said = await listener.say({ op: name, reqId: 'r', header, args: [{ category: 'linear' }] })
    expect(said).toMatchObject({ retCode: 10404 })
  })

  test('is no field of a fault rule', () => {
    expect(faultScript(`{"rules":[{"${name}":1}]}`)).toEqual({ problem: `rules[0]: unknown field ${name}` })
  })
})
