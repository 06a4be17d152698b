/**
 * Joins the engine to a recorded market: the same engine, the same ledger and matching as the paper exchange, the clock of
 * the data, no wire. The exchange lives in exchange order, the engine sees what reached us when it reached us; our
 * requests arrive after their latency, so nothing is decided on or filled by what was not known.
 */
import { DecideEvent, type EngineEvent } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { RequestBuffer } from '../domain/request.ts'
import { positionLots, symbolId, timeUs } from '../domain/units.ts'
import { Engine } from '../engine/engine.ts'
import type { EngineConfig } from '../engine/engine-config.ts'
import type { Packs } from '../engine/state.ts'
import type { LatencyModel } from '../exchange/sim/latency.ts'
import type { SimInstrument } from '../exchange/sim/model.ts'
import type { QueueModel } from '../exchange/sim/queue-model.ts'
import { ReplayMarket } from '../exchange/sim/replay-market.ts'
import { ReplayReader } from '../exchange/sim/replay-reader.ts'
import { SimExchange } from '../exchange/sim/sim-exchange.ts'
import type { Recording } from '../recording/recording.ts'
import type { RunSummary } from '../report/run-summary.ts'
import { RunTally } from '../report/run-tally.ts'
import { BACKTEST_UID, BacktestExchange } from './backtest-exchange.ts'
import { summarize } from './summary.ts'

export interface BacktestOptions {
  readonly recording: Recording
  readonly instrument: Instrument
  readonly config: EngineConfig
  readonly packs: Packs
  readonly seed: number
  /** One way each: request to the gateway, gateway to matching, answers and private stream to us. */
  readonly latency: {
    readonly request: LatencyModel
    readonly match: LatencyModel
    readonly ack: LatencyModel
    readonly stream: LatencyModel
  }
  /** Of the quickest market message. */
  readonly feedLatencyUsMin: number
  /** How long one decision takes: what arrives meanwhile is decided on together. */
  readonly thinkUs: number
  readonly queueModel: QueueModel
  /** Names of the models, for the report. */
  readonly models: Readonly<Record<string, string>>
  /** Sees every request of ours at the moment of its decision; the buffer is reused. */
  readonly onRequests?: (requests: RequestBuffer, nowUs: number) => void
  /** Share of the recording done, now and then. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface BacktestResult {
  readonly summary: RunSummary
  /** Market events passed: level changes, trades, best-quote updates. */
  readonly marketEvents: number
  readonly decisions: number
}

/** A quiet market still gets a decision this often, as in a live run. */
const IDLE_US = 50_000
/** How long the cancels at the end may take. */
const CLOSING_US_MAX = 60_000_000
const PROGRESS_DECISIONS = 2_048
const SYMBOL = symbolId(0)

export function runBacktest(options: BacktestOptions): BacktestResult {
  return new Backtest(options).run()
}

class Backtest {
  private readonly options: BacktestOptions
  private readonly engine: Engine
  private readonly sim: SimExchange
  private readonly link: BacktestExchange
  /** The market as it reaches us. */
  private readonly feed: ReplayReader
  private readonly tally = new RunTally(1)
  private readonly out = new RequestBuffer()
  private readonly decision = new DecideEvent()
  private readonly startUs: number
  private nowUs: number
  private decisions = 0

  constructor(options: BacktestOptions) {
    const { recording, instrument, feedLatencyUsMin, latency } = options
    this.options = options
    this.engine = new Engine(options.config, options.packs)
    const truth = new ReplayReader(recording, { order: 'exchange', feedLatencyUsMin })
    this.feed = new ReplayReader(recording, { order: 'received', feedLatencyUsMin })
    // The exchange made its first message before it reached us.
    this.startUs = Math.min(truth.nextUs(), this.feed.nextUs())
    this.nowUs = this.startUs
    const market = new ReplayMarket(instrument.category, instrument.symbol, options.queueModel, truth)
    this.link = new BacktestExchange({ category: instrument.category, symbol: instrument.symbol }, latency)
    this.sim = new SimExchange({
      seed: options.seed,
      startUs: timeUs(this.startUs),
      markets: [{ listing: listingOf(instrument), market }],
      accounts: [{ uid: BACKTEST_UID, balances: balancesOf(instrument) }],
      sink: this.link,
      matchLatency: latency.match,
    })
    this.link.attach(this.sim)
  }

