/** A configuration that changed between two live starts is printed, value by value, and refused until acknowledged. */
import { describe, expect, test } from 'vitest'
import { acknowledgeConfig, configChanges, originsOf } from '../../src/core/runtime/config-change.ts'
import type { LastRun } from '../../src/core/runtime/recover.ts'
import { Folder } from '../config/folder.ts'

const folder = new Folder()

function lastRun(config: unknown): LastRun {
  const run = {
    epoch: 'e',
    venue: 'live',
    uid: '1',
    symbols: [],
    linkPrefix: 'mm00-e-',
    version: '0',
    startedMs: 0,
    seed: null,
    config,
  }
  const nothing = {
    unresolved: [],
    execIds: new Set<string>(),
    positionLots: new Map<string, number>(),
    executionsUs: {},
  }
  return { run, ...nothing, lastExecutionMs: 0, lastIntentUs: 0, end: null, tornBytes: 0 }
}

// What the journal holds is JSON.
const journalled = (settings: unknown): unknown => JSON.parse(JSON.stringify(settings))

describe('a start', () => {
  const before = () => lastRun(journalled(folder.load().settings))
  const changed = () => folder.load({ set: ['risk.lossMax=150', 'strategies.glft.levels=2'] })

  test.each([
    ['live', null, 'LIVE_CONFIG_CHANGED'],
    ['live', 'ffffffffffff', 'LIVE_CONFIG_ACK'],
    ['live', 'short', 'LIVE_CONFIG_ACK'],
    ['testnet', null, null],
    ['demo', null, null],
  ] as const)('on %s with --ack-config %s', (venue, ack, code) => {
    const said: string[] = []
    const start = (): void => {
      acknowledgeConfig({ venue, last: before(), config: changed(), ack, say: (text) => said.push(text) })
    }
    if (code === null) start()
    else expect(start).toThrow(expect.objectContaining({ code, exit: 4 }))
    if (code !== 'LIVE_CONFIG_ACK') {
      expect(said.join()).toContain('risk.lossMax: 100 → 150  (--set risk.lossMax)')
      expect(said.join()).toContain('strategies.glft.levels: not set → 2')
    }
  })

  test('live goes on once the new hash is given, whole or its first twelve', () => {
    const config = changed()
    for (const ack of [config.hash, config.hash.slice(0, 12)]) {
      expect(() =>
        acknowledgeConfig({ venue: 'live', last: before(), config, ack, say: () => undefined }),
      ).not.toThrow()
    }
  })

  test('nothing changed, or no start before: nothing is asked', () => {
    const say = (text: string): never => {
      throw new Error(text)
    }
    acknowledgeConfig({ venue: 'live', last: before(), config: folder.load(), ack: null, say })
    acknowledgeConfig({ venue: 'live', last: null, config: changed(), ack: null, say })
    // Saying a default aloud changes no effective value.
    const spoken = folder.load({ set: ['risk.lossMax=100'] })
    acknowledgeConfig({ venue: 'live', last: before(), config: spoken, ack: null, say })
  })
})

test('changes are found leaf by leaf, also where a key went away', () => {
  expect(configChanges({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: 1, c: 3 }, d: [1, 2], e: 'x' })).toEqual([
    { key: 'a.c', before: 2, after: 3 },
    { key: 'd', before: [1], after: [1, 2] },
    { key: 'e', before: undefined, after: 'x' },
  ])
  expect(configChanges({ a: { b: 1 } }, {})).toEqual([{ key: 'a.b', before: 1, after: undefined }])
})

test('the journal learns where every value that is no default was said', () => {
  const config = folder.load({ env: { MM_RISK__LOSS_MAX: '5' }, set: ['log.level=warn'] })
  expect(originsOf(config)).toEqual({ 'risk.lossMax': 'MM_RISK__LOSS_MAX', 'log.level': '--set log.level' })
})
