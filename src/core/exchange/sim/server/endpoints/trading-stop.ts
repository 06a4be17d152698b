/**
 * position/trading-stop. `Full` sets, replaces or removes ("0") the exits of a whole position, `Partial` adds exits of a
 * part; the trailing stop is of the whole position in both.
 */
import { toSteps } from '../../../../domain/fixed.ts'
import type { SimInstrument, SimPosition } from '../../model.ts'
import { type Change, exitChange, partialExit, trailChange } from '../exit-orders.ts'
import { type Exit, EXITS, exitOrders, exitSideFault } from '../exits.ts'
import { listed } from '../order-input.ts'
import { accepted, badParam, type Outcome, Refusal, refused } from '../outcome.ts'
import type { Call, Venue } from '../venue.ts'
import { done } from './position.ts'

const TRIGGERS = ['LastPrice', 'IndexPrice', 'MarkPrice'] as const

interface Stop {
  readonly venue: Venue
  readonly call: Call
  readonly listing: SimInstrument
  readonly position: SimPosition
}

export function tradingStop(venue: Venue, call: Call): Outcome {
  const { fields } = call
  const listing = listed(venue, fields.category(), fields)
  const mode = fields.choice('tpslMode', ['Full', 'Partial'], 'Full')
  const stop = { venue, call, listing, position: positionOf(venue, call, listing) }
  const exits = mode === 'Full' ? wholeChanges(stop) : partChanges(stop)
  const trail = trailingChange(stop)
  if (exits.length === 0 && trail === null) return refused(34040, 'not modified')
  const results = [...exits, ...(trail === null ? [] : [trail])].map((change) => change(call.nowUs))
  const failed = results.find(({ retCode }) => retCode !== 0)
  const isPair = mode === 'Partial' && failed === undefined
  if (isPair) venue.pairs.bind(results.slice(0, exits.length).map(({ orderId }) => orderId))
  return failed === undefined ? accepted() : done(failed)
}

function positionOf(venue: Venue, { fields, uid }: Call, { instrument }: SimInstrument): SimPosition {
  const { category, symbol } = instrument
  const index = fields.integer('positionIdx', 0)
  const position = venue.exchange
    .positions(uid)
    .find((one) => one.category === category && one.symbol === symbol && one.positionIdx === index && one.lots !== 0)
  if (position === undefined) throw new Refusal(refused(10001, 'can not set tp/sl/ts for zero position'))
  return position
}

function wholeChanges(stop: Stop): Change[] {
  const { fields } = stop.call
  return EXITS.flatMap((exit) => {
    if (fields.choice(exit.orderType, ['Market', 'Limit'], 'Market') === 'Limit')
      throw new Refusal(badParam(`${exit.orderType} must be Market when tpslMode is Full`))
    if (!fields.has(exit.field)) return []
    const change = exitChange(stop.venue.exchange, stop.position, priceOf(stop, exit))
    return change === null ? [] : [change]
  })
}

// Adds only: "0" takes nothing away here.
function partChanges(stop: Stop): Change[] {
  const { fields } = stop.call
  const isBoth = fields.has('tpSize') && fields.has('slSize')
  if (isBoth && fields.text('tpSize') !== fields.text('slSize'))
    throw new Refusal(badParam('tpSize and slSize must be equal'))
  return EXITS.flatMap((exit) => {
    if (!fields.has(exit.field)) return []
    const price = priceOf(stop, exit)
    if (price.ticks === 0) return []
    const part = { ...price, lots: sizeOf(stop, exit), limitTicks: limitOf(stop, exit) }
    return [partialExit(stop.venue.exchange, stop.position, part)]
  })
}

function priceOf({ venue, call: { fields }, listing, position }: Stop, exit: Exit) {
  const text = fields.text(exit.field)
  const ticks = text === '0' ? 0 : toSteps(text, listing.instrument.price)
  if (Number.isNaN(ticks) || ticks < 0) throw new Refusal(badParam(`${exit.field} invalid`))
  const triggerBy = fields.choice(exit.triggerBy, TRIGGERS, 'LastPrice')
  const base = basePrice(venue, position, triggerBy)
  const fault = ticks === 0 ? '' : exitSideFault(exit, { text, ticks, base }, position.lots)
  if (fault !== '') throw new Refusal(refused(10001, fault))
  return { exit, ticks, triggerBy }
}

// Without a size it is the position's.
function sizeOf({ call: { fields }, listing, position }: Stop, { size }: Exit): number {
  const held = Math.abs(position.lots)
  if (!fields.has(size)) return held
  const lots = toSteps(fields.text(size), listing.instrument.size)
  if (!(lots > 0) || lots > held) throw new Refusal(badParam(`${size} invalid`))
  return lots
}

function limitOf({ call: { fields }, listing }: Stop, { orderType, limitPrice }: Exit): number {
  if (fields.choice(orderType, ['Market', 'Limit'], 'Market') === 'Market') return 0
  const ticks = toSteps(fields.needText(limitPrice), listing.instrument.price)
  if (!(ticks > 0)) throw new Refusal(badParam(`${limitPrice} invalid`))
  return ticks
}

function trailingChange({ venue, call: { fields }, listing, position }: Stop): Change | null {
  const { exchange } = venue
  if (!fields.has('trailingStop') && !fields.has('activePrice')) return null
  const standing = exitOrders(exchange, position, 'TrailingStop')[0]?.trail?.rule
  const ticksOf = (name: string, otherwise: number): number => {
    if (!fields.has(name)) return otherwise
    const text = fields.text(name)
    const ticks = text === '0' ? 0 : toSteps(text, listing.instrument.price)
    if (ticks >= 0) return ticks
    throw new Refusal(badParam(`${name} invalid`))
  }
  const distanceTicks = ticksOf('trailingStop', standing?.distanceTicks ?? 0)
  if (distanceTicks === 0) return trailChange(exchange, position, null)
  const activeTicks = ticksOf('activePrice', standing?.activeTicks ?? 0)
  const lastTicks = exchange.market(position.category, position.symbol)?.lastTicks() ?? 0
  // It starts when the position is better off than now.
  const isBehind = activeTicks !== 0 && (activeTicks - lastTicks) * position.lots <= 0
  if (isBehind && activeTicks !== standing?.activeTicks) {
    const [held, side] = position.lots > 0 ? ['Buy', 'greater'] : ['Sell', 'less']
    throw new Refusal(refused(10001, `activePrice set for ${held} position should be ${side} than last_price`))
  }
  return trailChange(exchange, position, { distanceTicks, activeTicks })
}

function basePrice(
  venue: Venue,
  { category, symbol }: Pick<SimPosition, 'category' | 'symbol'>,
  triggerBy: (typeof TRIGGERS)[number],
): number {
  const { markTicks, indexTicks } = venue.exchange.reference(category, symbol)
  if (triggerBy === 'MarkPrice') return markTicks
  if (triggerBy === 'IndexPrice') return indexTicks
  return venue.exchange.market(category, symbol)?.lastTicks() ?? 0
}
