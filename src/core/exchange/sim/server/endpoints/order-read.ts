/** order/realtime, order/history and execution/list: what is open, what was, what traded (BYBIT.md §1.4). */
import type { Category } from '../../../../domain/instrument.ts'
import type { SimExecution, SimInstrument, SimOrder } from '../../model.ts'
import type { Fields } from '../fields.ts'
import { accepted, badParam, type Outcome } from '../outcome.ts'
import { pageOf, windowOf } from '../page.ts'
import { isRowCursor, shiftingPageOf } from '../shifting-page.ts'
import { executionRow } from '../rows/execution-row.ts'
import { isOpen, orderRow } from '../rows/order-row.ts'
import type { Call, Venue } from '../venue.ts'

const RECENT_CLOSED = 500
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

const orderKey = (order: SimOrder) => ({ atUs: order.createdUs, id: order.orderId })

export function realtime(venue: Venue, call: Call): Outcome {
  const { fields, uid } = call
  const category = fields.category()
  const byId = findById(venue, call, category)
  if (byId !== null) {
    const isShown = (order: SimOrder): boolean => isOpen(order) || !venue.quirks.isForgetting()
    return orderPage(venue, fields, category, byId.filter(isShown))
  }
  const fault = scopeFault(category, fields)
  if (fault !== null) return fault
  const openOnly = fields.integer('openOnly', 0)
  if (openOnly < 0 || openOnly > 2) return badParam('openOnly invalid')
  const source =
    openOnly === 0
      ? venue.quirks.listed(uid, () => venue.exchange.openOrders(uid)).filter((order) => order.category === category)
      : recentClosed(venue, uid, category)
  return orderPage(venue, fields, category, source.filter(orderScope(venue, fields)))
}

export function history(venue: Venue, call: Call): Outcome {
  const { fields, uid, nowMs } = call
  const category = fields.category()
  const byId = findById(venue, call, category)
  if (byId !== null)
    return orderPage(venue, fields, category, venue.quirks.remembered(byId.filter((order) => !isOpen(order))))
  const { fromMs, toMs } = windowOf(fields, nowMs, WEEK_MS)
  const status = fields.text('orderStatus')
  const inScope = orderScope(venue, fields)
  const found = venue.exchange.closedOrders(uid).filter((order) => {
    const createdMs = order.createdUs / 1_000
    if (order.category !== category || createdMs < fromMs || createdMs > toMs) return false
    return isRemembered(order, nowMs) && (status === '' || order.status === status) && inScope(order)
  })
  return orderPage(venue, fields, category, venue.quirks.remembered(found))
}

export function executions(venue: Venue, call: Call): Outcome {
  const { fields, uid, nowMs } = call
  const category = fields.category()
  const { fromMs, toMs } = windowOf(fields, nowMs, WEEK_MS)
  const orderId = fields.text('orderId')
  const orderLinkId = orderId === '' ? fields.text('orderLinkId') : ''
  const execType = fields.text('execType')
  const inScope = symbolScope(venue, fields)
  const found = venue.exchange.executions(uid).filter((one) => {
    const ms = one.exchangeUs / 1_000
    if (one.category !== category || ms < fromMs || ms > toMs) return false
    if (orderId !== '' && one.orderId !== orderId) return false
    if (orderLinkId !== '' && one.orderLinkId !== orderLinkId) return false
    return (execType === '' || one.execType === execType) && inScope(one)
  })
  const at = { cursor: fields.cursor(), limit: fields.limit(50, 100) }
  const page = pageOf(found, (one) => ({ atUs: one.exchangeUs, id: one.execId }), at)
  const list = page.rows.flatMap((one) => executionJson(venue, one))
  return accepted({ category, list, nextPageCursor: page.nextPageCursor })
}

function executionJson(venue: Venue, one: SimExecution): ReturnType<typeof executionRow>[] {
  const listing = venue.exchange.listing(one.category, one.symbol)
  if (listing === undefined) return []
  return [executionRow(one, listing.instrument, venue.exchange.reference(one.category, one.symbol))]
}

// orderId goes before orderLinkId; either goes before every other filter, and openOnly is ignored then.
function findById(venue: Venue, call: Call, category: Category): SimOrder[] | null {
  const orderId = call.fields.text('orderId')
  const orderLinkId = call.fields.text('orderLinkId')
  if (orderId === '' && orderLinkId === '') return null
  const found = venue.exchange.findOrder(call.uid, orderId, orderId === '' ? orderLinkId : '')
  return found !== undefined && found.category === category ? [found] : []
}

function scopeFault(category: Category, fields: Fields): Outcome | null {
  const isNarrow = fields.has('symbol') || fields.has('baseCoin') || fields.has('settleCoin')
  if (category === 'linear' && !isNarrow) return badParam('symbol, baseCoin or settleCoin is required')
  if (category === 'spot' && fields.has('settleCoin')) return badParam('settle_coin not support')
  return null
}

function recentClosed(venue: Venue, uid: string, category: Category): SimOrder[] {
  const closed = venue.exchange.closedOrders(uid).filter((order) => order.category === category)
  return closed.slice(-RECENT_CLOSED)
}

// Cancelled, rejected and deactivated orders without a fill are kept for a day, the rest for the window.
function isRemembered(order: SimOrder, nowMs: number): boolean {
  return order.filledLots > 0 || nowMs - order.updatedUs / 1_000 <= DAY_MS
}

function orderScope(venue: Venue, fields: Fields): (order: SimOrder) => boolean {
  const filter = fields.text('orderFilter')
  const inSymbol = symbolScope(venue, fields)
  return (order) => inSymbol(order) && (filter === '' || order.orderFilter === filter)
}

/** symbol goes before baseCoin, baseCoin before settleCoin. */
export function symbolScope(
  venue: Venue,
  fields: Fields,
): (row: { readonly category: Category; readonly symbol: string }) => boolean {
  const symbol = fields.text('symbol')
  const baseCoin = fields.text('baseCoin')
  const settleCoin = fields.text('settleCoin')
  if (symbol !== '') return (row) => row.symbol === symbol
  if (baseCoin === '' && settleCoin === '') return () => true
  const fits = ({ instrument }: SimInstrument): boolean =>
    baseCoin === '' ? instrument.settleCoin === settleCoin : instrument.baseCoin === baseCoin
  return (row) => {
    const listing = venue.exchange.listing(row.category, row.symbol)
    return listing !== undefined && fits(listing)
  }
}

function orderPage(venue: Venue, fields: Fields, category: Category, orders: readonly SimOrder[]): Outcome {
  const at = { cursor: fields.cursor(), limit: fields.limit(20, 50) }
  const isByRow = isRowCursor(at.cursor) || (at.cursor === '' && venue.quirks.isShifting())
  const page = isByRow ? shiftingPageOf(orders, orderKey, at) : pageOf(orders, orderKey, at)
  const list = page.rows.flatMap((order) => {
    const listing = venue.exchange.listing(order.category, order.symbol)
    return listing === undefined ? [] : [orderRow(order, listing.instrument)]
  })
  return accepted({ category, list, nextPageCursor: page.nextPageCursor })
}
