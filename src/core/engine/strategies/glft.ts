/**
 * Guéant, Lehalle, Fernandez-Tapia 2013 (Math. Financ. Econ. 7:477–507), closed form of Guéant 2017 (arXiv 1605.01862,
 * eq. 4.6–4.7) with trade size Δ = 1 quote and ξ = γ: stationary, no horizon. It degrades at large inventory (5 % at
 * 20 quotes in the third vector of the tests), so the skew is clamped.
 */
import { bpsPerTick, FAIR_VALUE_KEYS, FairValue } from '../fair-value.ts'
import { INTENSITY_DECAY, RISK_AVERSION, SKEW_MAX } from '../model-keys.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'
import { LADDER_KEYS, QuoteLadder } from '../quote-ladder.ts'
import type { Quotes, QuoteView, Strategy, StrategyPack } from '../strategy.ts'

/** c1 = (1/γ)·ln(1 + γ/k): the half spread without risk. γ per price and unit, k per price. */
export function riskFreeHalfSpread(gamma: number, k: number): number {
  return Math.log1p(gamma / k) / gamma
}

/** σ·c2, c2 = √(γ/(2Ak)·(1 + γ/k)^(k/γ + 1)): price moved per unit of inventory. A per time, σ price/√time. */
export function skewPerUnit(gamma: number, k: number, intensity: number, sigma: number): number {
  return sigma * Math.sqrt((gamma / (2 * intensity * k)) * Math.exp((k / gamma + 1) * Math.log1p(gamma / k)))
}

const KEYS: readonly PackKey[] = [
  RISK_AVERSION,
  {
    name: 'intensityPerS',
    description: 'A: fills a second of one quote at the fair price.',
    unit: '1/s',
    min: 1e-4,
    max: 10_000,
    default: 1,
    example: 0.9,
    mutable: true,
  },
  INTENSITY_DECAY,
  SKEW_MAX,
  ...FAIR_VALUE_KEYS,
  ...LADDER_KEYS,
]

class Glft implements Strategy {
  private readonly gammaPerBps: number
  private readonly intensityPerS: number
  private readonly decayPerBps: number
  private readonly skewBpsMax: number
  private readonly fair: FairValue
  private readonly ladder: QuoteLadder

  constructor(params: PackParams) {
    this.gammaPerBps = param(KEYS, params, 'riskAversionPerBps')
    this.intensityPerS = param(KEYS, params, 'intensityPerS')
    this.decayPerBps = param(KEYS, params, 'intensityDecayPerBps')
    this.skewBpsMax = param(KEYS, params, 'skewBpsMax')
    this.fair = new FairValue(params)
    this.ladder = new QuoteLadder(params)
  }

  quote(view: Readonly<QuoteView>, out: Quotes): void {
    const perTick = bpsPerTick(view)
    const gamma = this.gammaPerBps * perTick
    const k = this.decayPerBps * perTick
    const perUnit = skewPerUnit(gamma, k, this.intensityPerS, view.sigmaTicks)
    const reach = this.skewBpsMax / perTick
    const skew = Math.min(Math.max((view.positionLots / view.quoteLots) * perUnit, -reach), reach)
    const half = riskFreeHalfSpread(gamma, k) + perUnit / 2
    this.ladder.fill(view, this.fair.ticks(view) - skew, half, out)
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
  sigmaTicks: 10.69,
  quoteLots: 5,
  positionLotsMax: 100,
} as Partial<QuoteView>
/** Published example of hftbacktest's GLFT notebook: half spread 20.4721, skew 9.7633 per quote at σ = 10.69. */
const PARAMS = {
  riskAversionPerBps: 0.05,
  intensityPerS: 2.986162360812285,
  intensityDecayPerBps: 0.04235741115084049,
  skewBpsMax: 50,
  levels: 1,
}

export const pack: StrategyPack = {
  id: 'glft',
  doc: 'Closed form of Guéant, Lehalle and Fernandez-Tapia: stationary optimal quotes, skewed against inventory.',
  keys: KEYS,
  create: (params) => new Glft(params),
  cases: [
    {
      name: 'flat',
      params: PARAMS,
      view: VIEW,
      bids: [[9_979, 5]],
      asks: [[10_021, 5]],
    },
    {
      name: 'long two quotes: both quotes 19.53 ticks lower',
      params: PARAMS,
      view: { ...VIEW, positionLots: 10 },
      bids: [[9_960, 5]],
      asks: [[10_001, 5]],
    },
    {
      name: 'short two quotes: both quotes 19.53 ticks higher',
      params: PARAMS,
      view: { ...VIEW, positionLots: -10 },
      bids: [[9_999, 5]],
      asks: [[10_040, 5]],
    },
    {
      name: 'inventory in lots counts as a share of a quote',
      params: PARAMS,
      view: { ...VIEW, positionLots: 1 },
      bids: [[9_977, 5]],
      asks: [[10_019, 5]],
    },
    {
      name: 'the skew is clamped',
      params: PARAMS,
      view: { ...VIEW, positionLots: 60 },
      bids: [[9_929, 5]],
      asks: [[10_000, 5]],
    },
    {
      name: 'no volatility: the risk-free spread alone, no skew',
      params: PARAMS,
      view: { ...VIEW, sigmaTicks: 0, positionLots: 60 },
      bids: [[9_984, 5]],
      asks: [[10_016, 5]],
    },
    {
      name: 'levels',
      params: { ...PARAMS, levels: 3, levelStepBps: 4 },
      view: VIEW,
      bids: [
        [9_979, 5],
        [9_975, 5],
        [9_971, 5],
      ],
      asks: [
        [10_021, 5],
        [10_025, 5],
        [10_029, 5],
      ],
    },
    {
      name: 'volatility not known yet: no quotes',
      params: PARAMS,
      view: { ...VIEW, sigmaTicks: Number.NaN },
      bids: [],
      asks: [],
    },
    {
      name: 'at the limit only the reducing side',
      params: PARAMS,
      view: { ...VIEW, positionLots: 100 },
      bids: [],
      asks: [[10_000, 5]],
    },
  ],
}
