/**
 * Decides what a bound value is: whose, and how sure we are. Name, shape, randomness and neighbours are weighed here and
 * nowhere else. It reports values, never lines, and a doubt lowers the tier instead of dropping the finding.
 */
import type { Binding } from './binding.ts'
import { isWif } from './base58.ts'
import { isDefined } from './directives.ts'
import { ConfigPaths } from './file-kind.ts'
import { type NameKind, type NameSense, senseOf, splitName } from './names.ts'
import { pairUp } from './pairing.ts'
import { isExpression, isMask, isPublishedSample, isReference, isSampleWords } from './placeholders.ts'
import { isClearlyWords, looksRandom, type Shape } from './randomness.ts'
import type { Hit, Rule, Tier } from './rule.ts'
import type { CompiledNamed, RuleSet } from './rule-set.ts'
import { VenueText } from './venue.ts'

export interface Judgement {
  readonly rule: Rule
  readonly tier: Tier
  readonly reason: string
  readonly role?: 'id' | 'secret'
}

export interface BoundValue {
  readonly buf: Buffer
  readonly start: number
  readonly end: number
  readonly binding: Binding
  readonly shape: Shape
  readonly path: string
  /** The text is `buf[from, limit)`. */
  readonly from: number
  readonly limit: number
}

const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/
const DIGEST_VALUE =
  /^(?:0x[0-9a-fA-F]{40}$|sha(?:1|224|256|384|512)[-:=]|h1:|md5[-:]|blake|\$argon2|\$2[aby]\$|\{SSHA)/i
/** Names that say nothing themselves: the real name stands in the entry before. */
const VALUE_NAMES: ReadonlySet<string> = new Set([
  'value',
  'val',
  'string',
  'content',
  'text',
  'default',
  'data',
  'v',
  'defaultvalue',
  'body',
])
const LENGTH_MAX = 512
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
const TELLING: ReadonlySet<NameKind> = new Set(['password', 'secret', 'key'])

export class Judge {
  private readonly rules: RuleSet
  private readonly paths = new ConfigPaths()
  private readonly venue = new VenueText()
  private readonly exchangeShapes: readonly CompiledNamed[]
  /** Whether any verdict since `begin` hung on a venue named far from its value, or on its absence. */
  hasAskedVenue = false

  constructor(rules: RuleSet) {
    this.rules = rules
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
      ? this.is('bitcoin-wif', 'confirmed', 'base58check fits')
      : undefined
  }

  bound(input: BoundValue): Judgement | undefined {
    const { shape, buf, start, end, binding } = input
    if (shape.length > LENGTH_MAX || shape.length < 4) return undefined
    const name = this.nameOf(input)
    const sense = this.sense(input, name)
    if (sense.kind === 'none' && !sense.isOwned && binding.separator !== 'scheme')
      return this.proven(shape, buf, start, end)
    const value = buf.toString('latin1', start, end)
    const named = this.named(sense, value, shape)
    if (named !== undefined) return named
    const proven = this.proven(shape, buf, start, end)
    if (proven !== undefined) return proven
    if (binding.separator === 'scheme') return this.header(name, value, shape)
    if (sense.kind === 'denied' || sense.kind === 'none') return undefined
    if (isNoValue(value, shape) || isTypePath(input)) return undefined
    const exchange = this.exchange(input, sense, value)
    if (exchange !== undefined) return exchange
    // Without an operator only the shape of an exchange key is believed, or a name that can mean nothing else.
    if (binding.separator === 'below' || (binding.separator === 'space' && !mayTakeBlank(name, sense, input)))
      return undefined
    return this.generic(sense, value, input)
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
      if (isHex ? isCalled(buf.toString('latin1', Math.max(from, idStart - 120), idStart), names) : true)
        if (this.venue.isNear(names, { buf, at: start, valueEnd: end, from, limit, path })) return row.rule.id
    }
    return undefined
  }

  private is(id: string, tier: Tier, reason: string, role?: 'id' | 'secret'): Judgement | undefined {
    const rule = this.rules.byId.get(id)
    return rule === undefined ? undefined : { rule, tier, reason, ...(role && { role }) }
  }

  private nameOf({ buf, binding, from }: BoundValue): string {
    const name = buf.toString('latin1', binding.nameStart, binding.nameEnd)
    const plain = name.toLowerCase().replace(/^--/, '')
    const { calleeStart, calleeEnd } = binding
    if (calleeEnd > 0 && /hmac/i.test(buf.toString('latin1', calleeStart, calleeEnd))) return MAC_KEY
    const isDigestName = binding.separator === 'comma' && /^sha-?\d{1,3}$/.test(plain)
    const isCell = binding.separator === 'element' && CELLS.has(plain)
    if (!VALUE_NAMES.has(plain) && !isDigestName && !isCell) return name
    const before = buf.toString('latin1', Math.max(from, binding.nameStart - 200), binding.nameStart)
    if (isDigestName) return /hmac\w*\s?\(\s{0,20}["']$/i.test(before) ? MAC_KEY : name
    if (isCell) return CELL_NAME.exec(before)?.[1] ?? name
    return ENTRY_NAME.exec(before)?.[1] ?? BLOCK_NAME.exec(before)?.[1] ?? TAG_NAME.exec(before)?.[1] ?? name
  }

  private sense({ buf, binding }: BoundValue, name: string): NameSense {
    const own = senseOf(name, this.rules.named)
    if (binding.typeEnd > 0) return this.typeSense(own, buf.toString('latin1', binding.typeStart, binding.typeEnd))
    if (binding.calleeEnd === 0 || binding.separator === 'call') return own
    const callee = senseOf(buf.toString('latin1', binding.calleeStart, binding.calleeEnd), this.rules.named)
    return own.kind === 'none' && callee.kind !== 'none' && callee.kind !== 'denied' ? callee : own
  }

  /** `note: api_secret = v`: what stands where a type would may be the name. */
  private typeSense(own: NameSense, type: string): NameSense {
    const sense = senseOf(type, this.rules.named)
    return TELLING.has(sense.kind) && !TELLING.has(own.kind) ? sense : own
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

  private header(name: string, value: string, shape: Shape): Judgement | undefined {
    const lower = name.toLowerCase()
    const isAuth = /auth|bearer|token|api-?key/.test(lower)
    if (!isAuth || isReference(value) || isPublishedSample(value) || DIGEST_VALUE.test(value)) return undefined
    const basic = this.basic(value)
    if (basic !== undefined) return basic
    if (shape.length < 16 || !(looksRandom(shape) || UUID.test(value))) return undefined
    return this.is('http-authorization', 'likely', 'credential in an Authorization header')
  }

  /** `user:password` in base64: a Basic header, `auths` of Docker, `_auth` of npm. */
  private basic(value: string): Judgement | undefined {
    const plain = Buffer.from(value, 'base64').toString('latin1')
    if (value.length < 12 || plain.length < value.length / 2 || !/^[\x21-\x7e]+:[\x20-\x7e]+$/.test(plain))
      return undefined
    const password = plain.slice(plain.indexOf(':') + 1)
    const isNone = isSampleWords(password) || isMask(password) || isReference(password)
    return this.is('http-authorization', isNone ? 'review' : 'likely', 'Basic credentials')
  }

  private generic({ kind, words }: NameSense, value: string, input: BoundValue): Judgement | undefined {
    const { shape, binding, path } = input
    const isBare = binding.quote === 0
    const inConfig = this.paths.isConfig(path)
    if (isBare && !inConfig && (!looksRandom(shape) || shape.digits === 0 || /[()[\]]/.test(value))) return undefined
    // `--- PASS: TestName` of a test run.
    if (words.length === 1 && words[0] === 'pass' && isBare && !looksRandom(shape)) return undefined
    if (kind === 'password') return this.password(value, input, isBare)
    const isRandom = looksRandom(shape)
    const isUuid = UUID.test(value)
    if (kind === 'secret') return this.secret(value, shape, isRandom || isUuid)
    if (words.at(-1) === 'auth') {
      const basic = this.basic(value)
      if (basic !== undefined) return basic
    }
    if (isSampleWords(value) || isPublishedSample(value)) return undefined
    if (kind === 'key') return this.key(shape, isRandom || isUuid)
    return this.weak(words, shape, isRandom && !isUuid)
  }

  private password(value: string, { shape, binding, path }: BoundValue, isBare: boolean): Judgement | undefined {
    const { separator } = binding
    const inConfig = this.paths.isConfig(path)
    const { length, digits, lowers, uppers, marks, others } = shape
    if (length < 6 || length > 128 || /[\s]/.test(value) || isPublishedSample(value)) return undefined
    if (isVersioned(value) || ESCAPE.test(value)) return undefined
    if (isSampleWords(value))
      return digits > 1 && uppers + lowers > 3
        ? this.is('generic-password', 'review', 'assigned sample word')
        : undefined
    if (/^[\w$]+(?:\.[\w$]+)+$/.test(value) && digits === 0) return undefined
    if (/^\w+(?:\[\d*\])?(?:\.\w+(?:\[\d*\])?)+$/.test(value) && !looksRandom(shape)) return undefined
    if (/^[.#/@]?[a-z]+(?:[-_./:][a-z]+)+$/i.test(value) || /^[A-Za-z_]+\(|\)$|^[A-Z_]+$/.test(value)) return undefined
    const letters = lowers + uppers
    const special = others + marks - dullMarks(value)
    const classes = Number(digits > 0) + Number(lowers > 0) + Number(uppers > 0) + Number(special > 0)
    const isPlain = special === 0 && (marks > 0 || /[.:]/.test(value))
    const isMixed = digits > 0 && letters > 1 && length >= 8 && !(isPlain && shape.wordiness > 0.2)
    const isStrong = (classes >= 3 && (digits > 0 || special > 0)) || isMixed
    if (separator === 'comma' && !(digits > 0 && classes >= 3) && !looksRandom(shape)) return undefined
    // A bare word that reads like an identifier may be one; with `@`, `!` or `#` in it and no bracket, it is none.
    if (isStrong && !(isBare && shape.wordiness > 0.5 && !/^[^()[\]{}<>"'`=]*[@!#$%^&*][^()[\]{}<>"'`=]*$/.test(value)))
      return this.is('generic-password', 'likely', 'assigned password')
    if (length >= 10 && looksRandom(shape)) return this.is('generic-password', 'likely', 'assigned random password')
    const isWord = letters >= 4 && (!isBare || (separator === 'assign' && inConfig))
    return isWord ? this.is('generic-password', 'review', 'assigned word') : undefined
  }

  private secret(value: string, shape: Shape, isRandom: boolean): Judgement | undefined {
    const { length, digits, lowers, uppers, wordiness } = shape
    if (/\s/.test(value) || isSampleWords(value) || isPublishedSample(value)) return undefined
    if (isVersioned(value) || ESCAPE.test(value) || NUMBER.test(value)) return undefined
    const isDrawn = length >= 12 && digits > 0 && lowers > 0 && uppers > 0
    if (isRandom && (length >= 16 || isDrawn))
      return this.is('generic-secret', 'likely', 'random value with a secret name')
    const isMixed = digits >= 2 && lowers + uppers >= 2
    if (length >= 10 && isMixed && wordiness <= -0.3)
      return this.is('generic-secret', 'likely', 'mixed value with a secret name')
    return length >= 8 && isMixed ? this.is('generic-secret', 'review', 'short value with a secret name') : undefined
  }

  private key(shape: Shape, isRandom: boolean): Judgement | undefined {
    if (!isRandom || shape.length < 12) return undefined
    return this.is('generic-api-key', shape.length >= 16 ? 'likely' : 'review', 'random value with a key name')
  }

  private weak(words: readonly string[], shape: Shape, isRandom: boolean): Judgement | undefined {
    if (!isRandom || shape.length < 20) return undefined
    const isHex = shape.hexes === shape.length
    const isStrong = words.length > 1 && !isHex && shape.digits > 0 && words.at(-1) !== 'auth'
    return this.is('generic-api-key', isStrong ? 'likely' : 'review', 'random value with a name that hints at a key')
  }

  /** Pairs of id and secret within six lines, and one hit per value. */
  finish(hits: Hit[], input: { readonly buf: Buffer }): Hit[] {
    return pairUp(hits, input.buf)
  }
}

/** What `createHmac('sha256', v)` and `hmac.new(v, …)` take. */
const MAC_KEY = 'hmac_secret'
const CELLS: ReadonlySet<string> = new Set(['td', 'dd'])
/** `<td>API Secret</td><td>v` */
const CELL_NAME = /([\w.\- ]{2,60})\s?:?\s?<\/(?:td|th|dt|b|strong)>\s{0,40}<$/i
/** `<input name="…" type="text" value="v"` */
const TAG_NAME = /<[^<>]{0,100}?\b(?:name|id|key)=["']([\w.\- ]{2,60})["'][^<>]{0,60}$/i
const ENTRY_NAME =
  /(?:\b(?:name|key|id|field|variable|parameter)["'\\]{0,3}\s*[:=]\s*|<(?:key|name)>\s*|(?:\bsecret\s{1,4}set|--name)[\s=]{1,4})["'\\]{0,3}([\w./\- ]{2,60}?)["'\\]{0,3}\s*(?:<\/(?:key|name)>)?(?:\\[nrt]|[\s,;<"'\\-]){0,40}$/i

/** `variable "name" {` of Terraform, with fields before its default. */
const BLOCK_NAME = /\bvariable\s{1,8}"([\w-]{2,60})"\s{0,8}\{[^{}]{0,120}$/

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
  return word.length >= 6 && !COMMON_WORDS.has(word)
}

const COMMON_WORDS: ReadonlySet<string> = new Set(
  'account apollo assembly branch batch captcha deployer function functions guardian gemini keypair linear looker particle payer percy phrase pivotal polygon private rapid search secret segment shared signer stability storage tracker wallet weather workable'.split(
    ' ',
  ),
)

function isFlag(name: string): boolean {
  return name.startsWith('-') || /^(?:password|requirepass|masterauth|passwd)$/i.test(name)
}

/** `--token v`, `ENV API_TOKEN v`, `client_secret "v"`: a blank is an operator only after a name that can mean nothing else. */
function mayTakeBlank(name: string, { kind, words }: NameSense, { buf, binding, shape }: BoundValue): boolean {
  if (isFlag(name) || isDefined(buf, binding.nameStart)) return true
  return words.length > 1 && (kind === 'secret' || kind === 'key') && shape.length >= 20 && looksRandom(shape)
}

/** `"AWS::Service::Secret": "…"`: the name of a type, not of a value. */
function isTypePath({ buf, binding: { nameStart, nameEnd } }: BoundValue): boolean {
  return buf[nameStart - 1] === 0x3a && buf[nameStart - 2] === 0x3a && (buf[nameEnd] === 0x22 || buf[nameEnd] === 0x27)
}

/** References, patterns, masks, digests: no value at all. A random value may begin with a slash: base64 has one. */
function isNoValue(value: string, shape: Shape): boolean {
  if (isExpression(value) || isMask(value) || DIGEST_VALUE.test(value) || value.includes('://')) return true
  return isReference(value) && !(value.startsWith('/') && shape.length >= 20 && shape.digits > 1 && looksRandom(shape))
}

/** `jjwt-jackson-0.11.2`, `AES-256-GCM`: releases and algorithms. */
function isVersioned(value: string): boolean {
  return /-v?\d+\.\d+(?:\.\d+)?(?:[-.][A-Za-z0-9]+)?$/.test(value) || ALGORITHM.test(value)
}

const ALGORITHM =
  /^(?:AES|ARIA|RSA|DES|DESede|ECDSA?|ECDH|HMAC|PBES\d?|PBKDF\d?|SHA\d*|HTTP|TLS|SSL|Camellia|ChaCha20|Blowfish|GCM|CBC)(?:Wrap|with)?[-_/+]?[A-Z0-9]/i
/** Bytes written as escapes belong to a test or a protocol, not to a password. */
const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|[uU][0-9a-fA-F]{4}|0[0-7]{2})/
const NUMBER = /^[-+]?(?:0x[0-9a-fA-F]{1,16}|\d+)[uUlL]{0,3}$/

/** Separators that also stand in ordinary names. */
function dullMarks(value: string): number {
  return value.length - value.replace(/[._\-/:]/g, '').length
}
