/** One symbol: book top, our quotes with their place in the queue, position, and where the profit came from. */
import { Box, Text } from 'ink'
import type { MarkoutView, OrderView, PnlView, SymbolView } from '../core/engine/view.ts'
import { cutText, signedText, spanText } from './text.ts'

export function SymbolPanel({ symbol, isNarrow }: { readonly symbol: SymbolView; readonly isNarrow: boolean }) {
  const { book } = symbol
  return (
    <Box flexDirection="column" borderStyle="round" borderColor={symbol.isReady ? 'gray' : 'yellow'} paddingX={1}>
      <Box justifyContent="space-between">
        <Text>
          <Text bold>{symbol.symbol}</Text> <Text color="green">{book.bid}</Text> × {book.bidSize}
          {'  '}
          <Text color="red">{book.ask}</Text> × {book.askSize}
        </Text>
        <Text dimColor>
          feed {spanText(book.ageUs)} old{isNarrow ? '' : `, ${spanText(book.lagUs)} behind`}
          {book.condition === 'fresh' ? '' : ` (${book.condition})`}
        </Text>
      </Box>
      {symbol.isReady ? null : <Text color="yellow">not quoting: {symbol.notReadyReason}</Text>}
      {symbol.asks.toReversed().map((order) => (
        <Quote key={order.order} order={order} side="ask" isNarrow={isNarrow} />
      ))}
      {symbol.bids.map((order) => (
        <Quote key={order.order} order={order} side="bid" isNarrow={isNarrow} />
      ))}
      {symbol.bids.length + symbol.asks.length === 0 ? <Text dimColor>{emptyText(symbol)}</Text> : null}
      <Text>
        position <Text bold>{signedText(symbol.position)}</Text> fills {symbol.fills} (maker {symbol.makerFills})
        working {symbol.workingOrders}
        {symbol.unknownOrders > 0 ? <Text color="red"> UNKNOWN {symbol.unknownOrders}</Text> : null}
        {symbol.strays.length > 0 ? <Text color="yellow"> stray {symbol.strays.length}</Text> : null}
        {symbol.sigmaTicks === null ? '' : ` σ ${symbol.sigmaTicks.toFixed(1)} ticks/√s`}
      </Text>
      <Profit pnl={symbol.pnl} />
      {isNarrow || symbol.fills === 0 ? null : <Markouts rows={symbol.markouts} />}
    </Box>
  )
}

/** All that fits on one line. */
export function SymbolLine({ symbol }: { readonly symbol: SymbolView }) {
  const { pnl } = symbol
  return (
    <Text wrap="truncate">
      <Text bold>{symbol.symbol}</Text> {signedText(symbol.position)} PnL {signedText(cutText(pnl.total, 2))}{' '}
      {symbol.unknownOrders > 0 ? <Text color="red">UNKNOWN {symbol.unknownOrders} </Text> : null}
      {symbol.isReady ? `${symbol.workingOrders} working` : <Text color="yellow">{symbol.notReadyReason}</Text>}
    </Text>
  )
}

// Model strategies wait for a volatility before their first quote: a few seconds that look like a fault.
function emptyText(symbol: SymbolView): string {
  return symbol.isReady && symbol.sigmaTicks === null ? 'no quotes yet: measuring volatility' : 'no quotes'
}

interface QuoteProps {
  readonly order: OrderView
  readonly side: 'bid' | 'ask'
  readonly isNarrow: boolean
}

function Quote({ order, side, isNarrow }: QuoteProps) {
  const state = order.isAmending ? 'amending' : order.status
  return (
    <Text>
      <Text color={side === 'bid' ? 'green' : 'red'}>{side}</Text> {order.price.padStart(10)} {order.size.padStart(9)}
      {'  '}ahead {(order.ahead ?? '?').padEnd(9)}
      {isNarrow ? '' : ` filled ${order.filled.padEnd(8)} ${spanText(order.ageUs).padStart(8)}`}{' '}
      <Text color={order.status === 'working' ? 'gray' : 'yellow'}>{state}</Text>
    </Text>
  )
}

export function Profit({ pnl }: { readonly pnl: PnlView }) {
  const part = (text: string): string => signedText(cutText(text, 4))
  return (
    <Text>
      PnL <Text bold>{part(pnl.total)}</Text> {pnl.coin} = spread {part(pnl.spreadCapture)} inventory{' '}
      {part(pnl.inventory)} fees {part(pnl.fees)} rebates {part(pnl.rebates)} funding {part(pnl.funding)}
      {pnl.carried === '0' ? '' : ` carried ${part(pnl.carried)}`}
      {pnl.identityExact ? '' : <Text color="red"> DOES NOT ADD UP</Text>}
    </Text>
  )
}

function Markouts({ rows }: { readonly rows: readonly MarkoutView[] }) {
  const known = rows.filter(({ bps }) => bps !== null)
  const texts = known.map(({ horizonUs, bps }) => `${spanText(horizonUs)} ${signedText((bps ?? 0).toFixed(2))}`)
  return <Text dimColor>markout bps {texts.join(' · ') || 'not due yet'}</Text>
}
