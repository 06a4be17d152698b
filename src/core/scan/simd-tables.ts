/**
 * The tables simd.wat reads, made from the same data the plain finders use. A token may begin where its fixed beginning and
 * the classes of the bytes after it fit: what a pattern can never match is refused before any expression runs.
 */
import { ALNUM, BLANK, CLASS, EOL, MARK, QUOTE, SYMBOL, TOKEN } from './alphabet.ts'
import { DUMP_NEEDLE } from './hex-dump.ts'
import { BOUND, VALUE_EXTRA } from './engine.ts'
import { invariant } from '../domain/invariant.ts'
import { STEMS } from './finder.ts'
import { PAIR_WEIGHTS } from './randomness.ts'
import { ENDS_ANCHOR } from './token-match.ts'
import { type CompiledToken, type RuleSet } from './rule-set.ts'
import { type Node, parsePattern } from './sample.ts'
import { IN_GAP, IN_PHRASE, wordBits } from './phrase-finder.ts'
import { BARE_END, MAY_FOLLOW } from './value-after.ts'

/** Addresses of simd.wat. */
export const AT = {
  symbols: 256,
  pairs: 512,
  flags: 1536,
  fourth: 1792,
  stems: 2048,
  nibbles: 2144,
  next: 2256,
  classes: 2368,
  beginnings: 4416,
  slots: 12_608,
  lists: 20_800,
  window: 65_536,
  /** Second flags of each byte, right after the largest window. */
  second: 1_114_112,
  needle: 1_114_368,
  behind: 1_114_496,
  needleSizes: 1_114_560,
  needleNibbles: 1_114_592,
  /** Bits of the words of seed phrases. */
  words: 1_115_136,
  found: 1_123_328,
} as const
export const PAGES = 20
/** Most bytes of a window. */
export const WINDOW_MAX = 1 << 20
/** Words in the list of what was found. */
export const FOUND_WORDS = 32_496

const SLOTS = 2048
const HASH = 0x9e3779b1
/** Bytes of a token compared before its expression is tried. */
const DEPTH = 24
const CLASSES_MAX = 64

/** Everything between the window and the list of what was found. */
export function upperTables({ detectors }: RuleSet): Uint8Array {
  const table = new Uint8Array(AT.found - AT.second)
  for (let byte = 0; byte < 256; byte++) table[byte] = secondFlags(byte)
  table.set(wordBits(), AT.words - AT.second)
  const wanted = [
    ...detectors.filter(({ needle }) => needle !== '').map(({ rule, needle }) => ({ needle, detect: rule.detect })),
    { needle: DUMP_NEEDLE, detect: undefined },
  ]
  invariant(wanted.length <= 8, 'there are more than eight needles')
  for (const [slot, { detect, needle }] of wanted.entries()) {
    const bytes = Buffer.from(needle, 'latin1')
    const behind = Buffer.from(detect?.behind ?? '', 'latin1')
    invariant(bytes.length <= 16 && behind.length <= 8, `no room for the needle '${needle}'`)
    invariant(!overlapsItself(needle), `the needle '${needle}' overlaps itself`)
    table.set(bytes, AT.needle - AT.second + 16 * slot)
    table.set(behind, AT.behind - AT.second + 8 * slot)
    const probe = probeOf(needle)
    for (const [i, size] of [probe, bytes.length, behind.length].entries())
      table[AT.needleSizes - AT.second + 8 * i + slot] = size
    for (let i = 0; i < 3; i++) {
      const at = AT.needleNibbles - AT.second + 32 * i
      const byte = bytes[probe + i]
      // A needle that is shorter goes on with anything.
      for (let nibble = 0; nibble < 16; nibble++) {
        if (byte === undefined || nibble === (byte & 15)) mark(table, at + nibble, 1 << slot)
        if (byte === undefined || nibble === byte >> 4) mark(table, at + 16 + nibble, 1 << slot)
      }
    }
  }
  return table
}

/** The three bytes that ordinary text has least often: those with a blank after a letter, or else in the middle. */
function probeOf(needle: string): number {
  const blank = needle.indexOf(' ')
  const wanted = blank > 1 ? blank - 1 : Math.max(0, (needle.length >> 1) - 2)
  return Math.min(wanted, Math.max(0, needle.length - 3))
}

function overlapsItself(needle: string): boolean {
  return Array.from({ length: needle.length - 1 }, (_, i) => i + 1).some((i) => needle.startsWith(needle.slice(i)))
}

