/**
 * Parameters of one request, from a query string or a JSON body, read by name with the type Bybit documents. A missing
 * or wrongly typed one refuses the request with 10001; nothing is guessed.
 */
import type { Category } from '../../../domain/instrument.ts'
import { badParam, type Json, Refusal } from './outcome.ts'

const CATEGORIES: readonly string[] = ['linear', 'inverse', 'spot', 'option'] satisfies Category[]

export class Fields {
  private readonly values: ReadonlyMap<string, unknown>
  /** A query string carries text only. */
  private readonly isText: boolean

  private constructor(values: ReadonlyMap<string, unknown>, isText: boolean) {
    this.values = values
    this.isText = isText
  }

  static ofQuery(query: ReadonlyMap<string, string>): Fields {
    return new Fields(query, true)
  }

  /** Refuses anything but a JSON object. */
  static ofBody(body: string): Fields {
    return Fields.of(body === '' ? {} : parseJson(body))
  }

  static of(value: unknown): Fields {
    if (!isObject(value)) throw new Refusal(badParam('the body must be a JSON object'))
    return new Fields(new Map(Object.entries(value)), false)
  }

  has(name: string): boolean {
    const value = this.values.get(name)
    return value !== undefined && value !== null && value !== ''
  }

  /** '' when absent. */
  text(name: string): string {
    const value = this.values.get(name) ?? ''
    if (typeof value === 'string') return value
    throw new Refusal(badParam(`${name} must be a string`))
  }

  needText(name: string): string {
    const value = this.text(name)
    if (value === '') throw new Refusal(badParam(`${name} is required`))
    return value
  }

  /** Case-insensitive choice, given back in the spelling of `choices`; `fallback` when absent. */
  choice<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    const value = this.text(name)
    if (value === '' && fallback !== undefined) return fallback
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase())
    if (found === undefined) throw new Refusal(badParam(`${name} invalid`))
    return found
  }

  /** Integers are accepted as numbers or as their decimal text. */
  integer(name: string, fallback?: number): number {
    if (!this.has(name)) {
      if (fallback !== undefined) return fallback
      throw new Refusal(badParam(`${name} is required`))
    }
    const value = this.values.get(name)
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    throw new Refusal(badParam(`${name} must be an integer`))
  }

  flag(name: string, fallback = false): boolean {
    const value = this.values.get(name) ?? fallback
    if (typeof value === 'boolean') return value
    if (value === '') return fallback
    if (value === 'true' || value === 'false') return value === 'true'
    throw new Refusal(badParam(`${name} must be a boolean`))
  }

  category(fallback?: Category): Category {
    const value = this.text('category')
    if (value === '' && fallback !== undefined) return fallback
    if (value === '') throw new Refusal(badParam('category is required'))
    if (!CATEGORIES.includes(value)) throw new Refusal(badParam('Illegal category'))
    return value as Category
  }

  /** A list of objects, each as fields of its own. */
  list(name: string): Fields[] {
    const value = this.values.get(name)
    if (!Array.isArray(value) || value.length === 0) throw new Refusal(badParam(`${name} must be a non-empty array`))
    return value.map((item) => Fields.of(item))
  }

  /** Page size, clamped to the table's maximum as Bybit does; below 1 is refused. */
  limit(fallback: number, most: number): number {
    const value = this.integer('limit', fallback)
    if (value < 1) throw new Refusal(badParam('limit invalid'))
    return Math.min(value, most)
  }

  /**
   * Cursors are handed out percent-escaped. Clients send them back as they are (one unescaping happened with the
   * query) or escaped again (a second one is needed).
   */
  cursor(): string {
    const value = this.text('cursor')
    if (!this.isText || !value.includes('%')) return value
    try {
      return decodeURIComponent(value)
    } catch (error) {
      if (error instanceof URIError) throw new Refusal(badParam('cursor invalid'))
      throw error
    }
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(badParam('the body is not valid JSON'))
    throw error
  }
}
