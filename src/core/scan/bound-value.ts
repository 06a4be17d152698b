/**
 * A value with what stands around it, and what the text calls it: the name of its binding, or the one an entry, a tag or a
 * block gives it. Nothing here decides.
 */
import type { Binding } from './binding.ts'
import { type NameKind, type NameSense, senseOf } from './names.ts'
import type { Shape } from './randomness.ts'
import type { Rule, Tier } from './rule.ts'
import type { RuleSet } from './rule-set.ts'

export interface Judgement {
  readonly rule: Rule
  readonly tier: Tier
  readonly reason: string
  readonly role?: 'id' | 'secret'
}

export interface BoundValue {
  readonly buf: Buffer
  readonly start: number
  readonly end: number
  readonly binding: Binding
  readonly shape: Shape
  readonly path: string
  /** The text is `buf[from, limit)`. */
  readonly from: number
  readonly limit: number
}

/** Bytes before a name that says nothing in which the real one is looked for. */
export const NAME_REACH = 200

const TELLING: ReadonlySet<NameKind> = new Set(['password', 'secret', 'key'])

/** What the text calls the value. */
export function nameOf({ buf, binding, from }: BoundValue): string {
  const name = buf.toString('latin1', binding.nameStart, binding.nameEnd)
  const lower = name.toLowerCase()
  const plain = lower.startsWith('--') ? lower.slice(2) : lower
  const { calleeStart, calleeEnd } = binding
  if (calleeEnd > 0 && /hmac/i.test(buf.toString('latin1', calleeStart, calleeEnd))) return MAC_KEY
  const isDigestName = binding.separator === 'comma' && /^sha-?\d{1,3}$/.test(plain)
  const isCell = binding.separator === 'element' && CELLS.has(plain)
  if (!VALUE_NAMES.has(plain) && !isDigestName && !isCell) return name
  const before = buf.toString('latin1', Math.max(from, binding.nameStart - NAME_REACH), binding.nameStart)
  if (isDigestName) return /hmac\w*\s?\(\s{0,20}["']$/i.test(before) ? MAC_KEY : name
  if (isCell) return CELL_NAME.exec(before)?.[1] ?? name
  return ENTRY_NAME.exec(before)?.[1] ?? BLOCK_NAME.exec(before)?.[1] ?? TAG_NAME.exec(before)?.[1] ?? name
}

/** What that name means, with the type beside it and the function called with the value. */
export function valueSense({ buf, binding }: BoundValue, name: string, rules: RuleSet): NameSense {
  const own = senseOf(name, rules.named)
  if (binding.typeEnd > 0) return typeSense(own, rules, buf.toString('latin1', binding.typeStart, binding.typeEnd))
  if (binding.calleeEnd === 0 || binding.separator === 'call') return own
  const callee = senseOf(buf.toString('latin1', binding.calleeStart, binding.calleeEnd), rules.named)
  return own.kind === 'none' && callee.kind !== 'none' && callee.kind !== 'denied' ? callee : own
}

/** `note: api_secret = v`: what stands where a type would may be the name. */
function typeSense(own: NameSense, rules: RuleSet, type: string): NameSense {
  const sense = senseOf(type, rules.named)
  return TELLING.has(sense.kind) && !TELLING.has(own.kind) ? sense : own
}

/** Names that say nothing themselves: the real name stands in the entry before. */
const VALUE_NAMES: ReadonlySet<string> = new Set([
  'value',
  'val',
  'string',
  'content',
  'text',
  'default',
  'data',
  'v',
  'defaultvalue',
  'body',
])
/** What `createHmac('sha256', v)` and `hmac.new(v, …)` take. */
const MAC_KEY = 'hmac_secret'
const CELLS: ReadonlySet<string> = new Set(['td', 'dd'])
/** `<td>API Secret</td><td>v` */
const CELL_NAME = /([\w.\- ]{2,60})\s?:?\s?<\/(?:td|th|dt|b|strong)>\s{0,40}<$/i
/** `<input name="…" type="text" value="v"` */
const TAG_NAME = /<[^<>]{0,100}?\b(?:name|id|key)=["']([\w.\- ]{2,60})["'][^<>]{0,60}$/i
const ENTRY_NAME =
  /(?:\b(?:name|key|id|field|variable|parameter)["'\\]{0,3}\s*[:=]\s*|<(?:key|name)>\s*|(?:\bsecret\s{1,4}set|--name)[\s=]{1,4})["'\\]{0,3}([\w./\- ]{2,60}?)["'\\]{0,3}\s*(?:<\/(?:key|name)>)?(?:\\[nrt]|[\s,;<"'\\-]){0,40}$/i

/** `variable "name" {` of Terraform, with fields before its default. */
const BLOCK_NAME = /\bvariable\s{1,8}"([\w-]{2,60})"\s{0,8}\{[^{}]{0,120}$/
