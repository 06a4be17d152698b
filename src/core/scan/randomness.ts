/**
 * @hot Alphabet-aware randomness: does this look drawn at random from its alphabet, or like words, paths, counters?
 * Never a fixed entropy floor and never "must contain a digit": a key of 18 capitals is as random as one of 64 hex digits.
 */
import { CLASS, DIGIT, HEX, LOWER, MARK, SYMBOL, UPPER } from './alphabet.ts'
import { BIGRAMS } from './bigrams.ts'

const N = 28
const BOUNDARY = 27
/** Pairs looked at in a long value: enough to be sure, few enough to be cheap. */
const PAIRS_MAX = 96

/** Log-likelihood of each pair in half bits, row-major. */
export const PAIR_WEIGHTS: Int8Array = Int8Array.from(BIGRAMS.join(''), (char) => char.charCodeAt(0) - 73)

/** What one pass over a value finds out; filled by `measure`, one instance reused. */
export class Shape {
  digits = 0
  lowers = 0
  uppers = 0
  marks = 0
  others = 0
  hexes = 0
  /** Different bytes among the first 256. */
  distinct = 0
  /** Mean bits per pair by which the text is likelier as code or English than as noise. Negative: noise. */
  wordiness = 0
  /** Longest repetition of one byte. */
  repeat = 0
  /** Longest ascending or descending sequence (`abcdef`, `987654`). */
  sequence = 0
  length = 0
  /** See `isConstantName`. */
  isConstantName = false
  private readonly seen = new Uint8Array(256)

  /** Measures `buf[start, end)`. */
  measure(buf: Uint8Array, start: number, end: number): this {
    this.digits = this.lowers = this.uppers = this.marks = this.others = this.hexes = this.distinct = 0
    this.length = end - start
    this.seen.fill(0)
    const stop = end - start > 256 ? start + 256 : end
    let repeat = 1
    let sequence = 1
    let step = 0
    this.repeat = this.sequence = end > start ? 1 : 0
    for (let i = start; i < stop; i++) {
      const byte = buf[i]!
      const kind = CLASS[byte]!
      if (kind & DIGIT) this.digits++
      else if (kind & LOWER) this.lowers++
      else if (kind & UPPER) this.uppers++
      else if (kind & MARK) this.marks++
      else this.others++
      if (kind & HEX) this.hexes++
      if (this.seen[byte] === 0) {
        this.seen[byte] = 1
        this.distinct++
      }
      if (i === start) continue
      const delta = byte - buf[i - 1]!
      if (delta === 0) {
        repeat++
        if (repeat > this.repeat) this.repeat = repeat
      } else repeat = 1
      if ((delta === 1 || delta === -1) && delta === step) sequence++
      else if (delta === 1 || delta === -1) sequence = 2
      else sequence = 1
      step = delta
      if (sequence > this.sequence) this.sequence = sequence
    }
    this.wordiness = wordiness(buf, start, stop)
    this.isConstantName = isConstantName(buf, start, stop)
    return this
  }
}

/** Half bits over sixteen pairs from which on a text is certainly words: noise reaches it once in a hundred thousand. */
const WORDS_SURE = 16

/** A quick look at the first seventeen bytes: most runs in code are identifiers, and this is all they cost. */
export function isClearlyWords(buf: Uint8Array, start: number, end: number): boolean {
  const stop = end - start > 17 ? start + 17 : end
  let previous = SYMBOL[buf[start]!]!
  let sum = 0
  for (let i = start + 1; i < stop; i++) {
    const symbol = SYMBOL[buf[i]!]!
    if (symbol !== 26 || previous !== 26) sum += PAIR_WEIGHTS[previous * N + symbol]!
    previous = symbol
  }
  return sum > WORDS_SURE
}

