/**
 * Market data and orders beside npm `bybit-api` and `ccxt`, in CPU time on the same frames and the same order: frame to
 * event, frame to updated book, order to order-entry frame, order to signed REST request. Results are compared before
 * anything is timed. Bars of the issue: 8 times ccxt's watchOrderBook path, 2.5 times bybit-api's per frame.
 */
import { Book } from '../src/core/domain/book.ts'
import { BookEvent } from '../src/core/domain/event.ts'
import { instrumentOf, priceText, sizeText } from '../src/core/domain/instrument.ts'
import { Secret } from '../src/core/domain/secret.ts'
import { BUY, priceTicks, SELL, type Side, sizeLots } from '../src/core/domain/units.ts'
import { GatewayCounters } from '../src/core/exchange/bybit/counters.ts'
import { createBody, orderFrame } from '../src/core/exchange/bybit/encode-order.ts'
import { readBook } from '../src/core/exchange/bybit/json-market.ts'
import { asObject } from '../src/core/exchange/bybit/json-value.ts'
import { MarketCodec } from '../src/core/exchange/bybit/market-codec.ts'
import { restHeaders, signerOf } from '../src/core/exchange/bybit/signing.ts'
import { SymbolTable } from '../src/core/exchange/bybit/symbol-table.ts'
import { sizedFrames, streamedFrames } from './decode/frames.ts'
import {
  bybitApiFrame,
  bybitApiFrames,
  bybitApiRest,
  ccxtFrame,
  ccxtFrames,
  type CcxtBook,
  ccxtRest,
  KEY,
  type Order,
  SECRET,
} from './decode/peers.ts'
import { race } from './decode/race.ts'

const SIZED = 4_000
const ORDERS = 4_000
const TOP = 5

const made = instrumentOf({
  symbol: 'BTCUSDT',
  category: 'linear',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  status: 'Trading',
  tickSize: '0.10',
  lotSize: '0.001',
  priceMin: '0.10',
  priceMax: '1999999.80',
  sizeMin: '0.001',
  sizeMax: '1190',
  marketSizeMax: '500',
  notionalMin: '5',
  makerFee: '0.0002',
  takerFee: '0.00055',
})
if ('badField' in made) throw new Error(made.badField)
const instrument = made
const symbols = new SymbolTable([instrument])

export async function run(): Promise<void> {
  const streamed = await streamedFrames()
  await perFrame('minute of orderbook.50 as streamed', streamed)
  await perFrame('delta of 1 + 1 levels', sizedFrames(1, 'delta', SIZED))
  await perFrame('delta of 5 + 5 levels', sizedFrames(5, 'delta', SIZED))
  await perFrame('delta of 20 + 20 levels', sizedFrames(20, 'delta', SIZED))
  await perFrame('snapshot of 50 + 50 levels', sizedFrames(50, 'snapshot', SIZED))
  await perBook(streamed)
  await perOrder()
}

/** Frame to what a subscriber gets: integers here, an object of texts there; and JSON.parse with our own conversion. */
async function perFrame(name: string, frames: readonly Buffer[]): Promise<void> {
  const counters = new GatewayCounters()
  const codec = new MarketCodec(symbols, 50, counters)
  const parsed = new BookEvent()
  const throughJson = (frame: Buffer): boolean => {
    const message = asObject(JSON.parse(frame.toString('utf8')))
    return message !== null && readBook(message, symbols, parsed)
  }
  for (const frame of frames) {
    const isRead = codec.decode(frame) === 'book' && throughJson(frame)
    if (!isRead || !isSame(codec.book, parsed)) throw new Error('differs')
  }
  const peer = bybitApiFrames()
  const [ours = 0, bybitApi = 0, json = 0] = await race(frames.length, [
    () => frames.forEach((frame) => codec.decode(frame)),
    () => frames.forEach((frame) => peer.feed(frame)),
    () => frames.forEach((frame) => throughJson(frame)),
  ])
  if (peer.updates() % frames.length !== 0) throw new Error('bybit-api dropped frames')
  const bytes = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length)
  say(`${name}, ${bytes} B`, ours, [
    ['bybit-api', bybitApi, 2.5],
    ['JSON.parse and our conversion', json, 0],
  ])
  if (counters.decodeFallbacks > 0) process.stdout.write(`  handed to the fallback: ${counters.decodeFallbacks}\n`)
}

/** Frame to updated book; ccxt without the promise that watchOrderBook adds to each. */
async function perBook(frames: readonly Buffer[]): Promise<void> {
  const codec = new MarketCodec(symbols, 50, new GatewayCounters())
  const book = new Book()
  const feed = (frame: Buffer): void => {
    if (codec.decode(frame) === 'book') book.apply(codec.book)
  }
  const peer = ccxtFrames()
  for (const frame of frames) {
    feed(frame)
    peer.feed(frame)
  }
  const both = [topOf(book), topOfCcxt(peer.book())]
  if (both[0] !== both[1]) throw new Error(`the books differ: ${both.join(' · ')}`)
  const [ours = 0, ccxt = 0] = await race(frames.length, [() => frames.forEach(feed), () => frames.forEach(peer.feed)])
  say('frame to updated book, as streamed', ours, [['ccxt watchOrderBook', ccxt, 8]])
}

