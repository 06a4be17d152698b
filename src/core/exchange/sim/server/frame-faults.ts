/**
 * Stream frames as faults want them: the same facts told twice, in an odd shape, or a book that is broken. Pure; a frame
 * that the effect does not fit leaves as it is.
 */
import type { FaultEffect } from './faults.ts'
import { isObject } from './fields.ts'
import type { Json } from './outcome.ts'

/** The frames that leave instead of this one, in order. */
export function alteredFrames(effect: FaultEffect, text: string): readonly string[] {
  if (effect === 'double') return [text, text]
  const alter = ALTERATIONS[effect]
  const frame: unknown = alter === undefined ? null : JSON.parse(text)
  if (alter === undefined || !isObject(frame)) return [text]
  return alter(frame).map((one) => JSON.stringify(one))
}

const ALTERATIONS: Partial<Record<FaultEffect, (frame: Json) => Json[]>> = {
  echo: echoed,
  odd: (frame) => [odd(frame)],
  restart: (frame) => [withBook(frame, (book) => ({ ...book, u: 1 }))],
  empty: (frame) => [withBook(frame, (book) => ({ ...book, b: [], a: [] }))],
  crossed: (frame) => [withBook(frame, (book) => ({ ...book, b: book['a'], a: book['b'] }))],
}

// BYBIT.md §2.5: a cancel that lost the race against the fill brings a second "Filled" with the cancel's words.
function echoed(frame: Json): Json[] {
  const rows = rowsOf(frame).filter((row) => row['orderStatus'] === 'Filled')
  if (rows.length === 0) return [frame]
  const late = { cancelType: 'CancelByUser', rejectReason: 'EC_OrigClOrdIDDoesNotExist' }
  return [frame, { ...frame, data: rows.map((row) => ({ ...row, ...late })) }]
}

// Fields nobody knows, numbers as texts: the order book's own counters stay numbers, which are no data of a row.
function odd(frame: Json): Json {
  const rows = rowsOf(frame).map((row) => ({ ...textual(row), notInAnyTable: { deep: [1, null, true] } }))
  return { newAtTheTop: 1, ...frame, data: rows }
}

function textual(row: Json): Json {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  )
}

function withBook(frame: Json, change: (book: Json) => Json): Json {
  const { data } = frame
  return isObject(data) ? { ...frame, type: 'snapshot', data: change(data) } : frame
}

function rowsOf(frame: Json): Json[] {
  const { data } = frame
  return Array.isArray(data) ? data.filter(isObject) : []
}
