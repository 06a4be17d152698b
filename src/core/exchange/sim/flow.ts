/**
 * The crowd of the synthetic market: market orders that excite each other (Hawkes, two exponential kernels), makers at
 * the touch whose queues revert to a mean, sparse depth behind it, and quiet or busy regimes. One event at a time, drawn
 * exactly by thinning. The model and its statistics are told in simulated-market.md.
 *
 * @hot
 */
import type { Prng } from '../../domain/prng.ts'
import { type Side, US_PER_S } from '../../domain/units.ts'
import type { BookMarket, Crowd } from './book-market.ts'
import { doubledInts } from './fifo-book.ts'
import type { FlowProfile } from './flow-profile.ts'

/** The market whose price this one follows; `ratio` turns its ticks into ours. */
export interface Anchor {
  readonly market: { bestTicks(side: Side): number }
  readonly ratio: number
}

const TOUCH = 1
const DEEP = 2

export class Flow implements Crowd {
  private readonly profile: FlowProfile
  private readonly prng: Prng
  private readonly anchor: Anchor | null
  private readonly touch = new HandleList()
  private readonly deep = new HandleList()
  private kind = new Int8Array(1024)
  private now: number
  private due: number
  /** Upper bound of the total rate, under which `due` was drawn. */
  private bound = 0
  private fast = 0
  private slow = 0
  private mood: Side = 1
  private lastMove: Side = 1
  private regime = 0
  private regimeEnds: number
  private readonly meanRate: number

  constructor(profile: FlowProfile, prng: Prng, startUs: number, anchor: Anchor | null = null) {
    this.profile = profile
    this.prng = prng
    this.anchor = anchor
    this.now = startUs
    this.due = startUs
    this.regimeEnds = startUs
    const { baseRate, fastShare, slowShare } = profile.market
    this.meanRate = baseRate / (1 - fastShare - slowShare)
    // Start as if the past had been average, not in silence.
    this.fast = this.meanRate * fastShare
    this.slow = this.meanRate * slowShare
  }

  nextUs(): number {
    return Math.ceil(this.due)
  }

  gone(handle: number): void {
    if (this.kind[handle] === TOUCH) this.touch.remove(handle)
    else this.deep.remove(handle)
  }

  step(market: BookMarket): boolean {
    const isFirst = this.bound === 0
    this.pass(this.due)
    const hasChanged = isFirst ? this.seed(market) : this.act(market, this.prng.next() * this.bound)
    this.bound = this.totalRate(market)
    this.due = this.now + this.prng.exponential(US_PER_S / this.bound)
    return hasChanged
  }

  private pass(toUs: number): void {
    const { fastDecay, slowDecay } = this.profile.market
    const seconds = (toUs - this.now) / US_PER_S
    this.fast *= Math.exp(-fastDecay * seconds)
    this.slow *= Math.exp(-slowDecay * seconds)
    this.now = toUs
    if (toUs < this.regimeEnds) return
    const { regimes } = this.profile
    this.regime = this.prng.int(0, regimes.length - 1)
    this.regimeEnds = toUs + this.prng.exponential(regimes[this.regime]!.seconds * US_PER_S)
  }

  private marketRate(): number {
    return this.profile.market.baseRate * this.profile.regimes[this.regime]!.factor + this.fast + this.slow
  }

  /** Makers hurry when takers do. */
  private hurry(marketRate: number): number {
    return 0.5 + (0.5 * marketRate) / this.meanRate
  }

  private totalRate(market: BookMarket): number {
    const { touch, deep } = this.profile
    const marketRate = this.marketRate()
    const hurry = this.hurry(marketRate)
    let rate = marketRate + hurry * (2 * touch.addRate + this.touch.count * touch.leaveRate)
    rate += 2 * deep.count * deep.cancelRate + this.deep.count * deep.cancelRate
    if (this.gapTicks(market) > 0) rate += touch.refillRate
    if (this.drift(market) !== 0) rate += this.profile.follow.rate
    return rate
  }

