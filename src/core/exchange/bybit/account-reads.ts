/**
 * What the port asks of the account outside the streams: instruments, listings, cancels by id. Every failure leaves here
 * in an operator's words; a listing is complete or an error.
 */
import type { Instrument } from '../../domain/instrument.ts'
import { positionLots } from '../../domain/units.ts'
import { fail } from '../../errors.ts'
import type { AccountPosition, OpenOrder, PastExecution } from '../port.ts'
import { readPositions } from './account-sync.ts'
import { isOutcomeUnknown } from './codes.ts'
import type { Gateway } from './gateway.ts'
import { tradableInstrument } from './instruments.ts'
import { type JsonObject, textOf, wholeOf } from './json-value.ts'
import { maintenanceNow } from './maintenance.ts'
import { type PositionRow, readExecution } from './private-messages.ts'
import { type BybitRest, operatorError } from './rest.ts'
import { pause, RestFailure } from './rest-transport.ts'
import { SymbolTable } from './symbol-table.ts'

export interface KeyInfo {
  /** The account's UID. */
  readonly uid: string
  readonly isReadOnly: boolean
}

const CANCEL_TRIES_MAX = 8

export class AccountReads {
  private readonly gateway: Gateway
  private readonly rest: BybitRest
  private key: KeyInfo | null = null

  constructor(gateway: Gateway, rest: BybitRest) {
    this.gateway = gateway
    this.rest = rest
  }

  /** Asked once: a key never changes its account, and what it may do is looked at when a run starts. */
  keyInfo(): Promise<KeyInfo> {
    return this.reading('key information', async () => {
      if (this.key !== null) return this.key
      if (this.gateway.clock.isOld()) await this.rest.measureClock()
      const info = await this.rest.apiKey()
      this.key = { uid: textOf(info, 'userID'), isReadOnly: wholeOf(info, 'readOnly') === 1 }
      return this.key
    })
  }

