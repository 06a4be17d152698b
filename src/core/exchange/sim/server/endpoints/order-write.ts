/** order/{create,amend,cancel,cancel-all,pre-check}: one order at a time. The reply is an acceptance, never a state. */
import type { CommandResult, SimOrder } from '../../model.ts'
import { amendCommand, cancelAllScope, cancelCommand, placeCommand } from '../order-input.ts'
import { accepted, badParam, type Outcome, refused } from '../outcome.ts'
import { absBig, ratioE8, timesE8, valueE8 } from '../rows/money-text.ts'
import { MAINTENANCE_E8 } from '../rows/position-row.ts'
import { accountFigures } from '../rows/wallet-row.ts'
import type { Call, Venue } from '../venue.ts'

export function create(venue: Venue, call: Call): Outcome {
  const command = placeCommand(venue, call.fields.category(), call.fields)
  venue.quirks.insistOnTrading(command.category, command.symbol)
  return answer(venue.exchange.place(call.uid, command, call.nowUs))
}

export function amend(venue: Venue, call: Call): Outcome {
  const command = amendCommand(venue, call.fields.category(), call.fields)
  venue.quirks.insistOnTrading(command.category, command.symbol)
  return answer(venue.exchange.amend(call.uid, command, call.nowUs))
}

export function cancel(venue: Venue, call: Call): Outcome {
  const command = cancelCommand(venue, call.fields.category(), call.fields)
  venue.quirks.insistOnTrading(command.category, command.symbol)
  return answer(venue.exchange.cancel(call.uid, command, call.nowUs))
}

export function cancelAll(venue: Venue, call: Call): Outcome {
  const scope = cancelAllScope(call.fields.category(), call.fields)
  const isContract = scope.category === 'linear' || scope.category === 'inverse'
  if (isContract && scope.symbol === '' && scope.baseCoin === '' && scope.settleCoin === '') {
    return badParam('symbol, baseCoin or settleCoin is required')
  }
  if (scope.category === 'spot' && scope.settleCoin !== '') return badParam('settle_coin not support')
  const quirk = venue.quirks.cancelAll()
  const spared: SimOrder[] = []
  const isSpared = (order: SimOrder): boolean => quirk.isSpared(order) && spared.push(order) > 0
  const result = venue.exchange.cancelAll(call.uid, scope, call.nowUs, 'CancelByUser', isSpared)
  if (result.retCode !== 0) return refused(result.retCode, result.retMsg)
  const named = quirk.effect === 'survive' ? [...result.list, ...spared] : result.list
  const list = named.map(({ orderId, orderLinkId }) => ({ orderId, orderLinkId }))
  return accepted({ list, success: quirk.effect === 'partial' && spared.length > 0 ? '0' : '1' })
}

/** Margin rates before and after, in 1e-4, without placing. */
export function preCheck(venue: Venue, call: Call): Outcome {
  const command = placeCommand(venue, call.fields.category(), call.fields)
  const listing = venue.exchange.listing(command.category, command.symbol)
  if (listing === undefined) return badParam('symbol invalid')
  const { equity, initial, maintenance } = accountFigures(venue.exchange, call.uid)
  const ticks = command.priceTicks || venue.exchange.reference(command.category, command.symbol).markTicks
  const value = valueE8(command.sizeLots, ticks, listing.instrument)
  const leverage = BigInt(
    Math.round(Number(venue.exchange.terms.leverage(call.uid, command.category, command.symbol)) * 1e8),
  )
  const addedInitial = command.isReduceOnly ? 0n : ratioE8(value, leverage)
  const addedMaintenance = command.isReduceOnly ? 0n : timesE8(absBig(value), MAINTENANCE_E8)
  const rateE4 = (part: bigint): number => Number(ratioE8(part, equity) / 10_000n)
  return accepted({
    orderId: '',
    orderLinkId: command.orderLinkId,
    preImrE4: rateE4(initial),
    preMmrE4: rateE4(maintenance),
    postImrE4: rateE4(initial + addedInitial),
    postMmrE4: rateE4(maintenance + addedMaintenance),
  })
}

export function answer(result: CommandResult): Outcome {
  if (result.retCode !== 0) return refused(result.retCode, result.retMsg)
  return accepted({ orderId: result.orderId, orderLinkId: result.orderLinkId })
}
