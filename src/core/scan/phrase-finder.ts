/**
 * @hot Finds runs of twelve or more words that seem to be of the BIP-39 list, whatever stands between them. It probes
 * sixteen of every 32 bytes and walks only where they hold such a word. simd.wat does the same, step by step.
 */
import { byteSet, CLASS, LOWER, UPPER } from './alphabet.ts'
import { BIP39_WORDS } from './bip39-words.ts'
import type { Found } from './finder.ts'

/** Most bytes between two words of a phrase. */
export const GAP_MAX = 31
/** Bytes to either side of any byte of a phrase that finding it may need: 24 words of eight, their gaps, a word and a gap more. */
export const PHRASE_REACH = 1024

/** Bytes between two words: blanks, line ends, quotes, digits, marks of lists, tables, comments and operators that join. */
export const IN_GAP: Uint8Array = gapBytes(' \t\r\n"\'`,:.)|-*#\\+>%0123456789')
/** Bytes of a phrase. */
export const IN_PHRASE: Uint8Array = withLetters(IN_GAP)

const WORDS_MIN = 12
const BLOCK = 16

/** Also bullets, wide blanks and blanks that do not break, as documents have them. */
function gapBytes(chars: string): Uint8Array {
  return byteSet(chars).fill(1, 0x80)
}

function withLetters(gap: Uint8Array): Uint8Array {
  const table = Uint8Array.from(gap)
  for (let byte = 0; byte < 256; byte++) if (isLetter(byte)) table[byte] = 1
  return table
}

function isLetter(byte: number): boolean {
  return (CLASS[byte]! & (LOWER | UPPER)) !== 0
}

/** Start and end of each run of twelve or more words that seem to be of the list. */
export function findPhrases(buf: Uint8Array, from: number, end: number, out: Found): void {
  const last = out.at.length - 1
  const place = { from, floor: from, end }
  let count = 0
  let at = from
  // Of every 47 bytes in a row, sixteen begin at a multiple of 32; where they have no letter, the next sixteen have one.
  while (at + BLOCK <= end) {
    const first = firstLetter(buf, at, from)
    if (first === NONE) {
      at += BLOCK
      continue
    }
    const start = first < 0 ? -1 : runAt(buf, first, place)
    if (start < 0) {
      at = from + ((at - from) | 31) + 1
      continue
    }
    out.at[count++] = start
    out.at[count++] = place.floor
    at = from + ((place.floor - from + 31) & -32)
    if (count < last) continue
    out.count = count
    out.next = place.floor
    return
  }
  out.count = count
  out.next = end
}

const NONE = -2
const OTHER = -1

/** The first letter of sixteen bytes; nothing when they stand in no phrase: other bytes, words of one, two or nine letters. */
function firstLetter(buf: Uint8Array, at: number, from: number): number {
  for (let i = at + BLOCK - 1; i >= at; i--) if (IN_PHRASE[buf[i]!] === 0) return OTHER
  let first = NONE
  let start = at
  for (let i = at; i <= at + BLOCK; i++) {
    if (i < at + BLOCK && isLetter(buf[i]!) && !(i > from && buf[i - 1] === 0x5c)) {
      if (first < 0) first = i
      // `camelCase`
      if (i > at && CLASS[buf[i]!]! & UPPER && CLASS[buf[i - 1]!]! & LOWER) return OTHER
      continue
    }
    const length = i - start
    // A word that goes on beyond the sixteen bytes may have any length up to eight.
    if (length > 8 || (length > 0 && length < 3 && start > at && i < at + BLOCK)) return OTHER
    start = i + 1
  }
  return first
}

/** Start of the run of list words around the letter at `at`, below zero when there are fewer than twelve; `floor` is then its end. */
function runAt(buf: Uint8Array, at: number, place: { floor: number; readonly end: number }): number {
  const { floor, end } = place
  let start = wordStart(buf, at, floor)
  let stop = wordEnd(buf, start, end)
  if (!mayBeListed(buf, start, stop)) return -1
  let words = 1
  for (let next = nextWord(buf, stop, end); next >= 0; next = nextWord(buf, stop, end)) {
    const wordStop = wordEnd(buf, next, end)
    if (!mayBeListed(buf, next, wordStop)) break
    stop = wordStop
    words++
  }
  for (let before = wordBefore(buf, start, floor); before >= 0; before = wordBefore(buf, start, floor)) {
    const begin = wordStart(buf, before - 1, floor)
    if (!mayBeListed(buf, begin, before)) break
    start = begin
    words++
  }
  if (words < WORDS_MIN) return -1
  place.floor = stop
  return start
}

/** The letter after a backslash belongs to an escape. */
function wordStart(buf: Uint8Array, at: number, floor: number): number {
  let start = at
  while (start > floor && at - start < 9 && isLetter(buf[start - 1]!)) start--
  return start > floor && buf[start - 1] === 0x5c ? start + 1 : start
}

/** Nine letters are as good as more: no word has them. */
export function wordEnd(buf: Uint8Array, start: number, end: number): number {
  let stop = start
  while (stop < end && stop - start < 9 && isLetter(buf[stop]!)) stop++
  return stop
}

/** Start of the word after the one that ends at `stop`, below zero when there is none near. */
export function nextWord(buf: Uint8Array, stop: number, end: number): number {
  const limit = Math.min(end, stop + GAP_MAX + 1)
  for (let i = stop; i < limit; i++) {
    if (isLetter(buf[i]!)) {
      if (buf[i - 1] !== 0x5c) return i
    } else if (IN_GAP[buf[i]!] === 0) return -1
  }
  return -1
}

/** End of the word before the one that starts at `start`, below zero when there is none near. */
function wordBefore(buf: Uint8Array, start: number, floor: number): number {
  const limit = Math.max(floor, start - GAP_MAX - 1)
  for (let i = start - 1; i >= limit; i--) {
    if (isLetter(buf[i]!)) {
      if (i === floor || buf[i - 1] !== 0x5c) return i + 1
    } else if (IN_GAP[buf[i]!] === 0) return -1
  }
  return -1
}

let words: Uint8Array | undefined

/** A bit for each word of the list, by the hash of its letters; three strangers in a hundred share one. */
export function wordBits(): Uint8Array {
  const table = new Uint8Array(8192)
  const list = Buffer.from(BIP39_WORDS, 'latin1')
  let start = 0
  for (let i = 0; i <= list.length; i++) {
    if (i < list.length && list[i] !== 0x20) continue
    const bit = wordHash(list, start, i)
    table[bit >> 3]! |= 1 << (bit & 7)
    start = i + 1
  }
  return table
}

/** Hash of up to eight letters without their case. */
function wordHash(buf: Uint8Array, start: number, stop: number): number {
  let low = 0
  let high = 0
  for (let i = Math.min(stop, start + 8) - 1; i >= start + 4; i--) high = (high << 8) | (buf[i]! & 31)
  for (let i = Math.min(stop, start + 4) - 1; i >= start; i--) low = (low << 8) | (buf[i]! & 31)
  return (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 16
}

function mayBeListed(buf: Uint8Array, start: number, stop: number): boolean {
  if (stop - start < 3 || stop - start > 8) return false
  words ??= wordBits()
  const bit = wordHash(buf, start, stop)
  return (words[bit >> 3]! & (1 << (bit & 7))) !== 0
}
