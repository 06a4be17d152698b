/**
 * Venue evidence: does the text around a value, or its path, name the exchange it would belong to? Key shapes of exchanges
 * have no beginning of their own, so context is everything.
 */

/** About forty lines. */
const REACH = 2048

export interface Spot {
  readonly buf: Buffer
  /** The value: a name inside it is no evidence. */
  readonly at: number
  readonly valueEnd: number
  /** The text is `buf[from, limit)`: behind it stand bytes of an earlier one. */
  readonly from: number
  readonly limit: number
  readonly path: string
}

/** The text around the value looked at last, kept because one value is asked about for every exchange. */
export class VenueText {
  private buf: Buffer | undefined
  private at = -1
  private text = ''

  /** Buffers are reused: what was read from the last source says nothing about the next. */
  forget(): void {
    this.buf = undefined
  }

  /** True when one of `names` stands within some forty lines of the value or in the path. */
  isNear(names: readonly string[], { buf, at, valueEnd, from, limit, path }: Spot): boolean {
    const low = Math.max(from, at - REACH)
    if (buf !== this.buf || at !== this.at) {
      this.text = buf.toString('latin1', low, Math.min(limit, at + REACH)).toLowerCase()
      this.buf = buf
      this.at = at
    }
    const where = path.toLowerCase()
    return names.some((name) => name.length > 2 && (where.includes(name) || this.holds(name, at - low, valueEnd - low)))
  }

  /** True when the text holds `name` outside the value at [start, end). */
  private holds(name: string, start: number, end: number): boolean {
    const first = this.text.indexOf(name)
    if (first < 0 || first + name.length <= start) return first >= 0
    return this.text.includes(name, first < end ? end : first)
  }
}
