/**
 * From settings in quote coins to the engine's integers, per instrument and exactly. Limits round towards less risk,
 * and a size that cannot be traded is an error that says which key to change: never a silent adjustment upward.
 */
import type { Settings } from '../config/schema.ts'
import { parseBig } from '../domain/fixed.ts'
import { type Instrument, moneyDecimals, moneyStep, sizeText } from '../domain/instrument.ts'
import { type EngineConfig, QUOTING_DEFAULTS, type SymbolConfig, TIMING_DEFAULTS } from '../engine/engine-config.ts'
import type { PackParams } from '../engine/pack.ts'
import { SIGNAL_DEFAULTS } from '../engine/signals.ts'
import type { Packs } from '../engine/state.ts'
import { fail } from '../errors.ts'

/** An instrument and the price at which values in quote coins become lots. */
export interface PricedInstrument {
  readonly instrument: Instrument
  readonly priceTicks: number
}

export function engineConfig(settings: Settings, priced: readonly PricedInstrument[], packs: Packs): EngineConfig {
  const scopes = new Map(packs.guards.map((pack) => [pack.id, pack.scope]))
  const isOfRun = (id: string): boolean => scopes.get(id) === 'run'
  return {
    symbols: priced.map((entry) => symbolConfig(settings, entry, isOfRun)),
    runGuards: merged(runLimits(settings), settings.guards, isOfRun),
    timing: TIMING_DEFAULTS,
  }
}

function symbolConfig(settings: Settings, priced: PricedInstrument, isOfRun: (id: string) => boolean): SymbolConfig {
  const { quoting, strategy } = settings
  const { instrument, priceTicks } = priced
  insistQuoteMoney(instrument)
  const quoteLots = lotsOfValue(quoting.orderValue, priced)
  insistTradable(quoteLots, priced, quoting.orderValue)
  return {
    symbol: instrument.symbol,
    strategy,
    strategyParams: settings.strategies[strategy] ?? {},
    guards: merged(symbolLimits(settings, priced), settings.guards, (id) => !isOfRun(id)),
    quoting: {
      ...QUOTING_DEFAULTS,
      quoteLots,
      positionLotsMax: Math.max(lotsOfValue(quoting.positionValueMax, priced), quoteLots),
      halfSpreadTicksMin: (quoting.halfSpreadBpsMin * priceTicks) / 10_000,
      levelsMax: quoting.levelsMax,
      toleranceTicks: widerTicks(quoting.toleranceTicks, quoting.toleranceBps, priceTicks),
      urgentTicks: widerTicks(quoting.urgentTicks, quoting.urgentBps, priceTicks),
      lifeUsMin: quoting.lifeMsMin * 1_000,
      adverseTicks: adverseTicks(quoting, priceTicks),
      adversePauseUs: quoting.adversePauseMs * 1_000,
      sizeToleranceBps: quoting.sizeToleranceBps,
      isPostOnly: quoting.isPostOnly,
      mayAmend: quoting.mayAmend,
    },
    signals: SIGNAL_DEFAULTS,
  }
}

// One tick is a different distance on every symbol: the wider of the two counts.
function widerTicks(ticks: number, bps: number, priceTicks: number): number {
  return Math.max(ticks, Math.round((bps * priceTicks) / 10_000))
}

// Either of the two alone may be 0; both mean that quotes are never cancelled for this.
function adverseTicks({ adverseTicks: ticks, adverseBps: bps }: Settings['quoting'], priceTicks: number): number {
  return bps === 0 && ticks === 0 ? 0 : Math.max(1, widerTicks(ticks, bps, priceTicks))
}

type GuardParams = Readonly<Record<string, PackParams>>

function runLimits({ risk }: Settings): GuardParams {
  return {
    'loss-limit': { lossE8Max: amountE8(risk.lossMax), drawdownE8Max: amountE8(risk.drawdownMax) },
    'request-rate': requestRates(risk),
  }
}

// The exchange counts a rolling second: what a bucket holds and what flows in within that second must fit together.
function requestRates({ placesPerS, amendsPerS, requestsPerS, cancelReserve }: Settings['risk']): PackParams {
  const burst = (perS: number): number => Math.max(1, Math.floor(perS * 0.4))
  return {
    placesPerS: placesPerS - burst(placesPerS),
    placesBurst: burst(placesPerS),
    amendsPerS: amendsPerS - burst(amendsPerS),
    amendsBurst: burst(amendsPerS),
    totalPerS: requestsPerS,
    totalBurst: requestsPerS,
    cancelReserve,
  }
}

function symbolLimits({ risk }: Settings, priced: PricedInstrument): GuardParams {
  const { instrument } = priced
  return {
    'max-position': { limitLots: lotsOfValue(risk.positionValueMax, priced) },
    'max-order': {
      sizeLotsMax: Math.min(lotsOfValue(risk.orderValueMax, priced), instrument.sizeLotsMax),
      valueMoneyMax: moneyOf(risk.orderValueMax, instrument),
    },
    'stale-book': { ageUsMax: risk.bookAgeMsMax * 1_000, lagUsMax: risk.bookLagMsMax * 1_000 },
    'price-band': { midBpsMax: risk.midBpsMax },
  }
}

// What is written under `guards` in the file wins, key by key.
function merged(derived: GuardParams, given: GuardParams, isWanted: (id: string) => boolean): GuardParams {
  const ids = [...new Set([...Object.keys(derived), ...Object.keys(given)])].filter(isWanted)
  return Object.fromEntries(ids.map((id) => [id, { ...derived[id], ...given[id] }]))
}

/** Whole lots worth at most `value` quote coins. */
function lotsOfValue(value: string, { instrument, priceTicks }: PricedInstrument): number {
  return Math.floor(moneyOf(value, instrument) / priceTicks)
}

/** Quote coins → money units (tick × lot), rounded down. */
function moneyOf(value: string, instrument: Instrument): number {
  const units = parseBig(value, moneyDecimals(instrument), 'down') ?? 0n
  const money = units / BigInt(moneyStep(instrument))
  return money > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(money)
}

function amountE8(value: string): number {
  const amount = parseBig(value, 8, 'down') ?? 0n
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(amount)
}

// Value is price × size in quote coins everywhere in here. Of an inverse contract it is size ÷ price in base coins.
function insistQuoteMoney({ symbol, category, settleCoin }: Instrument): void {
  if (category === 'linear' || category === 'spot') return
  fail('SYMBOL_UNTRADABLE', { symbol, what: `mm does not count in ${settleCoin} (${category} settles in it)` })
}

function insistTradable(lots: number, { instrument, priceTicks }: PricedInstrument, value: string): void {
  const leastLots = Math.max(instrument.sizeLotsMin, Math.ceil(instrument.notionalMin / priceTicks))
  if (lots >= leastLots) return
  const least = sizeText(leastLots, instrument)
  const what = `quoting.orderValue: ${value} ${instrument.quoteCoin} is less than the smallest order of ${instrument.symbol} (${least} ${instrument.baseCoin})`
  fail('CONFIG_VALUE', { what, key: 'quoting.orderValue' })
}
