/** Layouts in which no operator stands between a name and its value, or no name at all: calls, tuples, rows, notes, pages. */
import { describe, expect, test } from 'vitest'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { failing, newEngine, scanText } from './helpers.ts'

const engine = await newEngine()
const s = new Sampler(20_261_123)
const KEYS: readonly (readonly [venue: string, id: string, secret: string])[] = [
  ['bybit', s.chars(18, ALPHABETS.alnum), s.chars(36, ALPHABETS.alnum)],
  ['bybit', s.chars(18, ALPHABETS.upper), s.chars(36, ALPHABETS.upper)],
  ['binance', s.chars(64, ALPHABETS.alnum), s.chars(64, ALPHABETS.alnum)],
  ['okx', s.uuid(), s.chars(32, ALPHABETS.HEX)],
  ['deribit', s.chars(8, ALPHABETS.base64url), s.chars(43, ALPHABETS.base64url)],
  ['bitget', `bg_${s.chars(32, ALPHABETS.hex)}`, s.chars(64, ALPHABETS.hex)],
  ['kraken', s.chars(56, ALPHABETS.base64), `${s.chars(85, ALPHABETS.base64)}A==`],
]

const PAIRS: Readonly<Record<string, (venue: string, id: string, secret: string) => string>> = {
  call: (venue, id, secret) => `client = ${venue}.Client("${id}", "${secret}", testnet=True)`,
  'call over lines': (venue, id, secret) => `x = ${venue}.HTTP("https://x.com",\n    '${id}',\n    '${secret}')`,
  'wrapped arguments': (venue, id, secret) => `${venue}::new(Some("${id}".into()), Some("${secret}".into()))`,
  tuple: (venue, id, secret) => `KEYS = {"${venue}": ("${id}", "${secret}")}`,
  'two names at once': (venue, id, secret) => `${venue}_api_key, ${venue}_api_secret = "${id}", "${secret}"`,
  CSV: (venue, id, secret) => `venue,api_key,api_secret\n${venue},${id},${secret}\n`,
  SQL: (venue, id, secret) => `INSERT INTO k (venue, key, secret) VALUES ('${venue}', '${id}', '${secret}');`,
  'text inside a string': (venue, id, secret) => `"source": ["c = ${venue}.Client(\\"${id}\\", \\"${secret}\\")"]`,
}

const NAMED: Readonly<Record<string, (venue: string, secret: string) => string>> = {
  'bold name': (venue, secret) => `**${venue} Secret Key**: ${secret}\n`,
  'bold name and colon': (venue, secret) => `**Secret Key:** ${secret} (${venue})\n`,
  'table row': (venue, secret) => `| ${venue} | value |\n|---|---|\n| API Secret | ${secret} |\n`,
  'line below': (venue, secret) => `${venue}\nSecret Key\n${secret}\n`,
  'line below a colon': (venue, secret) => `${venue}\nAPI Secret:\n\n${secret}\n`,
  'written-out line end': (venue, secret) => `"${venue} secret:\\n${secret}\\n"`,
  'blank in a comment': (venue, secret) => `// ${venue} secret ${secret}\n`,
  'blank that does not break': (venue, secret) => `${venue} secret:\xc2\xa0${secret}\n`,
  'page table': (venue, secret) => `<td>${venue} secret</td><td>${secret}</td>`,
  'page attribute': (venue, secret) => `{&quot;${venue}Secret&quot;:&quot;${secret}&quot;}`,
  'page field': (venue, secret) => `<input name="${venue}_secret" type="text" value="${secret}">`,
  condition: (venue, secret) => `const ${venue}Secret = isTest ? process.env.X : '${secret}'`,
  'array of characters': (venue, secret) => `const char ${venue}_secret[] = {"${secret}"};`,
  'braces at once': (venue, secret) => `std::string ${venue}_secret{"${secret}"};`,
  'HMAC of Node': (_, secret) => `crypto.createHmac('sha256', '${secret}').update(x)`,
  'HMAC of Python': (_, secret) => `sig = hmac.new(b"${secret}", msg, hashlib.sha256)`,
  'secret set': (venue, secret) => `gh secret set ${venue.toUpperCase()}_SECRET --body "${secret}"`,
  'parameter with a path': (venue, secret) => `aws ssm put-parameter --name /${venue}/secret --value ${secret}`,
  macro: (venue, secret) => `#define ${venue.toUpperCase()}_SECRET "${secret}"\n`,
  'text in hex': (venue, secret) => `blob = ${Buffer.from(`${venue}_secret=${secret}`).toString('hex')}`,
}

