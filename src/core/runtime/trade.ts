/**
 * `mm trade`: opens everything a run needs in an order that fails early and loses nothing, runs one session, and closes
 * everything again. The order: configuration, interlocks, addresses, journal, exchange; orders only after all of them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import type { Settings } from '../config/schema.ts'
import { type GuardAddress, guardAddress } from '../deadman/address.ts'
import { EXIT, MmError } from '../errors.ts'
import { acquireLock, nameAccount } from '../run-lock.ts'
import { statePath } from '../state-path.ts'
import { acknowledgeConfig } from './config-change.ts'
import { controlPath } from './control.ts'
import { DayLoss } from './day-loss.ts'
import { catchEnds } from './end-signals.ts'
import { HaltLatch, insistNotHalted } from './halt.ts'
import { type HeartbeatEnd, startHeartbeat } from './heartbeat.ts'
import { type Log, openLog } from './log.ts'
import type { MetricsServer } from './metrics-server.ts'
import { allPacks, packSchemas } from './packs.ts'
import { watchMemory } from './memory-watch.ts'
import { readLastRun } from './recover.ts'
import { reloadRun } from './reload.ts'
import { Redactor } from './redact.ts'
import { openRunJournal, pruneOld } from './run-journal.ts'
import { loadMatcher } from '../scan/match.ts'
import { Session } from './session.ts'
import { venueKey } from './session-account.ts'
import type { SessionResult } from './session-options.ts'
import { nextEpoch, openStateDir, type StateDir } from './state-dir.ts'
import { Teardown } from './teardown.ts'
import type { TradeOptions, TradeOutput, TradeResult } from './trade-options.ts'
import type { Venue } from './venue.ts'
import { defaultSymbols, openVenue } from './venues.ts'
import { openMetrics, openWatching } from './watching.ts'

const LOSS_MS = 2_000

/** Runs until the end of the duration, a signal, or something that ends it. Throws what went wrong before the session. */
export async function trade(options: TradeOptions, output: TradeOutput): Promise<TradeResult> {
  const teardown = new Teardown()
  try {
    const session = await openSession(options, output, teardown)
    return await session.finish()
  } finally {
    await teardown.run()
  }
}

interface Opened {
  finish(): Promise<TradeResult>
}

async function openSession(options: TradeOptions, output: TradeOutput, teardown: Teardown): Promise<Opened> {
  const packs = await allPacks()
  const config = loadConfig(options, packSchemas(packs))
  const { settings } = config
  const state = openStateDir(statePath(options.stateDir, options.env))
  insistNotHalted(state.path)
  const redactor = new Redactor()
  // Beside the first steps: only the log waits for the scanner's rules.
  const redactorReady = loadMatcher().then((matcher) => redactor.recognise(matcher))
  const linkBase = `mm${settings.exchange.botId}`
  lockState({ state, options, config, linkBase, teardown })
  const { log, close: closeLog } = openLog({
    level: settings.log.level,
    redactor,
    redactorReady,
    file: settings.log.file ?? join(state.path, 'mm.log'),
  })
  teardown.add(closeLog)
  const holder: { session: Session | null; metrics: MetricsServer | null } = { session: null, metrics: null }
  const isVirtual = options.venue === 'paper' && options.speed === 'max'
  if (!isVirtual) holder.metrics = await openMetrics({ options, output, teardown, holder })
  for (const { message } of config.warnings) output.say(`warning: ${message}`)
  const symbols = options.symbols ?? settings.exchange.symbols ?? (await defaultSymbols(options.market))
  const venue = await openVenue({ ...options, symbols, settings, redactor })
  teardown.add(() => venue.close())
  const lastRun = venue.isLasting ? readLastRun(state.journals, venueKey(venue)) : null
  acknowledgeConfig({ venue: venue.name, last: lastRun, config, ack: options.ackConfig ?? null, say: output.say })
  const dayLoss = venue.isLasting ? openDayLoss(state, venue, output) : null
  const epoch = nextEpoch(state, venue.isVirtual ? 0 : Date.now())
  const journal = await openRunJournal({ state, venue, epoch, config, root: options.root })
  teardown.add(() => journal.close())
  const exchange = await venue.connect({
    prefix: linkBase,
    epoch,
    createWindowMs: settings.exchange.createWindowMs,
    onFatal: (error) => holder.session?.stop(`exchange: ${error.message}`, error.exit, error),
    onNotice: (text) => holder.session?.notice(text),
  })
  const { version } = packageOf(options.root)
  const session = new Session({
    venue,
    exchange,
    journal,
    log,
    config,
    packs,
    symbols,
    stateDir: state.path,
    epoch,
    linkPrefix: `${linkBase}-${epoch}-`,
    version,
    seed: options.seed,
    lastRun,
    dayLoss,
    arm: options.arm,
    durationUs: options.durationMs === null ? null : options.durationMs * 1_000,
    emit: output.emit,
    say: output.say,
    // An emergency then knows whose orders to look for, also when this process is gone.
    onAccount: (uid) => venue.isLasting && nameAccount(state.path, uid),
    onRecovered: () => pruneOld(state, log),
    onHalt: (reason) => halting.begin(reason),
  })
  const halting = new HaltLatch(state.path)
  holder.session = session
  redactorReady.catch((error: unknown) => session.crash(error))
  void output.failed?.then((error) => session.stop(error.message, error.exit, error))
  const reload = () => reloadRun({ session, sources: options, packs, log, say: output.say })
  // Before the control socket and the guard: who sees either may send a signal in the same moment.
  teardown.add(catchEnds(session, { output, log, reload: venue.isVirtual ? null : reload }))
  if (!venue.isVirtual)
    await openWatching({
      session,
      reload,
      state,
      options,
      output,
      teardown,
      holder,
      epoch,
      version,
      journal,
      config,
      venue,
    })
  const heartbeat = await startHeartbeat({
    address: options.guard ?? configuredGuard(settings, venue),
    identity: {
      bot: `${linkBase}-${epoch}`,
      venue: venue.name,
      exchangeUrl: venue.exchangeUrl,
      createWindowMs: settings.exchange.createWindowMs,
      stateDir: state.path,
    },
    say: output.say,
  })
  if (!venue.isVirtual) teardown.add(watchMemory((text) => session.crash(new Error(text))))
  return {
    async finish() {
      const keeping = setInterval(() => void keepLoss(session), LOSS_MS)
      const result = await venue.drive(() => session.run()).finally(() => clearInterval(keeping))
      await keepLoss(session)
      await rest(heartbeat, result)
      return finish(result, { halting, log, say: output.say })
    },
  }
}

