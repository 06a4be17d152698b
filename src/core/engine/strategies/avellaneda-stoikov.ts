/**
 * Avellaneda and Stoikov 2008, "High-frequency trading in a limit order book", Quantitative Finance 8(3): reservation
 * price (eq. 3.17) and optimal spread (eq. 3.18). The day has no end here, so T − t is a constant rolling horizon.
 * Inventory is counted in quotes; prices, σ, γ and k are brought to ticks before the formulas see them.
 */
import { bpsPerTick, FAIR_VALUE_KEYS, FairValue } from '../fair-value.ts'
import { INTENSITY_DECAY, RISK_AVERSION, SKEW_MAX } from '../model-keys.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'
import { LADDER_KEYS, QuoteLadder } from '../quote-ladder.ts'
import type { Quotes, QuoteView, Strategy, StrategyPack } from '../strategy.ts'

/** r = s − q·γ·σ²·(T − t). s price, q units, γ per price and unit, σ price/√time. */
export function reservationPrice(price: number, units: number, gamma: number, sigma: number, timeLeft: number): number {
  return price - units * gamma * sigma * sigma * timeLeft
}

/** δᵃ + δᵇ = γ·σ²·(T − t) + (2/γ)·ln(1 + γ/k). k per price: λ(δ) = A·e^(−kδ). */
export function optimalSpread(gamma: number, sigma: number, k: number, timeLeft: number): number {
  return gamma * sigma * sigma * timeLeft + (2 / gamma) * Math.log1p(gamma / k)
}

const KEYS: readonly PackKey[] = [
  RISK_AVERSION,
  INTENSITY_DECAY,
  {
    name: 'horizonS',
    description: 'T − t: for how long a position is expected to be held, the rolling horizon.',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: 30,
    example: 60,
    mutable: true,
  },
  SKEW_MAX,
  ...FAIR_VALUE_KEYS,
  ...LADDER_KEYS,
]

class AvellanedaStoikov implements Strategy {
  private readonly gammaPerBps: number
  private readonly decayPerBps: number
  private readonly horizonS: number
  private readonly skewBpsMax: number
  private readonly fair: FairValue
  private readonly ladder: QuoteLadder

  constructor(params: PackParams) {
    this.gammaPerBps = param(KEYS, params, 'riskAversionPerBps')
    this.decayPerBps = param(KEYS, params, 'intensityDecayPerBps')
    this.horizonS = param(KEYS, params, 'horizonS')
    this.skewBpsMax = param(KEYS, params, 'skewBpsMax')
    this.fair = new FairValue(params)
    this.ladder = new QuoteLadder(params)
  }

  quote(view: Readonly<QuoteView>, out: Quotes): void {
    const perTick = bpsPerTick(view)
    const gamma = this.gammaPerBps * perTick
    const units = view.positionLots / view.quoteLots
    const fair = this.fair.ticks(view)
    const wanted = reservationPrice(fair, units, gamma, view.sigmaTicks, this.horizonS)
    const reach = this.skewBpsMax / perTick
    const centre = Math.min(Math.max(wanted, fair - reach), fair + reach)
    const spread = optimalSpread(gamma, view.sigmaTicks, this.decayPerBps * perTick, this.horizonS)
    this.ladder.fill(view, centre, spread / 2, out)
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
  sigmaTicks: 2,
  quoteLots: 5,
  positionLotsMax: 100,
} as Partial<QuoteView>
/** Spread .4 + 20·ln(1 + .1/1.5) = 1.6908 at σ = 2: the worked point of the paper's parameters, in ticks. */
const PARAMS = { riskAversionPerBps: 0.1, intensityDecayPerBps: 1.5, horizonS: 1, levels: 1 }

export const pack: StrategyPack = {
  id: 'avellaneda-stoikov',
  doc: 'Optimal quotes of Avellaneda and Stoikov (2008) on a rolling horizon: wider with volatility, skewed against inventory.',
  keys: KEYS,
  create: (params) => new AvellanedaStoikov(params),
  cases: [
    {
      name: 'flat: half of 1.6908 each side, rounded away',
      params: PARAMS,
      view: VIEW,
      bids: [[9_999, 5]],
      asks: [[10_001, 5]],
    },
    {
      name: 'long three quotes: reservation 9,998.8, both quotes lower',
      params: PARAMS,
      view: { ...VIEW, positionLots: 15 },
      bids: [[9_997, 5]],
      asks: [[10_000, 5]],
    },
    {
      name: 'short three quotes: both quotes higher',
      params: PARAMS,
      view: { ...VIEW, positionLots: -15 },
      bids: [[10_000, 5]],
      asks: [[10_003, 5]],
    },
    {
      name: 'volatility widens',
      params: { ...PARAMS, horizonS: 10 },
      view: { ...VIEW, sigmaTicks: 4 },
      bids: [[9_991, 5]],
      asks: [[10_009, 5]],
    },
    {
      name: 'the skew is bounded',
      params: { ...PARAMS, horizonS: 100, skewBpsMax: 3 },
      view: { ...VIEW, sigmaTicks: 1, positionLots: 50 },
      bids: [[9_991, 5]],
      asks: [[10_003, 5]],
    },
    {
      name: 'levels',
      params: { ...PARAMS, levels: 3, levelStepBps: 2 },
      view: VIEW,
      bids: [
        [9_999, 5],
        [9_997, 5],
        [9_995, 5],
      ],
      asks: [
        [10_001, 5],
        [10_003, 5],
        [10_005, 5],
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
      view: { ...VIEW, positionLots: -100 },
      bids: [[10_000, 5]],
      asks: [],
    },
  ],
}
