/** Reading the configuration again: all of it or nothing, only what may change, and never a looser limit. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readAgain } from '../../src/core/runtime/reload.ts'
import { Folder, PACKS } from '../config/folder.ts'

const folder = new Folder()

function again(before: string, after: string) {
  folder.file(before)
  const current = folder.load()
  folder.file(after)
  return readAgain(current, { env: {}, cwd: folder.dir }, PACKS)
}

describe('is refused, with every reason', () => {
  test.each([
    [
      'a limit that rises',
      'risk: { positionValueMax: 4001 }',
      [/risk\.positionValueMax: a limit never rises .*4000 → 4001/],
    ],
    ['an age that rises', 'risk: { bookAgeMsMax: 5001 }', [/never rises/]],
    ['a key that needs a restart', 'exchange: { bookDepth: 200 }', [/restart/]],
    ['the number of slots', 'quoting: { levelsMax: 2 }', [/restart/]],
    ['the strategy', 'strategy: symmetric\n', [/restart/]],
    ['what a guard of the run remembers', 'risk: { lossMax: 50 }', [/restart/]],
    ['a guard of the run by its own key', 'guards: { loss-limit: { lossE8Max: 1 } }', [/restart/]],
    ['a guard that was derived', 'guards: { max-position: { limitLots: 1 } }', [/appears or goes away/]],
    [
      'several',
      'risk: { positionValueMax: 4001, orderValueMax: 1001 }\nlog: { level: warn }\n',
      [/positionValueMax/, /orderValueMax/, /log\.level/],
    ],
    ['a broken file', 'risk: {', [/mm\.yaml:1/]],
    ['faults', 'risk: { lossMax: x, losMax: 1 }', [/lossMax/, /losMax/]],
    ['keys that do not fit', 'quoting: { orderValue: 900 }\nrisk: { orderValueMax: 800 }', [/ORDER|above/]],
    ['an empty file', '', [/empty/]],
    ['one good change beside a bad one', 'quoting: { orderValue: 200 }\nlog: { level: warn }\n', [/log\.level/]],
  ])('%s', (_, text, reasons) => {
    const read = again('{}', text)
    if (read.isUsable) throw new Error('it was taken')
    expect(read.reasons).toHaveLength(reasons.length)
    for (const reason of reasons) expect(read.reasons.join('\n')).toMatch(reason)
  })
})

test('a file that is gone is refused, although nobody named it at the start', () => {
  folder.file('quoting: { orderValue: 200 }')
  const current = folder.load()
  rmSync(join(folder.dir, 'mm.yaml'))
  const read = readAgain(current, { env: {}, cwd: folder.dir }, PACKS)
  expect(read).toMatchObject({ isUsable: false, reasons: [expect.stringContaining('there is no such file')] })
})

const WHOLE = `# what we trade on
quoting:
  orderValue: 250
  toleranceBps: 1
  urgentBps: 20
strategies: { glft: { skewBpsMax: 5 } }
risk:
  positionValueMax: "3500"
  midBpsMax: 150
`

test('a file cut off anywhere is refused, or nothing in it has changed', () => {
  folder.file(WHOLE)
  const current = folder.load()
  const taken: string[] = []
  for (let end = 0; end < WHOLE.length; end++) {
    folder.file(WHOLE.slice(0, end))
    const read = readAgain(current, { env: {}, cwd: folder.dir }, PACKS)
    if (read.isUsable && read.changes.length > 0) taken.push(WHOLE.slice(0, end))
  }
  expect(taken).toEqual([])
  folder.file(WHOLE.replace('150', '140'))
  expect(readAgain(current, { env: {}, cwd: folder.dir }, PACKS)).toMatchObject({
    isUsable: true,
    changes: [{ key: 'risk.midBpsMax', before: 150, after: 140 }],
  })
})

test('a key that is gone is named, also from the override and from beneath it', () => {
  folder.file('quoting: { orderValue: 250, toleranceBps: 1 }')
  folder.file('quoting: { orderValue: 200 }', 'override.yaml')
  const sources = { env: {}, cwd: folder.dir, override: 'override.yaml' }
  const current = folder.load(sources)
  folder.file('quoting: { toleranceBps: 1 }')
  folder.file('{}', 'override.yaml')
  const read = readAgain(current, sources, PACKS)
  if (read.isUsable) throw new Error('it was taken')
  expect(read.reasons).toEqual([
    expect.stringMatching(/^quoting\.orderValue: gone from .*override\.yaml, .* restart$/),
    expect.stringMatching(/^quoting\.orderValue: gone from .*mm\.yaml, /),
  ])
})

test.each(['{}', '# no end', 'quoting: {}', "quoting: { orderValue: '200' }", 'quoting:\n  orderValue: "200"'])(
  'without a line end, and nothing could follow: %j is taken',
  (text) => {
    expect(again('{}', text)).toMatchObject({ isUsable: true })
  },
)

test.each([
  ['a limit that falls', 'risk: { positionValueMax: 3500 }', [['risk.positionValueMax', '4000', '3500']]],
  [
    'how it quotes',
    'quoting: { orderValue: 200, toleranceBps: 1, urgentBps: 2 }',
    [
      ['quoting.orderValue', '300', '200'],
      ['quoting.toleranceBps', 0.3, 1],
      ['quoting.urgentBps', 0.6, 2],
    ],
  ],
  [
    'parameters of the strategy',
    'strategies: { glft: { skewBpsMax: 5 } }',
    [['strategies.glft.skewBpsMax', undefined, 5]],
  ],
  ['nothing', '{}', []],
] as const)('is taken: %s', (_, text, changes) => {
  const read = again('{}', text)
  if (!read.isUsable) throw new Error(read.reasons.join('\n'))
  expect(read.changes).toEqual(changes.map(([key, before, after]) => ({ key, before, after })))
})
