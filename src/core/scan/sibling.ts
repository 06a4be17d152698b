/**
 * @hot The literal right before a value in the same list, call, tuple or row: `Client("KEY", "SECRET")`, `venue,KEY,SECRET`.
 * No name stands there, so only the shapes of a pair and a venue can say what it is. Every look back is bounded.
 */
import { ALNUM, BLANK, byteSet, CLASS, EOL, QUOTE, TOKEN } from './alphabet.ts'

/** Backslashes before a quote. */
const ESCAPES_MAX = 8
/** Bytes between two literals, and in one. */
const GAP = 64
const LITERAL = 160
/** Bytes before a value that are read for the literal before it. */
export const SIBLING_REACH = GAP + LITERAL

/** Start and end of the literal before the value at `start`, packed as `[start, end]`; nothing when there is none. */
export function siblingBefore(buf: Uint8Array, start: number, from: number): readonly [number, number] | undefined {
  const before = buf[start - 1]
  if (start <= from || before === undefined) return undefined
  return CLASS[before]! & QUOTE ? quotedBefore(buf, start - 1, from) : bareBefore(buf, start, from)
}

/** From the opening quote at `open` back over one comma, and calls around either literal, to the quote before. */
function quotedBefore(buf: Uint8Array, open: number, from: number): readonly [number, number] | undefined {
  const floor = Math.max(from, open - GAP)
  let commas = 0
  let i = open - 1
  for (; i >= floor && !(CLASS[buf[i]!]! & QUOTE); i--) {
    if (buf[i] === 0x2c) commas++
    else if (BETWEEN[buf[i]!] === 0 && !(CLASS[buf[i]!]! & (ALNUM | BLANK | EOL))) return undefined
  }
  if (i < floor || commas !== 1) return undefined
  const quote = buf[i]!
  let end = i
  while (end > from && i - end < ESCAPES_MAX && buf[end - 1] === 0x5c) end--
  let begin = end
  const limit = Math.max(from, end - LITERAL)
  while (begin > limit && buf[begin - 1] !== quote && !(CLASS[buf[begin - 1]!]! & EOL)) begin--
  return begin < end && buf[begin - 1] === quote ? [begin, end] : undefined
}

/** `KEY,SECRET`, `| KEY | SECRET |`, `KEY<tab>SECRET`, also with both in quotes of their own row. */
function bareBefore(buf: Uint8Array, start: number, from: number): readonly [number, number] | undefined {
  const floor = Math.max(from, start - 16)
  let separators = 0
  let i = start - 1
  for (; i >= floor; i--) {
    const byte = buf[i]!
    if (byte === 0x2c || byte === 0x3b || byte === 0x7c || byte === 0x09) separators++
    else if (byte !== 0x20) break
  }
  if (i < floor || separators !== 1) return undefined
  const end = i + 1
  const limit = Math.max(from, end - LITERAL)
  while (i >= limit && CLASS[buf[i]!]! & TOKEN) i--
  return i + 1 < end ? [i + 1, end] : undefined
}

/** `.into()), Some(&`, `String::from(`, `\"`, `b"`. */
const BETWEEN: Uint8Array = byteSet('_.():&\\@$')
