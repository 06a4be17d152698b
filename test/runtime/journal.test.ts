/** The journal: what is durable survives a power cut exactly, what is damaged is refused, what is written reads back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BookEvent, type EngineEvent, type FillEvent, TradeEvent } from '../../src/core/domain/event.ts'
import { Prng } from '../../src/core/domain/prng.ts'
import { Request } from '../../src/core/domain/request.ts'
import { BUY, orderSeq, priceTicks, rateE8, SELL, sizeLots, symbolId, timeUs } from '../../src/core/domain/units.ts'
import { nodeDisk } from '../../src/core/runtime/disk.ts'
import { inlineJournal, type Journal, openJournal } from '../../src/core/runtime/journal.ts'
import { KIND } from '../../src/core/runtime/journal-format.ts'
import { cutTail, type JournalRecord, listEpochs, readRun } from '../../src/core/runtime/journal-reader.ts'
import { decodeRecord } from '../../src/core/runtime/journal-records.ts'
import type { WriterOptions } from '../../src/core/runtime/journal-writer.ts'
import { PowerCutDisk } from './power-cut-disk.ts'

const RUNS = process.env['MM_VERIFY'] ? 5_000 : 150
const EPOCH = '00abcde'
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-journal-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

function options(over: Partial<WriterOptions> = {}): WriterOptions {
  const header = { epoch: EPOCH, createdMs: 1, buildHash: 'ab'.repeat(32), configHash: 'cd'.repeat(32) }
  return { dir, header, preallocate: false, ...over }
}

/** An intent whose disk is woken at once. */
function intend(journal: Journal, order: number, nowUs = order): number {
  const seq = journal.intent(request(order), nowUs)
  journal.wake()
  return seq
}

function request(order: number): Request {
  const made = new Request()
  made.kind = 'place'
  made.order = orderSeq(order)
  made.symbol = symbolId(1)
  made.side = SELL
  made.priceTicks = priceTicks(618_000)
  made.sizeLots = sizeLots(12)
  made.timeInForce = 'IOC'
  made.isReduceOnly = true
  return made
}

function read(from = dir): JournalRecord[] {
  const records: JournalRecord[] = []
  readRun(from, EPOCH, ({ seq, kind, payload }) => records.push({ seq, kind, payload: Buffer.from(payload) }))
  return records
}

