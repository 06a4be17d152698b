/**
 * @hot The engine: bytes in, hits out. Value first: it looks at runs of token bytes that look drawn at random and only then
 * asks what they are and what they are bound to, so the cost does not grow with the number of rules.
 * It reads no files, knows no git and prints nothing; every look back or ahead is bounded.
 */
import { ALNUM, BLANK, byteSet, CLASS, DIGIT, isIdent, MARK, TOKEN } from './alphabet.ts'
import { Binding } from './binding.ts'
import { wordStart } from './composite.ts'
import { type Decoded, decodePercent, decodeRun, isPercent, mayBeWide } from './decoders.ts'
import { ConfigPaths } from './file-kind.ts'
import type { BoundValue, Judgement } from './bound-value.ts'
import { isDefined } from './directives.ts'
import { decodeDump } from './hex-dump.ts'
import { Judge } from './judge.ts'
import { FarPlaces } from './far.ts'
import { isClearlyWords, looksRandom, Shape, wordiness } from './randomness.ts'
import type { Hit, Tier } from './rule.ts'
import type { RuleSet } from './rule-set.ts'
import { type Finds, Search, type Text } from './search.ts'
import { SelfNamed, TAIL_MIN } from './self-named.ts'
import { siblingBefore } from './sibling.ts'
import type { Simd } from './simd.ts'
import { TokenMatch } from './token-match.ts'
import { type Span, valueAfter } from './value-after.ts'

/** What the engine is told about the bytes. */
export interface Input {
  readonly buf: Buffer
  readonly from: number
  readonly end: number
  readonly path: string
  /** Binary: only tokens with strong beginnings and private keys. */
  readonly isBinary: boolean
}

/** Longest value judged as one value; a longer run is data. */
const VALUE_MAX = 512
const NAME_MAX = 48
/** Longest line that is joined with its neighbours (wrapped.ts), and what stands between two. */
const LINE_REACH = 1100
/** From this length on a bare word in program code may be a value. */
const NAME_LIKE = 20
/** How deep decoded text may be decoded again. */
const DEPTH_MAX = 2

export class Engine implements Text, Finds {
  readonly rules: RuleSet
  /** Bytes of decoded text looked at since `reset`. */
  decodedBytes = 0
  private readonly judge: Judge
  private readonly shape = new Shape()
  private readonly binding = new Binding()
  private readonly named = new SelfNamed()
  private readonly tokens: TokenMatch
  readonly simd: Simd | undefined
  /** What the last scan hung on beyond `SLICE_REACH` (slices.ts), runs of token bytes apart. */
  readonly far = new FarPlaces()
  private readonly search: Search
  private readonly paths = new ConfigPaths()
  private hits: Hit[] = []
  /** The text that is searched now. */
  buf: Buffer = Buffer.alloc(0)
  from = 0
  end = 0
  path = ''
  isBinary = false
  depth = 0
  private via = ''
  /** What was decoded to get here, the outermost first. */
  private readonly origins: Decoded[] = []
  private decodeBudget = 0
  /** Percent-encoded text up to here has been decoded. */
  private percentUntil = 0
  /** Lines up to here have been joined and decoded. */
  private joinedUntil = 0

  /** With `simd`, what stands in its window is searched by it. */
  constructor(rules: RuleSet, simd?: Simd) {
    this.rules = rules
    this.simd = simd
    this.search = new Search(rules, simd, this)
    this.judge = new Judge(rules)
    this.tokens = new TokenMatch(rules, this.shape, (rule, tier, start, end) =>
      this.add(rule, tier, start, end, 'token shape'),
    )
  }

  /** Finds secrets in `input.buf[from, end)`. Offsets in hits are offsets in `buf`. */
  scan(input: Input): Hit[] {
    this.hits = []
    this.depth = 0
    this.via = ''
    this.origins.length = 0
    this.percentUntil = this.joinedUntil = 0
    this.far.clear()
    this.decodeBudget = 4 * (input.end - input.from) + 65_536
    this.load(input)
    this.judge.begin()
    this.search.pass(this)
    if (this.decodeBudget <= 0) this.far.isEverywhere = true
    return this.judge.finish(this.hits, input)
  }

  /** A verdict hangs on all of [start, end), in decoded text on all that was decoded to get there. */
  isFar(start: number, end: number): void {
    const origin = this.origins[0]
    if (origin === undefined) this.far.at.push(start, end)
    else this.far.at.push(origin.start, origin.end)
  }

