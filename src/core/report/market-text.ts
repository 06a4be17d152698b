/** Market statistics and the account of an import as text for people. */
import { FANO_WINDOWS_US, type MarketSummary } from '../recording/market-stats.ts'
import { eventCount, type RecordingMeta } from '../recording/schema.ts'

export function importText(meta: RecordingMeta, out: string): string {
  const { messages, lines, bestQuoteCheck, gapCount } = meta
  const skipped = Object.entries(lines.skipped).map(([why, count]) => `  skipped ${count}: ${why}`)
  const agreed =
    bestQuoteCheck.compared === 0
      ? 'no best quote could be compared with the book'
      : `best quotes equal the book in ${bestQuoteCheck.equal} of ${bestQuoteCheck.compared} comparisons`
  return [
    `${out}: ${meta.symbol} (${meta.venue} ${meta.category}), tick ${meta.tickSize}, lot ${meta.lotSize}`,
    `  ${lines.total} lines, ${lines.used} recorded; ${eventCount(meta)} market events in ${meta.rows} rows`,
    ...skipped,
    `  ${messages.snapshot} snapshots, ${messages.delta + messages.empty} book updates` +
      ` (${meta.repeatedMessages} written again after a late snapshot), ${messages.trade} trades,` +
      ` ${messages.bestQuote} best quotes`,
    gapCount === 0 ? '  update ids join without a gap' : `  ${gapCount} gaps in the update ids, marked`,
    `  ${agreed}; ${meta.outOfOrder} messages with an earlier local time than the one before`,
    `  quickest message: local time ${(meta.feedUsMin / 1000).toFixed(1)} ms after exchange time`,
  ].join('\n')
}

export function marketText(market: MarketSummary): string {
  const { spread, volatility, trades, book } = market
  const list = (values: readonly number[], digits: number): string => values.map((v) => v.toFixed(digits)).join(' ')
  return [
    `market over ${market.seconds.toFixed(0)} s:`,
    `  spread ticks mean ${spread.mean.toFixed(2)}, p50 ${spread.p50}, p90 ${spread.p90}, p99 ${spread.p99};` +
      ` one tick ${(market.spreadOneTick * 100).toFixed(1)} % of the time`,
    `  lots at level 1-10: ${list(market.depthLots, 0)}`,
    `  ticks from the best: ${list(market.levelTicks, 1)}`,
    `  volatility ${volatility.ticksPerSqrtS.toFixed(2)} ticks/√s (${(volatility.logPerSqrtS * 1e4).toFixed(3)} bp/√s),` +
      ` variance ratio at 10 s ${volatility.varianceRatio10.toFixed(2)}, kurtosis ${volatility.kurtosis.toFixed(1)},` +
      ` |return| autocorrelation ${volatility.absReturnAutocorrelation.toFixed(2)}`,
    `  ${trades.takersPerSecond.toFixed(1)} takers/s in ${trades.perSecond.toFixed(1)} trades/s, lots mean` +
      ` ${trades.sizeLots.mean.toFixed(1)}, p50 ${trades.sizeLots.p50}, p90 ${trades.sizeLots.p90}, p99 ${trades.sizeLots.p99}`,
    `  clustering: gap variation ${trades.gapVariation.toFixed(2)}, gap autocorrelation` +
      ` ${trades.gapAutocorrelation.toFixed(2)}, side autocorrelation ${trades.sideAutocorrelation.toFixed(2)},` +
      ` Fano ${FANO_WINDOWS_US.map((us, i) => `${us / 1e6} s ${trades.fano[i]?.toFixed(1)}`).join(', ')}`,
    `  ${book.messagesPerSecond.toFixed(0)} book messages/s, ${book.levelChangesPerSecond.toFixed(0)} level changes/s,` +
      ` the touch moves ${book.touchMovesPerSecond.toFixed(1)} times/s`,
  ].join('\n')
}
