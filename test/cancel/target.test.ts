/** Which exchange an emergency talks to when nobody names one: what the last bot of this host left decides. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as plainTest } from 'vitest'
import { optionsOf, readFlags } from '../../src/core/cancel/options.ts'
import { isForeignWriter, targetOf } from '../../src/core/cancel/target.ts'

const test = plainTest.extend<{ dir: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures of a fixture from this pattern
  dir: async ({}, use) => {
    const dir = mkdtempSync(join(tmpdir(), 'mm-target-'))
    await use(dir)
    rmSync(dir, { recursive: true, force: true })
  },
})

const LIVE = 'https://api.bybit.com'

test.for([
  ['nobody', null, LIVE, false],
  ['a paper bot with an exchange of its own', { venue: 'paper', exchangeUrl: '' }, LIVE, true],
  ['a bot on testnet', { venue: 'testnet', exchangeUrl: '' }, 'https://api-testnet.bybit.com', false],
  ['a bot on mm exchange', { venue: 'paper', exchangeUrl: 'http://127.0.0.1:9' }, 'http://127.0.0.1:9', false],
] as const)('%s', async ([, writer, shown, isForeign], { dir }) => {
  const record = { schemaVersion: 1, pid: 2 ** 22 + 1, processStart: 'aaaaaaaa:1', controlSocket: '', ...writer }
  if (writer !== null) writeFileSync(join(dir, 'writer.lock'), JSON.stringify(record))
  const target = await targetOf({ exchangeUrl: '', venue: '' }, dir)
  expect([target.shown, isForeignWriter(target, dir)]).toEqual([shown, isForeign])
})

test('--venue paper alone names no exchange, and that is said', () => {
  expect(optionsOf(readFlags(['--venue', 'paper']) ?? new Map())).toContain('--exchange-url')
})
