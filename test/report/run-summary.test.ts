/** The run summary against the worked vector of attribution, and its text for people. */
import { describe, expect, test } from 'vitest'
import { Attribution } from '../../src/core/domain/attribution.ts'
import type { FillEvent } from '../../src/core/domain/event.ts'
import { Markouts } from '../../src/core/domain/markout.ts'
import type { FillFacts } from '../../src/core/domain/position.ts'
import { moneyScale } from '../../src/core/domain/money.ts'
import { BUY, orderSeq, priceTicks, SELL, type Side, sizeLots, symbolId, timeUs } from '../../src/core/domain/units.ts'
import { type RunFacts, runSummary, type SymbolFacts } from '../../src/core/report/run-summary.ts'
import { RunTally } from '../../src/core/report/run-tally.ts'
import { runText } from '../../src/core/report/run-text.ts'
import { instrument } from '../engine/rig.ts'

/** [side, price in ticks of 0.01, size in lots of 0.1, twice the mid in ticks, order, maker]. */
type Fill = readonly [Side, number, number, number, number, boolean]

// Published vector: mids 100.00, 100.01, 100.02, end 100.00 → total .052 = capture .036 + inventory .016.
const VECTOR: readonly Fill[] = [
  [BUY, 9_999, 10, 20_000, 1, true],
  [SELL, 10_003, 4, 20_002, 2, true],
  [SELL, 10_005, 6, 20_004, 2, true],
]

function facts(
  fills: readonly Fill[],
  endHalf: number,
  change: { quoteCoin?: string; feeE8?: bigint } = {},
): SymbolFacts {
  const made = instrument({ tickSize: '0.01', lotSize: '0.1', sizeMin: '0.1', quoteCoin: change.quoteCoin ?? 'USDT' })
  const scale = moneyScale(made)
  const [attribution, markouts, tally] = [new Attribution(), new Markouts(), new RunTally(1)]
  tally.placed(symbolId(0))
  tally.placed(symbolId(0))
  tally.placed(symbolId(0))
  fills.forEach(([side, ticks, lots, midHalf, order, isMaker], index) => {
    const fact = { side, priceTicks: priceTicks(ticks), sizeLots: sizeLots(lots), feeE8: change.feeE8 ?? 0n }
    attribution.onMid(midHalf)
    markouts.onMid(midHalf, index * 200_000)
    attribution.onFill(fact)
    markouts.onFill(fact, index * 200_000)
    tally.fill(eventOf(fact, { index, order, isMaker }))
  })
  attribution.onMid(endHalf)
  markouts.onMid(endHalf, 1_000_000)
  return {
    instrument: made,
    scale,
    parts: attribution.parts(scale),
    identity: attribution.identity(scale),
    positionLots: attribution.position.lots,
    markouts: markouts.rows(2_000_000),
    tally: tally.symbols[0] ?? new RunTally(1).symbols[0]!,
  }
}

function eventOf(
  fact: FillFacts,
  { index, order, isMaker }: { index: number; order: number; isMaker: boolean },
): FillEvent {
  return {
    ...fact,
    kind: 'fill',
    execId: String(index),
    order: orderSeq(order),
    symbol: symbolId(0),
    isMaker,
    exchangeUs: timeUs(0),
    nowUs: timeUs(0),
  }
}

const RUN: Omit<RunFacts, 'symbols'> = {
  run: 'backtest',
  seed: 7,
  startedUs: 1_000_000,
  endedUs: 3_500_000,
  exitReason: 'end of the recording',
  openOrders: [],
  verifiedZero: true,
  counters: { places: 3 },
  models: { queue: 'power1-3' },
}

