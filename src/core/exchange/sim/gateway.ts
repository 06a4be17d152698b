/**
 * What the exchange checks before it says "accepted", in its order and with its codes (BYBIT.md §3.5). Pure judgement:
 * it changes nothing; a row that says no is a CommandResult, one that says yes is what the order becomes.
 */
import { fromSteps } from '../../domain/fixed.ts'
import type { PriceTicks, Side, SizeLots } from '../../domain/units.ts'
import { type Refusal, refuse } from './codes.ts'
import type { Holding } from './holding.ts'
import type { LiveOrder } from './live-order.ts'
import type { AmendCommand, CommandResult, PlaceCommand } from './model.ts'
import { feeOf, lotsFor } from './money.ts'

export const ACTIVE_MAX = 500
export const CONDITIONAL_MAX = 10
const SPOT_CONDITIONAL_MAX = 30
const LINK_ID = /^[A-Za-z0-9_-]{0,36}$/

export interface Admitted {
  readonly priceTicks: PriceTicks
  readonly sizeLots: SizeLots
}

export type Judgement = { readonly ok: Admitted } | { readonly refused: CommandResult }

/** Asks for an order's shape only: the same numbers for a new order and for an amended one. */
interface Draft {
  readonly side: Side
  readonly type: 'Limit' | 'Market'
  readonly priceTicks: number
  readonly lots: number
  readonly quoteE8: bigint
  /** The price is not judged by the limits of now: it waits for a trigger, or it was there before. */
  readonly isPriceFree: boolean
  readonly isReducing: boolean
}

export function judgePlace(holding: Holding, command: PlaceCommand): Judgement {
  const no = refuser(holding)
  const { instrument } = holding.listing
  if (holding.listing.rules.status !== 'Trading') return no('notTrading')
  if (!LINK_ID.test(command.orderLinkId)) return no('linkIdInvalid')
  if (!fitsMode(holding, command)) return no('positionIdx')
  const isConditional = command.triggerTicks > 0
  if (isConditional && command.triggerDirection === 0 && instrument.category !== 'spot') return no('triggerDirection')
  const isReducing = isReducingCommand(command)
  const cut = reducedLots(holding, command, isReducing)
  if (cut === null) return no('reduceOnly')
  const priceTicks = priceOf(holding, command)
  if (priceTicks === null) return no('marketBand', bandOf(holding))
  const draft: Draft = { ...command, priceTicks, lots: cut, isPriceFree: isConditional, isReducing }
  const shape = judgeShape(holding, draft)
  if ('refused' in shape) return shape
  const caps = judgeCaps(holding, isConditional)
  if (caps !== null) return no(caps)
  if (command.orderLinkId !== '' && holding.account.hasLink(command.orderLinkId)) return no('linkIdTaken')
  return affords(holding, { ...draft, priceTicks: shape.ok.priceTicks }, command.positionIdx) ? shape : no('balance')
}

export function judgeAmend(order: LiveOrder, command: AmendCommand): Judgement {
  const { holding } = order
  const no = refuser(holding)
  const lots = command.sizeLots ?? order.sizeLots
  if (command.sizeLots !== null && lots <= order.filledLots) return no('amendFilled')
  if (isUnchanged(order, command)) return no('amendSame')
  const shape = judgeShape(holding, {
    side: order.side,
    type: order.type,
    priceTicks: command.priceTicks ?? order.priceTicks,
    lots,
    quoteE8: order.quoteE8,
    isPriceFree: order.isConditional || command.priceTicks === null,
    isReducing: order.isReducing,
  })
  if ('refused' in shape || order.isReducing) return shape
  const more = lots - order.sizeLots
  const costsMore = more > 0 || (order.category === 'spot' && order.side * (shape.ok.priceTicks - order.priceTicks) > 0)
  return !costsMore || affordsAmend(order, shape.ok) ? shape : no('balance')
}

