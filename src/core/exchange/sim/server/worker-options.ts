/** What a worker's exchange is asked for: plain data that can be posted to a thread, and how it becomes options. */
import type { HostOptions } from './host.ts'
import { replayedMarket } from './replayed-market.ts'
import { wallUs } from './clock.ts'
import type { Tier } from './limits.ts'

export interface WorkerOptions {
  readonly seed: number
  readonly speed: number
  readonly symbols: readonly string[]
  readonly tier: Tier
  /** A recording instead of the synthetic market. */
  readonly marketFile?: string
  readonly ackLatencyUs?: number
}

export async function hostOptions(options: WorkerOptions): Promise<HostOptions> {
  const { marketFile, ...plain } = options
  if (marketFile === undefined) return { ...plain, port: 0 }
  return { ...plain, port: 0, markets: [await replayedMarket(marketFile, wallUs())] }
}
