import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base58check, decodeBase58, encodeBase58, isWif, toBase58check } from '../../src/core/scan/base58.ts'
import { Binding, REACH } from '../../src/core/scan/binding.ts'
import { NAME_REACH } from '../../src/core/scan/bound-value.ts'
import { HEAD_MAX } from '../../src/core/scan/composite.ts'
import { CALLED_REACH } from '../../src/core/scan/judge.ts'
import { SIBLING_REACH } from '../../src/core/scan/sibling.ts'
import { SLICE_REACH } from '../../src/core/scan/slices.ts'
import { NEAR_AFTER, NEAR_BEFORE } from '../../src/core/scan/token-match.ts'
import { crc32, crc62, hasCrc62 } from '../../src/core/scan/checksum.ts'
import { sniffEncoding } from '../../src/core/scan/decoders.ts'
import { Found, findRuns, findStems, RUN_MIN, STEMS } from '../../src/core/scan/finder.ts'
import { redact } from '../../src/core/scan/finding.ts'
import { senseOf, splitName } from '../../src/core/scan/names.ts'
import { isMask, isReference, isSampleWords } from '../../src/core/scan/placeholders.ts'
import { looksRandom, Shape } from '../../src/core/scan/randomness.ts'
import { isMnemonic, mnemonicOf } from '../../src/core/scan/seed-phrase.ts'
import { BIP39_WORDS } from '../../src/core/scan/bip39-words.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { hasLongRun } from '../../src/core/scan/session.ts'
import { failing, newEngine, scanText } from './helpers.ts'

const bytes = fc.uint8Array({ maxLength: 400 })
/** Bytes that make runs and stems likely. */
const busy = fc
  .string({ unit: fc.constantFrom(...'aA9_-=/ ."pasecrtokPWD:'), maxLength: 300 })
  .map((text) => Buffer.from(text, 'latin1'))

describe('finders agree with a plain expression', () => {
  test('long runs of a name', () => {
    const run = fc.tuple(fc.constantFrom('a', 'Z9', '_', '+-'), fc.integer({ min: 0, max: 26 }))
    const part = fc.oneof(
      run.map(([text, count]) => text.repeat(count).slice(0, count)),
      fc.constantFrom('/', '.', '=', ' ', '\u00fc', '\u4e16'),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const name = parts.join('')
        expect(hasLongRun(name)).toBe(/[A-Za-z0-9_+-]{24}/.test(name))
      }),
      { numRuns: 2000 },
    )
  })

  test('runs', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          bytes.map((b) => Buffer.from(b)),
          busy,
        ),
        fc.integer({ min: 2, max: 9 }),
        (buf, room) => {
          const expected = [...buf.toString('latin1').matchAll(/[A-Za-z0-9+/=_-]{16,}/g)].map((m) => [
            m.index,
            m.index + m[0].length,
          ])
          const got: number[][] = []
          const out = new Found(room * 3)
          while (out.next < buf.length) {
            findRuns(buf, out.next, buf.length, out)
            for (let k = 0; k < out.count; k += 3) got.push([out.at[k] ?? -1, out.at[k + 1] ?? -1])
          }
          expect(got).toEqual(expected)
          expect(RUN_MIN).toBe(16)
        },
      ),
    )
  })

  test('stems', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          bytes.map((b) => Buffer.from(b)),
          busy,
        ),
        fc.integer({ min: 1, max: 9 }),
        (buf, room) => {
          const text = buf.toString('latin1').replace(/[A-Z]/g, (c) => c.toLowerCase())
          const expected = [...text].flatMap((_, i) => (STEMS.some((stem) => text.startsWith(stem, i)) ? [i] : []))
          const got: number[] = []
          const out = new Found(room)
          while (out.next < buf.length) {
            findStems(buf, out.next, buf.length, out)
            got.push(...out.at.subarray(0, out.count))
          }
          expect(got).toEqual(expected)
        },
      ),
    )
  })
})

