/** Every leg takes the time it was given, in order, and says what the exchange said. */
import { describe, expect, test } from 'vitest'
import type { EngineEvent } from '../../src/core/domain/event.ts'
import { type Approval, RequestBuffer } from '../../src/core/domain/request.ts'
import { BUY, orderSeq, priceTicks, SELL, type Side, sizeLots, symbolId, timeUs } from '../../src/core/domain/units.ts'
import { BookMarket } from '../../src/core/exchange/sim/book-market.ts'
import { constantLatency, listLatency } from '../../src/core/exchange/sim/latency.ts'
import { SimExchange } from '../../src/core/exchange/sim/sim-exchange.ts'
import { BACKTEST_UID, BacktestExchange } from '../../src/core/runtime/backtest-exchange.ts'
import { instrument } from '../engine/rig.ts'

const T0 = 1_700_000_000_000_000
const YES = 1 as Approval

function rig(legs: Partial<ConstructorParameters<typeof BacktestExchange>[1]> = {}) {
  const link = new BacktestExchange(
    { category: 'linear', symbol: 'BTCUSDT' },
    { request: constantLatency(5_000), ack: constantLatency(7_000), stream: constantLatency(3_000), ...legs },
  )
  const listing = {
    instrument: instrument(),
    status: 'Trading',
    contractType: 'LinearPerpetual',
    leverageMax: '100',
    fundingIntervalMin: 480,
    deliveryTimeMs: 0,
    launchTimeMs: 0,
    priceLimitRatioX: '0.5',
    priceLimitRatioY: '0.5',
  }
  const sim = new SimExchange({
    seed: 1,
    startUs: timeUs(T0),
    markets: [{ listing, market: new BookMarket('linear', 'BTCUSDT') }],
    accounts: [{ uid: BACKTEST_UID, balances: { USDT: 10n ** 16n } }],
    sink: link,
    matchLatency: constantLatency(1_000),
  })
  link.attach(sim)
  const out = new RequestBuffer()
  return {
    place(order: number, side: Side, ticks: number, lots: number, atUs: number): void {
      out.clear()
      out.place(YES, {
        order: orderSeq(order),
        symbol: symbolId(0),
        side,
        priceTicks: priceTicks(ticks),
        sizeLots: sizeLots(lots),
        timeInForce: 'PostOnly',
        isReduceOnly: false,
      })
      link.send(out, atUs)
    },
    cancel(order: number, atUs: number): void {
      out.clear()
      out.cancel(symbolId(0), orderSeq(order))
      link.send(out, atUs)
    },
    /** Everything that arrives, as [µs after the start, what]. */
    drain(): (readonly [number, string])[] {
      const heard: (readonly [number, string])[] = []
      for (;;) {
        const nextUs = Math.min(link.nextInboxUs(), link.nextOutboxUs(), sim.nextUs())
        if (nextUs === Number.POSITIVE_INFINITY) return heard
        if (sim.nextUs() <= nextUs) sim.advance(timeUs(nextUs))
        else if (link.nextOutboxUs() <= nextUs) link.deliver(nextUs)
        else {
          const event = link.receive(nextUs)
          if (event !== undefined) heard.push([nextUs - T0, said(event)])
        }
      }
    },
    isIdle: () => link.isIdle,
  }
}

function said(event: EngineEvent): string {
  if (event.kind === 'ack') return `ack ${event.request} ${event.order} ${event.result}`
  if (event.kind === 'order') return `${event.order} ${event.status}${event.isPostOnlyMiss ? ' post-only miss' : ''}`
  return event.kind === 'fill' ? `fill ${event.order} ${event.sizeLots}@${event.priceTicks} ${event.feeE8}` : event.kind
}

describe('legs', () => {
  test('a place: stated after request, match and stream; answered after request and ack', () => {
    const exchange = rig()
    exchange.place(1, BUY, 600_000, 10, T0)
    expect(exchange.isIdle()).toBe(false)
    expect(exchange.drain()).toEqual([
      [9_000, '1 open'],
      [12_000, 'ack place 1 accepted'],
    ])
    expect(exchange.isIdle()).toBe(true)
  })

  test('a later request never overtakes, however quick its leg', () => {
    const exchange = rig({ request: listLatency([9_000, 1_000], 'inOrder') })
    exchange.place(1, BUY, 600_000, 10, T0)
    exchange.cancel(1, T0 + 10)
    const heard = exchange.drain().map(([, what]) => what)
    expect(heard).toEqual(['1 open', '1 canceled', 'ack place 1 accepted', 'ack cancel 1 accepted'])
  })

  test('what cannot be done is said by its kind', () => {
    const exchange = rig()
    exchange.cancel(9, T0)
    expect(exchange.drain()).toEqual([[12_000, 'ack cancel 9 gone']])
    exchange.place(2, BUY, 600_000, 0, T0 + 20_000)
    expect(exchange.drain().map(([, what]) => what)).toEqual(['ack place 2 rejected'])
  })

  test('a post-only order that would take is a miss, told by the stream', () => {
    const exchange = rig()
    exchange.place(1, SELL, 600_000, 10, T0)
    exchange.place(2, BUY, 600_001, 10, T0 + 1)
    expect(exchange.drain().map(([, what]) => what)).toContain('2 canceled post-only miss')
  })
})
