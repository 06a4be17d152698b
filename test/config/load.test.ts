/** Configuration: every source in its place, each value with the chain of what it overrode. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalText } from '../../src/core/config/decimal-text.ts'
import type { ConfigSources, LoadedConfig } from '../../src/core/config/load.ts'
import { originText } from '../../src/core/config/origin.ts'
import { Folder } from './folder.ts'

const folder = new Folder()

/** Five ways to say that lossMax is `n`, weakest first; the profile can only say 25. */
type Way = 'profile' | 'file' | 'override' | 'env' | 'set'
const WAYS: readonly Way[] = ['profile', 'file', 'override', 'env', 'set']
const LOSS: Readonly<Record<Way, string>> = { profile: '25', file: '2', override: '3', env: '4', set: '5' }
const LEVELS: Readonly<Record<Way, number>> = { profile: 1, file: 2, override: 4, env: 5, set: 6 }
const SYMBOLS: Readonly<Record<Way, string>> = {
  profile: '',
  file: 'AAUSDT',
  override: 'BBUSDT',
  env: 'CCUSDT',
  set: 'DDUSDT',
}

function stack(ways: readonly Way[]): Partial<ConfigSources> {
  const text = (way: Way): string =>
    `risk: { lossMax: ${LOSS[way]} }\nquoting: { levelsMax: ${LEVELS[way]} }\nexchange:\n  symbols: [${SYMBOLS[way]}, ZZUSDT]\n`
  return {
    ...(ways.includes('profile') && { profile: 'conservative' }),
    ...(ways.includes('file') && { config: folder.file(text('file')) }),
    ...(ways.includes('override') && { override: folder.file(text('override'), 'over.yaml') }),
    ...(ways.includes('env') && {
      env: { MM_RISK__LOSS_MAX: '4', MM_QUOTING__LEVELS_MAX: '5', MM_EXCHANGE__SYMBOLS: 'CCUSDT,ZZUSDT' },
    }),
    ...(ways.includes('set') && {
      set: ['risk.lossMax=5', 'quoting.levelsMax=6', 'exchange.symbols=DDUSDT,ZZUSDT'],
    }),
  }
}

function said({ values }: LoadedConfig, key: string): string[] {
  const entry = values.get(key)
  if (entry === undefined) return []
  return [entry, ...entry.overrode].map(
    ({ value, origin }) => `${JSON.stringify(value)} ${originText(origin).replace(`${folder.dir}/`, '')}`,
  )
}

