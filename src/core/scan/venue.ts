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
  readonly from: number
  readonly path: string
}

let lastBuf: Buffer | undefined
let lastLow = -1
let lastText = ''

/** True when one of `names` stands within some forty lines of the value or in the path. */
export function venueNear(names: readonly string[], { buf, at, valueEnd, from, path }: Spot): boolean {
  const low = Math.max(from, at - REACH)
  if (buf !== lastBuf || low !== lastLow) {
    lastText = buf.toString('latin1', low, Math.min(buf.length, at + REACH)).toLowerCase()
    lastBuf = buf
    lastLow = low
  }
  const where = path.toLowerCase()
  return names.some((name) => name.length > 2 && (where.includes(name) || holds(name, at - low, valueEnd - low)))
}

/** True when `lastText` holds `name` outside the value at [start, end). */
function holds(name: string, start: number, end: number): boolean {
  const first = lastText.indexOf(name)
  if (first < 0 || first + name.length <= start) return first >= 0
  return lastText.includes(name, first < end ? end : first)
}
