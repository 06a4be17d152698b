/**
 * What is open, said by the exchange: one snapshot is every page of every listing of the scope. A snapshot counts as
 * complete only when every page arrived; absence in an incomplete one means nothing.
 */
import { backOff, type Context, isOver, orderKey, remember } from './context.ts'
import { type CancelCategory, isInScope, listUnits, type OpenRow, type Unit } from './scope.ts'
import { type Fields, isFields, rowsOf, textOf } from './venue-client.ts'

export interface Snapshot {
  /** Open orders of the scope, each once. */
  readonly rows: readonly OpenRow[]
  /** Open orders outside the scope (kept protective, other prefix). */
  readonly sparedRows: readonly OpenRow[]
  readonly isComplete: boolean
  /** Exchange time before which no part of it was read: by its own earliest stamp and by when we asked. */
  readonly startServerMs: number
  readonly pages: number
}

const PAGE = 50
// Far beyond any account's cap of open orders: a listing that never ends is an incomplete snapshot.
const PAGES_MAX = 1_000
const RETRIES = 3
// A key is believed to lack a permission when it was refused this often in a row and once more.
const DENIALS = 2
const TERMINAL = new Set(['Filled', 'Cancelled', 'PartiallyFilledCanceled', 'Rejected', 'Deactivated'])

export async function snapshot(context: Context): Promise<Snapshot> {
  const { clock } = context.client
  const askedMs = clock.localNowMs()
  const lists = await Promise.all(listUnits(context.scope, context.coins).map((unit) => listUnit(context, unit)))
  const byKey = new Map<string, OpenRow>()
  for (const { rows } of lists) for (const row of rows) byKey.set(orderKey(row), row)
  const open = [...byKey.values()]
  const rows = open.filter((row) => isInScope(row, context.scope))
  for (const row of rows) remember(context, row)
  return {
    rows,
    sparedRows: open.filter((row) => !isInScope(row, context.scope)),
    isComplete: lists.every(({ isComplete }) => isComplete),
    startServerMs: Math.floor(Math.min(clock.earliestMs(askedMs), ...lists.map(({ startServerMs }) => startServerMs))),
    pages: lists.reduce((sum, { pages }) => sum + pages, 0),
  }
}

interface Listing {
  readonly rows: readonly OpenRow[]
  readonly isComplete: boolean
  readonly startServerMs: number
  readonly pages: number
}

async function listUnit(context: Context, unit: Unit): Promise<Listing> {
  const rows: OpenRow[] = []
  const cursors = new Set<string>()
  let cursor = ''
  let startServerMs = Number.POSITIVE_INFINITY
  const partial = (pages: number): Listing => ({ rows, isComplete: false, startServerMs, pages })
  for (let page = 0, retry = 0; page < PAGES_MAX; ) {
    // A category no key may read is reported as such; it must not look like a reading that failed.
    if (context.noRead.has(unit.category)) return { rows, isComplete: true, startServerMs, pages: page }
    const answer = await context.client.call(pageCall(unit, cursor), context.deadlineMs)
    if (answer.kind === 'denied' && retry >= DENIALS) {
      context.noRead.set(unit.category, answer.code)
      continue
    }
    if (answer.kind !== 'ok') {
      context.lastTrouble = `list ${unit.label}: ${answer.kind}${answer.kind === 'refused' ? ` ${answer.code}` : ''}`
      if (isOver(context) || retry >= RETRIES) return partial(page)
      await backOff(context, retry++)
      continue
    }
    page++
    startServerMs = Math.min(startServerMs, answer.serverMs)
    const { list, nextPageCursor } = answer.result
    // What cannot be read may be an order, and what is no cursor may hide a page.
    if (!Array.isArray(list) || !list.every(isFields) || !isCursor(nextPageCursor)) return partial(page)
    rows.push(...rowsOf(answer.result, 'list').flatMap((row) => openRow(unit.category, row)))
    const next = nextPageCursor ?? ''
    if (next === '') return { rows, isComplete: true, startServerMs, pages: page }
    // In a circle, or without end: neither has shown everything.
    if (cursors.has(next) || isOver(context)) return partial(page)
    cursors.add(next)
    cursor = next
  }
  return partial(PAGES_MAX)
}

function isCursor(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === null || value === undefined
}

function pageCall(unit: Unit, cursor: string) {
  const params = { ...unit.params, openOnly: 0, limit: PAGE, ...(cursor === '' ? {} : { cursor }) }
  return { method: 'GET', path: '/v5/order/realtime', params, unit: unit.label, gate: 'realtime' } as const
}

// A status we do not know counts as open.
function openRow(category: CancelCategory, row: Fields): OpenRow[] {
  const status = textOf(row, 'orderStatus')
  if (TERMINAL.has(status)) return []
  return [
    {
      category,
      symbol: textOf(row, 'symbol'),
      orderId: textOf(row, 'orderId'),
      orderLinkId: textOf(row, 'orderLinkId'),
      status,
      orderFilter: orderFilterOf(row),
      createType: textOf(row, 'createType'),
      createdMs: /^\d{1,15}$/.test(textOf(row, 'createdTime')) ? Number(row['createdTime']) : 0,
    },
  ]
}

// Futures rows carry no orderFilter; a stop order type or a trigger price tells.
function orderFilterOf(row: Fields): string {
  const given = textOf(row, 'orderFilter')
  if (given !== '') return given
  const stop = textOf(row, 'stopOrderType')
  return stop !== '' && stop !== 'UNKNOWN' ? 'StopOrder' : ''
}
