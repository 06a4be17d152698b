/**
 * @hot A cursor over one frame: fixed text, integers and quoted decimals, nothing else. Strict and bounds-checked: every
 * method refuses what it did not expect and none reads past the end, so a truncated frame ends in a refusal, never in
 * a hang. What is refused is decoded again through JSON.parse by the caller.
 */

const ZERO = 48
const QUOTE = 34
const BACKSLASH = 92
const DOT = 46
const DIGITS_MAX = 15
const POW10 = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** What the number readers return for anything they refuse. */
export const REFUSED = -1

export const textBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

export class Scan {
  bytes: Uint8Array = new Uint8Array(0)
  pos = 0
  end = 0

  start(bytes: Uint8Array): void {
    this.bytes = bytes
    this.pos = 0
    this.end = bytes.length
  }

  atEnd(): boolean {
    return this.pos === this.end
  }

  /** Steps over exactly this text; false, without moving, when something else is there. */
  text(expected: Uint8Array): boolean {
    const length = expected.length
    const { bytes, pos } = this
    if (this.end - pos < length) return false
    for (let i = 0; i < length; i++) if (bytes[pos + i] !== expected[i]) return false
    this.pos = pos + length
    return true
  }

  /** Steps over one byte; false, without moving, when it is another. */
  byte(expected: number): boolean {
    if (this.pos >= this.end || this.bytes[this.pos] !== expected) return false
    this.pos++
    return true
  }

  /** A JSON integer of at most 15 digits, not negative. */
  integer(): number {
    const { bytes, end } = this
    const from = this.pos
    let i = from
    let value = 0
    while (i < end) {
      const digit = bytes[i]! - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      i++
    }
    const digits = i - from
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && bytes[from] === ZERO)) return REFUSED
    this.pos = i
    return value
  }

  /**
   * Decimal text and its closing quote → whole steps of the grid `stepUnits × 10^-decimals`. REFUSED when it is off
   * the grid, negative, or too long for exact arithmetic.
   */
  decimal(decimals: number, stepUnits: number): number {
    const { bytes, end } = this
    const from = this.pos
    let i = from
    let units = 0
    let byte = 0
    while (i < end) {
      byte = bytes[i]!
      if (byte < ZERO || byte > ZERO + 9) break
      units = units * 10 + (byte - ZERO)
      i++
    }
    if (i === from || i - from > DIGITS_MAX || i >= end) return REFUSED
    let fraction = 0
    if (byte === DOT) {
      const first = ++i
      while (i < end) {
        byte = bytes[i]!
        if (byte < ZERO || byte > ZERO + 9) break
        if (fraction < decimals) {
          units = units * 10 + (byte - ZERO)
          fraction++
        } else if (byte !== ZERO) return REFUSED
        i++
      }
      if (i === first || i >= end) return REFUSED
    }
    if (byte !== QUOTE) return REFUSED
    units *= POW10[decimals - fraction]!
    if (units > Number.MAX_SAFE_INTEGER) return REFUSED
    this.pos = i + 1
    if (stepUnits === 1) return units
    return units % stepUnits === 0 ? units / stepUnits : REFUSED
  }

  /** Steps over plain ASCII text and its closing quote. */
  quoted(): boolean {
    const { bytes, end } = this
    for (let i = this.pos; i < end; i++) {
      const byte = bytes[i]!
      if (byte === QUOTE) {
        this.pos = i + 1
        return true
      }
      if (byte < 32 || byte > 126 || byte === BACKSLASH) return false
    }
    return false
  }

  /** Where the closing quote of the text at the cursor is; REFUSED when none follows. Does not move. */
  quoteAt(): number {
    const { bytes, end } = this
    for (let i = this.pos; i < end; i++) if (bytes[i] === QUOTE) return i
    return REFUSED
  }
}
