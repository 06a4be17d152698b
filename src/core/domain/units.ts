/**
 * Units as types: a price in ticks cannot be added to a size in lots. All are safe integers unless said otherwise;
 * the constructors below only brand, they never round (rounding is fixed.ts, where the direction is named).
 */

declare const unit: unique symbol
type Unit<Name extends string> = number & { readonly [unit]: Name }

/** Price as a whole number of the instrument's ticks. */
export type PriceTicks = Unit<'PriceTicks'>
/** Size as a whole number of the instrument's lots. Never negative; direction is a `Side`. */
export type SizeLots = Unit<'SizeLots'>
/** Position in lots: positive long, negative short. */
export type PositionLots = Unit<'PositionLots'>
/** Microseconds since the Unix epoch. */
export type TimeUs = Unit<'TimeUs'>
/** A span of microseconds. */
export type DurationUs = Unit<'DurationUs'>
/** Index of a symbol in this run's instrument list. */
export type SymbolId = Unit<'SymbolId'>
/** Number of an order of ours within this run, from 1; the adapter spells it as an orderLinkId. */
export type OrderSeq = Unit<'OrderSeq'>
/** Rate in 1e-8 (0.0002 = 20,000). Negative is a rebate. */
export type RateE8 = Unit<'RateE8'>

export const priceTicks = (value: number): PriceTicks => value as PriceTicks
export const sizeLots = (value: number): SizeLots => value as SizeLots
export const positionLots = (value: number): PositionLots => value as PositionLots
export const timeUs = (value: number): TimeUs => value as TimeUs
export const durationUs = (value: number): DurationUs => value as DurationUs
export const symbolId = (value: number): SymbolId => value as SymbolId
export const orderSeq = (value: number): OrderSeq => value as OrderSeq
export const rateE8 = (value: number): RateE8 => value as RateE8

/** +1 buys (bid), -1 sells (ask): `side * size` is the signed size. */
export type Side = 1 | -1
export const BUY: Side = 1
export const SELL: Side = -1

export const opposite = (side: Side): Side => (side === BUY ? SELL : BUY)

export const US_PER_MS = 1_000
export const US_PER_S = 1_000_000
