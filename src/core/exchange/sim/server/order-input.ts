/**
 * A client's order parameters → the ledger's commands. Here text becomes grid integers and shapes are checked (decimals,
 * spellings, ids); whether the order makes sense for the account and the market is the ledger's judgement.
 */
import { parseBig, toSteps } from '../../../domain/fixed.ts'
import type { Category } from '../../../domain/instrument.ts'
import { priceTicks, type Side, type SizeLots, sizeLots } from '../../../domain/units.ts'
import type {
  AmendCommand,
  CancelAllScope,
  CancelCommand,
  OrderFilter,
  PlaceCommand,
  SimInstrument,
  SimTimeInForce,
} from '../model.ts'
import { exitFault } from './exits.ts'
import type { Fields } from './fields.ts'
import { badParam, refuse, refused, Refusal } from './outcome.ts'
import { priceText } from './rows/money-text.ts'
import type { Venue } from './venue.ts'

/** Reading an order needs the ledger's listings and books only. */
type Ledgered = Pick<Venue, 'exchange'>

const TIME_IN_FORCE: readonly SimTimeInForce[] = ['GTC', 'IOC', 'FOK', 'PostOnly', 'RPI']
const FILTERS: readonly OrderFilter[] = ['Order', 'StopOrder', 'tpslOrder', 'OcoOrder', 'BidirectionalTpslOrder']
const SCOPES: readonly (OrderFilter | 'OpenOrder')[] = [...FILTERS, 'OpenOrder']
/** Parameters that only have to be given back. */
const ECHOED = [
  'marketUnit',
  'isLeverage',
  'orderIv',
  'takeProfit',
  'stopLoss',
  'tpTriggerBy',
  'slTriggerBy',
  'tpslMode',
  'tpLimitPrice',
  'slLimitPrice',
  'tpOrderType',
  'slOrderType',
  'slippageToleranceType',
  'slippageTolerance',
] as const

const AMENDED = [
  'takeProfit',
  'stopLoss',
  'tpTriggerBy',
  'slTriggerBy',
  'tpslMode',
  'tpLimitPrice',
  'slLimitPrice',
] as const

export function placeCommand(venue: Ledgered, category: Category, fields: Fields): PlaceCommand {
  const listing = listed(venue, category, fields)
  const side: Side = fields.choice('side', ['Buy', 'Sell']) === 'Buy' ? 1 : -1
  const type = fields.choice('orderType', ['Limit', 'Market'])
  const quoteE8 = quoteAmount(category, fields, { side, type })
  const triggerTicks = fields.has('triggerPrice') ? ticksOf(listing, fields, 'triggerPrice') : 0
  const command: PlaceCommand = {
    category,
    symbol: listing.instrument.symbol,
    side,
    type,
    priceTicks: priceTicks(type === 'Market' ? 0 : limitTicks(venue, listing, fields, side)),
    sizeLots: quoteE8 > 0n ? sizeLots(0) : lotsOf(listing, fields, 'qty'),
    quoteE8,
    timeInForce: type === 'Market' ? marketTif(fields) : fields.choice('timeInForce', TIME_IN_FORCE, 'GTC'),
    orderLinkId: linkId(fields),
    isReduceOnly: fields.flag('reduceOnly'),
    closeOnTrigger: fields.flag('closeOnTrigger'),
    positionIdx: positionIdx(fields),
    smpType: fields.choice('smpType', ['None', 'CancelMaker', 'CancelTaker', 'CancelBoth'], 'None'),
    orderFilter: filterOf(category, fields, triggerTicks),
    stopOrderType: stopType(category, fields, triggerTicks),
    triggerTicks: priceTicks(triggerTicks),
    triggerDirection: triggerDirection(fields),
    triggerBy:
      triggerTicks > 0 ? fields.choice('triggerBy', ['LastPrice', 'IndexPrice', 'MarkPrice'], 'LastPrice') : '',
    extras: extrasOf(venue, listing, fields),
  }
  const fault = exitFault(venue.exchange, command, listing)
  if (fault !== '') throw new Refusal(refused(10001, fault))
  return command
}

export function amendCommand(venue: Venue, category: Category, fields: Fields): AmendCommand {
  const listing = listed(venue, category, fields)
  return {
    category,
    symbol: listing.instrument.symbol,
    ...ids(fields),
    priceTicks: isSet(fields, 'price') ? priceTicks(ticksOf(listing, fields, 'price')) : null,
    sizeLots: isSet(fields, 'qty') ? lotsOf(listing, fields, 'qty') : null,
    triggerTicks: isSet(fields, 'triggerPrice') ? priceTicks(ticksOf(listing, fields, 'triggerPrice')) : null,
    extras: amendedExtras(fields),
  }
}

/** Exits the order carries: "0" takes one away. */
function amendedExtras(fields: Fields): Record<string, string> {
  const names = AMENDED.filter((name) => fields.has(name))
  return Object.fromEntries(names.map((name) => [name, fields.text(name) === '0' ? '' : fields.text(name)]))
}

export function cancelCommand(venue: Venue, category: Category, fields: Fields): CancelCommand {
  const listing = listed(venue, category, fields)
  return {
    category,
    symbol: listing.instrument.symbol,
    ...ids(fields),
    orderFilter: fields.has('orderFilter') ? fields.choice('orderFilter', FILTERS) : null,
  }
}

export function cancelAllScope(category: Category, fields: Fields): CancelAllScope {
  return {
    category,
    symbol: fields.text('symbol'),
    baseCoin: fields.text('baseCoin'),
    settleCoin: fields.text('settleCoin'),
    orderFilter: fields.has('orderFilter') ? fields.choice('orderFilter', SCOPES) : null,
    stopOrderType: fields.text('stopOrderType'),
  }
}

