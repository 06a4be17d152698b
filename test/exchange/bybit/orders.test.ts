/** Order entry: what leaves, what each answer means, what happens to an order nobody answered for. */
import { describe, expect, test } from 'vitest'
import { Bench, executionRow, LINK, orderRow, positionRow } from './scripted-exchange.ts'

const acks = (bench: Bench) =>
  bench.of('ack').map(({ request, result, code, action }) => [request, result, code, action])

async function opened(options: Parameters<Bench['open']>[0] = {}): Promise<Bench> {
  const bench = new Bench()
  await bench.open(options)
  bench.forget()
  return bench
}

describe('what leaves', () => {
  test('a create carries link, small window, one-way index and self-match rule', async () => {
    const bench = await opened()
    bench.place(35)
    await bench.run(1)
    const [message] = bench.server.orders()
    expect(message).toEqual({
      reqId: 'mm00-epoch01-r1',
      header: { 'X-BAPI-TIMESTAMP': expect.stringMatching(/^18000000\d{5}$/), 'X-BAPI-RECV-WINDOW': '1000' },
      op: 'order.create',
      args: [
        {
          category: 'linear',
          symbol: 'BTCUSDT',
          side: 'Buy',
          orderType: 'Limit',
          qty: '0.01',
          price: '61800.1',
          timeInForce: 'PostOnly',
          orderLinkId: 'mm00-epoch01-z',
          positionIdx: 0,
          reduceOnly: false,
          smpType: 'CancelMaker',
        },
      ],
    })
    expect(acks(bench)).toEqual([['place', 'accepted', 0, 'ok']])
  })

  test('amend sends the new total, cancel one id and a long window', async () => {
    const bench = await opened()
    bench.amend(1, { ticks: 618_005, lots: 20 })
    bench.cancel(1)
    await bench.run(1)
    expect(bench.server.orders().map(({ op, args }) => [op, args])).toEqual([
      ['order.amend', [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: LINK(1), qty: '0.02', price: '61800.5' }]],
      ['order.cancel', [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: LINK(1) }]],
    ])
    const windows = bench.server.orders().map(({ header }) => header)
    expect(windows).toMatchObject([{ 'X-BAPI-RECV-WINDOW': '1000' }, { 'X-BAPI-RECV-WINDOW': '10000' }])
  })

  test('the timestamp is the exchange’s time, whatever the local clock says', async () => {
    const bench = new Bench()
    const skewed = bench.network.wire({ clockOffsetUs: -7_000_000 })
    await bench.open({ wire: skewed })
    bench.place(1)
    await bench.run(1)
    const [text = ''] = bench.server.frames
      .filter(({ path }) => path === '/v5/trade')
      .map((frame) => frame.text)
      .slice(-1)
    const stamp = Number(/"X-BAPI-TIMESTAMP":"(\d+)"/.exec(text)?.[1])
    expect(Math.abs(stamp - bench.server.nowMs() + 1_000)).toBeLessThan(10)
  })

  test('without a socket cancels go by REST and what adds risk is refused', async () => {
    const bench = await opened()
    bench.server.onAuth = () => null
    bench.server.on('/v5/order/cancel', () => ({ result: {} }))
    bench.server.drop('/v5/trade')
    await bench.run(1)
    bench.place(1)
    bench.amend(2)
    bench.cancel(3)
    await bench.run(1)
    expect(acks(bench)).toEqual([
      ['place', 'rejected', 0, 'retry-later'],
      ['amend', 'rejected', 0, 'retry-later'],
      ['cancel', 'accepted', 0, 'ok'],
    ])
    const [request] = bench.server.requests.filter(({ target }) => target === '/v5/order/cancel')
    expect(JSON.parse(request?.body ?? '')).toEqual({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: LINK(3) })
  })

  test('a venue without order-entry socket is served by REST', async () => {
    const bench = new Bench()
    bench.server.on('/v5/order/create', () => ({ result: {} }))
    await bench.open({ orderEntry: 'rest' })
    bench.forget()
    bench.place(1)
    await bench.run(1)
    expect(acks(bench)).toEqual([['place', 'accepted', 0, 'ok']])
    expect(bench.server.counts.get('/v5/trade')).toBeUndefined()
  })
})

