/**
 * Makes our picture of the account whole after the private stream (re)connected: the stream is subscribed and held
 * first, then REST is read, then both are told in order. Until that is done the account link stays down. A resync that
 * cannot read keeps trying; it never reports a picture it does not have.
 */
import type { SymbolId } from '../../domain/units.ts'
import { fail } from '../../errors.ts'
import type { AccountFeed, AccountSeed } from './account-feed.ts'
import { Backoff } from './backoff.ts'
import type { Gateway } from './gateway.ts'
import type { JsonObject } from './json-value.ts'
import type { OrderLedger } from './order-ledger.ts'
import { type OrderRow, type PositionRow, readExecution, readOrder, readPosition } from './private-messages.ts'
import { type BybitRest, pause } from './rest.ts'
import { RestFailure } from './rest-transport.ts'
import type { SymbolEntry } from './symbol-table.ts'
import type { UnknownOrders } from './unknown-orders.ts'

/** How far before the last good picture executions are read again: repeats are dropped by id, holes are not mended. */
const OVERLAP_MS = 60_000

export class AccountSync {
  private readonly gateway: Gateway
  private readonly rest: BybitRest
  private readonly feed: AccountFeed
  private readonly ledger: OrderLedger
  private readonly unknown: UnknownOrders
  private run = 0
  /** Exchange time when the last complete picture was begun; 0 before the first. */
  private wholeMs = 0

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

  /** True when the picture is whole, false when `cancel` came first. Throws what an operator must mend. */
  async whole(): Promise<boolean> {
    this.cancel()
    const run = this.run
    const backoff = new Backoff({ firstMs: 250, lastMs: 5_000 }, this.gateway.prng.split(`sync ${run}`))
    while (run === this.run) {
      try {
        const beganMs = this.gateway.clock.nowMs()
        const live = new Map(this.ledger.live().map((row) => [row.order, row.updatedMs]))
        const seed = await this.read()
        if (run !== this.run) return false
        this.gateway.counters.resyncs++
        this.feed.release(seed)
        this.wholeMs = beganMs
        this.pursueMissing(live, seed.orders)
        return true
      } catch (error) {
        if (!(error instanceof RestFailure) || isFinal(error)) throw error
      }
      await pause(this.gateway.wire, backoff.nextUs())
    }
    return false
  }

  private async read(): Promise<AccountSeed> {
    const { symbols } = this.gateway
    const parts = await Promise.all(symbols.entries.map((symbol) => this.readSymbol(symbol)))
    return {
      orders: parts.flatMap(({ orders }) => orders),
      executions: parts.flatMap(({ executions }) => executions),
      positions: parts.flatMap(({ positions }) => positions),
    }
  }

  // Positions last: they cover what was executed before, and their sequence says exactly what.
  private async readSymbol(symbol: SymbolEntry): Promise<AccountSeed> {
    const { rest, gateway } = this
    const executionRows = this.wholeMs === 0 ? [] : await rest.executionsSince(symbol.name, this.wholeMs - OVERLAP_MS)
    const orderRows = await rest.openOrders(symbol.name)
    const executions = readable(executionRows.reverse(), (row) => readExecution(row, gateway))
    const orders = readable(orderRows, (row) => readOrder(row, gateway))
    return { orders, executions, positions: await this.readPositions(symbol) }
  }

  private async readPositions(symbol: SymbolEntry): Promise<PositionRow[]> {
    // What is owned in spot is a wallet balance, not a position: a run counts from zero and by its own fills.
    if (symbol.instrument.category === 'spot') return this.wholeMs === 0 ? [emptyPosition(symbol)] : []
    const rows = readable(await this.rest.positions(symbol.name), (row) => readPosition(row, this.gateway.symbols))
    if (rows.some(({ positionIdx }) => positionIdx !== 0)) fail('EXCHANGE_ACCOUNT_MODE', { symbol: symbol.name })
    const [row] = rows
    return [row ?? emptyPosition(symbol)]
  }

  // Orders of ours that the listing does not show and no message has moved since: they ended while we were away.
  private pursueMissing(live: ReadonlyMap<number, number>, listed: readonly OrderRow[]): void {
    const open = new Set<number>(listed.map(({ order }) => order))
    for (const row of this.ledger.live()) {
      if (live.get(row.order) !== row.updatedMs || open.has(row.order)) continue
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