describe('summary', () => {
  test('the published vector', () => {
    const summary = runSummary({ ...RUN, symbols: [facts(VECTOR, 20_000)] })
    expect(summary.pnl).toEqual({
      coin: 'USDT',
      total: '0.052',
      spreadCapture: '0.036',
      inventory: '0.016',
      fees: '0',
      rebates: '0',
      funding: '0',
      carried: '0',
      identityExact: true,
    })
    expect(summary).toMatchObject({
      type: 'summary',
      seconds: 2.5,
      startMs: 1_000,
      fills: 3,
      fillRate: 0.666666666667,
      makerShare: 1,
      openOrders: 0,
      verifiedZero: true,
      position: { BTCUSDT: '0' },
      counters: { places: 3 },
      symbols: [{ volume: '2', notional: '200.032', ordersPlaced: 3, ordersFilled: 2 }],
    })
  })

  test('markouts in quote coins and basis points', () => {
    const { markouts } = runSummary({ ...RUN, symbols: [facts(VECTOR, 20_000)] })
    // At 100 ms the mid is still each fill's own; at 1 s it is 100.00 for all.
    expect(markouts.slice(0, 3)).toEqual([
      { horizonMs: 100, fills: 3, unresolved: 0, markout: '0.036', drift: '0', bps: expect.closeTo(1.7997, 3) },
      { horizonMs: 1_000, fills: 3, unresolved: 0, markout: '0.052', drift: '0.016', bps: expect.closeTo(2.5996, 3) },
      { horizonMs: 5_000, fills: 0, unresolved: 3, markout: '0', drift: '0', bps: null },
    ])
  })

  test('fees and rebates have their own places and signs', () => {
    const paid = runSummary({ ...RUN, symbols: [facts(VECTOR, 20_000, { feeE8: 100_000n })] })
    expect(paid.pnl).toMatchObject({ total: '0.049', fees: '-0.003', rebates: '0', identityExact: true })
    const got = runSummary({ ...RUN, symbols: [facts(VECTOR, 20_000, { feeE8: -100_000n })] })
    expect(got.pnl).toMatchObject({ total: '0.055', fees: '0', rebates: '0.003', identityExact: true })
  })

  test('a sum that does not add up is said so', () => {
    const symbol = facts(VECTOR, 20_000)
    const broken = { ...symbol, identity: { ...symbol.identity, parts: symbol.identity.parts + 1n } }
    const summary = runSummary({ ...RUN, symbols: [broken] })
    expect(summary.pnl.identityExact).toBe(false)
    expect(runText(summary)).toContain('DOES NOT ADD UP')
  })

  test('coins are summed apart, takers lower the maker share by their value', () => {
    const taker: readonly Fill[] = [[BUY, 10_001, 5, 20_000, 9, false]]
    const summary = runSummary({
      ...RUN,
      symbols: [facts(VECTOR, 20_000), facts(taker, 20_000, { quoteCoin: 'USDC' })],
    })
    expect(summary.pnlByCoin.map(({ coin, total }) => [coin, total])).toEqual([
      ['USDT', '0.052'],
      ['USDC', '-0.005'],
    ])
    expect(summary.makerShare).toBeCloseTo(200.032 / (200.032 + 50.005), 9)
  })

  test('a run without a fill or an order has no shares', () => {
    const none = { ...facts([], 20_000), tally: new RunTally(1).symbols[0]! }
    const summary = runSummary({ ...RUN, symbols: [none] })
    expect(summary).toMatchObject({
      fills: 0,
      fillRate: null,
      makerShare: null,
      pnl: { total: '0', identityExact: true },
    })
    expect(runText(summary)).toContain('maker share –')
  })
})

test('the text names profit, markouts, open orders and models', () => {
  const text = runText(
    runSummary({ ...RUN, openOrders: ['a-1', 'a-2'], verifiedZero: false, symbols: [facts(VECTOR, 20_000)] }),
  )
  expect(text).toMatchInlineSnapshot(`
    "backtest: 2.5 s of market time, ended: end of the recording

    BTCUSDT  position 0  traded 2 (200.032 USDT)
      fills 3  orders placed 3, traded 66.7 %  maker share 100.0 %
      profit 0.052 USDT = spread 0.036 + inventory 0.016 + fees 0 + rebates 0 + funding 0  (exact)
         after  fills  not known  markout  of it drift    bps
        100 ms      3          0    0.036            0  1.800
           1 s      3          0    0.052        0.016  2.600
           5 s      0          3        0            0      –
          30 s      0          3        0            0      –
          60 s      0          3        0            0      –
         300 s      0          3        0            0      –

    open orders at the end: a-1, a-2
      model of queue: power1-3"
  `)
})

test('zero open orders are never claimed when nobody could look', () => {
  const unseen = runSummary({ ...RUN, openOrders: [], verifiedZero: false, symbols: [facts(VECTOR, 20_000)] })
  expect(unseen).toMatchObject({ openOrders: null, openOrderIds: [], verifiedZero: false })
  expect(runText(unseen)).toContain('open orders at the end: unknown, nobody could look')
  const shown = runSummary({ ...RUN, openOrders: [], verifiedZero: true, symbols: [facts(VECTOR, 20_000)] })
  expect(shown.openOrders).toBe(0)
  expect(runText(shown)).toContain('open orders at the end: none (stated by the exchange)')
})
