/** The few plain statistics that describe a market. Floats: these numbers are for people, never for money. */

/** NaN for an empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of the population. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

/** Nearest rank of a sorted list; NaN for an empty one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Pearson correlation of the list with itself `lag` later; NaN when it does not vary. */
export function autocorrelation(values: readonly number[], lag: number): number {
  const centre = mean(values)
  let shared = 0
  let total = 0
  values.forEach((value, i) => {
    total += (value - centre) ** 2
    const later = values[i + lag]
    if (later !== undefined) shared += (value - centre) * (later - centre)
  })
  return total === 0 ? Number.NaN : shared / total
}

/** Variance over mean of the number of times in each whole window of [fromUs, toUs). */
export function fanoFactor(
  sortedUs: readonly number[],
  span: { readonly fromUs: number; readonly toUs: number; readonly windowUs: number },
): number {
  const windows = Math.floor((span.toUs - span.fromUs) / span.windowUs)
  const counts = Array.from({ length: windows }, () => 0)
  for (const us of sortedUs) {
    const window = Math.floor((us - span.fromUs) / span.windowUs)
    const count = counts[window]
    if (count !== undefined) counts[window] = count + 1
  }
  return standardDeviation(counts) ** 2 / mean(counts)
}
