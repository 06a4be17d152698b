/** A full account for the exchange to start with: thousands of futures orders, conditional spot orders, positions. */

export interface LedgerShape {
  /** Linear symbols beside BTCUSDT, with this many orders each; the exchange's cap is 500 a symbol. */
  readonly symbols: number
  readonly ordersEach: number
}

/** State of `mm exchange --state`. Prices lie far below the market: nothing of it trades. */
export function fullLedger({ symbols, ordersEach }: LedgerShape): object {
  const names = Array.from({ length: symbols }, (_, index) => `S${index}USDT`)
  const limit = { side: 'Buy', orderType: 'Limit' }
  return {
    instruments: [...names.map(perpetual), OPTION],
    accounts: [
      {
        uid: '100001',
        wallet: { USDT: '5000000', USDC: '1000000', BTC: '20' },
        leverage: '50',
        positions: [
          { category: 'linear', symbol: 'BTCUSDT', size: '0.500', avgPrice: '61000' },
          { category: 'inverse', symbol: 'BTCUSD', size: '-100', avgPrice: '61000' },
        ],
        orders: [
          ...names.map((symbol) => ({
            ...limit,
            category: 'linear',
            symbol,
            qty: '1',
            price: '80',
            priceStep: '0.01',
            count: ordersEach,
          })),
          {
            ...limit,
            category: 'linear',
            symbol: 'BTCUSDT',
            side: 'Sell',
            qty: '0.100',
            price: '55000',
            triggerPrice: '56000',
            triggerDirection: 2,
            reduceOnly: true,
          },
          { ...limit, category: 'inverse', symbol: 'BTCUSD', qty: '10', price: '61300', priceStep: '0.5', count: 20 },
          { ...limit, category: 'spot', symbol: 'BTCUSDT', qty: '0.001', price: '60000', priceStep: '1', count: 20 },
          ...['StopOrder', 'tpslOrder', 'OcoOrder', 'BidirectionalTpslOrder'].map((orderFilter, index) => ({
            ...limit,
            category: 'spot',
            symbol: 'BTCUSDT',
            qty: '0.001',
            price: String(59_000 - index),
            triggerPrice: '58000',
            orderFilter,
            count: 5,
          })),
          { ...limit, category: 'option', symbol: OPTION.symbol, qty: '0.1', price: '50', priceStep: '5', count: 5 },
        ],
      },
    ],
  }
}

function perpetual(symbol: string): object {
  return {
    symbol,
    category: 'linear',
    baseCoin: symbol.slice(0, -4),
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    tickSize: '0.01',
    lotSize: '0.1',
    price: '100',
    priceLimitRatioX: '0.5',
    priceLimitRatioY: '0.5',
  }
}

const OPTION = {
  symbol: 'BTC-25DEC26-60000-C-USDT',
  category: 'option',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  tickSize: '5',
  lotSize: '0.01',
  price: '12000',
  priceMax: '10000000',
  priceLimitRatioX: '0.9',
  priceLimitRatioY: '0.9',
} as const
