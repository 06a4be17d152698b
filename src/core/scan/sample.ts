/**
 * Seeded values of a shape: rules carry generators, not literals, so that no secret-shaped text stands in our tree.
 * `fromPattern` walks the small pattern language of our rules (literals, classes, groups of alternatives, {m,n}, ?).
 */

export const ALPHABETS = {
  digit: '0123456789',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  hex: '0123456789abcdef',
  HEX: '0123456789ABCDEF',
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  base58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
  alnum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
} as const

/** A small seeded generator (xorshift32 after one round of splitmix): same seed, same values, everywhere. */
export class Sampler {
  private state: number

  constructor(seed: number) {
    const mixed = Math.imul((seed + 0x9e3779b9) ^ (seed >>> 16), 0x85ebca6b)
    this.state = (mixed ^ (mixed >>> 13)) >>> 0 || 1
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x >>> 0
    return this.state % limit
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('pick from an empty list')
    return item
  }

  chars(length: number, alphabet: string): string {
    let out = ''
    for (let i = 0; i < length; i++) out += alphabet[this.below(alphabet.length)] ?? ''
    return out
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  uuid(): string {
    const hex = ALPHABETS.hex
    return [8, 4, 4, 4, 12]
      .map((n) => this.chars(n, hex))
      .join('-')
      .replace(/^(.{14})./, '$14')
  }

  /** Text that matches `pattern`; see `Node` for the language. */
  fromPattern(pattern: string): string {
    return sampleNodes(parsePattern(pattern), this)
  }
}

/** One part of a pattern: literal text, a class of characters, or a group of alternatives; repeated min to max times. */
export type Node =
  | { readonly kind: 'text'; readonly text: string; readonly min: number; readonly max: number }
  | { readonly kind: 'class'; readonly chars: string; readonly min: number; readonly max: number }
  | {
      readonly kind: 'group'
      readonly options: readonly (readonly Node[])[]
      readonly min: number
      readonly max: number
    }

/**
 * Parses a rule's pattern, or its first nodes up to `places` characters of the shortest match. Throws a SyntaxError for
 * anything outside the language.
 */
export function parsePattern(pattern: string, places = Number.POSITIVE_INFINITY): Node[] {
  const state = { text: pattern, at: 0 }
  const nodes = parseSequence(state, places)
  if (places === Number.POSITIVE_INFINITY && state.at !== pattern.length)
    throw new SyntaxError(`pattern: unexpected '${pattern[state.at] ?? ''}'`)
  return nodes
}

interface Cursor {
  readonly text: string
  at: number
}

function parseSequence(cursor: Cursor, places = Number.POSITIVE_INFINITY): Node[] {
  const nodes: Node[] = []
  let sure = 0
  while (cursor.at < cursor.text.length && sure < places) {
    const last = nodes.at(-1)
    // A group may have an empty option.
    if (last !== undefined && last.kind !== 'group') sure += last.min
    const char = cursor.text[cursor.at] ?? ''
    if (char === '|' || char === ')') break
    if (char === '[') nodes.push({ kind: 'class', chars: parseClass(cursor), ...parseTimes(cursor) })
    else if (char === '(') nodes.push({ kind: 'group', options: parseGroup(cursor), ...parseTimes(cursor) })
    else nodes.push({ kind: 'text', text: parseChar(cursor), ...parseTimes(cursor) })
  }
  return nodes
}

function parseGroup(cursor: Cursor): Node[][] {
  if (!cursor.text.startsWith('(?:', cursor.at)) throw new SyntaxError('pattern: only (?:…) groups')
  cursor.at += 3
  const options = [parseSequence(cursor)]
  while (cursor.text[cursor.at] === '|') {
    cursor.at++
    options.push(parseSequence(cursor))
  }
  if (cursor.text[cursor.at] !== ')') throw new SyntaxError('pattern: group not closed')
  cursor.at++
  return options
}

function parseChar(cursor: Cursor): string {
  const char = cursor.text[cursor.at++] ?? ''
  if ('*+^$'.includes(char) || char === '.') throw new SyntaxError(`pattern: '${char}' must be escaped or bounded`)
  if (char !== '\\') return char
  const escaped = cursor.text[cursor.at++] ?? ''
  if (escaped === '' || /[A-Za-z0-9]/.test(escaped)) throw new SyntaxError('pattern: only punctuation is escaped')
  return escaped
}

function parseClass(cursor: Cursor): string {
  const close = cursor.text.indexOf(']', cursor.at + 1)
  if (close < 0) throw new SyntaxError('pattern: class not closed')
  const text = cursor.text.slice(cursor.at + 1, close)
  cursor.at = close + 1
  const chars = classes.get(text) ?? expandClass(text)
  classes.set(text, chars)
  return chars
}

/** Rules use few classes, many times. */
const classes = new Map<string, string>()

function expandClass(text: string): string {
  const body = text.replaceAll('\\', '')
  let chars = ''
  for (let i = 0; i < body.length; i++) {
    const from = body.charCodeAt(i)
    const to = body[i + 1] === '-' && i + 2 < body.length ? body.charCodeAt((i += 2)) : from
    for (let code = from; code <= to; code++) chars += String.fromCharCode(code)
  }
  return chars
}

function parseTimes(cursor: Cursor): { min: number; max: number } {
  if (cursor.text[cursor.at] === '?') {
    cursor.at++
    return { min: 0, max: 1 }
  }
  const times = /^\{(\d+)(?:,(\d+))?\}/.exec(cursor.text.slice(cursor.at, cursor.at + 12))
  if (times === null) return { min: 1, max: 1 }
  cursor.at += times[0].length
  const min = Number(times[1])
  return { min, max: times[2] === undefined ? min : Number(times[2]) }
}

function sampleNodes(nodes: readonly Node[], sampler: Sampler): string {
  let out = ''
  for (const node of nodes) {
    const times = node.min + sampler.below(Math.min(node.max - node.min, 8) + 1)
    for (let n = 0; n < times; n++) {
      if (node.kind === 'text') out += node.text
      else if (node.kind === 'class') out += sampler.chars(1, node.chars)
      else out += sampleNodes(sampler.pick(node.options), sampler)
    }
  }
  return out
}