describe('precedence', () => {
  // Every set of sources, so every pair: the strongest of them wins, leaf by leaf.
  const subsets = Array.from({ length: 2 ** WAYS.length }, (_, bits) => WAYS.filter((_, at) => (bits >> at) & 1))
  test.each(subsets.map((ways) => [ways.join(' < ') || 'nothing', ways] as const))('%s', (_, ways) => {
    const config = folder.load(stack(ways))
    const { settings } = config
    const winner = ways.at(-1)
    expect(settings.risk.lossMax).toBe(winner === undefined ? '100' : LOSS[winner])
    expect(settings.quoting.levelsMax).toBe(winner === undefined ? 3 : LEVELS[winner])
    // A list is replaced as a whole; the profile has none.
    const listed = ways.filter((way) => way !== 'profile').at(-1)
    expect(settings.exchange.symbols).toEqual(listed === undefined ? undefined : [SYMBOLS[listed], 'ZZUSDT'])
    // The chain names every source below, and the default last.
    expect(said(config, 'risk.lossMax')).toHaveLength(ways.length + 1)
    expect(said(config, 'risk.lossMax').at(-1)).toBe('"100" default')
    // Leaves that nobody named are not touched.
    expect(settings.risk.requestsPerS).toBe(30)
  })

  test('the chain says where each value stood', () => {
    expect(said(folder.load(stack(WAYS)), 'risk.lossMax')).toEqual([
      '"5" --set risk.lossMax',
      '"4" MM_RISK__LOSS_MAX',
      '3 over.yaml:1:18',
      '2 mm.yaml:1:18',
      '"25" profile conservative',
      '"100" default',
    ])
  })

  test.each(['file', 'override', 'env', 'set'] as const)(
    'a null in %s is no way to unset a key: it is refused',
    (way) => {
      const nulls: Partial<ConfigSources> = {
        ...(way === 'file' && { config: folder.file('risk:\n  lossMax:\n') }),
        ...(way === 'override' && { override: folder.file('risk: { lossMax: null }', 'over.yaml') }),
        ...(way === 'env' && { env: { MM_RISK__LOSS_MAX: '' } }),
        ...(way === 'set' && { set: ['risk.lossMax='] }),
      }
      expect(folder.problems({ profile: 'conservative', ...nulls })).toMatchObject([
        { code: 'CONFIG_VALUE', key: 'risk.lossMax', message: 'risk.lossMax: no value' },
      ])
    },
  )

  test('property: the order in which sources are given never changes the winner', () => {
    const ways = fc.subarray([...WAYS])
    fc.assert(
      fc.property(ways, fc.integer(), (chosen, seed) => {
        const sources = stack(chosen)
        const shuffled = Object.fromEntries(
          Object.entries(sources).toSorted(([a], [b]) => hash(a, seed) - hash(b, seed)),
        ) as Partial<ConfigSources>
        const env = Object.fromEntries(Object.entries(shuffled.env ?? {}).toReversed())
        const [left, right] = [folder.load(sources), folder.load({ ...shuffled, env })]
        expect(right.hash).toBe(left.hash)
        expect([...right.values]).toEqual([...left.values])
      }),
      { numRuns: 40 },
    )
  })

  test('the later --set wins over the earlier', () => {
    expect(folder.load({ set: ['risk.lossMax=5', 'risk.lossMax=6'] }).settings.risk.lossMax).toBe('6')
  })

  test('mm.yaml is searched upward; a file that is named must be there', () => {
    folder.file('risk: { lossMax: 7 }')
    const deep = join(folder.dir, 'a', 'b')
    mkdirSync(deep, { recursive: true })
    expect(folder.load({ cwd: deep }).settings.risk.lossMax).toBe('7')
    const missing = expect.objectContaining({ code: 'CONFIG_READ', exit: 3 })
    expect(() => folder.load({ config: 'missing.yaml' })).toThrow(missing)
    expect(folder.load().file).toBe(join(folder.dir, 'mm.yaml'))
  })

  test('a link that leads nowhere is a file that cannot be read, not a missing one', () => {
    symlinkSync('nowhere', join(folder.dir, 'mm.yaml'))
    expect(() => folder.load()).toThrow(expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }))
  })

  test('the hash tells effective settings apart, and only those', () => {
    const { hash } = folder.load()
    expect(folder.load({ profile: 'default' }).hash).toBe(hash)
    expect(folder.load({ set: ['risk.lossMax=100'] }).hash).toBe(hash)
    folder.file('{"risk": {"lossMax": 100}}')
    expect(folder.load().hash).toBe(hash)
    expect(folder.load({ set: ['risk.lossMax=101'] }).hash).not.toBe(hash)
  })
})

