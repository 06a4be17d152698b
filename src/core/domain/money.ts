/**
 * Exact sums of money. One money unit is one tick × one lot; a mid is kept in half ticks, so profit comes in half money
 * units; fees come in 1e-8 quote coins. A `MoneyScale` brings both to one integer unit without rounding.
 */
import { formatBig, trimZeros } from './fixed.ts'
import { type Instrument, moneyDecimals, moneyStep } from './instrument.ts'

export interface MoneyScale {
  /** Sums are integers of 10^-decimals quote coins. At least 8; more where half a money unit is finer than that. */
  readonly decimals: number
  /** Value of half a money unit. */
  readonly perHalf: bigint
  /** Value of 1e-8 quote coins. */
  readonly perE8: bigint
  /** Half a money unit in 1e-8 quote coins, as a float: for limits, not for accounts. */
  readonly halfE8Approx: number
}

export function moneyScale(instrument: Instrument): MoneyScale {
  const halfDecimals = moneyDecimals(instrument) + 1
  const decimals = Math.max(8, halfDecimals)
  const halfUnits = BigInt(moneyStep(instrument)) * 5n * 10n ** BigInt(decimals - halfDecimals)
  const e8Units = 10n ** BigInt(decimals - 8)
  return { decimals, perHalf: halfUnits, perE8: e8Units, halfE8Approx: Number(halfUnits) / Number(e8Units) }
}

/** Shortest decimal text in quote coins. */
export const moneyText = (amount: bigint, scale: MoneyScale): string => trimZeros(formatBig(amount, scale.decimals))
