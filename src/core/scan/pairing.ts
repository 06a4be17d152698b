/**
 * Brings hits of one source together: an id and its secret within six lines confirm each other, and a value found by more
 * than one rule is reported once, by the most specific rule at the highest tier.
 */
import type { Hit, Tier } from './rule.ts'

const LINES = 6
const BYTES = 1200
const RANK: Readonly<Record<Tier, number>> = { confirmed: 3, likely: 2, review: 1 }

export function pairUp(hits: readonly Hit[], buf: Buffer): Hit[] {
  if (hits.length < 2) return [...hits]
  const ids = new Map<string, Hit[]>()
  const sorted = [...hits].sort((a, b) => a.start - b.start || b.end - a.end || weight(b) - weight(a))
  for (const hit of sorted) {
    if (hit.role !== 'id' || hit.via !== '') continue
    const list = ids.get(hit.rule)
    if (list === undefined) ids.set(hit.rule, [hit])
    else list.push(hit)
  }
  for (const secret of sorted) {
    if (secret.role !== 'secret' || secret.via !== '') continue
    for (const id of neighbours(ids.get(secret.rule) ?? [], secret.start)) {
      if (id.value === secret.value || !isNear(id, secret, buf)) continue
      secret.tier = 'confirmed'
      id.tier = 'confirmed'
    }
  }
  return unique(sorted)
}

/** The ids right before and right after `start`; `ids` is in order. */
function neighbours(ids: readonly Hit[], start: number): Hit[] {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle]?.start ?? 0) < start) low = middle + 1
    else high = middle
  }
  return ids.slice(Math.max(0, low - 1), low + 1)
}

function isNear(one: Hit, other: Hit, buf: Buffer): boolean {
  const low = Math.min(one.end, other.end)
  const high = Math.max(one.start, other.start)
  if (high - low > BYTES) return false
  let lines = 0
  for (let i = low; i < high; i++) if (buf[i] === 0x0a && ++lines > LINES) return false
  return true
}

/** More hits than this do not overlap in one place. */
const LOOK_BACK = 48

/** Drops hits that lie inside a better one. `hits` are in order. */
function unique(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = []
  for (const hit of hits) {
    const clash = clashOf(kept, hit)
    const other = kept[clash]
    if (other === undefined) kept.push(hit)
    else if (weight(hit) > weight(other)) kept[clash] = hit
  }
  return kept
}

function clashOf(kept: readonly Hit[], hit: Hit): number {
  for (let k = kept.length - 1; k >= 0 && k >= kept.length - LOOK_BACK; k--) {
    const other = kept[k]
    if (other !== undefined && other.end > hit.start && other.start < hit.end && related(other, hit)) return k
  }
  return -1
}

/** Two hits speak of one secret when one value holds the other, or both were decoded from the same place. */
function related(one: Hit, other: Hit): boolean {
  return one.via === other.via || one.start === other.start || one.end === other.end
}

function weight(hit: Hit): number {
  const isGeneric = hit.rule.startsWith('generic-') || hit.rule === 'http-authorization'
  return RANK[hit.tier] * 4 + (isGeneric ? 0 : 2) + (hit.via === '' ? 1 : 0)
}
