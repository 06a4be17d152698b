/** CPU time of several ways to do the same, the repetitions interleaved: what neighbours do to the clock cancels out. */

const REPS = 11
const WARM_UPS = 3

/** Median CPU time (user and system) per item of each, in ns. An async contender is awaited once per repetition. */
export async function race(items: number, contenders: readonly (() => unknown)[]): Promise<number[]> {
  const times: number[][] = contenders.map(() => [])
  for (let rep = 0; rep < REPS + WARM_UPS; rep++) {
    for (const [index, run] of contenders.entries()) {
      globalThis.gc?.()
      const start = process.cpuUsage()
      await run()
      const { user, system } = process.cpuUsage(start)
      if (rep >= WARM_UPS) times[index]?.push(((user + system) * 1_000) / items)
    }
  }
  return times.map((series) => series.toSorted((a, b) => a - b)[series.length >> 1] ?? Number.NaN)
}
