/** An order as the ledger keeps it: the public record (SimOrder) plus where it stands. Only the ledger's files change it. */
import type { Category } from '../../domain/instrument.ts'
import type { PriceTicks, Side, SizeLots, TimeUs } from '../../domain/units.ts'
import type { Holding } from './holding.ts'
import type { OrderRef } from './market.ts'
import { Trail } from './trailing.ts'
import type { CoinE8, OrderFilter, PlaceCommand, SimOrder, SimStatus, SimTimeInForce, SmpType } from './model.ts'

/** inFlight: accepted, not yet matched · waiting: conditional, untriggered · resting: in the book · done: terminal. */
export type OrderStage = 'inFlight' | 'waiting' | 'resting' | 'done'

/** Exits that close all of their position, and with them those that close a part. */
export const WHOLE_EXIT_TYPES: ReadonlySet<string> = new Set(['TakeProfit', 'StopLoss', 'TrailingStop'])
const EXIT_TYPES: ReadonlySet<string> = new Set([...WHOLE_EXIT_TYPES, 'PartialTakeProfit', 'PartialStopLoss'])

export interface OrderBirth {
  readonly ref: OrderRef
  readonly orderId: string
  readonly nowUs: TimeUs
  /** As the gateway let it through: price moved to the limit, size cut. */
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
}

export class LiveOrder implements SimOrder {
  readonly ref: OrderRef
  readonly holding: Holding
  readonly uid: string
  readonly orderId: string
  readonly orderLinkId: string
  readonly symbol: string
  readonly category: Category
  readonly side: Side
  readonly type: 'Limit' | 'Market'
  readonly timeInForce: SimTimeInForce
  readonly isReduceOnly: boolean
  readonly closeOnTrigger: boolean
  readonly positionIdx: 0 | 1 | 2
  readonly smpType: SmpType
  readonly orderFilter: OrderFilter
  readonly stopOrderType: string
  readonly triggerDirection: 0 | 1 | 2
  readonly triggerBy: string
  readonly quoteE8: CoinE8
  extras: Readonly<Record<string, string>>
  readonly createdUs: TimeUs
  priceTicks: PriceTicks
  sizeLots: SizeLots
  triggerTicks: PriceTicks
  readonly trail: Trail | null
  filledLots: SizeLots = 0 as SizeLots
  filledMoney = 0
  filledValueE8: CoinE8 = 0n
  feeE8: CoinE8 = 0n
  feeCoin = ''
  status: SimStatus = 'New'
  cancelType = 'UNKNOWN'
  rejectReason = 'EC_NoError'
  readonly createType: string
  smpOrderId = ''
  updatedUs: TimeUs
  stage: OrderStage = 'inFlight'
  hasTriggered = false
  /** Held from the wallet for it (spot), 1e-8 of `lockedCoin`. */
  lockedE8: CoinE8 = 0n
  /** Lots it adds to the holding's exposure. */
  exposedLots = 0

  constructor(holding: Holding, command: PlaceCommand, birth: OrderBirth) {
    this.ref = birth.ref
    this.holding = holding
    this.uid = holding.account.uid
    this.orderId = birth.orderId
    this.orderLinkId = command.orderLinkId
    this.symbol = command.symbol
    this.category = command.category
    this.side = command.side
    this.type = command.type
    this.timeInForce = command.type === 'Market' && command.timeInForce !== 'FOK' ? 'IOC' : command.timeInForce
    this.isReduceOnly = command.isReduceOnly || command.closeOnTrigger
    this.closeOnTrigger = command.closeOnTrigger
    this.positionIdx = command.positionIdx
    this.smpType = command.smpType
    this.orderFilter = command.orderFilter
    this.stopOrderType = command.stopOrderType
    this.createType = EXIT_TYPES.has(command.stopOrderType) ? `CreateBy${command.stopOrderType}` : 'CreateByUser'
    this.triggerDirection = command.triggerDirection
    this.triggerBy = command.triggerBy
    this.triggerTicks = command.triggerTicks
    this.trail =
      command.trail === undefined ? null : new Trail(command.trail, command.side, holding.listing.market.lastTicks())
    this.quoteE8 = command.quoteE8
    this.extras = command.extras
    this.priceTicks = birth.priceTicks
    this.sizeLots = birth.sizeLots
    this.createdUs = birth.nowUs
    this.updatedUs = birth.nowUs
  }

  get leavesLots(): number {
    return this.sizeLots - this.filledLots
  }

  /** Take profit, stop loss or trailing stop of a whole position: its size is the position's. */
  get isExit(): boolean {
    return this.closeOnTrigger && WHOLE_EXIT_TYPES.has(this.stopOrderType)
  }

  /** Waits (or will wait) for its trigger. */
  get isConditional(): boolean {
    return this.triggerTicks > 0 && !this.hasTriggered
  }

  /** May only shrink its position: by flag, or because in hedge mode this side closes. */
  get isReducing(): boolean {
    return this.isReduceOnly || (this.positionIdx !== 0 && (this.positionIdx === 1) === (this.side === -1))
  }

  get isPostOnly(): boolean {
    return this.timeInForce === 'PostOnly' || this.timeInForce === 'RPI'
  }
}
