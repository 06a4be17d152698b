import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Coverage } from '../../src/core/scan/coverage.ts'
import { Delta } from '../../src/core/scan/delta.ts'
import { type Blob, type BlobList, readBlobList } from '../../src/core/scan/blob-list.ts'
import { ALIKE, CLEAN, type Families, HIT, LEFT, planFamilies } from '../../src/core/scan/families.ts'
import { scanFamilies } from '../../src/core/scan/family-scan.ts'
import { Engine } from '../../src/core/scan/engine.ts'
import type { Finding } from '../../src/core/scan/finding.ts'
import { Inflater } from '../../src/core/scan/inflate.ts'
import { PackEntries, PackPieces } from '../../src/core/scan/pack-entry.ts'
import { foundCases } from '../../src/core/scan/cases.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { Session } from '../../src/core/scan/session.ts'
import { Simd, simdParts } from '../../src/core/scan/simd.ts'
import { mnemonicOf } from '../../src/core/scan/seed-phrase.ts'
import { git, newRepository, NOW_MS, scanIn, tempFolder } from './helpers.ts'

const FULL = process.env['MM_VERIFY'] === '1'
const rules = await builtInRules()
const parts = simdParts(rules)
/** The plain finders. */
const ORACLE = new Engine(rules)

function newSession(): Session {
  return new Session({ rules, salt: 'test', nowMs: NOW_MS }, parts && new Simd(parts), new Coverage())
}

interface Version {
  readonly path: string
  readonly text: Buffer
}

/** A repository with one commit per version, made in one go. */
function repositoryOf(versions: readonly Version[], format = 'sha1'): string {
  const root = tempFolder()
  git(root, 'init', '-q', '-b', 'main', `--object-format=${format}`)
  const out: Buffer[] = []
  for (const [n, { path, text }] of versions.entries()) {
    const head = `commit refs/heads/main\ncommitter t <t@example.org> ${1_700_000_000 + n} +0000\ndata 1\nx\n`
    out.push(Buffer.from(`${head}M 100644 inline ${path}\ndata ${text.length}\n`), text, Buffer.from('\n'))
  }
  execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input: Buffer.concat(out) })
  return root
}

function blobsOf(root: string): Blob[] {
  const filter = ['--filter=object:type=blob', '--filter-provided-objects']
  const lines = git(root, 'rev-list', '--objects', '--all', ...filter)
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])
}

/** As git prints it. */
function listOf(blobs: readonly Blob[]): BlobList {
  return readBlobList(blobs.map((blob) => `${blob.join(' ')}\n`).join('')).list
}

function contentsOf(root: string, blobs: readonly Blob[]): Map<string, Buffer> {
  const input = blobs.map(([oid]) => `${oid}\n`).join('')
  const bytes = execFileSync('git', ['cat-file', '--batch'], { cwd: root, input, maxBuffer: 1 << 28 })
  const out = new Map<string, Buffer>()
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf(0x0a, at)
    const [oid = '', , size = '0'] = bytes.toString('latin1', at, line).split(' ')
    out.set(oid, bytes.subarray(line + 1, line + 1 + Number(size)))
    at = line + 2 + Number(size)
  }
  return out
}

/** Every text of the families, by the number of its blob. */
function textsOf(families: Families, isPlain: boolean): Map<number, Buffer> {
  const pieces = new PackPieces(families.packs)
  const entries = new PackEntries(pieces, families.width, new Inflater(isPlain))
  const delta = new Delta()
  const out = new Map<number, Buffer>()
  const read = (n: number) => {
    const [pack = 0, offset = 0] = [families.pack[n], families.offset[n]]
    if (!entries.read({ pack, offset, end: families.end[n] ?? 0, sum: families.sum[n] ?? 0 })) return undefined
    const bytes = Buffer.alloc(entries.header.size + 1)
    return entries.unpack(bytes) ? bytes.subarray(0, -1) : undefined
  }
  const walk = (n: number, text: Buffer) => {
    const blob = families.wanted[n] ?? -1
    if (blob >= 0) out.set(blob, text)
    for (let at = families.child[n] ?? -1; at >= 0; at = families.next[at] ?? -1) {
      const packed = read(at)
      if (packed === undefined || !delta.read(packed, packed.length, text.length)) continue
      const made = Buffer.alloc(delta.size)
      delta.apply(packed, text, made)
      walk(at, made)
    }
  }
  for (const root of families.roots) {
    const text = read(root)
    if (text !== undefined) walk(root, text)
  }
  pieces.close()
  return out
}

