/** The whole dashboard as a function of one view and the terminal's size. Drops detail, never the warnings, when small. */
import { Box, Text } from 'ink'
import type { LiveView } from '../core/runtime/live-view.ts'
import { News } from './news.tsx'
import { Plant } from './plant.tsx'
import { SymbolPanel } from './symbol-panel.tsx'
import { uptimeText } from './text.ts'

export interface ScreenProps {
  readonly live: LiveView | null
  readonly columns: number
  readonly rows: number
}

const PHASE_COLOUR: Readonly<Record<string, string>> = {
  syncing: 'yellow',
  quoting: 'green',
  paused: 'yellow',
  halting: 'red',
  halted: 'red',
}
const LINES_PER_SYMBOL = 13
const LINES_AROUND = 12

export function Screen({ live, columns, rows }: ScreenProps) {
  if (live === null) return <Text dimColor>waiting for the bot …</Text>
  const { view, run } = live
  const isNarrow = columns < 96
  const room = Math.max(2, rows - LINES_AROUND - view.guards.length)
  const shown = view.symbols.slice(0, Math.max(1, Math.floor(room / LINES_PER_SYMBOL)))
  const left = view.symbols.length - shown.length
  const newsLines = Math.max(2, room - shown.length * LINES_PER_SYMBOL)
  return (
    <Box flexDirection="column" width={columns}>
      <Box justifyContent="space-between">
        <Text>
          <Text bold>mm {run.version}</Text> {run.venue}
          {run.seed === null ? '' : ` seed ${run.seed}`} <Text dimColor>pid {run.pid}</Text>
        </Text>
        <Text>
          <Text bold color={PHASE_COLOUR[view.phase] ?? 'white'}>
            {view.phase.toUpperCase()}
          </Text>
          {view.phaseReason === '' ? '' : ` ${view.phaseReason}`} <Text dimColor>up {uptimeText(view.uptimeUs)}</Text>
        </Text>
      </Box>
      {shown.map((symbol) => (
        <SymbolPanel key={symbol.symbol} symbol={symbol} isNarrow={isNarrow} />
      ))}
      {left > 0 ? <Text dimColor>… and {left} more symbols (make the terminal taller)</Text> : null}
      <Plant live={live} isNarrow={isNarrow} />
      <News events={run.events} lines={newsLines} />
    </Box>
  )
}
