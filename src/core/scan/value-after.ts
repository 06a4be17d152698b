/**
 * @hot From a name to its value: walks right from a stem such as `pass` or `secr` over the rest of the name, its closing
 * quote, a type annotation and the operator, and returns the bounds of the value. Everything it skips is bounded.
 */
import { BLANK, byteSet, CLASS, EOL, isIdent, QUOTE } from './alphabet.ts'
import { isDefined } from './directives.ts'

const NAME_MAX = 48
const VALUE_MAX = 200

export interface Span {
  readonly start: number
  readonly end: number
  /** Quote byte around the value, 0 for a bare one. */
  readonly quote: number
}

/** Bytes that may follow a name which is assigned: operators, closers, blanks. */
export const MAY_FOLLOW: Uint8Array = byteSet('=:,(>.+?|!-"\'`])\\ \t\r\n<')

/** Indentation and chomping signs of a YAML block. */
const BLOCK_SIGN: Uint8Array = byteSet('-+123456789')

/** The value of the name around `at`, or nothing when the name is not assigned there. */
export function valueAfter(buf: Uint8Array, at: number, end: number): Span | undefined {
  let i = at
  const nameStop = Math.min(end, at + NAME_MAX)
  while (i < nameStop && (isIdent(buf[i]) || buf[i] === 0x2d || buf[i] === 0x2e)) i++
  if (i < end && MAY_FOLLOW[buf[i]!] === 0) return undefined
  const closed = i
  i = skipClosers(buf, i, end)
  const afterName = skipTypeWord(buf, i, closed)
  i = afterName
  const next = buf[i] ?? 0
  const mayBeEntry = afterName > closed || (CLASS[next]! & EOL) !== 0 || next === 0x3c || next === 0x5c
  i = mayBeEntry ? entryValue(buf, i, end) : -1
  if (i < 0) i = operatorEnd(buf, afterName, end, afterName > closed)
  if (i < 0) i = flagValue(buf, at, afterName, closed)
  if (i < 0) return undefined
  const isList = buf[i - 1] === 0x2c
  const isElement = buf[i - 1] === 0x3e && buf[i - 2] !== 0x3d
  i = skipBlanks(buf, i, end)
  const mark = skipBlockMark(buf, i, end)
  const line = nextLine(buf, mark, end)
  // A bare word on the next line is a value only inside an element or a block: else it is a name of its own.
  const isQuoted = (CLASS[buf[line] ?? 0]! & QUOTE) !== 0 && !isList
  if (line !== mark && !isElement && mark === i && !isQuoted) return undefined
  return readValue(buf, skipScheme(buf, line, end), end)
}

/** `|`, `>-`, `|2`: the value is the YAML block below. */
function skipBlockMark(buf: Uint8Array, from: number, end: number): number {
  if (from >= end || (buf[from] !== 0x7c && buf[from] !== 0x3e)) return from
  let i = from + 1
  while (i < end && i < from + 3 && BLOCK_SIGN[buf[i]!] === 1) i++
  return i < end && CLASS[buf[i]!]! & EOL ? i : from
}

/** The first byte of the next line that is not blank, when the value does not stand on this one. */
function nextLine(buf: Uint8Array, from: number, end: number): number {
  if (from >= end || !(CLASS[buf[from]!]! & EOL)) return from
  const limit = Math.min(end, from + 64)
  let i = from
  while (i < limit && CLASS[buf[i]!]! & (EOL | BLANK)) i++
  return i
}

function skipClosers(buf: Uint8Array, from: number, end: number): number {
  let i = from
  for (let n = 0; i < end && n < 20; n++) {
    const byte = buf[i]!
    if (!(CLASS[byte]! & (QUOTE | BLANK)) && byte !== 0x5c && byte !== 0x5d && byte !== 0x29) break
    if (isEscapedEnd(buf, i)) break
    i++
  }
  return i
}

/** `\n` written out: the end of a line in a text inside a string. */
function isEscapedEnd(buf: Uint8Array, i: number): boolean {
  const next = buf[i + 1]
  return buf[i] === 0x5c && (next === 0x6e || next === 0x72 || next === 0x74)
}

/** Go: `var name string = v`. */
function skipTypeWord(buf: Uint8Array, i: number, closed: number): number {
  if (i === closed || buf[i] !== 0x73 || buf[i + 1] !== 0x74 || buf[i + 2] !== 0x72) return i
  let k = i
  while (k < i + 7 && isIdent(buf[k])) k++
  return skipBlanks(buf, k, k + 4)
}

