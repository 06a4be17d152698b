/**
 * Is this message shaped as Bybit documents it? Every documented key at every place where its parent stands, with its
 * documented JSON type; further keys are allowed. The facts are in test/fixtures/bybit-v5.json (examples and tables of
 * Bybit's documentation, flattened); what holds for some categories only is told apart here, with the reason.
 */
import { readFileSync } from 'node:fs'

type Shape = Readonly<Record<string, string>>

const FACTS = JSON.parse(readFileSync(new URL('../fixtures/bybit-v5.json', import.meta.url), 'utf8')) as {
  readonly rest: Readonly<Record<string, Shape>>
  readonly ws: Readonly<Record<string, Shape>>
}

export const ENDPOINTS: readonly string[] = Object.keys(FACTS.rest)
export const TOPICS: readonly string[] = Object.keys(FACTS.ws)

/** What is wrong with a successful reply of "GET /v5/…"; empty when nothing is, or when nothing is documented. */
export function replyFaults(endpoint: string, reply: unknown): string[] {
  const shape = FACTS.rest[endpoint]
  return shape === undefined ? [] : shapeFaults(shape, reply, restCondition(endpoint, reply))
}

/** The same for a stream message; `path` is the socket's ("/v5/public/spot"). */
export function messageFaults(path: string, message: unknown): string[] {
  const topic = isObject(message) ? message['topic'] : undefined
  const shape = typeof topic === 'string' ? FACTS.ws[topicName(topic)] : undefined
  if (shape === undefined) return []
  return shapeFaults(shape, message, wsCondition(path, message))
}

/** "orderbook.50.BTCUSDT" → "orderbook.{depth}.{symbol}", "order.linear" → "order". */
export function topicName(topic: string): string {
  const [kind = ''] = topic.split('.')
  if (kind === 'orderbook') return /\.(full|rpi)\./.test(topic) ? topic.replace(/[^.]+$/, '{symbol}') : BOOK
  if (kind === 'kline') return 'kline.{interval}.{symbol}'
  if (topic.startsWith('execution.fast')) return 'execution.fast'
  return `${kind}.{symbol}` in FACTS.ws ? `${kind}.{symbol}` : topic === 'system.status' ? topic : kind
}

const BOOK = 'orderbook.{depth}.{symbol}'

type Applies = (path: string) => boolean

function shapeFaults(shape: Shape, message: unknown, applies: Applies): string[] {
  const faults = new Set<string>()
  for (const [path, types] of Object.entries(shape)) {
    if (!applies(path)) continue
    for (const value of valuesAt(message, path)) {
      if (value === MISSING) faults.add(`${path}: missing`)
      else if (types !== 'any' && !types.split('|').includes(typeName(value))) {
        faults.add(`${path}: ${JSON.stringify(value).slice(0, 60)} is no ${types}`)
      }
    }
  }
  return [...faults]
}

const MISSING = Symbol('missing')

