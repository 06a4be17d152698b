/**
 * Joins the engine to a recorded market: the same engine, the same ledger and matching as the paper exchange, the clock of
 * the data, no wire. The exchange lives in exchange order, the engine sees what reached us when it reached us; our
 * requests arrive after their latency, so nothing is decided on or filled by what was not known.
 */
import { DecideEvent, type EngineEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { RequestBuffer } from '../domain/request.ts'
import { positionLots, symbolId, timeUs } from '../domain/units.ts'
import { Engine, type Packs } from '../engine/engine.ts'
import type { EngineConfig } from '../engine/engine-config.ts'
import type { LatencyModel } from '../exchange/sim/latency.ts'
import type { Market } from '../exchange/sim/market.ts'
import type { SimInstrument } from '../exchange/sim/model.ts'
import type { ReplayFeed } from '../exchange/sim/replay-feed.ts'
import { ReplayReader } from '../exchange/sim/replay-reader.ts'
import { SimExchange } from '../exchange/sim/sim-exchange.ts'
import type { Recording } from '../recording/recording.ts'
import type { RunFacts } from '../report/run-summary.ts'
import { SymbolTally } from '../report/run-tally.ts'
import { BACKTEST_UID, BacktestExchange, type Legs } from './backtest-exchange.ts'

export interface BacktestOptions {
  readonly recording: Recording
  readonly instrument: Instrument
  readonly engineConfig: EngineConfig
  readonly packs: Packs
  readonly seed: number
  readonly legs: Legs
  /** Gateway to matching. */
  readonly matchLatency: LatencyModel
  readonly feedLatencyUsMin: number
  /** The market around our orders, over the recorded feed. */
  market(feed: ReplayFeed): Market
  /** Names of the models, for the report. */
  readonly models: Readonly<Record<string, string>>
  /** Sees every request of ours with the time of its decision. */
  readonly onRequests?: (requests: RequestBuffer, nowUs: number) => void
}

export interface BacktestResult {
  readonly facts: RunFacts
  /** Market events the engine's side of the run passed: level changes, trades, best-quote updates. */
  readonly marketEvents: number
  readonly decisions: number
}

/** A quiet market still gets a decision this often, as in a live run. */
const IDLE_US = 50_000
/** How long the cancels at the end may take. */
const CLOSING_US_MAX = 60_000_000

export function runBacktest(options: BacktestOptions): BacktestResult {
  return new Backtest(options).run()
}

class Backtest {
  private readonly options: BacktestOptions
  private readonly engine: Engine
  private readonly sim: SimExchange
  private readonly link: BacktestExchange
  private readonly feed: ReplayReader
  private readonly tally = new SymbolTally()
  private readonly out = new RequestBuffer()
  private readonly decision = new DecideEvent()
  private readonly startUs: number
  private nowUs: number
  private decisions = 0

  constructor(options: BacktestOptions) {
    const { recording, instrument, feedLatencyUsMin } = options
    this.options = options
    this.engine = new Engine(options.engineConfig, options.packs)
    const truth = new ReplayReader(recording, { order: 'exchange', feedLatencyUsMin })
    this.feed = new ReplayReader(recording, { order: 'received', feedLatencyUsMin })
    // Whichever clock begins first: a late snapshot's exchange time lies before what reached us with it.
    this.startUs = Math.min(truth.nextUs(), this.feed.nextUs())
    this.nowUs = this.startUs
    this.link = new BacktestExchange({ category: instrument.category, symbol: instrument.symbol }, options.legs)
    this.sim = new SimExchange({
      seed: options.seed,
      startUs: timeUs(this.startUs),
      markets: [{ listing: listingOf(instrument), market: options.market(truth) }],
      accounts: [{ uid: BACKTEST_UID, balances: balancesOf(instrument) }],
      sink: this.link,
      matchLatency: options.matchLatency,
    })
    this.link.attach(this.sim)
  }

  run(): BacktestResult {
    this.start()
    this.trade()
    const exitReason = this.engine.phase === 'halted' ? this.engine.phaseReason : 'end of the recording'
    const endedUs = this.nowUs
    this.close(exitReason)
    return {
      facts: this.facts(exitReason, endedUs),
      marketEvents: this.feed.eventsPassed,
      decisions: this.decisions,
    }
  }

  private start(): void {
    const nowUs = timeUs(this.startUs)
    const symbol = symbolId(0)
    this.step({ kind: 'start', nowUs, instruments: [this.options.instrument] })
    this.step({ kind: 'position', symbol, positionLots: positionLots(0), costMoney: 0, nowUs })
    for (const link of ['account', 'trade', 'market'] as const) {
      this.step({ kind: 'link', link, symbol: null, state: 'up', nowUs })
    }
  }

  /** Until the data ends or the engine has halted. */
  private trade(): void {
    for (;;) {
      const feedUs = this.feed.nextUs()
      if (feedUs === Number.POSITIVE_INFINITY || this.engine.phase === 'halted') return
      this.advance(Math.min(feedUs, this.nowUs + IDLE_US))
    }
  }

  /** Quotes no more, cancels, and goes on until the exchange shows nothing open. */
  private close(reason: string): void {
    this.step({ kind: 'operator', command: 'halt', reason, nowUs: timeUs(this.nowUs) })
    this.decide()
    const untilUs = this.nowUs + CLOSING_US_MAX
    while (this.nowUs < untilUs && !this.isQuiet()) this.advance(this.nowUs + IDLE_US)
  }

  private isQuiet(): boolean {
    const { engine, link, sim } = this
    const isIdle = link.nextInboxUs() === Number.POSITIVE_INFINITY && link.nextOutboxUs() === Number.POSITIVE_INFINITY
    return isIdle && engine.liveOrders === 0 && sim.openOrders(BACKTEST_UID).length === 0
  }

  /** To the next moment at which something reaches us, at most `limitUs`: exchange first, then what we hear, then we decide. */
  private advance(limitUs: number): void {
    const { link, sim } = this
    for (;;) {
      const hereUs = Math.min(link.nextInboxUs(), limitUs)
      const simUs = sim.nextUs()
      const gatewayUs = link.nextOutboxUs()
      if (Math.min(simUs, gatewayUs) > hereUs) return this.hear(hereUs)
      if (gatewayUs < simUs) link.deliver(gatewayUs)
      else sim.advance(timeUs(simUs))
    }
  }

  /** Everything that reached us by `nowUs`, facts about our own orders first, then one decision. */
  private hear(nowUs: number): void {
    const { link, feed } = this
    this.nowUs = nowUs
    for (let event = link.receive(nowUs); event !== undefined; event = link.receive(nowUs)) this.step(event)
    while (feed.nextUs() <= nowUs) this.hearMarket()
    this.decide()
  }

  private hearMarket(): void {
    const { feed, engine, out } = this
    switch (feed.next()) {
      case 'book':
        return engine.step(feed.book, out)
      case 'trade':
        return engine.step(feed.trade, out)
      case 'gap':
        return this.step({ kind: 'link', link: 'market', symbol: symbolId(0), state: 'gap', nowUs: timeUs(this.nowUs) })
      default:
    }
  }

  private step(event: EngineEvent): void {
    if (event.kind === 'fill') this.tally.fill(event)
    this.engine.step(event, this.out)
  }

  private decide(): void {
    const { out, decision, link, options } = this
    out.clear()
    decision.nowUs = timeUs(this.nowUs)
    this.engine.step(decision, out)
    this.decisions++
    if (out.length === 0) return
    for (let i = 0; i < out.length; i++) if (out.at(i).kind === 'place') this.tally.ordersPlaced++
    options.onRequests?.(out, this.nowUs)
    link.send(out, this.nowUs)
  }

  private facts(exitReason: string, endedUs: number): RunFacts {
    const { options, engine, sim } = this
    const open = sim.openOrders(BACKTEST_UID)
    return {
      run: 'backtest',
      seed: options.seed,
      startedUs: this.startUs,
      endedUs,
      exitReason,
      openOrders: open.map(({ orderLinkId }) => orderLinkId),
      verifiedZero: open.length === 0,
      counters: { ...engine.counters },
      models: options.models,
      symbols: engine.accounts.map(({ attribution, markouts, scale }) => ({
        instrument: options.instrument,
        scale,
        parts: attribution.parts(scale),
        identity: attribution.identity(scale),
        positionLots: attribution.position.lots,
        markouts: markouts.rows(endedUs),
        tally: this.tally,
      })),
    }
  }
}

/** A recorded market lists one instrument; its price band is wide, because the recorded market already kept to its own. */
function listingOf(instrument: Instrument): SimInstrument {
  return {
    instrument,
    status: 'Trading',
    contractType: instrument.category === 'linear' ? 'LinearPerpetual' : '',
    leverageMax: '100.00',
    fundingIntervalMin: 480,
    deliveryTimeMs: 0,
    launchTimeMs: 0,
    priceLimitRatioX: '0.05',
    priceLimitRatioY: '0.1',
  }
}

const PLENTY_E8 = 10n ** 18n

/** Money is never what stops a backtest: position and order limits are the guards'. */
function balancesOf({ baseCoin, quoteCoin, settleCoin }: Instrument): Record<string, bigint> {
  return { [baseCoin]: PLENTY_E8, [quoteCoin]: PLENTY_E8, [settleCoin]: PLENTY_E8 }
}
