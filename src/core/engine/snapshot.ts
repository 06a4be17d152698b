/** Builds the view from the state: the only place where the engine makes text. Reads everything, decides nothing. */
import { formatBig, trimZeros } from '../domain/fixed.ts'
import { type Instrument, priceText, sizeText } from '../domain/instrument.ts'
import type { GuardSlot } from './guard-set.ts'
import { waitsFor } from './decide.ts'
import type { Profit } from './profit.ts'
import type { EngineState } from './state.ts'
import type { SymbolState } from './symbol-state.ts'
import type { BookView, BotView, GuardView, MarkoutView, OrderView, PnlView, SymbolView } from './view.ts'
import { AHEAD_UNKNOWN, type OrderRecord } from './working-orders.ts'

export function snapshot(state: EngineState): BotView {
  return {
    phase: state.phase,
    phaseReason: state.phase === 'syncing' ? waitsFor(state) : state.phaseReason,
    nowUs: state.nowUs,
    startedUs: state.startedUs,
    uptimeUs: state.startedUs === 0 ? 0 : state.nowUs - state.startedUs,
    seq: state.seq,
    nextOrder: state.orders.nextOrder,
    links: { account: state.account, trade: state.trade },
    counters: { ...state.counters },
    guards: state.runGuards.slots.map(guardView),
    symbols: state.symbols.map((symbol) => symbolView(symbol, state.nowUs)),
    pnl: totals(state.symbols),
  }
}

function symbolView(symbol: SymbolState, nowUs: number): SymbolView {
  const { instrument, risk, signals, profit } = symbol
  const held = [...symbol.bids.slots, ...symbol.asks.slots, ...symbol.strays].filter((order) => order !== null)
  const orders = (list: readonly (OrderRecord | null)[]): OrderView[] =>
    list
      .filter((order) => order !== null)
      .sort((a, b) => a.side * (b.priceTicks - a.priceTicks) || a.order - b.order)
      .map((order) => orderView(order, instrument, nowUs))
  return {
    symbol: instrument.symbol,
    isReady: symbol.notReadyReason === '',
    notReadyReason: symbol.notReadyReason,
    book: bookView(symbol, nowUs),
    bids: orders(symbol.bids.slots),
    asks: orders(symbol.asks.slots),
    strays: orders(symbol.strays.filter((order) => order.isLive)),
    workingOrders: held.filter((order) => order.status === 'working').length,
    unknownOrders: held.filter((order) => order.status === 'unknown').length,
    position: sizeText(risk.positionLots, instrument),
    positionLots: risk.positionLots,
    worstLongLots: risk.positionLots + risk.openBuyLots,
    worstShortLots: -risk.positionLots + risk.openSellLots,
    missingFillLots: held.reduce((sum, order) => sum + order.missingLots, 0),
    pnl: pnlView([profit], instrument.quoteCoin),
    markouts: markoutViews(profit, nowUs),
    fills: symbol.fills,
    makerFills: symbol.makerFills,
    sigmaTicks: Number.isFinite(signals.sigmaTicks) ? signals.sigmaTicks : null,
    imbalance: signals.imbalance,
    guards: symbol.guards.slots.map(guardView),
  }
}

function bookView(symbol: SymbolState, nowUs: number): BookView {
  const { book, instrument, risk } = symbol
  const isSeen = risk.bookReceivedUs > 0
  return {
    condition: risk.bookCondition,
    bid: priceText(book.bestBidTicks, instrument),
    bidSize: sizeText(book.bestBidLots, instrument),
    ask: priceText(book.bestAskTicks, instrument),
    askSize: sizeText(book.bestAskLots, instrument),
    ageUs: isSeen ? nowUs - risk.bookReceivedUs : 0,
    lagUs: isSeen ? risk.bookReceivedUs - risk.bookExchangeUs : 0,
  }
}

function orderView(order: OrderRecord, instrument: Instrument, nowUs: number): OrderView {
  return {
    order: order.order,
    status: order.status,
    price: priceText(order.priceTicks, instrument),
    size: sizeText(order.sizeLots, instrument),
    filled: sizeText(order.filledLots, instrument),
    ahead: order.aheadLots === AHEAD_UNKNOWN ? null : sizeText(Math.round(order.aheadLots), instrument),
    ageUs: nowUs - order.placedUs,
    isAmending: order.isAmending,
  }
}

function guardView(slot: GuardSlot): GuardView {
  const { standing } = slot
  return {
    guard: slot.id,
    refusals: slot.refusals,
    trips: slot.trips,
    state: standing === null ? 'ok' : standing.halt ? 'halt' : 'pull',
    reason: standing?.reason ?? slot.lastReason,
  }
}

// Only what was due before now: another mid may come with this very time, and looking must not change the sums.
function markoutViews(profit: Profit, nowUs: number): MarkoutView[] {
  return profit.markouts.rows(nowUs - 1).map((row) => ({
    horizonUs: row.horizonUs,
    fills: row.fills,
    unresolved: row.unresolved,
    bps: Number.isFinite(row.markoutBps) ? row.markoutBps : null,
  }))
}

function totals(symbols: readonly SymbolState[]): PnlView[] {
  const coins = [...new Set(symbols.map((symbol) => symbol.instrument.quoteCoin))]
  return coins.map((coin) =>
    pnlView(
      symbols.filter((symbol) => symbol.instrument.quoteCoin === coin).map((symbol) => symbol.profit),
      coin,
    ),
  )
}

// Scales may differ between symbols: all are brought to the finest, where the sum is exact.
function pnlView(profits: readonly Profit[], coin: string): PnlView {
  const decimals = Math.max(...profits.map((profit) => profit.scale.decimals))
  const sums = {
    total: 0n,
    spreadCapture: 0n,
    inventory: 0n,
    fees: 0n,
    rebates: 0n,
    funding: 0n,
    carried: 0n,
    parts: 0n,
  }
  for (const { attribution, scale } of profits) {
    const lift = 10n ** BigInt(decimals - scale.decimals)
    const identity = attribution.identity(scale)
    const { spreadCapture, inventory, fees, rebates, funding, carried } = attribution.parts(scale)
    sums.spreadCapture += spreadCapture * lift
    sums.inventory += inventory * lift
    sums.fees += fees * lift
    sums.rebates += rebates * lift
    sums.funding += funding * lift
    sums.carried += carried * lift
    sums.total += identity.total * lift
    sums.parts += identity.parts * lift
  }
  const text = (amount: bigint): string => trimZeros(formatBig(amount, decimals))
  return {
    coin,
    total: text(sums.total),
    spreadCapture: text(sums.spreadCapture),
    inventory: text(sums.inventory),
    fees: text(sums.fees),
    rebates: text(sums.rebates),
    funding: text(sums.funding),
    carried: text(sums.carried),
    identityExact: sums.total === sums.parts,
  }
}
