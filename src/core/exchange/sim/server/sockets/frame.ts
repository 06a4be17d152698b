/** A client's text frame as an object, whatever it sent. Numbers as `req_id` are given back as text, as Bybit does. */
import { isObject } from '../fields.ts'
import type { Json } from '../outcome.ts'

/** null: not a JSON object. Depth does not matter: parsing is iterative and nothing here walks the tree. */
export function parseFrame(text: string): Json | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
  return isObject(value) ? value : null
}

/** '' when absent or neither text nor number. */
export function idText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** Topics of a subscribe request: texts only; null when `args` is no list of texts. */
export function topicsOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  return value.every((item) => typeof item === 'string') ? value : null
}
