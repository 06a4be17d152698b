/**
 * Bybit V5 behind the `Exchange` port: joins streams, order entry and account reads over one `Wire`, and tells
 * everything through the sink. It never decides anything and never knows whether the other end is simulated.
 */
import { invariant } from '../../domain/invariant.ts'
import { Prng } from '../../domain/prng.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { RequestBuffer } from '../../domain/request.ts'
import type { SymbolId } from '../../domain/units.ts'
import { MmError } from '../../errors.ts'
import type { AccountPosition, Exchange, OpenOrder, PastExecution, Sink } from '../port.ts'
import type { TimerId } from '../wire.ts'
import { AccountFeed } from './account-feed.ts'
import { AccountReads, type KeyInfo } from './account-reads.ts'
import { AccountSync } from './account-sync.ts'
import { BanWindow } from './ban-window.ts'
import { GatewayCounters } from './counters.ts'
import { armDcp, dcpTopic } from './disconnect-cancel.ts'
import { ExchangeClock } from './exchange-clock.ts'
import { emitLink, type Gateway, type LinkName } from './gateway.ts'
import { jsonCodec } from './json-codec.ts'
import type { JsonObject } from './json-value.ts'
import { type BybitOptions, settingsOf } from './options.ts'
import { OrderEntry } from './order-entry.ts'
import { OrderLedger } from './order-ledger.ts'
import { OrderLinks } from './order-links.ts'
import {
  type ExecutionRow,
  type PositionRow,
  readExecution,
  readOrder,
  readPosition,
  readWallet,
  type WalletRow,
} from './private-messages.ts'
import { PrivateStream, type PrivateTopic } from './private-stream.ts'
import { PublicStream } from './public-stream.ts'
import { PositionCheck } from './position-check.ts'
import { Reconciler } from './reconciler.ts'
import { type BybitRest, loadRest, operatorError } from './rest.ts'
import { RestFailure, RestTransport } from './rest-transport.ts'
import { RuleWatch } from './rule-watch.ts'
import { SessionAuth } from './session-auth.ts'
import { signerOf } from './signing.ts'
import { SymbolTable } from './symbol-table.ts'
import { TradeSocket } from './trade-socket.ts'
import { UnknownOrders } from './unknown-orders.ts'

const OPEN_US = 60_000_000
const CLOCK_LOOK_US = 60_000_000
const BANNED = 'HTTP 403: the exchange bans this address; nothing is asked or connected before'
const UNBANNED = 'the ban of this address is over: reading the account anew'

/** The adapter. Asynchronous because it loads `bybit-api`: await it before a virtual clock starts. */
export async function bybitExchange(options: BybitOptions): Promise<BybitExchange> {
  const settings = settingsOf(options)
  const { wire } = settings
  const state: { exchange: BybitExchange | null; isFatal: boolean } = { exchange: null, isFatal: false }
  const gateway: Gateway = {
    settings,
    wire,
    clock: new ExchangeClock(wire),
    ban: new BanWindow(wire),
    signer: signerOf(settings.credentials),
    counters: new GatewayCounters(),
    codec: jsonCodec,
    links: new OrderLinks(settings.linkPrefix, settings.linkEpoch),
    prng: new Prng(settings.seed),
    symbols: new SymbolTable([]),
    emit: () => {},
    fatal(error) {
      if (state.isFatal) return
      state.isFatal = true
      state.exchange?.refuseOpening(error)
      settings.onFatal(error)
    },
  }
  const transport = new RestTransport(gateway)
  const exchange = new BybitExchange(gateway, transport, await loadRest(gateway, transport))
  state.exchange = exchange
  return exchange
}

export class BybitExchange implements Exchange {
  readonly counters: GatewayCounters
  /** Last wallet statement of the exchange, null before the first. */
  wallet: WalletRow | null = null
  private readonly gateway: Gateway
  private readonly transport: RestTransport
  private readonly rest: BybitRest
  private readonly reads: AccountReads
  private readonly ledger = new OrderLedger()
  private readonly feed: AccountFeed
  private readonly unknown: UnknownOrders
  private readonly sync: AccountSync
  private readonly check: PositionCheck
  private readonly reconciler: Reconciler
  private readonly rules: RuleWatch
  private readonly entry: OrderEntry
  private readonly trade: TradeSocket
  private readonly account: PrivateStream
  private market: PublicStream | null = null
  private readonly links: Record<LinkName, boolean> = { market: false, account: false, trade: false }
  private opening: Opening | null = null
  private clockTimer: TimerId | null = null
  private isStarted = false
  private isClosed = false

