/** The view: what people see adds up exactly, is plain JSON, and looking changes nothing. */
import { Decimal } from 'decimal.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SymbolId, symbolId } from '../../src/core/domain/units.ts'
import type { PnlView } from '../../src/core/engine/view.ts'
import { BTC, Rig, type RigOptions } from './rig.ts'

const CENTS: RigOptions = { instrument: { tickSize: '0.01', lotSize: '0.1' } }

// decimal.js is the judge of the sums: as many digits as the longest of them.
const Exact = Decimal.clone({ precision: 100 })
const sumOf = (pnl: PnlView): string => {
  const parts = [pnl.spreadCapture, pnl.inventory, pnl.fees, pnl.rebates, pnl.funding, pnl.carried]
  return parts.reduce((sum, part) => sum.plus(part), new Exact(0)).toFixed()
}

function mid(rig: Rig, halfTicks: number, symbol: SymbolId = BTC): void {
  rig.nowUs += 1_000
  rig.snapshot([[Math.floor(halfTicks / 2) - 3, 5]], [[Math.ceil(halfTicks / 2) + 3, 5]], symbol)
}

describe('profit', () => {
  test('the published example', () => {
    const rig = new Rig(CENTS).ready()
    mid(rig, 20_000)
    rig.fill(0, 10, { priceTicks: 9_999 })
    mid(rig, 20_002)
    rig.fill(0, 4, { side: -1, priceTicks: 10_003 })
    mid(rig, 20_004)
    rig.fill(0, 6, { side: -1, priceTicks: 10_005 })
    mid(rig, 20_000)
    const pnl = rig.engine.view().symbols[0]?.pnl
    expect(pnl).toMatchObject({ total: '0.052', spreadCapture: '0.036', inventory: '0.016', identityExact: true })
  })

  test('a rebate adds and a fee takes', () => {
    const rig = new Rig(CENTS).ready()
    rig.fill(0, 1, { feeE8: -200n })
    rig.fill(0, 1, { side: -1, feeE8: 500n })
    expect(rig.engine.view().symbols[0]?.pnl).toMatchObject({ rebates: '0.000002', fees: '-0.000005' })
  })

  const fact = fc.record({
    what: fc.constantFrom('fill' as const, 'mid' as const, 'mid' as const, 'fund' as const, 'position' as const),
    symbol: fc.nat(1),
    side: fc.constantFrom(1, -1),
    ticks: fc.integer({ min: 900, max: 1_100 }),
    lots: fc.integer({ min: 1, max: 50 }),
    feeE8: fc.bigInt({ min: -10_000_000n, max: 10_000_000n }),
  })

  test('parts add up to the total to the last digit, for each symbol and over all', () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 80 }), (facts) => {
        const rig = new Rig({
          symbols: ['BTCUSDT', 'ETHUSDT'],
          instrument: { tickSize: '0.00005', lotSize: '0.00001' },
        })
        rig.ready()
        for (const [i, { what, symbol: id, side, ticks, lots, feeE8 }] of facts.entries()) {
          const symbol = symbolId(id)
          if (what === 'fill') rig.fill(0, lots, { side, priceTicks: ticks, feeE8, symbol })
          else if (what === 'mid') mid(rig, 2 * ticks + (lots % 2), symbol)
          else if (what === 'position') rig.position(side * lots, symbol, side * lots * ticks)
          else rig.step({ kind: 'funding', execId: `f${i}`, symbol, amountE8: feeE8, nowUs: rig.nowUs as never })
        }
        const view = rig.engine.view()
        for (const pnl of [...view.symbols.map((s) => s.pnl), ...view.pnl]) {
          expect(pnl.identityExact).toBe(true)
          expect(sumOf(pnl)).toBe(new Exact(pnl.total).toFixed())
        }
        const totals = view.symbols.reduce((sum, s) => sum.plus(s.pnl.total), new Exact(0))
        expect(new Exact(view.pnl[0]?.total ?? 'NaN').toFixed()).toBe(totals.toFixed())
      }),
    )
  })
})

describe('snapshot', () => {
  test('before start', () => {
    const view = new Rig().engine.view()
    expect(view).toMatchObject({
      phase: 'syncing',
      phaseReason: 'the run has not started',
      symbols: [],
      pnl: [],
      seq: 0,
    })
  })

  test('is JSON, and complete', () => {
    const rig = new Rig().want([[1000, 10]], [[1005, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    rig.decide(500_000)
    const view = rig.engine.view()
    expect(JSON.parse(JSON.stringify(view))).toEqual(view)
    expect(view).toMatchObject({
      phase: 'quoting',
      phaseReason: '',
      nextOrder: 3,
      links: { account: 'up', trade: 'up' },
    })
    expect(view.uptimeUs).toBe(501_000)
    expect(view.symbols[0]).toMatchObject({
      symbol: 'BTCUSDT',
      book: { condition: 'fresh', bid: '99', bidSize: '0.1', ask: '101', askSize: '0.1', ageUs: 501_000, lagUs: 0 },
      bids: [{ order: 1, status: 'working', price: '100', size: '0.01', filled: '0', ahead: '0', ageUs: 500_000 }],
      asks: [{ order: 2, status: 'placing', price: '100.5', ahead: null }],
      workingOrders: 1,
      position: '0',
    })
    expect(view.symbols[0]?.guards.map((g) => g.guard)).toEqual([
      'in-flight',
      'max-order',
      'max-position',
      'price-band',
      'repeated-execution',
      'slow-down',
      'stale-book',
      'symbol-rate',
    ])
    expect(view.guards.map((g) => g.guard)).toEqual(['loss-limit', 'request-rate', 'taker-cap'])
  })
})