/** Mean bits per adjacent pair; see `Shape.wordiness`. */
export function wordiness(buf: Uint8Array, start: number, end: number): number {
  let sum = 0
  let pairs = 0
  let previous = -1
  let wasLower = false
  const stop = end - start > PAIRS_MAX ? start + PAIRS_MAX : end
  for (let i = start; i < stop; i++) {
    const byte = buf[i]!
    const symbol = SYMBOL[byte]!
    const kind = CLASS[byte]!
    if (wasLower && kind & UPPER) {
      sum += PAIR_WEIGHTS[previous * N + BOUNDARY]!
      pairs++
      previous = BOUNDARY
    }
    if (previous >= 0) {
      // A pair of digits says nothing about words; counting it as "usual in code" would whitewash hex.
      if (previous !== 26 || symbol !== 26) sum += PAIR_WEIGHTS[previous * N + symbol]!
      pairs++
    }
    previous = symbol
    wasLower = (kind & LOWER) !== 0
  }
  return pairs === 0 ? 0 : sum / (2 * pairs)
}

/** Bits per pair above which a value of `pairs` pairs is read as words: short values need a clearer verdict. */
export function wordLimit(length: number): number {
  return length >= 64
    ? -0.6
    : length >= 40
      ? -0.5
      : length >= 32
        ? -0.4
        : length >= 20
          ? -0.25
          : length >= 16
            ? -0.1
            : 0.1
}

/** True when the measured value looks drawn at random from its own alphabet. */
export function looksRandom(shape: Shape): boolean {
  const { length, digits, hexes, others, repeat, sequence, distinct } = shape
  if (length < 8 || repeat >= repeatMin(length) || sequence >= 6) return false
  if (digits === Math.min(length, 256)) return false
  if (hexes === Math.min(length, 256)) return hexRandom(shape)
  if (distinct < distinctMin(length)) return false
  if (others > length / 4 || shape.isConstantName) return false
  return shape.wordiness <= wordLimit(length)
}

/** Shortest repetition that no random value has. Long tokens of Azure and Twitter have a row of zero bits in them: `AAAAAAAAAAAAA`. */
function repeatMin(length: number): number {
  return length >= 76 ? 16 : length >= 32 ? 6 : 5
}

/** Hex has no bigrams to judge by: enough different digits, and both digits and letters from 12 on. */
function hexRandom({ length, digits, distinct, lowers, uppers }: Shape): boolean {
  const letters = lowers + uppers
  const wanted = length >= 64 ? 11 : length >= 32 ? 9 : length >= 20 ? 8 : length >= 12 ? 6 : 5
  return distinct >= wanted && (length < 12 || (digits >= length / 5 && letters >= length / 12))
}

/** Fewest different characters a random value of this length is likely to have. */
function distinctMin(length: number): number {
  return length >= 64 ? 14 : length >= 32 ? 11 : length >= 20 ? 9 : length >= 16 ? 8 : length >= 12 ? 7 : 5
}

/**
 * Words joined by `_`, at least three, each of one case or capitalised with digits behind it, not all in lower case:
 * `OSSL_HTTP_REQ_CTX`. Bigrams know few abbreviations, but nothing drawn at random keeps to this order.
 */
function isConstantName(buf: Uint8Array, start: number, end: number): boolean {
  let joints = 0
  let uppers = 0
  // Letters so far of this word, and what may follow: the class of its last byte.
  let letters = 0
  let last = 0
  for (let i = start; i < end; i++) {
    const byte = buf[i]!
    const kind = CLASS[byte]! & (DIGIT | LOWER | UPPER)
    if (kind === 0) {
      if (byte !== 0x5f || letters === 0) return false
      joints++
      letters = last = 0
      continue
    }
    if (
      kind === DIGIT
        ? letters === 0
        : last !== 0 && last !== kind && !(kind === LOWER && letters === 1 && last === UPPER)
    )
      return false
    if (kind !== DIGIT) letters++
    if (kind === UPPER) uppers++
    last = kind
  }
  return joints >= 2 && letters > 0 && uppers > 0
}
