/**
 * The simulated Bybit V5 server without sockets or clock: HTTP requests and WebSocket frames in, replies and frames out,
 * time only through `advance`. Attaches to the virtual wire or to the loopback listener. Every request goes one way:
 * address → route → gate → quota → handler → outbox; whatever a client sends ends in an answer, never in a throw.
 */
import type { Category } from '../../../domain/instrument.ts'
import { type TimeUs, timeUs } from '../../../domain/units.ts'
import type { HttpReply, HttpRequest, RemoteEnd, ServerPeer, WireServer } from '../../wire.ts'
import type { MarketView, SimExecution, SimInstrument, SimOrder, SimSink, SimTrade } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import { Agenda } from './agenda.ts'
import { Desk } from './desk.ts'
import { EventLog } from './event-log.ts'
import { AttachedExits } from './attached-exits.ts'
import { ExitPairs } from './exit-pairs.ts'
import type { FaultScript } from './fault-input.ts'
import { Faults } from './faults.ts'
import { type KeyOptions, KeyRing } from './keys.ts'
import { AddressLimits, type Tier, UidLimits } from './limits.ts'
import { Outbox, type Legs } from './outbox.ts'
import { Quirks } from './quirks.ts'
import type { Clocks } from './gate.ts'
import { envelope } from './reply.ts'
import { Settings } from './settings.ts'
import { RequestCounts } from './sim-truth.ts'
import { AccountFeed } from './sockets/account-feed.ts'
import { BookFeeds } from './sockets/book-feeds.ts'
import { DcpWatch } from './sockets/dcp-watch.ts'
import { planFunding } from './funding-hours.ts'
import { Hub } from './sockets/hub.ts'
import { LiquidationFeed } from './sockets/liquidation-feed.ts'
import { MarketFeeds } from './sockets/market-feeds.ts'
import { PrivateSession } from './sockets/private-session.ts'
import { PublicSession } from './sockets/public-session.ts'
import { Session, type SimConnection } from './sockets/session.ts'
import { TradeSession } from './sockets/trade-session.ts'
import { Tape } from './tape.ts'
import { announceMaintenance, maintenanceAt, StatusSession } from './sockets/status-session.ts'
import type { MaintenanceWindow, Venue } from './venue.ts'

export interface SimServerOptions {
  readonly startUs: TimeUs
  readonly seed: number
  readonly keys: readonly KeyOptions[]
  readonly tier: Tier
  readonly legs: Legs
  /** Makes the ledger; it must tell everything to this sink. */
  readonly exchange: (sink: SimSink) => SimExchange
  readonly faults?: FaultScript
  /** Gets every event of ledger and gate as one JSON line. */
  readonly log?: (line: string) => void
  /** A second clock by which a timestamp may be right, when the server's runs at another speed than its clients'. */
  readonly wallMs?: () => number
  /** Accounts may arm disconnect protection; default false, as for ordinary accounts. */
  readonly isInstitutional?: boolean
  readonly maintenance?: readonly MaintenanceWindow[]
}

const CATEGORIES: readonly Category[] = ['linear', 'inverse', 'spot', 'option']

export class SimServer implements WireServer {
  readonly exchange: SimExchange
  readonly keys: KeyRing
  readonly faults: Faults
  readonly counts = new RequestCounts()
  private readonly agenda: Agenda
  private readonly outbox: Outbox
  private readonly hub = new Hub()
  private readonly venue: Venue
  private readonly desk: Desk
  private readonly feeds: MarketFeeds
  private readonly account: AccountFeed
  private readonly liquidations: LiquidationFeed
  private readonly exits: AttachedExits
  private readonly pairs: ExitPairs
  private readonly books: BookFeeds
  private readonly dcp: DcpWatch
  private readonly addresses: AddressLimits
  private readonly tapes = new Map<SimInstrument, Tape>()
  private readonly log: EventLog
  private readonly clocks: Clocks
  private readonly quirks: Quirks
  private sessions = 0

