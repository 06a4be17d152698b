/**
 * The plain market maker and the yardstick for the others: the same distance on both sides of the fair price, whatever
 * the position. Inventory is bounded only by the position limit; there is no skew.
 */
import { bpsPerTick, FAIR_VALUE_KEYS, FairValue } from '../fair-value.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'
import { LADDER_KEYS, QuoteLadder } from '../quote-ladder.ts'
import type { Quotes, QuoteView, Strategy, StrategyPack } from '../strategy.ts'

const KEYS: readonly PackKey[] = [
  {
    name: 'halfSpreadBps',
    description: 'Distance of the best quotes from the fair price.',
    unit: 'bps',
    min: 0,
    max: 1_000,
    default: 1,
    example: 2.5,
    mutable: true,
  },
  ...FAIR_VALUE_KEYS,
  ...LADDER_KEYS,
]

class Symmetric implements Strategy {
  private readonly halfSpreadBps: number
  private readonly fair: FairValue
  private readonly ladder: QuoteLadder

  constructor(params: PackParams) {
    this.halfSpreadBps = param(KEYS, params, 'halfSpreadBps')
    this.fair = new FairValue(params)
    this.ladder = new QuoteLadder(params)
  }

  quote(view: Readonly<QuoteView>, out: Quotes): void {
    this.ladder.fill(view, this.fair.ticks(view), this.halfSpreadBps / bpsPerTick(view), out)
  }
}

/** Mid 10,000 ticks, so that one tick is one basis point. */
const VIEW = {
  bestBidTicks: 9_999,
  bestBidLots: 10,
  bestAskTicks: 10_001,
  bestAskLots: 10,
  midHalfTicks: 20_000,
  micropriceTicks: 10_000,
  quoteLots: 5,
  positionLotsMax: 20,
} as Partial<QuoteView>

export const pack: StrategyPack = {
  id: 'symmetric',
  doc: 'Quotes the same distance on both sides of the fair price; the position only limits the size.',
  keys: KEYS,
  create: (params) => new Symmetric(params),
  cases: [
    {
      name: 'three levels around the mid',
      params: { halfSpreadBps: 2.5, levelStepBps: 1.5 },
      view: VIEW,
      bids: [
        [9_997, 5],
        [9_996, 5],
        [9_994, 5],
      ],
      asks: [
        [10_003, 5],
        [10_004, 5],
        [10_006, 5],
      ],
    },
    {
      name: 'the position moves no price',
      params: { halfSpreadBps: 3, levels: 1 },
      view: { ...VIEW, positionLots: 10 },
      bids: [[9_997, 5]],
      asks: [[10_003, 5]],
    },
    {
      name: 'sizes fill the room that the limit leaves, and no more',
      params: { halfSpreadBps: 3, levelStepBps: 1 },
      view: { ...VIEW, positionLots: 12 },
      bids: [
        [9_997, 5],
        [9_996, 3],
      ],
      asks: [
        [10_003, 5],
        [10_004, 5],
        [10_005, 5],
      ],
    },
    {
      name: 'long at the limit: only asks',
      params: { halfSpreadBps: 3, levels: 1 },
      view: { ...VIEW, positionLots: 20 },
      bids: [],
      asks: [[10_003, 5]],
    },
    {
      name: 'short beyond the limit: only bids',
      params: { halfSpreadBps: 3, levels: 1 },
      view: { ...VIEW, positionLots: -25 },
      bids: [[9_997, 5]],
      asks: [],
    },
    {
      name: 'post-only: stays off the other side of the book',
      params: { halfSpreadBps: 0, levels: 2, levelStepBps: 0, micropriceWeight: 1 },
      view: { ...VIEW, micropriceTicks: 10_001.8 },
      bids: [
        [10_000, 5],
        [9_999, 5],
      ],
      asks: [
        [10_003, 5],
        [10_004, 5],
      ],
    },
    {
      name: 'the minimum half spread wins',
      params: { halfSpreadBps: 1, levels: 1 },
      view: { ...VIEW, halfSpreadTicksMin: 7.2 },
      bids: [[9_992, 5]],
      asks: [[10_008, 5]],
    },
    {
      name: 'never outside the price limits',
      params: { halfSpreadBps: 3, levelStepBps: 1 },
      view: { ...VIEW, priceTicksMin: 9_996, priceTicksMax: 10_003 } as Partial<QuoteView>,
      bids: [
        [9_997, 5],
        [9_996, 5],
      ],
      asks: [[10_003, 5]],
    },
    {
      name: 'flow and imbalance lift the fair price when buyers press',
      params: { halfSpreadBps: 3, levels: 1, imbalanceShiftBps: 2, flowShiftBps: 4 },
      view: { ...VIEW, imbalance: 0.5, ofiLots: 10 },
      bids: [[10_000, 5]],
      asks: [[10_006, 5]],
    },
  ],
}
