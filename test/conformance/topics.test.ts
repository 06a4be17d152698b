/** Every documented topic on every path that serves it: told, and shaped as documented, message by message. */
import { beforeAll, describe, expect, test } from 'vitest'
import { parseState } from '../../src/core/exchange/sim/server/initial-state.ts'
import { Listener, rig, type Rig, type Row } from '../exchange/server/harness.ts'
import { messageFaults, topicName, TOPICS } from './v5-shape.ts'

const OPTION = 'BTC-27NOV26-60000-C-USDT'
const STATE = {
  maintenance: [{ title: 'upgrade', begin: '1760000001000', end: '1760000002000' }],
  instruments: [
    {
      symbol: OPTION,
      category: 'option',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      tickSize: '0.5',
      lotSize: '0.01',
      price: '2000',
    },
  ],
}

const contract = (symbol: string): string[] => [
  ...['1', '50', '200', '1000', 'rpi'].map((depth) => `orderbook.${depth}.${symbol}`),
  `publicTrade.${symbol}`,
  `tickers.${symbol}`,
  `kline.1.${symbol}`,
  `priceLimit.${symbol}`,
]
const PATHS: readonly (readonly [path: string, topics: readonly string[]])[] = [
  ['/v5/public/linear', [...contract('BTCUSDT'), 'allLiquidation.BTCUSDT']],
  ['/v5/public/inverse', [...contract('BTCUSD'), 'allLiquidation.BTCUSD']],
  ['/v5/public/spot', [...contract('BTCUSDT'), 'orderbook.full.BTCUSDT']],
  ['/v5/public/option', [`orderbook.25.${OPTION}`, `orderbook.100.${OPTION}`, `tickers.${OPTION}`, 'publicTrade.BTC']],
  ['/v5/public/misc/status', ['system.status']],
  ['/v5/private', ['order', 'execution', 'execution.fast', 'position', 'wallet', 'greeks', 'dcp.future', 'dcp.spot']],
  ['/v5/private', ['order', 'execution', 'execution.fast', 'position'].flatMap(byCategory)],
]
/** Subscribed like any other; nobody is liquidated here, and the simulation holds no options' greeks and tells nothing on `dcp`. */
const SILENT = /^(?:allLiquidation|greeks|dcp)/

function byCategory(topic: string): string[] {
  const categories = topic === 'position' ? ['linear', 'inverse'] : ['linear', 'inverse', 'spot']
  return categories.map((category) => `${topic}.${category}`)
}

let world: Rig
const listeners: { path: string; topics: readonly string[]; listener: Listener; acks: Row[] }[] = []

beforeAll(async () => {
  const state = parseState(JSON.stringify(STATE))
  if ('problem' in state) throw new Error(state.problem)
  world = rig({ state })
  for (const [path, topics] of PATHS) {
    const listener = new Listener(world, path)
    if (path === '/v5/private') await listener.auth()
    const acks: Row[] = []
    for (const topic of topics) acks.push((await listener.say({ op: 'subscribe', args: [topic] }, 0)) ?? {})
    listeners.push({ path, topics, listener, acks })
  }
  const order = { side: 'Buy', orderType: 'Market', qty: '0.02' }
  await world.client.post('/v5/order/create', { ...order, category: 'linear', symbol: 'BTCUSDT' })
  await world.client.post('/v5/order/create', { ...order, category: 'inverse', symbol: 'BTCUSD', qty: '10' })
  await world.client.post('/v5/order/create', { ...order, category: 'spot', symbol: 'BTCUSDT', qty: '100' })
  await world.client.run(4_000_000)
})

test('every topic of the documentation is subscribed here', () => {
  const asked = new Set(PATHS.flatMap(([, topics]) => topics.map(topicName)))
  expect(TOPICS.filter((topic) => !asked.has(topic))).toEqual([])
})

