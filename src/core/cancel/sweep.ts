/**
 * Cancel everything, now. One cancel-all per unit, all units at once, each repeated while the exchange says that a call
 * took its full 500 (it picks them at random, so there may be more) and while no definite answer came. An answer here is
 * an acceptance, never a proof: verify.ts looks.
 */
import { backOff, type Context, isOver, orderKey } from './context.ts'
import type { Unit } from './scope.ts'
import { type Answer, type Fields, rowsOf, textOf } from './venue-client.ts'

const CALL_CAP = 500
const RETRIES = 3
// A key is believed to lack a permission when it was refused this often in a row and once more.
const DENIALS = 2

export interface SweepResult {
  /** Every unit was answered definitely and none named an order: nothing was there to cancel. */
  readonly isEmpty: boolean
  /** Units of which the exchange will not say so: refused as a request, or not permitted. */
  readonly blind: readonly Unit[]
}

/** One cancel-all for each unit, repeated as needed. */
export async function sweep(context: Context, units: readonly Unit[]): Promise<SweepResult> {
  const results = await Promise.all(units.map((unit) => sweepUnit(context, unit)))
  return {
    isEmpty: results.every((result) => result === 0 || result === 'blind'),
    blind: units.filter((_, index) => results[index] === 'blind'),
  }
}

// Number of orders the exchange named; null when it never answered definitely.
async function sweepUnit(context: Context, unit: Unit): Promise<number | null | 'blind'> {
  let named = 0
  for (let retry = 0; retry <= RETRIES && !isOver(context); ) {
    if (context.noCancel.has(unit.category)) return 'blind'
    const answer = await context.client.call(cancelAllCall(unit), context.deadlineMs)
    if (answer.kind === 'ok' && textOf(answer.result, 'success') !== '0') {
      const rows = rowsOf(answer.result, 'list')
      for (const row of rows) rememberNamed(context, unit, row)
      named += rows.length
      if (rows.length < CALL_CAP) return named
      continue
    }
    if (answer.kind === 'refused') {
      context.refusals.set(unit.label, `${answer.code} ${answer.message}`)
      return 'blind'
    }
    if (answer.kind === 'denied' && retry >= DENIALS) context.noCancel.set(unit.category, answer.code)
    context.lastTrouble = `${unit.label}: ${troubleOf(answer)}`
    if (answer.kind === 'banned') return null
    await backOff(context, retry++)
  }
  return null
}

function troubleOf(answer: Answer): string {
  if (answer.kind === 'ok') return 'success "0"'
  if (answer.kind === 'lost') return `lost (${answer.why})`
  return 'code' in answer ? `${answer.kind} ${answer.code} ${answer.message}` : answer.kind
}

function cancelAllCall(unit: Unit) {
  const gate = unit.category === 'linear' || unit.category === 'inverse' ? 'futures' : unit.category
  return {
    method: 'POST',
    path: '/v5/order/cancel-all',
    params: unit.params,
    unit: unit.label,
    gate: `cancel-all/${gate}`,
  } as const
}

function rememberNamed(context: Context, unit: Unit, row: Fields): void {
  const orderId = textOf(row, 'orderId')
  const seen = { category: unit.category, symbol: '', orderId, orderLinkId: textOf(row, 'orderLinkId') }
  if (orderId === '' || context.seen.has(orderKey(seen))) return
  // Of futures the reply says no more than the id; spot is swept by kind.
  const { orderFilter = 'Order' } = unit.params
  context.seen.set(orderKey(seen), { ...seen, isProtective: orderFilter !== 'Order' })
}
