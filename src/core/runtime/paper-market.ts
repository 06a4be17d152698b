/** The market of a paper run: a synthetic crowd, or a recording that moves around us. */
import type { TimeUs } from '../domain/units.ts'
import { timeUs } from '../domain/units.ts'
import type { ListedMarket } from '../exchange/sim/server/embedded.ts'
import { replayedMarket } from '../exchange/sim/server/replayed-market.ts'
import { readRecordingMeta } from '../recording/reader.ts'
import { SYNTHETIC } from './venues.ts'

/** Virtual runs begin here: 2026-01-01T00:00:00Z. */
const VIRTUAL_START_US = timeUs(1_767_225_600_000_000)

export interface PaperMarket {
  readonly startUs: TimeUs
  /** Null: the exchange's own synthetic markets. */
  readonly markets: readonly ListedMarket[] | null
  readonly models: Readonly<Record<string, string>>
  readonly lengthUs: number | null
}

/** Throws MmError when the recording cannot be used. */
export async function openMarket(market: string): Promise<PaperMarket> {
  const startUs = VIRTUAL_START_US
  const facts = await marketFacts(market)
  if (market === SYNTHETIC) return { startUs, markets: null, ...facts }
  return { startUs, markets: [await replayedMarket(market, startUs)], ...facts }
}

/** What is known of a market without opening it. */
export async function marketFacts(market: string): Promise<Pick<PaperMarket, 'models' | 'lengthUs'>> {
  if (market === SYNTHETIC) return { models: { market: 'synthetic' }, lengthUs: null }
  const { span } = await readRecordingMeta(market)
  const lengthNs = BigInt(span.lastLocalNs) - BigInt(span.firstLocalNs)
  return { models: { market: 'recording', queue: 'power1-2' }, lengthUs: Number(lengthNs / 1_000n) }
}
