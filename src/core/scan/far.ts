/** @hot What a scan says of itself for `known.ts`: on which places of the text its verdicts hung. */

/** Places that verdicts of one scan hung on, though they lie further away than `SLICE_REACH` (slices.ts). */
export class FarPlaces {
  /** Start and end of each. */
  readonly at: number[] = []
  /** Nobody knows which: not all was decoded. */
  isEverywhere = false

  get isNone(): boolean {
    return this.at.length === 0 && !this.isEverywhere
  }

  /** Adds those of a piece of the text that begins at `offset`. */
  take(other: FarPlaces, offset: number): void {
    for (let k = 0; k < other.at.length; k++) this.at.push(other.at[k]! + offset)
    if (other.isEverywhere) this.isEverywhere = true
  }

  clear(): void {
    this.at.length = 0
    this.isEverywhere = false
  }
}
