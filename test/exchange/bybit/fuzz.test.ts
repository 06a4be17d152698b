/** Garbage from the other side: whatever comes in, nothing throws, nothing hangs, and the adapter works afterwards. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { MmError } from '../../../src/core/errors.ts'
import { RestFailure } from '../../../src/core/exchange/bybit/rest-transport.ts'
import { liveBytes } from '../heap.ts'
import { Bench, bookFrame, executionRow, LINK, orderRow, positionRow } from './scripted-exchange.ts'

const SEED = Number(process.env['MM_SEED'] ?? 4_711)
const SCALE = process.env['MM_VERIFY'] === '1' ? 60 : 1
const RUNS = process.env['MM_VERIFY'] === '1' ? 100_000 : 1_500
const HOUR_MS = 3_600_000
/** What seen ids and old orders may hold: they are kept to a bound. */
const LEFT_BYTES_MAX = 64 * 1_048_576

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

const PATHS = ['/v5/private', '/v5/trade', '/v5/public/linear'] as const
const READS = {
  '/v5/order/realtime': (bench: Bench) => bench.exchange.openOrders(),
  '/v5/position/list': (bench: Bench) => bench.exchange.positions(),
  '/v5/execution/list': (bench: Bench) => bench.exchange.executionsSince(bench.server.nowMs() - 60_000),
  '/v5/user/query-api': (bench: Bench) => bench.exchange.keyInfo(),
} as const
const RESULTS = [
  { list: [orderRow(LINK(1), { orderStatus: 'Filled', cumExecQty: '0.010' })], nextPageCursor: '' },
  { list: [executionRow('e', { orderLinkId: LINK(1) })], nextPageCursor: 'more' },
  { list: [positionRow()], nextPageCursor: '' },
  { userID: 7, readOnly: 0, permissions: { ContractTrade: ['Order', 'Position'] } },
].map((result) => JSON.stringify({ retCode: 0, retMsg: 'OK', result, time: 1 }))

/** A message as it should be, with up to three wounds; or anything. */
const wounded = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constantFrom(...texts), fc.nat()).map(([text, seed]) => broken(text, new Prng(seed))),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.constantFrom('['.repeat(100_000), '{"a":'.repeat(100_000), '"'.repeat(5_000_000)) },
  )

test('frames on every socket', { timeout: HOUR_MS }, async () => {
  const bench = new Bench()
  await bench.open()
  let beforeBytes = 0
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), wounded(FRAMES), async (path, text) => {
      // A frame that ended the connection: the next one comes on a new one.
      while (![...bench.server.connections].some((connection) => connection.path === path)) await bench.run(1)
      bench.server.push(path, text)
      if (count % 40 === 0) bench.place(10 + count)
      await bench.run(0.002)
      if (++count % 500 !== 0) return
      for (const list of [bench.server.requests, bench.server.frames, bench.events]) list.length = 0
      if (count === 500) beforeBytes = liveBytes()
    }),
    { numRuns: RUNS },
  )
  bench.forget()
  expect(liveBytes() - beforeBytes).toBeLessThan(LEFT_BYTES_MAX)
  await bench.run(120)
  bench.place(10_000_000)
  await bench.run(1)
  expect(bench.of('ack').at(-1)).toMatchObject({ order: 10_000_000, result: 'accepted' })
})

test('bodies of reads: a result, or a failure that says so', { timeout: HOUR_MS }, async () => {
  const bench = new Bench()
  await bench.open()
  let count = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(READS) as (keyof typeof READS)[])),
      fc.constantFrom(200, 200, 200, 200, 400, 404, 500),
      wounded(RESULTS),
      async (path, status, body) => {
        bench.server.on(path, () => ({ status, headers: {}, body }))
        const settled = READS[path](bench).then(
          () => true,
          (error: unknown) => error instanceof MmError || error instanceof RestFailure,
        )
        expect(await bench.network.complete(settled, bench.network.nowUs() + 600_000_000)).toBe(true)
        if (++count % 500 === 0)
          for (const list of [bench.server.requests, bench.server.frames, bench.events]) list.length = 0
      },
    ),
    { numRuns: RUNS },
  )
})

test('bodies of every read while orders are in doubt', async () => {
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
