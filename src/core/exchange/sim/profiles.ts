/**
 * The markets the embedded exchange lists by default, as data: instrument rules in Bybit's words and the crowd that trades
 * them. Numbers of the crowd are fitted to the recorded capture (docs/simulated-market.md); a symbol more is a row more.
 */
import { type Instrument, type InstrumentText, instrumentOf } from '../../domain/instrument.ts'
import { invariant } from '../../domain/invariant.ts'
import { Prng } from '../../domain/prng.ts'
import { BookMarket } from './book-market.ts'
import { Flow } from './flow.ts'
import type { FlowProfile } from './flow-profile.ts'
import { listingKey } from './listing.ts'
import type { Market } from './market.ts'
import type { SimInstrument } from './model.ts'
import { QuietMarket } from './quiet-market.ts'

export interface SyntheticProfile {
  readonly text: InstrumentText
  readonly contractType: string
  readonly leverageMax: string
  readonly priceLimitRatioX: string
  readonly priceLimitRatioY: string
  readonly flow: FlowProfile
  /** category:symbol of the market it follows; that row must come before. */
  readonly follows?: string
}

/** The crowd fitted to the recorded BTCUSDT futures capture: tick 0.1, lot 0.001, about 61,800. */
export const BTCUSDT_FLOW: FlowProfile = {
  startTicks: 618_000,
  spreadTicks: 1,
  market: {
    baseRate: 3.4,
    fastShare: 0.68,
    fastDecay: 30,
    slowShare: 0.16,
    slowDecay: 4,
    moodChance: 0.73,
    moodTurn: 0.02,
    sizeMedian: 30,
    sizeSigma: 2.4,
    sizeMax: 30_000,
    reachTicks: 400,
  },
  touch: {
    addRate: 40,
    cancelRate: 1.7,
    leaveRate: 12,
    sizeMedian: 30,
    sizeSigma: 1.9,
    refillRate: 600,
    followChance: 0.8,
    closeChance: 0.5,
    trailMax: 16,
    leanAgainst: 0,
  },
  deep: { count: 1_000, cancelRate: 0.12, reachTicks: 1_000, power: 0.45, sizeMedian: 90, sizeSigma: 1.8 },
  regimes: [
    { factor: 0.7, seconds: 6 },
    { factor: 1, seconds: 10 },
    { factor: 1.4, seconds: 5 },
  ],
  follow: { rate: 200, widthTicks: 20 },
}

const perpetual = { status: 'Trading', makerFee: '0.0002', takerFee: '0.00055' } as const
const limits = { priceLimitRatioX: '0.01', priceLimitRatioY: '0.02' } as const

export const SYNTHETIC_PROFILES: readonly SyntheticProfile[] = [
  {
    text: {
      ...perpetual,
      symbol: 'BTCUSDT',
      category: 'linear',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      tickSize: '0.10',
      lotSize: '0.001',
      priceMin: '0.10',
      priceMax: '1999999.80',
      sizeMin: '0.001',
      sizeMax: '1190.000',
      marketSizeMax: '500.000',
      notionalMin: '5',
    },
    contractType: 'LinearPerpetual',
    leverageMax: '100.00',
    ...limits,
    flow: BTCUSDT_FLOW,
  },
  {
    text: {
      ...perpetual,
      symbol: 'ETHUSDT',
      category: 'linear',
      baseCoin: 'ETH',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      tickSize: '0.01',
      lotSize: '0.01',
      priceMin: '0.01',
      priceMax: '199999.98',
      sizeMin: '0.01',
      sizeMax: '7240.00',
      marketSizeMax: '1000.00',
      notionalMin: '5',
    },
    contractType: 'LinearPerpetual',
    leverageMax: '100.00',
    ...limits,
    flow: scaledFlow(BTCUSDT_FLOW, { startTicks: 260_000, spreadTicks: 1, distances: 0.6, sizes: 1.5, rates: 0.8 }),
  },
  {
    text: {
      symbol: 'BTCUSDT',
      category: 'spot',
      status: 'Trading',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: '',
      tickSize: '0.01',
      lotSize: '0.000001',
      priceMin: '0.01',
      priceMax: '99999999',
      sizeMin: '0.000011',
      sizeMax: '71.73956243',
      marketSizeMax: '35.86978122',
      notionalMin: '5',
      makerFee: '0.001',
      takerFee: '0.001',
    },
    contractType: '',
    leverageMax: '',
    priceLimitRatioX: '0.01',
    priceLimitRatioY: '0.05',
    flow: scaledFlow(BTCUSDT_FLOW, { startTicks: 6_180_000, spreadTicks: 4, distances: 10, sizes: 500, rates: 0.4 }),
    follows: 'linear:BTCUSDT',
  },
  {
    text: {
      ...perpetual,
      symbol: 'BTCUSD',
      category: 'inverse',
      baseCoin: 'BTC',
      quoteCoin: 'USD',
      settleCoin: 'BTC',
      tickSize: '0.10',
      lotSize: '1',
      priceMin: '0.10',
      priceMax: '1999999.80',
      sizeMin: '1',
      sizeMax: '25000000',
      marketSizeMax: '5000000',
      notionalMin: '0',
    },
    contractType: 'InversePerpetual',
    leverageMax: '100.00',
    ...limits,
    flow: scaledFlow(BTCUSDT_FLOW, { startTicks: 618_000, spreadTicks: 3, distances: 1, sizes: 20, rates: 0.3 }),
    follows: 'linear:BTCUSDT',
  },
]

