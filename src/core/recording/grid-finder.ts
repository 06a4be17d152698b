/**
 * Finds a price or size grid from the data: the greatest step of which every value seen is a whole multiple, exactly.
 * With few distinct values it may be coarser than the exchange's real step; then the operator names the step.
 */
import { formatScaled, parseScaled, trimZeros } from '../domain/fixed.ts'

const DECIMALS_MAX = 12

export class GridFinder {
  private decimals = 0
  /** Greatest common divisor so far, in units of 10^-decimals; 0 before the first value. */
  private divisor = 0

  /** False: no plain decimal of at most 12 decimals that fits. Zero says nothing and is accepted. */
  see(text: string): boolean {
    const significant = trimZeros(text)
    const dot = significant.indexOf('.')
    const decimals = dot < 0 ? 0 : significant.length - dot - 1
    if (decimals > DECIMALS_MAX) return false
    while (this.decimals < decimals) {
      this.divisor *= 10
      this.decimals++
    }
    const units = parseScaled(significant, this.decimals)
    if (!Number.isSafeInteger(units) || units < 0) return false
    if (units !== 0 && (this.divisor === 0 || units % this.divisor !== 0)) this.divisor = gcd(this.divisor, units)
    return true
  }

  /** The step as decimal text; null when nothing but zeros was seen. */
  get step(): string | null {
    return this.divisor === 0 ? null : trimZeros(formatScaled(this.divisor, this.decimals))
  }
}

function gcd(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
