/**
 * @hot What is known of a text that was scanned, and how much of it still holds in a text that a delta makes of it. A verdict
 * holds where the bytes it hung on are copied in one piece, and only there.
 */
import type { Delta } from './delta.ts'
import type { FarPlaces } from './far.ts'
import type { Hit } from './rule.ts'
import type { SourceHit } from './windows.ts'
import { runEnd, runStart } from './slices.ts'

/** Bytes to either side of a hit, or of what a detector read, that may have a say: a venue's name has the longest reach. */
export const FAR_REACH = 2048

/** The hits of a text, and start and end of what they and other verdicts hung on: those of the hits first, in their order. */
export interface Known {
  readonly hits: readonly Hit[]
  readonly places: readonly number[]
}

const NOTHING: Known = { hits: [], places: [] }

/** No verdict hung on any of its bytes. */
export function isNothing({ places }: Known): boolean {
  return places.length === 0
}

/** What the scan of the whole text said; nothing when it says nothing about a text made of this one. */
export function knownOf(
  text: Uint8Array,
  length: number,
  found: readonly SourceHit[],
  far: FarPlaces,
): Known | undefined {
  if (far.isEverywhere) return undefined
  if (found.length === 0 && far.isNone) return NOTHING
  const hits: Hit[] = []
  const places: number[] = []
  for (let k = 0; k < found.length; k++) {
    const { hit, offset } = found[k]!
    // In a text of several windows it is counted from the beginning of one.
    hits.push(offset === hit.start ? hit : movedTo(hit, offset))
    widen(places, text, length, offset, offset + hit.end - hit.start)
  }
  for (let k = 0; k < far.at.length; k += 2) widen(places, text, length, far.at[k]!, far.at[k + 1]!)
  return { hits, places }
}

function widen(places: number[], text: Uint8Array, length: number, start: number, end: number): void {
  places.push(runStart(text, Math.max(0, start - FAR_REACH)), runEnd(text, Math.min(length, end + FAR_REACH), length))
}

/** What holds in the text that `delta` makes of a base of `baseLength` bytes; nothing when not everything does. */
export function carried({ hits, places }: Known, delta: Delta, baseLength: number): Known | undefined {
  if (places.length === 0) return NOTHING
  const moved: Hit[] = []
  const to: number[] = []
  for (let k = 0; k < places.length; k += 2) {
    const start = places[k]!
    const end = places[k + 1]!
    const place = placeOf(start, end, delta, baseLength)
    if (place < 0) return undefined
    to.push(place, place + end - start)
    const hit = hits[k >> 1]
    if (hit !== undefined) moved.push(movedTo(hit, hit.start + place - start))
  }
  return { hits: moved, places: to }
}

function movedTo({ rule, tier, start, end, value, via, reason, role }: Hit, to: number): Hit {
  return { rule, tier, start: to, end: end + to - start, value, via, reason, role }
}

/**
 * Where [start, end) of the base stands as one piece, below zero when it does not, or when any of it stands elsewhere, too:
 * there the same may be said again, or something else. What ended with the base must end with the text.
 */
function placeOf(start: number, end: number, { at, count, size }: Delta, baseLength: number): number {
  let place = -1
  for (let k = 0; k < 3 * count; k += 3) {
    const from = at[k]!
    const to = from + at[k + 1]!
    if (from < 0 || start >= to || end <= from) continue
    if (place >= 0 || start < from || end > to) return -1
    place = at[k + 2]! + start - from
  }
  const isWhole = (start === 0) === (place === 0) && (end === baseLength) === (place + end - start === size)
  return isWhole ? place : -1
}
