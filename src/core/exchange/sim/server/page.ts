/**
 * Pages of a list sorted newest first. The cursor names the last row shown, not a row number: rows that appear or vanish
 * between two requests neither repeat nor hide others. It is handed out percent-escaped, as Bybit does.
 */
import { badParam, Refusal } from './outcome.ts'

export interface Dated {
  readonly atUs: number
  readonly id: string
}

export interface Page<T> {
  readonly rows: readonly T[]
  readonly nextPageCursor: string
}

/** `rows` in any order; `keyOf` gives each a total order (newest first, then greater id). */
export function pageOf<T>(
  rows: readonly T[],
  keyOf: (row: T) => Dated,
  at: { readonly cursor: string; readonly limit: number },
): Page<T> {
  const after = at.cursor === '' ? null : parseCursor(at.cursor)
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }))
  keyed.sort((a, b) => compare(a.key, b.key))
  const from = after === null ? 0 : keyed.findIndex(({ key }) => compare(key, after) > 0)
  if (from < 0) return { rows: [], nextPageCursor: '' }
  const shown = keyed.slice(from, from + at.limit)
  const last = shown.at(-1)
  const isMore = last !== undefined && from + at.limit < keyed.length
  return {
    rows: shown.map(({ row }) => row),
    nextPageCursor: isMore ? cursorText(shown[0]?.key ?? last.key, last.key) : '',
  }
}

/** Newest first, then greater id. */
export function compare(a: Dated, b: Dated): number {
  if (a.atUs !== b.atUs) return b.atUs - a.atUs
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

// As in Bybit's own: id and time of the first and of the last row shown.
function cursorText(first: Dated, last: Dated): string {
  return encodeURIComponent(`${first.id}:${first.atUs},${last.id}:${last.atUs}`)
}

function parseCursor(cursor: string): Dated {
  const match = /,([^,:]+):(\d{1,16})$/.exec(cursor)
  if (match === null) throw new Refusal(badParam('cursor invalid'))
  const [, id = '', atUs = ''] = match
  return { id, atUs: Number(atUs) }
}

/** A time window in ms; Bybit's rules: none given, the last `spanMs`; one given, `spanMs` from it; longer is refused. */
export function windowOf(
  fields: { integer(name: string, fallback: number): number },
  nowMs: number,
  spanMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const start = fields.integer('startTime', -1)
  const end = fields.integer('endTime', -1)
  if (start < 0 && end < 0) return { fromMs: nowMs - spanMs, toMs: Number.POSITIVE_INFINITY }
  const fromMs = start < 0 ? end - spanMs : start
  const toMs = end < 0 ? start + spanMs : end
  if (toMs < fromMs) throw new Refusal(badParam('startTime must not be after endTime'))
  if (toMs - fromMs > spanMs) throw new Refusal(badParam('The time range between startTime and endTime is too long'))
  return { fromMs, toMs }
}
