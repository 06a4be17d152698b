/**
 * Binance market streams as captured by hftbacktest's collector: USDⓈ-M and COIN-M futures and spot, raw or inside
 * {"stream","data"}, plus the REST depth snapshot that a collector mixes in.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams (read 2026-10)
 */
import { type BookFrame, type Category, type Decoded, idOf, type Json, levelsOf, optionalId, textOf } from './frame.ts'

/** null: not a Binance frame. */
export function decodeBinance(frame: Json): Decoded | null {
  const wrapped = frame.data
  const data = typeof frame.stream === 'string' && typeof wrapped === 'object' && wrapped !== null ? wrapped : frame
  return decodeEvent(data as Json, typeof frame.stream === 'string' ? frame.stream : '')
}

function decodeEvent(data: Json, stream: string): Decoded | null {
  switch (data.e) {
    case 'depthUpdate':
      return { frames: [deltaOf(data)], category: categoryOf(data) }
    case 'bookTicker':
      return { frames: [bestQuoteOf(data)], category: 'ps' in data ? 'inverse' : null }
    case 'trade':
      return tradeOf(data)
    case undefined:
      if ('lastUpdateId' in data) return { frames: [snapshotOf(data)], category: null }
      if ('u' in data && 'b' in data && 'A' in data) return { frames: [bestQuoteOf(data)], category: null }
      if ('result' in data && 'id' in data) return { skip: 'control reply' }
      return stream === '' ? null : { skip: `stream ${stream.slice(stream.indexOf('@') + 1).slice(0, 40)}` }
    default:
      return typeof data.e === 'string' ? { skip: `event ${data.e.slice(0, 40)}` } : null
  }
}

// Spot deltas carry no `pu`; COIN-M ones name their pair in `ps`.
function categoryOf(data: Json): Category {
  if (!('pu' in data)) return 'spot'
  return 'ps' in data ? 'inverse' : 'linear'
}

const STREAM = { stream: 'depth', isAnswer: false } as const

function deltaOf(data: Json): BookFrame {
  const firstId = idOf(data, 'U')
  const lastId = idOf(data, 'u')
  return {
    kind: 'delta',
    symbol: textOf(data, 's'),
    exchangeMs: optionalId(data, 'T') ?? optionalId(data, 'E'),
    sentMs: optionalId(data, 'E'),
    ...STREAM,
    firstId,
    lastId,
    previousId: optionalId(data, 'pu') ?? firstId - 1,
    sequence: lastId,
    bids: levelsOf(data, 'b'),
    asks: levelsOf(data, 'a'),
  }
}

function oneId(id: number) {
  return { firstId: id, lastId: id, previousId: id - 1, sequence: id }
}

function snapshotOf(data: Json): BookFrame {
  return {
    kind: 'snapshot',
    symbol: typeof data.symbol === 'string' ? data.symbol : null,
    exchangeMs: optionalId(data, 'T'),
    sentMs: optionalId(data, 'E'),
    ...oneId(idOf(data, 'lastUpdateId')),
    stream: 'depth',
    isAnswer: true,
    bids: levelsOf(data, 'bids'),
    asks: levelsOf(data, 'asks'),
  }
}

function bestQuoteOf(data: Json): BookFrame {
  return {
    kind: 'bestQuote',
    symbol: textOf(data, 's'),
    exchangeMs: optionalId(data, 'T'),
    sentMs: optionalId(data, 'E'),
    ...oneId(idOf(data, 'u')),
    stream: 'bookTicker',
    isAnswer: false,
    bids: [[textOf(data, 'b'), textOf(data, 'B')]],
    asks: [[textOf(data, 'a'), textOf(data, 'A')]],
  }
}

// `X` is MARKET for a trade of the book; NA with price 0 is no trade at all (seen around settlement).
function tradeOf(data: Json): Decoded {
  if (data.X === 'NA') return { skip: 'trade of type NA' }
  return {
    category: null,
    frames: [
      {
        kind: 'trade',
        symbol: textOf(data, 's'),
        exchangeMs: idOf(data, 'T'),
        sentMs: optionalId(data, 'E'),
        id: idOf(data, 't'),
        takerSide: data.m === true ? -1 : 1,
        price: textOf(data, 'p'),
        size: textOf(data, 'q'),
        isOffBook: data.X !== undefined && data.X !== 'MARKET',
      },
    ],
  }
}