  constructor(options: SimServerOptions) {
    const agenda = new Agenda(options.startUs)
    const startMs = agenda.nowMs()
    this.agenda = agenda
    this.keys = new KeyRing(options.keys)
    this.faults = new Faults(
      options.seed,
      () => agenda.nowMs() - startMs,
      (retCode, retMsg) => envelope({ retCode, retMsg, result: {}, retExtInfo: {} }, agenda.nowMs()),
    )
    if (options.faults !== undefined) this.faults.arm(options.faults.rules, options.faults.seed)
    this.quirks = new Quirks({ faults: this.faults, agenda, settle: () => this.account.flush() }, options.seed)
    this.outbox = new Outbox(agenda, options.legs, this.faults)
    this.addresses = new AddressLimits(options.tier)
    this.clocks = { nowMs: () => agenda.nowMs(), wallMs: options.wallMs ?? null }
    this.account = new AccountFeed(() => this.venue, agenda, this.hub)
    this.liquidations = new LiquidationFeed(agenda, this.hub)
    this.books = new BookFeeds(agenda, this.hub, () => this.exchange.crossSeq)
    this.log = new EventLog(options.log)
    const exitParts = { exchange: () => this.exchange, agenda, settle: () => this.account.flush() }
    this.pairs = new ExitPairs(exitParts)
    this.exits = new AttachedExits({ ...exitParts, pairs: this.pairs })
    this.exchange = options.exchange(this.sink())
    const settings = new Settings(startMs, options.isInstitutional ?? false)
    const limits = new UidLimits(options.tier)
    this.venue = {
      exchange: this.exchange,
      keys: this.keys,
      tapes: { of: (_category, _symbol, listing) => this.tapeOf(listing) },
      books: this.books,
      settings,
      limits,
      quirks: this.quirks,
      pairs: this.pairs,
      maintenance: (nowMs) => maintenanceAt(options.maintenance ?? [], nowMs),
    }
    announceMaintenance(options.maintenance ?? [], agenda, this.hub)
    this.feeds = new MarketFeeds(this.venue, agenda, this.hub)
    this.dcp = new DcpWatch(agenda, settings, (uid, categories) => this.cancelForDcp(uid, categories))
    this.desk = new Desk({
      venue: this.venue,
      agenda,
      outbox: this.outbox,
      faults: this.faults,
      addresses: this.addresses,
      limits,
      counts: this.counts,
      log: this.log,
      settle: () => this.account.flush(),
      clocks: this.clocks,
    })
    this.quirks.armed(this.exchange)
    planFunding(this.exchange, agenda, () => this.account.flush())
  }

  nowUs(): TimeUs {
    return this.agenda.nowUs()
  }

  http(request: HttpRequest, remote: RemoteEnd, reply: (reply: HttpReply | 'reset') => void): void {
    this.desk.http(request, remote, reply)
  }

  accept(path: string, remote: RemoteEnd, peer: ServerPeer): SimConnection | { readonly refuse: number } {
    const [route = '', query = ''] = path.split('?', 2)
    if (!this.addresses.mayConnect(remote.ip, this.agenda.nowMs())) return { refuse: 403 }
    if (this.faults.take('socket', route, 'refuse') !== null) return { refuse: 503 }
    const open = this.doors().get(route)
    if (open === undefined) return { refuse: 404 }
    const id = `sim-${(++this.sessions).toString(36).padStart(6, '0')}`
    const options = { id, path: route, remote, peer, maxAgeUs: maxAgeOf(query) }
    return open(new Session(options, this.agenda, this.outbox))
  }

  nextUs(): number {
    return Math.min(this.agenda.nextUs(), this.exchange.nextUs())
  }

  /** When a reply, a frame or a timer is due next: what a client waits for. */
  nextOwedUs(): number {
    return Math.min(this.agenda.nextUs(), this.exchange.nextMatchUs())
  }

