/**
 * What a session says and settles about the account: what earlier runs left, before the first quote; what is left open,
 * after the last. Texts for people live here, so that the session itself stays a sequence of steps.
 */
import { invariant } from '../domain/invariant.ts'
import type { Instrument } from '../domain/instrument.ts'
import { MmError } from '../errors.ts'
import { originsOf } from './config-change.ts'
import { type Recovery, recover } from './recover.ts'
import type { SessionOptions } from './session.ts'
import type { ShutdownResult } from './shutdown.ts'
import type { Venue } from './venue.ts'

/** Records what this run is, settles what earlier ones left, and tells people what was found. */
export async function settlePast(
  options: SessionOptions,
  uid: string,
  instruments: readonly Instrument[],
): Promise<Recovery> {
  const { venue, exchange, journal, lastRun, linkPrefix, symbols, epoch, version, seed, config } = options
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
    instruments,
  })
  const ours = basePrefix(linkPrefix)
  const recovery = await recover({ exchange, clock: venue.clock, last: lastRun, linkPrefix: ours, symbols })
  journal.note('recovered', recovery)
  reportRecovery(recovery, options)
  return recovery
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

/** The error of a stop that could not be proven: the ids, and the command to run. */
export function ordersLeft(result: ShutdownResult, { linkPrefix, venue }: SessionOptions): MmError {
  const { openOrders, problem } = result
  const ids = openOrders.map(({ orderLinkId, orderId }) => orderLinkId || orderId).join(' ') || 'unknown'
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
