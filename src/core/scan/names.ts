/**
 * What a name says about its value: password, secret, key, weak hint, nothing, or a plain denial (hash, id, path, public).
 * The name alone never makes a finding, and a word inside the value never hides one.
 */

import { SERVICES } from './service-names.ts'

export type NameKind = 'password' | 'secret' | 'key' | 'weak' | 'none' | 'denied'

export interface NameSense {
  readonly kind: NameKind
  readonly words: readonly string[]
  /** Some named rule asks for one of the words. */
  readonly isOwned: boolean
  /** One of the words names a service that gives out keys. */
  readonly isService: boolean
  /** There are no other words but those of a service and what says nothing. */
  readonly isServiceOnly: boolean
  /** The key of a row, a map or a cache, more likely than one that opens something. */
  readonly isPlace: boolean
}

const PASSWORD = words(
  'password passwd pwd passphrase passcode pass pw psw pswd passwort senha contrasena contrasenia motdepasse mdp passord userpass authpass requirepass masterauth adminpass dbpass rootpass',
)
const SECRET = words(
  'secret secrets token tokens credential credentials cred creds bearer apikey apikeys apitoken authkey secretkey privatekey accesskey authtoken accesstoken refreshtoken jwt pat apisecret clientsecret appsecret webhooksecret sharedsecret signingkey encryptionkey masterkey deploykey sasl licensekey appkey accountkey sharedaccesskey storagekey primarykey2 pskey secretaccesskey basicauth authorization',
)
const KEY_QUALIFIER = words(
  'api secret private priv access auth authentication authorization encryption encrypt encrypted crypto cipher aes hmac signing sign signature sig master storage account shared client app application service server admin user license licence deploy ssh webhook session cookie jwt root subscription ingest insert integration developer dev live prod production consumer merchant rest write admin management personal security sdk functions function vault wallet trading trade exchange dsa rsa ecdsa pgp gpg psk preshared tls ssl salt hash bot project org organization team workspace account identity password unseal recovery backup flask django rails laravel decryption validation machine feed bootstrap join enrollment provisioning activation cognitive vision translator speech maps node agent relay',
)
const DENIED_LAST = words(
  'id ids uid uuid guid name names username path paths file files filename filepath dir directory folder url urls uri uris endpoint host hostname domain type types length len size count hash hashes digest checksum sum sha sha1 sha256 sha384 sha512 md5 crc crc32 fingerprint thumbprint symbol code codes index idx ref refs version format prefix suffix label title description desc policy expiry expires expiration ttl time timeout date at status state mode field fields column columns regex regexp pattern placeholder hint message msg error errors validator validation rule rules manager provider service factory class classname enum kind list map array object obj schema location position pos row table query limit offset max min page cursor alias arn role group parameter param params option options settings usage scope scopes algorithm alg method strategy handler helper util utils test tests spec example sample template input label text button link icon image img css style color colour width height address addr integrity etag revision rev commit tree blob checksum resolved snapshot ts js mjs cjs tsx jsx json yaml yml md py go rs java txt html css lock sym balance amount price supply decimals',
)
const DENIED_ANY = words(
  'page nextpage continuation cancellation collateral conditional erc20 unexpected expected public pub pubkey publickey publishable foreign primary natural sort partition cache idempotency csrf xsrf csrftoken xsrftoken integrity etag sha1 sha256 sha384 sha512 md5 checksum checksums commit fingerprint thumbprint shasum sha digest nonce hashes keyboard keycode keyframe keyframes keyword keywords keypress keydown keyup monkey turkey translation i18n locale gtm measurement sitekey mappings changelog issuer subject serial revision githead gitsha vercelgitcommitsha tokenizer tokenize tokenizers tokenid contract mint lockfile resolved tarball dist rolluphash signature sig',
)
const TRAILING_NOISE = words(
  'value val values str string default old new prod production dev development test testing staging stage live main v1 v2 v3 env here b64 base64 plain plaintext clear text raw hex encoded decoded local qa uat sandbox demo full legacy original current const literal bytes utf8 1 2 3 4 5',
)

let cache = new Map<string, NameSense>()
let cacheOwners: OwnerWords | undefined
const CACHE_MAX = 8192

/** Splits an identifier at separators, camel humps and digits: `MY_apiKey2` → my, api, key, 2. */
export function splitName(name: string): string[] {
  const out: string[] = []
  let word = ''
  let wasLower = false
  for (let i = 0; i < name.length; i++) {
    const char = name[i] ?? ''
    const isUpper = char >= 'A' && char <= 'Z'
    const isLower = char >= 'a' && char <= 'z'
    const isDigit = char >= '0' && char <= '9'
    if (!isUpper && !isLower && !isDigit) {
      if (word !== '') out.push(word)
      word = ''
      wasLower = false
      continue
    }
    const next = name[i + 1] ?? ''
    const endsAcronym = isUpper && !wasLower && word.length > 1 && next >= 'a' && next <= 'z'
    if ((isUpper && wasLower) || endsAcronym) {
      if (word !== '') out.push(word)
      word = ''
    }
    word += char.toLowerCase()
    wasLower = isLower || isDigit
  }
  if (word !== '') out.push(word)
  return out
}

/** The words that named rules ask for. */
export interface OwnerWords {
  has: (word: string) => boolean
}

const NOBODY: OwnerWords = new Set<string>()

