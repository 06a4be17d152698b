/**
 * Before anything is read, one generated secret of every rule goes through the engine in memory. A scanner that would miss
 * them must not say "clean".
 */
import { foundCases } from './cases.ts'
import type { Engine } from './engine.ts'
import type { Hit, Tier } from './rule.ts'

const SEED = 20_261_122
const RANK: Readonly<Record<Tier, number>> = { confirmed: 3, likely: 2, review: 1 }

/** Ids of rules whose canary was missed; empty when the engine works. */
export function missedCanaries(engine: Engine): string[] {
  const families = new Set<string>()
  const wanted: { id: string; tier: Tier; start: number; end: number }[] = []
  let text = ''
  for (const rule of engine.rules.rules) {
    // One rule of each family, and every rule with a detector of its own: the rest share their code.
    if (families.has(rule.family) && rule.detect === undefined) continue
    const [sample] = foundCases(rule, SEED)
    if (sample === undefined) continue
    families.add(rule.family)
    // A sample that must stand at the beginning of a file is tried by itself.
    if (rule.detect?.needle === '') {
      if (!isFound(engine, sample.text, sample.tier)) return [rule.id]
      continue
    }
    wanted.push({ id: rule.id, tier: sample.tier, start: text.length, end: text.length + sample.text.length })
    text += `${sample.text}\n\n`
  }
  const hits = scan(engine, text)
  return wanted
    .filter(
      ({ tier, start, end }) =>
        !hits.some((hit) => hit.start >= start && hit.start < end && RANK[hit.tier] >= RANK[tier]),
    )
    .map(({ id }) => id)
}

function isFound(engine: Engine, text: string, tier: Tier): boolean {
  return scan(engine, text).some((hit) => RANK[hit.tier] >= RANK[tier])
}

function scan(engine: Engine, text: string): Hit[] {
  const bytes = Buffer.from(text, 'latin1')
  // Through the finders that the scan will use.
  const buf = engine.simd?.window ?? bytes
  if (buf !== bytes) bytes.copy(buf)
  return engine.scan({ buf, from: 0, end: bytes.length, path: 'canary', isBinary: false })
}
