/**
 * Exact money of the simulated exchange: bigint in 1e-8 coins. A linear or spot fill is worth price × size in the quote
 * coin; an inverse fill is worth contracts ÷ price in the base coin, cut to 1e-8 towards zero. Both parties of a match
 * use the same value, so rounding never makes or loses money.
 */
import { type Instrument, moneyDecimals, moneyStep } from '../../domain/instrument.ts'
import type { CoinE8 } from './model.ts'

export const E8 = 100_000_000n
const SCALE = 8
/** So many that their value has digits where one lot's is below 1e-8. */
const LOTS = 1_000_000

/** What one instrument's prices and sizes are worth. */
export interface Valuer {
  /** Value of `lots` at `ticks`, 1e-8 quote coins (inverse: base coins), ≥ 0. */
  valueE8(ticks: number, lots: number): CoinE8
  /** `lots` as an amount of the base coin (inverse: of contracts), 1e-8. */
  sizeE8(lots: number): CoinE8
}

export function valuerOf(instrument: Instrument): Valuer {
  const lotE8 = scaled(BigInt(instrument.size.stepUnits), instrument.size.decimals)
  const sizeE8 = (lots: number): CoinE8 => (BigInt(lots) * lotE8.units) / lotE8.divisor
  if (instrument.category === 'inverse') {
    const tick = scaled(BigInt(instrument.price.stepUnits), instrument.price.decimals)
    return {
      sizeE8,
      valueE8: (ticks, lots) => (sizeE8(lots) * E8 * tick.divisor) / (BigInt(ticks) * tick.units),
    }
  }
  const money = scaled(BigInt(moneyStep(instrument)), moneyDecimals(instrument))
  return { sizeE8, valueE8: (ticks, lots) => (BigInt(ticks) * BigInt(lots) * money.units) / money.divisor }
}

/** Whole lots that an amount pays for at a price. */
export function lotsFor(amountE8: CoinE8, ticks: number, valuer: Valuer): number {
  return Number((amountE8 * BigInt(LOTS)) / valuer.valueE8(ticks, LOTS))
}

/** Fee on a value: rounded up for the exchange, so a rebate is cut towards zero. */
export function feeOf(valueE8: CoinE8, rateE8: number): CoinE8 {
  const product = valueE8 * BigInt(rateE8)
  return product > 0n ? (product + E8 - 1n) / E8 : -(-product / E8)
}

/** The share `part / whole` of a signed amount, cut towards zero. */
export function shareOf(amountE8: CoinE8, part: number, whole: number): CoinE8 {
  return part === whole ? amountE8 : (amountE8 * BigInt(part)) / BigInt(whole)
}

export const absE8 = (amount: CoinE8): CoinE8 => (amount < 0n ? -amount : amount)

// `units × 10^-decimals` coins in 1e-8: units ÷ divisor.
function scaled(units: bigint, decimals: number): { readonly units: bigint; readonly divisor: bigint } {
  return decimals <= SCALE
    ? { units: units * 10n ** BigInt(SCALE - decimals), divisor: 1n }
    : { units, divisor: 10n ** BigInt(decimals - SCALE) }
}