describe.each(PATHS.map(([path, topics], index) => ({ name: `${path} ${topics[0]} …`, index })))(
  '$name',
  ({ index }) => {
    test('all subscriptions hold', () => {
      const { listener, topics } = listeners[index] ?? { topics: [] }
      const failed = listener?.frames.filter((frame) => frame['success'] === false)
      expect(failed).toEqual([])
      expect(listener?.frames.filter((frame) => frame['success'] === true).length).toBeGreaterThanOrEqual(topics.length)
    })

    test('each topic told something, and all of it as documented', () => {
      const { listener, topics = [], path = '' } = listeners[index] ?? {}
      const silent = topics.filter((topic) => !SILENT.test(topic) && listener?.of(topic).length === 0)
      // Nobody trades options here.
      expect(silent.filter((topic) => topic !== 'publicTrade.BTC')).toEqual([])
      const faults = listener?.frames.flatMap((frame) =>
        messageFaults(path, frame).map((fault) => `${String(frame['topic'])} ${fault}`),
      )
      expect([...new Set(faults)]).toEqual([])
    })
  },
)

interface Book {
  readonly u: number
  readonly b: readonly string[][]
  readonly a: readonly string[][]
}

function apply(levels: Map<string, string>, changes: readonly string[][]): void {
  for (const [price = '', ...sizes] of changes) {
    if (sizes.every((size) => size === '0')) levels.delete(price)
    else levels.set(price, sizes.join())
  }
}

const sorted = (levels: Map<string, string>): string[] =>
  [...levels].map(([price, size]) => `${price}:${size}`).toSorted()

test('orderbook.full continues the full book of REST', async () => {
  const full = new Listener(world, '/v5/public/spot')
  await full.say({ op: 'subscribe', args: ['orderbook.full.BTCUSDT'] })
  const seed = async (): Promise<Book> => {
    const { result } = await world.client.get('/v5/market/full_orderbook', 'category=spot&symbol=BTCUSDT', null)
    return result as unknown as Book
  }
  const first = await seed()
  await world.client.run(3_000_000)
  const last = await seed()
  const deltas = full.of('orderbook.full.BTCUSDT')
  expect(new Set(deltas.map((frame) => frame['type']))).toEqual(new Set(['delta']))
  const bids = new Map<string, string>()
  const asks = new Map<string, string>()
  apply(bids, first.b)
  apply(asks, first.a)
  let { u } = first
  for (const { data } of deltas as unknown as { data: Book }[]) {
    if (data.u <= u || data.u > last.u) continue
    expect(data.u).toBe(u + 1)
    u = data.u
    apply(bids, data.b)
    apply(asks, data.a)
  }
  expect(u).toBe(last.u)
  expect(u).toBeGreaterThan(first.u + 5)
  expect(sorted(bids)).toEqual(last.b.map(([price, size]) => `${price}:${size}`).toSorted())
  expect(sorted(asks)).toEqual(last.a.map(([price, size]) => `${price}:${size}`).toSorted())
})

test('orderbook.rpi: levels of three, the first two those of orderbook.50', async () => {
  const both = new Listener(world, '/v5/public/linear')
  await both.say({ op: 'subscribe', args: ['orderbook.rpi.BTCUSDT', 'orderbook.50.BTCUSDT'] }, 0)
  await world.client.run(1_000)
  const rebuilt = (topic: string): string[] => {
    const levels = new Map<string, string>()
    const frames = both.of(topic) as unknown as { type: string; data: Book }[]
    expect(frames[0]?.type).toBe('snapshot')
    for (const { data } of frames.slice(0, 1)) for (const side of [data.b, data.a]) apply(levels, side)
    return sorted(levels)
  }
  const rpi = rebuilt('orderbook.rpi.BTCUSDT')
  expect(rpi.length).toBe(100)
  expect(rpi.every((level) => /^[\d.]+:[\d.]+,0$/.test(level))).toBe(true)
})