  advance(nowUs: TimeUs): void {
    for (let nextUs = this.nextUs(); nextUs <= nowUs; nextUs = this.nextUs()) {
      const atUs = timeUs(Math.max(nextUs, this.agenda.nowUs()))
      this.exchange.advance(atUs)
      this.account.flush()
      this.agenda.runUntil(atUs)
    }
    this.agenda.runUntil(nowUs)
  }

  private doors(): Map<string, (session: Session) => SimConnection> {
    const nowMs = (): number => this.agenda.nowMs()
    const doors = new Map<string, (session: Session) => SimConnection>()
    for (const category of CATEGORIES) {
      const room = { venue: this.venue, hub: this.hub, feeds: this.feeds, category, nowMs }
      doors.set(`/v5/public/${category}`, (session) => new PublicSession(session, room))
    }
    const dcpAlive = (session: Session, topics: readonly string[]): void => this.dcp.alive(session, topics)
    const { clocks, keys, hub, addresses } = this
    const quiet = { keys, hub, clocks, dcpAlive }
    doors.set('/v5/private', (session) => new PrivateSession(session, quiet))
    const perform = this.desk.trade.bind(this.desk)
    const busy = { keys, addresses, clocks, perform }
    doors.set('/v5/public/misc/status', (session) => new StatusSession(session, hub))
    doors.set('/v5/trade', (session) => new TradeSession(session, busy))
    return doors
  }

  private sink(): SimSink {
    return {
      order: (order: SimOrder) => {
        this.log.order(order)
        this.quirks.replica.note(order, this.agenda.nowUs())
        this.account.order(order)
        this.pairs.told(order)
      },
      execution: (execution: SimExecution) => {
        this.log.execution(execution)
        this.account.execution(execution)
        this.exits.filled(execution)
        const listing = this.exchange.listing(execution.category, execution.symbol)
        if (listing !== undefined) this.liquidations.execution(execution, listing.instrument)
      },
      position: (position) => {
        this.log.position(position)
        this.account.position(position)
        this.exits.changed(position)
      },
      wallet: (wallet) => {
        this.log.wallet(wallet, this.agenda.nowUs())
        this.account.wallet(wallet)
      },
      trade: (trade: SimTrade) => {
        const listing = this.exchange.listing(trade.category, trade.symbol)
        if (listing !== undefined) this.feeds.trade(trade, this.tapeOf(listing).add(trade), listing.instrument)
      },
      book: (market: MarketView, exchangeUs: TimeUs) => this.books.changed(market, exchangeUs),
    }
  }

  private cancelForDcp(uid: string, categories: readonly Category[]): void {
    for (const category of categories) {
      for (const settleCoin of this.settleCoins(category)) {
        const scope = { category, symbol: '', baseCoin: '', settleCoin, orderFilter: null, stopOrderType: '' }
        this.exchange.cancelAll(uid, scope, this.agenda.nowUs(), 'CancelByDCP')
      }
    }
    this.account.flush()
  }

  // Contracts are cancelled by settle coin; spot and options as a whole.
  private settleCoins(category: Category): readonly string[] {
    if (category === 'spot' || category === 'option') return ['']
    const coins = this.exchange.instruments
      .filter(({ instrument }) => instrument.category === category)
      .map(({ instrument }) => instrument.settleCoin)
    return [...new Set(coins)]
  }

  private tapeOf(listing: SimInstrument): Tape {
    let tape = this.tapes.get(listing)
    if (tape === undefined) {
      tape = new Tape(listing.instrument)
      this.tapes.set(listing, tape)
    }
    return tape
  }
}

/** `max_active_time=30s` … `600s`, or minutes (`1m`); Infinity when absent or out of range. */
function maxAgeOf(query: string): number {
  const match = /(?:^|&)max_active_time=(\d{1,4})(s|m)(?:&|$)/.exec(query)
  if (match === null) return Number.POSITIVE_INFINITY
  const seconds = Number(match[1]) * (match[2] === 'm' ? 60 : 1)
  return seconds >= 30 && seconds <= 600 ? seconds * 1_000_000 : Number.POSITIVE_INFINITY
}
