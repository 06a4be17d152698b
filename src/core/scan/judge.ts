/**
 * Decides what a bound value is: whose, and how sure we are. Name, shape, randomness and neighbours are weighed here and
 * nowhere else. It reports values, never lines, and a doubt lowers the tier instead of dropping the finding.
 */
import type { Binding } from './binding.ts'
import { isWif } from './base58.ts'
import { type BoundValue, type Judgement, nameOf, valueSense } from './bound-value.ts'
import { GenericJudge, isNoValue, mayTakeBlank, UUID } from './generic-value.ts'
import { type NameKind, type NameSense, senseOf, splitName } from './names.ts'
import { pairUp } from './pairing.ts'
import { isPublishedSample } from './placeholders.ts'
import { isClearlyWords, type Shape } from './randomness.ts'
import type { Hit } from './rule.ts'
import { SERVICES } from './service-names.ts'
import type { CompiledNamed, RuleSet } from './rule-set.ts'
import { VenueText } from './venue.ts'

const LENGTH_MAX = 512
/** Bytes before a pair of hashes in which their venue must be called. */
export const CALLED_REACH = 120
/** Names of texts, which may hold anything. */
const TEXTS: ReadonlySet<string> = new Set([
  'msg',
  'message',
  'text',
  'description',
  'desc',
  'title',
  'label',
  'error',
  'errors',
  'hint',
  'example',
  'sample',
  'template',
  'input',
  'placeholder',
])

export class Judge {
  private readonly rules: RuleSet
  private readonly generic: GenericJudge
  private readonly venue = new VenueText()
  private readonly exchangeShapes: readonly CompiledNamed[]
  /** Whether a verdict since this was last false hung on a venue named far from its value, or on its absence. */
  hasAskedVenue = false

  constructor(rules: RuleSet) {
    this.rules = rules
    this.generic = new GenericJudge(rules)
    const seen = new Map<string, CompiledNamed>()
    for (const list of rules.named.values()) {
      for (const row of list)
        if (row.rule.family === 'exchange') seen.set(`${row.rule.id} ${row.shape.pattern} ${row.shape.role}`, row)
    }
    this.exchangeShapes = [...seen.values()]
  }

  /** Call before each text. */
  begin(): void {
    this.venue.forget()
    this.hasAskedVenue = false
  }

  /** True for shapes that mean something although they do not look random. */
  isStructured(shape: Shape, buf: Buffer, start: number, end: number): boolean {
    if (shape.length === 66) return /^0x[0-9a-fA-F]{64}$/.test(buf.toString('latin1', start, end))
    return shape.length === 36 && shape.marks === 4 && UUID.test(buf.toString('latin1', start, end))
  }

  /** True when the name says that its value is public: an id or a hash, not merely some text. */
  isDenied(buf: Buffer, { nameStart, nameEnd }: Binding): boolean {
    const { kind, words } = senseOf(buf.toString('latin1', nameStart, nameEnd), this.rules.named)
    return kind === 'denied' && !TEXTS.has(words.at(-1) ?? '')
  }

  /** A random value with no name at all: only what proves itself by a checksum. */
  proven(shape: Shape, buf: Buffer, start: number, end: number): Judgement | undefined {
    if (shape.length !== 51 && shape.length !== 52) return undefined
    return isWif(buf.toString('latin1', start, end))
      ? this.generic.is('bitcoin-wif', 'confirmed', 'base58check fits')
      : undefined
  }

  bound(input: BoundValue): Judgement | undefined {
    const { shape, buf, start, end, binding } = input
    if (shape.length > LENGTH_MAX || shape.length < 4) return undefined
    const name = nameOf(input)
    const sense = valueSense(input, name, this.rules)
    if (sense.kind === 'none' && !sense.isOwned && !sense.isServiceOnly && binding.separator !== 'scheme')
      return this.proven(shape, buf, start, end)
    const value = buf.toString('latin1', start, end)
    const named = this.named(sense, value, shape)
    if (named !== undefined) return named
    const proven = this.proven(shape, buf, start, end)
    if (proven !== undefined) return proven
    if (binding.separator === 'scheme') return this.generic.header(name, value, shape)
    if (sense.kind === 'denied' || (sense.kind === 'none' && !sense.isServiceOnly)) return undefined
    if (isNoValue(value, shape) || isTypePath(input)) return undefined
    if (sense.kind === 'none') return this.generic.service(name, value, input)
    const exchange = this.exchange(input, sense, value)
    if (exchange !== undefined) return exchange
    // Without an operator only the shape of an exchange key is believed, or a name that can mean nothing else.
    if (binding.separator === 'below' || (binding.separator === 'space' && !mayTakeBlank(name, sense, input)))
      return undefined
    return this.generic.judge(sense, value, input)
  }

  /**
   * The rule of an exchange of whose keys the literal at `id` and the value after it have the shapes, with its name nearby.
   * Where both are plain hex they may be hashes: then the name must stand right before them.
   */
  pair({ buf, start, end, shape, path, from, limit }: BoundValue, [idStart, idEnd]: readonly [number, number]) {
    if (shape.length > LENGTH_MAX) return undefined
    const value = buf.toString('latin1', start, end)
    const id = buf.toString('latin1', idStart, idEnd)
    const isHex = /^[0-9a-fA-F-]+$/.test(value + id)
    for (let n = 0; n < this.exchangeShapes.length; n++) {
      const row = this.exchangeShapes[n]
      if (row === undefined || row.shape.role !== 'secret' || !fits(row, value) || !isPlausible(shape, value)) continue
      if (!this.exchangeShapes.some((one) => one.rule === row.rule && one.shape.role === 'id' && fits(one, id)))
        continue
      if (isPublishedSample(value) || isPublishedSample(id) || isClearlyWords(Buffer.from(id), 0, id.length)) continue
      const { names } = row.shape
      this.hasAskedVenue = true
      if (isHex ? isCalled(buf.toString('latin1', Math.max(from, idStart - CALLED_REACH), idStart), names) : true)
        if (this.venue.isNear(names, { buf, at: start, valueEnd: end, from, limit, path })) return row.rule.id
    }
    return undefined
  }

