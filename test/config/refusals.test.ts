/** What is not understood is refused where it stands, all of it, with nothing used in part and no secret shown. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Folder } from './folder.ts'

const folder = new Folder()

describe('one fault', () => {
  test.each([
    ['unknown key', 'risk:\n  losMax: 5', 'mm.yaml:2:3 CONFIG_KEY_UNKNOWN risk.losMax', /did you mean lossMax\?/],
    ['unknown section', 'rsk: { lossMax: 5 }', 'mm.yaml:1:1 CONFIG_KEY_UNKNOWN rsk', /did you mean risk\?/],
    [
      'key of another section',
      'log: { lossMax: 5 }',
      'mm.yaml:1:8 CONFIG_KEY_UNKNOWN log.lossMax',
      /mean risk\.lossMax/,
    ],
    [
      'wrong type',
      'quoting:\n  levelsMax: many',
      'mm.yaml:2:14 CONFIG_VALUE quoting.levelsMax',
      /whole number from 1 to 10/,
    ],
    ['out of range', 'quoting: { levelsMax: 99 }', 'mm.yaml:1:23 CONFIG_VALUE quoting.levelsMax', /found 99/],
    ['negative money', 'risk: { lossMax: -5 }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /plain decimal/],
    [
      'infinite',
      'quoting: { halfSpreadBpsMin: .inf }',
      'mm.yaml:1:30 CONFIG_VALUE quoting.halfSpreadBpsMin',
      /0 to 1000/,
    ],
    [
      'no number',
      'quoting: { halfSpreadBpsMin: .nan }',
      'mm.yaml:1:30 CONFIG_VALUE quoting.halfSpreadBpsMin',
      /0 to 1000/,
    ],
    [
      'fraction',
      'risk: { midBpsMax: 0.5 }',
      'mm.yaml:1:20 CONFIG_VALUE risk.midBpsMax',
      /0\.5 looks like a fraction; midBpsMax is in basis points/,
    ],
    ['percent', 'risk: { midBpsMax: 2% }', 'mm.yaml:1:20 CONFIG_VALUE risk.midBpsMax', /midBpsMax is in basis points/],
    [
      'unit',
      'risk: { bookAgeMsMax: 5s }',
      'mm.yaml:1:23 CONFIG_VALUE risk.bookAgeMsMax',
      /in milliseconds: 1 s is 1000/,
    ],
    ['separators', 'risk: { lossMax: "1,000" }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /without separators/],
    [
      'YAML 1.1 boolean',
      'quoting: { mayAmend: yes }',
      'mm.yaml:1:22 CONFIG_VALUE quoting.mayAmend',
      /write true or false/,
    ],
    ['choice', 'exchange: { bookDepth: 25 }', 'mm.yaml:1:24 CONFIG_VALUE exchange.bookDepth', /1, 50, 200 or 1000/],
    ['no value', 'risk:\n  lossMax:\n', 'mm.yaml:2:3 CONFIG_VALUE risk.lossMax', /no value/],
    ['empty section', 'risk:\n', 'mm.yaml:1:1 CONFIG_VALUE risk', /no value/],
    ['section as number', 'risk: 5', 'mm.yaml:1:7 CONFIG_VALUE risk', /must be a section of keys, found 5/],
    ['section for a value', 'risk: { lossMax: { a: 1 } }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /found a section/],
    [
      'fault in a list',
      'exchange: { symbols: [BTCUSDT, "b c"] }',
      'mm.yaml:1:22 CONFIG_VALUE exchange.symbols',
      /list of words/,
    ],
    ['duplicate key', 'log: {}\nlog: {}', 'mm.yaml:2:1 CONFIG_SYNTAX', /twice/],
    ['tab', 'risk:\n\tlossMax: 5', 'mm.yaml:2:1 CONFIG_SYNTAX', /tab/],
    ['anchor', 'log: { level: &a info }', 'mm.yaml:1:18 CONFIG_SYNTAX', /anchor/],
    ['tag', 'log: { level: !!str info }', 'mm.yaml:1:21 CONFIG_SYNTAX', /tag/],
    ['second document', '{}\n---\n{}', 'mm.yaml:2:1 CONFIG_SYNTAX', /second document/],
    ['a list', '- a', 'mm.yaml:1:1 CONFIG_SYNTAX', /no list of keys/],
    ['text', 'hello', 'mm.yaml:1:1 CONFIG_SYNTAX', /no list of keys/],
    ['half a file', 'risk: { lossMax: 5', 'mm.yaml:1:19 CONFIG_SYNTAX', /end with a \}/],
    ['unknown strategy', 'strategy: gltf', 'mm.yaml:1:11 STRATEGY_UNKNOWN strategy', /did you mean glft/],
    [
      'unknown pack',
      'strategies: { gltf: { levels: 2 } }',
      'mm.yaml:1:15 CONFIG_KEY_UNKNOWN strategies.gltf',
      /did you mean glft\?/,
    ],
    [
      'unknown pack key',
      'strategies: { glft: { level: 2 } }',
      'mm.yaml:1:23 CONFIG_KEY_UNKNOWN strategies.glft.level',
      /did you mean levels/,
    ],
    [
      'pack value out of range',
      'strategies: { glft: { levels: 20 } }',
      'mm.yaml:1:31 CONFIG_VALUE strategies.glft.levels',
      /from 1 to 10/,
    ],
    [
      'pack value not whole',
      'strategies: { glft: { levels: 1.5 } }',
      'mm.yaml:1:31 CONFIG_VALUE strategies.glft.levels',
      /whole number/,
    ],
    [
      'guard key',
      'guards: { price-band: { midBps: 2 } }',
      'mm.yaml:1:25 CONFIG_KEY_UNKNOWN guards.price-band.midBps',
      /midBpsMax/,
    ],
    ['prototype', '__proto__: { polluted: 1 }', 'mm.yaml:1:1 CONFIG_KEY_UNKNOWN __proto__', /unknown key __proto__/],
    ['constructor', 'constructor: { prototype: 1 }', 'mm.yaml:1:1 CONFIG_KEY_UNKNOWN constructor', /unknown key/],
    ['dotted key', 'risk.lossMax: 5', 'mm.yaml:1:1 CONFIG_KEY_UNKNOWN risk.lossMax', /unknown key risk\.lossMax/],
    ['octal', 'risk: { lossMax: 0o17 }', 'mm.yaml:1:18 CONFIG_SYNTAX', /0o17 is not the same number .* write 15/],
    ['leading zero', 'risk: { lossMax: 017 }', 'mm.yaml:1:18 CONFIG_SYNTAX', /write 17 if/],
    ['hexadecimal', 'quoting: { lifeMsMin: 0x1F }', 'mm.yaml:1:23 CONFIG_SYNTAX', /write 31 if/],
    ['leading zero in text', 'risk: { lossMax: "050" }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /plain decimal/],
    ['huge', 'risk: { lossMax: 1e400 }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /found Infinity/],
    ['a number as text', 'quoting: { levelsMax: "3" }', 'mm.yaml:1:23 CONFIG_VALUE quoting.levelsMax', /found "3"/],
    ['NaN as a word', 'risk: { lossMax: NaN }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /found "NaN"/],
    ['a date', 'risk: { lossMax: 2026-01-01 }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /found "2026-01-01"/],
    ['yes for money', 'risk: { lossMax: yes }', 'mm.yaml:1:18 CONFIG_VALUE risk.lossMax', /found "yes"$/m],
    ['a directive', '%YAML 1.1\n---\nquoting: { mayAmend: true }', 'mm.yaml:1:1 CONFIG_SYNTAX', /directive/],
    ['a comment of JSON', '{ // c\n "log": {} }', 'mm.yaml:1:3 CONFIG_KEY_UNKNOWN // c "log"', /unknown key \/\/ c/],
    [
      'a path with control characters',
      'log: { file: "a\\0b" }',
      'mm.yaml:1:14 CONFIG_VALUE log.file',
      /text without control characters/,
    ],
    [
      'inverse contracts',
      'exchange: { category: inverse }',
      'mm.yaml:1:23 CONFIG_VALUE exchange.category',
      /linear or spot, found "inverse" \(an inverse contract earns and loses its own coin/,
    ],
    [
      'options',
      'exchange: { category: option }',
      'mm.yaml:1:23 CONFIG_VALUE exchange.category',
      /another kind of order/,
    ],
    ['merge key', 'log: { <<: { level: info } }', 'mm.yaml:1:8 CONFIG_KEY_UNKNOWN log.<<', /unknown key/],
  ])('%s', (_, text, place, message) => {
    folder.file(text)
    expect(folder.listed()).toEqual([place])
    const code = place.split(' ')[1]
    expect(() => folder.load()).toThrow(expect.objectContaining({ code, exit: 2 }))
    expect(() => folder.load()).toThrow(message)
  })

  test('what to do instead is said with it', () => {
    folder.file('{ // c\n "log": {} }')
    expect(folder.problems()[0]?.fix).toContain('Comments begin with #')
    folder.file('risk: { lossMax: x }')
    expect(folder.problems()[0]?.fix).toContain('--explain risk.lossMax')
  })

  test('brackets too deep for the parser are named in plain words', () => {
    folder.file(`risk: ${'['.repeat(4_900)}${']'.repeat(4_900)}`)
    expect(folder.problems().map(({ message }) => message)).toContain('values are nested deeper than any configuration')
  })

  test('every alias is refused, so a bomb never grows', () => {
    folder.file('log: { level: &a [x, x] }\nrisk: { lossMax: [*a, *a, *a] }')
    expect(folder.listed().filter((line) => line.includes('CONFIG_SYNTAX'))).toHaveLength(4)
  })

  test('the line is shown with a caret under the fault', () => {
    folder.file('# é\nrisk:\n  lossMax: 5 # fine\n  midBpsMax: 0.5\n')
    expect(() => folder.load()).toThrow(/\n {4}4 \| {3}midBpsMax: 0\.5\n {6}\| {14}\^\^\^/)
  })
})

describe('all sources', () => {
  test('a fault counts in every source, also where a stronger one overrides the value', () => {
    folder.file('risk: { lossMax: lots }')
    folder.file('risk: { lossMax: -1 }', 'over.yaml')
    const env = { MM_RISK__LOSS_MAX: 'much', MM_RISK__LOS_MAX: '4', MM_RISK_LOSS_MAX: '3' }
    const set = ['risk.lossMax=7', 'risk.lossmax=4', 'risk', 'log.level=loud']
    expect(folder.listed({ override: 'over.yaml', env, set }).toSorted()).toEqual(
      [
        'mm.yaml:1:18 CONFIG_VALUE risk.lossMax',
        'over.yaml:1:18 CONFIG_VALUE risk.lossMax',
        'MM_RISK_LOSS_MAX CONFIG_ENV_UNKNOWN',
        'MM_RISK__LOS_MAX CONFIG_ENV_UNKNOWN',
        '--set CONFIG_SET',
        'MM_RISK__LOSS_MAX CONFIG_VALUE risk.lossMax',
        '--set risk.lossmax CONFIG_KEY_UNKNOWN risk.lossmax',
        '--set log.level CONFIG_VALUE log.level',
      ].toSorted(),
    )
    const all = expect.objectContaining({
      code: 'CONFIG_INVALID',
      exit: 2,
      params: expect.objectContaining({ count: 8 }),
    })
    expect(() => folder.load({ override: 'over.yaml', env, set })).toThrow(all)
    expect(() => folder.load({ env })).toThrow(/MM_RISK__LOS_MAX.*did you mean MM_RISK__LOSS_MAX/)
  })

  test('a value where a section is wanted is refused, although a stronger source names a key below', () => {
    folder.file('risk: 5')
    expect(folder.listed({ env: { MM_RISK__LOSS_MAX: '4' } })).toEqual(['mm.yaml:1:7 CONFIG_VALUE risk'])
    expect(folder.listed({ config: folder.file('{}'), set: ['risk=5', 'risk.lossMax=5'] })).toEqual([
      '--set risk CONFIG_VALUE risk',
    ])
  })

  test('variables of other kinds are not ours to judge', () => {
    folder.load({ env: { MM_API_KEY: 'x', MM_EXCHANGE_API_KEY: 'x', MM_VERIFY: '1', MM_SHARED: '/x', HOME: '/' } })
  })

  test.each(['MM_RISK', 'MM_RISK_FOO', 'MM_LOG_LEVEL', 'MM_NO_SUCH__KEY', 'MM___PROTO__', 'MM_STRATEGY_ID'])(
    'the variable %s matches no key and looks as if it should',
    (name) => {
      expect(folder.listed({ env: { [name]: '1' } })).toEqual([`${name} CONFIG_ENV_UNKNOWN`])
    },
  )
})

describe('files that cannot be read', () => {
  test.each([
    ['a folder', () => mkdirSync(join(folder.dir, 'mm.yaml')), /not a regular file/],
    ['a pipe', () => execFileSync('mkfifo', [join(folder.dir, 'mm.yaml')]), /not a regular file/],
    ['links in a circle', () => symlinkSync('mm.yaml', join(folder.dir, 'mm.yaml')), /links go in a circle/],
    ['empty', () => folder.file(''), /it is empty/],
    ['blank', () => folder.file(' \n\n'), /it is empty/],
    ['not UTF-8', () => folder.file(new Uint8Array([0x61, 0xff, 0xfe])), /not UTF-8/],
    ['UTF-16', () => folder.file(new Uint8Array([0xff, 0xfe, 0x61, 0x00])), /not UTF-8/],
    ['binary', () => folder.file(new Uint8Array([0x61, 0x00, 0x62])), /binary/],
    ['too large', () => folder.file('#'.repeat(1024 * 1024 + 1)), /larger than 1 MiB/],
    ['10 MB', () => folder.file(new Uint8Array(10_000_000)), /larger than 1 MiB/],
  ])('%s: exit 3, never defaults', (_, make, message) => {
    make()
    expect(() => folder.load()).toThrow(expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }))
    expect(() => folder.load()).toThrow(message)
  })

  test('without permission', () => {
    chmodSync(folder.file('{}'), 0)
    const isRoot = process.getuid?.() === 0
    // Nothing is forbidden to root: for this moment it is somebody else.
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(() => folder.load()).toThrow(/permission denied/)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('other faults are still named beside it', () => {
    mkdirSync(join(folder.dir, 'mm.yaml'))
    const listed = folder.listed({ set: ['risk.losMax=1'] })
    expect(listed).toHaveLength(2)
    expect(() => folder.load({ set: ['risk.losMax=1'] })).toThrow(
      expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }),
    )
  })
})

describe('secrets', () => {
  const token = ['aB3dE5', 'gH7jK9mN', '1pQ3sT5v'].join('')

  test.each([
    ['a key that sounds like one', `exchange: { apiSecret: ${token} }`, {}],
    ['a section of them', `credentials: { apiKey: ${token} }`, {}],
    ['a value under a harmless name', `log: { file: ${token} }`, {}],
    ['a value where a number belongs', `risk: { lossMax: ${token} }`, {}],
    ['a variable', '{}', { env: { MM_EXCHANGE__API_KEY: token } }],
    ['a variable of a key', '{}', { env: { MM_LOG__FILE: token } }],
    ['a flag', '{}', { set: [`exchange.apiSecret=${token}`] }],
    ['a malformed flag', '{}', { set: [`${token}`, 'x'] }],
    ['one beside other faults', `exchange: { botIdd: 1, apiKey: ${token}, bookDepth: 7 }`, {}],
  ])('%s is refused and never shown', (_, text, sources) => {
    folder.file(text)
    let message = ''
    try {
      folder.load(sources)
    } catch (error) {
      message = (error as Error).message + JSON.stringify((error as { params?: unknown }).params)
    }
    expect(message).not.toBe('')
    expect(message).not.toContain(token)
    expect(JSON.stringify(folder.problems(sources))).not.toContain(token)
  })

  test('names of files are no secrets', () => {
    const env = { MM_EXCHANGE__CREDENTIALS_FILE: '/etc/mm/keys-of-2026.env', MM_LOG__FILE: 'logs/mm-2026-08-01.log' }
    expect(folder.load({ env }).settings.log.file).toBe('logs/mm-2026-08-01.log')
  })
})

describe('any text', () => {
  test('property: it is understood or refused with a place, without crash or hang', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'risk',
          ':',
          ' ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          '- ',
          '&a',
          '*a',
          '!t',
          '"',
          "'",
          '#',
          '|',
          '>',
          '\t',
          '?',
          '5',
          '\u2028',
          '---',
          '%',
          ',',
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), yamlish), (text) => {
        folder.file(text)
        for (const { code, origin } of folder.problems()) {
          expect(code).toMatch(/^CONFIG_|^STRATEGY_/)
          expect(origin).toMatchObject({ kind: 'file', line: expect.any(Number) })
        }
      }),
      { numRuns: process.env['MM_VERIFY'] === '1' ? 5_000 : 150 },
    )
  })

  test.each([
    ['brackets', '['.repeat(500_000)],
    ['brackets in lines', '[\n'.repeat(400_000)],
    ['sections', '{a: '.repeat(200_000)],
    ['dashes', '- '.repeat(8_000)],
    ['keys', Array.from({ length: 20_000 }, (_, at) => `key${at}: 1`).join('\n')],
    ['same key', 'a: 1\n'.repeat(20_000)],
    ['deep sections', Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['quotes', '"'.repeat(16_000)],
  ])('a great many %s', (_, text) => {
    folder.file(text)
    expect(folder.problems().length).toBeGreaterThan(0)
  })
})
