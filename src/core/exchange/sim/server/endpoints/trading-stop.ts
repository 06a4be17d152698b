/**
 * position/trading-stop: take profit and stop loss of a position as conditional reduce-only orders of the whole
 * position. Setting one replaces the one before; "0" removes it. Trailing stops are refused: the ledger has none.
 */
import { toSteps } from '../../../../domain/fixed.ts'
import { priceTicks, type Side, sizeLots } from '../../../../domain/units.ts'
import type { PlaceCommand, SimInstrument, SimOrder, SimPosition } from '../../model.ts'
import { listed } from '../order-input.ts'
import { accepted, badParam, type Outcome, Refusal, refused } from '../outcome.ts'
import type { Call, Venue } from '../venue.ts'
import { done } from './position.ts'

const KINDS = [
  { field: 'takeProfit', stopOrderType: 'TakeProfit', triggerBy: 'tpTriggerBy' },
  { field: 'stopLoss', stopOrderType: 'StopLoss', triggerBy: 'slTriggerBy' },
] as const
type Kind = (typeof KINDS)[number]

export function tradingStop(venue: Venue, call: Call): Outcome {
  const { fields, uid } = call
  const listing = listed(venue, fields.category(), fields)
  fields.choice('tpslMode', ['Full', 'Partial'], 'Full')
  if (fields.has('trailingStop') && fields.text('trailingStop') !== '0')
    return badParam('trailingStop is not simulated')
  const index = fields.integer('positionIdx', 0)
  const position = venue.exchange
    .positions(uid)
    .find((one) => one.symbol === listing.instrument.symbol && one.positionIdx === index && one.lots !== 0)
  if (position === undefined) return refused(10001, 'can not set tp/sl/ts for zero position')
  const changes = KINDS.flatMap((kind) => {
    const change = changeOf(venue, call, { kind, listing, position })
    return change === null ? [] : [change]
  })
  if (changes.length === 0) return refused(34040, 'not modified')
  for (const change of changes) {
    const result = change()
    if (result.retCode !== 0) return done(result)
  }
  return accepted()
}

interface Leg {
  readonly kind: Kind
  readonly listing: SimInstrument
  readonly position: SimPosition
}

/** What has to be done for one of the two, null when it is so already. */
function changeOf(venue: Venue, call: Call, leg: Leg): (() => { retCode: number; retMsg: string }) | null {
  const { kind, listing, position } = leg
  if (!call.fields.has(kind.field)) return null
  const text = call.fields.text(kind.field)
  const ticks = text === '0' ? 0 : toSteps(text, listing.instrument.price)
  if (Number.isNaN(ticks) || ticks < 0) throw new Refusal(badParam(`${kind.field} invalid`))
  const standing = standingOrders(venue, call.uid, leg)
  const isSame = ticks === 0 ? standing.length === 0 : standing.length === 1 && standing[0]?.triggerTicks === ticks
  if (isSame) return null
  return () => {
    for (const order of standing) {
      venue.exchange.cancel(call.uid, { ...order, orderFilter: null }, call.nowUs)
    }
    if (ticks === 0) return { retCode: 0, retMsg: 'OK' }
    return venue.exchange.place(call.uid, closingOrder(call, position, kind, ticks), call.nowUs)
  }
}

function standingOrders(venue: Venue, uid: string, { kind, position }: Leg): SimOrder[] {
  return venue.exchange
    .openOrders(uid)
    .filter((order) => order.symbol === position.symbol && order.positionIdx === position.positionIdx)
    .filter((order) => order.stopOrderType === kind.stopOrderType)
}

function closingOrder(call: Call, position: SimPosition, kind: Kind, ticks: number): PlaceCommand {
  const side: Side = position.lots > 0 ? -1 : 1
  const risesToTrigger = (kind.field === 'takeProfit') === position.lots > 0
  return {
    category: position.category,
    symbol: position.symbol,
    side,
    type: 'Market',
    priceTicks: priceTicks(0),
    sizeLots: sizeLots(0),
    quoteE8: 0n,
    timeInForce: 'IOC',
    orderLinkId: '',
    isReduceOnly: true,
    closeOnTrigger: true,
    positionIdx: position.positionIdx,
    smpType: 'None',
    orderFilter: 'StopOrder',
    stopOrderType: kind.stopOrderType,
    triggerTicks: priceTicks(ticks),
    triggerDirection: risesToTrigger ? 1 : 2,
    triggerBy: call.fields.choice(kind.triggerBy, ['LastPrice', 'IndexPrice', 'MarkPrice'], 'LastPrice'),
    extras: { tpslMode: 'Full' },
  }
}
