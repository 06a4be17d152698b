/** Funding is paid at the hour that ticker and history name, once an interval, and every source says the same of it. */
import { expect, test } from 'vitest'
import { parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { Listener, rig, stillMarkets } from './harness.ts'

const positions = [
  { category: 'linear', symbol: 'BTCUSDT', size: '0.5', avgPrice: '61000', positionIdx: 0 },
  { category: 'inverse', symbol: 'BTCUSD', size: '-1000', avgPrice: '61000', positionIdx: 0 },
]

test('longs pay and shorts are paid, once at each hour', async () => {
  const state = parseState(
    JSON.stringify({ accounts: [{ uid: '100001', wallet: { USDT: '100000', BTC: '5' }, positions }] }),
  )
  if ('problem' in state) throw new Error(state.problem)
  const world = rig({ markets: stillMarkets(), state })
  const { client } = world
  const [ticker] = (await client.get('/v5/market/tickers', 'category=linear&symbol=BTCUSDT', null)).list
  const dueMs = Number(ticker?.['nextFundingTime'])
  await client.run((dueMs - client.nowMs() - 1_000) * 1_000)
  const rows = async () => (await client.get('/v5/execution/list', 'category=linear&symbol=BTCUSDT')).list
  expect(await rows()).toEqual([])
  const listener = new Listener(world, '/v5/private')
  await listener.auth()
  await listener.say({ op: 'subscribe', args: ['execution'] })
  const [before] = (await client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')).list
  await client.run(2_000_000)
  const [row, ...more] = await rows()
  expect(more).toEqual([])
  expect(row).toMatchObject({
    execType: 'Funding',
    orderId: '',
    orderLinkId: '',
    orderType: 'UNKNOWN',
    execQty: '0.500',
    side: 'Buy',
    feeRate: '0.0001',
  })
  const log = await client.get('/v5/account/transaction-log', 'category=linear&type=SETTLEMENT')
  const paidText = `-${String(row?.['execFee'])}`
  expect(log.list).toMatchObject([{ side: 'Buy', size: '0.500', funding: paidText, fee: '0', change: paidText }])
  expect(Number(row?.['execTime'])).toBe(dueMs)
  const value = 0.5 * Number(before?.['markPrice'])
  expect(Number(row?.['execFee'])).toBeCloseTo(value * 0.0001, 6)
  const pushed = listener.of('execution').flatMap((frame) => frame['data'] as Record<string, unknown>[])
  const paid = new Map(pushed.map(({ symbol, execType, execFee }) => [symbol, [execType, Number(execFee) > 0]]))
  expect(paid).toEqual(
    new Map([
      ['BTCUSDT', ['Funding', true]],
      ['BTCUSD', ['Funding', false]],
    ]),
  )
  const wallet = await client.get('/v5/account/wallet-balance', 'accountType=UNIFIED&coin=USDT')
  expect(JSON.stringify(wallet.result)).toContain(String(100_000 - Number(row?.['execFee'])))
  // The position is as it was, and the next one comes eight hours later.
  const [after] = (await client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')).list
  expect(Number(after?.['size'])).toBe(0.5)
  await client.run(8 * 3_600_000_000)
  expect(await rows()).toHaveLength(2)
})
