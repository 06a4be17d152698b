/** Executions, closed profit, order stream and transaction log tell one story of each fill, flips and sweeps included. */
import { expect, test } from 'vitest'
import { type Client, Listener, rig, type Row, stillMarkets } from './harness.ts'

const e8 = (text: unknown): bigint => {
  const [whole = '0', part = ''] = String(text).replace('-', '').split('.')
  const value = BigInt(whole) * 100_000_000n + BigInt(part.padEnd(8, '0').slice(0, 8))
  return String(text).startsWith('-') ? -value : value
}
const total = (rows: readonly Row[], key: string): bigint => rows.reduce((sum, row) => sum + e8(row[key]), 0n)

function trader(client: Client, at: { readonly category: string; readonly symbol: string }) {
  return async (side: 'Buy' | 'Sell', qty: string): Promise<void> => {
    const reply = await client.post('/v5/order/create', {
      ...at,
      side,
      qty,
      orderType: 'Market',
      marketUnit: 'baseCoin',
    })
    expect(reply.json).toMatchObject({ retCode: 0 })
    await client.run(10_000)
  }
}

const log = async (client: Client, query: string): Promise<Row[]> =>
  (await client.get('/v5/account/transaction-log', `limit=50&${query}`)).list

test.each([
  ['linear', 'BTCUSDT', '0.500', ['1.5', '3.5', '1.5']],
  ['inverse', 'BTCUSD', '500', ['1500', '3500', '1500']],
] as const)('%s: open, sweep through flat, close', async (category, symbol, rest, [open, flip, close]) => {
  const world = rig({ markets: stillMarkets() })
  const { client } = world
  const listener = new Listener(world, '/v5/private')
  await listener.auth()
  await listener.say({ op: 'subscribe', args: ['order'] })
  const trade = trader(client, { category, symbol })
  await trade('Buy', open)
  await trade('Sell', flip)
  await trade('Buy', close)
  const executions = (await client.get('/v5/execution/list', `category=${category}`)).list
  const pnl = (await client.get('/v5/position/closed-pnl', `category=${category}`)).list
  const { list: positions } = await client.get('/v5/position/list', `category=${category}&symbol=${symbol}`)
  expect(positions).toMatchObject([{ side: 'Sell', size: rest }])

  // One row per closing order; its parts are those of its executions.
  expect(pnl).toHaveLength(2)
  for (const row of pnl) {
    const own = executions.filter((one) => one['orderId'] === row['orderId'])
    expect(total(own, 'closedSize')).toBe(e8(row['closedSize']))
    expect(Number(row['fillCount'])).toBe(
      own.filter((one) => one['closedSize'] !== '0' && e8(one['closedSize']) > 0n).length,
    )
    const pushed = listener.of('order').flatMap((frame) => frame['data'] as Row[])
    const last = pushed.findLast((one) => one['orderId'] === row['orderId'])
    expect(last?.['closedPnl']).toBe(row['closedPnl'])
    const gross = (e8(row['cumExitValue']) - e8(row['cumEntryValue'])) * (row['side'] === 'Sell' ? 1n : -1n)
    const sign = category === 'inverse' ? -1n : 1n
    expect(e8(row['closedPnl'])).toBe(sign * gross - e8(row['openFee']) - e8(row['closeFee']))
  }
  expect(pnl.map((row) => e8(row['closedSize']))).toEqual([e8(close), e8(open)])
  // Every fee belongs to a closing, or to what is still open.
  expect(total(pnl, 'openFee') + total(pnl, 'closeFee')).toBeLessThan(total(executions, 'execFee'))

  // The log: each row's balance is the one before it plus its change, and ends where the wallet is.
  const rows = (await log(client, `category=${category}`)).toReversed()
  expect(rows).toHaveLength(executions.length)
  for (const [index, row] of rows.entries()) {
    const before = index === 0 ? null : e8(rows[index - 1]?.['cashBalance'])
    if (before !== null) expect(e8(row['cashBalance'])).toBe(before + e8(row['change']))
  }
  expect(rows.at(-1)).toMatchObject({ size: `-${rest}` })
  const coin = category === 'inverse' ? 'BTC' : 'USDT'
  const wallet = await client.get('/v5/account/wallet-balance', `accountType=UNIFIED&coin=${coin}`)
  expect(wallet.list[0]?.['coin']).toMatchObject([{ walletBalance: rows.at(-1)?.['cashBalance'] }])
})

test('an inverse position shows the price it was opened at, however small', async () => {
  const { client } = rig({ markets: stillMarkets() })
  await trader(client, { category: 'inverse', symbol: 'BTCUSD' })('Buy', '1')
  const [execution] = (await client.get('/v5/execution/list', 'category=inverse')).list
  const [position] = (await client.get('/v5/position/list', 'category=inverse&symbol=BTCUSD')).list
  expect(Number(position?.['avgPrice'])).toBe(Number(execution?.['execPrice']))
})

test('a spot trade moves two coins, and the log says both', async () => {
  const { client } = rig({ markets: stillMarkets() })
  await trader(client, { category: 'spot', symbol: 'BTCUSDT' })('Buy', '0.0005')
  const rows = await log(client, 'category=spot')
  const [execution] = (await client.get('/v5/execution/list', 'category=spot')).list
  expect(rows).toHaveLength(2)
  const base = rows.find((row) => row['currency'] === 'BTC')
  const quote = rows.find((row) => row['currency'] === 'USDT')
  expect(base).toMatchObject({ cashFlow: '0.0005', fee: execution?.['execFee'] })
  expect(e8(quote?.['cashFlow'])).toBe(-e8(execution?.['execValue']))
  for (const coin of ['BTC', 'USDT']) {
    const { list } = await client.get('/v5/account/wallet-balance', `accountType=UNIFIED&coin=${coin}`)
    expect(list[0]?.['coin']).toMatchObject([
      { walletBalance: rows.find((row) => row['currency'] === coin)?.['cashBalance'] },
    ])
  }
})

test('a spot market sell with marketUnit quoteCoin is an amount of quote coins', async () => {
  const { client } = rig({ markets: stillMarkets() })
  const sell = { category: 'spot', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '30' }
  expect((await client.post('/v5/order/create', { ...sell, marketUnit: 'quoteCoin' })).code).toBe(0)
  await client.run(10_000)
  const [order] = (await client.get('/v5/order/history', 'category=spot')).list
  expect(order).toMatchObject({ qty: '30', marketUnit: 'quoteCoin' })
  expect(Number(order?.['cumExecValue'])).toBeCloseTo(30, 0)
})

test('in hedge mode the stream tells the two sides, not the one-way row of before', async () => {
  const world = rig({ markets: stillMarkets() })
  const { client } = world
  const at = { category: 'linear', symbol: 'BTCUSDT' }
  await trader(client, at)('Buy', '0.1')
  await trader(client, at)('Sell', '0.1')
  expect((await client.post('/v5/position/switch-mode', { ...at, mode: 3 })).code).toBe(0)
  const listener = new Listener(world, '/v5/private')
  await listener.auth()
  await listener.say({ op: 'subscribe', args: ['position'] })
  await client.post('/v5/order/create', { ...at, side: 'Buy', orderType: 'Market', qty: '0.1', positionIdx: 1 })
  await client.run(10_000)
  const rows = listener.of('position').flatMap((frame) => frame['data'] as Row[])
  expect(rows.map(({ positionIdx, size }) => ({ positionIdx, size }))).toEqual([{ positionIdx: 1, size: '0.100' }])
})
