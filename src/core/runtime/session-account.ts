/**
 * What a session says and settles about the account: what earlier runs left, before the first quote; what is left open,
 * after the last. Texts for people live here, so that the session itself stays a sequence of steps.
 */
import { invariant } from '../domain/invariant.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Engine } from '../engine/engine.ts'
import { ruleProblems } from '../config/rules.ts'
import { MmError } from '../errors.ts'
import { originsOf } from './config-change.ts'
import type { PricedInstrument } from './engine-config.ts'
import { resumedSince } from './halt.ts'
import { marketFacts } from './market-facts.ts'
import { MARKET_RULES } from './market-rules.ts'
import { type Recovery, recover } from './recover.ts'
import type { SessionOptions } from './session-options.ts'
import { type NamedPast, sameAccount } from './session-past.ts'
import type { ShutdownResult } from './shutdown.ts'
import type { JoinedExchange, Venue } from './venue.ts'

/** Records what this run is, settles what earlier ones left, and tells people what was found. */
export async function settlePast(
  options: SessionOptions,
  { uid, instruments, past }: { uid: string; instruments: readonly Instrument[]; past: NamedPast },
): Promise<Recovery> {
  const { venue, exchange, journal, linkPrefix, symbols, epoch, version, seed, config } = options
  const lastRun = sameAccount(options, uid)
  if (lastRun === null) sayOtherAccount(options, uid)
  journal.note('run', {
    epoch,
    venue: venueKey(venue),
    uid,
    symbols,
    linkPrefix,
    version,
    startedMs: Math.floor(venue.clock.nowUs() / 1_000),
    seed,
    config: config.settings,
    configHash: config.hash,
    configOrigins: originsOf(config),
    lossCarriedE8: options.dayLoss?.carriedE8 ?? 0,
    past,
    resumed: resumedSince(options.stateDir, options.lastRun?.run.startedMs ?? 0),
    instruments,
  })
  const ours = basePrefix(linkPrefix)
  const recovery = await recover({ exchange, clock: venue.clock, last: lastRun, linkPrefix: ours, symbols })
  journal.note('recovered', recovery)
  reportRecovery(recovery, options)
  return recovery
}

function sayOtherAccount({ lastRun, say }: SessionOptions, uid: string): void {
  if (lastRun === null) return
  const { run, end } = lastRun
  const open =
    end?.verifiedZero === true
      ? ''
      : '; its orders may still be open there: run mm cancel-all with the key of that account'
  say(`the run before this one (${run.epoch}) traded on another account (UID ${run.uid}), now ${uid}${open}`)
}

/** What the account's own fees say about the configured quotes: what is certain to lose is said before the first order. */
export function feeWarnings({ config, packs }: SessionOptions, priced: readonly PricedInstrument[]): readonly string[] {
  const markets = priced.map(({ instrument: { symbol, makerFee }, priceTicks }) => ({
    symbol,
    bpsPerTick: 10_000 / priceTicks,
    makerFeeBps: makerFee / 10_000,
    sigmaBps: null,
    leastValue: null,
    balance: null,
    leverage: null,
    quota: null,
    ownedValue: null,
  }))
  return marketFacts(config.settings, packs, markets)
    .flatMap((facts) => ruleProblems(MARKET_RULES, facts, config.values))
    .filter(({ code }) => code === 'SPREAD_BELOW_FEES')
    .map(({ message, fix }) => `${message}. ${fix}`)
}

/** The first line for scripts. Under virtual time it holds nothing that differs between two runs of one seed. */
export function startFields(options: SessionOptions, uid: string, recovery: Recovery): object {
  const { venue, symbols, seed, epoch, version, config } = options
  const { lastEpoch, lastEndedCleanly, canceledOrders, missedExecutions, positions } = recovery
  return {
    schemaVersion: 1,
    venue: venue.name,
    symbols,
    seed,
    ...(venue.isVirtual ? {} : { epoch }),
    version,
    uid,
    configHash: config.hash,
    recovery: {
      lastEpoch: venue.isVirtual ? null : lastEpoch,
      lastEndedCleanly,
      canceledOrders,
      missedExecutions,
      positions,
    },
  }
}

/** What is known of the orders of a run at its end. */
export interface RunEndOrders {
  readonly verifiedZero: boolean
  /** As the exchange says. */
  readonly openOrders: readonly string[]
  /** As the engine says. */
  readonly believedOpen: readonly string[]
  readonly problem: string
}

export function endOrders(result: ShutdownResult, exchange: JoinedExchange, engine: Engine): RunEndOrders {
  return {
    ...result,
    openOrders: result.openOrders.map(({ orderLinkId, orderId }) => orderLinkId || orderId),
    believedOpen: engine.liveOrderSeqs.map((order) => exchange.linkOf(order)),
  }
}

/** The error of a stop that could not be proven: the ids, and the command to run. */
export function ordersLeft(end: RunEndOrders, { linkPrefix, venue }: SessionOptions): MmError {
  const { openOrders, believedOpen, problem } = end
  const ids = openOrders.length > 0 ? openOrders.join(' ') : `believed open: ${believedOpen.join(' ') || 'none'}`
  const where = venue.exchangeUrl === '' ? `--venue ${venue.name}` : `--exchange-url ${venue.exchangeUrl}`
  const command = `mm cancel-all ${where} --prefix ${basePrefix(linkPrefix)}`
  return new MmError('ORDERS_LEFT', { ids, problem, command })
}

/** Journals of one exchange are told from those of another by this. */
export function venueKey(venue: Pick<Venue, 'name' | 'exchangeUrl'>): string {
  return venue.exchangeUrl === '' ? venue.name : `${venue.name}@exchange`
}

/** "mm00-" of "mm00-0abcdef-": what all orders of this bot begin with, whatever their epoch. */
function basePrefix(linkPrefix: string): string {
  const end = linkPrefix.indexOf('-')
  invariant(end > 0, 'a link prefix has an epoch')
  return linkPrefix.slice(0, end + 1)
}

function reportRecovery(recovery: Recovery, { say, log }: SessionOptions): void {
  const { canceledOrders, missedExecutions, positions, lastEpoch, lastEndedCleanly } = recovery
  if (lastEpoch !== null && !lastEndedCleanly) say(`the run before this one (${lastEpoch}) did not end in order`)
  if (canceledOrders.length > 0) {
    say(`cancelled ${canceledOrders.length} orders of earlier runs: ${canceledOrders.join(' ')}`)
  }
  if (missedExecutions.length > 0) say(`${missedExecutions.length} executions came after the journal ended`)
  for (const { symbol, exchangeLots, expectedLots } of positions) {
    if (expectedLots === null || expectedLots === exchangeLots) continue
    const own = `journal and missed executions ${expectedLots}`
    say(`position of ${symbol}: the exchange says ${exchangeLots} lots, ${own}`)
    log.warn({ symbol, exchangeLots, expectedLots }, 'position differs from the journal; the exchange is right')
  }
}
