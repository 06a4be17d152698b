/**
 * The crowd of one synthetic market as data. Rates are per second, sizes in lots, distances in ticks. What each number
 * does is told in docs/simulated-market.md; flow.ts reads it and holds no number of its own.
 */

export interface FlowProfile {
  /** Price about which the first book is built. */
  readonly startTicks: number
  /** Spread at which makers stop improving. */
  readonly spreadTicks: number
  readonly market: {
    /** Orders that no other order caused, in the normal regime. */
    readonly baseRate: number
    /** Each order causes so many more, soon (decay per second) and slowly. Their sum must be below 1. */
    readonly fastShare: number
    readonly fastDecay: number
    readonly slowShare: number
    readonly slowDecay: number
    /** Chance that an order takes the prevailing direction, and that the direction turns before an order. */
    readonly moodChance: number
    readonly moodTurn: number
    /** Lognormal size: median and σ of the logarithm, cut at the maximum. */
    readonly sizeMedian: number
    readonly sizeSigma: number
    readonly sizeMax: number
    /** No order walks further than this from the best price. */
    readonly reachTicks: number
  }
  /** Makers at the best prices. */
  readonly touch: {
    /** New orders per second and side. */
    readonly addRate: number
    /** Cancels per second of an order at the best price, and of one that the price has left behind. */
    readonly cancelRate: number
    readonly leaveRate: number
    readonly sizeMedian: number
    readonly sizeSigma: number
    /** Improvements per second while the spread is wider than it should be. */
    readonly refillRate: number
    /** Chance that a gap is closed by the side that follows the last move, and that it is closed at one stroke. */
    readonly followChance: number
    readonly closeChance: number
    /** Orders that come along behind an improvement, at most. */
    readonly trailMax: number
    /** How far new orders lean against the prevailing direction of market orders, 0 to 1. */
    readonly leanAgainst: number
  }
  /** Orders behind the best prices. */
  readonly deep: {
    /** How many stand on each side on average, and how often each is replaced per second. */
    readonly count: number
    readonly cancelRate: number
    readonly reachTicks: number
    /** Distance = reach × u^power: above 1 crowds the near ticks, below 1 empties them. */
    readonly power: number
    readonly sizeMedian: number
    readonly sizeSigma: number
  }
  /** Quiet, normal and busy times: factor on the base rate and mean length in seconds. */
  readonly regimes: readonly { readonly factor: number; readonly seconds: number }[]
  /** How a market that follows another keeps to its price. */
  readonly follow: {
    /** Takers per second once the price is further away than this. */
    readonly rate: number
    readonly widthTicks: number
  }
}