describe('what an answer means', () => {
  test.each([
    ['place', 10001, 'rejected', 'reject'],
    ['place', 110007, 'rejected', 'risk'],
    ['place', 110003, 'rejected', 'reprice'],
    ['place', 110066, 'rejected', 'halt-symbol'],
    ['place', 10006, 'rejected', 'retry-after'],
    ['place', 110072, 'ambiguous', 'dup'],
    ['place', 10016, 'ambiguous', 'ambiguous'],
    ['place', 987654, 'ambiguous', 'ambiguous'],
    ['amend', 110001, 'gone', 'gone'],
    ['amend', 10001, 'rejected', 'reject'],
    ['cancel', 110001, 'gone', 'gone'],
    ['cancel', 170213, 'gone', 'gone'],
    ['cancel', 10016, 'ambiguous', 'ambiguous'],
  ] as const)('%s answered with %i is %s (%s)', async (request, code, result, action) => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: code, retMsg: 'no' })
    bench[request](1)
    await bench.run(0.5)
    expect(acks(bench)).toEqual([[request, result, code, action]])
  })

  test.each([
    [10003, 'EXCHANGE_AUTH'],
    [10027, 'EXCHANGE_ACCOUNT'],
  ])('code %i ends the run', async (code, error) => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: code, retMsg: 'no' })
    bench.place(1)
    await bench.run(1)
    expect(bench.fatal).toMatchObject([{ code: error }])
  })

  test('110001 brings the fills before the end of the order', async () => {
    const bench = await opened()
    bench.place(1)
    await bench.run(0.1)
    bench.server.onOrder = () => ({ retCode: 110001, retMsg: 'order not exists or too late to cancel' })
    bench.server.on('/v5/order/realtime', ({ orderLinkId }) => {
      const row = orderRow(LINK(1), { orderStatus: 'Filled', cumExecQty: '0.010' })
      return { result: { list: orderLinkId === LINK(1) ? [row] : [] } }
    })
    bench.server.on('/v5/execution/list', () => ({
      result: {
        list: [
          executionRow('b', { orderLinkId: LINK(1), execQty: '0.006' }),
          executionRow('a', { orderLinkId: LINK(1) }),
        ],
      },
    }))
    bench.forget()
    bench.cancel(1)
    await bench.run(3)
    expect(bench.events.map((event) => (event.kind === 'fill' ? `fill ${event.execId}` : event.kind))).toEqual([
      'ack',
      'fill a',
      'fill b',
      'order',
    ])
    expect(bench.of('order')).toMatchObject([{ status: 'filled', filledLots: 10 }])
    expect(bench.exchange.unknownOrders).toBe(0)
  })

  test.each([
    ['order still being processed', 110079],
    ['too many requests', 10006],
    ['clock', 10002],
  ])('a cancel refused for the moment (%s) is sent again, slowly', async (_, code) => {
    const bench = await opened()
    bench.server.onOrder = (_message, count) => ({ retCode: count < 4 ? code : 0, retMsg: '' })
    bench.cancel(1)
    await bench.run(10)
    expect(acks(bench)).toEqual([['cancel', 'accepted', 0, 'ok']])
    expect(bench.server.orders('order.cancel')).toHaveLength(4)
  })

  test('a cancel that is refused for ever ends as a refusal', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 110079, retMsg: '' })
    bench.cancel(1)
    await bench.run(30)
    expect(acks(bench)).toEqual([['cancel', 'rejected', 110079, 'retry-later']])
    expect(bench.server.orders('order.cancel').length).toBeLessThan(12)
  })

  test('a post-only order that would have taken is told as a miss, whatever the ack said', async () => {
    const bench = await opened()
    bench.place(1)
    await bench.run(0.1)
    const row = orderRow(LINK(1), { orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' })
    bench.server.push('/v5/private', { topic: 'order', data: [row] })
    await bench.run(0.1)
    expect(bench.of('order')).toMatchObject([
      { status: 'canceled', isPostOnlyMiss: true, reason: 'EC_PostOnlyWillTakeLiquidity' },
    ])
    expect(bench.exchange.counters.postOnlyMisses).toBe(1)
  })
})

