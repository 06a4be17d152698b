/**
 * The journal as the loop uses it: everything the engine saw and asked for, in order, each record numbered. Recording
 * never waits; `durableSeq` says what is on disk. When it fails it stays failed: the caller must stop adding risk.
 */
import type { BookEvent, EngineEvent, TradeEvent } from '../domain/event.ts'
import type { Request } from '../domain/request.ts'
import { fail } from '../errors.ts'
import type { Disk } from './disk.ts'
import { JournalDrain } from './journal-drain.ts'
import { encodeBook, encodeDecide, encodeRequest, encodeText, encodeTrade } from './journal-encode.ts'
import { KIND, type RecordKind } from './journal-format.ts'
import { CTL, RingFiller, ringMemory, RingTaker } from './journal-ring.ts'
import { ThreadBackend } from './journal-thread.ts'
import { JournalWriter, type WriterOptions } from './journal-writer.ts'

const RING_BYTES = 8 * 1024 * 1024

/** Who takes the records away. */
export interface JournalBackend {
  /** Something urgent was recorded. */
  wake(): void
  /** Called after each record: an inline backend may write now. */
  recorded(): void
  /** Blocks until everything recorded is durable or `timeoutMs` passed. */
  settle(timeoutMs: number): boolean
  close(): Promise<void>
}

export interface JournalListeners {
  /** `durableSeq` moved on while somebody was listening. */
  onDurable(): void
  onFailed(reason: string): void
}

export class Journal {
  /** Seq of the record written last. */
  seq = 0
  /** Why nothing more can be recorded; null while all is well. */
  failure: string | null = null
  private readonly ring: RingFiller
  private readonly backend: JournalBackend
  private readonly reserveWords: number
  private durable = 0
  private isUrgent = false
  private onDurable: () => void = () => undefined
  private onFailed: (reason: string) => void = () => undefined

  constructor(ring: RingFiller, backend: JournalBackend) {
    this.ring = ring
    this.backend = backend
    this.reserveWords = Math.floor(ring.sizeBytes / 8 / 4)
  }

  listen(listeners: JournalListeners): void {
    this.onDurable = () => listeners.onDurable()
    this.onFailed = (reason) => listeners.onFailed(reason)
    if (this.failure !== null) this.onFailed(this.failure)
  }

  /** Everything up to this record is on disk. */
  get durableSeq(): number {
    this.durable += (Atomics.load(this.ring.control, CTL.durable) - this.durable) | 0
    return this.durable
  }

  get backlogBytes(): number {
    return this.ring.usedWords * 8
  }

  get lastSyncUs(): number {
    return Atomics.load(this.ring.control, CTL.syncUs)
  }

  /** False: no room for market data; the event must not reach the engine. */
  book(event: BookEvent): boolean {
    return this.stamp(encodeBook(this.ring, event, this.reserveWords))
  }

  trade(event: TradeEvent): boolean {
    return this.stamp(encodeTrade(this.ring, event, this.reserveWords))
  }

  decide(nowUs: number): void {
    this.must(encodeDecide(this.ring, nowUs))
  }

  /** Any other event. */
  event(event: Exclude<EngineEvent, { kind: 'book' | 'trade' | 'decide' }>): void {
    this.note(event.kind, event)
  }

  /** A request that adds risk: durable as soon as the disk can, once `wake` was called. Returns its seq. */
  intent(request: Request, nowUs: number): number {
    this.must(encodeRequest(this.ring, KIND.intent, request, nowUs))
    this.isUrgent = true
    return this.seq
  }

  /** Lets the disk begin with the intents recorded since the last call: one call for many. */
  wake(): void {
    if (!this.isUrgent) return
    this.isUrgent = false
    Atomics.store(this.ring.control, CTL.urgent, this.seq | 0)
    this.backend.wake()
  }

  /** A cancel that went out, or an intent that did not. */
  request(kind: 'cancel' | 'withheld', request: Request, nowUs: number): void {
    this.must(encodeRequest(this.ring, KIND[kind], request, nowUs))
    this.wantSoon()
  }

  /** A record as JSON text; durable soon. */
  note(
    kind: Exclude<keyof typeof KIND, 'book' | 'trade' | 'decide' | 'intent' | 'cancel' | 'withheld'>,
    value: object,
  ) {
    this.must(encodeText(this.ring, KIND[kind] satisfies RecordKind, JSON.stringify(value, bigintAsText)))
    this.wantSoon()
  }

  /** Asks for `onDurable` when `durableSeq` moves on. False: it is already at `seq`. */
  listenFor(seq: number): boolean {
    if (this.durableSeq >= seq) return false
    Atomics.store(this.ring.control, CTL.listening, 1)
    return this.durableSeq < seq
  }

  notifyDurable(): void {
    this.onDurable()
  }

  /** Blocks until all is durable: for the end of a run and the crash path. */
  settle(timeoutMs: number): boolean {
    return this.failure === null && this.backend.settle(timeoutMs)
  }

  close(): Promise<void> {
    return this.backend.close()
  }

  fail(reason: string): void {
    if (this.failure !== null) return
    this.failure = reason
    this.onFailed(reason)
  }

  private stamp(isRecorded: boolean): boolean {
    if (!isRecorded) return false
    this.seq++
    this.backend.recorded()
    return true
  }

  // Facts about our own orders have a quarter of the ring to themselves. If even that is full the disk has stopped.
  private must(isRecorded: boolean): void {
    if (!this.stamp(isRecorded)) this.fail('the disk does not keep up: the journal buffer is full')
  }

  private wantSoon(): void {
    Atomics.store(this.ring.control, CTL.soon, this.seq | 0)
  }
}

/** A journal written by a thread of its own. Rejects with JOURNAL_WRITE when the first segment cannot be made. */
export async function openJournal(writer: WriterOptions): Promise<Journal> {
  const memory = ringMemory(RING_BYTES, true)
  const ring = new RingFiller(memory)
  const backend = await ThreadBackend.start(memory, writer)
  const journal = new Journal(ring, backend)
  backend.attach(journal)
  return journal
}

/** A journal written by the caller's own thread, for virtual time and tests: each urgent record is synced at once. */
export function inlineJournal(disk: Disk, options: WriterOptions, ringBytes = 1024 * 1024): Journal {
  const memory = ringMemory(ringBytes, false)
  const ring = new RingFiller(memory)
  let journal: Journal | undefined
  const guarded = (work: () => void): void => {
    if (journal?.failure) return
    try {
      work()
    } catch (error) {
      journal?.fail((error as Error).message)
    }
  }
  const writer = openWriter(disk, options)
  const drain = new JournalDrain(new RingTaker(memory), writer)
  const commit = (): void => {
    drain.move()
    drain.sync()
  }
  journal = new Journal(ring, {
    wake: () => guarded(commit),
    recorded: () => {
      if (ring.usedWords * 32 > ring.sizeBytes) guarded(() => drain.move())
    },
    settle: () => {
      guarded(commit)
      return journal?.failure === null
    },
    close: () => {
      guarded(() => drain.close())
      return Promise.resolve()
    },
  })
  return journal
}

function openWriter(disk: Disk, options: WriterOptions): JournalWriter {
  try {
    return new JournalWriter(disk, options)
  } catch (error) {
    return fail('JOURNAL_WRITE', { file: options.dir, reason: (error as Error).message }, error)
  }
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
