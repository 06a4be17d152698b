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
const NUMBERS = ['delayMs', 'retCode', 'status', 'count', 'skip', 'probability', 'fromMs', 'untilMs'] as const

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
  const bad = NUMBERS.find((name) => typeof merged[name] !== 'number' || (!(merged[name] >= 0) && name !== 'retCode'))
  if (bad !== undefined) return `${bad} must be a number ≥ 0`
  if (typeof merged.match !== 'string' || typeof merged.retMsg !== 'string') return 'match and retMsg must be texts'
  return merged
}