// What is on paper needs no guard, and a guard could not cancel it.
function configuredGuard({ deadman }: Settings, { isLasting }: Venue): GuardAddress | null {
  return deadman.address === undefined || !isLasting ? null : guardAddress(deadman.address, deadman.keyFile ?? '')
}

function openDayLoss(state: StateDir, venue: Venue, { say }: TradeOutput): DayLoss {
  const options = { stateDir: state.path, venue: venueKey(venue), nowMs: Date.now }
  const dayLoss = new DayLoss({ ...options, warn: (text) => say(`warning: ${text}`) })
  const { carriedE8, drawdownE8 } = dayLoss
  if (carriedE8 > 0) say(`earlier runs of today lost ${(carriedE8 / 1e8).toFixed(2)}: that much less may be lost now`)
  if (drawdownE8 > carriedE8)
    say(`today stands ${(drawdownE8 / 1e8).toFixed(2)} below its best: the drawdown limit counts from there`)
  return dayLoss
}

async function keepLoss(session: Session): Promise<void> {
  const { running, dayLoss } = session
  if (running !== null) await dayLoss?.note(running.engine.view().pnl, running.engine.drawdownE8)
}

// A run that never came to an order leaves nothing behind, unless it found orders of an earlier one.
function rest(heartbeat: HeartbeatEnd, { summary, exit }: SessionResult): Promise<void> {
  return heartbeat.end(summary === null ? exit !== EXIT.ordersLeft : summary.verifiedZero)
}

interface Finish {
  readonly halting: HaltLatch
  readonly log: Log
  say(text: string): void
}

async function finish(result: SessionResult, { halting, log, say }: Finish): Promise<TradeResult> {
  const { exit, summary, error } = result
  const { id, fault } = await halting.settled()
  if (summary === null || !halting.isBegun) return { exit, summary, error }
  if (fault !== '') log.error({ reason: fault }, 'the HALT latch could not be set')
  // The way it ended has an error of its own: then the latch is told beside it.
  if (exit !== EXIT.refused) say(`${fault || 'the HALT latch is set'}: mm resume --ack ${id} allows the next start`)
  return exit === EXIT.refused
    ? { exit, summary, error: new MmError('RUN_HALTED', { reason: summary.exitReason, id }) }
    : { exit, summary, error }
}

interface Locking {
  readonly state: StateDir
  readonly options: TradeOptions
  readonly config: LoadedConfig
  readonly linkBase: string
  readonly teardown: Teardown
}

function lockState({ state, options, config, linkBase, teardown }: Locking): void {
  const release = acquireLock(state.path, {
    startedMs: Date.now(),
    venue: options.venue,
    exchangeUrl: options.exchangeUrl ?? '',
    orderPrefix: `${linkBase}-`,
    createWindowMs: config.settings.exchange.createWindowMs,
    controlSocket: controlPath(state.path),
    uid: options.arm ?? '',
  })
  teardown.add(release)
}

function packageOf(root: string): { version: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
}
