/**
 * Brings hits of one source together: an id and its secret within six lines confirm each other, and a value found by more
 * than one rule is reported once, by the most specific rule at the highest tier.
 */
import type { Hit, Tier } from './rule.ts'

const LINES = 6
const BYTES = 1200
const RANK: Readonly<Record<Tier, number>> = { confirmed: 3, likely: 2, review: 1 }

export function pairUp(hits: readonly Hit[], buf: Buffer): Hit[] {
  for (const secret of hits) {
    if (secret.role !== 'secret' || secret.via !== '') continue
    for (const id of hits) {
      if (id.role !== 'id' || id.rule !== secret.rule || id.value === secret.value || !isNear(id, secret, buf)) continue
      secret.tier = 'confirmed'
      id.tier = 'confirmed'
    }
  }
  return unique(hits)
}

function isNear(one: Hit, other: Hit, buf: Buffer): boolean {
  const low = Math.min(one.end, other.end)
  const high = Math.max(one.start, other.start)
  if (high - low > BYTES) return false
  let lines = 0
  for (let i = low; i < high; i++) if (buf[i] === 0x0a && ++lines > LINES) return false
  return true
}

/** Drops hits that lie inside a better one. */
function unique(hits: readonly Hit[]): Hit[] {
  const order = [...hits].sort((a, b) => a.start - b.start || b.end - a.end || weight(b) - weight(a))
  const kept: Hit[] = []
  for (const hit of order) {
    const clash = kept.findLast((other) => other.end > hit.start && other.start < hit.end && related(other, hit))
    if (clash === undefined) kept.push(hit)
    else if (weight(hit) > weight(clash)) kept[kept.indexOf(clash)] = hit
  }
  return kept
}

/** Two hits speak of one secret when one value holds the other, or both were decoded from the same place. */
function related(one: Hit, other: Hit): boolean {
  return one.via === other.via || one.start === other.start || one.end === other.end
}

function weight(hit: Hit): number {
  const isGeneric = hit.rule.startsWith('generic-') || hit.rule === 'http-authorization'
  return RANK[hit.tier] * 4 + (isGeneric ? 0 : 2) + (hit.via === '' ? 1 : 0)
}
