/**
 * The price that quotes are centred on before inventory: the mid, moved by what the book leans towards. Every weight is a
 * key, and every move is bounded, so that a thin or spoofed level cannot drag the quotes far.
 *
 * @hot
 */
import { type PackKey, type PackParams, param } from './pack.ts'
import type { QuoteView } from './strategy.ts'

export const FAIR_VALUE_KEYS: readonly PackKey[] = [
  {
    name: 'micropriceWeight',
    description: 'Share of the way from the mid (0) to the size-weighted mid of the touch (1).',
    unit: 'share',
    min: 0,
    max: 1,
    default: 0.5,
    example: 0.5,
    mutable: true,
  },
  {
    name: 'imbalanceShiftBps',
    description: 'Move of the fair price when all size of the top levels is on the bid; the opposite on the ask.',
    unit: 'bps',
    min: -10,
    max: 10,
    default: 0,
    example: 0.2,
    mutable: true,
  },
  {
    name: 'flowShiftBps',
    description:
      'Largest move of the fair price by order-flow imbalance: reached as the flow outgrows the size at the touch, half of it where they are equal.',
    unit: 'bps',
    min: -10,
    max: 10,
    default: 0,
    example: 0.2,
    mutable: true,
  },
]

/** Basis points of the mid that one tick is worth. */
export function bpsPerTick(view: Readonly<QuoteView>): number {
  return 20_000 / view.midHalfTicks
}

export class FairValue {
  private readonly micropriceWeight: number
  private readonly imbalanceShiftBps: number
  private readonly flowShiftBps: number

  constructor(params: PackParams) {
    this.micropriceWeight = param(FAIR_VALUE_KEYS, params, 'micropriceWeight')
    this.imbalanceShiftBps = param(FAIR_VALUE_KEYS, params, 'imbalanceShiftBps')
    this.flowShiftBps = param(FAIR_VALUE_KEYS, params, 'flowShiftBps')
  }

  /** In ticks (float). */
  ticks(view: Readonly<QuoteView>): number {
    const mid = view.midHalfTicks / 2
    const depth = (view.bestBidLots + view.bestAskLots) / 2
    const flow = view.ofiLots / (depth + Math.abs(view.ofiLots))
    const shiftBps = this.imbalanceShiftBps * view.imbalance + this.flowShiftBps * flow
    return mid + this.micropriceWeight * (view.micropriceTicks - mid) + shiftBps / bpsPerTick(view)
  }
}