  /** Also makes them the symbols of the run. */
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]> {
    return this.reading('instruments', async () => {
      const { category } = this.gateway.settings
      await this.rest.measureClock()
      // The rules first: asked for the fees of a symbol it does not list, the exchange only speaks of parameters.
      const infos = new Map<string, JsonObject>()
      for (const symbol of symbols) {
        const info = await this.listed(symbol)
        if (info === undefined) return fail('SYMBOL_UNKNOWN', { category, symbol })
        infos.set(symbol, info)
      }
      const fees = await this.rest.feeRates(symbols)
      const made = symbols.map((symbol) =>
        tradableInstrument(symbol, category, { info: infos.get(symbol), fees: fees.get(symbol) }),
      )
      this.gateway.symbols = new SymbolTable(made)
      return made
    })
  }

  private async listed(symbol: string): Promise<JsonObject | undefined> {
    try {
      return await this.rest.instrument(symbol)
    } catch (error) {
      // 10001 here: no such symbol.
      if (error instanceof RestFailure && error.facts.kind === 'code' && error.facts.code === 10001) return undefined
      throw error
    }
  }

  /** What must hold before anything is traded. */
  preflight(): Promise<void> {
    return this.reading('account settings', async () => {
      const closed = await maintenanceNow(this.gateway, this.rest)
      if (closed !== null) throw closed
      if (this.gateway.clock.isOld()) await this.rest.measureClock()
      const { isReadOnly } = await this.keyInfo()
      if (isReadOnly) fail('EXCHANGE_AUTH', { code: 10005, what: 'the key may only read' })
      await this.checkLeverage()
      try {
        await this.rest.refusePricesOutsideBand()
      } catch (error) {
        // Not every venue lets this be set. A moved price is then seen in the order's statement.
        if (!(error instanceof RestFailure) || error.facts.kind !== 'code') throw error
        this.gateway.counters.priceActionRefused++
      }
    })
  }

  // It decides how far the account is from liquidation: a surprise here is found before the first order.
  private async checkLeverage(): Promise<void> {
    const { leverage, category } = this.gateway.settings
    if (leverage === null || category === 'spot') return
    for (const { name } of this.gateway.symbols.entries) {
      for (const row of await this.rest.positions(name)) {
        const found = textOf(row, 'leverage')
        if (Number(found) !== leverage)
          fail('EXCHANGE_LEVERAGE', { symbol: name, found: found || '?', wanted: leverage })
      }
    }
  }

  async openOrders(): Promise<readonly OpenOrder[]> {
    const lists = await this.perSymbol('open orders', (symbol) => this.rest.openOrders(symbol))
    return lists.map((row) => ({
      symbol: textOf(row, 'symbol'),
      orderId: textOf(row, 'orderId'),
      orderLinkId: textOf(row, 'orderLinkId'),
    }))
  }

  async positions(): Promise<readonly AccountPosition[]> {
    const rows = await this.reading('positions', () => readPositions(this.gateway, this.rest))
    return [...rows.values()].map(({ symbol, positionLots: lots, costMoney }: PositionRow) => ({
      symbol: symbol.name,
      positionLots: positionLots(lots),
      costMoney,
    }))
  }

  async executionsSince(fromMs: number): Promise<readonly PastExecution[]> {
    const rows = await this.perSymbol('executions', (symbol) => this.rest.executionsSince(symbol, fromMs))
    return rows.map((row) => ({
      symbol: textOf(row, 'symbol'),
      execId: textOf(row, 'execId'),
      orderLinkId: textOf(row, 'orderLinkId'),
      execType: textOf(row, 'execType'),
      timeMs: wholeOf(row, 'execTime'),
      ...this.effectOf(row),
    }))
  }

  // What it did to the position and to the money, as far as it can be read. Funding moves money only.
  private effectOf(row: JsonObject): Partial<Pick<PastExecution, 'signedLots' | 'price' | 'feeE8'>> {
    const read = readExecution(row, this.gateway)
    if (read === null || read === 'foreign') return {}
    const feeE8 = String(read.feeE8)
    if (read.kind !== 'fill') return { feeE8 }
    return { feeE8, price: textOf(row, 'execPrice'), signedLots: read.side * read.sizeLots }
  }

  cancelByIds(orders: readonly OpenOrder[]): Promise<void> {
    return this.reading('cancel', async () => {
      for (const { symbol, orderId } of orders) await this.cancelOne(symbol, orderId)
    })
  }

  private async cancelOne(symbol: string, orderId: string): Promise<void> {
    const { wire, clock } = this.gateway
    for (let tries = 1; ; tries++) {
      try {
        return await this.rest.cancelById(symbol, orderId)
      } catch (error) {
        if (!(error instanceof RestFailure)) throw error
        const { action, resetMs = 0 } = error.facts
        // Over already, or perhaps carried out: the caller reads the truth.
        if (action === 'gone' || action === 'noop' || action === 'ambiguous') return
        if (action !== 'retry-after' && action !== 'retry-later' && action !== 'resync-time') throw error
        if (tries === CANCEL_TRIES_MAX) return
        if (action === 'resync-time') await this.rest.measureClock()
        const untilUs = resetMs === 0 ? 0 : clock.localUs(resetMs) - wire.nowUs()
        await pause(wire, Math.min(Math.max(untilUs, 100_000 * tries), 1_000_000))
      }
    }
  }

  private async perSymbol<T>(what: string, read: (symbol: string) => Promise<T[]>): Promise<T[]> {
    const { entries } = this.gateway.symbols
    const lists = await this.reading(what, () => Promise.all(entries.map(({ name }) => read(name))))
    return lists.flat()
  }

  private async reading<T>(what: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw await this.explained(error, what)
    }
  }

  // A refusal that may pass: perhaps the exchange has said why.
  private async explained(error: unknown, what: string): Promise<unknown> {
    const hasAnswered = error instanceof RestFailure && error.facts.kind !== 'wire'
    const closed =
      hasAnswered && isOutcomeUnknown(error.facts.action) ? await maintenanceNow(this.gateway, this.rest) : null
    return closed ?? operatorError(error, what)
  }
}
