/** `mm validate-config`: twelve faults are twelve problems in every format, and the exit code says what is known. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jsonSchema } from '../../src/core/config/key-table.ts'
import { configSchema } from '../../src/core/config/schema.ts'
import { init, SCHEMA_FILE } from '../../src/core/runtime/init.ts'
import { allPacks, packSchemas } from '../../src/core/runtime/packs.ts'
import { type Answer, validateConfig } from '../../src/core/runtime/validate-config.ts'
import { parseFast } from '../../src/core/runtime/validate-options.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { sarifValidator } from '../report/sarif-schema.ts'

const packs = await allPacks()
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-validate-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

function run(...argv: string[]): Promise<Answer> {
  const options = parseFast(argv)
  if (options === undefined) throw new Error(`not understood: ${argv.join(' ')}`)
  return validateConfig(options, { env: {}, cwd: dir, version: '0.0.0', packs })
}

/** Each line plants one fault, and says where it must be found. */
const PLANTED: readonly (readonly [line: string, found?: string])[] = [
  ['strategy: gltf', '1:11 STRATEGY_UNKNOWN'],
  ['quoting:'],
  ['  orderValu: 300', '3:3 CONFIG_KEY_UNKNOWN'],
  ['  levelsMax: 99', '4:14 CONFIG_VALUE'],
  ['  mayAmend: yes', '5:13 CONFIG_VALUE'],
  ['  lifeMsMin: 200'],
  ['  lifeMsMin: 300', '7:3 CONFIG_SYNTAX'],
  ['risk:'],
  ['  lossMax: -5', '9:12 CONFIG_VALUE'],
  ['  midBpsMax: 0.5', '10:14 CONFIG_VALUE'],
  ['  drawdownMax:', '11:3 CONFIG_VALUE'],
  ['\tplacesPerS: 10', '12:1 CONFIG_SYNTAX'],
  ['exchange:'],
  ['  bookDepth: &deep 50', '14:20 CONFIG_SYNTAX'],
  ['  apiSecret: hunter2', '15:3 CONFIG_SECRET'],
  ['log: { level: !!str info }', '16:21 CONFIG_SYNTAX'],
]
const EXPECTED = PLANTED.flatMap(([, found]) => (found === undefined ? [] : [found]))

describe('twelve faults', () => {
  beforeEach(() => writeFileSync(join(dir, 'mm.yaml'), `${PLANTED.map(([line]) => line).join('\n')}\n`))

  test('are twelve problems with their places, in JSON', async () => {
    const { exit, out } = await run('mm.yaml', '--format', 'json')
    expect(exit).toBe(1)
    const document = JSON.parse(out) as {
      problems: { code: string; origin: { file: string; line: number; column: number } }[]
    }
    expect(document).toMatchObject({ schemaVersion: 1, valid: false, exit: 1, file: 'mm.yaml', configHash: null })
    expect(document.problems.map(({ code, origin }) => `${origin.line}:${origin.column} ${code}`)).toEqual(EXPECTED)
    expect(EXPECTED).toHaveLength(12)
  })

  test('in text, each with its line, a caret and what to do', async () => {
    const { exit, out } = await run()
    expect(exit).toBe(1)
    const found = [...out.matchAll(/^mm\.yaml:(\d+:\d+): error (\w+): /gm)].map(([, place, code]) => `${place} ${code}`)
    expect(found).toEqual(EXPECTED)
    expect(out.match(/^ +\| +\^/gm)).toHaveLength(12)
    expect(out).toContain('mm.yaml: not valid: 12 errors, 0 warnings')
    expect(out).not.toContain('hunter2')
  })

  test('in SARIF 2.1.0, by its own schema', async () => {
    const { exit, out } = await run('--format=sarif')
    expect(exit).toBe(1)
    const log = JSON.parse(out) as {
      runs: { results: { ruleId: string; locations: { physicalLocation: { region: Record<string, number> } }[] }[] }[]
    }
    const validate = sarifValidator()
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true)
    const found = log.runs[0]?.results.map(({ ruleId, locations }) => {
      const region = locations[0]?.physicalLocation.region
      return `${region?.['startLine']}:${region?.['startColumn']} ${ruleId}`
    })
    expect(found).toEqual(EXPECTED)
  })

  test('as workflow annotations', async () => {
    const { exit, out } = await run('--format', 'github')
    expect(exit).toBe(1)
    const found = [...out.matchAll(/^::error file=mm\.yaml,line=(\d+),col=(\d+),title=(\w+)::/gm)].map(
      ([, line, column, code]) => `${line}:${column} ${code}`,
    )
    expect(found).toEqual(EXPECTED)
  })
})

