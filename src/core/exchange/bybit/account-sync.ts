/**
 * Makes our picture of the account whole after the private stream (re)connected: the stream is subscribed and held
 * first, then REST is read, then both are told in order. Until that is done the account link stays down. A resync that
 * cannot read keeps trying; it never reports a picture it does not have.
 */
import type { OrderSeq, SymbolId } from '../../domain/units.ts'
import { fail } from '../../errors.ts'
import type { AccountFeed, AccountSeed } from './account-feed.ts'
import { Backoff } from './backoff.ts'
import type { Gateway } from './gateway.ts'
import type { JsonObject } from './json-value.ts'
import type { LedgerRow, OrderLedger } from './order-ledger.ts'
import { type OrderRow, type PositionRow, readExecution, readOrder, readPosition } from './private-messages.ts'
import type { BybitRest } from './rest.ts'
import { pause, RestFailure } from './rest-transport.ts'
import type { SymbolEntry } from './symbol-table.ts'
import type { UnknownOrders } from './unknown-orders.ts'

/** How far before the last good picture executions are read again: repeats are dropped by id, holes are not mended. */
const OVERLAP_MS = 60_000
/** After so many the run goes on with the symbols that could be read. */
const TRIES_MAX = 3

export class AccountSync {
  private readonly gateway: Gateway
  private readonly rest: BybitRest
  private readonly feed: AccountFeed
  private readonly ledger: OrderLedger
  private readonly unknown: UnknownOrders
  private run = 0
  /** Exchange time when the last complete picture of a symbol was begun; missing before the first. */
  private readonly wholeMs = new Map<SymbolId, number>()

  constructor(
    gateway: Gateway,
    account: { rest: BybitRest; feed: AccountFeed; ledger: OrderLedger; unknown: UnknownOrders },
  ) {
    this.gateway = gateway
    this.rest = account.rest
    this.feed = account.feed
    this.ledger = account.ledger
    this.unknown = account.unknown
  }

  /** The stream is down: whatever is being read is worthless. */
  cancel(): void {
    this.run++
    this.feed.hold()
  }

  /**
   * Makes the picture whole and gives the symbols that could not be read (never all of them: then it goes on trying);
   * null when `cancel` came first. Throws what an operator must mend.
   */
  async whole(): Promise<readonly SymbolEntry[] | null> {
    this.cancel()
    const run = this.run
    const { symbols, clock, wire, prng } = this.gateway
    const backoff = new Backoff({ firstMs: 250, lastMs: 5_000 }, prng.split(`sync ${run}`))
    for (let tries = 1; run === this.run; tries++) {
      const beganMs = clock.nowMs()
      const live = versions(this.ledger.live())
      const reads = await Promise.all(symbols.entries.map((symbol) => this.tryRead(symbol)))
      if (run !== this.run) return null
      const unread = symbols.entries.filter((_, index) => reads[index] === null)
      if (unread.length === 0 || (tries >= TRIES_MAX && unread.length < reads.length)) {
        this.release(reads, live, beganMs)
        return unread
      }
      await pause(wire, backoff.nextUs())
    }
    return null
  }

  /**
   * Reads one symbol's orders and position while the stream flows; orders that are news are told, missing ones pursued.
   * Gives the position stated, null when `isWanted` says that it came too late (or in spot). Throws RestFailure.
   */
  async compareSymbol(symbol: SymbolEntry, isWanted: () => boolean): Promise<number | null> {
    // One that was only sent has a deadline of its own.
    const live = versions(this.ledger.live().filter(({ state }) => state === 'open'))
    const orderRows = await this.rest.openOrders(symbol.name)
    const orders = readable(orderRows, (row) => readOrder(row, this.gateway))
    const [position] = await this.readPositions(symbol)
    if (!isWanted()) return null
    for (const row of orders) if (this.isNews(row)) this.feed.order(row)
    this.pursueMissing(live, orders, [symbol])
    return position?.positionLots ?? null
  }

  private async tryRead(symbol: SymbolEntry): Promise<AccountSeed | null> {
    try {
      return await this.readSymbol(symbol)
    } catch (error) {
      if (!(error instanceof RestFailure) || isFinal(error)) throw error
      return null
    }
  }

