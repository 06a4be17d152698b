/** What the bot of the fault tests wants to show, and limits so wide that only the fault is in its way. */
import { type EngineConfig, QUOTING_DEFAULTS, TIMING_DEFAULTS } from '../../../src/core/engine/engine-config.ts'
import { SIGNAL_DEFAULTS } from '../../../src/core/engine/signals.ts'
import type { StrategyPack } from '../../../src/core/engine/strategy.ts'

/** One quote a side, so many ticks behind the touch (negative: into the spread); null shows nothing. */
export interface Script {
  offsetTicks: number | null
  lots: number
  /** Further levels, each ten ticks behind the one before. */
  levels: number
  /** Lots of the last of several levels. */
  lastLots: number
}

export function touch(script: Script): StrategyPack {
  return {
    id: 'touch',
    doc: 'Quotes at a distance from the touch that the test says.',
    keys: [],
    cases: [],
    create: () => ({
      quote(view, out) {
        const { offsetTicks, levels } = script
        if (offsetTicks === null) return
        for (let level = 0; level < levels; level++) {
          const isLast = levels > 1 && level === levels - 1
          const lots = isLast ? script.lastLots : script.lots
          out.addBid(view.bestBidTicks - offsetTicks - 10 * level, lots)
          out.addAsk(view.bestAskTicks + offsetTicks + 10 * level, lots)
        }
      },
    }),
  }
}

const WIDE = {
  'max-position': { limitLots: 1_000 },
  'max-order': { sizeLotsMax: 1_000, valueMoneyMax: Number.MAX_SAFE_INTEGER },
  'price-band': { midBpsMax: 5_000, tradeBpsMax: 5_000, referenceBpsMax: 5_000 },
  'stale-book': { ageUsMax: 3_000_000, lagUsMax: 60_000_000 },
  'in-flight': { requestsMax: 10, replaceUsMin: 0 },
  'symbol-rate': { placesPerS: 10_000, amendsPerS: 10_000, cancelsPerS: 10_000 },
  'slow-down': { answersMin: 10_000, lagUsMax: 60_000_000 },
}

const UNLIMITED = {
  'max-position': { limitLots: 1e9 },
  'max-order': { sizeLotsMax: 1e9, valueMoneyMax: Number.MAX_SAFE_INTEGER },
}

export function configOf(options: {
  readonly mayAmend?: boolean
  readonly levels?: number
  readonly wide?: boolean
}): EngineConfig {
  return {
    symbols: [
      {
        symbol: 'BTCUSDT',
        strategy: 'touch',
        strategyParams: {},
        guards: options.wide === true ? { ...WIDE, ...UNLIMITED } : WIDE,
        signals: SIGNAL_DEFAULTS,
        quoting: {
          ...QUOTING_DEFAULTS,
          quoteLots: 5,
          positionLotsMax: 1_000,
          halfSpreadTicksMin: 0,
          levelsMax: options.levels ?? 1,
          toleranceTicks: 200,
          urgentTicks: 300,
          adverseTicks: 0,
          mayAmend: options.mayAmend ?? true,
        },
      },
    ],
    runGuards: { 'loss-limit': { lossE8Max: 1e15, drawdownE8Max: 1e15 } },
    timing: TIMING_DEFAULTS,
  }
}
