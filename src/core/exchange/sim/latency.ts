/**
 * How long one leg takes: request to the gateway, gateway to matching, matching to a stream. Each leg owns a model and a
 * seeded generator of its own, so that a draw more on one leg never shifts another.
 */
import type { Prng } from '../../domain/prng.ts'

/** Microseconds of the next message on this leg; an integer ≥ 0. */
export interface LatencyModel {
  nextUs(): number
}

/** Always the same. */
export function constantLatency(us: number): LatencyModel {
  return { nextUs: () => us }
}

/** Lognormal around `medianUs` (σ of the logarithm), never below `floorUs`, cut at `ceilingUs`. */
export function lognormalLatency(
  shape: { readonly medianUs: number; readonly sigma: number; readonly floorUs: number; readonly ceilingUs: number },
  prng: Prng,
): LatencyModel {
  return {
    nextUs() {
      const us = Math.round(shape.medianUs * Math.exp(shape.sigma * prng.normal()))
      return Math.min(shape.ceilingUs, Math.max(shape.floorUs, us))
    },
  }
}

/** Drawn from measured values; `inOrder` walks through them instead, again and again. */
export function listLatency(valuesUs: readonly number[], pick: Prng | 'inOrder'): LatencyModel {
  let index = 0
  return {
    nextUs() {
      if (pick !== 'inOrder') return pick.pick(valuesUs)
      const us = valuesUs[index % valuesUs.length] ?? 0
      index++
      return us
    },
  }
}
