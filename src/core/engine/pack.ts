/**
 * What strategies and guards have in common: a pack is one file whose name is its id, carrying its documentation, its
 * configuration keys and its test cases. Config, docs and `validate-config` derive from the keys; nothing is listed twice.
 */

/** One configuration key of a pack. Values are numbers in the unit that the name ends in. */
export interface PackKey {
  /** camelCase, unit last: `levelStepBps`. */
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly default: number
  readonly example: number
  /** May change while running. */
  readonly mutable: boolean
  /** Must be a whole number. */
  readonly isInteger?: boolean
}

/** Effective values by key name. */
export type PackParams = Readonly<Record<string, number>>

/** The value of `name`, or its default. A name that the pack does not declare is a bug of the pack. */
export function param(keys: readonly PackKey[], params: PackParams, name: string): number {
  const key = keys.find((k) => k.name === name)
  if (key === undefined) throw new RangeError(`pack key ${name} is not declared`)
  return params[name] ?? key.default
}

/** A whole number that may not change while running, because what was counted would be forgotten. `range`: min, max, default. */
export function countKey(
  name: string,
  description: string,
  unit: string,
  range: readonly [min: number, max: number, byDefault: number],
): PackKey {
  const [min, max, byDefault] = range
  return { name, description, unit, min, max, default: byDefault, example: byDefault, mutable: false, isInteger: true }
}
