/**
 * Exact decimal text ⇄ integers, without floats. A `Grid` is a step such as 0.5, 0.00000001 or 25, kept as
 * `stepUnits × 10^-decimals`; a value on the grid is a whole number of steps. Nothing here ever rounds silently:
 * off-grid or overflowing text gives NOT_ON_GRID, and rounding has its direction in the name.
 */

export interface Grid {
  /** Decimals of the step as written, at most 15. */
  readonly decimals: number
  /** The step in units of 10^-decimals, a positive integer. */
  readonly stepUnits: number
  /** The step as decimal text, for people. */
  readonly step: string
}

/** What the parsers return for text that is no plain decimal, off the grid, or beyond 2^53. */
export const NOT_ON_GRID = Number.NaN

export type Rounding = 'exact' | 'down' | 'up'

const MAX_DECIMALS = 15
const ZERO = 48
const NINE = 57
const DOT = 46
const MINUS = 45

/** The grid of a step given as decimal text ("0.5", "0.00000001", "25"); null when it is no positive decimal. */
export function gridOf(step: string): Grid | null {
  const trimmed = trimZeros(step)
  const dot = trimmed.indexOf('.')
  const decimals = dot < 0 ? 0 : trimmed.length - dot - 1
  if (decimals > MAX_DECIMALS) return null
  const stepUnits = parseScaled(step, decimals)
  return stepUnits > 0 ? { decimals, stepUnits, step: trimmed } : null
}

/** Decimal text → whole steps. Negative text is allowed. 'down' is towards −∞, 'up' towards +∞. */
export function toSteps(text: string, grid: Grid, rounding: Rounding = 'exact'): number {
  const exactUnits = parseScaled(text, grid.decimals)
  if (!Number.isNaN(exactUnits)) return unitsToSteps(exactUnits, grid.stepUnits, rounding)
  if (rounding === 'exact') return NOT_ON_GRID
  return roundedSteps(text, grid, rounding)
}

/** Whole steps → shortest decimal text ("0.00000001", "-12.5", "25"). */
export function fromSteps(steps: number, grid: Grid): string {
  const units = steps * grid.stepUnits
  return Number.isSafeInteger(units)
    ? trimZeros(formatScaled(units, grid.decimals))
    : trimZeros(formatBig(BigInt(steps) * BigInt(grid.stepUnits), grid.decimals))
}

/** As `fromSteps`, always with the grid's number of decimals ("61800.20"): how an exchange prints. */
export function fromStepsPadded(steps: number, grid: Grid): string {
  const units = steps * grid.stepUnits
  return Number.isSafeInteger(units)
    ? formatScaled(units, grid.decimals)
    : formatBig(BigInt(steps) * BigInt(grid.stepUnits), grid.decimals)
}

/** Decimal text → integer in units of 10^-decimals; NOT_ON_GRID when it has more decimals, or is no plain decimal. */
export function parseScaled(text: string, decimals: number): number {
  const negative = text.charCodeAt(0) === MINUS
  let value = 0
  let digits = 0
  let fraction = -1
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= ZERO && code <= NINE) {
      if (fraction >= decimals) {
        if (code !== ZERO) return NOT_ON_GRID
        continue
      }
      value = value * 10 + (code - ZERO)
      digits++
      if (fraction >= 0) fraction++
    } else if (code === DOT && fraction < 0 && digits > 0) {
      fraction = 0
    } else return NOT_ON_GRID
    if (value > Number.MAX_SAFE_INTEGER) return NOT_ON_GRID
  }
  if (digits === 0 || text.charCodeAt(text.length - 1) === DOT) return NOT_ON_GRID
  for (let f = Math.max(fraction, 0); f < decimals; f++) value *= 10
  if (value > Number.MAX_SAFE_INTEGER) return NOT_ON_GRID
  return negative && value !== 0 ? -value : value
}

/** Integer in units of 10^-decimals → text with exactly that many decimals. */
export function formatScaled(units: number, decimals: number): string {
  const sign = units < 0 ? '-' : ''
  const text = String(Math.abs(units))
  if (decimals === 0) return sign + text
  const padded = text.length > decimals ? text : text.padStart(decimals + 1, '0')
  const cut = padded.length - decimals
  return `${sign}${padded.slice(0, cut)}.${padded.slice(cut)}`
}

/** As `formatScaled` for bigints: money sums. */
export function formatBig(units: bigint, decimals: number): string {
  const sign = units < 0n ? '-' : ''
  const text = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  return decimals === 0 ? sign + text : `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`
}

/** Drops trailing fraction zeros: "1.500" → "1.5", "2.000" → "2". */
export function trimZeros(text: string): string {
  if (!text.includes('.')) return text
  let end = text.length
  while (text.charCodeAt(end - 1) === ZERO) end--
  if (text.charCodeAt(end - 1) === DOT) end--
  return text.slice(0, end)
}

/** Decimal text → bigint in units of 10^-decimals, rounded as named; null when it is no plain decimal. */
export function parseBig(text: string, decimals: number, rounding: Rounding = 'exact'): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = ''] = match
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0')
  const rest = /[1-9]/.test(fraction.slice(decimals))
  if (rest && rounding === 'exact') return null
  const magnitude = BigInt(whole + kept)
  if (sign === '-') return -magnitude - (rest && rounding === 'down' ? 1n : 0n)
  return magnitude + (rest && rounding === 'up' ? 1n : 0n)
}

function unitsToSteps(units: number, stepUnits: number, rounding: Rounding): number {
  const rest = units % stepUnits
  if (rest === 0) return units / stepUnits
  if (rounding === 'exact') return NOT_ON_GRID
  const below = (units - rest) / stepUnits - (rest < 0 ? 1 : 0)
  return rounding === 'down' ? below : below + 1
}

// Text finer than the grid, or beyond 2^53 at its scale: rare, so bigints are fine.
function roundedSteps(text: string, grid: Grid, rounding: 'down' | 'up'): number {
  const dot = text.indexOf('.')
  const decimals = Math.max(grid.decimals, dot < 0 ? 0 : text.length - dot - 1)
  const value = parseBig(text, decimals)
  if (value === null) return NOT_ON_GRID
  const step = BigInt(grid.stepUnits) * 10n ** BigInt(decimals - grid.decimals)
  let steps = value / step
  const rest = value % step
  if (rest !== 0n && rest < 0n === (rounding === 'down')) steps += rounding === 'down' ? -1n : 1n
  const result = Number(steps)
  return Number.isSafeInteger(result) ? result : NOT_ON_GRID
}
