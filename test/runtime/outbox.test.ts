/** Outbox and loop: durable before sent, cancels at once, nothing lost, nothing silent. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AckEvent, BookEvent, type EngineEvent } from '../../src/core/domain/event.ts'
import { Request, RequestBuffer } from '../../src/core/domain/request.ts'
import { BUY, orderSeq, priceTicks, sizeLots, symbolId, type TimeUs, timeUs } from '../../src/core/domain/units.ts'
import { EventQueue } from '../../src/core/runtime/event-queue.ts'
import { inlineJournal, type Journal } from '../../src/core/runtime/journal.ts'
import { Loop } from '../../src/core/runtime/loop.ts'
import { Outbox } from '../../src/core/runtime/outbox.ts'
import { RunCounters } from '../../src/core/runtime/run-counters.ts'
import { PowerCutDisk } from './power-cut-disk.ts'
import { ScriptedExchange, TestClock } from './scripted.ts'

function journalOn(disk: PowerCutDisk, ringBytes?: number): Journal {
  const header = { epoch: '0000001', createdMs: 0, buildHash: '00'.repeat(32), configHash: '00'.repeat(32) }
  return inlineJournal(disk, { dir: '/d', header, preallocate: false }, ringBytes)
}

/** A journal whose disk answers only when the test says so. */
function slowJournal(): { journal: Journal; sync(): void } {
  const disk = new PowerCutDisk()
  const journal = journalOn(disk)
  let durable = 0
  Object.defineProperty(journal, 'durableSeq', { get: () => durable })
  return {
    journal,
    sync() {
      durable = journal.seq
      journal.notifyDurable()
    },
  }
}

function scene(journal: Journal, isHalted = () => false) {
  const clock = new TestClock()
  const exchange = new ScriptedExchange()
  const told: AckEvent[] = []
  const counters = new RunCounters()
  const outbox = new Outbox({
    journal,
    clock,
    counters,
    send: (requests) => exchange.send(requests),
    sent: () => undefined,
    tell: (ack) => told.push(ack),
    isHalted,
  })
  journal.listen({ onDurable: () => outbox.release(), onFailed: () => outbox.close() })
  return { clock, exchange, told, counters, outbox }
}

function submit(outbox: Outbox, what: RequestBuffer, nowUs: TimeUs): void {
  outbox.take(what, nowUs)
  outbox.kick()
}

function requests(...rows: readonly (readonly ['place' | 'amend' | 'cancel', number])[]): RequestBuffer {
  const buffer = new RequestBuffer()
  for (const [kind, order] of rows) {
    const request = new Request()
    request.kind = kind
    request.order = orderSeq(order)
    request.symbol = symbolId(0)
    request.side = BUY
    request.priceTicks = priceTicks(100)
    request.sizeLots = sizeLots(1)
    buffer.pass(request)
  }
  return buffer
}

const names = ({ sent }: ScriptedExchange): string[] => sent.map(({ kind, order }) => `${kind} ${order}`)