function isUnchanged(order: LiveOrder, { priceTicks, sizeLots, triggerTicks, extras = {} }: AmendCommand): boolean {
  const isSame = (wanted: number | null, has: number): boolean => wanted === null || wanted === has
  return (
    isSame(priceTicks, order.priceTicks) &&
    isSame(sizeLots, order.sizeLots) &&
    isSame(triggerTicks, order.triggerTicks) &&
    Object.entries(extras).every(([name, text]) => text === (order.extras[name] ?? ''))
  )
}

/** Where a market order stops, ticks; null when nothing stands inside its band. */
export function marketTicks(holding: Holding, side: Side): number | null {
  const { market, reference } = holding.listing
  const limit = side === 1 ? reference.buyLimitTicks : reference.sellLimitTicks
  const best = market.bestTicks(side === 1 ? -1 : 1)
  return best === 0 || (limit - best) * side < 0 ? null : limit
}

// A market order that waits for a trigger gets its band when it is triggered.
function priceOf(holding: Holding, command: PlaceCommand): number | null {
  if (command.type === 'Limit') return command.priceTicks
  return command.triggerTicks > 0 ? command.triggerTicks : marketTicks(holding, command.side)
}

/** Can this account pay for it now? Asked again when a conditional order is triggered. */
export function affords(holding: Holding, draft: Omit<Draft, 'type' | 'isPriceFree'>, idx: 0 | 1 | 2): boolean {
  const { account, listing } = holding
  const { instrument, valuer } = listing
  if (instrument.category === 'spot') {
    if (draft.side === -1) {
      const lots = draft.quoteE8 > 0n ? lotsFor(draft.quoteE8, draft.priceTicks, valuer) : draft.lots
      return valuer.sizeE8(lots) <= account.freeE8(instrument.baseCoin)
    }
    const cost = draft.quoteE8 > 0n ? draft.quoteE8 : valuer.valueE8(draft.priceTicks, draft.lots)
    return cost <= account.freeE8(instrument.quoteCoin)
  }
  if (draft.isReducing) return true
  const before = holding.worstLots()
  const after = holding.worstLots(draft.side, draft.lots, idx)
  if (after <= before) return true
  const fee = feeOf(valuer.valueE8(draft.priceTicks, draft.lots), account.feeRate(listing, false))
  return holding.marginE8(after) - holding.marginE8(before) + fee <= account.freeE8(instrument.settleCoin)
}

function affordsAmend(order: LiveOrder, to: Admitted): boolean {
  const { holding } = order
  const { instrument, valuer } = holding.listing
  const leaves = to.sizeLots - order.filledLots
  if (instrument.category !== 'spot') {
    const lots = to.sizeLots - order.sizeLots
    const more = { side: order.side, priceTicks: to.priceTicks, lots, quoteE8: 0n, isReducing: false }
    return affords(holding, more, order.positionIdx)
  }
  const [coin, needs] =
    order.side === 1
      ? [instrument.quoteCoin, valuer.valueE8(to.priceTicks, leaves)]
      : [instrument.baseCoin, valuer.sizeE8(leaves)]
  return needs - order.lockedE8 <= holding.account.freeE8(coin)
}

function judgeShape(holding: Holding, draft: Draft): Judgement {
  const no = refuser(holding)
  const { instrument } = holding.listing
  const size = judgeSize(holding, draft)
  if (size !== null) return size
  if (draft.type === 'Limit') {
    if (draft.priceTicks <= 0) return no('priceInvalid')
    if (draft.priceTicks > instrument.priceTicksMax) return no('priceMax')
    if (draft.priceTicks < instrument.priceTicksMin) return no('priceMin')
  }
  const priceTicks = draft.isPriceFree ? draft.priceTicks : limitedTicks(holding, draft)
  if (priceTicks === null) return no(draft.side === 1 ? 'buyLimit' : 'sellLimit', limitOf(holding, draft.side))
  if (isBelowNotional(holding, draft, priceTicks)) {
    const notional = holding.listing.valuer.valueE8(instrument.notionalMin, 1) / 100_000_000n
    return no('notionalMin', { notional: String(notional), coin: instrument.quoteCoin })
  }
  return { ok: { priceTicks: priceTicks as PriceTicks, sizeLots: draft.lots as SizeLots } }
}

