/**
 * Seed phrases (BIP-39): exactly 12, 15, 18, 21 or 24 words of the list, nearly all different, and the checksum fits.
 * All three are needed: one random run of twelve list words in sixteen passes the checksum alone.
 */
import { byteSet } from './alphabet.ts'
import { BIP39_WORDS } from './bip39-words.ts'
import type { SpanKind } from './finder.ts'
import { sha256 } from './lazy-crypto.ts'

/** Lower-case words with blanks, line ends, commas and quotes between them: twelve words are at least 47 bytes. */
export const PHRASE_SPAN: SpanKind = { table: byteSet('abcdefghijklmnopqrstuvwxyz ,"\'\\\r\n'), min: 47 }

const COUNTS: ReadonlySet<number> = new Set([12, 15, 18, 21, 24])

let indexOf: ReadonlyMap<string, number> | undefined

/** Phrases inside a span of lower-case words. */
export function mnemonicHits(buf: Buffer, start: number, end: number): { start: number; end: number }[] {
  // Ordinary prose has words of one, two or nine letters every few words; a phrase of the list has none.
  if (!hasRun(buf, start, end) || !hasListRun(buf, start, end)) return []
  indexOf ??= new Map(BIP39_WORDS.split(' ').map((word, index) => [word, index]))
  const out: { start: number; end: number }[] = []
  let run: Word[] = []
  const flush = () => {
    const first = run[0]
    const last = run.at(-1)
    if (first && last && isMnemonic(run.map(({ word }) => word))) out.push({ start: first.start, end: last.end })
    run = []
  }
  const text = buf.toString('latin1', start, end)
  let isDown = false
  for (const match of text.matchAll(/\\[nrt]|[a-z]+/g)) {
    if (match[0].startsWith('\\')) continue
    const word = indexOf.get(match[0])
    const at = start + match.index
    const last = run.at(-1)
    // All on one line, or one word a line: the next line of a text is another sentence.
    const isNewLine = last !== undefined && LINE_END.test(text.slice(last.end - start, match.index))
    if (word === undefined) {
      flush()
      continue
    }
    if (run.length > 1 && isNewLine !== isDown && last !== undefined) {
      flush()
      run = [last]
    }
    if (run.length === 1) isDown = isNewLine
    run.push({ word, start: at, end: at + match[0].length })
  }
  flush()
  return out
}

/** Also written out, in a text inside a string. */
const LINE_END = /\n|\\n/

interface Word {
  readonly word: number
  readonly start: number
  readonly end: number
}

/** At least twelve words of three to eight letters in a row. */
function hasRun(buf: Uint8Array, start: number, end: number): boolean {
  let words = 0
  let length = 0
  for (let i = start; i <= end; i++) {
    const byte = i < end ? (buf[i] ?? 0) : 0x20
    if (byte >= 0x61 && byte <= 0x7a) {
      length++
      continue
    }
    if (length >= 3 && length <= 8) words++
    else if (length > 0) words = 0
    if (words >= 12) return true
    length = 0
  }
  return false
}

let beginnings: Uint8Array | undefined

/** 1 for the first four letters of each word of the list, five bits a letter: no two words share them. */
function beginningTable(): Uint8Array {
  const table = new Uint8Array(1 << 20)
  for (const word of BIP39_WORDS.split(' ')) {
    let key = 0
    for (let k = 0; k < 4; k++) key = (key << 5) | (k < word.length ? word.charCodeAt(k) & 31 : 0)
    table[key] = 1
  }
  return table
}

/** At least twelve words in a row that begin as words of the list do. Other people's word lists and filler end here. */
function hasListRun(buf: Uint8Array, start: number, end: number): boolean {
  const table = (beginnings ??= beginningTable())
  let words = 0
  let length = 0
  let key = 0
  for (let i = start; i <= end; i++) {
    const byte = i < end ? (buf[i] ?? 0) : 0x20
    if (byte >= 0x61 && byte <= 0x7a) {
      if (length < 4) key = (key << 5) | (byte & 31)
      length++
      continue
    }
    if (length > 0) words = table[length < 4 ? key << 5 : key] === 1 ? words + 1 : 0
    if (words >= 12) return true
    length = key = 0
    // `\n` written out: its letter belongs to no word.
    if (byte === 0x5c && 'nrt'.includes(String.fromCharCode(buf[i + 1] ?? 0))) i++
  }
  return false
}

/** `indexes` of words in list order. */
export function isMnemonic(indexes: readonly number[]): boolean {
  if (!COUNTS.has(indexes.length) || new Set(indexes).size < indexes.length - 2) return false
  let bits = ''
  for (const index of indexes) bits += index.toString(2).padStart(11, '0')
  const checksumBits = indexes.length / 3
  const entropy = bits.slice(0, -checksumBits)
  const bytes = Uint8Array.from({ length: entropy.length / 8 }, (_, i) =>
    Number.parseInt(entropy.slice(8 * i, 8 * i + 8), 2),
  )
  const hash = sha256().update(bytes).digest()
  return (hash[0] ?? 0).toString(2).padStart(8, '0').slice(0, checksumBits) === bits.slice(-checksumBits)
}

/** The phrase of `entropy` (16, 20, 24, 28 or 32 bytes). */
export function mnemonicOf(entropy: Uint8Array): string {
  const words = BIP39_WORDS.split(' ')
  let bits = ''
  for (const byte of entropy) bits += byte.toString(2).padStart(8, '0')
  const hash = sha256().update(entropy).digest()
  bits += (hash[0] ?? 0)
    .toString(2)
    .padStart(8, '0')
    .slice(0, entropy.length / 4)
  return (bits.match(/.{11}/g) ?? []).map((eleven) => words[Number.parseInt(eleven, 2)] ?? '').join(' ')
}
