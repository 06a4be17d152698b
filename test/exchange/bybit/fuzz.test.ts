/** Garbage from the other side: whatever comes in, nothing throws, nothing hangs, and the adapter works afterwards. */
import { expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { Bench, bookFrame, executionRow, LINK, orderRow, positionRow } from './scripted-exchange.ts'

const SEED = Number(process.env['MM_SEED'] ?? 4_711)
const SCALE = process.env['MM_VERIFY'] ? 60 : 1

const FRAMES = [
  JSON.stringify({ topic: 'order', id: 'x', creationTime: 1, data: [orderRow(LINK(1)), orderRow(LINK(2))] }),
  JSON.stringify({ topic: 'execution', id: 'x', creationTime: 1, data: [executionRow('e1'), executionRow('e2')] }),
  JSON.stringify({ topic: 'position', data: [positionRow({ side: 'Buy', size: '1', avgPrice: '61800.123456' })] }),
  JSON.stringify({ topic: 'wallet', data: [{ totalEquity: '1', coin: [{ coin: 'USDT', equity: '1' }] }] }),
  JSON.stringify({ success: true, ret_msg: '', op: 'subscribe', req_id: 'a-order', conn_id: 'c' }),
  JSON.stringify({
    reqId: 'mm00-epoch01-r1',
    retCode: 0,
    retMsg: 'OK',
    op: 'order.create',
    data: {},
    header: { 'X-Bapi-Limit': '10' },
  }),
  JSON.stringify({ op: 'pong', args: ['1'], conn_id: 'c' }),
  bookFrame('BTCUSDT', { u: 101, type: 'delta' }),
]

const VALUES = [
  'null',
  'true',
  '-1',
  '1e400',
  '9007199254740993',
  '""',
  '"x"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"a":1}}',
  '"\\u0000"',
]

test('frames on every socket', async () => {
  const prng = new Prng(SEED)
  const bench = new Bench()
  await bench.open()
  for (let i = 0; i < 400 * SCALE; i++) {
    const path = prng.pick(['/v5/private', '/v5/trade', '/v5/public/linear'])
    bench.server.push(path, broken(prng.pick(FRAMES), prng))
    if (prng.chance(0.1)) bench.place(i + 10)
    await bench.run(0.05)
  }
  bench.forget()
  await bench.run(120)
  bench.place(1_000_000)
  await bench.run(1)
  expect(bench.of('ack').at(-1), `seed ${SEED}`).toMatchObject({ order: 1_000_000, result: 'accepted' })
})

test('bodies of every read', async () => {
  const prng = new Prng(SEED)
  const results = [
    { list: [orderRow(LINK(1), { orderStatus: 'Filled', cumExecQty: '0.010' })], nextPageCursor: '' },
    { list: [executionRow('e', { orderLinkId: LINK(1) })], nextPageCursor: 'more' },
    { list: [positionRow()], nextPageCursor: '' },
  ]
  const bench = new Bench()
  await bench.open()
  for (const path of ['/v5/order/realtime', '/v5/order/history', '/v5/execution/list', '/v5/position/list']) {
    const body = () => broken(JSON.stringify({ retCode: 0, retMsg: 'OK', result: prng.pick(results), time: 1 }), prng)
    bench.server.on(path, () => ({ status: prng.pick([200, 200, 200, 500, 404]), headers: {}, body: body() }))
  }
  bench.server.onOrder = () => ({ retCode: prng.pick([10016, 110001, 0]), retMsg: '' })
  for (let i = 1; i <= Math.min(40 * SCALE, 400); i++) {
    bench.place(i)
    if (prng.chance(0.3)) bench.cancel(i)
    if (prng.chance(0.1)) bench.server.drop('/v5/private')
    await bench.run(1)
  }
  expect(bench.fatal).toEqual([])
  for (const path of ['/v5/order/realtime', '/v5/order/history', '/v5/execution/list', '/v5/position/list']) {
    bench.server.on(path, () => ({ result: { list: [], nextPageCursor: '' } }))
  }
  await bench.run(300)
  expect(bench.exchange.unknownOrders, `seed ${SEED}`).toBe(0)
})

function broken(text: string, prng: Prng): string {
  let out = text
  for (let edits = prng.int(1, 3); edits > 0; edits--) {
    const at = prng.int(0, Math.max(out.length - 1, 0))
    const kind = prng.int(0, 5)
    if (kind === 0) out = out.slice(0, at)
    else if (kind === 1) out = out.slice(0, at) + String.fromCharCode(prng.int(0, 0x2fff)) + out.slice(at + 1)
    else if (kind === 2)
      out = out.replace(/"[^"]*":("[^"]*"|\d+)/g, (pair) =>
        prng.chance(0.1) ? pair.replace(/:.*/, `:${prng.pick(VALUES)}`) : pair,
      )
    else if (kind === 3) out = out.slice(at) + out.slice(0, at)
    else if (kind === 4) out = out.replace(/"[a-zA-Z]+":/g, (name) => (prng.chance(0.05) ? '"other":' : name))
    else out = prng.pick(VALUES)
  }
  return out
}