describe('stream facts', () => {
  test('an execution counts once, whoever repeats it', async () => {
    const bench = await opened()
    const data = [executionRow('one'), executionRow('one')]
    bench.server.push('/v5/private', { topic: 'execution', data })
    bench.server.push('/v5/private', { topic: 'execution.linear', data })
    await bench.run(1)
    expect(bench.of('fill')).toHaveLength(1)
    expect(bench.exchange.counters.duplicateFills).toBe(3)
  })

  test('older news of an order is dropped; a fill that comes with its cancel is kept', async () => {
    const bench = await opened()
    bench.place(1)
    await bench.run(0.1)
    const rows = [
      orderRow(LINK(1), { orderStatus: 'PartiallyFilled', cumExecQty: '0.004', updatedTime: '1800000000600' }),
      orderRow(LINK(1), { orderStatus: 'New', updatedTime: '1800000000500' }),
      orderRow(LINK(1), {
        orderStatus: 'Cancelled',
        cumExecQty: '0.006',
        cancelType: 'CancelByUser',
        updatedTime: '1800000000700',
      }),
      orderRow(LINK(1), { orderStatus: 'PartiallyFilled', cumExecQty: '0.005', updatedTime: '1800000000650' }),
      orderRow(LINK(1), {
        orderStatus: 'Cancelled',
        cumExecQty: '0.006',
        cancelType: 'CancelByUser',
        updatedTime: '1800000000700',
      }),
    ]
    for (const row of rows) bench.server.push('/v5/private', { topic: 'order', data: [row] })
    await bench.run(0.1)
    expect(bench.of('order')).toMatchObject([
      { status: 'open', filledLots: 4 },
      { status: 'canceled', filledLots: 6, reason: 'CancelByUser' },
    ])
    expect(bench.exchange.counters.staleOrderMessages).toBe(3)
  })

  test.each([
    ['Funding', { kind: 'funding', amountE8: 4_944_008n }],
    ['AdlTrade', { kind: 'fill', order: 0, sizeLots: 4 }],
    ['BustTrade', { kind: 'fill', order: 0, sizeLots: 4 }],
    ['Settle', { kind: 'fill', order: 0, sizeLots: 4 }],
    ['Delivery', { kind: 'fill', order: 0, sizeLots: 4 }],
  ])('execType %s', async (execType, event) => {
    const bench = await opened()
    bench.server.push('/v5/private', { topic: 'execution', data: [executionRow('x', { execType })] })
    await bench.run(0.1)
    expect(bench.events).toMatchObject([event])
  })

  test('an execType nobody knows makes the account be read anew', async () => {
    const bench = await opened()
    bench.server.push('/v5/private', { topic: 'execution', data: [executionRow('x', { execType: 'CorporateAction' })] })
    await bench.run(1)
    expect(bench.events.map(({ kind }) => kind)).toEqual(['position'])
  })

  test('a rebate is negative, a fee finer than 1e-8 is rounded against us', async () => {
    const bench = await opened()
    const data = [executionRow('a', { execFee: '-0.00012345' }), executionRow('b', { execFee: '0.000000001' })]
    bench.server.push('/v5/private', { topic: 'execution', data })
    await bench.run(0.1)
    expect(bench.of('fill').map(({ feeE8 }) => feeE8)).toEqual([-12_345n, 1n])
  })

  test('a position our fills do not add up to is read anew', async () => {
    const bench = await opened()
    const held = positionRow({ side: 'Buy', size: '0.004', avgPrice: '61800.1', seq: 2_000 })
    bench.server.on('/v5/position/list', () => ({ result: { list: [held] } }))
    bench.server.push('/v5/private', { topic: 'position', data: [held] })
    await bench.run(5)
    expect(bench.exchange.counters.positionMismatches).toBe(1)
    expect(bench.of('position')).toMatchObject([{ positionLots: 4, costMoney: 2_472_004 }])
  })

  test('a position that comes before its fill is no mismatch', async () => {
    const bench = await opened()
    const held = positionRow({ side: 'Buy', size: '0.004', avgPrice: '61800.1', seq: 2_000 })
    bench.server.push('/v5/private', { topic: 'position', data: [held] })
    bench.server.push('/v5/private', { topic: 'execution', data: [executionRow('x', { seq: 2_000 })] })
    await bench.run(5)
    expect(bench.exchange.counters.positionMismatches).toBe(0)
  })
})

