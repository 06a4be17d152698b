/**
 * Puts a whole exchange together from plain options: markets, accounts, keys, latencies, initial ledger, faults. Used by
 * `mm exchange`, by paper mode (in a worker or on the virtual wire) and by tests; the result has no sockets and no clock.
 */
import { Prng } from '../../../domain/prng.ts'
import type { TimeUs } from '../../../domain/units.ts'
import type { SimAccountOptions } from '../account.ts'
import { constantLatency, type LatencyModel, lognormalLatency } from '../latency.ts'
import type { Market } from '../market.ts'
import type { SimInstrument } from '../model.ts'
import { SYNTHETIC_PROFILES, type SyntheticProfile, syntheticMarkets } from '../profiles.ts'
import { SimExchange } from '../sim-exchange.ts'
import { SimServer } from './core.ts'
import type { FaultScript } from './fault-input.ts'
import type { KeyOptions } from './keys.ts'
import type { Tier } from './limits.ts'
import { applyState, type InitialState } from './initial-state.ts'

export interface ListedMarket {
  readonly listing: SimInstrument
  readonly market: Market
}

export interface EmbeddedOptions {
  readonly seed: number
  readonly startUs: TimeUs
  readonly keys: readonly KeyOptions[]
  /** Symbols to list; empty: all known. */
  readonly symbols: readonly string[]
  readonly tier: Tier
  /** Median of the ack leg, µs; 0 answers at once. Matching and stream legs keep their own. Default: a few 100 µs. */
  readonly ackLatencyUs?: number
  /** Every leg takes no time: for tests that are about something else. */
  readonly isInstant?: boolean
  readonly state?: InitialState
  readonly faults?: FaultScript
  /** Markets instead of the synthetic ones: replayed recordings. */
  readonly markets?: readonly ListedMarket[]
  readonly log?: (line: string) => void
  readonly isInstitutional?: boolean
  /** Second clock for the time rule (core.ts). */
  readonly wallMs?: () => number
}

export const DEFAULT_UID = '100001'
const E8 = 100_000_000n

/** Enough of everything that a market maker on the listed symbols needs. */
export const DEFAULT_ACCOUNT: SimAccountOptions = {
  uid: DEFAULT_UID,
  balances: { USDT: 1_000_000n * E8, USDC: 1_000_000n * E8, BTC: 20n * E8, ETH: 200n * E8 },
}

/** What is wrong with the initial state; the caller turns it into its own error. */
export class StateProblem extends Error {
  override readonly name = 'StateProblem'
}

/** The server, at `startUs`, with the initial state in its ledger. Throws StateProblem when that does not fit. */
export function embeddedExchange(options: EmbeddedOptions): SimServer {
  const { seed, startUs, state } = options
  const markets = options.markets ?? syntheticMarkets(seed, startUs, profilesOf(options))
  const prng = new Prng(seed)
  const matchLatency = options.isInstant === true ? constantLatency(0) : leg(450, prng, 'match leg')
  const accounts = state?.accounts ?? []
  const isDefaultListed = accounts.some((account) => account.uid === DEFAULT_UID)
  const server = new SimServer({
    ...options,
    keys: [...options.keys, ...(state?.keys ?? [])],
    exchange: (sink) =>
      new SimExchange({
        seed,
        startUs,
        markets,
        accounts: isDefaultListed ? accounts : [DEFAULT_ACCOUNT, ...accounts],
        sink,
        matchLatency,
      }),
    legs: legsOf(options, prng),
    maintenance: state?.maintenance ?? [],
  })
  server.advance(startUs)
  if (state !== undefined) {
    const problem = applyState(server, state)
    if (problem !== null) throw new StateProblem(problem)
  }
  return server
}

function legsOf(options: EmbeddedOptions, prng: Prng): { ack: LatencyModel; stream: LatencyModel } {
  if (options.isInstant === true) return { ack: constantLatency(0), stream: constantLatency(0) }
  const ackUs = options.ackLatencyUs ?? 600
  return { ack: ackUs === 0 ? constantLatency(0) : leg(ackUs, prng, 'ack leg'), stream: leg(500, prng, 'stream leg') }
}

function leg(medianUs: number, prng: Prng, label: string): LatencyModel {
  return lognormalLatency(
    { medianUs, sigma: 0.35, floorUs: Math.round(medianUs / 4), ceilingUs: medianUs * 20 },
    prng.split(label),
  )
}

// A symbol that follows another market needs that one listed too.
function profilesOf(options: EmbeddedOptions): readonly SyntheticProfile[] {
  const all = [...SYNTHETIC_PROFILES, ...(options.state?.profiles ?? [])]
  if (options.symbols.length === 0) return all
  const wanted = all.filter(({ text }) => options.symbols.includes(text.symbol))
  const leaders = new Set(wanted.flatMap(({ follows }) => (follows === undefined ? [] : [follows])))
  return all.filter((row) => wanted.includes(row) || leaders.has(`${row.text.category}:${row.text.symbol}`))
}

/** Symbols among `symbols` that no market lists. */
export function unlistedSymbols(symbols: readonly string[], state?: InitialState): readonly string[] {
  const all = [...SYNTHETIC_PROFILES, ...(state?.profiles ?? [])]
  return symbols.filter((symbol) => !all.some(({ text }) => text.symbol === symbol))
}
