/**
 * Values nobody's shape describes: passwords, secrets and keys that only their name and their look give away, and what
 * stands in an Authorization header. A doubt lowers the tier instead of dropping the finding.
 */
import type { BoundValue, Judgement } from './bound-value.ts'
import { isDefined } from './directives.ts'
import { ConfigPaths } from './file-kind.ts'
import type { NameSense } from './names.ts'
import { isExpression, isMask, isPublishedSample, isReference, isSampleWords } from './placeholders.ts'
import { looksRandom, type Shape } from './randomness.ts'
import type { Tier } from './rule.ts'
import type { RuleSet } from './rule-set.ts'

/** Judges what no shape explains. */
export class GenericJudge {
  private readonly rules: RuleSet
  private readonly paths = new ConfigPaths()

  constructor(rules: RuleSet) {
    this.rules = rules
  }

  /** A verdict for the rule `id`; nothing where the set of rules lacks it. */
  is(id: string, tier: Tier, reason: string, role?: 'id' | 'secret'): Judgement | undefined {
    const rule = this.rules.byId.get(id)
    return rule === undefined ? undefined : { rule, tier, reason, ...(role && { role }) }
  }

  /** What a scheme stands before: `Bearer v`. */
  header(name: string, value: string, shape: Shape): Judgement | undefined {
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

  /** A value beside a name of that sense. */
  judge(sense: NameSense, value: string, input: BoundValue): Judgement | undefined {
    // In a list of names the one before gives the next no meaning.
    if (input.binding.separator === 'comma' && NAME.test(value)) return undefined
    const { kind, words } = sense
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
    if (kind === 'key') return this.key(sense, shape, isRandom || isUuid)
    return this.weak(sense, input, isUuid)
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

  private key({ isService }: NameSense, shape: Shape, isRandom: boolean): Judgement | undefined {
    if (isRandom && isService && isMixed(shape))
      return this.is('generic-api-key', 'likely', 'random value with the name of a service and of a key')
    if (!isRandom || shape.length < 12) return undefined
    return this.is('generic-api-key', shape.length >= 16 ? 'likely' : 'review', 'random value with a key name')
  }

  /** `GREYNOISE=v`: nothing but the name of a service. In lower case a hash of its length may be the release of a dependency. */
  service(name: string, value: string, { shape, binding }: BoundValue): Judgement | undefined {
    const isDrawn = UUID.test(value) || (shape.length >= 20 && looksRandom(shape))
    if (binding.separator !== 'assign' || !isDrawn) return undefined
    if (isSampleWords(value) || isPublishedSample(value)) return undefined
    const isVariable = name === name.toUpperCase()
    const { digits, lowers, uppers, hexes, length } = shape
    const isHash = hexes === length && (length === 40 || length === 64)
    if (digits === 0 || lowers + uppers === 0 || (isHash && !isVariable)) return undefined
    return this.is('generic-api-key', 'likely', 'random value with the name of a service')
  }

  private weak(sense: NameSense, { shape, binding }: BoundValue, isUuid: boolean): Judgement | undefined {
    const { words, isService, isPlace } = sense
    const isDrawn = looksRandom(shape) && (shape.length >= 16 || isMixed(shape))
    if (isService && (isUuid || isDrawn))
      return this.is('generic-api-key', 'likely', 'random value with the name of a service and of a key')
    if (isUuid || !looksRandom(shape) || shape.length < 20) return undefined
    // The `x` of `0x` is no digit.
    const isHex = shape.hexes >= shape.length - 1
    const isOwner = words.length > 1 || (words[0]?.length ?? 0) > 6
    const isAssigned = binding.calleeEnd === 0 && (binding.separator === 'assign' || binding.separator === 'colon')
    const isKeyInHex = isAssigned && !isPlace && shape.length >= 32 && shape.length <= 128
    const isStrong = isOwner && words.at(-1) !== 'auth' && (isHex ? isKeyInHex : shape.digits > 0)
    return this.is('generic-api-key', isStrong ? 'likely' : 'review', 'random value with a name that hints at a key')
  }
}

export const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/
const DIGEST_VALUE =
  /^(?:0x[0-9a-fA-F]{40}$|sha(?:1|224|256|384|512)[-:=]|h1:|md5[-:]|blake|\$argon2|\$2[aby]\$|\{SSHA)/i
function isFlag(name: string): boolean {
  return name.startsWith('-') || /^(?:password|requirepass|masterauth|passwd)$/i.test(name)
}

/** `--token v`, `ENV API_TOKEN v`, `client_secret "v"`: a blank is an operator only after a name that can mean nothing else. */
export function mayTakeBlank(name: string, { kind, words }: NameSense, { buf, binding, shape }: BoundValue): boolean {
  if (isFlag(name) || isDefined(buf, binding.nameStart)) return true
  return words.length > 1 && (kind === 'secret' || kind === 'key') && shape.length >= 20 && looksRandom(shape)
}

/** Short, but of all three kinds of characters. */
function isMixed({ digits, lowers, uppers, length }: Shape): boolean {
  return length >= 10 && digits > 0 && lowers > 0 && uppers > 0
}

/** What follows the scheme of an address: `//host.net/path`. */
const URL_REST = /^\/\/[\w-]{1,63}(?:\.[\w-]{1,63})+(?:[/:?#]|$)/
/** `PKPassLibrary`, `lucidKeyData`, `gss_krb5_keydata`: words put together. */
const NAME = /^(?:[A-Z]{0,4}(?:[A-Z][a-z]{2,})+|[a-z]{2,}(?:[A-Z][a-z]{2,})+|[a-z]{2,}\d{0,4}(?:_[a-z]{2,}\d{0,4})+)$/

/** References, patterns, masks, digests: no value at all. A random value may begin with a slash: base64 has one. */
export function isNoValue(value: string, shape: Shape): boolean {
  if (isExpression(value) || isMask(value) || DIGEST_VALUE.test(value) || value.includes('://')) return true
  if (URL_REST.test(value)) return true
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
