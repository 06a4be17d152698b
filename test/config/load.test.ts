/** Configuration: every source in its place, everything that is not understood refused with its origin. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigSources, loadConfig, type PackSchemas } from '../../src/core/config/load.ts'

const PACKS: PackSchemas = {
  strategies: new Map([
    ['glft', [{ name: 'levels', min: 1, max: 10, isInteger: true }]],
    ['symmetric', []],
  ]),
  guards: new Map([['price-band', [{ name: 'midBpsMax', min: 1, max: 1_000 }]]]),
}
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-config-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

function load(sources: Partial<ConfigSources> = {}) {
  return loadConfig({ env: {}, cwd: dir, ...sources }, PACKS)
}

function file(text: string, name = 'mm.yaml'): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

describe('precedence', () => {
  // The same leaf said by every source; each row leaves out the strongest of the row before.
  const sources = (upTo: number): Partial<ConfigSources> => {
    const config = upTo >= 2 ? file('risk: { lossMax: 2 }') : undefined
    const override = upTo >= 3 ? file('risk: { lossMax: 3 }', 'over.yaml') : undefined
    return {
      ...(upTo >= 1 ? { profile: 'conservative' } : {}),
      ...(config === undefined ? {} : { config }),
      ...(override === undefined ? {} : { override }),
      ...(upTo >= 4 ? { env: { MM_RISK__LOSS_MAX: '4' } } : {}),
      ...(upTo >= 5 ? { set: ['risk.lossMax=5'] } : {}),
    }
  }

  test.each([
    [0, '100', undefined],
    [1, '25', 'profile conservative'],
    [2, '2', 'mm.yaml:1:18'],
    [3, '3', 'over.yaml:1:18'],
    [4, '4', 'MM_RISK__LOSS_MAX'],
    [5, '5', '--set risk.lossMax'],
  ])('source %i wins with %s', (upTo, value, origin) => {
    const { settings, origins } = load(sources(upTo))
    expect(settings.risk.lossMax).toBe(value)
    expect(origins.get('risk.lossMax')?.replace(`${dir}/`, '')).toBe(origin)
    // Other leaves are not touched.
    expect(settings.risk.requestsPerS).toBe(30)
  })

  test('mm.yaml is searched upward; a file that is named must be there', () => {
    file('risk: { lossMax: 7 }')
    const deep = join(dir, 'a', 'b')
    mkdirSync(deep, { recursive: true })
    expect(load({ cwd: deep }).settings.risk.lossMax).toBe('7')
    expect(() => load({ config: 'missing.yaml' })).toThrow(expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }))
    expect(load().file).toBe(join(dir, 'mm.yaml'))
  })

  test('the hash tells effective settings apart, and only those', () => {
    const { hash } = load()
    expect(load({ profile: 'default' }).hash).toBe(hash)
    expect(load({ set: ['risk.lossMax=100'] }).hash).toBe(hash)
    expect(load({ set: ['risk.lossMax=101'] }).hash).not.toBe(hash)
  })
})

describe('what is not understood is refused where it stands', () => {
  test.each([
    [
      'unknown key',
      'risk:\n  losMax: 5',
      'CONFIG_KEY_UNKNOWN',
      /mm\.yaml:2:11: unknown key risk\.losMax \(did you mean lossMax\?\)/,
    ],
    ['unknown section', 'rsk: { lossMax: 5 }', 'CONFIG_KEY_UNKNOWN', /unknown key rsk \(did you mean risk\?\)/],
    ['wrong type', 'quoting:\n  levelsMax: many', 'CONFIG_VALUE', /mm\.yaml:2:14: quoting\.levelsMax/],
    ['out of range', 'quoting: { levelsMax: 99 }', 'CONFIG_VALUE', /levelsMax/],
    ['negative money', 'risk: { lossMax: -5 }', 'CONFIG_VALUE', /positive decimal/],
    ['duplicate key', 'risk: {}\nrisk: {}', 'CONFIG_SYNTAX', /mm\.yaml:2:1/],
    ['tab', 'risk:\n\tlossMax: 5', 'CONFIG_SYNTAX', /mm\.yaml:2/],
    ['a list', '- a', 'CONFIG_SYNTAX', /no list of keys/],
    ['half a file', 'risk: { lossMax: 5', 'CONFIG_SYNTAX', /mm\.yaml:1/],
    ['unknown strategy', 'strategy: gltf', 'STRATEGY_UNKNOWN', /did you mean glft/],
    [
      'unknown pack',
      'strategies: { gltf: { levels: 2 } }',
      'CONFIG_KEY_UNKNOWN',
      /strategies\.gltf \(did you mean glft\?\)/,
    ],
    ['unknown pack key', 'strategies: { glft: { level: 2 } }', 'CONFIG_KEY_UNKNOWN', /did you mean levels/],
    ['pack value out of range', 'strategies: { glft: { levels: 20 } }', 'CONFIG_VALUE', /between 1 and 10/],
    ['pack value not whole', 'strategies: { glft: { levels: 1.5 } }', 'CONFIG_VALUE', /whole number/],
    ['guard key', 'guards: { price-band: { midBps: 2 } }', 'CONFIG_KEY_UNKNOWN', /midBpsMax/],
    ['prototype', '__proto__: { polluted: 1 }', 'CONFIG_KEY_UNKNOWN', /__proto__/],
    ['section as text', 'risk: 5', 'CONFIG_VALUE', /risk/],
  ])('%s', (_, text, code, message) => {
    file(text)
    expect(() => load()).toThrow(expect.objectContaining({ code }))
    expect(() => load()).toThrow(message)
  })

  test('also in the environment and in --set', () => {
    expect(() => load({ env: { MM_RISK__LOS_MAX: '4' } })).toThrow(/MM_RISK__LOS_MAX: unknown key risk\.losMax/)
    expect(() => load({ set: ['risk.lossmax=4'] })).toThrow(/--set risk\.lossmax: unknown key/)
    expect(() => load({ set: ['risk'] })).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2 }))
    expect(() => load({ profile: 'agressive' })).toThrow(/did you mean aggressive/)
    expect(() => load({ profile: 'toString' })).toThrow(expect.objectContaining({ code: 'PROFILE_UNKNOWN' }))
    // Variables of other kinds are not ours to judge.
    load({ env: { MM_API_KEY: 'x', MM_VERIFY: '1', HOME: '/' } })
  })

  test.each([
    ['a folder', () => mkdirSync(join(dir, 'mm.yaml')), /not a regular file/],
    ['no text', () => file('').concat(writeBytes([0xff, 0xfe, 0x00])), /not UTF-8/],
    ['too large', () => file('#'.repeat(1024 * 1024 + 1)), /larger than 1 MiB/],
  ])('%s', (_, make, message) => {
    make()
    expect(() => load()).toThrow(expect.objectContaining({ code: 'CONFIG_READ', exit: 3 }))
    expect(() => load()).toThrow(message)
  })

  function writeBytes(bytes: number[]): string {
    writeFileSync(join(dir, 'mm.yaml'), Buffer.from(bytes))
    return ''
  }

  test('an empty file says nothing; JSON is YAML, too', () => {
    file('')
    expect(load().settings.strategy).toBe('glft')
    file('{"risk": {"lossMax": "12.5"}}')
    expect(load().settings.risk.lossMax).toBe('12.5')
    file('# only a comment\n')
    load()
  })

  test('property: any text is either understood or refused for people, never a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        file(text)
        try {
          load()
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^CONFIG_|^STRATEGY_/)
        }
      }),
      { numRuns: 60 },
    )
  })
})