  private named({ words, kind }: NameSense, value: string, shape: Shape): Judgement | undefined {
    for (let i = 0; i < words.length; i++) {
      const one = words[i] ?? ''
      const rows = this.rules.named.get(one) ?? this.rules.named.get(one + (words[i + 1] ?? ''))
      if (rows === undefined) continue
      for (let n = 0; n < rows.length; n++) {
        const row = rows[n]
        if (row === undefined) continue
        const { shape: wanted, rule } = row
        if (wanted.with !== undefined && !words.some((word) => wanted.with?.some((part) => word.includes(part))))
          continue
        if (!fits(row, value) || isPublishedSample(value) || !isPlausible(shape, value)) continue
        if (wanted.role !== undefined && (wanted.role === 'id') !== isIdName(kind, words)) continue
        if (kind === 'denied' && wanted.role !== 'id') continue
        if (kind === 'none' && wanted.with === undefined && !isOwnName(one)) continue
        const tier = wanted.tier ?? (wanted.role === 'id' ? 'review' : 'likely')
        return { rule, tier, reason: `name and shape of ${rule.title}`, ...(wanted.role && { role: wanted.role }) }
      }
    }
    return undefined
  }

  /** Exchange key shapes beside a name that says key or secret, with the venue named nearby. */
  private exchange(
    { buf, start, end, path, from, limit }: BoundValue,
    { kind, words }: NameSense,
    value: string,
  ): Judgement | undefined {
    const role = isIdName(kind, words) ? 'id' : 'secret'
    for (let n = 0; n < this.exchangeShapes.length; n++) {
      const row = this.exchangeShapes[n]
      if (row === undefined) continue
      if (row.shape.role !== role || !fits(row, value)) continue
      this.hasAskedVenue = true
      const isNear = this.venue.isNear(row.shape.names, { buf, at: start, valueEnd: end, from, limit, path })
      if (isNear)
        return { rule: row.rule, tier: role === 'id' ? 'review' : 'likely', reason: 'shape, name and venue', role }
    }
    return undefined
  }

  /** Pairs of id and secret within six lines, and one hit per value. */
  finish(hits: Hit[], input: { readonly buf: Buffer }): Hit[] {
    return pairUp(hits, input.buf)
  }
}

/** A long value in hex alone was not drawn from all letters: it is a hash, whatever stands beside it. */
function isHashOf(pattern: string, value: string): boolean {
  return value.length >= 36 && pattern.startsWith('[A-Za-z0-9') && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(value)
}

const expressions = new WeakMap<CompiledNamed, RegExp>()

function fits(row: CompiledNamed, value: string): boolean {
  if (row.rule.family === 'exchange' && isHashOf(row.shape.pattern, value)) return false
  let expression = expressions.get(row)
  if (expression === undefined) {
    expression = new RegExp(`^(?:${row.shape.pattern})$`)
    expressions.set(row, expression)
  }
  return expression.test(value)
}

/** Rules out counters, words and repetitions that happen to have the right length. */
function isPlausible(shape: Shape, value: string): boolean {
  if (shape.repeat >= 6 || shape.sequence >= 8 || shape.distinct < Math.min(6, value.length / 2)) return false
  return shape.wordiness <= 0.3 || /\d/.test(value)
}

/** `apiKey`, `access_key`: the public half, unless the name also says secret or private. */
function isIdName(kind: NameKind, words: readonly string[]): boolean {
  if (words.some((word) => /secret|private|priv|sign|pass/.test(word))) return false
  return kind === 'key' || kind === 'weak' || words.some((word) => /^(?:apikey|accesskey|key|id)$/.test(word))
}

/** A word of `text`, or its beginning, is one of `names`: `gate.Client(`, `BitgetRest(`, `"okx": [`. */
function isCalled(text: string, names: readonly string[]): boolean {
  const words = splitName(text)
  return names.some((name) => words.some((word, i) => word === name || word + (words[i + 1] ?? '') === name))
}

/** Names of services that mean nothing else: enough without `key` or `token` beside them. */
function isOwnName(word: string): boolean {
  return SERVICES.has(word) || (word.length >= 6 && !COMMON_WORDS.has(word))
}

const COMMON_WORDS: ReadonlySet<string> = new Set(
  'account apollo assembly branch batch captcha deployer function functions guardian gemini keypair linear looker particle payer percy phrase pivotal polygon private rapid search secret segment shared signer stability storage tracker wallet weather workable'.split(
    ' ',
  ),
)

/** `"AWS::Service::Secret": "…"`: the name of a type, not of a value. */
function isTypePath({ buf, binding: { nameStart, nameEnd } }: BoundValue): boolean {
  return buf[nameStart - 1] === 0x3a && buf[nameStart - 2] === 0x3a && (buf[nameEnd] === 0x22 || buf[nameEnd] === 0x27)
}
