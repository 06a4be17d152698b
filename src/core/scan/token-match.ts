/**
 * @hot Tokens that their own text gives away: looks at every place of a run where one may begin, compares its fixed beginning and
 * only then runs the rule's expression on a bounded piece of text.
 */
import { byteSet, isAlnum, MARK } from './alphabet.ts'
import { isPercent } from './decoders.ts'
import { isNamedSample, isPublishedSample } from './placeholders.ts'
import type { Shape } from './randomness.ts'
import type { Tier } from './rule.ts'
import { type CompiledToken, expressionOf, type RuleSet, threeBytes, threeHash } from './rule-set.ts'

/** Takes what was found: rule, tier and the bounds of the token. */
export type TokenSink = (rule: string, tier: Tier, start: number, end: number) => void

export class TokenMatch {
  /** Where the value begins in the run looked at last: after its last inner `=`. */
  valueAt = 0
  private readonly rules: RuleSet
  private readonly shape: Shape
  private readonly found: TokenSink
  private buf: Buffer = Buffer.alloc(0)
  private from = 0
  private end = 0

  constructor(rules: RuleSet, shape: Shape, found: TokenSink) {
    this.rules = rules
    this.shape = shape
    this.found = found
  }

  /** The bytes the offsets of the next calls mean. */
  load(buf: Buffer, from: number, end: number): void {
    this.buf = buf
    this.from = from
    this.end = end
  }

  /** `\n`, `\t`, `%3D`, `\u0022` glued to the run belong to the text around it. */
  afterEscape(start: number): number {
    const before = this.buf[start - 1]
    if (before === 0x5c) {
      const first = this.buf[start]
      if (first === 0x75) return start + 5
      return first === 0x6e || first === 0x74 || first === 0x72 ? start + 1 : start
    }
    return before === 0x25 && isPercent(this.buf, start - 1) ? start + 2 : start
  }

  /** Tokens with a known beginning, at every place in the run where one may begin. */
  within(start: number, stop: number, seen: number): boolean {
    const { buf, rules } = this
    let found = false
    this.valueAt = start
    const previous = buf[start - 1]
    if (previous !== undefined && ENDS_ANCHOR[previous] === 1 && start >= 2) {
      const list = rules.before.get((buf[start - 2]! << 8) | previous)
      for (let n = 0; list !== undefined && n < list.length; n++)
        if (this.token(list[n]!, start - list[n]!.anchor.length)) found = true
    }
    if (previous === 0x2e) {
      const from = this.dottedStart(start)
      if (from < start && this.tokensAt(from)) return true
    }
    const { first } = rules
    if ((seen & MARK) === 0) {
      const mayBegin = first[threeHash(buf[start]!, buf[start + 1]!, buf[start + 2]!)] === 1
      return mayBegin && this.tokensAt(start) ? true : found
    }
    let mayBegin = true
    let value = start
    const last = stop - 4
    for (let i = start; i <= last; i++) {
      const byte = buf[i]!
      if (mayBegin && first[threeHash(byte, buf[i + 1]!, buf[i + 2]!)] === 1 && this.tokensAt(i)) found = true
      mayBegin = IS_MARK[byte] === 1
      if (byte === 0x3d && buf[i + 1] !== 0x3d) value = i + 1
    }
    this.valueAt = value
    return found
  }

  /** Start of the word that goes on over dots: `SG.xxx.yyy`. */
  private dottedStart(start: number): number {
    const { buf } = this
    const floor = Math.max(this.from, start - 80)
    let i = start - 1
    while (i >= floor && (isAlnum(buf[i]) || buf[i] === 0x2e || buf[i] === 0x5f || buf[i] === 0x2d)) i--
    return i + 1
  }

  private tokensAt(at: number): boolean {
    const list = this.rules.tokens.get(threeBytes(this.buf, at))
    if (list === undefined) return false
    let found = false
    for (let n = 0; n < list.length; n++) if (this.token(list[n]!, at)) found = true
    return found
  }

  private token(token: CompiledToken, at: number): boolean {
    const { buf, end } = this
    const { anchor } = token
    if (at < this.from || at + anchor.length > end) return false
    for (let k = 0; k < anchor.length; k++) if (buf[at + k] !== anchor.charCodeAt(k)) return false
    const low = Math.max(this.from, at - token.back)
    const expression = expressionOf(token)
    const text = buf.toString('latin1', low, Math.min(end, at + token.length + 1))
    expression.lastIndex = 0
    const match = expression.exec(text)
    if (match === null) return false
    const start = low + match.index
    if (start > at || isAlnum(buf[start - 1]) || start < this.from) return this.escaped(token, start, match[0])
    return this.acceptToken(token, start, match[0])
  }

  /** A letter before the token is allowed when it belongs to an escape: `\nghp_…`. */
  private escaped(token: CompiledToken, start: number, text: string): boolean {
    const before = this.buf[start - 2]
    if (before === 0x5c && 'ntr'.includes(String.fromCharCode(this.buf[start - 1]!)))
      return this.acceptToken(token, start, text)
    return isPercent(this.buf, start - 3) && this.acceptToken(token, start, text)
  }

  private acceptToken(token: CompiledToken, start: number, text: string): boolean {
    const { shape, rule } = token
    let tier: Tier | 'no' = shape.check === undefined ? (shape.tier ?? 'likely') : shape.check(text)
    if (tier === 'no') return false
    if (shape.near !== undefined && !this.nearWords(shape.near, start)) return false
    this.shape.measure(this.buf, start, start + text.length)
    if (tier !== 'confirmed' && this.isSample(token, text)) tier = 'review'
    this.found(rule.id, tier, start, start + text.length)
    return true
  }

  /** Behind a beginning that nothing else has, a row of digits or letters is what somebody typed over a part of a token. */
  private isSample({ anchor, shape }: CompiledToken, text: string): boolean {
    const { distinct, repeat, length } = this.shape
    if (distinct < 7 || repeat > length / 3 || isNamedSample(text)) return true
    const isSure =
      shape.near === undefined &&
      (anchor.length >= SURE_MIN || OWN_BEGINNING.test(text)) &&
      !COMMON_BEGINNING.test(text)
    return !isSure && (this.shape.sequence >= 9 || isPublishedSample(text))
  }

  private nearWords(words: readonly string[], at: number): boolean {
    const text = this.buf
      .toString('latin1', Math.max(this.from, at - NEAR_BEFORE), Math.min(this.end, at + NEAR_AFTER))
      .toLowerCase()
    return words.some((word) => text.includes(word))
  }
}

/** Bytes around the beginning of a token in which the words of `near` are looked for. */
export const NEAR_BEFORE = 120
export const NEAR_AFTER = 200
/** Written by one service only. */
const OWN_BEGINNING = /^[A-Za-z0-9]{4,14}[_-]/
const COMMON_BEGINNING = /^(?:key|api|sdk|pat|live|test)[_-]/
/** Shortest beginning that nothing else has. */
const SURE_MIN = 4

/** Bytes on which the anchors that stand before a run end: `SG.`, `Q~`, `12345:`. */
export const ENDS_ANCHOR: Uint8Array = byteSet('.~:$|@')
/** Inside a run a token begins only after one of these. */
const IS_MARK: Uint8Array = byteSet('+/=_-')