  private load(input: Input): void {
    this.buf = input.buf
    this.from = input.from
    this.end = input.end
    this.path = input.path
    this.isBinary = input.isBinary
    this.tokens.load(input.buf, input.from, input.end)
  }

  /** One run of token bytes. */
  run(start: number, stop: number, seen: number): void {
    const { buf } = this
    const s = this.tokens.afterEscape(start)
    if (this.tokens.within(s, stop, seen)) return
    if (this.isBinary) return
    if (stop - s > VALUE_MAX) {
      // Whether it is one of several lines hangs on its neighbours, however long they are.
      this.isFar(Math.max(this.from, s - LINE_REACH), Math.min(this.end, stop + LINE_REACH))
      return this.decode(this.tokens.valueAt, stop)
    }
    // Before anything is decoded: text inside has runs of its own.
    const v = this.tokens.valueAt
    if ((buf[stop] === 0x25 && isPercent(buf, stop)) || (s === start + 2 && buf[start - 1] === 0x25))
      this.percent(s, stop)
    if ((seen & NAMED_TOKEN) === NAMED_TOKEN && stop - v > TAIL_MIN && this.selfNamed(v, stop)) return
    if (stop - v >= 24 && mayBeWide(buf, v)) this.decode(v, stop)
    // The cheapest test first: most runs are identifiers and paths.
    if (stop - v < 8 || isClearlyWords(buf, v, stop) || wordiness(buf, v, stop) > 0.15) return
    this.value(v, stop)
  }

  /** A token whose own beginning says that it is a secret; the name beside it may deny it. */
  private selfNamed(start: number, stop: number): boolean {
    const { buf, binding, shape, named } = this
    if (
      !named.read(buf, start, stop) ||
      !this.isBounded(stop) ||
      (start > this.from && BEFORE_TOKEN[buf[start - 1]!] === 0)
    )
      return false
    shape.measure(buf, named.tail, stop)
    const { length, digits, lowers, uppers, hexes, marks } = shape
    if (!looksRandom(shape) || marks > length / 8 || (digits === 0 && (lowers === 0 || uppers === 0))) return false
    if (!named.saysSecret && (lowers === 0 || uppers === 0)) return false
    if (hexes === length && length < 32) return false
    if (binding.read(buf, start, this.from) && this.judge.isDenied(buf, binding)) return false
    this.add('self-named-token', 'likely', start, stop, 'beginning of a key, random rest')
    return true
  }

  /** A run that may be a whole value: find its bounds, its name, and judge. */
  value(v: number, stop: number): void {
    const { buf } = this
    const start = this.extendLeft(v)
    if (isMacro(buf, start, this.from)) return
    const end = this.extendRight(stop)
    if (!this.isBounded(end)) return
    this.shape.measure(buf, start, end)
    const isRandom = looksRandom(this.shape)
    // Text in hex has few letters and no randomness.
    if (!isRandom && this.isHexText(start)) this.decode(start, end)
    if (!isRandom && !this.judge.isStructured(this.shape, buf, start, end)) return
    if (isRandom && end - start >= 24) this.decode(start, end)
    this.judgeValue(start, end)
  }

  private isHexText(start: number): boolean {
    const { length, hexes, digits } = this.shape
    const seen = Math.min(length, 256)
    // `0x…`
    const others = this.buf[start + 1] === 0x78 ? 1 : 0
    return length >= 24 && hexes === seen - others && digits < seen
  }

  private extendLeft(v: number): number {
    const { buf, from } = this
    if (buf[v - 1] === 0x3d) return v
    const floor = Math.max(from, v - 64)
    let i = v - 1
    while (i >= floor && (CLASS[buf[i]!]! & ALNUM || VALUE_EXTRA[buf[i]!] === 1)) i--
    // A value glued to an escape (`\"…`, `\n…`) begins after it.
    return i >= from && buf[i] === 0x5c && i + 1 < v ? i + 2 : i + 1
  }

  private extendRight(stop: number): number {
    const { buf, end } = this
    const ceiling = Math.min(end, stop + 128)
    let i = stop
    while (i < ceiling && (CLASS[buf[i]!]! & TOKEN || VALUE_EXTRA[buf[i]!] === 1)) i++
    while (i > stop && (buf[i - 1] === 0x2e || buf[i - 1] === 0x21)) i--
    return i
  }

