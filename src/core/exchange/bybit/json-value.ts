/**
 * Reading parsed JSON of unknown shape, field by field. Tolerates what exchanges do (numbers as text, missing and extra
 * fields) and never throws: what is not there reads as '', NaN, null or an empty list.
 */

export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Objects of a list; what is no object is left out. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asList(value).filter((item): item is JsonObject => asObject(item) !== null)
}

/** Text as sent; a number is spelled, everything else is ''. */
export function textOf(object: JsonObject, name: string): string {
  const value = object[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

/** A whole number sent as number or as text; NaN otherwise. */
export function wholeOf(object: JsonObject, name: string): number {
  const value = object[name]
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : Number.NaN
}

/** The parsed text, or undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
