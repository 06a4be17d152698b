/**
 * The simulated exchange: one ledger over several markets. Commands are judged at the gateway when they come and meet
 * the book only after the match latency (accepted is not booked); everything that happens is told to the sink in order.
 * Deterministic: time comes in as an argument, chance from the seed.
 */
import { invariant } from '../../domain/invariant.ts'
import type { Category } from '../../domain/instrument.ts'
import type { RateE8, TimeUs } from '../../domain/units.ts'
import type { LatencyModel } from './latency.ts'
import type { Market } from './market.ts'
import type {
  AmendCommand,
  CancelAllResult,
  CancelAllScope,
  CancelCommand,
  CoinE8,
  CommandResult,
  MarketView,
  PlaceCommand,
  SimClosedPnl,
  SimExecution,
  SimInstrument,
  SimOrder,
  SimPosition,
  SimReference,
  SimSink,
  SimTruth,
  SimWallet,
} from './model.ts'

export interface SimAccountOptions {
  readonly uid: string
  /** coin → balance, 1e-8. */
  readonly balances: Readonly<Record<string, CoinE8>>
  /** Hedge mode for linear USDT symbols; default one-way. */
  readonly isHedge?: boolean
  /** Default "10". */
  readonly leverage?: string
  /** Accounts of one group never trade with each other under an smpType; default: the uid itself. */
  readonly smpGroup?: string
  /** Overrides of the instrument's fee rates. */
  readonly makerFee?: RateE8
  readonly takerFee?: RateE8
}

/** How an amend treats the place in the queue; undocumented by Bybit (BYBIT.md §3.7). */
export type AmendPriority = 'keepOnDecrease' | 'alwaysLose' | 'alwaysKeepOnSamePrice'

export interface SimExchangeOptions {
  readonly seed: number
  readonly startUs: TimeUs
  readonly markets: readonly { readonly listing: SimInstrument; readonly market: Market }[]
  readonly accounts: readonly SimAccountOptions[]
  readonly sink: SimSink
  /** From acceptance by the gateway to the matching engine. */
  readonly matchLatency: LatencyModel
  readonly amendPriority?: AmendPriority
}

export class SimExchange {
  readonly instruments: readonly SimInstrument[]

  constructor(options: SimExchangeOptions) {
    this.instruments = options.markets.map(({ listing }) => listing)
  }

  /** Accepts or refuses at the gateway; a state comes only through the sink. */
  place(_uid: string, _command: PlaceCommand, _nowUs: TimeUs): CommandResult {
    return unbuilt()
  }

  amend(_uid: string, _command: AmendCommand, _nowUs: TimeUs): CommandResult {
    return unbuilt()
  }

  cancel(_uid: string, _command: CancelCommand, _nowUs: TimeUs): CommandResult {
    return unbuilt()
  }

  cancelAll(_uid: string, _scope: CancelAllScope, _nowUs: TimeUs): CancelAllResult {
    return unbuilt()
  }

  /** When something is due next; Infinity for never. */
  nextUs(): number {
    return unbuilt()
  }

  /** Does everything due at or before `nowUs`, in order of time. */
  advance(_nowUs: TimeUs): void {
    unbuilt()
  }

  /** Every open order incl. conditional ones, oldest first. */
  openOrders(_uid: string): readonly SimOrder[] {
    return unbuilt()
  }

  /** Terminal orders, oldest first; the oldest of very many are forgotten. */
  closedOrders(_uid: string): readonly SimOrder[] {
    return unbuilt()
  }

  /** By orderId ('' for none), else by orderLinkId; open or closed. */
  findOrder(_uid: string, _orderId: string, _orderLinkId: string): SimOrder | undefined {
    return unbuilt()
  }

  /** Oldest first. */
  executions(_uid: string): readonly SimExecution[] {
    return unbuilt()
  }

  /** Oldest first. */
  closedPnl(_uid: string): readonly SimClosedPnl[] {
    return unbuilt()
  }

  /** Every position record that ever existed, flat ones too. */
  positions(_uid: string): readonly SimPosition[] {
    return unbuilt()
  }

  wallet(_uid: string): SimWallet {
    return unbuilt()
  }

  /** Undefined for a symbol that is not listed. */
  market(_category: Category, _symbol: string): MarketView | undefined {
    return unbuilt()
  }

  listing(_category: Category, _symbol: string): SimInstrument | undefined {
    return unbuilt()
  }

  reference(_category: Category, _symbol: string): SimReference {
    return unbuilt()
  }

  feeRates(_uid: string, _category: Category, _symbol: string): { makerFee: RateE8; takerFee: RateE8 } {
    return unbuilt()
  }

  addAccount(_account: SimAccountOptions): void {
    unbuilt()
  }

  hasAccount(_uid: string): boolean {
    return unbuilt()
  }

  setPositionMode(_uid: string, _symbol: string, _isHedge: boolean): CommandResult {
    return unbuilt()
  }

  setLeverage(_uid: string, _category: Category, _symbol: string, _leverage: string): CommandResult {
    return unbuilt()
  }

  /** BYBIT.md §3.5: true moves an outside price to the limit (default for contracts), false rejects (default for spot). */
  setPriceLimitAction(_uid: string, _category: Category, _modifyEnable: boolean): CommandResult {
    return unbuilt()
  }

  truth(): SimTruth {
    return unbuilt()
  }
}

function unbuilt(): never {
  invariant(false, 'the ledger of this class is committed next')
  throw new Error('unreachable')
}