const FIELDS = [
  'rule',
  'tier',
  'path',
  'line',
  'column',
  'redacted',
  'fingerprint',
  'reason',
  'via',
  'blob',
  'note',
] as const

function plain(findings: readonly Finding[]): string[] {
  return findings.map((finding) => JSON.stringify(FIELDS.map((field) => finding[field]))).sort()
}

/** What is found blob by blob in what git hands over. */
function expected(root: string, blobs: readonly Blob[]): { readonly found: string[]; readonly clean: Set<string> } {
  const session = newSession()
  const contents = contentsOf(root, blobs)
  const clean = new Set<string>()
  for (const [oid, path] of blobs) {
    const hits = session.bytes(path, contents.get(oid) ?? Buffer.alloc(0))
    if (hits.length === 0) clean.add(oid)
    for (const hit of hits) session.add(hit, path || oid, { blob: oid })
  }
  return { found: plain(session.findings), clean }
}

function packed(root: string, blobs: readonly Blob[]): { readonly families: Families; readonly session: Session } {
  const families = planFamilies(join(root, '.git'), listOf(blobs))
  if (families === undefined) throw new Error('no families')
  const session = newSession()
  scanFamilies(session, families)
  return { families, session }
}

const WORDS =
  'the order book keeps price levels and sizes while quotes move with inventory over time in small steps'.split(' ')

/** Lines of a program that hold nothing. */
function filler(s: Sampler, length: number): string {
  let out = ''
  while (out.length < length) {
    const count = 3 + s.below(9)
    const words = Array.from({ length: count }, () => WORDS[s.below(WORDS.length)])
    out += s.below(4) === 0 ? `  const ${words[0]}Value = ${words[1]}(${s.below(99)})\n` : `// ${words.join(' ')}\n`
  }
  return out.slice(0, length)
}

const CASES = [...rules.rules].flatMap((rule, n) => [...foundCases(rule, n + 1)].map(({ text }) => text))
const VENUES = ['bybit', 'binance', 'okx', 'kraken', 'deribit', 'coinbase', 'kucoin']

/** Something a version may bring: a whole secret, half of one, a name, a venue, or nothing of interest. */
function novelty(s: Sampler): string {
  const token = s.chars(18 + s.below(40), ALPHABETS.alnum)
  switch (s.below(12)) {
    case 0:
    case 1:
      return CASES[s.below(CASES.length)] ?? ''
    case 2: {
      const text = CASES[s.below(CASES.length)] ?? ''
      return s.below(2) === 0 ? text.slice(0, text.length >> 1) : text.slice(text.length >> 1)
    }
    case 3:
      return `\n# ${VENUES[s.below(VENUES.length)]} connection\n`
    case 4:
      return `\n  api_key: ${s.chars(18, ALPHABETS.alnum)}\n  "secret" = "${s.chars(36, ALPHABETS.alnum)}"\n`
    case 5:
      return `\nconst signing =${' '.repeat(s.below(300))}"${token}"\n`
    case 6:
      return mnemonicOf(s.bytes(16)).replaceAll(' ', s.below(2) === 0 ? ' ' : '\n')
    case 7:
      return Buffer.from(CASES[s.below(CASES.length)] ?? '').toString('base64')
    case 8:
      return s.chars(600 + s.below(6000), ALPHABETS.base64)
    case 9:
      return ['"', '=', ' ', '\n', '%3D', 'secret', 'password: ', ' '.repeat(900), '\0'][s.below(9)] ?? ''
    default:
      return filler(s, 1 + s.below(200))
  }
}

/** Versions of one text, each with a few places changed. */
function versionsOf(s: Sampler, path: string): Version[] {
  let text = filler(s, s.below(30_000))
  const out: Version[] = []
  const count = 2 + s.below(12)
  for (let n = 0; n < count; n++) {
    for (let edits = s.below(4); edits >= 0; edits--) {
      const at = s.below(text.length + 1)
      const gone = s.below(3) === 0 ? s.below(s.below(8) === 0 ? 3000 : 60) : 0
      // The same again, elsewhere, whole or in part.
      const other = s.below(text.length + 1)
      const again = s.below(5) === 0 ? text.slice(other, other + s.below(8000)) : ''
      text = text.slice(0, at) + again + (s.below(5) === 0 ? '' : novelty(s)) + text.slice(at + gone)
    }
    out.push({ path, text: Buffer.from(text, 'latin1') })
  }
  return out
}

