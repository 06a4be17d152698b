/**
 * Cancels beside a flood of creates at five times the quota, on the real clock: the gateway's own sockets, the simulated
 * exchange in a thread of its own. Calm and flooded seconds take turns, so that both see the same neighbours. From the
 * call to the exchange's word that the order is over; bar of the issue: p99 within three times.
 */
import { performance } from 'node:perf_hooks'
import type { EngineEvent } from '../src/core/domain/event.ts'
import { type Approval, RequestBuffer } from '../src/core/domain/request.ts'
import { Secret } from '../src/core/domain/secret.ts'
import { orderSeq, priceTicks, sizeLots, symbolId } from '../src/core/domain/units.ts'
import { bybitExchange } from '../src/core/exchange/bybit/adapter.ts'
import { netWire } from '../src/core/exchange/bybit/net-wire.ts'
import { startWorkerHost } from '../src/core/exchange/sim/server/worker-host.ts'

const QUOTA = 20
const FLOOD = 5 * QUOTA
const CANCELS_PER_S = 10
const ROUNDS = 12
const BAR = 3
const SYMBOL = 'BTCUSDT'
/** Far below the market: nothing of it trades. */
const FAR_TICKS = 560_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export async function run(): Promise<void> {
  const host = await startWorkerHost({ speed: 1, seed: 5, symbols: [SYMBOL], tier: 'vip1' })
  const { rest, ws, apiKey, apiSecret } = host.welcome
  const wire = netWire({ rest, stream: ws, publicStream: ws }, 'paper')
  const ended = new Map<number, number>()
  const exchange = await bybitExchange({
    wire,
    credentials: { apiKey: new Secret(apiKey), kind: 'hmac', secret: new Secret(apiSecret), source: 'bench' },
    category: 'linear',
    linkPrefix: 'mm00',
    linkEpoch: 'bench01',
    seed: 1,
    ordersPerSecond: QUOTA,
    isBatching: false,
    onFatal: (error) => {
      throw error
    },
  })
  await exchange.instruments([SYMBOL])
  await exchange.open((event: EngineEvent) => {
    if (event.kind === 'order' && event.status === 'canceled') ended.set(event.order, performance.now())
  })
  const place = (order: number): void => {
    const out = new RequestBuffer()
    const fields = { symbol: symbolId(0), side: 1, timeInForce: 'PostOnly', isReduceOnly: false } as const
    const at = priceTicks(FAR_TICKS - (order % 400))
    out.place(1 as Approval, { ...fields, order: orderSeq(order), priceTicks: at, sizeLots: sizeLots(1) })
    exchange.send(out)
  }
  const victims = 2 * ROUNDS * CANCELS_PER_S
  for (let order = 1; order <= victims; order++) {
    place(order)
    await sleep(1_000 / (QUOTA - 4))
  }
  const took: Record<'calm' | 'flood', number[]> = { calm: [], flood: [] }
  let flooded = 10_000
  for (let order = 1, round = 0; round < 2 * ROUNDS; round++) {
    const kind = round % 2 === 0 ? 'calm' : 'flood'
    const asked: [number, number][] = []
    for (let i = 0; i < CANCELS_PER_S; i++, order++) {
      if (kind === 'flood') for (let k = 0; k < FLOOD / CANCELS_PER_S; k++) place(flooded++)
      asked.push([order, performance.now()])
      const out = new RequestBuffer()
      out.cancel(symbolId(0), orderSeq(order))
      exchange.send(out)
      await sleep(1_000 / CANCELS_PER_S)
    }
    await sleep(500)
    for (const [one, atMs] of asked) took[kind].push((ended.get(one) ?? Number.POSITIVE_INFINITY) - atMs)
  }
  const { requestsShed } = exchange.counters
  await exchange.close()
  wire.dispose()
  await host.close()
  const [calm, flood] = [p99(took.calm), p99(took.flood)]
  const ratio = flood / calm
  process.stdout.write(
    `p99 of ${took.calm.length} cancels each: calm ${calm.toFixed(2)} ms, flooded ${flood.toFixed(2)} ms: ×${ratio.toFixed(2)} (bar ×${BAR}: ${ratio <= BAR ? 'met' : 'MISSED'}); medians ${median(took.calm).toFixed(2)} and ${median(took.flood).toFixed(2)} ms\n` +
      `creates asked ${flooded - 10_000}, shed ${requestsShed}\n`,
  )
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const p99 = (values: readonly number[]): number => sorted(values)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN
const median = (values: readonly number[]): number => sorted(values)[values.length >> 1] ?? Number.NaN

if (import.meta.main) await run()
