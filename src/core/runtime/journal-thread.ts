/** The journal's writer thread seen from the loop: starts it, wakes it, hears from it. */
import { Worker } from 'node:worker_threads'
import { MmError } from '../errors.ts'
import type { Journal, JournalBackend } from './journal.ts'
import { CTL, type RingMemory } from './journal-ring.ts'
import type { WorkerInput, WorkerNews } from './journal-worker.ts'
import type { WriterOptions } from './journal-writer.ts'
import { workerFile } from './worker-file.ts'

const CLOSE_MS = 10_000

export class ThreadBackend implements JournalBackend {
  private readonly control: Int32Array
  private readonly worker: Worker
  private journal: Journal | null = null
  private hasExited = false

  private constructor(control: Int32Array, worker: Worker) {
    this.control = control
    this.worker = worker
  }

  /** Resolves once the first segment is on disk. */
  static start(memory: RingMemory, writer: WriterOptions): Promise<ThreadBackend> {
    const input: WorkerInput = { memory: memory as SharedArrayBuffer, writer }
    const file = workerFile(new URL('./journal-worker.js', import.meta.url))
    const worker = new Worker(file, { workerData: input, execArgv: [] })
    worker.unref()
    const backend = new ThreadBackend(new Int32Array(memory, 0, 16), worker)
    worker.once('exit', () => {
      backend.hasExited = true
    })
    return new Promise((resolve, reject) => {
      worker.on('message', (news: WorkerNews) => {
        if (news.news === 'ready') resolve(backend)
        if (news.news === 'failed') reject(new MmError('JOURNAL_WRITE', { file: news.file, reason: news.reason }))
        backend.hear(news)
      })
      worker.on('error', (error) => {
        reject(error)
        backend.journal?.fail(error.message)
      })
    })
  }

  attach(journal: Journal): void {
    this.journal = journal
  }

  wake(): void {
    Atomics.add(this.control, CTL.wake, 1)
    Atomics.notify(this.control, CTL.wake)
  }

  recorded(): void {
    // The writer looks every few milliseconds.
  }

  settle(timeoutMs: number): boolean {
    const { journal, control } = this
    if (journal === null) return true
    Atomics.store(control, CTL.urgent, journal.seq | 0)
    this.wake()
    const deadlineMs = performance.now() + timeoutMs
    while (journal.durableSeq < journal.seq) {
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0 || Atomics.load(control, CTL.failed) === 1) return false
      Atomics.wait(control, CTL.durable, journal.durableSeq | 0, Math.min(leftMs, 50))
    }
    return true
  }

  async close(): Promise<void> {
    this.worker.ref()
    const gone = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()))
    Atomics.store(this.control, CTL.stop, 1)
    this.wake()
    const timer = setTimeout(() => void this.worker.terminate(), CLOSE_MS)
    if (!this.hasExited) await gone
    clearTimeout(timer)
  }

  private hear(news: WorkerNews): void {
    if (news.news === 'durable') this.journal?.notifyDurable()
    if (news.news === 'failed') this.journal?.fail(news.reason)
  }
}
