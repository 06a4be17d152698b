/**
 * Loads the rule folder and turns it into the two lookups the engine needs: token beginnings by their first bytes, and
 * named shapes by the words of a name. A bad rule stops the program at start: a rule that cannot match is worse than none.
 */
import { ALNUM, CLASS, TOKEN } from './alphabet.ts'
import { invariant } from '../domain/invariant.ts'
import type { NamedShape, Rule, TokenShape } from './rule.ts'
import { loadRules } from './rule-folder.ts'
import { type Node, parsePattern } from './sample.ts'

export interface CompiledToken {
  readonly rule: Rule
  readonly shape: TokenShape
  /** Full fixed text to compare at the anchor, a character a byte. */
  readonly anchor: string
  /** The anchor ends right before the run instead of starting it. */
  readonly isBefore: boolean
  readonly back: number
  /** Most characters it matches; set with `expression`. */
  length: number
  /** Compiled on first use: most rules never meet their token. */
  expression: RegExp | undefined
}

export interface CompiledNamed {
  readonly rule: Rule
  readonly shape: NamedShape
  expression: RegExp | undefined
}

export interface RuleSet {
  readonly rules: readonly Rule[]
  readonly byId: ReadonlyMap<string, Rule>
  /** 1 where some token may start with three bytes of this hash. */
  readonly first: Uint8Array
  readonly tokens: ReadonlyMap<number, readonly CompiledToken[]>
  /** Tokens whose anchor ends right before the run, by its last two bytes. */
  readonly before: ReadonlyMap<number, readonly CompiledToken[]>
  readonly named: ReadonlyMap<string, readonly CompiledNamed[]>
  readonly detectors: readonly { readonly rule: Rule; readonly needle: string }[]
  /** Changes whenever a rule changes. */
  readonly digest: string
}

let loaded: Promise<RuleSet> | undefined

/** The built-in rules, loaded once. */
export function builtInRules(): Promise<RuleSet> {
  loaded ??= loadRules().then((rules) => compileRules(rules))
  return loaded
}

/** Compiles `rules`; throws on a duplicate id or a shape without an anchor. */
export function compileRules(rules: readonly Rule[]): RuleSet {
  const byId = new Map<string, Rule>()
  const tokens = new Map<number, CompiledToken[]>()
  const before = new Map<number, CompiledToken[]>()
  const named = new Map<string, CompiledNamed[]>()
  const first = new Uint8Array(65_536)
  for (const rule of rules) {
    invariant(!byId.has(rule.id), `two rules are called ${rule.id}`)
    byId.set(rule.id, rule)
    for (const shape of rule.tokens ?? []) addToken(rule, shape, { first, tokens, before })
    for (const shape of rule.named ?? []) {
      for (const name of shape.names) push(named, name, { rule, shape, expression: undefined })
    }
  }
  const detectors = rules.flatMap((rule) => needlesOf(rule).map((needle) => ({ rule, needle })))
  let digest: string | undefined
  return {
    rules,
    byId,
    first,
    tokens,
    before,
    named,
    detectors,
    // Helping threads never ask.
    get digest() {
      return (digest ??= digestOf(rules))
    },
  }
}

function needlesOf({ detect }: Rule): string[] {
  return detect === undefined ? [] : [detect.needle, ...(detect.also ?? [])]
}

interface Tables {
  readonly first: Uint8Array
  readonly tokens: Map<number, CompiledToken[]>
  readonly before: Map<number, CompiledToken[]>
}

function addToken(rule: Rule, shape: TokenShape, tables: Tables): void {
  for (const anchor of shape.anchors ?? beginningsOf(shape.pattern)) {
    const { length } = anchor
    const last = anchor.charCodeAt(length - 1)
    const isBefore = ((CLASS[last] ?? 0) & TOKEN) === 0
    const token = { rule, shape, anchor, isBefore, back: shape.back ?? 0, length: 0, expression: undefined }
    if (isBefore) {
      invariant(length >= 2, `${rule.id}: anchor '${anchor}' is too short`)
      push(tables.before, (anchor.charCodeAt(length - 2) << 8) | last, token)
    }
    // `dp.st.name.…`: the run may begin later than the anchor ends, so it is also looked up by its first bytes.
    if (!isBefore || length >= 3) {
      invariant(length >= 3, `${rule.id}: '${shape.pattern}' needs three fixed characters or anchors`)
      const a = anchor.charCodeAt(0)
      const b = anchor.charCodeAt(1)
      const c = anchor.charCodeAt(2)
      push(tables.tokens, (a << 16) | (b << 8) | c, token)
      tables.first[threeHash(a, b, c)] = 1
    }
  }
}