describe('what is written reads back', () => {
  const level = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat())
  const narrow = fc.tuple(fc.nat(), fc.nat())

  test('books, narrow and wide', async () => {
    const journal = inlineJournal(nodeDisk, options())
    const books: BookEvent[] = []
    fc.assert(
      fc.property(fc.array(fc.oneof(level, narrow)), fc.array(narrow), fc.boolean(), (bids, asks, isSnapshot) => {
        const event = new BookEvent(4)
        event.symbol = symbolId(3)
        event.isSnapshot = isSnapshot
        event.exchangeUs = timeUs(1_700_000_000_123_456)
        event.receivedUs = timeUs(1_700_000_000_124_000)
        event.updateId = 77
        event.crossSeq = 2 ** 40
        for (const [ticks, lots] of bids) event.addBid(ticks, lots)
        for (const [ticks, lots] of asks) event.addAsk(ticks, lots)
        journal.book(event)
        books.push(event)
      }),
      { numRuns: 50 },
    )
    await journal.close()
    const back = read().map(({ kind, payload }) => decodeRecord(kind, payload))
    expect(back.map((decoded) => bookOf(decoded?.type === 'event' ? decoded.event : null))).toEqual(books.map(bookOf))
  })

  test('every other kind', async () => {
    const journal = inlineJournal(nodeDisk, options())
    const trade = new TradeEvent()
    trade.symbol = symbolId(2)
    trade.takerSide = SELL
    trade.priceTicks = priceTicks(5)
    trade.sizeLots = sizeLots(6)
    const fill: FillEvent = {
      kind: 'fill',
      execId: 'e-1 ü',
      order: orderSeq(9),
      symbol: symbolId(0),
      side: BUY,
      priceTicks: priceTicks(1),
      sizeLots: sizeLots(2),
      feeE8: -(2n ** 70n),
      isMaker: true,
      exchangeUs: timeUs(1),
      nowUs: timeUs(2),
    }
    const link: EngineEvent = { kind: 'link', link: 'market', symbol: null, state: 'gap', nowUs: timeUs(4) }
    const funding: EngineEvent = {
      kind: 'funding',
      execId: 'f',
      symbol: symbolId(0),
      amountE8: 5n,
      nowUs: timeUs(3),
    }
    journal.trade(trade)
    journal.decide(99)
    expect(intend(journal, 7, 123)).toBe(3)
    journal.event(fill)
    journal.event(link)
    journal.event(funding)
    journal.request('withheld', request(8), 124)
    journal.note('end', { reason: 'duration', openOrders: 0, verifiedZero: true, nowUs: 5 })
    await journal.close()
    const back = read().map(({ kind, payload }) => decodeRecord(kind, payload))
    expect(back).toEqual([
      { type: 'event', event: trade },
      { type: 'event', event: { kind: 'decide', nowUs: 99 } },
      { type: 'request', kind: 'intent', request: request(7), nowUs: 123 },
      { type: 'event', event: fill },
      { type: 'event', event: link },
      { type: 'event', event: funding },
      { type: 'request', kind: 'withheld', request: request(8), nowUs: 124 },
      { type: 'end', end: { reason: 'duration', openOrders: 0, verifiedZero: true, nowUs: 5 } },
    ])
    expect(decodeRecord(200, Buffer.alloc(0))).toBeNull()
    expect(rateE8(1)).toBe(1)
  })

  test('through the writer thread, over several segments, with the durable mark moving', async () => {
    const journal = await openJournal(options({ segmentBytes: 8192, preallocate: true }))
    const heard: number[] = []
    journal.listen({ onDurable: () => heard.push(journal.durableSeq), onFailed: (reason) => expect.fail(reason) })
    for (let i = 1; i <= 500; i++) {
      journal.decide(i)
      const seq = intend(journal, i, i)
      if (i % 100 !== 0) continue
      journal.listenFor(seq)
      expect(journal.settle(5_000)).toBe(true)
      expect(journal.durableSeq).toBeGreaterThanOrEqual(seq)
    }
    await journal.close()
    expect(read()).toHaveLength(1000)
    expect(read().map(({ seq }) => seq)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(listEpochs(dir)).toEqual([EPOCH])
  })

  test.runIf(process.platform === 'linux')('its thread yields to the loop, and only that thread', async () => {
    const journal = await openJournal(options())
    // Field 19 of stat(5); the name in field 2 may hold spaces.
    const niceOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
    const threads = readdirSync('/proc/self/task').map((id) =>
      niceOf(readFileSync(`/proc/self/task/${id}/stat`, 'utf8')),
    )
    const own = getPriority()
    await journal.close()
    const yielding = Math.min(19, own + 10)
    // A process that yields as much as can be has no thread that yields more.
    if (yielding > own) expect(threads.filter((nice) => nice === yielding)).toHaveLength(1)
    expect(threads.filter((nice) => nice === own).length).toBeGreaterThan(1)
  })
})

describe('a power cut', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('decide' as const), at: fc.nat(1000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('intent' as const), at: fc.nat(1000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('text' as const), at: fc.nat(2000) }) },
  )

  // The oracle is the list of what was recorded and how far it had been synced, kept beside the journal.
  test('leaves a prefix of what was written that holds everything durable, and cutting the tail is enough', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), fc.boolean(), (steps, seed, preallocate) => {
        const disk = new PowerCutDisk()
        const journal = inlineJournal(disk, options({ segmentBytes: 4096, preallocate }), 8192)
        for (const { do: what, at } of steps) act(journal, what, at)
        const crashed = join(dir, String(seed))
        rmSync(crashed, { recursive: true, force: true })
        disk.cutPower(new Prng(seed), crashed)
        const found = read(crashed)
        expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => index + 1))
        expect(found.length).toBeGreaterThanOrEqual(journal.durableSeq)
        expect(found.length).toBeLessThanOrEqual(journal.seq)
        const { tail } = readRun(crashed, EPOCH, () => undefined)
        if (tail !== null) cutTail(tail.file, tail.validBytes)
        expect(readRun(crashed, EPOCH, () => undefined).tornBytes).toBe(0)
        expect(read(crashed)).toEqual(found)
      }),
      { numRuns: RUNS },
    )
  })

  test('at every byte of the file: exactly the blocks before it', async () => {
    const journal = inlineJournal(nodeDisk, options())
    const ends: { bytes: number; seq: number }[] = [{ bytes: 0, seq: 0 }]
    const file = join(dir, `${EPOCH}-00000.mmj`)
    for (let i = 1; i <= 12; i++) {
      journal.note('shed', { symbol: i, text: 'x'.repeat(i * 7) })
      intend(journal, i, i)
      ends.push({ bytes: readFileSync(file).length, seq: journal.seq })
    }
    await journal.close()
    const whole = readFileSync(file)
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(file, whole.subarray(0, cut))
      const expected = ends.findLast(({ bytes }) => bytes <= cut)
      expect(read()).toHaveLength(expected?.seq ?? 0)
    }
  })

  test('damage to anything durable is refused with its file and offset', async () => {
    const journal = inlineJournal(nodeDisk, options())
    const starts = [256]
    const file = join(dir, `${EPOCH}-00000.mmj`)
    for (let i = 1; i <= 8; i++) {
      intend(journal, i, i)
      starts.push(readFileSync(file).length)
    }
    await journal.close()
    const whole = readFileSync(file)
    const lastBlock = starts[7] ?? 0
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastBlock - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ flip
        writeFileSync(file, bytes)
        const offset = at < 256 ? 0 : starts.findLast((start) => start <= at)
        // Bytes 112 to 255 of the header are covered by its checksum, too. A version that became another one cannot be
        // told from it, and is refused as well.
        const isVersion = (at === 6 || at === 7) && /^\d\d$/.test(bytes.toString('latin1', 6, 8))
        const code = isVersion ? 'JOURNAL_VERSION' : 'JOURNAL_CORRUPT'
        expect(() => read()).toThrow(expect.objectContaining({ code, exit: 3 }))
        expect(() => read()).toThrow(isVersion ? file : `${file} is damaged at offset ${offset}`)
      }),
      { numRuns: RUNS },
    )
  })
})

