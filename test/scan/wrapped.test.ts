/** Base64 and hex however they are wrapped: every secret of the text inside is found, at its own place. */
import { describe, expect, test } from 'vitest'
import { Engine } from '../../src/core/scan/engine.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { Simd, simdParts } from '../../src/core/scan/simd.ts'
import { failing, fakeToken, scanText } from './helpers.ts'

const rules = await builtInRules()
const plain = new Engine(rules)
const parts = simdParts(rules)
const fast = parts === undefined ? plain : new Engine(rules, new Simd(parts))

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const wide = (text: string) => Buffer.from(text, 'utf16le').toString('base64')
const cut = (text: string, columns: number) => text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []

const FORMS: Readonly<Record<string, (text: string) => string>> = {
  'MIME columns': (t) => `Content-Transfer-Encoding: base64\r\n\r\n${cut(base64(t), 76).join('\r\n')}\r\n`,
  '64 columns': (t) => cut(base64(t), 64).join('\n'),
  '70 columns, no multiple of four': (t) => cut(base64(t), 70).join('\n'),
  '30 columns': (t) => cut(base64(t), 30).join('\n'),
  base64url: (t) => cut(Buffer.from(t, 'latin1').toString('base64url'), 64).join('\n'),
  'YAML block': (t) => `data:\n  env: |\n    ${cut(base64(t), 76).join('\n    ')}\nkind: Secret\n`,
  'YAML folded in quotes': (t) => `data:\n  env: "${cut(base64(t), 64).join('\\\n    ')}"\nkind: Secret\n`,
  'YAML folded without quotes': (t) => `data:\n  env: ${cut(base64(t), 70).join('\n    ')}\nkind: Secret\n`,
  'line ends inside JSON': (t) => JSON.stringify({ data: cut(base64(t), 76).join('\r\n') }),
  'line ends inside JSON in JSON': (t) => JSON.stringify(JSON.stringify({ data: cut(base64(t), 64).join('\n') })),
  'array of lines': (t) => JSON.stringify(cut(base64(t), 60), null, 2),
  'here document': (t) => `base64 -d <<EOF\n${cut(base64(t), 76).join('\n')}\nEOF\n`,
  'joined strings': (t) => `const e = '${cut(base64(t), 60).join("' +\n  '")}'`,
  'joined strings, operator first': (t) => `String e = "${cut(base64(t), 60).join('"\n   + "')}";`,
  'strings side by side': (t) => `e = (\n    "${cut(base64(t), 60).join('"\n    "')}"\n)`,
  'command over lines': (t) => `echo ${cut(base64(t), 60).join('\\\n')} | base64 -d`,
  comment: (t) => `# ${cut(base64(t), 60).join('\n# ')}`,
  mail: (t) => `> ${cut(base64(t), 60).join('\n> ')}`,
  patch: (t) => `+${cut(base64(t), 60).join('\n+')}`,
  'twice, wrapped inside': (t) => `x: ${base64(`${cut(base64(t), 76).join('\n')}\n`)}`,
  'twice, wrapped outside': (t) => cut(base64(base64(t)), 64).join('\n'),
  'twice, wrapped both times': (t) => cut(base64(`${cut(base64(t), 76).join('\n')}\n`), 76).join('\n'),
  'hex of 60 columns': (t) => cut(hex(t), 60).join('\n'),
  'hex of 32 columns': (t) => cut(hex(t), 32).join('\n'),
  'hex in strings': (t) => `d = ("${cut(hex(t), 64).join('"\n  "')}")`,
  'hex in capitals': (t) => cut(hex(t).toUpperCase(), 64).join('\n'),
  'hex after 0x': (t) => `d = 0x${hex(t)}`,
  'dump of hexdump -C': (t) =>
    dump(
      t,
      (row) =>
        `${hex(row)
          .replace(/../g, ' $&')
          .padEnd(49)
          .replace(/^(.{24})/, '$1 ')} |${row}|`,
    ),
  'dump of xxd': (t) => dump(t, (row) => `: ${(hex(row).match(/.{1,4}/g) ?? []).join(' ').padEnd(41)}${row}`),
  'UTF-16': (t) => `powershell -EncodedCommand ${wide(t)}`,
  'UTF-16, wrapped': (t) => cut(wide(t), 64).join('\n'),
  'percent encoding': (t) => `GET /x?q=${encodeURIComponent(t)} HTTP/1.1`,
  'percent encoding, twice': (t) => `GET /x?q=${encodeURIComponent(encodeURIComponent(t))} HTTP/1.1`,
  'address of data': (t) => `<a href="data:text/plain;charset=utf-8;base64,${base64(t)}">x</a>`,
}

function dump(text: string, row: (bytes: string) => string): string {
  const rows = text.replaceAll('\n', ' ').match(/.{1,16}/g) ?? []
  return rows.map((bytes, i) => `${(16 * i).toString(16).padStart(8, '0')}${row(bytes)}\n`).join('')
}

const COUNT = process.env['MM_VERIFY'] === '1' ? 300 : 12

describe('every secret of the text, by both finders', () => {
  test.each(Object.entries(FORMS))('%s', (_, form) => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const { text, secrets } = settings(seed)
      for (const engine of [plain, fast]) {
        const found = failing(hits(engine, form(text))).map(({ value }) => value)
        expect(
          secrets.filter((secret) => !found.includes(secret)),
          form(text),
        ).toEqual([])
      }
    }
  })
})

test('each stands where it is encoded', () => {
  const { text, secrets } = settings(3)
  const encoded = cut(base64(text), 76).join('\n')
  const found = failing(hits(plain, encoded))
  for (const secret of secrets) {
    const hit = found.find(({ value }) => value === secret)
    const line = Math.floor((Math.floor(text.indexOf(secret) / 3) * 4) / 76)
    expect(encoded.slice(0, hit?.start).split('\n').length - 1).toBe(line)
  }
})

test.each([
  ['random lines', (s: Sampler) => cut(s.chars(2000, ALPHABETS.base64), 64).join('\n')],
  ['hashes', (s: Sampler) => cut(s.chars(3200, ALPHABETS.hex), 64).join('\n')],
  ['text without secrets', (s: Sampler) => cut(base64(`a line of words ${s.below(99)}\n`.repeat(40)), 76).join('\n')],
  ['a picture', (s: Sampler) => cut(Buffer.from(s.bytes(3000)).toString('base64'), 76).join('\n')],
])('nothing in %s', (_, make) => {
  for (let seed = 1; seed <= COUNT; seed++)
    for (const engine of [plain, fast]) expect(failing(hits(engine, make(new Sampler(seed))))).toEqual([])
})

/** What a program is started with, of a different length each time. */
function settings(seed: number): { text: string; secrets: readonly string[] } {
  const s = new Sampler(seed)
  const password = `${s.chars(10, ALPHABETS.alnum)}!7x`
  const secret = s.chars(36, ALPHABETS.alnum)
  const token = fakeToken(seed)
  const text = `${'#'.repeat(seed % 13)} settings of the production service
BYBIT_API_SECRET=${secret}
DB_PASSWORD=${password}
REGION=eu-west-1
GITHUB_TOKEN=${token}
`
  return { text, secrets: [secret, password, token] }
}

function hits(engine: Engine, text: string) {
  const { simd } = engine
  if (simd === undefined) return scanText(engine, text)
  const bytes = Buffer.from(text, 'latin1')
  bytes.copy(simd.window)
  return engine.scan({ buf: simd.window, from: 0, end: bytes.length, path: 'notes.txt', isBinary: false })
}
