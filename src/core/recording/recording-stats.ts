/** Market statistics of a recording, in the order of the exchange: what `mm import` prints and the synthetic market is held to. */
import { Book } from '../domain/book.ts'
import { symbolId } from '../domain/units.ts'
import { MarketCursor, WARMUP_US } from './market-cursor.ts'
import { MarketStats, type MarketSummary } from './market-stats.ts'
import type { Recording } from './recording.ts'

export function recordingStats(recording: Recording): MarketSummary {
  const cursor = new MarketCursor(recording, {
    order: 'exchange',
    exchangeShiftUs: 0,
    warmupUs: WARMUP_US,
    symbol: symbolId(0),
  })
  const book = new Book()
  const stats = new MarketStats(book)
  for (;;) {
    const atUs = cursor.nextUs()
    const passed = cursor.eventsPassed
    const step = cursor.step()
    if (step === 'end') return stats.summary()
    if (step === 'trade') stats.onTrade(atUs, cursor.trade.takerSide, cursor.trade.sizeLots)
    if (step === 'gap') book.clear()
    if (step !== 'book') continue
    stats.advance(atUs)
    book.apply(cursor.book)
    stats.onBook(atUs, cursor.eventsPassed - passed)
  }
}
