/**
 * @hot The index of a pack (`.idx`, version 2): which objects stand in it, and where. Its shape has been tested (pack-open.ts);
 * the numbers in it are still not believed.
 */

export const HEADER = 8 + 256 * 4
/** More than there are objects in an index of 64 MB. */
export const NUMBERS = 2 ** 21

export class PackIndex {
  /** Path of the pack beside. */
  readonly pack: string
  /** Bytes of the pack. */
  readonly size: number
  readonly count: number
  /** Where each object begins, in the order of the pack, then where the last one ends. */
  private readonly starts: Float64Array
  /** Number in the index by place in the order of the pack, and the other way round. */
  private readonly numbers: Int32Array
  private readonly places: Int32Array
  private readonly bytes: Buffer
  private readonly width: number

  /** `bytes` must have passed `isSound`. */
  constructor(pack: string, size: number, { bytes, width }: { readonly bytes: Buffer; readonly width: number }) {
    this.pack = pack
    this.size = size
    this.bytes = bytes
    this.width = width
    const count = bytes.readUInt32BE(HEADER - 4)
    this.count = count
    const starts = new Float64Array(count + 1)
    for (let i = 0; i < count; i++) starts[i] = this.offsetOf(i) * NUMBERS + i
    starts[count] = (size - width) * NUMBERS
    starts.sort()
    this.starts = starts
    this.numbers = new Int32Array(count)
    this.places = new Int32Array(count)
    for (let place = 0; place <= count; place++) {
      const both = starts[place]!
      const offset = Math.floor(both / NUMBERS)
      starts[place] = offset
      if (place === count) break
      const number = both - offset * NUMBERS
      this.numbers[place] = number
      this.places[number] = place
    }
  }

  /** Where the object at `place` in the order of the pack begins. */
  start(place: number): number {
    return this.starts[place]!
  }

  /** Where the object at `place` ends. */
  end(place: number): number {
    return this.starts[place + 1]!
  }

  /** Whether there can be an entry at `place`: some bytes between the header of the pack and its sum. */
  isSane(place: number): boolean {
    return this.start(place) >= 12 && this.end(place) > this.start(place) && this.end(place) <= this.size - this.width
  }

  /** CRC-32 of the bytes of the object at `place`. */
  sum(place: number): number {
    return word(this.bytes, HEADER + this.count * this.width + this.numbers[place]! * 4)
  }

  /** Place of the object that begins at `offset`, below zero when none does. */
  placeAt(offset: number): number {
    const { starts, count } = this
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if (starts[middle]! < offset) low = middle + 1
      else high = middle
    }
    return low < count && starts[low] === offset ? low : -1
  }

  /** Place of the object whose id stands at `at` in `id`, below zero when it is not here. */
  find(id: Uint8Array, at: number): number {
    const { bytes, width } = this
    const first = id[at]!
    let low = first === 0 ? 0 : word(bytes, 8 + (first - 1) * 4)
    const stop = word(bytes, 8 + first * 4)
    // Four bytes tell nearly all apart: a loop over single ones is hot enough here to be compiled, for three times its run.
    const beginning = word(id, at)
    let high = stop
    while (low < high) {
      const middle = (low + high) >> 1
      if (word(bytes, HEADER + middle * width) < beginning) low = middle + 1
      else high = middle
    }
    for (; low < stop && word(bytes, HEADER + low * width) === beginning; low++)
      if (this.isAt(low, id, at)) return this.places[low]!
    return -1
  }

  /** Whether row `number` of the index is the id that stands at `at` in `id`. */
  private isAt(number: number, id: Uint8Array, at: number): boolean {
    const { bytes, width } = this
    const row = HEADER + number * width
    let k = 4
    while (k < width && bytes[row + k] === id[at + k]) k++
    return k === width
  }

  /** Where object `i` of the index begins; below zero when the index points beyond itself. */
  private offsetOf(i: number): number {
    const { bytes, count, width } = this
    const small = word(bytes, HEADER + count * (width + 4) + i * 4)
    if (small < 0x80000000) return small
    const at = HEADER + count * (width + 8) + (small - 0x80000000) * 8
    if (at + 8 > bytes.length - 2 * width || word(bytes, at) !== 0) return -1
    return word(bytes, at + 4)
  }
}

/** Four bytes, the highest first, as a number. */
function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
