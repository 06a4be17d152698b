/**
 * @hot Tokens that say themselves what they are: `sk_…`, `acme_api_…`, `live-…`, then twenty or more random characters.
 * Providers invent such beginnings faster than anybody can list them. Reads at most `HEAD_MAX` bytes and allocates nothing.
 */
import { ALNUM, CLASS, DIGIT, LOWER } from './alphabet.ts'

/** Longest beginning before the random part. */
const HEAD_MAX = 32
/** Shortest random part. */
export const TAIL_MIN = 20

/** Random part from which on any one word before it will do: ids are shorter. */
const LONG_TAIL = 30
/** Longest word of a beginning. */
const WORD_MAX = 14

/** Words of a beginning that mean a secret. */
const SECRET = keys(
  'sk rk ak pat api key secret sec token tok apikey live prod access auth refresh bearer priv private rgapi whsec',
)
/** Words that mean the opposite, whatever stands beside them. */
const DENIED = keys(
  'pk pub public publishable id cache sha hash css etag req request trace span user msg session file img node cs ch pi seti evt in cus sub price chatcmpl resp run thread step asst batch toolu svg webpack module chunk component class rev build commit version',
)

/** The beginning of a token, read by `read`; one instance is reused. */
export class SelfNamed {
  /** Offset of the random part. */
  tail = 0
  /** The beginning holds a word that means a secret; else it is any word before a long random part. */
  saysSecret = false

  /** Reads the beginning of `buf[start, stop)`; false when it cannot be that of a token. */
  read(buf: Uint8Array, start: number, stop: number): boolean {
    this.saysSecret = false
    let at = start
    let isMixed = false
    const limit = Math.min(stop, start + HEAD_MAX + WORD_MAX)
    for (let i = start; i < limit && !isMixed; i++) {
      const byte = buf[i]!
      if (byte === 0x5f || byte === 0x2d) {
        const key = wordKey(buf, at, i)
        if (key === 0 || DENIED.has(key)) return false
        if (SECRET.has(key)) this.saysSecret = true
        at = i + 1
      } else if (!(CLASS[byte]! & ALNUM)) return false
      // Two classes in one word: the random part has begun.
      else isMixed = i > at && (CLASS[byte]! & ALNUM) !== (CLASS[buf[i - 1]!]! & ALNUM) && !isVersioned(buf, start, i)
    }
    if (!isMixed || at - start > HEAD_MAX) return false
    this.tail = at
    if (at === start || stop - at < TAIL_MIN) return false
    return this.saysSecret || (buf[at - 1] === 0x5f && stop - at >= LONG_TAIL)
  }
}

/** `fm2_`, `lsv2_`: the digit at `i` ends the first word, which is short and in lower case. */
function isVersioned(buf: Uint8Array, start: number, i: number): boolean {
  if (i - start > 4 || buf[i + 1] !== 0x5f || !(CLASS[buf[i]!]! & DIGIT)) return false
  for (let k = start; k < i; k++) if (!(CLASS[buf[k]!]! & LOWER)) return false
  return true
}

/** A number for a word of letters and digits without regard to case; 0 for none. A hash: strangers that share it only cost a look at the rest. */
function wordKey(buf: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > WORD_MAX) return 0
  let key = end - start
  for (let i = start; i < end; i++) key = (Math.imul(key, 37) + (buf[i]! & 31)) | 0
  return key === 0 ? 1 : key
}

function keys(list: string): ReadonlySet<number> {
  const bytes = Buffer.from(`${list} `, 'latin1')
  const out = new Set<number>()
  let start = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x20) continue
    out.add(wordKey(bytes, start, i))
    start = i + 1
  }
  return out
}
