/**
 * The whole dashboard as a function of one view and the terminal's size. Drops detail, never the warnings, when small;
 * never taller than the terminal, which would push out its first lines: phase and reason.
 */
import { Box, Text } from 'ink'
import { plainLine } from '../core/plain-text.ts'
import type { LiveView } from '../core/runtime/live-view.ts'
import { News } from './news.tsx'
import { Plant } from './plant.tsx'
import { SymbolLine, SymbolPanel } from './symbol-panel.tsx'
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
/** Below either only lines are drawn: no frame, no latencies. */
const COLUMNS_MIN = 50
const ROWS_MIN = 20

export function Screen({ live, columns, rows }: ScreenProps) {
  if (live === null) return <Text dimColor>waiting for the bot …</Text>
  const isTiny = columns < COLUMNS_MIN || rows < ROWS_MIN
  return (
    <Box flexDirection="column" width={columns} maxHeight={Math.max(1, rows - 1)} overflow="hidden">
      {isTiny ? <Lines live={live} rows={rows} /> : <Panels live={live} columns={columns} rows={rows} />}
    </Box>
  )
}

interface PartProps {
  readonly live: LiveView
  readonly rows: number
}

function Panels({ live, columns, rows }: PartProps & { readonly columns: number }) {
  const { view, run } = live
  const isNarrow = columns < 96
  const room = Math.max(2, rows - LINES_AROUND - view.guards.length)
  const shown = view.symbols.slice(0, Math.max(1, Math.floor(room / LINES_PER_SYMBOL)))
  const left = view.symbols.length - shown.length
  const newsLines = Math.max(2, room - shown.length * LINES_PER_SYMBOL)
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box justifyContent="space-between">
        <Text>
          <Text bold>mm {run.version}</Text> {run.venue}
          {run.seed === null ? '' : ` seed ${run.seed}`} <Text dimColor>pid {run.pid}</Text>
        </Text>
        <Phase live={live} />
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

// What must be seen first comes first: whatever does not fit is cut at the bottom.
function Lines({ live, rows }: PartProps) {
  const { view, run } = live
  const alarms = view.guards.filter(({ state }) => state !== 'ok')
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Phase live={live} />
      {alarms.map(({ guard, reason }) => (
        <Text key={guard} color="yellow" wrap="truncate">
          {guard} {plainLine(reason)}
        </Text>
      ))}
      {view.symbols.map((symbol) => (
        <SymbolLine key={symbol.symbol} symbol={symbol} />
      ))}
      <News events={run.events} lines={Math.max(0, rows - 2 - alarms.length - view.symbols.length)} />
    </Box>
  )
}

function Phase({ live: { view } }: { readonly live: LiveView }) {
  return (
    <Text wrap="truncate">
      <Text bold color={PHASE_COLOUR[view.phase] ?? 'white'}>
        {view.phase.toUpperCase()}
      </Text>
      {view.phaseReason === '' ? '' : ` ${plainLine(view.phaseReason)}`}{' '}
      <Text dimColor>up {uptimeText(view.uptimeUs)}</Text>
    </Text>
  )
}
