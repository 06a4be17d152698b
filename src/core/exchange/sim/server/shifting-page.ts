/**
 * Pages by row number, as a careless exchange would make them: rows that appear or vanish between two requests make later
 * pages repeat or skip others. Served only while a fault asks for it.
 */
import { badParam, Refusal } from './outcome.ts'
import { compare, type Dated, type Page } from './page.ts'

export const isRowCursor = (cursor: string): boolean => cursor.startsWith('row:')

export function shiftingPageOf<T>(
  rows: readonly T[],
  keyOf: (row: T) => Dated,
  at: { readonly cursor: string; readonly limit: number },
): Page<T> {
  const match = /^(?:row:(\d{1,9}))?$/.exec(at.cursor)
  if (match === null) throw new Refusal(badParam('cursor invalid'))
  const from = Number(match[1] ?? 0)
  const keyed = rows.map((row) => ({ row, key: keyOf(row) })).sort((a, b) => compare(a.key, b.key))
  const to = from + at.limit
  return {
    rows: keyed.slice(from, to).map(({ row }) => row),
    nextPageCursor: to < keyed.length ? encodeURIComponent(`row:${to}`) : '',
  }
}