/** The symbol's listing; refuses unknown ones with the category's code. Hyphens are tolerated, as Bybit does. */
export function listed(venue: Ledgered, category: Category, fields: Fields): SimInstrument {
  const symbol = fields.needText('symbol')
  const listing = venue.exchange.listing(category, symbol) ?? venue.exchange.listing(category, symbol.replace('-', ''))
  if (listing !== undefined) return listing
  throw new Refusal(category === 'spot' ? refused(170121, 'Invalid symbol.') : badParam('symbol invalid'))
}

function ids(fields: Fields): { orderId: string; orderLinkId: string } {
  const orderId = fields.text('orderId')
  const orderLinkId = fields.text('orderLinkId')
  if (orderId === '' && orderLinkId === '') throw new Refusal(badParam('orderId or orderLinkId is required'))
  return { orderId, orderLinkId }
}

// Clients send "0" or "" for "unchanged" in an amend.
const isSet = (fields: Fields, name: string): boolean => fields.has(name) && fields.text(name) !== '0'

function linkId(fields: Fields): string {
  const id = fields.text('orderLinkId')
  if (id !== '' && !/^[A-Za-z0-9_-]{1,36}$/.test(id)) throw new Refusal(badParam('OrderLinkId invalid'))
  return id
}

function positionIdx(fields: Fields): 0 | 1 | 2 {
  const index = fields.integer('positionIdx', 0)
  if (index === 0 || index === 1 || index === 2) return index
  throw new Refusal(badParam('position idx not match position mode'))
}

function marketTif(fields: Fields): SimTimeInForce {
  return fields.choice('timeInForce', TIME_IN_FORCE, 'IOC') === 'FOK' ? 'FOK' : 'IOC'
}

/** Spot market orders may be in quote coins: buys unless `marketUnit` says base, sells if it says quote; else 0n. */
function quoteAmount(category: Category, fields: Fields, order: { side: Side; type: 'Limit' | 'Market' }): bigint {
  if (category !== 'spot' || order.type !== 'Market') return 0n
  const usual = order.side === 1 ? 'quoteCoin' : 'baseCoin'
  if (fields.choice('marketUnit', ['quoteCoin', 'baseCoin'], usual) === 'baseCoin') return 0n
  const amount = parseBig(fields.needText('qty'), 8)
  if (amount === null || amount <= 0n) return refuse(170137, 'Order quantity has too many decimals.')
  return amount
}

function lotsOf(listing: SimInstrument, fields: Fields, name: string): SizeLots {
  const lots = toSteps(fields.needText(name), listing.instrument.size)
  if (!Number.isNaN(lots) && lots >= 0) return sizeLots(lots)
  if (listing.instrument.category === 'spot') return refuse(170137, 'Order quantity has too many decimals.')
  throw new Refusal(badParam('Qty invalid'))
}

function ticksOf(listing: SimInstrument, fields: Fields, name: string): number {
  const ticks = toSteps(fields.needText(name), listing.instrument.price)
  if (!Number.isNaN(ticks) && ticks > 0) return ticks
  if (listing.instrument.category === 'spot') return refuse(170134, 'Order price has too many decimals.')
  throw new Refusal(badParam(`${name} invalid`))
}

// `bboSideType` and `bboLevel` take the price from the book instead.
function limitTicks(venue: Ledgered, listing: SimInstrument, fields: Fields, side: Side): number {
  if (!fields.has('bboSideType')) return ticksOf(listing, fields, 'price')
  const isQueue = fields.choice('bboSideType', ['Queue', 'Counterparty']) === 'Queue'
  const level = fields.integer('bboLevel', 1)
  if (level < 1 || level > 5) throw new Refusal(badParam('bboLevel invalid'))
  const { category, symbol } = listing.instrument
  const ticks = new Float64Array(level)
  const bookSide = isQueue === (side === 1) ? 1 : -1
  const found = venue.exchange.market(category, symbol)?.depth(bookSide, level, ticks, new Float64Array(level)) ?? 0
  if (found === 0) throw new Refusal(badParam('no price at this bboLevel'))
  return ticks[found - 1] ?? 0
}

function triggerDirection(fields: Fields): 0 | 1 | 2 {
  const direction = fields.integer('triggerDirection', 0)
  if (direction === 0 || direction === 1 || direction === 2) return direction
  throw new Refusal(badParam('triggerDirection invalid'))
}

function filterOf(category: Category, fields: Fields, triggerTicks: number): OrderFilter {
  if (category !== 'spot') return triggerTicks > 0 ? 'StopOrder' : 'Order'
  const filter = fields.choice('orderFilter', FILTERS, 'Order')
  return filter === 'Order' && triggerTicks > 0 ? 'tpslOrder' : filter
}

function stopType(category: Category, fields: Fields, triggerTicks: number): string {
  if (triggerTicks === 0) return ''
  return category === 'spot' && filterOf(category, fields, triggerTicks) === 'tpslOrder' ? 'tpslOrder' : 'Stop'
}

function extrasOf(venue: Ledgered, listing: SimInstrument, fields: Fields): Record<string, string> {
  const { instrument } = listing
  const market = venue.exchange.market(instrument.category, instrument.symbol)
  const extras: Record<string, string> = {}
  for (const name of ECHOED) {
    if (name === 'isLeverage') {
      if (fields.has(name)) extras[name] = String(fields.integer(name))
    } else if (fields.has(name)) extras[name] = fields.text(name)
  }
  if (fields.flag('rpiTakerAccess')) extras['rpiTakerAccess'] = 'true'
  const lastTicks = market?.lastTicks() ?? 0
  if (lastTicks > 0) extras['lastPriceOnCreated'] = priceText(lastTicks, instrument)
  return extras
}
