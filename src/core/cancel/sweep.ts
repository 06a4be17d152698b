/**
 * Cancel everything, now. One cancel-all per unit, all units at once, each repeated while the exchange says that a call
 * took its full 500 (it picks them at random, so there may be more) and while no definite answer came. An answer here is
 * an acceptance, never a proof: verify.ts looks.
 */
import { backOff, type Context, isOver, orderKey } from './context.ts'
import type { OpenRow, Unit } from './scope.ts'
import { type Answer, type Fields, isFields, rowsOf, textOf } from './venue-client.ts'

const CALL_CAP = 500
const BATCH = 10
const RETRIES = 6

export interface SweepResult {
  /** Every unit answered definitely and none named an order: nothing was there to cancel. */
  readonly wasEmpty: boolean
  /** Every unit got a definite answer. */
  readonly isComplete: boolean
}

/** One cancel-all for each unit, repeated as needed. */
export async function sweep(context: Context, units: readonly Unit[]): Promise<SweepResult> {
  const results = await Promise.all(units.map((unit) => sweepUnit(context, unit)))
  return {
    wasEmpty: results.every((result) => result === 0),
    isComplete: results.every((result) => result !== null),
  }
}

// Number of orders the exchange named; null when it never answered definitely.
async function sweepUnit(context: Context, unit: Unit): Promise<number | null> {
  let named = 0
  for (let retry = 0; retry <= RETRIES && !isOver(context); ) {
    if (context.denied.has(unit.category)) return named
    const answer = await context.client.call(cancelAllCall(unit), context.deadlineMs)
    if (answer.kind === 'ok') {
      const rows = rowsOf(answer.result, 'list')
      for (const row of rows) rememberNamed(context, unit, row)
      named += rows.length
      if (rows.length < CALL_CAP) return named
      continue
    }
    if (isFinal(context, unit, answer)) return named
    await backOff(context, retry++)
  }
  return null
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
  if (orderId !== '' && !context.seen.has(orderKey(seen)))
    context.seen.set(orderKey(seen), { ...seen, isProtective: false })
}

// Refusals that asking again cannot change; whatever stays open will be seen by verify and cancelled by id.
function isFinal(context: Context, unit: Unit, answer: Exclude<Answer, { kind: 'ok' }>): boolean {
  if (answer.kind === 'denied') {
    context.denied.set(unit.category, answer.code)
    context.lastTrouble = `${unit.label}: ${answer.code} ${answer.message}`
    return true
  }
  if (answer.kind === 'refused') {
    context.refusals.set(unit.label, `${answer.code} ${answer.message}`)
    return true
  }
  context.lastTrouble = `${unit.label}: ${answer.kind}${answer.kind === 'lost' ? ` (${answer.why})` : ''}`
  return false
}

/**
 * Cancels these orders one by one through the batch endpoint, then singly where a batch cannot (spot conditional orders)
 * or an item was refused. Returns the keys of orders that the exchange says are already over.
 */
export async function cancelById(context: Context, rows: readonly OpenRow[]): Promise<Set<string>> {
  const over = new Set<string>()
  const single = rows.filter((row) => !isBatchable(row))
  const batches = chunks(rows.filter(isBatchable), BATCH)
  const byCategory = Map.groupBy(batches, ([first]) => first?.category ?? 'linear')
  const lanes = [...byCategory.values()].map(async (list) => {
    for (const batch of list) single.push(...(await cancelBatch(context, batch, over)))
  })
  await Promise.all(lanes)
  for (const row of single) if (!isOver(context)) await cancelOne(context, row, over)
  return over
}

// Rows of the batch that have to be tried singly.
async function cancelBatch(context: Context, batch: readonly OpenRow[], over: Set<string>): Promise<OpenRow[]> {
  const [first] = batch
  if (first === undefined || isOver(context)) return []
  const { category } = first
  const request = batch.map(({ symbol, orderId }) => ({ symbol, orderId }))
  const answer = await context.client.call(
    {
      method: 'POST',
      path: '/v5/order/cancel-batch',
      params: { category, request },
      unit: `${category}/batch of ${batch.length}`,
      gate: `cancel-batch/${category}`,
    },
    context.deadlineMs,
  )
  if (answer.kind !== 'ok') {
    note(context, `${category} batch`, answer)
    return []
  }
  const codes = rowsOf(answer.extra, 'list')
  return batch.filter((row, index) => isStillOpen(row, codes[index], over))
}

function isStillOpen(row: OpenRow, verdict: Fields | undefined, over: Set<string>): boolean {
  const code = verdict !== undefined && isFields(verdict) ? verdict['code'] : 0
  if (code === 0) return false
  if (GONE.has(Number(code))) over.add(orderKey(row))
  return !GONE.has(Number(code))
}

const GONE = new Set([110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213])

async function cancelOne(context: Context, row: OpenRow, over: Set<string>): Promise<void> {
  const { category, symbol, orderId, orderFilter } = row
  const filter = category === 'spot' && orderFilter !== '' ? { orderFilter } : {}
  const answer = await context.client.call(
    {
      method: 'POST',
      path: '/v5/order/cancel',
      params: { category, symbol, orderId, ...filter },
      unit: `${category}/${symbol}/${orderId}`,
      gate: `cancel/${category}`,
    },
    context.deadlineMs,
  )
  if (answer.kind === 'refused' && GONE.has(answer.code)) over.add(orderKey(row))
  else if (answer.kind !== 'ok') note(context, `${symbol} ${orderId}`, answer)
}

function note(context: Context, what: string, answer: Exclude<Answer, { kind: 'ok' }>): void {
  if (answer.kind === 'refused' || answer.kind === 'denied') {
    context.refusals.set(what, `${answer.code} ${answer.message}`)
  } else context.lastTrouble = `${what}: ${answer.kind}`
}

function isBatchable(row: OpenRow): boolean {
  return row.category !== 'spot' || row.orderFilter === '' || row.orderFilter === 'Order'
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const list: T[][] = []
  for (let i = 0; i < items.length; i += size) list.push(items.slice(i, i + size))
  return list
}
