/** Whatever a client sends, the server answers or drops it and goes on; nothing throws. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROUTES, TRADE_OPS } from '../../../src/core/exchange/sim/server/routes.ts'
import { liveBytes } from '../heap.ts'
import { API_KEY, Listener, rig, signed, stillMarkets } from './harness.ts'

const RUNS = process.env['MM_VERIFY'] === '1' ? 100_000 : 1_500
const HOUR_MS = 3_600_000
/** Orders, executions and sessions are kept to a bound. */
const LEFT_BYTES_MAX = 64 * 1_048_576

const name = fc.constantFrom(
  'category',
  'symbol',
  'side',
  'orderType',
  'qty',
  'price',
  'request',
  'orderId',
  'orderLinkId',
  'limit',
  'cursor',
  'timeInForce',
  'triggerPrice',
  'positionIdx',
  'reduceOnly',
  'settleCoin',
  'baseCoin',
  'interval',
  'start',
  'mode',
  'buyLeverage',
  'sellLeverage',
  'accountType',
  'product',
  'timeWindow',
  'setMarginMode',
  'takeProfit',
  'tpslMode',
  'orderFilter',
  'openOnly',
  'startTime',
  'endTime',
  'bboSideType',
  'bboLevel',
  'marketUnit',
  'isLeverage',
  'coin',
  'modifyEnable',
  'status',
  'smpType',
  'triggerDirection',
)
const value = fc.oneof(
  fc.constantFrom(
    'linear',
    'spot',
    'inverse',
    'option',
    'BTCUSDT',
    'BTCUSD',
    'Buy',
    'Limit',
    'Market',
    '0.01',
    '61000',
    '-1',
    '0',
    '1e9',
    'UNIFIED',
    '%3A%2C',
    '1',
    '3',
    'USDT',
  ),
  fc.jsonValue(),
  fc.string(),
  fc.integer(),
)
const body = fc.dictionary(name, value, { maxKeys: 12 })

const queryOf = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    // Not String: an object whose `toString` is no function has none.
    .map(
      ([key, one]) =>
        `${key}=${encodeURIComponent((typeof one === 'string' ? one : JSON.stringify(one)).toWellFormed())}`,
    )
    .join('&')

test('REST bodies, queries and raw text', { timeout: HOUR_MS }, async () => {
  const world = rig({ markets: stillMarkets() })
  const route = fc.constantFrom(...ROUTES)
  const beforeBytes = liveBytes()
  await fc.assert(
    fc.asyncProperty(route, body, fc.option(fc.string(), { nil: null }), async ({ method, path }, fields, text) => {
      const query = text ?? queryOf(fields)
      const answer =
        method === 'GET'
          ? await world.client.get(path, query.replaceAll('#', ''))
          : await world.client.post(path, text ?? JSON.stringify(fields))
      expect([200, 401]).toContain(answer.status)
      expect(Number.isSafeInteger(answer.code)).toBe(true)
    }),
    { numRuns: RUNS },
  )
  // The wire's own deadlines go with their time.
  await world.client.run(61_000_000)
  expect(liveBytes() - beforeBytes).toBeLessThan(LEFT_BYTES_MAX)
})

test('targets and headers', { timeout: HOUR_MS }, async () => {
  const world = rig({ markets: stillMarkets() })
  const headers = fc.dictionary(fc.constantFrom(...Object.keys(signed('', 0)), 'x'), fc.string())
  await fc.assert(
    fc.asyncProperty(fc.string(), headers, fc.string(), async (target, sent, text) => {
      const answer = await world.client.send('POST', target.startsWith('/sim') ? '/' : target, sent, text)
      expect(answer.status).toBeGreaterThanOrEqual(200)
    }),
    { numRuns: RUNS },
  )
})

test('frames on every socket', { timeout: HOUR_MS }, async () => {
  const world = rig({ markets: stillMarkets() })
  const paths = ['/v5/public/linear', '/v5/public/spot', '/v5/public/option', '/v5/private', '/v5/trade']
  const listeners = paths.map((path) => new Listener(world, path))
  for (const listener of listeners.slice(3)) await listener.auth()
  const op = fc.constantFrom('ping', 'auth', 'subscribe', 'unsubscribe', ...TRADE_OPS.keys(), 'x', 'constructor')
  const topic = fc.constantFrom(
    'orderbook.50.BTCUSDT',
    'tickers.BTCUSDT',
    'order',
    'wallet',
    'kline.1.BTCUSDT',
    '',
    '__proto__',
    'orderbook.__proto__.BTCUSDT',
  )
  const header = fc.record({ 'X-BAPI-TIMESTAMP': fc.oneof(fc.constant('1760000000000'), fc.jsonValue()) })
  const frame = fc.record(
    {
      op: fc.oneof(op, fc.jsonValue()),
      args: fc.oneof(fc.array(topic), fc.array(body, { maxLength: 2 }), fc.jsonValue(), fc.constant([API_KEY, 1, 'x'])),
      header: fc.oneof(header, fc.jsonValue()),
      req_id: fc.jsonValue(),
      reqId: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const beforeBytes = liveBytes()
  await fc.assert(
    fc.asyncProperty(
      fc.nat(paths.length - 1),
      fc.oneof(
        frame.map((one) => JSON.stringify(one)),
        fc.string(),
      ),
      async (index, text) => {
        const listener = listeners[index]
        await listener?.say(text, 10)
        expect(listener?.closes).toEqual([])
        if (listener !== undefined) listener.frames.length = listener.texts.length = 0
      },
    ),
    { numRuns: RUNS },
  )
  expect(liveBytes() - beforeBytes).toBeLessThan(LEFT_BYTES_MAX)
})
