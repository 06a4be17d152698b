/**
 * @hot What of a text must be scanned again when the text it was made from had no hit: the places that changed and whatever a
 * verdict there may hang on. It must never leave out a place whose surroundings are not, byte for byte, those of a place in
 * the other text; the reasons stand in docs/decisions/0005-history-from-packs.md.
 */
import { CLASS, TOKEN } from './alphabet.ts'
import type { Delta } from './delta.ts'
import { IN_PERCENT, VALUE_EXTRA } from './engine.ts'

/**
 * Bytes around a place that any verdict about it reads, apart from runs of token bytes, which are taken whole, and from what the
 * engine calls far (`Engine.far`). The most today: a URL before its `@` 280, a stem before its value 510, a value and its bounds
 * 704, the numbers of a key pair 700. Of a phrase that is longer, twelve words are within.
 */
export const SLICE_REACH = 768
/** More than this part of a text is read as a whole: one scan is cheaper than many slices. */
const PART_MAX = 0.8
/** Between slices. */
const GAP = 0x0a

export class Slices {
  /** Start and end of each slice, in order. */
  private at: Int32Array = new Int32Array(2 * 64)
  private count = 0
  private total = 0

  /**
   * Copies what must be scanned of `text`, built by `delta` from a text of `baseLength` bytes, to the start of `out`; returns how
   * many bytes that is, below zero when the whole text should be scanned.
   */
  cut(text: Buffer, delta: Delta, baseLength: number, out: Buffer): number {
    const limit = Math.min(out.length, delta.size * PART_MAX)
    this.count = this.total = 0
    const { at } = delta
    let until = 0
    for (let k = 0; k < 3 * delta.count; k += 3) {
      const from = at[k]!
      const place = at[k + 2]!
      if (from < 0) this.dirty(text, delta.size, place, place + at[k + 1]!)
      // Behind bytes of its own the seam is dirty already.
      else if (k === 0 ? from > 0 : until >= 0) this.dirty(text, delta.size, place, place)
      if (this.total > limit) return -1
      until = from < 0 ? -1 : from + at[k + 1]!
    }
    if (until !== baseLength) this.dirty(text, delta.size, delta.size, delta.size)
    return this.total > limit ? -1 : this.copy(text, out)
  }

  /** Adds the slice for the changed bytes [start, end), which may be none between two that were not neighbours. */
  private dirty(text: Buffer, size: number, start: number, end: number): void {
    const from = Math.max(0, runStart(text, Math.max(0, start - SLICE_REACH)) - SLICE_REACH)
    const to = Math.min(size, runEnd(text, Math.min(size, end + SLICE_REACH), size) + SLICE_REACH)
    const last = 2 * this.count - 2
    if (last >= 0 && from <= this.at[last + 1]! + 1) {
      // Runs may reach further back than the slice before begins.
      const first = Math.min(this.at[last]!, from)
      const stop = Math.max(this.at[last + 1]!, to)
      this.total += stop - first - (this.at[last + 1]! - this.at[last]!)
      this.at[last] = first
      this.at[last + 1] = stop
      return
    }
    if (last + 4 > this.at.length) {
      const larger = new Int32Array(2 * this.at.length)
      larger.set(this.at)
      this.at = larger
    }
    this.at[last + 2] = from
    this.at[last + 3] = to
    this.count++
    this.total += to - from + 1
  }

  private copy(text: Buffer, out: Buffer): number {
    let length = 0
    for (let k = 0; k < 2 * this.count; k += 2) {
      if (length > 0) out[length++] = GAP
      length += text.copy(out, length, this.at[k], this.at[k + 1])
    }
    return length
  }
}

/** Where the run that the byte before `at` may stand in begins. */
export function runStart(text: Uint8Array, at: number): number {
  let i = at
  while (i > 0 && IN_RUN[text[i - 1]!] === 1) i--
  return i
}

export function runEnd(text: Uint8Array, at: number, size: number): number {
  let i = at
  while (i < size && IN_RUN[text[i]!] === 1) i++
  return i
}

/** Token bytes and those of values and of percent-encoded text. */
const IN_RUN: Uint8Array = runBytes()

function runBytes(): Uint8Array {
  const table = new Uint8Array(256)
  for (let byte = 0; byte < 256; byte++)
    table[byte] = (CLASS[byte]! & TOKEN) !== 0 || VALUE_EXTRA[byte] === 1 || IN_PERCENT[byte] === 1 ? 1 : 0
  return table
}
