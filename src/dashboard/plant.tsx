/** What the bot runs on: guards, rates, latencies, links, journal, queue. */
import { Box, Text } from 'ink'
import type { GuardView } from '../core/engine/view.ts'
import type { LiveView, Quantiles } from '../core/runtime/live-view.ts'
import { rateText, spanText } from './text.ts'

const GUARD_COLOUR = { ok: 'green', pull: 'yellow', halt: 'red' } as const

export function Plant({ live, isNarrow }: { readonly live: LiveView; readonly isNarrow: boolean }) {
  const { view, run } = live
  const { rates, latency, journal, queue } = run
  return (
    <Box flexDirection={isNarrow ? 'column' : 'row'} columnGap={4}>
      <Box flexDirection="column">
        {view.guards.map((guard) => (
          <Guard key={guard.guard} guard={guard} />
        ))}
      </Box>
      <Box flexDirection="column">
        <Text>
          market {rateText(rates.marketEvents)} decisions {rateText(rates.decisions)} requests{' '}
          {rateText(rates.requests)}
          {'  '}fills {rateText(rates.fills)}
        </Text>
        <Delay name="tick → request" quantiles={latency.tickToRequest} />
        <Delay name="intent durable" quantiles={latency.intentDurable} />
        <Delay name="order → ack   " quantiles={latency.order} />
        <Text>
          links account <Link state={view.links.account} /> trade <Link state={view.links.trade} />
          {'  '}post-only misses {view.counters.postOnlyMisses} gaps {view.counters.bookGaps}
        </Text>
        <Text>
          journal {journal.durableSeq}/{journal.seq}
          {journal.failure === null ? '' : <Text color="red"> FAILED: {journal.failure}</Text>} queue max{' '}
          {queue.depthMax}
          {queue.shed > 0 ? <Text color="yellow"> shed {queue.shed}</Text> : null}
        </Text>
      </Box>
    </Box>
  )
}

function Guard({ guard }: { readonly guard: GuardView }) {
  return (
    <Text>
      <Text color={GUARD_COLOUR[guard.state]}>●</Text> {guard.guard.padEnd(14)}
      {guard.refusals > 0 ? ` refused ${guard.refusals}` : ''}
      {guard.state === 'ok' ? '' : ` ${guard.reason}`}
    </Text>
  )
}

function Delay({ name, quantiles }: { readonly name: string; readonly quantiles: Quantiles }) {
  const { count, p50Us, p99Us, p999Us } = quantiles
  if (count === 0) return <Text dimColor>{name} –</Text>
  return (
    <Text>
      {name} p50 {spanText(p50Us)} p99 {spanText(p99Us)} p99.9 {spanText(p999Us)}
    </Text>
  )
}

function Link({ state }: { readonly state: string }) {
  return <Text color={state === 'up' ? 'green' : 'red'}>{state}</Text>
}
