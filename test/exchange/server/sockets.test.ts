/** The four kinds of socket: pongs, acks, failures, auth, order entry, liveness. Shapes are BYBIT.md §2. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { API_KEY, Listener, rig, type Rig, type Row, SECRET, stillMarkets } from './harness.ts'

const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }
const still = (): Rig => rig({ markets: stillMarkets() })

describe('pong', () => {
  test.each([
    ['/v5/public/linear', { success: true, ret_msg: 'pong', conn_id: expect.any(String), req_id: '7', op: 'ping' }],
    ['/v5/public/spot', { success: true, ret_msg: 'pong', conn_id: expect.any(String), req_id: '7', op: 'ping' }],
    ['/v5/public/inverse', { success: true, ret_msg: 'pong', conn_id: expect.any(String), req_id: '7', op: 'ping' }],
    ['/v5/public/option', { op: 'pong', args: [expect.stringMatching(/^\d{13}$/)] }],
    [
      '/v5/private',
      { req_id: '7', op: 'pong', args: [expect.stringMatching(/^\d{13}$/)], conn_id: expect.any(String) },
    ],
  ])('%s', async (path, shape) => {
    const listener = new Listener(still(), path)
    expect(await listener.say({ op: 'ping', req_id: 7 })).toEqual(shape)
    expect(listener.texts[0]).not.toContain(' ')
  })

  test('/v5/trade', async () => {
    const listener = new Listener(still(), '/v5/trade')
    const data = [expect.stringMatching(/^\d{13}$/)]
    expect(await listener.say({ op: 'ping' })).toEqual({
      retCode: 0,
      retMsg: 'OK',
      op: 'pong',
      data,
      connId: expect.any(String),
    })
  })
})

test('an unknown path is refused', async () => {
  const world = still()
  const listener = new Listener(world, '/v5/nothing')
  await world.client.run(1_000)
  expect(listener.closes).toEqual([[1006, 'refused with HTTP 404']])
})

describe('subscribe', () => {
  test('one bad argument voids the whole request, good ones included', async () => {
    const world = rig({ symbols: ['BTCUSDT'] })
    const listener = new Listener(world, '/v5/public/linear')
    const args = ['publicTrade.BTCUSDT', 'orderbook.500.BTCUSDT']
    expect(await listener.say({ op: 'subscribe', args, req_id: 'a' })).toMatchObject({
      success: false,
      ret_msg: 'error:handler not found,topic:orderbook.500.BTCUSDT',
      req_id: 'a',
      op: 'subscribe',
    })
    await world.client.run(3_000_000)
    expect(listener.of('publicTrade.BTCUSDT')).toEqual([])
  })

  test('a repeated topic voids the request; unsubscribe makes it possible again', async () => {
    const listener = new Listener(still(), '/v5/public/linear')
    const topic = 'orderbook.50.BTCUSDT'
    await listener.say({ op: 'subscribe', args: [topic] })
    expect(await listener.say({ op: 'subscribe', args: ['tickers.BTCUSDT', topic] })).toMatchObject({
      success: false,
      ret_msg: `error:already subscribed,topic:${topic}`,
    })
    expect(listener.of('tickers.BTCUSDT')).toEqual([])
    expect(await listener.say({ op: 'unsubscribe', args: [topic] })).toMatchObject({ success: true, op: 'unsubscribe' })
    expect(await listener.say({ op: 'subscribe', args: [topic] })).toMatchObject({ success: true })
    expect(listener.of(topic).map((frame) => frame['type'])).toEqual(['snapshot', 'snapshot'])
  })

  test.each([
    'orderbook.50.NOPEUSDT',
    'orderbook.25.BTCUSDT',
    'orderbook.50',
    'kline.7.BTCUSDT',
    'tickers',
    'tickers.BTCUSDT.x',
    'order',
    '',
    'orderbook..BTCUSDT',
  ])('unknown topic %j', async (topic) => {
    const listener = new Listener(still(), '/v5/public/linear')
    expect(await listener.say({ op: 'subscribe', args: [topic] })).toMatchObject({ success: false })
  })

  test('spot takes ten arguments a request; ret_msg names the op', async () => {
    const listener = new Listener(still(), '/v5/public/spot')
    const many = Array.from({ length: 11 }, () => 'tickers.BTCUSDT')
    expect(await listener.say({ op: 'subscribe', args: many })).toMatchObject({
      success: false,
      ret_msg: 'error:args size >10',
    })
    expect(await listener.say({ op: 'subscribe', args: ['tickers.BTCUSDT'] })).toMatchObject({ ret_msg: 'subscribe' })
  })

  test('options answer with a command response', async () => {
    const listener = new Listener(still(), '/v5/public/option')
    expect(await listener.say({ op: 'subscribe', args: ['tickers.NOPE'] })).toMatchObject({
      success: false,
      type: 'COMMAND_RESP',
      data: { failTopics: ['tickers.NOPE'], successTopics: [] },
    })
    expect(await listener.say({ op: 'subscribe', args: ['publicTrade.BTC'] })).toMatchObject({
      success: true,
      type: 'COMMAND_RESP',
      data: { failTopics: [], successTopics: ['publicTrade.BTC'] },
    })
  })

  test.each([
    'nonsense',
    '[]',
    '1',
    '{"op":"dance"}',
    '{"op":"subscribe"}',
    '{"op":"subscribe","args":[1]}',
    '{"op":"subscribe","args":[]}',
  ])('odd frame %s is answered, the socket stays open', async (text) => {
    for (const path of ['/v5/public/linear', '/v5/private', '/v5/trade']) {
      const listener = new Listener(still(), path)
      expect(await listener.say(text), path).toBeDefined()
      expect(listener.closes).toEqual([])
    }
  })
})

function authFrame(world: Rig, change: { expires?: number | string; secret?: string; apiKey?: string } = {}): Row {
  const expires = change.expires ?? world.client.nowMs() + 1_000
  const signature = createHmac('sha256', change.secret ?? SECRET)
    .update(`GET/realtime${expires}`)
    .digest('hex')
  return { op: 'auth', args: [change.apiKey ?? API_KEY, expires, signature] }
}

describe('auth', () => {
  const cases: [string, Parameters<typeof authFrame>[1], boolean, number][] = [
    ['number', {}, true, 0],
    ['text', { expires: '1760000009000' }, true, 0],
    ['past', { expires: 1_759_999_999_999 }, false, 10001],
    ['wrong secret', { secret: 'other' }, false, 10004],
    ['unknown key', { apiKey: 'nobody' }, false, 10003],
  ]
  test.each(cases)('expires as %s', async (_name, change, success, retCode) => {
    const world = still()
    expect(await new Listener(world, '/v5/private').say(authFrame(world, change))).toMatchObject({
      success,
      op: 'auth',
    })
    expect(await new Listener(world, '/v5/trade').say(authFrame(world, change))).toMatchObject({ retCode, op: 'auth' })
  })

  test('private topics need it; a second one on trade is 20001 and harmless', async () => {
    const world = still()
    const quiet = new Listener(world, '/v5/private')
    expect(await quiet.say({ op: 'subscribe', args: ['order'] })).toMatchObject({ success: false })
    const trade = new Listener(world, '/v5/trade')
    await trade.auth()
    expect(await trade.say(authFrame(world))).toMatchObject({ retCode: 20001, op: 'auth' })
    expect(trade.closes).toEqual([])
  })

  test('all-in-one and categorised forms of a topic do not mix in one request', async () => {
    const listener = new Listener(still(), '/v5/private')
    await listener.auth()
    expect(await listener.say({ op: 'subscribe', args: ['order', 'order.linear'] })).toMatchObject({ success: false })
    expect(await listener.say({ op: 'subscribe', args: ['execution', 'execution.fast'] })).toMatchObject({
      success: true,
    })
  })
})

describe('order entry', () => {
  async function trader(
    world: Rig,
  ): Promise<{ listener: Listener; say: (op: string, args: unknown, more?: Row) => Promise<Row | undefined> }> {
    const listener = new Listener(world, '/v5/trade')
    await listener.auth()
    const header = { 'X-BAPI-TIMESTAMP': String(world.client.nowMs()), 'X-BAPI-RECV-WINDOW': '60000' }
    return { listener, say: (op, args, more = {}) => listener.say({ op, header, args, ...more }) }
  }

  test('create, amend and cancel are acknowledged in the shape of the guide', async () => {
    const world = still()
    const { say } = await trader(world)
    const ack = await say('order.create', [{ ...ORDER, orderLinkId: 'w1' }], { reqId: 'r1' })
    expect(ack).toEqual({
      reqId: 'r1',
      retCode: 0,
      retMsg: 'OK',
      op: 'order.create',
      data: { orderId: expect.any(String), orderLinkId: 'w1' },
      retExtInfo: {},
      header: {
        'X-Bapi-Limit': expect.any(String),
        'X-Bapi-Limit-Status': expect.any(String),
        'X-Bapi-Limit-Reset-Timestamp': expect.any(String),
        Traceid: expect.any(String),
        Timenow: expect.any(String),
      },
      connId: expect.any(String),
    })
    const target = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'w1' }
    expect(await say('order.amend', [{ ...target, price: '60900' }])).toMatchObject({ retCode: 0 })
    expect(await say('order.cancel', [target])).toMatchObject({ retCode: 0, data: { orderLinkId: 'w1' } })
    expect(await say('order.cancel', [target])).toMatchObject({ retCode: 110001 })
  })

  test('a batch carries item codes beside its rows', async () => {
    const world = still()
    const { say } = await trader(world)
    const request = [
      { ...ORDER, orderLinkId: 'b1' },
      { ...ORDER, qty: '0.0001', orderLinkId: 'b2' },
      { ...ORDER, orderLinkId: 'b1' },
    ]
    const ack = (await say('order.create-batch', [{ category: 'linear', request }])) ?? {}
    const codes = ((ack['retExtInfo'] as Row)['list'] as Row[]).map((row) => row['code'])
    expect(ack['retCode']).toBe(0)
    expect(codes).toEqual([0, 10001, 110072])
    expect((ack['data'] as Row)['list']).toHaveLength(3)
  })

  test.each<[string, Row, Row]>([
    ['unknown op', { op: 'order.fly', reqId: 'x' }, { retCode: 10404 }],
    [
      'category missing',
      { op: 'order.create', reqId: 'x', args: [{ symbol: 'BTCUSDT' }] },
      { retCode: 10404, reqId: 'x' },
    ],
    ['no args', { op: 'order.create', reqId: 'x', args: [] }, { retCode: 10404, reqId: 'x' }],
    ['long reqId', { op: 'order.create', reqId: 'x'.repeat(37), args: [ORDER] }, { retCode: 10001 }],
    ['no header', { op: 'order.create', reqId: 'x', header: null, args: [ORDER] }, { retCode: 10001, reqId: 'x' }],
    [
      'old header',
      { op: 'order.create', reqId: 'x', header: { 'X-BAPI-TIMESTAMP': '1' }, args: [ORDER] },
      { retCode: 10002 },
    ],
  ])('%s', async (_name, frame, expected) => {
    const world = still()
    const { say } = await trader(world)
    const { op, args, ...more } = frame
    const ack = await say(String(op), args, more)
    expect(ack).toMatchObject(expected)
    if (!('reqId' in expected) && frame['op'] === 'order.fly') expect(ack).not.toHaveProperty('reqId')
  })

  test('a reused reqId is 20006, unauthenticated entry 10003', async () => {
    const world = still()
    const { say } = await trader(world)
    await say('order.create', [ORDER], { reqId: 'same' })
    expect(await say('order.create', [ORDER], { reqId: 'same' })).toMatchObject({ retCode: 20006, reqId: 'same' })
    const header = { 'X-BAPI-TIMESTAMP': String(world.client.nowMs()) }
    const stranger = new Listener(world, '/v5/trade')
    expect(await stranger.say({ op: 'order.create', header, args: [ORDER] })).toMatchObject({ retCode: 10003 })
    expect(world.server.exchange.openOrders('100001')).toHaveLength(1)
  })
})

test('maintenance is told when it begins and ends, and by system/status in between', async () => {
  const state = parseState(
    JSON.stringify({ maintenance: [{ title: 'm', begin: '1760000010000', end: '1760000020000' }] }),
  )
  if ('problem' in state) throw new Error(state.problem)
  const world = rig({ markets: stillMarkets(), state })
  const listener = new Listener(world, '/v5/public/misc/status')
  expect(await listener.say({ op: 'ping', req_id: '1' })).toMatchObject({ ret_msg: 'pong', req_id: '1' })
  expect(await listener.say({ op: 'subscribe', args: ['system.up'] })).toMatchObject({ success: false })
  expect(await listener.say({ op: 'subscribe', args: ['system.status'] })).toMatchObject({ success: true })
  const listed = async () => (await world.client.get('/v5/system/status', '', null)).list.map((row) => row['state'])
  expect(await listed()).toEqual(['scheduled'])
  await world.client.run(15_000_000)
  expect(await listed()).toEqual(['ongoing'])
  await world.client.run(10_000_000)
  expect(await listed()).toEqual(['completed'])
  const told = listener.of('system.status').flatMap((frame) => frame['data'] as Row[])
  expect(told.map((row) => row['state'])).toEqual(['ongoing', 'completed'])
})

describe('liveness', () => {
  test('ten minutes of silence close a socket, any frame keeps it', async () => {
    const world = still()
    const silent = new Listener(world, '/v5/private')
    const busy = new Listener(world, '/v5/public/linear')
    for (let minute = 0; minute < 12; minute++) await busy.say({ op: 'ping' }, 60_000_000)
    expect(silent.closes).toHaveLength(1)
    expect(busy.closes).toEqual([])
  })

  test('max_active_time closes a socket of that age, looked at every 30 s', async () => {
    const world = still()
    const brief = new Listener(world, '/v5/private?max_active_time=40s')
    const odd = new Listener(world, '/v5/private?max_active_time=5s')
    await brief.say({ op: 'ping' }, 55_000_000)
    expect(brief.closes).toEqual([])
    await world.client.run(10_000_000)
    expect(brief.closes).toHaveLength(1)
    expect(odd.closes).toEqual([])
  })
})

describe('disconnect protection', () => {
  const open = (world: Rig): number => world.server.exchange.openOrders('100001').length

  async function armed(isInstitutional: boolean): Promise<{ world: Rig; sockets: Listener[]; code: number }> {
    const world = rig({ markets: stillMarkets(), isInstitutional })
    const answer = await world.client.post('/v5/order/disconnected-cancel-all', {
      product: 'DERIVATIVES',
      timeWindow: 10,
    })
    const sockets = [new Listener(world, '/v5/private'), new Listener(world, '/v5/private')]
    for (const socket of sockets) {
      await socket.auth()
      await socket.say({ op: 'subscribe', args: ['dcp.future'] })
    }
    await world.client.post('/v5/order/create', ORDER)
    await world.client.run(1_000)
    return { world, sockets, code: answer.code }
  }

  test('fires when every listening socket has been gone for the window, not before', async () => {
    const { world, sockets } = await armed(true)
    sockets[0]?.close()
    await world.client.run(60_000_000)
    expect(open(world)).toBe(1)
    sockets[1]?.close()
    await world.client.run(9_900_000)
    expect(open(world)).toBe(1)
    await world.client.run(200_000)
    expect(open(world)).toBe(0)
    const closed = await world.client.get('/v5/order/history', 'category=linear')
    expect(closed.list[0]).toMatchObject({ orderStatus: 'Cancelled', cancelType: 'CancelByDCP' })
  })

  test('a socket that comes back in time voids it', async () => {
    const { world, sockets } = await armed(true)
    for (const socket of sockets) socket.close()
    await world.client.run(5_000_000)
    const again = new Listener(world, '/v5/private')
    await again.auth()
    await again.say({ op: 'subscribe', args: ['dcp.future'] }, 60_000_000)
    expect(open(world)).toBe(1)
  })

  test('an ordinary account cannot arm it, and is not protected', async () => {
    const { world, sockets, code } = await armed(false)
    expect(code).toBe(10001)
    for (const socket of sockets) socket.close()
    await world.client.run(60_000_000)
    expect(open(world)).toBe(1)
  })
})
