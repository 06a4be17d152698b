/**
 * Bybit V5 public streams as captured raw: orderbook.N, publicTrade. orderbook.1 carries only the best levels, so it
 * becomes best quotes. https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook (read 2026-10)
 */
import {
  type BookFrame,
  type Decoded,
  FrameError,
  idOf,
  isJson,
  type Json,
  levelsOf,
  optionalId,
  textOf,
  type TradeFrame,
} from './frame.ts'

/** null: not a Bybit frame. */
export function decodeBybit(frame: Json): Decoded | null {
  if (typeof frame.topic !== 'string') {
    return typeof frame.op === 'string' || 'ret_msg' in frame ? { skip: 'control reply' } : null
  }
  const [topic = '', depth = ''] = frame.topic.split('.')
  if (topic === 'orderbook') return { frames: [bookOf(frame, depth)], category: null }
  if (topic === 'publicTrade') return { frames: tradesOf(frame), category: null }
  return { skip: `topic ${topic.slice(0, 40)}` }
}

function bookOf(frame: Json, depth: string): BookFrame {
  const { data } = frame
  if (!isJson(data)) throw new FrameError('field "data" is no object')
  const isSnapshot = frame.type === 'snapshot'
  if (!isSnapshot && frame.type !== 'delta') throw new FrameError('field "type" is neither snapshot nor delta')
  const id = idOf(data, 'u')
  return {
    kind: depth === '1' ? 'bestQuote' : isSnapshot ? 'snapshot' : 'delta',
    symbol: textOf(data, 's'),
    exchangeMs: optionalId(frame, 'cts') ?? optionalId(frame, 'ts'),
    sentMs: optionalId(frame, 'ts'),
    firstId: id,
    lastId: id,
    previousId: id - 1,
    // `u` counts per depth; `seq` is the one that compares streams.
    sequence: optionalId(data, 'seq') ?? id,
    stream: `orderbook.${depth}`,
    isAnswer: false,
    bids: levelsOf(data, 'b'),
    asks: levelsOf(data, 'a'),
  }
}

function tradesOf(frame: Json): readonly TradeFrame[] {
  const { data } = frame
  if (!Array.isArray(data)) throw new FrameError('field "data" is no list')
  return data.map((trade: unknown) => {
    if (!isJson(trade)) throw new FrameError('a trade is no object')
    const side = textOf(trade, 'S')
    if (side !== 'Buy' && side !== 'Sell') throw new FrameError('field "S" is neither Buy nor Sell')
    return {
      kind: 'trade',
      symbol: textOf(trade, 's'),
      exchangeMs: idOf(trade, 'T'),
      sentMs: optionalId(frame, 'ts'),
      id: 0,
      takerSide: side === 'Buy' ? 1 : -1,
      price: textOf(trade, 'p'),
      size: textOf(trade, 'v'),
      isOffBook: trade.BT === true,
    }
  })
}
