/**
 * The journal's writer thread: takes records from the ring, writes and syncs them. A thread of its own, so that a slow
 * disk delays no cancel, and a blocked resolver or zlib no sync. It never touches what the records mean.
 */
import { getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { nodeDisk } from './disk.ts'
import { JournalDrain } from './journal-drain.ts'
import { CTL, RingTaker } from './journal-ring.ts'
import { JournalWriter, type WriterOptions } from './journal-writer.ts'

export interface WorkerInput {
  readonly memory: SharedArrayBuffer
  readonly writer: WriterOptions
}

/** What the thread says: ready, durable moved on, failed, or closed. */
export type WorkerNews =
  | { readonly news: 'ready' | 'closed'; readonly file: string }
  | { readonly news: 'durable' }
  | { readonly news: 'failed'; readonly reason: string; readonly file: string }

/** Group commit: records that are not urgent are durable after this long. */
const GROUP_MS = 5
const NICER = 10
const NICE_MAX = 19

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
if (parentPort !== null) run(workerData as WorkerInput, (news) => parentPort?.postMessage(news))

function run(input: WorkerInput, tell: (news: WorkerNews) => void): void {
  yieldToLoop()
  const ring = new RingTaker(input.memory)
  let writer: JournalWriter | undefined
  try {
    writer = new JournalWriter(nodeDisk, input.writer)
    tell({ news: 'ready', file: writer.file })
    work(ring, writer, tell)
    tell({ news: 'closed', file: writer.file })
  } catch (error) {
    Atomics.store(ring.control, CTL.failed, 1)
    Atomics.notify(ring.control, CTL.durable)
    tell({ news: 'failed', reason: (error as Error).message, file: writer?.file ?? input.writer.dir })
  }
  Atomics.store(ring.control, CTL.stopped, 1)
  Atomics.notify(ring.control, CTL.stopped)
}

// On Linux a priority belongs to the thread that sets it (setpriority(2)); elsewhere it would slow the loop as well. On two
// busy cores the wake-ups of this thread otherwise push the loop aside: bench/tick-to-request's p99 falls from 160 to 73 µs.
function yieldToLoop(): void {
  if (process.platform === 'linux') setPriority(Math.min(NICE_MAX, getPriority() + NICER))
}

function work(ring: RingTaker, writer: JournalWriter, tell: (news: WorkerNews) => void): void {
  const { control } = ring
  const drain = new JournalDrain(ring, writer)
  while (Atomics.load(control, CTL.stop) === 0) {
    const seen = Atomics.load(control, CTL.wake)
    const moved = drain.move()
    if (drain.wants('urgent')) commit(drain, control, tell)
    else if (!moved) idle(drain, writer, control, { seen, tell })
  }
  drain.close()
}

function idle(
  drain: JournalDrain,
  writer: JournalWriter,
  control: Int32Array,
  { seen, tell }: { seen: number; tell: (news: WorkerNews) => void },
): void {
  if (Atomics.wait(control, CTL.wake, seen, GROUP_MS) !== 'timed-out') return
  drain.move()
  if (drain.wants('soon') || drain.wants('urgent')) commit(drain, control, tell)
  else writer.fillAhead()
}

function commit(drain: JournalDrain, control: Int32Array, tell: (news: WorkerNews) => void): void {
  const startMs = performance.now()
  drain.sync()
  Atomics.store(control, CTL.syncUs, Math.round((performance.now() - startMs) * 1000))
  Atomics.notify(control, CTL.durable)
  if (Atomics.exchange(control, CTL.listening, 0) === 1) tell({ news: 'durable' })
}