  private release(reads: readonly (AccountSeed | null)[], live: ReadonlyMap<OrderSeq, number>, beganMs: number): void {
    const { entries } = this.gateway.symbols
    const seeds = reads.filter((seed) => seed !== null)
    const read = entries.filter((_, index) => reads[index] !== null)
    const orders = seeds.flatMap((seed) => seed.orders)
    this.gateway.counters.resyncs++
    this.feed.release({
      orders,
      executions: seeds.flatMap(({ executions }) => executions),
      positions: seeds.flatMap(({ positions }) => positions),
    })
    for (const symbol of read) this.wholeMs.set(symbol.id, beganMs)
    this.pursueMissing(live, orders, read)
  }

  // A listing may lag behind the stream: what ended stays ended.
  private isNews(row: OrderRow): boolean {
    const known = this.ledger.row(row.order)
    if (known === undefined || known.state === 'absent') return true
    return known.state !== 'done' && (row.updatedMs > known.updatedMs || row.filledLots > known.filledLots)
  }

  // Positions last: they cover what was executed before, and their sequence says exactly what.
  private async readSymbol(symbol: SymbolEntry): Promise<AccountSeed> {
    const { rest, gateway } = this
    const sinceMs = this.wholeMs.get(symbol.id)
    const executionRows = sinceMs === undefined ? [] : await rest.executionsSince(symbol.name, sinceMs - OVERLAP_MS)
    const orderRows = await rest.openOrders(symbol.name)
    const executions = readable(executionRows.reverse(), (row) => readExecution(row, gateway))
    const orders = readable(orderRows, (row) => readOrder(row, gateway))
    return { orders, executions, positions: await this.readPositions(symbol) }
  }

  private async readPositions(symbol: SymbolEntry): Promise<PositionRow[]> {
    // What is owned in spot is a wallet balance, not a position: a run counts from zero and by its own fills.
    if (symbol.instrument.category === 'spot') return this.wholeMs.has(symbol.id) ? [] : [emptyPosition(symbol)]
    const rows = readable(await this.rest.positions(symbol.name), (row) => readPosition(row, this.gateway.symbols))
    if (rows.some(({ positionIdx }) => positionIdx !== 0)) fail('EXCHANGE_ACCOUNT_MODE', { symbol: symbol.name })
    const [row] = rows
    return [row ?? emptyPosition(symbol)]
  }

  // Orders of ours that the listing does not show and no message has moved since: they ended while we were away.
  private pursueMissing(
    live: ReadonlyMap<OrderSeq, number>,
    listed: readonly OrderRow[],
    read: readonly SymbolEntry[],
  ): void {
    const open = new Set<number>(listed.map(({ order }) => order))
    const symbols = new Set(read.map(({ id }) => id))
    for (const row of this.ledger.live()) {
      if (live.get(row.order) !== row.updatedMs || open.has(row.order) || !symbols.has(row.symbol)) continue
      const expiresMs = this.gateway.clock.nowMs() + this.gateway.settings.createWindowMs
      this.unknown.watch(row.order, row.state === 'sent' ? 'place' : 'ended', expiresMs)
    }
  }
}

/** Positions of the run's symbols, as the account states them now. */
export async function readPositions(gateway: Gateway, rest: BybitRest): Promise<Map<SymbolId, PositionRow>> {
  const rows = new Map<SymbolId, PositionRow>()
  for (const symbol of gateway.symbols.entries) {
    rows.set(symbol.id, emptyPosition(symbol))
    for (const row of readable(await rest.positions(symbol.name), (item) => readPosition(item, gateway.symbols))) {
      rows.set(symbol.id, row)
    }
  }
  return rows
}

/** How new our knowledge of each order is. */
const versions = (rows: readonly LedgerRow[]): ReadonlyMap<OrderSeq, number> =>
  new Map(rows.map(({ order, updatedMs }) => [order, updatedMs]))

// A row that cannot be read makes the whole read worthless: it might be the one that matters.
function readable<Row extends object>(
  rows: readonly JsonObject[],
  read: (row: JsonObject) => Row | 'foreign' | null,
): Row[] {
  return rows.flatMap((item) => {
    const row = read(item)
    if (row === null) {
      throw new RestFailure({ kind: 'shape', code: 0, action: 'ambiguous', message: 'a row that cannot be read' })
    }
    return row === 'foreign' ? [] : [row]
  })
}

function emptyPosition(symbol: SymbolEntry): PositionRow {
  return { symbol, positionIdx: 0, positionLots: 0, costMoney: 0, crossSeq: 0, updatedMs: 0 }
}

function isFinal({ facts }: RestFailure): boolean {
  return facts.action === 'fatal-auth' || facts.action === 'fatal-account'
}
