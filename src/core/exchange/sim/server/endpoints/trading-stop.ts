/** position/trading-stop: sets, replaces or removes ("0") the exits of a position. Trailing stops are refused. */
import { toSteps } from '../../../../domain/fixed.ts'
import type { SimPosition } from '../../model.ts'
import { EXITS, exitChange, exitSideFault } from '../exits.ts'
import { listed } from '../order-input.ts'
import { accepted, badParam, type Outcome, Refusal, refused } from '../outcome.ts'
import type { Call, Venue } from '../venue.ts'
import { done } from './position.ts'

const TRIGGERS = ['LastPrice', 'IndexPrice', 'MarkPrice'] as const

export function tradingStop(venue: Venue, call: Call): Outcome {
  const { fields, uid, nowUs } = call
  const listing = listed(venue, fields.category(), fields)
  fields.choice('tpslMode', ['Full', 'Partial'], 'Full')
  if (fields.has('trailingStop') && fields.text('trailingStop') !== '0')
    return badParam('trailingStop is not simulated')
  const index = fields.integer('positionIdx', 0)
  const { category, symbol } = listing.instrument
  const position = venue.exchange
    .positions(uid)
    .find((one) => one.category === category && one.symbol === symbol && one.positionIdx === index && one.lots !== 0)
  if (position === undefined) return refused(10001, 'can not set tp/sl/ts for zero position')
  const changes = EXITS.flatMap((exit) => {
    if (!fields.has(exit.field)) return []
    const text = fields.text(exit.field)
    const ticks = text === '0' ? 0 : toSteps(text, listing.instrument.price)
    if (Number.isNaN(ticks) || ticks < 0) throw new Refusal(badParam(`${exit.field} invalid`))
    const triggerBy = fields.choice(exit.triggerBy, TRIGGERS, 'LastPrice')
    const base = basePrice(venue, position, triggerBy)
    const fault = ticks === 0 ? '' : exitSideFault(exit, { text, ticks, base }, position.lots)
    if (fault !== '') throw new Refusal(refused(10001, fault))
    const change = exitChange(venue.exchange, position, { exit, ticks, triggerBy })
    return change === null ? [] : [change]
  })
  if (changes.length === 0) return refused(34040, 'not modified')
  for (const change of changes) {
    const result = change(nowUs)
    if (result.retCode !== 0) return done(result)
  }
  return accepted()
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