const ENTRY =
  /^(?:\\[nrt]|[\s,;]){0,40}(?:["'\\]{0,3}(?:value|val|content|default)["'\\]{0,3}\s{0,4}[:=]|<\/key>\s{0,40}<string>|\{[^{}"]{0,60}\bdefault\s{0,30}=)/i
/** Bytes an entry may go on with: `value`, `content`, a comma, a tag, a block. */
const ENTRY_BEGINS: Uint8Array = byteSet('vVcC,<{d\\')

/** `"name": "PASSWORD", "value": …`, `<add key="…" value=…`, a plist entry: the value stands in the next field. */
function entryValue(buf: Uint8Array, from: number, end: number): number {
  const next = buf[from] ?? 0
  if (from >= end || (ENTRY_BEGINS[next] === 0 && !(CLASS[next]! & EOL))) return -1
  const match = ENTRY.exec(Buffer.from(buf.buffer, buf.byteOffset + from, Math.min(100, end - from)).toString('latin1'))
  return match === null ? -1 : from + match[0].length
}

/** Offset after the operator at `i`, or -1. `,` counts only after a closed name: `put("password", "…")`. */
function operatorEnd(buf: Uint8Array, i: number, end: number, isClosed: boolean): number {
  const byte = i < end ? buf[i]! : 0
  if (byte === 0x3d) return skipAll(buf, i, end, '=>~')
  if (byte === 0x3a) return afterColon(buf, i + 1, end)
  if (byte === 0x2c && isClosed) return i + 1
  if (byte === 0x28) return i + 1
  if (byte === 0x3e) return i + 1
  const next = i + 1 < end ? buf[i + 1]! : 0
  if (next === 0x3d && '.+?:|!'.includes(String.fromCharCode(byte))) return skipAll(buf, i + 1, end, '=')
  if (byte === 0x21 && next === 0x3a) return i + 2
  if (byte === 0x7c && next === 0x7c && buf[i + 2] === 0x3d) return i + 3
  if (byte === 0x3f && next === 0x3f) return skipAll(buf, i + 2, end, '=')
  if (byte === 0x3f && next === 0x3a) return afterColon(buf, i + 2, end)
  if (byte === 0x2d && next === 0x3e) return i + 2
  if (byte === 0x3c && next === 0x2d) return i + 2
  if (byte === 0x7c && next === 0x7c) return i + 2
  return -1
}

/** After a colon: `:=`, or a type and its `=`, or the value itself. */
function afterColon(buf: Uint8Array, from: number, end: number): number {
  if (buf[from] === 0x3d) return from + 1
  if (buf[from] === 0x3a) return buf[from + 1] === 0x3d ? from + 2 : -1
  let i = skipBlanks(buf, from, end)
  const limit = Math.min(end, i + 40)
  while (i < limit && (isIdent(buf[i]) || "<>[]&*?.|' ".includes(String.fromCharCode(buf[i]!)))) i++
  return i < limit && buf[i] === 0x3d && buf[i + 1] !== 0x3d && buf[i - 1] === 0x20 ? i + 1 : from
}

/** `--password value`, and `password value` where that is the file's syntax (netrc, redis.conf). */
function flagValue(buf: Uint8Array, at: number, afterName: number, nameEnd: number): number {
  if (afterName === nameEnd || !(CLASS[buf[nameEnd]!]! & BLANK)) return -1
  let i = at
  const floor = Math.max(0, at - 32)
  while (i > floor && (isIdent(buf[i - 1]) || buf[i - 1] === 0x2d)) i--
  return buf[i] === 0x2d || isDirective(buf, i, nameEnd) || isDefined(buf, i) ? afterName : -1
}

const DIRECTIVES: readonly string[] = ['password', 'requirepass', 'masterauth', 'passwd', 'secret']

function isDirective(buf: Uint8Array, start: number, end: number): boolean {
  let word = ''
  for (let i = start; i < end; i++) word += String.fromCharCode(buf[i]!)
  return DIRECTIVES.includes(word)
}

function skipBlanks(buf: Uint8Array, from: number, end: number): number {
  let i = from
  while (i < end && CLASS[buf[i]!]! & BLANK) i++
  return i
}

function skipAll(buf: Uint8Array, from: number, end: number, chars: string): number {
  let i = from
  while (i < end && chars.includes(String.fromCharCode(buf[i]!))) i++
  return i
}

const SCHEMES: readonly string[] = ['bearer ', 'basic ']
/** Their first letter in both cases. */
const SCHEME_BEGINS: Uint8Array = byteSet('bB')

/** `Bearer x`, `Basic x`: the value is the second word. */
function skipScheme(buf: Uint8Array, from: number, end: number): number {
  if (from >= end || SCHEME_BEGINS[buf[from]!] === 0) return from
  for (let n = 0; n < SCHEMES.length; n++) {
    const scheme = SCHEMES[n]!
    let same = from + scheme.length < end
    for (let k = 0; same && k < scheme.length; k++) same = (buf[from + k]! | 0x20) === scheme.charCodeAt(k)
    if (same) return from + scheme.length
  }
  return from
}

function readValue(buf: Uint8Array, from: number, end: number): Span | undefined {
  let i = from
  let isEscaped = false
  // `@\"…`: a prefix of the quote in a text inside a string.
  if (i + 1 < end && buf[i + 1] === 0x5c && (buf[i] === 0x40 || buf[i] === 0x24)) i++
  while (i < end && buf[i] === 0x5c) {
    i++
    isEscaped = true
  }
  if (i < end && 'bruBRU@$'.includes(String.fromCharCode(buf[i]!)) && CLASS[buf[i + 1] ?? 0]! & QUOTE) i++
  const quote = i < end && CLASS[buf[i]!]! & QUOTE ? buf[i]! : 0
  if (quote === 0) return isEscaped ? undefined : bareValue(buf, from, end)
  const start = i + 1
  const stop = Math.min(end, start + VALUE_MAX)
  for (let k = start; k < stop; k++) {
    const byte = buf[k]!
    if (CLASS[byte]! & EOL) return undefined
    if (byte === quote || (isEscaped && byte === 0x5c)) return k > start ? { start, end: k, quote } : undefined
    if (byte === 0x5c) k++
  }
  return undefined
}

function bareValue(buf: Uint8Array, from: number, end: number): Span | undefined {
  const stop = Math.min(end, from + VALUE_MAX)
  let k = from
  while (k < stop && BARE_END[buf[k]!] === 0) k++
  return k > from && k < from + VALUE_MAX ? { start: from, end: k, quote: 0 } : undefined
}

export const BARE_END: Uint8Array = byteSet(' \t\r\n"\'`,;)}]<>\\&|')
