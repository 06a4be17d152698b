/**
 * Closes what is open after a proven zero, only where the operator said so twice (`--flatten --yes`): reduce-only IOC
 * orders in slices, priced no worse than a collar around the mark price. Exact decimals; sells round up, buys round down.
 * Truth is the position list read afterwards.
 */
import { formatBig, parseBig } from '../domain/fixed.ts'
import type { PositionRow } from './aftermath.ts'
import type { Context } from './context.ts'
import { rowsOf, textOf } from './venue-client.ts'

/** Furthest from the mark price that a slice may trade, in basis points. */
export const COLLAR_BPS = 100n
const SCALE = 18
const SLICES_MAX = 200
const CREATE_WINDOW_MS = 2_000

export interface FlattenResult {
  readonly symbol: string
  readonly category: string
  /** Size still open, '0' when flat, '' when it could not be read. */
  readonly left: string
  readonly slices: number
  readonly trouble: string
}

export async function flatten(context: Context, positions: readonly PositionRow[]): Promise<FlattenResult[]> {
  const results: FlattenResult[] = []
  for (const position of positions) results.push(await closePosition(context, position))
  return results
}

async function closePosition(context: Context, first: PositionRow): Promise<FlattenResult> {
  const { category, symbol } = first
  const rules = await readRules(context, category, symbol)
  let current: PositionRow | null | undefined = first
  if (rules === null) return { symbol, category, left: first.size, slices: 0, trouble: 'its rules could not be read' }
  let trouble = ''
  let slices = 0
  while (current && slices < SLICES_MAX && context.client.nowMs() < context.deadlineMs) {
    slices++
    trouble = await sendSlice(context, current, rules)
    await context.client.sleep(150)
    const next = await readPosition(context, category, symbol, current.side)
    if (next !== undefined) current = next
  }
  return { symbol, category, left: current === null ? '0' : (current?.size ?? ''), slices, trouble }
}

interface Rules {
  readonly tick: bigint
  readonly lot: bigint
  readonly sizeMax: bigint
  readonly tickDecimals: number
  readonly lotDecimals: number
}

async function sendSlice(context: Context, position: PositionRow, rules: Rules): Promise<string> {
  const mark = parseBig(position.markPrice, SCALE)
  const size = parseBig(position.size, SCALE)
  if (mark === null || size === null || mark <= 0n) return 'no mark price'
  const isLong = position.side === 'Buy'
  const price = collarPrice(mark, isLong, rules.tick)
  const qty = (size < rules.sizeMax ? size : rules.sizeMax) / rules.lot
  const answer = await context.client.call(
    {
      method: 'POST',
      path: '/v5/order/create',
      params: {
        category: position.category,
        symbol: position.symbol,
        side: isLong ? 'Sell' : 'Buy',
        orderType: 'Limit',
        timeInForce: 'IOC',
        reduceOnly: true,
        qty: shown(qty * rules.lot, rules.lotDecimals),
        price: shown(price, rules.tickDecimals),
        positionIdx: position.positionIdx,
      },
      unit: `flatten ${position.symbol}`,
      gate: 'create',
      windowMs: CREATE_WINDOW_MS,
    },
    context.deadlineMs,
  )
  if (answer.kind === 'ok') return ''
  return answer.kind === 'refused' || answer.kind === 'denied' ? `${answer.code} ${answer.message}` : answer.kind
}

/** Worst price a slice accepts: a long sells no lower than mark − collar (rounded up), a short buys no higher than mark + collar. */
export function collarPrice(mark: bigint, isLong: boolean, tick: bigint): bigint {
  const edge = (mark * (isLong ? 10_000n - COLLAR_BPS : 10_000n + COLLAR_BPS)) / 10_000n
  return isLong ? ((edge + tick - 1n) / tick) * tick : (edge / tick) * tick
}

function shown(value: bigint, decimals: number): string {
  return formatBig(value / 10n ** BigInt(SCALE - decimals), decimals)
}

async function readRules(context: Context, category: string, symbol: string): Promise<Rules | null> {
  const call = { method: 'GET', path: '/v5/market/instruments-info', params: { category, symbol } } as const
  const answer = await context.client.call({ ...call, unit: `rules ${symbol}`, gate: 'market' }, context.deadlineMs)
  if (answer.kind !== 'ok') return null
  const [row] = rowsOf(answer.result, 'list')
  const prices = row?.['priceFilter'] as Record<string, unknown> | undefined
  const sizes = row?.['lotSizeFilter'] as Record<string, unknown> | undefined
  if (prices === undefined || sizes === undefined) return null
  const tickText = textOf(prices, 'tickSize')
  const lotText = textOf(sizes, 'qtyStep')
  const tick = parseBig(tickText, SCALE)
  const lot = parseBig(lotText, SCALE)
  const sizeMax = parseBig(textOf(sizes, 'maxOrderQty'), SCALE)
  if (!tick || !lot || !sizeMax) return null
  return { tick, lot, sizeMax, tickDecimals: decimalsOf(tickText), lotDecimals: decimalsOf(lotText) }
}

function decimalsOf(text: string): number {
  const dot = text.indexOf('.')
  return dot < 0 ? 0 : text.length - dot - 1
}

// null: flat. undefined: not known.
async function readPosition(
  context: Context,
  category: string,
  symbol: string,
  side: string,
): Promise<PositionRow | null | undefined> {
  const call = { method: 'GET', path: '/v5/position/list', params: { category, symbol } } as const
  const answer = await context.client.call(
    { ...call, unit: `position ${symbol}`, gate: 'position' },
    context.deadlineMs,
  )
  if (answer.kind !== 'ok') return undefined
  const row = rowsOf(answer.result, 'list').find((each) => textOf(each, 'side') === side)
  if (row === undefined || /^0*(?:\.0*)?$/.test(textOf(row, 'size'))) return null
  const text = (name: string): string => textOf(row, name)
  return {
    category,
    symbol,
    side,
    size: text('size'),
    entryPrice: text('avgPrice'),
    markPrice: text('markPrice'),
    unrealisedPnl: text('unrealisedPnl'),
    positionIdx: Number(row['positionIdx'] ?? 0),
  }
}
