/** The end of a run: zero is what the exchange says, twice, late enough; anything else is said out loud. */
import { expect, test } from 'vitest'
import { shutDown, type ShutdownOptions, type ShutdownResult } from '../../src/core/runtime/shutdown.ts'
import { orderOf, ScriptedExchange, TestClock } from './scripted.ts'

const US = 1_000_000

function scene(over: Partial<ShutdownOptions> = {}) {
  const clock = new TestClock()
  const exchange = new ScriptedExchange()
  const halts: string[] = []
  const options: ShutdownOptions = {
    exchange,
    clock,
    linkPrefix: 'mm00-',
    halt: (reason) => halts.push(reason),
    liveOrders: () => 0,
    lastRiskUs: () => 0,
    acceptWindowUs: 1 * US,
    ...over,
  }
  const run = (): Promise<ShutdownResult> => clock.until(shutDown('duration', options), 60 * US)
  return { clock, exchange, halts, run }
}

test('nothing open: two looks, then zero', async () => {
  const { exchange, halts, run } = scene()
  expect(await run()).toEqual({ verifiedZero: true, openOrders: [], problem: '' })
  expect(exchange.looks).toBe(2)
  expect(halts).toEqual(['duration'])
})

test('what is left is cancelled by id, orders of others are let alone', async () => {
  const { exchange, run } = scene()
  exchange.live = [orderOf('mm00-e-1'), orderOf('other-1'), orderOf('mm01-e-1'), orderOf('')]
  expect((await run()).verifiedZero).toBe(true)
  expect(exchange.canceled).toEqual(['x-mm00-e-1'])
})

test('an order that lands late starts the count again', async () => {
  const { exchange, run } = scene()
  exchange.onLook = () => {
    if (exchange.looks === 2) exchange.live = [orderOf('mm00-e-9')]
  }
  expect((await run()).verifiedZero).toBe(true)
  expect(exchange.canceled).toEqual(['x-mm00-e-9'])
  expect(exchange.looks).toBe(4)
})

test('while a request is unanswered, no look counts before it can no longer land', async () => {
  const sentUs = 1_000_000
  const { clock, exchange, run } = scene({ liveOrders: () => 1, lastRiskUs: () => sentUs })
  const zeros: number[] = []
  exchange.onLook = () => zeros.push(clock.nowUs())
  expect((await run()).verifiedZero).toBe(true)
  // 1 s of window, 0.5 s for matching: the last two looks began after that.
  expect(zeros.slice(-2).every((us) => us >= sentUs + 1.5 * US)).toBe(true)
})

test('planted bug: without waiting for the window a late landing would be missed', async () => {
  const { clock, exchange, run } = scene({ liveOrders: () => 1, lastRiskUs: () => 1_000_000 })
  let isLanded = false
  exchange.onLook = () => {
    if (isLanded || clock.nowUs() < 2.4 * US) return
    isLanded = true
    exchange.live = [orderOf('mm00-e-late')]
  }
  expect((await run()).verifiedZero).toBe(true)
  expect(exchange.canceled).toEqual(['x-mm00-e-late'])
})

test('orders that will not go are reported with their ids', async () => {
  const { exchange, run } = scene()
  exchange.live = [orderOf('mm00-e-1')]
  exchange.onCancel = () => undefined
  expect(await run()).toEqual({
    verifiedZero: false,
    openOrders: [orderOf('mm00-e-1')],
    problem: 'orders are still open',
  })
})

test('an exchange that cannot be asked is no zero', async () => {
  const { exchange, run } = scene()
  exchange.onLook = () => {
    throw new Error('connection refused')
  }
  expect(await run()).toEqual({ verifiedZero: false, openOrders: [], problem: 'connection refused' })
})

test('a read that fails in between does not count and does not end it', async () => {
  const { exchange, run } = scene()
  exchange.onLook = () => {
    if (exchange.looks === 2) throw new Error('timeout')
  }
  expect((await run()).verifiedZero).toBe(true)
  expect(exchange.looks).toBe(4)
})