function judgeSize(holding: Holding, draft: Draft): Judgement | null {
  const no = refuser(holding)
  const { instrument, valuer } = holding.listing
  if (draft.quoteE8 > 0n && draft.lots === 0) return null
  if (draft.lots <= 0) return no('qtyInvalid')
  const max = draft.type === 'Market' ? instrument.marketSizeLotsMax : instrument.sizeLotsMax
  if (draft.lots < instrument.sizeLotsMin) return no('qtyMin')
  if (draft.lots > max && !draft.isReducing) {
    return no('qtyMax', { qtyE8: String(valuer.sizeE8(draft.lots)), maxE8: String(valuer.sizeE8(max)) })
  }
  return null
}

function isBelowNotional(holding: Holding, draft: Draft, priceTicks: number): boolean {
  const { instrument, valuer, reference } = holding.listing
  if (instrument.notionalMin === 0 || instrument.category === 'inverse') return false
  if (draft.isReducing && instrument.category !== 'spot') return false
  if (draft.quoteE8 > 0n) return draft.quoteE8 < valuer.valueE8(instrument.notionalMin, 1)
  const ticks = draft.type === 'Market' && reference.markTicks > 0 ? reference.markTicks : priceTicks
  return ticks * draft.lots < instrument.notionalMin
}

// The price as it may be: moved to the limit or refused, by the account's setting (BYBIT.md §3.5).
function limitedTicks(holding: Holding, draft: Draft): number | null {
  const { buyLimitTicks, sellLimitTicks } = holding.listing.reference
  const limit = draft.side === 1 ? buyLimitTicks : sellLimitTicks
  if ((draft.priceTicks - limit) * draft.side <= 0) return draft.priceTicks
  return holding.account.movesPrice[holding.listing.instrument.category] ? limit : null
}

function judgeCaps(holding: Holding, isConditional: boolean): Refusal | null {
  const isSpot = holding.listing.instrument.category === 'spot'
  if (isSpot && holding.activeCount + holding.conditionalCount >= ACTIVE_MAX) return 'activeMax'
  if (isConditional) {
    return holding.conditionalCount >= (isSpot ? SPOT_CONDITIONAL_MAX : CONDITIONAL_MAX) ? 'conditionalMax' : null
  }
  return holding.activeCount >= ACTIVE_MAX ? 'activeMax' : null
}

function fitsMode(holding: Holding, command: PlaceCommand): boolean {
  if (holding.listing.instrument.category === 'spot') return command.positionIdx === 0
  return holding.isHedge ? command.positionIdx !== 0 : command.positionIdx === 0
}

function isReducingCommand(command: PlaceCommand): boolean {
  const closesHedge = command.positionIdx !== 0 && (command.positionIdx === 1) === (command.side === -1)
  return command.isReduceOnly || command.closeOnTrigger || closesHedge
}

// The size with what reduce-only leaves of it; null when nothing is left to reduce.
function reducedLots(holding: Holding, command: PlaceCommand, isReducing: boolean): number | null {
  if (!isReducing || holding.listing.instrument.category === 'spot') return command.sizeLots
  const reducible = holding.reducible(command.side, command.positionIdx)
  if (reducible === 0) return command.triggerTicks > 0 ? command.sizeLots : null
  return command.sizeLots === 0 ? reducible : Math.min(reducible, command.sizeLots)
}

function bandOf(holding: Holding): Readonly<Record<string, string>> {
  const { buyLimitTicks, sellLimitTicks } = holding.listing.reference
  const { price } = holding.listing.instrument
  return { low: fromSteps(sellLimitTicks, price), high: fromSteps(buyLimitTicks, price) }
}

function limitOf(holding: Holding, side: Side): Readonly<Record<string, string>> {
  const { low, high } = bandOf(holding)
  return { limit: (side === 1 ? high : low) ?? '' }
}

function refuser(
  holding: Holding,
): (refusal: Refusal, params?: Readonly<Record<string, string>>) => { readonly refused: CommandResult } {
  const { category } = holding.listing.instrument
  return (refusal, params) => ({ refused: refuse(category, refusal, params) })
}