function finds(text: string, secret: string): boolean {
  return failing(scanText(engine, text, 'notes.txt')).some(({ value }) => value === secret)
}

describe('a key and its secret side by side', () => {
  test.each(Object.entries(PAIRS))('%s', (_, write) => {
    const missed = KEYS.filter(([venue, id, secret]) => !finds(write(venue, id, secret), secret))
    expect(missed.map(([venue]) => venue)).toEqual([])
  })
})

describe('a name without an operator', () => {
  test.each(Object.entries(NAMED))('%s', (_, write) => {
    const missed = KEYS.filter(([venue, , secret]) => !finds(write(venue, secret), secret))
    expect(missed.map(([venue]) => venue)).toEqual([])
  })
})

const UPPERS = 'BCDFGHJKLMNPQRSTVWXZ'
const hex = (length: number) => s.chars(length, ALPHABETS.hex)

test.each([
  ['two hashes near a venue', `binance blocks: ["${hex(64)}", "${hex(64)}"]`],
  ['digests of two lengths far from a short venue', `navigate // gate ${' '.repeat(140)}["${hex(32)}", "${hex(64)}"]`],
  ['the shapes of a pair without a venue', `f("${s.chars(18, ALPHABETS.alnum)}", "${s.chars(36, ALPHABETS.alnum)}")`],
  ['a hash in a table row', `bybit\n| commit hash | ${s.chars(36, ALPHABETS.alnum)} |`],
  ['a word below a name', `bybit\nsecret\n${s.chars(40, ALPHABETS.hex)}\n`],
  ['a hash in hex', `blob = ${hex(128)}`],
  ['a name of constants', `bybit\napi_key = ${s.chars(5, UPPERS)}_${s.chars(7, UPPERS)}_${s.chars(4, UPPERS)}8_x`],
  ['the name of a macro', `bybit secret\n#  define ${s.chars(36, ALPHABETS.alnum)} 1\n`],
])('%s is clean', (_, text) => {
  expect(failing(scanText(engine, text)).map(({ rule }) => rule)).toEqual([])
})

test.each([
  ['a name', 'OBJ_X509', 'a.h', 0],
  ['a name with two words', 'OBJ_pkcs12_BagIds', 'a.h', 0],
  ['a text', `"${s.chars(12, ALPHABETS.alnum)}"`, 'a.h', 1],
  ['a bare word longer than names', s.chars(20, ALPHABETS.alnum), 'a.h', 1],
  ['a bare word', s.chars(12, ALPHABETS.alnum), 'a.conf', 1],
])('#define USER_PASSWORD before %s', (_, value, path, count) => {
  expect(scanText(engine, `#define USER_PASSWORD ${value}\n`, path)).toHaveLength(count)
})

test.each([
  ['a pair of literals', `f("${s.chars(18, ALPHABETS.alnum)}", "${s.chars(36, ALPHABETS.alnum)}")`],
  ['a key with a name', `api_secret = "${s.chars(36, ALPHABETS.alnum)}"`],
])('%s hangs on a venue that may stand far away', (_, text) => {
  scanText(engine, text)
  expect(engine.far.isNone).toBe(false)
})

test('backslashes before a quote are read only so far', () => {
  const key = s.chars(18, ALPHABETS.alnum)
  const pair = (marks: number) => `bybit\nx = ["${key}${'\\'.repeat(marks)}", "${s.chars(36, ALPHABETS.alnum)}"]\n`
  expect([1, 8, 9, 1640].map((marks) => failing(scanText(engine, pair(marks))).length)).toEqual([2, 2, 0, 0])
})