test('a journal of another version is refused as such, not as damage', async () => {
  const journal = inlineJournal(nodeDisk, options())
  intend(journal, 1)
  await journal.close()
  const [name = ''] = readdirSync(dir)
  const bytes = readFileSync(join(dir, name))
  bytes.write('02', 6, 'latin1')
  writeFileSync(join(dir, name), bytes)
  expect(() => read()).toThrow(expect.objectContaining({ code: 'JOURNAL_VERSION', exit: 3 }))
  expect(() => read()).toThrow(/another version of mm \(format 02, this one reads 01\)/)
  // A version is two digits: anything else there is damage.
  bytes.write('z!', 6, 'latin1')
  writeFileSync(join(dir, name), bytes)
  expect(() => read()).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }))
})

describe('a disk that fails', () => {
  test.each([
    ['is full', (disk: PowerCutDisk) => (disk.capacity = 50), /ENOSPC/],
    ['cannot sync', (disk: PowerCutDisk) => (disk.failSync = true), /EIO/],
  ])('that %s stops the journal for good and is told once', (_, breakDisk, reason) => {
    const disk = new PowerCutDisk()
    const journal = inlineJournal(disk, options())
    const told: string[] = []
    journal.listen({ onDurable: () => undefined, onFailed: (why) => told.push(why) })
    intend(journal, 1, 1)
    breakDisk(disk)
    const lost = intend(journal, 2, 2)
    disk.capacity = Number.POSITIVE_INFINITY
    disk.failSync = false
    const { syncs } = disk
    intend(journal, 3, 3)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(reason)
    expect(journal.durableSeq).toBeLessThan(lost)
    expect(disk.syncs).toBe(syncs)
    expect(journal.settle(10)).toBe(false)
  })

  test('a folder that cannot be written is an error for people', async () => {
    const missing = join(dir, 'no', 'such')
    expect(() => inlineJournal(nodeDisk, options({ dir: missing }))).toThrow(
      expect.objectContaining({ code: 'JOURNAL_WRITE' }),
    )
    await expect(openJournal(options({ dir: missing }))).rejects.toMatchObject({ code: 'JOURNAL_WRITE', exit: 3 })
  })

  test('market data is refused before facts about our own orders are', () => {
    const journal = inlineJournal(new PowerCutDisk(), options(), 4096)
    journal.fail('stopped for the test')
    const book = new BookEvent(4)
    book.addBid(1, 1)
    let books = 0
    while (journal.book(book)) books++
    expect(books).toBeGreaterThan(10)
    const { seq } = journal
    journal.note('link', { state: 'down' })
    expect(journal.seq).toBe(seq + 1)
  })
})

function act(journal: Journal, what: 'decide' | 'intent' | 'text', at: number): void {
  if (what === 'decide') journal.decide(at)
  else if (what === 'intent') intend(journal, at, at)
  else journal.note('shed', { symbol: 0, text: 'y'.repeat(at) })
}

function bookOf(event: EngineEvent | null): unknown {
  if (event?.kind !== 'book') return null
  const { bidTicks, bidLots, askTicks, askLots, ...rest } = event
  return {
    ...rest,
    bids: [...bidTicks.subarray(0, event.bidCount), ...bidLots.subarray(0, event.bidCount)],
    asks: [...askTicks.subarray(0, event.askCount), ...askLots.subarray(0, event.askCount)],
  }
}

test('record kinds keep their numbers', () => {
  expect(KIND).toMatchObject({ run: 1, intent: 2, fill: 6, book: 12, end: 17 })
})
