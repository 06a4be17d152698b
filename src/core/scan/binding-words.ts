/**
 * @hot The words and bytes by which binding.ts reads what stands left of a value, and two layouts in which no operator
 * stands between a name and its value. Tables and bounded looks back only: nothing here decides.
 */
import { BLANK, byteSet, CLASS, EOL, QUOTE } from './alphabet.ts'

export const C = {
  quote: 0x22,
  apostrophe: 0x27,
  backslash: 0x5c,
  equals: 0x3d,
  colon: 0x3a,
  less: 0x3c,
  greater: 0x3e,
  comma: 0x2c,
  open: 0x28,
  close: 0x29,
  openSquare: 0x5b,
  closeSquare: 0x5d,
  openCurly: 0x7b,
  dash: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  amp: 0x26,
  question: 0x3f,
  semicolon: 0x3b,
  dollar: 0x24,
  pipe: 0x7c,
  star: 0x2a,
} as const

export const QUALIFIERS: readonly string[] = [
  'api',
  'client',
  'access',
  'secret',
  'auth',
  'app',
  'encryption',
  'signing',
  'service',
]

/** What a line may end in when its value stands on the next. */
export const LINE_OPERATORS: Uint8Array = byteSet('=:(>+\\[')
/** `|`, `>-`, `|2+`: YAML block scalars. */
export const BLOCK_MARKS: Uint8Array = byteSet('|>-+123456789')

export const SCHEMES: readonly string[] = ['bearer', 'basic', 'token', 'apikey', 'negotiate', 'bot', 'key', 'digest']

/** Their last bytes. */
export const SCHEME_ENDS: Uint8Array = byteSet(SCHEMES.map((scheme) => scheme.at(-1)).join(''))

/** Quotes as a page writes them: what a value in an attribute or a rendered text stands between. */
const ENTITIES: readonly string[] = ['&quot;', '&#34;', '&#39;', '&apos;']

/** Length of the written-out quote that ends at `i`, 0 for none. */
export function entityBefore(buf: Uint8Array, i: number, floor: number): number {
  if (buf[i] !== C.semicolon) return 0
  for (let n = 0; n < ENTITIES.length; n++) {
    const entity = ENTITIES[n]!
    const start = i - entity.length + 1
    let same = start >= floor
    for (let k = 0; same && k < entity.length; k++) same = buf[start + k] === entity.charCodeAt(k)
    if (same) return entity.length
  }
  return 0
}

/** `| API Secret | v |`: offset of the last byte of the cell before the bar at `i`, -1 when the row has no bar before it. */
export function cellBefore(buf: Uint8Array, i: number, floor: number): number {
  let k = i - 1
  while (k >= floor && (CLASS[buf[k]!]! & BLANK || CELL_MARKS[buf[k]!] === 1)) k--
  for (let n = k; n >= floor && n > k - 60; n--) {
    if (CLASS[buf[n]!]! & EOL) return -1
    if (buf[n] === C.pipe) return n < k ? k : -1
  }
  return -1
}

/** Emphasis around a name. */
const CELL_MARKS: Uint8Array = byteSet('*`_:')

/** `API Secret:⏎v`, `API Secret⏎⏎v`: offset of the last byte of the name above the line end at `i`, -1 for none. */
export function lineAbove(buf: Uint8Array, i: number, floor: number): number {
  let k = i
  let lines = 0
  while (k >= floor && CLASS[buf[k]!]! & (EOL | BLANK)) if (buf[k--] === 0x0a && ++lines > 2) return -1
  while (k >= floor && (CELL_MARKS[buf[k]!] === 1 || CLASS[buf[k]!]! & BLANK)) k--
  return k
}

const HEADER = 'authorization'

/** True when the bytes up to `i` end in `Authorization: "`, with the signs that may stand between the name and a scheme. */
export function endsInAuthorization(buf: Uint8Array, i: number, floor: number): boolean {
  let k = i
  let operators = 0
  for (; k >= floor && k > i - 12; k--) {
    const byte = buf[k]!
    if (byte === C.colon || byte === C.equals || byte === C.comma) operators++
    else if (!(CLASS[byte]! & (BLANK | QUOTE)) && byte !== C.backslash && byte !== C.closeSquare && byte !== C.greater)
      break
  }
  const start = k - HEADER.length + 1
  if (operators === 0 || start < floor) return false
  for (let n = 0; n < HEADER.length; n++) if ((buf[start + n]! | 0x20) !== HEADER.charCodeAt(n)) return false
  return true
}