/** Everything below the window. */
export function simdTables(rules: RuleSet): Uint8Array {
  const table = new Uint8Array(AT.window)
  table.set(CLASS, 0)
  table.set(SYMBOL, AT.symbols)
  table.set(new Uint8Array(PAIR_WEIGHTS.buffer), AT.pairs)
  for (let byte = 0; byte < 256; byte++) table[AT.flags + byte] = flagsOf(byte)
  stemTables(table)
  nibbles(table, AT.nibbles, (byte) => ((CLASS[byte] ?? 0) & TOKEN) !== 0)
  nibbles(table, AT.nibbles + 32, (byte) => IN_PHRASE[byte] === 1)
  nibbles(table, AT.nibbles + 64, (byte) => ((CLASS[byte] ?? 0) & MARK) !== 0)
  tokenLists(table, rules)
  return table
}

function flagsOf(byte: number): number {
  const char = String.fromCharCode(byte)
  const isAlnum = ((CLASS[byte] ?? 0) & ALNUM) !== 0
  const flags = [
    MAY_FOLLOW[byte] === 1,
    isAlnum || '_$-.'.includes(char),
    ENDS_ANCHOR[byte] === 1,
    isAlnum || '._-'.includes(char),
    VALUE_EXTRA[byte] === 1,
    byte <= 0x20 || byte >= 0x7f || '"\'`<>'.includes(char),
    'ntr'.includes(char),
    BOUND[byte] === 1,
  ]
  return bitsOf(flags)
}

/** What stands between a name and its value; see valueAfter. */
function secondFlags(byte: number): number {
  const char = String.fromCharCode(byte)
  const kind = CLASS[byte] ?? 0
  return bitsOf([
    '=:,(>.+?|!-<'.includes(char),
    (kind & (QUOTE | BLANK)) !== 0 || '\\])'.includes(char),
    BARE_END[byte] === 1,
    '=>~'.includes(char),
    (kind & (QUOTE | EOL)) !== 0 || '\\bruBRU@$|>'.includes(char),
    '=?|>:-'.includes(char),
    "<>[]&*?.|' ".includes(char),
    IN_GAP[byte] === 1,
  ])
}

function bitsOf(flags: readonly boolean[]): number {
  return flags.reduce((bits, flag, index) => bits | (flag ? 1 << index : 0), 0)
}

/** One bucket for each three-byte beginning: then a fit of six nibbles is exact but for case. */
function stemTables(table: Uint8Array): void {
  const heads = [...new Set(STEMS.map((stem) => stem.slice(0, 3)))]
  invariant(heads.length <= 8, 'stems have more than eight beginnings')
  for (const stem of STEMS) {
    const bit = 1 << heads.indexOf(stem.slice(0, 3))
    for (const [position, char] of [...stem].entries()) {
      for (const byte of casesOf(char)) {
        if (position === 3) mark(table, AT.fourth + byte, bit)
        else {
          mark(table, AT.stems + 32 * position + (byte & 15), bit)
          mark(table, AT.stems + 32 * position + 16 + (byte >> 4), bit)
        }
      }
    }
  }
}

function mark(table: Uint8Array, at: number, bits: number): void {
  table[at] = (table[at] ?? 0) | bits
}

function casesOf(char: string): number[] {
  return [...new Set([char, char.toUpperCase()])].map((one) => one.charCodeAt(0))
}

/** Two tables that meet in a common bit exactly for the bytes of a set: one bit for each pattern of low nibbles. */
function nibbles(table: Uint8Array, at: number, has: (byte: number) => boolean): void {
  const patterns = new Map<string, number>()
  for (let high = 0; high < 16; high++) {
    const lows = Array.from({ length: 16 }, (_, low) => (has(16 * high + low) ? '1' : '0')).join('')
    if (!lows.includes('1')) continue
    const bit = patterns.get(lows) ?? 1 << patterns.size
    patterns.set(lows, bit)
    table[at + 16 + high] = bit
    for (const [low, flag] of [...lows].entries()) if (flag === '1') mark(table, at + low, bit)
  }
  invariant(patterns.size <= 8, 'the byte set has more than eight patterns')
}

