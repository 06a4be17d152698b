/** Public trades of options, which are asked for by coin, not only by contract. */
import { expect, test } from 'vitest'
import { parseState } from '../../../src/core/exchange/sim/server/initial-state.ts'
import { byText, rig, type Row } from './harness.ts'

const OPTIONS = ['BTC-25DEC26-60000-C-USDT', 'BTC-25DEC26-60000-P-USDT', 'ETH-25DEC26-3000-C-USDT']

function world() {
  const instruments = OPTIONS.map((symbol) => ({
    symbol,
    category: 'option',
    baseCoin: symbol.slice(0, 3),
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    tickSize: '5',
    lotSize: '0.01',
    price: '12000',
  }))
  const state = parseState(JSON.stringify({ instruments }))
  if ('problem' in state) throw new Error(state.problem)
  return rig({ state, symbols: OPTIONS })
}

test('by base coin, Bitcoin when none is given, by kind, by contract; newest first', async () => {
  const { client } = world()
  await client.run(20_000_000)
  const trades = async (query: string): Promise<Row[]> =>
    (await client.get('/v5/market/recent-trade', `category=option${query}`, null)).list
  const symbols = (rows: readonly Row[]): string[] =>
    [...new Set(rows.map((row) => String(row['symbol'])))].toSorted(byText)
  const bitcoin = await trades('')
  expect(symbols(bitcoin)).toEqual(OPTIONS.slice(0, 2))
  expect(symbols(await trades('&baseCoin=ETH'))).toEqual([OPTIONS[2]])
  expect(symbols(await trades('&optionType=Put'))).toEqual([OPTIONS[1]])
  expect(symbols(await trades(`&symbol=${OPTIONS[0]}`))).toEqual([OPTIONS[0]])
  const numbers = bitcoin.map(({ seq }) => Number(seq))
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
  expect(await trades('&limit=2')).toEqual(bitcoin.slice(0, 2))
})

test('an exchange that lists none has none', async () => {
  const { client } = rig({ symbols: ['BTCUSDT'] })
  const reply = await client.get('/v5/market/recent-trade', 'category=option&baseCoin=BTC', null)
  expect(reply.json).toMatchObject({ retCode: 0, result: { category: 'option', list: [] } })
  expect((await client.get('/v5/market/recent-trade', 'category=linear', null)).code).toBe(10001)
})
