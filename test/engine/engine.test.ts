/** The run as a whole: what it waits for, how it pauses, halts and ends, and that it can be run again exactly. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { symbolId, timeUs } from '../../src/core/domain/units.ts'
import { nextPhase, PHASE_NEXT, type Phase, type PhaseSignal } from '../../src/core/engine/phase.ts'
import { BTC, instrument, Rig } from './rig.ts'

const PLACES = ['place 1 buy 10@1000', 'place 2 sell 10@1005']

function operator(rig: Rig, command: 'pause' | 'resume' | 'halt', reason = ''): string[] {
  return rig.step({ kind: 'operator', command, reason, nowUs: timeUs(rig.nowUs) })
}

describe('start', () => {
  const steps: Record<string, (rig: Rig) => unknown> = {
    'account link': (rig) => rig.link('account', 'up'),
    'trade link': (rig) => rig.link('trade', 'up'),
    'market link': (rig) => rig.link('market', 'up'),
    position: (rig) => rig.position(0),
    book: (rig) => rig.snapshot([[990, 100]], [[1010, 100]]),
  }

  test('quotes once everything is there', () => {
    const rig = new Rig().want([[1000, 10]], [[1005, 10]]).start()
    for (const tell of Object.values(steps)) tell(rig)
    expect(rig.decide()).toEqual(PLACES)
    expect(rig.engine.phase).toBe('quoting')
  })

  test.each(Object.keys(steps))('waits for the %s', (missing) => {
    const rig = new Rig().want([[1000, 10]], [[1005, 10]]).start()
    for (const [name, tell] of Object.entries(steps)) if (name !== missing) tell(rig)
    expect(rig.decide()).toEqual([])
    expect(rig.engine.phase).toBe('syncing')
    expect(rig.engine.view().phaseReason).not.toBe('')
    steps[missing]?.(rig)
    expect(rig.decide()).toEqual(PLACES)
  })

  test('the market link may come up symbol by symbol', () => {
    const rig = new Rig({ symbols: ['BTCUSDT', 'ETHUSDT'] })
      .want([[1000, 10]])
      .want([[1000, 10]], [], 1)
      .ready()
    rig.decide()
    rig.link('market', 'down')
    expect(rig.decide()).toEqual(['cancel 1', 'cancel 2'])
    rig.order(1, 'canceled')
    rig.link('market', 'up', BTC)
    rig.snapshot([[990, 1]], [[1010, 1]])
    expect(rig.decide()).toEqual(['place 3 buy 10@1000'])
    expect(rig.engine.view().symbols.map((s) => s.isReady)).toEqual([true, false])
  })

  test('a delta before a snapshot is not believed', () => {
    const rig = new Rig().want([[1000, 10]]).start()
    for (const link of ['account', 'trade', 'market'] as const) rig.link(link, 'up')
    rig.position(0)
    rig.delta([[990, 100]], [[1010, 100]])
    expect(rig.decide()).toEqual([])
    rig.snapshot([[990, 100]], [[1010, 100]])
    expect(rig.decide()).toEqual(['place 1 buy 10@1000'])
  })

  test('nothing before start, and start once', () => {
    expect(() => new Rig().decide()).not.toThrow()
    expect(() => new Rig().position(0)).toThrow('after start')
    expect(() => new Rig().start().start()).toThrow('start is the first event')
  })
})

describe('links', () => {
  test.each(['account', 'trade'] as const)('%s down pulls everything, and up again quotes', (link) => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    rig.link(link, 'down')
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.engine.phase).toBe('syncing')
    rig.order(1, 'canceled')
    rig.position(0)
    expect(rig.decide()).toEqual([])
    rig.link(link, 'up')
    expect(rig.decide()).toEqual(['place 2 buy 10@1000'])
  })

  test('after the account link was down a position must be stated', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.link('account', 'down')
    rig.link('account', 'up')
    expect(rig.decide()).toEqual([])
    expect(rig.engine.view().phaseReason).toBe('the position is not known')
    rig.position(0)
    expect(rig.decide()).toHaveLength(1)
  })

  test('a gap pulls one symbol and ends with a snapshot', () => {
    const rig = new Rig({ symbols: ['BTCUSDT', 'ETHUSDT'] })
      .want([[1000, 10]])
      .want([[1000, 10]], [], 1)
      .ready()
    rig.decide()
    rig.link('market', 'gap', symbolId(1))
    rig.delta([[991, 5]], [], symbolId(1))
    expect(rig.decide()).toEqual(['cancel 2'])
    expect(rig.engine.phase).toBe('quoting')
    expect(rig.engine.view().symbols[1]?.book.condition).toBe('gap')
    rig.step({ ...orderOf(2, 'canceled'), symbol: symbolId(1) })
    rig.snapshot([[991, 5]], [[1011, 5]], symbolId(1))
    expect(rig.decide()).toEqual(['place 3 buy 10@1000'])
    expect(rig.engine.view().counters.bookGaps).toBe(1)
  })
})

describe('pause and halt', () => {
  test('pause pulls quotes and resume brings them back', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    operator(rig, 'pause', 'lunch')
    expect(rig.decide()).toEqual(['cancel 1'])
    expect(rig.engine.phase).toBe('paused')
    expect(rig.engine.view().phaseReason).toBe('lunch')
    rig.order(1, 'canceled')
    operator(rig, 'resume')
    expect(rig.decide()).toEqual(['place 2 buy 10@1000'])
  })

  test('halt cancels until the exchange says that every order is over', () => {
    const rig = new Rig().want([[1000, 10]], [[1005, 10]]).ready()
    rig.decide()
    rig.order(1, 'open')
    operator(rig, 'halt', 'drill')
    expect(rig.decide()).toEqual(['cancel 1', 'cancel 2'])
    expect(rig.engine.phase).toBe('halting')
    rig.ack('cancel', 1, 'accepted')
    rig.ack('cancel', 2, 'gone')
    expect(rig.decide()).toEqual([])
    expect(rig.engine.phase).toBe('halting')
    expect(rig.decide(2_000_000)).toEqual(['cancel 1', 'cancel 2'])
    rig.order(1, 'canceled')
    rig.order(2, 'neverLanded')
    rig.decide()
    expect(rig.engine.phase).toBe('halted')
    expect(rig.engine.view().phaseReason).toBe('drill')
    operator(rig, 'resume')
    expect(rig.decide(10_000_000)).toEqual([])
    expect(rig.engine.phase).toBe('halted')
  })

  test('an order that turns out to live after all is cancelled even then', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    rig.ack('place', 1, 'rejected')
    operator(rig, 'halt')
    rig.decide()
    expect(rig.engine.phase).toBe('halted')
    rig.order(1, 'open')
    expect(rig.engine.phase).toBe('halting')
    expect(rig.decide()).toEqual(['cancel 1'])
    rig.order(1, 'canceled')
    rig.decide()
    expect(rig.engine.phase).toBe('halted')
    expect(rig.engine.view().counters.revivedOrders).toBe(1)
  })

  test('the loss limit halts', () => {
    const rig = new Rig({ runGuards: { 'loss-limit': { lossE8Max: 1_000_000, drawdownE8Max: 1e15 } } })
    rig
      .want([[1000, 10]])
      .ready()
      .decide()
    rig.order(1, 'open')
    // 10 lots of 0.001 bought at 100.0; the mid falls to 99.1: 0.009 lost. At 99.0 it is 0.010, the limit.
    rig.fill(1, 10)
    rig.snapshot([[985, 1]], [[997, 1]])
    rig.want([[980, 10]])
    expect(rig.decide()).toEqual(['place 2 buy 10@980'])
    rig.snapshot([[985, 1]], [[995, 1]])
    expect(rig.decide()).toEqual(['cancel 2'])
    expect(rig.engine.phase).toBe('halting')
    expect(rig.engine.view().phaseReason).toBe('the loss limit is reached')
    rig.order(2, 'canceled')
    rig.snapshot([[1100, 1]], [[1110, 1]])
    expect(rig.decide()).toEqual([])
    expect(rig.engine.phase).toBe('halted')
  })

  test('losses of all symbols count together', () => {
    const limits = { 'loss-limit': { lossE8Max: 1_000_000, drawdownE8Max: 1e15 } }
    const rig = new Rig({ symbols: ['BTCUSDT', 'ETHUSDT'], runGuards: limits }).ready()
    for (const symbol of [BTC, symbolId(1)]) {
      rig.fill(0, 10, { symbol, priceTicks: 1005 })
      rig.decide()
      expect(rig.engine.phase).toBe(symbol === BTC ? 'quoting' : 'halted')
    }
  })

  test('a code that says the key is dead halts, one that says the symbol is stopped suspends it', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    const ack = { kind: 'ack', request: 'place', symbol: BTC, result: 'rejected', nowUs: timeUs(rig.nowUs) } as const
    rig.step({ ...ack, order: 1 as never, code: 30_228, action: 'halt-symbol' })
    expect(rig.decide(1_000_000)).toEqual([])
    expect(rig.engine.view().symbols[0]?.notReadyReason).toContain('30228')
    rig.step({ kind: 'instrument', symbol: BTC, instrument: instrument(), nowUs: timeUs(rig.nowUs) })
    rig.snapshot([[990, 100]], [[1010, 100]])
    expect(rig.decide()).toEqual(['place 2 buy 10@1000'])
    rig.step({ ...ack, order: 2 as never, code: 10_003, action: 'fatal-auth' })
    rig.decide()
    expect(rig.engine.phase).toBe('halted')
    expect(rig.engine.view().phaseReason).toContain('10003')
  })
})

describe('instrument', () => {
  test('another tick size halts', () => {
    const rig = new Rig().ready()
    rig.step({
      kind: 'instrument',
      symbol: BTC,
      instrument: instrument({ tickSize: '0.5' }),
      nowUs: timeUs(rig.nowUs),
    })
    rig.decide()
    expect(rig.engine.view().phaseReason).toBe('the tick or lot size of BTCUSDT changed')
  })

  test('a symbol that stops trading is pulled', () => {
    const rig = new Rig().want([[1000, 10]]).ready()
    rig.decide()
    const closed = instrument({ status: 'Closed' })
    rig.step({ kind: 'instrument', symbol: BTC, instrument: closed, nowUs: timeUs(rig.nowUs) })
    expect(rig.decide()).toEqual(['cancel 1'])
  })
})

test('phases: every pair of phase and signal either has a row or changes nothing', () => {
  const phases = Object.keys(PHASE_NEXT) as Phase[]
  const signals: PhaseSignal[] = ['synced', 'desynced', 'pause', 'resume', 'halt', 'flat', 'orderAlive']
  for (const phase of phases) {
    for (const signal of signals) expect(nextPhase(phase, signal)).toBe(PHASE_NEXT[phase][signal] ?? phase)
  }
  // No way leads from a halt back to quoting.
  const reached = new Set<Phase>(['halting'])
  for (let i = 0; i < phases.length; i++) {
    for (const phase of reached) for (const signal of signals) reached.add(nextPhase(phase, signal))
  }
  expect([...reached].toSorted()).toEqual(['halted', 'halting'])
})

test('the same events give the same requests', () => {
  const rig = new Rig({ quoting: { levelsMax: 3 } }).want([[1000, 10]], [[1005, 10]]).ready()
  for (let i = 0; i < 200; i++) {
    rig.want([[1000 - (i % 4), 10]], [[1005 + (i % 3), 10]])
    rig.delta([[985 + (i % 7), 5 + i]], [[1010 - (i % 3), 3]])
    for (const line of rig.decide()) {
      const [, order, lots, ticks] = /(\d+) (?:buy|sell) (\d+)@(\d+)/.exec(line)?.map(Number) ?? []
      if (order === undefined) continue
      rig.order(order, 'open', { side: line.includes('buy') ? 1 : -1, sizeLots: lots ?? 0, priceTicks: ticks ?? 0 })
      if (i % 11 === 0) rig.fill(order, 1, { side: line.includes('buy') ? 1 : -1, priceTicks: ticks ?? 0 })
    }
  }
  const again = rig.replay()
  const hash = (rows: readonly string[]): string => createHash('sha256').update(rows.join('\n')).digest('hex')
  expect(rig.lines.length).toBeGreaterThan(10)
  expect(hash(again.lines)).toBe(hash(rig.lines))
  expect(again.engine.view()).toEqual(rig.engine.view())
})

function orderOf(order: number, status: 'canceled') {
  return {
    kind: 'order',
    order: order as never,
    status,
    side: 1,
    priceTicks: 1000 as never,
    sizeLots: 10 as never,
    filledLots: 0 as never,
    reason: '',
    isPostOnlyMiss: false,
    exchangeUs: 0 as never,
    nowUs: 0 as never,
  } as const
}
