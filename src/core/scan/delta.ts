/**
 * @hot The deltas of packs: a text as pieces of another one and pieces of its own. Every range is tested against both texts
 * before a byte is copied.
 */
import { OBJECT_MAX } from './pack-entry.ts'

/** A delta that was read; one instance is reused. */
export class Delta {
  /** Pieces in the order of the text, three numbers each: where in the base (below zero: in the delta, ~offset), length, place in the text. */
  at: Int32Array = new Int32Array(3 * 256)
  /** Pieces; what is one piece of the base counts once, however often the delta cuts it. */
  count = 0
  /** Bytes of the text. */
  size = 0
  private i = 0
  private end = 0

  /** Reads the first `length` bytes of `delta` for a base of `baseLength` bytes; false when they do not fit, or make too much. */
  read(delta: Uint8Array, length: number, baseLength: number): boolean {
    this.i = this.count = 0
    this.end = length
    if (this.number(delta) !== baseLength) return false
    this.size = this.number(delta)
    if (this.size < 0 || this.size > OBJECT_MAX) return false
    let place = 0
    while (this.i < length) {
      const code = delta[this.i++]!
      if (code === 0) return false
      let from = ~this.i
      let count = code
      if (code & 0x80) {
        from = this.bits(delta, code, 4)
        count = this.bits(delta, code >> 4, 3)
        if (count === 0) count = 0x10000
        if (from + count > baseLength) return false
      } else this.i += code
      if (this.i > length || place + count > this.size) return false
      this.add(from, count, place)
      place += count
    }
    return place === this.size
  }

  /** Builds the text in `out`, which must have room for it. */
  apply(delta: Buffer, base: Buffer, out: Buffer): void {
    const { at, count } = this
    for (let k = 0; k < 3 * count; k += 3) {
      const from = at[k]!
      if (from >= 0) base.copy(out, at[k + 2], from, from + at[k + 1]!)
      else delta.copy(out, at[k + 2], ~from, ~from + at[k + 1]!)
    }
  }

  private add(from: number, length: number, place: number): void {
    const last = 3 * this.count - 3
    const before = last < 0 ? -1 : this.at[last]!
    if (before >= 0 && from === before + this.at[last + 1]!) {
      this.at[last + 1] = this.at[last + 1]! + length
      return
    }
    if (last + 6 > this.at.length) {
      const larger = new Int32Array(2 * this.at.length)
      larger.set(this.at)
      this.at = larger
    }
    this.at[last + 3] = from
    this.at[last + 4] = length
    this.at[last + 5] = place
    this.count++
  }

  /** A number of seven bits a byte, below zero when it does not end or is no length. */
  private number(delta: Uint8Array): number {
    let sum = 0
    for (let factor = 1; factor < 2 ** 42; factor *= 128) {
      if (this.i >= this.end) return -1
      const byte = delta[this.i++]!
      sum += (byte & 0x7f) * factor
      if ((byte & 0x80) === 0) return sum
    }
    return -1
  }

  /** A number of as many bytes as the low `count` bits of `mask` say. */
  private bits(delta: Uint8Array, mask: number, count: number): number {
    let sum = 0
    for (let k = 0, factor = 1; k < count; k++, factor *= 256) {
      if (mask & (1 << k)) sum += (delta[this.i++] ?? 0) * factor
    }
    return sum
  }
}