/** Secrets whose beginning and end are far apart. */
function longCase(s: Sampler): string {
  const token = CASES[s.below(CASES.length)] ?? ''
  const phrase = mnemonicOf(s.bytes(16)).split(' ')
  switch (s.below(6)) {
    case 0:
      return Buffer.from(filler(s, s.below(5000)) + token + filler(s, s.below(3000))).toString('base64')
    case 1:
      return encodeURIComponent(filler(s, s.below(2500)) + token + filler(s, s.below(2500))).replaceAll("'", '%27')
    case 2:
      return phrase.join(' '.repeat(1 + s.below(300)))
    case 3:
      return phrase.join('\n')
    case 4:
      return `note:${' '.repeat(s.below(180))}api_secret${' '.repeat(s.below(80))}:${' '.repeat(s.below(80))}"${s.chars(40, ALPHABETS.alnum)}"`
    default:
      return `# ${VENUES[s.below(VENUES.length)]}\n${filler(s, s.below(2200))}\napi_secret = "${s.chars(36, ALPHABETS.alnum)}"\n`
  }
}

/** Pairs of texts of which the one that git takes for the base is read in another way. */
const APART = {
  utf16: (s) => {
    const wide = Buffer.from(`${filler(s, 2500)}\ndb_password = "${s.chars(9, ALPHABETS.alnum)}!x7Q"\n`, 'utf16le')
    const text = Buffer.concat([Buffer.from(filler(s, 1600)), wide])
    return [Buffer.concat([Buffer.from(filler(s, 7000)), text]), text]
  },
  nul: (s) => {
    const line = `\ndb_password = "${s.chars(9, ALPHABETS.alnum)}!x7Q"\n`
    const text = Buffer.from(`${filler(s, 3500)}${line}${filler(s, 2500)}${'\0'.repeat(300)}`)
    return [Buffer.concat([Buffer.from(filler(s, 7000)), text]), text]
  },
  wrap: (s) => {
    const plainText = `note: this is a text. token = "gh${'p_'}${s.chars(36, ALPHABETS.alnum)}" end of it ..`
    const padded = plainText + '.'.repeat((3 - (plainText.length % 3)) % 3)
    const first = `x${Buffer.from(padded).toString('base64')}`
    const lines = [
      s.chars(1001, ALPHABETS.base64),
      first + s.chars(1000 - first.length, ALPHABETS.base64),
      s.chars(1000, ALPHABETS.base64),
    ]
    const [head, tail] = [filler(s, 2500), filler(s, 2500)]
    const text = (last: string) => Buffer.from(`${head}[]\n${lines.join('\n')}${last}\n[]\n${tail}`)
    return [text('Z'), text('')]
  },
  window: (s) => {
    const bytes = (length: number) => s.bytes(length).map((byte) => byte | 128)
    const token = Buffer.from(`\ntoken = "gh${'p_'}${s.chars(36, ALPHABETS.alnum)}"\n`)
    const data = Buffer.concat([bytes(30_000), token, bytes(3000)])
    const rows = Array.from({ length: Math.ceil(data.length / 16) }, (_, row) => {
      const words = data.toString('hex', 16 * row, 16 * row + 16).match(/.{1,4}/g) ?? []
      return `${(16 * row).toString(16).padStart(8, '0')}: ${words.join(' ')}\n`
    })
    const text = Buffer.from(`${filler(s, 990_000)};\n${rows.join('')};\n${filler(s, 200_000)}`)
    return [text, text.subarray(90_000)]
  },
} satisfies Record<string, (s: Sampler) => readonly [Buffer, Buffer]>

function keyLike(length: number): string {
  return new Sampler(11).chars(length, ALPHABETS.alnum)
}

const JUNK = ['x', ' ', '\n', '"', '=', '.', '%', '\\', 'Z9', ' '.repeat(700), 'lorem ipsum dolor ']

