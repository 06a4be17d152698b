/**
 * One side of a book, exact at any price. A ladder of sizes indexed by tick covers a window around the best price, with a
 * bit per occupied slot; the levels that do not fit (deep ones, or almost all where ticks are tiny and levels sparse) wait
 * in sorted arrays. The best level is always inside the window, so reading it never searches.
 *
 * Prices are held as keys (asks: ticks, bids: −ticks), so that on both sides a lower key is a better price.
 *
 * @hot
 */
import type { Side } from './units.ts'

const WORD = 32
const FAR_START = 256

export class BookSide {
  /** Levels held. */
  count = 0
  /** Price and size of the best level; 0 when the side is empty. */
  bestTicks = 0
  bestLots = 0

  private readonly sign: number
  private readonly countMax: number
  private readonly slots: number
  /** Free slots left on the better side of the best price when the window moves. */
  private readonly lead: number
  private readonly lots: Float64Array
  private readonly words: Int32Array
  /** Key of slot 0; a multiple of 32, so that the bits move in whole words. */
  private base = 0
  /** Slot of the best level; −1 when the side is empty. */
  private best = -1
  /** No slot beyond this one is occupied. */
  private last = -1
  /** Levels beyond the window, worst first. */
  private farKeys = new Float64Array(FAR_START)
  private farLots = new Float64Array(FAR_START)
  private farCount = 0

  /** `slots`: a multiple of 128. `countMax`: levels kept by `trim`. */
  constructor(side: Side, slots: number, countMax: number) {
    this.sign = -side
    this.slots = slots
    this.countMax = countMax
    this.lead = slots / 4
    this.lots = new Float64Array(slots)
    this.words = new Int32Array(slots / WORD)
  }

  clear(): void {
    this.lots.fill(0)
    this.words.fill(0)
    this.count = 0
    this.farCount = 0
    this.best = -1
    this.last = -1
    this.bestTicks = 0
    this.bestLots = 0
  }

  /** Replaces the size at a price; 0 deletes the level. */
  set(ticks: number, lots: number): void {
    const key = this.sign * ticks
    const slot = key - this.base
    if (this.best >= 0 && slot >= 0 && slot < this.slots) {
      if (lots > 0) this.put(slot, lots)
      else this.remove(slot)
    } else if (lots > 0) this.setOutside(key, lots)
    else this.removeFar(key)
  }

  /** Size at a price, 0 when there is no level. */
  sizeAt(ticks: number): number {
    const key = this.sign * ticks
    const slot = key - this.base
    if (this.best < 0) return 0
    if (slot >= 0 && slot < this.slots) return this.lots[slot]!
    const at = this.farIndex(key)
    return at < this.farCount && this.farKeys[at] === key ? this.farLots[at]! : 0
  }

  /** Copies the best `limit` levels, best first; returns how many there were. */
  top(limit: number, ticksOut: Float64Array, lotsOut: Float64Array): number {
    let copied = 0
    for (let slot = this.best; slot >= 0 && copied < limit; slot = this.nextSlot(slot + 1)) {
      ticksOut[copied] = this.sign * (this.base + slot)
      lotsOut[copied++] = this.lots[slot]!
    }
    for (let far = this.farCount - 1; far >= 0 && copied < limit; far--) {
      ticksOut[copied] = this.sign * this.farKeys[far]!
      lotsOut[copied++] = this.farLots[far]!
    }
    return copied
  }

  /** Price of the level at `index` (0 is the best), 0 when there are fewer. */
  ticksOf(index: number): number {
    let left = index
    for (let slot = this.best; slot >= 0; slot = this.nextSlot(slot + 1)) {
      if (left-- === 0) return this.sign * (this.base + slot)
    }
    const far = this.farCount - 1 - left
    return far >= 0 ? this.sign * this.farKeys[far]! : 0
  }

  /** Drops the worst levels beyond `countMax`. */
  trim(): void {
    if (this.count <= this.countMax) return
    const dropped = Math.min(this.count - this.countMax, this.farCount)
    this.farKeys.copyWithin(0, dropped, this.farCount)
    this.farLots.copyWithin(0, dropped, this.farCount)
    this.farCount -= dropped
    this.count -= dropped
    while (this.count > this.countMax) {
      while (this.lots[this.last] === 0) this.last--
      this.free(this.last)
    }
  }

  private put(slot: number, lots: number): void {
    if (this.lots[slot] === 0) {
      this.count++
      this.words[slot >> 5] = this.words[slot >> 5]! | (1 << (slot & 31))
      if (slot > this.last) this.last = slot
    }
    this.lots[slot] = lots
    if (slot <= this.best) this.setBest(slot)
  }

  private remove(slot: number): void {
    if (this.lots[slot] === 0) return
    this.free(slot)
    if (slot !== this.best) return
    const next = this.nextSlot(slot + 1)
    if (next >= 0 && next < this.slots / 2) this.setBest(next)
    else this.recentre(next)
  }

