/** Private streams against the ledger: the messages of one fill agree with each other, with REST and with the truth. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { byText, type Client, Listener, rig, type Rig, type Row, stillMarkets } from './harness.ts'

const RUNS = process.env['MM_VERIFY'] === '1' ? 100 : 4
const LIMIT = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61790' }
const CREATE = '/v5/order/create'

async function account(world: Rig, topics: readonly string[] = ['order', 'execution', 'position', 'wallet']) {
  const listener = new Listener(world, '/v5/private')
  expect(await listener.auth()).toMatchObject({ success: true, op: 'auth' })
  expect(await listener.say({ op: 'subscribe', args: topics }, 50_000)).toMatchObject({ success: true })
  return listener
}

const rows = (listener: Listener, topic: string): Row[] => listener.of(topic).flatMap((frame) => frame['data'] as Row[])
const sum = (values: readonly unknown[]): number => values.reduce<number>((total, one) => total + Number(one), 0)
const e8 = (text: unknown): bigint => {
  const [whole = '0', fraction = ''] = String(text).replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(8, '0'))
  return String(text).startsWith('-') ? -value : value
}

test('one market order: order, executions, position and wallet tell the same', async () => {
  const world = rig({ markets: stillMarkets() })
  const listener = await account(world)
  await world.client.post(CREATE, { ...LIMIT, orderType: 'Market', qty: '2.5', orderLinkId: 'taker-1' })
  await world.client.run(10_000)
  const executions = rows(listener, 'execution')
  const [order] = rows(listener, 'order')
  const position = rows(listener, 'position').at(-1)
  const coins = rows(listener, 'wallet').at(-1)?.['coin'] as Row[]
  expect(executions.map((one) => [one['execQty'], one['execPrice']])).toEqual([
    ['1.000', '61800.1'],
    ['1.500', '61800.2'],
  ])
  expect(order).toMatchObject({ orderStatus: 'Filled', cumExecQty: '2.500', leavesQty: '0.000', avgPrice: '61800.16' })
  expect(sum(executions.map((one) => one['execFee']))).toBeCloseTo(Number(order?.['cumExecFee']), 8)
  expect(sum(executions.map((one) => one['execValue']))).toBeCloseTo(Number(order?.['cumExecValue']), 8)
  expect(position).toMatchObject({ side: 'Buy', size: '2.500', entryPrice: '61800.16', seq: executions[1]?.['seq'] })
  const paid = e8('1000000') - e8(order?.['cumExecFee'])
  expect(e8(coins.find((coin) => coin['coin'] === 'USDT')?.['walletBalance'])).toBe(paid)
  expect(listener.of('execution')).toHaveLength(1)
})

test('a create, an amend and a cancel each push the position, changed or not', async () => {
  const world = rig({ markets: stillMarkets() })
  await world.client.post(CREATE, { ...LIMIT, orderType: 'Market', qty: '0.1' })
  const listener = await account(world, ['position'])
  const ids = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'one' }
  const counts: number[] = []
  for (const [path, body] of [
    [CREATE, { ...LIMIT, orderLinkId: 'one' }],
    ['/v5/order/amend', { ...ids, price: '61780' }],
    ['/v5/order/cancel', ids],
  ] as const) {
    await world.client.post(path, body)
    await world.client.run(1_000)
    counts.push(rows(listener, 'position').length)
  }
  expect(counts).toEqual([1, 2, 3])
})

test('per-category and fast topics carry their own', async () => {
  const world = rig({ markets: stillMarkets() })
  const listener = await account(world, ['order.linear', 'execution.fast', 'order.spot'])
  await world.client.post(CREATE, { ...LIMIT, orderType: 'Market', qty: '0.1', orderLinkId: 'quick' })
  await world.client.post(CREATE, { ...LIMIT, category: 'spot', price: '61000' })
  await world.client.run(10_000)
  expect(rows(listener, 'order.linear').map((row) => row['orderStatus'])).toEqual(['Filled'])
  expect(rows(listener, 'order.spot').map((row) => row['orderStatus'])).toEqual(['New'])
  const [fast] = rows(listener, 'execution.fast')
  expect(fast).toMatchObject({ orderLinkId: 'quick', isMaker: false, execQty: '0.100' })
  expect(Object.keys(listener.of('execution.fast')[0] ?? {})).toEqual(['topic', 'creationTime', 'data'])
})

test('post-only that would cross is acknowledged, then cancelled by the stream', async () => {
  const world = rig({ markets: stillMarkets() })
  const listener = await account(world)
  const answer = await world.client.post(CREATE, { ...LIMIT, price: '61805', timeInForce: 'PostOnly' })
  await world.client.run(10_000)
  expect(answer.code).toBe(0)
  expect(rows(listener, 'order').at(-1)).toMatchObject({
    orderStatus: 'Cancelled',
    rejectReason: 'EC_PostOnlyWillTakeLiquidity',
    cumExecQty: '0.000',
  })
})

test('stream and ack come on legs of their own: a fill may overtake its ack', async () => {
  const overtaken: boolean[] = []
  for (let seed = 1; seed <= 12; seed++) {
    const world = rig({ seed, markets: stillMarkets(), isInstant: false, ackLatencyUs: 950 })
    const listener = await account(world)
    await world.client.run(20_000)
    const answer = await world.client.post(CREATE, { ...LIMIT, orderType: 'Market', qty: '0.1' })
    expect(answer.code).toBe(0)
    overtaken.push(rows(listener, 'execution').length > 0)
    await world.client.run(100_000)
    expect(rows(listener, 'execution')).toHaveLength(1)
  }
  expect(new Set(overtaken)).toEqual(new Set([true, false]))
})

describe('a random session', () => {
  const command = fc.record({
    kind: fc.constantFrom('limit', 'market', 'postOnly', 'cancel', 'amend'),
    side: fc.constantFrom('Buy', 'Sell'),
    lots: fc.integer({ min: 1, max: 400 }),
    away: fc.integer({ min: -30, max: 30 }),
    waitUs: fc.integer({ min: 0, max: 80_000 }),
  })

  test('streams, REST and truth agree when it is over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e9 }),
        fc.array(command, { minLength: 10, maxLength: 40 }),
        async (seed, commands) => {
          const world = rig({ seed, symbols: ['BTCUSDT'], isInstant: false })
          const listener = await account(world)
          await world.client.run(100_000)
          for (const [i, one] of commands.entries()) await act(world.client, one, i)
          await world.client.run(300_000)
          await world.client.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' })
          await world.client.run(300_000)
          await agree(world, listener)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

interface Command {
  readonly kind: string
  readonly side: string
  readonly lots: number
  readonly away: number
  readonly waitUs: number
}

async function act(client: Client, { kind, side, lots, away, waitUs }: Command, index: number): Promise<void> {
  const qty = (lots / 1_000).toFixed(3)
  const price = (61_800 + away / 10).toFixed(1)
  const target = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: `r${index - 1}` }
  if (kind === 'cancel') await client.post('/v5/order/cancel', target)
  else if (kind === 'amend') await client.post('/v5/order/amend', { ...target, price })
  else {
    const timeInForce = kind === 'postOnly' ? 'PostOnly' : 'GTC'
    const orderType = kind === 'market' ? 'Market' : 'Limit'
    await client.post(CREATE, { ...LIMIT, side, qty, price, orderType, timeInForce, orderLinkId: `r${index}` })
  }
  await client.run(waitUs)
}

async function agree(world: Rig, listener: Listener): Promise<void> {
  const executions = rows(listener, 'execution')
  const truth = JSON.parse((await world.client.get('/sim/truth', '', null)).body)
  const account = truth.accounts.find(({ uid }: { uid: string }) => uid === DEFAULT_UID)
  expect(account.openOrders).toEqual([])
  expect(executions.map((one) => one['execId'])).toEqual(account.executions.map((one: Row) => one['execId']))
  // Order rows: the last of each order counts its executions exactly.
  const last = new Map(rows(listener, 'order').map((row) => [row['orderId'], row]))
  for (const [orderId, row] of last) {
    const own = executions.filter((one) => one['orderId'] === orderId)
    expect(sum(own.map((one) => one['execQty']))).toBeCloseTo(Number(row['cumExecQty']), 6)
    expect(own.reduce((total, one) => total + e8(one['execFee']), 0n)).toBe(e8(row['cumExecFee']))
  }
  const signed = sum(executions.map((one) => Number(one['execQty']) * (one['side'] === 'Buy' ? 1 : -1)))
  const size = sum(account.positions.map((one: Row) => one['size']))
  expect(signed).toBeCloseTo(size, 6)
  const fees = executions.reduce((total, one) => total + e8(one['execFee']), 0n)
  const pnl = executions.reduce((total, one) => total + e8(one['execPnl']), 0n)
  expect(e8(account.wallet.USDT)).toBe(e8('1000000') - fees + pnl)
  const listed = await world.client.get('/v5/execution/list', 'category=linear&limit=100')
  // The order of rows of one millisecond is not defined.
  const told = executions.slice(-100).map((one) => one['execId'])
  expect(listed.list.map((row) => row['execId']).toSorted(byText)).toEqual(told.toSorted(byText))
}