async function perOrder(): Promise<void> {
  const orders = Array.from({ length: ORDERS }, (_, i) => ({ ticks: 600_000 + i, lots: 1 + (i % 50), id: i }))
  const forPeers: Order[] = orders.map(({ ticks, lots, id }) => ({
    price: ticks / 10,
    size: lots / 1_000,
    link: `mm00-bench-${id}`,
  }))
  const bodyOf = ({ ticks, lots, id }: (typeof orders)[number]): string =>
    createBody({
      category: 'linear',
      symbol: 'BTCUSDT',
      link: `mm00-bench-${id}`,
      isBuy: true,
      priceText: priceText(priceTicks(ticks), instrument),
      sizeText: sizeText(sizeLots(lots), instrument),
      timeInForce: 'PostOnly',
      isReduceOnly: false,
    })
  let sink = 0
  const frameOf = (order: (typeof orders)[number]): string =>
    orderFrame({ requestId: `b${order.id}`, kind: 'place', timestampMs: Date.now(), windowMs: 1_000 }, bodyOf(order))
  const [bybitFrame, ccxtWs] = [bybitApiFrame(), ccxtFrame()]
  const frames = await race(ORDERS, [
    () => orders.forEach((order) => (sink += frameOf(order).length)),
    () => forPeers.forEach((order) => (sink += bybitFrame(order).length)),
    () => forPeers.forEach((order) => (sink += ccxtWs(order).length)),
  ])
  say('order to order-entry frame', frames[0] ?? 0, [
    ['bybit-api', frames[1] ?? 0, 0],
    ['ccxt', frames[2] ?? 0, 0],
  ])
  const secret = new Secret(SECRET)
  const signer = signerOf({ apiKey: new Secret(KEY), secret, kind: 'hmac', source: 'bench' })
  const signed = (order: (typeof orders)[number]): number => {
    const payload = bodyOf(order)
    return restHeaders(signer, { timestampMs: Date.now(), windowMs: 1_000, payload })['X-BAPI-SIGN']?.length ?? 0
  }
  const [plain, tuned, ccxtSigned] = [bybitApiRest(true), bybitApiRest(false), ccxtRest()]
  const rest = await race(ORDERS, [
    () => orders.forEach((order) => (sink += signed(order))),
    () => all(forPeers, plain),
    () => all(forPeers, tuned),
    () => forPeers.forEach((order) => (sink += ccxtSigned(order) === null ? 0 : 1)),
  ])
  say('order to signed REST request', rest[0] ?? 0, [
    ['bybit-api as it comes (WebCrypto)', rest[1] ?? 0, 0],
    ["bybit-api with node's HMAC", rest[2] ?? 0, 0],
    ['ccxt', rest[3] ?? 0, 0],
  ])
  if (sink === 0) throw new Error('nothing was made')
}

async function all(orders: readonly Order[], build: (order: Order) => Promise<unknown>): Promise<void> {
  for (const order of orders) await build(order)
}

function say(name: string, ours: number, peers: readonly (readonly [string, number, number])[]): void {
  process.stdout.write(`${name}: ${ours.toFixed(0)} ns\n`)
  for (const [peer, ns, bar] of peers) {
    const ratio = ns / ours
    const verdict = bar === 0 ? '' : ratio >= bar ? ` (bar ×${bar}: met)` : ` (bar ×${bar}: MISSED)`
    process.stdout.write(`  ${peer} ${ns.toFixed(0)} ns: ×${ratio.toFixed(1)}${verdict}\n`)
  }
}

/** Best five levels of both sides as text. */
function topOf(book: Book): string {
  const side = (which: Side): string => {
    const [ticks, lots] = [new Float64Array(TOP), new Float64Array(TOP)]
    const count = book.top(which, TOP, ticks, lots)
    return Array.from({ length: count }, (_, i) => `${ticks[i]}x${lots[i]}`).join(' ')
  }
  return `${side(BUY)} | ${side(SELL)}`
}

function topOfCcxt(book: CcxtBook): string {
  const side = (rows: readonly (readonly number[])[]): string =>
    rows
      .slice(0, TOP)
      .map(([price = 0, size = 0]) => `${Math.round(price * 10)}x${Math.round(size * 1_000)}`)
      .join(' ')
  return `${side(book.bids)} | ${side(book.asks)}`
}

function isSame(a: BookEvent, b: BookEvent): boolean {
  if (a.bidCount !== b.bidCount || a.askCount !== b.askCount || a.updateId !== b.updateId) return false
  for (let i = 0; i < a.bidCount; i++)
    if (a.bidTicks[i] !== b.bidTicks[i] || a.bidLots[i] !== b.bidLots[i]) return false
  for (let i = 0; i < a.askCount; i++)
    if (a.askTicks[i] !== b.askTicks[i] || a.askLots[i] !== b.askLots[i]) return false
  return true
}

if (import.meta.main) await run()
