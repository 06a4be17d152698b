/** Every guard pack: its id, its keys, and every case it carries. A new guard is tested by being there. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Facts, type GuardCase, type GuardPack, Proposal, RiskView } from '../../src/core/engine/guard.ts'

const folder = join(import.meta.dirname, '../../src/core/engine/guards')
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))

const packs = await Promise.all(
  files.map(async (name) => {
    const module = (await import(join(folder, name))) as { pack: GuardPack }
    return { file: basename(name, '.ts'), pack: module.pack }
  }),
)

const filled = <T extends object>(record: T, facts: Facts<T> | undefined): T => Object.assign(record, facts)

function run(pack: GuardPack, row: GuardCase): void {
  const guard = pack.create(row.params)
  if (row.past !== undefined) guard.recall?.(row.past)
  for (const sent of row.sent ?? []) guard.onSent?.(sent.kind, sent.nowUs, sent.side)
  for (const answer of row.answers ?? []) guard.onAnswer?.(answer.isError, answer.nowUs)
  for (const fill of row.fills ?? []) guard.onFill?.(fill.isMaker, fill.nowUs)
  const view = filled(new RiskView(), row.view)
  if (row.proposal !== undefined) {
    const proposal = filled(new Proposal(), row.proposal)
    expect(guard.check(view, proposal)).toBe(row.refusal ?? null)
    if (row.roomLots !== undefined) expect(guard.roomLots?.(view, proposal)).toBe(row.roomLots)
  }
  if (row.standing !== undefined) expect(guard.judge?.(view) ?? null).toEqual(row.standing)
}

test('the six guards of the spine are there', () => {
  expect(packs.map((p) => p.file).toSorted()).toEqual(
    expect.arrayContaining(['loss-limit', 'max-order', 'max-position', 'price-band', 'request-rate', 'stale-book']),
  )
})

test('an approval is made in one place only', () => {
  const root = join(import.meta.dirname, '../../src')
  const makers = globSync('**/*.{ts,tsx}', { cwd: root }).filter((name) =>
    /\bas Approval\b/.test(readFileSync(join(root, name), 'utf8')),
  )
  expect(makers).toEqual(['core/engine/approval.ts'])
})

describe.each(packs)('guard $file', ({ file, pack }) => {
  test('is named as its file and says what it does', () => {
    expect(pack.id).toBe(file)
    expect(pack.doc.length).toBeGreaterThan(20)
  })

  test('has keys whose defaults and examples are in range', () => {
    for (const key of pack.keys) {
      for (const value of [key.default, key.example]) {
        expect(value).toBeGreaterThanOrEqual(key.min)
        expect(value).toBeLessThanOrEqual(key.max)
        if (key.isInteger === true) expect(Number.isSafeInteger(value)).toBe(true)
      }
    }
  })

  test('refuses and allows somewhere in its cases', () => {
    expect(pack.cases.some((row) => row.refusal === null && row.proposal !== undefined)).toBe(true)
    expect(pack.cases.some((row) => typeof row.refusal === 'string')).toBe(true)
  })

  test.each([...pack.cases])('$name', (row) => {
    expect(row.proposal ?? row.standing).toBeDefined()
    run(pack, row)
  })
})
