/** Contracts that settle in a coin nobody thought of: the exchange names its coins, and their orders count. */
import { describe, expect, test } from 'vitest'
import { operator, rig, WHOLE } from './rig.ts'

const contract = (category: string, symbol: string, settleCoin: string): object => ({
  symbol,
  category,
  baseCoin: 'XRP',
  quoteCoin: symbol.slice(3),
  settleCoin,
  tickSize: '0.0001',
  lotSize: '1',
  price: '2.5',
})
const order = (category: string, symbol: string): object => ({
  category,
  symbol,
  side: 'Buy',
  orderType: 'Limit',
  qty: '10',
  price: '2.0',
  priceStep: '-0.001',
  count: 5,
  orderLinkId: `own-${symbol}`,
})
const LEDGER = {
  instruments: [contract('linear', 'XRPEUR', 'EUR'), contract('inverse', 'XRPUSD', 'XRP')],
  accounts: [
    {
      uid: '100001',
      wallet: { USDT: '1000000', EUR: '100000', XRP: '100000' },
      orders: [order('linear', 'XRPEUR'), order('inverse', 'XRPUSD')],
    },
  ],
}
const LOST_ONCE = [{ at: 'request', match: 'instruments-info', effect: 'lose', count: 2 }]

describe.each([
  ['all is well', []],
  ['the first questions for coins are lost', LOST_ONCE],
])('%s', (_, rules) => {
  test.each([
    ['the whole account', WHOLE],
    ['a prefix', { ...WHOLE, prefix: 'own-' }],
    ['one symbol', { ...WHOLE, symbol: 'XRPEUR' }],
  ])('%s: nothing of it is left', async (_name, scope) => {
    const scene = rig({ ledger: LEDGER })
    await scene.arm({ rules })
    const { exit, zeros } = await operator(scene, { scope })
    expect([exit, zeros.length, scene.live()]).toEqual([0, 2, scope.symbol === '' ? 0 : 5])
  })
})

test('a dry run lists them', async () => {
  const { residual } = await operator(rig({ ledger: LEDGER }), { isDryRun: true })
  expect(residual).toHaveLength(10)
})
