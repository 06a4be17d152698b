import { describe, expect, test } from 'vitest'
import { Sampler } from '../../src/core/scan/sample.ts'
import { failing, newEngine } from './helpers.ts'
import { type Labelled, labelledCorpus, SYNTAXES } from './labelled-corpus.ts'

const SEEDS = process.env['MM_VERIFY'] === '1' ? 200 : 6
const engine = await newEngine()

function isFlagged({ text, path }: Labelled): boolean {
  const buf = Buffer.from(text, 'utf8')
  return failing(engine.scan({ buf, from: 0, end: buf.length, path, isBinary: false })).length > 0
}

describe('a labelled corpus of many syntaxes and alphabets', () => {
  const secrets = { count: 0, missed: new Map<string, number>() }
  const clean = { count: 0, flagged: [] as string[] }
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const sample of labelledCorpus(new Sampler(20_261_122 + seed))) {
      const found = isFlagged(sample)
      const [syntax = ''] = sample.from.split(', ')
      if (sample.isSecret) {
        secrets.count++
        if (!found) secrets.missed.set(syntax, (secrets.missed.get(syntax) ?? 0) + 1)
      } else {
        clean.count++
        if (found) clean.flagged.push(`seed ${seed}: ${sample.from}: ${sample.text}`)
      }
    }
  }

  test('99.5 % of the secrets fail the scan', () => {
    const missed = [...secrets.missed.values()].reduce((sum, count) => sum + count, 0)
    expect(missed, JSON.stringify([...secrets.missed])).toBeLessThanOrEqual(secrets.count * 0.005)
  })

  // A value may look like a word by chance, a syntax that the tokenizer cannot read misses all of its values.
  test.each(Object.keys(SYNTAXES))('%s is read', (syntax) => {
    expect(secrets.missed.get(syntax) ?? 0).toBeLessThanOrEqual(Math.max(2, SEEDS * 20 * 0.03))
  })

  test('0.2 % of the clean texts at most', () => {
    expect(clean.flagged.length, clean.flagged.slice(0, 5).join('\n')).toBeLessThanOrEqual(clean.count * 0.002)
  })
})