describe('values', () => {
  test('the type of the key says what the text of a variable means', () => {
    const env = { MM_EXCHANGE__BOT_ID: '07', MM_STRATEGY: 'symmetric', MM_QUOTING__IS_POST_ONLY: 'false' }
    const { settings } = folder.load({ env, set: ['guards.price-band.midBpsMax=55.5'] })
    expect(settings.exchange.botId).toBe('07')
    expect(settings.strategy).toBe('symmetric')
    expect(settings.quoting.isPostOnly).toBe(false)
    expect(settings.guards).toEqual({ 'price-band': { midBpsMax: 55.5 } })
  })

  test.each([
    ['0.1', '0.1'],
    ['"0.10"', '0.10'],
    ['0.0000001', '0.0000001'],
    ['123456789012.123456', '123456789012.123456'],
    ['12345678901234.5678', '12345678901234.5678'],
    ['7', '7'],
  ])('money %s stays exact', (written, meant) => {
    folder.file(`risk:\n  lossMax: ${written}\n`)
    expect(folder.load().settings.risk.lossMax).toBe(meant)
  })

  test('property: a number prints as plain decimal text', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e14, noNaN: true }), (value) => {
        expect(decimalText(value)).toMatch(/^\d+(\.\d+)?$/)
        expect(Number(decimalText(value))).toBe(value)
      }),
    )
  })

  test.each([
    ['a byte order mark', '\ufeffrisk:\n  lossMax: 55\n'],
    ['lines of Windows', 'risk:\r\n  lossMax: 55\r\n'],
    ['a document start', '---\nrisk:\n  lossMax: 55\n'],
    ['no end of line', 'risk: { lossMax: 55 }'],
  ])('%s changes nothing', (_, text) => {
    folder.file(text)
    const config = folder.load()
    expect(config.settings.risk.lossMax).toBe('55')
    expect(said(config, 'risk.lossMax')[0]).toMatch(/^"55" mm\.yaml:[123]:/)
  })

  test('a link to a file is that file', () => {
    folder.file('risk: { lossMax: 56 }', 'real.yaml')
    symlinkSync('real.yaml', join(folder.dir, 'mm.yaml'))
    expect(folder.load().settings.risk.lossMax).toBe('56')
  })

  test('a file of comments says nothing; JSON is YAML, too', () => {
    folder.file('# only a comment\n')
    expect(folder.load().settings.strategy).toBe('glft')
    folder.file('{}')
    expect(folder.load().settings.strategy).toBe('glft')
    folder.file('{"risk": {"lossMax": "12.5"}}')
    expect(folder.load().settings.risk.lossMax).toBe('12.5')
  })
})

describe('profiles', () => {
  test('the operator has profiles of his own beside the configuration', () => {
    folder.file('risk: { lossMax: 33 }', 'profiles/night.yaml')
    folder.file('quoting: { levelsMax: 2 }')
    const config = folder.load({ profile: 'night' })
    expect(config.settings).toMatchObject({ risk: { lossMax: '33' }, quoting: { levelsMax: 2 } })
    expect(said(config, 'risk.lossMax')).toEqual(['"33" profiles/night.yaml:1:18', '"100" default'])
    expect(folder.load({ profile: './profiles/night.yaml' }).settings.risk.lossMax).toBe('33')
  })

  test.each([
    ['agressive', /unknown profile agressive \(did you mean aggressive\?\)/],
    ['nigth', /did you mean night/],
    ['toString', /unknown profile toString/],
    ['__proto__', /unknown profile/],
  ])('%s is refused', (profile, message) => {
    folder.file('{}', 'profiles/night.yaml')
    expect(() => folder.load({ profile })).toThrow(expect.objectContaining({ code: 'PROFILE_UNKNOWN', exit: 2 }))
    expect(() => folder.load({ profile })).toThrow(message)
  })

  test('a folder of profiles that cannot be read is not an empty one', () => {
    symlinkSync('profiles', join(folder.dir, 'profiles'))
    expect(() => folder.load({ profile: 'night' })).toThrow(expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }))
  })

  test('a profile file with a shipped name would never be seen, so it is refused', () => {
    folder.file('{}', 'profiles/default.yaml')
    expect(() => folder.load({ profile: 'default' })).toThrow(/one in .*profiles/)
  })

  test('every shipped profile is valid and has no warnings', () => {
    for (const profile of ['default', 'conservative', 'aggressive'])
      expect(folder.load({ profile }).warnings).toEqual([])
  })
})

function hash(text: string, seed: number): number {
  return [...text].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) | 0, seed)
}