/** Reads a name; answers are remembered, because a code base uses the same few thousand names everywhere. */
export function senseOf(name: string, owners: OwnerWords = NOBODY): NameSense {
  if (owners !== cacheOwners) {
    cache = new Map()
    cacheOwners = owners
  }
  const known = cache.get(name)
  if (known !== undefined) return known
  const sense = classify(splitName(name), owners)
  if (cache.size >= CACHE_MAX) cache.clear()
  cache.set(name, sense)
  return sense
}

function classify(all: readonly string[], owners: OwnerWords): NameSense {
  const kept = [...all]
  while (kept.length > 1 && (TRAILING_NOISE.has(kept.at(-1) ?? '') || /^\d+$/.test(kept.at(-1) ?? ''))) kept.pop()
  const isOwned = all.some((word, i) => owners.has(word) || owners.has(word + (all[i + 1] ?? '')))
  const kind = kindOf(kept)
  const isKey = kind === 'key' || kind === 'weak'
  return {
    kind,
    words: all,
    isOwned,
    isService: isKey && kept.some((_, i) => isServiceAt(kept, i)),
    isServiceOnly: kind === 'none' && isServiceOnly(kept),
    isPlace: kind === 'weak' && kept.some((word) => PLACES.has(word)),
  }
}

/** The word at `i`, alone or with the next, is a service's, also with `key` behind it: `datadog`, `newRelic`, `UPLOADCAREKEY`. */
function isServiceAt(words: readonly string[], i: number): boolean {
  const word = words[i] ?? ''
  return SERVICES.has(word) || SERVICES.has(word + (words[i + 1] ?? '')) || SERVICES.has(fusedOwner(word))
}

/** Most names end at their first word here. */
function isServiceOnly(words: readonly string[]): boolean {
  const isNamed = (_: string, i: number) =>
    isServiceAt(words, i) || (i > 0 && SERVICES.has((words[i - 1] ?? '') + (words[i] ?? '')))
  return words.every((word, i) => EMPTY.has(word) || isNamed(word, i)) && words.some(isNamed)
}

/** `EDGAR_API`, `scraperapi`: an address mostly, but a random value is its key. */
function isApi(words: readonly string[]): boolean {
  const last = words.at(-1) ?? ''
  return last === 'api' ? words.length > 1 : last.length > 6 && last.endsWith('api')
}

/** What stands before `key` or `apikey` in one word; nothing in a word that ends otherwise. */
function fusedOwner(word: string): string {
  return word.length > 6 && word.endsWith('key') ? word.slice(0, word.endsWith('apikey') ? -6 : -3) : ''
}

/** Words beside a service that do not say what its value is. */
const EMPTY = words(
  'api app cloud devops ibm amazon microsoft io ai com my the react next public vite nuxt expo studio',
)

function kindOf(kept: readonly string[]): NameKind {
  const last = kept.at(-1) ?? ''
  const before = kept.at(-2) ?? ''
  if (kept.some((word) => DENIED_ANY.has(word))) return 'denied'
  // The id of a secret of AppRole is its secret half.
  if (last === 'id' && before === 'secret') return 'secret'
  if (DENIED_LAST.has(last)) return 'denied'
  if (last === 'token' && PAGING.has(before)) return 'denied'
  if (PASSWORD.has(last) || fusedPassword(last)) return 'password'
  if (SECRET.has(last) || fusedSecret(last)) return 'secret'
  if (last === 'key' || last === 'keys') return keyKind(kept.slice(0, -1))
  const owner = fusedOwner(last)
  if (SERVICES.has(owner)) return 'key'
  if (owner.length > 3 && !PLACES.has(owner) && !KEYLIKE.has(last)) return 'weak'
  if (isApi(kept)) return 'weak'
  // What Chinese clouds call the halves of a pair.
  if (kept.length > 1 && (last === 'sk' || last === 'ak')) return 'weak'
  if (last === 'auth' || (before === 'access' && last === 'code')) return 'weak'
  if (PASSWORD.has(before) || SECRET.has(before) || kept.some((word) => STRONG.has(word))) return 'secret'
  return 'none'
}

/** What stands before `token` when it is a place in a list or an idempotency mark. */
const PAGING = words('next prev previous page start starting pagination resume sync change lock upload ordering')

/** Words that mean a secret wherever they stand: `secretForProd`, `password_db`. */
const STRONG = words('secret secrets password passwd passphrase apikey credential credentials')

function keyKind(qualifiers: readonly string[]): NameKind {
  if (qualifiers.length === 0) return 'weak'
  const last = qualifiers.at(-1) ?? ''
  if (KEY_QUALIFIER.has(last)) return 'key'
  return qualifiers.some((word) => KEY_QUALIFIER.has(word)) ? 'key' : 'weak'
}

/** What has keys by which it is found. */
const PLACES = words(
  'row item object entry resource record document doc asset bucket blob content cart map dict hash lookup group shard dedupe dedup tracking metric series window rate limit lock queue topic message event job task build artifact release docker layer module chunk source query store state view route param field column attr attribute data node tree list array set config setting feature flag test sample example compound composite unique natural business surrogate rowset index idx listen cluster partition cached memo',
)
/** Words that merely end so. */
const KEYLIKE = words('monkey turkey donkey whiskey hockey jockey passkey latchkey hotkey keykey flunkey lackey')

function fusedPassword(word: string): boolean {
  return word.length > 6 && /(?:password|passwd|passphrase|_?pwd)$/.test(word)
}

function fusedSecret(word: string): boolean {
  return (
    word.length > 6 &&
    /(?:secret|token|apikey|secretkey|privatekey|accesskey|authkey|credential|credentials)$/.test(word)
  )
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '))
}
