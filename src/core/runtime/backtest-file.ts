/** One backtest from the names of things: recording, configuration, models. What `mm backtest` calls, once a file. */
import { type ConfigSources, loadConfig } from '../config/load.ts'
import type { Instrument } from '../domain/instrument.ts'
import { symbolId } from '../domain/units.ts'
import { fail } from '../errors.ts'
import { recordedInstrument, type RecordedFees } from '../recording/instrument.ts'
import { MarketCursor, WARMUP_US } from '../recording/market-cursor.ts'
import { readRecording } from '../recording/reader.ts'
import type { Recording } from '../recording/recording.ts'
import { type BacktestResult, runBacktest } from './backtest.ts'
import { latenciesOf, queueModelNamed } from './backtest-models.ts'
import { engineConfig } from './engine-config.ts'
import { allPacks, packSchemas } from './packs.ts'

export interface BacktestFileOptions {
  readonly file: string
  readonly sources: ConfigSources
  readonly queueModel: string
  /** null: the defaults. */
  readonly latency: string | null
  readonly fees: RecordedFees
  readonly seed: number
  readonly onProgress?: (done: number, total: number) => void
}

export async function backtestFile(options: BacktestFileOptions): Promise<BacktestResult> {
  const { file, fees, seed, onProgress } = options
  const queueModel = queueModelNamed(options.queueModel)
  const { feedUsMin, thinkUs, text, ...latency } = latenciesOf(options.latency, seed)
  const packs = await allPacks()
  const { settings } = loadConfig(options.sources, packSchemas(packs))
  const recording = await readRecording(file)
  const instrument = recordedInstrument(recording.meta, fees, file)
  const priced = { instrument, priceTicks: firstMidTicks(recording, file) }
  return runBacktest({
    recording,
    instrument,
    config: engineConfig(settings, [priced], packs),
    packs,
    seed,
    latency,
    feedLatencyUsMin: feedUsMin,
    thinkUs,
    queueModel,
    models: modelsOf(recording, instrument, { queue: queueModel.name, latency: text, strategy: settings.strategy }),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
}

/** The price at which values of the configuration become lots. */
function firstMidTicks(recording: Recording, file: string): number {
  const cursor = new MarketCursor(recording, {
    order: 'received',
    exchangeShiftUs: 0,
    warmupUs: WARMUP_US,
    symbol: symbolId(0),
  })
  for (let step = cursor.step(); step !== 'end'; step = cursor.step()) {
    if (step !== 'book' || !cursor.book.isSnapshot) continue
    const { bidTicks, bidCount, askTicks, askCount } = cursor.book
    if (bidCount === 0 || askCount === 0) continue
    const bid = bidTicks.subarray(0, bidCount).reduce((best, ticks) => Math.max(best, ticks), 0)
    const ask = askTicks.subarray(0, askCount).reduce((best, ticks) => Math.min(best, ticks), Number.POSITIVE_INFINITY)
    return Math.round((bid + ask) / 2)
  }
  return fail('RECORDING_UNSUPPORTED', {
    file,
    what: 'no complete book ever comes together in it',
    remedy: 'It needs a snapshot, or at least 10 s of book updates.',
  })
}

function modelsOf(
  { meta }: Recording,
  { makerFee, takerFee }: Instrument,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    market: `replay of ${meta.venue} ${meta.symbol}, ${meta.source.file}`,
    ...names,
    fees: `maker ${makerFee / 1e8}, taker ${takerFee / 1e8}`,
  }
}
