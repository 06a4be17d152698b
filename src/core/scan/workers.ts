/**
 * Scans many files. The main thread starts at once; when there is much to read, further threads help and all take batches from
 * one shared counter. Findings cross threads already masked and hashed: a secret value never leaves the thread that read it.
 */
import { availableParallelism } from 'node:os'
import { Coverage } from './coverage.ts'
import type { FileTask } from './file-scan.ts'
import type { Finding } from './finding.ts'
import type { Session, SessionOptions } from './session.ts'

/** Fewer files than this are done before a thread has started. */
const FILES_MIN = 600
const BATCH = 16
const THREADS_MAX = 4
/** A helper keeps little alive: its young generation may stay small. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 512 } as const

export interface WorkerInput {
  readonly tasks: readonly FileTask[]
  readonly counter: Int32Array
  readonly options: Omit<SessionOptions, 'rules'>
}

export interface WorkerOutput {
  readonly findings: readonly Finding[]
  readonly coverage: Coverage
  readonly collected: readonly string[]
}

/** Scans `tasks` into `session`. Own rules of the repository are compiled on one thread only. */
export async function scanTasks(session: Session, tasks: readonly FileTask[], hasOwnRules: boolean): Promise<void> {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  const helpers = hasOwnRules || tasks.length < FILES_MIN ? 0 : Math.min(availableParallelism(), THREADS_MAX) - 1
  const outputs = helpers > 0 ? await startHelpers(session, tasks, counter, helpers) : []
  takeBatches(session, tasks, counter)
  for (const output of await Promise.all(outputs.map(({ done }) => done))) {
    session.findings.push(...output.findings)
    session.coverage.merge(Object.assign(new Coverage(), output.coverage))
    for (const fingerprint of output.collected) session.collected.add(fingerprint)
  }
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

async function startHelpers(session: Session, tasks: readonly FileTask[], counter: Int32Array, count: number) {
  const [{ Worker }, v8] = await Promise.all([import('node:worker_threads'), import('node:v8')])
  // What a scan allocates dies young: a larger nursery only makes the process larger.
  v8.setFlagsFromString('--semi-space-growth-factor=1')
  const { rules: _, ...options } = session.options
  const extension = import.meta.url.slice(-3)
  return Array.from({ length: count }, () => {
    const worker = new Worker(new URL(`worker${extension}`, import.meta.url), {
      workerData: { tasks, counter, options },
      resourceLimits: LIMITS,
    })
    const done = new Promise<WorkerOutput>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`a scan thread ended with ${code}`)))
    })
    return { done }
  })
}
