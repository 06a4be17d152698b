/**
 * account/transaction-log: what every execution did to the wallet, one row per coin it moved: a spot trade has two. The
 * balance and the position of a row are those right after it.
 */
import { formatScaled, trimZeros } from '../../../../domain/fixed.ts'
import type { Instrument } from '../../../../domain/instrument.ts'
import type { SimExecution } from '../../model.ts'
import { accepted, type Json, type Outcome } from '../outcome.ts'
import { pageOf, windowOf } from '../page.ts'
import { coinText, msText, priceText, sizeText } from '../rows/money-text.ts'
import type { Call, Venue } from '../venue.ts'

const WEEK_MS = 7 * 86_400_000

/** One coin's part of an execution, 1e-8 of it. */
interface Entry {
  readonly id: string
  readonly one: SimExecution
  readonly instrument: Instrument
  readonly coin: string
  readonly quantity: string
  readonly cashFlowE8: bigint
  readonly feeE8: bigint
  readonly balanceE8: bigint
}

export function transactionLog(venue: Venue, { fields, uid, nowMs }: Call): Outcome {
  const { fromMs, toMs } = windowOf(fields, nowMs, WEEK_MS)
  const category = fields.text('category')
  const currency = fields.text('currency')
  const baseCoin = fields.text('baseCoin')
  const type = fields.text('type')
  const entries = venue.exchange
    .executions(uid)
    .filter((one) => {
      const ms = one.exchangeUs / 1_000
      return ms >= fromMs && ms <= toMs && (category === '' || one.category === category)
    })
    .flatMap((one) => entriesOf(venue, one))
    .filter(({ one, instrument, coin }) => {
      if (baseCoin !== '' && instrument.baseCoin !== baseCoin) return false
      return (currency === '' || coin === currency) && (type === '' || typeOf(one) === type)
    })
  const at = { cursor: fields.cursor(), limit: fields.limit(20, 50) }
  // Ids of executions end in their number: what happens in one instant stays in order.
  const page = pageOf(entries, ({ one, id }) => ({ atUs: one.exchangeUs, id: `${one.execId.slice(-8)}${id}` }), at)
  return accepted({ list: page.rows.map(logRow), nextPageCursor: page.nextPageCursor })
}

function entriesOf(venue: Venue, one: SimExecution): Entry[] {
  const listing = venue.exchange.listing(one.category, one.symbol)
  if (listing === undefined) return []
  const { instrument } = listing
  const shared = { one, instrument }
  const quantity = sizeText(one.sizeLots, instrument)
  if (one.category !== 'spot') {
    const { execId: id, feeE8, balanceE8 } = one
    return [{ ...shared, id, coin: instrument.settleCoin, quantity, cashFlowE8: one.closedPnlE8, feeE8, balanceE8 }]
  }
  const feeIn = (coin: string): bigint => (coin === one.feeCoin ? one.feeE8 : 0n)
  const { baseCoin, quoteCoin } = instrument
  const side = BigInt(one.side)
  const baseE8 = side * sizeE8(one.sizeLots, instrument)
  const quoteE8 = -side * one.valueE8
  const of = (coin: string, cashFlowE8: bigint, balanceE8: bigint): Entry => ({
    ...shared,
    id: `${one.execId}_${coin}`,
    coin,
    quantity: coinText(cashFlowE8),
    cashFlowE8,
    feeE8: feeIn(coin),
    balanceE8,
  })
  return [of(baseCoin, baseE8, one.baseBalanceE8), of(quoteCoin, quoteE8, one.balanceE8)]
}

const TYPES = { Funding: 'SETTLEMENT', AdlTrade: 'ADL', BustTrade: 'LIQUIDATION', Delivery: 'DELIVERY' } as const
const typeOf = ({ execType }: SimExecution): string =>
  execType === 'Trade' ? 'TRADE' : execType === 'Settle' ? 'SETTLEMENT' : TYPES[execType]

function logRow({ id, one, instrument, coin, quantity, cashFlowE8, feeE8, balanceE8 }: Entry): Json {
  const isFunding = one.execType === 'Funding'
  return {
    id,
    symbol: one.symbol,
    category: one.category,
    side: one.side > 0 ? 'Buy' : 'Sell',
    transactionTime: msText(one.exchangeUs),
    type: typeOf(one),
    transSubType: '',
    qty: quantity,
    size: one.category === 'spot' ? '0' : signedSize(one.positionLots, instrument),
    currency: coin,
    tradePrice: priceText(one.priceTicks, instrument),
    funding: isFunding ? coinText(-feeE8) : '',
    fee: coinText(isFunding ? 0n : feeE8),
    cashFlow: coinText(cashFlowE8),
    change: coinText(cashFlowE8 - feeE8),
    cashBalance: coinText(balanceE8),
    feeRate: trimZeros(formatScaled(one.feeRateE8, 8)),
    bonusChange: '',
    tradeId: one.execId,
    orderId: one.orderId,
    orderLinkId: one.orderLinkId,
    extraFees: '',
  }
}

/** A short is negative. */
function signedSize(lots: number, instrument: Instrument): string {
  return `${lots < 0 ? '-' : ''}${sizeText(Math.abs(lots), instrument)}`
}

function sizeE8(lots: number, { size }: Instrument): bigint {
  const units = BigInt(lots) * BigInt(size.stepUnits)
  const power = 8 - size.decimals
  return power >= 0 ? units * 10n ** BigInt(power) : units / 10n ** BigInt(-power)
}
