/** Isolated margin: liquidation prices by Bybit's published formula and examples, and what happens when mark reaches one. */
import { describe, expect, test } from 'vitest'
import { BookEvent } from '../../../src/core/domain/event.ts'
import { isolatedPrices } from '../../../src/core/exchange/sim/isolated.ts'
import type { ReplayMarket } from '../../../src/core/exchange/sim/replay-market.ts'
import { Listener, rig, type Rig, type Row, stillMarkets } from './harness.ts'

describe('by the formula', () => {
  // Bybit's help pages: long 1 BTC at 20,000 with 50x; short at 8,000 with 40x; BTCUSD at 50,000 with 10x.
  test.each([
    ['linear', 1, 20_000, '50', 19_700, 19_600],
    ['linear', -1, 8_000, '40', 8_160, 8_200],
    ['linear', 1, 10_000, '50', 9_850, 9_800],
    ['inverse', 60_000, 50_000, '10', 45_663, 45_455],
    ['inverse', -60_000, 50_000, '10', 55_248, 55_555],
  ] as const)('%s %i at %i, %sx', (category, lots, entryTicks, leverage, liqTicks, bustTicks) => {
    expect(isolatedPrices({ category, lots, entryTicks, leverage })).toEqual({ liqTicks, bustTicks })
  })
})

interface World extends Rig {
  /** Moves the whole book of the linear market. */
  moveTo(bidTicks: number): Promise<void>
}

function world(): World {
  const markets = stillMarkets()
  const here = rig({ markets })
  const linear = markets.find(({ market }) => market.category === 'linear')?.market as ReplayMarket
  return {
    ...here,
    async moveTo(bidTicks) {
      const book = new BookEvent()
      book.isSnapshot = true
      for (let level = 0; level < 20; level++) {
        book.addBid(bidTicks - level, 100_000)
        book.addAsk(bidTicks + 1 + level, 100_000)
      }
      linear.onBook(book)
      // Something has to happen in the market before its mark is looked at.
      const far = { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.001', price: '30000', orderLinkId: `m${bidTicks}` }
      await here.client.run(200_000)
      await here.client.post('/v5/order/create', far)
      await here.client.run(1_000)
      await here.client.post('/v5/order/cancel', { ...AT, orderLinkId: `m${bidTicks}` })
      await here.client.run(10_000)
    },
  }
}

const AT = { category: 'linear', symbol: 'BTCUSDT' }
const isolate = (here: World, setMarginMode = 'ISOLATED_MARGIN') =>
  here.client.post('/v5/account/set-margin-mode', { setMarginMode })
const position = async ({ client }: World): Promise<Row | undefined> =>
  (await client.get('/v5/position/list', 'category=linear&symbol=BTCUSDT')).list[0]

async function hold(here: World, side: string): Promise<void> {
  await here.client.post('/v5/order/create', { ...AT, side, orderType: 'Market', qty: '0.5' })
  await here.client.run(1_000)
}

async function coin({ client }: World): Promise<number> {
  const [account] = (await client.get('/v5/account/wallet-balance', 'accountType=UNIFIED&coin=USDT')).list
  const [row] = (account?.['coin'] ?? []) as Row[]
  return Number(row?.['walletBalance'])
}

test('the mode is told, its account has no sums, and it changes only while nothing is open', async () => {
  const here = world()
  expect((await isolate(here)).json).toMatchObject({ retCode: 0, result: { reasons: [] } })
  expect((await isolate(here)).code).toBe(110026)
  expect((await here.client.get('/v5/account/info')).result).toMatchObject({ marginMode: 'ISOLATED_MARGIN' })
  await hold(here, 'Buy')
  const [account] = (await here.client.get('/v5/account/wallet-balance', 'accountType=UNIFIED')).list
  expect(account).toMatchObject({ accountIMRate: '', totalAvailableBalance: '', totalInitialMargin: '' })
  expect((await isolate(here, 'REGULAR_MARGIN')).code).toBe(3400045)
  expect((await isolate(here, 'PORTFOLIO_MARGIN')).code).toBe(3400045)
})

// Entry at the touch with 10x: a tenth is the margin, half a percent of the value is the maintenance.
test.each([
  { side: 'Buy', liqPrice: '55929.1', bustPrice: '55620.1', before: 559_291, after: 559_289, told: 'Buy' },
  { side: 'Sell', liqPrice: '67671.0', bustPrice: '67980.0', before: 676_708, after: 676_710, told: 'Sell' },
])('$side: taken over at the bankruptcy price once mark is there', async (row) => {
  const here = world()
  await isolate(here)
  const account = new Listener(here, '/v5/private')
  await account.auth()
  await account.say({ op: 'subscribe', args: ['execution', 'position', 'order'] })
  const market = new Listener(here, '/v5/public/linear')
  await market.say({ op: 'subscribe', args: ['allLiquidation.BTCUSDT'] })
  await hold(here, row.side)
  expect(await position(here)).toMatchObject({ liqPrice: row.liqPrice, bustPrice: row.bustPrice, side: row.side })
  await here.client.post('/v5/order/create', { ...AT, side: 'Buy', orderType: 'Limit', qty: '0.1', price: '40000' })
  const before = await coin(here)
  await here.moveTo(row.before)
  expect(await position(here)).toMatchObject({ size: '0.500' })
  await here.moveTo(row.after)
  expect(await position(here)).toMatchObject({ size: '0.000', liqPrice: '', bustPrice: '' })
  expect((await here.client.get('/v5/order/realtime', 'category=linear&symbol=BTCUSDT')).list).toEqual([])
  const [bust] = (account.of('execution').at(-1)?.['data'] ?? []) as Row[]
  expect(bust).toMatchObject({ execType: 'BustTrade', execPrice: row.bustPrice, execQty: '0.500', orderLinkId: '' })
  // It has lost its own margin and nothing else: a tenth of 0.5 at the entry, up to a tick.
  expect(before - (await coin(here))).toBeCloseTo(0.05 * 61_800, 0)
  await here.client.run(1_000_000)
  expect(market.of('allLiquidation.BTCUSDT')).toMatchObject([{ data: [{ S: row.told, p: row.bustPrice, v: '0.500' }] }])
})

test('under cross margin the same fall takes nothing', async () => {
  const here = world()
  await hold(here, 'Buy')
  expect(await position(here)).toMatchObject({ liqPrice: '', bustPrice: '' })
  await here.moveTo(550_000)
  expect(await position(here)).toMatchObject({ size: '0.500' })
})
