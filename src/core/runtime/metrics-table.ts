/**
 * Every metric of a run: one row each. The server, docs/reference/metrics.md and the tests all derive from this table;
 * a name that is not here does not exist. Values are pulled when scraped: nothing is kept twice.
 */
import type { BotView, Counters, PnlView, SymbolView } from '../engine/view.ts'
import type { LatencyTable } from './latency.ts'
import type { RunCounters } from './run-counters.ts'

/** What a scrape reads, taken once for all rows. */
export interface MetricsSource {
  readonly view: BotView
  readonly run: RunCounters
  /** Counters of the gateway by name; empty where there is none. */
  readonly gateway: Readonly<Record<string, number>>
  readonly info: { readonly version: string; readonly configHash: string; readonly venue: string }
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface RowHead {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface ValueRow extends RowHead {
  readonly type: 'counter' | 'gauge'
  read(source: MetricsSource): readonly Sample[]
}

export interface HistogramRow extends RowHead {
  readonly type: 'histogram'
  /** Upper bounds in seconds. */
  readonly buckets: readonly number[]
  read(source: MetricsSource): LatencyTable
}

export type MetricRow = ValueRow | HistogramRow

const only = (value: number): readonly Sample[] => [{ labels: {}, value }]

function gauge(name: string, help: string, read: (source: MetricsSource) => number): ValueRow {
  return { name, type: 'gauge', help, labels: [], read: (source) => only(read(source)) }
}

function counter(name: string, help: string, read: (source: MetricsSource) => number): ValueRow {
  return { name, type: 'counter', help, labels: [], read: (source) => only(read(source)) }
}

function perSymbol(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: (symbol: SymbolView) => number,
): ValueRow {
  const sample = (symbol: SymbolView): Sample => ({ labels: { symbol: symbol.symbol }, value: read(symbol) })
  return { name, type, help, labels: ['symbol'], read: ({ view }) => view.symbols.map(sample) }
}

/** One sample for each of a few label values. */
function split<K extends string>(
  head: { readonly name: string; readonly type: 'counter' | 'gauge'; readonly help: string; readonly label: string },
  values: readonly K[],
  read: (source: MetricsSource, value: K) => number,
): ValueRow {
  const { label, ...rest } = head
  const sample = (source: MetricsSource, value: K): Sample => ({
    labels: { [label]: value },
    value: read(source, value),
  })
  return { ...rest, labels: [label], read: (source) => values.map((value) => sample(source, value)) }
}

const engine = (name: string, help: string, key: keyof Counters): ValueRow =>
  counter(name, help, ({ view }) => view.counters[key])

const gateway = (name: string, help: string, key: string): ValueRow =>
  counter(name, help, (source) => source.gateway[key] ?? 0)

const PHASES = ['syncing', 'quoting', 'paused', 'halting', 'halted'] as const
const PNL_PARTS = ['total', 'spreadCapture', 'inventory', 'fees', 'rebates', 'funding', 'carried'] as const
const LATENCY_BUCKETS = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 0.1, 0.25, 1]

export const METRICS: readonly MetricRow[] = [
  {
    name: 'mm_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'config_hash', 'venue'],
    read: ({ info }) => [
      { labels: { version: info.version, config_hash: info.configHash, venue: info.venue }, value: 1 },
    ],
  },
  gauge('mm_uptime_seconds', 'Time since the engine started.', ({ view }) => view.uptimeUs / 1e6),
  split(
    { name: 'mm_phase', type: 'gauge', help: 'Phase of the run: 1 for the one it is in.', label: 'phase' },
    PHASES,
    ({ view }, phase) => (view.phase === phase ? 1 : 0),
  ),
  split(
    { name: 'mm_link_up', type: 'gauge', help: '1 while the link is up.', label: 'link' },
    ['account', 'trade'] as const,
    ({ view }, link) => (view.links[link] === 'up' ? 1 : 0),
  ),

  engine('mm_orders_placed_total', 'Orders placed.', 'places'),
  engine('mm_orders_amended_total', 'Amends asked for.', 'amends'),
  engine('mm_orders_canceled_total', 'Cancels asked for.', 'cancels'),
  engine('mm_cancel_retries_total', 'Cancels sent again because they were not confirmed in time.', 'cancelRetries'),
  engine('mm_orders_rejected_total', 'Requests that the exchange definitely refused.', 'rejects'),
  engine('mm_orders_ambiguous_total', 'Requests without a definite answer.', 'ambiguous'),
  engine('mm_orders_never_landed_total', 'Orders that the exchange says it never had.', 'neverLanded'),
  engine('mm_post_only_misses_total', 'Post-only orders that would have taken and were cancelled.', 'postOnlyMisses'),
  engine('mm_strange_orders_total', 'Order messages about orders that this run does not know.', 'strangeOrders'),
  engine('mm_revived_orders_total', 'Orders believed over that turned out to live.', 'revivedOrders'),
  engine('mm_stale_statements_total', 'Order messages older than what was known.', 'staleStatements'),
  engine('mm_adverse_cancels_total', 'Orders cancelled because the mid had moved against them.', 'adverseCancels'),
  engine('mm_taker_fills_total', 'Executions that took liquidity.', 'takerFills'),
  engine('mm_own_cross_waits_total', 'Quotes held back because they would have met our own order.', 'ownCrossWaits'),
  {
    name: 'mm_orders_blocked_total',
    type: 'counter',
    help: 'Requests that a guard refused.',
    labels: ['symbol', 'guard'],
    read: ({ view }) => guardSamples(view, (guard) => guard.refusals),
  },
  {
    name: 'mm_guard_trips_total',
    type: 'counter',
    help: 'Times that a guard began to demand that quotes be pulled or the run be halted.',
    labels: ['symbol', 'guard'],
    read: ({ view }) => guardSamples(view, (guard) => guard.trips),
  },
  {
    name: 'mm_guard_active',
    type: 'gauge',
    help: '1 while the guard demands something.',
    labels: ['symbol', 'guard'],
    read: ({ view }) => guardSamples(view, (guard) => (guard.state === 'ok' ? 0 : 1)),
  },

  {
    name: 'mm_fills_total',
    type: 'counter',
    help: 'Executions of our orders.',
    labels: ['symbol', 'liquidity'],
    read: ({ view }) => view.symbols.flatMap(fillSamples),
  },
  engine('mm_foreign_fills_total', 'Executions of the account that belong to no order of this run.', 'foreignFills'),
  engine('mm_duplicate_fills_total', 'Executions told twice; counted once.', 'duplicateFills'),
  engine('mm_expired_fills_total', 'Executions too old to be told apart from repeats; not counted.', 'expiredFills'),
  engine('mm_late_fills_total', 'Executions of orders that were already over.', 'lateFills'),
  engine('mm_overfills_total', 'Executions beyond the size of their order.', 'overfills'),
  engine('mm_position_corrections_total', 'Times that the exchange stated another position.', 'positionCorrections'),

  perSymbol('gauge', 'mm_position_lots', 'Position in lots, positive long.', (symbol) => symbol.positionLots),
  perSymbol('gauge', 'mm_position_worst_long_lots', 'Position if every buy fills.', (symbol) => symbol.worstLongLots),
  perSymbol(
    'gauge',
    'mm_position_worst_short_lots',
    'Position if every sell fills.',
    (symbol) => symbol.worstShortLots,
  ),
  perSymbol('gauge', 'mm_orders_working', 'Orders believed live.', (symbol) => symbol.workingOrders),
  perSymbol('gauge', 'mm_orders_unknown', 'Orders of which nobody knows whether they live.', (s) => s.unknownOrders),
  {
    name: 'mm_pnl_quote',
    type: 'gauge',
    help: 'Profit since start in quote coins, in parts that add up exactly to the total.',
    labels: ['symbol', 'coin', 'part'],
    read: ({ view }) => view.symbols.flatMap((symbol) => pnlSamples(symbol.symbol, symbol.pnl)),
  },
  perSymbol('gauge', 'mm_symbol_ready', '1 while the symbol may be quoted.', (symbol) => (symbol.isReady ? 1 : 0)),
  perSymbol('gauge', 'mm_book_age_seconds', 'Age of the last book message.', (symbol) => symbol.book.ageUs / 1e6),
  perSymbol('gauge', 'mm_book_lag_seconds', 'Receive less exchange time of it.', (symbol) => symbol.book.lagUs / 1e6),
  perSymbol('gauge', 'mm_sigma_ticks', 'Volatility in ticks per root second; 0 until known.', (s) => s.sigmaTicks ?? 0),
  engine('mm_book_gaps_total', 'Books thrown away because updates were missing.', 'bookGaps'),
  engine('mm_crossed_books_total', 'Books whose best bid met the best ask.', 'crossedBooks'),

  counter('mm_events_total', 'Events that the engine saw.', ({ view }) => view.seq),
  counter('mm_market_events_total', 'Market data messages among them.', ({ run }) => run.marketEvents),
  counter('mm_decisions_total', 'Decisions: one for each batch of events.', ({ run }) => run.decisions),
  counter('mm_events_shed_total', 'Market data given up because the queue was full.', ({ run }) => run.eventsShed),
  gauge('mm_queue_depth_max', 'Most events that ever waited.', ({ run }) => run.queueDepthMax),
  {
    name: 'mm_tick_to_request_seconds',
    type: 'histogram',
    help: 'From a market data frame to the request it led to being handed to the outbox.',
    labels: [],
    buckets: LATENCY_BUCKETS,
    read: ({ run }) => run.tickToRequest,
  },
  {
    name: 'mm_intent_durable_seconds',
    type: 'histogram',
    help: 'From a request being handed to the outbox to its intent being on disk.',
    labels: [],
    buckets: LATENCY_BUCKETS,
    read: ({ run }) => run.intentDurable,
  },
  {
    name: 'mm_order_latency_seconds',
    type: 'histogram',
    help: 'From a request being sent to its answer.',
    labels: [],
    buckets: LATENCY_BUCKETS,
    read: ({ run }) => run.orderLatency,
  },
  counter(
    'mm_requests_withheld_total',
    'Requests never sent: journal too slow, or overtaken by their own cancel.',
    (s) => s.run.requestsWithheld,
  ),
  gauge('mm_requests_waiting', 'Requests that wait for their intent to be on disk.', ({ run }) => run.requestsWaiting),
  counter('mm_config_reloads_total', 'Configurations read again and taken.', ({ run }) => run.configReloads),
  counter(
    'mm_config_reloads_refused_total',
    'Configurations read again and not taken: nothing changed.',
    ({ run }) => run.configReloadsRefused,
  ),
  counter('mm_journal_records_total', 'Records written to the journal.', ({ run }) => run.journalSeq),
  gauge('mm_journal_backlog_bytes', 'Journal bytes not yet handed to the disk.', ({ run }) => run.journalBacklogBytes),
  gauge('mm_journal_failed', '1 when the journal cannot be written: no order is placed.', ({ run }) =>
    run.journalFailed ? 1 : 0,
  ),

  gateway(
    'mm_gateway_decode_fallbacks_total',
    'Market frames that the strict scanner left to JSON.parse.',
    'decodeFallbacks',
  ),
  gateway('mm_gateway_frames_dropped_total', 'Frames that nobody could read.', 'framesDropped'),
  gateway('mm_gateway_book_gaps_total', 'Broken update chains of an order book.', 'bookGaps'),
  gateway('mm_gateway_stale_feeds_total', 'Feeds that fell silent.', 'staleFeeds'),
  gateway('mm_gateway_reconnects_market_total', 'Reconnects of market data.', 'reconnectsMarket'),
  gateway('mm_gateway_reconnects_account_total', 'Reconnects of the account stream.', 'reconnectsAccount'),
  gateway('mm_gateway_reconnects_trade_total', 'Reconnects of order entry.', 'reconnectsTrade'),
  gateway('mm_gateway_requests_sent_total', 'Order requests put on the wire.', 'requestsSent'),
  gateway(
    'mm_gateway_requests_shed_total',
    'Creates and amends refused because the rate budget was used up.',
    'requestsShed',
  ),
  gateway(
    'mm_gateway_reconciliations_total',
    'Minutely comparisons with the account, as it states itself.',
    'reconciliations',
  ),
  gateway(
    'mm_gateway_reconciliations_failed_total',
    'Symbols that such a comparison could not read.',
    'reconciliationsFailed',
  ),
  gateway(
    'mm_gateway_breaker_trips_total',
    'Times that creates or amends were stopped: several in a row had no definite answer.',
    'breakerTrips',
  ),
  gateway('mm_gateway_bans_total', 'Times that the exchange banned this address (HTTP 403).', 'bans'),
  gateway('mm_gateway_rule_changes_total', 'Changes of trading rules seen while running.', 'ruleChanges'),
  gateway('mm_gateway_acks_accepted_total', 'Order requests accepted.', 'acksAccepted'),
  gateway('mm_gateway_acks_rejected_total', 'Order requests refused.', 'acksRejected'),
  gateway('mm_gateway_acks_ambiguous_total', 'Order requests without a definite answer.', 'acksAmbiguous'),
  gateway('mm_gateway_acks_gone_total', 'Amends and cancels of orders that were already over.', 'acksGone'),
  gateway('mm_gateway_acks_unmatched_total', 'Answers that name no request of ours.', 'acksUnmatched'),
  gateway('mm_gateway_orders_never_landed_total', 'Orders that the exchange says it never had.', 'ordersNeverLanded'),
  gateway(
    'mm_gateway_post_only_misses_total',
    'Post-only orders cancelled because they would have taken.',
    'postOnlyMisses',
  ),
  gateway('mm_gateway_duplicate_fills_total', 'Executions told twice on the wire.', 'duplicateFills'),
  gateway('mm_gateway_stale_order_messages_total', 'Order messages older than what was known.', 'staleOrderMessages'),
  gateway('mm_gateway_rest_calls_total', 'REST calls.', 'restCalls'),
  gateway('mm_gateway_rest_failures_total', 'REST calls that failed.', 'restFailures'),
  gateway('mm_gateway_rate_limited_total', 'Answers that said too many requests.', 'rateLimited'),
  gateway('mm_gateway_resyncs_total', 'Full reads of the account state.', 'resyncs'),
  gateway(
    'mm_gateway_position_mismatches_total',
    'Times that the exchange stated a position that our fills did not add up to.',
    'positionMismatches',
  ),
  gateway(
    'mm_gateway_price_action_refused_total',
    'Times that the venue would not let us choose to refuse prices outside its band.',
    'priceActionRefused',
  ),

  counter('mm_process_cpu_seconds_total', 'Processor time of the engine process.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }),
  gauge('mm_process_resident_bytes', 'Resident memory of the engine process.', () => process.memoryUsage.rss()),
  gauge('mm_event_loop_delay_p99_seconds', 'Event loop delay, 99th percentile since the last scrape.', ({ run }) =>
    run.loopDelaySeconds(),
  ),
]

function guardSamples(view: BotView, read: (guard: BotView['guards'][number]) => number): Sample[] {
  const whole = view.guards.map((guard) => ({ labels: { symbol: '', guard: guard.guard }, value: read(guard) }))
  const each = view.symbols.flatMap(({ symbol, guards }) =>
    guards.map((guard) => ({ labels: { symbol, guard: guard.guard }, value: read(guard) })),
  )
  return [...whole, ...each]
}

function fillSamples({ symbol, fills, makerFills }: SymbolView): Sample[] {
  return [
    { labels: { symbol, liquidity: 'maker' }, value: makerFills },
    { labels: { symbol, liquidity: 'taker' }, value: fills - makerFills },
  ]
}

function pnlSamples(symbol: string, pnl: PnlView): Sample[] {
  // A gauge is a float by nature; the exact text is in the summary.
  return PNL_PARTS.map((part) => ({ labels: { symbol, coin: pnl.coin, part }, value: Number(pnl[part]) }))
}

/** docs/reference/metrics.md. */
export function metricsMarkdown(): string {
  const rows = METRICS.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  )
  return [
    '# Metrics',
    '',
    '`mm trade` serves them at `http://127.0.0.1:9464/metrics` (`--metrics HOST:PORT|off`), beside `/healthz` and `/readyz`.',
    'Made from the table in `src/core/runtime/metrics-table.ts`; a test compares both ways.',
    '',
    '| Name | Type | Labels | Meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
