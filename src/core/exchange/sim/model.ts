/**
 * The simulated exchange's nouns: what its ledger holds and tells. One source of truth, so that the order, execution,
 * position and wallet messages of one fill agree. Prices and sizes are integers of the instrument's grid; money is
 * bigint in 1e-8 coins. Text (V5 JSON) is made only in `server/`.
 */
import type { Category, Instrument } from '../../domain/instrument.ts'
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../domain/units.ts'
import type { Trail, TrailRule } from './trailing.ts'

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
  /** Limit price; a market order carries the far edge of its band. */
  priceTicks: PriceTicks
  /** Total size; an amend changes it. 0 while a spot market order by quote amount has not been matched. */
  sizeLots: SizeLots
  filledLots: SizeLots
  /** Spot market order by quote amount: the amount in 1e-8 quote coins; 0n for every other order. */
  readonly quoteE8: CoinE8
  /** Σ price × size of its fills, in money units (ticks × lots): the average price is filledMoney / filledLots ticks. */
  filledMoney: number
  /** Σ value of its fills, 1e-8 quote coins (inverse: base coins): cumExecValue. */
  filledValueE8: CoinE8
  /** Cumulative fee, 1e-8 of the fee coin; negative is a rebate. */
  feeE8: CoinE8
  /** Coin of `feeE8`, '' before the first fill. */
  feeCoin: string
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
  /** What moves `triggerTicks` behind the price; null for every other order. */
  readonly trail: Trail | null
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
  /** Value of the fill, 1e-8 quote coins (inverse: base coins). */
  readonly valueE8: CoinE8
  /** Positive paid, negative a rebate, 1e-8 of `feeCoin`. */
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
  /** '' for one that no conditional order made. */
  readonly stopOrderType: string
  /** '' where no order was. */
  readonly createType: string
  readonly crossSeq: number
  readonly exchangeUs: TimeUs
  /** Profit of what it closed, before fees, 1e-8 settle coins. */
  readonly closedPnlE8: CoinE8
  /** How much of it closed a position; the position afterwards, signed. 0 for spot. */
  readonly closedLots: SizeLots
  readonly positionLots: number
  /** Balance afterwards, 1e-8: of the settle coin; spot: of the quote coin, and of the base coin (else 0n). */
  readonly balanceE8: CoinE8
  readonly baseBalanceE8: CoinE8
}

export interface SimPosition {
  readonly uid: string
  readonly symbol: string
  readonly category: Category
  readonly positionIdx: 0 | 1 | 2
  /** Signed lots. */
  lots: number
  /**
   * What the open part cost, 1e-8 settle coins. Linear: signed like `lots`, entry value. Inverse: the opposite sign,
   * Σ contracts / price in the base coin. Exact: closing moves a part of it, remainders stay in it.
   */
  costE8: bigint
  /** Average entry price in ticks, for people and for the wire (a fraction). 0 when flat. */
  readonly entryTicks: number
  leverage: string
  /** Realised since the position record exists, fees included, 1e-8 settle coins. */
  realisedE8: CoinE8
  /** Realised since it was last flat, fees included. */
  curRealisedE8: CoinE8
  createdUs: TimeUs
  updatedUs: TimeUs
  crossSeq: number
}

export interface SimWallet {
  readonly uid: string
  /** coin → balance, 1e-8. */
  readonly balances: Map<string, CoinE8>
  /** coin → held by open spot orders, 1e-8. */
  readonly locked: Map<string, CoinE8>
}

export interface SimTrade {
  readonly category: Category
  readonly symbol: string
  /** Formatted when read. Equals the taker's `execId` when the taker is an account of ours. */
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
  /** The displayed book changed at `exchangeUs` (read it through the market). Called very often: only mark it dirty. */
  book(market: MarketView, exchangeUs: TimeUs, crossSeq: number): void
}

export interface PlaceCommand {
  readonly category: Category
  readonly symbol: string
  readonly side: Side
  readonly type: 'Limit' | 'Market'
  readonly priceTicks: PriceTicks
  /** 0 with `isReduceOnly` and `closeOnTrigger`: the whole position. */
  readonly sizeLots: SizeLots
  /** Spot market order by quote amount, 1e-8 quote coins (then `sizeLots` is 0); otherwise 0n. */
  readonly quoteE8: CoinE8
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
  /** A trailing stop; `triggerTicks` is then where it would trigger now. */
  readonly trail?: TrailRule
  readonly extras: Readonly<Record<string, string>>
}

export interface AmendCommand {
  readonly category: Category
  readonly symbol: string
  readonly orderId: string
  readonly orderLinkId: string
  /** null: unchanged. */
  readonly priceTicks: PriceTicks | null
  readonly sizeLots: SizeLots | null
  readonly triggerTicks: PriceTicks | null
  /** Of what only has to be given back (takeProfit, …), what changes. */
  readonly extras?: Readonly<Record<string, string>>
}

export interface CancelCommand {
  readonly category: Category
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

export interface CancelAllResult extends CommandResult {
  /** What the exchange says it cancels; the truth follows on the order stream. */
  readonly list: readonly { readonly orderId: string; readonly orderLinkId: string }[]
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

/** The displayed market of one symbol as others may read it, whatever stands behind (synthetic flow or replay). */
export interface MarketView {
  readonly category: Category
  readonly symbol: string
  /** Displayed book, best first, own and others' orders together. Writes into the arrays, returns the number of levels. */
  depth(side: Side, levels: number, ticks: Float64Array, lots: Float64Array): number
  /** 0 when that side is empty. */
  bestTicks(side: Side): number
  /** 0 before the first trade. */
  lastTicks(): number
}

/** Prices that are not traded: what triggers, limits and margins are judged by. */
export interface SimReference {
  readonly markTicks: number
  readonly indexTicks: number
  /** Highest price a buy, lowest a sell may have now. */
  readonly buyLimitTicks: number
  readonly sellLimitTicks: number
}
