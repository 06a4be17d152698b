/**
 * @hot The two byte finders everything else hangs on. `findRuns` skips ahead: it probes the last byte a run would need and
 * steps back only while bytes fit, so most bytes are never read. `findStems` skips by a table of byte pairs.
 * Neither allocates; both stop when `out` is full and are called again from where they stopped.
 */
import { CLASS, TOKEN } from './alphabet.ts'

/** Shortest run of token bytes worth a look. */
export const RUN_MIN = 16

/** Where a finder stopped and what it found: `start, end, classes` for runs, single offsets for stems. */
export class Found {
  readonly at: Int32Array
  count = 0
  /** Continue from here; `end` when the range is done. */
  next = 0

  /** `at` when the list lies in memory that is there already. */
  constructor(capacity: number, at: Int32Array = new Int32Array(capacity)) {
    this.at = at
  }
}

/**
 * Runs of at least `RUN_MIN` token bytes in `buf[from, end)`: start, end and the classes of byte that occur in it, so that
 * whoever looks at the run knows without reading it again that it has no digit or no mark.
 */
export function findRuns(buf: Uint8Array, from: number, end: number, out: Found): void {
  const { at } = out
  const last = at.length - 2
  let count = 0
  let i = from
  while (i + RUN_MIN <= end) {
    let j = i + RUN_MIN - 1
    let seen = 0
    while (j >= i) {
      const kind = CLASS[buf[j]!]!
      if ((kind & TOKEN) === 0) break
      seen |= kind
      j--
    }
    if (j >= i) {
      i = j + 1
      continue
    }
    let stop = i + RUN_MIN
    while (stop < end) {
      const kind = CLASS[buf[stop]!]!
      if ((kind & TOKEN) === 0) break
      seen |= kind
      stop++
    }
    at[count] = i
    at[count + 1] = stop
    at[count + 2] = seen
    count += 3
    i = stop + 1
    if (count >= last) {
      out.count = count
      out.next = i
      return
    }
  }
  out.count = count
  out.next = end
}

/** Four-byte beginnings of names whose values may be short: compared without case. */
export const STEMS: readonly string[] = [
  'pass',
  'secr',
  'toke',
  'cred',
  'pike',
  'i_ke',
  'i-ke',
  ...['=', ':', '"', "'", ' ', '_', '-', '.', ']', ')', '>', '<', ',', '\\'].map((after) => `pwd${after}`),
]

const STEM = 4
const SKIP: Uint8Array = skipTable()
const KEYS: Set<number> = new Set(STEMS.map((stem) => stemKey(stem)))

/**
 * How far the search may jump for two bytes. Indexed by the low five bits of each, which fold case and keep the table in the
 * first-level cache; strangers that share the bits only cost a look.
 */
function skipTable(): Uint8Array {
  const table = new Uint8Array(1024).fill(STEM - 1)
  for (const stem of STEMS) {
    for (let i = 0; i + 1 < STEM; i++) {
      const key = pairKey(stem.charCodeAt(i), stem.charCodeAt(i + 1))
      table[key] = Math.min(table[key]!, STEM - 2 - i)
    }
  }
  return table
}

function pairKey(first: number, second: number): number {
  return ((first & 31) << 5) | (second & 31)
}

function stemKey(stem: string): number {
  let key = 0
  for (let i = 0; i < STEM; i++) key = (key << 8) | stem.charCodeAt(i)
  return key
}

/** Offsets of stems in `buf[from, end)`. */
export function findStems(buf: Uint8Array, from: number, end: number, out: Found): void {
  const { at } = out
  let count = 0
  let i = from + STEM - 2
  const stop = end - 1
  while (i < stop) {
    const skip = SKIP[((buf[i]! & 31) << 5) | (buf[i + 1]! & 31)]!
    if (skip !== 0) {
      i += skip
      continue
    }
    const key = (fold(buf[i - 2]!) << 24) | (fold(buf[i - 1]!) << 16) | (fold(buf[i]!) << 8) | fold(buf[i + 1]!)
    if (KEYS.has(key)) {
      at[count++] = i - 2
      if (count === at.length) {
        out.count = count
        out.next = i + 2
        return
      }
    }
    i++
  }
  out.count = count
  out.next = end
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}