/** One value for each place where the parent of `path` stands; MISSING where it has no such key. */
function valuesAt(message: unknown, path: string): unknown[] {
  let found: unknown[] = [message]
  for (const part of path.split('.')) {
    const [, name = '', lists = ''] = /^([^[]*)((?:\[\])*)$/.exec(part) ?? []
    if (name !== '') found = found.flatMap((one) => (isObject(one) ? [name in one ? one[name] : MISSING] : []))
    for (let depth = lists.length / 2; depth > 0; depth--)
      found = found.flatMap((one) => (Array.isArray(one) ? one : []))
  }
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Coins of Bybit's own example, rows a table documents for classic accounts, columns that only one category has. */
const NEVER = /cumFeeDetail\.MNT|coin\[\]\.free$|xstockMultiplier$|extraFees\[\]/
const OPTION_ROW =
  /\[\]\.(?:bid1Iv|ask1Iv|markIv|underlyingPrice|totalVolume|totalTurnover|delta|gamma|vega|theta|change24h)$/
const CONTRACT_ROW =
  /\[\]\.(?:indexPrice|markPrice|prevPrice1h|openInterest|openInterestValue|singleOpen\w+|fundingRate|nextFundingTime|predictedDeliveryPrice|basis\w*|delivery\w+|pre\w+|curPreListingPhase|funding\w+)$/
const SPOT_INSTRUMENT =
  /\[\]\.(?:innovation|marginTrading|stTag|lotSizeFilter\.(?:basePrecision|quotePrecision|minOrderAmt|maxOrderAmt|maxLimitOrderQty|maxMarketOrderQty|postOnlyMaxLimitOrderSize))$/
const CONTRACT_INSTRUMENT =
  /\[\]\.(?:contractType|priceScale|leverageFilter.*|lotSizeFilter\.(?:postOnlyMaxOrderQty|maxMktOrderQty|minNotionalValue)|unifiedMarginTrade|fundingInterval|copyTrading|(?:upper|lower)FundingRate|isPreListing|preListingInfo.*|forbidUplWithdrawal)$/
const DATED_INSTRUMENT =
  /\[\]\.(?:launchTime|deliveryTime|deliveryFeeRate|displayName|settleCoin|lotSizeFilter\.qtyStep|priceFilter\.(?:minPrice|maxPrice))$|nextPageCursor$/

function restCondition(endpoint: string, reply: unknown): Applies {
  const category = text(valuesAt(reply, 'result.category')[0])
  const isContract = category === 'linear' || category === 'inverse'
  const rules: readonly (readonly [RegExp, boolean])[] = endpoint.endsWith('instruments-info')
    ? [
        [SPOT_INSTRUMENT, category === 'spot'],
        [CONTRACT_INSTRUMENT, isContract],
        [DATED_INSTRUMENT, category !== 'spot'],
        [/\[\]\.optionsType$/, category === 'option'],
        [/riskParameters/, category !== 'option'],
        // A repeat of the public row; the account's table leaves these out for options.
        [/\[\]\.symbolType$/, category !== 'option'],
      ]
    : endpoint === 'GET /v5/market/tickers'
      ? [
          [/\[\]\.(?:indexPrice|markPrice|openInterest|predictedDeliveryPrice)$/, category !== 'spot'],
          [/\[\]\.(?:prevPrice24h|price24hPcnt)$/, category !== 'option'],
          [OPTION_ROW, category === 'option'],
          [CONTRACT_ROW, isContract],
          [/\[\]\.usdIndexPrice$/, category === 'spot'],
        ]
      : endpoint === 'GET /v5/market/recent-trade'
        ? [[/\[\]\.(?:mP|iP|mIv|iv)$/, category === 'option']]
        : endpoint === 'GET /v5/position/list'
          ? [[/\[\]\.(?:delta|gamma|vega|theta)$/, category === 'option']]
          : endpoint === 'GET /v5/account/fee-rate'
            ? [[/result\.category$/, category === 'spot' || category === 'option']]
            : []
  return (path) => !NEVER.test(path) && rules.every(([pattern, holds]) => holds || !pattern.test(path))
}

const OPTION_TICKER =
  /^data\.(?:bidPrice|bidSize|bidIv|askPrice|askSize|askIv|markPriceIv|underlyingPrice|totalVolume|totalTurnover|delta|gamma|vega|theta|change24h)$/
const CONTRACT_TICKER =
  /^data\.(?:tickDirection|prevPrice1h|openInterestValue|singleOpen\w+|nextFundingTime|fundingRate|(?:bid|ask)1\w+|pre\w+Price|preQty|curPreListingPhase|funding\w+|basis\w+)$/
/** Of dated futures and pre-market contracts. */
const FUTURE_TICKER = /^data\.(?:delivery\w+|predictedDeliveryPrice|basis\w+|pre(?:OpenPrice|Qty)|curPreListingPhase)$/

function wsCondition(path: string, message: unknown): Applies {
  const topic = text(valuesAt(message, 'topic')[0])
  const category = path.split('/').at(-1) ?? ''
  const isContract = category === 'linear' || category === 'inverse'
  const isDelta = valuesAt(message, 'type')[0] === 'delta'
  const rules: readonly (readonly [RegExp, boolean])[] = topic.startsWith('tickers.')
    ? [
        // A delta has only what changed.
        [/^data\.(?!symbol$)/, !isDelta],
        [OPTION_TICKER, category === 'option'],
        [CONTRACT_TICKER, isContract],
        [/^data\.(?:indexPrice|markPrice|openInterest)$/, category !== 'spot'],
        [/^data\.(?:prevPrice24h|price24hPcnt)$/, category !== 'option'],
        [/^data\.usdIndexPrice$/, category === 'spot'],
        [FUTURE_TICKER, isContract],
        [/^id$/, category === 'option'],
        [/^cs$/, category !== 'option'],
      ]
    : topic.startsWith('publicTrade.')
      ? [[/\[\]\.(?:mP|iP|mIv|iv)$|^id$/, category === 'option']]
      : topic.startsWith('position')
        ? [[/\[\]\.(?:delta|gamma|vega|theta)$/, category === 'option']]
        : []
  return (key) => !NEVER.test(key) && rules.every(([pattern, holds]) => holds || !pattern.test(key))
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