  private isBounded(end: number): boolean {
    return end >= this.end || BOUND[this.buf[end]!] === 1
  }

  private judgeValue(start: number, end: number): void {
    const { buf, binding } = this
    const isBound = binding.read(buf, start, this.from)
    const verdict = isBound ? this.bound(start, end) : this.judge.proven(this.shape, buf, start, end)
    if (verdict !== undefined) this.report(verdict, start, end)
    else if (!this.part(start, end, isBound)) this.unnamed(start, end)
  }

  /** The last part of a word that a name explains as a whole; true when it is reported. */
  private part(start: number, end: number, isBound: boolean): boolean {
    const { buf, binding, from } = this
    const whole = wordStart(buf, [start, end], from)
    if (whole < 0 || (isBound && this.judge.isDenied(buf, binding)) || !binding.read(buf, whole, from)) return false
    const isOne = buf[start - 1] === 0x3d
    if (isOne && !looksRandom(this.shape.measure(buf, whole, end))) return false
    const at = isOne ? whole : start
    const verdict = this.bound(at, end)
    this.report(verdict, at, end)
    return verdict !== undefined
  }

  /** A value that no name explains: the second of a pair of literals may explain itself. */
  private unnamed(start: number, end: number): void {
    const { buf } = this
    const id = siblingBefore(buf, start, this.from)
    if (id === undefined) return
    const rule = this.judge.pair(this.boundValue(start, end), id)
    this.noteVenue(id[0], end)
    if (rule === undefined) return
    this.add(rule, 'confirmed', id[0], id[1], PAIR_REASON, 'id')
    this.add(rule, 'confirmed', start, end, PAIR_REASON, 'secret')
  }

  private bound(start: number, end: number): Judgement | undefined {
    if (this.isMacroOf(start, end)) return undefined
    const verdict = this.judge.bound(this.boundValue(start, end))
    this.noteVenue(start, end)
    return verdict
  }

  /** `#define NAME OTHER`: in program code a bare word is another name, unless it is longer than names are. */
  private isMacroOf(start: number, end: number): boolean {
    const { buf, binding, paths } = this
    if (binding.separator !== 'space' || binding.quote !== 0 || end - start >= NAME_LIKE) return false
    return !paths.isConfig(this.path) && isDefined(buf, binding.nameStart)
  }

  private noteVenue(start: number, end: number): void {
    if (!this.judge.hasAskedVenue) return
    this.judge.hasAskedVenue = false
    this.isFar(start, end)
  }

  private boundValue(start: number, end: number): BoundValue {
    const { buf, binding, shape, path, from, end: limit } = this
    return { buf, start, end, binding, shape, path, from, limit }
  }

  private report(verdict: Judgement | undefined, start: number, end: number): void {
    if (verdict === undefined) return
    this.add(verdict.rule.id, verdict.tier, start, end, verdict.reason, verdict.role)
  }

  /** A place where rows of a dump begin. */
  dump(at: number): void {
    if (this.depth >= DEPTH_MAX || this.decodeBudget <= 0) return
    const decoded = decodeDump(this.buf, at, [this.from, this.end])
    if (decoded === undefined) return
    // Its rows are counted from its beginning.
    this.isFar(decoded.start, decoded.end)
    this.inside(decoded)
  }

  /** A name that may have a short or punctuated value. */
  stem(at: number): void {
    const { buf } = this
    const found = valueAfter(buf, at, this.end)
    if (found === undefined) return this.percentName(at)
    if (!this.mayBeShortSecret(found)) return
    if (!this.binding.read(buf, found.start, this.from)) return
    this.shape.measure(buf, found.start, found.end)
    this.report(this.bound(found.start, found.end), found.start, found.end)
  }

  /** `password%3D…`: the name goes on in percent-encoded text. */
  private percentName(at: number): void {
    const { buf } = this
    const stop = Math.min(this.end, at + NAME_MAX)
    let i = at
    while (i < stop && (isIdent(buf[i]) || buf[i] === 0x2d || buf[i] === 0x2e)) i++
    if (i < stop && isPercent(buf, i)) this.percent(at, i)
  }

  /** Cheap reasons against a value beside a telling name: too short, prose, or an expression of program code. */
  private mayBeShortSecret({ start, end, quote }: Span): boolean {
    const { buf } = this
    const length = end - start
    if (length < 6 || length > 200) return false
    let digits = 0
    for (let i = start; i < end; i++) {
      const kind = CLASS[buf[i]!]!
      if (kind & BLANK) return false
      if (kind & DIGIT) digits++
    }
    return quote !== 0 || digits > 0 || this.paths.isConfig(this.path)
  }