  run(): BacktestResult {
    this.start()
    this.trade()
    const { engine, tally, options } = this
    const exitReason = engine.phase === 'halted' || engine.phase === 'halting' ? engine.phaseReason : END
    const endedUs = this.nowUs
    this.close(exitReason)
    const open = this.sim.openOrders(BACKTEST_UID).map(({ orderLinkId }) => orderLinkId)
    const summary = summarize({
      run: 'backtest',
      seed: options.seed,
      startedUs: this.startUs,
      endedUs,
      exitReason,
      openOrders: open,
      verifiedZero: this.isQuiet(),
      models: options.models,
      engine,
      instruments: [options.instrument],
      tally,
      counters: { marketEvents: this.feed.eventsPassed, decisions: this.decisions },
    })
    return { summary, marketEvents: this.feed.eventsPassed, decisions: this.decisions }
  }

  private start(): void {
    const nowUs = timeUs(this.startUs)
    this.tell({ kind: 'start', nowUs, instruments: [this.options.instrument] })
    this.tell({ kind: 'position', symbol: SYMBOL, positionLots: positionLots(0), costMoney: 0, nowUs })
    for (const link of ['account', 'trade', 'market'] as const) {
      this.tell({ kind: 'link', link, symbol: null, state: 'up', nowUs })
    }
  }

  /** Until the data ends or the engine has halted. */
  private trade(): void {
    const { recording, onProgress } = this.options
    for (;;) {
      const feedUs = this.feed.nextUs()
      if (feedUs === Number.POSITIVE_INFINITY || this.engine.phase === 'halted') return
      this.advance(Math.min(feedUs, this.nowUs + IDLE_US))
      if (this.decisions % PROGRESS_DECISIONS === 0) onProgress?.(this.feed.rowsPassed, recording.rowCount)
    }
  }

  /** Quotes no more, cancels, and goes on until the exchange shows nothing open. The market no longer moves by then. */
  private close(reason: string): void {
    this.tell({ kind: 'operator', command: 'halt', reason, nowUs: timeUs(this.nowUs) })
    this.decide()
    const untilUs = this.nowUs + CLOSING_US_MAX
    while (this.nowUs < untilUs && !this.isQuiet()) this.advance(this.nowUs + IDLE_US)
  }

  private isQuiet(): boolean {
    const { engine, link, sim } = this
    return link.isIdle && engine.liveOrders === 0 && sim.openOrders(BACKTEST_UID).length === 0
  }

  /**
   * To the next moment at which something has reached us (at most `limitUs`) and the last decision is done: the exchange
   * first, then what we hear, then we decide.
   */
  private advance(limitUs: number): void {
    const { link, sim } = this
    const readyUs = this.nowUs + this.options.thinkUs
    for (;;) {
      const hereUs = Math.max(Math.min(link.nextInboxUs(), limitUs), readyUs)
      const simUs = sim.nextUs()
      const gatewayUs = link.nextOutboxUs()
      if (Math.min(simUs, gatewayUs) > hereUs) return this.hear(hereUs)
      if (gatewayUs < simUs) link.deliver(gatewayUs)
      else sim.advance(timeUs(simUs))
    }
  }

  /** Everything that reached us by `nowUs`, facts about our own orders first, then one decision. */
  private hear(nowUs: number): void {
    const { link } = this
    this.nowUs = nowUs
    for (let event = link.receive(nowUs); event !== undefined; event = link.receive(nowUs)) this.tell(event)
    while (this.feed.nextUs() <= nowUs) this.hearMarket()
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
        return this.tell({ kind: 'link', link: 'market', symbol: SYMBOL, state: 'gap', nowUs: timeUs(this.nowUs) })
      default:
    }
  }

  private tell(event: EngineEvent): void {
    if (event.kind === 'fill') this.tally.fill(event)
    this.engine.step(event, this.out)
  }

  private decide(): void {
    const { out, decision, options } = this
    out.clear()
    decision.nowUs = timeUs(this.nowUs)
    this.engine.step(decision, out)
    this.decisions++
    if (out.length === 0) return
    for (let i = 0; i < out.length; i++) if (out.at(i).kind === 'place') this.tally.placed(out.at(i).symbol)
    options.onRequests?.(out, this.nowUs)
    this.link.send(out, this.nowUs)
  }
}

const END = 'end of the recording'

/** A recorded market lists one instrument; its price band is wide, because the recorded market kept to its own. */
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

/** Money is never what stops a backtest: limits of position and orders are the guards'. */
function balancesOf({ baseCoin, quoteCoin, settleCoin }: Instrument): Record<string, bigint> {
  return { [baseCoin]: PLENTY_E8, [quoteCoin]: PLENTY_E8, [settleCoin]: PLENTY_E8 }
}