/** A text with a secret, and one that differs in one place and has none. */
function brokenVersions(s: Sampler, n: number): (readonly [Version, Version])[] {
  const path = `d${n}/${['notes.txt', 'main.ts', 'app.yaml', 'x.env', 'y.json'][s.below(5)]}`
  const [before, after] = [filler(s, 6000 + s.below(9000)), filler(s, 6000 + s.below(9000))]
  for (let tries = 0; tries < 12; tries++) {
    const secret = s.below(4) === 0 ? longCase(s) : (CASES[s.below(CASES.length)] ?? '')
    const at = s.below(secret.length)
    const gone = s.below(2) * (1 + s.below(4))
    const junk = gone > 0 && s.below(2) === 0 ? '' : (JUNK[s.below(JUNK.length)] ?? '')
    const broken = secret.slice(0, at) + junk + secret.slice(at + gone)
    const text = (middle: string) => Buffer.from(`${before}\n${middle}\n${after}`, 'latin1')
    const hits = ORACLE.scan({ buf: text(broken), from: 0, end: text(broken).length, path, isBinary: false })
    if (hits.length === 0)
      return [
        [
          { path, text: text(secret) },
          { path, text: text(broken) },
        ],
      ]
  }
  return []
}

const PLACES = ['a.ts', 'lib/a.ts', 'bybit/a.ts', 'a.env', 'okx.env', 'b.env', 'README']

const PACKINGS: readonly (readonly string[])[] = [
  ['repack', '-adfq'],
  ['repack', '-adfq', '--depth=250', '--window=50'],
  ['-c', 'pack.compression=0', 'repack', '-adfq'],
  ['-c', 'repack.usedeltabaseoffset=false', 'repack', '-adfq'],
  ['gc', '-q'],
]

describe('what the packs hold', () => {
  test.each(['sha1', 'sha256'])('every blob of a repository of %s is what git says', (format) => {
    for (const [n, packing] of PACKINGS.entries()) {
      const s = new Sampler(100 + n)
      const root = repositoryOf(
        [0, 1, 2].flatMap((file) => versionsOf(s, `f${file}.txt`)),
        format,
      )
      git(root, ...packing)
      const blobs = blobsOf(root)
      const contents = contentsOf(root, blobs)
      for (const isPlain of [false, true]) {
        const families = planFamilies(join(root, '.git'), listOf(blobs))
        const texts = textsOf(families ?? expect.fail('no families'), isPlain)
        expect(texts.size).toBe(blobs.length)
        for (const [blob, text] of texts) expect(text.equals(contents.get(blobs[blob]?.[0] ?? '') ?? text)).toBe(true)
      }
    }
  })

  test('several packs, loose objects on top, object folders elsewhere: what is not in a pack is left', () => {
    const root = newRepository({ 'a.txt': filler(new Sampler(1), 5000) })
    const commit = (text: string) => {
      writeFileSync(join(root, 'a.txt'), text)
      git(root, 'add', '-A')
      git(root, 'commit', '-q', '-m', 'x')
    }
    commit(filler(new Sampler(1), 5100))
    git(root, 'repack', '-dq')
    commit(filler(new Sampler(1), 5200))
    git(root, 'repack', '-dq')
    commit(filler(new Sampler(1), 5300))
    const blobs = blobsOf(root)
    const { families } = packed(root, blobs)
    expect(families.packs.length).toBe(2)
    expect([...families.state].filter((state) => state === LEFT).length).toBe(1)
  })
})

