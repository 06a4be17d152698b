/**
 * order/{create,amend,cancel}-batch: `result.list` and `retExtInfo.list` are parallel, the top code is 0 although items
 * failed. Items beyond the quota are refused one by one, the leading ones pass (BYBIT.md §3.4).
 */
import type { Category } from '../../../../domain/instrument.ts'
import type { CommandResult } from '../../model.ts'
import type { Fields } from '../fields.ts'
import { amendCommand, cancelCommand, placeCommand } from '../order-input.ts'
import { accepted, badParam, type Json, type Outcome, Refusal } from '../outcome.ts'
import type { Call, Venue } from '../venue.ts'

const SIZE_MAX = { contract: 20, spot: 10 }

export const createBatch = (venue: Venue, call: Call): Outcome =>
  batch(call, { createAt: '' }, (category, item) => {
    const command = placeCommand(venue, category, item)
    venue.quirks.insistOnTrading(category, command.symbol)
    const result = venue.exchange.place(call.uid, command, call.nowUs)
    return { result, extra: result.retCode === 0 ? { createAt: String(call.nowMs) } : {} }
  })

export const amendBatch = (venue: Venue, call: Call): Outcome =>
  batch(call, {}, (category, item) => ({
    result: venue.exchange.amend(call.uid, amendCommand(venue, category, item), call.nowUs),
    extra: {},
  }))

// A failed cancel echoes the ids it was asked for.
export const cancelBatch = (venue: Venue, call: Call): Outcome =>
  batch(call, {}, (category, item) => {
    const command = cancelCommand(venue, category, item)
    venue.quirks.insistOnTrading(category, command.symbol)
    const result = venue.exchange.cancel(call.uid, command, call.nowUs)
    const ids = { orderId: item.text('orderId'), orderLinkId: item.text('orderLinkId') }
    return { result: result.retCode === 0 ? result : { ...result, ...ids }, extra: {} }
  })

/** Orders inside a batch request: what its quota is charged with. */
export function batchSize(fields: Fields): number {
  return fields.list('request').length
}

interface ItemResult {
  readonly result: CommandResult
  readonly extra: Json
}

/** `blank` are the keys that every row has, as they are when the item failed. */
function batch(call: Call, blank: Json, act: (category: Category, item: Fields) => ItemResult): Outcome {
  const category = call.fields.category()
  const items = call.fields.list('request')
  const most = category === 'spot' ? SIZE_MAX.spot : SIZE_MAX.contract
  if (items.length > most) return badParam(`the batch size must not exceed ${most}`)
  const list: Json[] = []
  const codes: Json[] = []
  for (const [index, item] of items.entries()) {
    const { result, extra } = index < call.granted ? attempt(category, item, act) : OVER_QUOTA
    const { orderId, orderLinkId } = result
    list.push({ category, symbol: textOr(item, 'symbol'), orderId, orderLinkId, ...blank, ...extra })
    codes.push({ code: result.retCode, msg: result.retMsg })
  }
  return accepted({ list }, { list: codes })
}

const OVER_QUOTA: ItemResult = {
  result: {
    retCode: 10006,
    retMsg: 'Too many visits. Exceeded the API Rate Limit.',
    orderId: '',
    orderLinkId: '',
  },
  extra: {},
}

// A malformed item fails alone.
function attempt(category: Category, item: Fields, act: (category: Category, item: Fields) => ItemResult): ItemResult {
  try {
    return act(category, item)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { retCode, retMsg } = error.outcome
    const ids = { orderId: '', orderLinkId: textOr(item, 'orderLinkId') }
    return { result: { retCode, retMsg, ...ids }, extra: {} }
  }
}

function textOr(item: Fields, name: string): string {
  try {
    return item.text(name)
  } catch (error) {
    if (error instanceof Refusal) return ''
    throw error
  }
}
