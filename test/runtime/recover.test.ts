/** What a start learns from the run before it, and what it settles before the first quote. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineEvent, FillEvent } from '../../src/core/domain/event.ts'
import { Request } from '../../src/core/domain/request.ts'
import {
  BUY,
  orderSeq,
  positionLots,
  priceTicks,
  SELL,
  type Side,
  sizeLots,
  symbolId,
  timeUs,
} from '../../src/core/domain/units.ts'
import type { PastExecution } from '../../src/core/exchange/port.ts'
import { nodeDisk } from '../../src/core/runtime/disk.ts'
import { inlineJournal, type Journal } from '../../src/core/runtime/journal.ts'
import { type LastRun, readLastRun, recover, type Recovery } from '../../src/core/runtime/recover.ts'
import { orderOf, ScriptedExchange, TestClock } from './scripted.ts'

const START_MS = 1_700_000_000_000
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-recover-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function ran(epoch: string, story: (journal: Journal) => void, venue = 'testnet'): Promise<void> {
  const header = { epoch, createdMs: 0, buildHash: '00'.repeat(32), configHash: '00'.repeat(32) }
  const journal = inlineJournal(nodeDisk, { dir, header, preallocate: false })
  journal.note('run', {
    epoch,
    venue,
    uid: '1',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    linkPrefix: `mm00-${epoch}-`,
    version: '0',
    startedMs: START_MS,
    seed: 1,
    config: {},
  })
  story(journal)
  await journal.close()
}

function place(journal: Journal, order: number): void {
  const request = new Request()
  request.kind = 'place'
  request.order = orderSeq(order)
  journal.intent(request, 1)
  journal.wake()
}

function fill(execId: string, side: Side, lots: number, symbol = 0): FillEvent {
  return {
    kind: 'fill',
    execId,
    order: orderSeq(1),
    symbol: symbolId(symbol),
    side,
    priceTicks: priceTicks(100),
    sizeLots: sizeLots(lots),
    feeE8: 1n,
    isMaker: true,
    exchangeUs: timeUs(START_MS * 1_000 + 5_000_000),
    nowUs: timeUs(1),
  }
}

const position = (symbol: number, lots: number): EngineEvent & { kind: 'position' } => ({
  kind: 'position',
  symbol: symbolId(symbol),
  positionLots: positionLots(lots),
  costMoney: 0,
  nowUs: timeUs(1),
})

function ended(order: number, status: 'filled' | 'canceled' | 'open'): EngineEvent & { kind: 'order' } {
  return {
    kind: 'order',
    order: orderSeq(order),
    symbol: symbolId(0),
    status,
    side: BUY,
    priceTicks: priceTicks(1),
    sizeLots: sizeLots(1),
    filledLots: sizeLots(0),
    reason: '',
    isPostOnlyMiss: false,
    exchangeUs: timeUs(1),
    nowUs: timeUs(1),
  }
}

const past = (execId: string, signedLots: number, afterMs = 1): PastExecution => ({
  symbol: 'BTCUSDT',
  execId,
  orderLinkId: 'mm00-0000001-1',
  execType: 'Trade',
  timeMs: START_MS + afterMs,
  signedLots,
})

describe('the last run', () => {
  test('unresolved orders, seen executions, position', async () => {
    await ran('0000001', (journal) => {
      journal.event(position(0, 5))
      for (const order of [1, 2, 3, 4, 5]) place(journal, order)
      journal.event(ended(1, 'filled'))
      journal.event(ended(2, 'canceled'))
      journal.event(ended(3, 'open'))
      journal.event({
        kind: 'ack',
        request: 'place',
        order: orderSeq(4),
        symbol: symbolId(0),
        result: 'rejected',
        code: 1,
        action: 'reject',
        nowUs: timeUs(1),
      })
      journal.event(fill('a', BUY, 3))
      journal.event(fill('a', BUY, 3))
      journal.event(fill('b', SELL, 10))
      journal.event(fill('c', BUY, 1, 1))
    })
    expect(readLastRun(dir, 'testnet')).toMatchObject({
      run: { epoch: '0000001' },
      unresolved: [3, 5],
      execIds: new Set(['a', 'b', 'c']),
      positionLots: new Map([['BTCUSDT', -2]]),
      lastExecutionMs: START_MS + 5_000,
      end: null,
    })
  })

  test('the newest of the same venue counts; none is null; an orderly end is seen', async () => {
    expect(readLastRun(dir, 'testnet')).toBeNull()
    await ran('0000001', (journal) => {
      journal.note('end', { reason: 'duration', openOrders: 0, verifiedZero: true, nowUs: 1 })
    })
    await ran('0000002', () => undefined, 'live')
    expect(readLastRun(dir, 'testnet')).toMatchObject({ run: { epoch: '0000001' }, end: { verifiedZero: true } })
    expect(readLastRun(dir, 'live')?.run.epoch).toBe('0000002')
  })

  test('a torn tail is cut on the disk, once', async () => {
    await ran('0000001', (journal) => place(journal, 1))
    const file = join(dir, '0000001-00000.mmj')
    const whole = readFileSync(file)
    writeFileSync(file, Buffer.concat([whole, Buffer.from([9, 0, 0, 0, 1, 2, 3])]))
    expect(readLastRun(dir, 'testnet')?.tornBytes).toBe(7)
    expect(readFileSync(file)).toEqual(whole)
    expect(readLastRun(dir, 'testnet')?.tornBytes).toBe(0)
  })

  test('damage refuses the start', async () => {
    await ran('0000001', (journal) => [1, 2, 3].forEach((order) => place(journal, order)))
    const file = join(dir, '0000001-00000.mmj')
    const bytes = readFileSync(file)
    bytes[300] = (bytes[300] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect(() => readLastRun(dir, 'testnet')).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT', exit: 3 }))
  })
})

describe('before the first quote', () => {
  function scene() {
    const clock = new TestClock()
    const exchange = new ScriptedExchange()
    const run = (last: LastRun | null): Promise<Recovery> =>
      clock.until(recover({ exchange, clock, last, linkPrefix: 'mm00-', symbols: ['BTCUSDT'] }), 120_000_000)
    return { clock, exchange, run }
  }

  test('a first start: one look, nothing to settle', async () => {
    const { exchange, run } = scene()
    expect(await run(null)).toEqual({
      lastEpoch: null,
      lastEndedCleanly: true,
      canceledOrders: [],
      missedExecutions: [],
      positions: [],
    })
    expect(exchange.looks).toBe(1)
  })

  test('orders of dead epochs go and are seen to be gone; those of others stay', async () => {
    await ran('0000001', (journal) => place(journal, 1))
    const { exchange, run } = scene()
    exchange.live = [orderOf('mm00-0000001-1'), orderOf('mm00-0000000-7'), orderOf('mm01-0000001-1'), orderOf('')]
    const { canceledOrders, lastEndedCleanly } = await run(readLastRun(dir, 'testnet'))
    expect(canceledOrders).toEqual(['mm00-0000001-1', 'mm00-0000000-7'])
    expect(exchange.live).toHaveLength(2)
    expect(lastEndedCleanly).toBe(false)
  })

  test('an order that lands between two looks is found', async () => {
    await ran('0000001', (journal) => place(journal, 1))
    const { exchange, run } = scene()
    exchange.onLook = () => {
      if (exchange.looks === 2) exchange.live = [orderOf('mm00-0000001-1')]
    }
    expect((await run(readLastRun(dir, 'testnet'))).canceledOrders).toEqual(['mm00-0000001-1'])
  })

  const LATE = [
    { what: 'the window of that run', config: { exchange: { createWindowMs: 1_000 } }, afterUs: 2_900_000, found: 1 },
    { what: 'the longest where it is not known', config: {}, afterUs: 6_900_000, found: 1 },
    { what: 'beyond it nothing can land', config: { exchange: { createWindowMs: 1_000 } }, afterUs: 9e6, found: 0 },
  ]
  test.each(LATE)('an order that lands late, $what', async ({ config, afterUs, found }) => {
    const { clock, exchange, run } = scene()
    await ran('0000001', (journal) => place(journal, 1))
    const last = readLastRun(dir, 'testnet')
    if (last === null) throw new Error('there was a run')
    const diedUs = clock.nowUs()
    exchange.onLook = () => {
      if (clock.nowUs() >= diedUs + afterUs) exchange.live = [orderOf('mm00-0000001-1')]
    }
    exchange.onCancel = () => {
      exchange.onLook = () => undefined
      exchange.live = []
    }
    const { canceledOrders } = await run({ ...last, lastIntentUs: diedUs, run: { ...last.run, config } })
    expect(canceledOrders).toHaveLength(found)
  })

  test('orders that will not go stop the start', async () => {
    const { exchange, run } = scene()
    exchange.live = [orderOf('mm00-0000001-1')]
    exchange.onCancel = () => undefined
    await expect(run(null)).rejects.toMatchObject({ code: 'DEAD_ORDERS_LEFT', exit: 5 })
  })

  test('missed executions are those the journal has not, of this run; the position is compared with them', async () => {
    await ran('0000001', (journal) => {
      journal.event(position(0, 5))
      journal.event(fill('a', BUY, 3))
    })
    const { exchange, run } = scene()
    exchange.executions = [past('a', 3), past('old', 100, -5), past('b', -10, 9_000), past('c', 1, 9_001)]
    exchange.held = [{ symbol: 'BTCUSDT', positionLots: positionLots(-1), costMoney: 0 }]
    const found = await run(readLastRun(dir, 'testnet'))
    expect(found.missedExecutions.map(({ execId }) => execId)).toEqual(['b', 'c'])
    expect(found.positions).toEqual([{ symbol: 'BTCUSDT', exchangeLots: -1, expectedLots: -1 }])
  })

  test('recovering twice gives the same', async () => {
    await ran('0000001', (journal) => place(journal, 1))
    const { exchange, run } = scene()
    exchange.executions = [past('b', -10)]
    const first = await run(readLastRun(dir, 'testnet'))
    expect(await run(readLastRun(dir, 'testnet'))).toEqual(first)
  })

  test('an account that cannot be read is an error for people', async () => {
    const { exchange, run } = scene()
    exchange.onLook = () => {
      throw new Error('connection refused')
    }
    await expect(run(null)).rejects.toMatchObject({ code: 'POSITION_UNKNOWN', exit: 3 })
  })
})