describe('changed places', () => {
  test('a history is what its blobs are, one by one', async () => {
    let alike = 0
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(...PACKINGS), async (seed, packing) => {
        const s = new Sampler(seed)
        const root = repositoryOf([
          ...versionsOf(s, 'notes.txt'),
          ...versionsOf(s, 'main.ts'),
          ...versionsOf(s, 'app.yaml'),
          // One text that wanders: what it says hangs on the kind of file and on the venues in its name.
          ...versionsOf(s, '').map(({ text }) => ({ path: PLACES[s.below(PLACES.length)] ?? '', text })),
        ])
        try {
          git(root, ...packing)
          const blobs = blobsOf(root)
          const { found, clean } = expected(root, blobs)
          const { families, session } = packed(root, blobs)
          expect(plain(session.findings)).toEqual(found)
          expect([...families.state].map((state) => state !== HIT)).toEqual(blobs.map(([oid]) => clean.has(oid)))
          expect(session.coverage.blobs).toBe(blobs.length)
          alike += [...families.state].filter((state) => state === ALIKE).length
          if (s.below(4) > 0) return
          const report = await scanIn(root, { history: true })
          expect(plain(report.findings).length).toBe(found.length)
          expect(report.coverage.unreadCount).toBe(0)
        } finally {
          rmSync(root, { recursive: true, force: true })
        }
      }),
      { numRuns: FULL ? 400 : 12 },
    )
    expect(alike).toBeGreaterThan(0)
  }, 3_600_000)

  test('what makes or breaks a secret, wherever it stands in it', () => {
    let alike = 0
    for (let round = 0; round < (FULL ? 120 : 2); round++) {
      const s = new Sampler(9000 + round)
      const versions = Array.from({ length: 150 }, (_, n) => brokenVersions(s, n)).flat()
      // The newest text becomes the one that is stored whole: here that without a hit.
      const root = repositoryOf([...versions.map(([whole]) => whole), ...versions.map(([, broken]) => broken)])
      git(root, ...(PACKINGS[round % 4] ?? []))
      const blobs = blobsOf(root)
      const { found, clean } = expected(root, blobs)
      const { families, session } = packed(root, blobs)
      const missed = found.filter((finding) => !plain(session.findings).includes(finding))
      expect({ round, missed }).toEqual({ round, missed: [] })
      expect(plain(session.findings)).toEqual(found)
      expect([...families.state].map((state) => state !== HIT)).toEqual(blobs.map(([oid]) => clean.has(oid)))
      alike += [...families.state].filter((state) => state === ALIKE).length
      rmSync(root, { recursive: true, force: true })
    }
    expect(alike).toBeGreaterThan(20)
  }, 3_600_000)

  test.each([
    ['another folder', 'a.ts', 'b/c.ts', 'password = correcthorsebatterystaple', ALIKE, 0],
    ['another kind of program', 'a.ts', 'b/a.js', 'password = correcthorsebatterystaple', ALIKE, 0],
    ['a file of settings', 'a.ts', 'b/a.conf', 'password = correcthorsebatterystaple', HIT, 1],
    ['a name with a venue', 'a.ts', 'bybit/a.ts', `f("${keyLike(18)}", "${keyLike(36)}")`, HIT, 2],
  ])(
    'a clean text is asked again at %s when it may say something else there',
    (_, path, other, middle, state, count) => {
      const s = new Sampler(5)
      const text = `${filler(s, 9000)}\n${middle}\n${filler(s, 9000)}`
      // git takes the one whose name sorts higher for the base: one of these does.
      const tried = [...'abcdefghijklmnop'].map((letter) => {
        const clean = path.replace('a', letter.repeat(1 + letter.charCodeAt(0)).slice(0, 12))
        const root = repositoryOf([
          { path: clean, text: Buffer.from(`${text}${filler(s, 300)}\n`) },
          { path: other, text: Buffer.from(text) },
        ])
        git(root, 'repack', '-adfq')
        const blobs = blobsOf(root)
        const { families, session } = packed(root, blobs)
        const base =
          families.roots.length === 1 ? blobs[families.wanted[families.roots[0] ?? -1] ?? -1]?.[1] : undefined
        expect(plain(session.findings)).toEqual(expected(root, blobs).found)
        return { isBase: base === clean, states: blobs.map(([, at], n) => [at === other, families.state[n]]), session }
      })
      const right = tried.filter(({ isBase }) => isBase)
      expect(right.length).toBeGreaterThan(0)
      for (const { states, session } of right) {
        expect(new Map(states as [boolean, number][])).toEqual(
          new Map([
            [false, CLEAN],
            [true, state],
          ]),
        )
        expect(session.findings.map((finding) => finding.path)).toEqual(Array.from({ length: count }, () => other))
      }
    },
  )

  test.each(['utf16', 'nul', 'wrap', 'window'] as const)(
    'what stood elsewhere in the base is read as it stands now: %s',
    (what) => {
      const s = new Sampler(7)
      const [before, after] = APART[what](s)
      const root = repositoryOf([
        { path: 'a.txt', text: before },
        { path: 'a.txt', text: after },
      ])
      git(root, 'repack', '-adfq')
      const blobs = blobsOf(root)
      expect(planFamilies(join(root, '.git'), listOf(blobs))?.roots.length).toBe(1)
      const { session } = packed(root, blobs)
      const { found } = expected(root, blobs)
      expect(plain(session.findings)).toEqual(found)
      expect(found.length).toBeGreaterThan(0)
    },
  )

  test('a text of several windows, with what it has', () => {
    let moved = 0
    for (let round = 0; round < (FULL ? 24 : 2); round++) {
      const s = new Sampler(700 + round)
      const around = () => filler(s, 200_000 + s.below(500_000))
      const key = `-----BEGIN ${'PRIVATE'} KEY-----\n${Array.from({ length: 9 }, () => s.chars(64, ALPHABETS.base64)).join('\n')}\n-----END ${'PRIVATE'} KEY-----\n`
      const found = () => `\n${CASES[s.below(CASES.length)] ?? ''}\n`
      let text = [around(), found(), around(), key, around(), found(), around()].join('\n')
      const versions: Version[] = []
      for (let n = 0; n < 5; n++) {
        const at = s.below(text.length)
        text = text.slice(0, at) + novelty(s) + text.slice(at + s.below(40))
        versions.push({ path: 'main.ts', text: Buffer.from(text, 'latin1') })
      }
      const root = repositoryOf(versions)
      git(root, ...(PACKINGS[round % PACKINGS.length] ?? []))
      const blobs = blobsOf(root)
      const whole = expected(root, blobs)
      const { families, session } = packed(root, blobs)
      expect({ round, found: plain(session.findings) }).toEqual({ round, found: whole.found })
      moved += [...families.state].filter((state) => state === HIT).length
      rmSync(root, { recursive: true, force: true })
    }
    expect(moved).toBeGreaterThan(0)
  }, 600_000)

  test('a venue, a name and a key block that a later version completes from afar', () => {
    const s = new Sampler(5)
    const secret = `\napi_key = "${s.chars(18, ALPHABETS.alnum)}"\napi_secret = "${s.chars(36, ALPHABETS.alnum)}"\n`
    const key = `-----BEGIN ${'PRIVATE'} KEY-----\n${Array.from({ length: 60 }, () => s.chars(64, ALPHABETS.base64)).join('\n')}\n`
    const pieces: readonly (readonly [string, string, string])[] = [
      ['', secret, '\n# bybit\n'],
      ['', key, `-----END ${'PRIVATE'} KEY-----\n`],
      [mnemonicOf(s.bytes(16)).split(' ').slice(0, 6).join(' '.repeat(400)), '', mnemonicOf(s.bytes(16))],
    ]
    for (const [first, middle, last] of pieces) {
      for (const distance of [10, 900, 1100, 1950, 2100, 4100]) {
        const gap = filler(s, distance)
        const around = filler(s, 20_000)
        const texts = [
          around + first + middle + gap + around,
          around + first + middle + gap + last + around,
          around + first + gap + middle + around,
          around + last + gap + middle + around,
        ]
        const root = repositoryOf(texts.map((text) => ({ path: 'a.txt', text: Buffer.from(text) })))
        git(root, 'repack', '-adfq')
        const blobs = blobsOf(root)
        expect(plain(packed(root, blobs).session.findings)).toEqual(expected(root, blobs).found)
      }
    }
  })
})