describe('checksums', () => {
  test('CRC-32 check value, and what GitHub and npm make of it', () => {
    expect(crc32('123456789')).toBe(0xcbf43926)
    expect(crc62('').length).toBe(6)
    const body = new Sampler(1).chars(30, ALPHABETS.alnum)
    expect(hasCrc62(`npm_${body}${crc62(body)}`, 'npm_')).toBe(true)
    expect(hasCrc62(`npm_${body}000000`, 'npm_')).toBe(false)
  })

  test('base58 goes there and back, and its checksum is that of double SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (raw) => {
        expect(decodeBase58(encodeBase58(raw))).toEqual(Uint8Array.from(raw))
      }),
    )
    const payload = Uint8Array.from([0x80, ...new Sampler(2).bytes(32), 1])
    const sum = createHash('sha256').update(createHash('sha256').update(payload).digest()).digest().subarray(0, 4)
    const text = toBase58check(payload)
    expect(text).toBe(encodeBase58(Buffer.concat([payload, sum])))
    expect([isWif(text), base58check(`${text.slice(0, -1)}z`), decodeBase58('0OIl')]).toEqual([
      true,
      undefined,
      undefined,
    ])
  })

  test('BIP-39 test vectors: all zero and all one entropy', () => {
    // github.com/trezor/python-mnemonic, vectors.json
    expect(mnemonicOf(new Uint8Array(16))).toBe(`${'abandon '.repeat(11)}about`)
    expect(mnemonicOf(new Uint8Array(32).fill(255))).toBe(`${'zoo '.repeat(23)}vote`)
    const list = BIP39_WORDS.split(' ')
    expect([list.length, new Set(list).size, list[0], list[2047]]).toEqual([2048, 2048, 'abandon', 'zoo'])
    expect(
      isMnemonic(
        mnemonicOf(new Uint8Array(16))
          .split(' ')
          .map((word) => list.indexOf(word)),
      ),
    ).toBe(false)
  })
})

describe('randomness judges each alphabet by itself', () => {
  const shape = new Shape()
  const random = (text: string) => looksRandom(shape.measure(Buffer.from(text, 'latin1'), 0, text.length))

  test.each([
    ['18 capitals', 18, ALPHABETS.upper],
    ['18 letters and digits', 18, ALPHABETS.alnum],
    ['32 hex', 32, ALPHABETS.hex],
    ['36 capitals', 36, ALPHABETS.upper],
    ['40 base64', 40, ALPHABETS.base64],
    ['64 letters and digits', 64, ALPHABETS.alnum],
    ['86 base64', 86, ALPHABETS.base64],
  ])('%s: fewer than one in a hundred is rejected', (_, length, alphabet) => {
    const sampler = new Sampler(length)
    const rejected = Array.from({ length: 3000 }, () => sampler.chars(length, alphabet)).filter((text) => !random(text))
    expect(rejected.length).toBeLessThan(30)
  })

  test.each([
    'getElementsByClassName',
    'application/octet-stream',
    'node_modules/typescript/lib',
    'INTERNAL_SERVER_ERROR_CODE',
    'the-quick-brown-fox-jumps',
    'abcdefghijklmnopqrstuvwxyz',
    '12345678901234567890',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'com.example.android.application',
    'ConfigurationManagerFactoryBean',
  ])('%s is no noise', (text) => expect(random(text)).toBe(false))
})

describe('names', () => {
  test.each([
    ['dbPassword', 'password'],
    ['DB_PASSWD', 'password'],
    ['apiKey', 'key'],
    ['AWS_SECRET_ACCESS_KEY', 'key'],
    ['clientSecret', 'secret'],
    ['auth_token', 'secret'],
    ['accesstoken', 'secret'],
    ['publicKey', 'denied'],
    ['passwordHash', 'denied'],
    ['keyId', 'denied'],
    ['secret_name', 'denied'],
    ['csrfToken', 'denied'],
    ['monkey', 'denied'],
    ['greeting', 'none'],
    ['title', 'denied'],
    ['key', 'weak'],
  ])('%s says %s', (name, kind) => expect(senseOf(name).kind).toBe(kind))

  test('split at separators, humps and acronyms', () => {
    expect(splitName('MY_apiKey2-HTTPServer.x')).toEqual(['my', 'api', 'key2', 'http', 'server', 'x'])
  })
})