  private free(slot: number): void {
    this.lots[slot] = 0
    this.words[slot >> 5] = this.words[slot >> 5]! & ~(1 << (slot & 31))
    this.count--
  }

  private setBest(slot: number): void {
    this.best = slot
    this.bestTicks = this.sign * (this.base + slot)
    this.bestLots = this.lots[slot]!
  }

  /** The best level is gone and the next lies deep in the window (or, −1, beyond it): move the window there. */
  private recentre(next: number): void {
    if (next < 0 && this.farCount === 0) {
      this.best = -1
      this.last = -1
      this.bestTicks = 0
      this.bestLots = 0
      return
    }
    const key = next >= 0 ? this.base + next : this.farKeys[this.farCount - 1]!
    this.shiftWorse(this.baseFor(key) - this.base)
    this.setBest(key - this.base)
  }

  /** A level outside the window: better than all (the window follows it), worse (it waits), or the first. */
  private setOutside(key: number, lots: number): void {
    if (this.best < 0) {
      this.base = this.baseFor(key)
      this.put(key - this.base, lots)
      this.setBest(key - this.base)
    } else if (key < this.base) {
      this.shiftBetter(this.base - this.baseFor(key))
      this.best = this.slots
      this.put(key - this.base, lots)
    } else this.putFar(key, lots)
  }

  private baseFor(key: number): number {
    return Math.floor((key - this.lead) / WORD) * WORD
  }

  /** Moves the window towards better prices: its worst slots become far levels. `by` > 0, a multiple of 32. */
  private shiftBetter(by: number): void {
    const from = Math.max(this.slots - by, 0)
    for (let slot = this.last; slot >= from; slot--) {
      if (this.lots[slot] !== 0) this.pushFar(this.base + slot, this.lots[slot]!)
    }
    this.last = this.last < from ? this.last + by : this.slots - 1
    if (by < this.slots) {
      this.lots.copyWithin(by, 0, from)
      this.words.copyWithin(by / WORD, 0, from / WORD)
    }
    this.lots.fill(0, 0, Math.min(by, this.slots))
    this.words.fill(0, 0, Math.min(by, this.slots) / WORD)
    this.base -= by
  }

  /** Moves the window towards worse prices (its better slots are empty) and takes in the far levels that now fit. */
  private shiftWorse(by: number): void {
    const kept = Math.max(this.slots - by, 0)
    if (kept > 0) {
      this.lots.copyWithin(0, by)
      this.words.copyWithin(0, by / WORD)
    }
    this.lots.fill(0, kept)
    this.words.fill(0, kept / WORD)
    this.last = Math.max(this.last - by, -1)
    this.base += by
    while (this.farCount > 0 && this.farKeys[this.farCount - 1]! - this.base < this.slots) {
      const slot = this.farKeys[--this.farCount]! - this.base
      this.lots[slot] = this.farLots[this.farCount]!
      this.words[slot >> 5] = this.words[slot >> 5]! | (1 << (slot & 31))
      if (slot > this.last) this.last = slot
    }
  }

  /** First occupied slot at or after `from`, −1 when there is none. */
  private nextSlot(from: number): number {
    if (from > this.last) return -1
    let word = from >> 5
    let bits = this.words[word]! & (-1 << (from & 31))
    const lastWord = this.last >> 5
    while (bits === 0) {
      if (++word > lastWord) return -1
      bits = this.words[word]!
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits)
  }

  /** Index of `key` in the far levels, or where it belongs (they fall: worst first). */
  private farIndex(key: number): number {
    let low = 0
    let high = this.farCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.farKeys[middle]! > key) low = middle + 1
      else high = middle
    }
    return low
  }

  private putFar(key: number, lots: number): void {
    const at = this.farIndex(key)
    if (at < this.farCount && this.farKeys[at] === key) {
      this.farLots[at] = lots
      return
    }
    this.growFar()
    this.farKeys.copyWithin(at + 1, at, this.farCount)
    this.farLots.copyWithin(at + 1, at, this.farCount)
    this.farKeys[at] = key
    this.farLots[at] = lots
    this.farCount++
    this.count++
  }

  /** Appends a level that leaves the window: better than every far one. Its count does not change. */
  private pushFar(key: number, lots: number): void {
    this.growFar()
    this.farKeys[this.farCount] = key
    this.farLots[this.farCount++] = lots
  }

  private removeFar(key: number): void {
    const at = this.farIndex(key)
    if (at >= this.farCount || this.farKeys[at] !== key) return
    this.farKeys.copyWithin(at, at + 1, this.farCount)
    this.farLots.copyWithin(at, at + 1, this.farCount)
    this.farCount--
    this.count--
  }

  // Doubles until it holds what one event may bring; `trim` bounds it between events.
  private growFar(): void {
    if (this.farCount < this.farKeys.length) return
    const keys = new Float64Array(this.farKeys.length * 2)
    const lots = new Float64Array(this.farKeys.length * 2)
    keys.set(this.farKeys)
    lots.set(this.farLots)
    this.farKeys = keys
    this.farLots = lots
  }
}