describe('damaged packs', () => {
  test('never a crash, never a clean answer for what was not read', async () => {
    const s = new Sampler(77)
    const root = repositoryOf([0, 1, 2, 3].flatMap((file) => versionsOf(s, `f${file}.txt`)))
    git(root, 'repack', '-adfq')
    const blobs = blobsOf(root)
    const contents = contentsOf(root, blobs)
    const folder = join(root, '.git', 'objects', 'pack')
    for (const extension of ['.pack', '.idx']) {
      const name = readdirSync(folder).find((file) => file.endsWith(extension)) ?? expect.fail(extension)
      const path = join(folder, name)
      chmodSync(path, 0o644)
      const good = readFileSync(path)
      for (let n = 0; n < (FULL ? 2000 : 60); n++) {
        const bad = Buffer.from(good)
        const at = s.below(good.length)
        bad[at] = (bad[at] ?? 0) ^ (1 << s.below(8))
        writeFileSync(path, bad)
        if (n % 3 === 0) truncateSync(path, at)
        const families = planFamilies(join(root, '.git'), listOf(blobs))
        if (families === undefined) continue
        for (const [blob, text] of textsOf(families, n % 2 === 0))
          expect(text.equals(contents.get(blobs[blob]?.[0] ?? '') ?? Buffer.alloc(0))).toBe(true)
        scanFamilies(newSession(), families)
      }
      const half = Buffer.from(good)
      half.fill(0x55, good.length >> 1, good.length - 40)
      writeFileSync(path, half)
      const report = await scanIn(root, { history: true })
      expect(report.exit).not.toBe(0)
      writeFileSync(path, good)
    }
  })
})
