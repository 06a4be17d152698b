/**
 * Venue evidence: does the text around a value, or its path, name the exchange it would belong to? Key shapes of exchanges
 * have no beginning of their own, so context is everything.
 */

/** About forty lines. */
const REACH = 2048

export interface Spot {
  readonly buf: Buffer
  readonly at: number
  readonly from: number
  readonly path: string
}

let lastBuf: Buffer | undefined
let lastLow = -1
let lastText = ''

/** True when one of `names` stands within some forty lines of the value or in the path. */
export function venueNear(names: readonly string[], { buf, at, from, path }: Spot): boolean {
  const low = Math.max(from, at - REACH)
  if (buf !== lastBuf || low !== lastLow) {
    lastText = buf.toString('latin1', low, Math.min(buf.length, at + REACH)).toLowerCase()
    lastBuf = buf
    lastLow = low
  }
  const where = path.toLowerCase()
  return names.some((name) => name.length > 2 && (lastText.includes(name) || where.includes(name)))
}
