/**
 * How a resting order moves up in a queue of which only the total is shown. Trades at its price come off the front for
 * certain; when the level shrinks otherwise, the models differ in how much of that stood behind the order
 * (rigtorp.se 2013-06-08; hftbacktest queue.rs; worked cases in simulated-market.md).
 *
 * @hot
 */

export interface QueueModel {
  readonly name: string
  /** Share of an unexplained decrease that left from behind the order; `front` and `back` in lots, not both 0. */
  behind(front: number, back: number): number
}

/** Where one order of ours stands. */
export interface QueuePlace {
  /** Lots before it; an estimate, so a fraction. */
  front: number
  /** Lots traded at its price since the level was last shown. */
  tradedLots: number
}

/** Only trades move it forward; a level smaller than its front cuts the front. */
export const riskAdverse: QueueModel = { name: 'risk-adverse', behind: () => 1 }

/** b^n / (b^n + f^n) */
export function power1(n: number): QueueModel {
  return { name: `power1-${n}`, behind: (front, back) => back ** n / (back ** n + front ** n) }
}

/** b^n / (b + f)^n */
export function power2(n: number): QueueModel {
  return { name: `power2-${n}`, behind: (front, back) => back ** n / (back + front) ** n }
}

/** 1 − (f / (f + b))^n */
export function power3(n: number): QueueModel {
  return { name: `power3-${n}`, behind: (front, back) => 1 - (front / (front + back)) ** n }
}

/** ln(1 + b) / (ln(1 + b) + ln(1 + f)) */
export const log1: QueueModel = {
  name: 'log1',
  behind: (front, back) => Math.log(1 + back) / (Math.log(1 + back) + Math.log(1 + front)),
}

/** ln(1 + b) / ln(1 + b + f) */
export const log2: QueueModel = {
  name: 'log2',
  behind: (front, back) => Math.log(1 + back) / Math.log(1 + back + front),
}

/** `lots` traded at the order's price. The front may fall below 0: that much reached the order itself. */
export function onQueueTrade(place: QueuePlace, lots: number): void {
  place.front -= lots
  place.tradedLots += lots
}

/** The level went from `before` to `after` displayed lots. */
export function onQueueDepth(place: QueuePlace, before: number, after: number, model: QueueModel): void {
  const left = before - after - place.tradedLots
  place.tradedLots = 0
  const { front } = place
  if (left < 0) {
    place.front = Math.min(front, after)
    return
  }
  const back = before - front
  const share = front <= 0 && back <= 0 ? 1 : model.behind(Math.max(0, front), Math.max(0, back))
  const behind = Number.isNaN(share) ? 1 : share
  const estimate = front - (1 - behind) * left + Math.min(back - behind * left, 0)
  place.front = Math.min(estimate, after)
}

export const QUEUE_MODELS: readonly QueueModel[] = [
  riskAdverse,
  power1(1),
  power1(2),
  power1(3),
  power2(2),
  power3(3),
  log1,
  log2,
]