describe('no definite answer', () => {
  test('silence is ambiguous at the deadline; the order is found and never sent again', async () => {
    const bench = await opened()
    bench.server.onOrder = () => null
    bench.server.on('/v5/order/realtime', ({ orderLinkId }) => ({
      result: { list: orderLinkId === LINK(1) ? [orderRow(LINK(1))] : [] },
    }))
    bench.place(1)
    await bench.run(1.9)
    expect(bench.events).toEqual([])
    await bench.run(5)
    expect(acks(bench)).toEqual([['place', 'ambiguous', 0, 'ambiguous']])
    expect(bench.of('order')).toMatchObject([{ order: 1, status: 'open', priceTicks: 618_001 }])
    expect(bench.server.orders('order.create')).toHaveLength(1)
    expect(bench.exchange.unknownOrders).toBe(0)
  })

  test('absence proves nothing before the order could no longer arrive', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 10016, retMsg: '' })
    bench.place(1)
    await bench.run(4.9)
    expect(bench.of('order')).toEqual([])
    expect(bench.exchange.unknownOrders).toBe(1)
    await bench.run(6)
    expect(bench.of('order')).toMatchObject([{ order: 1, status: 'neverLanded', reason: 'absent' }])
    expect(bench.exchange.counters.ordersNeverLanded).toBe(1)
  })

  test('cancelling again and again does not put off finding out', async () => {
    const bench = await opened()
    bench.server.onOrder = ({ op }) => (op === 'order.create' ? null : { retCode: 110001, retMsg: 'gone' })
    bench.place(1)
    for (let i = 0; i < 50; i++) {
      await bench.run(0.2)
      bench.cancel(1)
    }
    expect(bench.of('order')).toMatchObject([{ status: 'neverLanded' }])
  })

  test('a cancel without an answer, of an order that stays open, is settled when it can no longer arrive', async () => {
    const bench = await opened()
    bench.place(1)
    await bench.run(0.1)
    bench.server.onOrder = () => null
    bench.server.on('/v5/order/realtime', () => ({ result: { list: [orderRow(LINK(1))] } }))
    bench.cancel(1)
    await bench.run(12)
    expect(bench.exchange.unknownOrders).toBe(1)
    await bench.run(6)
    expect(bench.exchange.unknownOrders).toBe(0)
    expect(bench.of('order').at(-1)).toMatchObject({ status: 'open' })
  })

  test('an order that shows up late in history is believed', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 10016, retMsg: '' })
    const canceled = orderRow(LINK(1), { orderStatus: 'Cancelled', cancelType: 'CancelByUser' })
    bench.server.on('/v5/order/history', (_, count) => ({ result: { list: count < 5 ? [] : [canceled] } }))
    bench.place(1)
    await bench.run(20)
    expect(bench.of('order')).toMatchObject([{ status: 'canceled', reason: 'CancelByUser' }])
  })

  test('nothing is concluded while reads fail', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 10016, retMsg: '' })
    bench.server.on('/v5/order/realtime', () => 'reset')
    bench.place(1)
    await bench.run(120)
    expect(bench.of('order')).toEqual([])
    expect(bench.exchange.unknownOrders).toBe(1)
    bench.server.on('/v5/order/realtime', () => ({ result: { list: [] } }))
    await bench.run(30)
    expect(bench.of('order')).toMatchObject([{ status: 'neverLanded' }])
  })

  test('an execution to its name keeps an absent order alive', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 10016, retMsg: '' })
    bench.server.on('/v5/execution/list', () => ({ result: { list: [executionRow('x', { orderLinkId: LINK(1) })] } }))
    bench.place(1)
    await bench.run(30)
    expect(bench.of('fill')).toHaveLength(1)
    expect(bench.of('order')).toEqual([])
  })

  test('the stream settles a doubt at once', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ retCode: 10016, retMsg: '' })
    bench.place(1)
    await bench.run(0.5)
    bench.server.push('/v5/private', { topic: 'order', data: [orderRow(LINK(1))] })
    await bench.run(0.5)
    expect(bench.of('order')).toMatchObject([{ status: 'open' }])
    expect(bench.exchange.unknownOrders).toBe(0)
  })

  test('a hundred doubts at once are looked into at a measured pace', async () => {
    const bench = await opened({ ordersPerSecond: 200 })
    bench.server.onOrder = () => null
    for (let order = 1; order <= 100; order++) bench.place(order)
    await bench.run(2.1)
    const before = bench.server.requests.length
    await bench.run(10)
    expect(bench.server.requests.length - before).toBeLessThan(400)
    await bench.run(60)
    expect(bench.of('order').filter(({ status }) => status === 'neverLanded')).toHaveLength(100)
  })

  test('a socket that drops makes what is in flight ambiguous', async () => {
    const bench = await opened()
    bench.server.onOrder = () => null
    bench.place(1)
    bench.cancel(2)
    await bench.run(0.1)
    bench.server.drop('/v5/trade')
    await bench.run(1)
    expect(acks(bench)).toEqual([
      ['place', 'ambiguous', 0, 'ambiguous'],
      ['cancel', 'ambiguous', 0, 'ambiguous'],
    ])
  })

  test('10019 means a new connection; acks without a request id are counted and the deadline decides', async () => {
    const bench = await opened()
    bench.server.onOrder = () => ({ reqId: undefined, retCode: 10019, retMsg: 'restart' })
    bench.place(1)
    await bench.run(3)
    expect(acks(bench)).toEqual([['place', 'ambiguous', 0, 'ambiguous']])
    expect(bench.exchange.counters.acksUnmatched).toBe(1)
    expect(bench.server.counts.get('/v5/trade')).toBe(2)
  })

  test('a socket that answers nothing is replaced', async () => {
    const bench = await opened()
    bench.server.onOrder = () => null
    for (let order = 1; order <= 3; order++) bench.place(order)
    await bench.run(5)
    expect(bench.server.counts.get('/v5/trade')).toBe(2)
  })

  test('HTTP 403 silences REST for ten minutes', async () => {
    const bench = await opened({ orderEntry: 'rest' })
    bench.server.on('/v5/order/cancel', () => ({ status: 403, headers: {}, body: '<html>blocked</html>' }))
    bench.cancel(1)
    await bench.run(1)
    const before = bench.server.requests.length
    bench.cancel(2)
    await bench.run(500)
    expect(bench.server.requests).toHaveLength(before)
    expect(bench.exchange.counters.bans).toBe(1)
    // The cancel waits for its turn: it goes out when the window is over.
    await bench.run(115)
    expect(bench.server.requests.slice(before).map(({ target }) => target)).toContain('/v5/order/cancel')
  })
})

