/**
 * Scans with further threads when there is much to read. The main thread starts at once; all take batches of files from one
 * shared counter, or a share of a history. Findings cross threads already masked and hashed: a secret value never leaves the
 * thread that read it.
 */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { Coverage } from './coverage.ts'
import type { FileTask } from './file-scan.ts'
import type { Finding } from './finding.ts'
import type { Session, SessionOptions } from './session.ts'

/** Fewer files than this are done before a thread has started. */
export const FILES_MIN = 600
const BATCH = 16
const THREADS_MAX = 4
/** A helper keeps little alive: its young generation may stay small. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 512 } as const

/** What a helping thread is told after its start. */
export type Job =
  | { readonly kind: 'files'; readonly tasks: readonly FileTask[]; readonly counter: Int32Array }
  | { readonly kind: 'blobs'; readonly root: string; readonly blobs: readonly (readonly [string, string])[] }

export interface WorkerOutput {
  readonly findings: readonly Finding[]
  readonly coverage: Coverage
  readonly collected: readonly string[]
  /** Object ids of blobs without hits. */
  readonly clean: readonly string[]
}

/** Threads that get ready (modules, rules, tables) while the main thread still makes the list of what to read. */
export class Helpers {
  private readonly session: Session
  private readonly count: number
  private workers: Worker[] = []

  /** Own rules of the repository are compiled on one thread only: with them nobody helps. */
  constructor(session: Session, hasOwnRules: boolean) {
    this.session = session
    this.count = hasOwnRules ? 0 : Math.min(availableParallelism(), THREADS_MAX) - 1
  }

  /** Starts the threads; more calls do nothing. Returns how many there are. */
  start(): number {
    if (this.workers.length === this.count) return this.count
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    // What a scan allocates dies young: a larger nursery only makes the process larger.
    process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1')
    const { rules: _, ...options } = this.session.options
    const url = new URL(`worker${import.meta.url.slice(-3)}`, import.meta.url)
    const how = { workerData: options satisfies Omit<SessionOptions, 'rules'>, resourceLimits: LIMITS }
    this.workers = Array.from({ length: this.count }, () => new Worker(url, how))
    return this.count
  }

  /** Hands each thread its job; their results are in the session when `done` resolves. */
  hand(jobOf: (index: number) => Job): { readonly done: Promise<WorkerOutput[]> } {
    const outputs = this.workers.map(async (worker, index) => {
      const output = outputOf(worker)
      worker.postMessage(jobOf(index))
      return output
    })
    this.workers = []
    const done = Promise.all(outputs).then((all) => {
      for (const output of all) this.merge(output)
      return all
    })
    return { done }
  }

  private merge(output: WorkerOutput): void {
    const { session } = this
    session.findings.push(...output.findings)
    session.coverage.merge(Object.assign(new Coverage(), output.coverage))
    for (const fingerprint of output.collected) session.collected.add(fingerprint)
  }

  /** Ends threads that were started and got no job. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
    this.workers = []
  }
}

function outputOf(worker: Worker): Promise<WorkerOutput> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a scan thread ended with ${code}`)))
  })
}

/** Scans `tasks` into `session`. */
export async function scanTasks(session: Session, tasks: readonly FileTask[], helpers: Helpers): Promise<void> {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  if (tasks.length >= FILES_MIN) helpers.start()
  else await helpers.stop()
  const { done } = helpers.hand(() => ({ kind: 'files', tasks, counter }))
  takeBatches(session, tasks, counter)
  await done
}

/** Takes batch after batch until the list is done. */
export function takeBatches(session: Session, tasks: readonly FileTask[], counter: Int32Array): void {
  for (let at = Atomics.add(counter, 0, BATCH); at < tasks.length; at = Atomics.add(counter, 0, BATCH)) {
    const stop = Math.min(tasks.length, at + BATCH)
    for (let i = at; i < stop; i++) {
      const task = tasks[i]
      if (task !== undefined) session.file(task)
    }
  }
}