function tokenLists(table: Uint8Array, { tokens, before }: RuleSet): void {
  const view = new DataView(table.buffer)
  const classes = new Classes(view)
  let at: number = AT.lists
  const add = (key: number, list: readonly CompiledToken[], shiftOf: (token: CompiledToken) => number) => {
    const entries = new Set(list.map((token) => entryOf(token, shiftOf(token), classes)))
    view.setUint32(at, key, true)
    view.setUint16(at + 4, entries.size, true)
    let slot = Math.imul(key, HASH) >>> 21
    while (view.getUint32(AT.slots + 4 * slot, true) !== 0) slot = (slot + 1) % SLOTS
    view.setUint32(AT.slots + 4 * slot, at, true)
    at += 6
    for (const entry of entries) {
      invariant(at + entry.length <= AT.window, 'the lists of token beginnings are full')
      for (let i = 0; i < entry.length; i++) table[at++] = entry.charCodeAt(i)
    }
  }
  for (const [key, list] of tokens) {
    const word = ((key & 255) << 16) | (key & 0xff00) | (key >> 16)
    const hash = Math.imul(word << 8, HASH) >>> 16
    mark(table, AT.beginnings + (hash >> 3), 1 << (hash & 7))
    add(word, list, () => 0)
  }
  for (const [key, list] of before) add(0x100_0000 | key, list, ({ anchor }) => anchor.length)
}

/** Length, distance before and whether a match may begin even earlier, bytes, a character each; see simd.wat. */
function entryOf({ anchor, back, shape }: CompiledToken, shift: number, classes: Classes): string {
  // Where the pattern starts is known only when nothing of it stands before the anchor.
  const want = back === 0 ? anchor + classes.codesOf(shape.pattern, anchor.length) : anchor
  return String.fromCharCode(want.length, shift | (back === 0 ? 0 : 128)) + want
}

/** All characters of the sets; usually there is one set. */
function textOf(sets: ReadonlySet<string>): string {
  if (sets.size > 1) return [...sets].sort().join('')
  for (const only of sets) return only
  return ''
}

/** Sets of bytes as codes: 0-127 a single byte, from 128 on a class. */
class Classes {
  private readonly view: DataView
  private readonly codes = new Map<string, number>()
  private readonly patterns = new Map<string, string>()
  private count = 0

  constructor(view: DataView) {
    this.view = view
  }

  /** What may stand at each place of a match from `start` on, a character each; ends early when all classes are used up. */
  codesOf(pattern: string, start: number): string {
    const key = `${start} ${pattern}`
    const known = this.patterns.get(key)
    if (known !== undefined) return known
    let codes = ''
    for (const sets of positionSets(parsePattern(pattern, DEPTH)).slice(start)) {
      const code = this.codeOf(textOf(sets))
      if (code === undefined) break
      codes += String.fromCharCode(code)
    }
    this.patterns.set(key, codes)
    return codes
  }

  private codeOf(chars: string): number | undefined {
    if (chars.length === 1 && chars < '\x80') return chars.charCodeAt(0)
    const known = this.codes.get(chars)
    if (known !== undefined) return known
    const bytes = [...new Set(Buffer.from(chars, 'latin1'))].sort((a, b) => a - b)
    const text = bytes.join()
    const code = this.codes.get(text) ?? this.classOf(bytes)
    if (code !== undefined) this.codes.set(chars, code).set(text, code)
    return code
  }

  private classOf(bytes: readonly number[]): number | undefined {
    const id = this.count
    if (id >= CLASSES_MAX) return undefined
    this.count++
    for (const byte of bytes) {
      const address = AT.classes + 8 * byte
      this.view.setBigUint64(address, this.view.getBigUint64(address, true) | (1n << BigInt(id)), true)
    }
    return 128 + id
  }
}

/** For each place up to the shortest match: the sets of characters, as text, of which one may stand there in some match. */
export function positionSets(nodes: readonly Node[]): Set<string>[] {
  const sets = Array.from({ length: DEPTH }, () => new Set<string>())
  const ends = walk(nodes, 1, sets)
  return sets.slice(0, 31 - Math.clz32(ends & -ends))
}

/** Bit of the place after the last one of interest: from there on everything is the same. */
const PAST = 1 << DEPTH

/** Where a match may stand after `nodes` when it stood at `places` (a bit each) before; fills `sets` on the way. */
function walk(nodes: readonly Node[], places: number, sets: readonly Set<string>[]): number {
  let at = places
  for (const node of nodes) {
    let reached = node.min === 0 ? at : 0
    for (let n = 1; n <= node.max; n++) {
      at = once(node, at, sets)
      if (n >= node.min || at === PAST) reached |= at
      if (at === PAST) break
    }
    at = reached
  }
  return at
}

function once(node: Node, places: number, sets: readonly Set<string>[]): number {
  if (node.kind === 'group') return node.options.reduce((out, option) => out | walk(option, places, sets), 0)
  const chars = node.kind === 'text' ? node.text : node.chars
  for (let rest = places & ~PAST; rest !== 0; rest &= rest - 1) sets[31 - Math.clz32(rest & -rest)]?.add(chars)
  return ((places << 1) | (places & PAST)) & (2 * PAST - 1)
}
