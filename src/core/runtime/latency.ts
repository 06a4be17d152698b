/**
 * Latencies counted in a fixed table: log-linear buckets of about 3 %, from 1 ns to about 2 s. Recording allocates
 * nothing; percentiles and Prometheus buckets are worked out when somebody asks.
 *
 * @hot
 */

const SUB_BITS = 5
const SUB = 1 << SUB_BITS
const NS_MAX = 2 ** 31 - 1

export class LatencyTable {
  count = 0
  sumUs = 0
  maxUs = 0
  private readonly buckets = new Uint32Array((32 - SUB_BITS) * SUB)

  /** `us` may be fractional; negative counts as 0. */
  record(us: number): void {
    const ns = us > 0 ? Math.min(Math.round(us * 1000), NS_MAX) : 0
    this.count++
    this.sumUs += us > 0 ? us : 0
    if (us > this.maxUs) this.maxUs = us
    this.buckets[indexOf(ns)]!++
  }

  /** Upper bound of the bucket that holds the `share` (0 … 1) quantile, in µs; 0 when nothing was recorded. */
  quantileUs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count))
    let seen = 0
    for (let i = 0; i < this.buckets.length; i++) {
      seen += this.buckets[i]!
      if (seen >= rank) return Math.min(upperNs(i) / 1000, this.maxUs)
    }
    return 0
  }

  /** How many were at most `us`, within the bucket width. */
  countUpTo(us: number): number {
    const last = indexOf(Math.min(Math.round(us * 1000), NS_MAX))
    let seen = 0
    for (let i = 0; i <= last; i++) seen += this.buckets[i]!
    return seen
  }

  reset(): void {
    this.buckets.fill(0)
    this.count = 0
    this.sumUs = 0
    this.maxUs = 0
  }
}

function indexOf(ns: number): number {
  if (ns < SUB) return ns
  const exponent = 31 - Math.clz32(ns)
  const sub = (ns >>> (exponent - SUB_BITS)) & (SUB - 1)
  return (exponent - SUB_BITS + 1) * SUB + sub
}

function upperNs(index: number): number {
  if (index < SUB) return index
  const shift = Math.floor(index / SUB) - 1
  return ((SUB + (index % SUB) + 1) << shift) - 1
}
