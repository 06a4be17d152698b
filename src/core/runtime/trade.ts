/**
 * `mm trade`: opens everything a run needs in an order that fails early and loses nothing, runs one session, and closes
 * everything again. The order: configuration, interlocks, addresses, journal, exchange; orders only after all of them.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import type { Settings } from '../config/schema.ts'
import { type GuardAddress, guardAddress } from '../deadman/address.ts'
import { EXIT, MmError } from '../errors.ts'
import { acquireLock } from '../run-lock.ts'
import type { RunSummary } from '../report/run-summary.ts'
import { statePath } from '../state-path.ts'
import { acknowledgeConfig } from './config-change.ts'
import { controlPath, openControl } from './control.ts'
import { DayLoss } from './day-loss.ts'
import { nodeDisk } from './disk.ts'
import { HaltLatch, insistNotHalted } from './halt.ts'
import { type HeartbeatEnd, startHeartbeat } from './heartbeat.ts'
import { inlineJournal, type Journal, openJournal } from './journal.ts'
import { pruneJournals } from './journal-prune.ts'
import { liveViewOf } from './live-view-of.ts'
import { type Log, openLog } from './log.ts'
import { type MetricsServer, serveMetrics } from './metrics-server.ts'
import { allPacks, packSchemas } from './packs.ts'
import { watchMemory } from './memory-watch.ts'
import { readLastRun } from './recover.ts'
import { type Reloaded, reloadRun } from './reload.ts'
import { Redactor } from './redact.ts'
import { loadMatcher } from '../scan/match.ts'
import { Session, type SessionResult } from './session.ts'
import { venueKey } from './session-account.ts'
import { nextEpoch, openStateDir, type StateDir } from './state-dir.ts'
import { Teardown } from './teardown.ts'
import { Terminal } from './terminal.ts'
import type { Venue } from './venue.ts'
import { defaultSymbols, openVenue, type VenueOptions } from './venues.ts'

export interface TradeOptions extends Omit<VenueOptions, 'settings' | 'redactor' | 'symbols'> {
  /** Null: the recording's symbol, or BTCUSDT. */
  readonly symbols: readonly string[] | null
  readonly durationMs: number | null
  /** Null: no metrics. */
  readonly metrics: { readonly address: string; readonly isExplicit: boolean } | null
  readonly arm: string | null
  /** Hash of a configuration that differs from the last start's. */
  readonly ackConfig?: string | null
  /** Null: nobody guards this run. */
  readonly guard: GuardAddress | null
  readonly stateDir: string | undefined
  readonly config: string | undefined
  readonly profile: string | undefined
  readonly override: string | undefined
  readonly set: readonly string[]
  readonly cwd: string
  /** Folder of our own package. */
  readonly root: string
}

export interface TradeOutput {
  /** Lines for scripts; null when nobody reads them. */
  readonly emit: ((line: object) => void) | null
  say(text: string): void
  /** Resolves when the output cannot be written any more: the run ends. */
  readonly failed?: Promise<MmError>
  /** Called once the bot can be watched: where its control socket is. */
  onReady?(socketPath: string): void
  /** Called every ten seconds with one line about the run. */
  onTick?(line: string): void
}

export interface TradeResult {
  readonly exit: number
  readonly summary: RunSummary | null
  /** What to tell the user; null when there is nothing. */
  readonly error: unknown
}

const TICK_MS = 10_000
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
  redactor.recognise(await loadMatcher())
  const linkBase = `mm${settings.exchange.botId}`
  lockState({ state, options, config, linkBase, teardown })
  const { log, close: closeLog } = openLog({
    level: settings.log.level,
    redactor,
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
    ...output,
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
    onRecovered: () => pruneOld(state, log),
    onHalt: (reason) => halting.begin(reason),
  })
  const halting = new HaltLatch(state.path)
  holder.session = session
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
  const { carriedE8 } = dayLoss
  if (carriedE8 > 0) say(`earlier runs of today lost ${(carriedE8 / 1e8).toFixed(2)}: that much less may be lost now`)
  return dayLoss
}

async function keepLoss(session: Session): Promise<void> {
  if (session.running !== null) await session.dayLoss?.note(session.running.engine.view().pnl)
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

// Room on the disk is no reason not to trade: what cannot be removed stays.
function pruneOld(state: StateDir, log: Log): void {
  try {
    const removed = pruneJournals(state.journals)
    if (removed.length > 0) log.info({ removed }, 'old journals removed')
  } catch (error) {
    log.warn({ err: error }, 'old journals could not be removed')
  }
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
  })
  teardown.add(release)
}

interface MetricsOpening {
  readonly options: TradeOptions
  readonly output: TradeOutput
  readonly teardown: Teardown
  readonly holder: { readonly session: Session | null }
}