  // Which event a point below the bound means, by the rates of now; beyond their sum: none (thinning).
  private act(market: BookMarket, point: number): boolean {
    const { touch, deep, follow } = this.profile
    const marketRate = this.marketRate()
    const hurry = this.hurry(marketRate)
    let left = point
    if ((left -= marketRate) < 0) return this.takeSome(market)
    if ((left -= hurry * 2 * touch.addRate) < 0) return this.join(market)
    if ((left -= hurry * this.touch.count * touch.leaveRate) < 0) return this.leave(market)
    if ((left -= 2 * deep.count * deep.cancelRate) < 0) return this.addDeep(market, this.prng.chance(0.5) ? 1 : -1)
    if ((left -= this.deep.count * deep.cancelRate) < 0) return this.cancel(market, this.deep)
    if (this.gapTicks(market) > 0 && (left -= touch.refillRate) < 0) return this.refill(market)
    if (this.drift(market) !== 0 && (left -= follow.rate) < 0) return this.chase(market)
    return false
  }

  private takeSome(market: BookMarket): boolean {
    const shape = this.profile.market
    this.fast += shape.fastShare * shape.fastDecay
    this.slow += shape.slowShare * shape.slowDecay
    if (this.prng.chance(shape.moodTurn)) this.mood = this.mood === 1 ? -1 : 1
    const side: Side = this.prng.chance(shape.moodChance) === (this.mood === 1) ? 1 : -1
    const best = market.bestTicks(side === 1 ? -1 : 1)
    if (best === 0) return false
    const lots = Math.min(shape.sizeMax, this.size(shape.sizeMedian, shape.sizeSigma))
    market.crowdTake(side, best + side * shape.reachTicks, lots, this.nextUs())
    if (market.bestTicks(side === 1 ? -1 : 1) !== best) this.lastMove = side
    return true
  }

  private join(market: BookMarket): boolean {
    const { leanAgainst, sizeMedian, sizeSigma } = this.profile.touch
    // Market buys lift asks: makers who lean against them add asks.
    const side: Side = this.prng.chance(0.5 + leanAgainst / 2) === (this.mood === 1) ? -1 : 1
    const best = market.bestTicks(side)
    if (best === 0) return this.refill(market)
    this.add(market, side, best, this.size(sizeMedian, sizeSigma), TOUCH)
    return true
  }

  private leave(market: BookMarket): boolean {
    const { cancelRate, leaveRate } = this.profile.touch
    const handle = this.touch.pick(this.prng)
    const isAtBest = market.book.ticksOf(handle) === market.bestTicks(market.book.sideOf(handle))
    if (isAtBest && !this.prng.chance(cancelRate / leaveRate)) return false
    this.touch.remove(handle)
    market.book.remove(handle)
    return true
  }

  private addDeep(market: BookMarket, side: Side): boolean {
    const { reachTicks, power, sizeMedian, sizeSigma } = this.profile.deep
    const best = market.bestTicks(side) || this.fallbackTicks(market, side)
    const ticks = best - side * (1 + Math.floor(reachTicks * this.prng.next() ** power))
    if (ticks < 1) return false
    this.add(market, side, ticks, this.size(sizeMedian, sizeSigma), DEEP)
    return true
  }

  private cancel(market: BookMarket, list: HandleList): boolean {
    const handle = list.pick(this.prng)
    list.remove(handle)
    market.book.remove(handle)
    return true
  }

  // Somebody betters the best price inside a gap that is wider than the usual spread.
  private refill(market: BookMarket): boolean {
    const { followChance, closeChance, sizeMedian, sizeSigma } = this.profile.touch
    const drift = this.drift(market)
    const leader = drift === 0 ? this.lastMove : drift
    const side: Side = this.prng.chance(followChance) ? leader : leader === 1 ? -1 : 1
    const gap = this.gapTicks(market)
    const from = market.bestTicks(side) || this.fallbackTicks(market, side)
    const better = this.prng.chance(closeChance) ? gap : Math.ceil(this.prng.next() * gap)
    const ticks = Math.max(1, from + side * Math.max(0, better))
    this.add(market, side, ticks, this.size(sizeMedian, sizeSigma), TOUCH)
    this.trail(market, side, ticks, better)
    return true
  }

  // Who betters the price brings the rest of a ladder along: without it the way back would be empty.
  private trail(market: BookMarket, side: Side, ticks: number, gap: number): void {
    const { trailMax, sizeMedian, sizeSigma } = this.profile.touch
    const count = Math.min(trailMax, gap - 1)
    for (let i = 0; i < count; i++) {
      const behind = ticks - side * (1 + Math.floor(this.prng.next() * gap))
      if (behind > 0) this.add(market, side, behind, this.size(sizeMedian, sizeSigma), DEEP)
    }
  }

