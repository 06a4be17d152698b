/** Fault rules as an operator writes them: JSON of POST /sim/faults or a file. Every field is checked; unknown ones refused. */
import { FAULT_EFFECTS, FAULT_PLACES, type FaultRule } from './faults.ts'
import { isObject } from './fields.ts'

export interface FaultScript {
  readonly rules: readonly FaultRule[]
  readonly seed?: number
}

const DEFAULTS: FaultRule = {
  at: 'request',
  match: '',
  effect: 'lose',
  delayMs: 0,
  retCode: 0,
  retMsg: '',
  status: 200,
  count: Number.MAX_SAFE_INTEGER,
  skip: 0,
  probability: 1,
  fromMs: 0,
  untilMs: Number.MAX_SAFE_INTEGER,
}
/** What each number may be: least, most, whole or not. */
const NUMBERS = {
  delayMs: [0, 86_400_000, false],
  retCode: [-999_999_999, 999_999_999, true],
  status: [200, 599, true],
  count: [0, Number.MAX_SAFE_INTEGER, true],
  skip: [0, Number.MAX_SAFE_INTEGER, true],
  probability: [0, 1, false],
  fromMs: [0, Number.MAX_SAFE_INTEGER, false],
  untilMs: [0, Number.MAX_SAFE_INTEGER, false],
} as const

/** Rules given in part, completed with the defaults. */
export function faultRules(rules: readonly Partial<FaultRule>[]): readonly FaultRule[] {
  return rules.map((rule) => ({ ...DEFAULTS, ...rule }))
}

/** `{rules: [...], seed?}`; the answer names the first thing wrong. */
export function faultScript(text: string): FaultScript | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'not JSON' }
    throw error
  }
  if (!isObject(value) || !Array.isArray(value['rules'])) return { problem: 'rules must be a list' }
  const rules: FaultRule[] = []
  for (const [index, item] of value['rules'].entries()) {
    const rule = ruleOf(item)
    if (typeof rule === 'string') return { problem: `rules[${index}]: ${rule}` }
    rules.push(rule)
  }
  const { seed } = value
  if (seed === undefined) return { rules }
  return typeof seed === 'number' && Number.isSafeInteger(seed)
    ? { rules, seed }
    : { problem: 'seed must be an integer' }
}

function ruleOf(item: unknown): FaultRule | string {
  if (!isObject(item)) return 'must be an object'
  const unknown = Object.keys(item).find((name) => !Object.hasOwn(DEFAULTS, name))
  if (unknown !== undefined) return `unknown field ${unknown}`
  const merged = { ...DEFAULTS, ...item } as FaultRule
  if (!FAULT_PLACES.includes(merged.at)) return `at must be one of ${FAULT_PLACES.join(', ')}`
  if (!FAULT_EFFECTS.includes(merged.effect)) return `effect must be one of ${FAULT_EFFECTS.join(', ')}`
  for (const [name, [least, most, isWhole]] of Object.entries(NUMBERS)) {
    const value: unknown = merged[name as keyof typeof NUMBERS]
    const fits = typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value))
    if (!fits) return `${name} must be ${isWhole ? 'a whole number' : 'a number'} from ${least} to ${most}`
  }
  if (typeof merged.match !== 'string' || typeof merged.retMsg !== 'string') return 'match and retMsg must be texts'
  return merged
}
