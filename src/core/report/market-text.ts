/**
 * Market statistics and the account of an import as text for people. What a capture is too short to tell is a dash,
 * never a number.
 */
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
  const list = (values: readonly number[], digits: number): string => values.map((v) => fixed(v, digits)).join(' ')
  return [
    `market over ${fixed(market.seconds, 0)} s:`,
    `  spread ticks mean ${fixed(spread.mean, 2)}, p50 ${spread.p50}, p90 ${spread.p90}, p99 ${spread.p99};` +
      ` one tick ${fixed(market.spreadOneTick * 100, 1)} % of the time`,
    `  lots at level 1-10: ${list(market.depthLots, 0)}`,
    `  ticks from the best: ${list(market.levelTicks, 1)}`,
    `  volatility ${fixed(volatility.ticksPerSqrtS, 2)} ticks/√s (${fixed(volatility.logPerSqrtS * 1e4, 3)} bp/√s),` +
      ` variance ratio at 10 s ${fixed(volatility.varianceRatio10, 2)}, kurtosis ${fixed(volatility.kurtosis, 1)},` +
      ` |return| autocorrelation ${fixed(volatility.absReturnAutocorrelation, 2)}`,
    `  ${fixed(trades.takersPerSecond, 1)} takers/s in ${fixed(trades.perSecond, 1)} trades/s, lots mean` +
      ` ${fixed(trades.sizeLots.mean, 1)}, p50 ${whole(trades.sizeLots.p50)}, p90 ${whole(trades.sizeLots.p90)}, p99 ${whole(trades.sizeLots.p99)}`,
    `  clustering: gap variation ${fixed(trades.gapVariation, 2)}, gap autocorrelation` +
      ` ${fixed(trades.gapAutocorrelation, 2)}, side autocorrelation ${fixed(trades.sideAutocorrelation, 2)},` +
      ` Fano ${FANO_WINDOWS_US.map((us, i) => `${us / 1e6} s ${fixed(trades.fano[i] ?? Number.NaN, 1)}`).join(', ')}`,
    `  ${fixed(book.messagesPerSecond, 0)} book messages/s, ${fixed(book.levelChangesPerSecond, 0)} level changes/s,` +
      ` the touch moves ${fixed(book.touchMovesPerSecond, 1)} times/s`,
  ].join('\n')
}

const whole = (value: number): string => (Number.isFinite(value) ? String(value) : '–')
const fixed = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '–')