  constructor(gateway: Gateway, transport: RestTransport, rest: BybitRest) {
    this.gateway = gateway
    this.transport = transport
    this.counters = gateway.counters
    this.rest = rest
    this.reads = new AccountReads(gateway, rest)
    this.feed = new AccountFeed(gateway, this.ledger)
    this.unknown = new UnknownOrders(gateway, { rest, feed: this.feed, ledger: this.ledger })
    this.feed.onOrderNews = (row) => this.unknown.news(row)
    this.sync = new AccountSync(gateway, { rest, feed: this.feed, ledger: this.ledger, unknown: this.unknown })
    this.check = new PositionCheck(gateway, this.feed, () => this.doubt())
    const { sync, feed } = this
    this.reconciler = new Reconciler(gateway, { sync, feed, doubt: () => this.doubt() })
    this.rules = new RuleWatch(gateway, rest)
    gateway.ban.onChange = (isBanned) => this.banned(isBanned)
    const remeasure = (): void => void this.measureClock()
    this.trade = new TradeSocket(gateway, new SessionAuth(gateway, remeasure), {
      ready: () => this.up('trade'),
      down: () => this.tradeDown(),
      ack: (answer) => this.entry.answered(answer),
    })
    this.entry = new OrderEntry(gateway, {
      socket: this.trade,
      transport,
      ledger: this.ledger,
      unknown: this.unknown,
      remeasure,
      resync: () => this.doubt(),
      probe: () => this.probe(),
    })
    this.account = new PrivateStream(gateway, new SessionAuth(gateway, remeasure), {
      ready: () => void this.makeWhole(),
      down: () => this.accountDown(),
      rows: (topic, rows) => this.rows(topic, rows),
      refused: (error) => this.refuseOpening(error),
    })
  }

  /** Newest exchange timestamp that a create or amend may have been signed with, ms; 0 when none was. */
  get newestRiskMs(): number {
    return this.entry.newestRiskMs
  }

  /** Orders whose state is in doubt. */
  get unknownOrders(): number {
    return this.unknown.size
  }

  /** The account's UID and what the key may do. */
  keyInfo(): Promise<KeyInfo> {
    return this.reads.keyInfo()
  }

  instruments(symbols: readonly string[]): Promise<readonly Instrument[]> {
    return this.reads.instruments(symbols)
  }

  async open(sink: Sink): Promise<void> {
    invariant(this.gateway.symbols.entries.length > 0, 'instruments() comes before open()')
    invariant(this.opening === null, 'open() is called once')
    this.gateway.emit = sink
    const { wire } = this.gateway
    await this.reads.preflight()
    const done = new Promise<void>((resolve, reject) => {
      this.opening = { resolve, reject }
    })
    this.market = new PublicStream(this.gateway, {
      ready: () => this.up('market'),
      down: () => this.down('market'),
      refused: (error) => this.refuseOpening(error),
    })
    const timer = wire.after(OPEN_US, () => {
      const missing = Object.entries(this.links).flatMap(([link, isUp]) => (isUp ? [] : [link]))
      const at = wire.peer === undefined ? '' : ` to ${wire.peer}`
      const what = `no ${missing.join(', ')} link${at} within a minute`
      this.refuseOpening(new MmError('EXCHANGE_UNREACHABLE', { what }))
    })
    this.account.start()
    this.watchClock()
    try {
      await done
    } catch (error) {
      await this.close()
      throw error
    } finally {
      wire.cancelTimer(timer)
    }
  }

  /** Before `open`: arms the exchange's own cancel on disconnect where the account has it; its window, s, or null. */
  async armDisconnectCancel(): Promise<number | null> {
    const { category, safeWindowMs } = this.gateway.settings
    const windowS = await armDcp(this.transport, category, safeWindowMs)
    if (windowS !== null) this.account.alsoSubscribe(dcpTopic(category))
    return windowS
  }

  send(requests: RequestBuffer): void {
    this.entry.sendAll(requests)
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    return this.reads.openOrders()
  }

  cancelByIds(orders: readonly OpenOrder[]): Promise<void> {
    return this.reads.cancelByIds(orders)
  }

  positions(): Promise<readonly AccountPosition[]> {
    return this.reads.positions()
  }

  executionsSince(fromMs: number): Promise<readonly PastExecution[]> {
    return this.reads.executionsSince(fromMs)
  }