  /** Scans what the value decodes to, when it decodes to text. */
  private decode(start: number, end: number): void {
    if (start < this.joinedUntil || this.depth >= DEPTH_MAX || this.decodeBudget <= 0) return
    const { buf, end: limit } = this
    const decoded = decodeRun({ buf, start, end, from: Math.max(this.from, this.joinedUntil), limit })
    if (decoded === undefined) return
    this.joinedUntil = decoded.end
    // Lines that are joined may be many, and begin far away.
    if (decoded.end > end || decoded.start < start - 2) this.isFar(decoded.start, decoded.end)
    this.inside(decoded)
  }

  /** Text with `%XX` in it, decoded once as a whole: `…AccountKey%3Dabc%2Bdef%3D%3D`. */
  private percent(start: number, stop: number): void {
    const { buf } = this
    if (start < this.percentUntil || this.depth >= DEPTH_MAX || this.decodeBudget <= 0) return
    let low = start
    while (low > this.from && low > start - VALUE_MAX && IN_PERCENT[buf[low - 1]!] === 1) low--
    let high = stop
    while (high < this.end && high < stop + VALUE_MAX && IN_PERCENT[buf[high]!] === 1) high++
    this.percentUntil = high
    this.inside(decodePercent(buf, low, high))
  }

  private inside(decoded: Decoded): void {
    this.decodeBudget -= decoded.bytes.length
    this.decodedBytes += decoded.bytes.length
    const saved = this.state()
    this.origins.push(decoded)
    this.via = this.via === '' ? decoded.via : `${this.via}+${decoded.via}`
    this.depth++
    this.percentUntil = this.joinedUntil = 0
    const { bytes, isBinary } = decoded
    this.load({ buf: bytes, from: 0, end: bytes.length, path: this.path, isBinary })
    this.search.pass(this)
    this.origins.pop()
    Object.assign(this, saved)
    this.tokens.load(this.buf, this.from, this.end)
  }

  private state() {
    const { buf, from, end, path, isBinary, depth, via, percentUntil, joinedUntil } = this
    return { buf, from, end, path, isBinary, depth, via, percentUntil, joinedUntil }
  }

  add(rule: string, tier: Tier, start: number, end: number, reason: string, role?: 'id' | 'secret'): void {
    const value = this.buf.toString('latin1', start, end)
    if (this.depth > 0) this.isFar(start, end)
    let first = start
    let last = end
    for (let k = this.origins.length - 1; k >= 0; k--) {
      const origin = this.origins[k]!
      last = origin.placeOf(last - 1) + 1
      first = origin.placeOf(first)
    }
    this.hits.push({
      rule,
      tier,
      start: first,
      end: last,
      value,
      via: this.via,
      reason,
      role,
    })
  }
}

/** `#define NAME`: headers of C are full of names that look like nothing else, and a name is no value. */
function isMacro(buf: Uint8Array, start: number, from: number): boolean {
  if (start - from < MACRO.length || buf[start - 1] !== 0x20) return false
  for (let k = 0; k < MACRO.length; k++) if (buf[start - MACRO.length + k] !== MACRO[k]) return false
  let i = start - MACRO.length - 1
  const floor = Math.max(from, i - BLANKS_MAX)
  while (i > floor && buf[i] === 0x20) i--
  return i >= from && buf[i] === 0x23
}

const MACRO: Uint8Array = Buffer.from('define ')
/** Between `#` and `define`. */
const BLANKS_MAX = 64

const PAIR_REASON = 'key and secret side by side, shapes and venue'
/** Classes that a token with a beginning of its own has. */
const NAMED_TOKEN = MARK | DIGIT
/** Bytes that may stand before a token with a beginning of its own. */
export const BEFORE_TOKEN: Uint8Array = byteSet('"\'` \t\r\n=:,;([{<>|&?')
/** Bytes a value may hold beside token bytes. */
export const VALUE_EXTRA: Uint8Array = byteSet('.~%!@$^_-+/')
/** Bytes of percent-encoded text. */
export const IN_PERCENT: Uint8Array = byteSet(
  '%ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.~:-&?!*()',
)
/** Bytes that may follow a whole value. */
export const BOUND: Uint8Array = byteSet('"\'` \t\r\n,;)}]&<\\|>#?:*')
