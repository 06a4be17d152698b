/**
 * Makers of configuration keys: type, range and everything a person must know about the key in one call. What they make
 * accepts exactly what its JSON Schema accepts, so no maker may transform or refine.
 */
import { z } from 'zod'

export interface KeyFacts {
  readonly description: string
  /** '' for a key that counts nothing. */
  readonly unit?: string
  readonly example: unknown
  /** May change while the bot runs. */
  readonly isMutable?: boolean
  /** Written out by `mm init` instead of being commented out. */
  readonly isInStarter?: boolean
  /** Values that people try and that are not taken, each with the reason. */
  readonly refusals?: Readonly<Record<string, string>>
}

/** What decimal text may be: never a sign, an exponent, a leading zero or a float's rounding. */
export const DECIMAL = /^(0|[1-9]\d{0,14})(\.\d{1,12})?$/
const DECIMAL_MAX = 999_999_999_999_999

/** Metadata of a key as it appears in the JSON Schema. */
export function metaOf(facts: KeyFacts) {
  const { description, unit = '', example, isMutable = false, isInStarter = false, refusals } = facts
  return {
    description,
    examples: [example],
    'x-unit': unit,
    'x-mutable': isMutable,
    ...(isInStarter && { 'x-starter': true }),
    ...(refusals !== undefined && { 'x-refusals': refusals }),
  }
}

/** An amount of money: plain decimal text, or a number. After loading it is text. */
export function decimal(byDefault: string, facts: KeyFacts) {
  const either = z.union([z.string().regex(DECIMAL), z.number().min(0).max(DECIMAL_MAX)])
  return either.default(byDefault).meta(metaOf(facts))
}

export function whole([min, max]: readonly [number, number], byDefault: number, facts: KeyFacts) {
  return z.number().int().min(min).max(max).default(byDefault).meta(metaOf(facts))
}

export function number([min, max]: readonly [number, number], byDefault: number, facts: KeyFacts) {
  return z.number().min(min).max(max).default(byDefault).meta(metaOf(facts))
}

/** A number; nothing is set when it is not given. */
export function numberOrNone([min, max]: readonly [number, number], facts: KeyFacts) {
  return z.number().min(min).max(max).optional().meta(metaOf(facts))
}

export function yesNo(byDefault: boolean, facts: KeyFacts) {
  return z.boolean().default(byDefault).meta(metaOf(facts))
}

export function oneOf<const T extends readonly (string | number)[]>(choices: T, byDefault: T[number], facts: KeyFacts) {
  return z
    .literal([...choices] as T[number][])
    .default(byDefault as never)
    .meta(metaOf(facts))
}

/** Text with a default, in the form of `pattern`. */
export function text(pattern: RegExp, byDefault: string, facts: KeyFacts) {
  return z.string().regex(pattern).default(byDefault).meta(metaOf(facts))
}

/** A path; nothing is set when it is not given. Control characters are in no path that somebody meant. */
export function path(facts: KeyFacts) {
  return z
    .string()
    .regex(/^[^\x00-\x1f\x7f]{1,4096}$/)
    .optional()
    .meta(metaOf(facts))
}

/** A list of words; nothing is set when it is not given. A source that gives one replaces it whole. */
export function words(pattern: RegExp, facts: KeyFacts) {
  return z.array(z.string().regex(pattern)).min(1).max(50).optional().meta(metaOf(facts))
}