describe('the file that mm init writes', () => {
  const root = process.cwd()

  test('is valid, with every profile, and sets what its comments say', async () => {
    for (const profile of [undefined, 'conservative', 'aggressive']) {
      const file = await init({ dir, force: true, profile, root })
      const { exit, out } = await run('--json')
      expect(exit, out).toBe(0)
      expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=.*mm\.schema\.json\n/)
      const own = JSON.parse(out) as { configHash: string }
      rmSync(file)
      const without = await run('--json', ...(profile === undefined ? [] : ['--profile', profile]))
      expect(own.configHash).toBe((JSON.parse(without.out) as { configHash: string }).configHash)
    }
  })

  test('is never written over another without --force', async () => {
    const file = await init({ dir, force: false, profile: undefined, root })
    writeFileSync(file, 'strategy: symmetric\n')
    const again = init({ dir, force: false, profile: undefined, root })
    await expect(again).rejects.toMatchObject({ code: 'INIT_EXISTS', exit: 2 })
    expect(readFileSync(file, 'utf8')).toBe('strategy: symmetric\n')
    await init({ dir, force: true, profile: undefined, root })
    expect(readFileSync(file, 'utf8')).toContain('strategy: glft')
  })

  test('makes the folder when it is not there', async () => {
    const file = await init({ dir: join(dir, 'etc', 'mm'), force: false, profile: undefined, root })
    expect(file).toBe(join(dir, 'etc', 'mm', 'mm.yaml'))
    expect(readFileSync(file, 'utf8')).toContain('strategy: glft')
  })

  test.each([
    ['a file where the folder should be', { dir: 'package.json' }, 'INIT_WRITE'],
    ['a file on the way to it', { dir: 'package.json/conf' }, 'INIT_WRITE'],
    ['an unknown profile (did you mean aggressive?)', { profile: 'agressive' }, 'PROFILE_UNKNOWN'],
  ])('%s', async (_, change, code) => {
    await expect(init({ dir, force: false, profile: undefined, root, ...change })).rejects.toMatchObject({
      code,
      exit: 2,
      message: expect.stringMatching(code === 'PROFILE_UNKNOWN' ? /did you mean aggressive\?/ : /cannot write/),
    })
  })

  test('every commented key can be uncommented, all at once', async () => {
    const file = await init({ dir, force: false, profile: undefined, root })
    const lines = readFileSync(file, 'utf8').split('\n')
    const head = lines.indexOf('')
    const text = lines
      .map((line, at) => (at < head ? line : line.replace(/^( *)# ([\w-]{3,}:( \S.*)?)$/, '$1$2')))
      .join('\n')
    writeFileSync(file, text)
    const { out } = await run('--json')
    expect(
      (JSON.parse(out) as { problems: { code: string }[] }).problems.filter(({ code }) => code.startsWith('CONFIG')),
    ).toEqual([])
  })
})

describe('exit codes', () => {
  test.each([
    ['nothing there', () => undefined, [], 0],
    ['a folder', () => mkdirSync(join(dir, 'mm.yaml')), [], 3],
    ['a missing file', () => undefined, ['none.yaml'], 3],
    ['an empty file', () => writeFileSync(join(dir, 'mm.yaml'), ''), [], 3],
    ['an unreadable file beside a fault', () => undefined, ['none.yaml', '--set', 'risk.losMax=1'], 3],
    ['a fault in --set', () => undefined, ['--set', 'risk.losMax=1'], 1],
    ['an unknown profile', () => undefined, ['--profile', 'agressive'], 1],
    ['keys that do not fit each other', () => undefined, ['--set', 'quoting.orderValue=5000'], 1],
    ['only warnings', () => undefined, ['--set', 'risk.drawdownMax=50'], 0],
  ])('%s', async (_, make, argv, exit) => {
    make()
    for (const format of ['text', 'json', 'sarif', 'github']) {
      expect((await run(...argv, '--format', format)).exit).toBe(exit)
    }
  })

  test('--account needs an exchange; unknown keys of --explain are named', async () => {
    await expect(run('--account')).rejects.toMatchObject({ code: 'USAGE', exit: 2 })
    await expect(run('--explain', 'risk.losMax')).rejects.toThrow(/did you mean risk\.lossMax/)
    await expect(run('--venue', 'paper')).rejects.toMatchObject({ exit: 2 })
  })
})

describe('--explain and --schema', () => {
  test('print origins and chains', async () => {
    writeFileSync(join(dir, 'mm.yaml'), 'risk:\n  lossMax: 50\n')
    const { out } = await run('--set', 'risk.lossMax=60', '--explain', 'risk.lossMax')
    expect(out).toMatch(
      /effective {2}60 {2}--set risk\.lossMax\n {2}overrode {3}50 {2}.*mm\.yaml:2:12\n {2}overrode {3}100 {2}default\n/,
    )
    const whole = await run('--explain')
    expect(whole.out).toMatch(/^risk\.lossMax +50 +.*mm\.yaml:2:12$/m)
    const json = JSON.parse((await run('--explain', 'risk', '--json')).out) as { keys: { key: string }[] }
    expect(json.keys.every(({ key }) => key.startsWith('risk.'))).toBe(true)
  })

  test('a key is explained although the configuration cannot be used', async () => {
    const { exit, out } = await run('--set', 'risk.lossMax=many', '--explain', 'risk.lossMax')
    expect(exit).toBe(1)
    expect(out).toContain('plain decimal')
  })

  test('the published schema is what the code says, and is in the package', async () => {
    const { out } = await run('--schema')
    expect(JSON.parse(out)).toEqual(jsonSchema(configSchema(packSchemas(packs))))
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(out)
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
    expect(files).toContain('schema')
  })
})

describe('the fast parser', () => {
  test.each([[['--nonsense']], [['--help']], [['--format', 'xml']], [['--config']], [['a.yaml', 'b.yaml']]])(
    'leaves %j to the full one',
    (argv) => {
      expect(parseFast(argv)).toBeUndefined()
    },
  )

  test.each([
    [['--explain', 'x.yaml'], { explain: '', config: 'x.yaml' }],
    [['--explain', 'risk'], { explain: 'risk' }],
    [['--set=a.b=1', '--set', 'c=d'], { set: ['a.b=1', 'c=d'] }],
    [['--exchange-url=http://127.0.0.1:1', '--account'], { exchangeUrl: 'http://127.0.0.1:1', account: true }],
  ])('%j', (argv, options) => {
    expect(parseFast(argv)).toMatchObject(options)
  })
})

test('what the strategy would quote is told at no position and at both ends', async () => {
  const { markets } = JSON.parse((await run('--json')).out) as {
    markets: { halfSpreadBps: number; quotes: { position: string; bidBps: number; askBps: number }[] }[]
  }
  const [{ halfSpreadBps, quotes } = { halfSpreadBps: 0, quotes: [] }] = markets
  // (1/γ)·ln(1 + γ/k) of the defaults; the skew of one quote comes on top.
  const keys = packs.strategies.get('glft')?.keys ?? []
  const [gamma, k] = ['riskAversionPerBps', 'intensityDecayPerBps'].map(
    (name) => keys.find((key) => key.name === name)?.default ?? 0,
  )
  expect(halfSpreadBps).toBeGreaterThanOrEqual(Math.log1p((gamma ?? 0) / (k ?? 1)) / (gamma ?? 1))
  expect(quotes.map(({ position }) => position)).toEqual(['none', 'long', 'short'])
  const [flat, long, short] = quotes
  expect(long?.askBps).toBeLessThan(flat?.askBps ?? 0)
  expect(short?.bidBps).toBeLessThan(flat?.bidBps ?? 0)
  expect(long?.bidBps).toBeCloseTo(short?.askBps ?? 0, 1)
})

describe('what the scanner recognises', () => {
  const s = new Sampler(8)
  const capitals = s.chars(36, ALPHABETS.upper)
  const password = `${s.chars(6, ALPHABETS.alnum)}!${s.chars(6, ALPHABETS.alnum)}`
  const token = `gh${'p_'}${s.chars(36, ALPHABETS.alnum)}`

  test.each([
    ['capitals only, in a value', `state:\n  dir: ${capitals}\n`, capitals, '2:8'],
    [
      'a password in an address',
      `exchange:\n  httpHosts: ["https://bot:${password}@api.internal.net"]\n`,
      password,
      '2:',
    ],
    ['a comment', `# old key: api_secret = "${capitals}"\nquoting:\n  levelsMax: 2\n`, capitals, '1:26'],
    ['a token in a comment', `quoting:\n  levelsMax: 2 # ${token}\n`, token, '2:18'],
  ])('%s', async (_, text, value, place) => {
    writeFileSync(join(dir, 'mm.yaml'), text)
    for (const format of ['text', 'json', 'sarif', 'github']) {
      const { exit, out } = await run('--format', format)
      expect(exit, out).toBe(1)
      expect(out).toContain('CONFIG_SECRET')
      expect(out, format).not.toContain(value)
    }
    const document = JSON.parse((await run('--json')).out) as {
      problems: { code: string; origin: { line: number; column: number } }[]
    }
    const places = document.problems
      .filter(({ code }) => code === 'CONFIG_SECRET')
      .map(({ origin }) => `${origin.line}:${origin.column}`)
    expect(places).toHaveLength(1)
    expect(places[0]).toContain(place)
  })

  test('in a variable and in --set', async () => {
    writeFileSync(join(dir, 'mm.yaml'), 'quoting:\n  levelsMax: 2\n')
    const options = parseFast(['--set', `state.dir=${capitals}`, '--json'])
    if (options === undefined) throw new Error('not understood')
    const { exit, out } = await validateConfig(options, { env: {}, cwd: dir, version: '0', packs })
    expect(exit, out).toBe(1)
    expect(out).toContain('CONFIG_SECRET')
    expect(out).not.toContain(capitals)
  })
})