describe('outbox', () => {
  test('what adds risk waits for the disk, a cancel does not', () => {
    const { journal, sync } = slowJournal()
    const { exchange, outbox } = scene(journal)
    submit(outbox, requests(['place', 1], ['cancel', 7], ['amend', 8]), timeUs(1_000_000))
    expect(names(exchange)).toEqual(['cancel 7'])
    sync()
    expect(names(exchange)).toEqual(['cancel 7', 'place 1', 'amend 8'])
  })

  test('a cancel withdraws its own order that has not left, and never overtakes it', () => {
    const { journal, sync } = slowJournal()
    const { exchange, outbox, told, counters } = scene(journal)
    submit(outbox, requests(['place', 1], ['amend', 2]), timeUs(1_000_000))
    submit(outbox, requests(['cancel', 1], ['cancel', 2]), timeUs(1_000_100))
    sync()
    expect(names(exchange)).toEqual(['cancel 2'])
    expect(told.map(({ order, request, result, action }) => [order, request, result, action])).toEqual([
      [1, 'place', 'rejected', 'withheld'],
      [2, 'amend', 'rejected', 'withheld'],
    ])
    expect(counters.requestsWithheld).toBe(2)
  })

  test('a disk that takes too long makes a quote stale: it is withheld and said so', async () => {
    const { journal, sync } = slowJournal()
    const { clock, exchange, outbox, told } = scene(journal)
    submit(outbox, requests(['place', 1]), clock.nowUs())
    await clock.pass(300_000)
    sync()
    expect(names(exchange)).toEqual([])
    expect(told).toHaveLength(1)
  })

  test.each([
    ['the journal fails', (_outbox: Outbox, journal: Journal) => journal.fail('disk gone')],
    ['the outbox is closed', (outbox: Outbox) => outbox.close()],
  ])('after %s no risk leaves, cancels do', (_, end) => {
    const { journal, sync } = slowJournal()
    const { exchange, outbox, told } = scene(journal)
    submit(outbox, requests(['place', 1]), timeUs(1_000_000))
    end(outbox, journal)
    submit(outbox, requests(['place', 2], ['cancel', 9], ['amend', 3]), timeUs(1_000_100))
    sync()
    expect(names(exchange)).toEqual(['cancel 9'])
    expect(told.map(({ order }) => order)).toEqual([1, 2, 3])
  })

  test('a HALT latch set by somebody else stops what is waiting', () => {
    const { journal, sync } = slowJournal()
    let isSet = false
    const { exchange, outbox, told } = scene(journal, () => isSet)
    submit(outbox, requests(['place', 1]), timeUs(1_000_000))
    isSet = true
    sync()
    expect(names(exchange)).toEqual([])
    expect(told).toHaveLength(1)
  })

  test('property: every risk that left was durable before, each request has exactly one fate', () => {
    const row = fc.tuple(fc.constantFrom('place', 'amend', 'cancel'), fc.integer({ min: 1, max: 6 }))
    const step = fc.oneof(fc.array(row, { maxLength: 4 }), fc.constant('sync' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { journal, sync } = slowJournal()
        const { exchange, outbox, told } = scene(journal)
        let [risk, durableRisk] = [0, 0]
        for (const what of steps) {
          if (what === 'sync') {
            sync()
            durableRisk = risk
          } else {
            submit(outbox, requests(...(what as ['place', number][])), timeUs(1_000_000))
            risk += what.filter(([kind]) => (kind as string) !== 'cancel').length
          }
          const left = exchange.sent.filter(({ kind }) => kind !== 'cancel').length
          expect(left).toBeLessThanOrEqual(durableRisk)
          expect(left + told.length + outbox.waitingCount).toBe(risk)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('loop', () => {
  function looped(journal: Journal, queue = new EventQueue(8)) {
    const clock = new TestClock()
    const seen: EngineEvent[] = []
    const shed: [number, number][] = []
    const crashes: unknown[] = []
    const engine = {
      step(event: EngineEvent) {
        if (event.kind === 'operator' && event.reason === 'boom') throw new Error('boom')
        seen.push(event.kind === 'book' ? Object.assign(new BookEvent(1), event) : structuredClone(event))
      },
    }
    const counters = new RunCounters()
    const loop = new Loop({
      engine,
      journal,
      clock,
      counters,
      queue,
      observe: () => undefined,
      onShed: (symbol, events) => shed.push([symbol, events]),
      onCrash: (error) => crashes.push(error),
    })
    return { clock, loop, seen, shed, crashes, counters }
  }

  function book(symbol: number, updateId: number, isSnapshot = false): BookEvent {
    const event = new BookEvent(2)
    event.symbol = symbolId(symbol)
    event.updateId = updateId
    event.isSnapshot = isSnapshot
    event.addBid(100, 1)
    return event
  }

  const order = (reason: string): EngineEvent => ({ kind: 'operator', command: 'pause', reason, nowUs: timeUs(1) })
  const kinds = (seen: readonly EngineEvent[]): string[] =>
    seen.map((event) => (event.kind === 'book' ? `book ${event.symbol}:${event.updateId}` : event.kind))

  test('ten messages, one decision; a reused record is copied', async () => {
    const { clock, loop, seen } = looped(journalOn(new PowerCutDisk()), new EventQueue(16))
    const reused = book(0, 0)
    for (let i = 1; i <= 10; i++) {
      reused.updateId = i
      loop.accept(reused)
    }
    await clock.pass(0)
    expect(kinds(seen)).toEqual([...Array.from({ length: 10 }, (_, i) => `book 0:${i + 1}`), 'decide'])
  })

  test('overload gives up the busiest symbol as one explicit gap, keeps every fact, and asks for a snapshot', async () => {
    const { clock, loop, seen, shed, counters } = looped(journalOn(new PowerCutDisk()))
    for (let i = 1; i <= 6; i++) loop.accept(book(0, i))
    loop.accept(order('fact'))
    for (let i = 1; i <= 4; i++) loop.accept(book(1, i))
    loop.accept(book(0, 7))
    await clock.pass(0)
    expect(shed).toEqual([[0, 6]])
    expect(kinds(seen)).toEqual(['operator', 'book 1:1', 'book 1:2', 'link', 'book 1:3', 'book 1:4', 'decide'])
    expect(seen.find(({ kind }) => kind === 'link')).toMatchObject({ symbol: 0, state: 'gap', link: 'market' })
    // What follows belongs to the gap until a snapshot comes.
    expect(counters.eventsShed).toBe(7)
    loop.accept(book(0, 8))
    loop.accept(book(0, 9, true))
    loop.accept(book(0, 10))
    await clock.pass(0)
    expect(kinds(seen).slice(-3)).toEqual(['book 0:9', 'book 0:10', 'decide'])
  })

  test('facts about our own orders always find a place', async () => {
    const { clock, loop, seen, shed } = looped(journalOn(new PowerCutDisk()))
    for (let i = 0; i < 1_000; i++) loop.accept(order(`fact ${i}`))
    await clock.pass(0)
    expect(seen.filter(({ kind }) => kind === 'operator')).toHaveLength(1_000)
    expect(shed).toEqual([])
  })

  test('a journal without room for market data: the engine does not see what is not recorded', async () => {
    const journal = journalOn(new PowerCutDisk(), 2_048)
    journal.fail('stopped')
    const { clock, loop, seen, shed } = looped(journal, new EventQueue(64))
    for (let i = 1; i <= 40; i++) loop.accept(book(0, i))
    await clock.pass(0)
    const books = seen.filter(({ kind }) => kind === 'book')
    expect(books.length).toBeLessThan(40)
    expect(shed.length).toBeGreaterThan(0)
    expect(kinds(seen)).toContain('link')
  })

  test('a quiet market still gets decisions', async () => {
    const { clock, loop, seen } = looped(journalOn(new PowerCutDisk()))
    loop.start({ release: () => undefined, take: () => undefined, kick: () => undefined, onAck: () => undefined })
    await clock.pass(200_000)
    expect(kinds(seen)).toEqual(['decide', 'decide', 'decide', 'decide'])
  })

  test('an engine that throws stops the loop and takes the crash path once', async () => {
    const { clock, loop, seen, crashes } = looped(journalOn(new PowerCutDisk()))
    loop.accept(order('boom'))
    loop.accept(order('after'))
    await clock.pass(100_000)
    loop.accept(order('later'))
    await clock.pass(100_000)
    expect(crashes).toEqual([new Error('boom')])
    expect(seen).toEqual([])
  })
})
