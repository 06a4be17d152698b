/**
 * A collar around three prices: the mid, the last trade and a slow average of the mid. A price outside any of them is a
 * bug, a broken feed or a market in which nobody should quote by formula. Distances are compared exactly, in integers.
 *
 * @hot
 */
import type { Guard, GuardPack } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const NO_MID = 'there is no mid to compare the price with'
const MID = 'the price is too far from the mid'
const TRADE = 'the price is too far from the last trade'
const REFERENCE = 'the price is too far from the slow average of the mid'

const band = (name: string, what: string, defaultBps: number): PackKey => ({
  name,
  description: `Largest distance of an order's price from ${what}, either way.`,
  unit: 'bps',
  min: 0,
  max: 10_000,
  default: defaultBps,
  example: defaultBps,
  mutable: true,
})

const keys: readonly PackKey[] = [
  band('midBpsMax', 'the mid', 200),
  band('tradeBpsMax', 'the last trade', 300),
  band('referenceBpsMax', 'the slow average of the mid', 500),
]

function create(params: PackParams): Guard {
  const midBpsMax = param(keys, params, 'midBpsMax')
  const tradeBpsMax = param(keys, params, 'tradeBpsMax')
  const referenceBpsMax = param(keys, params, 'referenceBpsMax')
  return {
    check(view, proposal) {
      const { bestBidTicks, bestAskTicks } = view
      if (bestBidTicks === 0 || bestAskTicks === 0) return NO_MID
      const price = 2 * proposal.priceTicks
      if (isOutside(price, bestBidTicks + bestAskTicks, midBpsMax)) return MID
      if (isOutside(price, 2 * view.lastTradeTicks, tradeBpsMax)) return TRADE
      return isOutside(price, view.referenceHalfTicks, referenceBpsMax) ? REFERENCE : null
    },
  }
}

// An anchor of 0 is one that is not known yet.
function isOutside(price: number, anchor: number, bpsMax: number): boolean {
  return anchor > 0 && Math.abs(price - anchor) * 10_000 > bpsMax * anchor
}

export const pack: GuardPack = {
  id: 'price-band',
  doc: 'Refuses a price too far from the mid, the last trade or a slow average of the mid.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'exactly at the edge',
      params: { midBpsMax: 100 },
      view: { bestBidTicks: 9_999, bestAskTicks: 10_001 },
      proposal: { priceTicks: 9_900 },
      refusal: null,
    },
    {
      name: 'one tick beyond, below',
      params: { midBpsMax: 100 },
      view: { bestBidTicks: 9_999, bestAskTicks: 10_001 },
      proposal: { priceTicks: 9_899 },
      refusal: MID,
    },
    {
      name: 'one tick beyond, above',
      params: { midBpsMax: 100 },
      view: { bestBidTicks: 9_999, bestAskTicks: 10_001 },
      proposal: { priceTicks: 10_101 },
      refusal: MID,
    },
    {
      name: 'without a mid nothing passes',
      params: {},
      proposal: { priceTicks: 10_000 },
      refusal: NO_MID,
    },
    {
      name: 'the last trade is elsewhere',
      params: { tradeBpsMax: 100 },
      view: { bestBidTicks: 9_999, bestAskTicks: 10_001, lastTradeTicks: 9_800 },
      proposal: { priceTicks: 10_000 },
      refusal: TRADE,
    },
    {
      name: 'the market ran away from its average',
      params: { referenceBpsMax: 100 },
      view: { bestBidTicks: 9_999, bestAskTicks: 10_001, referenceHalfTicks: 19_600 },
      proposal: { priceTicks: 10_000 },
      refusal: REFERENCE,
    },
  ],
}
