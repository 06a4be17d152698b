/** A run summary as text for people: one screen, aligned, the models behind the numbers always named. */
import type { MarkoutSummary, RunSummary, SymbolSummary } from './run-summary.ts'

export function runText(summary: RunSummary): string {
  const lines = [
    `${summary.run}: ${summary.seconds.toFixed(1)} s of market time, ended: ${summary.exitReason}`,
    ...summary.symbols.flatMap(symbolLines),
    ordersLine(summary),
    ...Object.entries(summary.models).map(([what, name]) => `  model of ${what}: ${name}`),
  ]
  return lines.join('\n')
}

function symbolLines(symbol: SymbolSummary): string[] {
  const { pnl } = symbol
  return [
    '',
    `${symbol.symbol}  position ${symbol.position}  traded ${symbol.volume} (${symbol.notional} ${pnl.coin})`,
    `  fills ${symbol.fills}  orders placed ${symbol.ordersPlaced}, traded ${percent(symbol.fillRate)}` +
      `  maker share ${percent(symbol.makerShare)}`,
    `  profit ${pnl.total} ${pnl.coin} = spread ${pnl.spreadCapture} + inventory ${pnl.inventory}` +
      ` + fees ${pnl.fees} + rebates ${pnl.rebates} + funding ${pnl.funding}` +
      (pnl.carried === '0' ? '' : ` + carried ${pnl.carried}`) +
      (pnl.identityExact ? '  (exact)' : '  (DOES NOT ADD UP: a bug of ours)'),
    ...markoutTable(symbol.markouts),
  ]
}

function markoutTable(rows: readonly MarkoutSummary[]): string[] {
  const cells = [
    ['after', 'fills', 'not known', 'markout', 'of it drift', 'bps'],
    ...rows.map((row) => [
      row.horizonMs < 1_000 ? `${row.horizonMs} ms` : `${row.horizonMs / 1_000} s`,
      String(row.fills),
      String(row.unresolved),
      row.markout,
      row.drift,
      row.bps === null ? '–' : row.bps.toFixed(3),
    ]),
  ]
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  return cells.map((line) => `    ${line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}`)
}

function ordersLine(summary: RunSummary): string {
  if (summary.verifiedZero) return '\nopen orders at the end: none (stated by the exchange)'
  const ids = summary.openOrderIds.join(', ')
  const unknown = `unknown, nobody could look; believed open: ${ids || 'none'}`
  return `\nopen orders at the end: ${summary.openOrders === null ? unknown : ids}`
}

const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`)