/** Slot of three bytes in the table of beginnings: a miss is certain, a hit is looked up. */
export function threeHash(a: number, b: number, c: number): number {
  return ((a << 9) ^ (b << 5) ^ (c << 1) ^ (a << 2)) & 0xffff
}

export function threeBytes(buf: Uint8Array, at: number): number {
  return ((buf[at] ?? 0) << 16) | ((buf[at + 1] ?? 0) << 8) | (buf[at + 2] ?? 0)
}

const BEGINNINGS_MAX = 128

/** Compiles the expression of a token when it is first needed. */
export function expressionOf(token: CompiledToken): RegExp {
  if (token.expression === undefined) {
    token.length = longest(parsePattern(token.shape.pattern))
    token.expression = new RegExp(`${token.shape.pattern}(?![A-Za-z0-9_])`, token.back > 0 ? 'g' : 'y')
  }
  return token.expression
}

/** Fixed beginnings of a pattern; most start with plain text and need no parsing. */
function beginningsOf(pattern: string): string[] {
  const plain = plainBeginning(pattern)
  return plain.length >= 3 ? [plain] : beginnings(parsePattern(pattern))
}

/** The text before the first class or group; empty when one of its characters is repeated. */
function plainBeginning(pattern: string): string {
  let text = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    if (char === '[' || char === '(') return text
    const isDot = char === '\\' && pattern[i + 1] === '.'
    if (!isDot && !isPlain(pattern.charCodeAt(i))) return ''
    if (isDot) i++
    text += isDot ? '.' : char
  }
  return ''
}

/** Letters, digits, `_` and `-`. */
function isPlain(code: number): boolean {
  return ((CLASS[code] ?? 0) & ALNUM) !== 0 || code === 0x5f || code === 0x2d
}

/** Every fixed beginning of the pattern, up to the first class or repetition. */
function beginnings(nodes: readonly Node[]): string[] {
  let texts = ['']
  for (const node of nodes) {
    // Three characters find a token; expanding classes further would only multiply the table.
    if (node.kind === 'class' && (texts[0]?.length ?? 0) >= 3) break
    const options = fixedOptions(node)
    if (options === undefined || texts.length * options.length > BEGINNINGS_MAX) break
    texts = texts.flatMap((text) => options.map((option) => text + option))
    if (node.max > 1) break
  }
  return texts
}

function fixedOptions(node: Node): readonly string[] | undefined {
  if (node.min < 1 || (node.max !== 1 && node.kind !== 'class')) return undefined
  if (node.kind === 'text') return [node.text]
  if (node.kind === 'class') return node.chars.length <= 16 ? [...node.chars] : undefined
  const options = node.options.map((option) => ({
    texts: beginnings(option),
    whole: option.every((part) => part.max === 1 && fixedOptions(part) !== undefined),
  }))
  return options.every((option) => option.whole) ? options.flatMap((option) => option.texts) : undefined
}

/** Most characters the pattern can match. */
export function longest(nodes: readonly Node[]): number {
  let sum = 0
  for (const node of nodes) {
    const one = node.kind === 'group' ? Math.max(...node.options.map((option) => longest(option))) : 1
    sum += one * node.max
  }
  return sum
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/**
 * Names a set of rules in reports: shapes and checks (as source text). Two multiplicative sums, not a cryptographic
 * hash: it tells versions of ours apart, nothing more.
 */
function digestOf(rules: readonly Rule[]): string {
  const parts = rules.flatMap(({ id, tokens = [], named = [], detect }) => [
    id,
    ...tokens.map(({ pattern, near, tier, check }) => `${pattern}${near?.join() ?? ''}${tier ?? ''}${String(check)}`),
    ...named.map(({ names, pattern, role, tier }) => `${names.join()}${pattern}${role ?? ''}${tier ?? ''}`),
    String(detect?.at),
  ])
  // Four bytes at a time: this runs at every start.
  const bytes = Buffer.from(parts.join('\n').concat('\0\0\0'), 'utf8')
  const words = new Int32Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 2)
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (const word of words) {
    low = Math.imul(low ^ word, 0x01000193)
    low ^= low >>> 15
    high = Math.imul((high ^ word) + 0x1b873593, 0x85ebca6b)
    high ^= high >>> 13
  }
  return [low, high].map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('')
}
