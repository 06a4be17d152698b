/** A view as a running bot sends it. */
import { zeroCounters } from '../../src/core/engine/view.ts'
import type { LiveView } from '../../src/core/runtime/live-view.ts'

const quantiles = { count: 9_000, p50Us: 16, p99Us: 70, p999Us: 210, maxUs: 4_000 }
const pnl = {
  coin: 'USDT',
  total: '1.23456789',
  spreadCapture: '2.5',
  inventory: '-1.1',
  fees: '-0.16543211',
  rebates: '0',
  funding: '0',
  adjustment: '0',
  carried: '0',
  identityExact: true,
}

const order = (seq: number, price: string, ahead: string | null) => ({
  order: seq,
  status: 'working' as const,
  price,
  size: '0.01',
  filled: '0',
  ahead,
  ageUs: 3_200_000,
  isAmending: false,
})

export function liveView(symbols = ['BTCUSDT']): LiveView {
  return {
    view: {
      phase: 'quoting',
      phaseReason: '',
      nowUs: 1_764_000_000_000_000,
      startedUs: 1_763_999_000_000_000,
      uptimeUs: 1_000_000_000,
      seq: 120_000,
      nextOrder: 411,
      links: { account: 'up', trade: 'up' },
      counters: { ...zeroCounters(), fills: 12, postOnlyMisses: 3 },
      guards: [
        { guard: 'max-position', refusals: 2, trips: 0, state: 'ok', reason: '' },
        { guard: 'stale-book', refusals: 0, trips: 1, state: 'pull', reason: 'book 2.1 s old' },
      ],
      symbols: symbols.map((symbol) => ({
        symbol,
        isReady: true,
        notReadyReason: '',
        book: {
          condition: 'fresh' as const,
          bid: '61800.2',
          bidSize: '2.507',
          ask: '61800.3',
          askSize: '3.33',
          ageUs: 12_000,
          lagUs: 3_000,
        },
        bids: [order(1, '61799.8', '1.204'), order(2, '61799.1', null)],
        asks: [order(3, '61800.9', '0.77')],
        strays: [],
        workingOrders: 3,
        unknownOrders: 1,
        position: '-0.013',
        positionLots: -13,
        worstLongLots: 20,
        worstShortLots: -33,
        missingFillLots: 0,
        pnl,
        markouts: [{ horizonUs: 1_000_000, fills: 12, unresolved: 0, bps: -0.214 }],
        fills: 12,
        makerFills: 12,
        sigmaTicks: 12.34,
        imbalance: 0.1,
        guards: [],
      })),
      pnl: [pnl],
    },
    run: {
      version: '0.1.0',
      venue: 'paper',
      epoch: 't5f8k2a',
      configHash: 'abc',
      pid: 4242,
      metricsUrl: '',
      seed: 7,
      latency: { tickToRequest: quantiles, intentDurable: quantiles, order: { ...quantiles, count: 0 } },
      rates: { marketEvents: 812.4, decisions: 100, requests: 4.25, fills: 0.4 },
      journal: { seq: 120_000, durableSeq: 119_990, backlogBytes: 0, failure: null },
      queue: { depthMax: 12, shed: 0, waiting: 0 },
      events: [{ atUs: 1_764_000_000_000_000, level: 'warn', text: 'a name with \u001b[31mcolour and \u202e tricks' }],
    },
  }
}
