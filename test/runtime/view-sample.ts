/** A plausible BotView for tests that only show it. */
import { type BotView, type PnlView, zeroCounters } from '../../src/core/engine/view.ts'

const PNL: PnlView = {
  coin: 'USDT',
  total: '1.5',
  spreadCapture: '2',
  inventory: '-0.25',
  fees: '0.5',
  rebates: '0.25',
  funding: '0',
  carried: '0',
  identityExact: true,
}

export function viewOf(): BotView {
  const guard = { guard: 'max-position', refusals: 2, trips: 1, state: 'ok', reason: '' } as const
  return {
    phase: 'quoting',
    phaseReason: '',
    nowUs: 2_000_000,
    startedUs: 1_000_000,
    uptimeUs: 1_000_000,
    seq: 12,
    nextOrder: 4,
    links: { account: 'up', trade: 'up' },
    counters: { ...zeroCounters(), places: 3, fills: 5 },
    guards: [{ ...guard, guard: 'loss-limit' }],
    pnl: [PNL],
    symbols: [
      {
        symbol: 'BTCUSDT',
        isReady: true,
        notReadyReason: '',
        book: { condition: 'fresh', bid: '61800', bidSize: '1', ask: '61800.1', askSize: '2', ageUs: 500, lagUs: 300 },
        bids: [],
        asks: [],
        strays: [],
        workingOrders: 2,
        unknownOrders: 0,
        position: '0.003',
        positionLots: 3,
        worstLongLots: 6,
        worstShortLots: -3,
        missingFillLots: 0,
        pnl: PNL,
        markouts: [],
        fills: 5,
        makerFills: 4,
        sigmaTicks: 12.5,
        imbalance: 0.1,
        guards: [guard],
      },
    ],
  }
}