async function openMetrics({ options, output, teardown, holder }: MetricsOpening): Promise<MetricsServer | null> {
  if (options.metrics === null) return null
  const server = await serveMetrics({
    ...options.metrics,
    source: () => holder.session?.metricsSource() ?? null,
    warn: (text) => output.say(`warning: ${text}`),
  })
  teardown.add(() => server.close())
  return server
}

interface RunJournal {
  readonly state: StateDir
  readonly venue: Venue
  readonly epoch: string
  readonly config: LoadedConfig
  readonly root: string
}

async function openRunJournal({ state, venue, epoch, config, root }: RunJournal): Promise<Journal> {
  const header = {
    epoch,
    createdMs: Math.floor(venue.clock.nowUs() / 1_000),
    buildHash: buildHash(root),
    configHash: config.hash,
  }
  const writer = { dir: state.journals, header, preallocate: !venue.isVirtual }
  // Under virtual time nothing waits for a disk, so nothing may be decided by how fast one is.
  return venue.isVirtual ? inlineJournal({ ...nodeDisk, sync: () => undefined }, writer) : openJournal(writer)
}

interface Watching extends MetricsOpening {
  readonly session: Session
  readonly state: StateDir
  readonly holder: { readonly session: Session | null; readonly metrics: MetricsServer | null }
  readonly epoch: string
  readonly version: string
  readonly journal: Journal
  readonly config: LoadedConfig
  readonly venue: Venue
  readonly reload: () => Reloaded
}

/** What lets others watch a run: control socket, loop delay, a line now and then. */
async function openWatching(watching: Watching): Promise<void> {
  const { session, state, output, teardown, holder, options } = watching
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  teardown.add(() => void delay.disable())
  session.counters.loopDelaySeconds = () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return seconds
  }
  const { metrics } = holder
  const view = liveViewOf({
    ...watching,
    metricsUrl: metrics === null ? '' : `http://${metrics.host}:${metrics.port}/metrics`,
    seed: options.venue === 'paper' ? options.seed : null,
  })
  const control = await openControl(state.path, {
    view,
    command: (op, reason) => {
      session.operator(op, reason)
      return session.haltFacts()
    },
    reload: () => watching.reload(),
  })
  teardown.add(() => control.close())
  output.onReady?.(control.path)
  const { onTick } = output
  if (onTick === undefined) return
  const timer = setInterval(() => {
    const { running } = session
    if (running !== null) onTick(tickLine(running.engine.view()))
  }, TICK_MS)
  teardown.add(() => clearInterval(timer))
}

function tickLine(view: ReturnType<NonNullable<Session['running']>['engine']['view']>): string {
  const symbols = view.symbols.map(
    ({ symbol, book, position, pnl, fills }) =>
      `${symbol} ${book.bid}/${book.ask} position ${position} fills ${fills} profit ${pnl.total} ${pnl.coin}`,
  )
  const reason = view.phaseReason === '' ? '' : ` (${view.phaseReason})`
  return `${view.phase}${reason}  ${symbols.join('  ')}`
}

interface Ends {
  readonly output: TradeOutput
  readonly log: Log
  /** Null: nothing is read again under virtual time. */
  readonly reload: (() => unknown) | null
}

/**
 * Signals and errors that nobody caught: all but a reload lead to the same orderly end. Returns how to stop listening:
 * signals then do nothing for as long as the process lives, so that none turns an end that was in order into a kill.
 */
function catchEnds(session: Session, { output, log, reload }: Ends): () => void {
  const terminal = new Terminal()
  let signals = 0
  let isOver = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isOver) return
    signals++
    log.info({ signal }, 'asked to stop')
    output.say(signals === 1 ? `${signal}: cancelling and verifying` : 'already stopping: waiting for the exchange')
    session.stop(`signal ${signal}`)
  }
  // A terminal or ssh session that is gone leaves nobody to send another signal; otherwise somebody sent it on purpose.
  const onHangup = (signal: NodeJS.Signals): void => {
    if (reload === null || terminal.isLost) onSignal(signal)
    else if (!isOver) reload()
  }
  // Without a listener it would kill the bot: Node's own use of it, a debugger, is switched off.
  const onUser = (): void => {
    if (!isOver) log.warn('SIGUSR1 means nothing here')
  }
  const onError = (error: unknown): void => session.crash(error)
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  process.on('SIGQUIT', onSignal)
  process.on('SIGUSR1', onUser)
  process.on('uncaughtException', onError)
  process.on('unhandledRejection', onError)
  return () => {
    isOver = true
    process.off('uncaughtException', onError)
    process.off('unhandledRejection', onError)
  }
}

function packageOf(root: string): { version: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
}

/** What was built: the package and its lockfile say which code this is. */
function buildHash(root: string): string {
  const hash = createHash('sha256')
  hash.update(readFileSync(join(root, 'package.json')))
  hash.update(readFileSync(join(root, 'oclif.manifest.json')))
  return hash.digest('hex')
}