describe('binding reads any syntax', () => {
  const name = (text: string) => {
    const at = text.indexOf('VALUE')
    const buf = Buffer.from(text, 'latin1')
    const binding = new Binding()
    return binding.read(buf, at, 0) ? buf.toString('latin1', binding.nameStart, binding.nameEnd) : ''
  }

  test.each([
    ['api_key=VALUE', 'api_key'],
    ['apiKey: "VALUE"', 'apiKey'],
    ['const apiKey: string = "VALUE"', 'apiKey'],
    ['var apiKey string = "VALUE"', 'apiKey'],
    ['let k: Option<&str> = Some("VALUE")', 'k'],
    ['config["api_key"] = b"VALUE"', 'api_key'],
    ['<apiKey attr="x">VALUE</apiKey>', 'apiKey'],
    ['put("api_key", "VALUE")', 'api_key'],
    ['client.setApiKey("VALUE")', 'client.setApiKey'],
    ['{\\"api_key\\": \\"VALUE\\"}', 'api_key'],
    [":api_key => 'VALUE'", 'api_key'],
    ['api_key ||= VALUE', 'api_key'],
    ['apiKey := "VALUE"', 'apiKey'],
    ['tool --api-key VALUE', '--api-key'],
    ['X-Api-Key: VALUE', 'X-Api-Key'],
    ['Authorization: Bearer VALUE', 'Authorization'],
    ['secret = new SecretStr("VALUE")', 'secret'],
  ])('%s', (text, expected) => expect(name(text)).toBe(expected))
})

describe('values that are none', () => {
  test.each(['${X}', '$TOKEN', '{{ x }}', '<token>', '%TOKEN%', 'process.env.X', '!vault x', '$(cat f)'])(
    '%s is a reference',
    (v) => expect(isReference(v)).toBe(true),
  )
  test.each(['', 'xxxxxxxx', '********', '00000000', 'ab****cd'])('%s is a mask', (v) => expect(isMask(v)).toBe(true))
  test.each(['password123', 'your-api-key-here', 'my_test_secret', 'changeme'])('%s is made of sample words', (v) =>
    expect(isSampleWords(v)).toBe(true),
  )
  test.each(['Xk9fQ2mLpT7v', 'hunter2hunter2'])('%s is none of these', (v) =>
    expect([isReference(v), isMask(v), isSampleWords(v)]).toEqual([false, false, false]),
  )
})

describe('encoded text is read', () => {
  const secret = new Sampler(9).chars(20, ALPHABETS.alnum)
  const line = `db_password = "${secret}!7+x/q"; note = "a line of plain text"`
  const base64 = Buffer.from(line).toString('base64')

  test.each([
    ['base64', `payload: ${base64}`],
    ['base64url', `payload: ${Buffer.from(line).toString('base64url')}`],
    ['base64+base64', `payload: ${Buffer.from(`inner: ${base64}`).toString('base64')}`],
    ['hex', `payload: ${Buffer.from(line).toString('hex')}`],
    ['percent', `GET /x?q=${encodeURIComponent(line)} HTTP/1.1`],
  ])('%s', async (via, text) => {
    const [hit] = failing(scanText(await newEngine(), `first line\n${text}\n`))
    expect([hit?.rule, hit?.via]).toEqual(['generic-password', via.replace('base64url', 'base64')])
  })
})

test('a mask shows at most four characters, and none of short values', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 80 }), (value) => {
      const shown = redact({ value }).replace(/\[\d+ characters\]$/, '')
      expect(shown.replace('…', '').trim().length).toBeLessThanOrEqual(value.length < 16 ? 0 : 4)
    }),
  )
})

test('the encoding sniffer looks at the file, not at what lies behind it in the buffer', () => {
  const buf = Buffer.alloc(100, 0x61)
  buf.fill(0, 50, 60)
  expect([sniffEncoding(buf, 40), sniffEncoding(buf, 61)]).toEqual(['text', 'binary'])
})

describe('what a verdict reads around a value', () => {
  test.each([
    ['a name, behind a word of several parts', HEAD_MAX + REACH + NAME_REACH],
    ['the literal before it and what is called', SIBLING_REACH + CALLED_REACH],
    ['words near a token', Math.max(NEAR_BEFORE, NEAR_AFTER)],
  ])('%s lies within what a slice of a history holds', (_, reach) => {
    expect(reach).toBeLessThan(SLICE_REACH)
  })
})