describe('rate budget', () => {
  test('creates beyond the budget are shed here, cancels pass', async () => {
    const bench = await opened({ ordersPerSecond: 10 })
    for (let order = 1; order <= 15; order++) bench.place(order)
    for (let order = 1; order <= 15; order++) bench.cancel(order)
    await bench.run(0.5)
    expect(bench.server.orders('order.create')).toHaveLength(10)
    expect(bench.server.orders('order.cancel')).toHaveLength(15)
    const shed = bench.of('ack').filter(({ action }) => action === 'retry-after')
    expect(shed.map(({ order, result }) => [order, result])).toEqual(
      [11, 12, 13, 14, 15].map((order) => [order, 'rejected']),
    )
    expect(bench.exchange.counters.requestsShed).toBe(5)
  })

  test('the account’s limit is learned from the acks', async () => {
    const bench = await opened({ ordersPerSecond: 1 })
    bench.server.onOrder = () => ({ retCode: 0, header: { 'X-Bapi-Limit': '20', 'X-Bapi-Limit-Status': '19' } })
    bench.place(1)
    await bench.run(0.1)
    for (let order = 2; order <= 30; order++) bench.place(order)
    await bench.run(0.1)
    expect(bench.server.orders('order.create')).toHaveLength(20)
  })

  test('after 10006 to a cancel no cancel leaves before the reset, then each order’s leaves once', async () => {
    const bench = await opened()
    const resetMs = bench.server.nowMs() + 700
    const header = { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': `${resetMs}` }
    bench.server.onOrder = (_message, count) => (count > 1 ? { retCode: 0 } : { retCode: 10006, header })
    bench.cancel(1)
    await bench.run(0.1)
    for (const order of [1, 2, 2, 3]) bench.cancel(order)
    await bench.run(0.5)
    expect(bench.server.orders('order.cancel')).toHaveLength(1)
    await bench.run(1)
    expect(bench.server.orders('order.cancel')).toHaveLength(4)
    expect(acks(bench).map(([, result]) => result)).toEqual(['accepted', 'accepted', 'accepted'])
  })

  test('after 10006 no create leaves before the reset', async () => {
    const bench = await opened()
    const resetMs = bench.server.nowMs() + 700
    bench.server.onOrder = (_message, count) =>
      count > 1
        ? { retCode: 0 }
        : {
            retCode: 10006,
            header: { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': `${resetMs}` },
          }
    bench.place(1)
    for (let order = 2; order < 40; order++) {
      await bench.run(0.05)
      bench.place(order)
      const sent = bench.server.orders('order.create').length
      if (bench.server.nowMs() < resetMs - 1) expect(sent).toBe(1)
    }
    await bench.run(1)
    expect(bench.server.orders('order.create').length).toBeGreaterThan(1)
  })
})
