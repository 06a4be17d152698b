/**
 * Cancels single orders by their id, in two lanes that the exchange limits apart: batches of ten, and one by one. What a
 * batch refuses for its rate goes back into the queue; any other refusal is noted, and the next look decides.
 */
import { actionOf } from '../exchange/bybit/codes.ts'
import { type Context, isOver, orderKey } from './context.ts'
import type { OpenRow } from './scope.ts'
import { type Answer, type Fields, rowsOf, textOf } from './venue-client.ts'

const BATCH = 10
const LIMITED = 10006
const FULL_PAUSE_MS = 200
// Then it is time to look again, whatever became of the rest.
const ROUND_MS = 5_000

export async function cancelById(context: Context, rows: readonly OpenRow[]): Promise<void> {
  const groups = Map.groupBy(rows, ({ category }) => category)
  await Promise.all([...groups.values()].map((group) => cancelGroup(context, group)))
}

// Both lanes eat one queue from its two ends; what a batch cannot take stands at the end of the single lane.
async function cancelGroup(context: Context, group: readonly OpenRow[]): Promise<void> {
  const queue = [...group.filter(isBatchable), ...group.filter((row) => !isBatchable(row))]
  const untilMs = context.client.nowMs() + ROUND_MS
  const isDone = (): boolean => isOver(context) || context.client.nowMs() >= untilMs
  await Promise.all([batchLane(context, queue, isDone), singleLane(context, queue, isDone)])
}

async function batchLane(context: Context, queue: OpenRow[], isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const batch: OpenRow[] = []
    for (let row = queue[0]; row !== undefined && isBatchable(row) && batch.length < BATCH; row = queue[0]) {
      batch.push(row)
      queue.shift()
    }
    if (batch.length === 0) return
    const refused = await cancelBatch(context, batch)
    queue.unshift(...refused)
    if (refused.length === batch.length) await context.client.sleep(FULL_PAUSE_MS)
  }
}

async function singleLane(context: Context, queue: OpenRow[], isDone: () => boolean): Promise<void> {
  for (let row = queue.pop(); row !== undefined && !isDone(); row = queue.pop()) await cancelOne(context, row)
}

// Rows that the rate limit refused.
async function cancelBatch(context: Context, batch: readonly OpenRow[]): Promise<OpenRow[]> {
  const category = batch[0]?.category ?? 'linear'
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
  if (answer.kind !== 'ok') note(context, `${category} batch`, answer)
  if (answer.kind === 'limited') return [...batch]
  if (answer.kind !== 'ok') return []
  const codes = rowsOf(answer.extra, 'list')
  return batch.filter((row, index) => isToRepeat(context, row, codes[index]))
}

function isToRepeat(context: Context, row: OpenRow, verdict: Fields | undefined): boolean {
  const code = Number(verdict?.['code'] ?? 0)
  if (actionOf(code) === 'gone') context.gone.add(orderKey(row))
  else if (code !== 0 && code !== LIMITED) {
    context.refusals.set(
      `${row.symbol} ${row.orderId}`,
      `${code} ${verdict === undefined ? '' : textOf(verdict, 'msg').slice(0, 200)}`,
    )
  }
  return code === LIMITED
}

async function cancelOne(context: Context, row: OpenRow): Promise<void> {
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
  if (answer.kind === 'refused' && actionOf(answer.code) === 'gone') context.gone.add(orderKey(row))
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
