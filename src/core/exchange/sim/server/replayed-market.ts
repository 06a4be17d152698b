/**
 * A recording as the one market of an exchange: its instrument, and its book and trades moved to the clock the exchange
 * starts with. The recording's errors are the reader's; nothing is repaired here.
 */
import type { Instrument } from '../../../domain/instrument.ts'
import type { TimeUs } from '../../../domain/units.ts'
import { recordedInstrument } from '../../../recording/instrument.ts'
import { readRecording } from '../../../recording/reader.ts'
import type { SimInstrument } from '../model.ts'
import { power1, type QueueModel } from '../queue-model.ts'
import { ReplayMarket } from '../replay-market.ts'
import { ReplayReader } from '../replay-reader.ts'
import type { ListedMarket } from './embedded.ts'

export interface ReplayedMarket extends ListedMarket {
  readonly reader: ReplayReader
}

const FEES = { makerFee: '0.0002', takerFee: '0.00055' }

/** Throws MmError when the file cannot be used. */
export async function replayedMarket(
  file: string,
  startUs: TimeUs,
  queueModel: QueueModel = power1(2),
): Promise<ReplayedMarket> {
  const recording = await readRecording(file)
  const instrument = recordedInstrument(recording.meta, FEES, file)
  const reader = new ReplayReader(recording, { order: 'exchange', startUs })
  const market = new ReplayMarket(instrument.category, instrument.symbol, queueModel, reader)
  return { listing: recordedListing(instrument), market, reader }
}

function recordedListing(instrument: Instrument): SimInstrument {
  return {
    instrument,
    status: 'Trading',
    contractType: instrument.category === 'linear' ? 'LinearPerpetual' : '',
    leverageMax: '100.00',
    fundingIntervalMin: 480,
    deliveryTimeMs: 0,
    launchTimeMs: 1_585_526_400_000,
    priceLimitRatioX: '0.05',
    priceLimitRatioY: '0.1',
  }
}