  // The price has left the anchor's: takers bring it back as far as the width.
  private chase(market: BookMarket): boolean {
    const side = this.drift(market)
    if (side === 0) return false
    const best = market.bestTicks(side === 1 ? -1 : 1)
    if (best === 0) return false
    const goal = this.anchorTicks() - side * this.profile.follow.widthTicks
    const limit = side === 1 ? Math.floor(goal) : Math.ceil(goal)
    if ((limit - best) * side < 0) return this.refill(market)
    market.crowdTake(side, limit, this.profile.market.sizeMax, this.nextUs())
    this.lastMove = side
    return true
  }

  /** Ticks by which the spread is wider than usual; 0 when it is not. */
  private gapTicks(market: BookMarket): number {
    const bid = market.bestTicks(1)
    const ask = market.bestTicks(-1)
    if (bid === 0 || ask === 0) return 1
    const gap = ask - bid - this.profile.spreadTicks
    return gap > 0 ? gap : 0
  }

  /** The direction in which the anchor's price lies outside the width; 0 when it does not. */
  private drift(market: BookMarket): Side | 0 {
    if (this.anchor === null) return 0
    const goal = this.anchorTicks()
    const bid = market.bestTicks(1)
    const ask = market.bestTicks(-1)
    if (goal === 0 || bid === 0 || ask === 0) return 0
    const away = goal - (bid + ask) / 2
    if (away > this.profile.follow.widthTicks) return 1
    return away < -this.profile.follow.widthTicks ? -1 : 0
  }

  private anchorTicks(): number {
    if (this.anchor === null) return 0
    const bid = this.anchor.market.bestTicks(1)
    const ask = this.anchor.market.bestTicks(-1)
    return bid === 0 || ask === 0 ? 0 : ((bid + ask) / 2) * this.anchor.ratio
  }

  private fallbackTicks(market: BookMarket, side: Side): number {
    const opposite = market.bestTicks(side === 1 ? -1 : 1)
    return (opposite || market.lastTicks() || this.profile.startTicks) - side * this.profile.spreadTicks
  }

  private add(market: BookMarket, side: Side, ticks: number, lots: number, kind: number): void {
    const handle = market.book.add(side, ticks, lots, 0)
    if (handle >= this.kind.length) {
      const kinds = new Int8Array(market.book.handleLimit)
      kinds.set(this.kind)
      this.kind = kinds
    }
    this.kind[handle] = kind
    if (kind === TOUCH) this.touch.add(handle)
    else this.deep.add(handle)
  }

  private size(median: number, sigma: number): number {
    const lots = Math.round(median * Math.exp(sigma * this.prng.normal()))
    return lots < 1 ? 1 : lots
  }

  private seed(market: BookMarket): boolean {
    const { startTicks, touch, deep, spreadTicks } = this.profile
    const joiners = Math.ceil(touch.addRate / touch.cancelRate)
    for (let i = 0; i < joiners; i++) {
      this.add(market, 1, startTicks, this.size(touch.sizeMedian, touch.sizeSigma), TOUCH)
      this.add(market, -1, startTicks + spreadTicks, this.size(touch.sizeMedian, touch.sizeSigma), TOUCH)
    }
    for (let i = 0; i < deep.count; i++) {
      this.addDeep(market, 1)
      this.addDeep(market, -1)
    }
    return true
  }
}

/** Handles that can be picked at random and removed by value, all in constant time. */
class HandleList {
  count = 0
  private items = new Int32Array(1024)
  private places = new Int32Array(1024)

  add(handle: number): void {
    if (this.count === this.items.length) this.items = doubledInts(this.items)
    while (handle >= this.places.length) this.places = doubledInts(this.places)
    this.items[this.count] = handle
    this.places[handle] = this.count++
  }

  remove(handle: number): void {
    const place = this.places[handle]!
    const last = this.items[--this.count]!
    this.items[place] = last
    this.places[last] = place
  }

  /** The list must not be empty. */
  pick(prng: Prng): number {
    return this.items[Math.floor(prng.next() * this.count)]!
  }
}