/** The listed markets of these rows, each with a crowd from its own stream of the seed. */
export function syntheticMarkets(
  seed: number,
  startUs: number,
  rows: readonly SyntheticProfile[] = SYNTHETIC_PROFILES,
): readonly { readonly listing: SimInstrument; readonly market: Market }[] {
  const prng = new Prng(seed)
  const made = new Map<string, { readonly listing: SimInstrument; readonly market: Market }>()
  for (const row of rows) {
    const listing = listingOf(row)
    const { category, symbol } = row.text
    const key = listingKey(category, symbol)
    const leader = row.follows === undefined ? undefined : made.get(row.follows)
    const anchor =
      leader === undefined
        ? null
        : { market: leader.market, ratio: tickRatio(leader.listing.instrument, listing.instrument) }
    if (listing.status !== 'Trading') {
      made.set(key, { listing, market: new QuietMarket(category, symbol) })
      continue
    }
    const flow = new Flow(row.flow, prng.split(key), startUs, anchor)
    made.set(key, { listing, market: new BookMarket(category, symbol, flow) })
  }
  return [...made.values()]
}

export function listingOf(row: Omit<SyntheticProfile, 'flow' | 'follows'>): SimInstrument {
  const instrument = instrumentOf(row.text)
  invariant(!('badField' in instrument), `the rules of ${row.text.symbol} fit their grids`)
  return {
    instrument,
    status: row.text.status,
    contractType: row.contractType,
    leverageMax: row.leverageMax,
    fundingIntervalMin: 480,
    deliveryTimeMs: 0,
    launchTimeMs: 1_585_526_400_000,
    priceLimitRatioX: row.priceLimitRatioX,
    priceLimitRatioY: row.priceLimitRatioY,
  }
}

interface Scale {
  readonly startTicks: number
  readonly spreadTicks: number
  /** Factors on every distance, size and rate of arrival. */
  readonly distances: number
  readonly sizes: number
  readonly rates: number
}

function scaledFlow(flow: FlowProfile, by: Scale): FlowProfile {
  const { market, touch, deep } = flow
  return {
    ...flow,
    startTicks: by.startTicks,
    spreadTicks: by.spreadTicks,
    market: {
      ...market,
      baseRate: market.baseRate * by.rates,
      sizeMedian: market.sizeMedian * by.sizes,
      sizeMax: market.sizeMax * by.sizes,
      reachTicks: Math.round(market.reachTicks * by.distances),
    },
    touch: { ...touch, addRate: touch.addRate * by.rates, sizeMedian: touch.sizeMedian * by.sizes },
    deep: {
      ...deep,
      count: Math.round(deep.count * Math.min(1, Math.sqrt(by.distances))),
      reachTicks: Math.round(deep.reachTicks * by.distances),
      sizeMedian: deep.sizeMedian * by.sizes,
    },
    follow: { ...flow.follow, widthTicks: flow.follow.widthTicks * by.distances },
  }
}

function tickRatio(from: Instrument, to: Instrument): number {
  const scale = 10 ** (to.price.decimals - from.price.decimals)
  return (from.price.stepUnits / to.price.stepUnits) * scale
}
