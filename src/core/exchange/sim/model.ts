/**
 * The simulated exchange's nouns: what its ledger holds and tells. One source of truth, so that the order, execution,
 * position and wallet messages of one fill agree. Prices and sizes are integers of the instrument's grid; money is
 * bigint in 1e-8 coins. Text (V5 JSON) is made only in `server/`.
 */
import type { Category, Instrument } from '../../domain/instrument.ts'
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../domain/units.ts'

/** 1e-8 coins. */
export type CoinE8 = bigint

export type SimTimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly' | 'RPI'
export type OrderFilter = 'Order' | 'StopOrder' | 'tpslOrder' | 'OcoOrder' | 'BidirectionalTpslOrder'
export type SmpType = 'None' | 'CancelMaker' | 'CancelTaker' | 'CancelBoth'

/** The exchange's own status words. */
export type SimStatus =
  | 'New'
  | 'PartiallyFilled'
  | 'Untriggered'
  | 'Filled'
  | 'Cancelled'
  | 'PartiallyFilledCanceled'
  | 'Rejected'
  | 'Deactivated'
  | 'Triggered'

export interface SimOrder {
  readonly uid: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly symbol: string
  readonly category: Category
  readonly side: Side
  readonly type: 'Limit' | 'Market'
  priceTicks: PriceTicks
  /** Total size; an amend changes it. */
  sizeLots: SizeLots
  filledLots: SizeLots
  /** Σ price × size of its fills, in money units (ticks × lots). */
  filledMoney: number
  /** Cumulative fee, 1e-8 of the fee coin; negative is a rebate. */
  feeE8: CoinE8
  readonly timeInForce: SimTimeInForce
  readonly isReduceOnly: boolean
  readonly closeOnTrigger: boolean
  /** 0 one-way, 1 hedge long, 2 hedge short. */
  readonly positionIdx: 0 | 1 | 2
  readonly smpType: SmpType
  readonly orderFilter: OrderFilter
  /** '' for a plain order; Stop, TakeProfit, StopLoss, TrailingStop, PartialTakeProfit, … */
  readonly stopOrderType: string
  triggerTicks: PriceTicks
  /** 0 none, 1 rises to, 2 falls to. */
  readonly triggerDirection: 0 | 1 | 2
  readonly triggerBy: string
  status: SimStatus
  cancelType: string
  rejectReason: string
  createType: string
  smpOrderId: string
  readonly createdUs: TimeUs
  updatedUs: TimeUs
  /** Everything else a client sent that only has to be given back (takeProfit, marketUnit, …). */
  readonly extras: Readonly<Record<string, string>>
}

export interface SimExecution {
  readonly uid: string
  readonly execId: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly symbol: string
  readonly category: Category
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  readonly feeE8: CoinE8
  readonly feeCoin: string
  /** 1e-8, negative is a rebate. */
  readonly feeRateE8: number
  readonly isMaker: boolean
  readonly execType: 'Trade' | 'Funding' | 'AdlTrade' | 'BustTrade' | 'Delivery' | 'Settle'
  readonly orderPriceTicks: PriceTicks
  readonly orderSizeLots: SizeLots
  readonly leavesLots: SizeLots
  readonly orderType: 'Limit' | 'Market' | 'UNKNOWN'
  readonly crossSeq: number
  readonly exchangeUs: TimeUs
  /** What the fill added to closed PnL, 1e-8 settle coins. */
  readonly closedPnlE8: CoinE8
}

export interface SimPosition {
  readonly uid: string
  readonly symbol: string
  readonly category: Category
  readonly positionIdx: 0 | 1 | 2
  /** Signed lots. */
  lots: number
  /** Cost of what is open, money units (ticks × lots; inverse: see ledger), signed like `lots`, scaled by 1e8. */
  costE8: bigint
  leverage: string
  realisedE8: CoinE8
  curRealisedE8: CoinE8
  createdUs: TimeUs
  updatedUs: TimeUs
  crossSeq: number
}

export interface SimWallet {
  readonly uid: string
  /** coin → balance, 1e-8. */
  readonly balances: Map<string, CoinE8>
}

export interface SimTrade {
  readonly symbol: string
  readonly tradeId: string
  readonly takerSide: Side
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  readonly exchangeUs: TimeUs
  readonly crossSeq: number
}

/** What the exchange tells, in the order it happened. Records may be mutated afterwards: copy what you keep. */
export interface SimSink {
  order(order: SimOrder): void
  execution(execution: SimExecution): void
  position(position: SimPosition): void
  wallet(wallet: SimWallet): void
  trade(trade: SimTrade): void
  /** The displayed book of `symbol` changed at `exchangeUs` (read it through the market). */
  book(symbol: string, exchangeUs: TimeUs): void
}

export interface PlaceCommand {
  readonly symbol: string
  readonly side: Side
  readonly type: 'Limit' | 'Market'
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
  readonly timeInForce: SimTimeInForce
  readonly orderLinkId: string
  readonly isReduceOnly: boolean
  readonly closeOnTrigger: boolean
  readonly positionIdx: 0 | 1 | 2
  readonly smpType: SmpType
  readonly orderFilter: OrderFilter
  readonly stopOrderType: string
  readonly triggerTicks: PriceTicks
  readonly triggerDirection: 0 | 1 | 2
  readonly triggerBy: string
  readonly extras: Readonly<Record<string, string>>
}

export interface AmendCommand {
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  /** null: unchanged. */
  readonly priceTicks: PriceTicks | null
  readonly sizeLots: SizeLots | null
  readonly triggerTicks: PriceTicks | null
}

export interface CancelCommand {
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly orderFilter: OrderFilter | null
}

export interface CancelAllScope {
  readonly category: Category
  readonly symbol: string
  readonly baseCoin: string
  readonly settleCoin: string
  /** null: the category's default kinds (BYBIT.md §3.6). */
  readonly orderFilter: OrderFilter | 'OpenOrder' | null
  readonly stopOrderType: string
}

/** Synchronous answer of the gateway: `retCode` 0 means accepted for processing, never a state. */
export interface CommandResult {
  readonly retCode: number
  readonly retMsg: string
  readonly orderId: string
  readonly orderLinkId: string
}

/** One listed instrument and its rules beyond the domain's. */
export interface SimInstrument {
  readonly instrument: Instrument
  /** Trading, PreLaunch, Delivering, Closed. */
  status: string
  readonly contractType: string
  readonly leverageMax: string
  readonly fundingIntervalMin: number
  readonly deliveryTimeMs: number
  readonly launchTimeMs: number
  /** Price band ratios X and Y, decimal text. */
  readonly priceLimitRatioX: string
  readonly priceLimitRatioY: string
}

/** A market as the ledger sees it: matching and our orders' queue, whatever stands behind (synthetic flow or replay). */
export interface Market {
  readonly symbol: string
  /** Displayed book, best first, own and others' orders together. Writes into the arrays, returns the number of levels. */
  depth(side: Side, levels: number, ticks: Float64Array, lots: Float64Array): number
  bestTicks(side: Side): number
  lastTicks(): number
  /** Lots ahead of a resting order of ours in its level's queue; for tests, `/sim/truth` and the dashboard's judge. */
  lotsAhead(orderId: string): number
}
