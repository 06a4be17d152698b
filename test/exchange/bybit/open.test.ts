/** Coming up, staying up and coming back: the order of things at start, gaps, silence, refusals, reconnects. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { symbolId } from '../../../src/core/domain/units.ts'
import { MmError } from '../../../src/core/errors.ts'
import { Bench, bookFrame, executionRow, instrumentRow, key, LINK, orderRow, positionRow } from './scripted-exchange.ts'

const links = (bench: Bench) =>
  bench.of('link').map(({ link, symbol, state }) => `${link}${symbol === null ? '' : symbol} ${state}`)

describe('start', () => {
  test('the account is subscribed, then read, then told; only then come market and order entry', async () => {
    const bench = new Bench()
    await bench.open()
    expect(links(bench)[0]).toBe('account up')
    expect(new Set(links(bench))).toEqual(new Set(['account up', 'trade up', 'market up']))
    const kinds = bench.events.map(({ kind }) => kind)
    expect(kinds[0]).toBe('position')
    const sockets = bench.server.frames.map(({ path, message }) => `${path} ${String(message['op'])}`)
    expect(sockets.slice(0, 2)).toEqual(['/v5/private auth', '/v5/private subscribe'])
    expect(sockets.indexOf('/v5/public/linear subscribe')).toBeGreaterThan(sockets.lastIndexOf('/v5/private subscribe'))
    expect(bench.server.paths().indexOf('/v5/position/list')).toBeGreaterThan(0)
  })

  test('one topic per request, each once', async () => {
    const bench = new Bench()
    await bench.open({}, ['BTCUSDT', 'ETHUSDT'])
    const topics = bench.server.frames
      .filter(({ message }) => message['op'] === 'subscribe')
      .map(({ message }) => message['args'])
    expect(topics.every((args) => Array.isArray(args) && args.length === 1)).toBe(true)
    const account = ['execution', 'order', 'position', 'wallet']
    const market = ['BTCUSDT', 'ETHUSDT'].flatMap((s) => [`orderbook.1.${s}`, `orderbook.50.${s}`, `publicTrade.${s}`])
    expect(topics).toHaveLength(account.length + market.length)
    expect(new Set(topics.flat())).toEqual(new Set([...account, ...market]))
  })

  test('open orders of every page are told, foreign ones are not', async () => {
    const bench = new Bench()
    bench.server.on('/v5/order/realtime', ({ cursor }) => {
      const [list, nextPageCursor] =
        cursor === undefined
          ? [[orderRow(LINK(1)), orderRow('someone-else')], 'a%3D1%26b%3A2']
          : [[orderRow(LINK(2)), orderRow(LINK(1))], '']
      return { result: { list, nextPageCursor } }
    })
    await bench.open()
    expect(bench.of('order').map(({ order, status }) => `${order} ${status}`)).toEqual(['1 open', '2 open'])
    // The cursor's own escapes are escaped again, as the exchange expects of a normal encoder.
    expect(bench.server.requests.some(({ target }) => target.includes('cursor=a%253D1%2526b%253A2'))).toBe(true)
  })

  test('a listing that repeats its cursor is an error, not an end', async () => {
    const bench = new Bench()
    const exchange = await bench.open()
    bench.server.on('/v5/order/realtime', () => ({ result: { list: [orderRow('x')], nextPageCursor: 'again' } }))
    const asked = exchange.openOrders()
    await expect(bench.network.complete(asked, bench.network.nowUs() + 60e6)).rejects.toMatchObject({
      code: 'EXCHANGE_UNREACHABLE',
    })
  })

  test('fills that the position already contains are not told; later ones are, after it', async () => {
    const bench = new Bench()
    bench.server.on('/v5/position/list', () => {
      // Two executions arrive while the account is being read.
      const data = [executionRow('old', { seq: 900 }), executionRow('new', { seq: 901 })]
      bench.server.push('/v5/private', { topic: 'execution', data })
      const held = positionRow({ side: 'Sell', size: '0.100', avgPrice: '61800.15', seq: 900 })
      return { result: { list: [held] } }
    })
    await bench.open()
    const told = bench.events.filter(({ kind }) => kind === 'position' || kind === 'fill')
    expect(told).toMatchObject([
      { kind: 'position', positionLots: -100, costMoney: -61_800_150 },
      { kind: 'fill', execId: 'new', sizeLots: 4, feeE8: 4_944_008n, isMaker: true },
    ])
  })

  test.each([
    ['unknown symbol', '/v5/market/instruments-info', { list: [] }, 'SYMBOL_UNKNOWN'],
    [
      'not trading',
      '/v5/market/instruments-info',
      { list: [{ ...instrumentRow('BTCUSDT'), status: 'PreLaunch' }] },
      'SYMBOL_UNTRADABLE',
    ],
    [
      'being delisted',
      '/v5/market/instruments-info',
      { list: [{ ...instrumentRow('BTCUSDT'), deliveryTime: '1800000000000' }] },
      'SYMBOL_UNTRADABLE',
    ],
    [
      'no tick size',
      '/v5/market/instruments-info',
      { list: [{ ...instrumentRow('BTCUSDT'), priceFilter: {} }] },
      'SYMBOL_UNTRADABLE',
    ],
    ['no fee rate', '/v5/account/fee-rate', { list: [] }, 'SYMBOL_UNTRADABLE'],
  ])('%s is refused by name', async (_, path, result, code) => {
    const bench = new Bench()
    bench.server.on(path, () => ({ result }))
    await expect(bench.make()).rejects.toMatchObject({ code })
  })

  test.each([
    ['read-only key', '/v5/user/query-api', { result: { readOnly: 1 } }, 'EXCHANGE_AUTH'],
    ['key refused', '/v5/user/query-api', { code: 10003 }, 'EXCHANGE_AUTH'],
    ['account banned', '/v5/user/query-api', { code: 10027 }, 'EXCHANGE_ACCOUNT'],
    [
      'hedge mode',
      '/v5/position/list',
      { result: { list: [positionRow({ positionIdx: 1 }), positionRow({ positionIdx: 2 })] } },
      'EXCHANGE_ACCOUNT_MODE',
    ],
    [
      'an HTML page with status 200',
      '/v5/user/query-api',
      { status: 200, headers: {}, body: '<html>' },
      'EXCHANGE_UNREACHABLE',
    ],
    [
      'a retCode that is text',
      '/v5/user/query-api',
      { status: 200, headers: {}, body: '{"retCode":"0"}' },
      'EXCHANGE_UNREACHABLE',
    ],
  ])('%s ends the start by name', async (_, path, answer, code) => {
    const bench = new Bench()
    bench.server.on(path, () => answer)
    await expect(bench.open()).rejects.toMatchObject({ code })
  })

  test('a topic the exchange does not know ends the start', async () => {
    const bench = new Bench()
    bench.server.onSubscribe = (topic) => ({
      success: !topic.startsWith('orderbook.50'),
      ret_msg: 'error:handler not found',
    })
    bench.server.hasBooks = false
    await expect(bench.open()).rejects.toMatchObject({
      code: 'SUBSCRIPTION_REFUSED',
      params: { topic: 'orderbook.50.BTCUSDT' },
    })
  })

  test.each([
    ['private', '/v5/private', { success: false, ret_msg: 'Params Error', op: 'auth' }],
    ['order entry', '/v5/trade', { retCode: 10004, retMsg: 'error sign! origin_string[testkey1]', op: 'auth' }],
  ])('a refused login on the %s socket is seen and ends the run', async (_, refused, ack) => {
    const bench = new Bench()
    const accepted = bench.server.onAuth
    bench.server.onAuth = (path) => (path === refused ? ack : accepted(path))
    await expect(bench.open()).rejects.toMatchObject({ code: 'EXCHANGE_AUTH' })
    expect(bench.fatal).toHaveLength(1)
    expect(bench.fatal[0]?.message).not.toContain('testkey')
  })

  const window = { state: 'ongoing', title: 'upgrade', end: '1800003600000', product: [1], uidSuffix: [] }
  test.each([
    ['ours', {}],
    ['of no named product', { product: [] }],
    ['without an end', { end: '' }],
  ])('announced maintenance %s ends the start', async (_, fields) => {
    const bench = new Bench()
    bench.server.on('/v5/system/status', () => ({ result: { list: [{ ...window, ...fields }] } }))
    await expect(bench.open()).rejects.toMatchObject({
      code: 'EXCHANGE_MAINTENANCE',
      message: expect.stringMatching(/until (2027-01-15T09:00:00.000Z|further notice): upgrade/),
    })
  })

  test.each([
    ['of spot', { product: [2] }],
    ['of other accounts', { uidSuffix: [3] }],
    ['that is planned', { state: 'scheduled' }],
  ])('announced maintenance %s stops nobody', async (_, fields) => {
    const bench = new Bench()
    bench.server.on('/v5/system/status', () => ({ result: { list: [{ ...window, ...fields }] } }))
    await bench.open()
    expect(links(bench)).toContain('trade up')
  })

  test('first reads that fail during announced maintenance are explained by it', async () => {
    const bench = new Bench()
    bench.server.on('/v5/system/status', () => ({ result: { list: [window] } }))
    bench.server.on('/v5/market/instruments-info', () => ({ code: 10_016 }))
    await expect(bench.make()).rejects.toMatchObject({ code: 'EXCHANGE_MAINTENANCE' })
  })

  test('an exchange that cannot be reached ends the start with its reason', async () => {
    const bench = new Bench()
    bench.server.on('/v5/user/query-api', () => 'reset')
    await expect(bench.open()).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
  })
})

test('neither key nor secret shows in the adapter, its errors, or what they were caused by', async () => {
  const bench = new Bench()
  const exchange = await bench.open()
  const hidden = new RegExp(`${key.apiKey.reveal()}|${key.secret.reveal()}`)
  expect(inspect(exchange, { depth: 30 })).not.toMatch(hidden)
  for (const answer of ['reset', { code: 10004 }, { status: 500, headers: {}, body: key.apiKey.reveal() }] as const) {
    bench.server.on('/v5/order/realtime', () => answer)
    const caught: unknown = await bench.network
      .complete(exchange.openOrders(), bench.network.nowUs() + 60e6)
      .catch((error: unknown) => error)
    expect(caught).toBeInstanceOf(MmError)
    expect(inspect(caught, { depth: 30 })).not.toMatch(hidden)
  }
})

describe('market data', () => {
  test('a hole in the update ids is a gap, then a fresh snapshot', async () => {
    const bench = new Bench()
    await bench.open()
    bench.forget()
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 101, type: 'delta' }))
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 103, type: 'delta' }))
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 104, type: 'delta' }))
    await bench.run(1)
    expect(bench.events.map((event) => (event.kind === 'book' ? `book ${event.updateId}` : event.kind))).toEqual([
      'book 101',
      'link',
      'book 100',
      'link',
    ])
    expect(links(bench)).toEqual(['market0 gap', 'market0 up'])
    expect(bench.exchange.counters.bookGaps).toBe(1)
  })

  test('a snapshot may come at any time, and u = 1 is one', async () => {
    const bench = new Bench()
    await bench.open()
    bench.forget()
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 7 }))
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 8, type: 'delta' }))
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 1, type: 'delta' }))
    await bench.run(1)
    expect(bench.of('book').map(({ updateId, isSnapshot }) => [updateId, isSnapshot])).toEqual([
      [7, true],
      [8, false],
      [1, true],
    ])
    expect(links(bench)).toEqual([])
  })

  test.each([
    ['not JSON', 'hello'],
    ['truncated', bookFrame('BTCUSDT', { u: 101 }).slice(0, 80)],
    ['10 MB', `{"topic":"orderbook.50.BTCUSDT","x":"${'y'.repeat(1e7)}"}`],
    ['nested 100,000 deep', `{"topic":"orderbook.50.BTCUSDT","data":${'['.repeat(1e5)}${']'.repeat(1e5)}}`],
  ])('a frame that is %s is dropped, counted and resynced', async (_, frame) => {
    const bench = new Bench()
    await bench.open()
    bench.forget()
    bench.server.push('/v5/public/linear', frame)
    await bench.run(1)
    expect(links(bench)).toEqual(['market0 gap', 'market0 up'])
    expect(bench.exchange.counters.framesDropped).toBe(1)
  })

  test('a feed that only answers pings is found dead by the age of its data', async () => {
    const bench = new Bench()
    await bench.open({ staleAfterMs: 10_000 })
    bench.forget()
    await bench.run(20)
    expect(bench.exchange.counters.staleFeeds).toBeGreaterThan(0)
    expect(links(bench).slice(0, 2)).toEqual(['market down', 'market up'])
  })

  test('level 1 alone keeps a quiet book alive', async () => {
    const bench = new Bench()
    await bench.open({ staleAfterMs: 10_000 })
    bench.forget()
    for (let i = 0; i < 20; i++) {
      bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 100 }).replace('orderbook.50', 'orderbook.1'))
      await bench.run(3)
    }
    expect(links(bench)).toEqual([])
    expect(bench.exchange.counters.staleFeeds).toBe(0)
  })

  test('one silent symbol among others is resynced alone', async () => {
    const bench = new Bench()
    await bench.open({ staleAfterMs: 10_000 }, ['BTCUSDT', 'ETHUSDT'])
    bench.forget()
    for (let i = 0; i < 5; i++) {
      bench.server.push('/v5/public/linear', bookFrame('ETHUSDT', { u: 100 + i }))
      await bench.run(3)
    }
    expect(links(bench)).toEqual(['market0 gap', 'market0 up'])
  })

  test('the runtime may ask for a fresh book', async () => {
    const bench = new Bench()
    await bench.open()
    bench.forget()
    bench.exchange.resync(symbolId(0))
    await bench.run(1)
    expect(links(bench)).toEqual(['market0 gap', 'market0 up'])
  })
})

describe('reconnect', () => {
  test('what happened meanwhile is told before the link is up again', async () => {
    const bench = new Bench()
    await bench.open()
    bench.place(1)
    await bench.run(1)
    bench.server.push('/v5/private', { topic: 'order', data: [orderRow(LINK(1))] })
    await bench.run(1)
    bench.forget()
    const filled = orderRow(LINK(1), { orderStatus: 'Filled', cumExecQty: '0.010', updatedTime: '1800000002000' })
    const fill = executionRow('missed', { orderLinkId: LINK(1), execQty: '0.010', seq: 950, execTime: '1800000002000' })
    bench.server.on('/v5/execution/list', () => ({ result: { list: [fill], nextPageCursor: '' } }))
    bench.server.on('/v5/order/history', () => ({ result: { list: [filled] } }))
    bench.server.on('/v5/position/list', () => ({
      result: { list: [positionRow({ side: 'Buy', size: '0.010', avgPrice: '61800.1', seq: 950 })] },
    }))
    bench.server.drop('/v5/private')
    await bench.run(3)
    expect(bench.events.map((event) => (event.kind === 'link' ? `account ${event.state}` : event.kind))).toEqual([
      'account down',
      'fill',
      'position',
      'account up',
      'order',
    ])
    expect(bench.of('fill')).toMatchObject([{ order: 1, execId: 'missed' }])
    expect(bench.of('order')).toMatchObject([{ order: 1, status: 'filled' }])
  })

  test('pauses grow, and nobody hammers a server that throws connections out', async () => {
    const bench = new Bench()
    await bench.open()
    const before = bench.server.counts.get('/v5/private') ?? 0
    bench.server.onAuth = () => null
    bench.server.drop('/v5/private')
    await bench.run(300)
    const tries = (bench.server.counts.get('/v5/private') ?? 0) - before
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(20)
  })

  test('a half-open private socket is given up within ping and grace', async () => {
    const bench = new Bench()
    await bench.open()
    for (const connection of bench.server.connections) {
      if (connection.path === '/v5/private') connection.message = () => {}
    }
    bench.forget()
    await bench.run(60)
    expect(links(bench).filter((link) => link.startsWith('account'))).toEqual(['account down', 'account up'])
  })

  test('an unreadable private frame means a full resync', async () => {
    const bench = new Bench()
    await bench.open()
    bench.forget()
    bench.server.push('/v5/private', '{"topic":"execution","data":[{')
    await bench.run(3)
    expect(links(bench)).toEqual(['account down', 'account up'])
    expect(bench.exchange.counters.resyncs).toBe(2)
  })

  test('nothing is told after close', async () => {
    const bench = new Bench()
    const exchange = await bench.open()
    await exchange.close()
    bench.forget()
    bench.server.push('/v5/public/linear', bookFrame('BTCUSDT', { u: 101 }))
    await bench.run(60)
    expect(bench.events).toEqual([])
    expect(bench.server.connections.size).toBe(0)
  })
})
