/**
 * Exact money for the wire: 1e-8 coin sums and grid integers as the decimal text Bybit prints. Bigints only; a division
 * that does not come out even is cut towards zero at the 8th decimal (averages) or at the decimals asked for.
 */
import { formatBig, fromStepsPadded, trimZeros } from '../../../../domain/fixed.ts'
import { type Instrument, moneyDecimals, moneyStep } from '../../../../domain/instrument.ts'

const E8 = 100_000_000n

/** "12.5", "0", "-0.00000001". */
export const coinText = (e8: bigint): string => trimZeros(formatBig(e8, 8))

export const priceText = (ticks: number, instrument: Instrument): string => fromStepsPadded(ticks, instrument.price)
export const sizeText = (lots: number, instrument: Instrument): string => fromStepsPadded(lots, instrument.size)
export const msText = (us: number): string => String(Math.floor(us / 1_000))

/** A price that is a fraction of ticks (an average), at most 8 decimals. */
export function fractionText(ticks: number, instrument: Instrument): string {
  if (Number.isInteger(ticks)) return priceText(ticks, instrument)
  const step = instrument.price.stepUnits / 10 ** instrument.price.decimals
  return trimZeros((ticks * step).toFixed(8))
}

/** Average price of fills: money (ticks × lots) over lots, 8 decimals. */
export function averageText(money: number, lots: number, instrument: Instrument): string {
  const { decimals, stepUnits } = instrument.price
  const scale = 10n ** BigInt(Math.max(0, 8 - decimals))
  const average = (BigInt(money) * BigInt(stepUnits) * scale) / BigInt(lots)
  return trimZeros(formatBig(average, Math.max(8, decimals)))
}

/** Value of `lots` at `ticks`: 1e-8 quote coins; inverse: 1e-8 base coins. Unsigned lots. */
export function valueE8(lots: number, ticks: number, instrument: Instrument): bigint {
  if (ticks === 0) return 0n
  const { price, size } = instrument
  if (instrument.category !== 'inverse') {
    const units = BigInt(lots) * BigInt(ticks) * BigInt(moneyStep(instrument))
    return scaled(units, 8 - moneyDecimals(instrument))
  }
  const contracts = BigInt(lots) * BigInt(size.stepUnits) * 10n ** BigInt(price.decimals) * E8
  return contracts / (BigInt(ticks) * BigInt(price.stepUnits) * 10n ** BigInt(size.decimals))
}

/** Price in 1e-8 quote coins. */
export function priceE8(ticks: number, instrument: Instrument): bigint {
  return scaled(BigInt(ticks) * BigInt(instrument.price.stepUnits), 8 - instrument.price.decimals)
}

/** e8 × e8 → e8. */
export const timesE8 = (a: bigint, b: bigint): bigint => (a * b) / E8

/** a / b as e8, 0 when b is 0. */
export const ratioE8 = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : (a * E8) / b)

export const absBig = (value: bigint): bigint => (value < 0n ? -value : value)

function scaled(units: bigint, power: number): bigint {
  return power >= 0 ? units * 10n ** BigInt(power) : units / 10n ** BigInt(-power)
}
