/**
 * What the emergency left behind, for people and the proof: fills since its start and positions. Best effort with a few
 * seconds of its own; a reading that fails is said to have failed and changes no verdict.
 */
import type { Context } from './context.ts'
import { type CancelCategory, coinsOf } from './scope.ts'
import { type Fields, rowsOf, textOf } from './venue-client.ts'

export interface FillRow {
  readonly category: string
  readonly symbol: string
  readonly side: string
  readonly qty: string
  readonly price: string
  readonly execId: string
  readonly orderId: string
  readonly timeMs: string
}

export interface PositionRow {
  readonly category: string
  readonly symbol: string
  readonly side: string
  readonly size: string
  readonly entryPrice: string
  readonly markPrice: string
  readonly unrealisedPnl: string
  readonly positionIdx: number
}

export interface Aftermath {
  readonly uid: string
  readonly fills: readonly FillRow[]
  readonly positions: readonly PositionRow[]
  /** Readings that gave no answer. */
  readonly missing: readonly string[]
}

const BUDGET_MS = 3_000
const PAGES_MAX = 20

export const NO_AFTERMATH: Aftermath = { uid: '', fills: [], positions: [], missing: ['the exchange was not asked'] }

export async function readAftermath(context: Context, sinceServerMs: number): Promise<Aftermath> {
  const untilMs = context.client.nowMs() + BUDGET_MS
  const missing: string[] = []
  const read = async (path: string, params: Record<string, string | number>): Promise<Fields[]> => {
    const rows: Fields[] = []
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const paged = cursor === '' ? params : { ...params, cursor }
      const call = {
        method: 'GET',
        path,
        params: paged,
        unit: `aftermath ${params['category'] ?? ''}`,
        gate: path,
      } as const
      const answer = await context.client.call(call, untilMs)
      if (answer.kind !== 'ok') {
        missing.push(`${path} ${String(params['category'] ?? '')}: ${answer.kind}`)
        break
      }
      if (path === '/v5/user/query-api') return [answer.result]
      rows.push(...rowsOf(answer.result, 'list'))
      cursor = textOf(answer.result, 'nextPageCursor')
      if (cursor === '') break
      if (context.client.nowMs() >= untilMs) {
        missing.push(`${path} ${String(params['category'] ?? '')}: no time was left`)
        break
      }
    }
    return rows
  }
  const { categories } = context.scope
  const open = categories.filter((category) => !context.noRead.has(category))
  const since = Math.max(0, Math.floor(sinceServerMs))
  const [uidRow, fills, positions] = await Promise.all([
    read('/v5/user/query-api', {}),
    gather(open, async (category) => {
      const rows = await read('/v5/execution/list', { category, startTime: since, limit: 100 })
      return rows.map((row) => fillRow(category, row))
    }),
    gather(open, async (category) => {
      const rows = await Promise.all(
        positionQueries(category, context).map((params) => read('/v5/position/list', params)),
      )
      return rows.flat().flatMap((row) => positionRow(category, row))
    }),
  ])
  const uid = uidRow[0]?.['userID']
  return { uid: typeof uid === 'number' || typeof uid === 'string' ? String(uid) : '', fills, positions, missing }
}

async function gather<T>(
  categories: readonly CancelCategory[],
  read: (c: CancelCategory) => Promise<T[]>,
): Promise<T[]> {
  return (await Promise.all(categories.map(read))).flat()
}

function positionQueries(category: CancelCategory, { coins }: Context): Record<string, string | number>[] {
  if (category === 'spot') return []
  if (category === 'linear') return coinsOf(category, coins).map((settleCoin) => ({ category, settleCoin, limit: 200 }))
  return [{ category, limit: 200 }]
}

function fillRow(category: string, row: Fields): FillRow {
  return {
    category,
    symbol: textOf(row, 'symbol'),
    side: textOf(row, 'side'),
    qty: textOf(row, 'execQty'),
    price: textOf(row, 'execPrice'),
    execId: textOf(row, 'execId'),
    orderId: textOf(row, 'orderId'),
    timeMs: textOf(row, 'execTime'),
  }
}

// A row without a side is an empty slot, not a position.
function positionRow(category: string, row: Fields): PositionRow[] {
  const side = textOf(row, 'side')
  const size = textOf(row, 'size')
  if (side === '' || /^0*(?:\.0*)?$/.test(size)) return []
  return [
    {
      category,
      symbol: textOf(row, 'symbol'),
      side,
      size,
      entryPrice: textOf(row, 'avgPrice') || textOf(row, 'entryPrice'),
      markPrice: textOf(row, 'markPrice'),
      unrealisedPnl: textOf(row, 'unrealisedPnl'),
      positionIdx: Number(row['positionIdx'] ?? 0),
    },
  ]
}