  resync(symbol: SymbolId): void {
    this.market?.resync(symbol)
  }

  close(): Promise<void> {
    this.isClosed = true
    this.gateway.emit = () => {}
    this.reconciler.stop()
    this.rules.stop()
    this.sync.cancel()
    this.unknown.stop()
    this.entry.stop()
    this.market?.stop()
    this.trade.stop()
    this.account.stop()
    if (this.clockTimer !== null) this.gateway.wire.cancelTimer(this.clockTimer)
    return Promise.resolve()
  }

  // The account's picture is whole before anything else starts.
  private async makeWhole(): Promise<void> {
    try {
      this.reconciler.stop()
      const unread = await this.sync.whole()
      if (unread === null || this.isClosed) return
      if (!this.links.account) this.up('account')
      this.reconciler.start(unread)
    } catch (error) {
      const shown = operatorError(error, 'account state')
      if (!(shown instanceof MmError)) throw error
      return this.gateway.fatal(shown)
    }
    if (this.isStarted) return
    this.isStarted = true
    this.rules.start()
    this.market?.start()
    if (this.gateway.settings.orderEntry === 'socket') this.trade.start()
    else this.up('trade')
  }

  /** As `makeWhole`, when the stream still flows: our picture was shown wrong. */
  private doubt(): void {
    if (this.links.account && !this.feed.isHolding) void this.makeWhole()
  }

  private up(link: LinkName): void {
    if (this.isClosed) return
    this.links[link] = true
    emitLink(this.gateway, link, 'up')
    if (this.links.market && this.links.account && this.links.trade) this.opening?.resolve()
  }

  private accountDown(): void {
    this.reconciler.stop()
    this.sync.cancel()
    this.down('account')
  }

  // No new risk while nothing may be asked: what a request did could not be found out.
  private banned(isBanned: boolean): void {
    const { settings, ban } = this.gateway
    settings.onNotice(
      isBanned
        ? `${BANNED} ${new Date((this.gateway.wire.nowUs() + ban.remainingUs) / 1_000).toISOString()}`
        : UNBANNED,
    )
    if (isBanned) this.down('trade')
    else if (this.isStarted && !this.links.trade && this.entry.isReachable) this.up('trade')
  }

  private async probe(): Promise<void> {
    const [symbol] = this.gateway.symbols.entries
    if (symbol !== undefined) await this.rest.openOrders(symbol.name)
  }

  private tradeDown(): void {
    this.down('trade')
    this.entry.socketDown()
  }

  private down(link: LinkName): void {
    if (!this.links[link]) return
    this.links[link] = false
    emitLink(this.gateway, link, 'down')
  }

  /** Makes an `open` that is under way fail with this error. */
  refuseOpening(error: MmError): void {
    this.opening?.reject(error)
  }

  private execution(row: ExecutionRow): void {
    if (row.kind === 'unknown') this.doubt()
    else this.feed.execution(row)
  }

  private position(row: PositionRow): void {
    if (row.positionIdx !== 0) this.gateway.fatal(new MmError('EXCHANGE_ACCOUNT_MODE', { symbol: row.symbol.name }))
    else this.check.stated(row)
  }

  private watchClock(): void {
    this.clockTimer = this.gateway.wire.after(CLOCK_LOOK_US, () => {
      if (this.gateway.clock.isOld()) void this.measureClock()
      this.watchClock()
    })
  }

  private async measureClock(): Promise<void> {
    try {
      await this.rest.measureClock()
    } catch (error) {
      // The offset in use stays; the next look tries again.
      if (!(error instanceof RestFailure)) throw error
    }
  }

  private rows(topic: PrivateTopic, rows: readonly JsonObject[]): void {
    for (const row of rows) {
      if (topic === 'order') this.take(readOrder(row, this.gateway), (order) => this.feed.order(order))
      else if (topic === 'execution') this.take(readExecution(row, this.gateway), (done) => this.execution(done))
      else if (topic === 'position') this.take(readPosition(row, this.gateway.symbols), (held) => this.position(held))
      else if (topic === 'wallet') this.wallet = readWallet(row)
    }
  }

  private take<Row extends object>(row: Row | 'foreign' | null, use: (row: Row) => void): void {
    if (row === 'foreign') return
    if (row !== null) return use(row)
    // A row of ours that cannot be read may be a fill.
    this.counters.framesDropped++
    this.account.reconnect()
  }
}

interface Opening {
  resolve(): void
  reject(error: MmError): void
}
