/**
 * Before anything is read, one generated secret of every rule goes through the engine in memory. A scanner that would miss
 * them must not say "clean".
 */
import { foundCases } from './cases.ts'
import type { Engine } from './engine.ts'
import type { Tier } from './rule.ts'

const SEED = 20_261_122
const RANK: Readonly<Record<Tier, number>> = { confirmed: 3, likely: 2, review: 1 }

/** Ids of rules whose canary was missed; empty when the engine works. */
export function missedCanaries(engine: Engine): string[] {
  const missed: string[] = []
  const families = new Set<string>()
  for (const rule of engine.rules.rules) {
    // One rule of each family, and every rule with a detector of its own: the rest share their code.
    if (families.has(rule.family) && rule.detect === undefined) continue
    const [sample] = foundCases(rule, SEED)
    if (sample === undefined) continue
    families.add(rule.family)
    const buf = Buffer.from(sample.text, 'latin1')
    const hits = engine.scan({ buf, from: 0, end: buf.length, path: 'canary', isBinary: false })
    if (!hits.some((hit) => RANK[hit.tier] >= RANK[sample.tier])) missed.push(rule.id)
  }
  return missed
}
